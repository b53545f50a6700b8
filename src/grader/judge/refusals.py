"""The table of what errors of servers mean: the shipped one, and rules of the user's own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator

from grader.errors import InputError
from grader.files.yaml import read_yaml
from grader.records import Record

Refused = Literal[
    "no_max_tokens",
    "no_max_completion_tokens",
    "no_temperature",
    "no_seed",
    "no_reasoning_effort",
    "no_additional_properties",
    "no_strict",
    "no_tool_choice",
    "no_such_shape",
]
"""A part of a request that a server does not take; it is left out from then on."""

Meaning = (
    Literal[
        "retry",
        "unreachable",
        "redirected",
        "give_up",
        "context_too_long",
        "filtered",
        "key_refused",
        "no_credit",
        "no_such_model",
        "no_such_endpoint",
    ]
    | Refused
)

SHIPPED = Path(__file__).with_name("refusals.yaml")


class Rule(Record):
    """One line of the table: it fits where everything that it names fits."""

    meaning: Meaning
    status: tuple[int, ...] = Field((), description="HTTP statuses; empty: any.")
    code: str | None = Field(None, description="Matched whole, as type and param are.")
    type: str | None = None
    param: str | None = None
    words: str | None = Field(None, description="Found anywhere in what the server says.")

    @field_validator("code", "type", "param", "words")
    @classmethod
    def _is_pattern(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                re.compile(value)
            except re.error as error:
                raise ValueError(f"not a regular expression: {error}") from None
        return value


class RuleTable(Record):
    """A file of rules."""

    schema_version: Literal[1] = 1
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class CompiledRule:
    """A rule, ready to be used."""

    rule: Rule
    code: re.Pattern[str] | None
    type: re.Pattern[str] | None
    param: re.Pattern[str] | None
    words: re.Pattern[str] | None

    @property
    def meaning(self) -> Meaning:
        """What an error means that fits."""
        return self.rule.meaning

    def fits(
        self,
        status: int,
        codes: Sequence[str],
        types: Sequence[str],
        params: Sequence[str],
        words: str,
    ) -> bool:
        """Whether an error fits."""
        return (
            (not self.rule.status or status in self.rule.status)
            and _matches(self.code, codes)
            # Servers mix them up: a code may stand under `type`.
            and _matches(self.type, [*types, *codes])
            and _matches(self.param, params)
            and (self.words is None or self.words.search(words) is not None)
        )


Rules = tuple[CompiledRule, ...]


def read_rules(path: Path | None) -> Rules:
    """The shipped rules, after those of a file of the user's. Raises InputError."""
    return (*_read(path), *shipped_rules()) if path is not None else shipped_rules()


@cache
def shipped_rules() -> Rules:
    """The rules in the package."""
    return _read(SHIPPED)


def _read(path: Path) -> Rules:
    try:
        table = RuleTable.model_validate(read_yaml(path).data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise InputError(
            f"{'.'.join(map(str, first['loc']))}: {first['msg']}",
            place=path,
            mend="Write: rules: [{meaning: no_seed, status: [400], words: 'seed is not known'}]; "
            "see docs/judges.md.",
        ) from None
    return tuple(
        CompiledRule(
            rule,
            code=_compiled(rule.code),
            type=_compiled(rule.type),
            param=_compiled(rule.param),
            words=_compiled(rule.words),
        )
        for rule in table.rules
    )


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    return re.compile(pattern, re.IGNORECASE) if pattern is not None else None


def _matches(pattern: re.Pattern[str] | None, values: Sequence[str]) -> bool:
    return pattern is None or any(pattern.fullmatch(value) for value in values)
