"""A kind of question that a test brings: from its prompt to the signed writeup.

Nothing of the program knows the kind `tone`. All that it is stands in this file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field

from builders import comparison
from conftest import Grader, pair, written
from grader.check.folder import check_folder
from grader.comparison import items
from grader.comparison.answers import answers, quotations
from grader.comparison.asking import Quoted, ask_other
from grader.comparison.comparison import Comparison
from grader.comparison.content import Content
from grader.comparison.folder import draft_text, read_draft
from grader.comparison.items import Option, ReviewItem
from grader.comparison.kinds.kind import Kind, Task
from grader.comparison.kinds.registry import kinds, register, unregister
from grader.comparison.pair import Pair
from grader.comparison.parts import Finding, OtherAnswer
from grader.comparison.plan import Plan
from grader.judge.asking import Asker
from grader.questions.answers import Answer
from grader.questions.compose import one_transcript, question
from grader.questions.question import Question
from grader.review.actions import accept, begin, edit, open_item
from grader.review.folder import read_reviewed
from grader.review.items import review_items
from grader.testing import ScriptedJudge
from grader.text.quotation import SIDES, Side
from grader.writeup.write import WriteupOptions, render, rendered

PROMPT = """\
---
id: tone
version: 1
answer: ToneAnswer
system: shared/judge.md
---
{% include "shared/one-transcript.md" %}

