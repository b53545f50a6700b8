"""From a raw reply to an answer or an outcome. One way for every source of replies."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from grader.judge.answer_text import Found, objects_in, spoken
from grader.judge.finish import ending_of
from grader.judge.prompt_size import cut_prompt
from grader.judge.reply import Outcome, Reply
from grader.questions.answers import Answer
from grader.questions.question import Question

MAX_PROBLEMS = 5
CUT_OFF = "the reply was cut off at the token limit"

_PROBLEMS: dict[Outcome, str] = {
    "filtered": "the provider's content filter held the reply back",
    "truncated": CUT_OFF,
    "context_too_long": "the question is too long for this model",
    "api_error": "the server broke off while the judge was answering",
}

_REFUSAL = re.compile(
    r"\s*(i['’]?m (very |really )?sorry|i am sorry|sorry, (but )?i|i apologi[sz]e|"
    r"i (can['’]?t|cannot|can not|won['’]?t|will not|must decline|have to decline)|"
    r"i['’]?m (not able|unable|not comfortable)|i am (not able|unable|not comfortable)|"
    r"unfortunately, i (can['’]?t|cannot|am unable)|as an ai\b)",
    re.IGNORECASE,
)
"""How a refusal begins where the server has no field for it. Only looked for where no JSON is."""


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
        outcome, problem = _ending(question, reply)
        if outcome != "answered":
            return ParsedReply(reply, outcome, problem=problem)
        answer = parse_answer(
            question.answer_model,
            reply.text or "",
            question.rules,
            beside=reply.beside,
            shown=[m.content for m in question.messages if m.role != "assistant"],
        )
    except ValueError as error:
        # llama-cpp-python ends every tool call with `tool_calls`, also one that was cut off.
        if reply.used_up:
            return ParsedReply(reply, "truncated", problem=CUT_OFF)
        return ParsedReply(reply, "unparseable", problem=str(error))
    return ParsedReply(reply, "answered", answer=answer)


def _ending(question: Question, reply: Reply) -> tuple[Outcome, str | None]:
    """How a reply ended by all that the server says, before its text is parsed.

    Raises:
        ValueError: there is nothing to be parsed, or it isn't plain what is.
    """
    ending = ending_of(reply.finish_reason)
    text = reply.text or ""
    if reply.context_too_long:
        ending = "context_too_long"
    if reply.refusal or ending == "refused":
        return "refused", f"the judge refused: {_short(reply.refusal or text)}"
    if ending is not None and ending != "answered":
        return ending, _PROBLEMS[ending]
    if cut := cut_prompt(question, reply):
        return "context_too_long", cut
    if ending is None:
        raise ValueError(f"the server ended it with '{_short(reply.finish_reason or '', 40)}'")
    if reply.ambiguous:
        raise ValueError(reply.ambiguous)
    if not text.strip():
        raise ValueError("the reply was empty")
    if "{" not in text and _REFUSAL.match(text):
        return "refused", f"the judge refused: {_short(text)}"
    return "answered", None


def parse_answer(
    model: type[Answer],
    text: str,
    rules: Mapping[str, Any],
    *,
    beside: str | None = None,
    shown: Sequence[str] = (),
) -> Answer:
    """The answer in a reply's text: one JSON object that is the last thing said.

    Args:
        model: the shape of the answer.
        text: the reply's text.
        rules: what the answer must keep, as in `Question.rules`.
        beside: what the reply says beside it, where the text is the argument of a tool.
        shown: what the judge was shown. Answers that stand in it are quoted, not given.

    Raises:
        ValueError: what is wrong, in words that the judge can act on.
    """
    said = spoken(text)
    last = said.last_object()
    if last is None:
        return _validated(model, said.text[said.broken or 0 :].strip(), rules)
    if last.doubled is not None:
        raise ValueError(f"the key '{last.doubled}' stands in it twice")
    answer = _validated(model, said.text[last.start : last.end], rules)
    others = [*said.objects[:-1], *(spoken(beside).objects if beside else ())]
    others = [each for each in others if each.value != last.value and _fits(model, each, rules)]
    quotable = _answers_in(model, shown)
    if last.value in quotable:
        raise ValueError("it only repeats an answer that stands in the text it was to judge")
    if any(each.value not in quotable for each in others):
        raise ValueError("it holds more than one answer, and they differ")
    return answer


def _validated(model: type[Answer], text: str, rules: Mapping[str, Any]) -> Answer:
    try:
        return model.model_validate_json(text, context=dict(rules))
    except ValidationError as error:
        raise ValueError(_in_words(error)) from None


def _fits(model: type[Answer], found: Found, rules: Mapping[str, Any]) -> bool:
    try:
        model.model_validate(found.value, context=dict(rules))
    except ValidationError:
        return False
    return True


def _answers_in(model: type[Answer], shown: Sequence[str]) -> list[dict[str, Any]]:
    """Objects with an answer's fields in what the judge was shown."""
    names = {
        field.alias or name
        for name, field in model.model_fields.items()
        if name not in model.may_be_left_out
    }
    found: list[dict[str, Any]] = []
    for text in shown:
        if all(f'"{name}"' in text for name in names):
            with contextlib.suppress(ValueError):
                found += [each.value for each in objects_in(text) if set(each.value) >= names]
    return found


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
