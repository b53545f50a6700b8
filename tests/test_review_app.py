"""The terminal app, driven by Textual's pilot at 80 by 24."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from builders import comparison, write_folder
from grader.errors import InputError
from grader.review import actions
from grader.review.folder import ReviewFolder, read_reviewed
from grader.review.sign import sign
from grader.review.surfaces.textual.app import ReviewApp

CONTROL = "verdict:owned-decision:control"
FAILED = "verdict:sunday-made-visible:control"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(comparison(), tmp_path / "pair")


def screen(pilot: Pilot[None]) -> str:
    """What stands on the screen, without colour."""
    parts = re.findall(r"<text[^>]*>(.*?)</text>", pilot.app.export_screenshot(simplify=True))
    return " ".join(html.unescape(" ".join(parts)).split())


def run(folder: Path, steps, size: tuple[int, int] = (80, 24)) -> None:  # type: ignore[no-untyped-def]
    async def go() -> None:
        async with ReviewApp(folder, "Ada").run_test(size=size) as pilot:
            await pilot.pause()
            await steps(pilot)

    asyncio.run(go())


async def type_line(pilot: Pilot[None], words: str) -> None:
    await pilot.press(*(("space" if c == " " else c) for c in words), "enter")
    await pilot.pause()


def test_everything_needed_is_on_a_small_screen(folder: Path) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        shown = screen(pilot)
        for expected in ("Decision 1", "Someone stands behind", "The judge says: met",
                         "Transcript 1", "⟦I chose Sunday", "a accept", "r reject",
                         "q quit"):  # fmt: skip
            assert expected in shown, shown
        for hidden in ("control", "claude", "treatment"):
            assert hidden not in shown

    run(folder, steps)


def test_whole_review_by_keys(folder: Path) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        for _ in range(30):
            item = pilot.app.session.item  # type: ignore[attr-defined]
            if item is None:
                break
            await pilot.press("2" if item.id == FAILED else "a")
            await pilot.pause()
        assert "Everything is decided" in screen(pilot)
        assert "1 decision of yours still needs a reason" in screen(pilot)
        await pilot.press("y")
        await type_line(pilot, "Families are named.")
        assert "Saved." in screen(pilot)
        await pilot.press("b")
        await pilot.pause()
        while pilot.app.session.item.id != "title":  # type: ignore[attr-defined]
            await pilot.press("b")
            await pilot.pause()
        await pilot.press("r", "y")
        await type_line(pilot, "says too much")

    run(folder, steps)
    reviewed = read_reviewed(folder)
    assert not reviewed.undecided
    assert reviewed.decisions[FAILED].level == "partially_met"
    assert reviewed.decisions[FAILED].reason == "Families are named."
    assert reviewed.decisions["title"].reason == "says too much"


def test_blind_first_review_by_keys(folder: Path) -> None:
    actions.begin(folder, "Ada", mode="blind-first")

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("f")
        await pilot.pause()
        assert "until you gave your own" in screen(pilot) and "The judge says" not in screen(pilot)
        await pilot.press("a")
        assert "own comes first" in screen(pilot)
        await pilot.press("3")
        await pilot.pause()
        assert "Yours: met" in screen(pilot) and "The judge says" in screen(pilot)
        await pilot.press("a", "u")
        await pilot.pause()
        assert "Undone: " in screen(pilot)

    run(folder, steps)
    review = read_reviewed(folder).reviewers["Ada"].item(CONTROL)
    assert review.own is not None and review.own.level == "met"
    assert review.decision.state == "undecided"


def test_rejecting_takes_one_key_as_accepting_does(folder: Path) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("f", "r")
        await pilot.pause()
        assert read_reviewed(folder).decisions[CONTROL].state == "rejected"

    run(folder, steps)


def test_letters_are_letters_while_a_line_is_typed(folder: Path) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("f", "c")
        await type_line(pilot, "are quaint")
        await pilot.press("e", "2", "escape")

    run(folder, steps)
    review = read_reviewed(folder).reviewers["Ada"].item(CONTROL)
    assert [c.text for c in review.comments] == ["are quaint"]
    assert review.decision.state == "undecided"


def test_quotation_is_scrolled_into_view_and_the_other_text_is_a_key_away(folder: Path) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("right", "right", "right")
        await pilot.pause()
        await pilot.press("n")
        await pilot.pause()
        assert "⟦We lose that" in screen(pilot)
        await pilot.press("t")
        await pilot.pause()
        assert "Transcript 2" in screen(pilot)

    run(folder, steps, (80, 24))


def test_words_selected_by_keys_become_a_quotation_of_the_edit(folder: Path) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("f")
        await pilot.pause()
        await pilot.press("s", "down", "down", "home", "space", "right", "right", "right", "a")
        assert "There is no key 'a' here. Esc leaves selecting." in screen(pilot)
        await pilot.press("enter")
        assert "It is saved when you decide." in screen(pilot)
        assert read_reviewed(folder).decisions[CONTROL].state == "undecided"
        await pilot.press("a")
        await pilot.pause()

    run(folder, steps)
    decision = read_reviewed(folder).decisions[CONTROL]
    assert (decision.state, decision.level) == ("edited", "not_met")
    quotes = [e.quote for e in decision.evidence if e.span]
    assert quotes == ["so the library will close on Sundays", "families.\n\n- Shifts"]


def test_words_marked_with_the_mouse_become_a_quotation(folder: Path) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("f")
        await pilot.pause()
        said = pilot.app.query_one("#transcript")
        await pilot.mouse_down(said, offset=(4, 1))
        await pilot.hover(said, offset=(16, 1))
        await pilot.mouse_up(said, offset=(16, 1))
        await pilot.pause()
        assert "⟦Sundayopening⟧" in screen(pilot).replace(" ", "")
        await pilot.press("enter", "2")
        await pilot.pause()

    run(folder, steps)
    decision = read_reviewed(folder).decisions[CONTROL]
    assert decision.level == "partially_met"
    assert "Sunday opening" in [e.quote for e in decision.evidence if e.span]


def test_quotation_is_taken_out_of_a_decision_and_the_undo_brings_it_back(folder: Path) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("f", "a", "left", "x")
        await pilot.pause()
        assert "Taken out. Saved." in screen(pilot)
        assert [e.span for e in read_reviewed(folder).decisions[CONTROL].evidence] == [None]
        await pilot.press("x")
        assert "There is no quotation here to take out." in screen(pilot)
        await pilot.press("u")
        await pilot.pause()
        assert "⟦so the library" in screen(pilot)

    run(folder, steps)
    assert read_reviewed(folder).decisions[CONTROL].state == "accepted"


def test_own_level_keeps_its_quotations_through_the_reveal(folder: Path) -> None:
    actions.begin(folder, "Ada", mode="blind-first")

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("f", "s", "right", "space", "right", "enter", "2", "k")
        await pilot.pause()

    run(folder, steps)
    reviewed = read_reviewed(folder)
    own = reviewed.reviewers["Ada"].item(CONTROL).own
    assert own is not None and own.level == "partially_met"
    assert [e.quote for e in own.evidence] == ["Sunday opening"]
    assert reviewed.decisions[CONTROL].evidence[0].quote == "Sunday opening"


@pytest.mark.parametrize("key", ["a", "r", "e", "k", "n", "x", "s", "t", "c", "d", "1"])
def test_after_the_last_item_every_key_is_answered(tmp_path: Path, key: str) -> None:
    draft = comparison()
    nothing = {"signatures": (), "contrasts": (), "narrative": (), "implications": None}
    draft = draft.model_copy(update=nothing | {"verdicts": draft.verdicts[:1]})

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("a", key)
        await pilot.pause()
        assert "Everything is decided. u undoes, b goes back, q leaves." in screen(pilot)

    run(write_folder(draft, tmp_path / "pair"), steps)


def test_key_without_a_meaning_is_told(folder: Path) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("j")
        assert "There is no key 'j' here. ? shows the keys." in screen(pilot)

    run(folder, steps)


def test_list_shows_the_state_of_all_items_and_opens_one(folder: Path) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("a", "l")
        await pilot.pause()
        assert "1 accepted T1 Someone stands behind the decision" in screen(pilot)
        assert "2 ! T2 Someone stands behind the decision" in screen(pilot)
        await pilot.press("home", "enter")
        await pilot.pause()
        assert "Decision 1" in screen(pilot) and "Decided: accepted" in screen(pilot)

    run(folder, steps)


def test_chosen_quotations_are_not_lost_without_a_word(folder: Path) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("s", "space", "right", "enter", "q")
        await pilot.pause()
        assert "Quotations not saved: decide Someone stands behind" in screen(pilot)
        assert pilot.app.is_running

    run(folder, steps)


def test_editor_where_the_terminal_cannot_be_given_away(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "true")

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("c", "ctrl+o")
        await pilot.pause()
        assert "Type the text here." in screen(pilot)

    run(folder, steps)


def test_list_tells_nothing_that_a_blind_review_hides(folder: Path) -> None:
    actions.begin(folder, "Ada", mode="blind-first")

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("l")
        await pilot.pause()
        shown = screen(pilot)
        assert "1 T1 Someone stands behind the decision" in shown
        assert "3 T1+2" in shown and "!" not in shown.replace("! look here first", "")

    run(folder, steps)


def test_accepting_after_the_reveal_holds_the_judges_quotations_alone(folder: Path) -> None:
    actions.begin(folder, "Ada", mode="blind-first")

    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("f", "s", "right", "space", "right", "enter", "3", "a", "left")
        await pilot.pause()
        assert "quotation 1 of 1" in screen(pilot) and "⟦so the library" in screen(pilot)

    run(folder, steps)
    assert read_reviewed(folder).decisions[CONTROL].state == "accepted"


def test_leaving_with_quotations_that_are_not_saved_keeps_them_for_whoever_stays(
    folder: Path,
) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await pilot.press("s", "home", "space", "end", "enter")
        await pilot.pause()
        [(item, chosen)] = pilot.app.session.chosen.items()  # type: ignore[attr-defined]
        await pilot.press("q")
        await pilot.pause()
        assert "Quotations not saved" in screen(pilot)
        await pilot.press("a")
        await pilot.pause()
        assert read_reviewed(folder).decisions[item].evidence == chosen

    run(folder, steps)


def _sign_elsewhere(folder: Path) -> None:
    at = ReviewFolder(folder)
    for item in at.items:
        actions.open_item(at, "Ben", item)
        try:
            actions.accept(at, "Ben", item)
        except InputError:  # there is nothing to accept
            actions.reject(at, "Ben", item, "The judge gave no answer.")
    sign(at, "Ben")


@pytest.mark.parametrize(
    ("change", "key", "told"),
    [
        (_sign_elsewhere, "right", "signed"),
        (lambda folder: (folder / "reviews.jsonl").write_text("garbage\n"), "t", "reviews.jsonl"),
        (lambda folder: (folder / "reviews.jsonl").write_text("garbage\n"), "a", "reviews.jsonl"),
    ],
    ids=["signed by another", "broken before a look", "broken before a decision"],
)
def test_folder_that_changes_under_the_review_ends_it_with_words(
    folder: Path, change: Callable[[Path], object], key: str, told: str
) -> None:
    async def go() -> ReviewApp:
        app = ReviewApp(folder, "Ada")
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            change(folder)
            await pilot.press(key)
            await pilot.pause()
        return app

    app = asyncio.run(go())
    assert app.failed is not None and told in str(app.failed)
    assert app.return_code == 2
