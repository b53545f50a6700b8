"""`grader compare`: a control and a treatment transcript become a draft."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.output import AsJson, out, print_json
from grader.cli.progress import progress_line
from grader.cli.reading import EndsAt, Format, JudgeTurns, readings
from grader.errors import EXIT_INTERRUPTED, GraderError

if TYPE_CHECKING:
    from grader.workflow import Made, Planned


class Depth(StrEnum):
    """How much is asked."""

    quick = "quick"
    standard = "standard"
    deep = "deep"


def compare(
    control: Annotated[
        Path, typer.Argument(metavar="CONTROL", help="Transcript of the plain run.")
    ],
    treatment: Annotated[
        Path, typer.Argument(metavar="TREATMENT", help="Transcript of the treated run.")
    ],
    rubric: Annotated[Path, typer.Option("--rubric", "-r", help="The criteria, a YAML file.")],
    judge: Annotated[
        list[str] | None,
        typer.Option(
            "--judge",
            "-j",
            envvar="GRADER_JUDGE",
            help="Who judges: provider/model (openai/gpt-5.4, ollama/…), recorded:FILE, files:DIR "
            "or offline (nobody is asked). Give it again for a panel.",
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
        typer.Option(help="quick: verdicts and signatures; standard: all; deep: three samples."),
    ] = Depth.standard,
    samples: Annotated[
        int | None, typer.Option(min=1, max=99, help="How often each verdict is asked.")
    ] = None,
    concurrency: Annotated[
        int, typer.Option(min=1, max=1000, help="Requests under way at once.")
    ] = 8,
    study: Annotated[
        Path | None, typer.Option(help="The study's description and hypotheses, a YAML file.")
    ] = None,
    outputs: Annotated[
        Path, typer.Option(envvar="GRADER_OUTPUTS", help="Folder of all comparisons.")
    ] = Path("outputs"),
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
    no answer yet is asked.
    """
    from grader import workflow

    planned = workflow.plan_comparison(
        control,
        treatment,
        rubric,
        judges=judge or (),
        depth=depth.value,
        samples=samples,
        study=study,
        outputs=outputs,
        name=name,
        reading=readings(format, ends_at, judge_turns),
        strict=strict,
        probe=blindness_probe,
    )
    if dry_run:
        _show_plan(planned, as_json)
        return
    try:
        with progress_line(planned.questions) as on_progress:
            made = workflow.compare(
                planned,
                base_url=base_url,
                judge_model=judge_model,
                concurrency=concurrency,
                on_progress=on_progress,
            )
    except KeyboardInterrupt:
        raise Interrupted(
            "stopped",
            mend="Every answer that came is kept. Run the same command again to go on.",
        ) from None
    _show_made(made, as_json)


class Interrupted(GraderError):
    """Ctrl-C."""

    exit_code = EXIT_INTERRUPTED


def _show_plan(planned: Planned, as_json: bool) -> None:
    total = sum(planned.questions.values())
    if as_json:
        print_json(
            {
                "folder": str(planned.folder),
                "judges": planned.judges,
                "questions": planned.questions,
                "total": total,
            }
        )
        return
    console = out()
    console.print(f"Folder    {planned.folder}")
    console.print(f"Judge     {', '.join(planned.judges)}")
    if not planned.questions:
        console.print("Questions none: without a judge, passages are retrieved for the reviewer.")
        return
    console.print(f"Questions {total}, and one more for each answer that must be asked again")
    for kind, count in planned.questions.items():
        console.print(f"  {count:5}  {kind}")
    console.print("Nothing was asked.")


def _show_made(made: Made, as_json: bool) -> None:
    draft = made.comparison
    if as_json:
        print_json(
            {
                "folder": str(made.folder),
                "writeup": str(made.writeup),
                "new": made.new,
                "judges": [judge.model_dump(mode="json") for judge in draft.judges],
                "scorecard": draft.scorecard.model_dump(mode="json"),
                "outcomes": [count.model_dump(mode="json") for count in draft.outcomes],
            }
        )
        return
    from grader.cli.scorecard import scorecard_table

    console = out()
    if not made.new:
        console.print("This comparison was made before; nothing was asked.")
    if all(judge.kind == "offline" for judge in draft.judges):
        console.print(
            "[bold]No judge was asked.[/] The nearest passages are laid out for the reviewer; "
            "the levels are empty."
        )
    else:
        console.print(scorecard_table(draft.rubric, draft.scorecard))
        failed = sum(count.count for count in draft.outcomes if count.outcome != "answered")
        total = sum(count.count for count in draft.outcomes)
        console.print(f"{total - failed} of {total} questions answered.")
    console.print(f"\nDraft    {made.folder / 'comparison.json'}", soft_wrap=True)
    console.print(f"Writeup  {made.writeup}", soft_wrap=True)
    console.print(f"\nNext: [bold]grader review {made.folder}[/]", soft_wrap=True)
