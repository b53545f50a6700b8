"""The live judge: any OpenAI-compatible server.

What is sent is our own body; each attempt is parsed once and recorded before anything is made of
it. Only failures of the network and the server are tried again here, each call by its own tenacity
loop. Importing this module is slow; only a live judge needs it.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from grader.errors import JudgeError
from grader.judge.attempt import call_of
from grader.judge.body import chat_body, served_name
from grader.judge.budget import Budget, BudgetStopped
from grader.judge.completion import now, read_completion
from grader.judge.ending import Server
from grader.judge.failures import Failure
from grader.judge.form import REFUSALS, RequestForm, limit_of
from grader.judge.judge import AttemptsExhausted, JudgeKind, Recorder, Request
from grader.judge.parsing import ParsedReply, parse_reply
from grader.judge.prices import Price
from grader.judge.refusals import Rules
from grader.judge.reply import Reply, Shape
from grader.judge.settings import JudgeSettings
from grader.judge.throttle import Halted, Throttle
from grader.judge.transport import ChatServer

FATAL = frozenset({"key_refused", "no_credit", "no_such_model", "no_such_endpoint", "redirected"})
"""What would meet every other request as well."""

GIVEN_UP_IN_A_ROW = 20
"""So many questions given up without one reply between them: the server is down, not unlucky."""

HUNG_IN_A_ROW = 15
"""So many requests without a reply in time, and none between them: waiting on would take hours.

More than may be under way at once, in any case."""

FIRST_CONTACT_ATTEMPTS = 3
"""Attempts at a server that has never answered."""


class _Failed(Exception):
    """One attempt failed."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.message)


@dataclass
class _Exchange:
    """One request with its attempts so far."""

    request: Request
    record: Recorder
    attempt: int = 0


