"""All kinds of question, in the order in which their answers stand in a comparison.

A package that brings a kind of its own calls `register` before it plans a comparison, and before
it reads, reviews or renders one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.comparison.kinds.contrast import ContrastKind
from grader.comparison.kinds.implications import ImplicationsKind
from grader.comparison.kinds.kind import Kind
from grader.comparison.kinds.narrative import NarrativeKind
from grader.comparison.kinds.probe import ProbeKind
from grader.comparison.kinds.signature import SignatureKind
from grader.comparison.kinds.text import TextKind
from grader.comparison.kinds.verdict import VerdictKind

if TYPE_CHECKING:
    from grader.comparison.plan import Plan
    from grader.questions.prompts import Prompt

_kinds: list[Kind[Any]] = [
    VerdictKind(),
    SignatureKind(),
    ContrastKind(),
    NarrativeKind(),
    ProbeKind(),
    ImplicationsKind(),
    TextKind(),
]


def kinds() -> tuple[Kind[Any], ...]:
    """All kinds, in their order."""
    return tuple(_kinds)


def register(kind: Kind[Any]) -> None:
    """Add a kind after the others. Raises ValueError where its id or a prompt id is taken."""
    taken = {each.id for each in _kinds} | {p for each in _kinds for p in each.prompts}
    if clash := taken & {kind.id, *kind.prompts}:
        raise ValueError(f"there is a kind or prompt {min(clash)!r} already")
    _kinds.append(kind)


def unregister(kind: Kind[Any]) -> None:
    """Take a registered kind away again."""
    _kinds.remove(kind)


def kinds_of(plan: Plan) -> tuple[Kind[Any], ...]:
    """The kinds that a plan asks."""
    return tuple(kind for kind in _kinds if kind.asked(plan) and plan.allows(kind))


def kind_of(id: str) -> Kind[Any] | None:
    """The kind of this id; None where there is none."""
    return next((kind for kind in _kinds if kind.id == id), None)


def kind_of_prompt(id: str) -> Kind[Any] | None:
    """The kind that uses a prompt; None where none does."""
    return next((kind for kind in _kinds if id in kind.prompts), None)


def prompt_of(id: str) -> Prompt:
    """The prompt of this id. Raises InputError as `read_prompt`."""
    from grader.questions.prompts import read_prompt

    kind = kind_of_prompt(id)
    return read_prompt(id, kind.prompt_folder if kind else None)
