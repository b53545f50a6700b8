"""Reads a page of a public session archive saved as text.

Puts together what the archive modules find: header, turns, the end of the transcript, published
parts and footer. What the page says about the session never becomes a turn.
"""

from __future__ import annotations

import re

from grader.archive.readers.end import Ending, find_end, is_set_phrase
from grader.archive.readers.footer import Footer, find_footer, read_footer
from grader.archive.readers.header import NO_TRANSCRIPT, TITLE, Header, read_header
from grader.archive.readers.lines import Page, page_of_text
from grader.archive.readers.published import counted_flags, part, published_parts
from grader.archive.readers.turns import (
    HUMANS,
    ROUND,
    TurnHead,
    find_heads,
    known_speakers,
    turn_text,
)
from grader.errors import InputError
from grader.transcripts.contradictions import contradictions
from grader.transcripts.model_names import is_model_name
from grader.transcripts.preamble import without_preamble
from grader.transcripts.reader import Reader
from grader.transcripts.source import Source, check_turns
from grader.transcripts.task import find_task
from grader.transcripts.transcript import (
    ModelInfo,
    Provenance,
    PublishedPart,
    ReadingWarning,
    Transcript,
    Turn,
)

_BACK_LINK = re.compile(r"\s*←\s*All Sessions\s*$")


def recognises(source: Source) -> bool:
    """Whether the text has the marks of a session page: a head, and turns or their absence."""
    if source.looks_like_json:
        return False
    return looks_like_page(source.lines)


def looks_like_page(lines: list[str]) -> bool:
    """As `recognises`, for lines already at hand."""
    head = [line.strip() for line in lines[:400]]
    opening = [line for line in head if line][:8]
    marks = [
        any(_BACK_LINK.match(line) for line in opening),
        any(TITLE.match(line) for line in opening),
        "AI Deliberation Transcript" in head,
        any(line.startswith(("Active Models:", "Context Mode:")) for line in head),
        any(line.startswith("Topic:") for line in head),
    ]
    if sum(marks) < 2:
        return _is_older(lines)
    return any(
        line.startswith(("[HUMAN]", "[FACILITATOR]"))
        or line.strip() in ("Transcript", NO_TRANSCRIPT)
        for line in lines
    ) or any(line.startswith("Topic:") for line in head)


def _is_older(lines: list[str]) -> bool:
    """An older page: 'Round 1', then 'HUMAN' or a model's name on a line of its own."""
    first = next((n for n, line in enumerate(lines[:400]) if ROUND.match(line)), None)
    if first is None:
        return False
    names = {line.strip() for line in lines[first + 1 :] if 2 < len(line.strip()) <= 60}
    opens = next((line.strip() for line in lines[first + 1 :] if line.strip()), "")
    models = any(is_model_name(name) and name == name.upper() for name in names)
    return models and bool(names & HUMANS) and (opens in HUMANS or is_model_name(opens))


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """The session of one page.

    Args:
        source: the page.
        ends_at: the last line of the transcript, where the user settles it.

    Raises:
        InputError: `ends_at` is no line of the page below its first turn.
    """
    return (read_page(page_of_text(source.lines), source, "archive-page", ends_at),)


