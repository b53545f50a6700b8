"""Transcripts: the record of a session, and one reader for each format it may come in.

What was said is kept apart from what was written about it later. Knows nothing of rubrics,
judges or comparisons.
"""

from grader.transcripts.measurements import Measurements, count_words, measure
from grader.transcripts.reading import read_transcript, read_transcripts
from grader.transcripts.transcript import (
    ModelInfo,
    Provenance,
    PublishedPart,
    ReadingWarning,
    Transcript,
    Turn,
    deliverable,
)

__all__ = [
    "Measurements",
    "ModelInfo",
    "Provenance",
    "PublishedPart",
    "ReadingWarning",
    "Transcript",
    "Turn",
    "count_words",
    "deliverable",
    "measure",
    "read_transcript",
    "read_transcripts",
]
