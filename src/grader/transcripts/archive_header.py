"""The head of an archive page: title, code, stated facts, models, system prompt, preamble.

Reads everything above the first turn. Nothing here decides where the transcript ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from grader.transcripts.archive_lines import Page

TITLE = re.compile(r"\s*(\d{1,4})\.\s+(\S.{0,160})$")
CODE = re.compile(r"(?:^|\b)((F\+P|FP|[A-Z])-([A-Za-z][A-Za-z0-9.]*)-(\d{1,3}))\b")
"""Condition, model and task: 'P-GPT-2'."""

FIELDS = (
    "Topic",
    "Date",
    "Rounds",
    "Mode",
    "Active Models",
    "Context Mode",
    "Facilitator",
    "Type",
    "Status",
    "Words",
)
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
_DATE_LINE = re.compile(r"\s*([A-Z][a-z]+ \d{1,2}, \d{4})\s*(.*)$")
_STATUS = re.compile(
    r"(.*?)\s*(complete|completed|in[ -]progress|active|ongoing|draft|planned|pending|archived"
    r"|published)$"
)
_COUNTS = re.compile(r"\s*Rounds:\s*(\d+)\s*(?:Words:\s*([\d,]+))?\s*$")
_MODEL_ITEM = re.compile(r"\s*[•*-]\s*([^:]{1,60}):\s*(.*)$")
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
    system_prompt: str | None = None
    preamble: str | None = None


def read_header(page: Page, end: int) -> Header:
    """Everything stated above line index `end`, where the first turn begins."""
    header = Header()
    blocks = _blocks(page, end, header)
    for name, lines in blocks:
        text = "\n".join(lines).strip()
        if name == "Models":
            header.models = _models(lines)
        elif name.startswith("System Prompt"):
            header.system_prompt = text or None
        elif name.startswith("Context Preamble"):
            header.preamble = _preamble(lines)
        elif name in FIELDS and text:
            header.fields.setdefault(name, text)
    if header.rounds is None and header.fields.get("Rounds", "").isdigit():
        header.rounds = int(header.fields["Rounds"])
    return header


def _blocks(page: Page, end: int, header: Header) -> list[tuple[str, list[str]]]:
    """The lines under each field or section name; lines above the first go to `_opening`."""
    blocks: list[tuple[str, list[str]]] = []
    opening: list[str] = []
    for line in page.lines[:end]:
        stripped = line.strip()
        counts = _COUNTS.match(line)
        if counts and "Rounds" not in header.fields and not blocks:
            header.rounds = int(counts[1])
            header.words = int(counts[2].replace(",", "")) if counts[2] else None
            continue
        glued = re.match(r"Models\s*([•*-]\s*\S.*)$", stripped)
        named = _FIELD.match(line)
        in_text = bool(blocks) and blocks[-1][0] not in (*FIELDS, "Methodology", "Models")
        if stripped == "Transcript" or stripped == "AI Deliberation Transcript":
            continue
        if stripped in SECTIONS or glued:
            blocks.append(("Models", [glued[1]]) if glued else (stripped, []))
        elif named and not in_text:
            blocks.append((named[1], [named[2]]))
        elif blocks:
            blocks[-1][1].append(line)
        elif stripped:
            opening.append(stripped)
    _opening(opening, header)
    return blocks


def _opening(lines: list[str], header: Header) -> None:
    for line in lines:
        title = TITLE.match(line)
        date = _DATE_LINE.match(line)
        if title and header.title is None:
            header.number, header.title = int(title[1]), title[2].strip()
            _take_code(header)
        elif date and header.header_date is None:
            header.header_date = date[1]
            rest = _STATUS.match(date[2])
            header.session_type = (rest[1] if rest else date[2]) or None
            header.status = rest[2] if rest else None
        elif header.title is not None and len(line) <= 40 and not line.endswith((".", ":")):
            header.names.append(line)


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
    if lines and not lines[0].strip():
        lines = [line for index, line in enumerate(lines) if index or line.strip()]
    while lines and not lines[0].strip():
        lines = lines[1:]
    if lines and _PREAMBLE_LABEL.match(lines[0]):
        lines = lines[1:]
    text = "\n".join(lines).strip()
    return None if not text or _NOTHING.match(text) else text
