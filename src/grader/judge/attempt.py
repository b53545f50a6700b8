"""The record of one attempt, made the same way for every judge."""

from __future__ import annotations

from grader.judge.completion import now
from grader.judge.form import RequestForm
from grader.judge.judge import Judge, Request
from grader.judge.parsing import ParsedReply
from grader.judge.reply import Call, Source


def call_of(
    judge: Judge,
    request: Request,
    source: Source,
    *,
    parsed: ParsedReply | None = None,
    attempt: int = 1,
    sent: str | None = None,
    form: RequestForm | None = None,
    http_status: int | None = None,
    error: str | None = None,
    retry_after_s: float | None = None,
    usd: float | None = None,
    usd_at_most: float | None = None,
) -> Call:
    """A line for `calls.jsonl`. Without a reply the outcome is `api_error`."""
    question = request.question
    return Call(
        question=request.hash,
        kind=question.kind,
        label=question.label,
        prompt=question.prompt,
        judge=judge.spec,
        model=request.model,
        parameters=dict(request.parameters),
        source=source,
        attempt=attempt,
        sent=sent,
        shape=form.shape if form else None,
        left_out=form.left_out if form else None,
        outcome=parsed.outcome if parsed else "api_error",
        http_status=http_status,
        error=error,
        retry_after_s=retry_after_s,
        reply=parsed.reply if parsed else None,
        server=judge.server,
        usd=usd,
        usd_at_most=usd_at_most,
        at=now(),
    )
