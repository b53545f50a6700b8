"""`grader rubric new` and `grader rubric draft`: a rubric file to go on with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from grader.cli.options import (
    AsJson,
    BaseUrl,
    Budget,
    Insecure,
    JudgeModel,
    Outputs,
    Prices,
    Timeout,
)
from grader.cli.output import err, out, print_json
from grader.errors import InputError

if TYPE_CHECKING:
    from grader.rubric import Rubric

NewFile = Annotated[Path, typer.Argument(metavar="FILE", help="The YAML file to write.")]


def new(
    path: NewFile,
    levels: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="The levels of each criterion, from the highest to the lowest, such as 'yes,no'.",
            show_default="the three levels",
        ),
    ] = None,
    not_applicable: Annotated[
        bool, typer.Option("--not-applicable", help="Ask when a criterion's situation is absent.")
    ] = False,
) -> None:
    """Write a rubric by answering questions.

    Answers may be piped in, one a line. An empty line takes what stands in brackets, or ends a
    list. Nothing is written before the end.
    """
    from grader.rubric.guided import ask_rubric
    from grader.rubric.scale import THREE_LEVELS
    from grader.rubric.writing import rubric_yaml

    _refuse_existing(path)
    console = err()

    def say(text: str) -> None:
        console.print(text, markup=False, soft_wrap=True)

    def ask(prompt: str) -> str:
        console.print(f"{prompt} ", end="", markup=False, style="bold", soft_wrap=True)
        line = sys.stdin.readline()
        if not line:
            raise InputError(
                f"the answers ended at: {prompt.strip()}",
                mend="Nothing was written. Answer all questions, or pipe in one line for each.",
            )
        return line.strip()

    names = _level_names(levels) if levels is not None else THREE_LEVELS
    rubric = ask_rubric(ask, say, path.stem, levels=names, not_applicable=not_applicable)
    _write(path, rubric_yaml(rubric))
    _show(path, rubric, False)


def draft(
    path: NewFile,
    derived_from: Annotated[
        list[Path], typer.Option("--from", help="A control transcript. Repeatable.")
    ],
    judge: Annotated[
        str, typer.Option("--judge", "-j", envvar="GRADER_JUDGE", help="Who proposes criteria.")
    ],
    id: Annotated[
        str | None, typer.Option(help="The rubric's id.", show_default="the task's name")
    ] = None,
    base_url: BaseUrl = None,
    judge_model: JudgeModel = None,
    budget: Budget = None,
    prices: Prices = None,
    timeout: Timeout = None,
    insecure: Insecure = False,
    outputs: Outputs = Path("outputs"),
    as_json: AsJson = False,
) -> None:
    """Let a judge propose criteria from control transcripts, for you to edit.

    A transcript that may be a treatment is refused. The proposal is a beginning: no criterion is
    yours before you have read it against what you want to know.
    """
    from grader.cli.compare import show_halting
    from grader.comparing.draft_rubric import draft_rubric
    from grader.judge.options import JudgeOptions
    from grader.judge.settings import TIMEOUT_S
    from grader.rubric.writing import rubric_yaml

    _refuse_existing(path)
    proposal = draft_rubric(
        derived_from,
        judge,
        id=id,
        options=JudgeOptions(
            base_url=base_url,
            judge_model=judge_model,
            budget_usd=budget,
            prices=prices,
            timeout_s=timeout or TIMEOUT_S,
            insecure=insecure,
        ),
        outputs=outputs,
        on_halt=show_halting,
    )
    names = ", ".join(source.provenance.source for source in proposal.sources)
    comment = (
        f"Proposed by {proposal.judge} from {names}. Not reviewed by anyone yet:\n"
        "read each criterion, change what you don't stand behind, then lock it."
    )
    _write(path, rubric_yaml(proposal.rubric, comment))
    if proposal.unlocated:
        err().print(
            f"{proposal.unlocated} quotations of the judge stand in no control; left out.",
            markup=False,
        )
    _show(path, proposal.rubric, as_json)


def _level_names(text: str) -> tuple[str, ...]:
    """The levels named on the command line, lowest first."""
    from pydantic import ValidationError

    from grader.rubric.scale import Scale

    names = [name.strip() for name in text.split(",")]
    try:
        if len(set(names)) < len(names):
            raise InputError("a level is named twice", place="--levels")
        return Scale(dict.fromkeys(names, "-")).levels
    except ValidationError as error:
        raise InputError(
            f"{text!r} is no scale: {error.errors()[0]['msg']}",
            place="--levels",
            mend="Give two to seven names in small letters, digits and underscores, from the "
            "highest to the lowest: --levels yes,no.",
        ) from None


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise InputError("this file is there already", place=path, mend="Give another name.")


def _write(path: Path, text: str) -> None:
    from grader.files.text import write_atomically

    write_atomically(path, text)


def _show(path: Path, rubric: Rubric, as_json: bool) -> None:
    from grader.check.report import as_json as findings_json
    from grader.check.report import report
    from grader.check.rubric import check_rubric

    findings = check_rubric(path)
    if as_json:
        document: dict[str, Any] = {"rubric": str(path), "id": rubric.id, "hash": rubric.hash}
        print_json(document | findings_json(findings, [str(path)]))
        return
    out().print(str(path), markup=False, soft_wrap=True)
    err().print(report(findings, [str(path)], "text"), markup=False, soft_wrap=True)
