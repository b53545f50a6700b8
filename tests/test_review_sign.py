"""Signing: who may end a review, and that it has ended then."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from builders import comparison, write_folder
from grader.comparison.folder import REVIEWS, read_draft
from grader.errors import InputError, RecordError
from grader.review import actions
from grader.review.actions import ItemChanged
from grader.review.adjudicate import adjudicate, begin_settling, look
from grader.review.events import Content, read_events
from grader.review.fold import fold
from grader.review.folder import ReviewFolder, read_reviewed
from grader.review.reasons import reasons_due
from grader.review.reviewer import reviewer_name
from grader.review.sign import sign, take_back
from grader.review.surfaces.plain.terminal import review_in_terminal
from grader.review.worklist import decisions_left

FAILED = "verdict:sunday-made-visible:control"


def clock() -> datetime:
    return datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(comparison(), tmp_path / "pair")


def decide_all(folder: Path) -> None:
    for item in read_reviewed(folder).undecided:
        if item == FAILED:
            content = Content(level="partially_met", rationale="Families are named.")
            actions.edit(folder, "Ada", item, content)
        else:
            actions.accept(folder, "Ada", item)


def test_undecided_items_are_counted_and_the_first_named_in_blind_words_and_nothing_is_written(
    folder: Path,
) -> None:
    actions.accept(folder, "Ada", "verdict:owned-decision:treatment")
    before = (folder / REVIEWS).read_bytes()
    with pytest.raises(InputError) as error:
        sign(folder, "Ada")
    told = error.value.problem.splitlines()
    assert told == [
        "7 of 8 decisions are undecided:",
        "    Someone stands behind the decision, Transcript 2",
        "    Someone stands behind the decision, side by side",
        "    The loss is particular, Transcript 1",
        "    and 4 more",
    ]
    assert f"grader review {folder} --reviewer Ada" in error.value.mend
    assert (folder / REVIEWS).read_bytes() == before


def test_disputed_items_and_rejections_without_a_reason_stand_in_the_way(folder: Path) -> None:
    decide_all(folder)
    actions.reject(folder, "Ada", "title")
    item = "verdict:owned-decision:treatment"
    actions.reject(folder, "Ben", item, "no")
    begin_settling(folder, "Ada")
    with pytest.raises(InputError) as error:
        sign(folder, "Ada")
    assert error.value.problem.splitlines() == [
        "1 of 8 decisions is decided differently by their reviewers:",
        "    Someone stands behind the decision, Transcript 1",
        "1 is decided otherwise than the judge, without a reason:",
        "    Title of the writeup",
    ]


def test_signing_again_after_taking_back_keeps_both(folder: Path) -> None:
    decide_all(folder)
    with pytest.raises(InputError, match="not signed"):
        take_back(folder, "Ada", "why")
    sign(folder, "Ada", clock=clock)
    with pytest.raises(InputError, match="needs a reason"):
        take_back(folder, "Ben", " ")
    take_back(folder, "Ben", "a level was wrong", clock=clock)
    actions.reject(folder, "Ada", "title", "says too much")
    reviewed = sign(folder, "Ben", clock=clock)
    assert reviewed.sign_off is not None and reviewed.sign_off.reviewer == "Ben"
    [before] = reviewed.taken_back
    assert (before.reviewer, before.taken_back_by) == ("Ada", "Ben")
    assert before.taken_back_because == "a level was wrong"


def test_signature_is_the_last_event(folder: Path) -> None:
    decide_all(folder)
    reviewed = sign(folder, "Ada Lovelace", " I read both. ", clock=clock)
    assert reviewed.sign_off is not None
    assert reviewed.sign_off.reviewer == "Ada Lovelace"
    assert reviewed.sign_off.time == "2026-11-23T09:30:00Z"
    assert reviewed.sign_off.statement == "I read both."
    last = json.loads((folder / REVIEWS).read_text(encoding="utf-8").splitlines()[-1])
    assert (last["action"], last["item"]) == ("sign", None)
    assert read_reviewed(folder) == reviewed


def test_nothing_happens_after_the_signature(folder: Path) -> None:
    decide_all(folder)
    sign(folder, "Ada", clock=clock)
    before = (folder / REVIEWS).read_bytes()
    for again in (
        lambda: actions.accept(folder, "Ben", "verdict:owned-decision:treatment"),
        lambda: actions.comment(folder, "Ben", FAILED, "too late"),
        lambda: sign(folder, "Ben"),
        lambda: review_in_terminal(folder, "Ben"),
    ):
        with pytest.raises(InputError, match=r"signed by Ada on 2026-11-23T09:30:00Z"):
            again()
    assert (folder / REVIEWS).read_bytes() == before


def test_event_put_behind_the_signature_is_found(folder: Path) -> None:
    decide_all(folder)
    sign(folder, "Ada")
    draft, draft_hash = read_draft(folder)
    events = read_events(folder / REVIEWS, draft_hash)
    with pytest.raises(RecordError, match="after the signature"):
        fold(draft, draft_hash, (*events, events[0]))


def test_two_who_sign_at_once_sign_once(folder: Path) -> None:
    decide_all(folder)
    script = f"from grader.review.sign import sign; sign({str(folder)!r}, 'x')"
    signers = [
        subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    assert sorted(signer.wait() for signer in signers) == [0, 1]
    assert read_reviewed(folder).sign_off is not None


# --- the reviewer's name --------------------------------------------------------------------


def test_reviewer_is_whom_git_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n\tname = Ada Lovelace\n", encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.chdir(tmp_path)
    assert reviewer_name() == "Ada Lovelace"


@pytest.mark.parametrize("path", ["/usr/bin:/bin", "/nowhere"], ids=["git", "no git"])
def test_without_a_name_in_git_the_login_name_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", str(tmp_path / "none"))
    monkeypatch.setenv("PATH", path)
    monkeypatch.setenv("LOGNAME", "ada")
    monkeypatch.chdir(tmp_path)
    assert reviewer_name() == "ada"


CONTROL = "verdict:owned-decision:control"


def decide(folder: Path, name: str, *, rejected: str = "", left: str = "") -> None:
    """Accept all that must be decided and can be; reject one, and leave one alone."""
    actions.begin(folder, name)
    for id, item in ReviewFolder(folder).items.items():
        if not item.required or id == left:
            continue
        if id == rejected or item.missing_in(item.drafted):
            actions.reject(folder, name, id, "no")
        else:
            actions.accept(folder, name, id)


def settle(folder: Path, reason: str | None) -> None:
    """Ada and Ben differ on one verdict, and Cem settles it."""
    decide(folder, "Ada")
    decide(folder, "Ben", rejected=CONTROL)
    begin_settling(folder, "Cem")
    look(folder, "Cem", CONTROL)
    adjudicate(folder, "Cem", CONTROL, Content(level="met"), reason)


def test_what_was_settled_asks_nobody_for_a_reason(folder: Path) -> None:
    settle(folder, None)
    at = ReviewFolder(folder)
    reviewed = at.reviewed()
    assert reviewed.decisions[CONTROL].adjudicated and not reviewed.decisions[CONTROL].reason
    for name in ("Ada", "Ben"):
        due = reasons_due(reviewed.reviewer(name), reviewed, at.items)
        assert CONTROL not in [item.id for item in due]
    assert sign(folder, "Cem").sign_off


def test_who_comes_after_something_was_settled_can_finish(folder: Path) -> None:
    settle(folder, "both have a point")
    decide(folder, "Dan", left=CONTROL)
    assert decisions_left(read_reviewed(folder), "Dan") == 0
    begin_settling(folder, "Dan")
    assert sign(folder, "Dan").sign_off


def test_who_took_no_part_cannot_sign_over_a_missing_reason(folder: Path) -> None:
    decide(folder, "Ada")
    actions.choose(folder, "Ada", CONTROL, Content(level="met"))
    for who in ("Ada", "Eve"):
        with pytest.raises(InputError, match="without a reason"):
            sign(folder, who)
    actions.give_reasons(folder, "Ada", {CONTROL: "a person is named"})
    assert sign(folder, "Eve").sign_off


def test_taking_back_what_was_settled_never_takes_a_reviewers_own_decision(folder: Path) -> None:
    settle(folder, "both have a point")
    actions.reopen(folder, "Ada", CONTROL)  # takes the settling back
    assert read_reviewed(folder).decisions[CONTROL].disputed
    actions.undo(folder, "Cem", CONTROL)  # and Cem takes it back as well
    reviewed = read_reviewed(folder)
    assert reviewed.reviewer("Ada").item(CONTROL).decision.state == "accepted"
    assert reviewed.decisions[CONTROL].disputed
    actions.reopen(folder, "Ada", CONTROL)  # now it is her own
    assert read_reviewed(folder).reviewer("Ada").item(CONTROL).decision.state == "undecided"


def test_own_decision_taken_back_from_a_page_older_than_the_settling_is_refused(
    folder: Path,
) -> None:
    decide(folder, "Ada")
    decide(folder, "Ben", rejected=CONTROL)
    seen = read_reviewed(folder).reviewer("Ada").item(CONTROL).last
    begin_settling(folder, "Cem")
    look(folder, "Cem", CONTROL)
    adjudicate(folder, "Cem", CONTROL, Content(level="met"), "both have a point")
    with pytest.raises(ItemChanged):
        actions.reopen(folder, "Ada", CONTROL, last=seen)
    assert read_reviewed(folder).decisions[CONTROL].adjudicated


def test_who_signs_gives_their_own_reasons_first_also_where_another_gave_one(
    folder: Path,
) -> None:
    for name in ("Ada", "Ben"):
        decide(folder, name, rejected=CONTROL)
        actions.reopen(folder, name, CONTROL)
        actions.choose(folder, name, CONTROL, Content(level="met"))
    actions.give_reasons(folder, "Ada", {CONTROL: "a person is named"})
    for name in ("Ada", "Ben"):
        begin_settling(folder, name)
    with pytest.raises(InputError, match="without a reason"):
        sign(folder, "Ben")
    assert sign(folder, "Ada").sign_off


def test_accepting_all_takes_decisions_only_and_no_evidence(folder: Path) -> None:
    actions.begin(folder, "Ada")
    items = ReviewFolder(folder).items.values()
    for item in items:
        if not item.named or not item.required:
            with suppress(InputError):
                actions.open_item(folder, "Ada", item.id)
    reviewed, _ = actions.accept_quiet(folder, "Ada")
    taken = {decision.item for decision in reviewed.reviewer("Ada").decided}
    assert taken and all(item.required for item in items if item.id in taken)
