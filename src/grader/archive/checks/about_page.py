"""Statements of a page about itself, against what the page holds."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from grader.archive.checks.pages import Page, Sentence
from grader.check.findings import Finding, Severity
from grader.check.registry import Check
from grader.transcripts.transcript import Transcript

CHECKS = (
    Check(
        "certified-against-preamble",
        "error",
        "The page is certified without a preamble, and one is there.",
    ),
    Check("code-with-preamble", "error", "The code is of a plain run, and a preamble is there."),
    Check(
        "code-without-preamble", "error", "The code is of a treated run, and no preamble is there."
    ),
    Check("code-against-mode", "error", "Code and context mode say different things."),
    Check("condition-differs", "error", "Two places give different conditions."),
    Check("called-unavailable", "warning", "Something is called unavailable that is there."),
    Check("called-unwritten", "error", "A comparison is called unwritten that is on the page."),
    Check("model-differs", "warning", "Two places name different models."),
    Check("rounds-differ", "error", "The rounds stated are not those of the session."),
    Check("session-number-differs", "error", "One session has two numbers."),
    Check("turns-differ", "warning", "The turns stated are not those of the session."),
    Check("words-differ", "error", "The words stated are not those of the session."),
)
"""What is looked for here."""


_UNAVAILABLE = re.compile(
    r"^\s*(?P<what>Findings|Analysis|Analyses|Comparisons?|Transcript)\s+not\s+(?:yet\s+)?available"
    r"\.?\s*$",
    re.IGNORECASE,
)
_UNWRITTEN = re.compile(
    r"\b(?:comparison|analysis)\b[^.;]{0,40}\b(?:remains?|is|stays?|was)\s+(?:still\s+|as yet\s+)?"
    r"(?:unwritten|not (?:yet )?written|to be written|yet to be written|outstanding|pending)\b"
    r"|\bno (?:such )?comparison\b[^.;]{0,40}\b(?:exists?|has been written|is available)\b"
    r"|\bcomparison\b[^.;]{0,30}\bhas (?:not|yet to) (?:yet )?be(?:en)? written\b",
    re.IGNORECASE,
)
_CODE = re.compile(r"\b(?P<condition>F\+P|FP|[CPF])-[A-Z][A-Za-z0-9.]*-\d{1,3}\b")
_HEAD = re.compile(r"^\s*(F\+P|[CPF])\s+vs\.?\s+(F\+P|[CPF])\b")
_SESSION = re.compile(
    r"\b(?P<code>(?:F\+P|FP|[CPF])-[A-Z][A-Za-z0-9.]*-\d{1,3})\s*"
    r"(?:\(session\s+|/session\s+|,\s+session\s+|\s+\(no\.\s+)(?P<number>\d{1,4})\b"
)
_MODEL = re.compile(r"\b(?P<family>GPT|Claude|Gemini|Opus|Sonnet)[- ](?P<version>\d+(?:\.\d+)?)\b")
_SINGLE = re.compile(r"\bsingle-turn\b|\bin a single turn\b|\bone round\b", re.IGNORECASE)

_WARNINGS: dict[str, tuple[str, Severity, str | None, str | None]] = {
    # code of the reader: our code, severity, words of the one line, words of the other
    "certification_differs": (
        "certified-against-preamble", "error", "only the system prompt", "Context Preamble"),
    "context_mode_differs": ("code-against-mode", "error", "Context Mode", None),
    "preamble_missing": ("code-without-preamble", "error", "Context Mode", None),
    "preamble_unexpected": ("code-with-preamble", "error", "Context Preamble", None),
    "words_differ": ("words-differ", "warning", "Words:", None),
    "rounds_differ": ("rounds-differ", "warning", "Rounds:", None),
    "condition_differs": ("condition-differs", "error", "Context Mode", None),
}  # fmt: skip


def check_about_page(page: Page) -> Iterator[Finding]:
    """Parts called missing that are there, certificates that don't hold, numbers that differ."""
    if page.transcript is not None:
        yield from _header(page, page.transcript)
        yield from _unavailable(page, page.transcript)
    for sentence in page.sentences:
        yield from _unwritten(page, sentence)
    yield from _sessions(page)
    yield from _models(page)
    yield from _turns(page)


def _header(page: Page, session: Transcript) -> Iterator[Finding]:
    for warning in session.warnings:
        known = _WARNINGS.get(warning.code)
        if known is None:
            continue
        code, severity, one, other = known
        line = warning.line or (page.line_of(one) if one else None)
        against = page.line_of(other) if other else None
        yield Finding(
            code=code,
            severity=severity,
            message=warning.message,
            mend="Say what was really sent, or correct the field.",
            place=page.place(line, page.lines[line - 1].strip() if line else None),
            against=(page.place(against, page.lines[against - 1].strip()),) if against else (),
        )


