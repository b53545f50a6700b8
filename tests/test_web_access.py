"""Who may reach what over HTTP: tokens, cookies, origins, other reviewers, other files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from builders import comparison, write_folder
from conftest import Grader
from grader.errors import InputError, RecordError
from grader.review import actions
from grader.review.accounts import ACCOUNTS, add_account, check_password, read_accounts
from grader.review.events import Content
from grader.review.folder import read_reviewed
from grader.review.surfaces.web.access import Attempts, Guard, Sessions
from grader.review.surfaces.web.app import WebReview
from grader.review.surfaces.web.server import Listen, serve
from webserver import Served, Visitor, served

CONTROL = "verdict:owned-decision:control"
KEY = "verdict:owned-decision:2"
RATIONALE = "The closure follows from the cut; nobody decides it."


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    folder = tmp_path / "outputs"
    write_folder(comparison(), folder / "memo")
    write_folder(comparison("other"), folder / "other")
    return folder


@pytest.fixture
def server(outputs: Path) -> Iterator[Served]:
    with served(outputs) as running:
        yield running


# --- coming in ------------------------------------------------------------------------------


def test_token_of_the_opened_address_works_once(server: Served) -> None:
    address = server.enter
    first = httpx.get(address)
    assert first.status_code == 303
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    assert httpx.get(address).status_code == 403
    assert httpx.get(f"{server.address}/enter?token=guess").status_code == 403


@pytest.mark.parametrize("path", ["/", "/c/memo", f"/c/memo/i/{KEY}", "/c/memo/writeup"])
def test_nothing_is_shown_without_a_session(server: Served, path: str) -> None:
    answer = httpx.get(server.address + path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert Visitor(server, None).http.post(
        f"{path.rstrip('/')}/undo", headers={"Origin": server.address}
    ).status_code in (401, 404)


def test_every_answer_forbids_scripts_and_frames_of_others(server: Served) -> None:
    visitor = Visitor(server, "Ada")
    for path in ("/", "/login", "/c/memo", f"/c/memo/i/{KEY}", "/static/review.js", "/nothing"):
        headers = visitor.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"], path
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    for page in ("/", "/c/memo", f"/c/memo/i/{KEY}"):
        text = visitor.http.get(page).text
        assert "style=" not in text and "onclick" not in text and "<script>" not in text


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        pytest.param({"Host": "evil.example"}, "does not answer to that name", id="host"),
        pytest.param({"Host": "127.0.0.1"}, "does not answer to that name", id="no port"),
        pytest.param({"Origin": "http://evil.example"}, "another page", id="origin"),
        pytest.param({"Origin": "null"}, "another page", id="no origin"),
    ],
)
def test_requests_from_other_pages_and_names_are_refused(
    server: Served, headers: dict[str, str], told: str
) -> None:
    visitor = Visitor(server, "Ada")
    data = {"csrf": visitor.csrf(), "last": "0"}
    sent = {"Origin": server.address} | headers
    answer = visitor.http.post(f"/c/memo/i/{KEY}/accept", data=data, headers=sent)
    assert (answer.status_code, told in answer.text) == (403, True)


@pytest.mark.parametrize(
    ("reached", "host", "code"),
    [
        pytest.param(("192.0.2.1", 8000), "192.0.2.1:8000", 200, id="address and port"),
        pytest.param(("192.0.2.1", 8000), "192.0.2.2:8000", 403, id="another address"),
        pytest.param(("192.0.2.1", 8000), "192.0.2.1", 403, id="another port"),
        pytest.param(("192.0.2.1", 80), "192.0.2.1", 200, id="usual port left out"),
        pytest.param(("2001:db8::1", 8000), "[2001:db8::1]:8000", 200, id="IPv6"),
        pytest.param(("::ffff:192.0.2.1", 8000), "192.0.2.1:8000", 200, id="IPv4 over IPv6"),
    ],
)
def test_request_may_name_the_address_it_came_by(
    reached: tuple[str, int], host: str, code: int
) -> None:
    sent: list[Message] = []

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("here")(scope, receive, send)

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "server": reached,
             "headers": [(b"host", host.encode())]}  # fmt: skip
    asyncio.run(Guard(page, hosts=frozenset(), scheme="http")(scope, receive, send))
    assert sent[0]["status"] == code


def test_form_without_the_sessions_own_token_is_refused(server: Served, outputs: Path) -> None:
    ada, ben = Visitor(server, "Ada"), Visitor(server, "Ben")
    for csrf in ("", "guess", ben.csrf()):
        answer = ada.post(f"/c/memo/i/{KEY}/accept", {"last": "0"}, csrf=csrf)
        assert answer.status_code == 403
    assert not read_reviewed(outputs / "memo").reviewers


# --- what a reviewer can't do ---------------------------------------------------------------


def test_reviewer_cannot_act_as_another(server: Served, outputs: Path) -> None:
    ada = Visitor(server, "Ada")
    assert ada.act("memo", KEY, "accept", reviewer="Ben", name="Ben").status_code == 303
    assert set(read_reviewed(outputs / "memo").reviewers) == {"Ada"}


def test_hidden_verdict_is_in_no_page_before_the_own_level(server: Served, outputs: Path) -> None:
    actions.begin(outputs / "memo", "Ada", mode="blind-first")
    ada = Visitor(server, "Ada")
    page = f"/c/memo/i/{KEY}"
    early = [ada.get(page), ada.get("/c/memo"), ada.get("/c/memo/history"), ada.get("/c/memo/sign")]
    early += [ada.act("memo", KEY, act) for act in ("keep", "accept", "reject")]
    early += [ada.get("/c/memo/writeup"), ada.get(f"/c/memo/adjudicate/{KEY}")]
    for answer in early:
        assert RATIONALE not in answer.text
        assert "not found in the transcript" not in answer.text
        assert "made up" not in answer.text and "The board has decided" not in answer.text
    assert early[-1].status_code == early[-2].status_code == 409
    assert ada.act("memo", KEY, "own", level="met").status_code == 303
    shown = ada.get(page).text
    assert RATIONALE in shown and "Yours, before you saw it: <strong>met</strong>" in shown


def test_names_and_sides_are_in_no_page_before_the_verdicts_are_decided(server: Served) -> None:
    ada = Visitor(server, "Ada")
    for path in ("/c/memo", f"/c/memo/i/{KEY}", "/c/memo/sign", "/c/memo/history"):
        text = ada.get(path).text
        for hidden in ("claude", "Anthropic", ":control", ":treatment", "You are at home"):
            assert hidden not in text, (path, hidden)


def test_others_decisions_are_seen_by_nobody_who_still_has_to_decide(
    server: Served, outputs: Path
) -> None:
    content = Content(level="met", rationale="hers alone")
    actions.edit(outputs / "memo", "Ada", CONTROL, content)
    actions.reject(outputs / "memo", "Cem", CONTROL, "his alone")
    ben = Visitor(server, "Ben")
    ben.get(f"/c/memo/i/{KEY}")
    for path in ("/c/memo", f"/c/memo/i/{KEY}", "/c/memo/adjudicate", f"/c/memo/adjudicate/{KEY}",
                 "/c/memo/history", "/agreement"):  # fmt: skip
        assert "hers alone" not in ben.get(path).text and "his alone" not in ben.get(path).text
    dan = Visitor(server, "Dan")
    assert dan.get(f"/c/memo/adjudicate/{KEY}").status_code == 409
    assert dan.post("/c/memo/settle").status_code == 303
    assert "hers alone" in dan.get(f"/c/memo/adjudicate/{KEY}").text
    assert ben.post("/c/memo/settle").status_code == 409


@pytest.mark.parametrize(
    "slug",
    [
        "..%2fsecret",
        "%2fetc",
        "memo%00",
        ".hidden",
        "link",
        "none",
        "memo%2f..%2fother",
    ],
)
def test_nothing_outside_the_folder_can_be_reached(
    server: Served, outputs: Path, tmp_path: Path, slug: str
) -> None:
    write_folder(comparison("secret"), tmp_path / "secret")
    write_folder(comparison("hidden"), outputs / ".hidden")
    (outputs / "link").symlink_to(tmp_path / "secret")
    ada = Visitor(server, "Ada")
    assert ada.get(f"/c/{slug}").status_code == 404
    assert ada.get("/static/../app.py").status_code == 404
    assert ada.get("/static/%2e%2e/app.py").status_code == 404
    assert "/c/link" not in ada.get("/").text


def test_hostile_words_stay_text(outputs: Path) -> None:
    draft = comparison("evil")
    verdict = draft.verdicts[0].model_copy(
        update={"rationale": "<script>alert(1)</script> {{ 7*7 }}"}
    )
    draft = draft.model_copy(update={"verdicts": (verdict, *draft.verdicts[1:])})
    write_folder(draft, outputs / "evil")
    with served(outputs) as server:
        text = Visitor(server, "<b>Eve</b>").get(f"/c/evil/i/{KEY}").text
    assert "<script>alert" not in text and "<b>Eve" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in text


# --- twice and stale ------------------------------------------------------------------------


def test_form_that_is_sent_twice_counts_once(server: Served, outputs: Path) -> None:
    ada = Visitor(server, "Ada")
    last = ada.last(f"/c/memo/i/{KEY}")
    answers = [ada.post(f"/c/memo/i/{KEY}/accept", {"last": last}) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {303}
    lines = (outputs / "memo" / "reviews.jsonl").read_text(encoding="utf-8").splitlines()
    assert sum(json.loads(line)["action"] == "accept" for line in lines) == 1


def test_page_that_went_stale_decides_nothing(server: Served, outputs: Path) -> None:
    ada = Visitor(server, "Ada")
    last = ada.last(f"/c/memo/i/{KEY}")
    ada.post(f"/c/memo/i/{KEY}/accept", {"last": last})
    stale = ada.post(f"/c/memo/i/{KEY}/reject", {"last": last})
    assert stale.status_code == 409 and "has changed since it was shown" in stale.text
    assert read_reviewed(outputs / "memo").decisions[CONTROL].state == "accepted"


# --- accounts -------------------------------------------------------------------------------


def test_accounts_are_argon2_hashes_that_only_their_owner_can_read(
    outputs: Path, grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert add_account(outputs, "Ada", "correct horse battery")
    assert not add_account(outputs, "Ada", "another long password")
    text = (outputs / ACCOUNTS).read_text(encoding="utf-8")
    assert "argon2id" in text and "password" not in text
    assert (outputs / ACCOUNTS).stat().st_mode & 0o077 == 0
    accounts = read_accounts(outputs)
    assert check_password(accounts, "Ada", "another long password")
    assert not check_password(accounts, "Ada", "correct horse battery")
    assert not check_password(accounts, "Eve", "nobody has this password")
    with pytest.raises(InputError, match="shorter than 12"):
        add_account(outputs, "Ben", "short")
    assert grader("reviewer", "list", "--outputs", outputs).out == "Ada\n"
    (outputs / ACCOUNTS).write_text("{", encoding="utf-8")
    with pytest.raises(RecordError, match="accounts cannot be read"):
        read_accounts(outputs)


def test_login_is_limited_and_gives_a_session(outputs: Path) -> None:
    add_account(outputs, "Ada", "correct horse battery")
    with served(outputs, accounts=lambda: read_accounts(outputs)) as server:
        visitor = Visitor(server, None)

        def login(password: str) -> httpx.Response:
            return visitor.http.post(
                "/login",
                data={"name": "Ada", "password": password},
                headers={"Origin": server.address},
            )

        assert login("wrong password").status_code == 401
        right = login("correct horse battery")
        assert (right.status_code, right.headers["location"]) == (303, "/")
        assert "Ada" in visitor.get("/").text
        for _ in range(4):
            login("wrong password")
        refused = login("correct horse battery")
        assert refused.status_code == 429 and int(refused.headers["retry-after"]) > 0


def test_attempts_and_sessions_run_out() -> None:
    now = [0.0]
    attempts = Attempts(most=2, seconds=60, clock=lambda: now[0])
    attempts.failed("Ada")
    assert attempts.wait_s("Ada") == 0
    attempts.failed("Ada")
    assert attempts.wait_s("Ada") == 60 + 1 and attempts.wait_s("Ben") == 0
    now[0] = 61
    assert attempts.wait_s("Ada") == 0
    sessions = Sessions(clock=lambda: now[0])
    name = sessions.start("Ada")
    assert sessions.find(name)
    now[0] += 13 * 3600
    assert sessions.find(name) is None


def test_other_interfaces_need_accounts(outputs: Path) -> None:
    review = WebReview(root=outputs, reviewer="Ada", hosts=frozenset())
    with pytest.raises(InputError, match="no reviewers' accounts"):
        serve(review, Listen(host="0.0.0.0"), lambda *_: None)
