"""One table of commands: each surface has its keys, help and forms, and they mean the same."""

from __future__ import annotations

import asyncio
import html
import io
import re
from collections.abc import Callable, Coroutine
from itertools import combinations
from pathlib import Path

import pytest
from rich.console import Console
from textual.pilot import Pilot

from builders import comparison, write_folder
from grader.errors import InputError
from grader.review import actions
from grader.review.adjudicate import begin_settling
from grader.review.commands import (
    COMMANDS,
    SURFACES,
    Answers,
    command_of,
    commands_on,
    fitting,
    help_lines,
    perform,
)
from grader.review.events import Content
from grader.review.folder import ReviewFolder, read_reviewed
from grader.review.forms import choice, content_of, inputs
from grader.review.item_view import ItemView, view
from grader.review.surfaces.plain import terminal
from grader.review.surfaces.textual.app import ReviewApp
from grader.review.surfaces.textual.keys import BINDINGS
from grader.text.quotation import Side
from webserver import Visitor, served

CONTROL = "verdict:owned-decision:control"
CONTRAST = "contrast:owned-decision"
NOTE = "signature:template-voice:control"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(comparison(), tmp_path / "pair")


def shown(folder: Path, item: str, reviewer: str = "Ada") -> ItemView:
    at = ReviewFolder(folder)
    return view(at.reviewed(), reviewer, at.items[item])


def screen(pilot: Pilot[None]) -> str:
    parts = re.findall(r"<text[^>]*>(.*?)</text>", pilot.app.export_screenshot(simplify=True))
    return " ".join(html.unescape(" ".join(parts)).split())


Steps = Callable[[Pilot[None]], Coroutine[None, None, None]]


def on_screen(folder: Path, steps: Steps, *, settling: bool = False) -> None:
    async def go() -> None:
        async with ReviewApp(folder, "Ada", settling=settling).run_test(size=(120, 40)) as pilot:
            await pilot.pause()
            await steps(pilot)

    asyncio.run(go())


def in_lines(folder: Path, monkeypatch: pytest.MonkeyPatch, *lines: str) -> str:
    """What the plain review shows to a reviewer who types these lines."""
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    console = Console(file=io.StringIO(), width=100)
    terminal.review_in_terminal(folder, "Ada", console)
    assert isinstance(console.file, io.StringIO)
    return " ".join(console.file.getvalue().split())


# --- the table ------------------------------------------------------------------------------


def states(folder: Path) -> list[ItemView]:
    """Items in all the states that decide which commands fit."""
    found = [shown(folder, item) for item in (CONTROL, CONTRAST, NOTE, "title")]
    actions.begin(folder, "Ben", mode="blind-first")
    found.append(shown(folder, CONTROL, "Ben"))
    actions.give_own(folder, "Ben", CONTROL, Content(level="met"))
    found.append(shown(folder, CONTROL, "Ben"))
    actions.reject(folder, "Ben", CONTROL)
    found.append(shown(folder, CONTROL, "Ben"))
    return found


def test_no_two_commands_that_fit_at_once_share_a_key(folder: Path) -> None:
    for item in states(folder):
        for surface in SURFACES:
            for one, other in combinations(fitting(surface, item), 2):
                assert one.key != other.key, (one.id, other.id)


def test_a_key_has_one_meaning_on_all_surfaces(folder: Path) -> None:
    for item in states(folder):
        for command in COMMANDS.values():
            if not command.needs(item):
                continue
            for surface in set(SURFACES) - set(command.not_on):
                assert command_of(surface, command.key, item) is command, command.id


def test_a_surface_has_every_command_or_the_table_says_why_not() -> None:
    for command in COMMANDS.values():
        assert set(command.not_on) < set(SURFACES), command.id
        assert all(reason.strip() for reason in command.not_on.values())
        assert command.run is None or not command.not_on, "what is recorded is possible everywhere"


def test_terminal_app_binds_each_key_and_knows_what_to_do() -> None:
    bound = {binding.action for binding in BINDINGS}
    for command in commands_on("terminal"):
        if command.id == "choose":
            assert "choose(1)" in bound
            continue
        assert f"press({command.key!r})" in bound, command.id
        if command.run is None:
            assert hasattr(ReviewApp, f"_show_{command.id.replace('-', '_')}"), command.id


