"""What differs between the two transcripts of a pair beyond the treatment that they declare.

Every finding is a fact about the two sources. A confound offers another explanation of a
difference than the treatment does; a note says what can't be known. Nothing is refused here.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from grader.records import Record
from grader.transcripts.contradictions import day
from grader.transcripts.documents import documents
from grader.transcripts.stop_reasons import MEANINGS
from grader.transcripts.task import same_words
from grader.transcripts.transcript import Transcript, Turn, deliverable

DAYS_APART = 7
"""Sessions further apart than this may have met different versions behind one model name."""

_PRIMED = frozenset({"P", "F+P"})
_FACILITATED = frozenset({"F", "F+P"})
_FORMATS_WITHOUT_MARKUP = frozenset({"archive-page", "archive-html"})
_TOLD = frozenset(
    {
        "end_uncertain",
        "turns_after_end",
        "unknown_speaker",
        "preamble_missing",
        "preamble_unexpected",
        "preamble_not_found",
        "preamble_not_first",
        "preamble_in_reply",
        "context_mode_differs",
        "certification_differs",
        "task_turn_guessed",
        "task_turn_unknown",
        "prompt_not_in_transcript",
        "words_differ",
        "sample_failed",
        "sample_limited",
        "branches_left_out",
        "attachment_left_out",
        "side_chain_left_out",
        "no_last_reply",
        "cut_off",
    }
)
"""Warnings of the readers that bear on what a comparison may conclude."""

_NOT_WHOLE = frozenset({"sample_failed", "sample_limited", "cut_off"})
"""Those by which a side may be shorter than its model meant it: another explanation."""


class PairFinding(Record):
    """One way in which the two differ, or something that can't be known of them."""

    code: str = Field(description="Short, stable: 'task_differs', 'dates_apart'.")
    kind: Literal["confound", "note"]
    message: str = Field(description="One or two sentences for a reader of the writeup.")
    control: str | None = Field(None, description="What the control says. None: nothing.")
    treatment: str | None = None


def check_pair(control: Transcript, treatment: Transcript) -> tuple[PairFinding, ...]:
    """Everything that differs beyond the declared treatment, the weightiest first."""
    return tuple(
        finding
        for check in (
            _same_session,
            _conditions,
            _task,
            _task_in_turn,
            _preambles,
            _system_prompt,
            _model,
            _parameters,
            _mode,
            _dates,
            _clean_context,
            _markup,
            _tools,
            _endings,
            _chosen_turns,
            _documents,
            _reading,
        )
        for finding in check(control, treatment)
    )


def _confound(
    code: str, message: str, control: object = None, treatment: object = None
) -> PairFinding:
    return PairFinding(
        code=code,
        kind="confound",
        message=message,
        control=None if control is None else str(control),
        treatment=None if treatment is None else str(treatment),
    )


def _note(code: str, message: str, control: object = None, treatment: object = None) -> PairFinding:
    return _confound(code, message, control, treatment).model_copy(update={"kind": "note"})


def _same_session(control: Transcript, treatment: Transcript) -> Iterator[PairFinding]:
    ours, theirs = control.provenance, treatment.provenance
    if ours.sha256 == theirs.sha256 and control.id == treatment.id:
        yield _confound("same_session", "Both sides come from the same file.", ours.source)
    elif ours.session_code and ours.session_code == theirs.session_code:
        yield _confound(
            "same_session",
            f"Both sides bear the session code {ours.session_code}.",
            ours.source,
            theirs.source,
        )
    elif ours.session_number is not None and ours.session_number == theirs.session_number:
        yield _confound(
            "same_number",
            f"Both sides bear the session number {ours.session_number}.",
            ours.source,
            theirs.source,
        )


