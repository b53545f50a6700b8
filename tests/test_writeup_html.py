"""The writeup as a page: what it says, where its links lead, and what it does not let through."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from builders import comparison, offline_comparison
from grader.comparison.comparison import Comparison
from grader.errors import InputError
from grader.review.reviewed import Decision
from grader.writeup import markdown
from grader.writeup.document import document_of
from grader.writeup.html import render_html
from grader.writeup.markdown import render_markdown
from grader.writeup.position import neighbour_of
from grader.writeup.sections import SHORT, evidence, titles
from writeup_cases import PAIRS
from writeup_cases import draft as draft_of
from writeup_hostile import HOSTILE, hostile_everywhere
from writeup_reviews import SIGNED, accepted, reviewed

EITHER = ("grounds", "transcripts")
VOID = {"meta", "br", "line", "path", "circle", "rect", "link", "img", "input", "hr", "base"}


class Page(HTMLParser):
    """What a browser would see: elements in their nesting, attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.open: list[str] = []
        self.comments: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()
        if tag in ("td", "th"):
            self.text += " "

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    @property
    def tags(self) -> list[str]:
        return [tag for tag, _ in self.elements]

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]

    def values(self, name: str) -> list[str]:
        return [attributes[name] for _, attributes in self.elements if name in attributes]


def page(draft: Comparison) -> Page:
    return Page(render_html(document_of(reviewed(draft))))


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("draft", [comparison(), offline_comparison()], ids=["live", "offline"])
def test_the_page_is_well_formed_and_every_link_leads_somewhere(draft: Comparison) -> None:
    found = page(draft)
    assert found.open == []
    assert len(found.ids) == len(set(found.ids))
    for target in found.values("href"):
        assert target.startswith("#")
        assert target[1:] in found.ids
    for name in found.values("aria-labelledby"):
        assert name in found.ids


def test_the_page_needs_nothing_from_elsewhere() -> None:
    text = render_html(document_of(reviewed(comparison())))
    found = Page(text)
    assert not {"script", "img", "link", "iframe", "object", "base"} & set(found.tags)
    assert not found.values("src")
    assert not found.values("style")
    assert "url(" not in text
    assert "@import" not in text


