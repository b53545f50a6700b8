"""The report as one page: no script, no network, light, dark and print.

Styles are the writeup's and a few of its own; the page forbids itself everything else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from grader.study.report.blocks import Section
from grader.study.report.colours import (
    AFTER,
    BEFORE,
    INK,
    RULE,
    SOFT,
    STEPS,
)
from grader.text.visible import visible

_TURNED = {INK: "ink", SOFT: "soft", RULE: "rule", BEFORE: "control", AFTER: "treatment"}
"""Colours of the figures that are named in the style sheet."""


def html_of(
    title: str,
    ribbon: str,
    sections: Sequence[Section],
    svgs: Mapping[str, str],
    *,
    exploratory: bool,
    version: str,
) -> str:
    """The whole report.

    Args:
        title: of the study.
        ribbon: what stays in sight, in a few words.
        sections: of the report.
        svgs: figures by name.
        exploratory: whether sentences begin with "Found afterwards".
        version: of this package.
    """
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    page = (
        _environment()
        .get_template("report.html")
        .render(
            title=title,
            ribbon=ribbon,
            sections=sections,
            svgs={name: Markup(svg) for name, svg in svgs.items()},
            style=Markup(style),
            policy=policy,
            exploratory=exploratory,
            version=version,
        )
    )
    return page.strip() + "\n"


@cache
def _style() -> str:
    writeup = files("grader.writeup").joinpath("templates/html/style.css").read_text("utf-8")
    own = files("grader.study").joinpath("templates/report.css").read_text("utf-8")
    rules = [
        f'.picture svg [{kind}="{colour}"]{{{kind}:var(--{name})}}'
        for colour, name in _TURNED.items()
        for kind in ("fill", "stroke")
    ]
    # The steps of a scale stay told apart on dark paper: there the darkest turns lightest.
    dark = "".join(
        f'.picture svg .mark-rect [fill="{colour}"],.picture svg .role-legend [fill="{colour}"]'
        f"{{fill:{other}}}"
        for colour, other in zip(STEPS[:3], ("#3b4148", "#5f8ea3", "#7cc4e0"), strict=True)
    )
    return "\n".join(
        [writeup, own, *rules, f"@media screen and (prefers-color-scheme: dark){{{dark}}}"]
    )


def _shown(value: object) -> object:
    if isinstance(value, Markup):
        return value
    return escape(visible("" if value is None else str(value)))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("grader.study", "templates"),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["kind"] = lambda block, name: type(block).__name__ == name
    return environment
