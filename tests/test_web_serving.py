"""`grader serve` as a process of its own: TLS, other interfaces, names, and what it warns of."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import httpx
import pytest

from builders import comparison, write_folder
from conftest import Grader
from grader.review.accounts import add_account
from grader.review.folder import read_reviewed

NAME = "review.test"
PASSWORD = "correct horse battery"
KEY = "verdict:owned-decision:2"
_ACKNOWLEDGED = 8
"""Actions after which the server is killed."""

needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None and not os.environ.get("CI"), reason="openssl is not installed"
)


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    write_folder(comparison(), tmp_path / "outputs" / "memo")
    return tmp_path / "outputs"


@dataclass(frozen=True)
class Running:
    """A server that was started by the command."""

    address: str
    """As it was printed."""
    port: int
    process: int
    told: Path
    """What it says."""

    def client(self, at: str, name: str, *, trust: Path | None = None) -> httpx.Client:
        """Somebody who reaches the server at this address of the machine, under a name."""
        tls = ssl.create_default_context(cafile=trust) if trust else False
        scheme = "https" if trust else "http"
        client = httpx.Client(base_url=f"{scheme}://{at}:{self.port}", verify=tls, trust_env=False)
        client.headers.update(
            {
                "Host": f"{name}:{self.port}",
                "Origin": f"{scheme}://{name}:{self.port}",
            }
        )

        def under_its_name(request: httpx.Request) -> None:
            request.extensions["sni_hostname"] = name

        client.event_hooks = {"request": [under_its_name]}
        return client


def _copy(errors: TextIO, told: Path) -> None:
    """Keep what the server says from then on."""
    with told.open("a") as file:
        for line in errors:
            file.write(line)
            file.flush()


@contextmanager
def serving(outputs: Path, *options: str | Path) -> Iterator[Running]:
    """`grader serve` until the block ends."""
    command = [sys.executable, "-m", "grader", "serve", outputs, "--no-browser", *options]
    told = outputs.parent / "told.txt"
    with subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            for line in process.stderr:
                with told.open("a") as file:
                    file.write(line)
                if found := re.search(r"Review at (\S+?:(\d+)/\S*)\n", line):
                    break
            else:
                raise AssertionError(told.read_text())
            copied = threading.Thread(target=_copy, args=(process.stderr, told))
            copied.start()
            yield Running(found[1], int(found[2]), process.pid, told)
        finally:
            process.terminate()
    copied.join()


def log_in(client: httpx.Client) -> httpx.Response:
    return client.post("/login", data={"name": "Ada", "password": PASSWORD})


def accept(client: httpx.Client) -> httpx.Response:
    page = client.get(f"/c/memo/i/{KEY}").text
    fields = {name: re.search(f'name="{name}" value="([^"]+)"', page) for name in ("csrf", "last")}
    data = {name: found[1] for name, found in fields.items() if found}
    return client.post(f"/c/memo/i/{KEY}/accept", data=data)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for the server's name, and its key."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-keyout", str(key), "-out", str(cert), "-subj", f"/CN={NAME}"]
    subprocess.run(
        [*command, "-addext", f"subjectAltName=DNS:{NAME}"], check=True, capture_output=True
    )
    return cert, key


# --- TLS ------------------------------------------------------------------------------------


@needs_openssl
def test_review_over_tls_from_another_interface(
    outputs: Path, certificate: tuple[Path, Path]
) -> None:
    cert, key = certificate
    add_account(outputs, "Ada", PASSWORD)
    options = ("--host", "0.0.0.0", "--name", NAME, "--tls-cert", cert, "--tls-key", key)
    with serving(outputs, *options) as server:
        assert server.address == f"https://{NAME}:{server.port}/"
        with server.client("127.0.0.2", NAME, trust=cert) as client:
            entered = log_in(client)
            assert entered.status_code == 303
            cookie = entered.headers["set-cookie"]
            assert {"Secure", "HttpOnly", "SameSite=strict"} <= set(cookie.split("; "))
            assert entered.headers["strict-transport-security"].startswith("max-age=")
            assert accept(client).status_code == 303
        with server.client("127.0.0.1", NAME, trust=cert) as client:
            assert client.get("/").headers["location"] == "/login"
            client.headers["Origin"] = f"http://{NAME}:{server.port}"  # the same without TLS
            assert log_in(client).status_code == 403
        with server.client("127.0.0.1", NAME) as plain, pytest.raises(httpx.TransportError):
            plain.get("/login")
    assert "Warning" not in server.told.read_text()
    [decision] = read_reviewed(outputs / "memo").reviewer("Ada").decided
    assert decision.state == "accepted"


@needs_openssl
@pytest.mark.parametrize("case", ["missing", "not a certificate", "another's key", "key alone"])
def test_unusable_certificate_is_told(
    outputs: Path, certificate: tuple[Path, Path], grader: Grader, case: str
) -> None:
    cert, key = certificate
    if case == "missing":
        cert = outputs / "nothing.pem"
    elif case == "not a certificate":
        cert.write_text("hello")
    elif case == "another's key":
        subprocess.run(["openssl", "genrsa", "-out", key], check=True, capture_output=True)
    given = ("--tls-key", key) if case == "key alone" else ("--tls-cert", cert, "--tls-key", key)
    ran = grader("serve", outputs, "--no-browser", *given)
    assert ran.code == 2 and "Traceback" not in ran.err
    assert "--tls-cert" in ran.err


# --- other interfaces -----------------------------------------------------------------------


def test_other_interface_without_tls_warns_and_answers_to_its_own_names_only(outputs: Path) -> None:
    add_account(outputs, "Ada", PASSWORD)
    with serving(outputs, "--host", "0.0.0.0", "--name", NAME) as server:
        assert server.address == f"http://{NAME}:{server.port}/"
        with server.client("127.0.0.2", NAME) as client:
            entered = log_in(client)
            assert entered.status_code == 303 and "Secure" not in entered.headers["set-cookie"]
            assert "strict-transport-security" not in entered.headers
            assert accept(client).status_code == 303
        for name, code in {"evil.example": 403, "127.0.0.3": 403, "127.0.0.2": 200}.items():
            with server.client("127.0.0.2", name) as client:
                answer = client.get("/login")
                assert (answer.status_code, "that name" in answer.text) == (code, code == 403)
    assert "Warning: without TLS" in server.told.read_text()


def test_one_address_of_this_machine_is_served_alone(outputs: Path) -> None:
    with serving(outputs, "--host", "127.0.0.2") as server:
        with httpx.Client(trust_env=False) as client:
            assert client.get(server.address).status_code == 303  # the token of the address
            assert client.get(f"http://127.0.0.2:{server.port}/c/memo").status_code == 200
        with server.client("127.0.0.1", "127.0.0.1") as client, pytest.raises(httpx.ConnectError):
            client.get("/login")
    assert "Warning" not in server.told.read_text()


def test_with_accounts_the_printed_address_lets_nobody_in(outputs: Path) -> None:
    add_account(outputs, "Ada", PASSWORD)
    with serving(outputs) as server, httpx.Client(trust_env=False) as client:
        assert "token" not in server.address
        assert client.get(server.address).headers["location"] == "/login"
        assert client.get(f"{server.address}enter?token=").status_code == 403


def test_other_interface_is_refused_without_accounts(outputs: Path, grader: Grader) -> None:
    ran = grader("serve", outputs, "--no-browser", "--host", "0.0.0.0")
    assert ran.code == 2 and "no reviewers' accounts" in ran.err


# --- ended ------------------------------------------------------------------------------------


def test_what_was_reviewed_is_rendered_when_the_server_ends(outputs: Path, grader: Grader) -> None:
    grader("render", outputs / "memo")
    with serving(outputs, "--reviewer", "Ada") as server, httpx.Client(trust_env=False) as client:
        client.base_url = httpx.URL(f"http://127.0.0.1:{server.port}")
        client.headers["Origin"] = f"http://127.0.0.1:{server.port}"
        client.get(server.address)
        assert accept(client).status_code == 303
        assert "writeup-outdated" in grader("check", outputs / "memo").out
    assert "writeup-outdated" not in grader("check", outputs / "memo").out


# --- killed ---------------------------------------------------------------------------------


def test_killed_server_has_lost_nothing_that_it_acknowledged(outputs: Path) -> None:
    acknowledged: list[str] = []
    with serving(outputs, "--reviewer", "Ada") as server, httpx.Client(trust_env=False) as client:
        client.base_url = httpx.URL(f"http://127.0.0.1:{server.port}")
        client.headers["Origin"] = f"http://127.0.0.1:{server.port}"
        client.get(server.address)
        for number in range(_ACKNOWLEDGED):
            page = client.get(f"/c/memo/i/{KEY}").text
            hidden = re.findall(r'name="(csrf|last)" value="([^"]+)"', page)
            data = dict(hidden) | {"comment": f"remark {number}"}
            assert client.post(f"/c/memo/i/{KEY}/comment", data=data).status_code == 303
            acknowledged.append(f"remark {number}")
        os.kill(server.process, signal.SIGKILL)
    comments = read_reviewed(outputs / "memo").reviewer("Ada").items.popitem()[1].comments
    assert [comment.text for comment in comments] == acknowledged


def test_kill_in_the_middle_of_an_action_loses_at_most_that_one(outputs: Path) -> None:
    """One thread sends on and on; the kill comes after the n-th answer, at whatever moment."""
    acknowledged: list[str] = []
    enough = threading.Event()
    with serving(outputs, "--reviewer", "Ada") as server, httpx.Client(trust_env=False) as client:
        client.base_url = httpx.URL(f"http://127.0.0.1:{server.port}")
        client.headers["Origin"] = f"http://127.0.0.1:{server.port}"
        client.get(server.address)

        def send() -> None:
            with contextlib.suppress(httpx.TransportError):
                for number in itertools.count():
                    page = client.get(f"/c/memo/i/{KEY}").text
                    hidden = re.findall(r'name="(csrf|last)" value="([^"]+)"', page)
                    data = dict(hidden) | {"comment": f"remark {number}"}
                    if client.post(f"/c/memo/i/{KEY}/comment", data=data).status_code == 303:
                        acknowledged.append(f"remark {number}")
                    if len(acknowledged) == _ACKNOWLEDGED:
                        enough.set()

        sender = threading.Thread(target=send)
        sender.start()
        assert enough.wait(120)
        os.kill(server.process, signal.SIGKILL)
        sender.join()
    comments = read_reviewed(outputs / "memo").reviewer("Ada").items.popitem()[1].comments
    written = [comment.text for comment in comments]
    assert written[: len(acknowledged)] == acknowledged
    assert len(written) - len(acknowledged) in (0, 1)  # one may be written and not answered