def test_its_policy_allows_its_own_style_and_nothing_else() -> None:
    text = render_html(document_of(reviewed(comparison())))
    style = re.search("<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = next(
        attributes["content"]
        for tag, attributes in Page(text).elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def test_same_comparison_and_reviews_give_the_same_bytes() -> None:
    draft = comparison()
    other = Comparison.model_validate_json(draft.model_dump_json())
    assert render_html(document_of(reviewed(draft))) == render_html(document_of(reviewed(other)))


@pytest.mark.parametrize(
    ("decided", "signed", "title", "ribbon"),
    [
        (
            False,
            False,
            "Draft: A decision that someone owns",
            "Nobody has reviewed or signed this.",
        ),
        (True, False, "Draft: A decision that someone owns", "8 of 8 decisions made by Ada."),
        (True, True, "A decision that someone owns", "by Ada on 2026-11-24, 10:05 UTC."),
    ],
    ids=["draft", "under review", "signed"],
)
def test_draft_and_signed_cannot_be_taken_for_one_another(
    decided: bool, signed: bool, title: str, ribbon: str
) -> None:
    draft = comparison()
    state = reviewed(draft, accepted(draft) if decided else {}, SIGNED if signed else None)
    text = render_html(document_of(state))
    assert f"<title>{title}</title>" in text
    header = re.search("<header.*?</header>", text, re.DOTALL)
    assert header is not None
    assert ribbon in header[0]
    assert ("Signed" in header[0]) == signed
    assert ('<body class="signed">' in text) == signed


def test_the_offline_page_says_that_nobody_was_asked() -> None:
    found = page(offline_comparison())
    assert "No judge was asked." in found.text
    assert "Candidate passages, found by shared words; not evidence" in found.text
    assert found.text.count("no level") >= 4


def test_a_quotation_leads_to_its_span_and_back() -> None:
    found = page(comparison())
    spans = [i for i in found.ids if i.startswith("span-")]
    quotations = [i for i in found.ids if re.fullmatch(r"q\d+", i)]
    assert len(quotations) == len(spans) > 3
    targets = found.values("href")
    assert {f"#{span}" for span in spans} <= set(targets)
    assert {f"#{quotation}" for quotation in quotations} <= set(targets)
    assert "mark" in found.tags


def test_unlocated_quotations_stay_out() -> None:
    assert "The board has decided to close" not in page(comparison()).text


def test_pictures_say_in_words_what_they_show() -> None:
    found = page(comparison())
    pictures = [attributes for tag, attributes in found.elements if tag == "svg"]
    assert pictures
    for attributes in pictures:
        assert attributes["role"] == "img"
        assert attributes["aria-label"]
    labels = [attributes["aria-label"] for attributes in pictures]
    assert "C: not met. P: met." in labels
    assert "C 47, P 88" in labels


def test_a_finding_leads_to_the_verdict_it_states() -> None:
    draft = comparison()
    findings = tuple(
        finding.model_copy(update={"about": "verdict:owned-decision:treatment"})
        if finding.label == "V1"
        else finding
        for finding in draft.findings
    )
    text = render_html(document_of(reviewed(draft.model_copy(update={"findings": findings}))))
    assert 'href="#verdict-owned-decision-treatment"' in text
    assert ">criterion 1, P</a>" in text


def test_a_point_whose_finding_a_reviewer_changed_says_so() -> None:
    draft = comparison()
    findings = tuple(
        finding.model_copy(update={"about": "verdict:owned-decision:treatment"})
        if finding.label == "V1"
        else finding
        for finding in draft.findings
    )
    draft = draft.model_copy(update={"findings": findings})
    item = "verdict:owned-decision:treatment"
    decisions = accepted(draft)
    decisions[item] = Decision(item=item, state="edited", level="not_met", reviewer="Ben")
    text = render_html(document_of(reviewed(draft, decisions)))
    assert "criterion 1, P: is now not met in review" in text


def test_sections_are_picked_and_ordered_and_the_status_always_comes_first() -> None:
    found = Page(
        render_html(document_of(reviewed(comparison())), sections=["caveats", "scorecard"])
    )
    order = [i for i in found.ids if i in ("status", "caveats", "scorecard", "transcripts")]
    assert order == ["status", "caveats", "scorecard"]
    for target in found.values("href"):
        assert target[1:] in found.ids


@pytest.mark.parametrize("pair", PAIRS)
def test_no_section_by_itself_has_a_link_that_leads_nowhere(pair: str) -> None:
    document = document_of(reviewed(draft_of(pair)))
    every = list(titles())
    for names in (
        *([name] for name in every),
        *([*SHORT, name] for name in evidence()),
        *([name, "grounds", "transcripts"] for name in every if name not in EITHER),
    ):
        found = Page(render_html(document, sections=list(dict.fromkeys(names))))
        assert {target[1:] for target in found.values("href")} <= set(found.ids), names


def test_grounds_tell_what_a_sentence_quotes() -> None:
    found = render_html(document_of(reviewed(draft_of("clinic-postmortem"))))
    ground = found.split('id="sentence-6"')[1].split("</li>")[0]
    assert re.search(r' quotes <a href="#span-\d+">P, turn 2</a>', ground)


def test_the_transcripts_may_stand_before_what_quotes_them() -> None:
    found = Page(
        render_html(document_of(reviewed(comparison())), sections=["transcripts", "criteria"])
    )
    assert found.ids.index("transcripts") < found.ids.index("criteria")
    for target in found.values("href"):
        assert target[1:] in found.ids


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        (["scorecrd"], "there is no section 'scorecrd'; is it 'scorecard'?"),
        (["caveats", "caveats"], "the section 'caveats' is named twice"),
    ],
)
def test_a_wrong_section_is_told_with_its_mend(sections: list[str], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        render_html(document_of(reviewed(comparison())), sections=sections)


def test_a_users_template_takes_the_place_of_one_section(tmp_path: Path) -> None:
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "caveats.html").write_text(
        "<section id=caveats><h2>Limits</h2>{{ doc.title }} {{ '<b>' }}</section>", "utf-8"
    )
    text = render_html(
        document_of(reviewed(hostile_everywhere("<script>alert(1)</script>"))), templates=tmp_path
    )
    assert "<h2>Limits</h2>&lt;script&gt;alert(1)&lt;/script&gt; &lt;b&gt;</section>" in text
    assert 'id="scorecard"' in text


