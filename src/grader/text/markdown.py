"""Markdown as its author meant it to be read, with the place of every shown word in the source.

A judge's quotations are places in the source. A page that shows the text as Markdown can mark the
very same words, since each piece of shown text knows where it stands. Nothing of the source is
taken as HTML. A block whose words can't be found in the source again is shown as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token


@dataclass(frozen=True)
class Piece:
    """A stretch of shown text."""

    text: str
    start: int
    """Where it stands in the source; characters from here to `end` are shown by it."""
    end: int
    marks: tuple[str, ...] = ()
    """'strong', 'em', 'code', 'link'."""
    whole: bool = False
    """Whether it can't be cut, since the source writes it otherwise: '&amp;' for '&'."""


@dataclass(frozen=True)
class Block:
    """A paragraph, heading, list item, piece of code, row of a table, or rule."""

    kind: str
    """'p', 'h1' to 'h6', 'code', 'row', 'head', 'rule' or 'source'."""
    cells: tuple[tuple[Piece, ...], ...]
    """One, but for the rows of a table."""
    depth: int = 0
    """How many lists and quotations it stands in."""
    bullet: str = ""
    """The sign of a list item at its first block: '•', '3.'."""
    quoted: bool = False
    """Whether it stands in a block quotation."""


_LINE_END = re.compile(r"\r\n|\r|\n")
"""What markdown-it takes as the end of a line."""


class _NotFound(Exception):
    """The words of a block don't stand in the source as they are."""


@lru_cache(maxsize=512)
def blocks_of(text: str) -> tuple[Block, ...]:
    """The blocks of a Markdown text, in order.

    Args:
        text: the source, of any length; its line ends are counted as they are.
    """
    return tuple(_Blocks(text).all())


def cut_at(block: Sequence[Piece], borders: Sequence[int]) -> Iterator[Piece]:
    """The pieces of a block, cut where a border of the source lies inside of them."""
    for piece in block:
        inside = [at for at in borders if piece.start < at < piece.end]
        if piece.whole or not inside:
            yield piece
            continue
        for start, end in zip([piece.start, *inside], [*inside, piece.end], strict=True):
            words = piece.text[start - piece.start : end - piece.start]
            yield Piece(words, start, end, piece.marks)


