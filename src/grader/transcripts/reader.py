"""What every reader offers: a name, how it knows its files, and how it reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.transcripts.source import Source
from grader.transcripts.transcript import Transcript


@dataclass(frozen=True)
class Reader:
    """One format.

    `recognises` looks at the content only, never at the file name, and must be quick. `read`
    raises InputError where the content isn't usable; it gets the line at which the user says
    the transcript ends, or None.
    """

    name: str
    about: str
    """What it reads, for lists and messages: 'a session page of an archive, saved as text'."""
    recognises: Callable[[Source], bool]
    read: Callable[[Source, int | None], tuple[Transcript, ...]]
    reads_bytes: bool = False
    """Whether it is asked about files that aren't text, such as archives."""
    reads_any_text: bool = False
    """Whether a user who names this format may have it read text that `recognises` doesn't know."""
