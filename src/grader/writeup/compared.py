"""What was compared: the two sessions side by side and everything in which they differ."""

from __future__ import annotations

from dataclasses import dataclass

from grader.comparison.comparison import Comparison
from grader.text.quotation import SIDES, Side
from grader.transcripts.transcript import ModelInfo, Transcript, deliverable
from grader.writeup.sides import Sides
from grader.writeup.words import capital, counted, joined

_NOT_STATED = "not stated"


@dataclass(frozen=True)
class Fact:
    """One line of the table of sessions."""

    name: str
    values: dict[Side, str]

    @property
    def differs(self) -> bool:
        """Whether the two sides have different values."""
        return len(set(self.values.values())) > 1


@dataclass(frozen=True)
class Compared:
    """The pair."""

    task_prompt: str | None
    task_prompts_differ: bool
    other_task_prompt: str | None
    """The treatment's, where it is worded otherwise."""
    preambles: dict[Side, str]
    """The text sent before the task, for the sides that had one."""
    writers: str | None
    """Which model wrote both, in a sentence; None where neither transcript tells it."""
    facts: tuple[Fact, ...]
    conditions: tuple[tuple[str, str], ...]
    """The study's own words for the two conditions."""
    confounds: tuple[str, ...]
    """What differs beside the treatment and may explain a difference as well."""
    notes: tuple[str, ...]
    """What can't be known of the pair."""


def compared_of(draft: Comparison, sides: Sides) -> Compared:
    """The two sessions, what they share and what not."""
    prompts = {side: draft.transcript(side).task_prompt for side in SIDES}
    differ = _plain(prompts["control"]) != _plain(prompts["treatment"])
    both = all(prompts.values())
    conditions = draft.study.conditions if draft.study else {}
    return Compared(
        task_prompt=prompts["control"] or prompts["treatment"],
        task_prompts_differ=differ and both,
        other_task_prompt=prompts["treatment"] if differ and both else None,
        preambles={
            side: preamble for side in SIDES if (preamble := draft.transcript(side).preamble)
        },
        writers=_writers(draft, sides),
        facts=tuple(
            Fact(name, {side: value(draft.transcript(side)) for side in SIDES})
            for name, value in _FACTS
        ),
        conditions=tuple(
            (sides.short[side], conditions[condition])
            for side in SIDES
            if (condition := draft.transcript(side).condition) in conditions
        ),
        confounds=tuple(n.message for n in draft.pair_notes if n.kind == "confound"),
        notes=tuple(n.message for n in draft.pair_notes if n.kind == "note"),
    )


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())


def _model(model: ModelInfo) -> str:
    names = [name for name in (model.name, model.version, model.provider) if name]
    return ", ".join(names) or _NOT_STATED


def _writers(draft: Comparison, sides: Sides) -> str | None:
    """Which model wrote both, in a sentence; None where neither transcript tells it."""
    models = {side: _model(draft.transcript(side).model) for side in SIDES}
    if set(models.values()) == {_NOT_STATED}:
        return None
    if len(set(models.values())) == 1:
        return f"Both by {models['control']}."
    told = joined(f"{sides.short[side]} by {models[side]}" for side in SIDES)
    return capital(f"{told}.")


def _settings(transcript: Transcript) -> str:
    model = transcript.model
    given = [
        f"{name} {value:,}" if isinstance(value, int) else f"{name} {value}"
        for name, value in (
            ("temperature", model.temperature),
            ("top-p", model.top_p),
            ("token limit", model.max_tokens),
        )
        if value is not None
    ]
    return ", ".join(given) or _NOT_STATED


def _turns(transcript: Transcript) -> str:
    judged = len(deliverable(transcript))
    return f"{counted(len(transcript.turns), 'turn')}, {judged} judged"


_FACTS = (
    ("Session", lambda t: t.id),
    ("Condition", lambda t: t.condition or _NOT_STATED),
    ("Replicate", lambda t: _NOT_STATED if t.replicate is None else str(t.replicate)),
    ("Model", lambda t: _model(t.model)),
    ("Settings", _settings),
    ("Date", lambda t: t.date or _NOT_STATED),
    ("System prompt", lambda t: t.system_prompt or "none"),
    ("Sent before the task", lambda t: "a preamble, below" if t.preamble else "nothing"),
    ("Turns", _turns),
    ("Source", lambda t: f"{t.provenance.source} ({t.provenance.format})"),
)
