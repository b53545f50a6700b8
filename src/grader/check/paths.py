"""Whatever a path holds, checked by the room that knows it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.check.findings import Finding, Place
from grader.comparison.folder import DRAFT, has_draft, is_unfinished, without_files_beside
from grader.errors import InputError

if TYPE_CHECKING:
    from grader.judge.options import JudgeOptions
from grader.check.registry import Check, checkers

CHECKS = (Check("draft-missing", "warning", "There is no draft in the folder."),)
"""What is looked for here."""


RUBRICS = (".yaml", ".yml")
STUDIES, DESIGN = "studies", "design.json"
"""As `grader.study.design` names them; that module needs the statistics libraries."""


def check_paths(
    paths: Sequence[str | Path],
    *,
    sources: Sequence[str | Path] = (),
    judge: str | None = None,
    options: JudgeOptions | None = None,
    outputs: str | Path = "outputs",
) -> list[Finding]:
    """What is wrong with folders, rubrics and pages, in the order of the paths.

    Args:
        paths: folders of comparisons and of studies, folders of such folders, rubrics, pages.
        sources: transcripts and pages that they speak of or were made from.
        judge: who is asked about statements that rules can't decide; None: nobody.
        options: how the judge is asked; None: the usual way.
        outputs: the folder with the journal.

    Raises:
        InputError: a path is missing or holds nothing that can be checked.
    """
    found: list[Finding] = []
    pages: list[Path] = []
    for path in things_of(paths):
        if is_study_folder(path):
            from grader.check.study import check_study

            found += check_study(path)
        elif path.is_dir():
            from grader.check.folder import check_folder

            found += check_folder(path, sources=sources) if has_draft(path) else [_no_draft(path)]
        elif path.suffix.lower() in RUBRICS:
            from grader.check.rubric import check_rubric

            found += check_rubric(path)
        else:
            pages.append(path)
    if pages:
        known = checkers()
        if not known:
            raise InputError(
                "nothing that is installed checks files of this kind",
                place=pages[0],
                mend="Install grader again; its checks of pages are an entry point of the package.",
            )
        for checker in known:
            found += checker.run(
                pages, sources=sources, judge=judge, options=options, outputs=outputs
            )
    return found


def things_of(paths: Sequence[str | Path]) -> list[Path]:
    """What is checked: the comparisons of folders that hold some; all other paths as they are.

    Raises:
        InputError: nothing was given but folders without a comparison.
    """
    found: list[Path] = []
    for path in map(_folder_of, without_files_beside([Path(path) for path in paths])):
        within = [] if _is_one(path) or not path.is_dir() else sorted(path.iterdir())
        studies = sorted((path / STUDIES).iterdir()) if (path / STUDIES).is_dir() else []
        found += [each for each in (*within, *studies) if _is_one(each)] or [path]
    if found and all(path.is_dir() and not _is_one(path) for path in found):
        none = _no_draft(found[0])
        raise InputError(none.message, place=found[0], mend=none.mend)
    return found


def is_study_folder(path: Path) -> bool:
    """Whether a path is the folder of a study."""
    return (path / DESIGN).is_file()


def _is_one(path: Path) -> bool:
    return has_draft(path) or is_unfinished(path) or is_study_folder(path)


def _folder_of(path: Path) -> Path:
    """The folder for a record in it; a page keeps its own way, even if it lies there."""
    return path.parent if path.suffix in (".json", ".jsonl") and has_draft(path.parent) else path


def _no_draft(folder: Path) -> Finding:
    if is_unfinished(folder):
        why, mend = ": its run did not end", "Run the same `grader compare` again, or remove it."
    else:
        why = ", nor in a folder in it"
        mend = "Give a folder that `grader compare` made, such as outputs/<name>."
    return Finding(
        code="draft-missing",
        severity="note" if is_unfinished(folder) else "warning",
        message=f"there is no {DRAFT} in this folder{why}",
        mend=mend,
        place=Place(file=str(folder)),
    )
