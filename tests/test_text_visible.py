"""What a reader can't see is shown, by Unicode category; what the writing needs stays."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.text.visible import (
    REPLACEMENT,
    as_written,
    hidden_places,
    is_hidden,
    is_invisible,
    visible,
    visible_in_place,
)

SEEN_FORMATS = {"ARABIC NUMBER SIGN", "KAITHI NUMBER SIGN", "SYRIAC ABBREVIATION MARK"}
"""Formats that have a glyph: some of those that Unicode calls prepended concatenation marks."""


def every_character() -> list[str]:
    return [chr(code) for code in range(sys.maxunicode + 1)]


def test_every_control_format_separator_and_surrogate_is_hidden() -> None:
    for character in every_character():
        category = unicodedata.category(character)
        if category in ("Cc", "Zl", "Zp", "Cs"):
            assert is_hidden(character) == (character not in "\t\n"), hex(ord(character))
        elif category == "Cf" and not is_hidden(character):
            name = unicodedata.name(character)
            assert any(word in name for word in ("SIGN", "MARK", "AYAH", "HIEROGLYPH")), name


def test_no_letter_digit_mark_of_writing_or_blank_is_hidden() -> None:
    for character in every_character():
        category = unicodedata.category(character)
        if category[0] in "LNPSZ" and category not in ("Zl", "Zp") and is_hidden(character):
            assert "FILLER" in unicodedata.name(character), unicodedata.name(character)
        if category in ("Mc", "Me"):
            assert not is_hidden(character)


@pytest.mark.parametrize("name", sorted(SEEN_FORMATS))
def test_a_format_that_has_a_glyph_stays(name: str) -> None:
    assert visible(f"{unicodedata.lookup(name)}12") == f"{unicodedata.lookup(name)}12"


def test_a_blank_is_never_called_invisible() -> None:
    assert not any(
        is_invisible(character) for character in every_character() if character.isspace()
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("met\U000e0069\U000e0067\u2063", "met⟨U+E0069⟩⟨U+E0067⟩⟨U+2063⟩"),
        ("a\u202eb\u202c", "a⟨U+202E⟩b⟨U+202C⟩"),
        ("a\x1b[2Jb", "a⟨U+001B⟩[2Jb"),
        ("in\u00adcident", "in⟨U+00AD⟩cident"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("un\u200dacceptable", "un⟨U+200D⟩acceptable"),
        ("a\ufe0f\ufe0fb", "a\ufe0f⟨U+FE0F⟩b"),
        ("\ufe0fb", "⟨U+FE0F⟩b"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d👧 ❤\ufe0f\u200d🔥", "👩\u200d👧 ❤\ufe0f\u200d🔥"),
        ("\ud800", "⟨U+D800⟩"),
    ],
)
def test_what_deceives_is_shown_and_what_writing_needs_stays(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters()))
def test_nothing_hidden_is_left(text: str) -> None:
    assert not list(hidden_places(visible(text)))
    assert not list(hidden_places(visible_in_place(text)))


@given(st.text(st.characters()))
def test_places_stay_right_where_one_sign_stands_for_each(text: str) -> None:
    shown = visible_in_place(text)
    assert len(shown) == len(text)
    assert all(
        a == b or (b == REPLACEMENT and is_hidden(a)) for a, b in zip(text, shown, strict=True)
    )


@given(st.text(st.characters(exclude_characters="\r\x85\u2028\u2029⟨")))
def test_words_copied_from_what_is_shown_are_the_words_that_stand_there(text: str) -> None:
    assert as_written(visible(text)) == text
