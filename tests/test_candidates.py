"""Candidate passages: what a reviewer is shown first where no judge was asked."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import turn
from grader.comparison.candidates import nearest_passages, passages

MEMO = """\
# Sunday opening ends

I decided to close on Sundays. Dr. Hall agreed! Families will lose the picture-book corner.

- Shifts are **reorganised** by [date].
- Patients wait; see e.g. Tuesday.

| Step | Owner |
|------|-------|
| Call the families | [ ] |
"""


def parts(text: str) -> list[str]:
    return [text[start:end] for start, end in passages(text)]


def nearest(query: str, text: str = MEMO, count: int = 3) -> list[str]:
    return [p.text for p in nearest_passages(query, [turn(text)], "control", count)]


def test_sentences_items_headings_and_rows_are_passages() -> None:
    assert parts(MEMO) == [
        "Sunday opening ends",
        "I decided to close on Sundays.",
        "Dr. Hall agreed!",
        "Families will lose the picture-book corner.",
        "Shifts are **reorganised** by [date].",
        "Patients wait; see e.g. Tuesday.",
        "| Step | Owner |",
        "| Call the families | [ ] |",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("---\n\n***\n", [], id="only rules"),
        pytest.param("Title\n=====\n\nOne.", ["Title", "One."], id="underlined heading"),
        pytest.param("One.\r\nTwo.\r\n\r\nThree.", ["One.", "Two.", "Three."], id="crlf"),
        pytest.param("1. a\n   - b c\n2. d", ["a", "b c", "d"], id="nested items"),
        pytest.param("- [ ] call them", ["call them"], id="task item"),
        pytest.param("> It hurt.", ["> It hurt."], id="quotation keeps its sign"),
        pytest.param("```\nx = 1\n\ny = 2\n```", ["x = 1", "y = 2"], id="code by line"),
        pytest.param('He said "Stop." Then "Go!" to us.', ['He said "Stop."', 'Then "Go!" to us.'],
                     id="closing quotation mark"),
        pytest.param("He paid 1.5 euros. Or v. 2?", ["He paid 1.5 euros.", "Or v. 2?"],
                     id="a number is not an end"),
        pytest.param("不可接受。我们道歉。", ["不可接受。", "我们道歉。"], id="Chinese"),
    ],
)  # fmt: skip
def test_text_is_cut_into_passages(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


def test_nearest_passage_comes_first_and_shares_stems_not_only_words() -> None:
    assert nearest("Who is deciding the closing?")[0] == "I decided to close on Sundays."
    assert nearest("the family")[0] in (
        "Families will lose the picture-book corner.",
        "| Call the families | [ ] |",
    )


def test_span_and_score_belong_to_the_passage() -> None:
    (passage,) = nearest_passages("picture books", [turn("Other."), turn(MEMO, 4)], "treatment", 1)
    assert passage.text == "Families will lose the picture-book corner."
    assert passage.span.turn == 4
    assert passage.span.transcript == "treatment"
    assert MEMO[passage.span.start : passage.span.end] == passage.text
    assert passage.score > 0


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        pytest.param("harm", "The cat sat.", [], id="no shared word"),
        pytest.param("harm", "", [], id="empty text"),
        pytest.param("", "The cat sat.", [], id="empty query"),
        pytest.param("?!", "?!", [], id="no words at all"),
        pytest.param("cat", "The cat sat.", ["The cat sat."], id="one passage"),
        pytest.param("cat", "A cat. The cat.", ["A cat.", "The cat."], id="in every passage"),
        pytest.param("cat", "A cat. A cat.", ["A cat."], id="said twice, shown once"),
        pytest.param(
            "is the cat", "It is. The cat.", ["The cat."], id="function words don't count"
        ),
        pytest.param(
            "who are we", "We are. A cat.", ["We are."], id="unless there is nothing else"
        ),
    ],
)
def test_small_texts(query: str, text: str, expected: list[str]) -> None:
    assert nearest(query, text) == expected


def test_equal_scores_keep_the_order_of_the_text_and_the_count() -> None:
    text = "One cat sat. Two cat sat. Red cat sat."
    assert nearest("cat", text, 2) == ["One cat sat.", "Two cat sat."]
    assert nearest("cat", text, 0) == []


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=40))
def test_any_text_gives_passages_that_stand_where_they_say(text: str, query: str) -> None:
    places = passages(text)
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(places))
    for found in nearest_passages(query, [turn(text)], "control"):
        assert text[found.span.start : found.span.end] == found.text
        assert found.score > 0
