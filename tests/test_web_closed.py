"""What the server refuses: stale forms, large bodies, ended sessions, questions without a login."""

from __future__ import annotations

import asyncio
import itertools
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from builders import comparison, write_folder
from conftest import Grader
from grader.review import actions
from grader.review.accounts import ACCOUNTS, add_account, read_accounts
from grader.review.commands import COMMANDS, commands_on
from grader.review.events import Content, Mode
from grader.review.folder import ReviewFolder, read_reviewed
from grader.review.surfaces.web.access import Attempts, Guard
from grader.review.worklist import decisions_left
from grader.text.quotation import SIDES
from webserver import Served, Visitor, served

CONTROL = "verdict:owned-decision:control"
KEY = "verdict:owned-decision:2"
PAGE = f"/c/memo/i/{KEY}"
PASSWORD = "correct horse battery"


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    write_folder(comparison(), tmp_path / "outputs" / "memo")
    return tmp_path / "outputs"


@pytest.fixture
def server(outputs: Path) -> Iterator[Served]:
    with served(outputs) as running:
        yield running


@contextmanager
def with_accounts(outputs: Path, *names: str) -> Iterator[Served]:
    for name in names:
        add_account(outputs, name, PASSWORD)
    with served(outputs, accounts=lambda: read_accounts(outputs)) as running:
        yield running


def log_in(
    visitor: Visitor, name: str = "Ada", password: str = PASSWORD, **more: str
) -> httpx.Response:
    fields = {"name": name, "password": password, **more}
    return visitor.http.post("/login", data=fields, headers={"Origin": visitor.origin})


# --- stale forms ----------------------------------------------------------------------------


ACTS = [c.id for c in commands_on("web") if c.run is not None and c.on_item]
FIELDS = {"level": "2", "rationale": "r", "reason": "why", "comment": "late"}


def prepare(folder: Path, act: str) -> None:
    """Bring the item into a state in which the action is possible."""
    if act in ("own", "keep"):
        actions.begin(folder, "Ada", mode="blind-first")
    if act == "keep":
        actions.give_own(folder, "Ada", CONTROL, Content(level="met", rationale="r"))
    if act == "reopen":
        actions.accept(folder, "Ada", CONTROL)


@pytest.mark.parametrize("act", ACTS)
def test_stale_form_of_every_action_is_refused_with_what_changed(
    server: Served, outputs: Path, act: str
) -> None:
    folder = outputs / "memo"
    prepare(folder, act)
    ada = Visitor(server, "Ada")
    last = ada.last(PAGE)
    actions.comment(folder, "Ada", CONTROL, "from another window")
    before = read_reviewed(folder).events
    stale = ada.post(f"{PAGE}/{act}", {"last": last, **FIELDS})
    assert stale.status_code == 409
    assert "changed since it was shown: comment by Ada" in stale.text
    assert read_reviewed(folder).events == before
    assert ada.post(f"{PAGE}/{act}", {"last": ada.last(PAGE), **FIELDS}).status_code == 303


