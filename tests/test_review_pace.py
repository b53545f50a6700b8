"""How fast a review went, who moved, and reviews that mix both ways."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from builders import comparison, write_folder
from conftest import Grader
from grader.errors import InputError
from grader.review import actions
from grader.review.events import Content
from grader.review.folder import ReviewFolder, read_reviewed
from grader.review.item_view import view
from grader.review.items import decisions_of, review_items
from grader.review.pace import pace_of, paces
from grader.review.sign import sign
from grader.study.pull import pulls
from grader.writeup.document import document_of
from grader.writeup.html import render_html
from grader.writeup.markdown import render_markdown

CONTROL = "verdict:owned-decision:control"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(comparison(), tmp_path / "pair")


class Clock:
    """A clock that goes on only where a test says so."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def decide(folder: Path, seconds: Iterator[int], *, reviewer: str = "Ada") -> None:
    """Open and reject one decision after the other, each after so many seconds."""
    clock = Clock()
    for items in decisions_of(review_items(comparison()).values()).values():
        actions.open_item(folder, reviewer, items[0].id, clock=clock)
        clock.wait(next(seconds))
        if items[0].together:
            actions.accept_card(folder, reviewer, items[0].id, clock=clock)
        else:
            actions.reject(folder, reviewer, items[0].id, "no", clock=clock)


def test_time_for_the_own_level_counts_where_the_item_was_opened_again_to_decide(
    folder: Path,
) -> None:
    clock = Clock()
    actions.begin(folder, "Ada", mode="blind-first", clock=clock)
    actions.open_item(folder, "Ada", CONTROL, clock=clock)
    clock.wait(40)
    actions.choose(folder, "Ada", CONTROL, Content(level="met"), clock=clock)
    clock.wait(3600)  # she leaves
    actions.open_item(folder, "Ada", "verdict:owned-decision:treatment", clock=clock)
    actions.open_item(folder, "Ada", CONTROL, clock=clock)
    clock.wait(1)
    actions.accept(folder, "Ada", CONTROL, clock=clock)
    assert read_reviewed(folder).reviewer("Ada").item(CONTROL).seconds == 41


def test_pace_is_the_median_and_the_share_under_two_seconds(folder: Path) -> None:
    decide(folder, iter([0, 1, 2, 10, 20, 30, 0, 0]))
    record = read_reviewed(folder).reviewer("Ada")
    pace = pace_of(record, ReviewFolder(folder).items)
    assert pace is not None
    assert (pace.decisions, pace.median_s, pace.quick, pace.hasty) == (8, 1.5, 4, False)
    assert pace.words == (
        "8 decisions with a median of 1.5 seconds, 4 of them in under two seconds."
    )


def test_parts_of_a_card_that_were_decided_one_by_one_are_one_decision(folder: Path) -> None:
    clock, items = Clock(), ReviewFolder(folder).items
    notes = [item for item in items.values() if item.together and not item.named]
    assert len(notes) > 1
    for item in notes:
        actions.open_item(folder, "Ada", item.id, clock=clock)
        clock.wait(5)
        actions.reject(folder, "Ada", item.id, "no", clock=clock)
    pace = pace_of(read_reviewed(folder).reviewer("Ada"), items)
    assert pace is not None
    assert (pace.decisions, pace.median_s, pace.at_once) == (1, 5 * len(notes), 0)


def test_review_in_under_two_seconds_each_is_named_as_such(folder: Path, grader: Grader) -> None:
    decide(folder, iter([1] * 50))
    done = grader("sign", str(folder), "--reviewer", "Ada")
    assert done.code == 0, done.err
    assert "Most of them took under two seconds." in done.out
    reviewed = read_reviewed(folder)
    for text in (render_markdown(document_of(reviewed)), render_html(document_of(reviewed))):
        assert "Most decisions of Ada took under two seconds." in text
        assert paces(reviewed)[0] in text


