"""`grader study gold` in the terminal: one drawn run at a time, criterion by criterion."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from grader.cli.output import err, out

if TYPE_CHECKING:
    from grader.rubric import Criterion
    from grader.study.design import OpenStudy
    from grader.study.gold import GoldItem

NONE = "-"


def give_gold(opened: OpenStudy, reviewer: str) -> None:
    """Show drawn runs and take levels until none is left or the person stops.

    Raises:
        InputError: the study plans no levels by people, or a report was made.
        RecordError: the file of people's levels was changed.
    """
    from grader.study.asking import write_inputs
    from grader.study.gold import check_open, gold_items, open_items, read_gold
    from grader.study.looks import read_looks

    check_open(opened.design, len(read_looks(opened.folder)), opened.path)
    write_inputs(opened)
    total = len(gold_items(opened.design))
    while True:
        left = open_items(opened.design, read_gold(opened.folder), reviewer)
        if not left:
            out().print("Nothing is left for you. Thank you.")
            return
        out().print(
            f"\n[bold]{len(left)} of {total} drawn runs are open.[/] Enter alone stops; "
            f"{NONE} gives no level.",
            soft_wrap=True,
        )
        if not _give(opened, left[0], reviewer):
            err().print("Stopped. Every level that you gave is saved.")
            return


def take_elsewhere(opened: OpenStudy, table: Path) -> None:
    """Read levels that were given elsewhere into the study's folder.

    Raises:
        InputError: the table can't be read, or names what the study hasn't.
    """
    from grader.study.asking import write_inputs
    from grader.study.elsewhere import read_table, write_elsewhere

    lines = read_table(table, opened.design)
    write_inputs(opened)
    write_elsewhere(opened.folder, lines)
    out().print(f"{len(lines)} levels read. They are described and correct nothing.")


def serve_gold(opened: OpenStudy, outputs: Path, reviewer: str) -> None:
    """Serve the drawn runs in the browser, until Ctrl-C; levels of the judge are not shown.

    Raises:
        InputError: the study plans no levels by people, or a report was made.
    """
    from grader.cli.serve import serve_web
    from grader.review.surfaces.web.server import Listen
    from grader.study.asking import write_inputs
    from grader.study.gold import check_open
    from grader.study.looks import read_looks

    check_open(opened.design, len(read_looks(opened.folder)), opened.path)
    write_inputs(opened)
    listen = Listen("127.0.0.1", 0, (), None, None)
    serve_web(
        outputs, reviewer, listen, mode="blind-first", order="attention", traps=0, browser=True
    )


def _give(opened: OpenStudy, item: GoldItem, reviewer: str) -> bool:
    """Take the levels of one run. False: the person stopped."""
    from grader.questions.blinding import blind
    from grader.study.gold import give_levels, read_gold
    from grader.text.visible import visible

    shown = blind(opened.transcripts[item.run.transcript])
    console = out()
    console.print("\nThe task", style="bold")
    console.print(visible(shown.task or "(not known)"), markup=False)
    for number, text in enumerate(shown.texts, 1):
        console.print(f"\nThe run, turn {number}", style="bold")
        console.print(visible(text), markup=False)
    given = {
        line.criterion
        for line in read_gold(opened.folder)
        if (line.transcript, line.reviewer) == (item.run.transcript, reviewer)
    }
    for criterion in opened.design.rubrics[item.run.task].criteria:
        if criterion.id in given:
            continue
        answer = _ask(criterion)
        if answer == "":
            return False
        give_levels(
            opened.folder,
            at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            reviewer=reviewer,
            run=item.run,
            levels={criterion.id: None if answer == NONE else answer},
        )
    return True


def _ask(criterion: Criterion) -> str:
    """A level's name, `NONE`, or empty where the person stops."""
    console = out()
    console.print(f"\n{criterion.title}", style="bold", markup=False)
    console.print(criterion.question, markup=False)
    answers = criterion.answers
    for number, name in enumerate(answers, 1):
        words = name.replace("_", " ")
        console.print(f"  {number}  {words}: {criterion.definition(name)}", markup=False)
    while True:
        try:
            given = typer.prompt("Level", default="", show_default=False).strip()
        except (typer.Abort, EOFError):
            return ""
        if given in ("", NONE):
            return str(given)
        if given.isdigit() and 1 <= int(given) <= len(answers):
            return answers[int(given) - 1]
        console.print(f"Give a number from 1 to {len(answers)}, {NONE}, or Enter alone to stop.")