@pytest.mark.parametrize(
    ("template", "place", "message"),
    [
        ("one\n{% if %}", "caveats.html:2", "Expected an expression"),
        ("one\n{{ doc.nothing }}", "caveats.html:2", "has no attribute 'nothing'"),
        ("one\n\n{{ doc.title + 1 }}", "caveats.html:3", "can only concatenate str"),
        ("{% include 'no.html' %}", "caveats.html:1", "no.html"),
    ],
    ids=["syntax", "unknown field", "wrong type", "missing include"],
)
def test_a_broken_template_is_told_with_its_line(
    tmp_path: Path, template: str, place: str, message: str
) -> None:
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "caveats.html").write_text(template, "utf-8")
    with pytest.raises(InputError) as caught:
        render_html(document_of(reviewed(comparison())), templates=tmp_path)
    assert message in caught.value.problem
    assert caught.value.place is not None
    assert caught.value.place.endswith(place)


@pytest.mark.parametrize(
    ("template", "change"),
    [
        ("{{ doc.card.rows[0].levels.control.cell }}", "'cell' is of an earlier version: a level"),
        ("{{ doc.findings }}", "`doc.grounds` says what each sentence rests on"),
        ("{{ doc.written.readings }}", "it is `doc.readings`"),
        ("{{ lines_of(1, 2) }}", "the lines of a turn are"),
        (
            '{% import "_macros.html" as say %}{{ say.value(doc.card.rows[0].levels.control, 1) }}',
            "the macro takes the level alone",
        ),
        ('{% import "_macros.html" as say %}{{ say.held(1) }}', "the macro is `value`"),
    ],
)
def test_template_of_an_earlier_version_is_refused_with_what_changed(
    tmp_path: Path, template: str, change: str
) -> None:
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "caveats.html").write_text(f"one\n{template}", "utf-8")
    with pytest.raises(InputError) as caught:
        render_html(document_of(reviewed(draft_of("clinic-postmortem"))), templates=tmp_path)
    assert str(caught.value.place) == f"{tmp_path}/html/caveats.html:2"
    assert change in (caught.value.mend or "")


def test_template_that_imports_macros_without_context_works(tmp_path: Path) -> None:
    (tmp_path / "markdown").mkdir()
    own = Path(markdown.__file__).parent / "templates" / "markdown"
    for name in ("change.md", "orientation.md", "answer.md", "kind.md", "criteria.md"):
        text = (own / name).read_text("utf-8")
        (tmp_path / "markdown" / name).write_text(text.replace(" with context", ""), "utf-8")
    document = document_of(reviewed(draft_of("clinic-postmortem")))
    assert render_markdown(document, templates=tmp_path) == render_markdown(document)


def test_macros_of_an_earlier_version_are_told_which_one_they_lack(tmp_path: Path) -> None:
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "_macros.html").write_text("{% macro flags(x) %}{% endmacro %}", "utf-8")
    with pytest.raises(InputError, match=r"answer.html:\d+ calls the macro 'ground'") as caught:
        render_html(document_of(reviewed(comparison())), templates=tmp_path)
    assert str(caught.value.place).endswith("html/_macros.html")
    assert "Copy that macro" in (caught.value.mend or "")


def test_a_folder_without_templates_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a folder 'markdown' or 'html' was expected"):
        render_html(document_of(reviewed(comparison())), templates=tmp_path)


