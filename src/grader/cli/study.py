"""`grader study`: does the treatment change anything that two plain runs don't?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.options import (
    AsJson,
    BaseUrl,
    Budget,
    Concurrency,
    DryRun,
    Insecure,
    Journal,
    JudgeModel,
    Judges,
    Outputs,
    Prices,
    ReasoningEffort,
    Record,
    RecordNote,
    RequestsPerMinute,
    RetryFailed,
    Reviewer,
    ServerErrors,
    Timeout,
    TokensPerMinute,
    WarmPrefix,
)
from grader.cli.output import err, out, print_json

if TYPE_CHECKING:
    from grader.study.report.writing import Reported

study = typer.Typer(
    name="study",
    help="Say over many runs whether a treatment changes anything, and how sure that is.",
    no_args_is_help=True,
)

StudyFile = Annotated[Path, typer.Argument(metavar="STUDY", help="A study file, YAML.")]


@study.command()
def init(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="C/ P/ ...", help="Folders of runs, one a condition, plain first."),
    ],
    rubric: Annotated[
        Path,
        typer.Option("--rubric", "-r", help="A folder with a <task>.yaml a task, or one file."),
    ],
    to: Annotated[Path, typer.Option("--to", "-o", help="The study file to be written.")] = Path(
        "study.yaml"
    ),
    id: Annotated[
        str | None, typer.Option(help="Id of the study.", show_default="from the conditions")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Title of the study.")] = None,
) -> None:
    """Write a study file from folders of runs, and say what was found."""
    from grader.cli.study_report import show_runs
    from grader.study.design import open_study
    from grader.study.starting import start_study

    start_study(folders, rubric, to, id=id, title=title)
    show_runs(open_study(to, Path("outputs")).design)
    console = out()
    console.print(f"\nStudy    {to}", markup=False, soft_wrap=True)
    console.print(
        f"\nRead it, then: grader study lock {to}, and grader study run {to} -j JUDGE",
        markup=False,
        soft_wrap=True,
    )


@study.command()
def split(path: StudyFile, outputs: Outputs = Path("outputs")) -> None:
    """Draw half of the runs of each cell for writing criteria. The other half stays sealed."""
    from grader.study.starting import split_study

    made, opened = split_study(path, outputs)
    console = out()
    console.print("For reading and writing criteria:", style="bold")
    for run in opened.design.runs:
        if run.file_sha256 in made.writing:
            console.print(f"  {run.file}", markup=False, soft_wrap=True)
    console.print(
        f"\n{len(made.sealed)} runs are sealed: don't open, show or judge them. When the criteria "
        f"are written: grader study lock {path}",
        markup=False,
        soft_wrap=True,
    )


@study.command()
def plan(
    path: StudyFile,
    judge: Judges = None,
    base_url: BaseUrl = None,
    prices: Prices = None,
    outputs: Outputs = Path("outputs"),
    as_json: AsJson = False,
) -> None:
    """Say what the design costs and what it can detect. Nothing is asked."""
    from grader.cli.study_report import show_plan
    from grader.judge.options import JudgeOptions
    from grader.study.design import open_study
    from grader.study.libraries import need_libraries

    need_libraries()
    opened = open_study(path, outputs)
    judges = tuple(judge or opened.design.plan.judges)
    show_plan(opened, judges, JudgeOptions(base_url=base_url, prices=prices), as_json)


@study.command()
def lock(
    path: StudyFile,
    author: Annotated[
        str | None, typer.Option(help="Who locks it.", show_default="from git")
    ] = None,
    note: Annotated[
        str | None, typer.Option(help="What else should be known of this lock.")
    ] = None,
    sign: Annotated[
        Path | None, typer.Option(metavar="KEY", help="Sign it with this SSH key.")
    ] = None,
    outputs: Outputs = Path("outputs"),
    as_json: AsJson = False,
) -> None:
    """Lock a study: its file, criteria, runs, pairing, draw and looks, before levels are known.

    Commit the lock before anything is asked: the commit is what others can rely on.
    """
    from grader.study.starting import lock_study

    made, written = lock_study(path, outputs, author=author, note=note, key=sign)
    if as_json:
        print_json({"lock": str(written), **made.model_dump(mode="json", exclude={"plan"})})
        return
    console = out()
    console.print(f"Locked   {written}", markup=False, soft_wrap=True)
    console.print(f"Study    {made.plan.id}, sha256 {made.plan_hash}", soft_wrap=True)
    console.print(f"When     {made.locked_at}, by {made.author}", markup=False, soft_wrap=True)
    counting = sum(run.counts for run in made.runs)
    console.print(f"Runs     {counting} count, {len(made.runs) - counting} are left out")
    console.print("\nNext: commit it, and push, before anything is asked.", markup=False)


@study.command()
def run(
    path: StudyFile,
    judge: Judges = None,
    base_url: BaseUrl = None,
    judge_model: JudgeModel = None,
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
    outputs: Outputs = Path("outputs"),
    journal: Journal = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Ask all verdicts of a study, each run alone, in one wave.

    Answers are kept as they come: stop this command anywhere and run it again, and only what has
    no answer yet is asked. What `grader compare` asked of the same runs is not paid again.
    """
    from grader.cli.study_run import run_study
    from grader.judge.options import JudgeOptions
    from grader.judge.settings import TIMEOUT_S

    options = JudgeOptions(
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
    run_study(
        path,
        judge,
        options,
        outputs,
        journal,
        record,
        record_note,
        dry_run=dry_run,
        as_json=as_json,
    )


@study.command()
def gold(
    path: StudyFile,
    reviewer: Reviewer = None,
    outputs: Outputs = Path("outputs"),
    web: Annotated[bool, typer.Option("--web", help="In the browser.")] = False,
    table: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="CSV",
            help="Levels given elsewhere (run, criterion, level, who): described, never used.",
        ),
    ] = None,
) -> None:
    """Give levels to the next runs of the blind human subset, in the terminal or the browser.

    One run at a time, without its condition and without the judge's levels. Each level is saved
    before the next question; stop anywhere.
    """
    from grader.cli.study_gold import give_gold, serve_gold, take_elsewhere
    from grader.review.reviewer import reviewer_name
    from grader.study.design import open_study

    opened = open_study(path, outputs)
    if table is not None:
        take_elsewhere(opened, table)
        return
    who = reviewer_name(reviewer)
    if web:
        serve_gold(opened, outputs, who)
    else:
        give_gold(opened, who)


@study.command()
def report(
    path: Annotated[
        Path, typer.Argument(metavar="STUDY", help="A study file, or the folder of a study.")
    ],
    partial: Annotated[
        bool, typer.Option("--partial", help="Though not everything was asked; an unplanned look.")
    ] = False,
    outputs: Outputs = Path("outputs"),
    as_json: AsJson = False,
) -> None:
    """Write what came out: report.md, report.html, results.json, levels.csv. It is noted as a look.

    The first line is the answer.
    """
    from grader.cli.study_report import show_reported
    from grader.study.libraries import need_libraries

    need_libraries()
    show_reported(_report(path, outputs, partial), as_json)


def _report(path: Path, outputs: Path, partial: bool) -> Reported:
    from grader.study.asking import write_inputs
    from grader.study.design import open_study
    from grader.study.report.writing import report_study
    from grader.version import __version__

    folder = path
    if not path.is_dir():
        opened = open_study(path, outputs)
        write_inputs(opened)
        folder = opened.folder
    reported = report_study(folder, grader_version=__version__, partial=partial)
    for note in reported.notes:
        err().print(note, markup=False, soft_wrap=True)
    return reported