def _conditions(control: Transcript, treatment: Transcript) -> Iterator[PairFinding]:
    ours, theirs = control.condition, treatment.condition
    if ours is None or theirs is None:
        yield _note(
            "condition_unknown",
            "Not both sides state their condition, so what the treatment is can't be checked.",
            ours,
            theirs,
        )
    elif ours == theirs:
        yield _note("same_condition", f"Both sides state the condition {ours}.", ours, theirs)
    elif theirs == "C":
        yield _note(
            "sides_swapped",
            "The side given as treatment states the condition C; are the two the right way round?",
            ours,
            theirs,
        )


def _task(control: Transcript, treatment: Transcript) -> Iterator[PairFinding]:
    ours, theirs = control.task_prompt, treatment.task_prompt
    for side, prompt in (("control", ours), ("treatment", theirs)):
        if prompt is None:
            yield _note("task_unknown", f"The {side} does not tell its task prompt.")
    if ours is not None and theirs is not None and not same_words(ours, theirs):
        yield _confound(
            "task_differs",
            f"The task prompts differ: {differences(ours, theirs)}.",
            ours,
            theirs,
        )


def _task_in_turn(control: Transcript, treatment: Transcript) -> Iterator[PairFinding]:
    for side, transcript in (("control", control), ("treatment", treatment)):
        if transcript.task_prompt is None:
            continue
        if transcript.task_turn is None:
            yield _note(
                "prompt_not_in_transcript",
                f"The task prompt stands in no turn of the {side}, so all of its model's turns "
                "are judged.",
            )
            continue
        turn = _turn(transcript, transcript.task_turn)
        if turn is not None and not same_words(turn.text, transcript.task_prompt):
            yield _confound(
                "prompt_framed",
                f"In the {side} the turn that carries the task prompt says more than the prompt.",
                **{side: turn.text},
            )


def _preambles(control: Transcript, treatment: Transcript) -> Iterator[PairFinding]:
    ours, theirs = control.preamble, treatment.preamble
    if control.condition not in _PRIMED and control.condition is not None and ours is not None:
        yield _confound(
            "preamble_unexpected",
            f"The control states the condition {control.condition} and yet has a preamble.",
            ours,
        )
    if treatment.condition in _PRIMED and theirs is None:
        yield _confound(
            "preamble_missing",
            f"The treatment states the condition {treatment.condition} and has no preamble.",
        )
    if ours is not None and theirs is not None and not same_words(ours, theirs):
        yield _confound(
            "preamble_differs",
            f"Both sides have a preamble, and they differ: {differences(ours, theirs)}.",
            ours,
            theirs,
        )
    declared = {control.condition, treatment.condition} & _PRIMED
    if (
        (ours is None) != (theirs is None)
        and not declared
        and control.condition
        in (
            None,
            treatment.condition,
        )
    ):
        yield _confound("preamble_on_one_side", "Only one side has a preamble.", ours, theirs)


def _system_prompt(control: Transcript, treatment: Transcript) -> Iterator[PairFinding]:
    ours, theirs = control.system_prompt, treatment.system_prompt
    if ours is None and theirs is None:
        return
    if ours is None or theirs is None:
        yield _confound(
            "system_prompt_differs", "Only one side states a system prompt.", ours, theirs
        )
    elif not same_words(ours, theirs):
        yield _confound(
            "system_prompt_differs",
            f"The system prompts differ: {differences(ours, theirs)}.",
            ours,
            theirs,
        )


def _model(control: Transcript, treatment: Transcript) -> Iterator[PairFinding]:
    for name, ours, theirs in (
        ("model", control.model.name, treatment.model.name),
        ("model version", control.model.version, treatment.model.version),
        ("provider", control.model.provider, treatment.model.provider),
    ):
        if ours is not None and theirs is not None and ours.lower() != theirs.lower():
            yield _confound(
                f"{name.replace(' ', '_')}_differs",
                f"The {name} differs: {_quoted(ours)} and {_quoted(theirs)}.",
                ours,
                theirs,
            )
        elif name != "provider" and (ours is None) != (theirs is None):
            yield _note(
                f"{name.replace(' ', '_')}_unknown",
                f"Only one side states its {name}.",
                ours,
                theirs,
            )
    if control.model.version is None and treatment.model.version is None:
        yield _note(
            "model_version_unknown", "Neither side states the version of its model; it may differ."
        )
    for side, transcript in (("control", control), ("treatment", treatment)):
        names = [model.version or model.name or "unnamed" for model in transcript.models]
        if names:
            yield _confound(
                "several_models",
                f"In the {side} several models speak: {', '.join(names)}.",
                **{side: ", ".join(names)},
            )


