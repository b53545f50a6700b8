"""A server that nobody here wrote: llama.cpp's, with a tiny model of random weights.

`make real-server` compiles llama-cpp-python into an environment of its own and runs this; without
its variable everything here is skipped. What the model writes means nothing, so only what must
hold whatever it writes is held here. Everything goes through a proxy that keeps what went over
the wire.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from conftest import pair
from grader.judge.ledger import read_calls
from grader.judge.reply import OUTCOMES, Call

# Read before each test gets an empty environment.
PYTHON = os.environ.get("GRADER_TEST_REAL_SERVER", "")

MODEL = "tiny-random"
CONTEXT = "32768"
UP_WITHIN_S = 120

pytestmark = pytest.mark.skipif(not PYTHON, reason="only with `make real-server`")


@dataclass
class Wire:
    """What went to the server and came back."""

    base_url: str
    exchanges: list[tuple[dict[str, Any], int, dict[str, Any]]] = field(default_factory=list)
    """Each chat completion: what was sent, the status, what came back."""

    @property
    def compared(self) -> list[tuple[dict[str, Any], int, dict[str, Any]]]:
        """Those of comparisons, without the doctor's."""
        return [each for each in self.exchanges if "capital of France" not in json.dumps(each[0])]

    @property
    def usages(self) -> Counter[tuple[int, int]]:
        """Tokens of prompt and completion of each reply, as the server counted them."""
        counted = [body["usage"] for _, status, body in self.compared if status == 200]
        return Counter((each["prompt_tokens"], each["completion_tokens"]) for each in counted)


@dataclass(frozen=True)
class Run:
    """What a command printed and how it ended."""

    code: int
    out: str


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """The server, behind the proxy."""
    folder = tmp_path_factory.mktemp("server")
    model = folder / "tiny.gguf"
    subprocess.run([PYTHON, Path(__file__).with_name("tiny_model.py"), model], check=True)
    port = _free_port()
    at = ["--model", str(model), "--host", "127.0.0.1", "--port", str(port)]
    command = [PYTHON, "-m", "llama_cpp.server", *at, "--model_alias", MODEL]
    command += ["--n_ctx", CONTEXT, "--logits_all", "false", "--verbose", "false"]
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait_for(f"http://127.0.0.1:{port}/v1/models", process, folder / "log.txt")
            with _proxy(f"http://127.0.0.1:{port}") as wire:
                yield wire
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture(scope="module")
def desk(wire: Wire, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the examples were compared once."""
    folder = tmp_path_factory.mktemp("desk")
    made = _compare(folder, wire)
    assert made.code == 0, made.out
    return folder


def test_the_doctor_says_how_the_server_is_asked(wire: Wire, tmp_path: Path) -> None:
    seen = _grader(tmp_path, "doctor", *_judge(wire))

    assert "reachable" in seen.out
    assert f"{MODEL} is among the 1 that the server lists" in seen.out
    sent = [_shape(body) for body, _, _ in wire.exchanges]
    # This server knows no strict schema, and says so with status 500.
    assert sent[:2] == ["json_schema", "tools"]


def test_every_question_has_one_outcome(wire: Wire, desk: Path) -> None:
    planned = json.loads(_compare(desk, wire, "--name", "other", "--dry-run", "--json").out)
    [draft] = desk.glob("outputs/*/comparison.json")
    outcomes = json.loads(draft.read_text())["outcomes"]

    assert {each["outcome"] for each in outcomes} <= set(OUTCOMES)
    counted = Counter[str]()
    for each in outcomes:
        counted[each["kind"]] += each["count"]
    assert {kind: counted[kind] for kind in planned["questions"]} == planned["questions"]


def test_the_ledger_counts_the_tokens_that_the_server_counted(wire: Wire, desk: Path) -> None:
    calls = [call for call in _calls(desk) if call.reply]
    usages = [call.reply.usage for call in calls if call.reply]

    assert Counter((u.prompt_tokens, u.completion_tokens) for u in usages) == wire.usages


def test_each_attempt_is_recorded_with_the_shape_it_went_out_in(wire: Wire, desk: Path) -> None:
    calls = _calls(desk)

    assert Counter((call.shape, call.http_status) for call in calls) == Counter(
        (_shape(body), status) for body, status, _ in wire.compared
    )


def test_the_draft_can_be_shown_and_checked(desk: Path) -> None:
    [draft] = desk.glob("outputs/*/comparison.json")

    assert _grader(desk, "show", str(draft.parent)).code == 0
    assert _grader(desk, "check", str(draft.parent)).code in (0, 1)


def test_asked_again_under_another_name_nothing_goes_out_that_has_a_reply(
    wire: Wire, desk: Path
) -> None:
    before = len(wire.exchanges)
    again = _compare(desk, wire, "--name", "again")
    [first] = desk.glob("outputs/c-*/comparison.json")
    second = desk / "outputs" / "again" / "comparison.json"

    assert again.code == 0, again.out
    assert len(wire.exchanges) == before
    levels = [json.loads(path.read_text())["verdicts"] for path in (first, second)]
    assert levels[0] == levels[1]


def _compare(folder: Path, wire: Wire, *options: str) -> Run:
    return _grader(
        folder,
        "compare",
        *map(str, pair("library-memo")),
        *_judge(wire),
        *("--depth", "quick", "--concurrency", "2"),
        *options,
    )


def _judge(wire: Wire) -> list[str]:
    return ["--judge", f"local/{MODEL}", "--base-url", wire.base_url]


def _grader(folder: Path, *arguments: str) -> Run:
    done = subprocess.run(
        [sys.executable, "-m", "grader", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return Run(done.returncode, done.stdout)


def _calls(desk: Path) -> list[Call]:
    [path] = desk.glob("outputs/c-*/calls.jsonl")
    return list(read_calls(path))


def _shape(body: dict[str, Any]) -> str:
    if "response_format" in body:
        return "json_schema"
    return "tools" if "tools" in body else "json"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + UP_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"the server did not come up:\n{log.read_text()[-2000:]}")


@contextmanager
def _proxy(address: str) -> Iterator[Wire]:
    """Passes everything on and keeps the chat completions."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._pass_on(None)

        def do_POST(self) -> None:
            self._pass_on(self.rfile.read(int(self.headers["content-length"])))

        def log_message(self, *_: Any) -> None:
            pass

        def _pass_on(self, sent: bytes | None) -> None:
            request = urllib.request.Request(
                address + self.path, data=sent, headers={"content-type": "application/json"}
            )
            try:
                with urllib.request.urlopen(request) as response:
                    status, body = response.status, response.read()
            except urllib.error.HTTPError as error:
                with error:
                    status, body = error.code, error.read()
            if sent is not None:
                kept.exchanges.append((json.loads(sent), status, json.loads(body)))
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept = Wire(f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
