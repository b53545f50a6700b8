"""Scales: how they are written, what is refused, and what follows from their order."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from conftest import Grader
from grader.comparison.scorecard import scorecard, tally_bounds
from grader.errors import InputError
from grader.rubric import Criterion, Rubric, Scale, read_rubric
from grader.rubric.scale import NOT_APPLICABLE, THREE_LEVELS
from grader.text.quotation import SIDES, Side

YES_NO = Scale({"yes": "It is there.", "no": "It is not there."})

RUBRIC = """\
id: small
version: 1
title: A small rubric
levels:
  "yes": It is there.
  "no": It is not there.
criteria:
  - id: first
    title: The first
    question: Is it there?
    not_applicable: The task has no such thing.
  - id: second
    title: The second
    question: How many are there?
    levels:
      many: Three or more.
      two: Two.
      one: One.
      none: None.
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "rubric.yaml"
    path.write_text(text, "utf-8")
    return path


def numbered(count: int) -> Scale:
    """A scale whose levels are called by their rank: 'r0' is the lowest."""
    return Scale({f"r{rank}": f"{rank} there" for rank in reversed(range(count))})


scales = st.integers(2, 7).map(numbered)


@st.composite
def scale_and_levels(draw: st.DrawFn, least: int = 0, beside: bool = False) -> Any:
    scale = draw(scales)
    names = [*scale.levels, *([NOT_APPLICABLE] if beside else [])]
    return scale, draw(st.lists(st.sampled_from(names), min_size=least, max_size=9))


# --- how a scale is written -----------------------------------------------------------------


def test_levels_of_the_rubric_are_those_of_each_criterion_that_has_none(tmp_path: Path) -> None:
    first, second = read_rubric(written(tmp_path, RUBRIC)).criteria
    assert first.scale == YES_NO
    assert first.scale.levels == ("no", "yes")
    assert first.answers == ("no", "yes", NOT_APPLICABLE)
    assert second.answers == ("none", "one", "two", "many")
    assert list(second.definitions) == ["many", "two", "one", "none"]


def test_shared_levels_and_repeated_ones_are_one_rubric(tmp_path: Path) -> None:
    levels = '    levels:\n      "yes": It is there.\n      "no": It is not there.\n'
    repeated = RUBRIC.replace('levels:\n  "yes": It is there.\n  "no": It is not there.\n', "", 1)
    repeated = repeated.replace("question: Is it there?\n", f"question: Is it there?\n{levels}")
    shared = read_rubric(written(tmp_path, RUBRIC))
    assert read_rubric(written(tmp_path, repeated)).hash == shared.hash


def test_order_of_the_levels_is_part_of_the_rubrics_hash(tmp_path: Path) -> None:
    turned = RUBRIC.replace(
        "      two: Two.\n      one: One.\n", "      one: One.\n      two: Two.\n"
    )
    first, other = (read_rubric(written(tmp_path, text)) for text in (RUBRIC, turned))
    assert first.criteria[1].scale != other.criteria[1].scale
    assert first.hash != other.hash


def test_three_levels_have_their_order_however_they_are_written_down() -> None:
    definitions = {"not_met": "It is not.", "met": "It is.", "partially_met": "Half of it is."}
    scale = Scale(definitions)
    assert scale.is_default
    assert scale.levels == THREE_LEVELS
    assert list(scale.model_dump()) == list(reversed(THREE_LEVELS))


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("clinic-postmortem", "b8a548ea"),
        ("export-endpoint", "fa7c3489"),
        ("library-memo", "54ccfa60"),
    ],
)
def test_hash_of_a_rubric_of_three_levels_is_what_it_was_before_scales(
    name: str, start: str
) -> None:
    old = Path(__file__).parent / "rubrics" / "version-1" / f"{name}.yaml"
    assert read_rubric(old).hash.startswith(start)


def test_changed_order_is_a_difference_and_breaks_the_lock(grader: Grader, tmp_path: Path) -> None:
    path = written(tmp_path, RUBRIC)
    assert grader("rubric", "lock", path, "--author", "Ada").code == 0
    two, one = "      two: Two.\n", "      one: One.\n"
    path.write_text(RUBRIC.replace(two + one, one + two), "utf-8")
    ran = grader("rubric", "diff", path)
    assert ran.code == 1
    assert "criteria.second.levels (highest first)" in ran.out
    assert "doesn't see it" not in ran.out
    assert "changed-since-lock" in grader("rubric", "check", path).out


def test_rubric_survives_its_own_dump(tmp_path: Path) -> None:
    rubric = read_rubric(written(tmp_path, RUBRIC))
    again = Rubric.model_validate_json(rubric.model_dump_json())
    assert again == rubric
    assert again.hash == rubric.hash