def test_the_position_counts_each_other_pair_once_and_no_pair_of_one_condition() -> None:
    draft = comparison()

    def run(slug: str, sha256: str, condition: str = "P") -> Comparison:
        source = draft.treatment.provenance.model_copy(update={"sha256": sha256 * 64})
        treatment = draft.treatment.model_copy(
            update={"provenance": source, "condition": condition}
        )
        return draft.model_copy(update={"slug": slug, "treatment": treatment})

    again = draft.model_copy(update={"slug": "this-pair-by-a-panel"})
    same, same_by_hand = run("another", "a"), run("another-by-hand", "a")
    chance = run("two-controls", "c", "C")
    elsewhere = draft.model_copy(update={"slug": "elsewhere", "rubric_hash": "0" * 64})
    given = (elsewhere, same_by_hand, same, chance, again, draft)
    others = [neighbour_of(reviewed(each)) for each in given]
    text = words(Page(render_html(document_of(reviewed(draft), others))).text)
    assert "Beside this one lie 3 other comparisons, 1 of them under the same rubric" in text
    assert "another-by-hand" not in text and "this-pair-by-a-panel" not in text
    # Only `another` has a treatment: one up on criterion 1, no shift on criterion 2.
    assert "1. Someone stands behind the decision up 1 0 0 0" in text
    assert "2. The loss is particular – 0 0 0 1" in text


@pytest.mark.parametrize("text", HOSTILE, ids=[repr(text[:30]) for text in HOSTILE])
def test_hostile_texts_leave_every_element_in_its_place(text: str) -> None:
    usual = Page(render_html(document_of(reviewed(hostile_everywhere("plain")))))
    found = Page(render_html(document_of(reviewed(hostile_everywhere(text)))))
    assert found.open == []
    assert not found.comments
    # Lines and paragraphs depend on the text; no other element may.
    flow = {"p", "div", "mark", "span", "br", "a", "details"}
    assert [t for t in found.tags if t not in flow] == [t for t in usual.tags if t not in flow]
    assert set(found.tags) == set(usual.tags) | ({"br"} & set(found.tags))
    for tag, attributes in found.elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        if "href" in attributes:
            assert tag == "a"
            assert re.fullmatch(r"#[\w-]+", attributes["href"])


def test_what_a_reviewer_quoted_stands_beside_what_they_kept_of_the_judges() -> None:
    draft = comparison()
    decisions = accepted(draft)
    theirs = draft.verdicts[1].evidence[0]
    for item in ("signature:template-voice:control", "contrast:sunday-made-visible"):
        decisions[item] = decisions[item].model_copy(
            update={"state": "edited", "reviewer": "Ben", "evidence": (theirs,)}
        )
    text = render_html(document_of(reviewed(draft, decisions)), sections=["signatures", "criteria"])
    signatures = text.split('<section id="signatures"')[1].split('<section id="criteria"')[0]
    assert "Shifts will be reorganised" not in signatures
    assert "Quoted by the reviewer:" in signatures
    assert "I chose Sunday." in signatures
    contrast = text.split('id="contrast-sunday-made-visible"')[1]
    assert "I chose Sunday." in contrast


def test_why_to_look_closely_is_told_until_it_is_decided() -> None:
    draft = comparison()
    told = "Look closely:</b> 1 of 2 quotations was not found in the transcript."
    assert told in render_html(document_of(reviewed(draft)))
    assert told not in render_html(document_of(reviewed(draft, accepted(draft))))


def test_rejected_and_edited_statements_are_told_from_the_judges() -> None:
    draft = comparison()
    decisions = accepted(draft)
    for item, state, text in (
        ("point:orientation:voice:1", "rejected", None),
        ("point:orientation:problem_framing:2", "edited", "Transcript 2 takes it as given."),
        ("title", "edited", "Who decides"),
        ("point:implications:caveat:1", "rejected", None),
        ("contrast:owned-decision", "rejected", None),
    ):
        decisions[item] = Decision(item=item, state=state, text=text, reviewer="Ben")
    found = page_of(render_html(document_of(reviewed(draft, decisions))))
    assert "spoken by one person" not in found
    assert "1 statement of the judge was rejected in review." in found
    assert "C takes it as given. the reviewer’s reading" in found
    assert "edited by Ben; the judge had: C takes it as a consequence of the budget." in found
    assert "Who decides" in found
    assert "The title is Ben’s" in found
    assert "One pair shows no more than one pair." not in found
    assert "No side is named: rejected in review by Ben." in found


def page_of(text: str) -> str:
    return words(Page(text).text)
