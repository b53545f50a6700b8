"""The footer of an archive page: certification, models table, parameters, logs, protocols.

Tables have lost their columns ('GPTgpt-5.4OpenAI'), so cells are told apart by what is known of
them; a row with more than one reading is left unread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from grader.archive.readers.lines import Page

LABELS = (
    "Clean Context",
    "Prior Transcripts",
    "Mid-Session Injections",
    "Documentation",
    "Models",
    "API Parameters",
    "Separation Log",
    "Contained",
    "Did Not Contain",
    "Clean Context Certification",
    "Facilitator Protocol",
    "Disclosure Protocol",
)
_LABELS = frozenset(LABELS)
_LONGEST = max(map(len, LABELS)) + 20

UNMISTAKABLE = frozenset(
    {
        "Clean Context",
        "Prior Transcripts",
        "Mid-Session Injections",
        "API Parameters",
        "Separation Log",
        "Did Not Contain",
        "Clean Context Certification",
        "Facilitator Protocol",
        "Disclosure Protocol",
    }
)
"""Labels that no deliverable is likely to use as a line of its own."""

PROVIDERS = ("OpenAI", "Anthropic", "Google DeepMind", "Google", "DeepMind", "xAI", "Meta",
             "Mistral AI", "Mistral", "DeepSeek", "Alibaba", "Cohere")  # fmt: skip

_INLINE = re.compile(rf"\s*({'|'.join(map(re.escape, LABELS))}):\s*(.*)$")
_GLUED = re.compile(r"(Contained|Did Not Contain)\s*([-•] \S.*)$")
"""A list that has run into its label: 'Contained- No documents'."""

_CELLS = re.compile(r"\t|\s*\|\s*|\s{2,}")
_BULLET = re.compile(r"^\s*[•*-]\s+")


@dataclass(frozen=True)
class ModelRow:
    """A row of the models table."""

    name: str
    version: str
    provider: str | None


@dataclass(frozen=True)
class ParameterRow:
    """A row of the parameters table. None: the cell holds no number."""

    model: str
    temperature: float | None
    max_tokens: int | None
    top_p: float | None


@dataclass
class Footer:
    """What the footer states."""

    fields: dict[str, str] = field(default_factory=dict)
    note: str | None = None
    models: list[ModelRow] = field(default_factory=list)
    parameters: list[ParameterRow] = field(default_factory=list)
    unread: list[tuple[int, str]] = field(default_factory=list)
    """Rows that could not be told apart, with their line."""


def find_footer(page: Page, start: int) -> int:
    """Index of the footer's first line at or after `start`; the end of the page without one.

    A deliverable may hold a line 'Models' or 'Documentation' of its own, so one label alone is
    no footer: a second, unmistakable one must stand close below.
    """
    for index in range(start, len(page.lines)):
        line = page.lines[index]
        if len(line) > _LONGEST or line.strip() not in _LABELS:
            continue
        if line.strip() == "Clean Context" and _certifies(page, index):
            return index
        if _is_footer(page, index):
            return index
    return len(page.lines)


def _certifies(page: Page, index: int) -> bool:
    following = page.next_full(index + 1)
    return following is not None and bool(
        re.match(r"\s*(?:not |un)?certified\b|\s*pending\b", page.lines[following], re.IGNORECASE)
    )


def _is_footer(page: Page, index: int) -> bool:
    near = {line.strip() for line in page.lines[index + 1 : index + 12]}
    own = page.lines[index].strip()
    return len(near & _LABELS - {own}) >= 2 and bool((near | {own}) & UNMISTAKABLE)


def read_footer(page: Page, start: int, versions: Mapping[str, str]) -> Footer:
    """The footer that begins at `start`. `versions`: model ids by the name the header gives."""
    footer = Footer()
    label: str | None = None
    rows: dict[str, list[tuple[int, str]]] = {}
    for index in range(start, len(page.lines)):
        line = page.lines[index].strip()
        inline = _INLINE.match(line)
        glued = _GLUED.match(line)
        if glued:
            label = glued[1]
            items = [(index, item.strip()) for item in re.split(r"(?:^|(?<=\S))[-•] ", glued[2])]
            rows.setdefault(label, []).extend(entry for entry in items if entry[1])
        elif line in LABELS:
            label = line
            rows.setdefault(label, [])
        elif inline:
            label = inline[1]
            rows.setdefault(label, []).append((index, inline[2]))
        elif line and label is not None:
            rows[label].append((index, _BULLET.sub("", line)))
    for label, entries in rows.items():
        if label == "Models":
            _read_models(page, entries, versions, footer)
        elif label == "API Parameters":
            _read_parameters(page, entries, [*versions, *versions.values()], footer)
        elif label == "Documentation" and entries:
            footer.fields[label] = entries[0][1]
            footer.note = "\n".join(text for _, text in entries[1:]) or None
        elif entries:
            logged = label in ("Contained", "Did Not Contain")
            name = f"Separation Log: {label}" if logged else label
            footer.fields[name] = "\n".join(text for _, text in entries)
    return footer


def _read_models(
    page: Page, entries: list[tuple[int, str]], versions: Mapping[str, str], footer: Footer
) -> None:
    for index, text in entries:
        if re.fullmatch(r"Name\W*Version\W*Provider", text):
            continue
        cells = [cell for cell in _CELLS.split(text) if cell]
        row = None
        if len(cells) == 3:
            row = ModelRow(cells[0], cells[1], cells[2])
        else:
            row = _split_model(text, versions.values())
        if row is None:
            footer.unread.append((page.number(index), text))
        else:
            footer.models.append(row)


def _split_model(text: str, versions: Iterable[str]) -> ModelRow | None:
    for version in sorted(filter(None, versions), key=len, reverse=True):
        before, found, after = text.partition(version)
        if found and before.strip():
            return ModelRow(before.strip(), version, after.strip() or None)
    provider = next((name for name in PROVIDERS if text.endswith(name)), None)
    if provider is None:
        return None
    rest = text.removesuffix(provider)
    row = re.match(r"([A-Z][A-Za-z ]*?)([a-z][a-z0-9.:_-]*\d[\w.:-]*)$", rest)
    return ModelRow(row[1].strip(), row[2], provider) if row else None


def _read_parameters(
    page: Page, entries: list[tuple[int, str]], names: list[str], footer: Footer
) -> None:
    for index, text in entries:
        if re.match(r"Model\W*Temperature", text):
            continue
        readings = _parameter_readings(text, names)
        if len(readings) == 1:
            footer.parameters.append(readings[0])
        else:
            footer.unread.append((page.number(index), text))


_NUMBER = r"\d+(?:\.\d+)?"
_EMPTY = r"default|n/?a|none|-|–|—"


def _parameter_readings(text: str, names: list[str]) -> list[ParameterRow]:
    cells = [cell for cell in _CELLS.split(text) if cell]
    if len(cells) == 4:
        return [ParameterRow(cells[0], _float(cells[1]), _int(cells[2]), _float(cells[3]))]
    name = next((n for n in sorted(names, key=len, reverse=True) if n and text.startswith(n)), None)
    if name is None:
        start = re.match(r"[A-Za-z][A-Za-z -]*?(?=\d|default|n/a|—)", text)
        if start is None:
            return []
        name = start[0]
    rest = text[len(name) :].strip()
    readings = []
    for temperature in _starts(rest, rf"[0-2]\.\d{{1,2}}|{_EMPTY}"):
        after = rest[len(temperature) :]
        for tokens in _starts(after, rf"[1-9]\d{{0,2}}(?:,\d{{3}})+|[1-9]\d{{1,6}}|{_EMPTY}"):
            top_p = after[len(tokens) :]
            if re.fullmatch(rf"0\.\d{{1,2}}|1\.0|1|{_EMPTY}", top_p, re.IGNORECASE):
                readings.append(
                    ParameterRow(name.strip(), _float(temperature), _int(tokens), _float(top_p))
                )
    return readings


def _starts(text: str, pattern: str) -> list[str]:
    """Every beginning of `text` that fits the pattern."""
    fits = re.compile(pattern, re.IGNORECASE)
    return [text[:end] for end in range(1, len(text) + 1) if fits.fullmatch(text, 0, end)]


def _float(cell: str) -> float | None:
    return float(cell) if re.fullmatch(_NUMBER, cell) else None


def _int(cell: str) -> int | None:
    digits = cell.replace(",", "")
    return int(digits) if digits.isascii() and digits.isdigit() else None
