"""The writeup as one HTML file: no script, no network, every value escaped.

The page forbids itself everything by its Content-Security-Policy but its own style, which is
named by hash. Pure: same comparison and reviews, same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup, escape

from grader.review.reviewed import Reviewed
from grader.text.visible import visible
from grader.writeup.anchors import Anchors
from grader.writeup.document import Document, document_of
from grader.writeup.highlights import lines_of
from grader.writeup.position import Standing
from grader.writeup.sections import SECTIONS, chosen
from grader.writeup.status import judge_text, spend_text
from grader.writeup.templating import environment_of, laid_out
from grader.writeup.words import capital, counted, joined, moment, number, sentence

_LAST = "transcripts"
"""Laid out after all others, since it links back to them."""


def render_html(
    reviewed: Reviewed,
    *,
    others: Iterable[Standing] = (),
    sections: Sequence[str] | None = None,
    templates: Path | None = None,
) -> str:
    """The writeup as a self-contained page.

    Args:
        reviewed: the comparison with what reviewers decided.
        others: what `standing_of` gives of the comparisons beside it, for its position.
        sections: which sections, in which order; None: all. The status always comes first.
        templates: a folder whose `html/` holds templates or a `style.css` to take instead.

    Raises:
        InputError: a section is unknown or named twice; a template is missing or broken.
    """
    names = chosen(sections, tuple(SECTIONS))
    document = document_of(reviewed, others)
    environment = _environment(templates)
    anchors = Anchors(linked=_LAST in names, sections=frozenset(names))
    values = {"doc": document, "anchors": anchors, "lines_of": lines_of}
    parts = {
        name: Markup(laid_out(environment, f"{name}.html", values).strip())
        for name in sorted(names, key=lambda name: name == _LAST)
    }
    status = parts.pop("status")
    shown = [name for name in names if parts.get(name)]
    style = _style(environment) + _targets(anchors)
    page = laid_out(
        environment,
        "page.html",
        {
            **values,
            "style": Markup(style),
            "policy": _policy(style),
            "contents": [(name, _title(name, document)) for name in shown],
            "status": status,
            "parts": [parts[name] for name in shown],
        },
    )
    return page.strip() + "\n"


def _title(name: str, document: Document) -> str:
    dimension = document.narratives["difference"].dimension
    if name == "difference" and dimension:
        return f"{SECTIONS[name]}: {dimension}"
    return SECTIONS[name]


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _targets(anchors: Anchors) -> str:
    """A rule for each span: when it is gone to, all its pieces light up."""
    if not anchors.linked:
        return ""
    return "".join(
        f".turn:has(#span-{key}:target) .s{key}{{background:var(--lit);color:var(--lit-ink)}}\n"
        for key in anchors.all_spans
    )


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
    assert environment.loader is not None
    return environment.loader.get_source(environment, "style.css")[0]


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
            "judge_text": judge_text,
            "spend_text": spend_text,
        },
    )
