"""`grader transcript`: what a file holds, and the same in another form."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader.cli.options import AsJson, FileEndsAt, FileFormat
from grader.cli.output import err, json_text, out, print_json, shown
from grader.errors import InputError
from grader.text.visible import visible

transcript = typer.Typer(
    name="transcript", help="Read transcripts of any format and convert them.", no_args_is_help=True
)


@transcript.command()
def read(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Files, or folders of files.")
    ],
    format: FileFormat = None,
    ends_at: FileEndsAt = None,
    as_json: AsJson = False,
) -> None:
    """List the sessions that files hold, with what the readers found odd."""
    from grader.transcripts import read_transcripts, repeated_names, transcript_files

    files = [f for path in paths for f in (transcript_files(path) if path.is_dir() else (path,))]
    found = [t for file in files for t in read_transcripts(file, format=format, ends_at=ends_at)]
    repeated = repeated_names(found)
    if as_json:
        print_json(
            {
                "sessions": [session.model_dump(mode="json") for session in found],
                "repeated": list(repeated),
            }
        )
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Session", "Condition", "Task", "Model", "Turns", "Warnings", "Format"):
        table.add_column(heading, overflow="fold")
    for session in found:
        table.add_row(
            shown(session.id),
            shown(session.condition or "?"),
            shown(session.task or "?"),
            shown(session.model.version or session.model.name or "?"),
            str(len(session.turns)),
            str(len(session.warnings) or ""),
            session.provenance.format,
        )
    console = out()
    console.print(table)
    for session in found:
        for warning in session.warnings:
            where = f", line {warning.line}" if warning.line else ""
            console.print(shown(f"! {session.id}{where}: {warning.message}", "yellow"))
    for name in repeated:
        console.print(shown(f"! {name}", "yellow"))


@transcript.command()
def convert(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file of any known format.")],
    to: Annotated[
        Path | None,
        typer.Option("--to", "-o", help="A .json or .md file, or a folder for many sessions."),
    ] = None,
    format: FileFormat = None,
    ends_at: FileEndsAt = None,
) -> None:
    """Write sessions in the project's own form: JSON, or Markdown that reads back without loss.

    Without --to one session goes to stdout as JSON. A folder gets one JSON file a session.
    """
    from slugify import slugify

    from grader.files.text import write_atomically
    from grader.transcripts import read_transcripts, write_json, write_markdown

    sessions = read_transcripts(path, format=format, ends_at=ends_at)
    if to is None or to.suffix:
        if len(sessions) > 1:
            raise InputError(
                f"the file holds {len(sessions)} sessions",
                place=path,
                mend="Give a folder: --to FOLDER.",
            )
        markdown = to is not None and to.suffix in (".md", ".markdown")
        text = write_markdown(sessions[0]) if markdown else write_json(sessions[0])
        if to is None:
            typer.echo(visible(text) if markdown else json_text(text), nl=False)
            return
        _refuse_overwriting([to])
        write_atomically(to, text)
        err().print(f"1 session written to {to}", markup=False, soft_wrap=True)
        return
    files = [to / f"{slugify(session.id, max_length=80) or 'x'}.json" for session in sessions]
    if len(set(files)) != len(files):
        files = [to / f"{file.stem}-{n}.json" for n, file in enumerate(files, 1)]
    _refuse_overwriting(files)
    for session, file in zip(sessions, files, strict=True):
        write_atomically(file, write_json(session))
    err().print(f"{len(files)} sessions written to {to}", markup=False, soft_wrap=True)


def _refuse_overwriting(files: list[Path]) -> None:
    for file in files:
        if file.exists():
            raise InputError("this file is there already", place=file, mend="Give another name.")
