"""The tree of errors. Each names the place and the mend, and carries the exit code.

    GraderError
    |-- InputError            2   a file, option or record is not usable
    |   `-- RecordError       2   a saved record is of a newer version or was changed
    |-- JudgeError            3   the judge or the network failed for the whole run
    |-- BudgetExhausted       3   the budget does not reach for one verdict
    |-- WaitingForAnswers    75   questions are written out; replies are awaited
    |-- Interrupted         130   Ctrl-C
    `-- StorageError          2   a file could not be written

A user's mistake is never shown as a traceback: the command line prints `str(error)`.
"""

from __future__ import annotations

from pathlib import Path

EXIT_DONE = 0
EXIT_FINDINGS = 1
EXIT_INPUT = 2
EXIT_JUDGE = 3
EXIT_WAITING = 75
EXIT_INTERRUPTED = 130


class GraderError(Exception):
    """Something the user can mend. `str()` gives the whole message.

    Args:
        problem: what was found and what was expected, in one sentence.
        mend: what to do about it, in one sentence.
        place: where: a path, `path:line`, or a field.
    """

    exit_code = EXIT_INPUT

    def __init__(self, problem: str, *, mend: str = "", place: str | Path | None = None) -> None:
        self.problem = problem
        self.mend = mend
        self.place = str(place) if place is not None else None
        super().__init__(problem)

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        mend = f"\n  {self.mend}" if self.mend else ""
        return f"{where}{self.problem}{mend}"


class InputError(GraderError):
    """A file, option or record that cannot be used as it is."""


class RecordError(InputError):
    """A saved record that this version cannot read, or that was changed by hand."""


class StorageError(GraderError):
    """A file that could not be written: full disk, missing rights."""


class JudgeError(GraderError):
    """The judge cannot be used at all: no key, wrong key, unknown model, unreachable."""

    exit_code = EXIT_JUDGE


class BudgetExhausted(GraderError):
    """The budget was spent before one verdict could be asked."""

    exit_code = EXIT_JUDGE


class WaitingForAnswers(GraderError):
    """Questions were written out and their replies are not there yet."""

    exit_code = EXIT_WAITING


class Interrupted(GraderError):
    """Ctrl-C: what came is kept, nothing is half-written."""

    exit_code = EXIT_INTERRUPTED
