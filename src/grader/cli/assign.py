"""`grader assign`: who is asked to review which comparison."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.cli.folder_argument import need_comparison
from grader.cli.output import out


def assign(
    folders: Annotated[
        list[Path], typer.Argument(metavar="FOLDER...", help="Comparisons' folders.")
    ],
    reviewers: Annotated[
        list[str] | None,
        typer.Option("--reviewer", metavar="NAME", help="Who is asked; may be given again."),
    ] = None,
    nobody: Annotated[
        bool, typer.Option("--nobody", help="Take the assignment away: anybody may review.")
    ] = False,
) -> None:
    """Ask people to review comparisons; without a name, say who is asked.

    Whoever is asked is led to these comparisons first, in the browser and in `grader review` over
    many folders. The list lies beside the folders, in assignments.json.
    """
    from grader.comparison.folder import without_files_beside
    from grader.errors import InputError
    from grader.review.assignments import assign as assign_to
    from grader.review.assignments import read_assignments

    if reviewers and nobody:
        raise InputError("both names and --nobody are given", mend="Give one of them.")
    given = without_files_beside(folders)
    for folder in given:
        need_comparison(folder, "assign")
    if reviewers or nobody:
        assign_to(given, reviewers or [])
    console = out()
    for folder in given:
        asked = read_assignments(folder.resolve().parent).of(folder.resolve().name)
        console.print(f"{folder}  {', '.join(asked) or 'anybody'}", soft_wrap=True, markup=False)