class LiveJudge:
    """A model behind an OpenAI-compatible server.

    Args:
        model: as the user named it: 'openai/gpt-5.4'.
        address: the server's base URL.
        server: the same, where it is not the provider's own.
        key: its key, or a placeholder. An error instead is raised by the first request.
        key_variable: where the user keeps the key, for messages.
        shape: how the answer's shape is asked for first.
        parameters: sampling parameters, by the names the server knows.
        settings: how patiently to ask.
        throttle: how much may go out at once.
        price: what tokens cost; None: not known.
        budget: the cap that all judges of a run share; None: there is none.
        rules: what the server's errors mean; None: the shipped rules.
    """

    kind: JudgeKind = "live"

    def __init__(
        self,
        model: str,
        *,
        address: str,
        server: str | None,
        key: str | JudgeError,
        key_variable: str | None,
        shape: Shape,
        parameters: dict[str, Any],
        settings: JudgeSettings,
        throttle: Throttle | None = None,
        price: Price | None = None,
        budget: Budget | None = None,
        rules: Rules | None = None,
    ) -> None:
        self.spec = self.model = model
        self.server = server
        self.parameters = parameters
        self._no_key = key if isinstance(key, JudgeError) else None
        self._throttle = throttle or Throttle()
        self._price = price
        self._budget = budget
        self._form = RequestForm(shape)
        self._settings = settings
        self._shape_kept = False
        self._given_up = self._hung = 0
        self._errors = Server(address, served_name(model), key_variable)
        self._http = ChatServer(
            address,
            key=key if isinstance(key, str) else "",
            timeout_s=settings.timeout_s,
            rules=rules,
        )

    async def reply(self, request: Request, record: Recorder) -> ParsedReply:
        """Send a request until there is a reply or no hope. See `Judge.reply`."""
        if self._no_key is not None:
            raise self._no_key
        retrying = AsyncRetrying(
            retry=retry_if_exception(self._worth_another),
            stop=self._enough,
            wait=self._wait,
            sleep=self._throttle.pause,
            reraise=True,
        )
        try:
            return await retrying(self._attempt, _Exchange(request, record))
        except _Failed as failed:
            raise self._final_error(failed.failure) from None

    @property
    def served_name(self) -> str:
        """The model's name at its provider."""
        return served_name(self.model)

    async def models(self) -> dict[str, str | None] | None:
        """The models that the server lists, with the days on which they end; None: it lists none.

        Raises:
            JudgeError: it cannot be reached, or refuses the key.
        """
        listed = await self._http.models()
        if isinstance(listed, Failure):
            if listed.meaning not in FATAL:
                listed = replace(listed, meaning="unreachable")
            raise self._final_error(listed)
        return listed

    async def end_round(self, asked: Collection[str] | None) -> None:
        """Nothing is ever open."""

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _attempt(self, exchange: _Exchange) -> ParsedReply:
        while True:
            form, result = await self._send(exchange)
            # Let a waiting request start before the caller works on this reply.
            await asyncio.sleep(0)
            if isinstance(result, ParsedReply):
                return result
            if form != self._form:
                # What was refused is left out from now on.
                continue
            if result.meaning == "no_such_shape" and result.status == 500:
                # Nothing was asked for that it could lack: the server has failed, no more.
                result = replace(result, meaning="retry")
            raise _Failed(result)

    async def _send(self, exchange: _Exchange) -> tuple[RequestForm, ParsedReply | Failure]:
        """Send once, within the limits; record the attempt and settle its cost."""
        async with self._throttle.sending(_estimated_tokens(exchange.request)):
            form = self._form
            body = chat_body(exchange.request, form)
            most_usd = self._most_usd(body)
            reserved = await self._reserve(most_usd)
            usd = most_usd or 0.0
            try:
                exchange.attempt += 1
                sent = exchange.record.sending(exchange.request.hash, most_usd)
                sent_at, started = asyncio.get_running_loop().time(), time.perf_counter()
                outcome = await self._http.complete(body)
                latency_s = time.perf_counter() - started
                reply = _reply(outcome, latency_s, form, limit_of(body))
                parsed = parse_reply(exchange.request.question, reply) if reply else None
                self._learn(form, body, outcome, parsed, sent_at)
                usd = self._record(exchange, sent, form, outcome, parsed, most_usd)
            finally:
                if reserved is not None and self._budget is not None:
                    self._budget.settle(reserved, usd)
        if parsed is not None:
            return form, parsed
        assert isinstance(outcome, Failure)
        return form, outcome

    def _learn(
        self,
        form: RequestForm,
        body: dict[str, Any],
        outcome: dict[str, Any] | Failure,
        parsed: ParsedReply | None,
        sent_at: float,
    ) -> None:
        """Take from an attempt what holds for the next ones: pace, form, and whether to go on."""
        if parsed is not None:
            self._given_up = self._hung = 0
        if not isinstance(outcome, Failure):
            assert parsed is not None
            self._throttle.went_well()
            self._see_shape(parsed)
            return
        self._hung += outcome.hung
        if outcome.too_much:
            self._throttle.too_much(sent_at, self._bearable(outcome.retry_after_s))
        elif outcome.meaning in FATAL:
            self._throttle.halt()
        elif outcome.meaning in REFUSALS and self._form == form:
            # Fifty calls may learn this at once; the first one moves on for all.
            self._form = form.without(outcome.meaning, body) or form

    def _see_shape(self, parsed: ParsedReply) -> None:
        """Notice a server that lets the shape pass and does not keep to it.

        Some ignore what they don't know, such as `transformers serve`. Before any reply contained
        an object, one in plain words means that the model was not shown the schema: write it into
        the prompt.
        """
        text = (parsed.reply.text or "").strip()
        if "{" in text:
            self._shape_kept = True
        elif text and not self._shape_kept and parsed.outcome == "unparseable":
            self._form = replace(self._form, shape="json")

    def _record(
        self,
        exchange: _Exchange,
        sent: str | None,
        form: RequestForm,
        outcome: dict[str, Any] | Failure,
        parsed: ParsedReply | None,
        most_usd: float | None,
    ) -> float:
        """Record the attempt. Returns its cost in US dollars, as charged to the budget."""
        failure = outcome if isinstance(outcome, Failure) else None
        usd = at_most = None
        if failure is None and parsed is not None:
            usd = self._price.of(parsed.reply.usage) if self._price else None
        if usd is None and (failure is None or failure.may_be_charged):
            at_most = most_usd
        exchange.record(
            call_of(
                self,
                exchange.request,
                "judge",
                parsed=parsed,
                attempt=exchange.attempt,
                sent=sent,
                form=form,
                http_status=failure.status if failure else 200,
                error=failure.message if failure else None,
                retry_after_s=failure.retry_after_s if failure else None,
                usd=usd,
                usd_at_most=at_most,
            )
        )
        return usd or at_most or 0.0

    def _most_usd(self, body: dict[str, Any]) -> float | None:
        if self._price is None:
            return None
        size = len(json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        limit = limit_of(body)
        # Without a limit nothing bounds the reply.
        return None if limit is None else self._price.at_most(size, limit)

    async def _reserve(self, most_usd: float | None) -> int | None:
        if self._budget is None:
            return None
        if most_usd is None:
            raise BudgetStopped("no price is known for a question of this length")
        reserved = await self._budget.reserve(most_usd)
        if self._throttle.halted:
            # The run was asked to stop while this request waited for money.
            self._budget.settle(reserved, 0.0)
            raise Halted
        return reserved

    def _bearable(self, retry_after_s: float | None) -> float | None:
        # A longer pause than the user would wait ends the run; nobody need wait for it first.
        asked = retry_after_s or 0
        return asked if asked <= self._settings.longest_retry_after_s else None

    def _worth_another(self, error: BaseException) -> bool:
        if (
            self._throttle.halted
            or not isinstance(error, _Failed)
            or self._asks_too_long_a_pause(error.failure)
            or self._hangs(error.failure)
        ):
            return False
        return error.failure.meaning in ("retry", "unreachable")

    def _asks_too_long_a_pause(self, failure: Failure) -> bool:
        return (failure.retry_after_s or 0) > self._settings.longest_retry_after_s

    def _hangs(self, failure: Failure) -> bool:
        # All that are under way at once can be lost to one stall: that alone says little.
        return failure.hung and self._hung >= max(HUNG_IN_A_ROW, self._throttle.concurrency + 1)

    def _enough(self, state: RetryCallState) -> bool:
        failure = _failure_of(state)
        most = min(self._settings.max_attempts, failure.tries or self._settings.max_attempts)
        if failure.meaning == "unreachable" and not self._http.answered:
            most = min(most, FIRST_CONTACT_ATTEMPTS)
        return state.attempt_number >= most

    def _wait(self, state: RetryCallState) -> float:
        asked = _failure_of(state).retry_after_s
        if asked is not None:
            # A little more, and not all at once.
            return asked + random.uniform(0, 0.1 * min(asked, 10))
        doubled: float = self._settings.first_wait_s * 2 ** (state.attempt_number - 1)
        return min(self._settings.longest_wait_s, doubled) * random.uniform(0.5, 1)

    def _final_error(self, failure: Failure) -> Exception:
        """The error for a failure that is not tried again: of the run, or of one question."""
        if error := self._errors.error(failure):
            return error
        if self._asks_too_long_a_pause(failure):
            return self._errors.pause_too_long(failure)
        if self._hangs(failure):
            return self._errors.hanging(failure, self._hung)
        self._given_up += 1
        if self._given_up >= GIVEN_UP_IN_A_ROW:
            return self._errors.failing(failure, self._given_up)
        return AttemptsExhausted(failure.message)


def _reply(
    outcome: dict[str, Any] | Failure, latency_s: float, form: RequestForm, limit: int | None
) -> Reply | None:
    """The reply in a completion, or in a failure that ends the question; None: no reply."""
    if not isinstance(outcome, Failure):
        reply = read_completion(outcome, latency_s=latency_s, limit=limit)
        return reply.model_copy(update={"left_out": form.left_out}) if form.left_out else reply
    if outcome.meaning not in ("context_too_long", "filtered"):
        return None
    return Reply(
        context_too_long=outcome.meaning == "context_too_long",
        finish_reason="content_filter" if outcome.meaning == "filtered" else None,
        left_out=form.left_out,
        latency_s=round(latency_s, 4),
        at=now(),
    )


def _estimated_tokens(request: Request) -> int:
    """Four characters a token: for limits a minute, where nothing depends on the last digit."""
    return sum(len(message.content) for message in request.question.messages) // 4


def _failure_of(state: RetryCallState) -> Failure:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, _Failed)
    return error.failure