def _parameters(control: Transcript, treatment: Transcript) -> Iterator[PairFinding]:
    for name, ours, theirs in (
        ("temperature", control.model.temperature, treatment.model.temperature),
        ("top-p", control.model.top_p, treatment.model.top_p),
        ("token limit", control.model.max_tokens, treatment.model.max_tokens),
    ):
        code = name.replace(" ", "_").replace("-", "_")
        if ours is not None and theirs is not None and ours != theirs:
            yield _confound(
                f"{code}_differs", f"The {name} differs: {ours} and {theirs}.", ours, theirs
            )
        elif (ours is None) != (theirs is None):
            yield _note(f"{code}_unknown", f"Only one side states its {name}.", ours, theirs)


def _mode(control: Transcript, treatment: Transcript) -> Iterator[PairFinding]:
    if {control.condition, treatment.condition} & _FACILITATED:
        return  # A live opening is the treatment; mode and rounds follow from it.
    ours, theirs = control.provenance.mode, treatment.provenance.mode
    if ours and theirs and ours.lower() != theirs.lower():
        yield _confound(
            "mode_differs",
            f"The mode differs: {_quoted(ours)} and {_quoted(theirs)}.",
            ours,
            theirs,
        )
    rounds = [_rounds(transcript) for transcript in (control, treatment)]
    if rounds[0] != rounds[1]:
        yield _confound(
            "rounds_differ",
            f"From the task on, the control has {rounds[0]} and the treatment {rounds[1]} turns "
            "of the human.",
            *rounds,
        )


def _rounds(transcript: Transcript) -> int:
    first = transcript.task_turn or 1
    return sum(1 for turn in transcript.turns if turn.role == "human" and turn.number >= first)


def _dates(control: Transcript, treatment: Transcript) -> Iterator[PairFinding]:
    ours, theirs = day(control.date), day(treatment.date)
    if ours is None or theirs is None:
        if control.date or treatment.date:
            yield _note(
                "date_unknown",
                "How far apart the sessions are can't be told from their dates.",
                control.date,
                treatment.date,
            )
        return
    days = abs((theirs - ours).days)
    if days > DAYS_APART:
        yield _confound(
            "dates_apart",
            f"The sessions are {days} days apart; the model behind the name may have changed.",
            control.date,
            treatment.date,
        )


def _clean_context(control: Transcript, treatment: Transcript) -> Iterator[PairFinding]:
    ours, theirs = control.provenance.clean_context, treatment.provenance.clean_context
    if (ours or theirs) and (ours or "").strip().lower() != (theirs or "").strip().lower():
        yield _confound(
            "clean_context_differs",
            f"Clean context: control {_quoted(ours)}, treatment {_quoted(theirs)}.",
            ours,
            theirs,
        )
    for name in ("Prior Transcripts", "Mid-Session Injections", "Separation Log: Contained"):
        one, other = (t.provenance.stated.get(name) for t in (control, treatment))
        if one and other and not same_words(one, other):
            yield _confound(
                "clean_context_differs",
                f"{name}: control {_quoted(one)}, treatment {_quoted(other)}.",
                one,
                other,
            )


def _markup(control: Transcript, treatment: Transcript) -> Iterator[PairFinding]:
    ours, theirs = control.provenance.format, treatment.provenance.format
    if (ours in _FORMATS_WITHOUT_MARKUP) != (theirs in _FORMATS_WITHOUT_MARKUP):
        yield _confound(
            "markup_differs",
            f"One side comes from a page that has lost its markup, the other does not ({ours} and "
            f"{theirs}): headings, lists and tables look and count differently.",
            ours,
            theirs,
        )


