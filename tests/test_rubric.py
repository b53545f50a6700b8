"""Reading rubrics: what is taken, and how each mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import RUBRICS, Grader
from grader.errors import InputError
from grader.rubric import read_rubric

GOOD = """\
id: small
version: 1
title: A small rubric
criteria:
  - id: first
    title: The first
    question: Is it there?
    levels:
      met: It is there.
      partially_met: Half of it is there.
      not_met: It is not there.
signatures:
  - id: habit
    title: A habit
    description: What it is.
    markers:
      - a sign
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "rubric.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("path", sorted(RUBRICS.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_rubrics_have_five_criteria_and_three_signatures(path: Path) -> None:
    rubric = read_rubric(path)
    assert rubric.id == path.stem
    assert len(rubric.criteria) == 5
    assert len(rubric.signatures) == 3


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("partially_met: Half of it is there.", "Partly met: Half.", 10,
         "criteria[1].levels.Partly met: a level's name is small letters"),
        ("      partially_met: Half of it is there.\\n      not_met: It is not there.\\n", "", 8,
         "criteria[1].levels: a scale has 2 to 7 levels, this one has 1"),
        ("version: 1", "version: one", 2, "version: a whole number was expected, found 'one'"),
        ("id: first", "id: The First", 5, "criteria[1].id: an id is small letters"),
        ("question: Is it there?", "question: ''", 7, "criteria[1].question: this may not be"),
        ("question: Is it there?", "question: [1, 2]", 7, "criteria[1].question: a text was"),
        ("      - a sign", "      []", 16, "signatures[1].markers"),
        ("title: A small rubric", "titel: A small rubric", 3, "titel: no such field"),
        ("  - id: habit", "  - id: habit\\n    titel: x", 14, "signatures[1].titel"),
    ],
)  # fmt: skip
def test_mistake_is_told_with_file_line_and_field(
    tmp_path: Path, old: str, new: str, line: int, told: str
) -> None:
    old, new = old.replace("\\n", "\n"), new.replace("\\n", "\n")
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        read_rubric(path)
    assert f"{path}:{line}: {told}" in str(caught.value)


def test_id_used_twice_is_told_where_it_stands_the_second_time(tmp_path: Path) -> None:
    block = GOOD.split("criteria:\n")[1].split("signatures:")[0]
    path = write(tmp_path, GOOD.replace(block, block + block, 1))
    with pytest.raises(InputError, match=r"rubric.yaml:12: criteria\[2\].id: .*used twice"):
        read_rubric(path)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("version: 1", "version: one").replace("title: A habit", "titel: A habit")
    with pytest.raises(InputError, match="3 mistakes"):
        read_rubric(write(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id: [unclosed", "rubric.yaml:1: not valid YAML"),
        ("a: 1\na: 2\n", "rubric.yaml:2: not valid YAML"),
        ("a: &x [1]\nb: *x\n", "rubric.yaml:2: an alias"),
        ("a: !!python/object:os.system x\n", "rubric.yaml:1: a tag"),
        ("", "the whole file"),
        ("- just\n- a list\n", "the whole file"),
        ("a: 1\n---\nb: 2\n", "not valid YAML"),
        ("{" * 5000, "not valid YAML"),
        ("id: \x00", "NUL"),
    ],
    ids=["unclosed", "key twice", "alias", "tag", "empty", "list", "two documents", "deep", "NUL"],
)
def test_what_is_no_rubric_is_refused_in_one_message(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        read_rubric(write(tmp_path, text))
    assert told in str(caught.value)


def test_layout_of_the_file_does_not_change_the_hash(tmp_path: Path) -> None:
    first = read_rubric(write(tmp_path, GOOD))
    folded = GOOD.replace("Half of it is there.", ">-\n        Half of it\n        is there.")
    second = read_rubric(write(tmp_path, "# a comment\n" + folded))
    assert first.hash == second.hash


def test_changed_word_changes_the_hash(tmp_path: Path) -> None:
    first = read_rubric(write(tmp_path, GOOD))
    assert read_rubric(write(tmp_path, GOOD.replace("Half", "Part"))).hash != first.hash


def test_check_command_tells_what_it_read(grader: Grader, tmp_path: Path) -> None:
    ran = grader("rubric", "check", write(tmp_path, GOOD))
    assert ran.code == 0
    assert "1 path checked: nothing found." in ran.out
    ran = grader("rubric", "check", tmp_path / "none.yaml")
    assert ran.code == 2
    assert "none.yaml: no such file" in ran.err
