"""A small HTTP server on a real socket, in a thread of its own, that can also misbehave.

It knows nothing of judges: a handler gets each request and says what to send back.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import h11

Manner = Literal["whole", "hang", "drop", "drop_in_body"]


@dataclass(frozen=True)
class HttpRequest:
    """A request as it came over the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class HttpReply:
    """What to send back, and how."""

    status: int = 200
    body: Any = None
    """Bytes go as they are, anything else as JSON."""
    headers: dict[str, str] = field(default_factory=dict)
    after_s: float = 0.0
    """How long after the request the first byte goes out."""
    manner: Manner = "whole"
    """hang: never answer; drop: close without a byte; drop_in_body: close half-way."""


Handler = Callable[[HttpRequest], HttpReply]


class HttpServer:
    """Serves until `stop`. `port` 0 takes a free one."""

    def __init__(self, handler: Handler, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._handler = handler
        self._host, self._port = host, port
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._failed: OSError | None = None
        self._connections: set[_Connection] = set()
        self.most_at_once = 0
        """How many requests were under way at the same time, at most."""
        self._thread = threading.Thread(target=self._run, name="http-server", daemon=True)

    def start(self) -> int:
        """Listen. Gives the port. Raises OSError when it is taken."""
        self._thread.start()
        self._ready.wait()
        if self._failed is not None:
            self._thread.join()
            raise self._failed
        return self._port

    def stop(self) -> None:
        """Close all connections and the socket."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    @property
    def under_way(self) -> int:
        """How many requests have come and are not answered yet."""
        return sum(connection.busy for connection in self._connections)

    def _counted(self, request: HttpRequest) -> HttpReply:
        self.most_at_once = max(self.most_at_once, self.under_way)
        return self._handler(request)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            server = self._loop.run_until_complete(
                self._loop.create_server(
                    lambda: _Connection(self._counted, self._connections),
                    self._host,
                    self._port,
                    backlog=1000,
                )
            )
        except OSError as error:
            self._failed = error
            self._loop.close()
            self._ready.set()
            return
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for connection in list(self._connections):
            connection.abort()
        # One more turn, so that the transports are really closed.
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()


class _Connection(asyncio.Protocol):
    """One client. Requests come one after the other; h11 reads and writes HTTP."""

    def __init__(self, handler: Handler, connections: set[_Connection]) -> None:
        self._handler = handler
        self._all = connections
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
        self._request: h11.Request | None = None
        self._body: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.TimerHandle | None = None
        self.busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._all.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.discard(self)
        if self._waiting is not None:
            self._waiting.cancel()

    def abort(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._http.receive_data(data)
        self._read()

    def _read(self) -> None:
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError:
                self.abort()
                return
            if isinstance(event, h11.Request):
                self._request, self._body = event, []
            elif isinstance(event, h11.Data):
                self._body.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                self._handle()
            elif event in (h11.NEED_DATA, h11.PAUSED):
                return
            elif isinstance(event, h11.ConnectionClosed):
                self._close()
                return

    def _handle(self) -> None:
        assert self._request is not None
        self.busy = True
        loop = asyncio.get_running_loop()
        came = loop.time()
        reply = self._handler(
            HttpRequest(
                method=self._request.method.decode(),
                path=self._request.target.decode(),
                headers={n.decode(): v.decode("latin-1") for n, v in self._request.headers},
                body=b"".join(self._body),
            )
        )
        if reply.manner != "hang":
            self._waiting = loop.call_at(came + reply.after_s, self._answer, reply)

    def _answer(self, reply: HttpReply) -> None:
        self._waiting = None
        self.busy = False
        assert self._transport is not None
        if self._transport.is_closing() or reply.manner == "drop":
            self.abort()
            return
        raw = isinstance(reply.body, bytes)
        body = reply.body if raw else json.dumps(reply.body, ensure_ascii=False).encode()
        headers = {
            "content-type": "text/html" if raw else "application/json",
            "content-length": str(len(body)),
            **reply.headers,
        }
        head = self._http.send(
            h11.Response(status_code=reply.status, headers=list(headers.items()))
        )
        if reply.manner == "drop_in_body":
            self._transport.write((head or b"") + body[: len(body) // 2])
            # close() sends what is written first; abort() might lose it.
            self._transport.close()
            return
        data = self._http.send(h11.Data(data=body))
        end = self._http.send(h11.EndOfMessage())
        self._transport.write((head or b"") + (data or b"") + (end or b""))
        if self._http.our_state is h11.MUST_CLOSE:
            self._close()
            return
        self._http.start_next_cycle()
        self._read()

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()
