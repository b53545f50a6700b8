"""The judge `recorded:FILE`: answers from the `calls.jsonl` of an earlier run."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from grader.errors import InputError, JudgeError
from grader.judge.attempt import call_of
from grader.judge.judge import AttemptsExhausted, JudgeKind, Recorder, Request
from grader.judge.ledger import read_calls, recording_note
from grader.judge.parsing import ParsedReply, parse_reply
from grader.judge.record_name import record_name, recording_parts
from grader.judge.reply import Call, Reply


class RecordedJudge:
    """Answers each question with the reply recorded for its hash.

    Args:
        recording: a `calls.jsonl`; where several models were recorded, with '#' and the one that
            is to answer: 'run.jsonl#openai/gpt-5.4'.

    Raises:
        InputError: no such file, no replies in it, or several models and none named.
        RecordError: a line cannot be read.
    """

    kind: JudgeKind = "recorded"

    def __init__(self, recording: str) -> None:
        self.spec = record_name(f"recorded:{recording}")
        self._file, model = recording_parts(recording)
        calls = list(read_calls(self._file))
        self.note = recording_note(self._file)
        recorded = _models(calls)
        if model is None and len(recorded) > 1:
            raise InputError(
                f"the recording holds replies of {', '.join(recorded)}",
                place=self._file,
                mend="Name the model that is to answer, or all of them: "
                + " ".join(f"-j 'recorded:{self._file}#{each}'" for each in recorded),
            )
        self.model = model or next(iter(recorded), "")
        calls = [call for call in calls if call.model == self.model]
        if not calls:
            raise InputError(
                "the recording holds no replies" + (f" of {model}" if model else ""),
                place=self._file,
                mend=f"It holds those of {', '.join(recorded)}." if recorded else "Record a run.",
            )
        # Which server gave the replies is part of what is known of them.
        self.server = next((call.server for call in calls if call.server), None)
        self.parameters = _plain_parameters(calls)
        self._replies, self._given_up = last_replies(calls)

    async def reply(self, request: Request, record: Recorder) -> ParsedReply:
        """The recorded reply.

        Raises:
            AttemptsExhausted: the recorded run could not ask this question either.
            JudgeError: the question is not in the recording.
        """
        reply = self._replies.get(request.hash)
        if reply is not None:
            parsed = parse_reply(request.question, reply)
            record(call_of(self, request, "recording", parsed=parsed))
            return parsed
        if request.hash in self._given_up:
            error = self._given_up[request.hash]
            record(call_of(self, request, "recording", error=error))
            raise AttemptsExhausted(error)
        raise JudgeError(
            f"the recording has no reply to the question '{request.question.label}' "
            f"({request.hash[:12]})",
            place=self._file,
            mend="It was made with another transcript, rubric, prompt or depth, or was cut short. "
            "Repeat the run with the inputs of the recording, or ask a live judge.",
        )

    async def end_round(self, asked: Collection[str] | None) -> None:
        """Nothing is ever open."""

    async def close(self) -> None:
        """Nothing is held."""


def last_replies(calls: Iterable[Call]) -> tuple[dict[str, Reply], dict[str, str]]:
    """Replies by question hash, and the errors of questions that could not be asked.

    A question that was asked again on purpose has its last reply.
    """
    replies: dict[str, Reply] = {}
    given_up: dict[str, str] = {}
    for call in calls:
        if call.reply is not None:
            replies[call.question] = call.reply
        else:
            given_up[call.question] = call.error or "the judge could not be asked"
    return replies, given_up


def _models(calls: Iterable[Call]) -> list[str]:
    """The recorded models, first the one that answered more than verdicts: it led the panel."""
    kinds: dict[str, set[str]] = {}
    for call in calls:
        kinds.setdefault(call.model, set()).add(call.kind)
    return sorted(kinds, key=lambda model: (kinds[model] <= {"verdict", "requote"}, model))


def _plain_parameters(calls: Iterable[Call]) -> dict[str, Any]:
    """Those of a first sample asked for the first time: no seed or the least, the least room."""

    def order(parameters: dict[str, Any]) -> tuple[float, float]:
        seed = parameters.get("seed")
        room = parameters.get("max_tokens", parameters.get("max_completion_tokens", 0))
        return (-1 if seed is None else seed, room)

    return min((call.parameters for call in calls), key=order)
