"""Servers of twelve families, as they are publicly reported to behave.

Each takes real requests over a socket and answers as the scripted judge, but refuses, fails and
spells things as its family does. docs/judges.md says where each behaviour was reported.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from grader.testing import ScriptedJudge
from grader.testing.scripted import Received
from grader.testing.server import HttpReply, HttpRequest

Body = dict[str, Any]
Refuse = Callable[["Family", Received], HttpReply | None]
Change = Callable[["Family", Received, Body], Body | bytes]


class Family(ScriptedJudge):
    """A scripted judge that refuses and changes things.

    Args:
        refuse: what is sent in place of an answer; None: an answer.
        change: what is made of a completion.
        path: where chat completions are served.
        elsewhere: what is sent at every other path.
    """

    def __init__(
        self,
        refuse: Refuse | None = None,
        change: Change | None = None,
        path: str = "/v1/chat/completions",
        elsewhere: HttpReply | None = None,
    ) -> None:
        super().__init__()
        self._refuse, self._change, self._path = refuse, change, path
        self._elsewhere = elsewhere or HttpReply(404, b"404 page not found")
        self.times: Counter[str] = Counter()

    def first(self, name: str, times: int = 1) -> bool:
        """Whether this is one of the first times that something happens."""
        self.times[name] += 1
        return self.times[name] <= times

    def _handle(self, request: HttpRequest) -> HttpReply:
        if request.method == "POST" and request.path != self._path:
            return self._elsewhere
        return super()._handle(request)

    def _complete(self, body: Body, headers: dict[str, str]) -> HttpReply:
        received = Received(body, headers, str(len(self.requests)))
        refused = self._refuse(self, received) if self._refuse else None
        if refused is not None:
            self.requests.append(received)
            return refused
        reply = super()._complete(body, headers)
        if reply.status == 200 and self._change:
            changed = self._change(self, received, copy.deepcopy(reply.body))
            return HttpReply(200, changed, after_s=reply.after_s)
        return reply


def error(status: int, message: str, **more: Any) -> HttpReply:
    """An error in OpenAI's form."""
    return HttpReply(status, {"error": {"message": message, **more}})


def message_of(body: Body) -> Body:
    message: Body = body["choices"][0]["message"]
    return message


def text_of(body: Body) -> str:
    message = message_of(body)
    calls = message.get("tool_calls")
    text = calls[0]["function"]["arguments"] if calls else message["content"]
    assert isinstance(text, str)
    return text


def openai() -> Family:
    """A model that thinks, behind an address where its name is not known."""

    def refuse(server: Family, got: Received) -> HttpReply | None:
        if "max_tokens" in got.body:
            return error(
                400,
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
                "'max_completion_tokens' instead.",
                type="invalid_request_error", param="max_tokens", code="unsupported_parameter",
            )  # fmt: skip
        if "temperature" in got.body:
            return error(
                400,
                "Unsupported value: 'temperature' does not support 0.0 with this model. Only the "
                "default (1) value is supported.",
                type="invalid_request_error", param="temperature", code="unsupported_value",
            )  # fmt: skip
        return None

    return Family(refuse)


def azure() -> Family:
    """An old API version: no strict schema, no `minimum` in a tool; and a filter before both."""

    def refuse(server: Family, got: Received) -> HttpReply | None:
        if got.body.get("response_format"):
            return error(
                400,
                "response_format value as json_schema is enabled only for api versions "
                "2024-08-01-preview and later",
                type="invalid_request_error", param=None, code="BadRequest",
            )  # fmt: skip
        if "tools" in got.body and "minimum" in json.dumps(got.body["tools"]):
            return error(
                400,
                "Invalid schema for function 'SignatureAnswer': In context=('properties', "
                "'marker'), 'minimum' is not permitted.",
                code="invalid_function_parameters", param="tools[0].function.parameters",
            )  # fmt: skip
        if server.first("filtered"):
            return error(
                400,
                "The response was filtered due to the prompt triggering Azure OpenAI's content "
                "management policy.",
                code="content_filter", param="prompt",
                innererror={"code": "ResponsibleAIPolicyViolation"},
            )  # fmt: skip
        return None

    return Family(refuse)


