"""Asks a study's verdicts: one wave, criterion by criterion over the runs, through one session.

The questions are those of `grader compare`, with the same hashes: what was answered for a
comparison is not paid again, either way round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path

from grader.comparison.asking import in_turn
from grader.comparison.estimate import CHARACTERS_A_TOKEN
from grader.comparison.first_reads import note_readings
from grader.comparison.folder import locked
from grader.comparison.kinds.kind import Task
from grader.comparison.kinds.verdict import (
    VerdictKind,
    VerdictSample,
    ask_verdict,
    verdict_question,
)
from grader.comparison.pair import Pair
from grader.errors import InputError
from grader.files.text import write_atomically
from grader.judge.asking import Asker
from grader.judge.choose import is_live
from grader.judge.judge import Judge
from grader.judge.options import JudgeOptions, price_of
from grader.judge.prices import read_prices
from grader.judge.reply import Usage
from grader.judge.session import JudgeSession, OnProgress, all_or_pending
from grader.questions.blinding import blind
from grader.questions.question import Question
from grader.rubric import Criterion
from grader.study.design import LOCK, Design, OpenStudy, write_design
from grader.study.levels import LevelLine, read_levels, write_levels
from grader.study.lock import lock_text
from grader.study.runs import Run, draw_key, transcript_name
from grader.study.split import SPLIT
from grader.transcripts import Transcript

TRANSCRIPTS = "transcripts"


@dataclass(frozen=True)
class Wanted:
    """One verdict to be asked for."""

    run: Run
    criterion: Criterion
    sample: int


@dataclass(frozen=True)
class Cost:
    """What a study's verdicts take together."""

    questions: int
    prompt_tokens: int
    reply_tokens: int
    usd: float | None
    """None: the price of at least one judge is not known."""


def wanted_verdicts(design: Design) -> list[Wanted]:
    """Every verdict the design needs of a judge, criterion by criterion over the runs."""
    found = []
    for task, rubric in design.rubrics.items():
        runs = [run for run in design.counting if run.task == task]
        for criterion in rubric.criteria:
            for run in runs:
                found.append(Wanted(run, criterion, 1))
                if _repeated(design, run, criterion):
                    found.append(Wanted(run, criterion, 2))
    return found


def cost_of(opened: OpenStudy, judges: Sequence[str], options: JudgeOptions) -> Cost:
    """What asking will take, of one judge where none is named; kept answers are not taken off.

    Raises:
        InputError: the price table or a judge's address can't be used.
    """
    prices = read_prices(options.prices)
    once = [
        sum(len(message.content) for message in _question(opened.transcripts, each).messages)
        // CHARACTERS_A_TOKEN
        for each in wanted_verdicts(opened.design)
    ]
    reply = VerdictKind.reply_tokens
    known = [price_of(spec, options, prices) if is_live(spec) else None for spec in judges]
    costs = [
        price.of(Usage(prompt_tokens=prompt, completion_tokens=reply)) if price else None
        for price in known
        for prompt in once
    ]
    usd = None if None in costs or not costs else sum(each or 0.0 for each in costs)
    times = max(1, len(judges))
    return Cost(
        questions=len(once) * times,
        prompt_tokens=sum(once) * times,
        reply_tokens=len(once) * reply * times,
        usd=usd,
    )


def check_can_ask(opened: OpenStudy) -> None:
    """Refuse to pay for what could say nothing. Raises InputError."""
    design, primary = opened.design, opened.design.plan.primary
    for name in (primary.before, primary.after):
        if not any(run.condition == name for run in design.counting):
            reasons = sorted({run.why_not or "" for run in design.runs if run.condition == name})
            raise InputError(
                f"no run of {name} counts ({'; '.join(reasons)}), so nothing could be said",
                place=opened.path,
                mend="Make new runs that no criterion was drawn from. `grader study report` says "
                "which were left out.",
            )
    if (opened.folder / SPLIT).is_file() and opened.lock is None:
        raise InputError(
            "the runs are split and the study is not locked: the sealed half stays sealed",
            place=opened.path,
            mend="Write the criteria from the other half, then `grader study lock`.",
        )


