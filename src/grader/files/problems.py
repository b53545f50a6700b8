"""What pydantic found wrong with a value, in words for the person who wrote it."""

from __future__ import annotations

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from grader.files.yaml import YamlDocument

_WANTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "tuple_type": "a list",
    "list_type": "a list",
    "model_type": "a group of fields",
    "model_attributes_type": "a group of fields",
    "dict_type": "a group of fields",
}


def in_words(error: ErrorDetails) -> str:
    """One of pydantic's errors in words, without its place."""
    kind = error["type"]
    if kind == "missing":
        return "this field is missing"
    if kind == "extra_forbidden":
        return "no such field; is it misspelt?"
    if kind in _WANTED:
        return f"{_WANTED[kind]} was expected, found {error['input']!r:.60}"
    if kind in ("too_short", "string_too_short"):
        return "this may not be empty"
    return error["msg"]


def first_problem(error: ValidationError) -> str:
    """The first error with its field, such as 'turns[2].text: this field is missing'."""
    first = error.errors(include_url=False)[0]
    field = YamlDocument.field(first["loc"])
    return f"{field}: {in_words(first)}" if field else in_words(first)
