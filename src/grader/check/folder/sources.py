"""The transcripts in a draft against the files they were read from, where these are at hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.check.findings import Finding
from grader.check.folder.loaded import Opened
from grader.check.folder.registered import check_registration
from grader.check.registry import Check
from grader.comparison.folder import DRAFT
from grader.errors import GraderError
from grader.files.text import read_bytes
from grader.records import difference
from grader.rubric import read_rubric
from grader.text.quotation import SIDES, Side
from grader.transcripts.reading import read_transcripts
from grader.transcripts.transcript import Transcript

CHECKS = (
    Check("rubric-source-differs", "warning", "The rubric named is not the one that was used."),
    Check("source-differs", "error", "A transcript is not what its file contains now."),
    Check("source-renamed", "warning", "A transcript was read from a file of another name."),
)
"""What is looked for here."""


_RUBRIC_ENDINGS = (".yaml", ".yml")


def check_sources(opened: Opened, sources: Sequence[Path]) -> Iterator[Finding]:
    """Turns and rubric of the draft that differ from the files named."""
    draft = opened.draft
    for source in sources:
        if source.suffix in _RUBRIC_ENDINGS:
            yield from check_registration(opened, source)
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
                if hashlib.sha256(read_bytes(source)).hexdigest() == transcript.provenance.sha256:
                    yield _called_otherwise(opened, side, source)
                continue
            try:
                read = read_transcripts(source)
            except GraderError:
                read = ()
            same = next((each for each in read if each.id == transcript.id), None)
            differs = None if same is None else _difference(transcript, same)
            if same is None or differs is not None:
                yield opened.finding(
                    DRAFT,
                    "source-differs",
                    "error",
                    f"the {side} is not what {source} contains now"
                    + (f": {differs}" if differs else ""),
                    "Restore the file that was compared, or compare again.",
                    near=f'"{transcript.provenance.sha256}"',
                )


def _called_otherwise(opened: Opened, side: Side, source: Path) -> Finding:
    return opened.finding(
        DRAFT,
        "source-renamed",
        "warning",
        f"the {side} was read from {source.name}, and the draft calls it "
        f"{opened.draft.transcript(side).provenance.source}",
        "Give the file its name of then.",
        near='"provenance"',
    )


def _difference(ours: Transcript, theirs: Transcript) -> str | None:
    """Where two readings of one file differ; what a person chose to be judged aside."""
    chosen = {"judged": None, "artifacts_judged": False, "warnings": ()}
    for name in type(ours).model_fields:
        one, other = getattr(ours, name), getattr(theirs, name)
        if name not in chosen and one != other:
            return f"{name}: {difference(one, other)}"
    return None
