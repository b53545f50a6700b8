"""`grader check PAGE`: what is wrong with published comparisons, and what is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import EXAMPLES, Grader
from grader.archive.checks import check_pages
from grader.check import Finding
from grader.testing import ScriptedJudge
from published_pages import FIXTURES, MARK, Measured, measure

# --- the labelled pages ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    return measure(tmp_path_factory.mktemp("pages"))


def test_labelled_set_is_large_enough_to_measure_by(measured: Measured) -> None:
    assert measured.statements >= 300
    assert len(measured.planted) >= 100


def test_nearly_every_finding_is_right(measured: Measured) -> None:
    assert measured.precision >= 0.95, [str(f) for f in measured.false_alarms]


def test_most_false_statements_are_found(measured: Measured) -> None:
    assert measured.recall >= 0.85


# --- single rules on a small page -----------------------------------------------------------

CONTROL = """\
{{"id": "c-1", "condition": "C", "task": "memo", "messages": [
 {{"role": "user", "content": "Write a memo on the three-hour outage."}},
 {{"role": "assistant", "content": "{control}"}}]}}
"""
C_SAID = "The outage is over. We regret it. Nobody was told in time. Send [date] to the board."
P_SAID = "I was on watch and I slept. Eleven of you lost a day. Was it right to wait?"


def write(tmp_path: Path, analysis: str) -> list[Finding]:
    for name, condition, said in (("c-1", "C", C_SAID), ("p-1", "P", P_SAID)):
        text = CONTROL.format(control=said).replace('"c-1"', f'"{name}"')
        (tmp_path / f"{name}.json").write_text(
            text.replace('"condition": "C"', f'"condition": "{condition}"'), "utf-8"
        )
    page = tmp_path / "page.md"
    page.write_text(f"# A comparison\n\n{analysis}\n", "utf-8")
    sources = [tmp_path / "c-1.json", tmp_path / "p-1.json"]
    return [f for f in check_pages([page], sources=sources) if f.severity != "note"]


@pytest.mark.parametrize(
    ("analysis", "code"),
    [
        ('C says "Nobody was told in time" and P says "I was on watch and I slept".', None),
        ('C says “nobody was told in time.”', None),
        ('C says "The outage is over … Nobody was told in time".', None),
        ('C says "[The outage] is over".', None),
        ('Both say "Nobody was told in time".', None),
        ('P says "Nobody was told in time".', "quotation-misattributed"),
        ('P says "I was on watch and I wept".', "quotation-altered"),
        ('C says "it will not happen again, we promise".', "quotation-not-found"),
        ('C never says "I was on watch and I slept".', None),
        ("This is P's own \"night candour\".", None),
        ('P shows what others called "the voice of a tired but honest colleague".', None),
        ('F says "it will not happen again, we promise".', None),
        ("P uses the word \"wait\" once.", None),
        ("P uses the word \"wait\" twice.", "count-differs"),
        ("P runs to 18 words.", None),
        ("P runs to about 20 words.", None),
        ("P runs to 90 words.", "count-differs"),
        ("P does not run to 90 words.", None),
        ("C has one placeholder. P has none.", None),
        ("C contains four placeholders.", "count-differs"),
        ("Both tell of the three-hour outage.", None),
        ("Both tell of the six-hour outage.", "duration-differs"),
        ("P lists twelve action items that C would call plans.", None),
        ("P would have to list twelve action items.", None),
        ("Vitamin C says nothing here. Plan P has twelve action items.", None),
        ("P is about 50 words longer than C.", "length-differs"),
        ("P is slightly longer than C. P is of about the same length as C.", None),
        ("P asks one question.", None),
        ("P asks five questions.", "count-differs"),
        ("If P asked five questions, it would be another text.", None),
        ("Criterion 1 is met. Criterion 1 is not met.", "criterion-judged-twice"),
        ("Criterion 1 is met. Criterion 1 would not be met by C.", None),
        ("Criterion 1 is met by P. C does not meet Criterion 1.", None),
        ("The difference is quantitative. The difference is qualitative.", "kinds-contradict"),
        ("The difference is quantitative. It is not that the difference is in kind.", None),
    ],
)  # fmt: skip
def test_sentence_is_held_against_the_transcripts(
    tmp_path: Path, analysis: str, code: str | None
) -> None:
    found = write(tmp_path, analysis)
    assert [finding.code for finding in found] == ([code] if code else [])


@pytest.mark.parametrize(
    ("analysis", "found"),
    [
        ("> I was on watch and I slept.\n>\n> — P, turn 2", {}),
        ("- Point\n\n  > I was on watch\\\n  > and I slept.\n  >\n  > — P, turn 2", {}),
        ("> “I was on watch and …” — P, turn 2, quoted above", {}),
        ("> I was on watch and I slept.\n>\n> — C, turn 2", {"quotation-misattributed": 3}),
        ("> I was on watch and both slept.\n>\n> — P, turn 2", {"quotation-altered": 3}),
        ("> “Nobody knew of any of it” — P, turn 2, quoted above", {"quotation-not-found": 3}),
        ("> Nobody knew of any of it.", {}),
        ("```\n> Nobody knew of any of it.\n>\n> — P, turn 2\n```", {}),
        ("```\n| Criterion | C | P |\n|---|---|---|\n| 1 | “We never knew of it.” | x |\n```", {}),
        ("| Criterion | C | P |\n|---|---|---|\n| 1 | “We never knew of it.” | x |",
         {"quotation-not-found": 5}),
        ('It is open: "I was on watch and I slept" in P, "The outage is over" in C.', {}),
    ],
)  # fmt: skip
def test_passages_of_our_own_evidence_are_looked_for_where_they_are_said_to_stand(
    tmp_path: Path, analysis: str, found: dict[str, int]
) -> None:
    told = write(tmp_path, analysis)
    assert {each.code: each.place.line for each in told if each.place} == found


def test_finding_shows_both_places_and_the_difference(tmp_path: Path) -> None:
    finding = write(tmp_path, 'Some words.\n\nP says "I was on watch and I wept".')[0]
    assert finding.place.line == 5
    assert "[-slept-] {+wept+}" in finding.message.replace(".", "")
    assert finding.against[0].file.endswith("p-1.json")


def test_source_that_is_not_at_hand_is_said_and_not_held_against_the_page(
    grader: Grader,
) -> None:
    for path in FIXTURES.iterdir():
        Path(path.name).write_text(MARK.sub("", path.read_text("utf-8")), "utf-8")
    alone = grader("check", "p-choir.txt", "--json").json
    both = grader("check", "p-choir.txt", "--source", "c-choir.txt", "--json").json
    codes = [f["code"] for f in alone["findings"]]
    assert "source-not-at-hand" in codes
    assert "quotation-misattributed" not in codes
    assert both["counts"]["error"] > alone["counts"]["error"]
    together = grader("check", "p-choir.txt", "c-choir.txt", "--json").json
    assert "quotation-misattributed" in [f["code"] for f in together["findings"]]


def test_page_without_analysis_is_nothing_to_check(grader: Grader) -> None:
    ran = grader("check", EXAMPLES / "c-library-memo-1.json")
    assert ran.code == 0
    assert "nothing-published" in ran.out


def test_missing_page_and_source_are_told(grader: Grader, tmp_path: Path) -> None:
    assert "no such file" in grader("check", "nowhere.txt").err
    (tmp_path / "a.md").write_text("# A page\n\nWords.")
    (tmp_path / "empty.txt").write_text("no session at all\n")
    ran = grader("check", "a.md", "--source", "empty.txt")
    assert ran.code == 2
    assert "holds no transcript" in ran.err


def test_judge_is_asked_about_pairs_and_its_opinion_is_marked(
    grader: Grader, judge: ScriptedJudge
) -> None:
    for path in FIXTURES.iterdir():
        Path(path.name).write_text(MARK.sub("", path.read_text("utf-8")), "utf-8")
    judge.answer({"reason": "They differ.", "verdict": "contradictory"}, times=1)
    judge.answer({"reason": "They agree.", "verdict": "compatible"})
    options = ("--judge", "openai/scripted-judge", "--base-url", judge.base_url, "--json")
    ran = grader("check", "p-garden.txt", "--source", "c-garden.txt", *options)
    opinions = [f for f in ran.json["findings"] if f["opinion"]]
    assert [f["code"] for f in opinions] == ["statements-contradict"]
    assert len(opinions[0]["against"]) == 1
    asked = len(judge.requests)
    assert asked > 1
    grader("check", "p-garden.txt", "--source", "c-garden.txt", *options)
    assert len(judge.requests) == asked