def test_criterion_without_not_applicable_is_dumped_as_ever() -> None:
    criterion = Criterion(id="a", title="A", question="Is it?", levels=YES_NO)
    assert "not_applicable" not in criterion.model_dump()


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ('  "yes": It is there.', "  ordered: false", 5,
         "levels.ordered: a scale is ordered, from the highest level to the lowest"),
        ("version: 1", "version: 1\nordered: false", 3,
         "ordered: a scale is ordered, from the highest level to the lowest"),
        ("      none: None.", "    ordered: true", 19, "criteria[2].ordered: leave this out"),
        ('  "yes": It is there.\n  "no": It is not there.\n', "  - yes\n  - no\n", 4,
         "levels: levels map 2 to 7 names to their definitions, from the highest to the lowest"),
        ('  "yes": It is there.\n', "", 4, "levels: a scale has 2 to 7 levels, this one has 1"),
        ('  "yes": It is there.\n', "".join(f"  l{n}: x\n" for n in range(7)), 4,
         "levels: a scale has 2 to 7 levels, this one has 8"),
        ("      two: Two.", "      Two: Two.", 17,
         "criteria[2].levels.Two: a level's name is small letters"),
        ("      two: Two.", "      not_applicable: Two.", 17,
         "criteria[2].levels.not_applicable: 'not_applicable' is no level"),
        ("      two: Two.", "      missing: Two.", 17,
         "criteria[2].levels.missing: 'missing' stands"),
        ("      two: Two.", "      two: ''", 17, "criteria[2].levels.two: this may not be empty"),
        ("not_applicable: The task has no such thing.", "not_applicable: ''", 11,
         "criteria[1].not_applicable: this may not be empty"),
        ("levels:\n  \"yes\": It is there.\n  \"no\": It is not there.\n", "", 5,
         "criteria[1].levels: this field is missing; the rubric has no `levels`"),
    ],
)  # fmt: skip
def test_what_is_no_ordered_scale_is_refused_with_the_reason(
    tmp_path: Path, old: str, new: str, line: int, told: str
) -> None:
    assert old in RUBRIC
    path = written(tmp_path, RUBRIC.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        read_rubric(path)
    assert f"{path}:{line}: {told}" in str(caught.value)
    assert str(caught.value).count(str(path)) == 1, "one mistake is told once"


def test_mistake_in_a_criterion_does_not_make_the_list_of_criteria_empty(
    grader: Grader, tmp_path: Path
) -> None:
    path = written(tmp_path, RUBRIC[: RUBRIC.index("  - id: second")].replace("Is it there?", "''"))
    ran = grader("rubric", "check", path)
    assert ran.code == 1
    assert "criteria[1].question: this may not be empty" in ran.out
    assert "criteria: this may not be empty" not in ran.out
    assert "1 error." in ran.out


def test_rubric_without_criteria_is_told_so(grader: Grader, tmp_path: Path) -> None:
    path = written(tmp_path, RUBRIC[: RUBRIC.index("criteria:")] + "criteria: []\n")
    assert "criteria: this may not be empty" in grader("rubric", "check", path).out


# --- what follows from the order ------------------------------------------------------------


@given(scale_and_levels(least=2))
def test_shift_changes_its_direction_with_the_sides(case: tuple[Scale, list[str]]) -> None:
    scale, (one, other, *_) = case
    turned = {"up": "down", "down": "up", "same": "same"}
    there, back = scale.shift(one, other), scale.shift(other, one)
    assert there in turned and back == turned[there]
    assert (there == "same") == (one == other)
    assert (there == "up") == (scale.rank(other) > scale.rank(one))


@given(scale_and_levels(least=1, beside=True))
def test_shift_needs_two_levels(case: tuple[Scale, list[str]]) -> None:
    scale, (level, *_) = case
    assert scale.shift(None, level) is scale.shift(level, None) or level == NOT_APPLICABLE
    for there in (scale.shift(level, NOT_APPLICABLE), scale.shift(NOT_APPLICABLE, None)):
        assert there == NOT_APPLICABLE
    assert scale.shift(None, None) is None


@given(scale_and_levels(least=1))
def test_median_is_a_given_level_with_half_on_either_side(case: tuple[Scale, list[str]]) -> None:
    scale, levels = case
    median = scale.median(levels)
    assert median in levels
    ranks = [scale.rank(level) for level in levels]
    middle = scale.rank(median)
    assert 2 * sum(rank <= middle for rank in ranks) >= len(ranks)
    assert 2 * sum(rank >= middle for rank in ranks) >= len(ranks)
    # Of two middle ones the lower: fewer than half are below it or it would not be the first.
    assert 2 * sum(rank < middle for rank in ranks) < len(ranks)


@given(scale_and_levels(beside=True))
def test_not_applicable_stands_for_several_answers_only_by_majority(
    case: tuple[Scale, list[str]],
) -> None:
    scale, answers = case
    levels = [each for each in answers if each != NOT_APPLICABLE]
    held = scale.reconciled(answers)
    if len(answers) - len(levels) > len(levels):
        assert held == NOT_APPLICABLE
    else:
        assert held == scale.median(levels)


@given(scales, st.booleans(), st.data())
def test_possible_shifts_of_missing_levels_are_those_of_every_way_they_could_have_gone(
    scale: Scale, beside: bool, data: st.DataObject
) -> None:
    criterion = Criterion(
        id="a", title="A", question="Is it?", levels=scale,
        not_applicable="There is no it." if beside else None,
    )  # fmt: skip
    sides = [data.draw(st.sampled_from([None, *criterion.answers])) for _ in range(2)]
    ways = {
        scale.shift(control, treatment)
        for control, treatment in product(*map(criterion.possible, sides))
    }
    assert None not in ways
    if None not in sides:
        assert ways == {scale.shift(*sides)}
    if sides == [None, None]:
        assert {"up", "down", "same"} <= ways
        assert (NOT_APPLICABLE in ways) == beside
    if sides[0] == scale.lowest:
        assert "down" not in ways


@st.composite
def criteria_and_levels(draw: st.DrawFn) -> Any:
    """Up to three criteria on scales of two or three levels, with answers that may be missing."""
    criteria = [
        Criterion(
            id=f"c{number}", title="A", question="Is it?",
            levels=numbered(draw(st.integers(2, 3))),
            not_applicable="No." if draw(st.booleans()) else None,
        )
        for number in range(draw(st.integers(1, 3)))
    ]  # fmt: skip
    levels = {
        (criterion.id, side): draw(st.sampled_from([None, *criterion.answers]))
        for criterion in criteria
        for side in SIDES
    }
    return criteria, levels


@given(criteria_and_levels())
@settings(max_examples=60, deadline=None)
def test_bounds_are_the_least_and_most_over_every_way_the_missing_could_have_gone(
    case: tuple[list[Criterion], dict[tuple[str, Side], str | None]],
) -> None:
    criteria, levels = case
    answers = {criterion.id: criterion.answers for criterion in criteria}
    missing = [place for place, level in levels.items() if level is None]
    ways = [
        scorecard(criteria, levels | dict(zip(missing, way, strict=True)))
        for way in product(*(answers[criterion] for criterion, _ in missing))
    ]
    bounds = tally_bounds(criteria, scorecard(criteria, levels))
    for bound, tallies in (
        (bounds.control, [way.control_tally for way in ways]),
        (bounds.treatment, [way.treatment_tally for way in ways]),
        (bounds.shift, [way.shift_tally for way in ways]),
    ):
        assert {*bound, "missing"} == set(tallies[0])
        for name, each in bound.items():
            counts = [tally[name] for tally in tallies]
            assert (each.least, each.most) == (min(counts), max(counts))


@given(scale_and_levels(least=2, beside=True))
def test_closeness_is_1_for_the_same_answer_and_0_for_the_ends(
    case: tuple[Scale, list[str]],
) -> None:
    scale, (one, other, *_) = case
    near = scale.closeness(one, other)
    assert near == scale.closeness(other, one)
    assert 0 <= near <= 1
    assert (near == 1) == (one == other)
    assert scale.closeness(scale.lowest, scale.highest) == 0
    if NOT_APPLICABLE in (one, other) and one != other:
        assert near == 0


@given(scale_and_levels(least=1))
def test_planted_level_is_as_far_away_as_any(case: tuple[Scale, list[str]]) -> None:
    scale, (level, *_) = case
    distance = abs(scale.rank(scale.farthest(level)) - scale.rank(level))
    assert distance == max(abs(scale.rank(each) - scale.rank(level)) for each in scale.levels) > 0


def test_name_that_is_not_on_the_scale_has_no_rank() -> None:
    with pytest.raises(KeyError):
        YES_NO.rank(NOT_APPLICABLE)
    with pytest.raises(KeyError):
        YES_NO.shift("yes", "met")


def test_scale_made_in_python_is_held_to_the_same_rules() -> None:
    with pytest.raises(ValidationError, match="2 to 7 levels"):
        Scale({"yes": "It is."})
