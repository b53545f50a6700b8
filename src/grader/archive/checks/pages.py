"""A published page taken apart: its sentences with their lines, its transcript, its sources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grader.check.findings import Finding, Place, Severity
from grader.errors import InputError
from grader.files.text import read_text
from grader.text.sentences import sentences
from grader.transcripts.reading import read_transcripts
from grader.transcripts.source import open_source
from grader.transcripts.transcript import Transcript, Turn

_CODE = re.compile(r"\b(F\+P|FP|[A-Z])-([A-Za-z][A-Za-z0-9.]*)-(\d{1,3})\b")
_MARKDOWN_HEAD = re.compile(r"#{1,6}\s+(.*?)\s*#*\s*$")
_CRITERION = re.compile(r"Criterion\s+\w+\s*[:.]", re.IGNORECASE)
_NUMBERED = re.compile(r"\d{1,2}\. (.+)")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_BLOCK_QUOTED = re.compile(r"\s*>\s?(.*)")
_PLACE = re.compile(r"(?:“(?P<beginning>.+)” )?— (?P<who>.+), turn \d+(?:, quoted above)?")
_HARD_BREAK = re.compile(r"(?<!\\)(?P<before>(?:\\\\)*)\\$")


@dataclass(frozen=True)
class Sentence:
    """One sentence of an analysis."""

    text: str
    line: int
    essay: int
    """Which analysis of the page it belongs to, from 0."""
    section: str
    paragraph: int
    """Counts the paragraphs of the page."""
    before: str = ""
    """The sentence before it in the same paragraph."""


@dataclass(frozen=True)
class Passage(Sentence):
    """A block quotation of our own writeup with its place, put as 'C says “…”'."""

    passage: str = ""
    """Its words, with the quotation marks in them as they are."""


@dataclass(frozen=True)
class Side:
    """A transcript that the page speaks of."""

    condition: str
    """'C', 'P', …"""
    name: str
    """How findings call it: its code or id."""
    file: str
    transcript: Transcript

    @cached_property
    def turns(self) -> tuple[Turn, ...]:
        """All turns."""
        return self.transcript.turns


@dataclass(frozen=True)
class Page:
    """One page and what is at hand to hold it against."""

    path: Path
    lines: tuple[str, ...]
    transcript: Transcript | None
    """The session of the page; None for a writeup without one."""
    essays: tuple[str, ...]
    """Titles of its analyses."""
    kinds: tuple[str, ...]
    """'analysis' or 'comparison' for each."""
    sentences: tuple[Sentence, ...]
    sides: tuple[Side, ...]
    """Its own transcript first, then those at hand."""
    others: tuple[tuple[str, str], ...]
    """Analyses on other pages at hand: the code of the page and the text."""
    passages: tuple[Passage, ...] = ()
    """What the page shows as a passage of a transcript, beside its own sentences."""

    @property
    def own(self) -> Side | None:
        """The page's own session."""
        return self.sides[0] if self.sides and self.transcript is not None else None

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """Headings and titles of criteria on the page, in small letters: its own words."""
        own = [sentence.section for sentence in self.sentences]
        own += [head[1] for line in self.lines if (head := _MARKDOWN_HEAD.match(line))]
        own += [sentence.text for sentence in self.sentences if _CRITERION.match(sentence.text)]
        own += self.essays
        rows = (cells_of(line)[:1] for line in self.lines)
        own += [title[1] for row in rows for cell in row if (title := _NUMBERED.match(cell))]
        return tuple(dict.fromkeys(heading.casefold() for heading in own if heading))

    def side(self, condition: str) -> Side | None:
        """The transcript at hand with this condition."""
        return next((side for side in self.sides if side.condition == condition), None)

    def place(self, line: int | None, quote: str | None = None) -> Place:
        """A place on this page."""
        return Place(file=str(self.path), line=line, quote=quote)

    def finding(
        self,
        code: str,
        severity: Severity,
        sentence: Sentence,
        message: str,
        against: Sequence[Place] = (),
        mend: str = "",
        opinion: bool = False,
    ) -> Finding:
        """A finding at a sentence."""
        return Finding(
            code=code,
            severity=severity,
            message=message,
            mend=mend,
            place=self.place(sentence.line, sentence.text),
            against=tuple(against),
            opinion=opinion,
        )

    def line_of(self, words: str, *, first: int = 1, last: int | None = None) -> int | None:
        """The first line that holds these words, white space aside."""
        wanted = " ".join(words.split())[:60].casefold()
        for number, line in enumerate(self.lines[first - 1 : last], first):
            if wanted and wanted in " ".join(line.split()).casefold():
                return number
        return None

    @cached_property
    def codes(self) -> frozenset[str]:
        """Conditions that the page names: from its codes, comparisons and sides."""
        named = {match[1] for line in self.lines for match in _CODE.finditer(line)}
        named |= {side.condition for side in self.sides}
        return frozenset(named)


