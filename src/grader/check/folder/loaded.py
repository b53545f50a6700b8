"""A comparison's folder as the single checks see it: read once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.check.findings import Finding, Place, Severity
from grader.comparison.comparison import Comparison
from grader.judge.reply import Call


@dataclass(frozen=True)
class Opened:
    """A folder whose draft can be read."""

    path: Path
    draft: Comparison
    text: str
    """comparison.json as it lies there."""
    hash: str
    """sha256 of it."""
    calls: tuple[Call, ...]
    """Empty where there is no calls.jsonl or it can't be read."""

    def finding(
        self,
        file: str,
        code: str,
        severity: Severity,
        message: str,
        mend: str = "",
        quote: str | None = None,
        near: str | None = None,
        line: int | None = None,
    ) -> Finding:
        """A finding in a file of the folder.

        Args:
            file: the file's name.
            code: short and stable.
            severity: how bad it is.
            message: what was found.
            mend: what to do.
            quote: the words found.
            near: words by whose first appearance in comparison.json the line is told.
            line: where it is, if that is known.
        """
        if near is not None and (at := self.text.find(near)) >= 0:
            line = self.text.count("\n", 0, at) + 1
        return Finding(
            code=code,
            severity=severity,
            message=message,
            mend=mend,
            place=Place(file=str(self.path / file), line=line, quote=quote),
        )
