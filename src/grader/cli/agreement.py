"""`grader agreement`: how far reviewers agree, with one another and with the judge, and judges."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from grader.cli.options import AsJson
from grader.cli.output import err, out, print_json

if TYPE_CHECKING:
    from grader.study.agreement import Agreement, Figure


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
    as_json: AsJson = False,
) -> None:
    """Say how far reviewers agree, with one another and with the judge, and judges of a panel.

    Only levels given before the judge's was seen are compared with the judge's.
    """
    from dataclasses import asdict

    from grader.study.agreement_report import agreement_report

    if against is not None:
        _show_against(paths, against, as_json)
        return
    report = agreement_report(paths)
    if as_json:
        print_json(asdict(report))
        return
    console = out()
    for title, groups in (
        ("Between reviewers", report.reviewers),
        ("Between the judge and reviewers (levels given blind)", report.judge),
        ("Between the judges of a panel", report.panel),
    ):
        if not groups:
            continue
        console.print(f"\n{title}", style="bold", markup=False)
        console.print(_table(groups))
    for line in report.notes:
        err().print(line, markup=False)


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
        words = f"{level_name(label.page)} ({label.word})"
        table.add_row(label.criterion, label.side, words, str(label.line), level_name(label.judge))
    console.print(table)
    console.print(_table([report.agreement]))
    for line in report.notes:
        err().print(line, markup=False)


def _table(groups: list[Agreement]) -> Any:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("group", "n", "same level", "kappa", "weighted kappa", "alpha (ordinal)", ""):
        table.add_column(name, overflow="fold")
    for each in groups:
        table.add_row(
            each.group,
            str(each.n),
            _said(each.percent, percent=True),
            f"{_said(each.kappa)} {each.kappa_name}" if each.kappa.value is not None else "-",
            _said(each.weighted) if each.weighted else "-",
            _said(each.alpha),
            each.warning or "",
        )
    return table


def _said(figure: Figure, *, percent: bool = False) -> str:
    def number(value: float) -> str:
        return f"{value:.0%}" if percent else f"{value:.2f}"

    if figure.value is None:
        return "-"
    if figure.low is None or figure.high is None:
        return number(figure.value)
    return f"{number(figure.value)} [{number(figure.low)}, {number(figure.high)}]"
