"""docs/writeup.md names every section and every column."""

from __future__ import annotations

import re
from pathlib import Path

from grader.writeup.export import COLUMNS
from grader.writeup.sections import titles

DOCS = Path(__file__).resolve().parents[1] / "docs"
TEXT = (DOCS / "writeup.md").read_text("utf-8")


def test_every_section_is_described_in_its_order() -> None:
    table = TEXT.split("## Sections")[1].split("## The page")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(titles())


def test_every_column_of_the_export_is_described() -> None:
    table = TEXT.split("## Scorecards as data")[1].split("```")[0]
    told = [
        name
        for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    ]
    assert sorted(told) == sorted(COLUMNS)


def test_the_picture_is_there() -> None:
    for name in re.findall(r"!\[.*?\]\((.*?)\)", TEXT):
        assert (DOCS / name).is_file()
