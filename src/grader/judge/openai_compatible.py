"""The live judge: any OpenAI-compatible server, through instructor over `AsyncOpenAI`.

instructor shapes the call and stands ready to parse; what is sent is our own body, and each
attempt is classified and handed to `record` before instructor sees it. instructor never retries:
only failures of the network and the server are tried again here, each call by its own tenacity
loop. Importing this module is slow; only a live judge needs it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import aiohttp
import httpx2
import instructor
import openai
from instructor import Mode, OpenAISchema
from openai.types.chat import ChatCompletion
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from grader.errors import JudgeError
from grader.judge.attempt import call_of
from grader.judge.body import chat_body, served_name
from grader.judge.budget import Budget, BudgetStopped
from grader.judge.completion import is_completion, now, read_completion
from grader.judge.failures import Failure, blot, error_of, read_failure
from grader.judge.judge import AttemptsExhausted, JudgeKind, RecordCall, Request
from grader.judge.parsing import parse_reply
from grader.judge.prices import Price
from grader.judge.reply import Reply, Shape
from grader.judge.schema import answer_schema
from grader.judge.settings import JudgeSettings
from grader.judge.throttle import Halted, Throttle
from grader.questions.answers import Answer

# instructor logs failures with all messages in them.
logging.getLogger("instructor").setLevel(logging.CRITICAL + 1)

NEXT_SHAPE: dict[Shape, Shape] = {"json_schema": "tools", "tools": "json"}
MODES: dict[Shape, Mode] = {
    "json_schema": Mode.JSON_SCHEMA,
    "tools": Mode.TOOLS,
    "json": Mode.JSON_SCHEMA,
}

FATAL = frozenset({"key_refused", "no_credit", "no_such_model", "no_temperature"})
"""What would meet every other request as well."""

GIVEN_UP_IN_A_ROW = 20
"""So many questions given up without one reply between them: the server is down, not unlucky."""

HUNG_IN_A_ROW = 15
"""So many requests without a reply in time, and none between them: waiting on would take hours.

More than may be under way at once, in any case."""

FIRST_CONTACT_ATTEMPTS = 3
"""A server that never answered is not knocked at longer than this."""


class _Failed(Exception):
    """One attempt failed."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.message)


class _Ended(Exception):
    """Leaves instructor; what happened stands in the exchange."""


