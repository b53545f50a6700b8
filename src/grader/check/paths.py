"""Whatever a path holds, checked by the room that knows it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.check.findings import Finding
from grader.comparison.folder import DRAFT
from grader.errors import InputError

RUBRICS = (".yaml", ".yml")


def check_paths(
    paths: Sequence[str | Path],
    *,
    sources: Sequence[str | Path] = (),
    judge: str | None = None,
    base_url: str | None = None,
    outputs: str | Path = "outputs",
) -> list[Finding]:
    """What is wrong with folders, rubrics and pages, in the order of the paths.

    Args:
        paths: comparison folders, folders of such folders, rubrics, pages.
        sources: transcripts and pages that they speak of or were made from.
        judge: who is asked about statements that rules can't decide; None: nobody.
        base_url: an OpenAI-compatible server to ask instead.
        outputs: the folder with the journal.

    Raises:
        InputError: a path is missing or holds nothing that can be checked.
    """
    found: list[Finding] = []
    pages: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            from grader.check.folder import check_folder

            for folder in _folders(path):
                found += check_folder(folder, sources=sources)
        elif path.suffix.lower() in RUBRICS:
            from grader.check.rubric import check_rubric

            found += check_rubric(path)
        else:
            pages.append(path)
    if pages:
        from grader.check.page import check_pages

        found += check_pages(
            pages, sources=sources, judge=judge, base_url=base_url, outputs=outputs
        )
    return found


def _folders(path: Path) -> list[Path]:
    if (path / DRAFT).is_file():
        return [path]
    inner = sorted(folder.parent for folder in path.glob(f"*/{DRAFT}"))
    if not inner:
        raise InputError(
            f"there is no {DRAFT} in this folder, nor in a folder in it",
            place=path,
            mend="Give a folder that `grader compare` made, such as outputs/<name>.",
        )
    return inner
