"""Where sentences end, in prose of any script."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.text.sentences import asks, sentences


def parts(text: str, codes: str = "") -> list[str]:
    return [text[start:end].strip() for start, end in sentences(text, codes=codes)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("He said “Stop.” Then we went.", ["He said “Stop.”", "Then we went."]),
        ("It cost 1.5 million, e.g. in May.", ["It cost 1.5 million, e.g. in May."]),
        ("Dr. Smith and J. Doe agree.", ["Dr. Smith and J. Doe agree."]),
        ("Well... perhaps. Or not.", ["Well... perhaps.", "Or not."]),
        ("不可接受。我们道歉。", ["不可接受。", "我们道歉。"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_says_so(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


def test_a_letter_that_names_something_may_end_a_sentence() -> None:
    assert parts("It is longer than C. The rest is alike.", codes="C") == [
        "It is longer than C.",
        "The rest is alike.",
    ]
    assert len(parts("It is longer than C. The rest is alike.")) == 1


@given(st.text(), st.data())
def test_sentences_are_the_whole_text_once(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    found = list(sentences(text, start, end))
    assert "".join(text[a:b] for a, b in found) == text[start:end]
    assert all(a < b for a, b in found)


def test_question_marks_of_all_scripts_ask() -> None:
    marks = [
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.name(chr(code), "").endswith("QUESTION MARK")
        and unicodedata.category(chr(code)) == "Po"
    ]
    assert len(marks) > 10
    assert all(map(asks, marks))
    assert all(map(asks, "?؟‽⁇⁈⁉❓？"))
    assert not any(map(asks, ".,;:!。।a1 ≟"))