def test_decisions_made_by_one_key_are_told_apart(folder: Path) -> None:
    clock = Clock()
    for item in review_items(comparison()).values():
        if not item.named:
            actions.open_item(folder, "Ada", item.id, clock=clock)
            clock.wait(5)
    actions.accept_quiet(folder, "Ada", clock=clock)
    actions.open_item(folder, "Ada", CONTROL, clock=clock)
    clock.wait(7)
    actions.reject(folder, "Ada", CONTROL, "no", clock=clock)
    pace = pace_of(read_reviewed(folder).reviewer("Ada"), ReviewFolder(folder).items)
    assert pace is not None and (pace.decisions, pace.median_s) == (1, 7)
    assert pace.at_once > 1 and "at once, by one key" in pace.words


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda f: actions.keep(f, "Ada", CONTROL), "and kept it"),
        (lambda f: actions.accept(f, "Ada", CONTROL), "and took the judge's"),
        (
            lambda f: actions.edit(f, "Ada", CONTROL, Content(level="partially_met")),
            "and decided for partially met",
        ),
        (lambda f: actions.reject(f, "Ada", CONTROL), "and rejected the verdict"),
    ],
    ids=["kept", "moved", "between", "rejected"],
)
def test_writeup_tells_where_levels_differed_and_who_moved(folder: Path, act, told: str) -> None:  # type: ignore[no-untyped-def]
    actions.begin(folder, "Ada", mode="blind-first")
    actions.choose(folder, "Ada", CONTROL, Content(level="met"))
    act(folder)
    actions.give_reasons(folder, "Ada", {CONTROL: "she is named"})
    text = render_markdown(document_of(read_reviewed(folder)))
    assert "Criterion 1, C: Ada gave met before seeing the judge's not met, " + told in text


# --- mixed ----------------------------------------------------------------------------------


def test_half_of_the_verdicts_of_a_mixed_review_are_blind_first_and_the_draw_is_its_own(
    folder: Path,
) -> None:
    reviewed = actions.begin(folder, "Ada", mode="mixed")
    items = review_items(reviewed.draft)
    verdicts = [item for item in items.values() if item.kind == "verdict"]
    hidden = {i.id for i in verdicts if view(reviewed, "Ada", i).hidden}
    assert len(hidden) * 2 == len(verdicts)
    # The judge's contrast would tell what its hidden verdict may be.
    criteria = {id.split(":")[1] for id in hidden}
    others = {i.id for i in items.values() if view(reviewed, "Ada", i).hidden} - hidden
    assert others == {i.id for i in items.values() if i.kind == "contrast"} & {
        f"contrast:{each}" for each in criteria
    }
    assert set(read_reviewed(folder).reviewer("Ada").blind) == hidden | others
    with pytest.raises(InputError, match="began mixed and stays so"):
        actions.begin(folder, "Ada", mode="assisted")
    draws = {
        frozenset(actions.begin(folder, name, mode="mixed").reviewer(name).blind)
        for name in ("Ben", "Cem", "Dan", "Eve", "Fay", "Gil")
    }
    assert len(draws) > 1


def test_pull_is_agreement_with_the_judge_seen_less_unseen(tmp_path: Path) -> None:
    given = []
    for number in range(8):
        draft = comparison(f"c-vs-p-library-memo-{number}")
        folder = write_folder(draft, tmp_path / f"pair-{number}")
        blind = actions.begin(folder, "Ada", mode="mixed").reviewer("Ada").blind
        for verdict in draft.verdicts:
            level = verdict.level or "met"
            other = "met" if level != "met" else "not_met"
            alone = verdict.item in blind
            own = other if alone and number % 2 else level
            actions.choose(folder, "Ada", verdict.item, Content(level=own))
            if alone:
                actions.keep(folder, "Ada", verdict.item)
        given.append(read_reviewed(folder))
    whole, *parts = pulls(given)
    assert whole.seen == whole.seen_same and whole.unseen > whole.unseen_same
    assert whole.value == 1 - whole.unseen_same / whole.unseen
    low, high = confint_proportions_2indep(
        whole.seen_same, whole.seen, whole.unseen_same, whole.unseen,
        method="newcomb", compare="diff",
    )  # fmt: skip
    enough = min(whole.seen, whole.unseen) >= 10
    assert (whole.low, whole.high) == (
        (pytest.approx(low), pytest.approx(high)) if enough else (None, None)
    )
    assert [part.group for part in parts] == ["reviewer Ada", "condition C", "condition P"]
    assert sum(part.seen for part in parts[1:]) == whole.seen
    assert pulls([read_reviewed(write_folder(comparison(), tmp_path / "none"))]) == []


def test_signed_mixed_review_goes_from_first_key_to_signature(folder: Path) -> None:
    actions.begin(folder, "Ada", mode="mixed")
    for item in review_items(comparison()).values():
        if item.required:
            if view(read_reviewed(folder), "Ada", item).hidden:
                actions.choose(folder, "Ada", item.id, Content(level="met"))
            actions.reject(folder, "Ada", item.id, "no")
    assert sign(folder, "Ada").sign_off is not None
