"""Where templates come from: the package's own, and a user's folder before them.

A template gets `doc` (a `Document`) and nothing of a transcript is ever read as template source.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateSyntaxError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel

from grader.errors import InputError

Format = Literal["markdown", "html"]


class Sandbox(ImmutableSandboxedEnvironment):
    """For a user's templates: they read what they are given, and reach nothing else.

    Beyond jinja's own sandbox the methods that every record has from pydantic are out of reach:
    some of them read files.
    """

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may read this attribute."""
        if isinstance(obj, BaseModel) and hasattr(BaseModel, attr):
            return False
        return super().is_safe_attribute(obj, attr, value)


def environment_of(
    format: Format,
    templates: Path | None,
    *,
    out: Callable[[Any], Any],
    filters: Mapping[str, Callable[..., Any]],
) -> Environment:
    """The templates of one format.

    Args:
        format: also the name of the folder in which they lie.
        templates: a user's folder with a folder `markdown` or `html` in it; a template found
            there takes the place of the package's own. None: the package's own alone.
        out: makes an expression's value safe to be written.
        filters: for use in templates, by name.

    Raises:
        InputError: the folder is missing, or has neither of the two folders.
    """
    own = PackageLoader("grader.writeup", f"templates/{format}")
    made = Environment if templates is None else Sandbox
    environment = made(
        loader=own if templates is None else ChoiceLoader([_users(templates, format), own]),
        # With autoescape, what macros give counts as laid out; `out` sees to all else.
        autoescape=True,
        finalize=out,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= filters
    return environment


def laid_out(environment: Environment, name: str, values: Mapping[str, Any]) -> str:
    """One template, rendered. Raises InputError when a user's template is broken, with its line."""
    try:
        return environment.get_template(name).render(values)
    except Exception as error:
        place = _place(error, name)
        # A mistake in a template of our own is a bug, and a bug shows its traceback.
        if not isinstance(environment.loader, ChoiceLoader):
            raise
        raise InputError(
            f"the template can't be laid out: {str(error) or type(error).__name__}",
            place=place,
            mend="docs/writeup.md says what a template can use.",
        ) from None


def _place(error: Exception, name: str) -> str:
    """File and line of the innermost template that failed."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name or name}:{error.lineno}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_template(frame)]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else name


def _is_template(frame: traceback.FrameSummary) -> bool:
    return Path(frame.filename).suffix in (".md", ".html")


def _users(folder: Path, format: Format) -> FileSystemLoader:
    if not any((folder / each).is_dir() for each in ("markdown", "html")):
        raise InputError(
            "no templates here: a folder 'markdown' or 'html' was expected",
            place=folder,
            mend="Copy the templates you want to change into <folder>/markdown or <folder>/html.",
        )
    return FileSystemLoader(folder / format)
