"""One file as the readers see it: its bytes, its text, its JSON, each decoded once.

What the content means is left to the readers; what cannot be text at all, or would need more
time and memory than any transcript, is refused here.
"""

from __future__ import annotations

import hashlib
import re
from functools import cached_property
from pathlib import Path
from typing import Any

from grader.errors import InputError
from grader.files.text import decode_text, read_bytes
from grader.transcripts.facts_text import parse_facts
from grader.transcripts.json_text import check_size, parse_json

MAX_BYTES = 32_000_000
MAX_LINES = 100_000
"""Of text read line by line. A page of the longest session has a few thousand."""

SIDECARS = (".meta.yaml", ".meta.yml", ".meta.json")
"""What follows the file's stem in the name of the file of facts beside it."""

MAX_TURNS = 20_000
"""Of one session."""

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_TWO_VALUES = re.compile(r"\s*[\[{][^\n]*[\]}][ \t]*\n\s*[\[{]")
"""Two lines that are closed objects or lists each: JSON Lines, not JSON over several lines."""

_JSON_START = re.compile(r'\s*(?:\{|\[\s*(?:[\[{"\]]|-?\d))')


class Source:
    """A file that was read whole. Equal bytes give equal transcripts but for the name."""

    def __init__(self, path: Path, data: bytes) -> None:
        self.path = path
        self.data = data

    @property
    def name(self) -> str:
        """File name without folders."""
        return self.path.name

    @cached_property
    def sha256(self) -> str:
        """Hash of the bytes."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def text(self) -> str:
        """The content as text with plain line feeds, a byte order mark dropped.

        Raises:
            InputError: neither UTF-8 nor UTF-16 with its mark, or not text.
        """
        if self.data.startswith(_UTF16_MARKS):
            try:
                text = self.data.decode("utf-16")
            except UnicodeDecodeError as error:
                raise InputError(
                    f"marked as UTF-16, but byte {error.start} cannot be read",
                    place=self.path,
                    mend="Save the file as UTF-8.",
                ) from None
            if "\x00" in text:
                raise InputError("not a text file: it holds NUL bytes", place=self.path)
        else:
            text = decode_text(self.data, self.path)
        return text.replace("\r\n", "\n").replace("\r", "\n")

    @cached_property
    def beginning(self) -> str:
        """The first 4,000 characters after any blank ones."""
        return self.text.lstrip()[:4_000]

    @cached_property
    def lines(self) -> list[str]:
        """The text's lines. Only line feeds end a line, so numbers agree with an editor's.

        Raises:
            InputError: more lines than any transcript has.
        """
        count = self.text.count("\n")
        if count > MAX_LINES:
            raise InputError(
                f"the file has {count:,} lines, at most {MAX_LINES:,} are read",
                place=self.path,
                mend="Split the file.",
            )
        return self.text.split("\n")

    @cached_property
    def looks_like_json(self) -> bool:
        """Whether the text begins as a JSON object or list does ('[HUMAN]' does not)."""
        return _JSON_START.match(self.beginning) is not None

    @cached_property
    def json(self) -> Any:
        """The content as one JSON value; None where the text doesn't begin as JSON does.

        JSON Lines give None too: see `json_lines`.

        Raises:
            InputError: it begins as JSON and is not valid.
        """
        if not self.looks_like_json or self.json_lines is not None:
            return None
        return parse_json(self.text, self.path, may_hold_nan=is_inspect_log)

    @cached_property
    def json_lines(self) -> list[tuple[int, Any]] | None:
        """The values of JSON Lines with their line numbers; None where the text isn't that.

        Raises:
            InputError: the first line is a JSON value of its own, a later one is not valid.
        """
        if not self.looks_like_json or not _TWO_VALUES.match(self.text):
            return None
        full = [(n, line) for n, line in enumerate(self.lines, start=1) if line.strip()]
        check_size(self.text, self.path)
        number, first = full[0]
        try:
            values = [(number, parse_json(first, self.path, first_line=number))]
        except InputError:
            return None
        return values + [(n, parse_json(line, self.path, first_line=n)) for n, line in full[1:]]

    @cached_property
    def sidecar(self) -> dict[str, Any]:
        """Facts from the file beside this one (`session.meta.yaml`); empty without one.

        Raises:
            InputError: two such files, a link out of the folder, or not a group of fields.
        """
        found = [
            path for end in SIDECARS if (path := self.path.with_name(self.path.stem + end)).exists()
        ]
        if not found or found[0] == self.path:
            return {}
        if len(found) > 1:
            raise InputError(
                f"two files of facts lie beside this one: {found[0].name} and {found[1].name}",
                place=self.path,
                mend="Keep one of them.",
            )
        path = found[0]
        if path.resolve().parent != self.path.parent.resolve():
            raise InputError(
                "a symbolic link out of its folder is not followed",
                place=path,
                mend="Copy the file here.",
            )
        text = Source(path, read_bytes(path, limit=2_000_000)).text
        return parse_facts(text, path, json=path.suffix == ".json")


def is_inspect_log(value: Any) -> bool:
    """Whether a JSON value has the head of an Inspect log, which may hold NaN."""
    return (
        isinstance(value, dict)
        and {"eval", "status", "version"} <= value.keys()
        and isinstance(value["eval"], dict)
        and "task" in value["eval"]
    )


def check_turns(count: int, source: Source) -> None:
    """Refuse a session of more turns than anybody takes. Raises InputError."""
    if count > MAX_TURNS:
        raise InputError(
            f"the session has {count:,} turns, at most {MAX_TURNS:,} are read",
            place=source.path,
            mend="Is this one session? Split the file.",
        )


def open_source(path: str | Path) -> Source:
    """Read a file.

    Raises:
        InputError: missing, a folder, not readable, too large or empty.
    """
    path = Path(path)
    data = read_bytes(path, limit=MAX_BYTES)
    if not data.strip():
        raise InputError(
            "the file is empty", place=path, mend="Was it saved before the text was pasted?"
        )
    return Source(path, data)
