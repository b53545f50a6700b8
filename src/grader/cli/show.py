"""`grader show`: what was read from a transcript or rubric, or where a comparison stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.folder_argument import need_comparison
from grader.cli.options import AsJson, FileEndsAt, FileFormat, JudgeArtifacts
from grader.cli.output import out, print_json, shown
from grader.text.visible import visible

if TYPE_CHECKING:
    from rich.console import Console

    from grader.review.reviewed import Reviewed
    from grader.rubric import Rubric


def show(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH", help="A transcript, a rubric (.yaml) or a comparison's folder."
        ),
    ],
    format: FileFormat = None,
    ends_at: FileEndsAt = None,
    judge_turns: Annotated[
        str | None,
        typer.Option(help="Show this choice of judged turns, such as 2,4-6; or last, or all."),
    ] = None,
    judge_artifacts: JudgeArtifacts = False,
    as_json: AsJson = False,
) -> None:
    """Show what was read: who said what, what is judged, and what is kept from the judge."""
    if path.is_dir():
        from grader.review.folder import read_reviewed

        need_comparison(path, "show")
        reviewed = read_reviewed(path)
        if as_json:
            print_json(reviewed.model_dump(mode="json"))
        else:
            show_comparison(reviewed, path, out())
    elif path.suffix in (".yaml", ".yml"):
        from grader.rubric import read_rubric

        rubric = read_rubric(path)
        if as_json:
            print_json(rubric.model_dump(mode="json") | {"hash": rubric.hash})
        else:
            _show_rubric(rubric, out())
    else:
        from grader.transcripts import ReadOptions, read_session

        # Also a page without a word of the model is shown: comparing it is what is refused.
        chosen = ReadOptions(turns=judge_turns, artifacts=judge_artifacts)
        transcript = chosen.chosen(read_session(path, format=format, ends_at=ends_at))
        if as_json:
            print_json(transcript.model_dump(mode="json"))
        else:
            from grader.cli.transcript_view import show_transcript

            show_transcript(transcript, out())


def _show_rubric(rubric: Rubric, console: Console) -> None:
    from rich.padding import Padding
    from rich.rule import Rule
    from rich.text import Text

    from grader.rubric.scale import level_name

    console.print(Rule(shown(f"{rubric.id} · version {rubric.version}", "bold"), align="left"))
    console.print(shown(rubric.title))
    console.print(shown(f"hash {rubric.hash}", "dim"))
    for number, criterion in enumerate(rubric.criteria, 1):
        console.print(shown(f"\n{number}. {criterion.title}  ({criterion.id})", "bold"))
        console.print(Padding(shown(criterion.question), (0, 0, 0, 3)))
        for answer, meaning in criterion.definitions.items():
            name = f"{level_name(answer)}: "
            console.print(Padding(Text.assemble((name, "bold"), visible(meaning)), (0, 0, 0, 3)))
    for signature in rubric.signatures:
        console.print(shown(f"\nSignature: {signature.title}  ({signature.id})", "bold"))
        console.print(Padding(shown(signature.description), (0, 0, 0, 3)))
        for marker in signature.markers:
            console.print(Padding(shown(f"• {marker}"), (0, 0, 0, 3)))


def show_comparison(reviewed: Reviewed, folder: Path, console: Console) -> None:
    """Where a comparison stands, and what to do next."""
    from rich.rule import Rule

    from grader.cli.scorecard import print_draft, scorecard_table
    from grader.review.items import decisions_made, review_items

    draft = reviewed.draft
    decided, total = decisions_made(reviewed)
    console.print(Rule(shown(draft.slug, "bold"), align="left"))
    console.print(shown(f"Control    {draft.control.id}\nTreatment  {draft.treatment.id}"))
    console.print(shown(f"Judge      {', '.join(judge.spec for judge in draft.judges)}"))
    console.print(shown("\nThe judge's draft", "bold"))
    print_draft(draft, console)
    if decided:
        console.print(shown("\nReviewed", "bold"))
        console.print(scorecard_table(draft, reviewed.scorecard))
    items = review_items(draft)
    waiting = sum(bool(items[id].attention) for id in reviewed.undecided)
    console.print(
        shown(
            f"\n{decided} of {total} decisions made; "
            f"{waiting} open {'item needs' if waiting == 1 else 'items need'} attention."
        )
    )
    if reviewed.sign_off:
        console.print(shown(f"Signed by {reviewed.sign_off.reviewer}, {reviewed.sign_off.time}."))
    else:
        step = "sign" if not reviewed.undecided else "review"
        console.print(shown(f"Next: grader {step} {folder}", "bold"))
