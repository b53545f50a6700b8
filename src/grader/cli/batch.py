"""`grader batch`: the requests of a `files:` folder over the OpenAI Batch API."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from grader.cli.options import AsJson, BaseUrl, Insecure
from grader.cli.output import out, print_json
from grader.errors import InputError

if TYPE_CHECKING:
    from grader.judge.batch import BatchFolder

batch = typer.Typer(
    name="batch",
    help="Send a files: folder's questions as an OpenAI batch, and fetch the replies.",
    no_args_is_help=True,
)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of files:DIR.")]


@batch.command()
def status(folder: Folder, insecure: Insecure = False, as_json: AsJson = False) -> None:
    """How many questions wait, and how the batches stand."""
    from grader.judge.batch import read_state

    waiting = _waiting(folder)
    batches: list[dict[str, Any]] = []
    if read_state(folder) is not None:
        batches = [
            each.model_dump(exclude={"requests"}) | {"requests": len(each.requests)}
            for each in _batches(folder, None, None, insecure).poll()
        ]
    if as_json:
        print_json({"waiting": waiting, "batches": batches})
        return
    console = out()
    console.print(
        f"{waiting} questions wait in {folder / 'requests.jsonl'}", markup=False, soft_wrap=True
    )
    for each in batches:
        fetched = ", fetched" if each["fetched"] else ""
        console.print(
            f"{each['id']}  {each['status']}: {each['completed']} of {each['requests']} done, "
            f"{each['failed']} failed{fetched}"
        )


@batch.command()
def submit(
    folder: Folder,
    judge: Annotated[
        str | None, typer.Option("--judge", "-j", help="provider/model, as the requests name it.")
    ] = None,
    base_url: BaseUrl = None,
    insecure: Insecure = False,
) -> None:
    """Upload the waiting questions and start a batch."""
    made = _batches(folder, judge, base_url, insecure).submit()
    if made is None:
        out().print("Nothing to submit: every waiting question is in a batch already.")
        return
    out().print(f"{made.id}: {len(made.requests)} questions submitted")
    out().print(f"Next: grader batch fetch {folder}", markup=False, soft_wrap=True)


@batch.command()
def fetch(
    folder: Folder,
    wait: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0.1, help="Ask again so often until all have ended."),
    ] = None,
    insecure: Insecure = False,
) -> None:
    """Download the replies of batches that have ended into responses.jsonl."""
    batches = _batches(folder, None, None, insecure)
    fetched = batches.fetch()
    while wait is not None and _open(batches):
        time.sleep(wait)
        fetched += batches.fetch()
    left = _open(batches)
    out().print(f"{fetched} replies fetched" + (f"; {left} batches are still open" if left else ""))
    if not left:
        out().print("Next: run the same grader compare again.")


@batch.command()
def cancel(folder: Folder, insecure: Insecure = False) -> None:
    """Cancel the batches that have not ended."""
    out().print(f"{_batches(folder, None, None, insecure).cancel()} batches cancelled")


def _open(folder: BatchFolder) -> int:
    from grader.judge.batch import ENDED

    assert folder.state is not None
    return sum(1 for each in folder.state.batches if each.status not in ENDED)


def _batches(folder: Path, judge: str | None, base_url: str | None, insecure: bool) -> BatchFolder:
    from grader.judge.batch import BatchFolder

    _waiting(folder)
    return BatchFolder(folder, judge, base_url=base_url, insecure=insecure)


def _waiting(folder: Path) -> int:
    from grader.files.json_lines import numbered_lines
    from grader.files.text import read_text

    path = folder / "requests.jsonl"
    if not path.is_file():
        raise InputError(
            "this is no folder of a files: judge: it holds no requests.jsonl",
            place=folder,
            mend="Run grader compare with --judge files:DIR first.",
        )
    return sum(1 for _ in numbered_lines(read_text(path, limit=2_000_000_000)))
