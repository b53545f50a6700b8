"""The prompt files: one Markdown file a question, with front matter and a Jinja body.

Front matter names the prompt's id, version, answer model and the file of the system message.
Transcripts, criteria and findings reach a body as values only; they are never template source.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateError
from pydantic import Field, ValidationError

from grader.errors import InputError
from grader.files.text import read_text
from grader.files.yaml import parse_yaml
from grader.questions.question import Message
from grader.records import Record
from grader.resources import shipped

PROMPTS = shipped("prompts")


class FrontMatter(Record):
    """What a prompt file says about itself."""

    id: str
    version: int = Field(ge=1)
    answer: str
    system: str


@dataclass(frozen=True)
class Prompt:
    """One question as its author wrote it."""

    id: str
    version: int
    answer: str
    """Name of the answer model."""
    path: Path
    hash: str
    """sha256 over the file and all shared pieces."""
    system: str
    _body: Template

    @property
    def name(self) -> str:
        """Id and version, such as 'verdict@1'."""
        return f"{self.id}@{self.version}"

    def render(self, **values: Any) -> str:
        """The body with its values. Raises InputError naming a value the file asks in vain."""
        try:
            return self._body.render(**values).strip() + "\n"
        except TemplateError as error:
            raise InputError(
                f"the prompt cannot be rendered: {error}",
                place=self.path,
                mend="Compare the prompt with the shipped version.",
            ) from None

    def messages(self, **values: Any) -> tuple[Message, ...]:
        """System message and rendered body."""
        return (Message("system", self.system), Message("user", self.render(**values)))


@cache
def _environment(folder: Path) -> Environment:
    # Autoescaping is for HTML; a prompt is plain text. StrictUndefined: a misspelt name is an
    # error and not an empty place in a question.
    return Environment(
        loader=FileSystemLoader(list(dict.fromkeys((folder, PROMPTS)))),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def read_prompt(id: str, folder: Path | None = None) -> Prompt:
    """The prompt of this id.

    Args:
        id: the name of its file, without the ending.
        folder: where it lies; None: with the shipped ones, whose shared pieces any prompt can use.

    Raises:
        InputError: the file is missing, its front matter is wrong, or its body is no template.
    """
    folder = folder or PROMPTS
    path = folder / f"{id}.md"
    _, front, body = _split(read_text(path), str(path))
    try:
        matter = FrontMatter.model_validate(parse_yaml(front, path).data)
    except ValidationError as error:
        fields = ", ".join(str(e["loc"][0]) for e in error.errors() if e["loc"])
        raise InputError(
            f"the front matter is wrong at: {fields}",
            place=path,
            mend="It needs id, version, answer and system.",
        ) from None
    try:
        template = _environment(folder).from_string(body)
    except TemplateError as error:
        raise InputError(f"the body is no template: {error}", place=path) from None
    included = [shared.read_text("utf-8") for shared in sorted((PROMPTS / "shared").glob("*.md"))]
    source = "\x00".join([read_text(path), *included])
    return Prompt(
        id=matter.id,
        version=matter.version,
        answer=matter.answer,
        path=path,
        hash=hashlib.sha256(source.encode()).hexdigest(),
        system=read_text(_found(folder, matter.system)).strip() + "\n",
        _body=template,
    )


def render_shared(name: str, **values: Any) -> str:
    """One of the shared pieces on its own, such as 'correction'."""
    return _environment(PROMPTS).get_template(f"shared/{name}.md").render(**values).strip() + "\n"


def _found(folder: Path, name: str) -> Path:
    return folder / name if (folder / name).is_file() else PROMPTS / name


def _split(text: str, place: str) -> tuple[str, str, str]:
    parts = text.split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise InputError(
            "a prompt file begins with front matter between two '---' lines", place=place
        )
    return parts[0], parts[1], parts[2]
