"""`grader rubric`: writing criteria, checking them, and locking them before they are used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from grader.cli.choices import one_of
from grader.cli.findings import AsForm, print_findings
from grader.cli.options import AsJson
from grader.cli.output import out, print_json
from grader.cli.rubric_writing import draft, new

if TYPE_CHECKING:
    from grader.rubric.lock import Lock

rubric = typer.Typer(
    name="rubric",
    help="Write criteria, check them, and lock them before they are used.",
    no_args_is_help=True,
)

rubric.command()(new)
rubric.command()(draft)

RubricFile = Annotated[Path, typer.Argument(metavar="RUBRIC", help="A YAML file.")]


@rubric.command()
def lock(
    path: RubricFile,
    derived_from: Annotated[
        list[Path] | None,
        typer.Option("--from", help="A transcript the criteria were derived from. Repeatable."),
    ] = None,
    author: Annotated[
        str | None, typer.Option(help="Who locks it.", show_default="from git")
    ] = None,
    judge: Annotated[
        list[str] | None, typer.Option(help="A judge that will be asked. Repeatable.")
    ] = None,
    depth: Annotated[
        str | None,
        typer.Option(metavar="DEPTH", help="How much will be asked: quick, standard, deep."),
    ] = None,
    samples: Annotated[
        int | None, typer.Option(min=1, max=99, help="How often each verdict will be asked.")
    ] = None,
    decision_rule: Annotated[
        str | None,
        typer.Option(help="From which result on the hypothesis is taken to hold, in words."),
    ] = None,
    note: Annotated[
        str | None, typer.Option(help="What else should be known of this lock.")
    ] = None,
    sign: Annotated[
        Path | None, typer.Option(metavar="KEY", help="Sign it with this SSH key.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Lock a rubric: write beside it what it says now, when, and what it was derived from.

    Commit the lock before the treatment is run: the commit is what others can rely on.
    """
    from grader.rubric.lock import Depth
    from grader.rubric.locking import lock_rubric
    from grader.rubric.signing import signature_path

    made, written = lock_rubric(
        path,
        derived_from=derived_from or (),
        author=author,
        judges=judge or (),
        depth=one_of(depth, get_args(Depth), "--depth"),
        samples=samples,
        decision_rule=decision_rule,
        note=note,
        key=sign,
    )
    if as_json:
        print_json({"lock": str(written), **made.model_dump(mode="json", exclude={"rubric"})})
        return
    _show_lock(made, written, signature_path(written) if sign else None)


def _show_lock(made: Lock, written: Path, signature: Path | None) -> None:
    console = out()
    console.print(f"Locked    {written}", markup=False, soft_wrap=True)
    console.print(f"Rubric    {made.rubric.id}, sha256 {made.rubric_hash}", soft_wrap=True)
    console.print(f"When      {made.locked_at}, by {made.author}", markup=False, soft_wrap=True)
    for source in made.derived_from:
        console.print(
            f"From      {source.file} ({source.condition or 'condition not stated'}), "
            f"sha256 {source.sha256[:16]}…",
            markup=False,
            soft_wrap=True,
        )
    if signature:
        console.print(f"Signature {signature}", markup=False, soft_wrap=True)
    console.print(
        "\nNext: commit it, and push, before the treatment is run or read.",
        markup=False,
    )


@rubric.command()
def diff(
    old: Annotated[
        Path, typer.Argument(metavar="OLD", help="A rubric or a lock; alone: a rubric.")
    ],
    new: Annotated[
        Path | None,
        typer.Argument(metavar="[NEW]", help="A rubric or a lock. Left out: OLD against its lock."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show word by word what differs between two rubrics, or a rubric and its lock.

    Exit code 1 when they differ.
    """
    from grader.errors import EXIT_FINDINGS
    from grader.rubric.difference import differences, word_by_word
    from grader.rubric.lock import lock_path
    from grader.rubric.locking import read_rubric_or_lock

    first, second = (old, new) if new is not None else (lock_path(old), old)
    changes = differences(read_rubric_or_lock(first), read_rubric_or_lock(second))
    if as_json:
        print_json(
            {
                "old": str(first),
                "new": str(second),
                "changes": [
                    change.model_dump(mode="json") | {"judged": change.judged} for change in changes
                ],
            }
        )
    else:
        console = out()
        for change in changes:
            seen = "" if change.judged else "  (the judge doesn't see it)"
            console.print(f"{change.place}{seen}", markup=False, style="bold")
            console.print(
                f"  {word_by_word(change.before, change.after)}\n", markup=False, soft_wrap=True
            )
        if not changes:
            console.print("No difference.")
    if changes:
        raise typer.Exit(EXIT_FINDINGS)


@rubric.command()
def schema() -> None:
    """Print the JSON schema of rubric files, for completion and checking in editors."""
    from grader.rubric.schema import rubric_schema

    print_json(rubric_schema())


@rubric.command()
def check(
    path: RubricFile,
    against: Annotated[
        list[Path] | None,
        typer.Option(help="A control transcript whose words must not be carried. Repeatable."),
    ] = None,
    draft: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FOLDER",
            help="A comparison whose control was judged by this rubric: is there room to move? "
            "Repeatable.",
        ),
    ] = None,
    allowed_signers: Annotated[
        Path | None, typer.Option(help="Who may sign locks.", show_default="beside the lock")
    ] = None,
    form: AsForm = "text",
    as_json: AsJson = False,
) -> None:
    """Report what is wrong with a rubric: its form, levels, wording, sources and lock."""
    from grader.check.rubric import check_rubric

    found = check_rubric(
        path, against=against or (), judged=draft or (), allowed_signers=allowed_signers
    )
    print_findings(found, [str(path)], form, as_json)
