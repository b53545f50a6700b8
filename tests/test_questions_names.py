"""Blind words become names wherever a judge may put them, and never inside a quotation."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.questions.names import put_names_back

SHORT = [
    ("Transcript 1 is longer.", "C is longer."),
    ("Only transcript 2 apologises.", "Only P apologises."),
    ("TRANSCRIPT 1 and TRANSCRIPT 2", "C and P"),
    ("Transcript 1's opening", "C's opening"),
    ("Transcript 2’s opening", "P’s opening"),
    ("Transcripts 1 and 2 agree.", "C and P agree."),
    ("Transcripts 2 and 1 agree.", "P and C agree."),
    ("Transcripts 1 & 2", "C and P"),
    ("Transcripts 1, 2", "C and P"),
    ("Transcripts 1 or 2", "C or P"),
    ("Transcripts 1/2", "C and P"),
    ("Transcripts 1–2 share it", "C and P share it"),
    ("Transcripts 1-2 share it", "C and P share it"),
    ("Transcripts 1 and 2's endings", "C and P's endings"),
    ("Transcripts 1 and Transcript 2", "C and P"),
    ("both transcripts (1 and 2) agree", "both transcripts (C and P) agree"),
    ("In both transcripts the list stays.", "In both transcripts the list stays."),
    ("Neither transcript asks.", "Neither transcript asks."),
    ("Both transcripts' lists", "Both transcripts' lists"),
    ("Transcript 1 and 2 both ask.", "C and P both ask."),
    ("between Transcript 1 and 2", "between C and P"),
    ("Transcript 1 vs. 2", "C vs. P"),
    ("Transcript 1 versus Transcript 2", "C versus P"),
    ("three in Transcript 1 and 2 in Transcript 2", "three in C and 2 in P"),
    ("Transcript 1 and 2 headings", "C and 2 headings"),
    ("**Transcript 1** asks; *Transcript 2* tells", "**C** asks; *P* tells"),
    ("(Transcript 1)", "(C)"),
    ("Transcript 1: tasks. Transcript 2: people.", "C: tasks. P: people."),
    ("Transcript 1, Transcript 2", "C, P"),
    ("Transcript\n1 asks", "C asks"),
    ("Transcript\u00a02 asks", "P asks"),
    ("Transcript #1 asks", "C asks"),
    ("Transcript No. 2 asks", "P asks"),
    ("transcript_1 and transcript-2", "C and P"),
    ("Transcript (1) asks", "C asks"),
    ("Transcript One asks; Transcript two tells", "C asks; P tells"),
    ("the transcript one can read", "the transcript one can read"),
    ("transcript one reads first", "transcript one reads first"),
    ("The first transcript asks, the second transcript tells", "C asks, P tells"),
    ("the first and second transcripts", "C and P"),
    ("the first transcript's close", "C's close"),
    ("Transcript 10 and Transcript 21", "Transcript 10 and Transcript 21"),
    ("Transcript 1.5", "Transcript 1.5"),
    ("Transcript 1.", "C."),
    ("Transcript 1. Transcript 2!", "C. P!"),
    ("Unlike Transcript 1, which", "Unlike C, which"),
    ("in the Transcript 1 memo", "in the C memo"),
    ("Transcript 1-style headings", "C-style headings"),
    ("a post-Transcript 2 reading", "a post-P reading"),
]

QUOTED = [
    'It says "Transcript 1 is dull" of Transcript 1.',
    "It says “see Transcript 2” of Transcript 1.",
    "It says „siehe Transcript 2“ of Transcript 1.",
    "It says «Transcript 2» of Transcript 1.",
    "It says ‘the team’s Transcript 2’ of Transcript 1.",
    "It says 'Transcript 2, isn't it' of Transcript 1.",
    "It says `Transcript 2` of Transcript 1.",
    "It says ``a ` Transcript 2`` of Transcript 1.",
    'It says "Transcript 2\nand on" of Transcript 1.',
    "> Transcript 2 stays\n\nsays Transcript 1.",
]


@pytest.mark.parametrize(("blind", "named"), SHORT, ids=[blind for blind, _ in SHORT])
def test_blind_words_become_names(blind: str, named: str) -> None:
    assert put_names_back(blind, "C", "P") == named


@pytest.mark.parametrize("text", QUOTED)
def test_quotations_keep_their_words(text: str) -> None:
    assert put_names_back(text, "C", "P") == text[::-1].replace("1 tpircsnarT", "C", 1)[::-1]


@pytest.mark.parametrize(
    ("blind", "named"),
    [
        ("Transcript 1 asks. Transcript 2 tells.", "The control asks. The treatment tells."),
        ("In Transcript 1 it asks.", "In the control it asks."),
        ("Yes: Transcript 1.", "Yes: the control."),
        ('It ends "Done." Transcript 2 does not.', 'It ends "Done." The treatment does not.'),
        ("- Transcript 1 asks\n- Transcript 2 tells", "- The control asks\n- The treatment tells"),
        ("**Transcript 1** asks", "**The control** asks"),
        ("the Transcript 2 memo", "the treatment memo"),
        ("Transcripts 1 and 2 agree.", "The control and the treatment agree."),
        ("Transcript 1's list", "The control's list"),
        ("e.g.\nTranscript 1", "e.g.\nThe control"),
    ],
)
def test_names_with_an_article_read_naturally(blind: str, named: str) -> None:
    assert put_names_back(blind, "the control", "the treatment") == named


def test_forgotten_quotation_mark_silences_one_paragraph_only() -> None:
    text = 'A 5" slot in Transcript 1.\n\nAn "open one in Transcript 1.\n\nTranscript 2" asks.'
    assert put_names_back(text, "C", "P") == ('A 5" slot in C.\n\nAn "open one in C.\n\nP" asks.')


def test_names_are_not_read_again() -> None:
    assert put_names_back("Transcript 1 and Transcript 2", "Transcript 2", r"\1 x") == (
        r"Transcript 2 and \1 x"
    )


WORDS = st.sampled_from(["Transcript 1", "transcript 2's", "asks", "both transcripts", ".", "1"])


@given(st.lists(WORDS).map(" ".join), st.lists(WORDS).map(" ".join))
def test_no_blind_word_remains_outside_quotations(text: str, quoted: str) -> None:
    named = put_names_back(f"{text}\n\n“{quoted}”\n\n{text}", "C", "P")
    before, inside, after = re.fullmatch(r"(.*)\n\n“(.*)”\n\n(.*)", named, re.DOTALL).groups()  # type: ignore[union-attr]
    assert inside == quoted
    assert not re.search(r"(?i)transcript \d", before + after)


@given(st.text())
def test_any_text_goes_through(text: str) -> None:
    put_names_back(text, "C", "P")
