"""The transcripts in a draft against the files they were read from, where these are at hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.check.findings import Finding
from grader.check.folder.loaded import Opened
from grader.comparison.folder import DRAFT
from grader.errors import GraderError
from grader.rubric import read_rubric
from grader.text.quotation import SIDES
from grader.transcripts.reading import read_transcripts

_RUBRIC_ENDINGS = (".yaml", ".yml")


def check_sources(opened: Opened, sources: Sequence[Path]) -> Iterator[Finding]:
    """Turns and rubric of the draft that differ from the files named."""
    draft = opened.draft
    for source in sources:
        if source.suffix in _RUBRIC_ENDINGS:
            if read_rubric(source).hash != draft.rubric_hash:
                yield opened.finding(
                    DRAFT,
                    "rubric-source-differs",
                    "warning",
                    f"{source} is not the rubric that this comparison was made with",
                    "Compare again under another name, or use the rubric of the draft.",
                    near='"rubric_hash"',
                )
            continue
        for side in SIDES:
            transcript = draft.transcript(side)
            if transcript.provenance.source != source.name:
                continue
            try:
                read = read_transcripts(source)
            except GraderError:
                read = ()
            same = next((each for each in read if each.id == transcript.id), None)
            changed = same is None or same.provenance.sha256 != transcript.provenance.sha256
            if changed or same is None or same.turns != transcript.turns:
                yield opened.finding(
                    DRAFT,
                    "source-differs",
                    "error",
                    f"the {side} is not what {source} holds now",
                    "Restore the file that was compared, or compare again.",
                    near=f'"{transcript.provenance.sha256}"',
                )
