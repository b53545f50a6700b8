"""Statements of one source that don't agree with one another: warnings, never corrections."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from itertools import pairwise

from grader.transcripts.measurements import count_words
from grader.transcripts.transcript import ReadingWarning, Transcript

_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}$")
_MAKERS = {
    "OpenAI": r"gpt|codex|openai",
    "Anthropic": r"claude|opus|sonnet|haiku|anthropic",
    "Google": r"gemini|gemma|google|deepmind",
}

WORDS_TOLERANCE = 0.05
"""Pages count words before their markup is lost, so small differences mean nothing."""


def contradictions(transcript: Transcript) -> tuple[ReadingWarning, ...]:
    """What the transcript's own statements contradict."""
    return tuple(
        ReadingWarning(code=code, message=message)
        for check in (
            _preamble,
            _context_mode,
            _words,
            _rounds,
            _certification,
            _dates,
            _times,
            _models,
        )
        for code, message in check(transcript)
    )


def _preamble(transcript: Transcript) -> Iterator[tuple[str, str]]:
    name = transcript.provenance.session_code or transcript.condition
    if transcript.condition in ("P", "F+P") and transcript.preamble is None:
        yield "preamble_missing", f"'{name}' says primed, but the source holds no preamble"
    if transcript.condition in ("C", "F") and transcript.preamble is not None:
        yield "preamble_unexpected", f"'{name}' says no preamble, but the source holds one"


def _context_mode(transcript: Transcript) -> Iterator[tuple[str, str]]:
    mode, condition = transcript.provenance.context_mode, transcript.condition
    if mode is None or condition is None:
        return
    primed = mode.strip().lower() == "primed"
    if (primed and condition in ("C", "F")) or (
        mode.strip().lower() == "clean" and condition in ("P", "F+P")
    ):
        yield (
            "context_mode_differs",
            f"the context mode is '{mode}', but the condition is {condition}",
        )


def _words(transcript: Transcript) -> Iterator[tuple[str, str]]:
    stated = transcript.provenance.stated_words
    if not stated or not transcript.turns:
        return
    told: dict[str, int] = {}
    # The usual way first: where it agrees, nothing more is counted.
    for way, count in (("split at blanks", _split), ("letters and digits", count_words)):
        counts = [(turn.role, count(turn.text)) for turn in transcript.turns]
        told[f"all turns, {way}"] = sum(words for _, words in counts)
        told[f"model's turns, {way}"] = sum(words for role, words in counts if role == "model")
        if min(abs(counted - stated) for counted in told.values()) <= WORDS_TOLERANCE * stated:
            return
    listed = "; ".join(f"{way}: {counted:,}" for way, counted in told.items())
    yield (
        "words_differ",
        f"{stated:,} words are stated, but counted are {listed}; a turn may be missing or text may "
        "be taken for a turn",
    )


def _split(text: str) -> int:
    return len(text.split())


def _rounds(transcript: Transcript) -> Iterator[tuple[str, str]]:
    stated = transcript.provenance.rounds
    counted = sum(
        1
        for before, turn in zip((None, *transcript.turns), transcript.turns, strict=False)
        if turn.role == "human" and (before is None or before.role != "human")
    )
    if stated is not None and counted and stated != counted:
        yield "rounds_differ", f"{stated} rounds are stated, {counted} were counted"


def _certification(transcript: Transcript) -> Iterator[tuple[str, str]]:
    provenance = transcript.provenance
    text = provenance.stated.get("Clean Context Certification", "")
    certified = (provenance.clean_context or "").strip().lower().startswith("certified")
    if certified and transcript.preamble and "only the system prompt" in text.lower():
        yield (
            "certification_differs",
            "the certification says that nothing but the system prompt and the topic was sent, "
            "but the source holds a preamble",
        )


def _dates(transcript: Transcript) -> Iterator[tuple[str, str]]:
    head, date = transcript.provenance.stated.get("Header date"), transcript.date
    one, other = day(head), day(date)
    # A session near midnight may bear either day.
    if one and other and abs((one - other).days) > 1:
        yield "date_differs", f"the head of the page says {head!r}, its date field {date!r}"


def _times(transcript: Transcript) -> Iterator[tuple[str, str]]:
    stamped = [turn for turn in transcript.turns if turn.time]
    for before, turn in pairwise(stamped):
        times = (before.time or "", turn.time or "")
        if all(_STAMP.match(time) for time in times) and times[1] < times[0]:
            yield (
                "times_out_of_order",
                f"turn {turn.number} bears an earlier time ({times[1]}) than turn "
                f"{before.number} ({times[0]})",
            )
            return


def _models(transcript: Transcript) -> Iterator[tuple[str, str]]:
    code = re.match(r"(?:F\+P|FP|[A-Z])-([A-Za-z]+)", transcript.provenance.session_code or "")
    maker = _maker(code[1]) if code else None
    named = {
        _maker(name)
        for model in (transcript.model, *transcript.models)
        for name in (model.name, model.version, model.provider)
        if name
    } | {_maker(turn.speaker) for turn in transcript.turns if turn.role == "model"}
    if maker and named - {None} and maker not in named:
        yield (
            "model_differs",
            f"the code names {code[1] if code else ''}, but the model is "
            f"{transcript.model.version or transcript.model.name}",
        )


def _maker(name: str) -> str | None:
    """Whose model a name means, as far as we know it."""
    for maker, pattern in _MAKERS.items():
        if re.search(pattern, name, re.IGNORECASE):
            return maker
    return None


def day(stated: str | None) -> datetime.date | None:
    """The day of a date in one of the usual spellings; None where it can't be told."""
    if not stated:
        return None
    iso = re.match(r"\s*(\d{4}-\d{2}-\d{2})", stated)
    try:
        if iso:
            return datetime.date.fromisoformat(iso[1])
        return datetime.datetime.strptime(stated.strip(), "%B %d, %Y").date()
    except ValueError:
        return None
