"""What is counted in a deliverable, in Markdown and in text that has lost its markup."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.transcripts import deliverable, measure, read_transcript

EXAMPLES = Path(__file__).parent.parent / "examples" / "transcripts"

MARKDOWN = """# Plan for the lift

We close it on [date]. **Owner:** [ ]

## First steps

- P0: tell the tenants
- P1: high priority, our parcels
  1. Call Mr O'Neil, the fifth-floor tenant
- [ ] Ask: who helps? See [the list](https://example.org/a?b) and [1].

```python
# not a heading
x = [date]  # P0?
```

**Last words**

Do you agree?

If you want, I can also write a shorter version. Let me know if that helps.
"""

PLAIN = """Plan for the lift

We close it on [date]. Owner: [ ]

First steps

  • P0: tell the tenants
  • P1: high priority, our parcels
  1. Call Mr O'Neil, the fifth-floor tenant
  • Ask: who helps? See the list and [1].

1) Last words

Do you agree?

If you want, I can also write a shorter version. Let me know if that helps.
"""


@pytest.mark.parametrize("text", [MARKDOWN, PLAIN], ids=["markdown", "plain"])
def test_the_same_text_with_and_without_markup_gives_the_same_counts(text: str) -> None:
    counts = measure([text])
    assert counts.headings == 3
    assert counts.list_items == 4
    assert counts.placeholders == 2
    assert counts.priority_labels == 3
    assert counts.first_person_words == 4  # We, our, I, me
    assert counts.questions == 2
    assert counts.closing_offers == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("don't follow-up", 2), ("P0/P1 — 3.5", 4), ("naïve Ωmega_x", 3), ("## **a**", 1)],
)
def test_a_word_is_a_run_of_letters_and_digits(text: str, words: int) -> None:
    assert measure([text]).words == words


def test_several_turns_are_added_up_and_offers_count_at_the_end_only() -> None:
    offer = "Happy to shorten it."
    assert measure([offer, "Done."]).closing_offers == 0
    assert measure(["One.", offer]).closing_offers == 1
    assert measure(["One two", "three"]).words == 3
    assert measure([]).words == 0


@pytest.mark.parametrize(
    ("text", "count"),
    [("The US economy", 0), ("Tell us", 1), ("I.e. this", 0), ("Iris, Mine and mine", 2)],
)
def test_first_person_words_are_words_of_their_own(text: str, count: int) -> None:
    assert measure([text]).first_person_words == count


BY_HAND = {
    "c-clinic-postmortem-1": (1003, 7, 9, 25, 0, 33, 5, 0),
    "c-clinic-postmortem-2": (978, 8, 10, 32, 0, 32, 3, 0),
    "c-export-endpoint-1": (498, 10, 9, 0, 0, 2, 5, 0),
    "c-library-memo-1": (564, 1, 3, 16, 0, 24, 0, 1),
    "c-library-memo-2": (614, 5, 8, 28, 0, 22, 0, 0),
    "p-clinic-postmortem-1": (1054, 8, 13, 32, 0, 36, 3, 0),
    "p-clinic-postmortem-2": (1016, 9, 13, 29, 0, 43, 15, 0),
    "p-export-endpoint-1": (543, 16, 8, 0, 0, 5, 4, 0),
    "p-library-memo-1": (605, 3, 5, 20, 0, 31, 0, 1),
    "p-library-memo-2": (646, 5, 6, 25, 0, 36, 0, 0),
}
"""Words, headings, list items, placeholders, priority labels, first-person words, questions and
closing offers of the shipped transcripts, counted without this module: words by another way of
cutting, the rest with the text at hand."""


@pytest.mark.parametrize("name", BY_HAND)
def test_the_shipped_transcripts_are_counted_as_by_hand(name: str) -> None:
    transcript = read_transcript(EXAMPLES / f"{name}.json")
    counts = measure([turn.text for turn in deliverable(transcript)])
    assert tuple(counts.model_dump().values()) == BY_HAND[name]


def test_every_shipped_transcript_was_counted() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.json")} == set(BY_HAND)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("- [date]: the meeting", 1),
        ("[date]: the meeting", 1),
        ("[1]: https://example.org\n[a]: /b 'c'\n[d]: <e>", 0),
        ("[name], [ ] and [a/b] (c)", 3),
        ("[a](b), [a][b], [^1], [1], [x]", 1),
        ("- [ ] a task\n- [x] done", 0),
        ("`[date]` and\n\n```\n[date]\n```\n\n# H", 0),
    ],
)
def test_a_placeholder_is_a_slot_to_be_filled(text: str, count: int) -> None:
    assert measure([text]).placeholders == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("# H\n\nDoes it carry `Retry-After`?", 1),
        ('(Why?), **who?** What?! "Where?" he asked.', 4),
        ("Was?? https://example.org/a?b=c and a?b", 1),
        ("这是什么？那是什么？ ماذا؟", 3),
        ("? is a sign", 0),
    ],
)
def test_a_question_is_a_sentence_that_ends_in_its_mark(text: str, count: int) -> None:
    assert measure([text]).questions == count


@pytest.mark.parametrize(
    "text",
    ["re\u0301sume\u0301", "co\u00adoperation", "हिन्दी", "q\u0301uick", "It\u2019s", "word\u200b"],
)
def test_one_word_is_one_word_however_it_is_typed(text: str) -> None:
    assert measure([text]).words == 1


def test_marks_of_citations_are_not_counted() -> None:
    text = "It rests \ue200cite\ue202turn0search1\ue201. Does it【4:0†source】?"
    counts = measure([text])
    assert (counts.words, counts.questions) == (4, 1)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("If you tell me more, I'll fill it in.", 1),
        ("If you want, I can shorten it. I could also translate it.", 2),
        ("If you leave it out, people will guess.", 0),
        ("Would you like me to go on?", 1),
        ("I wrote it. If you know better, change it.", 0),
    ],
)
def test_an_offer_of_further_work_is_counted_by_sentence(text: str, count: int) -> None:
    assert measure([text]).closing_offers == count


words = st.sampled_from(["lift", "stairs", "we", "call", "P1", "tenants", "[date]", "it's", "day"])
title = st.lists(words.filter(str.isalpha), min_size=1, max_size=5).map(
    lambda found: " ".join(found).capitalize()
)
sentence = st.lists(words, min_size=6, max_size=12).map(lambda found: f"The {' '.join(found)}.")
question = st.lists(words, min_size=6, max_size=12).map(lambda found: f"Is {' '.join(found)}?")
block = st.one_of(
    st.tuples(st.just("heading"), title),
    st.tuples(
        st.just("paragraph"), st.lists(st.one_of(sentence, question), min_size=1, max_size=3)
    ),
    st.tuples(st.just("bullets"), st.lists(sentence, min_size=1, max_size=4)),
    st.tuples(st.just("numbers"), st.lists(sentence, min_size=1, max_size=4)),
)


@settings(deadline=None)
@given(blocks=st.lists(block, min_size=1, max_size=8))
def test_losing_its_markup_does_not_change_what_is_counted(
    blocks: list[tuple[str, str | list[str]]],
) -> None:
    """Holds for headings, paragraphs and flat lists; docs/transcripts.md states the limits."""
    blocks = [("heading", "Beginning"), *blocks, ("paragraph", ["That is the end of it."])]
    markdown, plain = [], []
    for kind, content in blocks:
        if kind == "heading":
            markdown.append(f"## {content}")
            plain.append(str(content))
        elif kind == "paragraph":
            markdown.append(" ".join(content))
            plain.append(" ".join(content))
        else:
            marks = ["-"] * len(content) if kind == "bullets" else range(1, len(content) + 1)
            dot = "" if kind == "bullets" else "."
            markdown.append("\n".join(f"{m}{dot} {c}" for m, c in zip(marks, content, strict=True)))
            plain.append(
                "\n".join(
                    f"  {'•' if kind == 'bullets' else f'{m}.'} {c}"
                    for m, c in zip(marks, content, strict=True)
                )
            )
    assert measure(["\n\n".join(markdown)]) == measure(["\n\n".join(plain)])


def test_a_text_without_blank_lines_still_shows_its_headings_and_lists() -> None:
    text = (
        "Plan for the lift\nWe close it on Monday and say so in good time on every floor.\n"
        "First steps\n  • Tell the tenants.\n  • Call the fitters.\nThat is all for now."
    )
    counts = measure([text])
    assert (counts.headings, counts.list_items) == (2, 2)
