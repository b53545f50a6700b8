"""Numbers in the narrative are held against what was counted, without false alarms."""

from __future__ import annotations

import pytest

from grader.text.quotation import Side
from grader.transcripts.measurements import Measurements
from grader.writeup.numbers import Counts, disagreements


def measured(
    words: int, headings: int, items: int, placeholders: int, questions: int
) -> Measurements:
    return Measurements(
        words=words,
        headings=headings,
        list_items=items,
        placeholders=placeholders,
        priority_labels=0,
        first_person_words=12,
        questions=questions,
        closing_offers=1,
    )


COUNTS = Counts(
    measurements={
        "control": measured(1184, 8, 9, 34, 7),
        "treatment": measured(1240, 9, 13, 31, 3),
    },
    texts={
        "control": "The clinic called. A clinic is no number. Clinics wait.",
        "treatment": "The patients waited. Patients lost a half day.",
    },
    names={"control": "C", "treatment": "P"},
)

WRONG = [
    ("C has seven sections.", None),
    ("C has six headings.", "measured headings: 8 in C"),
    ("C has 12 list items, P 13.", "measured list items: 9 in C"),
    ("There are 40 placeholders in P.", "measured placeholders: 31 in P"),
    ("P leaves 31 placeholders, C leaves 20 placeholders.", "measured placeholders: 34 in C"),
    ("C runs to 2,000 words.", "measured words: 1,184 in C"),
    ("C runs to about 1,200 words.", None),
    ("C runs to about 1,500 words.", "measured words: 1,184 in C"),
    ("P is over 1,300 words long.", "measured words: 1,240 in P"),
    ("P uses over 1,200 words.", None),
    ("C asks at least seven questions.", None),
    ("C asks at least eight questions.", "measured questions: 7 in C"),
    ("C asks no questions.", "measured questions: 7 in C"),
    ("P is 56 words longer.", None),
    ("P is 100 words longer.", "the difference measured is 56 words"),
    ("P has 56 more words than C.", None),
    ("P has 80 more words than C.", "the difference measured is 56 words"),
    ("Both have nine headings.", "measured headings: 8 in C"),
    ("Both have 12 bracketed slots.", "measured placeholders: 34 in C and 31 in P"),
    ("C and P have nine list items each.", "measured list items: 13 in P"),
    ("There are 13 list items.", None),
    ("There are 20 list items.", "measured list items: 9 in C and 13 in P"),
    ('It says "40 placeholders" in C.', None),
    ("C lists 20 action items.", None),
    ("C has five empty slots.", None),
    ("C answers two questions of the task.", None),
    ("C asks three questions about the rollback.", None),
    ("P has five sentences with one slot each.", None),
    ("P has one heading for visitors.", None),
    ("C has six headings in the part on causes.", None),
    ("P has a single closing offer.", None),
    ("P makes two closing offers.", "measured closing offers: 1 in P"),
    ("C uses twelve first-person words.", None),
    ('C mentions "clinic" twice.', None),
    ('C mentions "clinic" three times.', "measured of “clinic”: 2 in C"),
    ("“patients” appears twice in P.", None),
    ("“patients” appears once in P.", "measured of “patients”: 2 in P"),
    ("There are four mentions of “patients” in P.", "measured of “patients”: 2 in P"),
    ("C moves appointments by one hour. It has 34 slots.", None),
    ("The 70 clinics had two failures; P says so in five sentences.", None),
    ("C names 3. P has 9 headings.", None),
    ("C names 3. P has 8 headings.", "measured headings: 9 in P"),
    ('The clinic called. It says "40 placeholders, no lift" in C.', None),
    ('It says "no lift" there. There are 40 placeholders in P.', "measured placeholders: 31 in P"),
]


@pytest.mark.parametrize(("text", "flag"), WRONG, ids=[text for text, _ in WRONG])
def test_a_number_that_disagrees_is_flagged_with_what_was_measured(
    text: str, flag: str | None
) -> None:
    assert disagreements(text, COUNTS) == ((flag,) if flag else ())


@pytest.mark.parametrize(
    ("side", "flags"),
    [("control", ()), ("treatment", ("measured placeholders: 31 in P",))],
)
def test_a_rationale_speaks_of_its_own_side(side: Side, flags: tuple[str, ...]) -> None:
    assert disagreements("The memo leaves 34 placeholders.", COUNTS, side) == flags
