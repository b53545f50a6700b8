"""Scorecards in long form: read back as an analyst would."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from builders import comparison, offline_comparison
from grader.errors import StorageError
from grader.review.reviewed import Decision
from grader.writeup.export import COLUMNS, csv_text, write_csv, write_parquet
from writeup_reviews import SIGNED, accepted, reviewed


def states() -> list[object]:
    draft = comparison()
    decisions = accepted(draft)
    item = "verdict:owned-decision:treatment"
    decisions[item] = Decision(item=item, state="edited", level="partially_met", reviewer="Ben")
    return [reviewed(draft, decisions, SIGNED), reviewed(offline_comparison())]


def test_pandas_reads_the_csv_back(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    path = tmp_path / "scorecards.csv"
    write_csv(path, states())  # type: ignore[arg-type]
    frame = pandas.read_csv(path)
    assert tuple(frame.columns) == COLUMNS
    frame = frame[frame.fact == "verdict"]
    assert len(frame) == 8
    edited = frame[(frame.criterion == "owned-decision") & (frame.side == "treatment")].iloc[0]
    assert (edited.level, edited.draft_level, edited.reviewed_level) == (
        "met",
        "met",
        "partially_met",
    )
    assert (edited.state, edited.reviewer, edited.signed) == ("edited", "Ben", True)
    refused = frame[(frame.criterion == "sunday-made-visible") & (frame.side == "control")].iloc[0]
    assert refused.outcome == "refused"
    assert pandas.isna(refused.level)
    offline = frame[frame.comparison == "offline-library-memo-1"]
    assert offline.judge.isna().all()
    assert set(offline.state) == {"undecided"}


def test_pandas_reads_the_parquet_back(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    path = tmp_path / "scorecards.parquet"
    write_parquet(path, states())  # type: ignore[arg-type]
    frame = pandas.read_parquet(path)
    assert tuple(frame.columns) == COLUMNS
    frame = frame[frame.fact == "verdict"]
    pivot = frame[frame.signed].pivot(index="criterion", columns="side", values="reviewed_level")
    assert pivot.loc["owned-decision", "treatment"] == "partially_met"
    assert frame["sample"].dropna().tolist() == [1, 1, 1, 1]
    assert list(tmp_path.iterdir()) == [path]


def test_an_empty_export_has_its_header_alone(tmp_path: Path) -> None:
    assert csv_text([]) == ",".join(COLUMNS) + "\r\n"
    pytest.importorskip("pyarrow")
    write_parquet(tmp_path / "none.parquet", [])
    assert (tmp_path / "none.parquet").read_bytes().startswith(b"PAR1")


def test_every_sample_and_judge_has_its_row() -> None:
    draft = comparison()
    first = draft.verdicts[0]
    again = first.samples[0].model_copy(update={"sample": 2, "level": "met", "judge": "b/two"})
    verdict = first.model_copy(update={"samples": (*first.samples, again)})
    draft = draft.model_copy(update={"verdicts": (verdict, *draft.verdicts[1:])})
    rows = list(csv.DictReader(io.StringIO(csv_text([reviewed(draft)]))))
    told = [(row["judge"], row["sample"], row["level"], row["draft_level"]) for row in rows[:2]]
    assert told == [
        ("openai/judge-1", "1", "not_met", "not_met"),
        ("b/two", "2", "met", "not_met"),
    ]


@pytest.mark.parametrize("text", ["=cmd()", "+1", "-1", "@x"])
def test_a_spreadsheet_finds_no_formula(text: str) -> None:
    draft = comparison()
    control = draft.control.model_copy(update={"id": text})
    rows = csv.DictReader(
        io.StringIO(csv_text([reviewed(draft.model_copy(update={"control": control}))]))
    )
    assert next(rows)["session"] == f"'{text}"


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    (tmp_path / "no").write_text("a file where a folder is needed")
    with pytest.raises(StorageError):
        write_parquet(tmp_path / "no" / "x.parquet", [])


def test_contrast_that_failed_in_an_order_does_not_look_answered() -> None:
    draft = comparison()
    first, second = draft.contrasts
    failed = first.orders[1].model_copy(
        update={"outcome": "refused", "shows_more": None, "reason": None}
    )
    broken = first.model_copy(update={"orders": (first.orders[0], failed), "shows_more": None})
    draft = draft.model_copy(update={"contrasts": (broken, second)})
    rows = list(csv.DictReader(io.StringIO(csv_text([reviewed(draft)]))))
    assert [row["outcome"] for row in rows if row["fact"] == "contrast"] == [
        "refused",
        "order_sensitive",
    ]
    rows = list(csv.DictReader(io.StringIO(csv_text([reviewed(comparison())]))))
    assert next(row["outcome"] for row in rows if row["fact"] == "contrast") == "answered"


def test_contrasts_markers_and_counts_are_rows_of_their_own() -> None:
    draft = comparison()
    rows = list(csv.DictReader(io.StringIO(csv_text([reviewed(draft, accepted(draft))]))))
    contrasts = {row["criterion"]: row for row in rows if row["fact"] == "contrast"}
    assert set(contrasts) == {each.criterion for each in draft.contrasts}
    for each in draft.contrasts:
        told = contrasts[each.criterion]
        assert told["value"] == (each.shows_more or "")
        assert told["size"] == (each.size or "")
        assert told["side"] == "" and told["task"] == "library-memo"
    markers = [row for row in rows if row["fact"] == "marker"]
    assert len(markers) == sum(len(note.markers) for note in draft.signatures)
    assert all(row["value"] == row["reviewed_value"] for row in markers if row["value"])
    counts = {(row["side"], row["name"]): row["value"] for row in rows if row["fact"] != "verdict"}
    for side in ("control", "treatment"):
        assert counts[side, "words"] == str(draft.measurements[side].words)
    assert {row["replicate"] for row in rows if row["side"]} == {"1"}
    assert {row["lock"] for row in rows} == {"never"}


def test_expected_direction_hypothesis_and_shift_stand_beside_the_levels() -> None:
    draft = comparison()
    first = draft.rubric.criteria[0].model_copy(update={"direction": "up", "hypothesis": "H1"})
    rubric = draft.rubric.model_copy(update={"criteria": (first, *draft.rubric.criteria[1:])})
    rows = csv.DictReader(
        io.StringIO(csv_text([reviewed(draft.model_copy(update={"rubric": rubric}))]))
    )
    told = [row for row in rows if row["criterion"] == first.id and row["fact"] == "verdict"]
    assert {(row["direction"], row["hypothesis"], row["shift"]) for row in told} == {
        ("up", "H1", "up")
    }
    assert {row["reviewed_shift"] for row in told} == {""}
