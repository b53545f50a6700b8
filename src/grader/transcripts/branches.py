"""The branch of a tree of messages that was seen last, and what the other branches hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from grader.transcripts.transcript import ReadingWarning, Transcript


def branch_to(
    nodes: dict[str, Any], last: Any, parent_of: Callable[[dict[str, Any]], Any]
) -> list[dict[str, Any]]:
    """The nodes from the root to `last`; without it, to the last node of all.

    A circle or a missing parent ends the branch.
    """
    if not isinstance(last, str) or last not in nodes:
        last = next(reversed(nodes), None) if nodes else None
    branch: list[dict[str, Any]] = []
    seen: set[str] = set()
    while isinstance(last, str) and last in nodes and last not in seen:
        seen.add(last)
        node = nodes[last]
        if not isinstance(node, dict):
            break
        branch.append(node)
        last = parent_of(node)
    return branch[::-1]


def with_branches_counted(transcript: Transcript, left_out: int) -> Transcript:
    """The transcript with a warning for messages that stand on other branches, if any do."""
    if left_out <= 0:
        return transcript
    warning = ReadingWarning(
        code="branches_left_out",
        message=f"{left_out} messages stand on other branches of this conversation (edited "
        "prompts, regenerated replies); they were left out",
    )
    return transcript.model_copy(update={"warnings": (*transcript.warnings, warning)})


def with_warnings(transcript: Transcript, warnings: Iterable[ReadingWarning]) -> Transcript:
    """The transcript with further warnings behind its own."""
    return transcript.model_copy(update={"warnings": (*transcript.warnings, *warnings)})
