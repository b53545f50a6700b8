"""All checks of one rubric file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.check.findings import Finding, Place, in_order
from grader.check.registry import Check
from grader.check.rubric import against_control, decidable, levels, locked, wording
from grader.check.rubric.against_control import check_quoting, check_room
from grader.check.rubric.decidable import check_decidable
from grader.check.rubric.levels import check_levels
from grader.check.rubric.locked import check_lock
from grader.check.rubric.passages import RubricFile
from grader.check.rubric.wording import check_wording
from grader.rubric.reading import read_rubric_file, read_with_mistakes
from grader.transcripts import read_transcript

CHECKS = (
    *levels.CHECKS,
    *wording.CHECKS,
    *decidable.CHECKS,
    *against_control.CHECKS,
    *locked.CHECKS,
    Check("field-missing", "error", "A field of the rubric is missing."),
    Check("field-wrong", "error", "A field of the rubric can't be read."),
    Check("id-repeated", "error", "An id is used twice."),
)
"""What is looked for here, one entry a check: a new module of checks is named here too."""


def check_rubric(
    path: str | Path,
    *,
    against: Sequence[str | Path] = (),
    judged: Sequence[str | Path] = (),
    allowed_signers: Path | None = None,
) -> list[Finding]:
    """What is wrong with a rubric.

    Args:
        path: the YAML file.
        against: control transcripts whose words the criteria should not carry.
        judged: folders of comparisons whose control was judged by this rubric.
        allowed_signers: who may have signed the lock.

    Raises:
        InputError: the file is missing or is not YAML, or one of the others can't be read.
    """
    document = read_rubric_file(Path(path))
    rubric, mistakes = read_with_mistakes(document)
    found = [
        Finding(
            code={"id_repeated": "id-repeated", "missing": "field-missing"}.get(
                mistake.kind, "field-wrong"
            ),
            severity="error",
            message=f"{document.field(mistake.location) or 'the whole file'}: {mistake.message}",
            mend="docs/rubrics.md shows the form.",
            place=Place(file=str(path), line=document.line(mistake.location)),
        )
        for mistake in mistakes
    ]
    if rubric is None:
        return in_order(found)
    file = RubricFile(document, rubric)
    found += check_levels(file)
    found += check_decidable(file)
    found += check_wording(file)
    found += check_quoting(file, [read_transcript(control) for control in against])
    if judged:
        from grader.review.folder import read_reviewed

        found += check_room(file, [(str(folder), read_reviewed(folder)) for folder in judged])
    found += check_lock(file, allowed_signers)
    return in_order(found)
