"""How one file is to be read, where the file itself leaves it open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.transcripts.documents import with_documents_judged
from grader.transcripts.judged_turns import choose_turns
from grader.transcripts.reading import read_transcript
from grader.transcripts.transcript import Transcript


@dataclass(frozen=True)
class ReadOptions:
    """How one file is to be read. The default leaves everything to the file."""

    format: str | None = None
    """Name of a reader; None lets the content decide."""
    ends_at: int | None = None
    """Last line of the transcript on a page."""
    turns: str | None = None
    """Which turns are judged, such as '2,4-6', 'last' or 'all'; None leaves it to the rule."""
    artifacts: bool = False
    """Whether the documents that the model put into tool calls are judged too."""

    def read(self, path: str | Path) -> Transcript:
        """The transcript of the file. Raises InputError, also where the model says nothing."""
        return self.chosen(read_transcript(path, format=self.format, ends_at=self.ends_at))

    def chosen(self, transcript: Transcript) -> Transcript:
        """A transcript with these choices of what is judged. Raises InputError."""
        if self.artifacts:
            transcript = with_documents_judged(transcript)
        return choose_turns(transcript, self.turns) if self.turns else transcript
