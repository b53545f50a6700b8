"""`grader journal`: what is kept of all replies; export and prune."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.options import AsJson
from grader.cli.output import err, out, print_json
from grader.errors import InputError

if TYPE_CHECKING:
    from grader.judge.journal import Journal, Kept

journal = typer.Typer(
    name="journal", help="The replies that are kept: count, export, prune.", no_args_is_help=True
)

Where = Annotated[
    str,
    typer.Option("--journal", envvar="GRADER_JOURNAL", help="File of the replies."),
]
WHERE = "outputs/journal.db"


@journal.command()
def stats(journal: Where = WHERE, as_json: AsJson = False) -> None:
    """Count replies and tokens by model, kind of question and outcome."""
    replies, prompt, written = Counter[Group](), Counter[Group](), Counter[Group]()
    with _opened(journal) as kept_in:
        for kept in kept_in.replies():
            group = (kept.model, kept.server, kept.kind, kept.outcome)
            replies[group] += 1
            prompt[group] += kept.reply.usage.prompt_tokens or 0
            written[group] += kept.reply.usage.completion_tokens or 0
    rows = [
        {
            "model": group[0],
            "server": group[1] or None,
            "kind": group[2],
            "outcome": group[3],
            "replies": count,
            "prompt_tokens": prompt[group],
            "completion_tokens": written[group],
        }
        for group, count in sorted(replies.items())
    ]
    if as_json:
        print_json({"journal": journal, "replies": replies.total(), "groups": rows})
        return
    console = out()
    for row in rows:
        at = f" at {row['server']}" if row["server"] else ""
        console.print(
            f"{row['replies']:6}  {row['kind']:<13} {row['outcome']:<17} "
            f"{row['prompt_tokens']:10,} + {row['completion_tokens']:9,} tokens  "
            f"{row['model']}{at}",
            soft_wrap=True,
        )
    console.print(f"{replies.total():6}  replies")


Group = tuple[str, str, str, str]


@journal.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to write one JSON line a reply.")],
    journal: Where = WHERE,
) -> None:
    """Write every reply to a file, one JSON object a line."""
    from grader.files.text import write_atomically
    from grader.records import canonical_json

    with _opened(journal) as kept_in:
        lines = [
            canonical_json(
                {
                    "question": kept.question,
                    "server": kept.server or None,
                    "take": kept.take,
                    "model": kept.model,
                    "kind": kept.kind,
                    "outcome": kept.outcome,
                    "reply": kept.reply.model_dump(mode="json", exclude_none=True),
                }
            )
            for kept in kept_in.replies()
        ]
    write_atomically(file, "".join(line + "\n" for line in lines))
    err().print(f"{len(lines)} replies written to {file}", soft_wrap=True)


@journal.command()
def prune(
    journal: Where = WHERE,
    model: Annotated[str | None, typer.Option(help="Replies of this model.")] = None,
    outcome: Annotated[
        str | None, typer.Option(help="Replies that ended so, such as refused.")
    ] = None,
    before: Annotated[
        str | None, typer.Option(metavar="DATE", help="Replies that came before this day.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove them; else they are counted.")] = False,
) -> None:
    """Remove replies that fit all conditions. What is removed is paid for again when asked."""
    if model is None and outcome is None and before is None:
        raise InputError(
            "no condition is given, so every reply would go",
            mend="Add --model, --outcome or --before. To remove all, delete the journal's file.",
        )
    _check_day(before)

    def fits(kept: Kept) -> bool:
        return (
            (model is None or kept.model == model)
            and (outcome is None or kept.outcome == outcome)
            and (before is None or (kept.reply.at or "") < before)
        )

    with _opened(journal) as kept_in:
        chosen = [kept for kept in kept_in.replies() if fits(kept)]
        if yes:
            kept_in.remove(chosen)
    done = "removed" if yes else "would be removed; add --yes"
    out().print(f"{len(chosen)} replies {done}")


def _check_day(text: str | None) -> None:
    from datetime import date

    if text is None:
        return
    try:
        date.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"{text!r} is no day", place="--before", mend="Write it as 2026-01-31."
        ) from None


@contextmanager
def _opened(where: str) -> Iterator[Journal]:
    from grader.judge.journal import Journal, check_place

    check_place(where)
    if not Path(where).is_file():
        raise InputError(
            "there is no journal here", place=where, mend="Name it with --journal; a run makes it."
        )
    opened = Journal(where)
    try:
        yield opened
    finally:
        opened.close()
