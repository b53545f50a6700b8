"""The steps of a comparison, one call each: compare, render, review, sign.

What the command line does is one of these calls and printing. Everything here can be called from
a script just as well; nothing prints. `compare` with a judge runs an event loop of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from grader.comparison.comparison import Comparison, JudgeNote, OutcomeCount
from grader.comparison.first_reads import first_reading, note_readings
from grader.comparison.folder import (
    has_draft,
    is_reviewed,
    locked,
    read_draft,
    slug_of,
    write_draft,
)
from grader.comparison.pair import make_pair
from grader.comparison.plan import Depth, Plan, question_counts
from grader.comparison.study_file import read_study
from grader.errors import InputError
from grader.review.events import Stamp, stamp_of
from grader.review.reviewed import Reviewed
from grader.rubric import Rubric, read_rubric
from grader.rubric.lock import JudgePlan
from grader.rubric.registration import registration_of
from grader.text.quotation import Side
from grader.transcripts import Transcript, choose_turns, read_transcript
from grader.writeup.write import render as render

if TYPE_CHECKING:
    from grader.judge.asking import Progress
    from grader.judge.options import JudgeOptions

OFFLINE = "offline"
JOURNAL = "journal.db"


@dataclass(frozen=True)
class Reading:
    """How one file is to be read, where the file itself leaves it open."""

    format: str | None = None
    """Name of a reader; None lets the content decide."""
    ends_at: int | None = None
    """Last line of the transcript on a page."""
    turns: str | None = None
    """Which turns are judged, such as '2,4-6'; None leaves it to the rule."""

    def read(self, path: str | Path) -> Transcript:
        """The transcript of the file, read so. Raises InputError."""
        transcript = read_transcript(path, format=self.format, ends_at=self.ends_at)
        return choose_turns(transcript, self.turns) if self.turns else transcript


@dataclass(frozen=True)
class Planned:
    """What a comparison would ask, before anything is asked."""

    plan: Plan
    folder: Path
    journal: str | Path
    """Its file."""
    judges: tuple[str, ...]
    questions: dict[str, int]
    """How many questions of each kind; empty without a judge."""
    read_at: datetime
    """When the transcripts were read for this plan."""


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


def plan_comparison(
    control: str | Path,
    treatment: str | Path,
    rubric: str | Path,
    *,
    judges: Sequence[str] = (),
    depth: Depth = "standard",
    samples: int | None = None,
    study: str | Path | None = None,
    outputs: str | Path = "outputs",
    name: str | None = None,
    reading: Mapping[Side, Reading] | None = None,
    strict: bool = False,
    probe: bool = False,
    journal: str | Path | None = None,
) -> Planned:
    """Read and check everything a comparison needs. Nothing is asked or written.

    Args:
        control: file of the plain run.
        treatment: file of the treated run.
        rubric: file of the criteria.
        judges: as in `open_judge`; none, or 'offline' alone, asks nobody.
        depth: 'quick' (verdicts and signatures), 'standard' (all questions) or 'deep' (three
            samples of each verdict).
        samples: how often each verdict is asked; None leaves it to the depth.
        study: file of the study's description.
        outputs: folder of all comparisons, with the journal.
        name: name of this comparison's folder; None makes one of the ids and judges.
        reading: how the file of a side is to be read, where it leaves that open.
        strict: refuse a pair that differs in more than its declared treatment.
        probe: ask the judge at the end which transcript was the control.
        journal: file of the journal; None: `journal.db` among the outputs.

    Raises:
        InputError: a file can't be used, or the pair can't be compared.
    """
    specs = tuple(judges) or (OFFLINE,)
    if len(set(specs)) != len(specs) or (OFFLINE in specs and len(specs) > 1):
        raise InputError(
            f"these judges can't sit together: {', '.join(specs)}",
            place="--judge",
            mend="Name each judge once; 'offline' stands alone.",
        )
    criteria = _criteria(Path(rubric), stamp_of(Path(rubric)))
    reading = reading or {}
    pair = make_pair(
        reading.get("control", Reading()).read(control),
        reading.get("treatment", Reading()).read(treatment),
        criteria,
        strict=strict,
    )
    slug = name or slug_of(pair.control.id, pair.treatment.id, specs)
    read_at = datetime.now(UTC)
    samples = samples or (3 if depth == "deep" else 1)
    plan = Plan(
        pair=pair,
        rubric=criteria,
        study=read_study(study) if study else None,
        depth=depth,
        samples=samples,
        slug=_as_folder_name(slug),
        probe=probe,
        registration=registration_of(
            Path(rubric),
            criteria,
            treatment=pair.treatment,
            first_read=first_reading(Path(outputs), pair.treatment) or read_at,
            judging=JudgePlan(judges=specs, depth=depth, samples=samples),
        ),
    )
    offline = specs == (OFFLINE,)
    return Planned(
        plan=plan,
        folder=Path(outputs) / plan.slug,
        journal=journal or Path(outputs) / JOURNAL,
        judges=specs,
        questions={} if offline else question_counts(plan, len(specs)),
        read_at=read_at,
    )


@lru_cache(maxsize=64)
def _criteria(path: Path, stamp: Stamp | None) -> Rubric:
    """The rubric as its file is now: hundreds of pairs may be planned with it."""
    return read_rubric(path)


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
        from grader.comparing.run import Job, JudgeRun
        from grader.judge.options import JudgeOptions

        # Judges are opened before a folder is made: a missing key leaves nothing behind.
        run = JudgeRun(
            first.judges,
            asking or JudgeOptions(),
            samples=first.plan.samples,
            journal=first.journal,
            folders=paid,
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
        run.draft(
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


def sign(folder: str | Path, reviewer: str, statement: str | None = None) -> tuple[Reviewed, Path]:
    """Sign a reviewed comparison and write the final writeup.

    Raises:
        InputError: something is undecided, or it is signed already.
    """
    from grader.review.sign import sign as append_sign_off

    reviewed = append_sign_off(Path(folder), reviewer, statement)
    return reviewed, render(folder)[0]


def _as_folder_name(slug: str) -> str:
    if slug in ("", ".", "..") or "/" in slug or "\\" in slug or "\x00" in slug:
        raise InputError(
            f"{slug!r} is not the name of a folder",
            place="--name",
            mend="Give one name without slashes.",
        )
    return slug


def _server(judge: JudgeNote, asking: JudgeOptions | None) -> str | None:
    """The server that this run would ask a judge of the draft at, as the draft names it."""
    from grader.judge.choose import own_server, provider_of

    return own_server(provider_of(judge.spec), asking.base_url if asking else None)


def _check_same(planned: Planned, asking: JudgeOptions | None, draft: Comparison) -> None:
    plan = planned.plan
    live = [judge for judge in draft.judges if judge.kind == "live"]
    differs = [
        what
        for what, ours, theirs in (
            ("the control transcript", plan.pair.control, draft.control),
            ("the treatment transcript", plan.pair.treatment, draft.treatment),
            ("the rubric", plan.rubric.hash, draft.rubric_hash),
            ("the study", plan.study, draft.study),
            ("the judge", planned.judges, tuple(judge.spec for judge in draft.judges)),
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
