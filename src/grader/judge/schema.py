"""The JSON schema of an answer as it is sent: strict, without titles, the same each time."""

from __future__ import annotations

from functools import cache
from typing import Any

from grader.questions.answers import Answer


@cache
def answer_schema(model: type[Answer]) -> dict[str, Any]:
    """The schema of an answer model, fit for OpenAI's strict mode.

    Every object lists all its properties as required and allows no others. Treat the result as
    read-only: it is shared between calls.
    """
    schema = _without_titles(model.model_json_schema(by_alias=True))
    assert isinstance(schema, dict)
    return schema


def _without_titles(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            key: _without_titles(value)
            for key, value in node.items()
            if not (key == "title" and isinstance(value, str))
        }
    if isinstance(node, list):
        return [_without_titles(value) for value in node]
    return node
