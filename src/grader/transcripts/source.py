"""One file as the readers see it: its bytes, its text, its JSON, each decoded once.

What the content means is left to the readers; what cannot be text at all is refused here.
"""

from __future__ import annotations

import hashlib
import re
from functools import cached_property
from pathlib import Path
from typing import Any

from grader.errors import InputError
from grader.text_file import decode_text, read_bytes
from grader.transcripts.json_text import parse_json

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
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
    def lines(self) -> list[str]:
        """The text's lines. Only line feeds end a line, so numbers agree with an editor's."""
        return self.text.split("\n")

    @cached_property
    def looks_like_json(self) -> bool:
        """Whether the text begins as a JSON object or list does ('[HUMAN]' does not)."""
        return _JSON_START.match(self.text) is not None

    @cached_property
    def json(self) -> Any:
        """The content as one JSON value; None where the text doesn't begin as JSON does.

        Raises:
            InputError: it begins as JSON and is not valid.
        """
        return parse_json(self.text, self.path) if self.looks_like_json else None


def open_source(path: str | Path) -> Source:
    """Read a file.

    Raises:
        InputError: missing, a folder, not readable, too large or empty.
    """
    path = Path(path)
    data = read_bytes(path)
    if not data.strip():
        raise InputError(
            "the file is empty", place=path, mend="Was it saved before the text was pasted?"
        )
    return Source(path, data)
