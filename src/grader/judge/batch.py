"""The OpenAI Batch API for a `files:` folder: upload, create, poll, download, cancel.

What was submitted stands in `DIR/batch.json`, so that each step can be a command of its own, days
apart. Replies are appended to `DIR/responses.jsonl`, where the `files:` judge finds them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import openai
from pydantic import Field, ValidationError

from grader.errors import InputError, JudgeError, RecordError
from grader.files.json_lines import append_lines, numbered_lines
from grader.files.text import read_text, write_atomically
from grader.judge.choose import endpoint
from grader.judge.failures import one_line, read_failure
from grader.judge.files import REQUESTS, RESPONSES
from grader.records import Record

STATE = "batch.json"
MAX_BYTES = 2_000_000_000
ENDED = ("completed", "failed", "expired", "cancelled")


class Submitted(Record):
    """One batch of requests."""

    id: str
    requests: tuple[str, ...] = Field(description="Question hashes.")
    status: str
    completed: int = 0
    failed: int = 0
    fetched: bool = False


class BatchState(Record):
    """`batch.json`: every batch that was submitted from this folder."""

    schema_version: Literal[1] = 1
    judge: str
    base_url: str | None = None
    batches: tuple[Submitted, ...] = ()


class BatchFolder:
    """Batches of one folder.

    Args:
        folder: the `files:` folder.
        judge: 'provider/model', for the first submission; None: as submitted before.
        base_url: another server than the provider's.
        insecure: send to plain HTTP outside this machine, too.

    Raises:
        InputError: nothing was submitted and no judge is named, or its address can't be used.
        JudgeError: no key.
    """

    def __init__(
        self,
        folder: Path,
        judge: str | None = None,
        *,
        base_url: str | None = None,
        insecure: bool = False,
    ) -> None:
        self._folder = folder
        self.state = read_state(folder)
        if self.state is None:
            if judge is None:
                raise InputError(
                    "nothing was submitted from this folder yet",
                    place=folder,
                    mend="Submit its requests: grader batch submit DIR --judge openai/MODEL.",
                )
            self.state = BatchState(judge=judge, base_url=base_url)
        address, key = endpoint(self.state.judge, self.state.base_url, insecure=insecure)
        self._key = key
        self._address = address
        self._client = openai.OpenAI(api_key=key, base_url=address, max_retries=3, timeout=120)

    def submit(self) -> Submitted | None:
        """Send the requests that wait and are in no batch that may still answer them.

        Gives None where there are none.
        """
        assert self.state is not None
        under_way = {
            question
            for batch in self.state.batches
            if batch.status not in ENDED or (batch.status == "completed" and not batch.fetched)
            for question in batch.requests
        }
        text = read_text(self._folder / REQUESTS, limit=MAX_BYTES)
        lines = {json.loads(line)["custom_id"]: line for _, line in numbered_lines(text)}
        lines = {name: line for name, line in lines.items() if name not in under_way}
        if not lines:
            return None
        content = "".join(line + "\n" for line in lines.values()).encode()
        with self._in_words():
            uploaded = self._client.files.create(file=(REQUESTS, content), purpose="batch")
            batch = self._client.batches.create(
                input_file_id=uploaded.id,
                endpoint="/v1/chat/completions",
                completion_window="24h",
            )
        made = Submitted(id=batch.id, requests=tuple(lines), status=batch.status)
        self._keep((*self.state.batches, made))
        return made

    def poll(self) -> tuple[Submitted, ...]:
        """Ask how the open batches stand."""
        assert self.state is not None
        polled = []
        for batch in self.state.batches:
            if batch.status not in ENDED:
                with self._in_words():
                    batch = _updated(batch, self._client.batches.retrieve(batch.id))
            polled.append(batch)
        return self._keep(tuple(polled))

    def fetch(self) -> int:
        """Append the replies of batches that have ended; gives how many there were."""
        count, after = 0, []
        for batch in self.poll():
            if batch.status in ENDED and not batch.fetched:
                with self._in_words():
                    told = self._client.batches.retrieve(batch.id)
                    files = [told.output_file_id, told.error_file_id]
                    texts = [self._client.files.content(file).text for file in files if file]
                count += self._append("".join(texts))
                batch = batch.model_copy(update={"fetched": True})
            after.append(batch)
        self._keep(tuple(after))
        return count

    def cancel(self) -> int:
        """Cancel the open batches; gives how many there were."""
        assert self.state is not None
        count, after = 0, []
        for batch in self.state.batches:
            if batch.status not in ENDED:
                with self._in_words():
                    batch = _updated(batch, self._client.batches.cancel(batch.id))
                count += 1
            after.append(batch)
        self._keep(tuple(after))
        return count

    def _append(self, text: str) -> int:
        path = self._folder / RESPONSES
        before = read_text(path, limit=MAX_BYTES) if path.exists() else ""
        known = {line for _, line in numbered_lines(before)}
        lines = [line for _, line in numbered_lines(text) if line not in known]
        # A last line without its end may be one that a person put there.
        append_lines(path, lines, kept=path.stat().st_size if path.exists() else 0)
        return len(lines)

    def _keep(self, batches: tuple[Submitted, ...]) -> tuple[Submitted, ...]:
        assert self.state is not None
        self.state = self.state.model_copy(update={"batches": batches})
        write_atomically(self._folder / STATE, self.state.model_dump_json(indent=2) + "\n")
        return batches

    def _in_words(self) -> _InWords:
        return _InWords(self._address, self._key)


class _InWords:
    """Turns the SDK's errors into ours."""

    def __init__(self, address: str, key: str) -> None:
        self._address, self._key = address, key

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, openai.APIStatusError):
            text = error.response.text
            said = read_failure(error.status_code, text, key=self._key).message
        elif isinstance(error, openai.APIConnectionError):
            said = one_line(str(error.__cause__ or error), self._key)
        else:
            return
        raise JudgeError(
            f"the server at {self._address} did not take it ({said})",
            mend="Check key, address and account, and run the same command again.",
        ) from None


def read_state(folder: Path) -> BatchState | None:
    """What was submitted from a folder; None: nothing. Raises RecordError."""
    path = folder / STATE
    if not path.is_file():
        return None
    try:
        return BatchState.model_validate_json(read_text(path))
    except ValidationError:
        raise RecordError(
            "this is no state of batches that this version can read",
            place=path,
            mend="Restore it, or move it away: what was submitted must then be fetched by hand.",
        ) from None


def _updated(batch: Submitted, told: Any) -> Submitted:
    counts = told.request_counts
    return batch.model_copy(
        update={
            "status": told.status,
            "completed": counts.completed if counts else batch.completed,
            "failed": counts.failed if counts else batch.failed,
        }
    )
