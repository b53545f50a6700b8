"""`grader compare`: a control and a treatment transcript, or two folders of them, become drafts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.choices import chosen_depth
from grader.cli.made_report import show_made
from grader.cli.options import (
    AsJson,
    BaseUrl,
    BlindnessProbe,
    Budget,
    Concurrency,
    Control,
    Criteria,
    Depth,
    DryRun,
    EndsAt,
    Format,
    Insecure,
    Journal,
    JudgeArtifacts,
    JudgeModel,
    Judges,
    JudgeTurns,
    Name,
    Outputs,
    Prices,
    ReasoningEffort,
    Record,
    RecordNote,
    RequestsPerMinute,
    RetryFailed,
    Samples,
    ServerErrors,
    Strict,
    Study,
    TaskDiffers,
    Timeout,
    TokensPerMinute,
    Treatment,
    WarmPrefix,
)
from grader.cli.output import err
from grader.cli.plan_report import show_pairs, show_plan
from grader.cli.progress import progress_line
from grader.cli.read_options import read_options

if TYPE_CHECKING:
    from grader.comparing.make import Made
    from grader.comparing.plan import Planned
    from grader.judge.asking import Progress
    from grader.judge.options import JudgeOptions


def compare(
    control: Control,
    treatment: Treatment,
    rubric: Criteria,
    judge: Judges = None,
    base_url: BaseUrl = None,
    judge_model: JudgeModel = None,
    depth: Depth = "standard",
    samples: Samples = None,
    concurrency: Concurrency = 8,
    requests_per_minute: RequestsPerMinute = None,
    tokens_per_minute: TokensPerMinute = None,
    timeout: Timeout = None,
    warm_prefix: WarmPrefix = False,
    budget: Budget = None,
    prices: Prices = None,
    server_errors: ServerErrors = None,
    reasoning_effort: ReasoningEffort = None,
    retry_failed: RetryFailed = False,
    insecure: Insecure = False,
    record: Record = None,
    record_note: RecordNote = None,
    study: Study = None,
    outputs: Outputs = Path("outputs"),
    journal: Journal = None,
    name: Name = None,
    judge_turns: JudgeTurns = None,
    ends_at: EndsAt = None,
    format: Format = None,
    strict: Strict = False,
    task_differs: TaskDiffers = False,
    judge_artifacts: JudgeArtifacts = False,
    blindness_probe: BlindnessProbe = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Draft the comparison of a control and a treatment transcript.

    Answers are kept as they come: stop this command anywhere and run it again, and only what has
    no answer yet is asked. Two folders are compared pair by pair, matched by task and replicate.
    """
    from grader.comparing.folders import plan_all
    from grader.comparing.plan import PlanOptions
    from grader.judge.options import JudgeOptions
    from grader.judge.settings import TIMEOUT_S

    plan = PlanOptions(
        judges=tuple(judge or ()),
        depth=chosen_depth(depth),
        samples=samples,
        study=study,
        outputs=outputs,
        name=name,
        reading=read_options(format, ends_at, judge_turns, artifacts=judge_artifacts),
        strict=strict,
        task_differs=task_differs,
        probe=blindness_probe,
        journal=journal,
    )
    judging = JudgeOptions(
        base_url=base_url,
        judge_model=judge_model,
        concurrency=concurrency,
        requests_per_minute=requests_per_minute,
        tokens_per_minute=tokens_per_minute,
        timeout_s=timeout or TIMEOUT_S,
        warm_prefix=warm_prefix,
        budget_usd=budget,
        prices=prices,
        server_errors=server_errors,
        reasoning_effort=reasoning_effort,
        retry_failed=retry_failed,
        insecure=insecure,
    )
    pairs = plan_all(control, treatment, rubric, plan)
    show_pairs(pairs)
    if dry_run:
        show_plan(pairs.planned, judging, as_json)
    else:
        show_made(_make(pairs.planned, judging, record, record_note), budget, as_json)


def _make(
    planned: tuple[Planned, ...], judging: JudgeOptions, record: Path | None, note: str | None
) -> list[Made]:
    """Make the comparisons with a line of progress; write the recording that was asked for."""
    from grader.comparing.make import compare_all

    questions = Counter[str]()
    for each in planned:
        questions.update(each.questions)
    with progress_line(questions) as on_progress:
        made = compare_all(planned, judging, on_progress=on_progress, on_halt=show_halting)
    if record is not None:
        from grader.judge.recording import write_recording

        count = write_recording(record, [each.folder for each in made], note)
        err().print(f"{count} replies recorded in {record}", markup=False, soft_wrap=True)
    return made


def show_halting(state: Progress) -> None:
    """Say that the first Ctrl-C was seen."""
    err().print(
        "\nStopping: what is under way ends and is kept. Press Ctrl-C again to stop at once.",
        soft_wrap=True,
    )
