"""What a study says of the rubric of a comparison: its sentence, and how much two runs differ.

Read from the `results.json` of the studies beside a comparison; how it was computed is the study's
own concern.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from grader.errors import GraderError
from grader.files.text import read_text

STUDIES, RESULTS = "studies", "results.json"


@dataclass(frozen=True)
class StudyNote:
    """What a writeup needs to know of a study."""

    title: str
    sentence: str
    condition: str
    """The condition that its floor speaks of."""
    floor: float | None
    """How often two runs of that condition differ on a criterion."""
    simulated: bool


def study_notes(outputs: Path, rubric_hash: str) -> tuple[StudyNote, ...]:
    """The studies among the outputs that judged by this rubric; those that can't be read left out.

    Args:
        outputs: the folder of all comparisons.
        rubric_hash: of the comparison's rubric.
    """
    found = []
    for path in sorted(outputs.glob(f"{STUDIES}/*/{RESULTS}")):
        try:
            result = json.loads(read_text(path))
            primary = next(each for each in result["contrasts"] if each["primary"])
            if rubric_hash in result["rubrics"].values():
                found.append(
                    StudyNote(
                        title=str(result["title"]),
                        sentence=str(primary["sentence"]["text"]),
                        condition=str(primary["before"]),
                        floor=primary["floor"]["before"]["value"],
                        simulated=bool(result["simulated"]),
                    )
                )
        except (GraderError, ValueError, LookupError, TypeError, AttributeError, StopIteration):
            continue
    return tuple(note for note in found if not note.simulated)
