"""`grader rubric`: checking criteria before they are used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.cli.output import AsJson, out, print_json

rubric = typer.Typer(
    name="rubric", help="Check criteria before they are used.", no_args_is_help=True
)


@rubric.command()
def check(
    path: Annotated[Path, typer.Argument(metavar="RUBRIC", help="A YAML file.")],
    as_json: AsJson = False,
) -> None:
    """Read a rubric and report every mistake with line and field."""
    from grader.rubric import read_rubric

    found = read_rubric(path)
    if as_json:
        print_json(
            {
                "id": found.id,
                "version": found.version,
                "hash": found.hash,
                "criteria": [c.id for c in found.criteria],
                "signatures": [s.id for s in found.signatures],
            }
        )
        return
    out().print(
        f"{path}: no mistakes. {len(found.criteria)} criteria, {len(found.signatures)} signatures, "
        f"hash {found.hash[:12]}",
        markup=False,
    )
