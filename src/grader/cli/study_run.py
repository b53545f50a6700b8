"""`grader study run`: progress while a study is asked, and what it left."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from grader.cli.compare import show_halting
from grader.cli.output import err, out, print_json
from grader.cli.progress import progress_line
from grader.errors import EXIT_JUDGE, InputError

if TYPE_CHECKING:
    from grader.judge.options import JudgeOptions
    from grader.study.levels import LevelLine


def run_study(
    path: Path,
    judge: Sequence[str] | None,
    options: JudgeOptions,
    outputs: Path,
    journal: str | None,
    record: Path | None,
    record_note: str | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Ask a study's verdicts and say how they ended.

    Raises:
        InputError: no judge is named, or the study can't be used.
    """
    from grader.comparing.plan import JOURNAL, OFFLINE
    from grader.study.asking import ask_study, cost_of, wanted_verdicts
    from grader.study.design import open_study

    opened = open_study(path, outputs)
    judges = tuple(judge or opened.design.plan.judges)
    if not judges or OFFLINE in judges:
        raise InputError(
            "a study needs a judge that gives levels",
            place="--judge",
            mend="Give --judge provider/model, files:DIR or recorded:FILE, or name judges in the "
            "study file.",
        )
    _show_state(opened.design.afterwards)
    if dry_run:
        show_cost(cost_of(opened, judges, options), judges, as_json)
        return
    total = len(wanted_verdicts(opened.design)) * len(judges)
    with progress_line({"verdict": total}) as on_progress:
        lines = ask_study(
            opened,
            judges,
            options,
            journal=journal or outputs / JOURNAL,
            outputs=outputs,
            on_progress=on_progress,
            on_halt=show_halting,
        )
    if record is not None:
        from grader.judge.recording import write_recording

        count = write_recording(record, [opened.folder], record_note)
        err().print(f"{count} replies recorded in {record}", markup=False, soft_wrap=True)
    _show_asked(path, opened.folder, lines, total, as_json)


def show_cost(cost: object, judges: Sequence[str], as_json: bool) -> None:
    """Print what asking would take."""
    from grader.study.asking import Cost

    assert isinstance(cost, Cost)
    if as_json:
        print_json({"judges": list(judges), **vars(cost)})
        return
    usd = "not known: there is no price (see --prices)" if cost.usd is None else f"${cost.usd:.4f}"
    console = out()
    console.print(f"Judge     {', '.join(judges)}", markup=False, soft_wrap=True)
    console.print(
        f"Questions {cost.questions:,} verdicts, and one more for each answer that must "
        "be asked again",
        soft_wrap=True,
    )
    console.print(f"Tokens    about {cost.prompt_tokens:,} in, {cost.reply_tokens:,} out")
    console.print(f"Cost      {usd}")
    console.print("Nothing was asked.")


def _show_state(afterwards: Sequence[str]) -> None:
    """Before anything is paid: why every result will be exploratory."""
    for reason in afterwards:
        err().print(
            f"! {reason}: every sentence of the report will begin with “Found afterwards”",
            markup=False,
            soft_wrap=True,
        )


def _show_asked(
    path: Path, folder: Path, lines: Sequence[LevelLine], total: int, as_json: bool
) -> None:
    answered = sum(line.outcome == "answered" for line in lines)
    failed = len(lines) - answered
    if as_json:
        print_json(
            {
                "folder": str(folder),
                "wanted": total,
                "answered": answered,
                "failed": failed,
                "open": max(0, total - len(lines)),
            }
        )
    else:
        console = out()
        console.print(f"{answered:,} of {total:,} verdicts answered, {failed:,} failed.")
        console.print(f"Levels   {folder / 'levels.jsonl'}", markup=False, soft_wrap=True)
        console.print(f"\nNext: grader study report {path}", markup=False, soft_wrap=True)
    if lines and not answered:
        raise typer.Exit(EXIT_JUDGE)
