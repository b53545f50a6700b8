"""Reads Inspect AI logs, `.eval` and JSON: one transcript for each sample and epoch.

The log is taken apart by the `inspect_ai` package (`pip install '.[inspect]'`); before it is
handed over, the archive's real size is measured, so that a small file can't unpack into a huge one.
"""

from __future__ import annotations

import importlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any

from grader.errors import GraderError, InputError
from grader.transcripts.guess_kind import seems_binary
from grader.transcripts.reader import Reader
from grader.transcripts.readers import chat_json
from grader.transcripts.readers.own_json import no_end_line
from grader.transcripts.source import Source, is_inspect_log
from grader.transcripts.transcript import ModelInfo, ReadingWarning, Transcript

MAX_MEMBERS = 20_000
MAX_MEMBER = 32_000_000
MAX_UNPACKED = 400_000_000
_STORED, _DEFLATED, _ZSTANDARD = 0, 8, 93
_MAX_WINDOW = 128 * 1024 * 1024


def recognises(source: Source) -> bool:
    """A zip archive with an Inspect header in it, or a JSON object with the head of a log."""
    if source.data.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
                names = set(archive.namelist()[:MAX_MEMBERS])
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            return False
        return "header.json" in names or "_journal/start.json" in names
    if seems_binary(source.data):
        return False
    return is_inspect_log(source.json)


def read(source: Source, ends_at: int | None = None) -> tuple[Transcript, ...]:
    """Every sample and epoch of the log in which the model says something.

    Raises:
        InputError: `inspect_ai` is not installed, the log is damaged or unpacks into too much, or
            it holds no conversation.
    """
    if ends_at is not None:
        raise no_end_line(source)
    if source.data.startswith(b"PK"):
        _check_size(source)
    try:
        log_module = importlib.import_module("inspect_ai.log")
    except ImportError:
        raise InputError(
            "an Inspect AI log; reading it needs the package inspect_ai",
            place=source.path,
            mend="pip install '.[inspect]'",
        ) from None
    try:
        header, samples = _open(log_module, source)
        found = [t for sample in samples if (t := _sample(sample, header, source)) is not None]
    except GraderError:
        raise
    except Exception as error:
        # The package raises whatever its parts raise: zip, zstandard, JSON, pydantic.
        reason = str(error).split("\n")[0][:200]
        raise InputError(
            f"a damaged Inspect AI log: {type(error).__name__}: {reason}",
            place=source.path,
            mend="Does `inspect log dump` read it?",
        ) from None
    if not found:
        raise InputError(
            f"the model says nothing in this log (status: {header.status})",
            place=source.path,
            mend="Was the run stopped before its first sample ended?",
        )
    return tuple(found)


def _open(log_module: Any, source: Source) -> tuple[Any, Iterable[Any]]:
    """The head of the log and its samples; from an archive one at a time, without its events."""
    if not source.data.startswith(b"PK"):
        log = log_module.read_eval_log(
            io.BytesIO(source.data), resolve_attachments="core", format="json"
        )
        return log, log.samples or ()
    path = str(source.path)
    header = log_module.read_eval_log(path, header_only=True, format="eval")
    samples = (
        log_module.read_eval_log_sample(
            path,
            id=summary.id,
            epoch=summary.epoch,
            resolve_attachments="core",
            format="eval",
            exclude_fields={"events", "store"},
        )
        for summary in log_module.read_eval_log_sample_summaries(path, format="eval")
    )
    return header, samples


def _check_size(source: Source) -> None:
    """Unpack every member without keeping it, and stop where it grows beyond all measure."""
    with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
        members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise _too_large(source, f"more than {MAX_MEMBERS:,} members")
    if sum(member.file_size for member in members) > MAX_UNPACKED:
        raise _too_large(source, f"more than {MAX_UNPACKED:,} bytes")
    for member in members:
        if member.file_size > MAX_MEMBER:
            raise _too_large(source, f"a member of more than {MAX_MEMBER:,} bytes")
        if _unpacked_size(source, member) != member.file_size:
            raise InputError(
                f"a damaged Inspect AI log: {member.filename!r:.80} does not have the size that "
                "the archive states",
                place=source.path,
            )


