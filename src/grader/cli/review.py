"""`grader review`, `grader sign`, `grader render`: from draft to signed writeup."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.choices import one_of
from grader.cli.folder_argument import need_comparison
from grader.cli.options import AsJson, ComparisonFolder, Reviewer
from grader.cli.output import err, out, print_json
from grader.errors import EXIT_INTERRUPTED, InputError

if TYPE_CHECKING:
    from grader.review.events import Mode
    from grader.review.item_view import Order


def review(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="FOLDER...",
            help="Comparisons' folders, or a folder of them, one after another.",
        ),
    ],
    reviewer: Reviewer = None,
    mode: Annotated[
        str | None,
        typer.Option(
            metavar="MODE",
            help="'assisted' shows the judge's verdict; 'blind-first' after your own; 'mixed' "
            "draws half of them to come after your own.",
            show_default="assisted, or as this review began",
        ),
    ] = None,
    order: Annotated[
        str, typer.Option(metavar="ORDER", help="'attention' first, 'rubric' or 'random'.")
    ] = "attention",
    traps: Annotated[
        int, typer.Option(min=0, help="How many wrong verdicts are planted to test the reviewer.")
    ] = 0,
    adjudicate: Annotated[
        bool, typer.Option("--adjudicate", help="Settle what reviewers decided differently.")
    ] = False,
    web: Annotated[bool, typer.Option("--web", help="Review in the browser.")] = False,
    plain: Annotated[
        bool,
        typer.Option(
            "--plain", help="Line by line: for screen readers, dumb terminals and piped input."
        ),
    ] = False,
) -> None:
    """Decide what matters in a draft: verdicts, signatures, the answer.

    Each action is on disk before the next item is shown; quit anywhere and go on later. Verdicts
    and signatures are reviewed without names, then the answer with them. Of several comparisons
    those come first that you were asked for, then those you have begun.
    """
    from grader.review.events import MODES
    from grader.review.item_view import ORDERS
    from grader.review.reviewer import reviewer_name

    who = reviewer_name(reviewer)
    chosen_mode, chosen_order = one_of(mode, MODES, "--mode"), one_of(order, ORDERS, "--order")
    assert chosen_order is not None
    if (many := _several(folders)) and not (web or adjudicate):
        _review_many(many, who, chosen_mode, chosen_order, traps, plain)
        return
    if len(folders) > 1:
        raise InputError(
            "several folders are given", place=folders[1], mend="Give one, or their folder."
        )
    [folder] = folders
    if web and many:
        raise InputError(
            "this is a folder of comparisons",
            place=folder,
            mend=f"Serve all of them: grader serve {folder}",
        )
    need_comparison(folder, "review")
    if web:
        from grader.cli.serve import serve_web
        from grader.review.surfaces.web.server import Listen

        serve_web(
            folder, who, Listen(), mode=chosen_mode, order=chosen_order, traps=traps, browser=True
        )
        return
    _review_one(folder, who, chosen_mode, chosen_order, traps, plain, adjudicate=adjudicate)


def _several(folders: list[Path]) -> list[Path]:
    """The comparisons of these folders, where they are several or a folder of them."""
    from grader.comparison.folder import DRAFT, has_draft, without_files_beside

    given = without_files_beside(folders)
    if len(given) == 1 and (has_draft(given[0]) or not given[0].is_dir()):
        return []
    found = []
    for folder in given:
        inner = sorted(draft.parent for draft in folder.glob(f"*/{DRAFT}"))
        if len(given) > 1 and not inner:
            need_comparison(folder, "review")
        found += [folder] if has_draft(folder) else inner
    return found


def _review_many(
    folders: list[Path], who: str, mode: Mode | None, order: Order, traps: int, plain: bool
) -> None:
    """One comparison after the other, until nothing is left or the reviewer leaves one open."""
    from grader.review.folder import ReviewFolder
    from grader.review.worklist import decisions_left, worklist

    while work := worklist(folders, who):
        first = work[0]
        decisions = _counted(sum(each.left for each in work), "decision")
        out().print(
            f"{first.folder}  ({_counted(len(work), 'comparison')}, {decisions} for you)",
            soft_wrap=True,
            markup=False,
        )
        _review_one(first.folder, who, mode, order, traps, plain)
        if decisions_left(ReviewFolder(first.folder).reviewed(), who):
            return
    out().print("Nothing is left for you to decide here.")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _review_one(
    folder: Path,
    who: str,
    mode: Mode | None,
    order: Order,
    traps: int,
    plain: bool,
    *,
    adjudicate: bool = False,
) -> None:
    """Review one comparison in the terminal. Raises typer.Exit where it was interrupted."""
    from grader.review.actions import begin
    from grader.review.surfaces.plain.terminal import adjudicate_in_terminal, review_in_terminal
    from grader.writeup.write import render

    screen = not plain and sys.stdin.isatty() and sys.stdout.isatty() and not _is_dumb()
    if adjudicate and not screen:
        try:
            adjudicate_in_terminal(folder, who)
        finally:
            render(folder)
        return
    if not adjudicate:
        begin(folder, who, mode=mode, traps=traps)
    if screen:
        interrupted = _review_on_screen(folder, who, order, settling=adjudicate)
    else:
        interrupted = review_in_terminal(folder, who, order=order).interrupted
    render(folder)
    if interrupted:
        raise typer.Exit(EXIT_INTERRUPTED)


def _review_on_screen(folder: Path, who: str, order: Order, *, settling: bool) -> bool:
    """Run the terminal app; returns whether a signal ended it."""
    from grader.review.rules import refuse_if_signed
    from grader.review.surfaces.plain.terminal import tell_next_step
    from grader.review.surfaces.textual.app import ReviewApp

    app = ReviewApp(folder, who, order, settling=settling)
    refuse_if_signed(app.folder.reviewed())
    app.run()
    if app.failed is not None:
        raise app.failed
    if app.return_code not in (0, None, EXIT_INTERRUPTED):
        raise typer.Exit(app.return_code)  # Textual has told what happened.
    interrupted = app.return_code != 0  # None: a signal from outside
    tell_next_step(app.folder, who, interrupted=interrupted)
    return interrupted


def _check_took_part(folder: Path, who: str) -> None:
    """A name taken from git or the login must not sign for somebody else."""
    from grader.review.folder import read_reviewed

    decided = read_reviewed(folder).decisions.values()
    reviewers = sorted({each.reviewer for each in decided if each.reviewer})
    if reviewers and who not in reviewers:
        raise InputError(
            f"{who} decided nothing here; {', '.join(reviewers)} did",
            place=folder,
            mend="Say who signs: --reviewer NAME.",
        )


def sign(
    folder: ComparisonFolder,
    reviewer: Reviewer = None,
    statement: Annotated[
        str | None, typer.Option(help="A sentence to stand beside your name.")
    ] = None,
    take_back: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="Take the signature back, so that review goes on."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Sign a comparison whose every item is decided, and write the final writeup."""
    from grader.review.reviewer import reviewer_name
    from grader.writeup.write import render
    from grader.writeup.write import sign as sign_folder

    who = reviewer_name(reviewer)
    need_comparison(folder, "sign")
    if take_back is not None:
        from grader.review.sign import take_back as take_signature_back

        take_signature_back(folder, who, take_back)
        render(folder)
        err().print("The signature was taken back; it stays on record. The review goes on.")
        return
    if reviewer is None:
        _check_took_part(folder, who)
    reviewed, path = sign_folder(folder, who, statement)
    assert reviewed.sign_off is not None
    if as_json:
        print_json(
            {
                "folder": str(folder),
                "writeup": str(path),
                "sign_off": reviewed.sign_off.model_dump(mode="json"),
                "scorecard": reviewed.scorecard.model_dump(mode="json"),
            }
        )
        return
    from grader.cli.scorecard import scorecard_table
    from grader.review.pace import paces

    console = out()
    console.print(scorecard_table(reviewed.draft, reviewed.scorecard))
    console.print(f"\nSigned by {reviewed.sign_off.reviewer}.", markup=False)
    for line in paces(reviewed):
        console.print(line, markup=False)
    console.print(f"Writeup  {path}", soft_wrap=True, markup=False)


def _is_dumb() -> bool:
    return os.environ.get("TERM", "dumb") in ("dumb", "")
