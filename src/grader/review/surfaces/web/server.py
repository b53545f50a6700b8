"""Serving the web app: the socket, the address to open, and what must hold for other interfaces."""

from __future__ import annotations

import gc
import ipaddress
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from grader.errors import InputError
from grader.review.surfaces.web.access import bracketed, hosts_of
from grader.review.surfaces.web.app import WebReview, create_app

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Listen:
    """Where a server listens."""

    host: str = "127.0.0.1"
    port: int = 0
    """0: any free one."""
    names: tuple[str, ...] = ()
    """Further names under which it is reached."""
    certificate: Path | None = None
    key: Path | None = None

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def serve(review: WebReview, listen: Listen, ready: Callable[[str, bool], object]) -> None:
    """Serve until the program is stopped.

    Args:
        review: what is offered; hosts and scheme are filled in here.
        listen: where.
        ready: called with the address to open and whether the way to it is open to others
            without TLS.

    Raises:
        InputError: address or certificate can't be used, or others could come in without accounts.
    """
    import uvicorn

    if not listen.loopback and not review.accounts().hashes:
        raise InputError(
            f"{listen.host} can be reached by others, and there are no reviewers' accounts",
            place="--host",
            mend="Add reviewers first: grader reviewer add NAME.",
        )
    _try_certificate(listen)
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    # The protocol is named: asyncio turns Nagle's delay of 40 ms off where it knows it is TCP.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((listen.host, listen.port))
        bound.listen(128)  # who follows the address before all is ready waits, and isn't refused
    except OSError as error:
        bound.close()
        raise InputError(
            f"{listen.host}:{listen.port} cannot be used: {error.strerror}",
            place="--port",
            mend="Choose another port, or leave it out.",
        ) from None
    port = bound.getsockname()[1]
    scheme = "https" if listen.certificate else "http"
    names = (*LOOPBACK, listen.host, *listen.names)
    app = create_app(replace(review, hosts=hosts_of(names, port), scheme=scheme))
    if not listen.loopback or review.accounts().hashes:
        app.state.sessions.token = None  # whoever has an account signs in with it
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ssl_certfile=listen.certificate,
        ssl_keyfile=listen.key,
        timeout_graceful_shutdown=2,
    )
    everywhere = listen.host in ("0.0.0.0", "::")
    shown = (listen.names or ("localhost",))[0] if everywhere else listen.host
    base = f"{scheme}://{bracketed(shown)}:{port}"
    token = app.state.sessions.token
    address = f"{base}/enter?token={token}" if token else f"{base}/"
    ready(address, not listen.loopback and scheme == "http")
    gc.freeze()  # what was loaded stays; looking through it again and again holds all up
    try:
        uvicorn.Server(config).run(sockets=[bound])
    except KeyboardInterrupt:
        pass  # uvicorn has ended well by then and only passes the signal on
    finally:
        bound.close()


def _try_certificate(listen: Listen) -> None:
    if listen.certificate is None:
        if listen.key is not None:
            raise InputError(
                "a key was given, but no certificate", place="--tls-key", mend="Give --tls-cert."
            )
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(listen.certificate, listen.key)
    except OSError as error:  # SSLError is one
        raise InputError(
            f"certificate and key cannot be used: {error.strerror or error}",
            place=listen.certificate,
            mend="Give PEM files that belong together: --tls-cert FILE --tls-key FILE.",
        ) from None
