"""What stands at the very top of a writeup: whether it is a draft, who judged, and how.

A draft can't be taken for a signed result, and what an offline, recorded or scripted judge made
can't be taken for a live judge's work.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from grader.comparison.comparison import Comparison, JudgeNote, Spend
from grader.review.pace import hasty_reviewers
from grader.review.reviewed import Reviewed
from grader.rubric.registration import lock_summary
from grader.writeup.facts import Questions, Quoted, quotations_sentence
from grader.writeup.reviews import differed, settled_by
from grader.writeup.sides import Sides
from grader.writeup.words import counted, joined, moment


@dataclass(frozen=True)
class Status:
    """The banner."""

    kind: Literal["draft", "in_review", "signed"]
    headline: str
    short: str
    """The headline for a narrow ribbon, without the word draft or signed."""
    statement: str | None
    """What the signer wrote."""
    alarms: tuple[str, ...]
    """What no reader may miss: no judge, a recording, a scripted judge."""
    brief: tuple[str, ...]
    """How it was judged, and that chance may explain it: a line each, for the very top."""
    lines: tuple[tuple[str, str], ...]
    """The same at length: pairs of a label and a sentence."""


def status_of(
    reviewed: Reviewed,
    sides: Sides,
    questions: Questions,
    quoted: Quoted,
    decisions: tuple[int, int],
    chance: str,
) -> Status:
    """The banner of this comparison: `decisions` made of all, and what is known of `chance`."""
    draft = reviewed.draft
    kind, headline = _state(reviewed, *decisions)
    lines = [("What it is", text) for each in draft.judges if (text := alarm(each))]
    lines += [("Judge", _judges(draft)), ("Blind", _blind(draft)), ("Rubric", _rubric(draft))]
    if asked := _questions(questions):
        lines.append(("Questions", asked))
    if found := quotations_sentence(quoted, sides):
        lines.append(("Quotations", found))
    return Status(
        kind=kind,
        headline=headline,
        short=re.sub(r"^(?:Draft|Signed)(?: under review:|\.)? ", "", headline),
        statement=reviewed.sign_off.statement if reviewed.sign_off else None,
        alarms=tuple(dict.fromkeys(filter(None, map(_alarm_in_brief, draft.judges)))),
        brief=(_brief(draft, questions, quoted), chance),
        lines=tuple(lines),
    )


def _brief(draft: Comparison, questions: Questions, quoted: Quoted) -> str:
    """Who judged, blind or not, which rubric and lock, and what failed, in one line."""
    asked = [judge for judge in draft.judges if judge.kind != "offline"]
    told = ""
    if asked:
        blind = "not blind" if _blind(draft).startswith("No.") else "blind"
        failed = f"{questions.failed:,} failed" if questions.failed else "all answered"
        told = (
            f"Judged by {joined(map(_judge_in_brief, asked))}, {blind}; "
            f"{counted(questions.asked, 'question')}, {failed}"
        )
        if quoted.all_missing:
            told += f"; {quoted.all_missing} of {counted(quoted.all_given, 'quotation')} not found"
        told += ". "
    rubric = f"{draft.rubric.id}, version {draft.rubric.version}, sha256 {draft.rubric_hash[:8]}"
    return f"{told}Rubric {rubric}. {lock_summary(draft.registration)}"


def _judge_in_brief(judge: JudgeNote) -> str:
    """A judge with what was set, without what stands in the evidence."""
    name = judge.spec if judge.kind == "live" else judge.model or judge.spec
    asked_for = {judge.model, (judge.model or "").rpartition("/")[2]}
    others = [f"served as {each}" for each in judge.served_models if each not in asked_for]
    settings = [
        f"{key} {value}" + (" refused by the server" if key in judge.left_out else "")
        for key, value in sorted(judge.parameters.items())
    ]
    if "files" in (judge.kind, judge.server):  # whoever answers a file need not keep to them
        settings = ["settings not stated"]
    told = ", ".join([*others, *settings])
    return f"{name} ({told})" if told else name


def _alarm_in_brief(judge: JudgeNote) -> str | None:
    """The alarm for the very top."""
    if is_scripted(judge):
        return "The judge was scripted: its answers were made up for a test."
    if judge.kind == "offline":
        return "No judge was asked. Every level stays empty until a person gives one."
    if judge.kind == "recorded":
        by = f" of {judge.answered_by}" if judge.answered_by else ""
        return f"The answers are replayed from a recording ({judge.spec}){by}; none is new."
    if judge.kind == "files":
        return "The answers came in as files; who wrote them is known only from what they say."
    return None


def is_scripted(judge: JudgeNote) -> bool:
    """Whether the answers came from a script made for tests."""
    names = (judge.spec, judge.model or "", *judge.served_models)
    return any("scripted" in name.lower() for name in names)


def alarm(judge: JudgeNote) -> str | None:
    """What must be said of a judge that was not a live model; None for one that was."""
    if is_scripted(judge):
        return (
            "The judge was scripted: its answers were made up for a test and say nothing about "
            "these transcripts."
        )
    if judge.kind == "offline":
        return (
            "No judge was asked. Passages were retrieved by shared words for a reviewer to "
            "read; every level stays empty until a person gives one."
        )
    if judge.kind == "recorded":
        given = f" It says who answered: {judge.answered_by}." if judge.answered_by else ""
        return (
            f"The answers are replayed from a recording ({judge.spec}); no judge was asked anew."
            f"{given}"
        )
    if judge.kind == "files":
        return (
            f"The answers came in as files ({judge.spec}). Who or what wrote them is known only "
            "from what the files say."
        )
    return None


def _state(
    reviewed: Reviewed, decided: int, total: int
) -> tuple[Literal["draft", "in_review", "signed"], str]:
    if reviewed.sign_off is not None:
        signed = reviewed.sign_off
        rest = f" with {counted(total - decided, 'decision')} open" if decided < total else ""
        hasty = ""
        if fast := hasty_reviewers(reviewed):
            hasty = f" Most decisions of {joined(fast)} took under two seconds."
        settled = ""
        if (found := differed(reviewed))[0]:
            settled = (
                f" Reviewers differed on {found[0]} of {counted(found[1], 'decision')}, settled by "
                f"{joined(settled_by(reviewed))}."
            )
        by = f"Signed by {signed.reviewer} on {moment(signed.time)}"
        return "signed", f"{by}{rest}.{settled}{hasty}"
    if reviewed.events == 0 and decided == 0:
        return "draft", "Draft. Nobody has reviewed or signed this."
    names = joined(
        dict.fromkeys(d.reviewer for d in reviewed.decisions.values() if d.reviewer is not None)
    )
    by = f" by {names}" if names else ""
    return "in_review", (
        f"Draft under review: {decided} of {counted(total, 'decision')} made{by}. Not signed."
    )


def _judges(draft: Comparison) -> str:
    repeats = (
        "Each verdict was asked once."
        if draft.samples == 1
        else f"Each verdict was asked {draft.samples} times."
    )
    asked = [judge for judge in draft.judges if judge.kind != "offline"]
    if not asked:
        return "None (offline)."
    return f"{joined(map(judge_text, asked))}. {repeats}"


def judge_text(judge: JudgeNote) -> str:
    """A judge with its settings, in one line."""
    if judge.kind == "offline":
        return "none (offline)"
    served = [name for name in judge.served_models if name != judge.model]
    details = [f"model {judge.model}"] if judge.model and judge.model not in judge.spec else []
    details += [f"served as {joined(served)}"] if served else []
    details += [f"at {judge.server}"] if judge.server and judge.kind != "files" else []
    details += [
        f"{name} {value}" + (" (refused by the server, left out)" if name in judge.left_out else "")
        for name, value in sorted(judge.parameters.items())
    ]
    settings = ", ".join(details) or "the provider's default settings"
    return f"{judge.spec} ({judge.kind}; {settings})"


def spend_text(spend: Spend) -> str:
    """What the replies of a judge took, in one line."""
    told = (
        f"{counted(spend.replies, 'reply', 'replies')}, {spend.prompt_tokens:,} prompt tokens "
        f"({spend.cached_tokens:,} cached), {spend.completion_tokens:,} completion tokens "
        f"({spend.reasoning_tokens:,} of them thoughts)"
    )
    if spend.uncounted:
        told += f"; for {counted(spend.uncounted, 'reply', 'replies')} no tokens were counted"
    if spend.usd is None:
        return f"{told}; the price is not known"
    priced = f" at prices of {spend.priced}" if spend.priced else ""
    return f"{told}; {spend.usd:.4f} USD{priced}"


def _blind(draft: Comparison) -> str:
    if all(judge.kind == "offline" for judge in draft.judges):
        return "Not applicable, as nothing was asked."
    if any(note.code == "task_differs" for note in draft.pair_notes):
        return (
            "No. The task prompts of the two differ, and the judge saw both: what one says more "
            "than the other may tell which is which. It saw no condition, name, model or date."
        )
    told = (
        "Yes. The judge saw the task and the two deliverables as Transcript 1 and 2; never a "
        "condition, name, model, date, system prompt, preamble or analysis."
    )
    if draft.implications is not None:
        told += " Only the last question named the conditions, and it saw findings alone."
    codes = [a.code for a in draft.attention]
    codes += [a.code for v in draft.verdicts for a in v.attention]
    if "speaks_of_preamble" in codes:
        told += " But a transcript may itself tell its condition; see the caveats."
    return told


def _rubric(draft: Comparison) -> str:
    rubric = draft.rubric
    lock = lock_summary(draft.registration)
    return f"{rubric.id}, version {rubric.version}, sha256 {draft.rubric_hash[:16]}… {lock}"


def _questions(questions: Questions) -> str | None:
    if not questions.asked:
        return None
    if not questions.failed:
        return f"{counted(questions.asked, 'question')} asked, all answered."
    failed = joined(f"{count} {name}" for name, count in questions.by_outcome if name != "answered")
    return (
        f"{counted(questions.asked, 'question')} asked, {questions.answered:,} answered, "
        f"{questions.failed:,} failed ({failed}). A failure is not a verdict: its level is empty."
    )