def read_page(page: Page, source: Source, format: str, ends_at: int | None = None) -> Transcript:
    """The session of a page whose lines are already at hand. See `read`."""
    warnings: list[ReadingWarning] = []
    absent = next((i for i, line in enumerate(page.lines) if line.strip() == NO_TRANSCRIPT), None)
    rough = read_header(page, _top(page, absent))
    footer_start = find_footer(page, 0)
    footer = read_footer(page, footer_start, rough.models)
    known = known_speakers(_names(rough, footer))
    heads, found = find_heads(page, known)
    check_turns(len(heads), source)
    if absent is not None:
        heads = [head for head in heads if head.index < absent]
    header = read_header(page, _above(page, heads[0].index) if heads else _top(page, absent))
    heads, ending = _ending(
        page, heads, absent, ends_at, source, warnings, [header.model_name or ""]
    )
    warnings += [w for w in found if w.line is not None and w.line < page.number(ending.said)]
    footer_start = find_footer(page, ending.published)
    footer = read_footer(page, footer_start, header.models)
    for line, text in footer.unread:
        warnings.append(
            ReadingWarning(
                code="row_unread",
                message=f"the table row {text!r} can be read in several ways or in none",
                line=line,
            )
        )
    preamble = header.preamble
    turns = _turns(page, heads, ending, preamble)
    parts: tuple[PublishedPart, ...] = ()
    if ending.published > ending.said and page.text(ending.said, ending.published):
        parts = (part(page, "doubtful", "Doubtful", ending.said, ending.published),)
    parts += published_parts(page, ending.published, footer_start)
    models = _models(header, footer)
    facilitated = header.condition in ("F", "F+P") or (
        header.fields.get("Mode", "").lower().startswith("facilitat")
    )
    task = find_task(turns, stated=None, facilitated=facilitated)
    warnings += task.warnings
    transcript = Transcript(
        id=(header.code or source.path.stem).lower(),
        condition=header.condition,
        task=header.task,
        model=models[0] if models else ModelInfo(name=header.model_name),
        models=models if len(models) > 1 else (),
        date=header.fields.get("Date") or header.header_date,
        system_prompt=header.system_prompt,
        preamble=preamble,
        task_prompt=task.prompt,
        task_turn=task.turn,
        turns=turns,
        published=parts,
        provenance=_provenance(header, footer, counted_flags(parts), source, format),
    )
    warnings += contradictions(transcript)
    return transcript.model_copy(update={"warnings": tuple(warnings)})


def _top(page: Page, absent: int | None) -> int:
    """Where the header surely ends, before any speaker is known."""
    for index, line in enumerate(page.lines):
        if line.strip() == "Transcript" or index == absent:
            return index
        if line.startswith(("[HUMAN]", "[FACILITATOR]")) or ROUND.match(line):
            return index
    return min(len(page.lines), 200)


def _above(page: Page, head: int) -> int:
    """Where the header ends above the first turn: 'Round 1' belongs to the turn."""
    while head and (not page.lines[head - 1].strip() or ROUND.match(page.lines[head - 1])):
        head -= 1
    return head


def _names(header: Header, footer: Footer) -> list[str]:
    names = [*header.models, *header.models.values()]
    names += re.split(r"[,;]\s*|\s+and\s+", header.fields.get("Active Models", ""))
    names += [name for row in footer.models for name in (row.name, row.version)]
    labels = [name for entry in header.names for name in re.split(r"[,·•|]\s*", entry)]
    return names + [name for name in labels if is_model_name(name)]


def _ending(
    page: Page,
    heads: list[TurnHead],
    absent: int | None,
    ends_at: int | None,
    source: Source,
    warnings: list[ReadingWarning],
    model_names: list[str],
) -> tuple[list[TurnHead], Ending]:
    if ends_at is not None:
        end = page.index(ends_at + 1)
        if not heads or ends_at < page.number(heads[0].index) or ends_at > page.numbers[-1]:
            raise InputError(
                f"the transcript can't end at line {ends_at}",
                place=source.path,
                mend="Give a line between the first turn and the end of the file.",
            )
        return [head for head in heads if head.index < end], Ending(said=end, published=end)
    if not heads:
        start = 0 if absent is None else absent + 1
        if absent is None:
            start = _top(page, None)
        warnings.append(
            ReadingWarning(
                code="no_turns",
                message="the page holds no turns, only what was written about the session",
                line=page.number(start) if page.lines else None,
            )
        )
        return [], Ending(said=start, published=start)
    # A phrase the page's program prints ends the transcript even where tags follow it: an
    # analysis may quote turns, and quoted turns must not become turns.
    phrase = next(
        (
            i
            for i in range(heads[0].index, heads[-1].index)
            if is_set_phrase(page.lines[i]) or i == absent
        ),
        None,
    )
    if phrase is not None:
        left_out = [head for head in heads if head.index > phrase]
        warnings.append(
            ReadingWarning(
                code="turns_after_end",
                message=f"{len(left_out)} lines open turns below the line "
                f"{page.lines[phrase].strip()!r}; they were taken for quotations and left out",
                line=page.number(left_out[0].index),
            )
        )
        heads = [head for head in heads if head.index < phrase]
    ending = find_end(page, heads[-1].index, model_names)
    if ending.reason:
        warnings.append(
            ReadingWarning(
                code="end_uncertain",
                message=f"the transcript was taken to end above line {page.number(ending.said)}: "
                f"{ending.reason}",
                line=page.number(ending.said),
            )
            if ending.said < len(page.lines)
            else ReadingWarning(code="cut_off", message=ending.reason)
        )
    if all(head.is_human for head in heads):
        warnings.append(
            ReadingWarning(
                code="no_model_turn",
                message="the page holds only what the human said",
                line=page.number(heads[-1].index),
            )
        )
    return heads, ending