def test_help_of_each_surface_names_its_commands(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = in_lines(folder, monkeypatch, "?")
    with served(folder) as server:
        page = html.unescape(Visitor(server, "Ada").get("/c/pair/i/verdict:owned-decision:2").text)
    seen = []

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("?")
        await pilot.pause()
        page = pilot.app.screen
        seen.append(page.words)  # type: ignore[attr-defined]

    on_screen(folder, steps)
    for surface, text in (("plain", plain), ("web", page), ("terminal", seen[0])):
        for _, lines in help_lines(surface):  # type: ignore[arg-type]
            for _, words in lines:
                assert words in text, (surface, words)


def test_page_has_a_button_link_or_form_for_every_key_that_fits(folder: Path) -> None:
    with served(folder) as server:
        ada = Visitor(server, "Ada")
        for key in ("verdict:owned-decision:2", "contrast:owned-decision"):
            page = ada.get(f"/c/pair/i/{key}").text
            keys = set(re.findall(r'data-key="([^"]+)"', page))
            at = ReviewFolder(folder)
            item = next(each for each in at.items.values() if each.key == key)
            for command in fitting("web", view(at.reviewed(), "Ada", item)):
                if command.id not in ("accept-quiet", "back", "forward"):
                    assert html.escape(command.key) in keys, command.id


# --- forms ----------------------------------------------------------------------------------


def test_forms_name_no_side_of_the_comparison(folder: Path) -> None:
    with served(folder) as server:
        page = Visitor(server, "Ada").get("/c/pair/i/contrast:owned-decision").text
    assert "treatment" not in page and "control" not in page


@pytest.mark.parametrize("item", [CONTROL, CONTRAST, NOTE, "title"])
def test_answers_to_a_form_make_the_content_that_it_began_with(folder: Path, item: str) -> None:
    before = shown(folder, item)
    answers = {each.name: each.now for each in inputs(("content",), before)}
    made = content_of(before, answers, before.evidence)
    assert made == before.now


def test_number_that_is_no_option_is_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="Level: '4' is none of the options"):
        content_of(shown(folder, CONTROL), {"level": "4"}, ())


# --- the numbers of a side-by-side item -----------------------------------------------------


SIDES: list[Side] = ["treatment", "control"]
"""Of Transcript 1 and 2 in the hand-made comparison."""


@pytest.mark.parametrize("number", [1, 2, 3])
def test_numbers_of_a_side_by_side_item_are_what_the_terminal_app_says(
    folder: Path, number: int
) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        app: ReviewApp = pilot.app  # type: ignore[assignment]
        while app.session.item != app.folder.items[CONTRAST]:
            await pilot.press("f")
            await pilot.pause()
        legend = screen(pilot)
        assert all(s in legend for s in ("1 Transcript 1", "2 Transcript 2", "3 neither"))
        assert "1 not met" not in legend and "3 met" not in legend
        await pilot.press(str(number))
        await pilot.pause()

    on_screen(folder, steps)
    held = read_reviewed(folder).reviewer("Ada").item(CONTRAST).decision
    assert held.shows_more == (*SIDES, "neither")[number - 1]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_numbers_of_a_side_by_side_item_are_the_same_in_the_browser(
    folder: Path, number: int
) -> None:
    with served(folder) as server:
        ada = Visitor(server, "Ada")
        page = ada.get("/c/pair/i/contrast:owned-decision").text
        buttons = re.findall(
            r'name="shows_more" value="(\d)"><button data-key="(\d)">.*?</kbd> ([^<]+)<', page
        )
        assert buttons == [("1", "1", "Transcript 1"), ("2", "2", "Transcript 2"),
                           ("3", "3", "neither")]  # fmt: skip
        ada.act("pair", "contrast:owned-decision", "choose", shows_more=number)
    held = read_reviewed(folder).reviewer("Ada").item(CONTRAST).decision
    assert held.shows_more == (*SIDES, "neither")[number - 1]


