"""Who may ask what: sessions, the one-time token, CSRF, Host and Origin, and headers.

Pages and actions only ever learn the name of the reviewer whose session it is; nothing in a
request can name another one.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from fastapi import HTTPException, Request
from starlette.datastructures import Headers, MutableHeaders, State
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "grader_session"
HOURS = 12

_SMALL, _LARGE = 16 * 1024, 2 * 1024 * 1024
"""Bytes of a form: of anybody's, and of a reviewer's who is signed in."""

_MOST_NAMES = 10_000
"""Names and addresses whose failed logins are remembered."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Session:
    """A signed-in reviewer."""

    reviewer: str
    csrf: str
    ends: float
    account: str | None = None
    """Hash of the password with which it began; None: it began with the token."""


@dataclass
class Sessions:
    """All sessions, and the token that opens the first one."""

    clock: Callable[[], float] = time.monotonic
    token: str | None = field(default_factory=lambda: secrets.token_urlsafe(32))
    _open: dict[str, Session] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def start(self, reviewer: str, account: str | None = None) -> str:
        """Begin a session.

        Args:
            reviewer: who has signed in.
            account: hash of the password; the session ends when the account has another.

        Returns:
            The session's secret name, for the cookie.
        """
        name = secrets.token_urlsafe(32)
        ends = self.clock() + HOURS * 3600
        with self._guard:
            self._open = {k: s for k, s in self._open.items() if s.ends > self.clock()}
            self._open[name] = Session(reviewer, secrets.token_urlsafe(32), ends, account)
        return name

    def take_token(self, given: str) -> bool:
        """Whether this is the one-time token. It is used up by that."""
        with self._guard:
            right = self.token is not None and hmac.compare_digest(
                self.token.encode(), given.encode("utf-8", "surrogatepass")
            )
            if right:
                self.token = None
            return right

    def find(self, name: str | None) -> Session | None:
        """The session of a cookie."""
        session = self._open.get(name or "")
        return session if session and session.ends > self.clock() else None

    def end(self, name: str | None) -> None:
        """Sign out."""
        with self._guard:
            self._open.pop(name or "", None)


class Attempts:
    """Failed logins: so many in so long, for each name, or for each address."""

    def __init__(
        self, most: int = 5, seconds: float = 60, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most, self.seconds, self.clock = most, seconds, clock
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()
        self._guard = threading.Lock()

    def wait_s(self, key: str) -> int:
        """Seconds until another attempt is allowed; 0: now."""
        with self._guard:
            times = self._failed.get(key)
            if not times:
                return 0
            while times and times[0] <= self.clock() - self.seconds:
                times.popleft()
            return 0 if len(times) < self.most else int(times[0] + self.seconds - self.clock()) + 1

    def failed(self, key: str) -> None:
        """Note a failure."""
        with self._guard:
            self._failed.setdefault(key, deque(maxlen=self.most)).append(self.clock())
            self._failed.move_to_end(key)
            while len(self._failed) > _MOST_NAMES:
                # A flood of names fills no memory, and clears the failures of no other name
                # that was tried since.
                self._failed.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Take the last note back: it was no failure."""
        with self._guard:
            if times := self._failed.get(key):
                times.pop()


class Guard:
    """Refuses foreign hosts and origins, and bodies that are too large, before anything else.

    Sets headers on every answer. A body is read before the app sees the request, and only as far
    as its limit: one limit for reviewers who are signed in, a small one for everybody else.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: frozenset[str],
        scheme: str,
        signed_in: Callable[[Headers], bool] = lambda headers: False,
    ) -> None:
        self.app, self.hosts, self.scheme = app, hosts, scheme
        self.signed_in = signed_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    if name not in headers:
                        headers[name] = value
                if self.scheme == "https":
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        headers = Headers(scope=scope)
        refusal = self._refusal(scope["method"], headers, scope["server"])
        if refusal is not None:
            await PlainTextResponse(refusal, status_code=403)(scope, receive, with_headers)
            return
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, with_headers)
            return
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in ("", "application/x-www-form-urlencoded"):
            refused = PlainTextResponse("Send a form.\n", status_code=415)
            await refused(scope, receive, with_headers)
            return
        body = await _read(headers, receive, _LARGE if self.signed_in(headers) else _SMALL)
        if body is None:
            refused = PlainTextResponse("This is too large.\n", status_code=413)
            refused.headers["Connection"] = "close"
            await refused(scope, receive, with_headers)
            return
        await self.app(scope, _given(body, receive), with_headers)

    def _refusal(self, method: str, headers: Headers, reached: tuple[str, int]) -> str | None:
        host = headers.get("host", "").lower()
        # A page of another site can point a name of its own at this machine; its Host tells. The
        # address itself by which the request came is no such name.
        if host not in self.hosts and host not in hosts_of([reached[0]], reached[1]):
            return "This server does not answer to that name.\n"
        if method in ("GET", "HEAD", "OPTIONS"):
            return None
        if headers.get("origin", "").lower() != f"{self.scheme}://{host}":
            return "This request comes from another page.\n"
        return None


async def _read(headers: Headers, receive: Receive, limit: int) -> bytes | None:
    """The body of a request; None where it is larger than its limit."""
    stated = headers.get("content-length", "0")
    if not stated.isdecimal() or int(stated[:20]) > limit:
        return None
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _given(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives this body, then what else comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def give() -> Message:
        return waiting.pop() if waiting else await receive()

    return give


def bracketed(name: str) -> str:
    """A name or address as it stands in an address."""
    # A socket that takes IPv6 and IPv4 calls an IPv4 address ::ffff:192.0.2.1.
    name = name.removeprefix("::ffff:")
    return f"[{name}]" if ":" in name else name.lower()


def hosts_of(names: Iterable[str], port: int) -> frozenset[str]:
    """Values of the Host header for these names; a browser leaves the usual port out."""
    bare = [bracketed(name) for name in names]
    return frozenset([*(f"{name}:{port}" for name in bare), *(bare if port in (80, 443) else ())])


async def session_of(request: Request) -> Session:
    """The session of a request. Raises 401 without one."""
    session = session_in(request.app.state, request.cookies.get(COOKIE))
    if session is None:
        raise HTTPException(401, "Sign in first.")
    return session


def session_in(state: State, name: str | None) -> Session | None:
    """The session of a cookie; None where there is none, or its account has changed since."""
    sessions: Sessions = state.sessions
    session = sessions.find(name)
    if session is None or session.account is None:
        return session
    if state.review.accounts().hashes.get(session.reviewer) == session.account:
        return session
    sessions.end(name)
    return None


def refuse_forged(session: Session, given: str) -> None:
    """Raises 403 where a form does not carry the session's own token."""
    if not hmac.compare_digest(session.csrf.encode(), given.encode("utf-8", "surrogatepass")):
        raise HTTPException(403, "This form is out of date. Load the page again.")
