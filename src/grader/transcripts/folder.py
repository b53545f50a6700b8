"""The transcripts of a folder: which files count, and names that two of them share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from grader.errors import InputError
from grader.transcripts.source import SIDECARS
from grader.transcripts.transcript import Transcript

ENDINGS = frozenset({".json", ".jsonl", ".ndjson", ".md", ".markdown", ".txt", ".text", ".html",
                     ".htm", ".eval"})  # fmt: skip


def transcript_files(folder: str | Path) -> tuple[Path, ...]:
    """The files of a folder that may hold transcripts, sorted by name; not those of its folders.

    Hidden files and files of facts (`*.meta.yaml`) don't count.

    Raises:
        InputError: no such folder, a symbolic link that leads out of it, or nothing in it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError("no such folder", place=folder, mend="Check the path.")
    home = folder.resolve()
    files = []
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", place=folder) from None
    for path in entries:
        if path.name.startswith(".") or path.name.endswith(SIDECARS):
            continue
        if path.suffix.lower() not in ENDINGS or not (path.is_file() or path.is_symlink()):
            continue
        if path.is_symlink() and not path.resolve().is_relative_to(home):
            raise InputError(
                "a symbolic link out of its folder is not followed",
                place=path,
                mend="Copy the file into the folder.",
            )
        files.append(path)
    if not files:
        raise InputError(
            "the folder holds no transcript",
            place=folder,
            mend=f"Looked for files that end in {', '.join(sorted(ENDINGS))}.",
        )
    return tuple(files)


def repeated_names(transcripts: Iterable[Transcript]) -> tuple[str, ...]:
    """Ids, codes and session numbers that more than one of the transcripts bears, in words."""
    bearers: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for transcript in transcripts:
        stated = transcript.provenance
        bearers["id", transcript.id].append(stated.source)
        # An id made from the code says nothing new.
        if stated.session_code and stated.session_code.lower() != transcript.id:
            bearers["session code", stated.session_code].append(stated.source)
        if stated.session_number is not None:
            bearers["session number", str(stated.session_number)].append(stated.source)
    return tuple(
        f"the {kind} {name!r} is used {len(sources)} times: {', '.join(sources[:5])}"
        for (kind, name), sources in bearers.items()
        if len(sources) > 1
    )
