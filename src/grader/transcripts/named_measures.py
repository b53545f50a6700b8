"""Measures that a study names itself: a regular expression or a list of words to count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from grader.records import Record

_MOST_CHARACTERS = 1_000
_NESTED = re.compile(r"[+*}]\??\)[+*{]")
"""A repeated group that ends in a repetition, as in '(a+)+': it may take forever to fail."""


class NamedMeasure(Record):
    """One count over a deliverable: the matches of a pattern, or the occurrences of words."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    pattern: str | None = Field(None, description="A regular expression; upper and lower case.")
    words: tuple[str, ...] = Field((), description="Words or phrases; upper and lower case alike.")

    @model_validator(mode="after")
    def _countable(self) -> NamedMeasure:
        if (self.pattern is None) == (not self.words):
            raise ValueError("give either 'pattern' or 'words'")
        if any(not word.strip() for word in self.words):
            raise ValueError("a word may not be empty")
        if self.pattern is not None:
            if len(self.pattern) > _MOST_CHARACTERS:
                raise ValueError(f"a pattern has at most {_MOST_CHARACTERS} characters")
            if _NESTED.search(self.pattern):
                raise ValueError(
                    "a repetition inside a repeated group may never end; write it flat"
                )
            try:
                matches_nothing = re.compile(self.pattern).match("") is not None
            except (re.error, RecursionError, OverflowError) as error:
                raise ValueError(f"not a regular expression: {error}") from None
            if matches_nothing:
                raise ValueError("the pattern matches the empty text, so it counts nothing")
        return self

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        if self.pattern is not None:
            return re.compile(self.pattern, re.MULTILINE)
        longest_first = sorted(self.words, key=len, reverse=True)
        words = "|".join(r"\s+".join(map(re.escape, word.split())) for word in longest_first)
        return re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)

    def count(self, texts: Sequence[str]) -> int:
        """How often it occurs in the texts of a deliverable's turns."""
        return sum(1 for text in texts for _ in self._compiled.finditer(text))


def measure_named(texts: Sequence[str], measures: Iterable[NamedMeasure]) -> dict[str, int]:
    """Counts by the measures' ids."""
    return {measure.id: measure.count(texts) for measure in measures}
