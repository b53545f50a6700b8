"""The steps of a comparison, one call each: compare, render, review, sign.

What the command line does is one of these calls and printing. Everything here can be called from
a notebook just as well; nothing prints.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from grader.comparison.comparison import Comparison
from grader.comparison.folder import (
    MARKDOWN,
    has_draft,
    locked,
    read_draft,
    slug_of,
    write_draft,
)
from grader.comparison.pair import make_pair
from grader.comparison.plan import Depth, Plan, question_counts
from grader.comparison.readings import first_reading, note_readings
from grader.comparison.study_file import read_study
from grader.errors import InputError
from grader.evidence import Side
from grader.review.folder import read_reviewed
from grader.review.reviewed import Reviewed
from grader.rubric import read_rubric
from grader.rubric.lock import JudgePlan
from grader.rubric.registration import registration_of
from grader.text_file import write_atomically
from grader.transcripts import Transcript, choose_turns, read_transcript

if TYPE_CHECKING:
    from grader.judge.asking import Progress
    from grader.judge.judge import Judge

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
    journal: Path
    judges: tuple[str, ...]
    questions: dict[str, int]
    """How many questions of each kind; empty without a judge."""
    read_at: datetime
    """When the transcripts were read for this plan."""


@dataclass(frozen=True)
class Made:
    """A comparison in its folder."""

    folder: Path
    comparison: Comparison
    writeup: Path
    new: bool
    """False: the same comparison lay there already and nothing was asked."""


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
    criteria = read_rubric(rubric)
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
        journal=Path(outputs) / JOURNAL,
        judges=specs,
        questions={} if offline else question_counts(plan, len(specs)),
        read_at=read_at,
    )


def compare(
    planned: Planned,
    *,
    base_url: str | None = None,
    judge_model: str | None = None,
    concurrency: int = 8,
    on_progress: Callable[[Progress], None] | None = None,
) -> Made:
    """Make the planned comparison: ask, draft, write the draft and its writeup.

    Killed or failed anywhere, the same call again asks only what has no answer yet.

    Args:
        planned: from `plan_comparison`.
        base_url: an OpenAI-compatible server for `provider/model` judges.
        judge_model: the model that `files:` requests name.
        concurrency: how many requests may be under way at once.
        on_progress: called after each change, from the thread that calls this.

    Raises:
        JudgeError: the judge can't be used; answers so far are kept.
        WaitingForAnswers: a `files:` judge awaits replies.
        StorageError: the folder is in use, holds another comparison, or can't be written.
    """
    # Judges are opened before the folder is made: a missing key leaves nothing behind.
    if (made := _made_before(planned)) is not None:
        return made
    judges = _open_judges(planned, base_url, judge_model)
    with locked(planned.folder):
        if (made := _made_before(planned)) is not None:
            return made
        pair = planned.plan.pair
        note_readings(planned.folder.parent, (pair.control, pair.treatment), planned.read_at)
        if judges:
            draft = asyncio.run(_ask(planned, judges, concurrency, on_progress))
        else:
            from grader.comparison.offline import draft_offline

            draft = draft_offline(planned.plan)
        write_draft(planned.folder, draft)
        return Made(planned.folder, draft, render(planned.folder), new=True)


def _made_before(planned: Planned) -> Made | None:
    if not has_draft(planned.folder):
        return None
    draft, _ = read_draft(planned.folder)
    _check_same(planned, draft)
    return Made(planned.folder, draft, render(planned.folder), new=False)


def _open_judges(planned: Planned, base_url: str | None, judge_model: str | None) -> list[Judge]:
    if planned.judges == (OFFLINE,):
        return []
    # Imported here: only what asks needs the network libraries.
    from grader.judge.choose import open_judge
    from grader.judge.settings import JudgeSettings

    # At temperature 0 repeats would repeat themselves: samples keep the provider's own.
    settings = JudgeSettings() if planned.plan.samples == 1 else JudgeSettings(temperature=None)
    return [
        open_judge(spec, base_url=base_url, settings=settings, judge_model=judge_model)
        for spec in planned.judges
    ]


async def _ask(
    planned: Planned,
    judges: Sequence[Judge],
    concurrency: int,
    on_progress: Callable[[Progress], None] | None,
) -> Comparison:
    from grader.comparison.draft import draft_with_judges
    from grader.judge.asking import Asker
    from grader.judge.journal import Journal
    from grader.judge.ledger import Ledger

    journal = Journal(planned.journal)
    ledger = Ledger(planned.folder)
    try:
        askers = [
            Asker(judge, journal, ledger, concurrency=concurrency, on_progress=on_progress)
            for judge in judges
        ]
        return await draft_with_judges(planned.plan, askers)
    finally:
        for judge in judges:
            await judge.close()
        ledger.close()
        journal.close()


def render(folder: str | Path) -> Path:
    """Write the folder's writeup anew from draft and reviews; returns its path."""
    for name, text in rendered(folder).items():
        write_atomically(Path(folder) / name, text)
    return Path(folder) / MARKDOWN


def rendered(folder: str | Path) -> dict[str, str]:
    """The texts of the folder's writeups by file name, as draft and reviews give them now."""
    from grader.writeup.markdown import render_markdown

    return {MARKDOWN: render_markdown(read_reviewed(folder))}


def sign(folder: str | Path, reviewer: str, statement: str | None = None) -> tuple[Reviewed, Path]:
    """Sign a reviewed comparison and write the final writeup.

    Raises:
        InputError: something is undecided, or it is signed already.
    """
    from grader.review.sign import sign as append_sign_off

    reviewed = append_sign_off(Path(folder), reviewer, statement)
    return reviewed, render(folder)


def _as_folder_name(slug: str) -> str:
    if slug in ("", ".", "..") or "/" in slug or "\\" in slug or "\x00" in slug:
        raise InputError(
            f"{slug!r} is not the name of a folder",
            place="--name",
            mend="Give one name without slashes.",
        )
    return slug


def _check_same(planned: Planned, draft: Comparison) -> None:
    plan = planned.plan
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
