"""What is counted in a deliverable, in Markdown and in text that has lost its markup."""

from __future__ import annotations

import pytest

from grader.transcripts import measure

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
