"""The scripted judge: an OpenAI-compatible server that answers without a model.

Answers are scripted, or made up from the request's schema with quotations cut from the
transcripts in the prompt. It can be told to fail, and keeps count of what it was asked.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from grader.questions.answers import Answer
from grader.records import content_hash
from grader.testing.batches import Batches
from grader.testing.faults import REFUSAL, THOUGHTS, Fault, error_body, fault_reply, spoil_text
from grader.testing.generate import generate_answer
from grader.testing.material import read_prompt
from grader.testing.prefix_cache import CHARACTERS_A_TOKEN, PrefixCache
from grader.testing.server import HttpReply, HttpRequest, HttpServer

MODEL = "scripted-judge"


@dataclass(frozen=True)
class Received:
    """One request that the scripted judge got."""

    body: dict[str, Any]
    headers: dict[str, str]
    question: str
    """Hash of the body: the same request sent again has the same."""

    @property
    def texts(self) -> list[str]:
        """The contents of its messages."""
        return [str(message.get("content")) for message in self.body.get("messages", [])]

    @property
    def prompt(self) -> str:
        """All messages, one after the other."""
        return "\n".join(self.texts)

    @property
    def shape(self) -> tuple[str, dict[str, Any]] | None:
        """Name and schema of the answer that is asked for; None: none is."""
        asked = self.body.get("response_format") or {}
        if asked.get("type") == "json_schema":
            return asked["json_schema"]["name"], asked["json_schema"]["schema"]
        if self.body.get("tools"):
            function = self.body["tools"][0]["function"]
            return function["name"], function["parameters"]
        in_words = re.search(r"JSON schema[^\n]*:\n(\{.*\})\s*$", self.prompt)
        return ("", json.loads(in_words[1])) if in_words else None

    @property
    def kind(self) -> str:
        """The kind of question, from the name of its answer: 'verdict', 'signature'."""
        return self.shape[0].removesuffix("Answer").lower() if self.shape else ""


Content = str | dict[str, Any] | Answer
When = str | Callable[[Received], bool]


@dataclass
class _Rule:
    """What to do with requests that match."""

    do: Fault | Content | Callable[[Received], Content]
    is_fault: bool
    kind: str | None
    when: When | None
    times: int | None
    each: int | None
    message: str | None = None
    code: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    used: Counter[str] = field(default_factory=Counter)

    def take(self, received: Received) -> bool:
        """Whether this rule holds for the request; counts it if so."""
        if self.kind is not None and self.kind != received.kind:
            return False
        if isinstance(self.when, str) and self.when not in received.prompt:
            return False
        if callable(self.when) and not self.when(received):
            return False
        if self.do == "no_json_schema" and "response_format" not in received.body:
            return False
        if self.do == "no_tools" and "tools" not in received.body:
            return False
        if self.times is not None and self.used.total() >= self.times:
            return False
        if self.each is not None and self.used[received.question] >= self.each:
            return False
        self.used[received.question] += 1
        return True


class ScriptedJudge:
    """A server for tests and for authors of rubrics. Use it as a context manager.

    Args:
        latency_s: how long each answer takes.
        port: 0 takes a free one.
        prefix_cache: serve beginnings of prompts from a cache, as providers do: what an answered
            request began with costs the next one less.
        at_most_at_once: refuse what comes while so many requests are under way; None: none.

    `requests` holds what came in, in order; `usage` what was counted as tokens, over all replies
    that went out whole; `lost_usage` over those that broke off on the way.
    """

    def __init__(
        self,
        *,
        latency_s: float = 0.0,
        port: int = 0,
        prefix_cache: bool = False,
        at_most_at_once: int | None = None,
    ) -> None:
        self.latency_s = latency_s
        self.at_most_at_once = at_most_at_once
        self.requests: list[Received] = []
        self.usage: Counter[str] = Counter()
        self.lost_usage: Counter[str] = Counter()
        self.batches = Batches(self._complete)
        self._cache = PrefixCache() if prefix_cache else None
        self.refused = 0
        """How many requests came while too many were under way."""
        self._rules: list[_Rule] = []
        self._server = HttpServer(self._handle, port=port)
        self._port = port

    def __enter__(self) -> Self:
        self._port = self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    @property
    def base_url(self) -> str:
        """What to give as `--base-url`."""
        return f"http://127.0.0.1:{self._port}/v1"

    def answer(
        self,
        content: Content | Callable[[Received], Content],
        *,
        kind: str | None = None,
        when: When | None = None,
        times: int | None = None,
    ) -> None:
        """Answer matching requests with this. Earlier rules go first.

        Args:
            content: an answer, its JSON, a raw text, or a function that makes one.
            kind: only questions of this kind, such as 'verdict'.
            when: only prompts that contain this text, or for which this function is true.
            times: only so often in all.
        """
        self._rules.append(_Rule(content, False, kind, when, times, None))

    def fail(
        self,
        fault: Fault,
        *,
        kind: str | None = None,
        when: When | None = None,
        times: int | None = None,
        each: int | None = None,
        message: str | None = None,
        code: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Fail matching requests in this way. Arguments as `answer`; also:

        Args:
            fault: one of `FAULTS`.
            each: only so often for one and the same request.
            message: the error's words, for a fault that is a status.
            code: the error's code, likewise.
            headers: sent with it, such as `{"retry-after": "2"}`.
        """
        self._rules.append(
            _Rule(fault, True, kind, when, times, each, message, code, headers or {})
        )

    @property
    def most_at_once(self) -> int:
        """How many requests were under way at the same time, at most."""
        return self._server.most_at_once

    @property
    def asked(self) -> Counter[str]:
        """How often each question came in, by its hash."""
        return Counter(received.question for received in self.requests)

    def of_kind(self, kind: str) -> list[Received]:
        """The requests of one kind of question."""
        return [received for received in self.requests if received.kind == kind]

    def _handle(self, request: HttpRequest) -> HttpReply:
        path = request.path.partition("?")[0]
        if request.method == "GET" and path == "/v1/models":
            return HttpReply(
                200, {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0}]}
            )
        if path.startswith(("/v1/files", "/v1/batches")):
            return self.batches.handle(request, path)
        if request.method != "POST" or path != "/v1/chat/completions":
            return HttpReply(404, error_body(f"no such path: {request.method} {path}", None))
        most = self.at_most_at_once
        if most is not None and self._server.under_way > most:
            self.refused += 1
            return HttpReply(429, error_body("Rate limit reached.", "rate_limit_exceeded"))
        try:
            return self._complete(json.loads(request.body), request.headers)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return HttpReply(400, error_body(f"not a chat completion request: {error}", None))

    def _complete(self, body: dict[str, Any], headers: dict[str, str]) -> HttpReply:
        received = Received(body, headers, content_hash(body))
        self.requests.append(received)
        rule = next((rule for rule in self._rules if rule.take(received)), None)
        fault: Any = rule.do if rule is not None and rule.is_fault else None
        if fault is not None:
            assert rule is not None
            failed = fault_reply(fault, message=rule.message, code=rule.code, headers=rule.headers)
            if failed is not None:
                return failed
        content = _generated(received) if rule is None or rule.is_fault else rule.do
        if callable(content):
            content = content(received)
        text = _text(content)
        spoilt = spoil_text(fault, text) if fault is not None else text
        cached = self._cache.serve(received.texts, self.latency_s) if self._cache else 0
        completion = _completion(received, spoilt, fault, cached)
        if fault == "no_usage":
            del completion["usage"]
        else:
            counted = self.lost_usage if fault == "drop_in_body" else self.usage
            counted.update(flat_usage(completion["usage"]))
        return HttpReply(
            200,
            completion,
            after_s=self.latency_s,
            manner="drop_in_body" if fault == "drop_in_body" else "whole",
        )


