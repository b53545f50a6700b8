"""A quotation never turns the meaning of its place round, in any script's signs.

Properties over Unicode categories and names. Each sign is put where it decides what is meant.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import turn
from grader.text.quotation import locate
from grader.text.sentences import asks
from grader.text.visible import is_invisible


def stands(quote: str, text: str) -> bool:
    return locate(quote, [turn(text)], "control").span is not None


def all_of(choose: Callable[[str, str], bool]) -> list[str]:
    """Every assigned character whose category and name fit."""
    return [
        character
        for code in range(sys.maxunicode + 1)
        if (name := unicodedata.name(character := chr(code), ""))
        and choose(unicodedata.category(character), name)
    ]


INVISIBLE = [chr(code) for code in range(sys.maxunicode + 1) if is_invisible(chr(code))]
LONG_DASHES = set(all_of(lambda _, name: "EM DASH" in name or name == "HORIZONTAL BAR"))
DASHES = sorted(set(all_of(lambda category, _: category == "Pd")) - LONG_DASHES)
QUESTION_MARKS = all_of(
    lambda category, name: category == "Po" and name.endswith(("QUESTION MARK", "INTERROBANG"))
)
FINAL_MARKS = all_of(
    lambda category, name: (
        category == "Po"
        and name.endswith(("FULL STOP", "EXCLAMATION MARK"))
        and "QUESTION" not in name
    )
)
APOSTROPHES = all_of(
    lambda category, name: (
        category[0] == "P"
        and ("APOSTROPHE" in name or name.endswith(("SINGLE QUOTATION MARK", " PRIME")))
        and "DOUBLE" not in name
    )
)
SIGNS = sorted(set(all_of(lambda category, _: category in ("Sm", "Sc"))) - {"|"})
MARKS = all_of(lambda category, _: category[0] == "M")
BLANKS = sorted(set(all_of(lambda category, _: category == "Zs")) - {" "})
CLOSING = all_of(lambda category, _: category in ("Pe", "Pf"))
SEPARATORS = sorted(
    set(all_of(lambda category, _: category in ("Po", "Pd", "Sm", "Sc", "Sk", "So"))) - set("|`")
)


def any_of(characters: list[str]) -> st.SearchStrategy[str]:
    assert len(characters) > 2
    return st.sampled_from(characters)


# --- cut off --------------------------------------------------------------------------------


@given(st.lists(any_of(INVISIBLE), min_size=1, max_size=3).map("".join))
def test_invisible_characters_end_no_word_and_hide_none(hidden: str) -> None:
    text = f"it is un{hidden}acceptable now"
    assert not stands("acceptable now", text)
    assert stands("is unacceptable now", text)
    assert stands(f"is un{hidden}acceptable", "it is unacceptable now")
    assert stands("now we agree", f"now{hidden} we {hidden}agree")


@given(any_of(DASHES))
def test_a_dash_joins_a_prefix_to_its_word(dash: str) -> None:
    assert not stands("acceptable now", f"it is non{dash}acceptable now")
    assert not stands("it is non", f"it is non{dash}acceptable now")


@given(any_of(sorted(LONG_DASHES)))
def test_a_long_dash_parts_clauses(dash: str) -> None:
    assert stands("we saw it", f"we saw it{dash}and said nothing")
    assert stands("and said nothing", f"we saw it{dash}and said nothing")


@given(any_of(APOSTROPHES))
def test_an_apostrophe_keeps_a_negation_with_its_verb(apostrophe: str) -> None:
    assert not stands("we can", f"we can{apostrophe}t fix it")
    assert not stands("we do", f"we do n{apostrophe}t fix it")
    assert stands("the patients", f"the patients{apostrophe} day")


@given(any_of(MARKS))
def test_a_mark_is_not_cut_off_its_letter(mark: str) -> None:
    assert not stands("so we agre", f"so we agree{mark}")
    if not is_invisible(mark):
        assert not stands("so we agree", f"so we agree{mark} now")
        assert not stands("it is =", f"it is ={mark} five")


@given(any_of(SIGNS), st.sampled_from(["5 degrees", "57 of them"]))
def test_a_sign_or_currency_is_not_cut_off_its_number(sign: str, number: str) -> None:
    assert not stands(number, f"it was {sign}{number}, we think")
    assert not stands("degrees rose by 5", f"degrees rose by 5{sign} then")


@given(any_of(DASHES))
def test_a_minus_is_not_cut_off_its_number(minus: str) -> None:
    for number in ("5 degrees", ".5 degrees", "$5 million", "€5 each"):
        assert not stands(number, f"it was {minus}{number}")
        assert not stands(number, f"({minus}{number})")


@given(any_of(SEPARATORS))
def test_a_number_is_not_cut_at_a_separator(separator: str) -> None:
    assert not stands("500 people", f"for 1{separator}500 people")
    assert not stands("for 1", f"for 1{separator}500 people")


@given(any_of(BLANKS))
def test_a_number_is_not_cut_at_a_blank_that_keeps_digits_together(blank: str) -> None:
    assert not stands("500 people", f"for 1{blank}500 people")


@given(
    any_of(QUESTION_MARKS),
    st.lists(st.sampled_from([*" ~*_'’”)", "\u202f", "\u200b", "!", "…"]), max_size=3).map("".join),
)
def test_a_question_is_not_quoted_without_its_mark(mark: str, between: str) -> None:
    text = f"Did we fix it{between}{mark} Yes."
    assert not stands("we fix it.", text)
    assert not stands("we fix it", text)
    assert not stands("“we fix it!”", text)
    assert stands("Did we", text)
    assert stands(f"we fix it{between}{mark}", text)


def test_every_question_mark_of_unicode_asks() -> None:
    assert all(map(asks, QUESTION_MARKS))


# --- and what may be quoted -----------------------------------------------------------------


@given(any_of(FINAL_MARKS), st.sampled_from(["", ".", ",", "!", "。", "।"]))
def test_the_end_mark_of_a_statement_may_be_left_out_or_another_one(mark: str, own: str) -> None:
    assert stands(f"we agree{own}", f"So we agree{mark} Then we left.")


@given(any_of(CLOSING))
def test_a_closing_mark_ends_a_word(mark: str) -> None:
    assert stands("we agree", f"So we agree{mark} Then we left.")


@pytest.mark.parametrize(
    ("text", "quote", "found"),
    [
        # words
        ("that is un<i>safe</i> here", "safe", False),
        ("that is un<i>safe</i> here", "that is", True),
        ("[the memo](https://x.org/a)", "the memo", True),
        ("it is [in]correct so far", "correct so far", False),
        ("the slot(s) we lost", "slot", False),
        ("we won&rsquo;t pay", "we won", False),
        ("we won&#x27;t pay", "we won", False),
        ("we won\\'t pay", "we won", False),
        ("R&amp;D pays", "R&amp;D pays", True),
        ("it was inter-\nrupted twice", "rupted twice", False),
        ("- first\n- second item", "second item", True),
        ("if !ready then", "ready then", False),
        ("Stop!Now then", "Now then", True),
        ("if ¬ready then", "ready then", False),
        ("it is ~~not~~ ready", "ready", True),
        ("it is im~~possible~~ now", "possible", False),
        # numbers
        ("a loss of −€3 million", "€3 million", False),
        ("up 7% in May", "up 7", False),
        ("up 7 % in May", "up 7", True),
        ("7‰ of all", "7‰ of all", True),
        ("at 21° outside", "at 21", False),
        ("from 3,5 to 4", "5 to 4", False),
        ("see note[3] there", "see note", True),
        ("| 12 | 34 |", "| 12 |", True),
        ("|12 units|", "12 units", True),
        ("`12 units` left", "12 units", True),
        ("on 12/5 at 10:30", "on 12", False),
        ("第15章は終わり", "5章は終わり", False),
        ("第15章は終わり", "第15章", True),
        ("a 9″ board here", "a 9′ board here", False),
        ("a “size 9” board", 'a "size 9" board', True),
        ("a “size 9” board", "a 'size 9' board", True),
        ("costs 3² units", "costs 32 units", False),
        ("in ③4 parts", "in 34 parts", False),
        ("step ③ now", "step 3 now", True),
        # signs of Markdown and of code
        ("call f(*args) now", "call f(args) now", False),
        ("call f(*args, **more) now", "call f(args, more) now", False),
        ("a sum of $____ in all", "a sum of $ in all", False),
        ("We **never** said so", "We never said so", True),
        ("We **_never_** said so", "We never said so", True),
        ("safe* to use", "safe to use", False),
        ("see *note", "see note", False),
        ("*one\ntwo* three", "one two three", True),
        ("*one\n\ntwo* three", "one two three", False),
        # questions
        ("Το φτιάξαμε;", "Το φτιάξαμε.", False),
        ("We paid; they left.", "We paid.", True),
        ("Is it safe?! No.", "it safe.", False),
        ("Is it safe?! No.", "Is it safe?", True),
        ("«C’est fini ?» dit-il", "C’est fini", False),
        ("we asked (why?) and left", "we asked", True),
        ("No. Why?", "No.", True),
    ],
)  # fmt: skip
def test_the_meaning_of_a_place_is_kept(text: str, quote: str, found: bool) -> None:
    assert stands(quote, text) == found


@given(st.text(st.characters(codec="utf-8"), max_size=40), st.text(max_size=10))
def test_any_text_can_be_looked_through(text: str, quote: str) -> None:
    for asked in (quote, text[1:-1], text + "."):
        span = locate(asked, [turn(text)], "control").span
        assert span is None or 0 <= span.start < span.end <= len(text)
