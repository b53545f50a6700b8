"""Whole numbers in prose are read as they are meant."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.text.number_words import (
    NUMBER,
    Stated,
    count_phrase,
    counts_of,
    number_of,
    stated,
    word_uses,
)

SMALL = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
TEENS = "fifteen sixteen seventeen eighteen nineteen"
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"


def in_words(value: int) -> str:
    below_twenty = f"{SMALL} {TEENS}".split()
    if value < 20:
        return below_twenty[value]
    ten = TENS.split()[value // 10 - 2]
    return f"{ten}-{below_twenty[value % 10]}" if value % 10 else ten


THINGS = (("slots", "slots?"), ("words", "words?"))


@pytest.mark.parametrize(
    ("sentence", "thing", "expected"),
    [
        ("C has 1,184 words.", "words", Stated(1184)),
        ("C has thirty-four slots.", "slots", Stated(34)),
        ("C has about twelve slots.", "slots", Stated(12, "about")),
        ("C has just under 600 words.", "words", Stated(600, "about")),
        ("C has at least a dozen slots.", "slots", Stated(12, "at least")),
        ("C has more  than nine slots.", "slots", Stated(9, "more")),
        ("C has fewer than nine slots.", "slots", Stated(9, "fewer")),
        ("C has up to 9 slots.", "slots", Stated(9, "at most")),
        ("C has only nine slots.", "slots", Stated(9)),
        ("C has no slots.", "slots", Stated(0)),
    ],
)
def test_a_count_is_read_with_what_qualifies_it(
    sentence: str, thing: str, expected: Stated
) -> None:
    (count,) = counts_of(sentence, THINGS)
    assert (count.thing, count.stated) == (thing, expected)


@pytest.mark.parametrize(
    "sentence", ["C has 12.5 slots.", "C has x-four slots.", "C has many slots.", "None."]
)
def test_what_is_no_whole_number_is_not_read(sentence: str) -> None:
    assert not [count.stated for count in counts_of(sentence, THINGS)]


@given(st.integers(0, 99), st.booleans())
def test_every_number_below_a_hundred_is_known_in_words(value: int, capital: bool) -> None:
    words = in_words(value)
    assert number_of(words.capitalize() if capital else words) == value
    assert re.fullmatch(NUMBER, words)


@given(st.integers(0, 10_000_000))
def test_digits_with_and_without_commas_are_the_same_number(value: int) -> None:
    for written in (str(value), f"{value:,}"):
        assert number_of(written) == value
        assert re.fullmatch(NUMBER, written)


@given(st.integers(0, 2_000), st.integers(0, 2_000))
def test_a_bound_holds_as_its_words_say(value: int, counted: int) -> None:
    assert Stated(value, "more").holds(counted) == (counted > value)
    assert Stated(value, "at least").holds(counted) == (counted >= value)
    assert Stated(value, "fewer").holds(counted) == (counted < value)
    assert Stated(value, "at most").holds(counted) == (counted <= value)
    assert Stated(value).holds(counted) == (counted == value)
    if Stated(value).holds(counted):
        assert Stated(value, "about").holds(counted)


@pytest.mark.parametrize(
    ("counted", "holds"), [(1000, True), (860, True), (849, False), (1176, True), (1177, False)]
)
def test_a_rough_number_may_be_off_by_fifteen_per_cent(counted: int, holds: bool) -> None:
    assert stated("1,000", "about").holds(counted) == holds


@pytest.mark.parametrize(
    ("sentence", "word", "times", "before"),
    [
        ('P uses the word "staging" twelve times.', "staging", Stated(12), True),
        ("P says “sorry” only twice.", "sorry", Stated(2), True),
        ('"staging" appears at least 3 times in P.', "staging", Stated(3, "at least"), False),
        ("There are four mentions of ‘patients’ in P.", "patients", Stated(4), False),
    ],
)
def test_a_use_of_a_quoted_word_is_read(
    sentence: str, word: str, times: Stated, before: bool
) -> None:
    (use,) = word_uses(sentence)
    assert (use.word, use.times, use.names_user_before) == (word, times, before)


def test_a_use_that_is_left_open_is_not_read() -> None:
    assert not word_uses('P says "sorry" three times or more.')


def test_a_phrase_is_counted_as_whole_words_whatever_its_blanks_and_case() -> None:
    assert count_phrase("The clinic. Clinic, clinics;\nthe\n clinic", "the clinic") == 2
