"""What went wrong with an attempt, and what the server said of it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from grader.judge.finish import ending_of
from grader.judge.refusals import Meaning, Rules, shipped_rules
from grader.text.visible import visible

MAX_MESSAGE = 300
MAX_WORDS = 4000

_NO_WORDS = frozenset(
    {"input", "request", "messages", "prompt", "body", "url", "failed_generation"}
    | {"id", "object", "model", "system_fingerprint", "request_id", "provider"}
)
"""Keys of what a server sends back, and of names: a transcript's words decide nothing."""

_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class Failure:
    """One failed attempt."""

    meaning: Meaning
    message: str
    """Short, for people; keys are blotted out."""
    status: int | None = None
    retry_after_s: float | None = None
    hung: bool = False
    """No reply came in time."""
    worked: bool = False
    """It came in place of a reply, so that the server may charge for it."""
    tries: int | None = None
    """So many attempts are enough; None: as many as the settings allow."""

    @property
    def too_much(self) -> bool:
        """Whether fewer requests at once may help: the server says so, or falls behind."""
        return self.status in (429, 503, 504) or self.hung

    @property
    def may_be_charged(self) -> bool:
        """Whether the server may have worked on it: it broke off after it was sent."""
        return self.worked or (
            self.status in (None, 200) and self.meaning not in ("unreachable", "redirected")
        )


@dataclass
class Said:
    """What a server says of an error, wherever it says it."""

    message: str = ""
    codes: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    params: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def read_failure(
    status: int,
    body: Any,
    headers: Mapping[str, str] | None = None,
    *,
    key: str = "",
    rules: Rules | None = None,
) -> Failure:
    """What an HTTP status and error body mean, by the table of rules."""
    said = what_is_said(body)
    rules = shipped_rules() if rules is None else rules
    words = " ".join(said.words)[:MAX_WORDS]
    meaning: Meaning = next(
        (
            rule.meaning
            for rule in rules
            if rule.fits(status, said.codes, said.types, said.params, words)
        ),
        "give_up",
    )
    message = one_line(said.message or words, key)
    return Failure(
        meaning,
        f"{status}: {message}" if message else f"{status}",
        status=status,
        retry_after_s=retry_after(headers or {}),
    )


def failure_in(body: Any, *, key: str = "", rules: Rules | None = None) -> Failure | None:
    """The failure in a body that came as a success; None: it holds a choice and no error.

    Some servers send their errors so, beside the choice or inside it.
    """
    choices = body.get("choices") if isinstance(body, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    if isinstance(body, dict) and isinstance(choice, dict):
        error = choice.get("error") or body.get("error")
        finish = choice.get("finish_reason")
        if not error and not (isinstance(finish, str) and ending_of(finish) == "api_error"):
            return None
        failure = _with_inner_status(error or {"message": f"finish reason '{finish}'"}, key, rules)
        message = f"200, but the server broke off: {failure.message}"
        return replace(failure, message=message, worked=True)
    failure = _with_inner_status(body, key, rules)
    if isinstance(choices, list) and failure.meaning not in ("filtered", "context_too_long"):
        blocked = any(body.get(name) for name in ("prompt_feedback", "promptFeedback"))
        return Failure(
            "filtered" if blocked else "retry",
            "200, with no choice in it" + (f": {failure.message}" if failure.message else ""),
            status=200,
            worked=True,
            tries=2,
        )
    if failure.meaning in ("give_up", "retry"):
        what = f": {failure.message}" if failure.message else ""
        message = f"200, but the body is not a chat completion{what}"
        return replace(failure, meaning="retry", message=message, worked=True)
    return failure


def _with_inner_status(body: Any, key: str, rules: Rules | None) -> Failure:
    """A failure read by the status in the body; one of the request where there is none."""
    codes = [int(code) for code in what_is_said(body).codes if code.isdigit()]
    inner = next((code for code in codes if 400 <= code < 600), None)
    failure = read_failure(inner or 400, body, key=key, rules=rules)
    if inner is None:
        words = failure.message.partition(": ")[2]
        failure = replace(failure, message=words, status=200)
    if inner is None and failure.meaning == "give_up":
        failure = replace(failure, meaning="retry")
    return failure


def what_is_said(body: Any) -> Said:
    """Code, type, parameter and words in an error body, whatever its form.

    It may be an object, a list of them, a text, a web page; and hold another server's body.
    """
    said = Said()
    if isinstance(body, str):
        body = _parsed(body)
    if isinstance(body, str):
        title = _TITLE.search(body)
        text = " ".join(_TAGS.sub(" ", title[1] if title else body).split())
        return Said(message=f"a web page: {text}" if title else text, words=[text])
    _collect(body, said, depth=0)
    said.message = ". ".join(dict.fromkeys(said.words[:3]))
    return said


def _collect(node: Any, said: Said, depth: int) -> None:
    if depth > 8:
        return
    if isinstance(node, list):
        for each in node[:20]:
            _collect(each, said, depth + 1)
        return
    if not isinstance(node, dict):
        return
    if isinstance(loc := node.get("loc"), list):
        # A field that FastAPI refuses.
        name = ".".join(str(part) for part in loc if part != "body")
        said.params.append(name)
        said.words.append(f"{node.get('type', '')} {name}: {node.get('msg', '')}".strip())
        return
    for name, value in _in_order(node):
        if name in _NO_WORDS:
            continue
        if name in ("code", "status") and isinstance(value, (str, int)):
            said.codes.append(str(value))
        elif name == "type" and isinstance(value, str):
            said.types.append(value)
        elif name in ("param", "field") and isinstance(value, str):
            said.params.append(value)
        elif isinstance(value, str) and value.strip():
            inner = _parsed(value)
            if isinstance(inner, (dict, list)):
                _collect(inner, said, depth + 1)
            elif not name.startswith("@"):
                said.words.append(value[:MAX_WORDS])
        else:
            _collect(value, said, depth + 1)


def _in_order(node: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The message first: it is what people are shown."""
    for name in ("error", "message", "detail"):
        if name in node:
            yield name, node[name]
    yield from ((str(k), v) for k, v in node.items() if k not in ("error", "message", "detail"))


def _parsed(text: str) -> Any:
    if text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def one_line(text: str, key: str = "") -> str:
    """Text of a server on one short line, without the key and with hidden characters shown."""
    if len(key) > 3:
        text = text.replace(key, "[key]")
    text = visible(" ".join(text[: 4 * MAX_MESSAGE].split()))
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The pause a server asks for, in seconds; `retry-after` may be seconds or a date."""
    value = headers.get("retry-after", "").strip()
    milliseconds, seconds = _number(headers.get("retry-after-ms", "")), _number(value)
    if milliseconds is not None:
        return milliseconds / 1000
    if seconds is not None:
        return seconds
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None
