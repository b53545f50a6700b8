"""A question on its way through the queue: what a worker needs to ask it, and nothing else.

The label, which names the side of a comparison, stays with the client; keys stay with the worker.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import ConfigDict, model_validator

from grader.errors import GraderError
from grader.judge.judge import Request
from grader.judge.schema import answer_schema
from grader.questions.answers import Answer
from grader.questions.prompts import PROMPTS, read_prompt
from grader.questions.question import Message, Question


def payload_of(request: Request) -> bytes:
    """The request as it lies in the queue."""
    question = request.question
    return json.dumps(
        {
            "model": request.model,
            "parameters": dict(request.parameters),
            "kind": question.kind,
            "prompt": question.prompt,
            "messages": [[m.role, m.content] for m in question.messages],
            "answer": question.answer_model.__name__,
            "schema": answer_schema(question.answer_model),
        }
    ).encode()


def request_of(payload: bytes) -> Request:
    """The request again. Its answers are any JSON objects: the client parses them by its rules."""
    fields = json.loads(payload)
    question = Question(
        kind=fields["kind"],
        messages=tuple(Message(role, content) for role, content in fields["messages"]),
        answer_model=_answer_like(fields["answer"], json.dumps(fields["schema"])),
        prompt=fields["prompt"],
    )
    return Request(question, fields["model"], tuple(sorted(fields["parameters"].items())))


@lru_cache(maxsize=256)
def _answer_like(name: str, schema: str) -> type[Answer]:
    """A class with this JSON schema, for sending."""

    class AnyObject(Answer):
        model_config = ConfigDict(frozen=True, extra="allow")

        @model_validator(mode="before")
        @classmethod
        def _any(cls, value: Any) -> Any:
            # A field of any name is welcome, and none becomes an attribute.
            return {} if isinstance(value, Mapping) else value

        @classmethod
        def model_json_schema(cls, *_: Any, **__: Any) -> dict[str, Any]:
            read: dict[str, Any] = json.loads(schema)
            return read

    AnyObject.__name__ = name
    return AnyObject


def prompt_hash(prompt: str) -> str:
    """The hash of a prompt file and its pieces, by the prompt's name; empty: there is no such."""
    if not prompt:
        return ""
    try:
        found = read_prompt(prompt.partition("@")[0])
    except GraderError:
        return ""
    return found.hash if found.name == prompt else ""


def entrypoint_of(request: Request) -> str:
    """The sort of question: what a worker must reach and know to be able to serve it."""
    return _entrypoint(request.model, request.question.prompt)


def known_entrypoints(model: str) -> set[str]:
    """Every sort of question to this model whose prompt this version of grader has."""
    names = (read_prompt(path.stem).name for path in PROMPTS.glob("*.md"))
    return {_entrypoint(model, name) for name in (*names, "")}


def _entrypoint(model: str, prompt: str) -> str:
    return f"{model} {prompt} {prompt_hash(prompt)[:16]}"
