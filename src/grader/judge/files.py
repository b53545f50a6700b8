"""The judge `files:DIR`: questions out as OpenAI Batch lines, replies in as Batch output lines.

For batch APIs, for air-gapped judges, for people. Replies may come in any order, in part and
with errors inside; what is still open is written again after each round.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from grader.errors import InputError, WaitingForAnswers
from grader.files.json_lines import numbered_lines
from grader.files.text import read_text, write_atomically
from grader.judge.attempt import call_of
from grader.judge.body import chat_body
from grader.judge.completion import is_completion, read_completion
from grader.judge.failures import Failure, failure_in, read_failure, what_is_said
from grader.judge.judge import AnswerPending, AttemptsExhausted, JudgeKind, Recorder, Request
from grader.judge.parsing import ParsedReply, parse_reply
from grader.judge.record_name import record_name
from grader.judge.reply import Reply
from grader.judge.waiting import FOLDER, NAME_LENGTH, read_answers, write_waiting

REQUESTS = "requests.jsonl"
RESPONSES = "responses.jsonl"
MAX_ERRORS = 2
"""A question whose replies were errors this often, each another line, is given up."""
MAX_BYTES = 2_000_000_000


class FilesJudge:
    """Writes open questions into a folder and answers from the replies laid there.

    Args:
        folder: holds `requests.jsonl` (written) and `responses.jsonl` (read), and the same
            questions as pages for people.
        model: the model that will answer, as in `--judge`.
        parameters: sampling parameters to write into each request.
        notice: told, in a sentence, what was odd in the replies but could be passed over.

    Raises:
        InputError: a line of the replies is broken; with its number.
    """

    kind: JudgeKind = "files"
    server: str | None = "files"

    def __init__(
        self,
        folder: Path,
        *,
        model: str,
        parameters: dict[str, Any],
        notice: Callable[[str], None],
    ) -> None:
        self.spec = record_name(f"files:{folder}")
        self.model = model
        self.parameters = parameters
        self._folder = folder
        self._notice = notice
        self._replies: dict[str, Reply] = {}
        self._errors: dict[str, list[str]] = {}
        self._open: dict[str, Request] = {}
        self._by_hand: dict[str, Reply] = {}
        self._read_responses()

    async def reply(self, request: Request, record: Recorder) -> ParsedReply:
        """The reply in `responses.jsonl`.

        Raises:
            AnswerPending: there is none yet.
            InputError: a person's answer is not of the form that was asked for.
            AttemptsExhausted: there are errors instead, too often.
        """
        name = request.hash[:NAME_LENGTH]
        reply = self._replies.get(request.hash) or self._by_hand.get(name)
        if reply is not None:
            parsed = parse_reply(request.question, reply)
            if parsed.outcome == "unparseable" and request.hash not in self._replies:
                # A person can mend the file; a question of its own is for judges that can't.
                self._open[request.hash] = request
                raise InputError(
                    f"this answer can't be used: {parsed.problem}",
                    place=self._folder / FOLDER / f"{name}.json",
                    mend="Mend the file and run the same command again. Nothing of it was kept.",
                )
            record(call_of(self, request, "files", parsed=parsed))
            return parsed
        errors = self._errors.get(request.hash, [])
        if len(errors) >= MAX_ERRORS:
            for attempt, error in enumerate(errors, start=1):
                record(call_of(self, request, "files", attempt=attempt, error=error))
            raise AttemptsExhausted(f"answered with an error {len(errors)} times: {errors[-1]}")
        self._open[request.hash] = request
        raise AnswerPending(request.hash)

    async def end_round(self, asked: Collection[str] | None) -> None:
        """Write the open questions, and those only.

        Raises:
            WaitingForAnswers: there are some.
            StorageError: the file cannot be written.
        """
        replies = {*self._replies, *self._errors}
        if asked is not None and (strangers := replies.difference(asked)):
            self._notice(
                f"{self._folder / RESPONSES}: {len(strangers)} replies belong to no question of "
                f"this run and were passed over, such as custom_id '{min(strangers)[:64]}'"
            )
        path = self._folder / REQUESTS
        write_waiting(self._folder, self._open.values())
        lines = [_request_line(request) for request in self._open.values()]
        if lines or path.exists():
            write_atomically(path, "".join(lines))
        if lines:
            count = f"{len(lines)} question{'s are' if len(lines) > 1 else ' is'} open"
            raise WaitingForAnswers(
                f"{count}; written to {path}",
                mend=f"Put the replies, as OpenAI Batch output lines, into "
                f"{self._folder / RESPONSES} (in any order, in part if need be), or answer the "
                f"pages in {self._folder / FOLDER}, and run the same command again. `grader batch "
                "submit` sends them as an OpenAI batch.",
            )

    async def close(self) -> None:
        """Nothing is held."""

    def _read_responses(self) -> None:
        for name, _, answer in read_answers(self._folder):
            self._by_hand[name] = answer
        path = self._folder / RESPONSES
        if not path.exists():
            return
        seen: set[str] = set()
        for number, line in numbered_lines(read_text(path, limit=MAX_BYTES)):
            if line in seen:
                continue
            seen.add(line)
            self._read_line(_parsed(line, f"{path}:{number}"), f"{path}:{number}")

    def _read_line(self, line: dict[str, Any], place: str) -> None:
        question = line["custom_id"]
        response = line.get("response")
        response = response if isinstance(response, dict) else {}
        status = response.get("status_code", 200)
        status = status if isinstance(status, int) else 200
        body = response.get("body")
        reply = None
        failure = _failure(line.get("error"), status, body)
        if failure is not None:
            if failure.meaning == "context_too_long":
                reply = Reply(context_too_long=True)
            elif failure.meaning == "filtered":
                reply = Reply(finish_reason="content_filter")
            else:
                self._errors.setdefault(question, []).append(failure.message)
        elif is_completion(body):
            reply = read_completion(body)
        else:
            raise InputError(
                "the response holds no chat completion",
                place=place,
                mend="Expected: response.body.choices[0].message.content, as in the OpenAI "
                "Batch output format.",
            )
        if reply is not None:
            if question in self._replies:
                self._notice(f"{place}: a second reply to the same question; the first counts")
            self._replies.setdefault(question, reply)


def _failure(error: Any, status: int, body: Any) -> Failure | None:
    """The failure in one line of replies; None: it is a reply, or nothing at all."""
    if error or status >= 400:
        return read_failure(status if status >= 400 else 500, error or body)
    said = what_is_said(body)
    if isinstance(body, dict) and ("choices" in body or said.words or said.codes):
        return failure_in(body)
    return None


def _parsed(line: str, place: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise InputError(
            "this line is not JSON",
            place=place,
            mend="Each line is one reply in the OpenAI Batch output format. Mend or remove it.",
        ) from None
    if not isinstance(value, dict) or not isinstance(value.get("custom_id"), str):
        raise InputError(
            "this line has no custom_id",
            place=place,
            mend="Copy the custom_id of the request that it answers.",
        )
    return value


def _request_line(request: Request) -> str:
    line = {
        "custom_id": request.hash,
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": chat_body(request),
    }
    # Keys stay in their order: a model answers the fields in the order of the schema, and the
    # level comes last.
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
