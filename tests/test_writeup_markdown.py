"""The writeup in Markdown: what it says, and what can't break out of its place."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from builders import comparison, offline_comparison
from grader.comparison.comparison import Comparison, JudgeNote
from grader.review.reviewed import Decision
from grader.writeup.markdown import inline, quote, render_markdown
from writeup_reviews import SIGNED, accepted, reviewed

SECTIONS = [
    "Scorecard",
    "What was compared",
    "Deliverable orientation",
    "Dimension of most difference: who decides",
    "Qualitative or quantitative",
    "What changed",
    "What did not change",
    "Defense signatures",
    "Pre-specified criteria",
    "Measurements",
    "What further conditions would need to show",
    "Caveats",
    "Contribution to the study’s hypotheses".replace("’", "'"),
    "Findings",
    "Provenance",
]


def rendered(draft: Comparison) -> str:
    return render_markdown(reviewed(draft))


def headings(text: str, level: str = "h2") -> list[str]:
    tokens = MarkdownIt("gfm-like").parse(text)
    return [
        "".join(child.content for child in following.children or ())
        for token, following in pairwise(tokens)
        if token.type == "heading_open" and token.tag == level
    ]


def test_every_section_is_there_in_its_order() -> None:
    assert headings(rendered(comparison())) == SECTIONS


def test_same_comparison_and_reviews_give_the_same_text() -> None:
    draft = comparison()
    other = Comparison.model_validate_json(draft.model_dump_json())
    assert rendered(draft) == rendered(other)


def test_the_status_stands_before_everything_else() -> None:
    first = rendered(comparison()).split("\n\n")[0]
    assert first.startswith("> **Draft. Nobody has reviewed or signed this.**")
    for fact in (
        "openai/judge-1 (live; served as judge-1-2026-10-01, temperature 0)",
        "never a condition",
        "NOT locked before the treatment was read",
        "4 questions asked, 3 answered, 1 failed (1 refused)",
        "2 of 9 quotations were not found",
    ):
        assert fact in first


@pytest.mark.parametrize(
    ("judge", "said"),
    [
        (JudgeNote(spec="offline", kind="offline", model=None), "No judge was asked."),
        (
            JudgeNote(spec="recorded:calls.jsonl", kind="recorded", model="judge-1"),
            "replayed from a recording (recorded:calls.jsonl)",
        ),
        (JudgeNote(spec="files:batch", kind="files", model="judge-1"), "came in as files"),
        (
            JudgeNote(spec="openai/scripted", kind="live", model="scripted"),
            "made up for a test",
        ),
    ],
    ids=["offline", "recorded", "files", "scripted"],
)
def test_what_no_live_judge_made_says_so_at_the_top(judge: JudgeNote, said: str) -> None:
    text = rendered(comparison().model_copy(update={"judges": (judge,)}))
    assert said in text.split("\n# ")[0]


def test_an_undecided_verdict_is_shown_as_draft() -> None:
    text = rendered(comparison())
    assert "| not met (draft) | met (draft) | up (draft) |" in text
    assert "By the judge's draft, of two criteria, C meets none" in text


def test_a_changed_level_stands_beside_the_judges() -> None:
    draft = comparison()
    decisions = accepted(draft)
    item = "verdict:owned-decision:treatment"
    decisions[item] = Decision(
        item=item,
        state="edited",
        level="partially_met",
        rationale="It names a person, but only in passing.",
        evidence=draft.verdicts[1].evidence,
        reviewer="Ben",
        reason="The level is too high.",
    )
    text = render_markdown(reviewed(draft, decisions, SIGNED))
    assert text.startswith("> **Signed by Ada on 2026-11-24T10:05:00Z.**")
    assert "| not met | partially met (judge: met) | up |" in text
    assert (
        "Edited by Ben. The judge's draft: met. Reviewer's reason: The level is too high." in text
    )
    assert "The judge's own reason was: The first sentence has a person choose Sunday." in text
    assert "Changed in review: criteria 1 (P). By the judge's draft" in text
    assert "(draft)" not in text


def test_a_rejected_verdict_leaves_no_level_and_no_quotation() -> None:
    draft = comparison()
    item = "verdict:owned-decision:treatment"
    decisions = {item: Decision(item=item, state="rejected", reviewer="Ben", reason="Not shown.")}
    text = render_markdown(reviewed(draft, decisions))
    assert "no level (judge: met)" in text
    part = text.split("#### P: no level")[1].split("**Shift:**")[0]
    assert "Rejected by Ben" in part
    assert ">" not in part


def test_unlocated_quotations_are_counted_and_not_shown() -> None:
    text = rendered(comparison())
    assert "The board has decided to close" not in text
    assert "1 quotation of the judge could not be found in C and is left out." in text


def test_a_quotation_shows_the_words_of_the_transcript() -> None:
    assert "> We lose that — and nothing in this memo" in rendered(comparison())


def test_points_without_support_are_marked_as_the_judges_reading() -> None:
    text = rendered(comparison())
    assert "- C takes it as a consequence of the budget. *(the judge's reading" in text
    assert "- P takes the closure as a choice to answer for. (V1)\n" in text


def test_failures_that_differ_between_the_sides_are_told_in_words() -> None:
    assert "1 of 2 questions about C and 0 of 2 questions about P have no answer" in rendered(
        comparison()
    )


def test_the_offline_judge_gives_passages_and_empty_levels() -> None:
    text = rendered(offline_comparison())
    assert "| 1 | Someone stands behind the decision | no level | no level | none |" in text
    assert "Candidate passages, found by shared words; not evidence" in text
    assert "> so the library will close on Sundays" in text
    assert set(SECTIONS) - set(headings(text)) == {
        "Findings",
        "Dimension of most difference: who decides",
    }


# --- nothing breaks out ---------------------------------------------------------------------

HOSTILE = [
    "# A heading",
    "A heading\n=========",
    "A heading\n---------",
    "> a quotation\n> of two lines",
    "- a list\n* another\n+ a third\n1. a fourth\n(a) a fifth",
    "```\nfence\n```",
    "~~~\nfence\n~~~",
    "    indented code",
    "| a | b |\n|---|---|\n| c | d |",
    "---\n\n***\n\n___",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!-- a comment",
    "[a link](javascript:alert(1))",
    "![an image](http://example.org/x.png)",
    "[a reference]: http://example.org",
    "https://example.org/ www.example.org mail@example.org",
    "<https://example.org>",
    "{{ doc.draft }} {% raw %} {# c #}",
    "*emphasis* **strong** _em_ __strong__ ~~gone~~ `code`",
    "&lt;b&gt; &#60;i&#62;",
    "a line with a backslash at its end\\",
    "a \\| b \\` c",
    "`` ` ``` unbalanced",
    "$x^2$ H~2~O 2^10^ @cite [^1] ^[note]",
    "Term\n: definition",
    "\u202egnitirw desrever\u202c \u2066isolated",
    "\x00\x07\x1b[31mred",
    "word" * 5000,
    "a\u2028b\u2029c\x85d\x0be\x0cf\rg",
    "</p></div><h2>out</h2>",
    "| ^ |",
]
PLAIN_TOKENS = {"text", "softbreak", "hardbreak", "text_special"}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_on_one_line(text: str) -> None:
    (paragraph, content, _) = MarkdownIt("gfm-like").parse(str(inline(text)))
    assert paragraph.type == "paragraph_open"
    assert {child.type for child in content.children or ()} <= PLAIN_TOKENS


@given(st.text() | st.lists(st.sampled_from(HOSTILE)).map("\n".join))
def test_any_text_stays_in_its_quotation(text: str) -> None:
    tokens = MarkdownIt("gfm-like").parse(f"{quote(text)}\n\nafter")
    kinds = [token.type for token in tokens]
    assert kinds[0] == "blockquote_open"
    assert kinds[-4:] == ["blockquote_close", "paragraph_open", "inline", "paragraph_close"]
    assert set(kinds[1:-4]) <= {"paragraph_open", "inline", "paragraph_close"}
    for token in tokens:
        assert {child.type for child in token.children or ()} <= PLAIN_TOKENS


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Co", "Cn"])))
def test_a_line_reads_as_it_was_written(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(str(inline(text)))
    read = "".join(c.content for token in tokens for c in token.children or ())
    assert read == " ".join(text.split())


def hostile_everywhere(text: str) -> Comparison:
    """The comparison with this text in every free text that others wrote."""
    draft = comparison()
    words = {
        "rationale": text,
        "note": text,
        "reason": text,
        "text": text,
        "headline": text,
        "detail": text,
        "title": text,
        "question": text,
        "why": text,
        "description": text,
        "message": text,
        "dimension": text,
        "marker": text,
        "task_prompt": text,
        "preamble": text,
        "system_prompt": text,
        "condition": text,
        "source": text,
        "date": text,
        "slug": text,
        "speaker": text,
    }
    keep = {"turns"}

    def changed(value: object, key: str = "") -> object:
        if isinstance(value, dict):
            return {k: v if k in keep else changed(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [changed(each, key) for each in value]
        return words[key] if key in words and isinstance(value, str) else value

    data = changed(draft.model_dump(mode="json"))
    return Comparison.model_validate(data)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_leave_the_outline_as_it_is(text: str) -> None:
    tokens = MarkdownIt("gfm-like").parse(rendered(hostile_everywhere(text)))
    levels = [token.tag for token in tokens if token.type == "heading_open"]
    usual = MarkdownIt("gfm-like").parse(rendered(hostile_everywhere("plain")))
    assert levels == [token.tag for token in usual if token.type == "heading_open"]
    flat = [child for token in tokens for child in (token, *(token.children or ()))]
    kinds = {token.type for token in flat}
    assert not kinds & {"html_block", "html_inline", "image", "hr", "code_block", "s_open"}
    links = [token.attrs["href"] for token in flat if token.type == "link_open"]
    assert set(links) <= {"#findings"}
    assert len([t for t in flat if t.type == "fence"]) == 1
    assert len([t for t in flat if t.type == "table_open"]) == len(
        [t for t in usual if t.type == "table_open"]
    )


def test_deceiving_characters_are_made_visible() -> None:
    assert inline("a\u202eb\x07c") == "a⟨U+202E⟩b⟨U+0007⟩c"


def test_every_line_end_is_plain_and_nothing_trails() -> None:
    text = rendered(comparison())
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert not re.search(r"\r|\n\n\n", text)
