"""The writeup as one HTML file: no script, no network, every value escaped.

The page forbids itself everything by its Content-Security-Policy but its own style, which is
named by hash. Pure: same comparison and reviews, same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup, escape

from grader.text.visible import visible
from grader.writeup.anchors import Citations
from grader.writeup.document import Document
from grader.writeup.highlights import in_parts, lines_of
from grader.writeup.sections import SHORT, chosen, template_of, titles
from grader.writeup.status import judge_text, spend_text
from grader.writeup.templating import environment_of, laid_out
from grader.writeup.words import beginning, capital, counted, joined, moment, number, sentence

_TRANSCRIPTS = "transcripts"


def render_html(
    document: Document,
    *,
    sections: Sequence[str] | None = None,
    templates: Path | None = None,
    folded: bool = False,
) -> str:
    """The writeup as a self-contained page.

    Args:
        document: the writeup before it has a format.
        sections: which sections, in which order; None: all. The status always comes first.
        templates: a folder whose `html/` holds templates or a `style.css` to take instead.
        folded: whether the evidence stands behind folds, and isn't printed.

    Raises:
        InputError: a section is unknown or named twice; a template is missing or broken.
    """
    names = chosen(sections)
    environment = _environment(templates)
    citations = Citations(
        linked=_TRANSCRIPTS in names,
        sections=frozenset(names),
        grounds="" if "grounds" in names else None,
    )
    values = {"doc": document, "anchors": citations}

    def section(name: str, **more: Any) -> Markup:
        listed = document.listed.get(name)
        template = f"{template_of(name)}.html"
        text = laid_out(environment, template, {**values, "section": listed, **more})
        return Markup(text.strip())

    parts = {name: section(name) for name in names if name != _TRANSCRIPTS}
    # They link back to the quotations of all other sections.
    links = citations.links()
    divided: frozenset[int] = frozenset()
    if _TRANSCRIPTS in names:
        lines = {
            (side, turn.number): lines_of(turn.text, links.spans(side, turn.number))
            for side in document.order
            for turn in document.draft.transcript(side).turns
        }
        divided = in_parts(chain.from_iterable(lines.values()))
        parts[_TRANSCRIPTS] = section(_TRANSCRIPTS, links=links, lines=lines, in_parts=divided)
    status = parts.pop("status")
    shown = [name for name in names if parts.get(name)]
    style = _style(environment) + _targets(divided)
    page = laid_out(
        environment,
        "page.html",
        {
            **values,
            "style": Markup(style),
            "policy": _policy(style),
            "contents": [
                (name, _title(name, document)) for name in shown if not folded or name in SHORT
            ],
            "status": status,
            "parts": [parts[name] for name in shown],
            "short": [parts[name] for name in shown if name in SHORT],
            "evidence": [
                (name, _title(name, document), parts[name]) for name in shown if name not in SHORT
            ],
            "folded": folded,
        },
    )
    return page.strip() + "\n"


def _title(name: str, document: Document) -> str:
    dimension = document.narratives["difference"].dimension
    if name == "difference" and dimension:
        return f"{titles()[name]}: {dimension}"
    return titles()[name]


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _targets(in_parts: Iterable[int]) -> str:
    """One rule for all spans of several pieces: when one is gone to, all its pieces light up."""
    spans = ",\n".join(f".turn:has(#span-{n}:target) .s{n}" for n in sorted(in_parts))
    return f"{spans}{{background:var(--lit);color:var(--lit-ink)}}\n" if spans else ""


def paragraphs(text: str) -> Markup:
    """A text in <p> elements as its author parted them."""
    parts = [part.strip() for part in re.split(r"\n\s*\n", visible(text)) if part.strip()]
    return Markup("\n".join(f'<p dir="auto">{escape(part)}</p>' for part in parts))


def _out(value: Any) -> Any:
    """What an expression in a template gives, before Jinja escapes it."""
    if isinstance(value, Markup):
        return value
    return escape(visible("" if value is None else str(value)))


def _style(environment: Environment) -> str:
    """The style without its comments and spaces, which a page has no use for."""
    assert environment.loader is not None
    written = environment.loader.get_source(environment, "style.css")[0]
    return _lean(written)


@lru_cache(maxsize=8)
def _lean(style: str) -> str:
    return _SPARE.sub(lambda found: found["kept"] or "", style)


_SPARE = re.compile(
    r"""(?P<kept>"[^"]*"|'[^']*')|/\*.*?\*/\s*|(?<=[:;,{}])\s+|;?\s+(?=})|\s+(?={)""", re.DOTALL
)
"""What a style can do without; what is quoted in it is kept."""


@cache
def _environment(templates: Path | None) -> Environment:
    return environment_of(
        "html",
        templates,
        out=_out,
        filters={
            "paragraphs": paragraphs,
            "joined": joined,
            "counted": counted,
            "moment": moment,
            "number": number,
            "capital": capital,
            "sentence": sentence,
            "beginning": beginning,
            "judge_text": judge_text,
            "spend_text": spend_text,
        },
    )
