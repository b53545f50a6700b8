"""What a server may send: bounded, from its own address, and told in its own words."""

from __future__ import annotations

import gzip
import json
import resource
import zlib
from pathlib import Path
from typing import Any

import pytest

from grader.errors import InputError, JudgeError
from grader.judge.choose import open_judge
from grader.judge.refusals import read_rules
from grader.testing.server import HttpReply, HttpRequest, HttpServer
from judging import GOOD, Desk, verdict

COMPLETION = {
    "choices": [
        {
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": GOOD.model_dump_json()},
        }
    ]
}


class Serving:
    """A server that sends one reply to everything."""

    def __init__(self, reply: HttpReply) -> None:
        self.requests: list[HttpRequest] = []
        self._reply = reply
        self._server = HttpServer(self._handle)

    def _handle(self, request: HttpRequest) -> HttpReply:
        self.requests.append(request)
        return self._reply

    def __enter__(self) -> Serving:
        self.base_url = f"http://127.0.0.1:{self._server.start()}/v1"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_host_is_refused_and_nothing_goes_there(
    tmp_path: Path, status: int
) -> None:
    with Serving(HttpReply(200, COMPLETION)) as other:
        location = {"location": f"{other.base_url}/chat/completions"}
        with Serving(HttpReply(status, b"", location)) as server:
            with pytest.raises(JudgeError, match="redirects to another host") as raised:
                Desk(tmp_path, base_url=server.base_url).ask(verdict(1), verdict(2))
            assert "--base-url" in str(raised.value)
    assert other.requests == []


@pytest.mark.parametrize("packed", [gzip.compress, zlib.compress], ids=["gzip", "deflate"])
def test_a_packed_reply_is_read(tmp_path: Path, packed: Any) -> None:
    coding = {"content-encoding": "gzip" if packed is gzip.compress else "deflate"}
    with Serving(HttpReply(200, packed(json.dumps(COMPLETION).encode()), coding)) as server:
        [answered] = Desk(tmp_path, base_url=server.base_url).ask(verdict())
    assert answered.value == GOOD


def test_a_reply_that_unpacks_to_gigabytes_is_given_up_early(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, wbits=31)
    zeros = b"0" * 10_000_000
    bomb = b"".join(packer.compress(zeros) for _ in range(200)) + packer.flush()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Serving(HttpReply(200, bomb, {"content-encoding": "gzip"})) as server:
        [answered] = Desk(tmp_path, base_url=server.base_url).ask(verdict())
    assert answered.outcome == "api_error"
    assert "longer than 16 MB" in (answered.detail or "")
    assert len(server.requests) == 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kB


def test_a_coding_that_nobody_asked_for_is_not_unpacked(tmp_path: Path) -> None:
    with Serving(HttpReply(200, b"x", {"content-encoding": "br"})) as server:
        [answered] = Desk(tmp_path, base_url=server.base_url).ask(verdict())
    assert answered.outcome == "api_error"
    assert "'br'" in (answered.detail or "")


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (HttpReply(400, [{"error": {"code": 400, "message": "Bad in a list"}}]), "Bad in a list"),
        (HttpReply(400, {"detail": "bad in detail"}), "bad in detail"),
        (HttpReply(400, {"errors": [{"message": "bad in errors"}]}), "bad in errors"),
        (HttpReply(400, b"bad in text"), "bad in text"),
        (HttpReply(200, b"<html><title>Log in</title><p>x</p></html>"), "a web page: Log in"),
        (HttpReply(200, b'data: {"choices": []}\n\ndata: [DONE]\n'), "an event stream"),
        (HttpReply(200, {"choices": [], "error": {"message": "nothing came"}}), "nothing came"),
        (HttpReply(200, {"id": None, "choices": None}), "not a chat completion"),
        (HttpReply(200, {"error": {"message": "Provider returned error", "metadata":
                                   {"raw": '{"message": "the pool is dry"}'}}}), "the pool is dry"),
        (HttpReply(400, {"error": {"message": "red \x1b[31malert\x1b[0m\u202e"}}), "red ⟨U+001B⟩"),
    ],
    ids=["list", "detail", "errors", "text", "page", "stream", "no choice", "null", "behind",
         "control characters"],
)  # fmt: skip
def test_the_servers_own_words_reach_the_person(
    tmp_path: Path, reply: HttpReply, told: str
) -> None:
    with Serving(reply) as server:
        [answered] = Desk(tmp_path, base_url=server.base_url).ask(verdict())
    assert answered.outcome == "api_error"
    assert told in (answered.detail or "")
    assert "\x1b" not in (answered.detail or "")


def test_one_flagged_input_ends_one_question(tmp_path: Path) -> None:
    flagged = {"error": {"message": "Your input was flagged", "code": 403}}
    ok, no = HttpReply(200, COMPLETION), HttpReply(403, flagged)

    def handle(request: HttpRequest) -> HttpReply:
        return no if b"Criterion 2:" in request.body else ok

    server = HttpServer(handle)
    base_url = f"http://127.0.0.1:{server.start()}/v1"
    answers = Desk(tmp_path, base_url=base_url).ask(*(verdict(number) for number in (1, 2, 3)))
    server.stop()
    assert [each.outcome for each in answers] == ["answered", "filtered", "answered"]


def test_words_of_the_transcript_that_a_server_sends_back_decide_nothing(tmp_path: Path) -> None:
    echoed = {"detail": [{"type": "odd", "loc": ["body"], "msg": "no", "input": "was flagged"}]}
    with Serving(HttpReply(400, echoed)) as server:
        [answered] = Desk(tmp_path, base_url=server.base_url).ask(verdict())
    assert answered.outcome == "api_error"


def test_rules_of_ones_own_go_before_the_shipped_ones(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(
        "rules:\n"
        "  - {meaning: context_too_long, status: [500], words: 'длинный запрос'}\n"
        "  - {meaning: no_seed, words: 'keine Saat'}\n",
        "utf-8",
    )
    rules = read_rules(path)
    said = "provider: 400 Bad Request: Слишком длинный запрос: 121692 токенов"
    assert next(r for r in rules if r.fits(500, [], [], [], said)).meaning == "context_too_long"
    assert open_judge("any/m", base_url="http://127.0.0.1:9/v1", rules=rules)
    for text in ("rules: [{meaning: odd}]", "rules: [{meaning: retry, words: '('}]", "rules: 7"):
        path.write_text(text, "utf-8")
        with pytest.raises(InputError, match=r"rules\.yaml"):
            read_rules(path)