def _unpacked_size(source: Source, member: zipfile.ZipInfo) -> int:
    """Bytes a member unpacks into; counting stops beyond the size that the archive states."""
    limit = member.file_size
    head = member.header_offset
    name = int.from_bytes(source.data[head + 26 : head + 28], "little")
    extra = int.from_bytes(source.data[head + 28 : head + 30], "little")
    start = head + 30 + name + extra
    packed = io.BytesIO(source.data[start : start + member.compress_size])
    if member.compress_type == _STORED:
        return member.compress_size
    size = 0
    try:
        if member.compress_type == _DEFLATED:
            unpacker = zlib.decompressobj(-15)
            data = packed.read()
            while data and not unpacker.eof and size <= limit:
                size += len(unpacker.decompress(data, 1_000_000))
                data = unpacker.unconsumed_tail
        elif member.compress_type == _ZSTANDARD:
            zstandard = importlib.import_module("zstandard")
            stream = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW).stream_reader(packed)
            while size <= limit and (chunk := stream.read(1_000_000)):
                size += len(chunk)
        else:
            raise InputError(
                f"a member is packed by method {member.compress_type}, which Inspect doesn't use",
                place=source.path,
            )
    except ImportError:
        return member.file_size  # Without the package the log is refused in the next step.
    except (zlib.error, ValueError, OSError, MemoryError) as error:
        raise InputError(f"a damaged Inspect AI log: {error}", place=source.path) from None
    except Exception as error:
        if type(error).__name__ != "ZstdError":
            raise
        raise InputError(f"a damaged Inspect AI log: {error}", place=source.path) from None
    return size


def _too_large(source: Source, what: str) -> InputError:
    return InputError(
        f"the log unpacks into {what}",
        place=source.path,
        mend="Write the samples you need into a log of their own.",
    )


def _sample(sample: Any, log: Any, source: Source) -> Transcript | None:
    messages = [message.model_dump(mode="json", exclude_none=True) for message in sample.messages]
    if not any(message.get("role") == "assistant" for message in messages):
        return None
    last = next(message for message in reversed(messages) if message.get("role") == "assistant")
    if sample.output is not None and sample.output.choices:
        last["stop_reason"] = sample.output.stop_reason
        last["error"] = sample.output.error
    for message in messages:
        message.pop("name", None)
        message["tool_calls"] = [
            {"name": call.get("function"), "args": call.get("arguments")}
            for call in message.get("tool_calls") or ()
        ]
    id = f"{log.eval.task}-{sample.id}-{sample.epoch}"
    known = {**(log.eval.metadata or {}), **(sample.metadata or {})}
    facts = {
        key: known[key] for key in ("condition", "preamble") if isinstance(known.get(key), str)
    }
    about = {
        **facts,
        "task": str(known.get("task") or sample.id),
        "replicate": sample.epoch,
        "date": str(log.eval.created),
        "inspect_task": str(log.eval.task),
        "inspect_run": str(log.eval.run_id) or None,
        "status": str(log.status),
    }
    transcript = chat_json.of_messages(about, messages, source, "inspect-log", id)
    warnings = list(transcript.warnings)
    if sample.error is not None:
        warnings.append(
            ReadingWarning(
                code="sample_failed",
                message=f"the sample ended in an error: {str(sample.error.message)[:200]}",
            )
        )
    if sample.limit is not None:
        warnings.append(
            ReadingWarning(
                code="sample_limited",
                message=f"the sample was stopped by its {sample.limit.type} limit",
            )
        )
    return transcript.model_copy(update={"model": _model(log), "warnings": tuple(warnings)})


def _model(log: Any) -> ModelInfo:
    provider, _, name = str(log.eval.model).partition("/")
    config = json.loads(log.plan.config.model_dump_json()) | json.loads(
        log.eval.model_generate_config.model_dump_json(exclude_none=True)
    )
    return ModelInfo(
        name=name or provider,
        provider=provider if name else None,
        temperature=config.get("temperature"),
        top_p=config.get("top_p"),
        max_tokens=config.get("max_tokens"),
    )


READER = Reader(
    name="inspect-log",
    about="an Inspect AI log, .eval or JSON (needs inspect_ai)",
    recognises=recognises,
    read=read,
    reads_bytes=True,
)
