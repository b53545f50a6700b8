"""The server against its own OpenAPI description: no answer is one that it doesn't tell of."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import settings
from schemathesis import Case, openapi
from schemathesis.specs.openapi.checks import negative_data_rejection

from builders import comparison, write_folder
from grader.review.accounts import add_account, read_accounts
from grader.review.items import review_items
from webserver import Served, Visitor, served

KEYS = [item.key for item in review_items(comparison()).values()]


class Reviewer:
    """Somebody who is signed in, and who fills in what drawn requests can't know."""

    def __init__(self, server: Served) -> None:
        self.server, self.chance = server, random.Random(6)

    def fill_in(self, case: Case[Any]) -> None:
        """Put what exists in the place of drawn names, but now and then leave them."""
        sessions = self.server.app.state.sessions
        case.cookies = {"grader_session": sessions.start("Ada")}
        case.headers["Origin"] = self.server.address
        if self.chance.random() < 0.1:
            return
        slug, key = self.chance.choice(["memo", "other"]), self.chance.choice(KEYS)
        for name, value in (("slug", slug), ("key", key)):
            if name in (case.path_parameters or {}):
                case.path_parameters[name] = value
        if isinstance(case.body, dict):
            case.body["csrf"] = sessions.find(case.cookies["grader_session"]).csrf
            if "last" in case.body and self.chance.random() < 0.7:
                case.body["last"] = Visitor(self.server, "Ada").last(f"/c/{slug}/i/{key}")


@pytest.fixture(scope="module")
def reviewer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reviewer]:
    outputs = tmp_path_factory.mktemp("outputs")
    write_folder(comparison(), outputs / "memo")
    write_folder(comparison("other"), outputs / "other")
    add_account(outputs, "Ada", "correct horse battery")
    with served(outputs, accounts=lambda: read_accounts(outputs)) as server:
        yield Reviewer(server)


@pytest.fixture(scope="module")
def described(reviewer: Reviewer) -> schemathesis.BaseSchema:
    return openapi.from_url(f"{reviewer.server.address}/openapi.json")


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(max_examples=10, derandomize=True, deadline=None)
def test_every_answer_is_one_that_is_described(case: Case[Any], reviewer: Reviewer) -> None:
    reviewer.fill_in(case)
    # Forms know nothing but strings and leave empty lists out, so that what is wrong as JSON
    # often arrives as a form that is right.
    case.call_and_validate(excluded_checks=[negative_data_rejection] if case.body else [])