def ask_study(
    opened: OpenStudy,
    judges: Sequence[str],
    options: JudgeOptions,
    *,
    journal: str | Path,
    outputs: Path,
    on_progress: OnProgress | None = None,
    on_halt: OnProgress | None = None,
) -> list[LevelLine]:
    """Ask every verdict that has no answer yet; the study's levels are returned and written.

    Killed, stopped or waiting, what came is written and the same call goes on.

    Args:
        opened: the study.
        judges: as in `open_judge`.
        options: how they are asked.
        journal: file of the journal.
        outputs: the folder with the log of first readings.
        on_progress: called after each change.
        on_halt: called when Ctrl-C was pressed once.

    Raises:
        InputError: nothing could be said, or a judge or budget can't be used.
        JudgeError: the judge can't be used; answers so far are kept.
        WaitingForAnswers: a `files:` judge awaits replies.
        Interrupted: Ctrl-C; what was under way is kept.
        StorageError: another run works in the folder, or it can't be written.
    """
    check_can_ask(opened)
    design, folder = opened.design, opened.folder
    session = JudgeSession(judges, options, journal=journal, paid=[folder])
    with locked(folder):
        write_inputs(opened)
        note_readings(
            outputs,
            [opened.transcripts[run.transcript] for run in design.counting],
            datetime.now(UTC),
        )
        found: list[LevelLine] = []
        try:
            session.run(
                [(design.plan.id, partial(_wave, session, opened, found))],
                noun="studies",
                on_progress=on_progress,
                on_halt=on_halt,
            )
        finally:
            merged = {line.key: line for line in read_levels(folder)}
            merged |= {line.key: line for line in found}
            lines = list(merged.values())
            write_levels(folder, lines)
    return lines


def write_inputs(opened: OpenStudy) -> None:
    """Write the design, a copy of the lock and the transcripts into the study's folder."""
    write_design(opened.folder, opened.design)
    if opened.lock is not None:
        write_atomically(opened.folder / LOCK, lock_text(opened.lock))
    for run in opened.design.runs:
        path = opened.folder / TRANSCRIPTS / transcript_name(run.transcript)
        if run.counts and not path.is_file():
            text = opened.transcripts[run.transcript].model_dump_json(indent=1)
            write_atomically(path, text + "\n")


def judge_label(judge: Judge) -> str:
    """A judge as results name it: no folder of one machine is in it."""
    return judge.spec if judge.kind == "live" else f"{judge.model} ({judge.kind})"


async def _wave(session: JudgeSession, opened: OpenStudy, found: list[LevelLine]) -> None:
    """Ask everything at once; what came is in `found`, however the wave ends."""
    with session.askers(opened.folder) as askers:
        places = count()

        async def one(asker: Asker, wanted: Wanted) -> None:
            transcript = opened.transcripts[wanted.run.transcript]
            pair = Pair(transcript, transcript)
            ask = partial(ask_verdict, asker, pair, wanted.criterion, "control", wanted.sample)
            task = Task(asker, ask, pair.prefixes("verdict", "control"))
            sample = await in_turn(task, (next(places),))
            if sample.outcome != "budget_stopped":
                found.append(_line(wanted, sample, judge_label(asker.judge)))

        await all_or_pending(
            [one(asker, wanted) for wanted in wanted_verdicts(opened.design) for asker in askers]
        )


def _line(wanted: Wanted, sample: VerdictSample, judge: str) -> LevelLine:
    return LevelLine(
        transcript=wanted.run.transcript,
        task=wanted.run.task,
        criterion=wanted.criterion.id,
        judge=judge,
        sample=wanted.sample,
        outcome=sample.outcome,
        level=sample.level,
        rationale=sample.rationale,
        evidence=sample.evidence,
        looked_for_in_vain=sample.looked_for_in_vain,
        detail=sample.detail,
        questions=sample.questions,
        asked_again=sample.asked_again,
    )


def _question(transcripts: Mapping[str, Transcript], wanted: Wanted) -> Question:
    return verdict_question(blind(transcripts[wanted.run.transcript]), wanted.criterion, "")


def _repeated(design: Design, run: Run, criterion: Criterion) -> bool:
    """Whether this verdict is of the drawn share that is asked twice."""
    drawn = int(draw_key(f"repeat {design.seed}", f"{run.transcript} {criterion.id}")[:8], 16)
    return drawn / 2**32 < design.plan.repeats
