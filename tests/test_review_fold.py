"""What reviewers may do, and what holds after it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import comparison, offline_comparison, write_folder
from grader.comparison.comparison import Attention
from grader.comparison.folder import REVIEWS, read_draft
from grader.errors import GraderError, InputError, RecordError
from grader.review import actions
from grader.review.events import Content, read_events
from grader.review.fold import fold
from grader.review.items import attention_first, pair_attention, review_items
from grader.review.reviewed import Reviewed

CONTROL = "verdict:owned-decision:control"
TREATMENT = "verdict:owned-decision:treatment"
FAILED = "verdict:sunday-made-visible:control"
LAST = "verdict:sunday-made-visible:treatment"
NOTE = "signature:template-voice:control"
OTHER_NOTE = "signature:template-voice:treatment"
ITEMS = (CONTROL, TREATMENT, FAILED, LAST, NOTE, OTHER_NOTE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(comparison(), tmp_path / "pair")


# --- what holds -----------------------------------------------------------------------------


def test_without_events_everything_is_undecided(folder: Path) -> None:
    draft, draft_hash = read_draft(folder)
    reviewed = fold(draft, draft_hash, ())
    assert reviewed.undecided == ITEMS
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
    reviewed = actions.accept(folder, "Ben", CONTROL)
    decision = reviewed.decisions[CONTROL]
    assert (decision.state, decision.level, decision.reviewer) == ("accepted", "not_met", "Ben")
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
        pytest.param(lambda f: actions.reject(f, "Ada", CONTROL, " \n"), "needs a reason",
                     id="rejection without reason"),
        pytest.param(lambda f: actions.comment(f, "Ada", CONTROL, ""), "comment is empty",
                     id="empty comment"),
        pytest.param(lambda f: actions.edit(f, "Ada", CONTROL, Content(rationale="r")),
                     "level is missing", id="edit without level"),
        pytest.param(lambda f: actions.edit(f, "Ada", CONTROL, Content(level="met")),
                     "rationale is missing", id="edit without rationale"),
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


# --- properties -----------------------------------------------------------------------------

LEVELS = st.sampled_from(["not_met", "partially_met", "met"])


@st.composite
def steps(draw: st.DrawFn) -> tuple[str, str, str]:
    action = draw(st.sampled_from(["accept", "edit", "reject", "comment"]))
    return action, draw(st.sampled_from(ITEMS)), draw(LEVELS)


def do(folder: Path, step: tuple[str, str, str]) -> None:
    action, item, level = step
    if action == "accept":
        actions.accept(folder, "Ada", item)
    elif action == "edit":
        content = {"level": level, "rationale": "r", "presences": ("trace", "absent")}
        actions.edit(folder, "Ada", item, Content.model_validate(content))
    elif action == "reject":
        actions.reject(folder, "Ada", item, "r")
    else:
        actions.comment(folder, "Ada", item, "c")


@settings(max_examples=15, deadline=None)
@given(st.lists(steps(), max_size=8))
def test_every_beginning_folds_and_replays_are_equal(done: list[tuple[str, str, str]]) -> None:
    with TemporaryDirectory() as parent:
        folder = write_folder(comparison(), Path(parent) / "pair")
        draft, draft_hash = read_draft(folder)
        seen = [fold(draft, draft_hash, ())]
        for step in done:
            try:
                do(folder, step)
            except GraderError:
                continue  # a missing level can't be accepted
            seen.append(actions.read_reviewed(folder))
        events = read_events(folder / REVIEWS, draft_hash)
        assert [fold(draft, draft_hash, events[:n]) for n in range(len(events) + 1)] == seen
        for before, after in pairwise(seen):
            changed = [i for i in ITEMS if before.decisions[i] != after.decisions[i]]
            assert changed in ([], [events[after.events - 1].item])
        assert set(seen[-1].decisions) == set(ITEMS)


# --- the order of review --------------------------------------------------------------------


def test_items_with_attention_come_first_and_transcript_1_before_2() -> None:
    order = attention_first(review_items(comparison()))
    assert [(item.title, item.number, bool(item.attention)) for item in order] == [
        ("Someone stands behind the decision", 2, True),
        ("The loss is particular", 1, True),
        ("The loss is particular", 2, True),
        ("Someone stands behind the decision", 1, False),
        ("Template voice", 1, False),
        ("Template voice", 2, False),
    ]


def test_words_for_the_pair_do_not_tell_the_condition() -> None:
    draft = comparison().model_copy(
        update={
            "attention": (
                Attention(code="speaks_of_preamble", message="the treatment may tell: the control"),
            )
        }
    )
    assert pair_attention(draft) == ("Transcript 1 may tell: the control",)
