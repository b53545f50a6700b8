"""What a judge may see of a transcript, and nothing else.

A `BlindTranscript` holds the task prompt and the texts of the deliverable. Condition, ids, model
and speaker names, dates, system prompt, preamble and published parts are left behind here, so no
later step can leak them. Fences mark where untrusted text begins and ends.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from grader.transcripts.judged_turns import judges_everything
from grader.transcripts.transcript import Transcript, deliverable


@dataclass(frozen=True)
class BlindTranscript:
    """Task and deliverable, stripped of everything that tells the condition."""

    task: str | None
    texts: tuple[str, ...]
    """One text a turn. Turns are counted anew from 1: the numbers of the source would tell
    how much was said before the task."""
    everything: bool = True
    """Whether these are all that the model wrote. Equal on both sides of a pair."""

    @property
    def hash(self) -> str:
        """sha256 over the texts alone."""
        return hashlib.sha256("\x00".join(self.texts).encode("utf-8", "replace")).hexdigest()


def blind(transcript: Transcript) -> BlindTranscript:
    """The part of a transcript that a judge may see."""
    return BlindTranscript(
        task=transcript.task_prompt,
        texts=tuple(turn.text for turn in deliverable(transcript)),
        everything=judges_everything(transcript),
    )


def blind_pair(one: Transcript, other: Transcript) -> tuple[BlindTranscript, BlindTranscript]:
    """What a judge may see of the two of a pair: nothing is said of one that isn't of both."""
    first, second = blind(one), blind(other)
    everything = first.everything and second.everything
    return replace(first, everything=everything), replace(second, everything=everything)


def fence(label: str, texts: tuple[str, ...]) -> str:
    """Texts between a BEGIN and an END line with a token that none of them contains.

    The token is drawn from the content: whoever writes the content can't know a token that
    depends on it, and the same content is fenced the same way each time.
    """
    token = _token(label, texts)
    if len(texts) == 1:
        body = texts[0]
    else:
        body = "\n".join(
            f"--- TURN {number} {token} ---\n{text}" for number, text in enumerate(texts, 1)
        )
    return f"=== BEGIN {label} {token} ===\n{body}\n=== END {label} {token} ==="


def _token(label: str, texts: tuple[str, ...]) -> str:
    whole = "\x00".join((label, *texts))
    token = hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()[:16]
    while token in whole:
        token = hashlib.sha256(token.encode()).hexdigest()[:16]
    return token


def swapped(control: BlindTranscript, treatment: BlindTranscript) -> bool:
    """Whether the treatment is Transcript 1: a coin whose toss is drawn from the contents.

    The same two transcripts always get the same order, whichever of them is the control.
    """
    low, high = sorted((control.hash, treatment.hash))
    heads = hashlib.sha256(f"{low} {high}".encode()).digest()[0] % 2 == 0
    first = low if heads else high
    return first == treatment.hash
