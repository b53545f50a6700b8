"""The head of an archive page: title, code, stated facts, models, system prompt, preamble.

Reads everything above the first turn. Nothing here decides where the transcript ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from grader.archive.readers.lines import Page

TITLE = re.compile(r"\s*(\d{1,4})\.\s+(\S.{0,160})$")
CODE = re.compile(r"\b((F\+P|FP|[A-Z])-([A-Za-z][A-Za-z0-9.]{0,30})-(\d{1,3}))\b")
"""Condition, model and task: 'P-GPT-2'."""

FIELDS = ("Topic", "Date", "Rounds", "Mode", "Active Models", "Context Mode", "Facilitator")
SECTIONS = (
    "Methodology",
    "Models",
    "System Prompt (per model)",
    "System Prompt",
    "Context Preamble (sent with first turn)",
    "Context Preamble",
)
NO_TRANSCRIPT = "Transcript not yet available."

_FIELD = re.compile(rf"\s*({'|'.join(FIELDS)}):\s*(.*)$")
_OLDER_HEAD = re.compile(r"\bModels:\s*(.{2,600}?)\s*(?:\bFacilitator:|\bRounds:|\||$)")
_OLDER_MODEL = re.compile(r"\s*([^()/]{1,60}?)\s*\(([^(),]{1,80})(?:,\s*([^()]{1,80}))?\)\s*$")
_LONG_DATE = re.compile(r"\b([A-Z][a-z]+ \d{1,2}, \d{4})\b")
_DATE_LINE = re.compile(r"\s*([A-Z][a-z]+ \d{1,2}, \d{4})\s*(.{0,80})$")
_STATUS = re.compile(
    r"(.{0,60}?)\s*(completed?|in[ -]progress|active|ongoing|draft|planned|pending|archived"
    r"|published)$"
)
_COUNTS = re.compile(r"\s*(?:Rounds:\s*(\d{1,6}))?\s*(?:Words:\s*([\d,]{1,12}))?\s*$")
_MODEL_ITEM = re.compile(r"\s*[•*-]\s*([^:]{1,60}):\s*(.*)$")
_GLUED_MODELS = re.compile(r"Models\s*([•*-]\s*\S.*)$")
_PREAMBLE_LABEL = re.compile(r"\s*(?:[A-Za-z]+ )?preamble:\s*$", re.IGNORECASE)
_NOTHING = re.compile(
    r"(?:none|n/?a|-|–|—|\(none\)|no (?:context )?preamble.*|not sent.*)\.?$", re.IGNORECASE
)


@dataclass
class Header:
    """What the head of a page states. Empty where the page doesn't say."""

    title: str | None = None
    number: int | None = None
    code: str | None = None
    condition: str | None = None
    model_name: str | None = None
    task: str | None = None
    header_date: str | None = None
    session_type: str | None = None
    status: str | None = None
    rounds: int | None = None
    words: int | None = None
    names: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)
    clean_context: str | None = None
    """What the head of an older page certifies; others do it in their footer."""
    providers: dict[str, str] = field(default_factory=dict)
    """Providers by the models' names, where the head of an older page gives them."""
    system_prompt: str | None = None
    preamble: str | None = None


def read_header(page: Page, end: int) -> Header:
    """Everything stated above line index `end`, where the first turn begins."""
    header = Header()
    starts = _starts(page, end)
    for number, (name, index, first) in enumerate(starts):
        stop = starts[number + 1][1] if number + 1 < len(starts) else end
        lines = [first, *page.lines[index + 1 : stop]] if first else [*page.lines[index + 1 : stop]]
        text = "\n".join(lines).strip()
        if name == "Models":
            header.models = _models(lines)
        elif name.startswith("System Prompt"):
            header.system_prompt = text or None
        elif name.startswith("Context Preamble"):
            header.preamble = _preamble(lines)
        elif name in FIELDS and text:
            header.fields[name] = text
    _opening(page.lines[: starts[0][1] if starts else end], header)
    if not header.models:
        _older_head(page.lines[:end], header)
    rounds = header.fields.get("Rounds", "")
    if header.rounds is None and rounds.isdecimal() and len(rounds) < 7:
        header.rounds = int(rounds)
    return header