@pytest.mark.parametrize("act", ["edit", "own", "accept", "comment"])
def test_of_two_servers_that_get_the_same_form_one_saves_and_one_refuses(
    outputs: Path, act: str
) -> None:
    folder = outputs / "memo"
    if act == "own":
        actions.begin(folder, "Ada", mode="blind-first")
    with served(outputs) as one, served(outputs) as other:
        visitors = [Visitor(one, "Ada"), Visitor(other, "Ada")]
        csrf = [visitor.csrf() for visitor in visitors]
        for visitor in visitors:
            # FastAPI completes its routes at the first request, and the two servers of this
            # process share them.
            assert visitor.post(f"{PAGE}/praise", {"last": "0"}).status_code == 404
        for number in range(1 if act == "own" else 5):
            last = visitors[0].last(PAGE)
            codes: list[int] = []
            together = threading.Barrier(2)

            def send(which: int, act: str, last: str = last, number: int = number,
                     together: threading.Barrier = together,
                     codes: list[int] = codes) -> None:  # fmt: skip
                words = f"{number} from {which}"
                fields = {"level": str(which + 1), "rationale": words, "reason": words,
                          "comment": words, "last": last}  # fmt: skip
                together.wait()
                answer = visitors[which].post(f"{PAGE}/{act}", fields, csrf=csrf[which])
                codes.append(answer.status_code)

            acts = (act, "reject" if act == "accept" else act)
            threads = [threading.Thread(target=send, args=(n, acts[n])) for n in (0, 1)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert sorted(codes) == [303, 409]


def test_opening_the_item_in_another_tab_makes_no_form_stale(server: Served) -> None:
    ada = Visitor(server, "Ada")
    last = ada.last(PAGE)
    ada.get("/c/memo/i/verdict:owned-decision:1")
    ada.get(PAGE)
    assert ada.post(f"{PAGE}/accept", {"last": last}).status_code == 303


@pytest.mark.parametrize("act", ["undo", "accept-quiet", "sign"])
def test_action_on_the_whole_comparison_is_refused_from_a_stale_page(
    server: Served, outputs: Path, act: str
) -> None:
    folder = outputs / "memo"
    actions.accept(folder, "Ada", CONTROL)
    for item in read_reviewed(folder).undecided if act == "sign" else ():
        actions.reject(folder, "Ada", item, "no")
    ada = Visitor(server, "Ada")
    last = str(read_reviewed(folder).events)
    actions.comment(folder, "Ada", CONTROL, "meanwhile")
    stale = ada.post(f"/c/memo/{act}", {"last": last})
    assert stale.status_code == 409 and "comment by Ada" in stale.text
    assert read_reviewed(folder).reviewer("Ada").item(CONTROL).comments[0].text == "meanwhile"


def test_settling_from_a_stale_page_is_refused(server: Served, outputs: Path) -> None:
    folder = outputs / "memo"
    actions.accept(folder, "Ada", CONTROL)
    actions.reject(folder, "Ben", CONTROL, "no")
    cem = Visitor(server, "Cem")
    cem.post("/c/memo/settle")
    page = f"/c/memo/adjudicate/{KEY}"
    last = cem.last(page)
    actions.edit(folder, "Ben", CONTROL, Content(level="met", rationale="A person."))
    fields = {"last": last, "holds": "reviewer", "whose": "Ben"}
    stale = cem.post(page, fields)
    assert stale.status_code == 409 and "edit by Ben" in stale.text
    assert cem.post(page, fields | {"last": cem.last(page)}).status_code == 303
    assert read_reviewed(folder).decisions[CONTROL].level == "met"


@pytest.mark.parametrize("name", ["reject", "other", "reviewer", "nobody", "treatment"])
def test_reviewer_may_have_a_word_of_the_protocol_for_a_name(
    server: Served, outputs: Path, name: str
) -> None:
    folder = outputs / "memo"
    actions.edit(folder, name, CONTROL, Content(level="met", rationale="A person."))
    actions.reject(folder, "Ben", CONTROL, "no")
    cem = Visitor(server, "Cem")
    cem.post("/c/memo/settle")
    page = f"/c/memo/adjudicate/{KEY}"
    fields = {"last": cem.last(page), "holds": "reviewer", "whose": name, "reason": "so"}
    assert cem.post(page, fields).status_code == 303
    assert read_reviewed(folder).decisions[CONTROL].level == "met"


# --- bodies ---------------------------------------------------------------------------------


def in_pieces(size: int) -> Iterator[bytes]:
    for _ in range(size // 1024):
        yield b"x" * 1024


@pytest.mark.parametrize("reviewer", [None, "Ada"], ids=["signed out", "signed in"])
@pytest.mark.parametrize("stated", [True, False], ids=["with a length", "in pieces"])
def test_large_body_is_refused_before_it_is_read(
    server: Served, reviewer: str | None, stated: bool
) -> None:
    visitor = Visitor(server, reviewer)
    size = 64 * 1024 if reviewer is None else 4 * 1024 * 1024
    headers = {"Origin": server.address, "Content-Type": "application/x-www-form-urlencoded"}
    for path in ("/login", f"{PAGE}/comment"):
        body = b"x" * size if stated else in_pieces(size)
        try:
            answer = visitor.http.post(path, content=body, headers=headers)
        except httpx.TransportError:
            continue  # the server closed the connection in the middle of the body
        assert answer.status_code == 413


def test_file_is_no_form(server: Served) -> None:
    for visitor in (Visitor(server, None), Visitor(server, "Ada")):
        files = {"name": ("big.bin", b"x" * 4096)}
        answer = visitor.http.post("/login", files=files, headers={"Origin": server.address})
        assert answer.status_code == 415


def test_long_rationale_of_a_reviewer_still_fits(server: Served, outputs: Path) -> None:
    words = "語" * 20_000
    answer = Visitor(server, "Ada").act("memo", KEY, "edit", level="3", rationale=words)
    assert answer.status_code == 303
    assert read_reviewed(outputs / "memo").decisions[CONTROL].rationale == words
    longer = Visitor(server, "Ada").act("memo", KEY, "edit", level="3", rationale=words + "語")
    assert longer.status_code == 409 and "longer than 20000 characters" in longer.text


# --- sessions and logins --------------------------------------------------------------------


def change(outputs: Path) -> None:
    add_account(outputs, "Ada", "another long password")


def remove(outputs: Path) -> None:
    (outputs / ACCOUNTS).unlink()
    add_account(outputs, "Ben", PASSWORD)


@pytest.mark.parametrize("act", [change, remove], ids=["changed", "removed"])
def test_sessions_end_when_the_password_is_another(
    outputs: Path, act: Callable[[Path], None]
) -> None:
    with with_accounts(outputs, "Ada", "Ben") as server:
        ada, ben = Visitor(server, None), Visitor(server, None)
        assert log_in(ada).status_code == log_in(ben, "Ben").status_code == 303
        csrf = ada.csrf()
        assert ada.get(PAGE).status_code == 200
        act(outputs)
        assert ada.get(PAGE).headers["location"] == "/login"
        assert ada.post(f"{PAGE}/accept", {"last": "0"}, csrf=csrf).status_code == 401
        again = log_in(ada)
        assert again.status_code == 401
        if act is change:
            assert ben.get(PAGE).status_code == 200
            assert log_in(ada, password="another long password").status_code == 303


def test_session_is_gone_after_signing_out(outputs: Path) -> None:
    with with_accounts(outputs, "Ada") as server:
        ada = Visitor(server, None)
        log_in(ada)
        cookie = ada.http.cookies["grader_session"]
        assert ada.post("/logout").headers["location"] == "/login"
        thief = Visitor(server, None)
        thief.http.cookies.set("grader_session", cookie)
        assert thief.get(PAGE).headers["location"] == "/login"
        assert thief.post(f"{PAGE}/accept", {"last": "0"}, csrf="x").status_code == 401


def test_signing_in_anew_ends_the_session_before(outputs: Path) -> None:
    with with_accounts(outputs, "Ada") as server:
        ada = Visitor(server, None)
        log_in(ada)
        cookie = ada.http.cookies["grader_session"]
        log_in(ada)
        old = Visitor(server, None)
        old.http.cookies.set("grader_session", cookie)
        assert old.get(PAGE).headers["location"] == "/login"
        assert ada.get(PAGE).status_code == 200


def test_failed_logins_make_the_name_wait_and_the_wait_ends(outputs: Path) -> None:
    with with_accounts(outputs, "Ada", "Ben") as server:
        now = [1000.0]
        server.app.state.by_name = Attempts(3, 60, clock=lambda: now[0])
        server.app.state.by_address = Attempts(50, 60, clock=lambda: now[0])
        visitor = Visitor(server, None)
        for _ in range(3):
            assert log_in(visitor, password="wrong password").status_code == 401
        refused = log_in(visitor)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "61")
        assert log_in(visitor, "Ben").status_code == 303
        now[0] += 59
        assert log_in(visitor).status_code == 429
        now[0] += 1
        assert log_in(visitor).status_code == 303


def test_failed_logins_under_many_names_make_the_address_wait(outputs: Path) -> None:
    with with_accounts(outputs, "Ada") as server:
        server.app.state.by_address = Attempts(3, 60, clock=lambda: 0.0)
        visitor = Visitor(server, None)
        for name in ("Eve", "Mallory", "Trudy"):
            assert log_in(visitor, name, "wrong password").status_code == 401
        assert log_in(visitor).status_code == 429


def test_right_login_counts_as_no_failure(outputs: Path) -> None:
    with with_accounts(outputs, "Ada") as server:
        server.app.state.by_name = Attempts(2, 60, clock=lambda: 0.0)
        visitor = Visitor(server, None)
        for _ in range(4):
            assert log_in(visitor).status_code == 303


def test_flood_of_names_frees_no_name_that_was_tried_since() -> None:
    attempts = Attempts(2, 60, clock=lambda: 0.0)
    for number in range(30_000):
        attempts.failed(f"name {number}")
        if number in (25_000, 25_001):
            attempts.failed("Ada")
    assert attempts.wait_s("Ada") == 61
    assert attempts.wait_s("name 0") == 0
    assert len(attempts._failed) <= 10_000


def test_name_is_the_same_in_whichever_way_its_letters_are_composed(outputs: Path) -> None:
    with with_accounts(outputs, "Ada Müller") as server:
        visitor = Visitor(server, None)
        assert log_in(visitor, " Ada  Mu\u0308ller").status_code == 303
        visitor.act("memo", KEY, "accept")
    assert set(read_reviewed(outputs / "memo").reviewers) == {"Ada Müller"}


# --- without a login ------------------------------------------------------------------------


GETS = ["/c/{}", "/c/{}/history", "/c/{}/sign", "/c/{}/adjudicate", "/c/{}/writeup",
        f"/c/{{}}/i/{KEY}", f"/c/{{}}/adjudicate/{KEY}"]  # fmt: skip
POSTS = ["/c/{}/begin", "/c/{}/undo", "/c/{}/accept-quiet", "/c/{}/settle", "/c/{}/sign",
         "/c/{}/take-back", "/c/{}/grid", "/c/{}/reasons", f"/c/{{}}/adjudicate/{KEY}",
         *(f"/c/{{}}/i/{KEY}/{act}" for act in (*ACTS, "source", "praise"))]  # fmt: skip


def test_without_a_login_no_answer_tells_which_comparisons_exist(server: Served) -> None:
    visitor = Visitor(server, None)

    def answer(method: str, path: str, slug: str) -> tuple[int, str, object]:
        address = path.format(slug)
        found = visitor.http.request(method, address, headers={"Origin": server.address})
        return found.status_code, found.text.replace(slug, ""), found.headers.get("location")

    for method, paths in (("GET", GETS), ("POST", POSTS), ("HEAD", GETS), ("PUT", GETS)):
        for path in paths:
            known, unknown = answer(method, path, "memo"), answer(method, path, "none")
            assert known == unknown, (method, path)
            assert known[0] in (303, 401, 405), (method, path)


def test_every_address_of_the_server_is_asked_above(server: Served) -> None:
    described = server.app.openapi()["paths"]
    asked = {re.sub(r"\{\}", "memo", path) for path in (*GETS, *POSTS)}
    patterns = {re.sub(r"\{[^}]+\}", "[^/]+", path) for path in described if path.startswith("/c/")}
    for pattern in patterns:
        assert any(re.fullmatch(pattern, path) for path in asked), pattern


# --- headers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scheme", "expected"), [("https", "max-age=31536000"), ("http", None)], ids=["https", "http"]
)
@pytest.mark.parametrize("host", ["review.test", "evil.example"], ids=["answered", "refused"])
def test_strict_transport_security_follows_the_scheme(
    scheme: str, expected: str | None, host: str
) -> None:
    sent: list[Message] = []

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("here")(scope, receive, send)

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "server": ("192.0.2.1", 8000),
             "headers": [(b"host", host.encode())]}  # fmt: skip
    guard = Guard(page, hosts=frozenset({"review.test"}), scheme=scheme)
    asyncio.run(guard(scope, receive, send))
    headers = dict(sent[0]["headers"])
    found = headers.get(b"strict-transport-security")
    assert (found.decode() if found else None) == expected
    assert headers[b"x-frame-options"] == b"DENY"


