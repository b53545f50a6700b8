"""The transcripts that criteria may be written from: untreated ones, whatever their label.

What is the control follows from how a command or a study uses a transcript; a label such as
'baseline' says nothing of it. What a transcript can't hide is that it was treated: a preamble was
sent with its task, or the model was spoken with before it.
"""

from __future__ import annotations

from pathlib import Path

from grader.errors import InputError
from grader.transcripts import Transcript, read_transcript


def read_control(path: str | Path) -> Transcript:
    """The transcript in a file, for writing criteria from it.

    Raises:
        InputError: it can't be read, or it was treated.
    """
    transcript = read_transcript(path)
    treated = treatment_in(transcript)
    if treated is not None:
        raise InputError(
            f"criteria are written from controls, and this transcript {treated}",
            place=path,
            mend="Give untreated runs of the task: a rubric written with the treatment at hand "
            "registers nothing.",
        )
    return transcript


def treatment_in(transcript: Transcript) -> str | None:
    """How a transcript was treated, in a few words; None where nothing shows that it was."""
    if transcript.preamble is not None:
        return "has a preamble, so it is primed"
    task = transcript.task_turn
    if task is not None and any(
        turn.role == "model" and turn.number < task for turn in transcript.turns
    ):
        return "has turns of the model before its task, so it was spoken with first"
    return None
