"""A rubric by question and answer. Asking and saying are handed in; nothing is read or printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from slugify import slugify

from grader.rubric.criteria import Criterion, Rubric, Signature
from grader.rubric.scale import THREE_LEVELS, Level, Scale, level_name

Ask = Callable[[str], str]
Say = Callable[[str], None]


def ask_rubric(
    ask: Ask,
    say: Say,
    name: str,
    *,
    levels: tuple[Level, ...] = THREE_LEVELS,
    not_applicable: bool = False,
) -> Rubric:
    """Ask for everything a rubric needs.

    Args:
        ask: shows a prompt and gives the answer, without its line end.
        say: shows a line.
        name: what the file is called; suggested as the id.
        levels: of each criterion, lowest first.
        not_applicable: whether to ask for each criterion when its situation does not arise.
    """
    say("A rubric is written before the treatment is read. Ctrl-C leaves without writing.\n")
    id = _id(ask, say, "id", slugify(name, max_length=80) or "rubric")
    title = _needed(ask, say, "title:")
    task = ask("the task in short (empty: none):")
    sources = _list(ask, "id of a control it is derived from (empty: no more):")
    criteria: list[Criterion] = []
    while True:
        say(f"\nCriterion {len(criteria) + 1}")
        taken = {c.id for c in criteria}
        criteria.append(_criterion(ask, say, taken, levels, not_applicable))
        if not _yes(ask("another criterion? [y/N]")):
            break
    signatures: list[Signature] = []
    while _yes(
        ask("another signature? [y/N]" if signatures else "a habitual posture to watch for? [y/N]")
    ):
        signatures.append(_signature(ask, say, {s.id for s in signatures}))
    return Rubric(
        id=id,
        version=1,
        title=title,
        task=task or None,
        derived_from=tuple(sources),
        criteria=tuple(criteria),
        signatures=tuple(signatures),
    )


def _criterion(
    ask: Ask, say: Say, taken: set[str], levels: tuple[Level, ...], not_applicable: bool
) -> Criterion:
    title = _needed(ask, say, "title:")
    id = _id(ask, say, "id", _free(slugify(title, max_length=60) or "criterion", taken), taken)
    say("One question about one transcript alone. Comparing is the program's work.")
    question = _needed(ask, say, "question:")
    definitions = {name: _needed(ask, say, prompt) for name, prompt in _level_prompts(levels)}
    beside = ask(_BESIDE) if not_applicable else ""
    look_for = _list(ask, "a sign to look for (empty: no more):")
    why = ask("why, for people only (empty: none):")
    hypothesis = ask("the hypothesis it tests, such as H2 (empty: none):")
    direction: Any = None
    while True:
        direction = ask("shift expected under the treatment: up, down, same (empty: none):") or None
        if direction in (None, "up", "down", "same"):
            break
        say("Write up, down or same, or leave it empty.")
    return Criterion(
        id=id,
        title=title,
        question=question,
        why=why or None,
        hypothesis=hypothesis or None,
        direction=direction,
        levels=Scale(definitions),
        not_applicable=beside or None,
        look_for=tuple(look_for),
    )


_BESIDE = "not applicable: when does the situation not arise (empty: it always does)?"


def _level_prompts(levels: tuple[Level, ...]) -> list[tuple[Level, str]]:
    """Each level with what is asked for it, highest first."""
    lowest, *between, highest = levels
    middle = (
        "for instance 'Exactly one of (a) and (b) holds.'?"
        if len(between) == 1
        else "which of the conditions hold?"
    )
    wanted = [
        (highest, "what must stand in a transcript, as conditions (a), (b)?"),
        *((level, middle) for level in reversed(between)),
        (lowest, "for instance 'Neither holds.'?"),
    ]
    return [(level, f"{level_name(level)}: {prompt}") for level, prompt in wanted]


def _signature(ask: Ask, say: Say, taken: set[str]) -> Signature:
    title = _needed(ask, say, "title of the posture:")
    id = _id(ask, say, "id", _free(slugify(title, max_length=60) or "signature", taken), taken)
    description = _needed(ask, say, "what the posture is:")
    markers = _list(ask, "a textual sign of it (empty: no more):")
    while not markers:
        say("A posture needs one sign at least.")
        markers = _list(ask, "a textual sign of it (empty: no more):")
    return Signature(id=id, title=title, description=description, markers=tuple(markers))


def _needed(ask: Ask, say: Say, prompt: str) -> str:
    while not (answer := ask(prompt)):
        say("This may not be empty.")
    return answer


def _id(ask: Ask, say: Say, prompt: str, suggested: str, taken: set[str] | None = None) -> str:
    while True:
        answer = ask(f"{prompt} [{suggested}]:") or suggested
        if answer in (taken or ()):
            say(f"{answer} is taken.")
            continue
        try:
            Signature(id=answer, title="x", description="x", markers=("x",))
        except ValidationError:
            say("An id is small letters, digits and single hyphens, such as harm-and-repair.")
            continue
        return answer


def _free(id: str, taken: set[str]) -> str:
    number = 2
    free = id
    while free in taken:
        free, number = f"{id}-{number}", number + 1
    return free


def _list(ask: Ask, prompt: str) -> list[str]:
    found: list[str] = []
    while answer := ask(prompt):
        found.append(answer)
    return found


def _yes(answer: str) -> bool:
    return answer.strip().lower() in ("y", "yes")
