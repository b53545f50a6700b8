"""Documents that the model put into tool calls: artifacts, canvases, written files, submissions.

The person gets them, and yet no turn says them. They are found by the tools' arguments, edits
are applied, and the last version of each is the document. Whether they are judged is chosen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from grader.transcripts.transcript import ReadingWarning, ToolCall, Transcript

_TEXTS = ("content", "file_text", "contents", "text", "body", "markdown", "document", "html",
          "new_source", "code", "answer", "final_answer", "submission", "report", "result",
          "CodeContent", "newText", "message")  # fmt: skip
_NAMES = ("id", "identifier", "artifact_id", "path", "file_path", "filename", "file", "TargetFile",
          "target_file", "notebook_path", "filePath", "name", "title", "subject")  # fmt: skip
_TITLES = ("title", "name", "path", "file_path", "filename", "file", "TargetFile", "subject",
           "filePath", "notebook_path", "target_file", "id", "identifier")  # fmt: skip
_OLD = ("old_str", "old_string", "oldString", "old_text", "search")
_NEW = ("new_str", "new_string", "newString", "new_text", "replace", "insert_text", "replacement")
_MAKES = re.compile(
    r"artifact|canmore|canvas|textdoc|docu?ment|write|create|edit|replace|notebook|submit"
    r"|submission|final_answer|finish|completion|save_|draft|report|compose|publish|apply_patch"
    r"|text_editor|respond|answer|email|post_message",
    re.IGNORECASE,
)
"""Names of tools whose text is for somebody to read."""

_RUNS = re.compile(
    r"bash|shell|terminal|exec|python|interpreter|search|query|fetch|browse|grep|^bio$|memory"
    r"|think|todo|plan|read|view|list|^run",
    re.IGNORECASE,
)
"""Names of tools whose text is a command, a search or a note to itself."""

_LONG = 400
"""Characters from which on the text of a tool that isn't known counts as a document."""

_ADDED_FILE = re.compile(
    r"^\*\*\* Add File: (?P<name>[^\n]{1,300})\n(?P<lines>(?:\+[^\n]*\n?)*)", re.MULTILINE
)


@dataclass(frozen=True)
class Document:
    """One document in its last version."""

    name: str
    text: str
    turn: int
    """The turn whose call changed it last."""
    whole: bool
    """False: edits of a text that the transcript doesn't hold; only what they put in is here."""


def documents(transcript: Transcript) -> tuple[Document, ...]:
    """The documents that the model wrote from the task on, in the order of their beginnings."""
    first = transcript.task_turn or 1
    found: dict[str, Document] = {}
    for turn in transcript.turns:
        if turn.role != "model" or turn.scripted or turn.number < first:
            continue
        for call in turn.calls:
            for key, name, change in _changes(call):
                before = found.get(key)
                text, whole = change.applied(before)
                if text.strip():
                    title = name or (before.name if before else call.name)
                    found[key] = Document(title, text, turn.number, whole)
    return tuple(found.values())


def with_documents_judged(transcript: Transcript) -> Transcript:
    """The transcript whose turns hold the documents of their calls too, to be judged.

    A document stands below what the turn says, separated by a blank line. Returned unchanged
    where this was done before or there are no documents.
    """
    found = documents(transcript)
    if not found or transcript.artifacts_judged:
        return transcript
    turns = tuple(
        turn.model_copy(
            update={
                "text": "\n\n".join(
                    filter(None, (turn.text, *(d.text for d in found if d.turn == turn.number)))
                )
            }
        )
        if any(document.turn == turn.number for document in found)
        else turn
        for turn in transcript.turns
    )
    kept = tuple(each for each in transcript.warnings if each.code != "document_in_call")
    return transcript.model_copy(
        update={"turns": turns, "warnings": kept, "artifacts_judged": True}
    )


def document_warnings(transcript: Transcript) -> tuple[ReadingWarning, ...]:
    """A warning where documents stand in tool calls and are not judged."""
    found = () if transcript.artifacts_judged else documents(transcript)
    if not found:
        return ()
    named = ", ".join(f"{each.name[:60]!r} in turn {each.turn}" for each in found[:3])
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return (
        ReadingWarning(
            code="document_in_call",
            message=f"the model put documents into tool calls ({named}{more}); they are not judged "
            "unless --judge-artifacts asks for it",
        ),
    )


@dataclass(frozen=True)
class _Change:
    """What one call does to a document."""

    text: str | None = None
    """The whole new text. None: the edits say what changes."""
    edits: tuple[tuple[str | None, str], ...] = ()
    """Old and new passages; without an old one the new one is added."""

    def applied(self, before: Document | None) -> tuple[str, bool]:
        """The text afterwards, and whether it is whole."""
        if self.text is not None:
            return self.text, True
        text = before.text if before else ""
        whole = before.whole if before else False
        for old, new in self.edits:
            if old and old in text:
                text = text.replace(old, new, 1)
            else:
                text = "\n\n".join(filter(None, (text, new)))
                whole = False
        return text, whole


def _changes(call: ToolCall) -> Iterator[tuple[str, str | None, _Change]]:
    """The documents that a call changes: key, name and change of each."""
    arguments = call.arguments
    if "*** Add File: " in arguments:
        patch = _value(arguments)
        text = next((v for v in patch.values() if isinstance(v, str) and "*** Add" in v), arguments)
        for added in _ADDED_FILE.finditer(text):
            lines = "\n".join(line[1:] for line in added["lines"].rstrip("\n").split("\n"))
            yield added["name"], added["name"], _Change(text=lines)
        return
    if _RUNS.search(call.name) and not _MAKES.search(call.name):
        return
    makes = _MAKES.search(call.name) is not None
    value = _value(arguments)
    if not value:
        bare = arguments.strip()
        if makes and bare and not bare.startswith(("{", "[")):
            yield call.name, None, _Change(text=arguments)
        return
    named = next((str(value[k]) for k in _TITLES if _is_text(value.get(k))), None)
    key = next((str(value[k]) for k in _NAMES if _is_text(value.get(k))), call.name)
    change = _change(value)
    if change is not None and (makes or len(change.text or "") >= _LONG):
        yield key, named, change


def _change(value: dict[str, Any]) -> _Change | None:
    listed = next(
        (value[key] for key in ("updates", "edits") if isinstance(value.get(key), list)), None
    )
    if listed is not None:
        edits = [edit for each in listed if isinstance(each, dict) for edit in _edit(each)]
        if len(edits) == 1 and edits[0][0] == _EVERYTHING:
            return _Change(text=edits[0][1])
        return _Change(edits=tuple(edits)) if edits else None
    if any(isinstance(value.get(key), str) for key in _NEW):
        return _Change(edits=tuple(_edit(value)))
    text = next((value[key] for key in _TEXTS if _is_text(value.get(key))), None)
    return None if text is None else _Change(text=text)


_EVERYTHING = ".*"


def _edit(value: dict[str, Any]) -> Iterator[tuple[str | None, str]]:
    new = next((value[key] for key in _NEW if isinstance(value.get(key), str)), None)
    if new is None:
        return
    old = next((value[key] for key in _OLD if isinstance(value.get(key), str)), None)
    pattern = value.get("pattern")
    if old is None and isinstance(pattern, str):
        # A canvas is edited by regular expressions. They are the model's, so none is run here.
        old = pattern if pattern == _EVERYTHING else re.sub(r"\\(\W)", r"\1", pattern)
    yield old, new


def _value(arguments: str) -> dict[str, Any]:
    if not arguments.lstrip().startswith("{"):
        return {}
    try:
        value = json.loads(arguments)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
