"""Two pages, read in ten minutes: how long each shipped pair's text is, and what is seen first."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from browser import chromium, needs_chromium
from grader.writeup.document import Document, document_of
from grader.writeup.html import render_html
from grader.writeup.markdown import render_markdown
from grader.writeup.printing import write_pdf
from grader.writeup.sections import SHORT
from writeup_cases import PAIRS, draft
from writeup_reviews import reviewed

ARGUED = [pair for pair in PAIRS if draft(pair).text is not None]
"""The pairs whose recording has an answer to the question for the text."""


def written(pair: str) -> Document:
    return document_of(reviewed(draft(pair)))


def words(markdown: str) -> int:
    """Words as `benchmarks/writeup_size.py` counts them."""
    without = re.sub(r"\[[^][]*\]\([^)]*#sentence-\w+\)", "", markdown)
    return len(re.findall(r"[^\W_][\w'’-]*", re.sub(r"\]\([^)]*\)", "]", without)))


@pytest.mark.parametrize("pair", ARGUED)
def test_text_has_an_argument_and_stays_under_1500_words(pair: str) -> None:
    document = written(pair)
    text = render_markdown(document, sections=SHORT, grounds="evidence.md")
    assert words(text) < 1500
    assert document.written is not None
    argument = sum(words(each.text) for each in document.written.sentences)
    assert 400 <= argument <= 900
    assert 4 <= len(document.written.paragraphs) <= 8
    assert not re.search(r"\b[VXSMN]\d{1,2}\b|partially_met|not_met", text)


@pytest.mark.parametrize("pair", PAIRS)
def test_page_is_small_and_quotes_nothing_in_full_twice(pair: str) -> None:
    document = written(pair)
    page = render_html(document, folded=True)
    assert len(page.encode()) < 200_000
    quoted = re.findall(
        r'<figure class="quotation \w+" id="[^"]*">\s*<blockquote[^>]*>(.*?)</bl', page
    )
    spans = re.findall(
        r'<figure class="quotation \w+" id="[^"]*">.*?href="#(span-\d+)"', page, re.S
    )
    assert quoted and len(spans) == len(set(spans))


@needs_chromium
@pytest.mark.parametrize("pair", PAIRS)
def test_text_takes_two_sheets_of_paper(pair: str, tmp_path: Path) -> None:
    path = tmp_path / "text.pdf"
    write_pdf(path, render_html(written(pair), sections=SHORT))
    assert len(re.findall(rb"/Type\s*/Page[^s]", path.read_bytes())) <= 2


@needs_chromium
@pytest.mark.parametrize("pair", ARGUED)
def test_first_screen_shows_what_matters_and_a_sentence_leads_to_its_passage(
    pair: str, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    path.write_text(render_html(written(pair), folded=True), "utf-8")
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(path.as_uri())
        for shown in ("#title", "#answer .lead", ".card tbody tr:last-child th"):
            box = page.locator(shown).bounding_box()
            assert box is not None and box["y"] + min(box["height"], 24) <= 900, shown
        folds = page.locator("details.fold")
        assert folds.count() > 10
        assert not page.evaluate("[...document.querySelectorAll('details.fold')].some(d => d.open)")
        page.locator("#text sup a").nth(2).click()
        ground = page.locator(":target")
        assert ground.get_attribute("id") == "sentence-3" and ground.is_visible()
        ground.locator("a.mark").click()
        assert page.locator(":target").get_attribute("id") == "said-3"
        page.locator("#text a.words").first.click()
        assert page.locator(":target").is_visible() or page.locator("mark").first.is_visible()
        assert page.evaluate("location.hash").startswith("#span-")
        text, limits = page.locator("#text").bounding_box(), page.locator("#limits").bounding_box()
        assert text and limits and limits["x"] >= text["x"] + text["width"]
        assert limits["y"] < text["y"] + text["height"]
        phone = browser.new_page(viewport={"width": 390, "height": 844})
        phone.goto(path.as_uri())
        text, limits = (phone.locator(at).bounding_box() for at in ("#text", "#limits"))
        assert text and limits and limits["y"] >= text["y"] + text["height"]
        for shown in ("#title", "#answer .lead"):
            box = phone.locator(shown).bounding_box()
            assert box is not None and box["y"] + min(box["height"], 200) <= 844, shown
