"""What can be counted in a deliverable without asking anyone.

Text with Markdown in it is taken apart by markdown-it-py; text that has lost its markup, as
archive pages have, is taken apart by the shape of its lines. Both give the same record. Every
pattern counted is a named regular expression below.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import Field

from grader.records import Record
from grader.transcripts.kept_apart import without_citation_marks

WORD = re.compile(r"[^\W_]+(?:['’\-‐‑][^\W_]+)*")
"""Letters and digits, joined by apostrophe or hyphen: "don't" and "follow-up" are one word."""

PLACEHOLDER = re.compile(r"\[(?!\d{1,3}\])(?![xX]\])(?!\^)[^\[\]\n]{1,300}\](?![(\[])")
"""A bracketed slot: '[date]', '[ ]'. Not a link, a reference, a footnote number or a tick."""

LINK_DEFINITION = re.compile(
    r"^ {0,3}\[[^\[\]\n]{1,300}\]:[ \t]+"
    r"(?:<[^<>\n]*>|[a-z][a-z0-9+.-]*:\S|[./#]\S|\S+\.\w{2,}(?:/|$)).*$",
    re.MULTILINE | re.IGNORECASE,
)
"""'[name]: https://example.org': where a link leads. '[date]: the meeting' is a slot."""

INVISIBLE = re.compile("[\u00ad\u200b\u200d\u2060\ufeff]")
"""Characters that take no room and don't part a word."""

CHECKBOX = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+\[[ xX]\]\s", re.MULTILINE)
"""The box of a task list: it belongs to the list item, so it is no placeholder."""

PRIORITY_LABEL = re.compile(
    r"\bP[0-4]\b"
    r"|\b(?:top|highest|high|medium|low|lowest)[ -]priority\b"
    r"|\bpriority:?\W{0,4}(?:highest|high|medium|low|lowest|critical|urgent)\b",
    re.IGNORECASE,
)
"""P0 to P4; 'high priority'; 'Priority: high'."""

FIRST_PERSON = re.compile(
    r"\bI\b(?!\.\w)|\b(?:[Mm]e|[Mm]y|[Mm]ine|[Mm]yself|[Ww]e|us|Us|[Oo]urs?|[Oo]urselves|WE|OUR)\b"
)
"""I, me, my, mine, myself, we, us, our, ours, ourselves. 'US' in capitals is a country."""

QUESTION = re.compile(r"[^\s?？؟]!?[?？؟]+!?(?=[\"'”’»)\]*_|]*(?:[.,;:]?(?:\s|$)))|[^\s？]？")
"""A question mark, in Latin, Arabic or fullwidth form, at the end of a word that is followed by a
blank or the end; marks that close quotations, brackets or emphasis may stand between."""

CLOSING_OFFER = re.compile(
    r"\b(?:if you(?:'d|’d| would)? (?:want|like|wish|prefer)\b.{0,40}\bI(?: can|'ll|’ll| could| am)"
    r"|if you\b[^.!?\n]{0,100}\bI(?: can| could| will|'ll|’ll|'d be|’d be| would be)\b"
    r"|I(?: can|'d|’d| could) (?:also |gladly |happily )"
    r"|(?:would you like|do you want|want|shall I|should I)\b.{0,30}\b(?:me|I)\b.{0,160}\?"
    r"|let me know (?:if|whether|what|which|how)\b"
    r"|(?:I'm|I’m|I am)? ?happy to\b"
    r"|feel free to (?:ask|reach|tell)\b"
    r"|just (?:say|tell me|ask)\b)",
    re.IGNORECASE,
)
"""A phrase that offers further work. Counted once a sentence, in the last paragraph only."""

SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”’)*_]*\s+(?=[A-ZÀ-Þ\[\"“'‘(*])|\n")

ATX_HEADING = re.compile(r"#{1,6} +\S")
"""A Markdown heading, for texts that are too long for the parser."""

PLAIN_ITEM = re.compile(r"\s*(?:[•◦▪‣●–*-]|\d{1,3}[.)])\s+\S")
"""A bullet or number at the start of a line."""

MARKUP = re.compile(
    r"^ {0,3}#{1,6} +\S|^ {0,3}(?:```|~~~)|\*\*[^\s*][^*\n]{0,500}\*\*|^ {0,3}[-*+] \S"
    r"|\]\([^\s()]{1,500}\)"
    r"|^\s*\|?[ :]*-{3,}[ :]*\|",
    re.MULTILINE,
)
"""Signs that a text is Markdown: heading, fence, bold, dashed list, link, table rule."""

MAX_MARKDOWN = 100_000
"""Longer texts are measured by the shape of their lines: the parser would take too long."""

_MARKDOWN = MarkdownIt("commonmark").enable("table").disable("inline")
"""Blocks only: what stands inside a paragraph is counted by the patterns above."""


class Measurements(Record):
    """Counts over a deliverable."""

    words: int = Field(description="Runs of letters and digits, joined by apostrophe or hyphen.")
    headings: int = Field(description="Headings, and bold lines that stand alone as one.")
    list_items: int = Field(description="Items of bulleted and numbered lists, nested ones too.")
    placeholders: int = Field(description="Bracketed slots such as '[date]' or '[ ]'.")
    priority_labels: int = Field(description="P0 to P4, and words such as 'high priority'.")
    first_person_words: int = Field(description="I, we, our and their forms.")
    questions: int = Field(description="Sentences that end in a question mark.")
    closing_offers: int = Field(description="Offers of further work in the last paragraph.")


def measure(texts: Sequence[str]) -> Measurements:
    """Counts over the texts of a deliverable's turns, in order.

    Closing offers are counted at the end of the last text. Words count everywhere; placeholders,
    labels, first-person words and questions don't count inside code. Marks of citations count
    nowhere. docs/transcripts.md defines each count.
    """
    texts = [_plain(text) for text in texts]
    shapes = [_shape(text) for text in texts]
    prose = [shape.prose for shape in shapes]
    return Measurements(
        words=sum(count_words(text) for text in texts),
        headings=sum(shape.headings for shape in shapes),
        list_items=sum(shape.list_items for shape in shapes),
        placeholders=sum(map(_placeholders, prose)),
        priority_labels=sum(len(PRIORITY_LABEL.findall(text)) for text in prose),
        first_person_words=sum(len(FIRST_PERSON.findall(text)) for text in prose),
        questions=sum(len(QUESTION.findall(text)) for text in prose),
        closing_offers=_closing_offers(shapes[-1].closing) if shapes else 0,
    )


def count_words(text: str) -> int:
    """Words of a text: runs of letters and digits, joined by apostrophe or hyphen."""
    return len(WORD.findall(_without_marks(_composed(text))))


def _plain(text: str) -> str:
    """The text as a person sees it: without marks of citations, its letters composed."""
    return without_citation_marks(_composed(text))[0]


def _composed(text: str) -> str:
    """A letter and its accents as one character, however they were typed; joiners left out."""
    if text.isascii():
        return text
    return INVISIBLE.sub("", unicodedata.normalize("NFC", text))


def _without_marks(text: str) -> str:
    """The text without accents and vowel signs of their own, which would part a word."""
    if text.isascii():
        return text
    marks = {c for c in set(text) if ord(c) > 0x2FF and unicodedata.category(c)[0] == "M"}
    return text.translate(dict.fromkeys(map(ord, marks))) if marks else text


def _placeholders(text: str) -> int:
    return len(PLACEHOLDER.findall(LINK_DEFINITION.sub("", CHECKBOX.sub("", text))))


class _Shape:
    """A text taken apart: counts of its blocks, its prose without code, its last paragraph."""

    def __init__(self, headings: int, list_items: int, prose: str, closing: str) -> None:
        self.headings = headings
        self.list_items = list_items
        self.prose = prose
        self.closing = closing


def _shape(text: str) -> _Shape:
    if len(text) <= MAX_MARKDOWN and MARKUP.search(text):
        return _shape_of_markdown(text)
    return _shape_of_lines(text)


def _shape_of_markdown(text: str) -> _Shape:
    tokens = _MARKDOWN.parse(text)
    lines = text.split("\n")
    hidden: set[int] = set()
    for token in tokens:
        if token.type in ("fence", "code_block") and token.map:
            hidden.update(range(*token.map))
    prose = "\n".join(line for index, line in enumerate(lines) if index not in hidden)
    plain_items = sum(
        1
        for token in tokens
        if token.type == "inline"
        for line in token.content.split("\n")
        if re.match(r"[•◦▪‣●]\s+\S", line)
    )
    headings = sum(token.type == "heading_open" for token in tokens)
    headings += sum(_is_bold_heading(tokens, index) for index in range(len(tokens)))
    items = sum(token.type == "list_item_open" for token in tokens)
    items += plain_items
    return _Shape(headings, items, _without_inline_code(prose), _closing(lines, tokens))


def _without_inline_code(text: str) -> str:
    """The text with a word in the place of inline code, so that a sentence keeps its end."""
    return re.sub(r"(?<!`)(`{1,3})(?!`)[^\n]{0,500}?[^`]\1(?!`)", "code", text)


def _is_bold_heading(tokens: Sequence[Token], index: int) -> bool:
    """A top-level paragraph of one line that is bold as a whole does a heading's work."""
    token = tokens[index]
    return (
        token.type == "inline"
        and tokens[index - 1].type == "paragraph_open"
        and token.level == 1
        and re.fullmatch(r"(\*\*|__)[^*_\n]{2,100}\1:?", token.content.strip()) is not None
    )


def _closing(lines: list[str], tokens: Sequence[Token]) -> str:
    """The last top-level paragraph, with the list it introduces."""
    blocks = [t for t in tokens if t.level == 0 and t.map and t.nesting >= 0 and t.type != "hr"]
    if not blocks:
        return ""
    first = blocks[-1]
    if first.type in ("bullet_list_open", "ordered_list_open") and len(blocks) > 1:
        first = blocks[-2]
    assert first.map is not None
    return "\n".join(lines[first.map[0] :])


def _shape_of_lines(text: str) -> _Shape:
    lines = text.split("\n")
    items = [index for index, line in enumerate(lines) if PLAIN_ITEM.match(line)]
    dense = len(lines) > 3 and all(line.strip() for line in lines)
    is_heading = _is_dense_heading if dense else is_plain_heading
    headings = [index for index in range(len(lines)) if is_heading(lines, index)]
    blocks = [block for block in re.split(r"\n\s*\n", text) if block.strip()]
    closing = blocks[-1] if blocks else ""
    if len(blocks) > 1 and all(PLAIN_ITEM.match(line) for line in closing.split("\n")):
        closing = blocks[-2] + "\n" + closing
    return _Shape(
        headings=len(headings),
        list_items=len(set(items) - set(headings)),
        prose=text,
        closing=closing,
    )


def is_plain_heading(lines: Sequence[str], index: int) -> bool:
    """Whether a line of a text without markup is a heading.

    A heading stands alone between blank lines (or at the beginning), is short, is not closed
    like a sentence, and has something below it. A lone '1) Title' at the margin is a heading,
    an indented '1. point' is not.
    """
    line = lines[index]
    stripped = line.strip()
    if not stripped or len(stripped) > 100 or len(stripped.split()) > 14:
        return False
    if ATX_HEADING.match(line):
        return True
    if stripped[-1] in ".,;:!?…]" or line[0].isspace() or not stripped[0].isalnum():
        return False
    if re.search(r"\D[.!?]\s", stripped):
        return False
    if index and lines[index - 1].strip():
        return False
    if index + 1 >= len(lines) or lines[index + 1].strip():
        return False
    if re.match(r"\d{1,3}[.)]\s", stripped) and not re.match(r"\d{1,3}[.)]\s+[A-Z]", stripped):
        return False
    return any(line.strip() for line in lines[index + 1 :])


def _is_dense_heading(lines: Sequence[str], index: int) -> bool:
    """Whether a line is a heading in a text that has lost its blank lines too.

    It is short, has capital or digit first, neither colon nor closing mark, and a long line or a
    list follows.
    """
    stripped = lines[index].strip()
    if len(stripped) > 80 or len(stripped.split()) > 10 or PLAIN_ITEM.match(lines[index]):
        return False
    if stripped[-1] in ".,;:!?…]" or ": " in stripped or not stripped[0].isalnum():
        return False
    if stripped[0].islower() or index + 1 >= len(lines):
        return False
    following = lines[index + 1]
    return len(following) >= 40 or PLAIN_ITEM.match(following) is not None


def _closing_offers(paragraph: str) -> int:
    return sum(1 for sentence in SENTENCE_END.split(paragraph) if CLOSING_OFFER.search(sentence))