def _turns(
    page: Page, heads: list[TurnHead], ending: Ending, preamble: str | None
) -> tuple[Turn, ...]:
    turns = []
    for number, head in enumerate(heads, start=1):
        end = heads[number].index if number < len(heads) else ending.said
        text = turn_text(page, head, end)
        if head.is_human:
            text, _ = without_preamble(text, preamble)
        turns.append(
            Turn(
                number=number,
                role="human" if head.is_human else "model",
                speaker=head.speaker,
                text=text,
                time=head.time,
                line=page.number(head.index),
            )
        )
    return tuple(turns)


def _models(header: Header, footer: Footer) -> tuple[ModelInfo, ...]:
    """Every model of the session, footer and header put together by model id and name."""
    rows = {row.version: row for row in footer.models}
    parameters = {row.model: row for row in footer.parameters}
    labels = header.names if len(header.names) == len(header.models) == 1 else []
    models = []
    for key, version in header.models.items() or [(r.name, r.version) for r in footer.models]:
        row = rows.get(version)
        asked = (key, version, row.name if row else "")
        given = next((parameters[name] for name in asked if name in parameters), None)
        models.append(
            ModelInfo(
                name=row.name if row else labels[0] if labels else header.model_name or key,
                version=version or None,
                provider=row.provider if row else header.providers.get(key),
                temperature=given.temperature if given else None,
                top_p=given.top_p if given else None,
                max_tokens=given.max_tokens if given else None,
            )
        )
    if not models:
        # Older pages name their models only in the head.
        active = [n.strip() for n in header.fields.get("Active Models", "").split(",")]
        named = [name for name in header.names if is_model_name(name)]
        names = named if len(named) == len(active) else active
        models = [ModelInfo(name=name) for name in names if name]
    return tuple(models)


def _provenance(
    header: Header, footer: Footer, flags: dict[str, int], source: Source, format: str
) -> Provenance:
    stated = {"Title": header.title} if header.title else {}
    if header.header_date:
        stated["Header date"] = header.header_date
    if header.names:
        stated["Header models"] = ", ".join(header.names)
    if "Facilitator" in header.fields:
        stated["Facilitator"] = header.fields["Facilitator"]
    for name, text in footer.fields.items():
        if name != "Clean Context":
            stated[name] = text
    active = header.fields.get("Active Models", "")
    return Provenance(
        source=source.name,
        format=format,
        sha256=source.sha256,
        session_number=header.number,
        session_code=header.code,
        session_type=header.session_type,
        status=header.status,
        topic=header.fields.get("Topic"),
        mode=header.fields.get("Mode"),
        rounds=header.rounds,
        stated_words=header.words,
        context_mode=header.fields.get("Context Mode"),
        active_models=tuple(n.strip() for n in active.split(",") if n.strip()),
        flags=flags,
        clean_context=footer.fields.get("Clean Context") or header.clean_context,
        note=footer.note,
        stated=stated,
    )


READER = Reader(
    name="archive-page",
    about="a session page of a research archive, saved as text",
    recognises=recognises,
    read=read,
    reads_any_text=True,
)
