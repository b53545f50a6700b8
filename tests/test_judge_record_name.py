"""No place on the user's machine gets into what is kept or shown to others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conftest import Grader, pair
from grader.judge.record_name import record_name
from grader.testing import ScriptedJudge

JUDGE = ("--judge", "openai/scripted-judge")


@pytest.mark.parametrize(
    "spec",
    ["openai/gpt-5.4", "offline", "recorded:run.jsonl", "recorded:runs/run.jsonl#openai/a",
     "files:by-hand", "queue:postgresql://host/db#openai/a"],
)  # fmt: skip
def test_what_names_no_place_stays_as_it_is(spec: str) -> None:
    assert record_name(spec) == spec


def test_a_recording_elsewhere_is_called_by_its_name_and_its_content(tmp_path: Path) -> None:
    one, other = tmp_path / "one" / "run.jsonl", tmp_path / "other" / "run.jsonl"
    for path in (one, other):
        path.parent.mkdir()
        path.write_text(path.parent.name)
    names = [record_name(f"recorded:{path}#openai/a") for path in (one, other)]
    assert names[0] != names[1]
    for name in names:
        assert name.startswith("recorded:run.jsonl@") and name.endswith("#openai/a")
        assert str(tmp_path) not in name
    copy = tmp_path / "copy" / "run.jsonl"
    shutil.copytree(one.parent, copy.parent)
    assert record_name(f"recorded:{copy}#openai/a") == names[0]


@pytest.mark.parametrize("spec", ["recorded:~/run.jsonl", "files:../batch", "files:/srv/batch"])
def test_home_and_parent_folders_are_places_too(spec: str) -> None:
    name = record_name(spec)
    assert "/" not in name and "~" not in name and ".." not in name


def test_a_recording_by_its_absolute_path_leaves_no_path_behind(
    tmp_path: Path, grader: Grader, judge: ScriptedJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "home-of-somebody"
    secret.mkdir()
    recording, work = secret / "run.jsonl", tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    ran = grader(
        "compare", *pair("library-memo"), *JUDGE, "--base-url", judge.base_url,
        "--name", "live", "--record", recording,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    for _ in range(2):  # the second time it is there already
        ran = grader("compare", *pair("library-memo"), "--judge", f"recorded:{recording}")
        assert ran.code == 0, ran.err
    (made,) = [each for each in (work / "outputs").iterdir() if "recorded" in each.name]
    assert "run-jsonl" in made.name
    kept = [
        made.name,
        *(path.read_text(encoding="utf-8") for path in made.iterdir() if path.is_file()),
    ]
    assert not [text for text in kept if "home-of-somebody" in text or str(tmp_path) in text]
    assert grader("check", made).code == 0
