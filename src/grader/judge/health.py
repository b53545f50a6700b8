"""Is a judge fit for use? One check after the other, each with its mend; one small question."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from pydantic import Field

from grader.errors import GraderError
from grader.judge.choose import find_key, is_live, is_queue, own_server, provider_of, queue_of
from grader.judge.judge import AttemptList, AttemptsExhausted, Request
from grader.judge.options import JudgeOptions, end_notice, end_of, price_of
from grader.judge.prices import Price, read_prices
from grader.judge.providers import provider
from grader.judge.refusals import read_rules
from grader.judge.session import JudgeSession
from grader.judge.settings import JudgeSettings
from grader.questions.answers import Answer
from grader.questions.question import Message, Question

CHOOSE_ANOTHER = "Choose another model for work that goes on longer."

REFUSED = {
    "temperature": (
        "the server takes no temperature of ours; it is left out, and answers vary",
        "Ask more than once with --samples, or say so where you report.",
    ),
    "seed": (
        "the server takes no seed; it is left out, and repeats can't be made again",
        "Nothing has to be done.",
    ),
    "max_tokens": (
        "the server takes max_completion_tokens in place of max_tokens; that is sent",
        "Nothing has to be done.",
    ),
    "max_completion_tokens": (
        "the server takes max_tokens in place of max_completion_tokens; that is sent",
        "Nothing has to be done.",
    ),
    "reasoning_effort": (
        "the server takes no reasoning effort; it is left out",
        "Leave --reasoning-effort out, or choose a model that thinks.",
    ),
    "additional_properties": (
        "the server refuses additionalProperties in a schema; it is left out",
        "Answers are checked here all the same.",
    ),
    "strict": (
        "the server refuses a strict schema; it is asked for one that isn't",
        "Answers are checked here all the same.",
    ),
    "tool_choice": (
        "the server can't be made to use the tool; it is only offered",
        "Where many answers are unparseable, choose another judge.",
    ),
}
"""What is told, and what to do, for each part of a request that a server refuses."""

SETTINGS = JudgeSettings(max_attempts=2, timeout_s=60)


@dataclass(frozen=True)
class Check:
    """One thing looked at."""

    name: str
    state: Literal["ok", "warning", "failed"]
    message: str
    mend: str = ""


class CapitalAnswer(Answer):
    """The answer to the doctor's question."""

    reason: str = Field(description="One short sentence.")
    capital: str = Field(description="The name of the city alone.")


QUESTION = Question(
    kind="verdict",
    messages=(
        Message("system", "You answer in the given form."),
        Message("user", "What is the capital of France?"),
    ),
    answer_model=CapitalAnswer,
    prompt="doctor@1",
    label="doctor",
)


def examine(spec: str, options: JudgeOptions) -> Iterator[Check]:
    """Look at a judge, from its name to a round trip; ends at the first failure."""
    if is_queue(spec):
        yield from _examine_queue(spec)
        return
    if not is_live(spec):
        yield Check("judge", "ok", f"{spec} needs no network")
        return
    looking_at = "judge"
    try:
        name = provider_of(spec)
        server = own_server(name, options.base_url)
        yield Check("judge", "ok", f"{spec} at {server or provider(name).address}")
        looking_at = "key"
        key = _key(name, find_key(provider(name)), server)
        yield key
        if key.state == "failed":
            return
        looking_at = "prices"
        prices = read_prices(options.prices)
        price = price_of(spec, options, prices)
        end = end_of(spec, options, prices)
        looking_at = "errors"
        read_rules(options.server_errors)
        looking_at = "address"
        session = JudgeSession(
            [spec], options, journal=None, settings=SETTINGS, notice=lambda _: None
        )
        looking_at = "server"
        [checks] = session.run([(spec, partial(_ask, session.judges[0].judge))])
        yield Check("server", "ok", "reachable")
        yield from checks
        if end is not None and not any(check.name == "end" for check in checks):
            yield Check("end", "warning", end_notice(spec, end), CHOOSE_ANOTHER)
        yield _price(price)
    except GraderError as error:
        yield _failed(looking_at, error)


