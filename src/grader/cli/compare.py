"""`grader compare`: a control and a treatment transcript, or two folders of them, become drafts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from grader.cli.choices import words_of
from grader.cli.output import AsJson, err, out, print_json
from grader.cli.progress import progress_line
from grader.cli.reading import EndsAt, Format, JudgeTurns, readings
from grader.errors import EXIT_JUDGE, InputError

if TYPE_CHECKING:
    from grader.comparing.make import Made, Planned
    from grader.judge.asking import Progress
    from grader.judge.options import JudgeOptions


class Depth(StrEnum):
    """How much is asked."""

    quick = "quick"
    standard = "standard"
    deep = "deep"


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
    judge: Annotated[
        list[str] | None,
        typer.Option(
            "--judge",
            "-j",
            envvar="GRADER_JUDGE",
            help="Who judges: provider/model (openai/gpt-5.4, ollama/…), recorded:FILE[#model], "
            "files:DIR or offline (nobody is asked). Give it again for a panel.",
            show_default="offline",
        ),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(envvar="GRADER_BASE_URL", help="An OpenAI-compatible server to ask instead."),
    ] = None,
    judge_model: Annotated[
        str | None, typer.Option(help="The model that files: requests name, as provider/model.")
    ] = None,
    depth: Annotated[
        Depth,
        typer.Option(
            parser=words_of(Depth, "--depth"),
            metavar="DEPTH",
            help="quick: verdicts and signatures; standard: all; deep: three samples.",
        ),
    ] = Depth.standard,
    samples: Annotated[
        int | None, typer.Option(min=1, max=99, help="How often each verdict is asked.")
    ] = None,
    concurrency: Annotated[
        int, typer.Option(min=1, max=1000, help="Requests under way at once, at most.")
    ] = 8,
    requests_per_minute: Annotated[
        float | None, typer.Option(min=0.01, help="Send no more requests a minute.")
    ] = None,
    tokens_per_minute: Annotated[
        float | None, typer.Option(min=1, help="Send no more prompt tokens a minute (estimated).")
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            min=1, metavar="SECONDS", help="How long one attempt may take.", show_default="180"
        ),
    ] = None,
    warm_prefix: Annotated[
        bool,
        typer.Option(
            "--warm-prefix",
            help="Let the first question on a transcript go ahead, so that the provider's cache "
            "serves the rest.",
        ),
    ] = False,
    budget: Annotated[
        float | None,
        typer.Option(
            min=0, metavar="USD", help="Never spend more on this, earlier runs of it included."
        ),
    ] = None,
    prices: Annotated[
        Path | None,
        typer.Option(envvar="GRADER_PRICES", help="Prices that correct the shipped ones, YAML."),
    ] = None,
    reasoning_effort: Annotated[
        str | None, typer.Option(help="For models that think first, as the provider names it.")
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Ask anew what ended in a failure.")
    ] = False,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Send to plain http:// outside this machine, too.")
    ] = False,
    record: Annotated[
        Path | None, typer.Option(help="Write all replies into this file, for recorded:FILE.")
    ] = None,
    study: Annotated[
        Path | None, typer.Option(help="The study's description and hypotheses, a YAML file.")
    ] = None,
    outputs: Annotated[
        Path, typer.Option(envvar="GRADER_OUTPUTS", help="Folder of all comparisons.")
    ] = Path("outputs"),
    journal: Annotated[
        str | None,
        typer.Option(
            envvar="GRADER_JOURNAL",
            help="File of the replies.",
            show_default="journal.db in the outputs",
        ),
    ] = None,
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
    from grader.comparing import make as workflow
    from grader.judge.options import JudgeOptions
    from grader.judge.settings import TIMEOUT_S

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
    planned = _plan(
        control,
        treatment,
        rubric,
        name=name,
        judges=judge or (),
        depth=depth.value,
        samples=samples,
        study=study,
        outputs=outputs,
        reading=readings(format, ends_at, judge_turns),
        strict=strict,
        probe=blindness_probe,
        journal=journal,
    )
    _tell_confounds(planned)
    if dry_run:
        _show_plan(planned, asking, as_json)
        return
    questions = Counter[str]()
    for each in planned:
        questions.update(each.questions)
    with progress_line(questions) as on_progress:
        made = workflow.compare_all(planned, asking, on_progress=on_progress, on_halt=_halting)
    if record is not None:
        from grader.judge.recording import write_recording

        count = write_recording(record, [each.folder for each in made])
        err().print(f"{count} replies recorded in {record}", markup=False, soft_wrap=True)
    if len(made) == 1:
        _show_made(made[0], as_json)
    else:
        _show_all(made, as_json)
    _tell_budget(made, budget)
    _fail_where_nothing_was_answered(made)


def _plan(
    control: Path, treatment: Path, rubric: Path, *, name: str | None, **options: Any
) -> list[Planned]:
    if not (control.is_dir() and treatment.is_dir()):
        from grader.comparing.make import plan_comparison

        return [plan_comparison(control, treatment, rubric, name=name, **options)]
    from grader.comparing.folders import plan_folders

    if name is not None:
        raise InputError(
            "many comparisons can't share a name",
            place="--name",
            mend="Give them a folder of their own with --outputs.",
        )
    folders = plan_folders(control, treatment, rubric, **options)
    for path in folders.unmatched:
        err().print(
            f"{path} has no counterpart in the other folder; left out.",
            markup=False,
            soft_wrap=True,
        )
    return list(folders.planned)


def _tell_confounds(planned: Sequence[Planned]) -> None:
    """Before anything is paid for: what else differs, and sides that look swapped."""
    from grader.transcripts import check_pair

    console = err()
    for each in planned:
        for found in check_pair(each.plan.pair.control, each.plan.pair.treatment):
            if found.kind == "confound" or found.code == "sides_swapped":
                where = f"{each.plan.slug}: " if len(planned) > 1 else ""
                console.print(f"! {where}{found.message}", markup=False, soft_wrap=True)


def _halting(state: Progress) -> None:
    err().print(
        "\nStopping: what is under way ends and is kept. Press Ctrl-C again to stop at once.",
        soft_wrap=True,
    )


def _tell_budget(made: Sequence[Made], budget: float | None) -> None:
    stopped = sum(
        count.count for each in made for count in each.outcomes if count.outcome == "budget_stopped"
    )
    if stopped and any(each.new for each in made):
        err().print(
            f"grader: the budget of ${budget:.2f} stopped {stopped} questions.\n"
            "  Run the same command with a larger --budget; only these are asked then.",
            soft_wrap=True,
        )
        raise typer.Exit(EXIT_JUDGE)


def _show_plan(planned: Sequence[Planned], asking: JudgeOptions, as_json: bool) -> None:
    from grader.comparing.options import planned_cost

    first = planned[0]
    kinds = planned_cost(planned, asking)
    known = all(kind.usd is not None for kind in kinds)
    usd = sum(kind.usd or 0.0 for kind in kinds) if known else None
    total = sum(kind.questions for kind in kinds)
    if as_json:
        print_json(
            {
                "folder": str(first.folder),
                "folders": [str(each.folder) for each in planned],
                "judges": first.judges,
                "questions": {kind.kind: kind.questions for kind in kinds},
                "total": total,
                "estimate": [asdict(kind) for kind in kinds],
                "usd": usd,
            }
        )
        return
    console = out()
    if len(planned) == 1:
        console.print(f"Folder    {first.folder}", markup=False, soft_wrap=True)
    else:
        console.print(
            f"Folder    {len(planned)} comparisons in {first.folder.parent}",
            markup=False,
            soft_wrap=True,
        )
    console.print(f"Judge     {', '.join(first.judges)}", markup=False, soft_wrap=True)
    if not kinds:
        console.print("Questions none: without a judge, passages are retrieved for the reviewer.")
        return
    from grader.comparison.estimate import METHOD

    console.print(f"Questions {total}, and one more for each answer that must be asked again")
    console.print("          questions  prompt tokens  reply tokens        cost")
    for kind in kinds:
        console.print(
            f"  {kind.kind:<13}{kind.questions:4}  {kind.prompt_tokens:13,}  "
            f"{kind.reply_tokens:12,}  {_usd(kind.usd):>10}"
        )
    console.print(f"Estimated as {METHOD}. Nothing taken off for the provider's cache.")
    if usd is None:
        console.print("Cost      not known: there is no price for this judge (see --prices)")
    else:
        console.print(f"Cost      about {_usd(usd)}")
    console.print("Nothing was asked.")


def _usd(usd: float | None) -> str:
    return "unknown" if usd is None else f"${usd:.4f}"


def _show_all(made: Sequence[Made], as_json: bool) -> None:
    if as_json:
        print_json({"comparisons": [_as_json(each) for each in made]})
        return
    console = out()
    for each in made:
        counts = each.outcomes
        total = sum(count.count for count in counts)
        answered = sum(count.count for count in counts if count.outcome == "answered")
        state = f"{answered} of {total} answered" if each.new else "made before"
        if failed := _failed(each):
            state += f" ({', '.join(f'{n} {name}' for name, n in failed.most_common())})"
        console.print(f"{each.folder}  {state}", markup=False, soft_wrap=True)
    console.print(f"\n{len(made)} comparisons. Next: [bold]grader review FOLDER[/]")


def _failed(made: Made) -> Counter[str]:
    """How many questions failed, by outcome."""
    failed = Counter[str]()
    for count in made.outcomes:
        if count.outcome != "answered":
            failed[count.outcome] += count.count
    return failed


def _fail_where_nothing_was_answered(made: Sequence[Made]) -> None:
    """A draft without one answer is no result, whoever reads the exit code."""
    asked = [each for each in made if each.new and each.outcomes]
    if any(all(count.outcome != "answered" for count in each.outcomes) for each in asked):
        raise typer.Exit(EXIT_JUDGE)


def _as_json(made: Made) -> dict[str, Any]:
    draft = made.comparison
    return {
        "folder": str(made.folder),
        "writeup": str(made.writeup),
        "new": made.new,
        "judges": [judge.model_dump(mode="json") for judge in draft.judges],
        "scorecard": draft.scorecard.model_dump(mode="json"),
        "outcomes": [count.model_dump(mode="json") for count in draft.outcomes],
    }


def _show_made(made: Made, as_json: bool) -> None:
    draft = made.comparison
    if as_json:
        print_json(_as_json(made))
        return
    console = out()
    if not made.new:
        from grader.cli.show import show_comparison
        from grader.review.folder import read_reviewed

        console.print("This comparison was made before; nothing was asked.\n")
        show_comparison(read_reviewed(made.folder), made.folder, console)
        if any(count.outcome != "answered" for count in draft.outcomes):
            console.print("[bold]--retry-failed[/] asks the others anew.")
        return
    if all(judge.kind == "offline" for judge in draft.judges):
        console.print(
            "[bold]No judge was asked.[/] The nearest passages are laid out for the reviewer; "
            "the levels are empty."
        )
    else:
        from grader.cli.scorecard import scorecard_table

        console.print(scorecard_table(draft.rubric, draft.scorecard))
        total = sum(count.count for count in made.outcomes)
        failed = _failed(made)
        console.print(f"{total - failed.total()} of {total} questions answered.")
        if failed:
            told = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in failed.most_common())
            console.print(f"The others: {told}. [bold]--retry-failed[/] asks them anew.")
    console.print(f"\nDraft    {made.folder / 'comparison.json'}", markup=False, soft_wrap=True)
    console.print(f"Writeup  {made.writeup}", markup=False, soft_wrap=True)
    console.print(f"Page     {made.folder / 'comparison.html'}", markup=False, soft_wrap=True)
    console.print(f"\nNext: grader review {made.folder}", markup=False, soft_wrap=True)
