"""The writeup in a real browser: nothing runs, nothing is fetched, everybody can read it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import cmarkgfm  # type: ignore[import-untyped]
import pytest
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]

from browser import chromium, needs_chromium
from builders import comparison, offline_comparison
from grader.comparison.comparison import Comparison
from grader.review.reviewed import Reviewed
from grader.writeup.document import document_of
from grader.writeup.html import render_html
from grader.writeup.markdown import render_markdown
from grader.writeup.position import neighbour_of
from grader.writeup.printing import write_docx, write_pdf
from writeup_cases import draft as draft_of
from writeup_hostile import HOSTILE, hostile_everywhere
from writeup_reviews import SIGNED, accepted, reviewed

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page, ViewportSize

axe = pytest.importorskip("axe_playwright_python.sync_playwright")

pytestmark = needs_chromium

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}


class Watched:
    """A page in the browser and all that it tried to do."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page = page
        self.done: list[str] = []
        self._path = path
        page.on("dialog", self._dialog)
        page.on("request", lambda request: self.done.append(f"request {request.url}"))
        page.on("console", lambda message: self.done.append(f"console {message.text}"))
        page.on("pageerror", lambda error: self.done.append(f"error {error}"))

    def show(self, text: str) -> None:
        """Load this text as a page of its own."""
        self.done.clear()
        self._path.write_text(text, "utf-8")
        self.page.goto(self._path.as_uri())

    def assert_quiet(self) -> None:
        """Nothing ran and nothing was asked of the network."""
        self.page.mouse.move(200, 300)
        self.page.keyboard.press("Tab")
        assert self.page.evaluate("document.scripts.length") == 0
        assert self.done == [f"request {self._path.as_uri()}"]

    def _dialog(self, dialog: Dialog) -> None:
        self.done.append(f"dialog {dialog.message}")
        dialog.dismiss()


Open = Callable[..., Watched]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    contexts = []

    def show(
        text: str = "", viewport: ViewportSize = DESKTOP, scheme: Literal["light", "dark"] = "light"
    ) -> Watched:
        context = browser.new_context(viewport=viewport, color_scheme=scheme)
        contexts.append(context)
        watched = Watched(context.new_page(), tmp_path / "page.html")
        if text:
            watched.show(text)
        return watched

    yield show
    for context in contexts:
        context.close()


def signed(draft: Comparison) -> Reviewed:
    return reviewed(draft, accepted(draft), SIGNED)


def partly(draft: Comparison) -> Reviewed:
    decisions = accepted(draft)
    return reviewed(draft, dict(list(decisions.items())[:2]))


# --- nothing runs ---------------------------------------------------------------------------


def test_hostile_texts_do_nothing_in_the_page(opened: Open) -> None:
    shown = opened()
    for text in HOSTILE:
        shown.show(render_html(document_of(reviewed(hostile_everywhere(text)))))
        shown.assert_quiet()
        assert shown.page.title().startswith("Draft: ")
        assert shown.page.locator("#main > section").count() > 12
        assert shown.page.locator("header.ribbon").is_visible()
        assert shown.page.evaluate("document.body.scrollWidth <= window.innerWidth"), text[:40]


def test_hostile_texts_do_nothing_in_markdown_that_lets_html_through(opened: Open) -> None:
    shown = opened()
    for text in HOSTILE:
        markdown = render_markdown(document_of(reviewed(hostile_everywhere(text))))
        body = cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE)
        shown.show(f"<!doctype html><meta charset=utf-8><title>x</title>{body}")
        shown.assert_quiet()
        assert shown.page.locator("script, img, iframe, style, form, svg, object").count() == 0


# --- everybody can read it ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "viewport", "scheme"),
    [
        pytest.param(reviewed(comparison()), DESKTOP, "light", id="draft, desktop, light"),
        pytest.param(reviewed(comparison()), PHONE, "dark", id="draft, phone, dark"),
        pytest.param(partly(comparison()), DESKTOP, "dark", id="under review, desktop, dark"),
        pytest.param(signed(comparison()), DESKTOP, "light", id="signed, desktop, light"),
        pytest.param(signed(comparison()), PHONE, "dark", id="signed, phone, dark"),
        pytest.param(reviewed(offline_comparison()), PHONE, "light", id="offline, phone, light"),
    ],
)
def test_axe_finds_nothing(
    opened: Open, state: Reviewed, viewport: ViewportSize, scheme: str
) -> None:
    others = [neighbour_of(signed(comparison("another")))]
    shown = opened(render_html(document_of(state, others)), viewport, scheme)
    shown.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    results = axe.Axe().run(shown.page)
    assert results.violations_count == 0, results.generate_report()


