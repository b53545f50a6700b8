"""Reads tables of prompts and answers: a row is a conversation, two answers are a pair.

JSON objects, lists and lines, CSV and TSV: AlpacaEval's outputs, MT-bench's answers, preference
files (`chosen` and `rejected`), logs of an API in which the prompt is one text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from grader.errors import InputError
from grader.transcripts.json_text import parse_json
from grader.transcripts.message_forms import is_message
from grader.transcripts.reader import Reader
from grader.transcripts.readers import chat_json
from grader.transcripts.readers.own_json import no_end_line
from grader.transcripts.replies_beside import REPLY_KEYS, Reply, replies_of
from grader.transcripts.source import Source
from grader.transcripts.transcript import Transcript

_PROMPT_KEYS = ("prompt", "instruction", "question", "query", "user_prompt", "input", "user",
                "task_prompt", "problem", "request", "turns", "task_input")  # fmt: skip
_IDS = ("id", "question_id", "prompt_id", "row_id", "instruction_id", "idx", "index", "custom_id",
        "conversation_id", "qid", "example_id", "sample_id")  # fmt: skip
_MODELS = ("model", "model_name", "model_id", "generator", "generator_model")
_SURE = ("choices", "candidates", "response", "completion", "generated_text", "result", "message")
"""Fields that are a reply even where no prompt stands beside them."""

MAX_ROWS = 20_000


def recognises(source: Source) -> bool:
    """An object with a prompt and a reply, or a table with columns for both."""
    if fits(source.json):
        return True
    return source.json_lines is None and not source.looks_like_json and _columns(source) is not None


def fits(value: Any) -> bool:
    """Whether a JSON value is one row of such a table."""
    if not isinstance(value, dict) or "messages" in value or "mapping" in value:
        return False
    if _mt_bench(value) is not None:
        return True
    if _prompt(value) is None:
        if any(_is_reply(value.get(key)) for key in _SURE):
            return True
        return _is_conversations_pair(value) or _is_lone_reply(value)
    return bool(replies_of({k: v for k, v in value.items() if k != _prompt_key(value)}))


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """A transcript for each row, two for a row with two answers.

    Raises:
        InputError: a row that can't be read, with its line or number.
    """
    if ends_at is not None:
        raise no_end_line(source)
    if source.json is not None:
        return of_value(source.json, source, source.path.stem)
    found: list[Transcript] = []
    for number, (line, row) in enumerate(_rows(source), start=1):
        place = f"{source.path}:{line}"
        if not fits(row):
            raise InputError(
                "a row without an answer", place=place, mend="Take the row out, or fill it in."
            )
        try:
            found += of_value(row, source, f"{source.path.stem}-{number}")
        except InputError as error:
            raise InputError(error.problem, place=place, mend=error.mend) from None
    return tuple(found)


def of_value(value: dict[str, Any], source: Source, id: str) -> tuple[Transcript, ...]:
    """The conversations of one row. Raises InputError as `chat_json.read`."""
    named = next((value[k] for k in _IDS if isinstance(value.get(k), (str, int))), None)
    about = {k: v for k, v in value.items() if k not in (*_IDS, *_MODELS) and v is not None}
    model = next((value[k] for k in _MODELS if isinstance(value.get(k), str)), None)
    if model is not None:
        about["model"] = model
    elif isinstance(value.get("model"), dict):
        about["model"] = value["model"]
    rows = _mt_bench(value)
    if rows is not None:
        key = "turns" if "turns" in value else "choices"
        about = {k: v for k, v in about.items() if k not in (key, "tstamp")}
        replies = [Reply(tuple(messages)) for messages in rows]
        prompt: list[Any] = []
    else:
        prompt_key = _prompt_key(value)
        prompt = _prompt(value) or []
        taken = (prompt_key, "input") if prompt_key == "instruction" else (prompt_key,)
        about = {k: v for k, v in about.items() if k not in taken}
        system = about.pop("system", None)
        if isinstance(system, str) and system.strip():
            prompt = [{"role": "system", "content": system}, *prompt]
        replies = replies_of(about)
        if not replies and _is_lone_reply(value):
            about, replies = {"model": model}, [Reply((dict(value),))]
    row_id = id if named is None else f"{source.path.stem}-{named}"
    about.setdefault("task", str(named) if named is not None else id)
    return tuple(_transcripts(about, prompt, replies, source, row_id))


def _transcripts(
    about: dict[str, Any], prompt: list[Any], replies: list[Reply], source: Source, id: str
) -> Iterator[Transcript]:
    for number, reply in enumerate(replies, start=1):
        name = reply.label or (str(number) if len(replies) > 1 else None)
        own = chat_json.facts_of_reply(about, reply, id, name)
        if name and not reply.label:
            own.setdefault("replicate", number)
        whole = list(reply.messages)
        if prompt and not any(each.get("role") in ("user", "human") for each in whole):
            whole = [*prompt, *whole]
        yield chat_json.of_messages(
            own, whole, source, "prompt-table", id if name is None else f"{id}-{name}"
        )


def _prompt_key(value: Mapping[str, Any]) -> str | None:
    return next((k for k in _PROMPT_KEYS if _words(value.get(k)) is not None), None)


def _prompt(value: Mapping[str, Any]) -> list[Any] | None:
    """The prompt as messages; None where the row has none."""
    key = _prompt_key(value)
    if key is None:
        return None
    messages = _words(value[key]) or []
    extra = value.get("input")
    if key == "instruction" and isinstance(extra, str) and extra.strip():
        messages = [{"role": "user", "content": f"{value[key]}\n\n{extra}"}]
    return messages


def _words(given: Any) -> list[Any] | None:
    if isinstance(given, str) and given.strip():
        return [{"role": "user", "content": given}]
    if isinstance(given, list) and given and all(map(is_message, given[:3])):
        return list(given)
    return None


def _is_reply(given: Any) -> bool:
    return isinstance(given, (dict, list)) and bool(replies_of({"response": given}))


def _is_lone_reply(value: Mapping[str, Any]) -> bool:
    """Whether an object is the reply itself, as Anthropic's API gives it."""
    return value.get("role") == "assistant" and is_message(dict(value))


