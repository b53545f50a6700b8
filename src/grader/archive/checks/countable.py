"""What can be counted in a transcript, in each of the usual ways, with the way named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from grader.transcripts.measurements import (
    MARKUP,
    PLACEHOLDER,
    count_words,
    is_plain_heading,
    measure,
)
from grader.transcripts.transcript import Transcript, deliverable

_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$|^(?:\*\*|__)(.{2,100}?)(?:\*\*|__):?\s*$")
_NUMBERED = re.compile(r"^\d{1,2}[.)]\s")
_ITEM = re.compile(r"^\s*(?:[•◦▪*+-]|\d{1,3}[.)])\s+\S")
_TOP_ITEM = re.compile(r"^(?:[•*+-]|\d{1,3}[.)])\s+\S|^ {1,2}(?:•|\d{1,3}[.)])\s+\S")
_ACTION = re.compile(r"^\s*(?:[•*+-]\s+)?(?:\*\*)?Action(?: item)?(?: \d+)?:", re.IGNORECASE)
_ROW = re.compile(r"^\s*\|(?!\s*:?-{2,})")

Ways = dict[str, int]
"""By the name of a way of counting, what it gives."""


def count(transcript: Transcript, noun: str) -> Ways:
    """What a transcript holds of something, by each way of counting that gives anything.

    Args:
        transcript: whose deliverable is counted.
        noun: one of `NOUNS`, singular.
    """
    text = _text(transcript)
    measured = measure([turn.text for turn in deliverable(transcript)])
    ways: Ways
    if noun == "word":
        ways = {
            "letters and digits": measured.words,
            "split at blanks": len(text.split()),
            "all turns, split at blanks": sum(len(t.text.split()) for t in transcript.turns),
        }
        if transcript.provenance.stated_words:
            ways["stated by the page"] = transcript.provenance.stated_words
    elif noun == "action":
        ways = {
            "lines that begin with 'Action:'": sum(
                bool(_ACTION.match(line)) for line in text.split("\n")
            ),
            **_below(text, "action", "follow-up", "next step", "remediation"),
        }
    elif noun == "lesson":
        ways = _below(text, "lesson", "takeaway", "learn")
    elif noun == "section":
        heads = list(_headings(text))
        ways = {
            "headings": len(heads),
            "headings without numbered ones": sum(
                not _NUMBERED.match(head) for _, _, head in heads
            ),
        }
        levels = {level for _, level, _ in heads}
        for level in levels:
            ways[f"headings of level {level}"] = sum(depth == level for _, depth, _ in heads)
    elif noun == "placeholder":
        found = PLACEHOLDER.findall(text)
        ways = {"all": len(found), "different ones": len(set(found))}
    elif noun == "question":
        ways = {"question marks that end a sentence": measured.questions}
        ways |= _below(text, "question")
    elif noun == "item":
        ways = {"list items": measured.list_items}
    else:
        ways = {}
    return {way: counted for way, counted in ways.items() if counted}


def count_words_like(transcript: Transcript, word: str) -> Ways:
    """How often a word or phrase stands in a deliverable."""
    text = _text(transcript)
    plain = re.escape(word.strip(" .,;:")).replace(r"\ ", r"\s+")
    exact = len(re.findall(rf"(?<!\w){plain}(?!\w)", text, re.IGNORECASE))
    endings = len(re.findall(rf"(?<!\w){plain}\w*", text, re.IGNORECASE))
    parts = len(re.findall(plain, text, re.IGNORECASE))
    return {"as a word": exact, "with any ending": endings, "inside words too": parts}


def count_label(transcript: Transcript, label: str) -> Ways:
    """How often a priority label such as P0 is given."""
    text = _text(transcript)
    return {
        "wherever it stands": len(re.findall(rf"\b{label}\b", text)),
        "as 'Priority: …'": len(re.findall(rf"(?i)\bpriority:?\W{{0,4}}{label}\b", text)),
        "in a table row": sum(
            bool(re.search(rf"\b{label}\b", line)) for line in text.split("\n") if _ROW.match(line)
        ),
    }


def _text(transcript: Transcript) -> str:
    return "\n\n".join(turn.text for turn in deliverable(transcript))


@lru_cache(maxsize=64)
def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n"))


def _headings(text: str) -> Iterator[tuple[int, int, str]]:
    """Line index, level (1 where none is told) and text of each heading."""
    lines = _lines(text)
    marked = MARKUP.search(text) is not None
    for index, line in enumerate(lines):
        match = _HEADING.match(line)
        if match:
            yield index, len(match[1] or "") or 7, match[2] or match[3]
        elif not marked and is_plain_heading(lines, index):
            yield index, 8 if _NUMBERED.match(line.strip()) else 1, line.strip()


def _below(text: str, *words: str) -> Ways:
    """Items of the lists and rows of the tables below a heading that holds one of the words."""
    lines, heads = _lines(text), list(_headings(text))
    items = top = rows = 0
    for place, (index, level, head) in enumerate(heads):
        if not any(word in head.lower() for word in words):
            continue
        stop = next((later for later, depth, _ in heads[place + 1 :] if depth <= level), len(lines))
        block = lines[index + 1 : stop]
        items += sum(bool(_ITEM.match(line)) for line in block)
        top += sum(bool(_TOP_ITEM.match(line)) for line in block)
        table = [line for line in block if _ROW.match(line)]
        rows += max(0, len(table) - 1)
    return {
        "list items below its heading": items,
        "list items at the margin below its heading": top,
        "table rows below its heading": rows,
    }


__all__ = ["Ways", "count", "count_label", "count_words", "count_words_like"]
