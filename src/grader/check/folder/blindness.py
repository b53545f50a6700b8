"""The recorded questions searched again for what a judge must not know.

What the deliverables, the task or the rubric say themselves is theirs to say; only what came from
elsewhere is a leak. The last question names the conditions by design and is left out, but it may
not show a transcript.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.check.findings import Finding
from grader.check.folder.loaded import Opened
from grader.check.registry import Check
from grader.check.rubric.passages import seen_by_judge, seen_of_signatures
from grader.comparison.folder import CALLS
from grader.comparison.kinds.registry import kind_of_prompt
from grader.judge.judge import Request
from grader.text.quotation import SIDES
from grader.transcripts.transcript import ModelInfo, Transcript, deliverable

CHECKS = (Check("not-blind", "error", "A question contains what the judge must not see."),)
"""What is looked for here."""


_RUN_WORDS = 6
"""So many words of a system prompt, preamble or analysis in a row are no chance."""


def check_blindness(opened: Opened, requests: Sequence[Request]) -> Iterator[Finding]:
    """Questions in which a name, date, preamble, system prompt or analysis stands."""
    draft = opened.draft
    allowed = _plain(
        " ".join(
            [
                *(turn.text for side in SIDES for turn in deliverable(draft.transcript(side))),
                *(draft.transcript(side).task_prompt or "" for side in SIDES),
                *(
                    passage.text
                    for number, criterion in enumerate(draft.rubric.criteria)
                    for passage in seen_by_judge(number, criterion)
                ),
                *(passage.text for passage in seen_of_signatures(draft.rubric)),
            ]
        )
    )
    names = {
        name: f"{what} of the {side}"
        for side in SIDES
        for what, name in _names(draft.transcript(side))
        if not _holds(allowed, name)
    }
    runs = {
        run: f"{what} of the {side}"
        for side in SIDES
        for what, text in _texts(draft.transcript(side))
        for run in _runs(text)
        if run not in allowed
    }
    told: set[str] = set()
    for request in requests:
        kind = kind_of_prompt(request.question.kind)
        if kind is not None and kind.names_conditions:
            continue
        asked = _plain("\n".join(message.content for message in request.question.messages))
        leaks = [(name, what) for name, what in names.items() if _holds(asked, name)]
        leaks += [(run, what) for run, what in runs.items() if run in asked]
        for words, what in leaks:
            if what in told:
                continue
            told.add(what)
            yield opened.finding(
                CALLS,
                "not-blind",
                "error",
                f"the question '{request.question.label}' shows the {what}",
                "The judge could know the condition; these verdicts don't count as blind.",
                quote=words,
            )


def _names(transcript: Transcript) -> Iterator[tuple[str, str]]:
    provenance = transcript.provenance
    models: tuple[ModelInfo, ...] = (transcript.model, *transcript.models)
    candidates = [
        ("id", transcript.id),
        ("session code", provenance.session_code),
        ("date", transcript.date),
        ("source", provenance.source),
        *(("model", model.name) for model in models),
        *(("model version", model.version) for model in models),
        *(("model's provider", model.provider) for model in models),
        *(("speaker", turn.speaker) for turn in transcript.turns if turn.role == "model"),
        *(("time stamp", turn.time) for turn in transcript.turns),
    ]
    for what, name in candidates:
        # 'assistant' and other common words are in every prompt.
        if name and len(name) >= 3 and name.lower() not in ("assistant", "model", "the model"):
            yield what, name


def _texts(transcript: Transcript) -> Iterator[tuple[str, str]]:
    if transcript.preamble:
        yield "preamble", transcript.preamble
    if transcript.system_prompt:
        yield "system prompt", transcript.system_prompt
    for part in transcript.published:
        yield "published analysis", part.text


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _holds(plain: str, name: str) -> bool:
    wanted = _plain(name)
    return bool(wanted) and f" {wanted} " in f" {plain} "


def _runs(text: str) -> Iterator[str]:
    words = _plain(text).split()
    for first in range(len(words) - _RUN_WORDS + 1):
        yield " ".join(words[first : first + _RUN_WORDS])
