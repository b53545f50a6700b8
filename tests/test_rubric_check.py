"""`grader rubric check`: what it finds in a rubric, and what it must not find."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conftest import EXAMPLES, RUBRICS, Grader, pair
from grader.check.rubric import check_rubric
from grader.testing import ScriptedJudge

GOOD = """\
id: small
version: 1
title: A memo to the staff
task: Write a memo to the staff of a library.
criteria:
  - id: first
    title: Someone decides
    question: Does the memo say who decided, and name the reason?
    why: The control announces the closure without anyone deciding it.
    levels:
      met: >-
        Both hold inside the memo. (a) An active sentence has a person decide. (b) A sentence
        names the reason.
      partially_met: Exactly one of (a) and (b) holds inside the memo.
      not_met: Neither holds inside the memo. The closure simply happens.
    look_for:
      - verbs of deciding
signatures:
  - id: habit
    title: A habit
    description: What it is.
    markers:
      - a sign
"""


def codes(tmp_path: Path, old: str, new: str) -> list[tuple[str, int | None]]:
    assert old in GOOD
    path = tmp_path / "rubric.yaml"
    path.write_text(GOOD.replace(old, new, 1), "utf-8")
    return [(finding.code, finding.place.line) for finding in check_rubric(path)]


def test_good_rubric_has_no_findings(tmp_path: Path) -> None:
    assert codes(tmp_path, "A habit", "A habit") == []


@pytest.mark.parametrize("path", sorted(RUBRICS.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_rubric_has_nothing_but_its_missing_lock(path: Path) -> None:
    controls = sorted(EXAMPLES.glob(f"c-{path.stem}-*.json"))
    assert controls
    found = check_rubric(path, against=controls)
    assert [(finding.code, finding.severity) for finding in found] == [
        ("date-without-lock", "note")
    ]


ONE = "Exactly one of (a) and (b) holds inside the memo."
NONE = "Neither holds inside the memo. The closure simply happens."
BOTH = "Both hold inside the memo."
QUESTION = "Does the memo say who decided, and name the reason?"


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        # the form
        (f"    question: {QUESTION}\n", "", "field-missing", 6),
        ("version: 1", "version: one", "field-wrong", 2),
        # levels
        (ONE, "'TODO'", "level-unwritten", 14),
        (ONE, "'...'", "level-unwritten", 14),
        (ONE, "Somewhat.", "level-vague", 14),
        (ONE, "The criterion is partially met.", "level-vague", 14),
        (ONE, "The reason is adequately given.", "level-vague", 14),
        (ONE, NONE, "levels-identical", 15),
        (ONE, "At least one of (a) and (b) holds.", "levels-overlap", 14),
        (BOTH, "At least one of these holds.", "levels-overlap", 14),
        (NONE, "Fewer than two of (a) and (b) hold.", "levels-overlap", 15),
        (NONE, "At most one of (a) and (b) holds.", "levels-overlap", 15),
        (ONE, "Both hold.", "levels-overlap", 14),
        (NONE, "Exactly one of (a) and (b) holds.", "levels-gap", 10),
        # scales
        ("      met: >-", "      ok: >-", "level-misspelt", 11),
        ("    look_for:", "    not_applicable: It is unclear who decided.\n    look_for:",
         "not-applicable-vague", 16),
        ("    look_for:", "    not_applicable: TODO\n    look_for:", "level-unwritten", 16),
        # wording
        (BOTH, "Both hold more than in the control transcript.", "comparative-wording", 11),
        (QUESTION, "Is it better than the control?", "comparative-wording", 8),
        (QUESTION, "Does it improve on the baseline?", "comparative-wording", 8),
        (QUESTION, "Is it clear, compared to the other transcript?", "comparative-wording", 8),
        (QUESTION, "Which transcript is more honest?", "comparative-wording", 8),
        ("- verbs of deciding", "- whether the voice is more personal", "comparative-wording", 17),
        (QUESTION, "Does the primed output say who decided?", "names-a-condition", 8),
        (QUESTION, "Did the preamble let the memo say who decided?", "names-a-condition", 8),
        ("- verbs of deciding", "- what C-GPT-2 lacks", "names-a-condition", 17),
        ("      - a sign", "      - what the primed session adds", "names-a-condition", 23),
        # why
        ("why: The control", "why: The treatment names the board. The control",
         "why-gives-answer", 9),
        ("why: The control", "why: P says it. The control", "why-gives-answer", 9),
        ("why: The control", "why: This is not met in general. The control",
         "why-gives-answer", 9),
    ],
)  # fmt: skip
def test_fault_is_found_at_its_line(
    tmp_path: Path, old: str, new: str, code: str, line: int
) -> None:
    assert (code, line) in codes(tmp_path, old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (ONE, "One of (a) and (b) holds."),
        (NONE, "None of (a) and (b) holds."),
        (NONE, "No condition holds."),
        # Says more than a number: only a person can tell whether the two overlap.
        (ONE, "Exactly one of (a) and (b) holds; or both hold but only in notes."),
        (BOTH, "At least one of these holds, and it concerns staff."),
        (QUESTION, "Does the memo say more than the bare fact?"),
        (QUESTION, "Does the memo control who may answer the press?"),
        (QUESTION, "Is the condition of the building described?"),
        (QUESTION, "Does the memo say what is done under load?"),
        (QUESTION, "Are the access controls described?"),
        (QUESTION, "Does the memo prefer plan P to a longer closure?"),
        ("- verbs of deciding", "- whether a rule is more than a slogan"),
        ("- verbs of deciding", "- a first session with the staff"),
        ("- verbs of deciding", "- the other side of the desk"),
        ("why: The control", "why: A treatment room is closed. The control"),
        ("why: The control", "why: The need is met by nobody. The control"),
        ("A memo to the staff", "The preamble of a library's charter"),
    ],
)
def test_sound_wording_raises_no_alarm(tmp_path: Path, old: str, new: str) -> None:
    assert codes(tmp_path, old, new) == []


def test_preamble_that_the_task_is_about_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "rubric.yaml"
    text = GOOD.replace("A memo to the staff", "Writing the preamble of a charter")
    path.write_text(text.replace(QUESTION, "Does the preamble say who decided?"), "utf-8")
    assert check_rubric(path) == []


@pytest.mark.parametrize(
    ("levels", "found"),
    [
        ("met: It says who decided and why.\n      partially_met: It says it in passing.\n"
         "      not_met: It says nothing of it.", True),
        ("met: Both are there.\n      partially_met: Only one of them is there.\n"
         "      not_met: Neither is there.", False),
    ],
    ids=["parts not told apart", "parts told apart"],
)  # fmt: skip
def test_two_questions_in_one_need_levels_that_tell_the_parts_apart(
    tmp_path: Path, levels: str, found: bool
) -> None:
    start, end = GOOD.index("met: >-"), GOOD.index("    look_for")
    path = tmp_path / "rubric.yaml"
    path.write_text(GOOD[:start] + levels + "\n" + GOOD[end:], "utf-8")
    assert ("double-barrelled" in [f.code for f in check_rubric(path)]) is found


def test_id_and_question_used_twice_are_found(tmp_path: Path) -> None:
    block = GOOD.split("criteria:\n")[1].split("signatures:")[0]
    path = tmp_path / "rubric.yaml"
    path.write_text(GOOD.replace(block, block + block, 1), "utf-8")
    assert [(f.code, f.place.line) for f in check_rubric(path)] == [
        ("id-repeated", 18),
        ("question-repeated", 20),
    ]


def test_criterion_that_quotes_the_control_is_found(tmp_path: Path) -> None:
    control = EXAMPLES / "c-library-memo-1.json"
    said = json.loads(control.read_text("utf-8"))
    line = next(
        sentence
        for message in said["messages"]
        if message["role"] == "assistant"
        for sentence in message["content"].split(". ")
        if len(sentence.split()) > 12 and sentence.isascii() and '"' not in sentence
        and ":" not in sentence and "\n" not in sentence
    )  # fmt: skip
    path = tmp_path / "rubric.yaml"
    words = " ".join(line.split()[:9])
    path.write_text(GOOD.replace("- verbs of deciding", f"- >-\n        {words}"), "utf-8")
    found = check_rubric(path, against=[control])
    assert [f.code for f in found] == ["quotes-control"]
    assert found[0].against[0].file == "c-library-memo-1.json"


def test_control_that_meets_a_criterion_leaves_no_room(
    grader: Grader, judge: ScriptedJudge
) -> None:
    control, treatment, _, rubric = pair("clinic-postmortem")
    judge.answer(
        {
            "evidence": [],
            "looked_for_in_vain": [],
            "speaks_to_the_judge": [],
            "rationale": "x",
            "level": "met",
        },
        kind="verdict",
        when="Follow-ups chosen and priced",
    )
    options = ("--judge", "openai/scripted-judge", "--base-url", judge.base_url)
    grader("compare", control, treatment, "-r", rubric, *options, "--depth", "quick", "--name", "x")
    at = {f.code: f for f in check_rubric(rubric, judged=["outputs/x"])}
    line = at["no-room-to-move"].place.line or 0
    assert "chosen" in rubric.read_text("utf-8").splitlines()[line - 1]


def test_lock_is_held_against_the_rubric(grader: Grader, tmp_path: Path) -> None:
    path = tmp_path / "rubric.yaml"
    path.write_text(GOOD, "utf-8")
    grader("rubric", "lock", path, "--author", "Ada")
    assert [f.code for f in check_rubric(path)] == ["lock-not-committed"]
    path.write_text(GOOD.replace("verbs of deciding", "verbs of choosing"), "utf-8")
    assert {f.code for f in check_rubric(path)} == {"changed-since-lock", "lock-not-committed"}
    path.with_suffix(".lock").write_text("{}")
    assert "lock-damaged" in [f.code for f in check_rubric(path)]


# --- the report -----------------------------------------------------------------------------


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    path = tmp_path / "rubric.yaml"
    path.write_text(GOOD.replace(ONE, NONE), "utf-8")
    return path


def test_text_names_place_quotation_and_mend(grader: Grader, faulty: Path) -> None:
    ran = grader("rubric", "check", faulty)
    assert ran.code == 1
    assert f"{faulty}:15: error: criteria[1].levels.not_met: this level has the same" in ran.out
    assert f"against   {faulty}:14" in ran.out
    assert "mend      Say what tells the two apart.  [levels-identical]" in ran.out


def test_json_has_one_document(grader: Grader, faulty: Path) -> None:
    ran = grader("rubric", "check", faulty, "--json")
    assert ran.code == 1
    assert ran.json["counts"] == {"error": 1, "warning": 0, "note": 0}
    assert ran.json["findings"][0]["place"]["line"] == 15


def test_sarif_has_rule_level_and_line(grader: Grader, faulty: Path) -> None:
    run = grader("rubric", "check", faulty, "--format", "sarif").json["runs"][0]
    result = run["results"][0]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "levels-identical"
    assert result["level"] == "error"
    place = result["locations"][0]["physicalLocation"]
    assert place["region"]["startLine"] == 15
    assert place["artifactLocation"]["uri"] == str(faulty)


def test_junit_counts_a_failure(grader: Grader, faulty: Path) -> None:
    ran = grader("rubric", "check", faulty, "--format", "junit")
    suite = ElementTree.fromstring(ran.out)
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert suite.find("testcase/failure") is not None


def test_notes_alone_fail_nothing(grader: Grader) -> None:
    assert grader("rubric", "check", RUBRICS / "library-memo.yaml").code == 0


def test_schema_is_what_an_editor_needs(grader: Grader) -> None:
    schema = grader("rubric", "schema").json
    assert schema["required"] == ["id", "version", "title", "criteria"]
    assert (
        schema["$defs"]["Scale"]["minProperties"],
        schema["$defs"]["Scale"]["maxProperties"],
    ) == (2, 7)
    assert schema["properties"]["levels"]["$ref"] == "#/$defs/Scale"
    assert schema["$defs"]["Criterion"]["required"] == ["id", "title", "question"]
    assert schema["additionalProperties"] is False


SCALED = """\
id: small
version: 1
title: A small rubric
levels:
  {0}: At least one person is named.
  {1}: Nobody is named.