In which tone does the model speak? Quote what shows it, say why, then answer.
"""

Tone = Literal["warm", "neutral", "cold"]
TONES = ("warm", "neutral", "cold")
OUTPUTS = Path("outputs")


class ToneAnswer(Answer):
    """The tone of one transcript."""

    evidence: list[str] = Field(description="Quotations that show it.")
    reason: str = Field(description="Why.")
    tone: Tone = Field(description="The tone.")


class ToneKind(Kind[OtherAnswer]):
    """In which tone the model speaks."""

    id = "tone"
    prompts = ("tone",)
    reply_tokens = 100
    section = "Tone"
    home = "tone"

    def __init__(self, folder: Path) -> None:
        self.prompt_folder = folder

    def count(self, plan: Plan) -> int:
        return len(SIDES)

    def questions(self, plan: Plan) -> list[Question]:
        return [self._question(plan.pair, side) for side in SIDES]

    def tasks(
        self, plan: Plan, draft: Comparison, askers: Sequence[Asker]
    ) -> list[Task[OtherAnswer]]:
        return [Task(askers[0], partial(self._ask, askers[0], plan.pair, side)) for side in SIDES]

    async def _ask(self, asker: Asker, pair: Pair, side: Side) -> OtherAnswer:
        return await ask_other(
            asker,
            pair,
            self._question(pair, side),
            lambda answer: [Quoted(quote, side) for quote in answer.evidence],
            shown=(side,),
        )

    def _question(self, pair: Pair, side: Side) -> Question:
        return question(
            "tone",
            ToneAnswer,
            label=f"tone of the {side}",
            values=one_transcript(pair.blind[side]),
            folder=self.prompt_folder,
        )

    def findings(self, draft: Comparison) -> list[Finding]:
        return [
            Finding(
                label=f"T{draft.blind_order.index(each.side) + 1}",
                text=f"tone: {each.values['tone']}",
                about=f"tone:{each.side}",
            )
            for each in draft.others.get("tone", ())
            if each.side and each.values
        ]

    def items(self, draft: Comparison) -> list[ReviewItem]:
        return [
            ReviewItem(
                id=f"tone:{answer.side}",
                kind="tone",
                title="Tone",
                number=number,
                side=answer.side,
                fields=(
                    items.Field(
                        "text", "Tone", "tone", options=tuple(Option(each, each) for each in TONES)
                    ),
                    items.Field("rationale", "Reason", "reason", settles=False),
                ),
                drafted=Content(
                    text=answer.values.get("tone"),
                    rationale=answer.values.get("reason"),
                    evidence=answer.evidence,
                ),
            )
            for number, side in items.numbered(draft)
            for answer in draft.others.get("tone", ())
            if answer.side == side
        ]


@pytest.fixture
def tone(tmp_path: Path) -> Iterator[ToneKind]:
    """The kind, registered for one test."""
    folder = tmp_path / "prompts"
    folder.mkdir()
    (folder / "tone.md").write_text(PROMPT, "utf-8")
    kind = ToneKind(folder)
    register(kind)
    yield kind
    unregister(kind)


@pytest.fixture
def folder(grader: Grader, judge: ScriptedJudge, tone: ToneKind) -> Path:
    """A comparison whose judge was asked for the tone too."""
    judge.answer(
        lambda received: {
            "evidence": ["these words stand nowhere"],
            "reason": "It speaks so.",
            "tone": "warm",
        },
        kind="tone",
        times=1,
    )
    ran = grader(
        "compare", *pair("clinic-postmortem"), "--judge", "openai/scripted-judge",
        "--base-url", judge.base_url, "--name", "toned", "--blindness-probe",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    return OUTPUTS / "toned"


def test_registered_kind_is_planned_with_the_others(grader: Grader, tone: ToneKind) -> None:
    ran = grader(
        "compare", *pair("clinic-postmortem"), "--judge", "openai/gpt-5.4", "--dry-run", "--json"
    )
    assert ran.code == 0, ran.err
    told = next(each for each in ran.json["estimate"] if each["kind"] == "tone")
    assert (told["questions"], told["reply_tokens"]) == (2, 200)
    assert told["prompt_tokens"] > 500


def test_registered_kind_is_asked_and_stands_in_the_draft(
    folder: Path, judge: ScriptedJudge
) -> None:
    assert len(judge.of_kind("tone")) == 2
    draft, _ = read_draft(folder)
    assert {each.side for each in draft.others["tone"]} == {"control", "treatment"}
    assert all(each.values["tone"] in TONES for each in draft.others["tone"])
    assert len(draft.prompts["tone"]) == 64
    asked = [each for each in draft.outcomes if each.kind == "tone"]
    assert [(each.side, each.count) for each in asked] == [("control", 1), ("treatment", 1)]
    labels = {finding.label for finding in draft.findings}
    assert {"T1", "T2"} <= labels
    # What later questions rest on reaches them.
    assert "T1: tone:" in judge.of_kind("implications")[0].prompt


def test_quotation_of_a_registered_kind_is_located_and_asked_for_again(
    folder: Path, judge: ScriptedJudge
) -> None:
    given = [
        evidence for answer, evidence in quotations(read_draft(folder)[0]) if answer.kind == "tone"
    ]
    assert given and any(each.span for each in given)
    assert any("these words stand nowhere" in r.prompt for r in judge.of_kind("requote"))


def test_check_finds_nothing_wrong_with_a_registered_kind(folder: Path) -> None:
    assert [f for f in check_folder(folder) if f.severity != "note"] == []


def test_check_notices_a_changed_answer_of_a_registered_kind(folder: Path) -> None:
    path = folder / "comparison.json"
    draft = json.loads(path.read_text("utf-8"))
    before = draft["others"]["tone"][1]["values"]["tone"]
    draft["others"]["tone"][1]["values"]["tone"] = next(t for t in TONES if t != before)
    path.write_text(json.dumps(draft), "utf-8")
    codes = {finding.code for finding in check_folder(folder)}
    assert {"file-changed", "draft-not-from-replies"} <= codes


def test_registered_kind_is_reviewed_and_written_up(folder: Path) -> None:
    first, second = (f"tone:{side}" for side in read_draft(folder)[0].blind_order)
    begin(folder, "Ada")
    for item in (first, second):
        open_item(folder, "Ada", item)
    accept(folder, "Ada", first)
    now = read_reviewed(folder).draft
    drafted = review_items(now)[second].drafted
    other = next(each for each in TONES if each != drafted.text)
    edit(folder, "Ada", second, drafted.model_copy(update={"text": other}), "I hear it so.")
    reviewed = read_reviewed(folder)
    assert reviewed.decision(first).state == "accepted"
    assert reviewed.decision(second).text == other

    render(folder)
    names = {"control": "C", "treatment": "P"}
    order = [names[side] for side in now.blind_order]
    text = written(folder)
    section = text.split("\n## Tone\n")[1].split("\n## ")[0]
    assert f"### Tone, {order[0]}: {review_items(now)[first].drafted.text}" in section
    assert f"### Tone, {order[1]}: {other}" in section
    assert "Accepted by Ada." in section
    assert f"The judge's draft: {drafted.text}." in section
    assert "I hear it so." in section
    page = (folder / "comparison.html").read_text("utf-8")
    assert '<section id="tone"' in page and "<summary>Tone</summary>" in page
    assert "was changed in review" in page


def test_section_of_a_registered_kind_can_be_chosen(folder: Path) -> None:
    text = rendered(folder, WriteupOptions(sections=("tone",)))["comparison.md"]
    assert [line for line in text.split("\n") if line.startswith("## ")] == ["## Tone"]


def test_address_of_an_item_of_a_registered_kind_tells_no_side(folder: Path) -> None:
    keys = {item.key for item in review_items(read_draft(folder)[0]).values()}
    assert {"tone:1", "tone:2"} <= keys
    assert not any("control" in key or "treatment" in key for key in keys)


def test_draft_with_a_kind_that_is_not_installed_is_read_checked_and_written_up(
    folder: Path, tone: ToneKind
) -> None:
    before = (folder / "comparison.json").read_bytes()
    unregister(tone)
    try:
        draft, _ = read_draft(folder)
        assert draft_text(draft).encode() == before
        assert sum(answer.kind == "tone" for answer in answers(draft)) == 2
        assert "## Tone" not in rendered(folder)["evidence.md"]
    finally:
        register(tone)


def test_draft_made_before_a_kind_was_registered_still_passes_its_checks(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path
) -> None:
    ran = grader(
        "compare", *pair("clinic-postmortem"), "--judge", "openai/scripted-judge",
        "--base-url", judge.base_url, "--name", "before",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    (tmp_path / "tone.md").write_text(PROMPT, "utf-8")
    kind = ToneKind(tmp_path)
    register(kind)
    try:
        found = check_folder(OUTPUTS / "before")
    finally:
        unregister(kind)
    assert [f for f in found if f.severity != "note"] == []


def test_draft_without_other_kinds_has_no_place_for_them() -> None:
    """So that older drafts are spelled as they always were."""
    assert '"others"' not in draft_text(comparison())


def test_kind_whose_name_is_taken_is_refused(tone: ToneKind) -> None:
    with pytest.raises(ValueError, match="'tone'"):
        register(ToneKind(Path()))
    assert [kind.id for kind in kinds()].count("tone") == 1


def test_every_walker_sees_every_quotation_of_every_kind(folder: Path) -> None:
    """Counted from the file itself, so that no kind's record can be passed over."""

    def count(value: object) -> int:
        if isinstance(value, dict):
            here = 1 if {"quote", "side", "span", "match"} <= value.keys() else 0
            return here + sum(map(count, value.values()))
        return sum(map(count, value)) if isinstance(value, list) else 0

    written = json.loads((folder / "comparison.json").read_text("utf-8"))
    # A verdict repeats the quotations of the sample that speaks for it.
    repeated = sum(count(verdict["evidence"]) for verdict in written["verdicts"])
    assert written["probe"] and count(written["probe"])
    assert len(list(quotations(read_draft(folder)[0]))) == count(written) - repeated
