"""A judge's opinion on pairs of statements that rules can't decide.

Pairs are sentences of two analyses that speak of the same criterion, quote the same words or share
several rare words. What the judge calls contradictory is told as its opinion, never as a fact.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.archive.checks.pages import Page, Sentence
from grader.archive.checks.quotations import quotes_in
from grader.check.findings import Finding
from grader.questions.answers import StatementsAnswer
from grader.questions.compose import statements_question
from grader.records import content_hash

if TYPE_CHECKING:
    from grader.judge.options import JudgeOptions
from grader.check.registry import Check

CHECKS = (Check("statements-contradict", "warning", "A judge calls two statements contradictory."),)
"""What is looked for here."""


MOST_PAIRS = 24
"""Pairs asked about on one page, the most alike first."""

_COMMON = frozenset(
    str.split(
        "about after also and are because been before being between both but can could did does "
        "each even from had has have how into its itself just like more most much neither nor not "
        "one only other output over rather same several should than that the their them then "
        "there these they this those through two under was were what when where which while who "
        "with within without would"
    )
)


def ask_opinions(
    pages: Sequence[Page],
    judge: str,
    *,
    told: Iterable[Finding],
    options: JudgeOptions | None = None,
    outputs: str | Path = "outputs",
) -> list[Finding]:
    """What a judge thinks of pairs of statements.

    Args:
        pages: the pages.
        judge: as in `open_judge`.
        told: what rules found already; those pairs aren't asked about.
        options: how the judge is asked; None: the usual way.
        outputs: the folder with the journal; attempts are recorded in `opinions/` in it.

    Raises:
        JudgeError: the judge can't be used.
        WaitingForAnswers: a `files:` judge awaits replies.
    """
    from grader.judge.options import JudgeOptions
    from grader.judge.session import JudgeSession

    known = {
        frozenset((finding.place.line, place.line)) for finding in told for place in finding.against
    }
    pairs = [
        (page, one, other)
        for page in pages
        for one, other in candidate_pairs(page)
        if frozenset((one.line, other.line)) not in known
    ]
    if not pairs:
        return []
    questions = [
        statements_question(one.text, other.text, f"lines {one.line} and {other.line}")
        for _, one, other in pairs
    ]
    name = content_hash([str(page.path) for page in pages])[:12]
    folder = Path(outputs) / "opinions" / name
    session = JudgeSession(
        [judge], options or JudgeOptions(), journal=Path(outputs) / "journal.db", paid=[folder]
    )
    answers = session.ask(questions, folder)
    return [
        page.finding(
            "statements-contradict",
            "warning",
            other,
            f"the judge {judge} holds that this and the other statement can't both be true: "
            f"{answer.value.reason}",
            [page.place(one.line, one.text)],
            "Read both; a judge may be wrong.",
            opinion=True,
        )
        for (page, one, other), answer in zip(pairs, answers, strict=True)
        if isinstance(answer.value, StatementsAnswer) and answer.value.verdict == "contradictory"
    ]


def candidate_pairs(page: Page) -> list[tuple[Sentence, Sentence]]:
    """Pairs of sentences from two analyses that seem to speak of the same thing."""
    words = [_telling(sentence) for sentence in page.sentences]
    seen = Counter(word for found in words for word in found)
    scored = []
    for first, one in enumerate(page.sentences):
        for second in range(first + 1, len(page.sentences)):
            other = page.sentences[second]
            if one.essay == other.essay:
                continue
            shared = words[first] & words[second]
            score = sum(1 / seen[word] for word in shared)
            if len(shared) >= 3 and score > 0:
                scored.append((score, first, second))
    scored.sort(key=lambda each: (-each[0], each[1], each[2]))
    return [
        (page.sentences[first], page.sentences[second]) for _, first, second in scored[:MOST_PAIRS]
    ]


def _telling(sentence: Sentence) -> frozenset[str]:
    found = {
        word[:7] for word in re.findall(r"[a-z]{4,}", sentence.text.lower()) if word not in _COMMON
    }
    found |= {f"criterion {n}" for n in re.findall(r"[Cc]riterion (\d+)", sentence.text)}
    found |= {quote.text.lower() for quote in quotes_in(sentence)}
    return frozenset(found)
