"""Every command of a review: its key, words, what it needs and asks for, and what it does.

The plain review, the terminal app and the pages take keys, buttons, help and forms from this table,
so a key means the same everywhere. A command without `run` only changes what is in view, which each
surface does in its own way; `not_on` says where there is no such command, and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from grader.review import actions
from grader.review.events import Clock, Content, utc_now
from grader.review.folder import ReviewFolder
from grader.review.forms import Ask, choice, content_of
from grader.review.item_view import ItemView
from grader.text.quotation import Evidence

Surface = Literal["plain", "terminal", "web"]
SURFACES: tuple[Surface, ...] = ("plain", "terminal", "web")


@dataclass(frozen=True)
class Command:
    """One thing that a reviewer can do."""

    id: str
    key: str
    """One key; '1' stands for the number keys."""
    label: str
    """On buttons and in footers."""
    help: str
    needs: Callable[[ItemView], bool] = lambda shown: True
    """Whether it makes sense for an item as it is now. The rules themselves are in `actions`."""
    asks: tuple[Ask, ...] = ()
    """What it asks for."""
    confirm: str = ""
    """A question to answer with yes before it is done."""
    run: Callable[..., object] | None = None
    """What records it: folder, reviewer, item, then what it asks for."""
    done: str = ""
    """What is said when it is done."""
    stays: bool = False
    """Whether the item stays in view."""
    on_item: bool = True
    """Whether it is about one item."""
    in_footer: bool = True
    """Whether the line of keys below an item names it; the help names all."""
    main: bool = False
    """Whether it is what most will do here."""
    not_on: Mapping[Surface, str] = field(default_factory=dict)
    """Surfaces without it, and why."""


def _open(shown: ItemView) -> bool:
    return not shown.ended and not shown.adjudicated


def _visible(shown: ItemView) -> bool:
    return _open(shown) and not shown.hidden


def _may_accept(shown: ItemView) -> bool:
    return _visible(shown) and shown.missing is None and shown.judge is not None


def _may_keep(shown: ItemView) -> bool:
    return _visible(shown) and shown.own is not None


def _may_choose(shown: ItemView) -> bool:
    return _open(shown) and choice(shown) is not None


def _may_quote(shown: ItemView) -> bool:
    return _open(shown) and shown.quotable


def _may_reopen(shown: ItemView) -> bool:
    return not shown.ended and (shown.adjudicated or shown.decision.state != "undecided")


_DECIDING = (
    Command("accept", "a", "accept", "accept what the judge says", _may_accept,
            run=actions.accept_card, done="Saved: accepted.", main=True),
    Command("reject", "r", "reject", "reject: nothing of it counts; the reason follows at the end",
            _visible, run=actions.reject, done="Saved: rejected."),
    Command("edit", "e", "edit", "edit: level and rationale, presences and note, or words",
            _visible, asks=("content", "why"), run=actions.edit, done="Saved: edited."),
    Command("choose", "1", "own level", "your own level or side: where the judge's is hidden, it "
            "is shown then; else this decides", _may_choose, asks=("choice",), run=actions.choose,
            done="Saved."),
    Command("defer", "d", "later", "put the item behind the others", _open,
            run=actions.defer, done="Later, then."),
    Command("comment", "c", "comment", "comment, without deciding", lambda shown: not shown.ended,
            asks=("comment",), run=actions.comment, done="Saved: comment.", stays=True),
    Command("reopen", "o", "reopen", "take back your decision, or what was settled", _may_reopen,
            run=actions.reopen, done="Reopened.", stays=True),
    Command("undo", "u", "undo", "undo your last action", lambda shown: not shown.ended,
            run=actions.undo, done="Undone.", on_item=False),
    Command("accept-quiet", "A", "accept all", "accept all that you opened and that need no "
            "attention", lambda shown: not shown.ended, confirm="Accept all that you opened and "
            "that need no attention?", run=actions.accept_quiet, done="Saved: accepted.",
            on_item=False, in_footer=False),
)  # fmt: skip
_BLIND_FIRST = (
    Command("own", "e", "your own", "give your own with its reason or quotations, before the "
            "judge's is shown", lambda shown: _open(shown) and shown.hidden, asks=("content",),
            run=actions.give_own, done="Your own is saved.", stays=True),
    Command("keep", "k", "keep mine", "keep your own; the reason follows at the end", _may_keep,
            run=actions.keep_card, done="Saved: your own is kept."),
)  # fmt: skip
_QUOTING = (
    Command("quotation", "n", "next quotation", "the next quotation",
            not_on={"plain": "all quotations are printed with the item"}),
    Command("quotation-before", "N", "quotation before", "the quotation before", in_footer=False,
            not_on={"plain": "all quotations are printed with the item",
                    "web": "each quotation is a link to its place"}),
    Command("quote", "s", "quote", "select words of the text to quote them", _may_quote,
            not_on={"plain": "an edit asks for quotations"}),
    Command("unquote", "x", "unquote", "take the current quotation out", _may_quote,
            not_on={"plain": "a line-by-line edit keeps the quotations",
                    "web": "the form lists the quotations to keep"}),
)  # fmt: skip
_LOOKING = (
    Command("other", "t", "other text", "the other transcript", on_item=False),
    Command("whole", "w", "whole text", "the whole text of this transcript", on_item=False,
            not_on={"terminal": "the text is in view", "web": "both texts are in view"}),
    Command("source", "z", "as written", "the texts as they were written, or as they are read",
            on_item=False, in_footer=False, not_on={"plain": "the text is printed as it was "
            "written"}),
    Command("task", "p", "task", "the task that the model was given", on_item=False),
    Command("back", "b", "back", "the item before, decided or not", on_item=False),
    Command("forward", "f", "forward", "the item after, decided or not", on_item=False),
    Command("reasons", "y", "reasons", "say why, where you decided otherwise than the judge",
            on_item=False, in_footer=False),
    Command("list", "l", "list", "all items with their state", on_item=False),
    Command("settle", "m", "settle", "settle what reviewers decided differently", on_item=False,
            in_footer=False),
    Command("quit", "q", "quit", "leave; everything decided is saved", on_item=False,
            not_on={"web": "a page is closed with its window"}),
    Command("help", "?", "help", "what each key does", on_item=False),
)  # fmt: skip

GROUPS: tuple[tuple[str, tuple[Command, ...]], ...] = (
    ("Deciding", _DECIDING),
    ("Blind-first", _BLIND_FIRST),
    ("Quoting", _QUOTING),
    ("Looking", _LOOKING),
)
COMMANDS: dict[str, Command] = {each.id: each for _, group in GROUPS for each in group}


def commands_on(surface: Surface) -> tuple[Command, ...]:
    """The commands of a surface."""
    return tuple(each for each in COMMANDS.values() if surface not in each.not_on)


def fitting(surface: Surface, shown: ItemView) -> tuple[Command, ...]:
    """The commands of a surface that make sense for an item as it is now."""
    return tuple(each for each in commands_on(surface) if each.needs(shown))


def command_of(surface: Surface, key: str, shown: ItemView | None = None) -> Command | None:
    """What a key, or a command's whole word, means; None: nothing.

    Args:
        surface: where it was typed.
        key: the key, or the id or label of a command.
        shown: the item, since two commands that never fit at once may share a key.
    """
    found = [each for each in commands_on(surface) if key in (each.key, each.id, each.label)]
    fit = [each for each in found if shown is not None and each.needs(shown)]
    return next(iter(fit or found), None)


@dataclass(frozen=True)
class Answers:
    """What a reviewer gave for a command."""

    values: Mapping[str, str] = field(default_factory=dict)
    """By the name of the input."""
    evidence: tuple[Evidence, ...] = ()
    """Quotations of the content."""


def perform(
    command: Command,
    folder: ReviewFolder,
    reviewer: str,
    shown: ItemView,
    answers: Answers = Answers(),
    *,
    last: int | None = None,
    clock: Clock = utc_now,
) -> None:
    """Record what a command does with an item.

    Args:
        command: one with `run`.
        folder: the comparison.
        reviewer: who acts.
        shown: the item.
        answers: what the command asked for.
        last: the number of the last event that the reviewer had in sight.
        clock: gives the time.

    Raises:
        InputError: the rules of the review forbid it, or an answer is none of the options.
        ItemChanged: the item has changed since `last`.
    """
    assert command.run is not None
    given: list[Content | str] = []
    for ask in command.asks:
        if ask in ("content", "choice"):
            given.append(content_of(shown, answers.values, answers.evidence))
        else:
            given.append(answers.values.get("comment" if ask == "comment" else "reason", ""))
    item: tuple[Any, ...] = (shown.id,) if command.on_item else ()
    command.run(folder, reviewer, *item, *given, last=last, clock=clock)


def goes_on(command: Command, after: ItemView) -> bool:
    """Whether the next item comes in view when a command is done.

    Args:
        command: what was done.
        after: the item as it is then.
    """
    if command.id in ("own", "choose") and after.decision.state == "undecided":
        return after.hidden  # the rest of its card is to be given before the judge's is shown
    return not command.stays


def help_lines(surface: Surface) -> Iterable[tuple[str, tuple[tuple[str, str], ...]]]:
    """The commands of a surface by group: key and help."""
    for title, group in GROUPS:
        lines = tuple((_key_words(each), each.help) for each in group if surface not in each.not_on)
        yield title, lines


def _key_words(command: Command) -> str:
    return "1-9" if command.id == "choose" else command.key


def label_of(command: Command, shown: ItemView) -> str:
    """The label as it is shown: what decides a card says so, and what is chosen by number."""
    all_parts = shown.decision.state == "undecided" or shown.kind == "signature"
    if command.id in ("accept", "keep") and shown.card_title and all_parts:
        return f"{command.label} (all parts)"
    asked = choice(shown) if command.id == "choose" else None
    return asked.label.lower() if asked else command.label


def key_words(command: Command, shown: ItemView | None = None) -> str:
    """The key as it is shown: '1-3' for the numbers of an item's options."""
    if command.id != "choose" or shown is None:
        return _key_words(command)
    asked = choice(shown)
    return f"1-{len(asked.options)}" if asked else "1"
