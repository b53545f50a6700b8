"""What reviewers may do, and what holds after it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from builders import comparison, forge, offline_comparison, write_folder
from grader.comparison.folder import REVIEWS, read_draft
from grader.comparison.parts import Attention
from grader.errors import GraderError, InputError, RecordError
from grader.review import actions
from grader.review.adjudicate import adjudicate, look
from grader.review.events import Content, Entry, read_events
from grader.review.fold import fold
from grader.review.folder import ReviewFolder, read_reviewed
from grader.review.item_view import queue, view
from grader.review.items import attention_first, pair_attention, review_items
from grader.review.reviewed import Reviewed
from grader.text.quotation import Evidence, Span

CONTROL = "verdict:owned-decision:control"
TREATMENT = "verdict:owned-decision:treatment"
FAILED = "verdict:sunday-made-visible:control"
LAST = "verdict:sunday-made-visible:treatment"
NOTE = "signature:template-voice:control"
OTHER_NOTE = "signature:template-voice:treatment"
ITEMS = tuple(review_items(comparison()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(comparison(), tmp_path / "pair")


# --- what holds -----------------------------------------------------------------------------


def test_without_events_everything_is_undecided(folder: Path) -> None:
    draft, draft_hash = read_draft(folder)
    reviewed = fold(draft, draft_hash, ())
    required = [id for id, item in review_items(draft).items() if item.required]
    assert list(reviewed.undecided) == required
    assert {decision.state for decision in reviewed.decisions.values()} == {"undecided"}
    assert set(reviewed.decisions) == set(ITEMS) > set(required)
    assert {row.control for row in reviewed.scorecard.rows} == {None}
    assert reviewed.sign_off is None and reviewed.chain is None and reviewed.events == 0


def test_accepted_item_repeats_the_draft(folder: Path) -> None:
    reviewed = actions.accept(folder, "Ada", CONTROL)
    decision = reviewed.decisions[CONTROL]
    verdict = reviewed.draft.verdicts[0]
    assert (decision.state, decision.reviewer) == ("accepted", "Ada")
    assert (decision.level, decision.rationale) == (verdict.level, verdict.rationale)
    assert decision.evidence == verdict.evidence
    assert reviewed.scorecard.rows[0].control == "not_met"


def test_edited_item_is_the_reviewers_and_the_draft_stays(folder: Path) -> None:
    content = Content(level="partially_met", rationale="A body is named.")
    reviewed = actions.edit(folder, "Ada", CONTROL, content, "too strict")
    decision = reviewed.decisions[CONTROL]
    assert (decision.state, decision.level, decision.reason) == (
        "edited",
        "partially_met",
        "too strict",
    )
    assert reviewed.draft.verdicts[0].level == "not_met"
    assert reviewed.scorecard.rows[0].control == "partially_met"


def test_rejected_item_has_no_level(folder: Path) -> None:
    reviewed = actions.reject(folder, "Ada", TREATMENT, "misread")
    decision = reviewed.decisions[TREATMENT]
    assert (decision.state, decision.level, decision.evidence) == ("rejected", None, ())
    assert decision.reason == "misread"
    assert reviewed.scorecard.rows[0].treatment is None
    assert reviewed.scorecard.rows[0].shift is None


def test_comment_decides_nothing_and_outlives_decisions(folder: Path) -> None:
    assert actions.comment(folder, "Ben", CONTROL, "hm").decisions[CONTROL].state == "undecided"
    actions.accept(folder, "Ada", CONTROL)
    reviewed = actions.comment(folder, "Cem", CONTROL, "yes")
    assert [(c.reviewer, c.text) for c in reviewed.decisions[CONTROL].comments] == [
        ("Ben", "hm"),
        ("Cem", "yes"),
    ]
    assert reviewed.decisions[CONTROL].state == "accepted"


def test_last_decision_counts_and_accepting_goes_back_to_the_judge(folder: Path) -> None:
    actions.edit(folder, "Ada", CONTROL, Content(level="met", rationale="Mine."))
    actions.reject(folder, "Ada", CONTROL, "no")
    reviewed = actions.accept(folder, "Ada", CONTROL)
    decision = reviewed.decisions[CONTROL]
    assert (decision.state, decision.level, decision.reviewer) == ("accepted", "not_met", "Ada")
    assert decision.reason is None
    held = [event.before for event in read_events(folder / REVIEWS, reviewed.draft_hash)]
    assert held[0] is not None and held[0].level == "not_met"
    assert held[1] is not None and held[1].level == "met"
    assert held[2] is None


def test_signature_note_is_decided_marker_by_marker(folder: Path) -> None:
    accepted = actions.accept(folder, "Ada", NOTE).decisions[NOTE]
    assert accepted.presences == ("present", "present")
    assert accepted.note == "The memo leaves date and name to its sender."
    content = Content(note="Hardly.", presences=("trace", "absent"))
    edited = actions.edit(folder, "Ada", NOTE, content).decisions[NOTE]
    assert (edited.presences, edited.note) == (("trace", "absent"), "Hardly.")


# --- what is refused ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "told"),
    [
        pytest.param(lambda f: actions.accept(f, "Ada", FAILED), "no level to accept",
                     id="a missing level"),
        pytest.param(lambda f: actions.comment(f, "Ada", CONTROL, ""), "comment is empty",
                     id="empty comment"),
        pytest.param(lambda f: actions.edit(f, "Ada", CONTROL, Content(rationale="r")),
                     "level is missing", id="edit without level"),
        pytest.param(lambda f: actions.edit(f, "Ada", NOTE, Content(presences=("trace",))),
                     "presence is missing", id="edit with a marker too few"),
        pytest.param(lambda f: actions.edit(f, "Ada", NOTE, Content(presences=("trace", None))),
                     "presence is missing", id="edit with an open marker"),
        pytest.param(lambda f: actions.accept(f, "Ada", "verdict:none:control"), "no item",
                     id="unknown item"),
        pytest.param(lambda f: actions.accept(f, " \x07\n", CONTROL), "name of its reviewer",
                     id="nobody"),
    ],
)  # fmt: skip
def test_refused_action_leaves_no_event(
    folder: Path, act: Callable[[Path], Reviewed], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        act(folder)
    assert not (folder / REVIEWS).exists()


def test_offline_items_can_be_edited_and_rejected_but_not_accepted(tmp_path: Path) -> None:
    folder = write_folder(offline_comparison(), tmp_path / "offline")
    for item in (CONTROL, NOTE):
        with pytest.raises(InputError, match="to accept"):
            actions.accept(folder, "Ada", item)
    actions.reject(folder, "Ada", NOTE, "not in this text")
    reviewed = actions.edit(folder, "Ada", CONTROL, Content(level="met", rationale="I read it."))
    assert reviewed.scorecard.rows[0].control == "met"


def test_folder_without_a_draft_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no comparison\.json"):
        actions.accept(tmp_path, "Ada", CONTROL)


def test_names_are_written_down_on_one_line_without_control_characters(folder: Path) -> None:
    reviewed = actions.accept(folder, " Ada\n\x1b[31m Lovelace ", CONTROL)
    assert reviewed.decisions[CONTROL].reviewer == "Ada [31m Lovelace"


def test_events_fold_over_their_own_draft_only(folder: Path) -> None:
    reviewed = actions.accept(folder, "Ada", CONTROL)
    events = read_events(folder / REVIEWS, reviewed.draft_hash)
    with pytest.raises(RecordError, match="another draft"):
        fold(reviewed.draft, "0" * 64, events)
    other = reviewed.draft.model_copy(update={"verdicts": reviewed.draft.verdicts[1:]})
    with pytest.raises(RecordError, match="does not have"):
        fold(other, reviewed.draft_hash, events)


# --- several reviewers ----------------------------------------------------------------------


def test_reviewers_who_decide_alike_need_no_adjudication(folder: Path) -> None:
    actions.accept(folder, "Ada", CONTROL)
    content = Content(level="not_met", rationale="In my own words.")
    decision = actions.edit(folder, "Ben", CONTROL, content).decisions[CONTROL]
    assert (decision.state, decision.level, decision.disputed) == ("accepted", "not_met", False)
    assert (decision.reviewer, decision.reviewers) == ("Ada", ("Ada", "Ben"))


def test_reviewers_who_differ_leave_the_item_open_until_it_is_settled(folder: Path) -> None:
    actions.accept(folder, "Ada", CONTROL)
    reviewed = actions.edit(folder, "Ben", CONTROL, Content(level="met", rationale="r"))
    assert reviewed.disputed == (CONTROL,) and CONTROL in reviewed.undecided
    assert reviewed.scorecard.rows[0].control is None
    seen = look(folder, "Cem", CONTROL)
    assert [(each.decision.reviewer, each.decision.level) for each in seen] == [
        ("Ada", "not_met"),
        ("Ben", "met"),
    ]
    content = Content(level="partially_met", rationale="Between the two.")
    reviewed = adjudicate(folder, "Cem", CONTROL, content, "both have a point")
    decision = reviewed.decisions[CONTROL]
    assert (decision.state, decision.level, decision.reviewer) == ("edited", "partially_met", "Cem")
    assert decision.adjudicated and not reviewed.disputed
    # Nothing of the two was overwritten.
    assert reviewed.reviewers["Ada"].item(CONTROL).decision.level == "not_met"
    assert reviewed.reviewers["Ben"].item(CONTROL).decision.level == "met"
    with pytest.raises(InputError, match="was adjudicated by Cem"):
        actions.accept(folder, "Ben", CONTROL)
    assert actions.reopen(folder, "Cem", CONTROL).disputed == (CONTROL,)


def test_who_reviews_may_not_see_the_others_before_deciding_alone(folder: Path) -> None:
    actions.accept(folder, "Ada", CONTROL)
    actions.reject(folder, "Ben", CONTROL, "no")
    actions.begin(folder, "Cem")
    with pytest.raises(InputError, match="have not decided it yourself"):
        look(folder, "Cem", CONTROL)
    with pytest.raises(InputError, match="were not looked at"):
        adjudicate(folder, "Dan", CONTROL, None, "no")
    look(folder, "Dan", CONTROL)
    with pytest.raises(InputError, match="seen what the others decided"):
        actions.accept(folder, "Dan", CONTROL)


def test_others_decisions_and_comments_are_in_no_view(folder: Path) -> None:
    actions.edit(folder, "Ada", CONTROL, Content(level="met", rationale="hers alone"))
    reviewed = actions.comment(folder, "Ada", CONTROL, "a hint")
    shown = view(reviewed, "Ben", review_items(reviewed.draft)[CONTROL])
    assert shown.decision.state == "undecided" and shown.comments == ()
    assert "hers alone" not in repr(shown)


# --- blind first ----------------------------------------------------------------------------


def test_blind_first_gives_out_nothing_of_the_judge_before_the_own_level(folder: Path) -> None:
    reviewed = actions.begin(folder, "Ada", mode="blind-first")
    item = review_items(reviewed.draft)[CONTROL]
    shown = view(reviewed, "Ada", item)
    assert shown.hidden and shown.judge is None and shown.attention == ()
    drafted = reviewed.draft.verdicts[0]
    assert drafted.rationale and drafted.rationale not in repr(shown)
    attempts: tuple[Callable[[], object], ...] = (
        lambda: actions.accept(folder, "Ada", CONTROL),
        lambda: actions.reject(folder, "Ada", CONTROL, "no"),
        lambda: actions.edit(folder, "Ada", CONTROL, Content(level="met", rationale="r")),
        lambda: actions.keep(folder, "Ada", CONTROL),
    )
    for act in attempts:
        with pytest.raises(InputError, match="own comes first"):
            act()
    reviewed = actions.give_own(folder, "Ada", CONTROL, Content(level="met"))
    assert view(reviewed, "Ada", item).judge is not None
    with pytest.raises(InputError, match="seen already"):
        actions.give_own(folder, "Ada", CONTROL, Content(level="not_met"))
    reviewed = actions.accept(folder, "Ada", CONTROL)
    review = reviewed.reviewers["Ada"].item(CONTROL)
    assert review.own is not None
    assert (review.own.level, review.decision.level) == ("met", "not_met")  # both are kept


def test_what_was_seen_cannot_be_undone_or_made_blind_later(folder: Path) -> None:
    actions.begin(folder, "Ada", mode="blind-first")
    actions.give_own(folder, "Ada", CONTROL, Content(level="met"))
    with pytest.raises(InputError, match="nothing to undo"):
        actions.undo(folder, "Ada", CONTROL)
    with pytest.raises(InputError, match="stays so"):
        actions.begin(folder, "Ada", mode="assisted")
    actions.begin(folder, "Ben", mode="assisted")
    actions.open_item(folder, "Ben", CONTROL)
    with pytest.raises(InputError, match="already seen"):
        actions.begin(folder, "Ben", mode="blind-first")


def test_events_say_how_long_it_took_and_whether_the_judge_was_seen(folder: Path) -> None:
    begun = datetime(2026, 11, 23, 9, 30, 0, tzinfo=UTC)
    actions.begin(folder, "Ada", mode="blind-first", clock=lambda: begun)
    actions.open_item(folder, "Ada", CONTROL, clock=lambda: begun)
    fixed = datetime(2026, 11, 23, 9, 30, 12, tzinfo=UTC)
    actions.give_own(folder, "Ada", CONTROL, Content(level="met"), clock=lambda: fixed)
    later = datetime(2026, 11, 23, 9, 30, 50, tzinfo=UTC)
    reviewed = actions.accept(folder, "Ada", CONTROL, clock=lambda: later)
    own, _, decided = read_events(folder / REVIEWS, reviewed.draft_hash)[-3:]
    assert (own.action, own.seconds, own.seen) == ("own_level", 12, False)
    assert (decided.action, decided.seconds, decided.seen) == ("accept", 50, True)


# --- names come last, bulk and planted verdicts ---------------------------------------------


def decide_blind(folder: Path, reviewer: str) -> Reviewed:
    for item in review_items(comparison()).values():
        if item.id == FAILED:
            content = Content(level="not_met", rationale="r")
            actions.edit(folder, reviewer, item.id, content)
        elif not item.named:
            actions.accept(folder, reviewer, item.id)
    return read_reviewed(folder)


def test_narrative_is_locked_until_all_that_is_blind_is_decided(folder: Path) -> None:
    reviewed = actions.begin(folder, "Ada")
    at = queue(reviewed, "Ada")
    assert at.locked == 1 and not any(item.named for item in at.items)
    with pytest.raises(InputError, match="reviewed with names"):
        actions.accept(folder, "Ada", "title")
    reviewed = decide_blind(folder, "Ada")
    assert queue(reviewed, "Ada").locked == 0
    actions.edit(folder, "Ada", "title", Content(text="Who decides"))
    actions.reject(folder, "Ada", "point:implications:caveat:1", "says nothing")
    reviewed = actions.edit(folder, "Ada", "contrast:owned-decision",
                            Content(shows_more="neither", rationale="both do"))  # fmt: skip
    held = reviewed.decisions
    assert held["title"].text == "Who decides"
    assert held["point:implications:caveat:1"].state == "rejected"
    assert held["contrast:owned-decision"].shows_more == "neither"
    assert reviewed.draft.contrasts[0].shows_more == "treatment"


def test_bulk_accept_takes_only_opened_items_without_attention(folder: Path) -> None:
    actions.begin(folder, "Ada")
    for item in (CONTROL, TREATMENT, NOTE):
        actions.open_item(folder, "Ada", item)
    reviewed, count = actions.accept_quiet(folder, "Ada")
    assert count == 2
    assert {i for i, d in reviewed.decisions.items() if d.state == "accepted"} == {TREATMENT, NOTE}


def test_planted_verdict_never_enters_the_result(folder: Path) -> None:
    reviewed = actions.begin(folder, "Ada", traps=1)
    [trap] = [i for i, r in reviewed.reviewers["Ada"].items.items() if r.planted == "waiting"]
    item = review_items(reviewed.draft)[trap]
    shown = view(reviewed, "Ada", item)
    assert item.planted is not None and item.planted.level != item.drafted.level
    assert shown.judge is not None and shown.judge.content == item.planted
    assert shown.attention == item.attention
    assert trap not in (folder / REVIEWS).read_text(encoding="utf-8")
    reviewed = actions.accept(folder, "Ada", trap)
    assert reviewed.decisions[trap].state == "undecided"
    review = reviewed.reviewers["Ada"].item(trap)
    assert (review.planted, review.fell_for) == ("answered", True)
    shown = view(reviewed, "Ada", item)
    # While others wait, it looks like any item that was accepted, and can be taken back like it.
    assert (shown.again, shown.decision.state) == (False, "accepted")
    assert shown.judge is not None and shown.judge.content == item.planted
    assert item not in queue(reviewed, "Ada").waiting
    assert actions.undo(folder, "Ada").reviewers["Ada"].item(trap).planted == "waiting"
    actions.edit(folder, "Ada", trap, item.drafted)
    reviewed = actions.reopen(folder, "Ada", trap)
    assert reviewed.reviewers["Ada"].item(trap).fell_for is None
    reviewed = actions.accept(folder, "Ada", trap)
    while (waiting := queue(reviewed, "Ada").waiting[0].id) != trap:
        reviewed = actions.reject(folder, "Ada", waiting, "r")
    reviewed = actions.open_item(folder, "Ada", trap)
    shown = view(reviewed, "Ada", item)
    assert shown.again and shown.judge is not None and shown.judge.content == item.drafted
    # It was told to be planted: that stays, even where another decision is taken back.
    with pytest.raises(InputError, match="you have not decided it"):
        actions.reopen(folder, "Ada", trap)
    reviewed = actions.undo(folder, "Ada")
    assert view(reviewed, "Ada", item).again
    reviewed = actions.accept(folder, "Ada", trap)
    assert reviewed.decisions[trap].level == item.drafted.level


# --- forged events --------------------------------------------------------------------------


MET = Content(level="met", rationale="r")


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        pytest.param([Entry(action="accept", item=CONTROL, after=MET)],
                     "decides in a blind-first review before the reveal", id="no own level"),
        pytest.param([Entry(action="reveal", item=CONTROL)],
                     "reveals a verdict before the reviewer's own level", id="reveal alone"),
        pytest.param([Entry(action="own_level", item=CONTROL, after=MET),
                      Entry(action="reveal", item=CONTROL),
                      Entry(action="own_level", item=CONTROL, after=MET)],
                     "gives an own level after the judge's was seen", id="own level too late"),
        pytest.param([Entry(action="comment", item=CONTROL, text="x", after=Content(evidence=(
                      Evidence(quote="q", side="control", match="exact",
                               span=Span(transcript="control", turn=99, start=0, end=1)),)))],
                     "quotes a place that is not there: turn 99", id="turn that is not there"),
        pytest.param([Entry(action="comment", item=CONTROL, text="x", after=Content(evidence=(
                      Evidence(quote="q", side="control", match="exact",
                               span=Span(transcript="control", turn=2, start=0, end=10**6)),)))],
                     "quotes a place that is not there", id="end that is not there"),
    ],
)  # fmt: skip
def test_events_that_no_surface_writes_are_refused_with_their_line(
    folder: Path, entries: list[Entry], told: str
) -> None:
    actions.begin(folder, "Ada", mode="blind-first")
    forge(folder, "Ada", *entries)
    with pytest.raises(RecordError, match=told) as error:
        read_reviewed(folder)
    assert f"reviews.jsonl:{len(entries) + 1}" in str(error.value)


# --- properties -----------------------------------------------------------------------------

LEVELS = st.sampled_from(["not_met", "partially_met", "met"])
ACTIONS = ("open", "own", "keep", "accept", "edit", "reject", "comment", "defer", "undo",
           "reopen", "accept_card", "keep_card")  # fmt: skip


@st.composite
def steps(draw: st.DrawFn, actions: tuple[str, ...] = ACTIONS) -> tuple[str, str, str, str]:
    action = draw(st.sampled_from(actions))
    who = draw(st.sampled_from(["Ada", "Ben"]))
    return action, who, draw(st.sampled_from(ITEMS[:7])), draw(LEVELS)


def do(folder: Path | ReviewFolder, step: tuple[str, str, str, str]) -> None:
    action, who, item, level = step
    values = {"level": level, "rationale": "r", "presences": ("trace", "absent")}
    content = Content.model_validate(values | {"shows_more": "neither"})
    if action == "open":
        actions.open_item(folder, who, item)
    elif action == "own":
        actions.give_own(folder, who, item, content)
    elif action == "edit":
        actions.edit(folder, who, item, content)
    elif action == "reject":
        actions.reject(folder, who, item, "r")
    elif action == "comment":
        actions.comment(folder, who, item, "c")
    elif action == "undo":
        actions.undo(folder, who)
    elif action == "begin":
        actions.begin(folder, who, traps=2)
    elif action == "settle":
        look(folder, "Cem", item)
        adjudicate(folder, "Cem", item, None, "r")
    else:
        getattr(actions, action)(folder, who, item)


@settings(max_examples=15, deadline=None)
@given(st.booleans(), st.lists(steps(), max_size=10))
def test_every_beginning_folds_and_replays_are_equal(
    blind: bool, done: list[tuple[str, str, str, str]]
) -> None:
    with TemporaryDirectory() as parent:
        folder = write_folder(comparison(), Path(parent) / "pair")
        draft, draft_hash = read_draft(folder)
        seen = [fold(draft, draft_hash, ())]
        if blind:
            seen.append(actions.begin(folder, "Ada", mode="blind-first"))
        for step in done:
            try:
                do(folder, step)
            except GraderError:
                continue  # the rules of review forbid it here
            now = read_reviewed(folder)
            if now.events > seen[-1].events:
                seen.append(now)
        events = read_events(folder / REVIEWS, draft_hash)
        folds = [fold(draft, draft_hash, events[:n]) for n in range(len(events) + 1)]
        assert [folds[each.events] for each in seen] == seen
        for before, after in pairwise(seen):
            changed = {i for i in ITEMS if before.decisions[i] != after.decisions[i]}
            assert changed <= {event.item for event in events[before.events : after.events]}
        assert set(seen[-1].decisions) == set(ITEMS)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.one_of(steps(), steps(("begin", "settle", "undo", "accept", "reject"))),
                max_size=16), st.data())  # fmt: skip
def test_folders_kept_open_hold_what_a_fresh_look_at_the_files_gives(
    done: list[tuple[str, str, str, str]], data: st.DataObject
) -> None:
    with TemporaryDirectory() as parent:
        folder = write_folder(comparison(), Path(parent) / "pair")
        kept = ReviewFolder(folder), ReviewFolder(folder)
        for step in done:
            with suppress(GraderError):
                do(data.draw(st.sampled_from(kept)), step)
            one = data.draw(st.sampled_from(kept))
            assert one.reviewed() == read_reviewed(folder)
            assert one.events == read_events(folder / REVIEWS, one.reviewed().draft_hash)


def what_holds(reviewed: Reviewed) -> object:
    """Decisions and own levels; not the order of events, nor what was opened or seen."""
    own = {
        (name, item): (review.own, review.decision, review.comments)
        for name, record in reviewed.reviewers.items()
        for item, review in record.items.items()
        if review.own or review.decision.state != "undecided" or review.comments
    }
    return reviewed.decisions, own


@settings(max_examples=15, deadline=None)
@given(st.lists(steps(), max_size=6), steps())
def test_undo_undoes(
    done: list[tuple[str, str, str, str]], last: tuple[str, str, str, str]
) -> None:
    with TemporaryDirectory() as parent:
        folder = write_folder(comparison(), Path(parent) / "pair")
        for step in done:
            with suppress(GraderError):
                do(folder, step)
        before = read_reviewed(folder)
        assume(last[0] in ("accept", "edit", "reject", "comment", "reopen"))
        try:
            do(folder, last)
        except GraderError:
            return
        actions.undo(folder, last[1])
        assert what_holds(read_reviewed(folder)) == what_holds(before)


# --- the order of review --------------------------------------------------------------------


def test_cards_with_attention_come_first_and_transcript_1_before_2() -> None:
    order = attention_first(review_items(comparison()))
    assert [(i.title, i.number, bool(i.attention)) for i in order if not i.named] == [
        ("Someone stands behind the decision", 1, False),
        ("Someone stands behind the decision", 2, True),
        ("Someone stands behind the decision", None, False),
        ("The loss is particular", 1, True),
        ("The loss is particular", 2, True),
        ("The loss is particular", None, True),
        ("Template voice", 1, False),
        ("Template voice", 2, False),
    ]
    assert all(item.named for item in order[8:])


def test_words_for_the_pair_tell_neither_the_condition_nor_who_made_the_model() -> None:
    told = Attention(code="speaks_of_preamble", message="the treatment may tell: the control")
    made = Attention(code="same_family", message="judge and model are both made by Acme")
    draft = comparison().model_copy(update={"attention": (told, made)})
    blind = "Transcript 1 may tell: the control"
    assert pair_attention(draft, named=False) == (blind,)
    assert pair_attention(draft, named=True) == (blind, made.message)
