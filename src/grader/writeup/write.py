"""Writing the writeups of a folder: those that always lie there, and those a user asks for.

`comparison.md` is the text of one or two pages, `evidence.md` all that stands behind it, and
`comparison.html` both, the evidence behind folds; `grader check` compares them byte by byte. Any
other choice of sections, templates or neighbours goes to a folder of the user's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from grader.comparison.folder import (
    DOCX,
    EVIDENCE,
    EVIDENCE_DOCX,
    HTML,
    MARKDOWN,
    PDF,
    has_draft,
)
from grader.errors import GraderError, InputError
from grader.files.text import write_atomically
from grader.review.folder import read_reviewed
from grader.review.reviewed import Reviewed
from grader.review.sign import sign as append_sign_off

if TYPE_CHECKING:
    from grader.writeup.document import Document
    from grader.writeup.position import Neighbour


@dataclass(frozen=True)
class WriteupOptions:
    """How a writeup is to be made. The default is what lies in the folder."""

    sections: tuple[str, ...] | None = None
    """Which sections, in which order, in one file; None: all."""
    extent: Literal["short", "full"] | None = None
    """What goes into one file: the text alone, or text and evidence; None: a file for each."""
    templates: Path | None = None
    """A folder of templates to take instead of the shipped ones."""
    position: bool = False
    """Whether to say where the comparison stands among those beside it."""


def rendered(folder: str | Path, choice: WriteupOptions | None = None) -> dict[str, str]:
    """The texts of the folder's writeups by file name, as draft and reviews give them now.

    Raises:
        InputError: there is no draft; a section or template can't be used.
        RecordError: the draft or a review event was changed.
    """
    choice = choice or WriteupOptions()
    return _texts(_document(folder, choice), choice)


def _document(folder: str | Path, choice: WriteupOptions) -> Document:
    from grader.writeup.document import document_of
    from grader.writeup.studies import StudyNote, study_notes

    reviewed = read_reviewed(folder)
    others: Sequence[Neighbour] = ()
    studies: tuple[StudyNote, ...] = ()
    if choice.position:
        others = _neighbours(Path(folder))
        studies = study_notes(Path(folder).resolve().parent, reviewed.draft.rubric_hash)
    return document_of(reviewed, others, studies)


def _texts(document: Document, choice: WriteupOptions) -> dict[str, str]:
    from grader.writeup.html import render_html
    from grader.writeup.markdown import render_markdown
    from grader.writeup.sections import SHORT, evidence

    templates = choice.templates
    sections = SHORT if choice.extent == "short" else choice.sections
    if sections is not None or choice.extent == "full":
        return {
            MARKDOWN: render_markdown(document, sections=sections, templates=templates),
            HTML: render_html(document, sections=sections, templates=templates),
        }
    return {
        MARKDOWN: render_markdown(document, sections=SHORT, templates=templates, grounds=EVIDENCE),
        EVIDENCE: render_markdown(document, sections=evidence(), templates=templates),
        HTML: render_html(document, templates=templates, folded=True),
    }


def render(
    folder: str | Path,
    *,
    choice: WriteupOptions | None = None,
    to: str | Path | None = None,
    pdf: bool = False,
    docx: bool = False,
) -> tuple[Path, ...]:
    """Write the writeups of a comparison anew; returns their paths, Markdown first.

    Args:
        folder: the comparison's folder.
        choice: sections, templates and position; anything but the default needs `to`.
        to: another folder to write to.
        pdf: also a PDF of the text, through the system's Chromium.
        docx: also Word documents, through pandoc.

    Raises:
        InputError: as `rendered`, or a choice without `to`, or the program is not installed.
        StorageError: a file can't be written.
    """
    if choice not in (None, WriteupOptions()) and to is None:
        raise InputError(
            "the folder keeps the whole writeup; a choice of your own goes elsewhere",
            place="--to",
            mend="Add --to DIR.",
        )
    choice = choice or WriteupOptions()
    place = Path(to) if to is not None else Path(folder)
    document = _document(folder, choice)
    texts = _texts(document, choice)
    for name, text in texts.items():
        write_atomically(place / name, text)
    written = [place / name for name in texts]
    if pdf or docx:
        from grader.writeup.html import render_html
        from grader.writeup.printing import write_docx, write_pdf
        from grader.writeup.sections import SHORT

        if pdf:
            page = texts[HTML]
            if EVIDENCE in texts:
                page = render_html(document, sections=SHORT, templates=choice.templates)
            write_pdf(place / PDF, page)
            written.append(place / PDF)
        if docx:
            for source, target in ((MARKDOWN, DOCX), (EVIDENCE, EVIDENCE_DOCX)):
                if source in texts:
                    linked = texts[source].replace(f"]({EVIDENCE}#", f"]({EVIDENCE_DOCX}#")
                    write_docx(place / target, linked)
                    written.append(place / target)
    return tuple(written)


def sign(folder: str | Path, reviewer: str, statement: str | None = None) -> tuple[Reviewed, Path]:
    """Sign a reviewed comparison and write the final writeup; returns both.

    Raises:
        InputError: something is undecided, or it is signed already.
    """
    reviewed = append_sign_off(Path(folder), reviewer, statement)
    return reviewed, render(folder)[0]


def _neighbours(folder: Path) -> Sequence[Neighbour]:
    """The other comparisons in the same outputs folder; one that can't be read is left out."""
    from grader.writeup.position import neighbour_of

    found = []
    for other in sorted(folder.resolve().parent.iterdir()):
        if other != folder.resolve() and has_draft(other):
            try:
                found.append(neighbour_of(read_reviewed(other)))
            except GraderError:
                continue
    return found
