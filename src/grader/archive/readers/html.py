"""Reads a session page of a research archive saved as HTML.

The page is turned into the lines that saving it as text would give, each with its line in the
HTML, and then read as such a page.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html.parser import HTMLParser

from grader.archive.readers.lines import Page
from grader.archive.readers.page import looks_like_page, read_page
from grader.errors import InputError
from grader.transcripts.reader import Reader
from grader.transcripts.source import Source
from grader.transcripts.transcript import Transcript

_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body dd details div dl dt fieldset figcaption figure "
        "footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody "
        "tfoot thead tr ul",
    )
)
_HIDDEN = frozenset({"script", "style", "noscript", "template", "svg", "head", "title"})
_START = re.compile(
    r"\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body|main)\b", re.I | re.S
)


MAX_TAGS = 100_000


class _Lines(HTMLParser):
    """Collects lines of text; blocks are set apart by a blank line, cells by a tab."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.numbers: list[int] = []
        self._pieces: list[str] = []
        self._full = False
        """Whether the line under way holds more than its bullet and blanks."""
        self._number = 1
        self._hidden = 0
        self._pre = 0
        self._lists: list[int | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag == "br":
            self._end_line()
        elif tag in ("td", "th"):
            if self._full:
                self._pieces.append("\t")
        elif tag in _BLOCKS:
            self._end_block(blank=tag not in ("li", "tr"))
            if tag in ("ul", "ol"):
                self._lists.append(0 if tag == "ol" else None)
            elif tag == "li":
                self._pieces = [self._bullet()]
            elif tag == "pre":
                self._pre += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _BLOCKS:
            self._end_block(blank=tag not in ("li", "tr"))
            if tag in ("ul", "ol") and self._lists:
                self._lists.pop()
            elif tag == "pre":
                self._pre = max(0, self._pre - 1)

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if not self._pre:
            text = re.sub(r"[ \t\r\n\f]+", " ", data)
            self._add(text if self._full else text.lstrip(" "))
            return
        first, *rest = data.split("\n")
        self._add(first)
        for line in rest:
            self._end_line()
            self._add(line)

    def _add(self, text: str) -> None:
        if not text:
            return
        if not self._full and text.strip():
            self._full = True
            self._number = self.getpos()[0]
        self._pieces.append(text)

    def _bullet(self) -> str:
        if self._lists and self._lists[-1] is not None:
            self._lists[-1] += 1
            return f"  {self._lists[-1]}. "
        return "  • "

    def _end_line(self) -> None:
        self.lines.append("".join(self._pieces).rstrip() if self._full else "")
        self.numbers.append(self._number if self._full else self.getpos()[0])
        self._pieces, self._full = [], False

    def _end_block(self, *, blank: bool) -> None:
        if self._full:
            self._end_line()
        self._pieces = []
        if blank and self.lines and self.lines[-1]:
            self.lines.append("")
            self.numbers.append(self.getpos()[0])


@lru_cache(maxsize=1)
def _page(source: Source) -> Page:
    tags = source.text.count("<")
    if tags > MAX_TAGS:
        raise InputError(
            f"the page has {tags:,} tags, at most {MAX_TAGS:,} are read",
            place=source.path,
            mend="Save the page as text.",
        )
    collector = _Lines()
    collector.feed(_calm(source.text))
    collector.close()
    collector._end_block(blank=False)
    return Page(lines=collector.lines, numbers=collector.numbers)


def _calm(text: str) -> str:
    """The HTML without comments and without tags left open.

    The parser searches for the end of each of them anew, which takes forever in a page that is
    made of nothing else. Lines keep their numbers.
    """
    pieces, position = [], 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        pieces += [text[position:start], "\n" * text.count("\n", start, end)]
        position = end + 3
    text = "".join([*pieces, text[position:]])
    text = re.sub(r"<(?=[!?])(?!!doctype)", "&lt;", text, flags=re.IGNORECASE)
    last = text.rfind(">") + 1
    return text[:last] + text[last:].replace("<", "&lt;")


def recognises(source: Source) -> bool:
    """HTML whose text has the marks of a session page."""
    return bool(_START.match(source.beginning)) and looks_like_page(list(_page(source).lines))


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """The session of one page; `ends_at` is a line of the HTML. Raises as `archive_page.read`."""
    page = _page(source)
    if not page.lines:
        raise InputError("the page holds no text", place=source.path)
    return (read_page(page, source, "archive-html", ends_at),)


READER = Reader(
    name="archive-html",
    about="a session page of a research archive, saved as HTML",
    recognises=recognises,
    read=read,
    reads_any_text=True,
)
