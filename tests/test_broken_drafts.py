"""A draft that refers to what isn't in it is refused by every command, in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builders import comparison, write_folder
from conftest import Grader, pair

Draft = dict[str, Any]


def unknown_criterion(draft: Draft) -> None:
    draft["verdicts"][0]["criterion"] = "nobody-knows"


def unknown_contrast(draft: Draft) -> None:
    draft["contrasts"][0]["criterion"] = "nobody-knows"


def unknown_signature(draft: Draft) -> None:
    draft["signatures"][0]["signature"] = "nobody-knows"


def unknown_row(draft: Draft) -> None:
    draft["scorecard"]["rows"][0]["criterion"] = "nobody-knows"


def span_of(draft: Draft) -> dict[str, int]:
    spans = [each["span"] for v in draft["verdicts"] for each in v["evidence"] if each["span"]]
    found: dict[str, int] = spans[0]
    return found


def missing_turn(draft: Draft) -> None:
    span_of(draft)["turn"] = 99


def place_behind_the_end(draft: Draft) -> None:
    span_of(draft).update(start=1_000_000, end=1_000_005)


def place_that_ends_before_it_begins(draft: Draft) -> None:
    span_of(draft).update(start=5, end=2)


CHANGES = [
    (unknown_criterion, "the verdicts name 'nobody-knows'"),
    (unknown_contrast, "the contrasts name 'nobody-knows'"),
    (unknown_signature, "the signature notes name 'nobody-knows'"),
    (unknown_row, "the scorecard name 'nobody-knows'"),
    (missing_turn, "in turn 99"),
    (place_behind_the_end, "1000000-1000005"),
    (place_that_ends_before_it_begins, "5-2 of turn"),
]


@pytest.mark.parametrize(
    ("change", "told"), CHANGES, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_broken_reference_is_told_by_every_command(
    tmp_path: Path, grader: Grader, change: Callable[[Draft], None], told: str
) -> None:
    folder = write_folder(comparison(), tmp_path / "made")
    path = folder / "comparison.json"
    draft = json.loads(path.read_text(encoding="utf-8"))
    change(draft)
    path.write_text(json.dumps(draft, ensure_ascii=False, indent=2), encoding="utf-8")
    (folder / "hashes.json").unlink(missing_ok=True)
    for arguments in (
        ("show", folder),
        ("render", folder),
        ("review", folder, "--plain", "--reviewer", "rosa"),
        ("sign", folder, "--reviewer", "rosa"),
        ("export", folder, "--to", tmp_path / "rows.csv"),
    ):
        ran = grader(*arguments)
        assert ran.code == 2, arguments
        assert "this is not a whole draft" in ran.err and told in ran.err
    ran = grader("check", folder)
    assert ran.code == 1
    assert "draft-unreadable" in ran.out and told in ran.out


@pytest.mark.parametrize("name", ["a\udcffb", "a\x1b[31mb", "a\nb", "a\u202eb"])
def test_a_name_nobody_can_read_is_refused(tmp_path: Path, grader: Grader, name: str) -> None:
    ran = grader("compare", *pair("library-memo"), "--outputs", tmp_path, "--name", name)
    assert ran.code == 2
    assert "is not the name of a folder" in ran.err
    assert not [each for each in tmp_path.iterdir() if each.is_dir()]