def _older_head(lines: Sequence[str], header: Header) -> None:
    """The one line in which older pages with several models state date, models and counts."""
    line = next((line for line in lines if "|" in line and "Models:" in line), None)
    above = [text.strip() for text in lines[:40] if text.strip()]
    context = next((t for t in above if re.match(r"(?:Not c|C)ertified\b", t)), None)
    named = _OLDER_HEAD.search(line) if line is not None else None
    if line is None or named is None:
        return
    for entry in named[1].split(" / "):
        model = _OLDER_MODEL.match(entry)
        if model:
            header.models[model[1]] = model[2].strip()
            if model[3]:
                header.providers[model[1]] = model[3].strip()
    date, rounds = _LONG_DATE.search(line), re.search(r"\bRounds:\s*(\d{1,6})\b", line)
    words = re.search(r"([\d,]{1,12})\s+words\b", line)
    mode = re.search(r"\b(\w+) Mode\b", line)
    header.header_date = header.header_date or (date[1] if date else None)
    header.rounds = int(rounds[1]) if rounds else header.rounds
    count = words[1].replace(",", "") if words else ""
    header.words = int(count) if count.isdecimal() else header.words
    if mode:
        header.fields.setdefault("Mode", mode[1])
    header.title = header.title or above[0]
    header.clean_context = context


def _starts(page: Page, end: int) -> list[tuple[str, int, str]]:
    """Name, line index and rest of the line of each field and section, in order.

    A topic may hold lines that look like fields. The real ones follow it, so of each name the
    last counts. Sections come after the fields; of each the first counts, because a system
    prompt or preamble may hold such a line too.
    """
    fields: dict[str, tuple[str, int, str]] = {}
    sections: dict[str, tuple[str, int, str]] = {}
    for index, line in enumerate(page.lines[:end]):
        stripped = line.strip()
        field_ = _FIELD.match(line)
        glued = _GLUED_MODELS.match(stripped)
        if stripped in ("Transcript", "AI Deliberation Transcript"):
            sections.setdefault(stripped, (stripped, index, ""))
        elif stripped in SECTIONS or glued:
            name = "Models" if glued else stripped
            sections.setdefault(name, (name, index, glued[1] if glued else ""))
        elif (
            field_
            and not sections.keys() & set(SECTIONS)
            and not (field_[1] == "Topic" and "Topic" in fields)
        ):
            fields[field_[1]] = (field_[1], index, field_[2])
    return sorted((*fields.values(), *sections.values()), key=lambda entry: entry[1])


def _opening(lines: Sequence[str], header: Header) -> None:
    """The lines above the fields: title, date, type, status, counts, names of models."""
    for line in filter(None, (line.strip() for line in lines)):
        title, date, counts = TITLE.match(line), _DATE_LINE.match(line), _COUNTS.match(line)
        if title and header.title is None:
            header.number, header.title = int(title[1]), title[2].strip()
            _take_code(header)
        elif date and header.header_date is None:
            header.header_date = date[1]
            _type_and_status(date[2], header)
        elif counts:
            header.rounds = int(counts[1]) if counts[1] else header.rounds
            words = (counts[2] or "").replace(",", "")
            header.words = int(words) if words else header.words
        elif header.title is not None and len(line) <= 40 and not line.endswith((".", ":")):
            # A page saved as HTML may give type and status lines of their own.
            if header.header_date and header.status is None and _STATUS.fullmatch(line):
                _type_and_status(line, header)
            elif header.header_date and header.session_type is None:
                header.session_type = line
            else:
                header.names.append(line)


def _type_and_status(text: str, header: Header) -> None:
    both = _STATUS.match(text)
    header.session_type = (both[1] if both else text) or header.session_type
    header.status = both[2] if both else None


def _take_code(header: Header) -> None:
    code = CODE.search(header.title or "")
    if code:
        header.code, header.model_name, header.task = code[1], code[3], code[4]
        header.condition = "F+P" if code[2] == "FP" else code[2]


def _models(lines: list[str]) -> dict[str, str]:
    models: dict[str, str] = {}
    waiting: str | None = None
    for line in lines:
        item = _MODEL_ITEM.match(line)
        if item:
            waiting = item[1].strip()
            models[waiting] = item[2].strip()
        elif waiting and line.strip() and not models[waiting]:
            models[waiting] = line.strip()
    return models


def _preamble(lines: list[str]) -> str | None:
    text = "\n".join(lines).strip()
    first, _, rest = text.partition("\n")
    if _PREAMBLE_LABEL.match(first):
        text = rest.strip()
    return None if not text or _NOTHING.match(text) else text
