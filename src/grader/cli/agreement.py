"""`grader agreement`: how far reviewers agree, with one another and with the judge, and judges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.options import AsJson
from grader.cli.output import err, out, print_json

if TYPE_CHECKING:
    from rich.console import Console

    from grader.review.reviewed import Reviewed
    from grader.study.agreement import Agreement, Figure
    from grader.study.pull import Pull
    from grader.study.ratings import Rating


def agreement(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Comparison folders, or folders of them."),
    ],
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="PAGE", help="A published page whose verdicts the judge is held against."
        ),
    ] = None,
    raters: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Levels that people gave elsewhere: a table with transcript, criterion, rater, "
            "level, or a published page.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say how far reviewers agree, with one another and with the judge, and judges of a panel.

    Only levels given before the judge's was seen are compared with the judge's.
    """
    from dataclasses import asdict

    from grader.study.agreement_report import comparisons_of, report_of

    if against is not None:
        _show_against(paths, against, as_json)
        return
    comparisons = comparisons_of(paths)
    ratings = [each for path in raters or () for each in _ratings(path, comparisons)]
    report = report_of(comparisons, ratings)
    if as_json:
        print_json(asdict(report))
        return
    console = out()
    for title, groups in (
        ("Between reviewers", report.reviewers),
        ("Between the judge and reviewers (levels given blind)", report.judge),
        ("Between the judges of a panel", report.panel),
        ("Markers and contrasts", report.others),
    ):
        if not groups:
            continue
        console.print(f"\n{title}", style="bold", markup=False)
        _print(console, _lines(groups))
    if report.pulls:
        console.print("\nThe judge's pull (mixed reviews)", style="bold", markup=False)
        _print(console, map(_pull, report.pulls))
    for line in report.notes:
        err().print(line, markup=False)


def _ratings(path: Path, comparisons: list[Reviewed]) -> list[Rating]:
    """What a table or a published page says of these comparisons."""
    if path.suffix.lower() in (".csv", ".tsv"):
        from grader.study.raters import read_raters

        return read_raters(path, comparisons)
    from grader.archive.published import page_ratings

    return page_ratings(comparisons, path)


def _show_against(paths: list[Path], page: Path, as_json: bool) -> None:
    from dataclasses import asdict

    from rich.table import Table

    from grader.archive.published import page_report
    from grader.rubric.scale import level_name

    report = page_report(paths, page)
    if as_json:
        print_json(asdict(report))
        return
    console = out()
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("criterion", "side", "the page", "line", "the judge"):
        table.add_column(name, overflow="fold")
    for label in report.labels:
        words = level_name(label.page)
        if label.word.lower() != words:
            words += f" ({label.word})"
        table.add_row(label.criterion, label.side, words, str(label.line), level_name(label.judge))
    console.print(table)
    _print(console, _lines([report.agreement]))
    for line in report.notes:
        err().print(line, markup=False)


def _print(console: Console, lines: Iterable[str]) -> None:
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _lines(groups: list[Agreement]) -> Iterator[str]:
    """A line a group, and one for its intervals; names stand whole, so that grep finds them."""
    from grader.study.agreement import FEWEST_UNITS, Figure

    width = min(_NAME, max(len(each.group) for each in groups))
    yield f"{'':<{width}} {'n':>4} {'same':>5} {'kappa':>6} {'weighted':>8} {'alpha':>6}"
    few = False
    for each in groups:
        name = each.group
        if len(name) > width:
            yield name
            name = ""
        few = few or 0 < each.n < FEWEST_UNITS or bool(each.lacking)
        weighted = each.weighted or Figure(None)
        yield (
            f"{name:<{width}} {each.n:>4} {_number(each.percent, percent=True):>5} "
            f"{_number(each.kappa):>6} {_number(weighted):>8} {_number(each.alpha):>6}"
        )
        intervals = [
            f"{label} {interval}"
            for label, figure, percent in (
                ("same", each.percent, True),
                ("kappa", each.kappa, False),
                ("weighted", weighted, False),
                ("alpha", each.alpha, False),
            )
            if (interval := _interval(figure, percent=percent))
        ]
        if intervals:
            yield f"    95%: {', '.join(intervals)}"
        yield from (f"    {line}" for line in each.lacking)
    names = {each.kappa_name for each in groups if each.kappa.value is not None}
    yield f"n: units with two ratings. kappa: {' or '.join(sorted(names)) or 'none'}." + (
        f" Fewer than {FEWEST_UNITS} units have no kappa." if few else ""
    )


def _pull(each: Pull) -> str:
    value = "-" if each.value is None else f"{100 * each.value:+.0f} points"
    if each.low is not None and each.high is not None:
        value += f" [{100 * each.low:+.0f}, {100 * each.high:+.0f}]"
    return (
        f"{each.group}: {value}; agreed with the judge {each.seen_same} of {each.seen} when it was "
        f"seen, {each.unseen_same} of {each.unseen} when it wasn't"
    )


_NAME = 46
"""The widest name beside its figures in 80 columns."""


def _number(figure: Figure, *, percent: bool = False) -> str:
    if figure.value is None:
        return "-"
    return f"{figure.value:.0%}" if percent else f"{figure.value:.2f}"


def _interval(figure: Figure, *, percent: bool) -> str:
    if figure.low is None or figure.high is None:
        return ""
    ends = [f"{end:.0%}" if percent else f"{end:.2f}" for end in (figure.low, figure.high)]
    return f"{ends[0]} to {ends[1]}"
