"""The chat-completions body of a request: what goes over the wire, and nothing else."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from grader.judge.form import RequestForm
from grader.judge.judge import Request
from grader.judge.schema import answer_schema
from grader.questions.answers import Answer

PLAIN = RequestForm()
"""Everything that was asked for, and a strict schema."""


def chat_body(request: Request, form: RequestForm = PLAIN) -> dict[str, Any]:
    """Model, messages, parameters and the shape of the answer. Messages go as written.

    Only the shape 'json', for servers without structured output, adds the schema to the last
    message.
    """
    model = request.question.answer_model
    messages = [{"role": m.role, "content": m.content} for m in request.question.messages]
    body: dict[str, Any] = {
        "model": served_name(request.model),
        "messages": messages,
        **form.parameters(dict(request.parameters)),
    }
    if form.shape == "json":
        messages[-1]["content"] += (
            "\n\nAnswer with one JSON object that fits this JSON schema, and with nothing else:\n"
            + json.dumps(answer_schema(model), ensure_ascii=False)
        )
        return body
    return body | _structured(model, form)


@cache
def _structured(model: type[Answer], form: RequestForm) -> dict[str, Any]:
    """The keys of a body that ask for an answer's structure, as instructor writes them.

    The schema in them is the one that the question's hash covers: instructor sorts the names of
    required fields, and its modes for chat completions never ask for strictness.
    """
    from instructor import Mode, OpenAISchema
    from instructor.processing.response import handle_response_model

    schema = answer_schema(model)
    if "no_additional_properties" in form.refused:
        schema = _without(schema, "additionalProperties")
    strict = {} if "no_strict" in form.refused else {"strict": True}

    class Named(OpenAISchema):
        @classmethod
        def model_json_schema(cls, *_: Any, **__: Any) -> dict[str, Any]:
            # A copy: instructor writes into it.
            return {"title": model.__name__, **schema}

    Named.__name__ = model.__name__
    mode = Mode.JSON_SCHEMA if form.shape == "json_schema" else Mode.TOOLS
    _, made = handle_response_model(Named, mode=mode, messages=[])
    if form.shape == "json_schema":
        made["response_format"]["json_schema"].update(strict, schema=schema)
        return {"response_format": made["response_format"]}
    [tool] = made["tools"]
    tool["function"] = {"name": model.__name__, **strict, "parameters": schema}
    if "no_tool_choice" in form.refused:
        return {"tools": [tool]}
    return {"tools": [tool], "tool_choice": made["tool_choice"]}


def _without(node: Any, key: str) -> Any:
    if isinstance(node, dict):
        return {name: _without(value, key) for name, value in node.items() if name != key}
    return [_without(each, key) for each in node] if isinstance(node, list) else node


def served_name(model: str) -> str:
    """The model's name at its provider: 'openai/gpt-5.4' is 'gpt-5.4'."""
    return model.partition("/")[2] or model
