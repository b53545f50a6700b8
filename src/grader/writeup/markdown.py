"""The writeup in Markdown that reads alike on GitHub and in Pandoc.

Texts of transcripts, judges, rubrics and reviewers reach the templates as values. Every value is
escaped on its way out, unless a filter of this module laid it out; a template can't forget it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from grader.text.visible import visible
from grader.writeup.anchors import Citations
from grader.writeup.document import Document
from grader.writeup.points import Finding
from grader.writeup.quotations import Quotation
from grader.writeup.sections import chosen, template_of
from grader.writeup.status import judge_text, spend_text
from grader.writeup.templating import environment_of, laid_out
from grader.writeup.words import beginning, capital, counted, joined, moment, number, sentence

_WITHOUT = ("transcripts",)
"""Sections that only the page has; named for Markdown, they are passed over."""


def render_markdown(
    document: Document,
    *,
    sections: Sequence[str] | None = None,
    templates: Path | None = None,
    grounds: str | None = None,
) -> str:
    """The writeup as Markdown. Same document, same text.

    Args:
        document: the writeup before it has a format.
        sections: which sections, in which order; None: all. The status always comes first.
        grounds: the file that says what each sentence rests on, where this one doesn't.
        templates: a folder whose `markdown/` holds templates to take instead.

    Raises:
        InputError: a section is unknown or named twice; a template is missing or broken.
    """
    names = [name for name in chosen(sections) if name not in _WITHOUT]
    environment = _environment(templates)
    citations = Citations(
        linked=False, sections=frozenset(names), grounds="" if "grounds" in names else grounds
    )
    values = {"doc": document, "sections": names, "anchors": citations}
    parts = [
        laid_out(
            environment,
            f"{template_of(name)}.md",
            {**values, "section": document.listed.get(name)},
        ).strip()
        for name in names
    ]
    text = "\n\n".join(part for part in parts if part)
    return _BLANK_LINES.sub("\n\n", text).strip() + "\n"


@lru_cache(maxsize=512)  # names, places and levels come many times in a writeup
def inline(text: str) -> Markup:
    """A text as one line in which no character means anything to Markdown."""
    line = " ".join(visible(text).split())
    if line.endswith("!"):
        return inline(line[:-1]) + Markup(r"\!")  # before a link it would make an image
    if _PLAIN.fullmatch(line):
        return Markup(line)
    line = _MEANS_SOMETHING.sub(r"\\\g<0>", line)
    line = _ENTITY.sub(r"\\&", line)
    line = _DASHES.sub(r"\\-\\-", line)
    line = _LINK.sub(r"\g<before>\\", line)
    return Markup(_LINE_START.sub(r"\g<number>\\", line))


def paragraphs(text: str) -> Markup:
    """A text in paragraphs as its author parted them, each escaped."""
    parts = [inline(part) for part in re.split(r"\n\s*\n", visible(text)) if part.strip()]
    return Markup("\n\n").join(parts)


def quote(text: str, indent: str = "") -> Markup:
    """A text as a block quotation, line by line, so that it can't end early."""
    lines = [inline(line) for line in visible(text).strip("\n").split("\n")]
    quoted = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        # A backslash at the end keeps the line end where more text follows.
        quoted.append(f"{indent}> {line}" + ("\\" if line and following else ""))
    return Markup("\n".join(line.rstrip() for line in quoted))


def cited(quotation: Quotation, indent: int = 0) -> Markup:
    """A quotation with its place under it; `indent` columns deep for list items."""
    margin = " " * indent
    return Markup(
        f"{quote(quotation.text, margin)}\n{margin}>\n{margin}> — {inline(quotation.place)}"
    )


def referred(quotation: Quotation, indent: int = 0) -> Markup:
    """A quotation that stands in full before: its first words and its place."""
    first = inline(beginning(quotation.text))
    return Markup(f"{' ' * indent}> “{first}” — {inline(quotation.place)}, quoted above")


def marked(key: str, url: str | None) -> Markup:
    """The sign behind a sentence that leads to what it rests on; nothing where that is nowhere."""
    return Markup(f"[{key.translate(_RAISED)}]({url})" if url else "")


def linked(findings: Sequence[Finding], anchors: Citations) -> Markup:
    """What findings are about, each leading to the heading under which its quotations stand."""
    return Markup("; ").join(
        leading(each.name, None if each.rejected else anchors.under(each)) for each in findings
    )


@lru_cache(maxsize=4096)
def leading(text: str, url: str | None) -> Markup:
    """Words that lead somewhere; the words alone where that is nowhere."""
    words = inline(text)
    return Markup(f"[{words}]({url})") if url else words


def code(text: str) -> Markup:
    """A hash or command as code: one line, in a fence longer than any inside."""
    line = " ".join(visible(text).split())
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return Markup(f"{fence}{pad}{line}{pad}{fence}")


def verbatim(text: str) -> Markup:
    """A text for the inside of a code fence: one line that can't end the fence."""
    return Markup(" ".join(visible(text).split()).replace("```", "` ` `"))


_RAISED = str.maketrans(
    "0123456789abcdefghijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"
)

# Most lines are such: nothing in them could mean anything, and looking once is enough.
_PLAIN = re.compile(
    r"(?!\w{1,9}[.)](?:\s|$))[^\W_](?:[^\W_]|[ ,;?!'\"“”‘’–—·()%/]|[.:](?=\s|$)|-(?!-))*"
)
_MEANS_SOMETHING = re.compile(r"[\\`*\[\]<|~$^@{}]|(?<![^\W_])_|_(?![^\W_])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_DASHES = re.compile(r"--")
# GitHub makes links of bare addresses; a link from a transcript would be an invitation.
_LINK = re.compile(
    r"(?P<before>\b(?:https?|ftps?|file|mailto|xmpp|javascript|vbscript|data)(?=:\S)"
    r"|\bwww(?=\.)|(?<!:)(?=//))",
    re.IGNORECASE,
)
_LINE_START = re.compile(
    r"^(?:(?=[#>+=:%-])|(?P<number>\(?(?:\d{1,9}|[A-Za-z]|[IVXLCDMivxlcdm]+))(?=[.)](?:\s|$)))"
)
_BLANK_LINES = re.compile(r"\n{3,}")


def _out(value: Any) -> Any:
    """What an expression in a template gives: laid out by a filter, or escaped."""
    if isinstance(value, Markup):
        return value
    return inline("" if value is None else str(value))


@cache
def _environment(templates: Path | None) -> Environment:
    return environment_of(
        "markdown",
        templates,
        out=_out,
        filters={
            "inline": inline,
            "paragraphs": paragraphs,
            "quote": quote,
            "cited": cited,
            "referred": referred,
            "marked": marked,
            "linked": linked,
            "leading": leading,
            "beginning": beginning,
            "code": code,
            "verbatim": verbatim,
            "judge_text": judge_text,
            "spend_text": spend_text,
            "joined": joined,
            "counted": counted,
            "moment": moment,
            "number": number,
            "capital": capital,
            "sentence": sentence,
        },
    )