def read_pages(paths: Sequence[Path], sources: Sequence[Path]) -> list[Page]:
    """The pages, each with the sessions of the others and of the sources at hand.

    Raises:
        InputError: a file can't be read, or a source holds no session.
    """
    read = {path: _sessions(path) for path in dict.fromkeys([*paths, *sources])}
    for source in sources:
        if not read[source] and source not in paths:
            raise InputError(
                "this source holds no transcript and no analysis",
                place=source,
                mend="Give a transcript or an archive page.",
            )
    pages = []
    for path in paths:
        own = read[path][0] if read[path] else None
        sides = [] if own is None or not own.turns else [_side(path, own)]
        others: list[tuple[str, str]] = []
        for other, sessions in read.items():
            if other == path:
                continue
            for session in sessions:
                if session.turns and (own is None or _same_work(own, session)):
                    sides.append(_side(other, session))
                code = session.provenance.session_code or session.id
                texts = [part.text for part in session.published if part.kind != "footer"]
                if texts:
                    others.append((code, "\n".join(texts)))
        lines = tuple(open_source(path).lines)
        if own is not None:
            essays, kinds, sentences = _of_archive(own, lines)
        else:
            essays, kinds, sentences = _of_markdown(path, lines)
        pages.append(
            Page(
                path=path,
                lines=lines,
                transcript=own,
                essays=essays,
                kinds=kinds,
                sentences=tuple(sentences),
                sides=tuple(sides),
                others=tuple(others),
                passages=tuple(_passages(lines)) if own is None else (),
            )
        )
    return pages


def _sessions(path: Path) -> tuple[Transcript, ...]:
    try:
        return read_transcripts(path)
    except InputError:
        # A writeup in Markdown is no session; a file that isn't there is told by reading it.
        read_text(path)
        return ()


def _same_work(own: Transcript, other: Transcript) -> bool:
    """Whether another session is of the same task: only then 'C' and 'P' mean these two."""
    ours, theirs = own.provenance.session_code, other.provenance.session_code
    if ours and theirs:
        return ours.split("-")[1:] == theirs.split("-")[1:]
    if own.task and other.task:
        return own.task == other.task
    mine, yours = (" ".join((t.task_prompt or "").split()) for t in (own, other))
    return bool(mine) and mine == yours


def _side(path: Path, session: Transcript) -> Side:
    code = session.provenance.session_code
    return Side(
        condition=session.condition or (code or "?").split("-")[0],
        name=code or session.id,
        file=str(path),
        transcript=session,
    )


# --- sentences ------------------------------------------------------------------------------


def _of_archive(
    session: Transcript, lines: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...], list[Sentence]]:
    essays: list[str] = []
    kinds: list[str] = []
    sentences: list[Sentence] = []
    paragraph = 0
    for part in session.published:
        if part.kind not in ("analysis", "comparison", "doubtful"):
            continue
        # What a reader could not tell from the transcript is mostly the opening of an essay.
        essay = "Opening" if part.kind == "doubtful" else part.part_of or part.title
        # 'C vs P — …' and the essay's own title below it open one and the same comparison.
        if not essays or essay != essays[-1]:
            empty = not sentences_of(sentences, len(essays) - 1)
            if kinds and (
                (kinds[-1] == part.kind == "comparison" and empty)
                or (essays[-1] == "Opening" and part.kind == "analysis")
            ):
                essays[-1] = essay
            else:
                essays.append(essay)
                kinds.append("comparison" if part.kind == "comparison" else "analysis")
        for number in range(part.first_line, part.last_line + 1):
            text = lines[number - 1].strip()
            if not text or text == part.title:
                continue
            paragraph += 1
            if len(text.split()) < 4 and not text.endswith((".", "!", "?")):
                continue
            sentences += _split([(text, number)], len(essays) - 1, part.title, paragraph)
    return tuple(essays), tuple(kinds), sentences