@dataclass
class _Exchange:
    """One request on its way through instructor, which passes it on unseen."""

    request: Request
    record: RecordCall
    attempt: int = 0
    reply: Reply | None = None
    error: Exception | None = None


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
        budget: the budget, which all judges of a run share; None: there is none.
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
    ) -> None:
        self.spec = self.model = model
        self.server = server
        self.parameters = parameters
        self._address = address
        self._no_key = key if isinstance(key, JudgeError) else None
        self._key = key if isinstance(key, str) else ""
        self._throttle = throttle or Throttle()
        self._price = price
        self._budget = budget
        self._key_variable = key_variable
        self._shape = shape
        self._settings = settings
        self._reached = False
        self._shape_held = False
        self._given_up = self._hung = 0
        self._client = openai.AsyncOpenAI(
            api_key=self._key or "none",
            base_url=address,
            max_retries=0,
            timeout=settings.timeout_s,
            # A third of the default transport's work for each call.
            http_client=openai.DefaultAioHttpClient(),
        )
        self._create = {
            shape: instructor.patch(create=self._send, mode=mode) for shape, mode in MODES.items()
        }

    async def reply(self, request: Request, record: RecordCall) -> Reply:
        """Send a request until there is a reply or no hope. See `Judge.reply`."""
        if self._no_key is not None:
            raise self._no_key
        exchange = _Exchange(request, record)
        create: Callable[..., Any] = self._create[self._shape]
        try:
            await create(
                response_model=_response_class(request.question.answer_model),
                max_retries=0,
                messages=[],
                exchange=exchange,
            )
        except Exception:
            # What instructor makes of a reply does not count: it is read again, with the
            # question's own rules. Its errors are not passed on: they hold all messages.
            if exchange.reply is None and exchange.error is None:
                raise
        if exchange.error is not None:
            raise exchange.error from None
        assert exchange.reply is not None
        return exchange.reply

    @property
    def served_name(self) -> str:
        """The model's name at its provider."""
        return served_name(self.model)

    async def models(self) -> list[str] | None:
        """The models that the server lists; None: it lists none.

        Raises:
            JudgeError: it cannot be reached, or refuses the key.
        """
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                response = await self._client.get("/models", cast_to=httpx2.Response)
            body = json.loads(response.content)
        except openai.APIStatusError as error:
            failure = read_failure(error.status_code, error.body, key=self._key)
            if failure.meaning == "key_refused":
                raise self._last_word(failure) from None
            return None
        except (TimeoutError, openai.APIConnectionError) as error:
            failure = Failure("unreachable", self._broken(error).message)
            raise self._last_word(failure) from None
        except (ValueError, RecursionError):
            return None
        listed = body.get("data") if isinstance(body, dict) else None
        if not isinstance(listed, list):
            return None
        names = [each.get("id") for each in listed if isinstance(each, dict)]
        # Google's door lists its models with a folder's name before them.
        return [str(name).removeprefix("models/") for name in names if name]

    async def end_round(self, asked: Collection[str] | None) -> None:
        """Nothing is ever open."""

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _send(self, *, exchange: _Exchange, **_: Any) -> Any:
        """Stands where instructor expects the SDK's `create`."""
        retrying = AsyncRetrying(
            retry=retry_if_exception(self._worth_another),
            stop=self._enough,
            wait=self._wait,
            sleep=self._throttle.pause,
            reraise=True,
        )
        try:
            return await retrying(self._attempt, exchange)
        except _Failed as failed:
            exchange.error = self._last_word(failed.failure)
        except _Ended:
            raise
        except Exception as error:
            exchange.error = error
        raise _Ended

    async def _attempt(self, exchange: _Exchange) -> ChatCompletion:
        while True:
            async with self._throttle.sending(_estimated_tokens(exchange.request)):
                shape = self._shape
                body = chat_body(exchange.request, shape)
                most_usd = self._most_usd(body)
                reserved = await self._reserve(most_usd)
                usd = most_usd or 0.0
                try:
                    exchange.attempt += 1
                    sent_at, started = asyncio.get_running_loop().time(), time.perf_counter()
                    result = await self._post(body)
                    latency_s = time.perf_counter() - started
                    if not isinstance(result, Failure):
                        exchange.reply = read_completion(
                            result, latency_s=latency_s, limit=_limit(body)
                        )
                        self._throttle.went_well()
                        self._see_shape(exchange.request, exchange.reply)
                    elif result.meaning in ("context_too_long", "filtered"):
                        exchange.reply = Reply(
                            context_too_long=result.meaning == "context_too_long",
                            finish_reason="content_filter"
                            if result.meaning == "filtered"
                            else None,
                            latency_s=round(latency_s, 4),
                            at=now(),
                        )
                    elif result.too_much:
                        self._throttle.too_much(sent_at, self._bearable(result.retry_after_s))
                    elif result.meaning in FATAL:
                        self._throttle.halt()
                    elif result.meaning == "no_such_shape" and self._shape == shape:
                        # Fifty calls may learn this at once; the first one moves on for all.
                        self._shape = NEXT_SHAPE.get(shape, shape)
                    if exchange.reply is not None:
                        self._given_up = self._hung = 0
                    elif isinstance(result, Failure) and result.hung:
                        self._hung += 1
                    usd = self._record(exchange, shape, result, most_usd)
                finally:
                    if reserved is not None and self._budget is not None:
                        self._budget.settle(reserved, usd)
            # Who waits for this place sends first; the reply is kept, and can be read meanwhile.
            await asyncio.sleep(0)
            if not isinstance(result, Failure):
                try:
                    return ChatCompletion.construct(**result)
                except Exception:
                    # Too odd for the SDK; the reply is recorded, only instructor goes without.
                    raise _Ended from None
            if exchange.reply is not None:
                raise _Ended
            if result.meaning == "no_such_shape" and shape in NEXT_SHAPE:
                continue
            if result.meaning == "no_such_shape" and result.status == 500:
                # Nothing was asked for that it could lack: the server has failed, no more.
                result = replace(result, meaning="retry")
            raise _Failed(result)

    def _see_shape(self, request: Request, reply: Reply) -> None:
        """Notice a server that lets the shape pass and does not keep to it.

        Some ignore what they don't know, such as `transformers serve`. Before any reply held an
        object, one in plain words means that the model has not been told: say it in the prompt.
        """
        text = (reply.text or "").strip()
        if "{" in text:
            self._shape_held = True
        elif text and not self._shape_held:
            unparseable = parse_reply(request.question, reply).outcome == "unparseable"
            self._shape = "json" if unparseable else self._shape

    def _record(
        self,
        exchange: _Exchange,
        shape: Shape,
        result: dict[str, Any] | Failure,
        most_usd: float | None,
    ) -> float:
        """Hand the attempt in; gives what it counts against the budget."""
        failure = result if isinstance(result, Failure) else None
        usd = at_most = None
        if failure is None and exchange.reply is not None:
            usd = self._price.of(exchange.reply.usage) if self._price else None
        if usd is None and (failure is None or failure.may_be_charged):
            at_most = most_usd
        exchange.record(
            call_of(
                self,
                exchange.request,
                "judge",
                reply=exchange.reply,
                attempt=exchange.attempt,
                shape=shape,
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
        return self._price.at_most(size, _limit(body) or 0)

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

    async def _post(self, body: dict[str, Any]) -> dict[str, Any] | Failure:
        """One attempt: the completion as the server wrote it, or what went wrong."""
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                # Not by `chat.completions.create`, which would walk through the whole body before
                # it goes out as it is, and load every other resource of the SDK: 0.7 s.
                response = await self._client.post(
                    "/chat/completions", cast_to=httpx2.Response, body=body
                )
        except openai.APIStatusError as error:
            self._reached = True
            return read_failure(
                error.status_code, error.body, error.response.headers, key=self._key
            )
        except (TimeoutError, openai.APIConnectionError) as error:
            return self._broken(error)
        self._reached = True
        try:
            completion = json.loads(response.content)
        except (ValueError, RecursionError):
            return Failure("retry", "200, but the body is not JSON", status=200)
        if not is_completion(completion):
            # Some servers send their errors with status 200.
            code = error_of(completion).get("code")
            if isinstance(code, int) and code >= 400:
                return read_failure(code, completion, key=self._key)
            return Failure("retry", "200, but the body is not a chat completion", status=200)
        return completion

    def _broken(self, error: BaseException) -> Failure:
        # The SDK names a dropped connection a timeout; what happened is told by aiohttp's error.
        links: list[BaseException | None] = [error]
        while (link := links[-1]) is not None:
            links.append(link.__cause__)
        told = next((link for link in links if isinstance(link, aiohttp.ClientError)), error)
        if isinstance(told, aiohttp.ClientConnectorError):
            # Without the words around it, which speak of aiohttp's own settings.
            told_words = told.os_error.strerror or str(told.os_error)
        else:
            told_words = str(told)
        said = blot(told_words, self._key) or type(told).__name__
        if isinstance(told, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
            return Failure("unreachable", said)
        if isinstance(told, TimeoutError):
            return Failure("retry", f"no reply within {self._settings.timeout_s:g} s", hung=True)
        return Failure("retry", f"the connection broke: {said}")

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
        unheard = _failure_of(state).meaning == "unreachable" and not self._reached
        most = self._settings.max_attempts
        return state.attempt_number >= (min(FIRST_CONTACT_ATTEMPTS, most) if unheard else most)

    def _wait(self, state: RetryCallState) -> float:
        asked = _failure_of(state).retry_after_s
        if asked is not None:
            # A little more, and not all at once.
            return asked + random.uniform(0, 0.1 * min(asked, 10))
        doubled: float = self._settings.first_wait_s * 2 ** (state.attempt_number - 1)
        return min(self._settings.longest_wait_s, doubled) * random.uniform(0.5, 1)

    def _last_word(self, failure: Failure) -> Exception:
        where = f"the server at {self._address}"
        said = failure.message
        match failure.meaning:
            case "key_refused":
                variable = self._key_variable
                return JudgeError(
                    f"{where} refused the key ({said})",
                    mend=f"Check {variable} in the environment or in .env; it may be wrong, "
                    "expired, or lack rights for this model."
                    if variable
                    else "Check the key that the server wants.",
                )
            case "no_credit":
                return JudgeError(
                    f"{where} reports that the account has no credit ({said})",
                    mend="Add credit, then run the same command again; replies so far are kept.",
                )
            case "no_such_model":
                return JudgeError(
                    f"{where} does not know the model '{served_name(self.model)}' ({said})",
                    mend="Check the model's name, and that the address is right; it often ends "
                    "in /v1.",
                )
            case "no_temperature":
                return JudgeError(
                    f"{where} lets nobody choose a temperature for this model ({said})",
                    mend="Say how much it is to think with --reasoning-effort, such as medium; "
                    "then no temperature is sent.",
                )
            case "no_such_shape":
                return JudgeError(
                    f"{where} has no structured output ({said})",
                    mend="Choose a judge that can answer in JSON.",
                )
            case "unreachable":
                return JudgeError(
                    f"{where} cannot be reached ({said})",
                    mend="Check the address and the network, then run the same command again.",
                )
        if self._asks_too_long_a_pause(failure):
            return JudgeError(
                f"{where} asks for a pause of {failure.retry_after_s:.0f} s ({said})",
                mend="Run the same command again after that; replies so far are kept.",
            )
        if self._hangs(failure):
            return JudgeError(
                f"{where} left {self._hung} requests one after the other unanswered ({said})",
                mend="Run the same command again when it works; replies so far are kept. Where "
                "it answers one request at a time, use --concurrency 1 or a longer --timeout.",
            )
        self._given_up += 1
        if self._given_up >= GIVEN_UP_IN_A_ROW:
            return JudgeError(
                f"{where} failed on {self._given_up} questions one after the other ({said})",
                mend="Run the same command again when it works; replies so far are kept, and only "
                "what has none is asked.",
            )
        return AttemptsExhausted(said)


def _estimated_tokens(request: Request) -> int:
    """Four characters a token: for limits a minute, where nothing depends on the last digit."""
    return sum(len(message.content) for message in request.question.messages) // 4


def _limit(body: dict[str, Any]) -> int | None:
    """How many tokens a request allows the reply."""
    return body.get("max_tokens") or body.get("max_completion_tokens")


def _failure_of(state: RetryCallState) -> Failure:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, _Failed)
    return error.failure


@cache
def _response_class(model: type[Answer]) -> type[OpenAISchema]:
    """An answer model as instructor takes it: its own schema and parsing, made once.

    It has no fields itself: instructor would walk through them anew for each call.
    """

    class Carrier(OpenAISchema):
        @classmethod
        def model_json_schema(cls, *_: Any, **__: Any) -> dict[str, Any]:
            # A copy: instructor writes into what it gets.
            return {"title": model.__name__, **answer_schema(model)}

        @classmethod
        def model_validate_json(cls, json_data: Any, **_: Any) -> Any:
            return model.model_validate_json(json_data)

    Carrier.__name__ = model.__name__
    return Carrier
