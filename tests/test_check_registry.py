"""Each check is named once, with its severity and what it finds, and the docs list all of them."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

from conftest import EXAMPLES, REPOSITORY
from grader.check.findings import SEVERITIES, Finding, Place
from grader.check.registry import all_checks, checkers, tables
from grader.check.report import report

SOURCE = REPOSITORY / "src" / "grader"
NO_CODES = {"follow-up"}
"""Words of this form in the modules of checks that are no codes."""
CODE = re.compile(r"[a-z]+(-[a-z]+)+")


def codes_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    words = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)}
    return {word for word in words if isinstance(word, str) and CODE.fullmatch(word)} - NO_CODES


def test_every_code_that_a_check_gives_is_registered() -> None:
    modules = [*(SOURCE / "check").rglob("*.py"), *(SOURCE / "archive" / "checks").rglob("*.py")]
    used = set().union(*map(codes_in, modules))
    assert used - all_checks().keys() == set()


def test_every_check_says_how_bad_it_is_and_what_it_finds() -> None:
    for code, check in all_checks().items():
        assert CODE.fullmatch(code) or code == "confound"
        assert check.severity in SEVERITIES
        assert check.title[0].isupper() and check.title.endswith("."), code


def test_the_docs_list_all_checks() -> None:
    text = (REPOSITORY / "docs" / "checking.md").read_text(encoding="utf-8")
    assert text.partition("<!-- checks -->\n")[2] == tables()


def test_the_wing_of_an_archive_joins_by_its_entry_point() -> None:
    assert [checker.about for checker in checkers()] == ["A published page"]
    assert "quotation-altered" in all_checks()


def test_rules_of_sarif_say_what_each_check_finds() -> None:
    place = Place(file=str(EXAMPLES / "c-library-memo-1.json"))
    findings = [
        Finding(code=code, severity="error", message="x", place=place)
        for code in ("quotation-altered", "of-another-package")
    ]
    run = json.loads(report(findings, ["x"], "sarif"))["runs"][0]
    other, known = run["tool"]["driver"]["rules"]
    assert other == {"id": "of-another-package"}
    assert known["shortDescription"]["text"] == all_checks()["quotation-altered"].title
    assert known["defaultConfiguration"] == {"level": "error"}