def flat_usage(usage: dict[str, Any]) -> dict[str, int]:
    """The counts of a completion by the names that grader's records use."""
    return {
        "prompt_tokens": usage["prompt_tokens"],
        "completion_tokens": usage["completion_tokens"],
        "cached_tokens": usage["prompt_tokens_details"]["cached_tokens"],
        "reasoning_tokens": usage["completion_tokens_details"]["reasoning_tokens"],
    }


def _generated(received: Received) -> Content:
    if received.shape is None:
        return "This is a scripted judge. It answers only requests that carry a JSON schema."
    return generate_answer(received.shape[1], read_prompt(received.texts), received.question)


def _text(content: Any) -> str:
    if isinstance(content, Answer):
        return content.model_dump_json(by_alias=True)
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)


def _completion(
    received: Received, text: str | None, fault: Fault | None, cached: int
) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None}
    finish = "stop"
    if fault == "refuse":
        message["refusal"] = REFUSAL
    elif fault == "content_filter":
        finish = "content_filter"
    elif fault == "truncate":
        finish = "length"
    if text and received.body.get("tools"):
        name = received.body["tools"][0]["function"]["name"]
        message["content"] = None
        message["tool_calls"] = [
            {"id": "call_1", "type": "function", "function": {"name": name, "arguments": text}}
        ]
    prompt = sum(len(part) for part in received.texts) // CHARACTERS_A_TOKEN
    written = len(text or REFUSAL) // CHARACTERS_A_TOKEN
    thoughts = len(THOUGHTS) // CHARACTERS_A_TOKEN if fault == "think" else 0
    return {
        "id": f"chatcmpl-{received.question[:24]}",
        "object": "chat.completion",
        "created": 0,
        "model": MODEL,
        "system_fingerprint": "scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": written,
            "total_tokens": prompt + written,
            "prompt_tokens_details": {"cached_tokens": cached},
            "completion_tokens_details": {"reasoning_tokens": thoughts},
        },
    }
