"""The writeup in Markdown: what it says, and what can't break out of its place."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise

import cmarkgfm  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from builders import comparison, offline_comparison
from grader.comparison.caveats import caveats
from grader.comparison.comparison import Comparison, JudgeNote, Spend
from grader.review.reviewed import Decision
from grader.text.visible import visible
from grader.writeup.document import document_of
from grader.writeup.html import render_html
from grader.writeup.markdown import inline, quote, render_markdown
from grader.writeup.sections import SHORT, evidence, titles
from writeup_cases import PAIRS
from writeup_cases import draft as draft_of
from writeup_hostile import HOSTILE, hostile_everywhere
from writeup_reviews import SIGNED, accepted, reviewed

SECTIONS = [
    "Scorecard",
    "How it was judged",
    "What each sentence rests on",
    "Pre-specified criteria",
    "Defense signatures",
    "What was compared",
    "Deliverable orientation",
    "Dimension of most difference",
    "Qualitative or quantitative",
    "What changed",
    "What did not change",
    "Measurements",
    "What further conditions would need to show",
    "Caveats",
    "Contribution to the study’s hypotheses".replace("’", "'"),
    "Provenance",
]


def rendered(draft: Comparison) -> str:
    return render_markdown(document_of(reviewed(draft)))


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
        "openai/judge-1 (served as judge-1-2026-10-01, temperature 0), blind",
        "NOT locked before the treatment was read",
        "4 questions, 1 failed; 2 of 9 quotations not found",
        "This is one pair: a difference may be chance",
    ):
        assert fact in first
    assert first.count("\n") == 4


def test_how_it_was_judged_is_told_at_length_in_the_evidence() -> None:
    text = render_markdown(document_of(reviewed(comparison())), sections=["judging"])
    for fact in (
        "openai/judge-1 (live; served as judge-1-2026-10-01, temperature 0)",
        "never a condition",
        "4 questions asked, 3 answered, 1 failed (1 refused)",
        "2 of 9 quotations were not found",
    ):
        assert fact in text


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


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (
            ("control", "clear"),
            ("neither", "none"),
            "The answer changes with the order, so it names no side (P shown first: C shows more, "
            "clearly; C shown first: neither shows more).",
        ),
        (
            ("treatment", "clear"),
            ("treatment", "slight"),
            "P shows more in both orders (P shown first: P shows more, clearly; C shown first: P "
            "shows more, slightly).",
        ),
        (("control", "slight"), ("control", "slight"), "C shows more, slightly, in both orders."),
    ],
)
def test_contrast_says_which_way_it_leans_and_how_far_in_each_order(
    first: tuple[str, str], second: tuple[str, str], told: str
) -> None:
    draft = comparison()
    contrast = draft.contrasts[0]
    orders = tuple(
        order.model_copy(update={"shows_more": side, "size": size})
        for order, (side, size) in zip(contrast.orders, (first, second), strict=True)
    )
    agreed = first[0] == second[0]
    changed = contrast.model_copy(
        update={
            "orders": orders,
            "order_sensitive": not agreed,
            "shows_more": first[0] if agreed else None,
            "size": second[1] if agreed else None,
        }
    )
    text = rendered(draft.model_copy(update={"contrasts": (changed, *draft.contrasts[1:])}))
    assert f"**Side by side:** {told}" in text
    assert ("The same in both orders" in text) == (first == second)


def test_slots_are_counted_beside_the_criterion_that_asks_about_them() -> None:
    text = render_markdown(document_of(reviewed(draft_of("library-memo"))))
    told = (
        "Bracketed slots, counted by rule with those that these levels exempt: 16 in C and 25 in P."
    )
    assert told in text.split("### Criterion 5")[1] and text.count(told) == 1
    assert "Bracketed slots" not in render_markdown(
        document_of(reviewed(draft_of("export-endpoint")))
    )


def test_reader_who_knows_nothing_is_told_what_words_and_levels_mean() -> None:
    document = document_of(reviewed(draft_of("clinic-postmortem")))
    text = render_markdown(document, sections=SHORT, grounds="evidence.md")
    assert "*C is the control (c-clinic-postmortem-1), P the treatment" in text
    assert "Both by claude, Anthropic.*" in text
    card = text.split("## Scorecard")[1].split("\n|")[0]
    assert "Levels are ordered: not met, partially met, met." in card
    assert "[What each requires](evidence.md#pre-specified-criteria)." in card
    assert "“Nearer” tells who shows more side by side, asked apart from the levels." in text
    assert "A posture is a habit of the model that the rubric describes." in text
    why = "[Why](evidence.md#contribution-to-the-studys-hypotheses)."
    assert f"*The findings are mixed: some for it, some against.* {why}" in text
    assert "*Not tested here.*\n" in text
    computed = [line for line in text.split("\n") if line.startswith((">", "**", "- **", "*"))]
    assert "\n".join(computed).count("chance") == "\n".join(computed).count("may be chance") == 1
    assert "pair decides" not in text
    page = render_html(document)
    assert "Both by claude, Anthropic." in page and "A posture is a habit" in page
    assert 'href="#h-criteria">What each requires</a>' in page
    assert "posture is" not in rendered(comparison())
    models = {
        side: comparison().transcript(side).model.model_copy(update={"name": f"model-{side}"})
        for side in ("control", "treatment")
    }
    draft = comparison()
    draft = draft.model_copy(
        update={
            side: draft.transcript(side).model_copy(update={"model": models[side]})
            for side in ("control", "treatment")
        }
    )
    assert re.search(r"C by model-control.* and P by model-treatment", rendered(draft))


def test_a_recording_is_not_said_to_be_no_judge_beside_the_count_of_answers() -> None:
    judge = JudgeNote(spec="recorded:calls.jsonl", kind="recorded", model="judge-1")
    text = rendered(comparison().model_copy(update={"judges": (judge,)}))
    assert "No judge was asked" not in text
    assert "none is new" in text.split("\n# ")[0] and "no judge was asked anew" in text


@pytest.mark.parametrize(
    ("served", "told"),
    [("judge-1", False), ("openai/judge-1", False), ("judge", True), ("judge-1-mini", True)],
)
def test_top_names_the_model_that_served_unless_it_is_the_one_asked_for(
    served: str, told: bool
) -> None:
    judge = JudgeNote(
        spec="openai/judge-1",
        kind="live",
        model="openai/judge-1",
        served_models=(served,),
        parameters={"max_tokens": 900, "temperature": 0.0},
        left_out=("temperature",),
    )
    top = rendered(comparison().model_copy(update={"judges": (judge,)})).split("\n# ")[0]
    assert (f"served as {served}" in top) == told
    assert "temperature 0.0 refused by the server" in top.replace("\\", "")
    assert "900 refused" not in top


def test_an_undecided_verdict_is_shown_as_draft() -> None:
    text = rendered(comparison())
    assert "not met: “" in text and "| met: “" in text
    assert text.startswith("> **Draft. Nobody has reviewed or signed this.**")
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
    text = render_markdown(document_of(reviewed(draft, decisions, SIGNED)))
    assert text.startswith("> **Signed by Ada on 2026-11-24, 10:05 UTC.**")
    assert "| partially met (judge: met): “" in text
    assert (
        "Edited by Ben. The judge's draft: met. Reviewer's reason: The level is too high." in text
    )
    assert "The judge's own reason was: The first sentence has a person choose Sunday." in text
    assert "Changed in review: criterion 1 (P). By the judge's draft" in text
    assert "°" not in text


def test_a_title_says_what_review_has_changed_since_it_was_written() -> None:
    draft = comparison()
    about = f"verdict:owned-decision:{draft.blind_order[0]}"  # finding V1, of the summary
    decisions = accepted(draft)
    told = "The title is from before the review, which changed"

    def texts() -> tuple[str, str]:
        document = document_of(reviewed(draft, decisions, SIGNED))
        return render_markdown(document), render_html(document)

    assert not any(told in text for text in texts())
    decisions[about] = decisions[about].model_copy(update={"state": "edited", "level": "not_met"})
    for text in texts():
        assert re.search(rf"{told} criterion 1, [\w ]+\.", text)
    title = decisions["title"].model_copy(update={"state": "edited", "text": "Nobody owns it"})
    decisions["title"] = title
    assert not any(told in text for text in texts())  # who wrote it anew knew of the change


def test_a_rejected_verdict_leaves_no_level_and_no_quotation() -> None:
    draft = comparison()
    item = "verdict:owned-decision:treatment"
    decisions = {item: Decision(item=item, state="rejected", reviewer="Ben", reason="Not shown.")}
    text = render_markdown(document_of(reviewed(draft, decisions)))
    assert "no level (judge: met)" in text
    part = text.split("#### Criterion 1, P\n\n")[1].split("#### ")[0]
    assert part.startswith("**No level.** Rejected by Ben")
    assert ">" not in part


def test_unlocated_quotations_are_counted_and_not_shown() -> None:
    text = rendered(comparison())
    assert "The board has decided to close" not in text
    assert "1 quotation of the judge could not be found in C and is left out." in text


def test_a_quotation_shows_the_words_of_the_transcript() -> None:
    assert "> We lose that — and nothing in this memo" in rendered(comparison())


def test_points_without_support_are_marked_as_the_judges_reading() -> None:
    text = rendered(comparison())
    assert "- **2.** C takes it as a consequence of the budget. *(the judge's reading" in text
    told = "- **1.** P takes the closure as a choice to answer for. "
    assert f"{told}([criterion 1, P](#criterion-1-p))\n" in text


def test_failures_that_differ_between_the_sides_are_told_in_words() -> None:
    assert "1 of 2 questions about C and 0 of 2 questions about P have no answer" in rendered(
        comparison()
    )


def test_the_offline_judge_gives_passages_and_empty_levels() -> None:
    text = rendered(offline_comparison())
    assert "| 1. Someone stands behind the decision | no level | no level | – |" in text
    assert "Candidate passages, found by shared words; not evidence" in text
    assert "> so the library will close on Sundays" in text
    assert set(SECTIONS) - set(headings(text)) == {"What each sentence rests on"}


# --- nothing breaks out ---------------------------------------------------------------------

PLAIN_TOKENS = {"text", "softbreak", "hardbreak", "text_special"}


def parser() -> MarkdownIt:
    """GitHub's dialect. It makes links of addresses with a scheme or www, not of every name."""
    made = MarkdownIt("gfm-like")
    assert made.linkify is not None
    made.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    return made


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_on_one_line(text: str) -> None:
    (paragraph, content, _) = parser().parse(str(inline(text)))
    assert paragraph.type == "paragraph_open"
    assert {child.type for child in content.children or ()} <= PLAIN_TOKENS