class _Blocks:
    """One text on its way to blocks.

    Args:
        text: the source.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._begins = [0, *(end.end() for end in _LINE_END.finditer(text)), len(text) + 1]
        """Where each line begins, and after the last one the end."""
        self._depth = 0
        self._quotes = 0
        self._bullets: list[str] = []
        self._pending = ""

    def all(self) -> Iterator[Block]:
        tokens = _parser().parse(self._text)
        number = 0
        while number < len(tokens):
            token = tokens[number]
            if token.type == "tr_open":
                end = next(n for n in range(number, len(tokens)) if tokens[n].type == "tr_close")
                yield self._row(tokens[number : end + 1])
                number = end
            elif token.type in ("paragraph_open", "heading_open"):
                kind = "p" if token.type == "paragraph_open" else token.tag
                yield self._words(kind, tokens[number + 1])
                number += 2
            elif token.type in ("fence", "code_block"):
                yield self._code(token)
            elif token.type == "html_block":
                yield self._source(token)
            elif token.type == "hr":
                yield self._block("rule", ())
            else:
                if token.type in ("list_item_open", "list_item_close") and self._pending:
                    yield self._block("p", ())  # a list item of no words still shows its sign
                self._enter_or_leave(token)
            number += 1

    def _enter_or_leave(self, token: Token) -> None:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            self._depth += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self._depth -= 1
        elif token.type == "list_item_open":
            self._pending = f"{token.info}{token.markup}" if token.info else "•"
        elif token.type == "blockquote_open":
            self._quotes += 1
        elif token.type == "blockquote_close":
            self._quotes -= 1

    def _block(self, kind: str, *cells: tuple[Piece, ...]) -> Block:
        bullet, self._pending = self._pending, ""
        return Block(kind, cells, self._depth, bullet, self._quotes > 0)

    def _span(self, token: Token) -> tuple[int, int]:
        first, after = token.map or [0, 0]
        return self._begins[first], max(self._begins[first], self._end(after - 1))

    def _end(self, number: int) -> int:
        """Where a line ends, before the sign of its end."""
        end = min(self._begins[number + 1], len(self._text) + 1)
        line = self._text[self._begins[number] : end]
        return self._begins[number] + len(line.rstrip("\r\n"))

    def _source(self, token: Token) -> Block:
        start, end = self._span(token)
        return self._block("source", (Piece(self._text[start:end], start, end),))

    def _words(self, kind: str, inline: Token) -> Block:
        try:
            return self._block(kind, tuple(self._inline(inline, self._places(inline))))
        except _NotFound:
            return self._source(inline)

    def _places(self, inline: Token) -> list[int]:
        """Where each character of a block's own text stands in the source."""
        places: list[int] = []
        first = (inline.map or [0])[0]
        for number, line in enumerate(inline.content.split("\n"), first):
            if number + 1 >= len(self._begins):
                raise _NotFound
            at = self._text.rfind(line, self._begins[number], self._end(number))
            if at < 0:
                raise _NotFound
            places += range(at, at + len(line) + 1)
        return places

    def _row(self, tokens: Sequence[Token]) -> Block:
        inlines = [token for token in tokens if token.type == "inline"]
        kind = "head" if any(token.type == "th_open" for token in tokens) else "row"
        try:
            start, end = self._span(tokens[0])
            cells = []
            for inline in inlines:
                at = self._text.find(inline.content, start, end)
                if at < 0:
                    raise _NotFound
                start = at + len(inline.content)
                cells.append(tuple(self._inline(inline, list(range(at, start + 1)))))
            if self._hides_words(tokens[0], cells):
                raise _NotFound  # a row with more cells than its head has loses them
            return self._block(kind, *cells)
        except _NotFound:
            return self._source(tokens[0])

    def _hides_words(self, token: Token, cells: Sequence[Sequence[Piece]]) -> bool:
        start, end = self._span(token)
        shown = "".join(self._text[p.start : p.end] for cell in cells for p in cell)
        return sum(map(str.isalnum, shown)) != sum(map(str.isalnum, self._text[start:end]))

    def _code(self, token: Token) -> Block:
        pieces: list[Piece] = []
        first = (token.map or [0])[0] + (token.type == "fence")
        if info := token.info.strip():  # words behind the fence's sign are shown, too
            end = self._end(first - 1)
            at = self._text.rfind(info, self._begins[first - 1], end)
            if at < 0:
                return self._source(token)
            pieces.append(Piece(info, at, at + len(info), ("em",)))
            pieces.append(Piece("\n", end, min(end + 1, len(self._text)), ("code",), whole=True))
        lines = token.content.removesuffix("\n").split("\n")
        for number, line in enumerate(lines, first):
            if number + 1 >= len(self._begins):
                break
            end = self._end(number)
            if self._text[end - len(line) : end] != line:
                return self._source(token)
            pieces.append(Piece(line, end - len(line), end, ("code",)))
            if number - first < len(lines) - 1:
                pieces.append(Piece("\n", end, self._begins[number + 1], ("code",), whole=True))
        return self._block("code", tuple(pieces))

    def _inline(self, inline: Token, places: Sequence[int]) -> Iterator[Piece]:
        """The shown pieces of a block's own text."""
        content, at = inline.content, 0
        marks, addresses = list[str](), list[str]()

        def piece(words: str, source: str) -> Piece:
            nonlocal at
            found = content.find(source, at)
            if found < 0:
                raise _NotFound
            at = found + len(source)
            end = places[at - 1] + 1 if source else places[found]
            return Piece(words, places[found], end, tuple(marks), whole=words != source)

        for token in inline.children or ():
            if token.type in ("text", "html_inline", "code_inline"):
                if token.type == "code_inline":
                    marks.append("code")
                if token.content:
                    yield piece(token.content, token.content)
                if token.type == "code_inline":
                    marks.pop()
            elif token.type == "text_special":
                yield piece(token.content, token.markup)
            elif token.type in ("softbreak", "hardbreak"):
                yield piece("\n", "\n")
            elif token.type == "image":
                told = f"[{token.content or 'image'}]{_address(token, 'src')}"
                yield piece(told, _link(content, "![", at))
            elif token.type == "link_close":
                marks.pop()
                if content.startswith("]", at):
                    rest = _link(content, "]", at)
                    yield piece(addresses.pop(), rest)
            elif token.type == "link_open":
                marks.append("link")
                addresses.append(_address(token, "href"))
            elif token.nesting == 1:
                marks.append("strong" if token.type == "strong_open" else "em")
            elif token.nesting == -1:
                marks.pop()


def _address(token: Token, name: str) -> str:
    """Where a link or image leads and its title, as they are shown behind its words."""
    given = [str(token.attrGet(each) or "") for each in (name, "title")]
    told = ", ".join(filter(None, given))
    return f" ({told})" if told else ""


def _link(content: str, opening: str, at: int) -> str:
    """The rest of a link or image as it is written, from its sign on."""
    start = content.find(opening, at)
    if start < 0:
        raise _NotFound
    close = content.find("]", start)
    if close < 0:
        raise _NotFound
    after = content[close + 1 : close + 2]
    if after not in ("(", "["):
        return content[start : close + 1]
    depth, end = 0, close + 1
    pairs = {"(": ")", "[": "]"}
    while end < len(content):
        depth += (content[end] == after) - (content[end] == pairs[after])
        end += 1
        if depth == 0:
            return content[start:end]
    raise _NotFound


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    # Escapes and entities stay tokens of their own, so that their place in the source is known.
    # A definition of a link ('[Date]: Sunday') is no text to Markdown, and a reader must see it.
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    return parser.disable(["text_join", "reference"])