def test_numbers_of_a_side_by_side_item_are_the_same_in_lines(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only = choice(shown(folder, CONTRAST))
    assert only is not None
    assert [each.word for each in only.options] == ["Transcript 1", "Transcript 2", "neither"]
    at = ReviewFolder(folder)
    for item in at.items.values():
        if item.kind != "contrast" and not item.named:
            actions.reject(at, "Ada", item.id, "no")
    said = in_lines(folder, monkeypatch, "2", "q")
    assert "[1-3] which shows more?" in said
    items = read_reviewed(folder).reviewer("Ada").items
    made = [r.decision.shows_more for i, r in items.items() if i.startswith("contrast")]
    assert "control" in made


# --- the task, and the right transcript -----------------------------------------------------


def test_one_key_shows_the_task_on_every_surface(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = read_reviewed(folder).draft.control.task_prompt
    assert task
    first = " ".join(task.split())[:40]
    key = COMMANDS["task"].key
    assert first in in_lines(folder, monkeypatch, key)
    with served(folder) as server:
        page = Visitor(server, "Ada").get("/c/pair/i/verdict:owned-decision:2").text
    assert first in " ".join(html.unescape(page).split()) and f'data-key="{key}"' in page

    async def steps(pilot: Pilot[None]) -> None:
        assert first not in screen(pilot)
        await pilot.press(key)
        await pilot.pause()
        assert first in screen(pilot)

    on_screen(folder, steps)


def test_statement_about_one_side_opens_that_sides_text(folder: Path) -> None:
    at = ReviewFolder(folder)
    for item in at.items.values():
        if not item.named:
            actions.reject(at, "Ada", item.id, "no")
    sides: dict[str, str] = {}

    async def steps(pilot: Pilot[None]) -> None:
        app: ReviewApp = pilot.app  # type: ignore[assignment]
        for item in app.session.queue().items:
            app.session.open(item)
            sides[item.id] = app.session.side

    on_screen(folder, steps)
    for id, side in sides.items():
        item, words = at.items[id], at.items[id].details(True).text or ""
        names = [s for s in ("control", "treatment") if f"the {s}" in words.lower()]
        quoted = [e.span.transcript for e in item.drafted.evidence if e.span]
        if len(names) == 1:
            assert side == names[0], (id, words)
        elif quoted:
            assert side == quoted[0], (id, words)
    assert set(sides.values()) == {"control", "treatment"}


# --- actions that one surface alone had -----------------------------------------------------


def test_reopening_takes_a_decision_back_in_lines_and_in_the_terminal_app(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_lines(folder, monkeypatch, "a", "b", "o", "q")
    assert read_reviewed(folder).reviewer("Ada").item(CONTROL).decision.state == "undecided"

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("a", "b", "o")
        await pilot.pause()
        assert "Reopened." in screen(pilot)

    on_screen(folder, steps)
    assert read_reviewed(folder).reviewer("Ada").item(CONTROL).decision.state == "undecided"


def test_accepting_all_asks_first_and_takes_only_what_was_opened(folder: Path) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("f", "f", "f", "f", "A", "n", "enter")
        assert not read_reviewed(folder).reviewer("Ada").decided
        await pilot.press("A", "y", "enter")
        await pilot.pause()

    on_screen(folder, steps)
    mine = read_reviewed(folder).reviewer("Ada")
    items = ReviewFolder(folder).items
    assert mine.decided and all(not items[each.item].attention for each in mine.decided)


def differ(folder: Path) -> None:
    actions.accept(folder, "Cem", CONTROL)
    content = Content(level="met", rationale="A person is named.")
    actions.edit(folder, "Ben", CONTROL, content, "too strict")


@pytest.mark.parametrize(
    ("keys", "level", "reason"),
    [
        (("1", *"well", "enter"), "not_met", "well"),
        (("2", "enter"), "met", "too strict"),
        (("e", "2", "enter", *"between", "enter", *"both", "enter"), "partially_met", "both"),
        (("r", *"neither", "enter"), None, "neither"),
    ],
    ids=["the first", "the second and its reason", "another", "nothing"],
)
def test_disagreement_is_settled_in_the_terminal_app(
    folder: Path, keys: tuple[str, ...], level: str | None, reason: str
) -> None:
    differ(folder)

    async def steps(pilot: Pilot[None]) -> None:
        text = screen(pilot)
        assert "1 Cem: not met (accepted)" in text and "2 Ben: met (edited)" in text
        await pilot.press(*keys)
        await pilot.pause()
        assert "Nothing is left to settle." in screen(pilot)

    on_screen(folder, steps, settling=True)
    decision = read_reviewed(folder).decisions[CONTROL]
    assert (decision.level, decision.reason, decision.reviewer) == (level, reason, "Ada")


def test_settling_is_taken_back_in_the_terminal_app_also_after_the_last(folder: Path) -> None:
    differ(folder)

    async def steps(pilot: Pilot[None]) -> None:
        assert "Ben, Cem have not decided everything yet" in screen(pilot)
        await pilot.press("1", "enter", "u")
        await pilot.pause()
        assert "1 Cem: not met (accepted)" in screen(pilot)

    on_screen(folder, steps, settling=True)
    assert read_reviewed(folder).disputed == (CONTROL,)


def test_reasons_typed_in_the_terminal_app_stay_when_the_rest_is_left(folder: Path) -> None:
    rejected = (CONTROL, "verdict:owned-decision:treatment")
    for item in rejected:
        actions.reject(folder, "Ada", item)

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("y", *"unclear", "enter", "escape", "q")

    on_screen(folder, steps)
    reasons = [read_reviewed(folder).decisions[item].reason for item in rejected]
    assert sorted(map(str, reasons)) == ["None", "unclear"]


def test_who_still_reviews_may_not_go_on_to_settle(folder: Path) -> None:
    differ(folder)
    actions.begin(folder, "Ada")

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("m")
        await pilot.pause()
        assert "have not decided it yourself" in screen(pilot)

    on_screen(folder, steps)
    with pytest.raises(InputError, match="seen what the others decided"):
        begin_settling(folder, "Dan")
        actions.accept(folder, "Dan", NOTE)


def test_command_performs_what_its_row_says(folder: Path) -> None:
    at = ReviewFolder(folder)
    item = shown(folder, CONTROL)
    perform(COMMANDS["comment"], at, "Ada", item, Answers({"comment": "hm"}))
    perform(COMMANDS["edit"], at, "Ada", item,
            Answers({"level": "2", "rationale": "A body.", "reason": "mild"}))  # fmt: skip
    mine = at.reviewed().reviewer("Ada").item(CONTROL)
    assert [c.text for c in mine.comments] == ["hm"]
    assert (mine.decision.level, mine.decision.rationale) == ("partially_met", "A body.")
    assert mine.decision.reason == "mild"