def _tools(control: Transcript, treatment: Transcript) -> Iterator[PairFinding]:
    used = [
        ", ".join(sorted({call.name for turn in t.turns for call in turn.calls}))
        for t in (control, treatment)
    ]
    if used[0] != used[1]:
        yield _confound(
            "tools_differ",
            f"The tools used differ: {used[0] or 'none'} and {used[1] or 'none'}.",
            used[0] or None,
            used[1] or None,
        )


def _endings(control: Transcript, treatment: Transcript) -> Iterator[PairFinding]:
    """Judged replies that are not whole, or hold nothing."""
    for side, transcript in (("control", control), ("treatment", treatment)):
        for turn in deliverable(transcript):
            if turn.ended is not None:
                yield _confound(
                    f"reply_{turn.ended}",
                    f"In the {side} the reply in turn {turn.number} {MEANINGS[turn.ended]}.",
                    **{side: turn.ended.replace("_", " ")},
                )
            elif not turn.text.strip() and not turn.calls:
                yield _confound(
                    "reply_empty",
                    f"In the {side} the reply in turn {turn.number} is empty.",
                    **{side: "empty"},
                )


def _chosen_turns(control: Transcript, treatment: Transcript) -> Iterator[PairFinding]:
    for side, transcript in (("control", control), ("treatment", treatment)):
        if transcript.judged is not None:
            numbers = ", ".join(str(turn.number) for turn in deliverable(transcript))
            yield _note(
                "turns_chosen",
                f"Which turns of the {side} are judged was chosen by hand: {numbers}.",
                **{side: numbers},
            )


def _documents(control: Transcript, treatment: Transcript) -> Iterator[PairFinding]:
    """Documents in tool calls: judged on both sides, or on none."""
    for side, transcript in (("control", control), ("treatment", treatment)):
        found = documents(transcript)
        if found and not transcript.artifacts_judged:
            names = ", ".join(repr(each.name[:60]) for each in found[:3])
            yield _note(
                "documents_not_judged",
                f"In the {side} the model put documents into tool calls ({names}); they are not "
                "judged.",
                **{side: names},
            )
        elif transcript.artifacts_judged:
            yield _note(
                "documents_judged",
                f"In the {side} the documents that the model put into tool calls are judged with "
                "its words.",
                **{side: "judged"},
            )


def _reading(control: Transcript, treatment: Transcript) -> Iterator[PairFinding]:
    for side, transcript in (("control", control), ("treatment", treatment)):
        told = {
            "preamble_missing" if treatment.condition in _PRIMED else "",
            "preamble_unexpected",
            "prompt_not_in_transcript",
        }
        for warning in transcript.warnings:
            if warning.code in _TOLD and warning.code not in told:
                where = f"line {warning.line}: " if warning.line else ""
                find = _confound if warning.code in _NOT_WHOLE else _note
                yield find(warning.code, f"In the {side}, {where}{warning.message}.")


def _turn(transcript: Transcript, number: int) -> Turn | None:
    return next((turn for turn in transcript.turns if turn.number == number), None)


def _quoted(text: str | None) -> str:
    return "not stated" if text is None else f"'{' '.join(text.split())[:80]}'"


def differences(one: str, other: str, most: int = 3) -> str:
    """The places where two texts differ, word by word, at most three of them."""
    ours, theirs = one.split()[:2_000], other.split()[:2_000]
    matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=len(ours) > 500)
    changes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    shown = [
        f"{_quoted(' '.join(ours[a:b])) if b > a else 'nothing'} against "
        f"{_quoted(' '.join(theirs[c:d])) if d > c else 'nothing'}"
        for _, a, b, c, d in changes[:most]
    ]
    if len(changes) > most:
        shown.append(f"{len(changes) - most} more places")
    return "; ".join(shown) or "beyond their first words"
