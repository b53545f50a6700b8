"""Wording by which a judge is asked the wrong thing, or told what it must not know.

Each rule reads sentences, not meanings: it fires where the words leave no other reading, and is
silent elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.check.findings import Finding
from grader.check.registry import Check
from grader.check.rubric.passages import Passage, RubricFile, seen_by_judge, seen_of_signatures
from grader.rubric import Scale

CHECKS = (
    Check(
        "comparative-wording", "error", "A criterion compares, and the judge sees one transcript."
    ),
    Check("double-barrelled", "warning", "A criterion asks two things at once."),
    Check("names-a-condition", "error", "A criterion names a condition."),
    Check("question-repeated", "error", "Two criteria ask the same."),
    Check("why-gives-answer", "warning", "The reason of a criterion gives its answer."),
)
"""What is looked for here."""


_RUN = r"(?:transcript|output|answer|response|version|run|session|document|deliverable|condition)"
_OTHER = (
    rf"(?:(?:the )?(?:control|baseline|treatment|cold|primed|facilitated|original|previous|earlier"
    rf"|first|second|other)(?:'s|’s)?(?: {_RUN})\b|the (?:control|baseline|treatment)\b|baseline\b"
    rf"|(?:[CPF]|F\+P)(?= (?:does|did|has|had|is|was)\b|[.;,]|$))"
)
_COMPARES = re.compile(
    rf"\b(?:than (?:in |by |under )?{_OTHER}|(?:compared|relative|in (?:contrast|comparison)) "
    rf"(?:to|with) {_OTHER}|(?:unlike|as opposed to|versus|vs\.?) {_OTHER}"
    rf"|improv(?:es?|ed|ement|ing)s? (?:on|over|upon) {_OTHER}"
    rf"|(?:the other|both|either|the two|each of the two) {_RUN}s?\b"
    rf"|better of the two|(?:which|whichever) {_RUN} is)",
    re.IGNORECASE,
)
_DEGREE_ALONE = re.compile(
    r"\b(?:is|are|feels?|reads?|sounds?|becomes?|seems?|shows?|gives?) (?:\w+ly )?"
    r"(?:better|worse|(?:more|less) (?:\w+ly )?(?:specific|personal|human|concrete|detailed|honest"
    r"|direct|careful|thoughtful|vivid|warm|engaged|nuanced|reflective|clear|explicit)"
    r"|stronger|weaker|clearer|warmer|deeper|richer|improved)(?=[.,;]|$| and\b| or\b)",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    rf"\b(?:(?:control|treatment|primed|unprimed|facilitated|cold|baseline) {_RUN}s?"
    r"|(?:the )?preambles?\b|(?:the|a) (?:live )?facilitator\b"
    r"|(?:[CPF]|F\+P)[- ](?:condition|session|output|run)s?|condition (?:C|P|F|F\+P)\b"
    r"|(?:[CPF]|F\+P)-[A-Z][A-Za-z]+-\d+)",
)
_TREATED = re.compile(
    r"\b(?:(?:the )?(?:treatment|primed|facilitated)(?: (?:transcript|output|answer|session|run"
    r"|version|text|memo|post-mortem|entry)s?)?(?:'s|’s)?\s+(?:\w+ly )?"
    r"(?!is (?:given|sent)|was sent)"
    r"(?:says?|names?|gives?|does|did|has|had|adds?|offers?|shows?|showed|meets?|met|treats?"
    r"|mentions?|acknowledges?|puts?|goes|makes?|keeps?|stays?|remains?|is|are|was|were)\b"
    r"|\b(?:P|F|F\+P|P-\w+-\d+) "
    r"(?:says|names|gives|does|adds|offers|shows|meets|met|mentions|fails)"
    r"|(?:in|under|by|with) (?:P|F|F\+P|the (?:treatment|preamble|primed condition))\b(?=.{0,80}"
    r"\b(?:met|meets|shows?|says?|names?|adds?|appears?|improves?|changes?)\b)"
    r"|after the preamble|(?:both|all) conditions\b)",
)
_RIGHT_LEVEL = re.compile(
    r"\bshould be (?:judged|rated|scored)"
    r"|\bthe (?:right|correct|expected) (?:level|verdict|answer)\b",
    re.IGNORECASE,
)
_GIVES = r"level|verdict|answer|judged|rated|scored?"
_VERB = (
    r"(?:say|name|explain|show|describe|give|offer|acknowledge|address|put|tell|include|mention"
    r"|propose|recogni[sz]e|identify|avoid|treat|engage|state|provide|discuss|list|use|make|keep"
    r"|ask|allow|open|let|help|place|see|take|note|admit|own|speak|connect|suggest|commit|reflect"
    r"|demonstrate|express|cite|mark|set|choose|prioriti[sz]e|apologi[sz]e|justify|compare)"
)
_SECOND_VERB = re.compile(
    rf"(?:,? (?:and|or|as well as)(?: (?:also|then|at the same time|does it|do they|is it))*|;) "
    rf"(?:\w+ly )?{_VERB}\b|\? .*\?",
    re.IGNORECASE | re.DOTALL,
)
_HAS_PARTS = re.compile(
    r"\([a-h]\)|\b(?:both|either|neither|one of|each of|all (?:of|two|three|four)|none of|only one"
    r"|at least one|without the other|one but not)\b",
    re.IGNORECASE,
)


def check_wording(file: RubricFile) -> Iterator[Finding]:
    """Comparisons, names of conditions, two questions in one, `why` that tells the answer."""
    for number, criterion in enumerate(file.rubric.criteria):
        passages = list(seen_by_judge(number, criterion))
        for passage in passages:
            yield from _comparative(file, passage)
            yield from _names_condition(file, passage)
        above_lowest = criterion.scale.levels[1:]
        levels = " ".join(map(criterion.definition, reversed(above_lowest)))
        double = _SECOND_VERB.search(criterion.question)
        if double and not _HAS_PARTS.search(levels):
            yield file.finding(
                "double-barrelled",
                "warning",
                ("criteria", number, "question"),
                "the question asks two things, and the levels don't say what holds when only one "
                "of them is there",
                "Split the criterion, or name the parts (a) and (b) in the levels: both, exactly "
                "one, neither.",
                criterion.question,
            )
        if criterion.why:
            yield from _gives_away(file, number, criterion.why, criterion.scale)
    for passage in seen_of_signatures(file.rubric):
        yield from _names_condition(file, passage)
    yield from _same_question(file)


def _comparative(file: RubricFile, passage: Passage) -> Iterator[Finding]:
    found = _COMPARES.search(passage.text) or (
        _DEGREE_ALONE.search(passage.text) if passage.location[-1] != "title" else None
    )
    if found:
        yield file.finding(
            "comparative-wording",
            "error",
            passage.location,
            f"'{found.group().strip()}' compares, but a verdict is reached on one transcript alone",
            "Say what must stand in the transcript itself. Comparing is the program's work.",
            passage.text,
        )


def _names_condition(file: RubricFile, passage: Passage) -> Iterator[Finding]:
    found = _CONDITION.search(passage.text)
    subject = f"{file.rubric.title} {file.rubric.task or ''}".lower()
    # A task may be about a preamble or a facilitator of its own.
    if found and not _COMPARES.search(passage.text) and found.group().lower() not in subject:
        yield file.finding(
            "names-a-condition",
            "error",
            passage.location,
            f"'{found.group().strip()}' tells the judge of the study's conditions",
            "Take it out: the judge is to be blind. `why` is the place for such remarks.",
            passage.text,
        )


def _gives_away(file: RubricFile, number: int, why: str, scale: Scale) -> Iterator[Finding]:
    found = _TREATED.search(why) or _RIGHT_LEVEL.search(why) or _level_told(scale).search(why)
    if found:
        yield file.finding(
            "why-gives-answer",
            "warning",
            ("criteria", number, "why"),
            f"'{found.group().strip()}' tells a reviewer what to answer, or that the treatment was "
            "read before",
            "Say what the control lacks and why it matters; leave the result to the comparison.",
            why,
        )


def _level_told(scale: Scale) -> re.Pattern[str]:
    """How a text says which level holds. The default's names are hardly words of anything else;
    other names may be ('is no'), so they count only after a word for a verdict."""
    names = "|".join(re.escape(level).replace("_", "[ _]") for level in scale.levels)
    lead, more = (f"is|are|was|were|be|{_GIVES}", "|unmet") if scale.is_default else (_GIVES, "")
    return re.compile(
        rf"\b(?:{lead})(?: \w+){{0,2}}? ['\"‘“]?(?:{names}{more})\b(?! (?:by|with)\b)",
        re.IGNORECASE,
    )


def _same_question(file: RubricFile) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for number, criterion in enumerate(file.rubric.criteria):
        plain = " ".join(re.findall(r"\w+", criterion.question.casefold()))
        if plain in seen:
            yield file.finding(
                "question-repeated",
                "error",
                ("criteria", number, "question"),
                "the same question is asked by another criterion",
                "Keep one of them.",
                criterion.question,
                (file.place(("criteria", seen[plain], "question")),),
            )
        seen.setdefault(plain, number)
