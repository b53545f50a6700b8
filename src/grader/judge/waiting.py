"""Questions that wait in a folder, rendered for people and chat windows.

One Markdown file a question, with a JSON skeleton of the answer. The answer goes beside it, as a
`.json` file of the same name. Nothing here tells a side or a condition.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from grader.files.text import read_text, write_atomically
from grader.judge.judge import Request
from grader.judge.reply import Reply
from grader.judge.schema import answer_schema

FOLDER = "questions"
NAME_LENGTH = 16
"""Digits of the hash in a file's name; two questions never share so many."""


def write_waiting(folder: Path, requests: Collection[Request]) -> None:
    """Write each waiting question, and remove those that wait no longer. Answers stay.

    Raises:
        StorageError: a file can't be written.
    """
    wanted = {f"{request.hash[:NAME_LENGTH]}.md": request for request in requests}
    home = folder / FOLDER
    for old in home.glob("*.md") if home.is_dir() else ():
        if old.name not in wanted:
            old.unlink(missing_ok=True)
    for name, request in wanted.items():
        if not (home / name).is_file():
            write_atomically(home / name, _page(request))


def read_answers(folder: Path) -> Iterator[tuple[str, Path, Reply]]:
    """Answers that people laid beside questions: the beginning of the hash, the file, the reply.

    Raises:
        InputError: a file can't be read.
    """
    home = folder / FOLDER
    for path in sorted(home.glob("*.json")) if home.is_dir() else ():
        yield path.stem, path, Reply(text=read_text(path), finish_reason="stop")


def _page(request: Request) -> str:
    question = request.question
    schema = answer_schema(question.answer_model)
    said = "\n\n".join(
        f"## {message.role.capitalize()}\n\n{message.content.strip()}"
        for message in question.messages
    )
    skeleton = json.dumps(_skeleton(schema, schema), ensure_ascii=False, indent=2)
    name = request.hash[:NAME_LENGTH]
    return (
        f"# Question {name}\n\n{said}\n\n## Answer\n\n"
        f"Save one JSON object of this form as `{name}.json` beside this file. Where several "
        "words stand between bars, choose one; a list may be longer, shorter or empty.\n\n"
        f"```json\n{skeleton}\n```\n\n{_described(schema)}\n"
    )


def _skeleton(node: dict[str, Any], whole: dict[str, Any]) -> Any:
    if "$ref" in node:
        node = whole["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    if "const" in node:
        return node["const"]
    if "enum" in node:
        return " | ".join(map(str, node["enum"]))
    if "anyOf" in node:
        return _skeleton(node["anyOf"][0], whole)
    match node.get("type"):
        case "object":
            fields = node.get("properties", {})
            return {name: _skeleton(field, whole) for name, field in fields.items()}
        case "array":
            return [_skeleton(node.get("items", {}), whole)]
        case "integer" | "number":
            return node.get("minimum", 1)
        case "boolean":
            return False
    return "…"


def _described(schema: dict[str, Any]) -> str:
    objects = [schema, *schema.get("$defs", {}).values()]
    lines = [
        f"- `{name}`: {field['description']}"
        for each in objects
        for name, field in each.get("properties", {}).items()
        if "description" in field
    ]
    return "\n".join(dict.fromkeys(lines))