def sentences_of(sentences: Sequence[Sentence], essay: int) -> list[Sentence]:
    """The sentences of one analysis."""
    return [sentence for sentence in sentences if sentence.essay == essay]


def _of_markdown(
    path: Path, lines: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...], list[Sentence]]:
    sentences: list[Sentence] = []
    title, section = path.stem, ""
    block: list[tuple[str, int]] = []
    paragraph = 0
    fenced = False
    columns: list[str] = []

    def close() -> None:
        nonlocal paragraph
        if block:
            paragraph += 1
            sentences.extend(_split(block, 0, section, paragraph))
            block.clear()

    for number, line in enumerate(lines, 1):
        if _FENCE.match(line):
            close()
            fenced = not fenced
        if fenced or _FENCE.match(line):
            continue
        head = _MARKDOWN_HEAD.match(line)
        cells = cells_of(line)
        if cells and cells[0] == "Criterion":
            columns = cells[1:3]
        elif not cells:
            columns = []
        for condition, cell in zip(columns, cells[1:], strict=False):
            if "“" in cell:  # a passage in the scorecard of a writeup of our own
                said = f"{condition} says {cell[cell.index('“') :]}"
                sentences.append(Sentence(said, number, 0, section, -number))
        if head or not line.strip() or line.lstrip().startswith(("|", ">")):
            close()
            if head:
                section = re.sub(r"[*_`]+", "", head[1])
                if line.startswith("# "):
                    title = section
            continue
        text = re.sub(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+", "", line)
        if text != line:
            close()
        block.append((_plain(text), number))
    close()
    return (title,), ("comparison",), sentences


def _passages(lines: Sequence[str]) -> Iterator[Passage]:
    """Block quotations under which their place stands: '— C, turn 2'."""
    section = ""
    fenced = False
    block: list[str] = []
    for number, line in enumerate(lines, 1):
        fenced ^= _FENCE.match(line) is not None
        if not fenced and (head := _MARKDOWN_HEAD.match(line)):
            section = head[1]
        quoted = _BLOCK_QUOTED.match(line)
        if fenced or not quoted:
            block = []
        elif place := _PLACE.fullmatch(quoted[1]):
            words = _plain(place["beginning"] or "\n".join(block))
            if words:
                inside = re.sub('["“”]', "'", words)
                said = f"{_plain(place['who'])} says “{inside}”"
                first = number - len(block)
                yield Passage(said, first, 0, section, -number, passage=words)
            block = []
        else:
            block.append(_HARD_BREAK.sub(r"\g<before>", quoted[1]))


def cells_of(line: str) -> list[str]:
    """The cells of a row of a table in Markdown; none for another line."""
    cells = re.split(r"(?<!\\)\|", line)
    return [_plain(cell) for cell in cells[1:-1]] if line.startswith("|") else []


_FOOTNOTE = re.compile(r"\[[^\]\n]{1,12}\]\([^()\s]*#sentence-\w+\)[†°]*")
"""The link behind a sentence of our own writeup, which is none of its words."""


def _plain(text: str) -> str:
    """The words of a line of Markdown, without emphasis and with escaped signs as they are."""
    text = _FOOTNOTE.sub("", text)
    text = re.sub(r"(?<!\\)(?:\*\*|__|`)", "", text)
    return re.sub(r"\\([^A-Za-z0-9\s])", r"\1", text).strip()


def _split(
    block: Sequence[tuple[str, int]], essay: int, section: str, paragraph: int
) -> Iterator[Sentence]:
    """The sentences of a paragraph given as lines with their numbers."""
    text = " ".join(line for line, _ in block)
    starts = []
    at = 0
    for line, number in block:
        starts.append((at, number))
        at += len(line) + 1

    def line_at(position: int) -> int:
        return [number for start, number in starts if start <= position][-1]

    begin, before = 0, ""
    for _, end in sentences(text, codes="CFP"):
        said = text[begin:end].strip()
        inside = text.count('"', begin, end) % 2 == 1 and '"' in text[end:]
        if not said or inside:
            continue
        first = begin + len(text[begin:end]) - len(text[begin:end].lstrip())
        yield Sentence(said, line_at(first), essay, section, paragraph, before)
        begin, before = end, said
