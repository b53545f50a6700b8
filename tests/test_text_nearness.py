"""What is most like some words is found, also where only a part of a long text is compared."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.text.nearness import NearText

WORDS = st.lists(st.text("abcdefghij", min_size=2, max_size=7), min_size=30, max_size=120)
LEAST = 82.0


@given(WORDS, st.data())
def test_a_passage_with_one_word_altered_is_found(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    first = data.draw(st.integers(0, len(words) - 8))
    asked = words[first : first + 8]
    asked[data.draw(st.integers(0, 7))] = "x"
    found = NearText(text).nearest(" ".join(asked), above=50.0)
    assert found is not None
    likeness, start, end = found
    assert 0 <= start < end <= len(text)
    assert likeness >= 50.0


def test_words_are_found_in_other_case() -> None:
    text = "We lost that hour. NOTHING makes up for it now."
    found = NearText(text).nearest("nothing makes up for it then", above=LEAST)
    assert found is not None
    assert text[found[1] : found[2]].strip().startswith("NOTHING makes up for it")


def test_a_letter_whose_small_form_is_longer_moves_no_place() -> None:
    text = "İ went. We lost that hour, and nothing makes up for it."
    found = NearText(text).nearest("lost that hour and nothing makes up for it", above=LEAST)
    assert found is not None and "that hour, and nothing" in text[found[1] : found[2]]


def test_nothing_alike_is_nothing() -> None:
    assert (
        NearText("We lost that hour.").nearest("quarterly revenue grew a third", above=LEAST)
        is None
    )
    assert NearText("").nearest("lost that hour", above=LEAST) is None
