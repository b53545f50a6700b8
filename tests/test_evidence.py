"""Where a quotation stands, and all the ways in which it only seems to."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from builders import turn
from grader.text.borders import in_word, is_asked
from grader.text.folding import fold
from grader.text.quotation import Evidence, locate, near_miss
from grader.text.sentences import asks
from grader.transcripts.transcript import Turn

TEXT = """\
**In short:** we couldn't see it — and said “nothing” for five hours.

- Phone the *two* clinics; don't wait for [date].
- We lost 1,500 notes, about 10² pages, at −5 °C. Was it acceptable? It was unacceptable.
We will not apologise twice…"""


def found(quote: str, *texts: str) -> str | None:
    """The original words a quotation was located at."""
    turns = [turn(text, number) for number, text in enumerate(texts or (TEXT,), 1)]
    span = locate(quote, turns, "control").span
    return None if span is None else turns[span.turn - 1].text[span.start : span.end]


# --- what counts ----------------------------------------------------------------------------


def test_verbatim_quotation_is_exact_evidence() -> None:
    located = locate("for five hours", [turn("No."), turn(TEXT, 3)], "treatment")
    assert located.match == "exact"
    assert located.span is not None
    assert (located.span.transcript, located.span.turn) == ("treatment", 3)
    assert TEXT[located.span.start : located.span.end] == "for five hours"


def test_verbatim_place_in_a_later_turn_goes_before_a_folded_one() -> None:
    located = locate("it's five", [turn("it’s five"), turn("it's five", 2)], "control")
    assert located.match == "exact"
    assert located.span is not None and located.span.turn == 2


@pytest.mark.parametrize(
    ("quote", "original"),
    [
        pytest.param("couldn’t see it", "couldn't see it", id="apostrophe"),
        pytest.param("said 'nothing' for", "said “nothing” for", id="quotation marks"),
        pytest.param("see it - and said", "see it — and said", id="hyphen for a dash"),
        pytest.param("see it -- and said", "see it — and said", id="two hyphens for a dash"),
        pytest.param("In short: we", "In short:** we", id="emphasis left out"),
        pytest.param("__two__ clinics", "two* clinics", id="other emphasis"),
        pytest.param("hours.\n\n\n - Phone", "hours.\n\n- Phone", id="white space"),
        pytest.param("five\u00a0hours", "five hours", id="no-break space"),
        pytest.param("ﬁve hours", "five hours", id="ligature"),
        pytest.param("ｆｉｖｅ hours", "five hours", id="full width"),
        pytest.param("fi\u200bve hours", "five hours", id="zero-width space"),
        pytest.param("for five hours,", "for five hours", id="comma for a full stop"),
        pytest.param("Phone the *two* clinics.", "Phone the *two* clinics", id="added full stop"),
        pytest.param('"for five hours"', "for five hours", id="added quotation marks"),
        pytest.param("“for five hours!”", "for five hours", id="added marks of both kinds"),
        pytest.param("“for five hours”.", "for five hours", id="added full stop outside"),
        pytest.param(" for five hours\n", "for five hours", id="surrounding blanks"),
        pytest.param("at -5 °C", "at −5 °C", id="minus sign"),
        pytest.param("apologise twice...", "apologise twice…", id="ellipsis that stands there"),
    ],
)
def test_typography_is_folded(quote: str, original: str) -> None:
    assert found(quote) == original


@pytest.mark.parametrize(
    ("text", "quote", "original"),
    [
        pytest.param("a cafe\u0301 here", "café here", "cafe\u0301 here", id="combining mark"),
        pytest.param("각하 b", "각하 b", "각하 b", id="Hangul from jamo"),
        pytest.param("the ﬁnal oﬃce", "final office", "ﬁnal oﬃce", id="ligatures in the text"),
        pytest.param("in\u00adcident log", "incident log", "in\u00adcident log", id="soft hyphen"),
        pytest.param("אבג \u200fדהו", "אבג דהו", "אבג \u200fדהו", id="right to left"),
        pytest.param("I ❤️ it", "I ❤ it", "I ❤️ it", id="variation selector"),
        pytest.param("这不可接受的", "可接受", "可接受", id="script without blanks"),
        pytest.param("it´s fine", "it's fine", "it´s fine", id="acute for an apostrophe"),
        pytest.param("**a** *b*", "a b", "a** *b", id="emphasis around"),
        pytest.param("so ***very*** sad", "so very sad", "so ***very*** sad", id="three stars"),
        pytest.param("ab cd", "AB\udcff", None, id="lone surrogate"),
    ],
)
def test_offsets_lead_back_to_the_original(text: str, quote: str, original: str | None) -> None:
    assert found(quote, text) == original


# --- what does not --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "quote",
    [
        pytest.param("we could see it", id="negation left out of a word"),
        pytest.param("We will apologise twice", id="negation left out"),
        pytest.param("We will not not apologise", id="negation added"),
        pytest.param("Phone the three clinics", id="word altered"),
        pytest.param("Phone the clinics", id="word left out"),
        pytest.param("Phone the two  clinic", id="stops in mid-word"),
        pytest.param("hone the *two* clinics", id="begins in mid-word"),
        pytest.param("it was acceptable", id="prefix cut off, other case"),
        pytest.param("acceptable.", id="prefix cut off"),
        pytest.param("we couldn", id="cut before the apostrophe"),
        pytest.param("we couldn.", id="cut before the apostrophe, full stop added"),
        pytest.param("500 notes", id="number cut before"),
        pytest.param("We lost 1", id="number cut behind"),
        pytest.param("about 102 pages", id="raised digit brought down"),
        pytest.param("5 °C", id="sign cut off"),
        pytest.param("Phone ... clinics", id="joined over dots"),
        pytest.param("Phone the … clinics", id="joined over an ellipsis"),
        pytest.param("Phone the [...] clinics", id="joined over bracketed dots"),
        pytest.param("for five hours...", id="ends in dots of its own"),
        pytest.param("...for five hours", id="begins with dots of its own"),
        pytest.param("Was it acceptable.", id="question told as a statement"),
        pytest.param("said nothing for", id="quotation marks left out"),
        pytest.param("WE COULDN'T see", id="other case"),
        pytest.param("[", id="no letter or digit"),
        pytest.param("I", id="one letter"),
        pytest.param("", id="nothing"),
        pytest.param("  \n", id="blanks"),
        pytest.param("“”", id="only quotation marks"),
        pytest.param("**", id="only emphasis"),
        pytest.param("\u200b\u200b", id="only invisible characters"),
    ],
)
def test_quotation_that_is_not_verbatim_is_not_evidence(quote: str) -> None:
    assert locate(quote, [turn(TEXT)], "control") == Evidence(quote=quote, side="control")


def test_quotation_from_the_other_transcript_is_not_evidence() -> None:
    assert found("we said nothing", "They spoke.") is None


def test_quotation_across_turns_is_not_evidence() -> None:
    assert found("first. Second", "The first.", "Second one.") is None
    assert found("first.\nSecond", "The first.", "Second one.") is None


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        pytest.param("We can", "We can't pay.", id="can't"),
        pytest.param("We can", "We can’t pay.", id="curly apostrophe"),
        pytest.param("We can", "We can*not* pay.", id="emphasis in the word"),
        pytest.param("We can", "We can\u200bnot pay.", id="invisible character in the word"),
        pytest.param("We can", "We can\u00adnot pay.", id="soft hyphen in the word"),
        pytest.param("compliant", "It is non-compliant.", id="hyphenated prefix"),
        pytest.param("paid in full", "It was un\u2011paid in full", id="no-break hyphen"),
        pytest.param("cafe", "a cafe\u0301", id="mark cut off"),
        pytest.param("snake", "in snake_case", id="part of an identifier"),
        pytest.param("at 10", "at 10:30", id="part of a time"),
        pytest.param("from 10", "from 10–20", id="part of a range"),
        pytest.param("1 cup", "½1 cup", id="part of a fraction"),
    ],
)
def test_part_of_a_word_is_not_evidence(quote: str, text: str) -> None:
    assert found(quote, text) is None


def test_whole_word_further_on_is_found_behind_a_part_of_one() -> None:
    assert found("acceptable", "unacceptable, acceptable") == "acceptable"
    span = locate("acceptable", [turn("unacceptable, acceptable")], "control").span
    assert span is not None and span.start == 14


@pytest.mark.parametrize(
    ("quote", "text"),
    [("the patients", "the patients' day"), ("well", "well—known"), ("now", "(now)"),
     ("no", "no/yes"), ("five", "'five'"), ("so", "so... it"), ("end", "end.")],
)  # fmt: skip
def test_whole_words_beside_signs_are_evidence(quote: str, text: str) -> None:
    assert found(quote, text) == quote


# --- properties -----------------------------------------------------------------------------

HOSTILE = st.text(
    st.sampled_from("ab é'’“”-—–*_ \n\t.…,?!1½²ﬁ️\u0301\u0323\u200b\u200d\u202e\u00ad가ᄀאก中Ａ|[]")
    | st.characters(codec="utf-8"),
    max_size=80,
)
WORDS = st.lists(
    st.text("abcdefghijklmnopqrstuvwxyzäéß", min_size=3, max_size=7),
    min_size=4,
    max_size=25,
    unique=True,
)
GAPS = (" ", "\n", "  ", ", ", ". ", " — ", ": ", "\n\n- ", "! ", " | ")


@st.composite
def texts(draw: st.DrawFn) -> tuple[list[str], str, int, int]:
    """Words that all differ, the text they make, and a part of it from word to word."""
    words = draw(WORDS)
    text = words[0]
    places = [(0, len(text))]
    for word in words[1:]:
        text += draw(st.sampled_from(GAPS))
        places.append((len(text), len(text) + len(word)))
        text += word
    first = draw(st.integers(0, len(words) - 2))
    last = draw(st.integers(first + 1, len(words) - 1))
    return words, text, places[first][0], places[last][1]


@settings(deadline=None)
@given(HOSTILE, st.data())
def test_any_part_between_words_is_found_at_equal_text(text: str, data: st.DataObject) -> None:
    cuts = [at for at in range(len(text) + 1) if not in_word(text, at)]
    start, end = sorted((data.draw(st.sampled_from(cuts)), data.draw(st.sampled_from(cuts))))
    quote = text[start:end]
    # A blank can be what keeps two marks apart, and a quotation is taken without its blanks.
    start += len(quote) - len(quote.lstrip())
    end = start + len(quote.strip())
    if sum(map(str.isalnum, quote)) < 2 or in_word(text, start) or in_word(text, end):
        return
    if is_asked(text, end) and not any(map(asks, quote[-3:])):
        return
    located = locate(quote, [turn(text)], "control")
    assert located.match == "exact"
    assert located.span is not None
    assert text[located.span.start : located.span.end] == quote.strip()


def varied(draw: st.DrawFn, quote: str) -> str:
    """The quotation as another keyboard or another judge would have typed it."""
    quote = "".join(
        draw(st.sampled_from(["—", "–", "--", "-"]))
        if character == "—"
        else draw(st.sampled_from([" ", "\n", "\u00a0", "  ", "\u2003"]))
        if character == " "
        else character
        for character in quote
    )
    quote = unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"])), quote)
    mark = draw(st.sampled_from(["", "*", "**", "_", "__"]))
    ending = draw(st.sampled_from(["", ".", ",", "!", ";"]))
    around = draw(st.sampled_from(["", '"', "“”", "''", "«»"]))
    return f"{around[:1]}{mark}{quote}{mark}{ending}{around[-1:]}"


@settings(deadline=None)
@given(st.data())
def test_other_typography_is_found_at_words_that_fold_the_same(data: st.DataObject) -> None:
    _, text, start, end = data.draw(texts())
    quote = data.draw(st.composite(varied)(text[start:end]))
    located = locate(quote, [turn(text)], "control")
    assert located.span is not None, (quote, text)
    at = located.span
    assert at.start == start and end <= at.end <= end + 1  # the final mark may be in both
    folded = fold(text[at.start : at.end]).text
    assert folded.rstrip(".,!") == fold(text[start:end]).text
    if located.match == "exact":
        assert text[at.start : at.end] == quote


@settings(deadline=None)
@given(st.data())
def test_one_altered_word_is_enough_to_be_refused(data: st.DataObject) -> None:
    words, text, start, end = data.draw(texts())
    quote = text[start:end]
    inside = [m for m in re.finditer(r"\w+", quote) if m.group() in words]
    at = data.draw(st.sampled_from(inside))
    other = data.draw(
        st.sampled_from(
            [
                quote[: at.start()] + "not " + quote[at.start() :],
                quote[: at.start()] + "xx" + quote[at.end() :],
                quote[: at.start()] + "un" + quote[at.start() :],
                quote[: at.end()] + "s" + quote[at.end() :],
                quote[: at.start() + 1] + quote[at.start() + 2 :],
                quote[: at.start()] + at.group().upper().replace("SS", "X") + quote[at.end() :],
                quote[: at.start()] + "… " + quote[at.start() :],
            ]
        )
    )
    if other.casefold().strip() not in (text.casefold(), ""):
        assert found(other, text) is None, (other, text)


@settings(deadline=None)
@given(HOSTILE, HOSTILE)
@example("“", "e\u0301" * 40)
@example("½½", "x½")
def test_offsets_are_always_in_range(quote: str, text: str) -> None:
    for asked in (quote, text[3:-3], unicodedata.normalize("NFKD", text), text + "."):
        span = locate(asked, [turn(text)], "control").span
        if span is not None:
            assert 0 <= span.start < span.end <= len(text)
            kept = fold(text[span.start : span.end]).text
            assert sum(map(str.isalnum, kept)) >= 1
    near_miss(quote, [turn(text)])


@settings(deadline=None)
@given(HOSTILE)
def test_folding_keeps_order_and_sources(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert list(folded.starts) == sorted(folded.starts)
    assert list(folded.ends) == sorted(folded.ends)
    assert all(0 <= s < e <= len(text) for s, e in zip(folded.starts, folded.ends, strict=True))


@pytest.mark.parametrize(
    "text",
    ["e" + "\u0301\u0323" * 20_000, "* " * 30_000, "\u1100\u1161\u11a8" * 10_000, "a-" * 20_000],
    ids=["marks", "stars", "jamo", "hyphens"],
)
def test_heaps_of_odd_characters_are_worked_through(text: str) -> None:
    assert found("ab cd", text) is None
    assert found("ab cd", text + " ab cd") == "ab cd"


# --- near misses ----------------------------------------------------------------------------


def turns() -> list[Turn]:
    return [turn("We thank you."), turn(TEXT, 2)]


def test_near_miss_shows_the_words_that_do_stand_there() -> None:
    shown = near_miss("we could see it and said nothing", turns())
    assert shown is not None and "couldn't see it — and said “nothing" in shown
    shown = near_miss("We will apologise twice", turns())
    assert shown is not None and "will not apologise twice" in shown


@pytest.mark.parametrize("quote", ["Quarterly revenue grew by a third", "", "…", "*"])
def test_nothing_alike_is_no_near_miss(quote: str) -> None:
    assert near_miss(quote, turns()) is None
