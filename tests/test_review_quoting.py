"""Which words can be selected in the terminal app, where they stand, that they can be quoted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.review.surfaces.plain.view import CLOSE, OPEN
from grader.review.surfaces.textual.quoting import words_of
from grader.review.surfaces.textual.text_layout import LaidOutText, Mark
from grader.text.quotation import MIN_LETTERS, locate
from grader.text.visible import visible_in_place
from grader.transcripts.transcript import Turn


def turn(text: str) -> Turn:
    return Turn(number=1, speaker="model", role="model", text=text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It can't be 1,500.", ["It", "can't", "be", "1,500", "."]),
        ("(so the **loss**)\n\n- one", ["(", "so", "the", "**", "loss", "**)", "-", "one"]),
        ("picture-book corner—loud", ["picture-book", "corner", "—", "loud"]),
        ("日本語 e\u0301a", ["日", "本", "語", "e\u0301a"]),
        (" \n ", []),
    ],
    ids=["apostrophe and number", "signs", "dashes", "no spaces; marks", "nothing"],
)
def test_words_and_signs_are_apart(text: str, words: list[str]) -> None:
    assert [text[word.start : word.end] for word in words_of(turn(text))] == words


PIECES = ("e\u0301", "--", "...", *"aé1日 \n.,'’-—*_#()[]“”\u200b")


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join), st.data())
def test_whatever_is_selected_stands_in_the_transcript(text: str, data: st.DataObject) -> None:
    words = words_of(turn(text))
    if not words:
        return
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    quote = text[words[first].start : words[last].end]
    if sum(map(str.isalnum, quote)) >= MIN_LETTERS:
        assert locate(quote, [turn(text)], "control").span is not None


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=60).map("".join), st.data())
def test_every_character_has_one_place_on_the_screen(text: str, data: st.DataObject) -> None:
    ends = st.lists(st.integers(0, len(text)), min_size=2, max_size=2).map(sorted)
    marks = []
    for number in range(data.draw(st.integers(0, 3))):
        start, end = data.draw(ends)
        marks.append(Mark(1, start, end, current=number == 0))
    laid, width = LaidOutText([turn(text)], marks), data.draw(st.integers(10, 40))
    at = data.draw(st.integers(0, len(text) - 1))
    place = laid.place(1, at)
    assert laid.source(place) == (1, at)
    assert laid.plain[place:].lstrip(OPEN + CLOSE).startswith(visible_in_place(text)[at])
    row, column = laid.where(place, width)
    number, _ = laid.line_at(row, width)
    assert laid.begins(number) <= place < laid.begins(number + 1)
    assert row < laid.height(width) and 0 <= column <= width
