"""`grader doctor`: is everything there that a comparison needs?"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from grader.cli.options import AsJson, BaseUrl, Insecure, Prices, ServerErrors
from grader.cli.output import out, print_json
from grader.errors import EXIT_FINDINGS

SIGNS = {"ok": "[green]ok[/]     ", "warning": "[yellow]warning[/]", "failed": "[red]failed[/] "}


def doctor(
    judge: Annotated[
        str, typer.Option("--judge", "-j", envvar="GRADER_JUDGE", help="As in grader compare.")
    ] = "offline",
    base_url: BaseUrl = None,
    prices: Prices = None,
    server_errors: ServerErrors = None,
    insecure: Insecure = False,
    as_json: AsJson = False,
) -> None:
    """Look whether a judge can be used: name, key, address, model, one small question, price."""
    from grader.judge.health import examine
    from grader.judge.options import JudgeOptions

    asking = JudgeOptions(
        base_url=base_url, prices=prices, server_errors=server_errors, insecure=insecure
    )
    checks = list(examine(judge, asking))
    failed = any(check.state == "failed" for check in checks)
    if as_json:
        print_json({"judge": judge, "fit": not failed, "checks": [asdict(c) for c in checks]})
    else:
        console = out()
        for check in checks:
            console.print(f"{SIGNS[check.state]}  {check.name:<10}", end="")
            console.print(check.message, markup=False, soft_wrap=True)
            if check.mend and check.state != "ok":
                console.print(f"{'':21}{check.mend}", markup=False, soft_wrap=True)
        if judge == "offline":
            console.print("No judge was named: --judge openai/gpt-6.1-terra looks at one.")
    if failed:
        raise typer.Exit(EXIT_FINDINGS)
