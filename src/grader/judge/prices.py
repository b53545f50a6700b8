"""What tokens cost: the table in the package, corrected by a file of the user's.

An unknown price is None and is told as unknown; it is never taken as nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, ValidationError, field_validator

from grader.errors import InputError
from grader.files.problems import first_problem
from grader.files.yaml import read_yaml
from grader.judge.reply import Usage
from grader.records import Record

T = TypeVar("T")

PER = 1_000_000
SHIPPED = Path(__file__).with_name("prices.yaml")

_DATED = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8})$")


class Price(Record):
    """US dollars for a million tokens of one model."""

    input: float = Field(ge=0, allow_inf_nan=False)
    cached_input: float | None = Field(
        None, ge=0, allow_inf_nan=False, description="None: cached tokens cost as any other."
    )
    output: float = Field(ge=0, allow_inf_nan=False)
    up_to: int | None = Field(None, ge=1, description="Holds for prompts of so many tokens.")
    read: str | None = Field(None, description="When the price was read, such as '2026-06'.")
    source: str | None = None

    @field_validator("read", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        return str(value) if value is not None else None

    def of(self, usage: Usage) -> float | None:
        """What these tokens cost. None: the server did not count, or the price does not hold."""
        prompt, written = usage.prompt_tokens, usage.completion_tokens
        if prompt is None or written is None or (self.up_to is not None and prompt > self.up_to):
            return None
        cached = min(usage.cached_tokens or 0, prompt)
        for_cached = self.input if self.cached_input is None else self.cached_input
        return ((prompt - cached) * self.input + cached * for_cached + written * self.output) / PER

    def at_most(self, prompt_bytes: int, limit: int) -> float | None:
        """A bound on what a request costs. None: the price does not hold for one so long.

        A token stands for at least one byte of the request, so its bytes bound its tokens; the
        reply, with its reasoning, is bounded by the limit that is sent along.
        """
        if self.up_to is not None and prompt_bytes > self.up_to:
            return None
        return (prompt_bytes * max(self.input, self.cached_input or 0) + limit * self.output) / PER


class End(Record):
    """When a model's provider stops serving it."""

    on: date
    instead: str | None = Field(None, description="The model that the provider names for it.")
    source: str | None = None


class PriceTable(Record):
    """Prices by model, as in `--judge`, and announced ends of models."""

    schema_version: Literal[1] = 1
    models: dict[str, Price] = Field(default_factory=dict)
    ends: dict[str, End] = Field(default_factory=dict)


class Prices:
    """The prices that hold in a run.

    Args:
        own: the user's table, which goes before the shipped one.
    """

    def __init__(self, own: PriceTable | None = None) -> None:
        self._own = own or PriceTable()

    def of(self, model: str, *, own_server: bool = False) -> Price | None:
        """The price of a model; None: not known. A dated name has the price of the plain one.

        Args:
            model: as in `--judge`.
            own_server: it is asked at another address than the provider's, where the shipped
                prices do not hold.
        """
        found = _look_up(self._own.models, model)
        return found or (None if own_server else _look_up(_shipped().models, model))

    def end_of(self, model: str, *, own_server: bool = False) -> End | None:
        """When a model ends, by announcement of its provider; None: nothing is known."""
        found = _look_up(self._own.ends, model)
        return found or (None if own_server else _look_up(_shipped().ends, model))


def read_prices(path: Path | None) -> Prices:
    """The shipped prices, corrected by a YAML file of the same form. Raises InputError."""
    return Prices(_read(path)) if path is not None else Prices()


def _look_up(table: Mapping[str, T], model: str) -> T | None:
    return table.get(model) or table.get(_DATED.sub("", model))


@cache
def _shipped() -> PriceTable:
    return _read(SHIPPED)


def _read(path: Path) -> PriceTable:
    try:
        return PriceTable.model_validate(read_yaml(path).data)
    except ValidationError as error:
        raise InputError(
            first_problem(error),
            place=path,
            mend="Write: models: {provider/model: {input: 1.00, cached_input: 0.10, "
            "output: 4.00}}, dollars for a million tokens.",
        ) from None
