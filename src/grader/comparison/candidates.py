"""The passages of a deliverable that lie nearest to a criterion, for a reviewer to start from.

Where no judge was asked these stand in place of its evidence, and are never mixed up with it:
nearness in words (BM25) says where to look, not what is true. Pure and deterministic.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from grader.comparison.pair import Pair
from grader.comparison.parts import Passage
from grader.text.quotation import Side, Span
from grader.text.sentences import sentences
from grader.transcripts.transcript import Turn, deliverable


def nearest_passages(
    query: str, turns: Sequence[Turn], side: Side, count: int = 3
) -> tuple[Passage, ...]:
    """The passages that share most with the query, the nearest first.

    A passage is a sentence, a list item, a heading, a table row or a line of code. Equal scores
    keep the order of the text; a passage that says the same as an earlier one is left out, and
    so is one that shares no word with the query, so there may be fewer than `count` or none.
    Function words count only for a query that has nothing else.
    """
    index = _index(tuple(turns))
    words = index.known(_words(query)) or index.known(_words(query, content=False))
    if not words or count < 1:
        return ()
    # Rounded so that the last bits of floating point do not decide between machines.
    scores = [round(float(score), 4) for score in index.ranking.get_scores(words)]
    best: dict[str, Passage] = {}
    for place in sorted(range(len(scores)), key=lambda place: (-scores[place], place)):
        if scores[place] <= 0 or len(best) == count:
            break
        turn, start, end = index.places[place]
        text = turn.text[start:end]
        span = Span(transcript=side, turn=turn.number, start=start, end=end)
        best.setdefault(text, Passage(text=text, span=span, score=scores[place]))
    return tuple(best.values())


def nearest_in(pair: Pair, side: Side, *words: str) -> tuple[Passage, ...]:
    """The passages of one side's deliverable that lie nearest to these words."""
    return nearest_passages(" ".join(words), deliverable(pair.transcript(side)), side)


@dataclass(frozen=True)
class _Index:
    places: tuple[tuple[Turn, int, int], ...]
    vocabulary: frozenset[str]
    ranking: Any

    def known(self, words: Sequence[str]) -> list[str]:
        return [word for word in words if word in self.vocabulary]


@lru_cache(maxsize=8)
def _index(turns: tuple[Turn, ...]) -> _Index:
    # Lucene's weights: never negative, so that in a text of three sentences a word that stands
    # in two of them still counts for and not against a passage.
    import bm25s  # type: ignore[import-untyped]

    places = tuple((turn, start, end) for turn in turns for start, end in passages(turn.text))
    documents = [_words(turn.text[start:end], content=False) for turn, start, end in places]
    ranking = bm25s.BM25(method="lucene", backend="numpy")
    vocabulary = frozenset(word for document in documents for word in document)
    if vocabulary:
        ranking.index(documents, show_progress=False)
    return _Index(places, vocabulary, ranking)


# --- words ----------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W_]+")


def _words(text: str, *, content: bool = True) -> list[str]:
    """The stems of a text's words in order; with `content` without English function words."""
    from bm25s.stopwords import STOPWORDS_EN_PLUS  # type: ignore[import-untyped]

    folded = unicodedata.normalize("NFKC", text).casefold()
    found = _WORD.findall(folded)
    if content:
        found = [word for word in found if word not in STOPWORDS_EN_PLUS]
    return [_stem(word) for word in found]


@lru_cache(maxsize=16_384)
def _stem(word: str) -> str:
    """'decided' finds 'decides', 'patients' finds 'patient'."""
    return str(_stemmer().stemWord(word)) if len(word) < 40 else word


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import snowballstemmer  # type: ignore[import-untyped]

    return snowballstemmer.stemmer("english")


# --- passages -------------------------------------------------------------------------------

_NEWLINE = re.compile(r"\r\n|\r|\n")
_ITEM_SIGN = re.compile(r"\s*(?:>\s?)*(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?|#{1,6}\s+")


def passages(text: str) -> list[tuple[int, int]]:
    """Start and end of each passage of a Markdown text, in order, none overlapping.

    The sign of a list item or heading is not part of its passage. Passages without a letter or
    digit are left out.
    """
    line_starts = [0, *(match.end() for match in _NEWLINE.finditer(text)), len(text)]
    found: list[tuple[int, int]] = []
    for first, last, whole in _blocks(text):
        start, end = line_starts[first], line_starts[min(last, len(line_starts) - 1)]
        sign = _ITEM_SIGN.match(text, start, end)
        start = sign.end() if sign else start
        for part in [(start, end)] if whole else sentences(text, start, end):
            trimmed = _trimmed(text, *part)
            if any(map(str.isalnum, text[slice(*trimmed)])):
                found.append(trimmed)
    return found


def _blocks(text: str) -> Iterator[tuple[int, int, bool]]:
    """First line, line after the last, and whether the block is one passage as it stands."""
    from markdown_it import MarkdownIt

    in_items = 0
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "list_item_open":
            in_items += 1
        elif token.type == "list_item_close":
            in_items -= 1
        if token.map is None:
            continue
        first, last = token.map
        if token.type == "tr_open":
            yield first, last, True
        elif token.type == "heading_open":
            underlined = token.markup in ("=", "-")
            yield first, last - underlined, True
        elif token.type == "paragraph_open":
            yield first, last, in_items > 0
        elif token.type in ("fence", "code_block", "html_block"):
            yield from ((line, line + 1, True) for line in range(first, last))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())