criteria:
  - id: first
    title: The first
    question: Is a person named?
    why: There is no name in it. {2}
"""


@pytest.mark.parametrize(
    ("names", "why", "expected"),
    [
        (("yes", "no"), "", []),
        (("no", "yes"), "", [("levels-turned", 4)]),
        (("1", "2"), "", [("levels-turned", 4)]),
        (("2", "1"), "", []),
        (("1", "0"), "", [("levels-numbered", 4)]),
        (("not_named", "named"), "", [("levels-turned", 4)]),
        (("yes", "no"), "The answer is no.", [("why-gives-answer", 11)]),
    ],
)
def test_own_scale_is_checked_where_it_is_written(
    tmp_path: Path, names: tuple[str, str], why: str, expected: list[tuple[str, int]]
) -> None:
    path = tmp_path / "rubric.yaml"
    path.write_text(SCALED.format(*names, why), "utf-8")
    assert [(each.code, each.place.line) for each in check_rubric(path)] == expected


def test_fault_in_shared_levels_is_found_at_the_rubrics_own(tmp_path: Path) -> None:
    path = tmp_path / "rubric.yaml"
    path.write_text(SCALED.format("yes", "no", "").replace("Nobody is named.", "TODO"), "utf-8")
    [found] = check_rubric(path)
    assert (found.code, found.place.line) == ("level-unwritten", 6)
    assert found.message.startswith("levels.no: ")


@pytest.mark.parametrize("name", ["yes-no.yaml", "five-levels.yaml"])
def test_rubrics_of_other_scales_among_the_tests_have_no_findings(name: str) -> None:
    assert check_rubric(Path(__file__).parent / "rubrics" / name) == []