def _is_conversations_pair(value: Mapping[str, Any]) -> bool:
    """Whether both sides of a preference file hold whole conversations."""
    pair = replies_of({k: v for k, v in value.items() if k not in REPLY_KEYS})
    return len(pair) == 2 and all(
        any(each.get("role") in ("user", "human") for each in side.messages) for side in pair
    )


def _mt_bench(value: Mapping[str, Any]) -> list[list[dict[str, Any]]] | None:
    """The replies of an MT-bench answer, `choices` with `turns`; None for anything else."""
    choices = value.get("choices")
    if not isinstance(choices, list) or not choices:
        return None
    found = []
    questions = value.get("question") or value.get("questions") or value.get("prompts")
    questions_ = questions if isinstance(questions, list) else []
    for choice in choices:
        turns = choice.get("turns") if isinstance(choice, dict) else None
        if not isinstance(turns, list) or not turns:
            return None
        messages: list[dict[str, Any]] = []
        for number, turn in enumerate(turns):
            words = turn.get("content") if isinstance(turn, dict) else turn
            if not isinstance(words, str):
                return None
            if number < len(questions_) and isinstance(questions_[number], str):
                messages.append({"role": "user", "content": questions_[number]})
            messages.append({"role": "assistant", "content": words})
        found.append(messages)
    return found


# --- CSV and TSV -----------------------------------------------------------------------------


def _columns(source: Source) -> tuple[str, list[str]] | None:
    """Delimiter and names of a table whose head has a column for prompts and one for replies."""
    head = source.beginning.partition("\n")[0]
    for delimiter in (",", "\t", ";"):
        if delimiter not in head:
            continue
        try:
            names = [name.strip() for name in next(csv.reader([head], delimiter=delimiter))]
        except (csv.Error, StopIteration):
            continue
        row = {name: "x" for name in names}
        if len(names) > 1 and _prompt_key(row) and fits(row):
            return delimiter, names
    return None


def _rows(source: Source) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of the table with their lines. Raises InputError."""
    columns = _columns(source)
    assert columns is not None
    delimiter, names = columns
    csv.field_size_limit(10_000_000)
    reader = csv.reader(io.StringIO(source.text.lstrip()), delimiter=delimiter, strict=True)
    try:
        next(reader)
        for number, cells in enumerate(reader, start=1):
            if number > MAX_ROWS:
                raise InputError(
                    f"the table has more than {MAX_ROWS:,} rows",
                    place=source.path,
                    mend="Split the file.",
                )
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(names):
                raise InputError(
                    f"{len(cells)} cells, but the head names {len(names)} columns",
                    place=f"{source.path}:{reader.line_num}",
                    mend="Put quotation marks around cells that hold the delimiter.",
                )
            yield (
                reader.line_num,
                {
                    name: _cell(cell, source)
                    for name, cell in zip(names, cells, strict=True)
                    if cell
                },
            )
    except csv.Error as error:
        raise InputError(
            f"not a valid table: {error}",
            place=f"{source.path}:{reader.line_num}",
            mend="Write it again with a program for tables.",
        ) from None


def _cell(cell: str, source: Source) -> Any:
    """A cell's text, or the messages that it holds as JSON."""
    if cell.lstrip().startswith(("[{", '{"')):
        try:
            return parse_json(cell, source.path)
        except InputError:
            return cell
    return cell


READER = Reader(
    name="prompt-table",
    about="a table of prompts and answers: AlpacaEval, MT-bench, preference files, CSV",
    recognises=recognises,
    read=read,
)
