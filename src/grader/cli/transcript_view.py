"""A transcript as `grader show` prints it: facts, warnings, turns, what is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table

from grader.cli.output import shown
from grader.transcripts import Document, deliverable, documents, how_chosen
from grader.transcripts.judged_turns import is_agents
from grader.transcripts.measurements import measure

if TYPE_CHECKING:
    from rich.console import Console

    from grader.transcripts import Transcript


def show_transcript(transcript: Transcript, console: Console) -> None:
    """Print who said what, what is judged, and what is kept from the judge."""
    _show_facts(transcript, console)
    _show_withheld(transcript, console)
    _show_turns(transcript, console)
    _show_published(transcript, console)
    measured = measure([turn.text for turn in deliverable(transcript)])
    counts = ", ".join(
        f"{value} {name.replace('_', ' ')}" for name, value in measured.model_dump().items()
    )
    console.print(shown(f"\n{how_chosen(transcript)}"))
    if is_agents(transcript) and transcript.judged is None:
        console.print(
            shown("These are all of the model's words; --judge-turns last takes the last.")
        )
    console.print(shown(f"Judged: {counts}."))
    if transcript.task_prompt is None:
        console.print(shown("The task prompt is not in this transcript.", "yellow"))


def _facts(transcript: Transcript) -> dict[str, Any]:
    provenance = transcript.provenance
    model = transcript.model
    named = " ".join(filter(None, (model.name, model.version)))
    others = ", ".join(each.version or each.name or "unnamed" for each in transcript.models)
    settings = {
        "temperature": model.temperature,
        "top-p": model.top_p,
        "token limit": model.max_tokens,
    }
    return {
        "Condition": transcript.condition,
        "Task": transcript.task,
        "Replicate": transcript.replicate,
        "Session": " · ".join(
            str(part) for part in (provenance.session_number, provenance.session_code) if part
        ),
        "Date": transcript.date,
        "Model": f"{named} ({model.provider})" if named and model.provider else named,
        "All models": others,
        "Parameters": ", ".join(f"{k} {v}" for k, v in settings.items() if v is not None),
        "Mode": provenance.mode,
        "Rounds": provenance.rounds,
        "Context mode": provenance.context_mode,
        "Clean context": provenance.clean_context,
        "Source": f"{provenance.source}, read as {provenance.format}",
        "Note": provenance.note,
    }


def _show_facts(transcript: Transcript, console: Console) -> None:
    console.print(Rule(shown(transcript.id, "bold"), align="left"))
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _facts(transcript).items():
        if value not in (None, ""):
            table.add_row(name, shown(str(value)))
    console.print(table)
    for warning in transcript.warnings:
        where = f"line {warning.line}: " if warning.line else ""
        console.print(shown(f"! {where}{warning.message}", "yellow"))


def _show_withheld(transcript: Transcript, console: Console) -> None:
    for title, text in (
        ("System prompt, kept from the judge", transcript.system_prompt),
        ("Preamble, kept from the judge", transcript.preamble),
    ):
        if text:
            console.print(shown(f"\n{title}", "bold"))
            console.print(Padding(shown(text, "dim"), (0, 0, 0, 2)))


def _show_turns(transcript: Transcript, console: Console) -> None:
    judged = {turn.number for turn in deliverable(transcript)}
    unjudged = () if transcript.artifacts_judged else documents(transcript)
    for turn in transcript.turns:
        marks = [turn.speaker, f"turn {turn.number}"]
        marks += [turn.time] if turn.time else []
        marks += ["carries the task"] if turn.number == transcript.task_turn else []
        marks += ["judged"] if turn.number in judged else []
        console.print()
        style = "bold green" if turn.number in judged else "bold"
        console.print(Rule(shown(" · ".join(marks), style), align="left", style="dim"))
        console.print(shown(turn.text.strip()))
        for document in unjudged:
            if document.turn == turn.number:
                _show_document(document, console)


def _show_document(document: Document, console: Console) -> None:
    """A document that the model put into a tool call, and that isn't judged."""
    about = "" if document.whole else "; only what its edits put in, for their text isn't here"
    title = f"Document {document.name!r}, put into a tool call, not judged{about}"
    console.print(shown(f"\n{title}", "bold"))
    console.print(Padding(shown(document.text.strip(), "dim"), (0, 0, 0, 2)))


def _show_published(transcript: Transcript, console: Console) -> None:
    console.print()
    if not transcript.published:
        return
    title = shown("Written about it later, kept from the judge", "bold")
    console.print(Rule(title, align="left", style="dim"))
    parts = Table.grid(padding=(0, 2))
    for part in transcript.published:
        parts.add_row(f"lines {part.first_line}-{part.last_line}", part.kind, shown(part.title))
    console.print(parts)
