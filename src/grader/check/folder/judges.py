"""Who judged, by the record of calls: kind, server, models that answered, and what it took."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from grader.check.findings import Finding
from grader.check.folder.loaded import Opened
from grader.check.registry import Check
from grader.comparison.comparison import Comparison, JudgeNote
from grader.comparison.folder import CALLS, DRAFT
from grader.judge.judge import Request
from grader.judge.parsing import parse_reply
from grader.judge.reply import Call

CHECKS = (
    Check("calls-missing", "error", "A judge was asked, and there is no record of its answers."),
    Check("call-not-of-judge", "error", "A call can't be one of the draft's judges."),
    Check("call-differs", "error", "A call is not what its question and reply give."),
    Check("judge-differs", "error", "What the draft says of a judge is not what its replies give."),
)
"""What is looked for here."""


_NOT_FROM = {
    "live": ("recording", "files"),
    "recorded": ("judge", "queue", "files"),
    "files": ("judge", "queue", "recording"),
}
"""Where the replies of each kind of judge can't have come from."""

_TAKEN = ("replies", "uncounted", "prompt_tokens", "cached_tokens", "completion_tokens",
          "reasoning_tokens")  # fmt: skip
_NOT_KNOWN = -1.0

_RESTORE = "Somebody changed the draft or its calls. Restore both from a copy."


def check_calls_of_judges(opened: Opened) -> Iterator[Finding]:
    """Calls that no judge of the draft can have made so."""
    notes = {note.spec: note for note in opened.draft.judges}
    if not opened.calls and any(note.kind != "offline" for note in notes.values()):
        yield opened.finding(
            CALLS,
            "calls-missing",
            "error",
            "a judge was asked for this draft, and there is no record of what it answered",
            "Restore calls.jsonl from a copy.",
        )
    told: set[tuple[str, str]] = set()
    for number, call in enumerate(opened.calls, 1):
        problem = _problem(call, notes.get(call.judge))
        if problem and (call.judge, problem) not in told:
            told.add((call.judge, problem))
            yield opened.finding(
                CALLS, "call-not-of-judge", "error", problem, _RESTORE, line=number
            )


def _problem(call: Call, note: JudgeNote | None) -> str | None:
    if note is None:
        return f"a call of the judge {call.judge}, which is none of the draft's"
    if call.source in _NOT_FROM.get(note.kind, ()):
        return (
            f"a reply from {call.source!r} for the judge {note.spec}, whose kind is {note.kind!r}"
        )
    if call.reply is not None and call.server != note.server:
        return (
            f"a reply from the server {call.server or 'of the provider'} for the judge "
            f"{note.spec}, who was asked at {note.server or 'the provider'}"
        )
    if call.reply is not None and call.model != note.model:
        return f"a reply of the model {call.model} for the judge {note.spec} ({note.model})"
    return None


def check_calls_again(opened: Opened, requests: Sequence[Request]) -> Iterator[Finding]:
    """What a call says of its question and its reply, against both made again."""
    known = {request.hash: request for request in requests}
    for number, call in enumerate(opened.calls, 1):
        request = known.get(call.question)
        if request is None:
            continue
        question = request.question
        stated: list[tuple[str, Any, Any]] = [
            ("kind", call.kind, question.kind),
            ("label", call.label, question.label),
            ("prompt", call.prompt, question.prompt),
            ("parameters", call.parameters, dict(request.parameters)),
        ]
        if call.reply is not None:
            outcome = parse_reply(question, call.reply).outcome
            stated.append(("outcome", call.outcome, outcome))
        for what, ours, theirs in stated:
            if ours != theirs:
                yield opened.finding(
                    CALLS,
                    "call-differs",
                    "error",
                    f"the {what} of this call is {ours!s:.80}; by its question and reply it is "
                    f"{theirs!s:.80}",
                    _RESTORE,
                    line=number,
                )


def check_notes(opened: Opened, again: Comparison) -> Iterator[Finding]:
    """What the draft says of its judges against what the replies give.

    Args:
        opened: the folder.
        again: its draft made again from the recorded replies.
    """
    for note, made in zip(opened.draft.judges, again.judges, strict=True):
        stated: list[tuple[str, Any, Any]] = [
            ("the models that answered", note.served_models, made.served_models)
        ]
        if note.spend is not None and made.spend is not None:
            stated += [
                (
                    f"the {name.replace('_', ' ')}",
                    getattr(note.spend, name),
                    getattr(made.spend, name),
                )
                for name in _TAKEN
            ]
        else:
            stated.append(("what was spent", note.spend, made.spend))
        usd = _usd(opened, note)
        if usd != _NOT_KNOWN and note.spend is not None:
            stated.append(("the cost in US dollars", note.spend.usd, usd))
        for what, ours, theirs in stated:
            if ours != theirs:
                yield opened.finding(
                    DRAFT,
                    "judge-differs",
                    "error",
                    f"{what} of the judge {note.spec}: {ours!s:.80} by the draft, {theirs!s:.80} "
                    "by the replies",
                    _RESTORE,
                    near='"judges"',
                )


def _usd(opened: Opened, note: JudgeNote) -> float | None:
    """The sum over the calls: None where a price was not known, below 0 where they don't tell."""
    replies = {
        call.question: call for call in opened.calls if call.judge == note.spec and call.reply
    }
    # What came from the journal was paid for by another run, which its call doesn't tell.
    here = [call for call in replies.values() if call.source == "judge"]
    if note.spend is None or not here or len(here) != note.spend.replies:
        return _NOT_KNOWN
    costs = [call.usd for call in here]
    return None if None in costs else round(sum(cost or 0.0 for cost in costs), 6)