def gemini() -> Family:
    """Errors in a list, no additionalProperties, thoughts beside the completion's count."""

    def refuse(server: Family, got: Received) -> HttpReply | None:
        if "additionalProperties" in json.dumps(got.body):
            message = (
                'Invalid JSON payload received. Unknown name "additionalProperties" at '
                "'generation_config.response_schema': Cannot find field."
            )
            details = [{"@type": "type.googleapis.com/google.rpc.BadRequest"}]
            inner = {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}
            return HttpReply(400, [{"error": {**inner, "details": details}}])
        return None

    def change(server: Family, got: Received, body: Body) -> Body:
        body["usage"]["completion_tokens_details"] = None
        body["usage"]["total_tokens"] += 500
        if server.first("recitation"):
            body["choices"][0].update(finish_reason="content_filter: RECITATION")
            message_of(body)["content"] = None
        elif server.first("blocked"):
            body["choices"] = []
        return body

    return Family(refuse, change)


def anthropic() -> Family:
    """No schema, no temperature; words beside the tool call."""

    def refuse(server: Family, got: Received) -> HttpReply | None:
        if "temperature" in got.body:
            inner = {
                "type": "invalid_request_error",
                "message": "`temperature` is deprecated for this model.",
            }
            return HttpReply(400, {"type": "error", "error": inner, "request_id": "req_1"})
        return None

    def change(server: Family, got: Received, body: Body) -> Body:
        message_of(body)["content"] = "I'll record my assessment."
        body["choices"][0]["finish_reason"] = "end_turn"
        return body

    return Family(refuse, change)


def openrouter() -> Family:
    """Failures of the servers behind it, in every place but the status."""

    def refuse(server: Family, got: Received) -> HttpReply | None:
        if got.body.get("response_format"):
            return error(
                404, "No endpoints found that can handle the requested parameters.", code=404
            )
        if server.first("flagged"):
            return error(
                403,
                "Your chosen model requires moderation and your input was flagged",
                code=403, metadata={"reasons": ["violence"]},
            )  # fmt: skip
        if server.first("raw"):
            raw = json.dumps({"message": "temporarily rate-limited upstream. Please retry"})
            return HttpReply(
                200,
                {"error": {"message": "Provider returned error", "code": 429,
                           "metadata": {"raw": raw}}},
            )  # fmt: skip
        return None

    def change(server: Family, got: Received, body: Body) -> Body:
        if server.first("broke off"):
            body["choices"][0].update(
                finish_reason="error", error={"code": 502, "message": "upstream broke off"}
            )
            body["usage"] = {"prompt_tokens": None, "completion_tokens": None, "total_tokens": 0}
        return body

    return Family(refuse, change)


def mistral() -> Family:
    """Refuses what its schema does not know; thoughts as parts of the content."""

    def refuse(server: Family, got: Received) -> HttpReply | None:
        odd = [name for name in ("max_completion_tokens", "seed") if name in got.body]
        if not odd:
            return None
        detail = [
            {"type": "extra_forbidden", "loc": ["body", name],
             "msg": "Extra inputs are not permitted", "input": got.body[name]}
            for name in odd
        ]  # fmt: skip
        return HttpReply(
            422,
            {"object": "error", "message": {"detail": detail}, "type": "invalid_request_error",
             "param": None, "code": None},
        )  # fmt: skip

    def change(server: Family, got: Received, body: Body) -> Body:
        text = text_of(body)
        thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "Is it met?"}]}
        message_of(body)["content"] = [thinking, {"type": "text", "text": text}]
        return body

    return Family(refuse, change)


def groq() -> Family:
    """Says 400 where its model failed at the schema, and 413 where the minute's tokens are used."""

    def refuse(server: Family, got: Received) -> HttpReply | None:
        if server.first("json", 2):
            return error(
                400,
                "Failed to generate JSON. Please adjust your prompt. See 'failed_generation' for "
                "more details.",
                type="invalid_request_error", code="json_validate_failed",
                failed_generation='{"level": "met", "flagged": "by the content policy"',
            )  # fmt: skip
        if server.first("tpm"):
            return error(
                413,
                "Request too large for model on tokens per minute (TPM): Limit 6000, Requested "
                "9000, please reduce your message size and try again.",
                type="tokens", code="rate_limit_exceeded",
            )  # fmt: skip
        return None

    return Family(refuse)


