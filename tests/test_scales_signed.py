"""Criteria on scales of their own, from the question to the signed writeup, as a user does it."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builders import comparison
from conftest import EXAMPLES, REPOSITORY, Grader, written
from grader.comparison.folder import read_draft
from grader.errors import RecordError
from grader.review.events import Content, ReviewEvent
from grader.review.fold import fold
from grader.review.folder import read_reviewed
from grader.rubric.scale import NOT_APPLICABLE
from grader.testing import ScriptedJudge
from grader.testing.scripted import Received
from grader.transcripts import read_transcript
from grader.transcripts.transcript import deliverable

RUBRICS = REPOSITORY / "tests" / "rubrics"
CONTROL = EXAMPLES / "c-library-memo-1.json"
TREATMENT = EXAMPLES / "p-library-memo-1.json"
OWNED, OBJECTION, SHOWN = (
    "Somebody owns the decision",
    "An objection is answered",
    "Sunday is shown",
)


def level(name: str) -> dict[str, Any]:
    return {
        "evidence": [], "looked_for_in_vain": ["a name"], "speaks_to_the_judge": [],
        "rationale": f"Scripted: {name}.",
        "level": name,
    }  # fmt: skip


def on(transcript: Path, title: str) -> Callable[[Received], bool]:
    """Whether a verdict question is about this criterion and this transcript alone."""
    first = deliverable(read_transcript(transcript))[0].text[:80]
    return lambda received: title in received.prompt and first in received.prompt


def answer_verdicts(judge: ScriptedJudge, levels: dict[str, tuple[str, str]]) -> None:
    for title, both in levels.items():
        for path, name in zip((CONTROL, TREATMENT), both, strict=True):
            judge.answer(level(name), kind="verdict", when=on(path, title))


def compare(
    grader: Grader, judge: ScriptedJudge, rubric: str, *options: str, code: int = 0
) -> Path:
    ran = grader(
        "compare", CONTROL, TREATMENT, "--rubric", RUBRICS / rubric, "--judge",
        "openai/scripted-judge", "--base-url", judge.base_url, "--json", *options,
    )  # fmt: skip
    assert ran.code == code, ran.err
    return Path(ran.json["folder"])


def review(folder: Path, keys: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "grader", "review", str(folder), "--reviewer", "Ada"],
        input=keys, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def signed(grader: Grader, folder: Path) -> tuple[str, str]:
    """The Markdown and the page of a comparison, once every item is accepted and it is signed."""
    review(folder, "a\n" * 60)
    ran = grader("sign", folder, "--reviewer", "Ada")
    assert ran.code == 0, ran.err
    text = written(folder)
    assert text.startswith("> **Signed by Ada")
    return text, (folder / "comparison.html").read_text("utf-8")


# --- what the judge is asked ----------------------------------------------------------------


def asked_levels(received: Received) -> list[str]:
    assert received.shape is not None
    found: list[str] = received.shape[1]["properties"]["level"]["enum"]
    return found


def test_each_question_has_the_levels_of_its_criterion_and_no_others(
    grader: Grader, judge: ScriptedJudge
) -> None:
    compare(grader, judge, "yes-no.yaml")
    for title, levels in (
        (OWNED, ["no", "yes"]),
        (OBJECTION, ["no", "yes", "not_applicable"]),
        (SHOWN, ["not_met", "partially_met", "met"]),
    ):
        [one, other] = [r for r in judge.of_kind("verdict") if title in r.prompt]
        assert asked_levels(one) == asked_levels(other) == levels
    [owned, _] = [r for r in judge.of_kind("verdict") if OWNED in r.prompt]
    assert "- yes: Both hold inside the memo." in owned.prompt
    assert owned.prompt.index("- yes: ") < owned.prompt.index("- no: ")
    assert "not_applicable" not in owned.prompt
    [objection, _] = [r for r in judge.of_kind("verdict") if OBJECTION in r.prompt]
    assert "- not_applicable: No colleague objects" in objection.prompt
    assert "If you doubt whether the situation arises, it does." in objection.prompt
    contrast = next(r for r in judge.of_kind("contrast") if OWNED in r.prompt)
    assert "Fully there, it would be this: Both hold inside the memo." in contrast.prompt


@pytest.mark.parametrize("rubric", ["yes-no.yaml", "five-levels.yaml"])
def test_level_of_another_scale_is_no_answer(
    grader: Grader, judge: ScriptedJudge, rubric: str
) -> None:
    judge.answer(level("sometimes"), kind="verdict")
    draft, _ = read_draft(compare(grader, judge, rubric, "--depth", "quick", code=3))
    assert {verdict.level for verdict in draft.verdicts} == {None}
    assert {s.outcome for v in draft.verdicts for s in v.samples} == {"unparseable"}


# --- from question to signed writeup --------------------------------------------------------


def test_yes_and_no_to_signed_writeup(grader: Grader, judge: ScriptedJudge) -> None:
    answer_verdicts(
        judge, {OWNED: ("no", "yes"), OBJECTION: ("not_applicable", "no"), SHOWN: ("met", "met")}
    )
    folder = compare(grader, judge, "yes-no.yaml")
    draft, _ = read_draft(folder)
    owned, objection, shown = draft.scorecard.rows
    assert (owned.control, owned.treatment, owned.shift) == ("no", "yes", "up")
    assert (objection.control, objection.shift) == (NOT_APPLICABLE, NOT_APPLICABLE)
    assert shown.shift == "same"
    assert draft.scorecard.control_tally == {
        "no": 1, "yes": 0, "not_met": 0, "partially_met": 0, "met": 1, "not_applicable": 1,
        "missing": 0,
    }  # fmt: skip
    assert draft.scorecard.shift_tally == {
        "up": 1, "down": 0, "same": 1, "not_applicable": 1, "missing": 0,
    }  # fmt: skip
    assert [reason.code for verdict in draft.verdicts for reason in verdict.attention] == [
        "not_applicable"
    ]
    assert "not applicable" in grader("show", folder).out

    text, page = signed(grader, folder)
    assert re.search(r"\| 1\. Somebody owns the decision \| no[^|]* \| yes[^|]* \| up \|", text)
    assert re.search(
        r"\| 2\. An objection is answered \| not applicable[^|]* \| no[^|]* \| none: not applic",
        text,
    )
    assert (
        'of two criteria that ask for yes or no, C has "yes" on none, "no" on one'
        in text.replace('has "no"', '"no"')
    ), text
    assert "Of one criterion that asks for met, partially met or not met, C meets one" in text
    assert "On criterion 2 there is none: not applicable." in text
    assert "Levels are ordered: no, yes (criteria 1 and 2); not met, partially met, met" in text
    assert "the situation that is asked about does not arise: it is no level" in text
    assert '1 on the control ("An objection is answered")' in text
    assert "- **not applicable:** No colleague objects" in text
    assert '<span class="shift">none: not applicable</span>' in page
    # The signed folder is in order, and everything that is computed from it is what it says.
    assert grader("check", folder).code == 0


def test_five_levels_to_signed_writeup(grader: Grader, judge: ScriptedJudge) -> None:
    answer_verdicts(judge, {"Steps have an owner": ("few", "most")})
    folder = compare(grader, judge, "five-levels.yaml")
    draft, _ = read_draft(folder)
    assert [(r.control, r.treatment, r.shift) for r in draft.scorecard.rows] == [
        ("few", "most", "up")
    ]
    text, page = signed(grader, folder)
    assert re.search(r"\| 1\. Steps have an owner \| few[^|]* \| most[^|]* \| up \|", text)
    assert "Levels are ordered: none, few, half, most, all." in text
    assert "one criterion that asks for all, most, half, few or none" in text
    # The scale is drawn with its five stops.
    stops = [place for place in (16, 48, 80, 112, 144) if f'x1="{place}" y1="9"' in page]
    assert stops == [16, 48, 80, 112, 144]
    assert 'cx="48"' in page and 'cx="112"' in page
    assert "<span>none</span><span>all</span>" in page
    assert grader("check", folder).code == 0


def test_middle_of_samples_is_that_of_the_scale(grader: Grader, judge: ScriptedJudge) -> None:
    for name in ("all", "none", "few", "most", "few", "half"):
        judge.answer(level(name), kind="verdict", times=1)
    draft, _ = read_draft(
        compare(grader, judge, "five-levels.yaml", "--depth", "quick", "--samples", "3",
                "--concurrency", "1")
    )  # fmt: skip
    assert {v.side: v.level for v in draft.verdicts} == {"control": "few", "treatment": "half"}
    [agreed] = draft.agreement
    # all-none 0, all-few 1/4, none-few 3/4; most-few 1/2, most-half 3/4, few-half 3/4.
    assert agreed.ordinal == pytest.approx((0 + 1 / 4 + 3 / 4 + 1 / 2 + 3 / 4 + 3 / 4) / 6)
    assert agreed.exact == 0


def test_missing_level_can_be_any_answer_of_its_criterion(
    grader: Grader, judge: ScriptedJudge
) -> None:
    judge.fail("refuse", kind="verdict", when=on(TREATMENT, OBJECTION))
    answer_verdicts(judge, {OWNED: ("no", "yes"), OBJECTION: ("no", "no"), SHOWN: ("met", "met")})
    folder = compare(grader, judge, "yes-no.yaml", "--depth", "quick")
    text = written(folder)
    assert "no on the treatment 0 to 1; yes on the treatment 1 to 2" in text
    assert "not applicable on the treatment 0 to 1" in text
    assert "shifts up 1 to 2, same 1 to 2, not applicable 0 to 1" in text


def test_reviewer_chooses_among_the_answers_of_the_criterion(
    grader: Grader, judge: ScriptedJudge
) -> None:
    answer_verdicts(judge, {"Steps have an owner": ("few", "most")})
    folder = compare(grader, judge, "five-levels.yaml", "--depth", "quick")
    shown = review(folder, "e\n5\nEach step is somebody's.\n\ntoo low\nq\n")
    decided = [d for d in read_reviewed(folder).decisions.values() if d.state == "edited"]
    assert [each.level for each in decided] == ["all"], shown


def test_reviewer_may_hold_that_the_situation_does_not_arise(
    grader: Grader, judge: ScriptedJudge
) -> None:
    answer_verdicts(judge, {OWNED: ("no", "no"), OBJECTION: ("no", "no"), SHOWN: ("met", "met")})
    folder = compare(grader, judge, "yes-no.yaml", "--depth", "quick", "--name", "pair")
    shown = review(folder, "a\na\ne\n3\nNobody objects here.\n\nnobody objects\n" + "a\n" * 9)
    assert "1 no, 2 yes, 3 not applicable" in shown
    reviewed = read_reviewed(folder)
    assert NOT_APPLICABLE in {decision.level for decision in reviewed.decisions.values()}, shown
    assert reviewed.scorecard.shift_tally["not_applicable"] == 1
    assert grader("sign", folder, "--reviewer", "Ada").code == 0
    text = written(folder)
    assert "not applicable (judge: no)" in text
    assert "Changed in review: criterion 2" in text


def test_event_with_a_level_of_another_scale_is_refused() -> None:
    draft = comparison()
    event = ReviewEvent(
        sequence=1, previous=None, draft="d" * 64, time="2026-11-26T00:00:00+00:00",
        reviewer="Ada", action="edit", item=draft.verdicts[0].item,
        after=Content(level="yes", rationale="So it is."), hash="h" * 64,
    )  # fmt: skip
    with pytest.raises(RecordError, match="gives the level 'yes', which is not one here"):
        fold(draft, "d" * 64, [event])


def test_export_has_the_level_its_scale_and_not_applicable(
    grader: Grader, judge: ScriptedJudge
) -> None:
    answer_verdicts(
        judge, {OWNED: ("no", "yes"), OBJECTION: (NOT_APPLICABLE, "no"), SHOWN: ("met", "met")}
    )
    folder = compare(grader, judge, "yes-no.yaml", "--depth", "quick")
    assert grader("export", folder, "--to", "rows.csv").code == 0
    with Path("rows.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["fact"] == "verdict"]
    assert [(row["level"], row["scale"]) for row in rows] == [
        ("no", "no < yes"), ("yes", "no < yes"), ("not_applicable", "no < yes"),
        ("no", "no < yes"), ("met", "not_met < partially_met < met"),
        ("met", "not_met < partially_met < met"),
    ]  # fmt: skip


def test_draft_with_a_level_of_another_scale_is_refused(
    grader: Grader, judge: ScriptedJudge
) -> None:
    answer_verdicts(judge, {"Steps have an owner": ("few", "most")})
    folder = compare(grader, judge, "five-levels.yaml", "--depth", "quick")
    path = folder / "comparison.json"
    draft = json.loads(path.read_text("utf-8"))
    draft["verdicts"][0]["level"] = "met"
    path.write_text(json.dumps(draft), "utf-8")
    ran = grader("show", folder)
    assert ran.code == 2
    assert "has the level 'met'" in ran.err and "none, few, half, most, all" in ran.err
