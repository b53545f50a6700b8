"""`grader serve`: the review of many comparisons in the browser; also `grader review --web`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.options import Reviewer
from grader.cli.output import err

if TYPE_CHECKING:
    from grader.review.events import Mode
    from grader.review.item_view import Order
    from grader.review.surfaces.web.server import Listen
    from grader.review.surfaces.web.studies import Studies


def serve(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="A folder of comparisons, such as outputs.")
    ] = Path("outputs"),
    reviewer: Reviewer = None,
    mode: Annotated[
        str | None,
        typer.Option(
            metavar="MODE",
            help="'assisted', 'blind-first' or 'mixed'.",
            show_default="reviewers choose",
        ),
    ] = None,
    order: Annotated[
        str, typer.Option(metavar="ORDER", help="'attention' first, 'rubric' or 'random'.")
    ] = "attention",
    traps: Annotated[int, typer.Option(min=0, help="Planted verdicts for each reviewer.")] = 0,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes any free one.")] = 0,
    name: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A name under which the server is reached."),
    ] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate file, for https.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its key file.")] = None,
    browser: Annotated[bool, typer.Option(help="Open the browser.")] = True,
) -> None:
    """Review in the browser. Only this machine can reach it, unless you say otherwise."""
    from grader.cli.choices import one_of
    from grader.review.events import MODES
    from grader.review.item_view import ORDERS
    from grader.review.reviewer import reviewer_name
    from grader.review.surfaces.web.server import Listen
    from grader.study.agreement_report import find_comparisons

    if not (folder / "studies").is_dir():
        find_comparisons(folder)
    chosen = one_of(order, ORDERS, "--order")
    assert chosen is not None
    serve_web(
        folder,
        reviewer_name(reviewer),
        Listen(host, port, tuple(name or ()), tls_cert, tls_key),
        mode=one_of(mode, MODES, "--mode"),
        order=chosen,
        traps=traps,
        browser=browser,
    )


def serve_web(
    folder: Path,
    reviewer: str,
    listen: Listen,
    *,
    mode: Mode | None,
    order: Order,
    traps: int,
    browser: bool,
) -> None:
    """Serve a comparison, or a folder of them, until Ctrl-C."""
    from grader.review.accounts import read_accounts
    from grader.review.surfaces.web.app import WebReview
    from grader.review.surfaces.web.server import serve as run
    from grader.study.agreement_report import report_of
    from grader.writeup.document import document_of
    from grader.writeup.html import render_html
    from grader.writeup.write import render

    def ready(address: str, open_to_others: bool) -> None:
        console = err()
        console.print(f"Review at {address}", soft_wrap=True, markup=False)
        console.print("Every action is saved at once. Ctrl-C ends the server.")
        if open_to_others:
            console.print(
                "Warning: without TLS, passwords and reviews can be read on the way. Give "
                "--tls-cert and --tls-key."
            )
        if browser:
            import webbrowser

            webbrowser.open(address)

    review = WebReview(
        root=folder,
        reviewer=reviewer,
        hosts=frozenset(),
        accounts=lambda: read_accounts(folder),
        mode=mode,
        order=order,
        traps=traps,
        render=lambda reviewed: render_html(document_of(reviewed)),
        changed=render,
        agreement=report_of,
        studies=_studies(folder),
    )
    run(review, listen, ready)


def _studies(folder: Path) -> Studies | None:
    """The studies among the outputs; None where there are none."""
    if not (folder / "studies").is_dir():
        return None
    from grader.study.matrix import studies_in

    return studies_in(folder)
