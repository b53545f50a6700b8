"""People's levels in the browser: the next drawn run for a person, and keeping what they gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from grader.errors import GraderError, InputError
from grader.files.text import read_text
from grader.questions.blinding import blind
from grader.review.surfaces.web.studies import GoldPage, GoldQuestion
from grader.rubric import Criterion
from grader.study.asking import TRANSCRIPTS
from grader.study.design import DESIGN, Design, read_design
from grader.study.gold import (
    check_open,
    finished,
    give_levels,
    gold_items,
    open_items,
    read_gold,
)
from grader.study.looks import read_looks
from grader.study.runs import transcript_name
from grader.transcripts import Transcript


class WebGold:
    """The studies of a folder whose runs wait for levels by people.

    Args:
        root: the folder of all studies.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def awaiting(self) -> list[str]:
        """Ids of studies in which people still give levels."""
        found = []
        for path in sorted(self._root.iterdir()) if self._root.is_dir() else []:
            try:
                design = read_design(path)
                check_open(design, len(read_looks(path)), path)
                found.append(design.plan.id)
            except GraderError:
                continue
        return found

    def next_run(self, id: str, reviewer: str) -> GoldPage | None:
        """The next run for this person; None: nothing is left.

        Raises:
            KeyError: there is no such study.
            InputError: levels by people can't be blind any more.
        """
        folder, design = self._open(id)
        left = open_items(design, read_gold(folder), reviewer)
        if not left:
            return None
        run = left[0].run
        path = folder / TRANSCRIPTS / transcript_name(run.transcript)
        shown = blind(Transcript.model_validate_json(read_text(path)))
        return GoldPage(
            id=id,
            transcript=run.transcript,
            task=shown.task,
            texts=shown.texts,
            left=len(left),
            total=len(gold_items(design)),
            questions=tuple(
                GoldQuestion(
                    criterion.id,
                    criterion.title,
                    criterion.question,
                    tuple((name, criterion.definition(name)) for name in criterion.answers),
                )
                for criterion in design.rubrics[run.task].criteria
            ),
        )

    def give(self, id: str, reviewer: str, transcript: str, levels: dict[str, str | None]) -> None:
        """Keep a person's levels on a run, also on one that others have finished meanwhile.

        Raises:
            KeyError: there is no such study, or the run was not drawn.
            InputError: a criterion has no answer, or one that it doesn't know; there is no such
                criterion; or the person gave the run other levels before, which stay.
        """
        folder, design = self._open(id)
        runs = {item.run.transcript: item.run for item in gold_items(design)}
        run = runs[transcript]
        criteria = design.rubrics[run.task].criteria
        _check(levels, criteria)
        lines = read_gold(folder)
        if reviewer in finished(design, lines).get(transcript, ()):
            before = {
                line.criterion: line.level
                for line in lines
                if (line.transcript, line.reviewer) == (transcript, reviewer)
            }
            if levels != before:
                raise InputError(
                    "you gave this run its levels before, and those stay",
                    mend="The levels of this form were not kept.",
                )
            return  # sent twice
        give_levels(
            folder,
            at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            reviewer=reviewer,
            run=run,
            levels={criterion.id: levels[criterion.id] for criterion in criteria},
        )

    def _open(self, id: str) -> tuple[Path, Design]:
        folder = self._root / id
        if folder.parent != self._root or not (folder / DESIGN).is_file():
            raise KeyError(id)
        design = read_design(folder)
        check_open(design, len(read_looks(folder)), folder)
        return folder, design


def _check(levels: Mapping[str, str | None], criteria: Sequence[Criterion]) -> None:
    """Refuse what can't be kept as it was given. Raises InputError."""
    for criterion in criteria:
        if criterion.id not in levels:
            raise InputError(
                f"“{criterion.title}” has no answer",
                mend="Give every criterion a level, or say that you can't. Nothing is kept yet.",
            )
        level = levels[criterion.id]
        if level is not None and level not in criterion.answers:
            raise InputError(
                f"“{criterion.title}” has no level {level[:60]!r}",
                mend=f"It has {', '.join(criterion.answers)}. Nothing is kept yet.",
            )
    for unknown in levels.keys() - {criterion.id for criterion in criteria}:
        raise InputError(
            f"this run has no criterion {unknown[:60]!r}",
            mend="Give the levels again. Nothing is kept yet.",
        )