def _examine_queue(spec: str) -> Iterator[Check]:
    from grader.judge.queue.status import read_status

    try:
        database, model = queue_of(spec)
        status = read_status(database)
    except GraderError as error:
        yield _failed("queue", error)
        return
    yield Check("queue", "ok", f"the database at {database.place} can be used")
    serving = [each for each in status.workers if each.alive and each.serves_model(model)]
    if serving:
        hosts = len({each.host for each in serving})
        yield Check("workers", "ok", f"{len(serving)} on {hosts} hosts serve {model}")
    else:
        yield Check(
            "workers",
            "warning",
            f"none serves {model} now",
            "Start one with: grader worker URL. It learns of a model with the first question.",
        )


def _failed(name: str, error: GraderError) -> Check:
    place = f"{error.place}: " if error.place else ""
    return Check(name, "failed", place + error.problem, error.mend)


def _key(name: str, key: str | None, server: str | None) -> Check:
    variables = " or ".join(provider(name).key_variables)
    if not variables:
        return Check("key", "ok", "none is needed")
    if key is not None:
        return Check("key", "ok", f"{variables} is set")
    if server is not None:
        return Check("key", "warning", f"{variables} is not set; the server may need none")
    return Check("key", "failed", f"{variables} is not set", "Set it, or write it into .env here.")


def _price(price: Price | None) -> Check:
    if price is None:
        return Check(
            "price",
            "warning",
            "not known, so no cost can be told and --budget can't be kept",
            "Write it into a file and give it with --prices.",
        )
    return Check(
        "price",
        "ok",
        f"${price.input:g} in, ${price.output:g} out a million tokens, read {price.read}",
    )


async def _ask(judge: Any) -> list[Check]:
    models = await judge.models()
    checks = [_model(judge.served_name, models)]
    if day := (models or {}).get(judge.served_name):
        message = f"{judge.served_name} ends on {day}, as the server says"
        checks.append(Check("end", "warning", message, CHOOSE_ANOTHER))
    return checks + await _round_trip(judge)


def _model(name: str, models: dict[str, str | None] | None) -> Check:
    if models is None:
        return Check("model", "warning", "the server doesn't list its models")
    if name in models:
        return Check("model", "ok", f"{name} is among the {len(models)} that the server lists")
    return Check(
        "model",
        "warning",
        f"{name} is not among the {len(models)} that the server lists: "
        f"{', '.join(list(models)[:5])}",
        "Check the name, if the question below fails as well.",
    )


async def _round_trip(judge: Any) -> list[Check]:
    calls = AttemptList()
    request = Request(QUESTION, judge.model, tuple(sorted(judge.parameters.items())))
    started = time.perf_counter()
    try:
        parsed = await judge.reply(request, calls)
        if parsed.outcome == "unparseable":
            # A server that ignores the schema is asked otherwise from its first reply on.
            started = time.perf_counter()
            parsed = await judge.reply(request, calls)
    except AttemptsExhausted as failure:
        return [Check("answer", "failed", failure.detail, "Try again later.")]
    seconds = time.perf_counter() - started
    usd = calls[-1].usd
    cost = f", ${usd:.6f}" if usd is not None else ""
    how = {"json_schema": "strict JSON schema", "tools": "a forced tool", "json": "the prompt"}
    shape = how[calls[-1].shape or "json_schema"]
    if parsed.outcome != "answered":
        return [
            Check(
                "answer",
                "failed",
                f"{parsed.outcome}: {parsed.problem}",
                "Choose a judge that can answer in JSON.",
            )
        ]
    return [
        Check("answer", "ok", f"one question answered in {seconds:.2f} s{cost}"),
        Check("structure", "ok", f"asked for by {shape}"),
        *(Check("request", "warning", *REFUSED[name]) for name in calls[-1].left_out or ()),
    ]
