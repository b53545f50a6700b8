"""One request to an OpenAI-compatible server, over HTTP: a body comes back, or a failure.

What a server sends is bounded: a reply has a limit of size, also unpacked, and a redirect to
another host is refused, since it would take the questions and the key there.
Importing this module is slow; only a live judge needs it.
"""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import httpx2
import openai

from grader.judge.failures import (
    Failure,
    failure_in,
    one_line,
    read_failure,
    what_is_said,
)
from grader.judge.refusals import Rules

MAX_REPLY_BYTES = 16_000_000
"""Of one reply, unpacked. Answers take some thousand bytes, lists of models some million."""

_PIECE_BYTES = 1 << 20

FEW = 3
"""Attempts where a server sends what no other attempt is likely to change."""


class _Refused(Exception):
    """What the server sent is not taken."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.message)


class ChatServer:
    """An OpenAI-compatible server.

    Args:
        address: its base URL.
        key: its key; never part of a message.
        timeout_s: how long one request may take.
        rules: what its errors mean; None: the shipped rules.
    """

    def __init__(
        self, address: str, *, key: str, timeout_s: float, rules: Rules | None = None
    ) -> None:
        self.address = address
        self.answered = False
        """Whether any HTTP response has come."""
        self._key = key
        self._timeout_s = timeout_s
        self._rules = rules
        self._client = openai.AsyncOpenAI(
            api_key=key or "none",
            base_url=address,
            max_retries=0,
            timeout=timeout_s,
            # A third of the default transport's work for each call.
            http_client=openai.DefaultAioHttpClient(event_hooks={"response": [_guard]}),
            default_headers={"accept-encoding": "gzip, deflate"},
        )

    async def complete(self, body: dict[str, Any]) -> dict[str, Any] | Failure:
        """One attempt at a chat completion: as the server wrote it, or what went wrong."""
        try:
            async with asyncio.timeout(self._timeout_s):
                # Not by `chat.completions.create`, which would walk through the whole body before
                # it goes out as it is, and load every other resource of the SDK: 0.7 s.
                response = await self._client.post(
                    "/chat/completions", cast_to=httpx2.Response, body=body
                )
        except openai.APIStatusError as error:
            self.answered = True
            response = error.response
            text = response.content.decode("utf-8-sig", "replace")
            return read_failure(
                response.status_code, text, response.headers, key=self._key, rules=self._rules
            )
        except (TimeoutError, openai.APIConnectionError) as error:
            return self._broken(error)
        self.answered = True
        text = response.content.decode("utf-8-sig", "replace")
        try:
            completion = json.loads(text)
        except (ValueError, RecursionError):
            return self._unread(text)
        failure = failure_in(completion, key=self._key, rules=self._rules)
        if failure is not None:
            return failure
        assert isinstance(completion, dict)
        return completion

    def _unread(self, text: str) -> Failure:
        """A body of status 200 that is no JSON: a web page, an event stream, other words."""
        message = what_is_said(text).message or "nothing"
        if text.lstrip().startswith(("data:", "event:")):
            message = f"an event stream: {message}"
        words = one_line(f"200, but the body is not JSON but {message}", self._key)
        return Failure("retry", words, status=200, tries=FEW)

    async def models(self) -> dict[str, str | None] | Failure | None:
        """The models that the server lists, with the days on which they end as far as it says so.

        None: it lists none.
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                response = await self._client.get("/models", cast_to=httpx2.Response)
            body = json.loads(response.content)
        except openai.APIStatusError as error:
            text = error.response.content.decode("utf-8-sig", "replace")
            failure = read_failure(error.status_code, text, key=self._key, rules=self._rules)
            return failure if failure.meaning == "key_refused" else None
        except (TimeoutError, openai.APIConnectionError) as error:
            return self._broken(error)
        except (ValueError, RecursionError):
            return None
        listed = body.get("data") if isinstance(body, dict) else None
        if not isinstance(listed, list):
            return None
        return {
            # Google's endpoint lists its models with a folder's name before them.
            str(each["id"]).removeprefix("models/"): _day(each.get("shutdown_date"))
            for each in listed
            if isinstance(each, dict) and each.get("id")
        }

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    def _broken(self, error: BaseException) -> Failure:
        # The SDK calls a dropped connection a timeout; aiohttp's error in its chain says more.
        chain: list[BaseException | None] = [error]
        while (link := chain[-1]) is not None:
            chain.append(link.__cause__)
        for link in chain:
            if isinstance(link, _Refused):
                return link.failure
        cause = next((link for link in chain if isinstance(link, aiohttp.ClientError)), error)
        if isinstance(cause, aiohttp.ClientConnectorError):
            # Without the words around it, which speak of aiohttp's own settings.
            words = cause.os_error.strerror or str(cause.os_error)
        else:
            words = str(cause)
        message = one_line(words, self._key) or type(cause).__name__
        if isinstance(cause, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
            return Failure("unreachable", message)
        if isinstance(cause, TimeoutError):
            return Failure("retry", f"no reply within {self._timeout_s:g} s", hung=True)
        return Failure("retry", f"the connection broke: {message}")


def _day(value: Any) -> str | None:
    return one_line(value) if isinstance(value, str) and value else None


async def _guard(response: httpx2.Response) -> None:
    """Refuse a redirect to another host, and bound the body. Called before either is followed."""
    if response.has_redirect_location:
        to = response.request.url.join(response.headers["location"])
        if (to.scheme, to.netloc) != (response.request.url.scheme, response.request.url.netloc):
            message = f"{response.status_code}: it sends on to {to.scheme}://{to.host}"
            raise _Refused(Failure("redirected", one_line(message), status=response.status_code))
    encoding = response.headers.pop("content-encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "deflate"):
        message = f"the body is packed as '{encoding}', which was not asked for"
        raise _Refused(Failure("retry", one_line(message), status=response.status_code))
    response.stream = _Bounded(response.stream, packed=encoding in ("gzip", "deflate"))


class _Bounded(httpx2.AsyncByteStream):
    """A response's body, unpacked, up to the limit."""

    def __init__(self, stream: Any, *, packed: bool) -> None:
        self._stream = stream
        self._packed = packed

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        pieces = _unpacked(self._stream) if self._packed else aiter(self._stream)
        async for piece in pieces:
            size += len(piece)
            if size > MAX_REPLY_BYTES:
                message = f"the reply is longer than {MAX_REPLY_BYTES / 1e6:.0f} MB"
                raise _Refused(Failure("give_up", message, status=200))
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _unpacked(stream: Any) -> AsyncIterator[bytes]:
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        async for chunk in stream:
            while chunk and not unpack.eof:
                yield unpack.decompress(chunk, _PIECE_BYTES)
                chunk = unpack.unconsumed_tail
        yield unpack.flush(_PIECE_BYTES)
    except zlib.error:
        raise _Refused(Failure("retry", "the packed body is damaged", status=200)) from None
