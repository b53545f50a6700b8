"""What `grader compare` prints of the comparisons that it made, and the exit code it leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from grader.cli.output import err, out, print_json
from grader.errors import EXIT_JUDGE

if TYPE_CHECKING:
    from grader.comparing.make import Made


def show_made(made: Sequence[Made], budget: float | None, as_json: bool) -> None:
    """Print the comparisons. Exit code 3 where a budget stopped some, or nothing was answered."""
    if as_json:
        found = [_as_json(each) for each in made]
        print_json(found[0] if len(found) == 1 else {"comparisons": found})
    elif len(made) == 1:
        _show_one(made[0])
    else:
        _show_all(made)
    _show_budget_stop(made, budget)
    _fail_where_nothing_was_answered(made)


def _show_one(made: Made) -> None:
    draft = made.comparison
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
        from grader.cli.scorecard import print_draft

        print_draft(draft, console)
        if not draft.same_condition:
            console.print("One run on each side: a difference may be chance.")
        for judge in draft.judges:
            if judge.note is not None:
                console.print(
                    f"Replayed from a recording. It says who answered: {judge.answered_by}.",
                    markup=False,
                    soft_wrap=True,
                )
        total = sum(count.count for count in made.outcomes)
        failed = _failed(made)
        console.print(f"{total - failed.total()} of {total} questions answered.")
        if failed:
            told = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in failed.most_common())
            console.print(f"The others: {told}. [bold]--retry-failed[/] asks them anew.")
    console.print(f"\nDraft    {made.folder / 'comparison.json'}", markup=False, soft_wrap=True)
    console.print(f"Writeup  {made.writeup}", markup=False, soft_wrap=True)
    console.print(f"Evidence {made.folder / 'evidence.md'}", markup=False, soft_wrap=True)
    console.print(f"Page     {made.folder / 'comparison.html'}", markup=False, soft_wrap=True)
    console.print(f"\nNext: grader review {made.folder}", markup=False, soft_wrap=True)


def _show_all(made: Sequence[Made]) -> None:
    console = out()
    for each in made:
        counts = each.outcomes
        total = sum(count.count for count in counts)
        answered = sum(count.count for count in counts if count.outcome == "answered")
        state = f"{answered} of {total} answered" if each.new else "made before"
        if failed := _failed(each):
            state += f" ({', '.join(f'{n} {name}' for name, n in failed.most_common())})"
        console.print(f"{each.folder}  {state}", markup=False, soft_wrap=True)
    _show_table(made)
    console.print(f"\n{len(made)} comparisons. Next: [bold]grader review FOLDER[/]")


def _show_table(made: Sequence[Made]) -> None:
    """Pairs by criteria: both levels and the shift, a row a pair and a block a rubric."""
    from grader.cli.scorecard import differing_judges, pairs_tables

    drafts = [each.comparison for each in made if any(v.level for v in each.comparison.verdicts)]
    for table in pairs_tables(drafts):
        out().print()
        out().print(table)
    for each in made:
        if count := len(list(differing_judges(each.comparison))):
            line = f"{each.folder}: verdicts on which the judges differ: {count} (see grader show)"
            out().print(line, markup=False, soft_wrap=True)


def _failed(made: Made) -> Counter[str]:
    """How many questions failed, by outcome."""
    failed = Counter[str]()
    for count in made.outcomes:
        if count.outcome != "answered":
            failed[count.outcome] += count.count
    return failed


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


def _show_budget_stop(made: Sequence[Made], budget: float | None) -> None:
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


def _fail_where_nothing_was_answered(made: Sequence[Made]) -> None:
    """A draft without one answer is no result, whoever reads the exit code."""
    asked = [each for each in made if each.new and each.outcomes]
    if any(all(count.outcome != "answered" for count in each.outcomes) for each in asked):
        raise typer.Exit(EXIT_JUDGE)
