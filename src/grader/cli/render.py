"""`grader render` and `grader export`: writeups and tables of comparisons."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.cli.folder_argument import need_comparison
from grader.cli.options import ComparisonFolder
from grader.cli.output import err, out
from grader.errors import InputError


def render(
    folder: ComparisonFolder,
    to: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write to this folder instead.")
    ] = None,
    sections: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="Only these sections, in this order: a,b,c."),
    ] = None,
    templates: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Templates to take instead of the shipped ones."),
    ] = None,
    short: Annotated[
        bool, typer.Option("--short", help="Only the text of one or two pages, in one file.")
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Text and evidence in one file, nothing folded.")
    ] = False,
    position: Annotated[
        bool,
        typer.Option(
            "--position", help="Say where it stands among the comparisons beside its folder."
        ),
    ] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Also a PDF (needs Chromium).")] = False,
    docx: Annotated[bool, typer.Option("--docx", help="Also a .docx (needs pandoc).")] = False,
) -> None:
    """Write the writeup of a comparison anew, as Markdown and as a page.

    comparison.md is the text of one or two pages, evidence.md what stands behind it; the page
    has both. Nothing is asked. A choice of your own (--short, --full, --sections, --templates,
    --position) needs --to, so that the folder always keeps the whole writeup.
    """
    from grader.writeup.write import WriteupOptions
    from grader.writeup.write import render as write

    need_comparison(folder, "render")
    names = tuple(n.strip() for n in sections.split(",")) if sections is not None else None
    if short + full + (names is not None) > 1:
        raise InputError(
            "--short, --full and --sections each say what goes into the file",
            mend="Give one of them.",
        )
    choice = WriteupOptions(
        sections=names,
        extent="short" if short else "full" if full else None,
        templates=templates,
        position=position,
    )
    for path in write(folder, choice=choice, to=to, pdf=pdf, docx=docx):
        out().print(str(path), markup=False, soft_wrap=True)


def export(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="FOLDER...", help="Comparisons, or folders that hold them."),
    ],
    to: Annotated[Path, typer.Option("--to", "-o", help="A .csv or .parquet file.")],
) -> None:
    """Write comparisons as one table in long form, for pandas and R.

    A row is one fact: an answer to a verdict question, a contrast, a marker of a signature, or
    something counted. What holds after review stands beside what the judge said.
    """
    from grader.comparison.folder import has_draft, without_files_beside
    from grader.review.folder import read_reviewed
    from grader.writeup.export import write_csv, write_parquet

    paths = without_files_beside(paths)
    folders = [
        folder
        for path in paths
        for folder in ([path] if has_draft(path) or not path.is_dir() else sorted(path.iterdir()))
        if has_draft(folder) or folder in paths
    ]
    if not folders:
        raise InputError("no comparison here", place=paths[0], mend="Give folders of outputs/.")
    if to.suffix not in (".csv", ".parquet"):
        raise InputError("the table is .csv or .parquet", place=to, mend="Give it such a name.")
    write = write_csv if to.suffix == ".csv" else write_parquet
    write(to, [read_reviewed(folder) for folder in folders])
    noun = "comparison" if len(folders) == 1 else "comparisons"
    err().print(f"{len(folders)} {noun} written to {to}", markup=False, soft_wrap=True)
