"""Transcripts: the record of a session, and one reader for each format it may come in.

What was said is kept apart from what was written about it later. Knows nothing of rubrics,
judges or comparisons.
"""

from grader.transcripts.documents import Document, documents, with_documents_judged
from grader.transcripts.folder import repeated_names, transcript_files
from grader.transcripts.judged_turns import choose_turns, how_chosen, with_task_prompt
from grader.transcripts.measurements import Measurements, count_words, measure
from grader.transcripts.named_measures import NamedMeasure, measure_named
from grader.transcripts.pair import PairFinding, check_pair
from grader.transcripts.read_options import ReadOptions
from grader.transcripts.reader import Reader
from grader.transcripts.readers.own_json import write_json
from grader.transcripts.readers.own_markdown import write_markdown
from grader.transcripts.reading import (
    all_readers,
    read_session,
    read_transcript,
    read_transcripts,
)
from grader.transcripts.transcript import (
    ModelInfo,
    Provenance,
    PublishedPart,
    ReadingWarning,
    ToolCall,
    Transcript,
    Turn,
    deliverable,
)

__all__ = [
    "Document",
    "Measurements",
    "ModelInfo",
    "NamedMeasure",
    "PairFinding",
    "Provenance",
    "PublishedPart",
    "ReadOptions",
    "Reader",
    "ReadingWarning",
    "ToolCall",
    "Transcript",
    "Turn",
    "all_readers",
    "check_pair",
    "choose_turns",
    "count_words",
    "deliverable",
    "documents",
    "how_chosen",
    "measure",
    "measure_named",
    "read_session",
    "read_transcript",
    "read_transcripts",
    "repeated_names",
    "transcript_files",
    "with_documents_judged",
    "with_task_prompt",
    "write_json",
    "write_markdown",
]
