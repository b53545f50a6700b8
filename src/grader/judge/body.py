"""The chat-completions body of a request: what goes over the wire, and nothing else."""

from __future__ import annotations

import json
from typing import Any

from grader.judge.judge import Request
from grader.judge.reply import Shape
from grader.judge.schema import answer_schema


def chat_body(request: Request, shape: Shape = "json_schema") -> dict[str, Any]:
    """Model, messages, parameters and the shape of the answer. Messages go as written.

    Only the shape 'json', for servers without structured output, adds the schema to the last
    message.
    """
    schema = answer_schema(request.question.answer_model)
    name = request.question.answer_model.__name__
    messages = [{"role": m.role, "content": m.content} for m in request.question.messages]
    body: dict[str, Any] = {
        "model": served_name(request.model),
        "messages": messages,
        **dict(request.parameters),
    }
    if shape == "json_schema":
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": name, "strict": True, "schema": schema},
        }
    elif shape == "tools":
        function = {"name": name, "strict": True, "parameters": schema}
        body["tools"] = [{"type": "function", "function": function}]
        body["tool_choice"] = {"type": "function", "function": {"name": name}}
    else:
        messages[-1]["content"] += (
            "\n\nAnswer with one JSON object that fits this JSON schema, and with nothing else:\n"
            + json.dumps(schema, ensure_ascii=False)
        )
    return body


def served_name(model: str) -> str:
    """The model's name at its provider: 'openai/gpt-5.4' is 'gpt-5.4'."""
    return model.partition("/")[2] or model
