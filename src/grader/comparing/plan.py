"""Planning: everything that decides what a comparison asks, read and checked before it asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from grader.comparison.estimate import question_counts
from grader.comparison.first_reads import first_reading
from grader.comparison.folder import slug_of
from grader.comparison.kinds.registry import kinds
from grader.comparison.pair import make_pair
from grader.comparison.plan import Plan
from grader.comparison.study_file import read_study
from grader.errors import InputError
from grader.files.stamp import Stamp, stamp_of
from grader.judge.choose import check_specs
from grader.judge.ledger import read_calls
from grader.judge.record_name import record_name, recording_parts
from grader.rubric import Rubric, read_rubric
from grader.rubric.lock import Depth, JudgePlan
from grader.rubric.registration import registration_of
from grader.text.quotation import Side
from grader.text.visible import hidden_in
from grader.transcripts import ReadOptions

OFFLINE = "offline"
JOURNAL = "journal.db"


@dataclass(frozen=True)
class PlanOptions:
    """What is asked about a pair, of whom, and where the result is kept."""

    judges: tuple[str, ...] = ()
    """As in `open_judge`; none, or 'offline' alone, asks nobody."""
    depth: Depth = "standard"
    """'quick' (verdicts and signatures), 'standard' (all questions) or 'deep' (three samples of
    each verdict)."""
    samples: int | None = None
    """How often each verdict is asked; None leaves it to the depth."""
    study: str | Path | None = None
    """File of the study's description."""
    outputs: str | Path = "outputs"
    """Folder of all comparisons, with the journal."""
    name: str | None = None
    """Name of the comparison's folder; None makes one of the ids and judges."""
    reading: Mapping[Side, ReadOptions] = field(default_factory=dict)
    """How the file of a side is to be read, where it leaves that open."""
    strict: bool = False
    """Refuse a pair that differs in more than its declared treatment."""
    task_differs: bool = False
    """Accept task prompts that differ in more than their typography; the judge sees both."""
    probe: bool = False
    """Ask the judge which transcript was the control."""
    journal: str | Path | None = None
    """File of the journal; None: `journal.db` among the outputs."""

    def read_options(self, side: Side) -> ReadOptions:
        """How the file of a side is to be read."""
        return self.reading.get(side, ReadOptions())


@dataclass(frozen=True)
class Planned:
    """What a comparison would ask, before anything is asked."""

    plan: Plan
    folder: Path
    journal: str | Path
    judges: tuple[str, ...]
    questions: dict[str, int]
    """How many questions of each kind; empty without a judge."""
    read_at: datetime
    """When the transcripts were read for this plan."""


def plan_comparison(
    control: str | Path,
    treatment: str | Path,
    rubric: str | Path,
    options: PlanOptions | None = None,
) -> Planned:
    """Read and check everything a comparison needs. Nothing is asked or written.

    Args:
        control: file of the plain run.
        treatment: file of the treated run.
        rubric: file of the criteria.
        options: what is asked, of whom, and where the result is kept; None: the defaults.

    Raises:
        InputError: a file can't be used, or the pair can't be compared.
    """
    options = options or PlanOptions()
    judges = _checked_judges(options.judges)
    criteria = _criteria(Path(rubric), stamp_of(Path(rubric)))
    pair = make_pair(
        options.read_options("control").read(control),
        options.read_options("treatment").read(treatment),
        criteria,
        strict=options.strict,
        task_differs=options.task_differs,
    )
    read_at = datetime.now(UTC)
    outputs = Path(options.outputs)
    names = tuple(map(record_name, judges))
    samples = options.samples or (3 if options.depth == "deep" else 1)
    plan = Plan(
        pair=pair,
        rubric=criteria,
        study=read_study(options.study) if options.study else None,
        depth=options.depth,
        samples=samples,
        slug=_folder_name(options.name or slug_of(pair.control.id, pair.treatment.id, names)),
        probe=options.probe,
        registration=registration_of(
            Path(rubric),
            criteria,
            treatment=pair.treatment,
            first_read=first_reading(outputs, pair.treatment) or read_at,
            judging=JudgePlan(judges=names, depth=options.depth, samples=samples),
        ),
        prompts=_prompts(judges[0]),
    )
    return Planned(
        plan=plan,
        folder=outputs / plan.slug,
        journal=options.journal or outputs / JOURNAL,
        judges=judges,
        questions={} if judges == (OFFLINE,) else question_counts(plan, len(judges)),
        read_at=read_at,
    )


_LATER = frozenset({"text"})
"""Prompts that recordings made before them know nothing of: these are replayed without."""


def _prompts(judge: str) -> frozenset[str] | None:
    """The prompts that may be used; None: all. An older recording has no answer to later ones."""
    kind, _, recording = judge.partition(":")
    if kind != "recorded":
        return None
    path, _ = recording_parts(recording)
    stamp = stamp_of(path)
    if stamp is None:
        return None  # opening the judge says what is wrong with it
    missing = _LATER - _recorded_kinds(path, stamp)
    if not missing:
        return None
    return frozenset(id for kind in kinds() for id in kind.prompts) - missing


@lru_cache(maxsize=64)
def _recorded_kinds(path: Path, stamp: Stamp) -> frozenset[str]:
    """The kinds of question that a recording answers."""
    return frozenset(call.kind for call in read_calls(path))


def _checked_judges(judges: tuple[str, ...]) -> tuple[str, ...]:
    specs = judges or (OFFLINE,)
    check_specs(specs)
    if len(set(specs)) != len(specs) or (OFFLINE in specs and len(specs) > 1):
        raise InputError(
            f"these judges can't sit together: {', '.join(specs)}",
            place="--judge",
            mend="Name each judge once; 'offline' stands alone.",
        )
    return specs


@lru_cache(maxsize=64)
def _criteria(path: Path, stamp: Stamp | None) -> Rubric:
    """The rubric as its file is now: hundreds of pairs may be planned with it."""
    return read_rubric(path)


def _folder_name(slug: str) -> str:
    unseen = hidden_in(slug) or "\t" in slug or "\n" in slug
    if slug in ("", ".", "..") or "/" in slug or "\\" in slug or unseen:
        raise InputError(
            f"{slug!r} is not the name of a folder",
            place="--name",
            mend="Give one name without slashes and without characters that can't be seen.",
        )
    return slug
