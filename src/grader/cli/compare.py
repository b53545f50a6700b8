"""`grader compare`: a control and a treatment transcript, or two folders of them, become drafts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from grader.cli.choices import one_of
from grader.cli.made_report import show_made
from grader.cli.options import (
    AsJson,
    BaseUrl,
    Budget,
    Concurrency,
    Depth,
    EndsAt,
    Format,
    Insecure,
    Journal,
    JudgeModel,
    Judges,
    JudgeTurns,
    Outputs,
    Prices,
    ReasoningEffort,
    Record,
    RequestsPerMinute,
    RetryFailed,
    Samples,
    Study,
    Timeout,
    TokensPerMinute,
    WarmPrefix,
)
from grader.cli.output import err
from grader.cli.plan_report import show_confounds, show_plan
from grader.cli.progress import progress_line
from grader.cli.read_options import read_options

if TYPE_CHECKING:
    from grader.comparing.make import Made
    from grader.comparing.plan import Planned
    from grader.judge.asking import Progress
    from grader.judge.options import JudgeOptions


def compare(
    control: Annotated[
        Path, typer.Argument(metavar="CONTROL", help="Transcript of the plain run, or a folder.")
    ],
    treatment: Annotated[
        Path,
        typer.Argument(metavar="TREATMENT", help="Transcript of the treated run, or a folder."),
    ],
    rubric: Annotated[
        Path,
        typer.Option(
            "--rubric",
            "-r",
            help="The criteria, a YAML file; for folders also one with a <task>.yaml a task.",
        ),
    ],
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
    reasoning_effort: ReasoningEffort = None,
    retry_failed: RetryFailed = False,
    insecure: Insecure = False,
    record: Record = None,
    study: Study = None,
    outputs: Outputs = Path("outputs"),
    journal: Journal = None,
    name: Annotated[
        str | None,
        typer.Option(help="Name of this comparison's folder.", show_default="from the ids"),
    ] = None,
    judge_turns: JudgeTurns = None,
    ends_at: EndsAt = None,
    format: Format = None,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Refuse a pair that differs in more than its treatment."),
    ] = False,
    blindness_probe: Annotated[
        bool,
        typer.Option(
            "--blindness-probe", help="Ask at the end, in both orders, which was the control."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be asked, and ask nothing.")
    ] = False,
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
    from grader.rubric.lock import Depth as Depths

    chosen_depth = one_of(depth, get_args(Depths), "--depth")
    assert chosen_depth is not None
    plan = PlanOptions(
        judges=tuple(judge or ()),
        depth=chosen_depth,
        samples=samples,
        study=study,
        outputs=outputs,
        name=name,
        reading=read_options(format, ends_at, judge_turns),
        strict=strict,
        probe=blindness_probe,
        journal=journal,
    )
    asking = JudgeOptions(
        base_url=base_url,
        judge_model=judge_model,
        concurrency=concurrency,
        requests_per_minute=requests_per_minute,
        tokens_per_minute=tokens_per_minute,
        timeout_s=timeout or TIMEOUT_S,
        warm_prefix=warm_prefix,
        budget_usd=budget,
        prices=prices,
        reasoning_effort=reasoning_effort,
        retry_failed=retry_failed,
        insecure=insecure,
    )
    pairs = plan_all(control, treatment, rubric, plan)
    for path in pairs.unmatched:
        err().print(
            f"{path} has no counterpart in the other folder; left out.",
            markup=False,
            soft_wrap=True,
        )
    show_confounds(pairs.planned)
    if dry_run:
        show_plan(pairs.planned, asking, as_json)
    else:
        show_made(_make(pairs.planned, asking, record), budget, as_json)


def _make(planned: tuple[Planned, ...], asking: JudgeOptions, record: Path | None) -> list[Made]:
    """Make the comparisons with a line of progress; write the recording that was asked for."""
    from grader.comparing.make import compare_all

    questions = Counter[str]()
    for each in planned:
        questions.update(each.questions)
    with progress_line(questions) as on_progress:
        made = compare_all(planned, asking, on_progress=on_progress, on_halt=show_halting)
    if record is not None:
        from grader.judge.recording import write_recording

        count = write_recording(record, [each.folder for each in made])
        err().print(f"{count} replies recorded in {record}", markup=False, soft_wrap=True)
    return made


def show_halting(state: Progress) -> None:
    """Say that the first Ctrl-C was seen."""
    err().print(
        "\nStopping: what is under way ends and is kept. Press Ctrl-C again to stop at once.",
        soft_wrap=True,
    )
