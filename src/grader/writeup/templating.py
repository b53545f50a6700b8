"""Where templates come from: the package's own, and a user's folder before them.

A template gets `doc` (a `Document`) and nothing of a transcript is ever read as template source.
"""

from __future__ import annotations

import re
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
    nodes,
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

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Macros see the document, also where a template doesn't ask for it."""
        parsed = super()._parse(source, name, filename)
        for each in parsed.find_all((nodes.Import, nodes.FromImport)):
            assert isinstance(each, nodes.Import | nodes.FromImport)
            each.with_context = True
        return parsed

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


_CHANGED = {
    "cell": "a level in a table is `level.word`",
    "standing": "it is `effect`: 'draft', 'reviewed', 'changed' or 'withdrawn'",
    "findings": "`doc.grounds` says what each sentence rests on",
    "held": "the macro is `value`, and it takes the level alone",
    "value": "the macro takes the level alone",
    "readings": "it is `doc.readings`",
    "left_out": "`doc.caveats` says how many sentences were left out",
    "lines_of": "the lines of a turn are `lines[side, turn.number]`",
    "spans": "the lines of a turn are `lines[side, turn.number]`",
    "by_judge": "it is `by`, and tells who",
    "texts": "they are `points`, each with a `text`",
}
"""What became of names that templates of earlier versions use."""

_NAME = re.compile(r"has no attribute '(\w+)'$|^'(\w+)' is undefined$|^macro '(\w+)' takes ")


def laid_out(environment: Environment, name: str, values: Mapping[str, Any]) -> str:
    """One template, rendered. Raises InputError when a user's template is broken, with its line."""
    try:
        return environment.get_template(name).render(values)
    except Exception as error:
        # A mistake in a template of our own is a bug, and a bug shows its traceback.
        if not isinstance(environment.loader, ChoiceLoader):
            raise
        theirs, _ = environment.loader.loaders
        assert isinstance(theirs, FileSystemLoader)
        problem, place, mend = _told(error, name, Path(theirs.searchpath[0]))
        raise InputError(
            f"the template can't be laid out: {problem}", place=place, mend=mend
        ) from None


def _told(error: Exception, name: str, folder: Path) -> tuple[str, str, str]:
    """What is wrong, at which line of the user's own templates, and what changed since."""
    problem = str(error) or type(error).__name__
    place = _place(error, name, folder)
    found = _NAME.search(problem)
    missing = next(filter(None, found.groups()), "") if found else ""
    macros = folder / f"_macros{Path(name).suffix}"
    if "TemplateModule" in problem and macros.exists() and not place.startswith(str(folder)):
        return (
            f"{Path(place).name} calls the macro {missing!r}, and it has none",
            str(macros),
            f"Copy that macro from the package's own {macros.name}.",
        )
    changed = _CHANGED.get(missing)
    told = f"{missing!r} is of an earlier version: {changed}. " if changed else ""
    return problem, place, f"{told}docs/writeup.md says what a template can use."


def _place(error: Exception, name: str, folder: Path) -> str:
    """File and line of the innermost template that failed, the user's own before the package's."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name or name}:{error.lineno}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_template(frame)]
    theirs = [frame for frame in frames if Path(frame.filename).is_relative_to(folder)]
    innermost = (theirs or frames)[-1:]
    return next((f"{each.filename}:{each.lineno}" for each in innermost), name)


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
