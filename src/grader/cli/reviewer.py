"""`grader reviewer`: accounts of reviewers, for a server that others can reach."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from grader.cli.output import out

reviewer = typer.Typer(
    name="reviewer", help="Reviewers' accounts for `grader serve`.", no_args_is_help=True
)

Outputs = Annotated[Path, typer.Option(metavar="FOLDER", help="The folder that is served.")]


@reviewer.command()
def add(
    name: Annotated[str, typer.Argument(help="The reviewer's name, as it stands in reviews.")],
    outputs: Outputs = Path("outputs"),
) -> None:
    """Add a reviewer, or give them a new password. It is asked for, or read from a pipe."""
    from grader.review.accounts import add_account

    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    new = add_account(outputs, name, password)
    out().print("Added." if new else "The password was changed.")


@reviewer.command("list")
def list_(outputs: Outputs = Path("outputs")) -> None:
    """List the reviewers that have an account."""
    from grader.review.accounts import read_accounts

    for name in sorted(read_accounts(outputs).hashes):
        out().print(name, markup=False)
