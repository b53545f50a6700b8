"""The web app on a real local socket, for tests; and a client that behaves as a browser does."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from grader.review.surfaces.web.app import WebReview, create_app
from grader.study.agreement_report import report_of
from grader.writeup.document import document_of
from grader.writeup.html import render_html


class Served:
    """A running server."""

    def __init__(self, app: FastAPI, port: int) -> None:
        self.app, self.port = app, port
        self.address = f"http://127.0.0.1:{port}"
        self.clients: list[httpx.Client] = []

    @property
    def enter(self) -> str:
        return f"{self.address}/enter?token={self.app.state.sessions.token}"

    def session(self, reviewer: str) -> str:
        """The cookie of a reviewer who is signed in."""
        name: str = self.app.state.sessions.start(reviewer)
        return name


class _Server(uvicorn.Server):
    """A server that says when it has started."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@contextmanager
def served(root: Path, **settings: Any) -> Iterator[Served]:
    """Serve comparisons until the block ends."""
    bound = socket.socket(proto=socket.IPPROTO_TCP)
    bound.bind(("127.0.0.1", 0))
    port = bound.getsockname()[1]
    names = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
    review = WebReview(
        root=root,
        reviewer="Ada",
        hosts=names,
        render=lambda reviewed: render_html(document_of(reviewed)),
        agreement=report_of,
    )
    app = create_app(replace(review, **settings))
    # What a page shows must not depend on how quick the machine is.
    app.state.comparisons.scan_s, app.state.comparisons.read_s = 0.0, 60.0
    server = _Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    assert server.ready.wait(120), "the server did not start"
    running = Served(app, port)
    try:
        yield running
    finally:
        for client in running.clients:
            client.close()
        server.should_exit = True
        thread.join(10)
        bound.close()


class Visitor:
    """A reviewer's browser without a screen: cookies, forms with their hidden fields, origin."""

    def __init__(self, server: Served, reviewer: str | None) -> None:
        cookies = {"grader_session": server.session(reviewer)} if reviewer else {}
        self.http = httpx.Client(
            base_url=server.address, cookies=cookies, follow_redirects=False, timeout=60
        )
        server.clients.append(self.http)
        self.origin = server.address

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path)

    def csrf(self) -> str:
        page = self.http.get("/", follow_redirects=True).text
        found = re.search(r'name="csrf" value="([^"]+)"', page)
        assert found, page[:300]
        return found[1]

    def last(self, path: str) -> str:
        found = re.search(r'name="last" value="(\d+)"', self.get(path).text)
        return found[1] if found else "0"

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, origin: str | None = None,
        csrf: str | None = None,
    ) -> httpx.Response:  # fmt: skip
        fields = {"csrf": self.csrf() if csrf is None else csrf, **(data or {})}
        headers = {"Origin": self.origin if origin is None else origin}
        return self.http.post(path, data=fields, headers=headers)

    def act(self, slug: str, key: str, act: str, **data: Any) -> httpx.Response:
        path = f"/c/{slug}/i/{key}"
        return self.post(f"{path}/{act}", {"last": self.last(path), **data})
