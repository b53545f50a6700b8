"""The report of a simulated study: its parts, its page, and what `grader check` finds."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conftest import Grader
from grader.testing.simulated_study import Made, write_simulated_study
from grader.testing.studies import Design


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("studies") / "simulated"
    folder.mkdir()
    return write_simulated_study(
        folder,
        Design(tasks=5, models=2, runs=3, criteria=3, effect=0.8, missing=(0.02, 0.02)),
        seed=11,
        gold=12,
        shared=4,
        repeats=0.1,
        not_applicable=0.03,
        second_contrast=True,
        second_judge=True,
    )


@pytest.fixture
def folder(made: Made, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made.folder, tmp_path / "simulated"))


@pytest.fixture
def reported(folder: Path, grader: Grader) -> Path:
    ran = grader("study", "report", folder)
    assert ran.code == 0, ran.err
    return folder


def test_report_has_all_parts(reported: Path) -> None:
    text = (reported / "report.md").read_text("utf-8")
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert titles == [
        "The answer",
        "How it was set up",
        "By task and model",
        "By criterion",
        "How much two runs differ anyhow",
        "Judge and people",
        "What is missing",
        "Other contrasts, judges and counts",
        "Methods",
    ]
    first = text.split("## The answer")[1].strip().split("\n")[0]
    result = json.loads((reported / "results.json").read_text("utf-8"))
    assert first == f"**{result['contrasts'][0]['sentence']['text']}**"
    assert "This study is simulated" in text
    assert text.count("grader compare ") == 2


def test_page_needs_no_network_and_no_script(reported: Path) -> None:
    page = (reported / "report.html").read_text("utf-8")
    assert "<script" not in page and "javascript:" not in page
    addresses = re.findall(r"https?://[^\"' <>)]+", page)
    assert {each for each in addresses if "w3.org" not in each} == set()
    assert "default-src &#39;none&#39;" in page and 'style="' not in page
    anchors = re.findall(r'href="#([\w-]+)"', page)
    assert anchors and all(f'id="{name}"' in page for name in anchors)


def test_figures_are_svg_with_text_and_a_text_alternative(reported: Path) -> None:
    figures = sorted((reported / "figures").glob("*.svg"))
    assert [each.stem for each in figures] == ["criteria", "floor", "people", "shift"]
    for path in figures:
        root = ElementTree.fromstring(path.read_text("utf-8"))
        assert root.get("role") == "img" and len(root.get("aria-label") or "") > 40
        assert root.findall(".//{http://www.w3.org/2000/svg}text")
        spec = json.loads(path.with_suffix(".vl.json").read_text("utf-8"))
        assert spec["$schema"].startswith("https://vega.github.io/schema/vega-lite/")


def test_levels_go_to_tables(reported: Path) -> None:
    import pandas as pd

    table = pd.read_csv(reported / "levels.csv")
    assert set(table["judge"]) == {"simulated/judge", "simulated/second-judge"}
    assert set(table["condition"]) == {"C", "P", "F"}
    assert len(pd.read_parquet(reported / "levels.parquet")) == len(table)


def test_people_s_levels_correct_the_shift(reported: Path, made: Made) -> None:
    result = json.loads((reported / "results.json").read_text("utf-8"))
    first = result["contrasts"][0]
    corrected = first["calibration"]["these_tasks"]
    assert corrected["low"] <= made.net <= corrected["high"]
    assert "by the judge alone" not in first["sentence"]["text"]
    assert "by the judge alone" in result["contrasts"][1]["sentence"]["text"]


def test_report_twice_is_one_look_and_the_same_bytes(reported: Path, grader: Grader) -> None:
    before = {path: path.read_bytes() for path in sorted(reported.rglob("*")) if path.is_file()}
    assert grader("study", "report", reported).code == 0
    after = {path: path.read_bytes() for path in sorted(reported.rglob("*")) if path.is_file()}
    assert after == before


def test_a_page_of_hostile_titles_stays_text(folder: Path, grader: Grader) -> None:
    path = folder / "design.json"
    text = path.read_text("utf-8").replace(
        "Simulated criterion 1.1", "<script>alert(1)</script>{{ 7*7 }} | [x](http://evil)"
    )
    path.write_text(text, "utf-8")
    assert grader("study", "report", folder).code == 0
    page = (folder / "report.html").read_text("utf-8")
    assert "<script>" not in page and "{{ 7*7 }}" in page
    assert "[x](http" not in (folder / "report.md").read_text("utf-8")


# --- check ------------------------------------------------------------------------------------


def test_an_untouched_study_has_no_findings(reported: Path, grader: Grader) -> None:
    ran = grader("check", reported, "--json", "--no-notes")
    assert (ran.code, ran.json["findings"]) == (0, [])


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        pytest.param(
            lambda f: change(f, "levels.jsonl", '"level":"met"', '"level":"not_met"'),
            "results-differ",
            id="a level",
        ),
        pytest.param(
            lambda f: change(f, "levels.jsonl", '"level":"met"', '"level":"splendid"'),
            "level-unknown",
            id="no level",
        ),
        pytest.param(
            lambda f: change(f, "gold.jsonl", '"level":"met"', '"level":"not_met"'),
            "gold-changed",
            id="a person's level",
        ),
        pytest.param(
            lambda f: change(f, "results.json", '"kind":"', '"kind":"x'),
            "results-differ",
            id="kind",
        ),
        pytest.param(
            lambda f: change(f, "report.md", "Against", "Despite"), "report-differs", id="words"
        ),
        pytest.param(
            lambda f: change(f, "design.json", '"counts": true', '"counts": false'),
            "results-differ",
            id="a run left out",
        ),
        pytest.param(
            lambda f: (f / "levels.jsonl").write_text("{}\n", "utf-8"), "levels-unreadable", id="{}"
        ),
    ],
)
def test_what_was_changed_is_found(
    reported: Path, grader: Grader, spoil: Callable[[Path], object], code: str
) -> None:
    spoil(reported)
    ran = grader("check", reported, "--json", "--no-notes")
    assert ran.code == 1
    assert code in [finding["code"] for finding in ran.json["findings"]]
