"""From a raw reply to an answer or an outcome. One way for every source of replies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from grader.judge.reply import Outcome, Reply
from grader.questions.answers import Answer
from grader.questions.question import Question

MAX_PROBLEMS = 5
CUT_OFF = "the reply was cut off at the token limit"

_FILTERED = frozenset({"content_filter", "safety", "prohibited_content", "blocklist"})
_CUT_OFF = frozenset({"length", "max_tokens"})

_REFUSAL = re.compile(
    r"\s*(i['’]?m (very |really )?sorry|i am sorry|sorry, (but )?i|i apologi[sz]e|"
    r"i (can['’]?t|cannot|can not|won['’]?t|will not|must decline|have to decline)|"
    r"i['’]?m (not able|unable|not comfortable)|i am (not able|unable|not comfortable)|"
    r"unfortunately, i (can['’]?t|cannot|am unable)|as an ai\b)",
    re.IGNORECASE,
)
"""How a refusal begins where the server has no field for it. Only looked for where no JSON is."""

_FENCE = re.compile(r"```[a-zA-Z]*[ \t]*\r?\n(.*?)\r?\n[ \t]*```", re.DOTALL)


@dataclass(frozen=True)
class ParsedReply:
    """A reply with its outcome. It is parsed once, where it comes in."""

    reply: Reply
    outcome: Outcome
    answer: Answer | None = None
    """None for every outcome but `answered`."""
    problem: str | None = None
    """What is wrong with it, in words for the judge and for people."""


def parse_reply(question: Question, reply: Reply) -> ParsedReply:
    """The outcome of a reply, and its answer where it contains one."""
    try:
        outcome, problem = _ending(reply)
        if outcome != "answered":
            return ParsedReply(reply, outcome, problem=problem)
        answer = parse_answer(question.answer_model, reply.text or "", question.rules)
    except ValueError as error:
        # llama-cpp-python ends every tool call with `tool_calls`, also one that was cut off.
        if reply.used_up:
            return ParsedReply(reply, "truncated", problem=CUT_OFF)
        return ParsedReply(reply, "unparseable", problem=str(error))
    return ParsedReply(reply, "answered", answer=answer)


def _ending(reply: Reply) -> tuple[Outcome, str | None]:
    """How a reply ended by all that the server says, before its text is parsed.

    Raises:
        ValueError: there is no text.
    """
    finish = (reply.finish_reason or "").lower()
    text = reply.text or ""
    if reply.context_too_long:
        return "context_too_long", "the question is too long for this model"
    if finish in _FILTERED:
        return "filtered", "the provider's content filter held the reply back"
    if reply.refusal or finish == "refusal":
        return "refused", f"the judge refused: {_short(reply.refusal or text)}"
    if finish in _CUT_OFF:
        return "truncated", CUT_OFF
    if not text.strip():
        raise ValueError("the reply was empty")
    if "{" not in text and _REFUSAL.match(text):
        return "refused", f"the judge refused: {_short(text)}"
    return "answered", None


def parse_answer(model: type[Answer], text: str, rules: Mapping[str, Any]) -> Answer:
    """The answer in a reply's text.

    The text is one JSON object, alone, or the only one in a Markdown fence, or at the end
    after other words (reasoning). Nothing is mended and nothing guessed.

    Raises:
        ValueError: what is wrong, in words that the judge can act on.
    """
    try:
        return model.model_validate_json(_json_part(text), context=dict(rules))
    except ValidationError as error:
        raise ValueError(_in_words(error)) from None


def _json_part(text: str) -> str:
    text = text.strip()
    if text.startswith("<think>"):
        text = text.partition("</think>")[2].strip()
    if text.startswith("{"):
        return text
    fenced = _FENCE.findall(text)
    if len(fenced) == 1:
        return str(fenced[0])
    # Words before the answer: it begins at the first brace that opens a line and runs to the end.
    start = re.search(r"^\{", text, re.MULTILINE)
    return text[start.start() :] if start and text.endswith("}") else text


def _in_words(error: ValidationError) -> str:
    problems = error.errors(include_url=False, include_input=False)
    if problems and problems[0]["type"] == "json_invalid":
        return f"it is not one JSON object: {problems[0]['msg'].removeprefix('Invalid JSON: ')}"
    lines = [_problem(p["loc"], p["msg"]) for p in problems[:MAX_PROBLEMS]]
    if len(problems) > MAX_PROBLEMS:
        lines.append(f"and {len(problems) - MAX_PROBLEMS} more")
    return "; ".join(lines)


def _problem(location: tuple[int | str, ...], message: str) -> str:
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    message = message.removeprefix("Value error, ")
    return f"{where.lstrip('.')}: {message}" if where else message


def _short(text: str, length: int = 200) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"
