"""The review in a real browser, by keyboard: whole reviews, reloads, lost connections, axe."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser import chromium, needs_chromium
from builders import comparison, write_folder
from grader.review import actions
from grader.review.adjudicate import look
from grader.review.events import Content
from grader.review.folder import read_reviewed
from grader.review.items import review_items
from grader.review.reviewed import ReviewerRecord
from grader.rubric.scale import level_name
from webserver import Served, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = needs_chromium

CONTROL = "verdict:owned-decision:control"
FIRST = "/c/pair/i/verdict:owned-decision:2"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(comparison(), tmp_path / "pair")


@pytest.fixture
def server(folder: Path) -> Iterator[Served]:
    with served(folder) as running:
        yield running


Enter = Callable[..., "Page"]


@pytest.fixture
def enter(browser: Browser, server: Served) -> Iterator[Enter]:
    """A page of a reviewer who is signed in; anything on the console fails the test."""
    contexts, said = [], []

    def open_page(reviewer: str = "Ada", path: str = "/", width: int = 1280) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800})
        contexts.append(context)
        context.add_cookies(
            [{"name": "grader_session", "value": server.session(reviewer), "url": server.address}]
        )
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(server.address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    told = [s for s in said if "status of 409" not in s and "ERR_" not in s and "htmx" not in s]
    assert not told


def record(folder: Path, reviewer: str = "Ada") -> ReviewerRecord:
    return read_reviewed(folder).reviewer(reviewer)


def heading(page: Page) -> str:
    return " ".join(page.locator("h1").inner_text().split())


def press(page: Page, key: str, until: str) -> None:
    """Press a key once the page takes keys, and wait for what it brings.

    Where the page says that nothing was done, this does what a person would do: press again, or
    send again. On a busy machine an answer may take longer than the page waits for it.
    """
    page.wait_for_selector("body[data-keys=on]")  # keys are dead for a moment after a page came
    assert not page.locator(until).first.is_visible(), "what is waited for must come with the key"
    page.keyboard.press(key)
    told = page.locator("#dropped:visible, #lost:visible")
    for _ in range(5):
        page.locator(until).or_(told).first.wait_for()
        if page.locator(until).first.is_visible():
            return
        page.wait_for_selector("body[data-keys=on]")
        if page.locator("#lost").is_visible():
            page.locator("#retry").click()
        else:
            page.keyboard.press(key)
    page.wait_for_selector(until)


def test_key_pressed_before_the_page_is_ready_does_nothing_and_is_told(
    enter: Enter, folder: Path
) -> None:
    page = enter("Ada", FIRST)
    page.wait_for_selector("body[data-keys=on]")
    page.evaluate("document.body.dataset.keys = 'off'")
    page.keyboard.press("r")
    page.wait_for_selector("#dropped:visible")
    assert not record(folder).decided
    page.evaluate("document.body.dataset.keys = 'on'")
    press(page, "r", "h1:has-text('side by side')")
    assert page.locator("#dropped").is_hidden()
    assert len(record(folder).decided) == 1


def test_whole_blind_first_review_by_keyboard_alone(
    enter: Enter, server: Served, folder: Path
) -> None:
    page = enter()
    page.locator("body").press("Tab")
    page.get_by_role("button", name="Begin").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".workspace")
    items = review_items(comparison())
    for _ in range(6):
        assert "hidden" in page.locator(".judge").inner_text()
        label = heading(page)
        item = next(i for i in items.values() if i.label == label and not i.named)
        press(page, "2", "[data-key=k]")  # one's own, and the judge's is shown with it
        missing = item.id.endswith("sunday-made-visible:control")
        before = record(folder).item(item.id).last
        press(page, "r" if missing else "k" if item.id == CONTROL else "a", another(label))
        assert record(folder).item(item.id).last > before
    cells = page.locator("#grid[data-auto='1'] [data-cell]")
    for number in range(cells.count()):
        assert "judge:" not in page.locator("#grid").inner_text()
        if number == cells.count() - 1:
            press(page, "3", "#grid[data-auto='0']")
        else:
            page.wait_for_selector("body[data-keys=on]")
            page.keyboard.press("3")
            assert cells.nth(number).input_value() == "3"
    assert "judge:" in page.locator("#grid").inner_text()
    press(page, "k", another("Signatures"))
    mine = record(folder)
    assert mine.mode == "blind-first"
    assert mine.items[CONTROL].own is not None and mine.items[CONTROL].revealed
    assert len(mine.decided) == 8
    press(page, "a", "h1:has-text('Memo')")  # title, summary and hypotheses as a whole
    page.get_by_role("link", name="To the signature").press("Enter")
    due = page.get_by_label("side by side").or_(page.get_by_label("Transcript"))
    due.first.wait_for()
    assert due.count() == 2  # the rejection, and the own level that was kept against the judge's
    for number in range(2):
        due.nth(number).fill("the text says otherwise")
    page.keyboard.press("Enter")
    page.get_by_label("A sentence").press("Enter")
    page.wait_for_selector(".signed")
    reviewed = read_reviewed(folder)
    assert reviewed.sign_off is not None and reviewed.sign_off.reviewer == "Ada"
    assert reviewed.decisions[CONTROL].level == "partially_met"
    assert reviewed.decisions[CONTROL].reason == "the text says otherwise"


def another(label: str) -> str:
    """A heading other than this one."""
    return f"h1:not(:text-is({json.dumps(label)}))"


def test_blockers_on_the_page_for_signing_are_links_that_come_back(
    enter: Enter, folder: Path
) -> None:
    actions.begin(folder, "Ada")
    for item in review_items(comparison()).values():
        if item.required:
            actions.reject(folder, "Ada", item.id, None if item.id == CONTROL else "no")
    actions.edit(folder, "Cem", CONTROL, Content(level="met", rationale="r"))
    page = enter("Ada", "/c/pair/sign")
    page.locator(".reasons").get_by_role("link").first.press("Enter")
    page.wait_for_selector(".workspace")
    press(page, "a", "h1:has-text('Signature')")
    assert record(folder).item(CONTROL).decision.state == "accepted"
    assert "reviewers differ" not in page.locator("main").inner_text()
    page.get_by_role("button", name="See what others decided").press("Enter")
    page.wait_for_selector("h1:has-text('Disagreements')")
    page.goto(f"{page.url.rsplit('/', 1)[0]}/sign")
    page.get_by_role("link", name="Someone stands").first.press("Enter")
    page.wait_for_selector("fieldset.sides")


def test_two_reviewers_differ_and_a_third_settles_it(enter: Enter, folder: Path) -> None:
    for name, key in (("Ada", "a"), ("Ben", "r")):
        page = enter(name, FIRST)
        press(page, key, "h1:has-text('side by side')")
    page = enter("Cem", "/c/pair/adjudicate")
    page.get_by_role("button", name="Settle disagreements").press("Enter")
    page.get_by_role("link", name="Someone stands behind").press("Enter")
    page.wait_for_selector("fieldset.sides")
    assert "Ada: not met" in page.locator(".sides").inner_text()
    assert "Ben: rejected" in page.locator(".sides").inner_text()
    press(page, "1", "input[value=Ada]:checked")
    page.get_by_label("Reason").fill("the quotation bears it")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=There are none.")
    decision = read_reviewed(folder).decisions[CONTROL]
    assert (decision.level, decision.reviewer, decision.adjudicated) == ("not_met", "Cem", True)


def test_words_selected_in_the_text_become_evidence(enter: Enter, folder: Path) -> None:
    page = enter("Ada", FIRST)
    page.evaluate("""() => {
        const block = [...document.querySelectorAll('#transcript-2 .block')].at(-1);
        const text = block.lastChild;
        const at = text.data.indexOf('Would you like');
        getSelection().setBaseAndExtent(text, at, text, at + 'Would you like me'.length);
    }""")
    press(page, "s", "#quotes li")
    assert "Would you like me" in page.locator("#quotes").inner_text()
    page.locator("#edit-level").select_option("2")
    page.locator("#edit-rationale").fill("It offers.")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("h1:has-text('side by side')")
    decision = read_reviewed(folder).decisions[CONTROL]
    assert (decision.level, decision.rationale) == ("partially_met", "It offers.")
    assert [e.quote for e in decision.evidence if e.span] == [
        "so the library will close on Sundays",
        "Would you like me",
    ]


def test_typing_survives_a_reload_and_is_forgotten_once_saved(enter: Enter, folder: Path) -> None:
    page = enter("Ada", FIRST)
    press(page, "e", "#edit[open]")
    page.locator("#edit-rationale").fill("Half a thou")
    page.reload()
    page.wait_for_selector("#edit[open]")
    assert page.locator("#edit-rationale").input_value() == "Half a thou"
    page.locator("#edit-rationale").fill("Half a thought.")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("h1:has-text('side by side')")
    assert read_reviewed(folder).decisions[CONTROL].rationale == "Half a thought."
    assert page.evaluate("Object.keys(localStorage).filter(k => k.includes('owned')).length") == 0


def test_number_key_takes_along_what_was_quoted_and_typed_and_not_saved(
    enter: Enter, folder: Path
) -> None:
    page = enter("Ada", FIRST)
    press(page, "e", "#edit[open]")
    page.locator("#edit-rationale").fill("It offers.")
    page.locator("#quote").fill("Would you like me")
    page.keyboard.press("Escape")
    press(page, "2", "h1:has-text('side by side')")
    decision = read_reviewed(folder).decisions[CONTROL]
    assert (decision.level, decision.rationale) == ("partially_met", "It offers.")
    assert [e.quote for e in decision.evidence if e.span] == [
        "so the library will close on Sundays",
        "Would you like me",
    ]


def test_reasons_typed_on_the_page_for_signing_survive_a_reload(enter: Enter, folder: Path) -> None:
    from playwright.sync_api import expect

    for item in review_items(comparison()).values():
        if item.required:
            actions.reject(folder, "Ada", item.id)
    page = enter("Ada", "/c/pair/sign")
    first = page.locator(".reasons input[data-keep]").first
    first.fill("nothing of it stands there")
    page.reload()
    page.wait_for_selector("body[data-keys=on]")
    assert first.input_value() == "nothing of it stands there"
    before = page.locator(".reasons input[data-keep]").count()
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Save the reasons").press("Enter")
    expect(page.locator(".reasons input[data-keep]")).to_have_count(before - 1)
    assert page.locator(".reasons input[data-keep]").first.input_value() == ""


def test_saved_comment_does_not_come_back_into_its_box(enter: Enter, folder: Path) -> None:
    page = enter("Ada", FIRST)
    press(page, "c", "#comment[open]")
    page.locator("#comment-comment").fill("a remark")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".comment:has-text('a remark')")
    assert page.locator("#comment-comment").input_value() == ""


def test_lost_connection_is_told_and_the_action_can_be_sent_again(
    enter: Enter, folder: Path
) -> None:
    page = enter("Ada", FIRST)
    page.context.set_offline(True)
    press(page, "r", "#lost:not([hidden])")
    assert "Not saved" in page.locator("#lost").inner_text()
    assert read_reviewed(folder).decisions[CONTROL].state == "undecided"
    page.context.set_offline(False)
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('side by side')")
    assert read_reviewed(folder).decisions[CONTROL].state == "rejected"
    assert page.locator("#lost").is_hidden()


def test_held_key_decides_one_item_only(enter: Enter, folder: Path) -> None:
    page = enter("Ada", FIRST)
    page.wait_for_selector("body[data-keys=on]")
    page.keyboard.down("r")
    page.wait_for_selector("h1:has-text('side by side')")
    for _ in range(5):
        page.keyboard.down("r")  # repeats, as a key that is held does
    page.wait_for_selector("body[data-keys=on]")
    for _ in range(5):
        page.keyboard.down("r")
    page.keyboard.up("r")
    assert len(record(folder).decided) == 1


def test_keys_do_nothing_while_typing(enter: Enter, folder: Path) -> None:
    page = enter("Ada", FIRST)
    press(page, "c", "#comment-comment:focus")
    page.keyboard.type("are rather sure?")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".comment")
    assert not record(folder).decided
    assert record(folder).item(CONTROL).comments[0].text == "are rather sure?"


def test_planted_verdicts_are_told_and_stay_out_of_the_signed_result(
    enter: Enter, server: Served, folder: Path
) -> None:
    server.app.state.review = replace(server.app.state.review, traps=2, mode="assisted")
    calm = tuple(v.model_copy(update={"attention": ()}) for v in comparison().verdicts)
    shutil.rmtree(folder)
    write_folder(comparison().model_copy(update={"verdicts": calm}), folder)
    page = enter()
    page.get_by_role("button", name="Begin").click()
    page.wait_for_selector(".workspace")
    items = {item.label: item for item in review_items(comparison()).values()}
    shown_wrong, told = [], []
    while page.locator(".workspace").count():
        label = heading(page)
        if label not in items:  # a card that is one decision
            press(page, "a", another(label))
            continue
        item, planted = items[label], record(folder).item(items[label].id).planted
        if planted == "waiting":
            assert item.drafted.level
            assert page.locator(".verdict").inner_text() != level_name(item.drafted.level)
            shown_wrong.append(item.id)
        elif planted == "done":
            assert "was planted to see whether it is noticed" in page.locator(".card").inner_text()
            told.append(item.id)
        missing = page.locator("[data-key=a]").count() == 0
        reject = missing or (planted == "waiting" and len(shown_wrong) == 2)
        before = record(folder).item(item.id).last
        press(page, "r" if reject else "a", another(label))
        assert record(folder).item(item.id).last > before
    assert len(shown_wrong) == 2 and sorted(told) == sorted(shown_wrong)
    page.goto(f"{server.address}/c/pair/sign")
    page.locator(".reasons input[id]").fill("the judge gave none")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign as Ada").click()
    page.wait_for_selector(".signed")
    reviewed = read_reviewed(folder)
    for trap in shown_wrong:
        source = review_items(reviewed.draft)[trap].drafted
        held = reviewed.decisions[trap]
        assert (held.state, held.level, held.rationale) == (
            "accepted",
            source.level,
            source.rationale,
        )
    page.goto(f"{server.address}/agreement")
    assert "Of 2 planted verdicts, 1 were accepted." in page.locator("main").inner_text()
    page.goto(f"{server.address}/c/pair/writeup")
    assert "Of 2 planted wrong verdicts, 1 were accepted." in page.locator("body").inner_text()


def test_capital_letter_is_a_key_of_its_own_and_caps_lock_is_none(
    enter: Enter, folder: Path
) -> None:
    page = enter("Ada", FIRST)
    page.wait_for_selector("body[data-keys=on]")
    page.keyboard.press("Shift+A")  # accepts all that need no attention, on the overview
    page.keyboard.press("Shift+R")
    page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'P'}))")
    page.wait_for_selector("details.task[open]")
    assert not record(folder).decided


def test_undo_brings_the_item_back(enter: Enter, folder: Path) -> None:
    page = enter("Ada", FIRST)
    press(page, "r", "h1:has-text('side by side')")
    press(page, "u", "h1:has-text('Transcript 2')")
    assert not record(folder).decided


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_have_nothing_that_axe_objects_to(
    browser: Browser, server: Served, folder: Path, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    actions.begin(folder, "Ben", mode="blind-first")
    actions.accept(folder, "Ada", CONTROL)
    actions.reject(folder, "Cem", CONTROL)
    look(folder, "Dan", CONTROL)
    actions.edit(folder, "Ada", "verdict:owned-decision:treatment",
                 Content(level="not_met", rationale="r"))  # fmt: skip
    for who, paths in {
        "Ada": ["/c/pair", FIRST, FIRST.replace(":2", ":1"), "/c/pair/history", "/c/pair/sign",
                "/c/pair/i/signature:template-voice:1", "/c/pair/i/contrast:owned-decision",
                "/agreement", "/nothing"],
        "Ben": [FIRST],
        "Cem": ["/c/pair/sign"],
        "Dan": ["/c/pair/adjudicate", "/c/pair/adjudicate/verdict:owned-decision:2", "/login"],
    }.items():  # fmt: skip
        context = browser.new_context(color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
        context.add_cookies(
            [{"name": "grader_session", "value": server.session(who), "url": server.address}]
        )
        page = context.new_page()
        for path in paths:
            page.goto(server.address + path)
            found = axe.Axe().run(page)
            assert found.violations_count == 0, (path, found.generate_report())
        context.close()


def test_question_texts_and_keys_are_on_one_screen_and_the_page_itself_does_not_move(
    enter: Enter,
) -> None:
    page = enter("Ada", FIRST)
    page.wait_for_selector("body[data-keys=on]")
    height = page.evaluate("[document.scrollingElement.scrollHeight, innerHeight, scrollY]")
    assert height[0] <= height[1] and height[2] == 0
    for shown in (".question", "#transcript-1 .text", "#transcript-2 .text", "[data-key=a]"):
        box = page.locator(shown).first.bounding_box()
        assert box is not None and box["y"] >= 0 and box["y"] + 20 <= height[1]


def test_page_can_be_read_on_a_phone(enter: Enter) -> None:
    for path in ("/c/pair", FIRST):
        page = enter("Ada", path, width=360)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 15
