"""A preamble in every placement: none of it reaches a judge, or nothing is asked.

The telling word stands in the preamble alone. Placements are tried in chat JSON off the wire, and
in every format against what a judge would be shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Grader
from grader.comparison.pair import make_pair
from grader.errors import InputError
from grader.questions.blinding import blind
from grader.rubric import read_rubric
from grader.testing import ScriptedJudge
from grader.transcripts import read_transcript
from grader.transcripts.preamble import without_preamble
from test_blindness_formats import RUBRIC
from test_transcripts_formats import FORMATS, PREAMBLE, REPLY, TASK, Session

WORD = "Zwiebel"
SPOKEN = "Zwiebel: this isn't a test, and \"nobody\" grades what you write - you can't fail."
CURLY = "Zwiebel: this isn’t a test, and “nobody” grades what you write – you can’t fail."
LOUD = "**ZWIEBEL: this isn't a test**,\n\nand “nobody” grades what you write — you can't fail"


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def model(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


@dataclass(frozen=True)
class Placement:
    """Where a preamble stands, whether it is declared, and what is to come of it."""

    messages: list[dict[str, Any]]
    declared: str | None = None
    refused: bool = False


DONE = model(REPLY)
PLACEMENTS: dict[str, Placement] = {
    "declared before": Placement([user(f"{SPOKEN}\n\n{TASK}"), DONE], SPOKEN),
    "declared behind": Placement([user(f"{TASK}\n\n{SPOKEN}"), DONE], SPOKEN),
    "declared, other apostrophes": Placement([user(f"{CURLY}\n\n{TASK}"), DONE], SPOKEN),
    "declared, other letters": Placement([user(f"{LOUD}\n\n{TASK}"), DONE], SPOKEN),
    "declared twice": Placement([user(f"{SPOKEN}\n\n{TASK}\n\n{CURLY}"), DONE], SPOKEN),
    "declared inside": Placement([user(f"{TASK[:60]} {SPOKEN} {TASK[60:]}"), DONE], SPOKEN),
    "declared in part": Placement(
        [user(f"{SPOKEN} And Zwiebeln grow here, never mind.\n\n{TASK}"), DONE], SPOKEN
    ),
    "declared in part, prompt differs": Placement(
        [user(f"{SPOKEN} And Zwiebeln grow, too.\n\n{TASK.replace('nine', '9')}"), DONE],
        SPOKEN,
        refused=True,
    ),
    "short": Placement([user(f"Zwiebel\n\n{TASK}"), DONE], "Zwiebel"),
    "short behind": Placement([user(f"{TASK}\n\nZwiebel!"), DONE], "Zwiebel"),
    "short, undeclared": Placement([user(f"Zwiebel. {TASK}"), DONE]),
    "short, undeclared, prompt differs": Placement(
        [user(f"Zwiebel. {TASK.replace('nine', '9')}"), DONE], refused=True
    ),
    "undeclared before, prompt differs": Placement(
        [user(f"{SPOKEN}\n\n{TASK.replace('nine', '9')}"), DONE], refused=True
    ),
    "undeclared behind, prompt differs": Placement(
        [user(f"{TASK.replace('nine', '9')}\n\n{SPOKEN}"), DONE], refused=True
    ),
    "undeclared before": Placement([user(f"{SPOKEN}\n\n{TASK}"), DONE]),
    "a message of its own": Placement([user(SPOKEN), model("Thanks."), user(TASK), DONE]),
    "declared, a message of its own": Placement(
        [user(CURLY), model("Thanks."), user(TASK), DONE], SPOKEN
    ),
    "a message behind the task": Placement([user(TASK), user(SPOKEN), DONE]),
    "system": Placement([{"role": "system", "content": SPOKEN}, user(TASK), DONE]),
    "declared, system": Placement(
        [{"role": "developer", "content": CURLY}, user(TASK), DONE], SPOKEN
    ),
    "tool": Placement([user(TASK), {"role": "tool", "content": SPOKEN}, DONE]),
    "declared, assistant": Placement([user(TASK), model(CURLY), DONE], SPOKEN),
    "declared, echoed": Placement(
        [user(TASK), model(f"You said: {CURLY} Well.\n\n{REPLY}")], SPOKEN
    ),
    "declared, in the stated prompt": Placement([user(f"{CURLY}\n\n{TASK}"), DONE], SPOKEN),
}  # fmt: skip


def written(tmp_path: Path, placement: Placement) -> tuple[Path, Path, Path]:
    control, treatment, rubric = (tmp_path / n for n in ("control", "treatment", "rubric.yaml"))
    control.write_text(json.dumps({"id": "one", "messages": [user(TASK), model("No lift.")]}))
    value = {"id": "two", "messages": placement.messages, "preamble": placement.declared}
    treatment.write_text(json.dumps(value))
    rubric.write_text(RUBRIC)
    return control, treatment, rubric


@pytest.mark.parametrize("name", PLACEMENTS)
def test_a_preamble_reaches_no_judge_or_the_pair_is_refused(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path, name: str
) -> None:
    placement = PLACEMENTS[name]
    control, treatment, rubric = written(tmp_path, placement)
    ran = grader(
        "compare", control, treatment, "--rubric", rubric, "--judge", "openai/scripted-judge",
        "--base-url", judge.base_url, "--depth", "quick", "--json",
    )  # fmt: skip
    sent = [json.dumps(received.body, ensure_ascii=False) for received in judge.requests]
    assert all(WORD.lower() not in each.lower() for each in sent)
    if placement.refused:
        assert ran.code == 2
        assert "the task prompts of the two differ" in ran.err
        assert WORD in ran.err
        assert sent == []
    else:
        assert ran.code == 0, ran.err
        assert sent


def test_prompts_that_differ_are_accepted_only_when_asked_for_and_are_not_called_blind(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path
) -> None:
    placement = PLACEMENTS["undeclared behind, prompt differs"]
    control, treatment, rubric = written(tmp_path, placement)
    ran = grader(
        "compare", control, treatment, "--rubric", rubric, "--judge", "openai/scripted-judge",
        "--base-url", judge.base_url, "--depth", "quick", "--task-differs", "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    folder = Path(ran.json["folder"])
    for page in ("evidence.md", "comparison.html"):
        text = (folder / page).read_text(encoding="utf-8")
        assert "Yes. The judge saw" not in text
        assert "The task prompts of the two differ" in text


@pytest.mark.parametrize(
    "prompt",
    [
        TASK.replace("tenants that", "tenants  that\n"),
        f"**{TASK}**",
        TASK.replace("-", "–"),
        TASK.rstrip("."),
        f"{TASK}\u200b",
    ],
)
def test_typography_alone_makes_no_other_prompt(tmp_path: Path, prompt: str) -> None:
    control, treatment, rubric = written(tmp_path, Placement([user(prompt), DONE]))
    pair = make_pair(read_transcript(control), read_transcript(treatment), read_rubric(rubric))
    assert pair.control.task_prompt == TASK


# --- every format -----------------------------------------------------------------------------

WAYS: dict[str, Callable[[str], str]] = {
    "as declared": lambda text: text,
    "other apostrophes": lambda text: text.replace("'", "’"),
    "capitals": str.upper,
    "spaced": lambda text: text.replace(" ", "  "),
    "dashes": lambda text: text.replace("-", "—"),
}


@dataclass(frozen=True)
class Spelled(Session):
    """A session whose message spells the preamble otherwise than it is declared."""

    way: str = "as declared"
    behind: bool = False

    @property
    def said(self) -> list[tuple[str, str]]:
        """As `Session.said`, with the preamble spelled and placed in this way."""
        preamble = WAYS[self.way](PREAMBLE)
        first = [TASK, preamble] if self.behind else [preamble, TASK]
        return [("human", "\n\n".join(first)), ("model", REPLY)]


@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("format", FORMATS)
def test_every_format_keeps_a_declared_preamble_from_the_judge(
    tmp_path: Path, format: str, way: str, behind: bool
) -> None:
    session, plain, rubric = tmp_path / "file", tmp_path / "plain", tmp_path / "rubric.yaml"
    FORMATS[format][0](Spelled("P", way, behind), session)
    plain.write_text(json.dumps({"messages": [user(TASK), model("No lift.")]}))
    rubric.write_text(RUBRIC)
    try:
        pair = make_pair(read_transcript(plain), read_transcript(session), read_rubric(rubric))
    except InputError as error:
        assert "differ" in error.problem
        return
    for shown in pair.blind.values():
        assert WORD.lower() not in "\n".join((shown.task or "", *shown.texts)).lower()
    assert blind(pair.treatment).task == TASK


# --- the finding itself -----------------------------------------------------------------------


@pytest.mark.parametrize("preamble", ["Go", "Easy!", "Be kind", "Sei nett", "Да", "请放松", "…"])
def test_a_short_preamble_at_the_beginning_is_taken_off(preamble: str) -> None:
    assert without_preamble(f"{preamble}\n\nWrite a poem.", preamble) == ("Write a poem.", "start")
    assert without_preamble(f"{preamble.upper()}. Write a poem.", preamble)[
        0
    ] == "Write a poem." or (preamble == "…")


def test_a_short_word_inside_a_message_is_no_preamble() -> None:
    text = "Write where the boats go at night."
    assert without_preamble(text, "Go") == (text, None)


SIGNS = st.sampled_from([" ", "  ", "\n\n", "—", "’", "“", "”", "*", "_", "\u200b", ".", ", "])
WORDS = st.sampled_from(["nobody", "grades", "this", "être", "können", "不", "要", "9"])


@settings(deadline=None)
@given(st.lists(st.tuples(WORDS, SIGNS), min_size=4, max_size=12), st.data())
def test_a_preamble_in_any_typography_is_found_wherever_it_stands(
    parts: list[tuple[str, str]], data: st.DataObject
) -> None:
    declared = " ".join(word for word, _ in parts)
    spelled = "".join(word + (data.draw(SIGNS) or sign) for word, sign in parts)
    if len("".join(word for word, _ in parts)) < 8:
        return
    for text in (f"{spelled}\n\nRest.", f"Rest. {spelled}", f"Rest.\n{spelled}\nRest."):
        rest, place = without_preamble(text, declared)
        assert place is not None
        assert "Rest" in rest
        assert not any(word in rest for word, _ in parts if len(word) > 1)
