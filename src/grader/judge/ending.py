"""Failures that end a run, as errors for people: what the server said and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from grader.errors import JudgeError
from grader.judge.failures import Failure
from grader.judge.refusals import Meaning

KEPT = "Run the same command again {when}; replies so far are kept."

_ENDS: dict[Meaning, tuple[str, str]] = {
    "key_refused": ("refused the key", "Check the key that the server wants."),
    "no_credit": (
        "reports that the account has no credit",
        "Add credit, then run the same command again; replies so far are kept.",
    ),
    "no_such_model": (
        "does not know the model '{model}'",
        "Check the model's name, and that the address is right; it often ends in /v1.",
    ),
    "no_such_endpoint": (
        "has no chat completions at this address",
        "Check the address; it often ends in /v1.",
    ),
    "no_such_shape": ("has no structured output", "Choose a judge that can answer in JSON."),
    "unreachable": (
        "cannot be reached",
        "Check the address and the network, then run the same command again.",
    ),
    "redirected": (
        "redirects to another host",
        "Nothing was sent there. If that is the right server, name it with --base-url.",
    ),
}


@dataclass(frozen=True)
class Server:
    """What messages say about a server and what is asked of it."""

    address: str
    model: str
    key_variable: str | None

    def error(self, failure: Failure) -> JudgeError | None:
        """The error that ends the run; None: the failure ends one question only."""
        ends = _ENDS.get(failure.meaning)
        if ends is None:
            return None
        problem, mend = ends
        if failure.meaning == "key_refused" and self.key_variable:
            mend = (
                f"Check {self.key_variable} in the environment or in .env; it may be wrong, "
                "expired, or lack rights for this model."
            )
        return self._error(problem.format(model=self.model), failure, mend)

    def pause_too_long(self, failure: Failure) -> JudgeError:
        """The server asks for a longer pause than the run waits."""
        problem = f"asks for a pause of {failure.retry_after_s:.0f} s"
        return self._error(problem, failure, KEPT.format(when="after that"))

    def hanging(self, failure: Failure, count: int) -> JudgeError:
        """So many requests got no reply in time, with no reply between them."""
        problem = f"left {count} requests one after the other unanswered"
        mend = KEPT.format(when="when it works") + (
            " Where it answers one request at a time, use --concurrency 1 or a longer --timeout."
        )
        return self._error(problem, failure, mend)

    def failing(self, failure: Failure, count: int) -> JudgeError:
        """So many questions were given up, with no reply between them."""
        problem = f"failed on {count} questions one after the other"
        mend = "Run the same command again when it works; replies so far are kept, and only what "
        return self._error(problem, failure, mend + "has none is asked.")

    def _error(self, problem: str, failure: Failure, mend: str) -> JudgeError:
        return JudgeError(f"the server at {self.address} {problem} ({failure.message})", mend=mend)