def kimi() -> Family:
    """One temperature only; its own place for cached tokens."""

    def refuse(server: Family, got: Received) -> HttpReply | None:
        if got.body.get("temperature") not in (None, 1):
            return error(
                400,
                "invalid temperature: only 1 is allowed for this model",
                type="invalid_request_error",
            )
        return None

    def change(server: Family, got: Received, body: Body) -> Body:
        body["usage"] = {
            "prompt_tokens": body["usage"]["prompt_tokens"],
            "completion_tokens": body["usage"]["completion_tokens"],
            "total_tokens": body["usage"]["total_tokens"],
            "cached_tokens": 64,
        }
        message_of(body)["reasoning_content"] = 'A draft: {"level": "met"}'
        return body

    return Family(refuse, change)


def ollama() -> Family:
    """Ignores the schema, thinks aloud, and cuts long prompts without a word."""

    def change(server: Family, got: Received, body: Body) -> Body:
        text = text_of(body)
        body["choices"][0]["message"] = {
            "role": "assistant",
            "content": f"<think>\nA draft first: {text}\nBut is it so?\n</think>\n\n{text}",
        }
        if server.first("cut"):
            body["usage"] = {"prompt_tokens": 514, "completion_tokens": 60, "total_tokens": 574}
        return body

    return Family(change=change)


def lm_studio() -> Family:
    """Takes no schema with some runtimes, and no named tool."""

    def refuse(server: Family, got: Received) -> HttpReply | None:
        if got.body.get("response_format"):
            return HttpReply(400, {"error": "response_format is not supported by this runtime"})
        if isinstance(got.body.get("tool_choice"), dict):
            said = (
                "Invalid tool_choice type: 'object'. Supported string values: none, auto, required"
            )
            return HttpReply(400, {"error": said})
        return None

    def change(server: Family, got: Received, body: Body) -> Body:
        # The model may answer in words where it is not made to use the tool.
        body["choices"][0]["message"] = {
            "role": "assistant",
            "content": f"{text_of(body)}\n\nLet me know if you need anything else!",
        }
        return body

    return Family(refuse, change)


def vllm() -> Family:
    """gpt-oss through the harmony channels; one reply whose parser lost the content."""

    def refuse(server: Family, got: Received) -> HttpReply | None:
        if server.first("too long"):
            return HttpReply(
                400,
                {"object": "error", "type": "BadRequestError", "param": None, "code": 400,
                 "message": "This model's maximum context length is 4096 tokens. However, you "
                 "requested 9000 tokens in the messages."},
            )  # fmt: skip
        return None

    def change(server: Family, got: Received, body: Body) -> Body:
        text = text_of(body)
        if server.first("lost"):
            body["choices"][0]["message"] = {
                "role": "assistant",
                "content": None,
                "reasoning_content": text,
            }
            return body
        body["choices"][0]["message"] = {
            "role": "assistant",
            "content": f"<|channel|>analysis<|message|>Draft: {text}<|end|><|start|>assistant"
            f"<|channel|>final <|constrain|>json<|message|>{text}<|return|>",
        }
        return body

    return Family(refuse, change)


def llama_cpp() -> Family:
    """Loading first; too long with status 500; the codes in `type`."""

    def refuse(server: Family, got: Received) -> HttpReply | None:
        if server.first("loading"):
            return error(503, "Loading model", code=503, type="unavailable_error")
        if server.first("too long"):
            return error(500, "Context size has been exceeded.", code=500, type="server_error")
        if server.first("longer"):
            return error(
                400,
                "request (4390 tokens) exceeds the available context size (4096 tokens), try "
                "increasing it",
                code=400, type="exceed_context_size_error", n_prompt_tokens=4390, n_ctx=4096,
            )  # fmt: skip
        return None

    def change(server: Family, got: Received, body: Body) -> Body:
        body["timings"] = {"prompt_n": 1, "cache_n": 900}
        return body

    return Family(refuse, change)