def _unavailable(page: Page, session: Transcript) -> Iterator[Finding]:
    for number, line in enumerate(page.lines, 1):
        match = _UNAVAILABLE.match(line)
        if match is None:
            continue
        what = match["what"].lower()
        if what == "transcript":
            there = next((turn.line for turn in session.turns if turn.role == "model"), None)
            name = "a transcript"
        else:
            kinds = {
                "findings": ("analysis", "comparison"),
                "analysis": ("analysis",),
                "analyses": ("analysis",),
            }.get(what, ("comparison",))
            part = next(
                (p for p in session.published if p.kind in kinds and p.first_line > number), None
            )
            there, name = (part.first_line, f"the {part.kind}") if part else (None, "")
        if there:
            yield Finding(
                code="called-unavailable",
                severity="warning",
                message=f"'{line.strip()}' stands above {name} that is there",
                mend="Take the line out.",
                place=page.place(number, line.strip()),
                against=(page.place(there, page.lines[there - 1].strip()[:200]),),
            )


def _unwritten(page: Page, sentence: Sentence) -> Iterator[Finding]:
    match = _UNWRITTEN.search(sentence.text)
    if match is None or re.search(r"\b(?:if|once|until|before)\b", sentence.text[: match.start()]):
        return
    named = {
        code["condition"].replace("FP", "F+P")
        for text in (sentence.before, sentence.text)
        for code in _CODE.finditer(text)
    }
    for number, line in enumerate(page.lines, 1):
        head = _HEAD.match(line)
        if head and (not named or {head[1], head[2]} == named):
            yield page.finding(
                "called-unwritten",
                "error",
                sentence,
                f"'{match.group()}' is said, and the comparison {head.group().strip()} is on this "
                "page",
                [page.place(number, line.strip())],
                "Take the statement out.",
            )
            return


def _sessions(page: Page) -> Iterator[Finding]:
    own = page.transcript.provenance if page.transcript else None
    first: dict[str, tuple[str, int | None, str]] = {}
    if own and own.session_code and own.session_number:
        first[own.session_code] = (
            str(own.session_number),
            page.line_of(f"{own.session_number}. "),
            own.session_code,
        )
    for sentence in page.sentences:
        for match in _SESSION.finditer(sentence.text):
            code, number = match["code"], match["number"]
            known = first.setdefault(code, (number, sentence.line, sentence.text))
            if known[0] != number:
                yield page.finding(
                    "session-number-differs",
                    "error",
                    sentence,
                    f"{code} is called session {number} here and {known[0]} there",
                    [page.place(known[1], known[2])],
                )


def _models(page: Page) -> Iterator[Finding]:
    if page.transcript is None:
        return
    models = page.transcript.models or (page.transcript.model,)
    versions: dict[str, set[str]] = defaultdict(set)
    for model in models:
        for name in (model.name, model.version):
            for found in _MODEL.finditer((name or "").replace("gpt", "GPT").title().replace(
                "Gpt", "GPT")):  # fmt: skip
                versions[found["family"]].add(found["version"])
    told: set[str] = set()
    for sentence in page.sentences:
        for found in _MODEL.finditer(sentence.text):
            family, version = found["family"], found["version"]
            # A code such as GPT-2 is a task of the study; a version has a point or is known.
            coded = re.search(rf"(?:F\+P|[CPF])-{family}-$", sentence.text[: found.start()] + (
                f"{family}-"))  # fmt: skip
            before = sentence.text[: found.start()]
            if coded or before.endswith("-") or "." not in version or found.group() in told:
                continue
            if versions[family] and version not in versions[family]:
                told.add(found.group())
                line = page.line_of("Active Models")
                yield page.finding(
                    "model-differs",
                    "warning",
                    sentence,
                    f"{found.group()} is named; the page's session was {family} "
                    f"{', '.join(sorted(versions[family]))}",
                    [page.place(line)] if line else [],
                )


def _turns(page: Page) -> Iterator[Finding]:
    if page.own is None:
        return
    models = [turn for turn in page.own.turns if turn.role == "model"]
    if len(models) < 2:
        return
    for sentence in page.sentences:
        match = _SINGLE.search(sentence.text)
        if match and not re.search(r"\bpreamble\b|\bnot\b", sentence.text, re.IGNORECASE):
            yield page.finding(
                "turns-differ",
                "warning",
                sentence,
                f"'{match.group()}' is said; the model speaks in {len(models)} turns",
                [page.place(turn.line) for turn in models[:2]],
            )
            return
