"""A line of progress on stderr: questions ended, rate, failures, spend, time passed and left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from grader.cli.output import err

if TYPE_CHECKING:
    from grader.judge.asking import Progress as Asked


@contextmanager
def progress_line(questions: Mapping[str, int]) -> Iterator[Callable[[Asked], None] | None]:
    """Show progress while questions are asked; yields what takes each new state.

    Args:
        questions: planned questions by kind; with none nothing is shown and None is yielded.
    """
    total = sum(questions.values())
    if not total:
        yield None
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.table import Column

    console = err()
    last: Asked | None = None
    started = time.monotonic()
    columns = (
        TextColumn("asking"),
        BarColumn(bar_width=30),
        # Where room is short the bar gives way, not the numbers.
        MofNCompleteColumn(table_column=Column(no_wrap=True)),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("asking", total=total, note="")

        def show(state: Asked) -> None:
            nonlocal last
            last = state
            if not console.is_terminal:
                return
            # Quotations asked for again raise the total as they appear.
            bar.update(
                task,
                completed=state.answered + state.failed,
                total=max(total, state.begun),
                note=_note(state, time.monotonic() - started),
            )

        yield show
    if last is not None:
        console.print(
            f"{last.answered} answered, {last.failed} failed; {last.sent} requests sent, "
            f"{last.kept} replies from the journal{_spend(last)}"
        )


def _note(state: Asked, seconds: float) -> str:
    if state.flow:
        return state.flow
    notes = [f"{state.sent / seconds:.1f}/s"] if state.sent and seconds > 1 else []
    notes += [f"{state.kept} from the journal"] if state.kept else []
    notes += [f"{state.failed} failed"] if state.failed else []
    notes += [f"{state.open} await replies"] if state.open else []
    # Short: with the bar and the times it must fit into 80 columns.
    notes += [f"${state.usd:.2f}"] if state.usd else []
    notes += [f"{state.unpriced} unpriced"] if state.unpriced else []
    return ", ".join(notes)


def _spend(state: Asked) -> str:
    """What was spent; nothing is said of what is not known but that it isn't."""
    spent = f", ${state.usd:.4f}" if state.usd else ""
    if state.unpriced:
        spent += f", {state.unpriced} replies of unknown price"
    return spent