@given(st.text() | st.lists(st.sampled_from(HOSTILE)).map("\n".join))
def test_any_text_stays_in_its_quotation(text: str) -> None:
    tokens = parser().parse(f"{quote(text)}\n\nafter")
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
    assert read == " ".join(visible(text).split())


class Outline(HTMLParser):
    """The elements of a page, but those that hold running text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links.add(dict(attrs).get("href") or "")
        elif tag not in ("p", "br", "span", "col", "colgroup", "div"):
            self.tags.append(tag)


def outline(page: str) -> Outline:
    found = Outline()
    found.feed(page)
    return found


def on_github(text: str) -> str:
    return str(cmarkgfm.github_flavored_markdown_to_html(text))


def in_pandoc(text: str) -> str:
    command = ["pandoc", "--from=markdown", "--to=html"]
    return subprocess.run(command, input=text, text=True, capture_output=True, check=True).stdout


READERS = [
    pytest.param(on_github, id="github"),
    pytest.param(
        in_pandoc,
        id="pandoc",
        marks=pytest.mark.skipif(
            shutil.which("pandoc") is None and not os.environ.get("CI"),
            reason="pandoc is not installed",
        ),
    ),
]


@pytest.mark.parametrize("reader", READERS)
def test_hostile_texts_leave_the_outline_as_it_is(reader: Callable[[str], str]) -> None:
    usual = outline(reader(rendered(hostile_everywhere("plain"))))
    assert {"h1", "h2", "h3", "h4", "table", "blockquote", "ul"} <= set(usual.tags)
    for text in HOSTILE:
        found = outline(reader(rendered(hostile_everywhere(text))))
        assert found.tags == usual.tags, text
        # An address stays a mail address; nothing else that is clickable comes from a text.
        links = {link for link in found.links if not link.startswith("mailto:mail")}
        assert all(re.fullmatch(r"#[\w-]+", link) for link in links), text


def test_deceiving_characters_are_made_visible() -> None:
    assert inline("a\u202eb\x07c") == "a⟨U+202E⟩b⟨U+0007⟩c"


def test_every_line_end_is_plain_and_nothing_trails() -> None:
    text = rendered(comparison())
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert not re.search(r"\r|\n\n\n", text)


def test_a_section_that_only_the_page_has_is_passed_over() -> None:
    text = render_markdown(document_of(reviewed(comparison())), sections=["transcripts", "caveats"])
    assert headings(text) == ["Caveats"]


@pytest.mark.parametrize(
    ("usd", "priced", "told"),
    [
        (0.01234, "2026-06", "; 0.0123 USD at prices of 2026-06 |"),
        (None, None, "; the price is not known |"),
    ],
)
def test_the_provenance_says_what_was_spent(
    usd: float | None, priced: str | None, told: str
) -> None:
    spend = Spend(
        replies=12,
        uncounted=1,
        prompt_tokens=34567,
        cached_tokens=30000,
        completion_tokens=890,
        reasoning_tokens=0,
        usd=usd,
        priced=priced,
    )
    draft = comparison()
    judge = draft.judges[0].model_copy(update={"spend": spend, "server": "http://127.0.0.1:1/v1"})
    text = rendered(draft.model_copy(update={"judges": (judge,)}))
    assert "12 replies, 34,567 prompt tokens (30,000 cached), 890 completion tokens" in text
    assert "for 1 reply no tokens were counted" in text
    assert told in text
    assert "at http\\://127.0.0.1:1/v1" in text


# --- from a sentence to its passages ----------------------------------------------------------


def anchors(markdown: str) -> list[str]:
    """The addresses that GitHub gives to the headings of a text."""
    page = cmarkgfm.github_flavored_markdown_to_html(markdown)
    titles = re.findall(r"<h[1-6]>(.*?)</h[1-6]>", page)
    return [
        re.sub(r"[^\w\- ]", "", unescape(re.sub("<[^>]*>", "", title)).lower()).replace(" ", "-")
        for title in titles
    ]


@pytest.mark.parametrize("pair", PAIRS)
def test_each_sentence_leads_to_the_headings_under_which_its_quotations_stand(pair: str) -> None:
    document = document_of(reviewed(draft_of(pair)))
    text = render_markdown(document, sections=evidence())
    given = anchors(text)
    assert len(given) == len(set(given))
    links = re.findall(r"\[([^\]]*)\]\(#([^)]*)\)", text)
    assert links and {address for _, address in links} <= set(given)
    grounds = text.split("## What each sentence rests on")[1].split("\n## ")[0]
    for ground in document.grounds:
        named = grounds.split(f"### Sentence {ground.key}\n")[1].split("\n### ")[0]
        assert named.count("](#") == len(ground.findings)
    limits = caveats(document.draft)
    for name, address in links:
        part, _, number = name.partition(", point ")
        if number:
            under = text[re.search(rf"^#+ {re.escape(part)}$", text, re.M | re.I).end() :]  # type: ignore[union-attr]
            assert f"\n- **{number}.** " in re.split(r"^#", under, maxsplit=1, flags=re.M)[0]
            assert address == part.replace(" ", "-")
        elif name.startswith("caveat "):
            number = name.removeprefix("caveat ")
            told = limits[int(number) - 1]
            assert document.caveats[int(number) - 1].text[1:].startswith(told[1:])
    alone = render_markdown(document, sections=["grounds"])
    assert "](#" not in alone.split("## What each sentence rests on")[1]


def test_no_choice_of_sections_has_a_link_that_leads_nowhere() -> None:
    document = document_of(reviewed(draft_of("clinic-postmortem")))
    for names in (*([name] for name in titles()), *([*SHORT, name] for name in evidence())):
        text = render_markdown(document, sections=list(dict.fromkeys(names)))
        assert set(re.findall(r"\]\(#([^)]*)\)", text)) <= set(anchors(text)), names
        assert "](evidence.md" not in text
        assert ("caveats](#caveats)" in text) == ({"limits", "caveats"} <= set(names))


def test_passage_in_the_scorecard_has_dots_exactly_where_it_goes_on() -> None:
    document = document_of(reviewed(draft_of("clinic-postmortem")))
    page = render_html(document)
    rows = [line for line in rendered(document.draft).split("\n") if re.match(r"\| \d\. ", line)]
    seen = set()
    for row, criterion in zip(rows, document.criteria, strict=True):
        for verdict, cell in zip(criterion.verdicts, row.split(" | ")[1:3], strict=True):
            whole = " ".join(verdict.quotations[0].text.split())
            shown = cell.partition(": ")[2].replace("\\", "")
            words = shown.strip("“”").removesuffix(" …")
            assert words in whole
            cut = not whole.endswith(words)
            assert shown.endswith(" …”") == cut
            assert (f"{words}</a> …</q>" in unescape(page)) == cut
            seen.add(cut)
    assert seen == {True, False}