# --- planted verdicts -----------------------------------------------------------------------


def test_planted_verdict_differs_from_the_judges_in_its_level_alone(outputs: Path) -> None:
    folder = outputs / "memo"
    with served(outputs, mode="assisted") as plain, served(outputs, mode="assisted", traps=2) as on:
        pages = {}
        for name, server in (("Ada", plain), ("Ben", on)):
            visitor = Visitor(server, name)
            visitor.post("/c/memo/begin", {"mode": "assisted"})
            for item in ReviewFolder(folder).items.values():
                if item.kind == "verdict":
                    text = visitor.get(f"/c/memo/i/{item.key}").text
                    text = re.sub(r'name="(csrf|last)" value="[^"]*"', "", text)
                    text = re.sub(r"Item \d+ of|" + name, "", text)
                    pages[name, item.id] = re.sub(" selected", "", text)
    waiting = [
        id
        for id, review in read_reviewed(folder).reviewer("Ben").items.items()
        if review.planted == "waiting"
    ]
    assert len(waiting) == 2
    for id in waiting:
        item = ReviewFolder(folder).items[id]
        assert item.planted is not None
        mine, theirs = pages["Ada", id], pages["Ben", id]
        level, other = item.words(item.drafted), item.words(item.planted)
        assert level != other
        verdict = '<span class="verdict">{}</span>'
        assert theirs.replace(verdict.format(other), verdict.format(level)) == mine
    assert {COMMANDS["accept"].id} <= {*ACTS}
    assert len(list(itertools.chain(pages))) > 4


