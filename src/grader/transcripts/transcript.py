"""The transcript record: who said what, in order, with its provenance.

What was *said* (turns) is kept apart from what was *written about it later* (published parts).
Only the deliverable, taken from the turns, ever reaches a judge. Readers, one per format, make
these records; nothing here opens a file.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from grader.records import Record

Role = Literal["human", "model", "tool"]
Ending = Literal["cut_off", "filtered", "failed", "unclear"]
"""How a reply ended that is not whole."""


def _is_none(value: object) -> bool:
    return value is None


def _is_false(value: object) -> bool:
    return value is False


class ToolCall(Record):
    """A tool the model asked for. Kept, but not part of what is judged."""

    name: str
    arguments: str = Field(description="As the source gives them, usually JSON.")


class Turn(Record):
    """What one speaker said at once."""

    number: int = Field(ge=1, description="Position in the transcript, from 1.")
    role: Role
    speaker: str = Field(description="The name the source gives: 'HUMAN', 'GPT-5.4', 'assistant'.")
    text: str = Field(description="Verbatim. Evidence offsets count characters of this text.")
    time: str | None = Field(None, description="Time stamp as the source gives it.")
    line: int | None = Field(None, description="Line of the source where the turn begins, from 1.")
    calls: tuple[ToolCall, ...] = Field((), description="Tools the model asked for in this turn.")
    # Fields below came later. Left out at their default, they change no older record's bytes.
    reasoning: str | None = Field(
        None, exclude_if=_is_none, description="The model's thoughts. Said to nobody, never judged."
    )
    ended: Ending | None = Field(
        None, exclude_if=_is_none, description="How a reply ended that didn't end by itself."
    )
    scripted: bool = Field(
        False, exclude_if=_is_false, description="Written by the study as the model's; not judged."
    )


class ModelInfo(Record):
    """The model that spoke, as far as the source tells. None: not stated."""

    name: str | None = None
    version: str | None = None
    provider: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None


class PublishedPart(Record):
    """A part of a page written about the session: analysis, comparison, footer. Never judged."""

    kind: Literal["analysis", "comparison", "findings", "footer", "doubtful", "other"]
    title: str
    text: str
    first_line: int
    last_line: int
    part_of: str | None = Field(None, description="Title of the essay it is a section of.")


class ReadingWarning(Record):
    """Something a reader found odd but could go on with."""

    code: str = Field(description="Short, stable: 'words_differ', 'end_uncertain'.")
    message: str = Field(description="What was found, and what it may mean.")
    line: int | None = None


class Provenance(Record):
    """Where a transcript comes from and everything the source tells of itself."""

    source: str = Field(description="File name, without folders.")
    format: str = Field(description="Name of the reader that read it.")
    sha256: str = Field(description="Hash of the file's bytes.")
    session_number: int | None = None
    session_code: str | None = Field(None, description="A code such as 'P-GPT-2'.")
    session_type: str | None = None
    status: str | None = None
    topic: str | None = None
    mode: str | None = None
    rounds: int | None = None
    stated_words: int | None = None
    context_mode: str | None = None
    active_models: tuple[str, ...] = ()
    flags: dict[str, int] = Field(
        default_factory=dict, description="Flags the source counts in its findings, with counts."
    )
    clean_context: str | None = Field(None, description="What the source certifies, verbatim.")
    note: str | None = Field(None, description="The source's own statement of how it was made.")
    stated: dict[str, str] = Field(
        default_factory=dict, description="Every other field of the source, by its own name."
    )


class Transcript(Record):
    """One session."""

    schema_version: Literal[1] = 1
    id: str
    condition: str | None = Field(None, description="'C', 'P', 'F', 'F+P' or any other label.")
    task: str | None = Field(None, description="Short name of the task.")
    replicate: int | None = None
    model: ModelInfo = ModelInfo()
    models: tuple[ModelInfo, ...] = Field(
        (), description="All models where several speak; `model` is then the first of them."
    )
    date: str | None = Field(None, description="Date as the source gives it.")
    system_prompt: str | None = None
    preamble: str | None = Field(None, description="Text sent before the task: the treatment.")
    task_prompt: str | None = Field(None, description="The task alone, without any preamble.")
    task_turn: int | None = Field(None, description="Number of the turn that carries the task.")
    turns: tuple[Turn, ...]
    judged: tuple[int, ...] | None = Field(
        None, description="Turns a person chose to be judged. None: the rule of `deliverable`."
    )
    artifacts_judged: bool = Field(
        False,
        exclude_if=_is_false,
        description="Whether the documents that the model put into tool calls were added to the "
        "texts of their turns, to be judged with them.",
    )
    published: tuple[PublishedPart, ...] = ()
    warnings: tuple[ReadingWarning, ...] = ()
    provenance: Provenance

    def turn(self, number: int) -> Turn:
        """The turn with this number. Raises KeyError when there is none."""
        for turn in self.turns:
            if turn.number == number:
                return turn
        raise KeyError(number)


def deliverable(transcript: Transcript) -> tuple[Turn, ...]:
    """The turns that are judged: the model's, from the task prompt on, unless a person chose.

    Where no turn carries the task prompt, all of the model's turns are taken. `judged_turns`
    chooses turns and says which rule was followed.
    """
    spoken = (turn for turn in transcript.turns if turn.role == "model" and not turn.scripted)
    if transcript.judged is not None:
        return tuple(turn for turn in spoken if turn.number in transcript.judged)
    first = transcript.task_turn or 1
    return tuple(turn for turn in spoken if turn.number >= first)
