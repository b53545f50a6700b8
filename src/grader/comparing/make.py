"""Making planned comparisons: ask, draft, write the draft and its writeup.

Everything here can be called from a script; nothing prints. With a judge, `compare` runs an event
loop of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.comparing.plan import OFFLINE, Planned
from grader.comparison.comparison import Comparison, JudgeNote, OutcomeCount
from grader.comparison.first_reads import note_readings
from grader.comparison.folder import has_draft, is_reviewed, locked, read_draft, write_draft
from grader.errors import InputError
from grader.judge.record_name import record_name
from grader.writeup.write import render

if TYPE_CHECKING:
    from grader.judge.asking import Progress
    from grader.judge.options import JudgeOptions
    from grader.transcripts import Transcript


@dataclass(frozen=True)
class Made:
    """A comparison in its folder."""

    folder: Path
    outcomes: tuple[OutcomeCount, ...]
    """How its questions ended."""
    writeup: Path
    new: bool
    """False: the same comparison lay there already and nothing was asked."""

    @property
    def comparison(self) -> Comparison:
        """The draft, read from the folder: a run may make thousands. Raises as `read_draft`."""
        return read_draft(self.folder)[0]


def compare(
    planned: Planned,
    asking: JudgeOptions | None = None,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    on_halt: Callable[[Progress], None] | None = None,
) -> Made:
    """Make the planned comparison: ask, draft, write the draft and its writeup.

    Killed or failed anywhere, the same call again asks only what has no answer yet. A draft with
    questions that a budget stopped is made again, and so is, with `retry_failed`, one with any
    failure; unless somebody has begun to review it.

    Args:
        planned: from `plan_comparison`.
        asking: how judges are asked; None: the usual way.
        on_progress: called after each change, from the thread that calls this.
        on_halt: called when Ctrl-C was pressed once.

    Raises:
        InputError: the folder holds another comparison.
        BudgetExhausted: the budget does not reach for one verdict.
        JudgeError: the judge can't be used; answers so far are kept.
        WaitingForAnswers: a `files:` judge awaits replies.
        Interrupted: Ctrl-C; answers so far are kept.
        StorageError: the folder is in use, holds another comparison, or can't be written.
    """
    [made] = compare_all([planned], asking, on_progress=on_progress, on_halt=on_halt)
    return made


def compare_all(
    planned: Sequence[Planned],
    asking: JudgeOptions | None = None,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    on_halt: Callable[[Progress], None] | None = None,
) -> list[Made]:
    """Make many planned comparisons with the same judges in one run, as `compare` makes one.

    Each draft is written as soon as it is done.
    """
    made: dict[Path, Made] = {}
    open_ = []
    for each in planned:
        before = _made_before(each, asking)
        if before is None:
            open_.append(each)
        else:
            made[each.folder] = before
    if open_:
        paid = [each.folder for each in planned]
        for done in _make(open_, asking, on_progress, on_halt, paid):
            made[done.folder] = done
    return [made[each.folder] for each in planned]


def _make(
    planned: Sequence[Planned],
    asking: JudgeOptions | None,
    on_progress: Callable[[Progress], None] | None,
    on_halt: Callable[[Progress], None] | None,
    paid: Sequence[Path],
) -> list[Made]:
    """Make what is open; what the folders of `paid` have cost counts against the budget."""
    first = planned[0]
    offline = first.judges == (OFFLINE,)
    if not offline:
        # Imported here: only what asks needs the network libraries.
        from grader.comparing.run import Job, draft_all
        from grader.judge.options import JudgeOptions
        from grader.judge.session import JudgeSession

        # Judges are opened before a folder is made: a missing key leaves nothing behind.
        options = asking or JudgeOptions()
        # At temperature 0 repeats would repeat themselves: samples keep the provider's own.
        settings = options.settings(temperature=0.0 if first.plan.samples == 1 else None)
        session = JudgeSession(
            first.judges, options, journal=first.journal, settings=settings, paid=paid
        )
    again = {each.folder for each in planned if has_draft(each.folder)}
    made = []

    def write(folder: Path, draft: Comparison) -> None:
        if has_draft(folder) and folder not in again:
            # Another run made it meanwhile.
            draft, new = read_draft(folder)[0], False
        else:
            write_draft(folder, draft, replace=folder in again)
            new = True
        made.append(Made(folder, draft.outcomes, render(folder)[0], new=new))

    for each in planned:
        pair = each.plan.pair
        note_readings(each.folder.parent, (pair.control, pair.treatment), each.read_at)
    if not offline:
        draft_all(
            session,
            [Job(each.plan, each.folder) for each in planned],
            lambda job, draft: write(job.folder, draft),
            hold=lambda job: locked(job.folder),
            on_progress=on_progress,
            on_halt=on_halt,
        )
        return made
    from grader.comparison.offline import draft_offline

    for each in planned:
        with locked(each.folder):
            write(each.folder, draft_offline(each.plan))
    return made


def _made_before(planned: Planned, asking: JudgeOptions | None) -> Made | None:
    if not has_draft(planned.folder):
        return None
    draft, _ = read_draft(planned.folder)
    _check_same(planned, asking, draft)
    retry_failed = asking is not None and asking.retry_failed
    open_ends = {count.outcome for count in draft.outcomes} - {"answered"}
    again = bool(open_ends) if retry_failed else "budget_stopped" in open_ends
    if again and not is_reviewed(planned.folder):
        return None
    if again and retry_failed:
        raise InputError(
            "this draft is under review; an answer asked again would change what was reviewed",
            place=planned.folder,
            mend="Make it again under another name: --name. Answers that came are not paid twice.",
        )
    return Made(planned.folder, draft.outcomes, render(planned.folder)[0], new=False)


def _comparable(ours: Transcript, theirs: Transcript) -> tuple[object, object]:
    """Two transcripts without what a file's name and the reader's own words make of them."""
    left_out: dict[str, Any] = {
        "warnings": True,
        "provenance": {"source"},
        "turns": {"__all__": {"reasoning"}},
    }
    if ours.provenance.sha256 == theirs.provenance.sha256:
        # Where a file states no id, its name is taken.
        left_out["id"] = True
    return ours.model_dump(exclude=left_out), theirs.model_dump(exclude=left_out)


def _server(judge: JudgeNote, asking: JudgeOptions | None) -> str | None:
    """The server that this run would ask a judge of the draft at, as the draft names it."""
    from grader.judge.choose import stated_server

    return stated_server(judge.spec, asking.base_url if asking else None)


def _check_same(planned: Planned, asking: JudgeOptions | None, draft: Comparison) -> None:
    plan = planned.plan
    live = [judge for judge in draft.judges if judge.kind == "live"]
    differs = [
        what
        for what, ours, theirs in (
            ("the control transcript", *_comparable(plan.pair.control, draft.control)),
            ("the treatment transcript", *_comparable(plan.pair.treatment, draft.treatment)),
            ("the rubric", plan.rubric.hash, draft.rubric_hash),
            ("the study", plan.study, draft.study),
            (
                "the judge",
                tuple(map(record_name, planned.judges)),
                tuple(judge.spec for judge in draft.judges),
            ),
            ("the depth", plan.depth, draft.depth),
            ("the number of samples", plan.samples, draft.samples),
            ("the blindness probe", plan.probe, bool(draft.probe)),
            *(("the judge's server", _server(each, asking), each.server) for each in live),
            *(
                (
                    "the reasoning effort",
                    asking and asking.reasoning_effort,
                    each.parameters.get("reasoning_effort"),
                )
                for each in live
            ),
        )
        if ours != theirs
    ]
    if differs:
        raise InputError(
            f"this folder holds another comparison: {', '.join(differs)} differ"
            + ("s" if len(differs) == 1 else ""),
            place=planned.folder,
            mend="A draft is written once. Give the new comparison a name of its own: --name.",
        )
