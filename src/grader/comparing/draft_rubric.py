"""A judge's proposal of criteria, from control transcripts alone, for a person to edit.

Refuses whatever could be a treatment: criteria that grew from it could only confirm it. Asked
through the same journal as every other question, so that the same proposal is paid for once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from slugify import slugify

from grader.errors import InputError, JudgeError
from grader.questions.answers import CriteriaAnswer, ProposedCriterion
from grader.questions.blinding import blind
from grader.questions.compose import criteria_question
from grader.rubric import Criterion, Rubric, Scale
from grader.rubric.controls import read_control
from grader.rubric.scale import THREE_LEVELS, level_name
from grader.text.quotation import locate
from grader.transcripts.transcript import Transcript, deliverable

if TYPE_CHECKING:
    from grader.judge.options import JudgeOptions
    from grader.judge.session import OnProgress


@dataclass(frozen=True)
class Proposal:
    """A rubric as a judge proposes it."""

    rubric: Rubric
    judge: str
    sources: tuple[Transcript, ...]
    unlocated: int
    """Quotations of the judge that stand in none of the sources; they were left out."""


def read_controls(paths: Sequence[str | Path]) -> tuple[Transcript, ...]:
    """Control transcripts of one task.

    Raises:
        InputError: none given, a file can't be read, one was treated, or there are two tasks.
    """
    if not paths:
        raise InputError("no control is named", place="--from", mend="Give one or more files.")
    transcripts = tuple(map(read_control, paths))
    prompts = {" ".join((transcript.task_prompt or "").split()) for transcript in transcripts}
    if len(prompts) > 1:
        raise InputError(
            "these controls were given different tasks",
            place="--from",
            mend="Draft one rubric a task.",
        )
    return transcripts


def draft_rubric(
    controls: Sequence[str | Path],
    judge: str,
    *,
    id: str | None = None,
    options: JudgeOptions | None = None,
    outputs: str | Path = "outputs",
    on_halt: OnProgress | None = None,
) -> Proposal:
    """Ask a judge for criteria that these controls suggest.

    Args:
        controls: files of plain runs of one task.
        judge: as in `open_judge`.
        id: the rubric's id; None takes the task's name.
        options: how the judge is asked; None: the usual way.
        outputs: the folder with the journal; attempts are recorded in `rubric-drafts/` in it.
        on_halt: called when Ctrl-C was pressed once.

    Raises:
        InputError: as `read_controls`.
        JudgeError: the judge can't be used, or gave no usable answer.
        WaitingForAnswers: a `files:` judge awaits the reply.
    """
    from grader.judge.options import JudgeOptions
    from grader.judge.session import JudgeSession

    sources = read_controls(controls)
    name = slugify(id or sources[0].task or sources[0].id, max_length=80) or "rubric"
    folder = Path(outputs) / "rubric-drafts" / name
    session = JudgeSession(
        [judge], options or JudgeOptions(), journal=Path(outputs) / "journal.db", paid=[folder]
    )
    question = criteria_question([blind(source) for source in sources])
    [answered] = session.ask([question], folder, on_halt=on_halt)
    if not isinstance(answered.value, CriteriaAnswer):
        raise JudgeError(
            f"the judge gave no criteria: {answered.outcome}"
            + (f" ({answered.detail})" if answered.detail else ""),
            mend="Ask another judge, or write the criteria with `grader rubric new`.",
        )
    rubric, unlocated = _rubric(answered.value, sources, name)
    return Proposal(rubric, judge, sources, unlocated)


def _rubric(answer: CriteriaAnswer, sources: Sequence[Transcript], id: str) -> tuple[Rubric, int]:
    ids: list[str] = []
    criteria = []
    unlocated = 0
    for number, proposed in enumerate(answer.criteria, 1):
        own = slugify(proposed.title, max_length=60) or f"criterion-{number}"
        ids.append(own if own not in ids else f"{own}-{number}")
        found = [quote for quote in proposed.evidence if _stands(quote, sources)]
        unlocated += len(proposed.evidence) - len(found)
        criteria.append(
            Criterion(
                id=ids[-1],
                title=_text(proposed.title),
                question=_text(proposed.question),
                why=_why(proposed, found),
                levels=_levels(proposed),
                look_for=tuple(_text(hint) for hint in proposed.look_for if hint.strip()),
            )
        )
    task = sources[0].task_prompt
    rubric = Rubric(
        id=id,
        version=1,
        title=f"Draft criteria for {sources[0].task or id}",
        task=" ".join(task.split()) if task else None,
        derived_from=tuple(source.id for source in sources),
        criteria=tuple(criteria),
    )
    return rubric, unlocated


def _levels(proposed: ProposedCriterion) -> Scale:
    """The proposed levels; what does not count belongs to the definition of the highest."""
    levels = {name: _text(getattr(proposed, name)) for name in reversed(THREE_LEVELS)}
    if proposed.does_not_count.strip():
        levels["met"] += f" What does not count: {_text(proposed.does_not_count)}"
    return Scale(levels)


def _why(proposed: ProposedCriterion, quotations: Sequence[str]) -> str:
    """For the person who edits it: the reason, where it starts, what it grew from."""
    parts = [
        _text(proposed.why),
        f"The control that it was drawn from stands at '{level_name(proposed.level_here)}'.",
        f"If the treatment changes nothing: {_text(proposed.if_nothing_changes)}",
    ]
    if quotations:
        quoted = "; ".join(f'"{" ".join(quote.split())}"' for quote in quotations)
        parts.append(f"From the control (the plain run): {quoted}.")
    return " ".join(parts)


def _text(words: str) -> str:
    return " ".join(words.split()) or "TODO"


def _stands(quote: str, sources: Sequence[Transcript]) -> bool:
    return any(locate(quote, deliverable(source), "control").span is not None for source in sources)
