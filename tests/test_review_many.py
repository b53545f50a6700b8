"""Many comparisons: who is asked, what comes next, pairs by criteria."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from builders import comparison, write_folder
from conftest import Grader
from grader.errors import InputError, RecordError
from grader.review import actions
from grader.review.adjudicate import adjudicate, begin_settling, look
from grader.review.assignments import assign, read_assignments
from grader.review.events import Content
from grader.review.folder import ReviewFolder
from grader.review.items import decisions_of, review_items
from grader.review.sign import sign
from grader.review.worklist import worklist
from webserver import Visitor, served

CONTROL = "verdict:owned-decision:control"
NAMES = ("first", "second", "third")


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    for name in NAMES:
        write_folder(comparison(f"c-vs-p-{name}"), tmp_path / "outputs" / name)
    return tmp_path / "outputs"


def decide(folder: Path, reviewer: str = "Ada") -> None:
    at = ReviewFolder(folder)
    for item in at.items.values():
        if item.required:
            actions.reject(at, reviewer, item.id, "no")


def order(outputs: Path, reviewer: str) -> list[str]:
    return [work.folder.name for work in worklist([outputs / name for name in NAMES], reviewer)]


def test_what_one_was_asked_for_comes_first_then_what_one_has_begun(outputs: Path) -> None:
    assert order(outputs, "Ada") == ["first", "second", "third"]
    actions.begin(outputs / "second", "Ada")
    assign([outputs / "third"], ["Ada", "Ben"])
    assert order(outputs, "Ada") == ["third", "second", "first"]
    assert order(outputs, "Cem") == ["first", "second"], "others were asked for the third"
    decide(outputs / "third")
    assert order(outputs, "Ada") == ["second", "first"]
    assert order(outputs, "Ben") == ["third", "first", "second"]
    sign(outputs / "third", "Ada")
    assert order(outputs, "Ben") == ["first", "second"]


def test_assignments_are_made_shown_and_taken_away_by_command(
    outputs: Path, grader: Grader
) -> None:
    before = {p: p.read_bytes() for p in outputs.rglob("*") if p.is_file()}
    given = [str(outputs / name) for name in NAMES]
    done = grader("assign", *given, "--reviewer", "Ada L.", "--reviewer", "Ben")
    assert done.code == 0 and done.out.count("Ada L., Ben") == 3
    assert grader("assign", given[0], "--nobody").out.strip() == f"{given[0]}  anybody"
    assert read_assignments(outputs).of("second") == ("Ada L.", "Ben")
    assert {path: path.read_bytes() for path in before} == before, "no draft is touched"
    done = grader("assign", *(path for path in outputs.glob("*") if path.name[0] != "."))
    assert done.code == 0, "the list itself is no comparison"
    assert grader("check", str(outputs / "first")).code in (0, 1)
    assert grader("assign", given[0], "--nobody", "--reviewer", "Ada").code == 2
    assert grader("assign", str(outputs / "none"), "--reviewer", "Ada").code == 2
    assert grader("assign", given[0], "--reviewer", " ").code == 2


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"reviewers": {"first": "Ada"}}', '{"reviewers": 3, "schema_version": 1}']
)
def test_list_that_cannot_be_read_is_told_with_its_place(outputs: Path, text: str) -> None:
    (outputs / "assignments.json").write_text(text)
    with pytest.raises(RecordError, match=r"assignments\.json"):
        order(outputs, "Ada")
    with pytest.raises(RecordError):
        assign([outputs / "first"], ["Ada"])
    assert (outputs / "assignments.json").read_text() == text


def test_names_are_one_line_and_stay_what_they_are(outputs: Path) -> None:
    assign([outputs / "first"], ["Zoë\nB.", "<b>", "Zoë B."])
    assert read_assignments(outputs).of("first") == ("Zoë B.", "<b>")
    assert json.loads((outputs / "assignments.json").read_text())["schema_version"] == 1
    with pytest.raises(InputError, match="name of its reviewer"):
        assign([outputs / "first"], ["\x00"])


def test_review_of_many_goes_from_one_to_the_next_and_ends_with_a_word(
    outputs: Path, grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def typed(lines: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(lines))

    decide(outputs / "first")
    decide(outputs / "third")
    typed("q\n")
    done = grader("review", str(outputs), "--reviewer", "Ada", "--plain")
    assert done.code == 0 and "(1 comparison, 8 decisions for you)" in done.out
    assert "Nothing is left" not in done.out
    typed("r\n" * 8 + "a\n" + "no\n" * 8 + "q\n")
    done = grader("review", *(outputs / n for n in NAMES), "--reviewer", "Ada", "--plain")
    assert "Nothing is left for you to decide here." in done.out
    assert grader("review", str(outputs), "--web", "--reviewer", "Ada").code == 2


def test_next_in_the_browser_leads_to_what_waits_and_says_when_nothing_does(outputs: Path) -> None:
    with served(outputs, mode="blind-first") as server:
        ada = Visitor(server, "Ada")
        assert ada.get("/next").headers["location"] == "/c/first", "it begins with Begin"
        assign([outputs / "second"], ["Ada"])
        assert ada.get("/next").headers["location"] == "/c/second"
        actions.begin(outputs / "second", "Ada", mode="blind-first")
        assert ada.get("/next").headers["location"].startswith("/c/second/i/")
        page = ada.get("/").text
        assert "3 comparisons with 24 decisions wait for you" in page
        assert "asked: Ada" in page
        assert ada.get("/next?after=second").headers["location"] == "/c/first"
        assert "second" not in Visitor(server, "Ben").get("/?show=for+me").text.split("<tbody>")[1]
        for name in NAMES:
            actions.begin(outputs / name, "Ada", mode="blind-first")
            for item in review_items(comparison()).values():
                if item.required and not item.named:
                    own = Content(level="met", shows_more="neither", presences=("trace",) * 2)
                    actions.give_own(outputs / name, "Ada", item.id, own)
            for item in review_items(comparison()).values():
                if item.required:
                    actions.reject(outputs / name, "Ada", item.id, "no")
        assert "Nothing is left for you to decide here" in ada.get("/next").text


def test_pairs_by_criteria_show_ones_own_until_all_may_be_seen(outputs: Path) -> None:
    with served(outputs, mode="blind-first") as server:
        ada, ben = Visitor(server, "Ada"), Visitor(server, "Ben")
        before = ada.get("/pairs").text
        assert "→ the treatment's" in before and "not met → " not in before
        decide(outputs / "first", "Cem")
        assert ada.get("/pairs").text == before, "what others decided is not told"
        actions.begin(outputs / "second", "Ben", mode="blind-first")
        actions.choose(outputs / "second", "Ben", "verdict:owned-decision:treatment",
                       Content(level="met"))  # fmt: skip
        actions.keep(outputs / "second", "Ben", "verdict:owned-decision:treatment")
        assert "met | open | open" in ben.get("/pairs").text
        assert "met | open | open" not in ada.get("/pairs").text
        sign(outputs / "first", "Cem")
        assert "no level → no level" in ada.get("/pairs").text
        assert ada.get("/pairs?rubric=none&start=0").status_code == 200
        assert 'href="/c/first/i/verdict%3Aowned-decision%3A1"' in ada.get("/pairs").text


def test_table_of_pairs_begins_no_review_where_the_way_is_ones_own_to_choose(
    outputs: Path,
) -> None:
    with served(outputs) as server:
        ada = Visitor(server, "Ada")
        assert "/c/first/i/" not in ada.get("/pairs").text
        actions.begin(outputs / "first", "Ada", mode="blind-first")
        page = ada.get("/pairs").text
        assert "/c/first/i/" in page and "/c/second/i/" not in page


def test_what_somebody_settled_waits_for_nobody(outputs: Path) -> None:
    folder = outputs / "first"
    for name, act in (("Ben", actions.accept), ("Cem", actions.reject)):
        act(folder, name, CONTROL)
    begin_settling(folder, "Dan")
    look(folder, "Dan", CONTROL)
    adjudicate(folder, "Dan", CONTROL, Content(level="met"), "a person is named")
    [work] = worklist([folder], "Ada")
    with served(outputs) as server:
        ada = Visitor(server, "Ada")
        whole = len(decisions_of(review_items(comparison()).values()))
        assert work.left == whole - 1
        assert f"3 comparisons with {3 * whole - 1} decisions wait" in ada.get("/").text
        actions.begin(folder, "Ada", mode="blind-first")
        assert f"3 comparisons with {3 * whole - 1} decisions wait" in ada.get("/").text


def test_pairs_under_rubrics_of_one_name_have_a_column_for_each_criterion(outputs: Path) -> None:
    draft = comparison("c-vs-p-fourth")
    first, second = draft.rubric.criteria
    other = second.model_copy(update={"id": "elsewhere", "title": "Asked elsewhere"})
    rubric = draft.rubric.model_copy(update={"criteria": (first, other)})
    verdicts = tuple(
        v.model_copy(update={"criterion": "elsewhere"}) if v.criterion == second.id else v
        for v in draft.verdicts
    )
    rows = tuple(
        r.model_copy(update={"criterion": "elsewhere"}) if r.criterion == second.id else r
        for r in draft.scorecard.rows
    )
    card = draft.scorecard.model_copy(update={"rows": rows})
    changes = {"rubric": rubric, "verdicts": verdicts, "scorecard": card, "contrasts": ()}
    write_folder(draft.model_copy(update=changes), outputs / "fourth")
    actions.begin(outputs / "fourth", "Ada", mode="assisted")
    with served(outputs, mode="assisted") as server:
        page = Visitor(server, "Ada").get("/pairs")
        assert page.status_code == 200
        assert all(title in page.text for title in (first.title, second.title, other.title))
        assert 'href="/c/fourth/i/verdict%3Aelsewhere%3A1"' in page.text
        assert f'href="/c/fourth/i/verdict%3A{second.id}%3A1"' not in page.text
