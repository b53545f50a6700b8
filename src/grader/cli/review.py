"""`grader review`, `grader sign`, `grader render`: from draft to signed writeup."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.cli.output import AsJson, err, out, print_json

Folder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="A comparison's folder, such as outputs/<name>.")
]
Reviewer = Annotated[
    str | None,
    typer.Option(envvar="GRADER_REVIEWER", help="Your name.", show_default="from git or login"),
]


def review(folder: Folder, reviewer: Reviewer = None) -> None:
    """Accept, edit or reject each verdict and signature note of a draft.

    What needs attention comes first. Each action is on disk before the next item is shown; quit
    anywhere and go on later.
    """
    from grader import workflow
    from grader.review.reviewer import reviewer_name
    from grader.review.terminal import review_in_terminal

    review_in_terminal(folder, reviewer or reviewer_name())
    workflow.render(folder)


def sign(
    folder: Folder,
    reviewer: Reviewer = None,
    statement: Annotated[
        str | None, typer.Option(help="A sentence to stand beside your name.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Sign a comparison whose every item is decided, and write the final writeup."""
    from grader import workflow
    from grader.review.reviewer import reviewer_name

    reviewed, path = workflow.sign(folder, reviewer or reviewer_name(), statement)
    assert reviewed.sign_off is not None
    if as_json:
        print_json(
            {
                "folder": str(folder),
                "writeup": str(path),
                "sign_off": reviewed.sign_off.model_dump(mode="json"),
                "scorecard": reviewed.scorecard.model_dump(mode="json"),
            }
        )
        return
    from grader.cli.scorecard import scorecard_table

    console = out()
    console.print(scorecard_table(reviewed.draft.rubric, reviewed.scorecard))
    console.print(f"\nSigned by {reviewed.sign_off.reviewer}.", markup=False)
    console.print(f"Writeup  {path}", soft_wrap=True, markup=False)


def render(folder: Folder) -> None:
    """Write the writeup of a comparison anew."""
    from grader import workflow

    path = workflow.render(folder)
    out().print(str(path), markup=False, soft_wrap=True)
    err().print("Written from the draft and its reviews; nothing was asked.")
