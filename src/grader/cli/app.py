"""All commands, in the order in which they are used."""

from __future__ import annotations

from typing import Annotated

import typer

from grader.cli.agreement import agreement
from grader.cli.assign import assign
from grader.cli.batch import batch
from grader.cli.check import check
from grader.cli.compare import compare
from grader.cli.doctor import doctor
from grader.cli.journal import journal
from grader.cli.queue import queue, worker
from grader.cli.render import export, render
from grader.cli.review import review, sign
from grader.cli.reviewer import reviewer
from grader.cli.rubric import rubric
from grader.cli.serve import serve
from grader.cli.show import show
from grader.cli.study import study
from grader.cli.transcript import transcript
from grader.version import __version__

app = typer.Typer(
    name="grader",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # Plain help: rich's takes three times as long to come up and narrows every column.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"grader {__version__}")
        raise typer.Exit


@app.callback()
def grader(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Compare what a language model does under two conditions.

    The same task, once plain (control) and once under a treatment. A judge gives verdicts with
    quotations that are checked; people accept, edit or reject them; nothing is final until
    someone signs.
    """


app.command()(compare)
app.command()(review)
app.command()(assign)
app.command()(serve)
app.command()(sign)
app.command()(render)
app.command()(export)
app.command()(show)
app.command()(doctor)
app.add_typer(journal)
app.add_typer(batch)
app.command()(worker)
app.add_typer(queue)
app.command()(check)
app.command()(agreement)
app.add_typer(transcript)
app.add_typer(reviewer)
app.add_typer(rubric)
app.add_typer(study)