@pytest.mark.parametrize("mode", ["assisted", "blind-first"])
def test_nothing_tells_an_answered_planted_verdict_while_others_wait(
    outputs: Path, mode: Mode, grader: Grader
) -> None:
    """Two reviews that go alike, one of them with planted verdicts, look alike at every step."""
    folders = [write_folder(comparison(f"pair-{n}"), outputs / f"pair-{n}") for n in (0, 2)]
    items = ReviewFolder(folders[0]).items
    levels = "partially[ _]met|not[ _]met|met"

    def seen(visitor: Visitor, folder: Path) -> dict[str, str]:
        name = folder.name
        one, other = (items[f"verdict:owned-decision:{side}"].key for side in SIDES)
        pages = {
            address: visitor.get(address).text
            for address in (
                f"/?search={name}", f"/c/{name}", f"/c/{name}?show=undecided",
                f"/c/{name}?show=mine", f"/c/{name}/history", f"/c/{name}/sign",
                f"/c/{name}/i/{one}", f"/c/{name}/i/{other}",
            )
        }  # fmt: skip
        [pages["pairs"]] = re.findall(rf"<tr><th[^>]*><a[^>]*>{name}<.*?</tr>",
                                      visitor.get("/pairs").text, re.DOTALL)  # fmt: skip
        pages["left"] = str(decisions_left(read_reviewed(folder), "Ada"))
        pages["signing"] = grader("sign", folder, "--reviewer", "Ada").err
        kept = {}
        for address, text in pages.items():
            text = re.sub(r'name="(csrf|last)" value="[^"]*"| selected|checked', "", text)
            text = re.sub(rf"{name}|\d{{4}}-\d\d-\d\dT[\d:]+Z|<td>\d*</td></tr>", "", text)
            text = re.sub(r"median of [\d.]+ seconds?", "", text)
            kept[address.replace(name, "")] = re.sub(levels, "LEVEL", text, flags=re.IGNORECASE)
        return kept

    with served(outputs) as server:
        ada = Visitor(server, "Ada")
        for folder, traps in zip(folders, (0, 2), strict=True):
            actions.begin(folder, "Ada", mode=mode, traps=traps)
        planted = [
            id
            for id, review in read_reviewed(folders[1]).reviewer("Ada").items.items()
            if review.planted == "waiting"
        ]
        assert len(planted) == 2
        for id, way in zip(planted, ("accept", "reject"), strict=True):
            for folder in folders:
                actions.open_item(folder, "Ada", id)
                if mode == "blind-first":
                    actions.give_own(folder, "Ada", id, Content(level="partially_met"))
                getattr(actions, way)(folder, "Ada", id)
            plain, with_planted = (seen(ada, folder) for folder in folders)
            assert with_planted == plain
        for folder in folders:
            assert actions.undo(folder, "Ada").reviewer("Ada").shown_decision(planted[1]).state == (
                "undecided"
            )
