"""Is a judge fit for use? One check after the other, each with its mend; one small question."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from grader.errors import GraderError
from grader.judge.choose import find_key, is_live, open_judge, own_server, provider_of
from grader.judge.judge import AttemptsExhausted, Request
from grader.judge.options import JudgeOptions, price_of
from grader.judge.parsing import parse_reply
from grader.judge.prices import read_prices
from grader.judge.providers import provider
from grader.judge.reply import Call
from grader.judge.settings import JudgeSettings
from grader.questions.answers import Answer
from grader.questions.question import Message, Question

SETTINGS = JudgeSettings(max_attempts=2, timeout_s=60)


@dataclass(frozen=True)
class Check:
    """One thing looked at."""

    name: str
    state: Literal["ok", "warning", "failed"]
    told: str
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


def examine(spec: str, asking: JudgeOptions) -> Iterator[Check]:
    """Look at a judge, from its name to a round trip; ends at the first failure."""
    if not is_live(spec):
        yield Check("judge", "ok", f"{spec} needs no network")
        return
    try:
        name = provider_of(spec)
        server = own_server(name, asking.base_url)
    except GraderError as error:
        yield _failed("judge", error)
        return
    yield Check("judge", "ok", f"{spec} at {server or provider(name).address}")
    try:
        key = find_key(provider(name))
    except GraderError as error:
        yield _failed("key", error)
        return
    yield _key(name, key, server)
    if key is None and server is None and provider(name).key_variables:
        return
    try:
        prices = read_prices(asking.prices)
    except GraderError as error:
        yield _failed("prices", error)
        return
    price = price_of(spec, asking, prices)
    try:
        judge: Any = open_judge(
            spec,
            base_url=asking.base_url,
            settings=SETTINGS,
            price=price,
            insecure=asking.insecure,
        )
    except GraderError as error:
        yield _failed("address", error)
        return
    yield from asyncio.run(_ask(judge))
    if price is None:
        yield Check(
            "price",
            "warning",
            "not known, so cost and --budget are not either",
            "Write it into a file and give it with --prices.",
        )
    else:
        yield Check(
            "price",
            "ok",
            f"${price.input:g} in, ${price.output:g} out a million tokens, read {price.read}",
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


async def _ask(judge: Any) -> list[Check]:
    try:
        models = await judge.models()
        checks = [_model(judge.served_name, models)]
        checks += await _round_trip(judge)
    except GraderError as error:
        return [_failed("server", error)]
    finally:
        await judge.close()
    return [Check("server", "ok", "reachable"), *checks]


def _model(name: str, models: list[str] | None) -> Check:
    if models is None:
        return Check("model", "warning", "the server doesn't list its models")
    if name in models:
        return Check("model", "ok", f"{name} is among the {len(models)} that the server lists")
    return Check(
        "model",
        "warning",
        f"{name} is not among the {len(models)} that the server lists: {', '.join(models[:5])}",
        "Check the name, if the question below fails as well.",
    )


async def _round_trip(judge: Any) -> list[Check]:
    calls: list[Call] = []
    request = Request(QUESTION, judge.model, tuple(sorted(judge.parameters.items())))
    started = time.perf_counter()
    try:
        reply = await judge.reply(request, calls.append)
        if parse_reply(QUESTION, reply).outcome == "unparseable":
            # A server that ignores the schema is asked otherwise from its first reply on.
            started = time.perf_counter()
            reply = await judge.reply(request, calls.append)
    except AttemptsExhausted as failure:
        return [Check("answer", "failed", failure.detail, "Try again later.")]
    seconds = time.perf_counter() - started
    reading = parse_reply(QUESTION, reply)
    usd = calls[-1].usd
    cost = f", ${usd:.6f}" if usd is not None else ""
    how = {"json_schema": "strict JSON schema", "tools": "a forced tool", "json": "the prompt"}
    shape = how[calls[-1].shape or "json_schema"]
    if reading.outcome != "answered":
        return [
            Check(
                "answer",
                "failed",
                f"{reading.outcome}: {reading.problem}",
                "Choose a judge that can answer in JSON.",
            )
        ]
    return [
        Check("answer", "ok", f"one question answered in {seconds:.2f} s{cost}"),
        Check("structure", "ok", f"asked for by {shape}"),
    ]
