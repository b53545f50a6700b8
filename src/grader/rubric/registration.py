"""What a lock means for one comparison: was the rubric fixed before its result could be known?

Four states. `before`: locked before the treatment's date and before grader first read it.
`later`: locked, but not shown to be before both. `changed`: locked, and other words now.
`never`: no lock. Doubt counts against the rubric: a date without a time zone may lie as early as
any zone allows, a date that isn't stated shows nothing, and a lock made on the day of the
treatment is not before it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field

from grader.records import Record
from grader.rubric.committed import commit_that_added
from grader.rubric.criteria import Rubric
from grader.rubric.difference import Change, differences, word_by_word
from grader.rubric.lock import JudgePlan, Lock, lock_path, read_lock
from grader.rubric.signing import check_signature
from grader.transcripts.transcript import Transcript

_EARLIEST_ZONE = timedelta(hours=14)
"""Clocks on Earth are at most this far ahead of UTC."""

_FORMATS = ("%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d.%m.%Y")


class Registration(Record):
    """The state of a rubric when it was used, with everything the state rests on."""

    state: Literal["before", "later", "changed", "never"]
    reason: str | None = Field(None, description="Why not `before`; None where it is.")
    locked_at: str | None = None
    author: str | None = None
    lock_hash: str | None = None
    commit: str | None = Field(None, description="The git commit that added the lock.")
    committed_at: str | None = None
    signature: Literal["none", "valid", "invalid", "not_checked"] = "none"
    signer: str | None = None
    treatment_date: str | None = None
    first_read: str | None = Field(
        None, description="When grader first read the treatment; kept only where there is a lock."
    )
    decision_rule: str | None = None
    judge_plan: JudgePlan = JudgePlan()
    deviations: tuple[Change, ...] = ()
    plan_deviations: tuple[str, ...] = Field(
        (), description="Where judging differs from the plan, one sentence each."
    )


NEVER_LOCKED = Registration(state="never")


def registration_of(
    rubric_file: Path,
    rubric: Rubric,
    *,
    treatment: Transcript,
    first_read: datetime,
    judging: JudgePlan,
) -> Registration:
    """The state of a rubric for a comparison with this treatment.

    Args:
        rubric_file: the YAML file; its lock is looked for beside it.
        rubric: what was read from it.
        treatment: the transcript on the treated side.
        first_read: when grader read the treatment for the first time.
        judging: how this comparison is judged, held against the plan.

    Raises:
        RecordError: the lock is damaged or was changed.
    """
    path = lock_path(rubric_file)
    if not path.is_file():
        return NEVER_LOCKED
    lock = read_lock(path)
    commit = commit_that_added(path)
    anchored = commit is not None and commit.unchanged
    signature = check_signature(path)
    known = Registration(
        state="before",
        locked_at=lock.locked_at,
        author=lock.author,
        lock_hash=lock.hash,
        commit=commit.id if commit and anchored else None,
        committed_at=commit.at if commit and anchored else None,
        signature=signature.state,
        signer=signature.signer,
        treatment_date=treatment.date,
        first_read=first_read.astimezone(UTC).isoformat(timespec="milliseconds"),
        decision_rule=lock.decision_rule,
        judge_plan=lock.judge_plan,
        plan_deviations=_plan_deviations(lock.judge_plan, judging),
    )
    if lock.rubric_hash != rubric.hash:
        changes = differences(lock.rubric, rubric)
        return known.model_copy(
            update={
                "state": "changed",
                "reason": _changed(changes),
                "deviations": changes,
            }
        )
    fixed = lock.time
    if commit and anchored:
        fixed = max(fixed, datetime.fromisoformat(commit.at))
    doubts = _doubts(lock, fixed, treatment, first_read)
    if not doubts:
        return known
    return known.model_copy(update={"state": "later", "reason": "; ".join(doubts)})


def lock_summary(registration: Registration) -> str:
    """The state in one or two sentences, for the top of a writeup."""
    if registration.state == "never":
        return "It was NOT locked before the treatment was read."
    if registration.state == "changed":
        head = f"It was locked on {registration.locked_at} and has CHANGED since: "
        return f"{head}{registration.reason}."
    if registration.state == "later":
        head = f"It was locked on {registration.locked_at}, but NOT shown to be before the "
        return f"{head}treatment: {registration.reason}."
    proof = (
        f"in commit {registration.commit[:12]}"
        if registration.commit
        else "by the lock's own account; no commit stands behind it"
    )
    if registration.signature == "valid":
        proof += f", signed by {registration.signer}"
    if registration.signature == "invalid":
        proof += "; its signature is NOT valid"
    return f"It was locked before the treatment was read, on {registration.locked_at} ({proof})."


def limits(registration: Registration) -> tuple[str, ...]:
    """What the state takes away from a comparison, one sentence each; none where all is well."""
    found = []
    if registration.state == "never":
        found.append(
            "The rubric was not locked before the treatment was read, so nothing proves that "
            "its criteria were written without knowing the result."
        )
    elif registration.state == "later":
        found.append(
            "The rubric was locked, but nothing proves that its criteria were written without "
            f"knowing the result: {registration.reason}."
        )
    elif registration.state == "changed":
        found.append(f"The rubric is not what was locked: {registration.reason}.")
        found.extend(
            f"Deviation from the locked rubric at {change.place}, taken out in [-…-], put in "
            f"in {{+…+}}: {word_by_word(change.before, change.after)}"
            for change in registration.deviations
        )
    elif registration.commit is None:
        found.append(
            "That the rubric was locked before the treatment is the lock's own account; no "
            "commit stands behind it."
        )
    if registration.signature == "invalid":
        found.append("The signature of the rubric's lock is not valid.")
    found.extend(registration.plan_deviations)
    return tuple(found)


def earliest(date: str | None) -> datetime | None:
    """The earliest moment a stated date can mean; None where it can't be read.

    Without a zone it may be 14 hours earlier than the same words in UTC.
    """
    text = " ".join((date or "").split())
    if not text:
        return None
    parsed: datetime | None = None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        for form in _FORMATS:
            try:
                parsed = datetime.strptime(text, form)
                break
            except ValueError:
                continue
    if parsed is None:
        return None
    if parsed.tzinfo is not None:
        return parsed.astimezone(UTC)
    return parsed.replace(tzinfo=UTC) - _EARLIEST_ZONE


def _doubts(lock: Lock, fixed: datetime, treatment: Transcript, first_read: datetime) -> list[str]:
    doubts = []
    if any(
        source.sha256 == treatment.provenance.sha256 or source.id == treatment.id
        for source in lock.derived_from
    ):
        doubts.append("the lock itself names the treatment among its sources")
    dated = earliest(treatment.date)
    if dated is None:
        stated = (
            f"its date {treatment.date!r} can't be read" if treatment.date else "it has no date"
        )
        doubts.append(f"the treatment may be older than the lock, as {stated}")
    elif fixed >= dated:
        doubts.append(
            f"the treatment is dated {treatment.date}, and the lock is not older than that"
        )
    if fixed >= first_read:
        doubts.append(
            "grader had read the treatment before, on "
            f"{first_read.astimezone(UTC).isoformat(timespec='seconds')}"
        )
    return doubts


def _changed(changes: tuple[Change, ...]) -> str:
    seen = sum(change.judged for change in changes)
    count = f"{len(changes)} passage{'s differ' if len(changes) != 1 else ' differs'}"
    if not seen:
        return f"{count}, none of which a judge sees"
    how_many = "all" if seen == len(changes) else str(seen)
    return f"{count}, {how_many} of which a judge sees"


def _plan_deviations(plan: JudgePlan, judging: JudgePlan) -> tuple[str, ...]:
    found = []
    if plan.judges and tuple(sorted(plan.judges)) != tuple(sorted(judging.judges)):
        found.append(
            f"The lock planned to ask {', '.join(plan.judges)}; asked was "
            f"{', '.join(judging.judges)}."
        )
    if plan.depth and plan.depth != judging.depth:
        found.append(f"The lock planned the depth {plan.depth}; used was {judging.depth}.")
    if plan.samples and plan.samples != judging.samples:
        found.append(f"The lock planned {plan.samples} samples; taken were {judging.samples}.")
    return tuple(found)