def test_the_page_is_used_with_the_keyboard_alone(opened: Open) -> None:
    shown = opened(render_html(document_of(reviewed(comparison()))))
    page = shown.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the writeup"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    summary = page.locator(".criterion > summary").first
    summary.focus()
    page.keyboard.press("Space")
    assert not page.locator(".criterion").first.evaluate("each => each.open")
    page.keyboard.press("Enter")
    assert page.locator(".criterion").first.evaluate("each => each.open")


def test_a_quotation_is_one_step_from_its_place_and_back(opened: Open) -> None:
    shown = opened(render_html(document_of(reviewed(comparison()))))
    page = shown.page
    link = page.locator("#verdict-owned-decision-treatment figcaption a").first
    link.focus()
    page.keyboard.press("Enter")
    span = page.evaluate("location.hash.slice(1)")
    mark = page.locator(f"mark#{span}")
    assert mark.inner_text() == "I chose Sunday."
    assert mark.evaluate("each => getComputedStyle(each).backgroundColor") == "rgb(240, 166, 58)"
    box = mark.bounding_box()
    assert box is not None
    assert 0 < box["y"] < DESKTOP["height"]
    back = page.locator(f"a[href='#q{span.removeprefix('span-')}']").last
    back.click()
    target = page.locator(":target")
    assert "I chose Sunday." in target.inner_text()


def test_quotations_that_overlap_and_run_over_lines_light_up_whole(opened: Open) -> None:
    shown = opened(render_html(document_of(reviewed(draft_of("clinic-postmortem")))))
    lit = """id => {
        location.hash = id;
        return [...document.querySelectorAll('mark')]
            .filter(mark => getComputedStyle(mark).backgroundColor === 'rgb(240, 166, 58)')
            .map(mark => mark.textContent).join(' ');
    }"""
    pairs = shown.page.locator("figure.quotation:not(.again)").evaluate_all(
        "all => all.map(each => [each.querySelector('figcaption a').hash.slice(1),"
        " each.querySelector('blockquote').textContent])"
    )
    assert len(pairs) > 80
    for id, text in pairs:
        assert "".join(shown.page.evaluate(lit, id).split()) == "".join(text.split())


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1280, 1920])
def test_nothing_is_wider_than_the_screen(opened: Open, width: int) -> None:
    state = reviewed(hostile_everywhere("word" * 400))
    shown = opened(render_html(document_of(state)), {"width": width, "height": 800})
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= width


def test_print_shows_what_is_folded_and_marks_a_draft(opened: Open) -> None:
    shown = opened(render_html(document_of(reviewed(comparison()))))
    page = shown.page
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = false)")
    page.emulate_media(media="print")
    assert page.locator("nav").is_hidden()
    assert page.locator("#verdict-owned-decision-control").is_visible()
    stamp = "getComputedStyle(document.body, '::after').content"
    assert page.evaluate(stamp) == '"DRAFT"'
    final = opened(render_html(document_of(signed(comparison()))))
    final.page.emulate_media(media="print")
    assert final.page.evaluate(stamp) == "none"


def test_colours_follow_the_readers_setting(opened: Open) -> None:
    text = render_html(document_of(reviewed(comparison())))
    colour = "getComputedStyle(document.body).backgroundColor"
    light = opened(text, scheme="light")
    dark = opened(text, scheme="dark")
    assert light.page.evaluate(colour) != dark.page.evaluate(colour)


# --- other formats --------------------------------------------------------------------------


def test_printed_draft_mark_stays_on_one_line_and_no_fold_sign_covers_a_number(
    browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "comparison.html"
    path.write_text(render_html(document_of(reviewed(comparison()))), "utf-8")
    page = browser.new_page()
    page.emulate_media(media="print")
    page.goto(path.as_uri())
    style = "(at, part, name) => getComputedStyle(document.querySelector(at), part)[name]"
    asked = {
        ("body", "::after", "whiteSpace"): "nowrap",
        (".criterion > summary", "::before", "content"): "none",
    }
    for (at, part, name), value in asked.items():
        found = page.evaluate(f"([at, part, name]) => ({style})(at, part, name)", [at, part, name])
        assert found == value, at
    page.close()


def test_the_page_prints_to_a_pdf(tmp_path: Path) -> None:
    path = tmp_path / "comparison.pdf"
    write_pdf(path, render_html(document_of(signed(comparison()))))
    assert path.read_bytes().startswith(b"%PDF-")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(
    shutil.which("pandoc") is None and not os.environ.get("CI"), reason="pandoc is not installed"
)
def test_the_markdown_goes_into_a_word_file(tmp_path: Path) -> None:
    path = tmp_path / "comparison.docx"
    write_docx(path, render_markdown(document_of(signed(comparison()))))
    assert path.read_bytes().startswith(b"PK")
