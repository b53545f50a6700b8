"""The grid of signatures, cards that are one decision, and reasons that follow at the end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from builders import comparison, write_folder
from grader.comparison.folder import REVIEWS
from grader.comparison.items import Option
from grader.comparison.parts import AGAINST_SHIFT, Attention
from grader.errors import InputError
from grader.review import actions
from grader.review.actions import ItemChanged
from grader.review.adjudicate import adjudicate, begin_settling, look
from grader.review.events import Content, Entry, Mode
from grader.review.folder import ReviewFolder, read_reviewed
from grader.review.forms import number_of
from grader.review.grid import Grid, grid_of
from grader.review.item_view import queue, view
from grader.review.items import decisions_made, decisions_of, review_items
from grader.review.reasons import reasons_due
from grader.review.rules import is_hidden
from grader.review.sign import blockers, sign
from webserver import Visitor, served

ONE = "signature:template-voice:treatment"
OTHER = "signature:template-voice:control"
CONTROL = "verdict:owned-decision:control"
FAILED = "verdict:sunday-made-visible:control"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(comparison(), tmp_path / "pair")


def grid(folder: Path, reviewer: str = "Ada") -> Grid:
    at = ReviewFolder(folder)
    return grid_of(at.reviewed(), reviewer, at.items)


def due(folder: Path, reviewer: str = "Ada") -> list[str]:
    at = ReviewFolder(folder)
    reviewed = at.reviewed()
    return [item.id for item in reasons_due(reviewed.reviewer(reviewer), reviewed, at.items)]


def test_last_cell_may_come_together_with_a_change_of_a_cell_given_before(folder: Path) -> None:
    actions.begin(folder, "Ada", mode="blind-first")
    actions.set_presences(folder, "Ada", {ONE: [None, "absent"], OTHER: ["absent", "absent"]})
    actions.set_presences(folder, "Ada", {ONE: ["trace", "absent"], OTHER: ["present", "absent"]})
    now = grid(folder)
    assert not now.hidden
    assert [cell.own for cell in now.cells] == ["trace", "present", "absent", "absent"]
    assert read_reviewed(folder) == ReviewFolder(folder).reviewed()


def test_own_level_sent_twice_counts_once(folder: Path) -> None:
    actions.begin(folder, "Ada", mode="blind-first")
    seen = read_reviewed(folder).events
    for _ in range(2):
        actions.choose(folder, "Ada", CONTROL, Content(level="met"), last=seen)
    reviewed = read_reviewed(folder)
    assert reviewed.events == seen + 2  # own level and reveal
    assert reviewed.reviewer("Ada").item(CONTROL).decision.state == "undecided"
    with pytest.raises(ItemChanged):
        actions.choose(folder, "Ada", CONTROL, Content(level="not_met"), last=seen)


def test_own_answer_can_be_taken_back_until_the_judges_is_shown(folder: Path) -> None:
    actions.begin(folder, "Ada", mode="blind-first")
    actions.give_own(folder, "Ada", ONE, Content(presences=("trace", "trace")))
    actions.open_item(folder, "Ada", ONE)
    actions.undo(folder, "Ada")
    assert read_reviewed(folder).reviewer("Ada").item(ONE).own is None
    actions.set_presences(folder, "Ada", {ONE: ["trace"] * 2, OTHER: ["absent"] * 2})
    with pytest.raises(InputError, match="nothing to undo"):
        actions.undo(folder, "Ada")


@pytest.mark.parametrize("mode", ["blind-first", "mixed"])
def test_verdict_does_not_tell_that_the_hidden_contrast_changes_with_the_order(
    tmp_path: Path, mode: Mode
) -> None:
    draft = comparison()
    contrast = draft.contrasts[0]
    moved = (Attention(code="order_sensitive", message="the answer changes with the order"),)
    contrasts = (contrast.model_copy(update={"attention": moved}), *draft.contrasts[1:])
    at = ReviewFolder(
        write_folder(draft.model_copy(update={"contrasts": contrasts}), tmp_path / "moved")
    )
    card = [e for e in at.items.values() if e.card == at.items[CONTROL].card]

    def told(who: str) -> bool:
        shown = [view(at.reviewed(), who, each).attention for each in card]
        return any("changes with the order" in words for each in shown for words in each)

    tried = 0
    for who in ("Ada", "Ben", "Cem", "Dan"):  # a mixed review draws for each of them
        actions.begin(at, who, mode=mode)
        if not is_hidden(at.reviewed().reviewer(who), at.items[contrast.item]):
            continue
        for each in card:
            assert not told(who)
            if is_hidden(at.reviewed().reviewer(who), each):
                own = {"level": "met"} if each.kind == "verdict" else {"shows_more": "neither"}
                actions.give_own(at, who, each.id, Content.model_validate(own))
        assert told(who)
        tried += 1
    assert tried


def test_event_that_the_record_has_no_place_for_is_not_written(folder: Path) -> None:
    actions.begin(folder, "Ada", mode="blind-first")
    at = ReviewFolder(folder)
    before = (folder / REVIEWS).read_bytes()
    with (
        pytest.raises(InputError, match="decides in a blind-first review"),
        at.writing("Ada") as review,
    ):
        review.add(Entry(action="reject", item=CONTROL))
    assert (folder / REVIEWS).read_bytes() == before
    actions.comment(at, "Ada", CONTROL, "the folder still works")
    assert read_reviewed(folder) == at.reviewed()


def test_judges_cells_are_shown_once_all_cells_are_given(folder: Path) -> None:
    actions.begin(folder, "Ada", mode="blind-first")
    assert [row.marker for row in grid(folder).rows] == [
        "bracketed slots",
        "offer of another version",
    ]
    actions.set_presences(folder, "Ada", {ONE: ["trace", None]})
    actions.set_presences(folder, "Ada", {OTHER: ["absent", "absent"]})
    now = grid(folder)
    assert now.hidden and {cell.judge for cell in now.cells} == {None}
    assert [cell.own for cell in now.cells] == ["trace", "absent", None, "absent"]
    for item in (ONE, OTHER):  # the refusal names the one in view
        label = review_items(comparison())[item].label
        with pytest.raises(InputError, match=f"{label}: .* own comes first"):
            actions.accept_card(folder, "Ada", item)
    actions.set_presences(folder, "Ada", {ONE: ["trace", "present"]})
    now = grid(folder)
    assert not now.hidden and None not in {cell.judge for cell in now.cells}
    assert now.undecided == 2


def test_grid_is_one_decision_and_one_step_back(folder: Path) -> None:
    actions.begin(folder, "Ada", mode="blind-first")
    actions.set_presences(folder, "Ada", {ONE: ["trace"] * 2, OTHER: ["trace"] * 2})
    made, total = decisions_made(read_reviewed(folder))
    reviewed = actions.keep_card(folder, "Ada", ONE)
    assert decisions_made(reviewed) == (made + 1, total)
    assert {reviewed.decisions[id].presences for id in (ONE, OTHER)} == {("trace", "trace")}
    reviewed = actions.undo(folder, "Ada")
    assert {reviewed.decisions[id].state for id in (ONE, OTHER)} == {"undecided"}
    reviewed = actions.accept_card(folder, "Ada", OTHER)
    assert {reviewed.decisions[id].state for id in (ONE, OTHER)} == {"accepted"}
    assert not due(folder), "cells need no reason"


def test_a_cell_changed_after_the_reveal_decides_its_transcript_alone(folder: Path) -> None:
    actions.set_presences(folder, "Ada", {ONE: ["pervasive", "absent"]})
    reviewed = actions.accept_card(folder, "Ada", ONE)
    assert reviewed.decisions[ONE].presences == ("pervasive", "absent")
    assert reviewed.decisions[OTHER].state == "accepted"


@pytest.mark.parametrize(
    ("presences", "told"),
    [
        ({ONE: ["much", "absent"]}, "can't be 'much'"),
        ({ONE: ["absent"]}, "it has 2 markers, not 1"),
        ({ONE: ["absent", None]}, "presence is missing"),
        ({CONTROL: ["absent"]}, "there is no signature"),
        ({"signature:none:control": []}, "there is no signature"),
    ],
)
def test_cells_that_make_no_sense_are_refused_and_nothing_is_written(
    folder: Path, presences: dict[str, list[str | None]], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        actions.set_presences(folder, "Ada", presences)
    assert not (folder / REVIEWS).exists()


def test_form_of_the_grid_fills_it_in_the_browser(folder: Path) -> None:
    with served(folder, mode="blind-first") as server:
        ada = Visitor(server, "Ada")
        page = "/c/pair/i/signature:template-voice:1"
        for column in (1, 2):
            assert "judge:" not in ada.get(page).text
            cells = {f"cell-signature:template-voice:{column}-{n}": "3" for n in (0, 1)}
            fields = {"last": str(read_reviewed(folder).events), **cells}
            assert ada.post("/c/pair/grid", fields).headers["location"] == page
        assert "judge:" in ada.get(page).text
        stale = ada.post("/c/pair/grid", {"last": "1", **cells})
        assert stale.status_code == 409 and "changed" in stale.text
        odd = {"last": str(read_reviewed(folder).events)}
        odd["cell-signature:template-voice:1-0"] = "99"
        ada.post("/c/pair/grid", odd)
    own = read_reviewed(folder).reviewer("Ada").item(ONE).own
    assert own is not None and own.presences == ("present", "present")


# --- what must be decided -------------------------------------------------------------------


def test_evidence_needs_no_decision_and_an_objection_to_it_is_kept(folder: Path) -> None:
    statement = "point:orientation:problem_framing:1"
    items = review_items(comparison())
    assert statement not in {i.id for made in decisions_of(items.values()).values() for i in made}
    for item in items.values():
        if item.required:
            actions.reject(folder, "Ada", item.id, "no")
    actions.reject(folder, "Ada", statement, "overstated")
    reviewed = sign(folder, "Ada")
    assert reviewed.decisions[statement].state == "rejected"
    assert reviewed.decisions["point:implications:caveat:1"].state == "undecided"


def test_reviewers_who_dispute_evidence_must_settle_it(folder: Path) -> None:
    statement = "point:orientation:problem_framing:1"
    for who in ("Ada", "Ben"):
        for item in review_items(comparison()).values():
            if item.required:
                actions.reject(folder, who, item.id, "no")
    actions.reject(folder, "Ada", statement, "overstated")
    actions.accept(folder, "Ben", statement)
    begin_settling(folder, "Ada")
    with pytest.raises(InputError, match="decided differently by their reviewers"):
        sign(folder, "Ada")


# --- equal cost -----------------------------------------------------------------------------


def test_keeping_taking_and_rejecting_take_one_action_each_and_no_word(folder: Path) -> None:
    actions.begin(folder, "Ada", mode="blind-first")
    for item, act in (
        (CONTROL, actions.keep),
        ("verdict:owned-decision:treatment", actions.accept),
        (FAILED, actions.reject),
    ):
        before = read_reviewed(folder).events
        actions.choose(folder, "Ada", item, Content(level="partially_met"))
        act(folder, "Ada", item)
        assert read_reviewed(folder).reviewer("Ada").item(item).decision.state != "undecided"
        assert read_reviewed(folder).events == before + 3  # own, reveal, decision
    assert due(folder) == [CONTROL, FAILED]


def test_own_level_that_is_the_judges_is_accepted_with_the_judges_words(folder: Path) -> None:
    actions.begin(folder, "Ada", mode="blind-first")
    actions.choose(folder, "Ada", CONTROL, Content(level="not_met"))
    reviewed = actions.keep(folder, "Ada", CONTROL)
    assert reviewed.decisions[CONTROL].state == "accepted" and not due(folder)


def test_choosing_with_the_judge_in_sight_decides_at_once(folder: Path) -> None:
    reviewed = actions.choose(folder, "Ada", CONTROL, Content(level="not_met"))
    assert reviewed.decisions[CONTROL].state == "accepted"
    reviewed = actions.choose(folder, "Ada", CONTROL, Content(level="met"))
    assert (reviewed.decisions[CONTROL].state, reviewed.decisions[CONTROL].level) == (
        "edited",
        "met",
    )
    assert reviewed.decisions[CONTROL].rationale is None
    assert due(folder) == [CONTROL]


def test_reasons_are_given_in_one_go_and_taken_back_in_one_step(folder: Path) -> None:
    actions.choose(folder, "Ada", CONTROL, Content(level="met"))
    actions.reject(folder, "Ada", FAILED)
    with pytest.raises(InputError, match="you have not decided it"):
        actions.give_reasons(folder, "Ada", {ONE: "why"})
    reviewed = actions.give_reasons(folder, "Ada", {CONTROL: " a person decides ", FAILED: "none"})
    assert reviewed.decisions[CONTROL].reason == "a person decides"
    assert not due(folder)
    actions.undo(folder, "Ada")
    assert due(folder) == [CONTROL, FAILED]
    lines = (folder / REVIEWS).read_text("utf-8").splitlines()
    assert [json.loads(line)["action"] for line in lines[-4:]] == [
        "reason",
        "reason",
        "undo",
        "undo",
    ]


def test_edit_with_a_rationale_of_ones_own_has_its_reason(folder: Path) -> None:
    actions.edit(folder, "Ada", CONTROL, Content(level="met", rationale="She signs it."))
    assert not due(folder)
    actions.edit(folder, "Ada", CONTROL, Content(level="met"))
    assert due(folder) == [CONTROL]


def test_signing_waits_for_the_reasons(folder: Path) -> None:
    for item in review_items(comparison()).values():
        if item.required:
            actions.reject(folder, "Ada", item.id, None if item.id == FAILED else "no")
    with pytest.raises(InputError, match="otherwise than the judge, without a reason"):
        sign(folder, "Ada")
    actions.give_reasons(folder, "Ada", {FAILED: "nothing to judge"})
    assert sign(folder, "Ada").sign_off is not None


def test_saving_the_table_leaves_what_was_decided_and_is_not_changed(folder: Path) -> None:
    actions.accept(folder, "Ada", ONE)
    actions.reject(folder, "Ada", OTHER, "nothing of it is there")
    at = ReviewFolder(folder)
    own = actions.choose(folder, "Ada", ONE, at.items[ONE].drafted).reviewer("Ada").item(ONE)
    with served(folder, mode="assisted") as server:
        ada = Visitor(server, "Ada")
        shown = [cell.now or cell.judge for cell in grid(folder).cells]
        options = grid(folder).cells[0].field.values
        cells = {
            f"cell-{cell.item.key}-{cell.place}": str(options.index(value or "") + 1)
            for cell, value in zip(grid(folder).cells, shown, strict=True)
        }
        before = read_reviewed(folder)
        ada.post("/c/pair/grid", {"last": str(before.events), **cells})
        after = read_reviewed(folder)
        assert after.decisions == before.decisions
        assert after.decisions[OTHER].state == "rejected"
        assert after.reviewer("Ada").item(ONE).decision == own.decision
        changed = f"cell-{at.items[OTHER].key}-0"
        cells[changed] = "4" if cells[changed] != "4" else "3"
        ada.post("/c/pair/grid", {"last": str(after.events), **cells})
        now = read_reviewed(folder)
        assert now.decisions[OTHER].state == "edited"
        assert now.reviewer("Ada").item(ONE).decision == own.decision


def test_two_signatures_with_one_title_are_two(tmp_path: Path) -> None:
    draft = comparison()
    (signature,) = draft.rubric.signatures
    twin = signature.model_copy(update={"id": "twin"})
    notes = tuple(note.model_copy(update={"signature": "twin"}) for note in draft.signatures)
    draft = draft.model_copy(
        update={
            "rubric": draft.rubric.model_copy(update={"signatures": (signature, twin)}),
            "signatures": (*draft.signatures, *notes),
        }
    )
    folder = write_folder(draft, tmp_path / "pair")
    made = grid(folder)
    assert [len(rows) for rows in made.signatures] == [2, 2]
    assert all(len(row.cells) == 2 for row in made.rows)
    with served(folder, mode="assisted") as server:
        page = Visitor(server, "Ada").get(f"/c/pair/i/{made.cells[0].item.key}").text
    assert page.count(f"<summary>{signature.title}</summary>") == 2


def test_one_step_back_takes_back_no_answer_that_was_told_and_nothing_twice(folder: Path) -> None:
    actions.begin(folder, "Ada")
    reviewed = actions.accept_card(folder, "Ada", ONE)
    actions.undo(folder, "Ada", ONE)
    reviewed = actions.undo(folder, "Ada")
    undone = [e.undoes for e in ReviewFolder(folder).events if e.action == "undo"]
    assert len(undone) == len(set(undone)) == 2
    assert {reviewed.decisions[id].state for id in (ONE, OTHER)} == {"undecided"}


def test_own_level_that_was_given_last_is_not_passed_over_by_undo(folder: Path) -> None:
    actions.begin(folder, "Ada", mode="blind-first")
    actions.give_own(folder, "Ada", CONTROL, Content(level="met"))
    actions.keep(folder, "Ada", CONTROL)
    other = CONTROL.replace("control", "treatment")
    actions.give_own(folder, "Ada", other, Content(level="met"))
    with pytest.raises(InputError, match="it stays"):
        actions.undo(folder, "Ada")
    assert read_reviewed(folder).decisions[CONTROL].state == "edited"
    actions.keep(folder, "Ada", other)
    assert actions.undo(folder, "Ada").decisions[other].state == "undecided"


# --- what reasons for attention tell ----------------------------------------------------------


def against_shift(tmp_path: Path) -> ReviewFolder:
    """A comparison whose first contrast went the other way round than the levels."""
    draft = comparison()
    turned = (Attention(code=AGAINST_SHIFT, message="the other way round"),)
    first = draft.contrasts[0].model_copy(update={"attention": turned})
    changed = draft.model_copy(update={"contrasts": (first, *draft.contrasts[1:])})
    return ReviewFolder(write_folder(changed, tmp_path / "turned"))


def test_contrast_against_the_levels_is_told_once_both_levels_are_seen(tmp_path: Path) -> None:
    at = against_shift(tmp_path)
    card = [e for e in at.items.values() if e.card == at.items[CONTROL].card]
    actions.begin(at, "Ada", mode="blind-first")

    def told() -> bool:
        shown = [view(at.reviewed(), "Ada", each).attention for each in card]
        return any("other way round" in words for each in shown for words in each)

    for each in sorted(card, key=lambda item: item.kind != "contrast"):
        assert not told()
        own = {"level": "met"} if each.kind == "verdict" else {"shows_more": "neither"}
        actions.give_own(at, "Ada", each.id, Content.model_validate(own))
    assert told()


def test_no_wrong_verdict_is_planted_beside_a_contrast_that_contradicts_it(tmp_path: Path) -> None:
    at = against_shift(tmp_path)
    card = [e for e in at.items.values() if e.card == at.items[CONTROL].card]
    assert all(each.planted is None for each in card)
    assert any(each.planted for each in review_items(comparison()).values())


@pytest.mark.parametrize("turned", [True, False])
def test_number_that_may_be_accepted_at_once_tells_no_hidden_reason(
    tmp_path: Path, turned: bool
) -> None:
    folder = against_shift(tmp_path).path if turned else write_folder(comparison(), tmp_path / "x")
    actions.begin(folder, "Ada", mode="blind-first")
    verdict = "verdict:owned-decision:treatment"
    actions.open_item(folder, "Ada", verdict)
    actions.give_own(folder, "Ada", verdict, Content(level="met"))
    at = ReviewFolder(folder)
    assert queue(at.reviewed(), "Ada", "rubric", at.items).quiet == 0


# --- which words and reasons stay -------------------------------------------------------------


def test_first_decision_counts_whatever_is_opened_or_said_later(folder: Path) -> None:
    for name, words in (("Ada", "first"), ("Ben", "second")):
        actions.edit(folder, name, CONTROL, Content(level="met", rationale=words))
    actions.comment(folder, "Ada", CONTROL, "a remark")
    actions.open_item(folder, "Ada", CONTROL)
    assert read_reviewed(folder).decisions[CONTROL].rationale == "first"


def test_reason_stays_while_the_decision_is_the_same(folder: Path) -> None:
    actions.reject(folder, "Ada", CONTROL, "of no use")
    actions.reject(folder, "Ada", CONTROL)
    assert read_reviewed(folder).decisions[CONTROL].reason == "of no use"
    actions.edit(folder, "Ada", CONTROL, Content(level="met"), "it is there")
    actions.edit(folder, "Ada", CONTROL, Content(level="met", rationale="In turn 1."))
    assert read_reviewed(folder).decisions[CONTROL].reason == "it is there"
    actions.edit(folder, "Ada", CONTROL, Content(level="not_met", rationale="No."))
    assert read_reviewed(folder).decisions[CONTROL].reason is None


def test_number_of_an_option_comes_before_a_level_called_by_a_digit() -> None:
    options = [Option("3", "3"), Option("2", "2"), Option("1", "1")]
    assert [number_of(options, typed) for typed in ("1", "2", "3")] == ["1", "2", "3"]


def test_settled_before_a_reviewer_came_to_it_stands_in_nobodys_way(folder: Path) -> None:
    actions.accept(folder, "Ben", ONE)
    actions.reject(folder, "Cem", ONE, "no")
    begin_settling(folder, "Dan")
    look(folder, "Dan", ONE)
    adjudicate(folder, "Dan", ONE, None, "no marker")
    actions.begin(folder, "Ada")
    at = ReviewFolder(folder)
    waiting = [each.item.id for each in blockers(at, at.reviewed(), "Ada")]
    assert waiting and ONE not in waiting


def test_empty_or_wrong_form_of_the_grid_decides_nothing(folder: Path) -> None:
    with served(folder.parent, mode="assisted") as server:
        ada = Visitor(server, "Ada")
        ada.get(f"/c/pair/i/{next(iter(review_items(comparison()).values())).key}")
        for fields in ({}, {"cell-signature:template-voice:1-0": "nonsense"}):
            answer = ada.post("/c/pair/grid", {"last": "0", **fields})
            assert answer.status_code == 409
        assert read_reviewed(folder).decisions[ONE].state == "undecided"


def test_level_by_one_key_keeps_the_judges_quotations_and_what_was_quoted(folder: Path) -> None:
    with served(folder.parent, mode="assisted") as server:
        ada = Visitor(server, "Ada")
        item = review_items(comparison())[CONTROL]
        ada.get(f"/c/pair/i/{item.key}")
        quoted = {"quote" + str(item.number): "the library will close", "rationale": "Nobody does."}
        ada.act("pair", item.key, "choose", level="1", **quoted)
        kept = read_reviewed(folder).decisions[CONTROL]
        assert [each.quote for each in kept.evidence][-1] == "the library will close"
        assert len(kept.evidence) == len(item.drafted.evidence) + 1
        assert kept.rationale == "Nobody does."
