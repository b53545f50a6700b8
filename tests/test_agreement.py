"""Agreement: the figures against published examples and sums a reader can redo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from builders import comparison, write_folder
from conftest import Grader
from grader.comparison.comparison import Comparison
from grader.review import actions
from grader.review.events import Content
from grader.review.folder import read_reviewed
from grader.study.agreement import agreement, alpha, by_group, cohen, fleiss, percent, weighted
from grader.study.agreement_report import report_of
from grader.study.ratings import Unit, judge_ratings, reviewer_ratings

CONTROL = "verdict:owned-decision:control"
TREATMENT = "verdict:owned-decision:treatment"


def ratings(*pairs: tuple[int, int, int]) -> np.ndarray:
    """Two raters' levels: (first, second, how often)."""
    return np.array([[a, b] for a, b, count in pairs for _ in range(count)], dtype=float)


def test_krippendorffs_own_example_of_ordinal_alpha() -> None:
    """Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), part C: 0.815."""
    x = np.nan
    observers = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, x, x, x],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, x, 3],
        [x, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, x],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, x],
    ]
    assert alpha(np.array(observers).T - 1, levels=5) == pytest.approx(0.815, abs=0.0005)


def test_fleiss_example_of_psychiatric_diagnoses() -> None:
    """Fleiss (1971), Measuring nominal scale agreement among many raters: 0.430."""
    counts = """0 0 0 6 0; 0 3 0 0 3; 0 1 4 0 1; 0 0 0 0 6; 0 3 0 3 0; 2 0 4 0 0; 0 0 4 0 2;
    2 0 3 1 0; 2 0 0 4 0; 0 0 0 0 6; 1 0 0 5 0; 1 1 0 4 0; 0 3 3 0 0; 1 0 0 5 0; 0 2 0 3 1;
    0 0 5 0 1; 3 0 0 1 2; 5 1 0 0 0; 0 2 0 4 0; 1 0 2 0 3; 0 0 0 0 6; 0 1 0 5 0; 0 2 0 1 3;
    2 0 0 4 0; 1 0 0 4 1; 0 5 0 1 0; 4 0 0 0 2; 0 2 0 4 0; 1 0 5 0 0; 0 0 0 0 6"""
    table = [
        [level for level, count in enumerate(map(int, row.split())) for _ in range(count)]
        for row in counts.split(";")
    ]
    assert fleiss(np.array(table, dtype=float), levels=5) == pytest.approx(0.430, abs=0.0005)


def test_cohens_kappa_as_a_sum() -> None:
    table = ratings((0, 0, 20), (0, 2, 5), (2, 0, 10), (2, 2, 15))
    observed = (20 + 15) / 50
    expected = (25 * 30 + 25 * 20) / 50**2
    assert cohen(table) == pytest.approx((observed - expected) / (1 - expected))
    assert cohen(table) == pytest.approx(0.4)
    assert percent(table) == 0.7


def test_weighted_kappa_as_a_sum() -> None:
    """Quadratic weights: a neighbour costs 1, the far level 4."""
    table = ratings((0, 0, 4), (0, 1, 2), (1, 1, 3), (1, 2, 1), (2, 2, 4), (2, 0, 1))
    observed = 2 * 1 + 1 * 1 + 1 * 4  # of 15
    first, second = (6, 4, 5), (5, 5, 5)  # how often each rater gave each level
    expected = sum(first[a] * second[b] / 15 * (a - b) ** 2 for a in range(3) for b in range(3))
    assert weighted(table) == pytest.approx(1 - observed / expected)


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        pytest.param([[0, 0], [2, 2], [1, 1]] * 4, 1.0, id="full agreement"),
        pytest.param([[0, 0], [2, 2], [1, 1]] * 3, None, id="fewer than ten units"),
        pytest.param([[0, 0]], None, id="one unit"),
        pytest.param([[2, 2], [2, 2], [2, 2]] * 4, None, id="one level throughout"),
        pytest.param([], None, id="nothing"),
    ],
)
def test_figures_that_are_not_defined_are_left_out(
    rows: list[list[int]], value: float | None
) -> None:
    units = [unit(f"c{n}", {"Ada": row[0], "Ben": row[1]}) for n, row in enumerate(rows)]
    found = agreement(units)
    assert (found.kappa.value, found.alpha.value) == (value, value)
    assert found.n == len(rows) and found.warning is not None


def test_threshold_counts_the_units_that_a_figure_can_use() -> None:
    """Of twelve units nine have a rating of all three: Fleiss' kappa rests on these."""
    three = [unit(f"c{n}", {"Ada": n % 3, "Ben": n % 3, "Cleo": n % 2}) for n in range(9)]
    two = [unit(f"d{n}", {"Ada": n % 3, "Ben": 1}) for n in range(3)]
    found = agreement([*three, *two])
    assert (found.n, found.kappa.n, found.kappa.value) == (12, 9, None)
    assert (found.alpha.n, found.percent.n) == (12, 12) and found.alpha.value is not None
    assert found.warning is not None and "kappa can use only 9 of 12 units" in found.warning
    more = agreement([*three, *two, unit("e", {"Ada": 0, "Ben": 0, "Cleo": 0})])
    assert more.kappa.n == 10 and more.kappa.value is not None


def test_ratings_beside_the_scale_are_no_units_of_weighted_kappa_and_alpha() -> None:
    def both(n: int, one: str, other: str) -> Unit:
        return Unit(f"c{n}", "r: c", "C", "control", {"Ada": one, "Ben": other}, ("no", "yes"))

    units = [both(n, "no" if n % 2 else "yes", "no") for n in range(9)]
    units += [both(n, "not_applicable", "no") for n in range(9, 14)]
    found = agreement(units)
    assert found.kappa.value is not None and found.kappa.n == 14
    assert found.weighted is not None
    assert [(f.n, f.value) for f in (found.weighted, found.alpha)] == [(9, None)] * 2


def test_comparisons_without_a_usable_unit_narrow_no_interval() -> None:
    """The jackknife leaves out comparisons that a figure rests on, not others."""
    whole = [unit(f"c{n}", {"Ada": n % 3, "Ben": n % 3, "Cleo": n * n % 3}) for n in range(12)]
    beside = [unit(f"d{n}", {"Ada": 0, "Ben": 0}) for n in range(30)]
    assert agreement([*whole, *beside]).kappa == agreement(whole).kappa


def unit(name: str, levels: dict[str, int]) -> Unit:
    names = ("not_met", "partially_met", "met")
    return Unit(name, "r: c", "C", "control", {who: names[n] for who, n in levels.items()})


def test_two_raters_who_lean_apart_are_measured_by_what_each_gives() -> None:
    """Ada gives met 3 times of 4, Ben once: chance alone makes them agree 3 times of 8."""
    found = agreement(
        [
            unit("c1", {"Ada": 2, "Ben": 2}),
            unit("c2", {"Ada": 2, "Ben": 0}),
            unit("c3", {"Ada": 2, "Ben": 0}),
            unit("c4", {"Ada": 0, "Ben": 0}),
        ]
        * 3
    )
    assert (found.kappa_name, found.raters) == ("Cohen", 2)
    assert found.kappa.value == pytest.approx((2 / 4 - 3 / 8) / (1 - 3 / 8))  # Fleiss: 0
    # Of the distances, all are of one size: half of the units differ; by chance, of 24 levels of
    # which 12 are met, 2 * 12 * 12 / (24 * 23).
    assert found.alpha.value == pytest.approx(1 - (2 / 4) / (288 / 552))


def test_three_raters_who_use_two_levels_have_figures() -> None:
    """Half of the units alike; each level is given as often: 1/2 of all pairs by chance."""
    found = agreement(
        [
            unit("c1", {"Ada": 2, "Ben": 2, "Cleo": 2}),
            unit("c2", {"Ada": 0, "Ben": 0, "Cleo": 0}),
            unit("c3", {"Ada": 2, "Ben": 0, "Cleo": 0}),
            unit("c4", {"Ada": 0, "Ben": 2, "Cleo": 2}),
        ]
        * 3
    )
    assert (found.kappa_name, found.raters, found.weighted) == ("Fleiss", 3, None)
    assert found.percent.value == pytest.approx(8 / 12)
    assert found.kappa.value == pytest.approx((8 / 12 - 1 / 2) / (1 - 1 / 2))
    assert found.alpha.value == pytest.approx(1 - (4 / 12) / (648 / 1260))


def test_levels_of_five_are_nearer_than_the_ends() -> None:
    five = ("none", "few", "half", "most", "all")
    given = [("none", "few"), ("few", "few"), ("half", "most"), ("all", "all"), ("most", "most")]
    given *= 2
    units = [
        Unit(f"c{n}", "r: c", "C", "control", dict(zip(("Ada", "Ben"), both, strict=True)), five)
        for n, both in enumerate(given)
    ]
    found = agreement(units)
    table = np.array([[five.index(a), five.index(b)] for a, b in given], dtype=float)
    assert found.weighted is not None
    assert found.weighted.value == pytest.approx(weighted(table, 5))
    assert weighted(table, 5) > cohen(table, 5)
    assert found.alpha.value == pytest.approx(alpha(table, 5))


def test_not_applicable_counts_for_the_share_and_has_no_place_in_the_order() -> None:
    def both(n: int, one: str, other: str) -> Unit:
        return Unit(f"c{n}", "r: c", "C", "control", {"Ada": one, "Ben": other}, ("no", "yes"))

    levels = [both(1, "no", "no"), both(2, "yes", "no"), both(3, "yes", "yes")]
    beside = [both(4, "not_applicable", "not_applicable"), both(5, "not_applicable", "yes")]
    found, alone = agreement([*levels, *beside]), agreement(levels)
    assert found.not_applicable == 3
    assert found.percent.value == pytest.approx(3 / 5)
    assert found.weighted is not None and alone.weighted is not None
    assert found.weighted.value == pytest.approx(alone.weighted.value)


def test_criteria_on_different_scales_are_groups_of_their_own() -> None:
    two = Unit("c1", "r: a", "C", "control", {"Ada": "yes", "Ben": "no"}, ("no", "yes"))
    three = unit("c1", {"Ada": 1, "Ben": 2})
    assert [each.group for each in by_group([two, three], lambda unit: "all")] == [
        "all (no < yes)", "all (not_met < partially_met < met)",
    ]  # fmt: skip


def test_intervals_hold_the_value_and_repeat() -> None:
    chance = np.random.default_rng(7)
    units = []
    for n in range(60):
        level = int(chance.integers(0, 3))
        other = level if chance.random() < 0.7 else int(chance.integers(0, 3))
        units.append(unit(f"c{n // 3}", {"Ada": level, "Ben": other}))
    found = agreement(units)
    for figure in (found.percent, found.kappa, found.weighted, found.alpha):
        assert figure and figure.value is not None and figure.low is not None
        assert figure.low < figure.value < (figure.high or 0)
    assert found == agreement(units)
    assert found.warning is None


# --- ratings from reviews -------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = write_folder(comparison(), tmp_path / "outputs" / "pair")
    actions.begin(folder, "Ada", mode="blind-first")
    actions.give_own(folder, "Ada", CONTROL, Content(level="met"))
    actions.accept(folder, "Ada", CONTROL)  # changed her mind: the judge said not met
    actions.accept(folder, "Ben", CONTROL)
    actions.accept(folder, "Ben", TREATMENT)
    return folder


def test_only_levels_given_before_the_reveal_stand_beside_the_judge(folder: Path) -> None:
    [found] = judge_ratings([read_reviewed(folder)])
    assert found.levels == {"the judge": "not_met", "a reviewer": "met"}
    assert (found.condition, found.criterion) == ("C", "library-memo: owned-decision")


def test_reviewers_are_compared_by_what_they_gave_on_their_own(folder: Path) -> None:
    levels = {
        (u.criterion, u.condition): u.levels for u in reviewer_ratings([read_reviewed(folder)])
    }
    assert levels["library-memo: owned-decision", "C"] == {"Ada": "met", "Ben": "not_met"}
    assert levels["library-memo: owned-decision", "P"] == {"Ben": "met"}


def test_command_says_figures_n_and_what_limits_them(folder: Path, grader: Grader) -> None:
    ran = grader("agreement", folder.parent)
    assert ran.code == 0
    assert "Between reviewers" in ran.out and "condition C" in ran.out
    assert "Fewer than 10 units have no kappa." in ran.out
    assert "1 reviews were assisted" in ran.err
    document = grader("agreement", folder, "--json").json
    assert document["judge"][0]["n"] == 1
    assert document["judge"][0]["percent"]["value"] == 0


def test_folder_without_comparisons_is_told(tmp_path: Path, grader: Grader) -> None:
    ran = grader("agreement", tmp_path)
    assert (ran.code, "there is no comparison here" in ran.err) == (2, True)


# --- intervals ------------------------------------------------------------------------------


def test_interval_of_a_share_over_equal_comparisons_is_the_t_interval_of_their_shares() -> None:
    """With as many units in each comparison the jackknife is the t interval of the means."""
    from scipy.stats import ttest_1samp

    agree = [4, 3, 3, 2, 4, 1]
    units = [
        unit(f"c{n}", {"Ada": 0, "Ben": 0 if at < same else 2})
        for n, same in enumerate(agree)
        for at in range(4)
    ]
    found = agreement(units).percent
    interval = ttest_1samp([same / 4 for same in agree], 0).confidence_interval()
    assert (found.low, found.high) == pytest.approx((interval.low, min(1, interval.high)))


@pytest.mark.parametrize(
    ("comparisons", "why"),
    [(4, "four comparisons are too few"), (6, "leaving one out never changes it")],
)
def test_no_interval_is_made_up(comparisons: int, why: str) -> None:
    units = [unit(f"c{n}", {"Ada": n % 3, "Ben": n % 3}) for n in range(comparisons)]
    if comparisons == 4:
        units.append(unit("c0", {"Ada": 0, "Ben": 2}))
    found = agreement(units).percent
    assert found.value is not None and (found.low, found.high) == (None, None), why


def test_intervals_of_six_comparisons_cover_the_truth() -> None:
    """Units of a comparison are alike: how far raters agree differs from one to the next."""
    chance = np.random.default_rng(3)
    held = 0
    for _ in range(400):
        shares = chance.choice([0.5, 0.7, 0.9], 6)
        units = []
        for n, share in enumerate(shares):
            for _ in range(10):
                level = int(chance.integers(0, 3))
                same = chance.random() < share
                other = level if same else (level + int(chance.integers(1, 3))) % 3
                units.append(unit(f"c{n}", {"Ada": level, "Ben": other}))
        found = agreement(units).percent
        held += found.low is not None and found.low <= 0.7 <= (found.high or 0)
    assert 0.92 <= held / 400 <= 0.98


# --- people's levels from elsewhere ---------------------------------------------------------


def test_levels_of_a_table_count_as_raters(tmp_path: Path, grader: Grader) -> None:
    folder = write_folder(comparison(), tmp_path / "pair")
    draft = read_reviewed(folder).draft
    table = tmp_path / "people.csv"
    rows = ["transcript,criterion,rater,level,note"]
    for rater in ("Ada", "Ben"):
        for verdict in draft.verdicts:
            name = draft.transcript(verdict.side).id
            rows.append(f'{name},{verdict.criterion},{rater},Partially met,"=1+1, said so"')
    table.write_text("\ufeff" + "\r\n".join(rows), encoding="utf-8")
    report = grader("agreement", folder, "--raters", table, "--json").json
    between, judged = report["reviewers"][0], report["judge"][0]
    assert (between["n"], between["percent"]["value"]) == (4, 1.0)
    assert between["kappa"]["value"] is None, "four units bear no kappa"
    assert judged["n"] == 2 * sum(verdict.level is not None for verdict in draft.verdicts)
    assert any("8 levels by 2 people come from elsewhere" in note for note in report["notes"])


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("c-library-memo-1,owned-decision,Ada", "'' is no level here"),
        ("c-library-memo-1,owned-decision,,met", "this row has no rater"),
        ("elsewhere,owned-decision,Ada,met", "is called 'elsewhere'"),
        ("c-library-memo-1,other,Ada,met", "'other' is no criterion here"),
        ("c-library-memo-1,owned-decision,Ada,splendid", "'splendid' is no level here"),
        ("c-library-memo-1,owned-decision,Ada,met\nc-library-memo-1,owned-decision,Ada,not met",
         "gives this criterion of this transcript a level twice"),
        ('c-library-memo-1,"owned', "this is no table"),
    ],
)  # fmt: skip
def test_row_that_says_nothing_of_these_comparisons_is_refused_with_its_line(
    tmp_path: Path, grader: Grader, row: str, told: str
) -> None:
    folder = write_folder(comparison(), tmp_path / "pair")
    table = tmp_path / "people.csv"
    table.write_text(f"transcript,criterion,rater,level\n{row}\n")
    done = grader("agreement", folder, "--raters", table)
    assert done.code == 2 and told in done.err and "people.csv:" in done.err


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b"transcript,criterion\n"])
def test_file_that_is_no_table_of_levels_is_refused(
    tmp_path: Path, grader: Grader, data: bytes
) -> None:
    folder = write_folder(comparison(), tmp_path / "pair")
    table = tmp_path / "people.csv"
    table.write_bytes(data)
    done = grader("agreement", folder, "--raters", table)
    assert done.code == 2 and "people.csv" in done.err and "Traceback" not in done.err


def test_markers_and_contrasts_are_rated_too(tmp_path: Path) -> None:
    folder = write_folder(comparison(), tmp_path / "pair")
    for who in ("Ada", "Ben"):
        actions.begin(folder, who, mode="blind-first")
        for side in ("treatment", "control"):
            actions.set_presences(folder, who, {f"signature:template-voice:{side}": ["trace"] * 2})
        own = Content(shows_more="neither")
        actions.give_own(folder, who, "contrast:owned-decision", own)
    groups = {group.group: group for group in report_of([read_reviewed(folder)]).others}
    assert groups["markers, between reviewers"].n == 4
    assert groups["markers, between reviewers"].percent.value == 1.0
    assert groups["contrasts, between reviewers"].n == 1
    assert groups["markers, judge and reviewers"].n == 8
    assert set(groups) >= {"contrasts, judge and reviewers"}


def test_printed_agreement_fits_eighty_columns_and_cuts_no_name(
    tmp_path: Path, grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    draft = comparison()
    folder = write_folder(draft, tmp_path / "pair")
    for who in ("Ada", "Ben"):
        for verdict in draft.verdicts:
            actions.choose(folder, who, verdict.item, Content(level="met"))
    printed = grader("agreement", folder).out
    assert "library-memo: owned-decision" in printed
    assert max(len(line) for line in printed.splitlines()) <= 80


def test_name_of_a_file_that_fits_two_transcripts_is_refused_and_an_id_comes_first(
    tmp_path: Path, grader: Grader
) -> None:
    draft = comparison()
    source = draft.treatment.provenance.model_copy(update={"source": "elsewhere/run.json"})
    same = draft.control.provenance.model_copy(update={"source": "here/run.json"})
    draft = draft.model_copy(
        update={
            "treatment": draft.treatment.model_copy(update={"provenance": source}),
            "control": draft.control.model_copy(update={"provenance": same}),
        }
    )
    folder = write_folder(draft, tmp_path / "pair")
    table = tmp_path / "people.csv"
    table.write_text("transcript,criterion,rater,level\nrun.json,owned-decision,Ada,met\n")
    done = grader("agreement", folder, "--raters", table)
    assert done.code == 2 and "people.csv:2" in done.err
    assert "c-library-memo-1, p-library-memo-1" in done.err
    table.write_text("transcript,criterion,rater,level\nc-library-memo-1,owned-decision,Ada,met\n")
    assert grader("agreement", folder, "--raters", table).code == 0


def test_two_folders_of_one_name_are_two_comparisons(tmp_path: Path, grader: Grader) -> None:
    draft = comparison()
    other = draft.model_copy(
        update={"control": draft.control.model_copy(update={"id": "c-library-memo-2"})}
    )
    folders = [write_folder(draft, tmp_path / "a" / "pair"),
               write_folder(other, tmp_path / "b" / "pair")]  # fmt: skip
    rows = ["transcript,criterion,rater,level"]
    rows += [f"c-library-memo-{n},owned-decision,{who},{level}"
             for n, level in ((1, "met"), (2, "not met")) for who in ("Ada", "Ben")]  # fmt: skip
    table = tmp_path / "people.csv"
    table.write_text("\n".join(rows))
    report = grader("agreement", *folders, "--raters", table, "--json").json
    between = report["reviewers"][0]
    assert (between["n"], between["percent"]["value"]) == (2, 1.0)


def test_figure_that_can_use_too_few_of_the_units_says_how_many(
    tmp_path: Path, grader: Grader
) -> None:
    draft = comparison()
    names = [f"c-library-memo-{n}" for n in range(3)]
    folders = [
        write_folder(
            draft.model_copy(update={"control": draft.control.model_copy(update={"id": name})}),
            tmp_path / name,
        )
        for name in names
    ]
    rows = [
        f"{name},{criterion.id},{who},met"
        for name in (*names, draft.treatment.id)
        for criterion in draft.rubric.criteria
        for who in ("Ada", "Ben", *(["Cleo"] if name == names[0] else []))
    ]
    table = tmp_path / "people.csv"
    table.write_text("\n".join(["transcript,criterion,rater,level", *rows]))
    printed = grader("agreement", *folders, "--raters", table).out
    assert "kappa can use only 2 of 12 units: too few" in printed


HEAD = "transcript,criterion,rater,level"
ROW = "c-library-memo-1,owned-decision,Cleo,met"
ROWS = f"{HEAD}\n{ROW}\np-library-memo-1,owned-decision,Cleo,met\n"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(ROWS.replace(",", ";").encode(), id="semicolons"),
        pytest.param(ROWS.replace(",", "\t").encode(), id="tabs"),
        pytest.param(ROWS.replace(",", "\t").encode("utf-16"), id="Unicode text of a spreadsheet"),
        pytest.param(b"\xef\xbb\xbf" + ROWS.replace("\n", "\r\n").encode(), id="mark, Windows"),
        pytest.param(ROWS.replace("\n", "\r").encode(), id="line ends of old"),
        pytest.param(ROWS.replace("\n", ",,,\n").encode(), id="blank columns at the end"),
        pytest.param(ROWS.replace("\n", "\n,,,\n\n").encode(), id="empty rows"),
        pytest.param(f"\n,,,\n{ROWS}".encode(), id="empty rows before the head"),
        pytest.param(ROWS.replace(",", " , ").encode(), id="blanks around cells"),
        pytest.param(
            ROWS.replace(",", ";").replace("level\n", 'level;"why, in words"\n').encode(),
            id="semicolons, and a comma in the head",
        ),
        pytest.param(
            f'{HEAD},note\n{ROW},"a\nb;\u2028c"\n{ROW.replace("Cleo", "Di")},\n'.encode(),
            id="line ends inside a cell",
        ),
        pytest.param(ROWS.replace("Cleo", '"Cl\u2028eo"').encode(), id="line separator in a name"),
    ],
)
def test_table_is_read_as_spreadsheets_write_it(
    tmp_path: Path, grader: Grader, data: bytes
) -> None:
    folder = write_folder(comparison(), tmp_path / "pair")
    table = tmp_path / "people.csv"
    table.write_bytes(data)
    done = grader("agreement", folder, "--raters", table, "--json")
    assert done.code == 0, done.err
    assert any(note.startswith("2 levels by ") for note in done.json["notes"])


@pytest.mark.parametrize(
    ("data", "place", "told"),
    [
        (f"{HEAD},level\n{ROW},not met\n".encode(), 1, "the column 'level' twice"),
        (f"{HEAD}\n{ROW}, as I think\n".encode(), 2, "has 5 cells, and the table has 4 columns"),
        (f"{HEAD}\n{ROW}\n{ROW.replace('Cleo', 'Zoë')}\n".encode("cp1252"), 3, "CSV in UTF-8"),
        (f"{HEAD}\n{ROW}\n".encode("utf-16")[:-1], 2, "CSV in UTF-8"),
        (f"{HEAD}\n{ROW}\0\n".encode(), 2, "CSV in UTF-8"),
        (f'{HEAD},note\n{ROW},"a\nb"\nx,y,z,met,c\n'.encode(), 4, "is called 'x'"),
        (f'{HEAD},note\nx,y,z,met,"a\nb"\n'.encode(), 2, "is called 'x'"),
        (f'{HEAD}\n{ROW}\nx,"y\nz,a,b\n'.encode(), 3, "this is no table"),
        (f'{HEAD},"note\n{ROW}\n'.encode(), 1, "this is no table"),
        (f"{HEAD}\n{ROW}".replace("Cleo", "\u200b").encode(), 2, "this row has no rater"),
    ],
)
def test_table_that_could_be_read_in_two_ways_is_refused_with_its_line(
    tmp_path: Path, grader: Grader, data: bytes, place: int, told: str
) -> None:
    folder = write_folder(comparison(), tmp_path / "pair")
    table = tmp_path / "people.csv"
    table.write_bytes(data)
    done = grader("agreement", folder, "--raters", table)
    assert done.code == 2 and f"people.csv:{place}:" in done.err
    assert told in " ".join(done.err.split())


def test_table_with_tabs_may_be_called_tsv(tmp_path: Path, grader: Grader) -> None:
    folder = write_folder(comparison(), tmp_path / "pair")
    table = tmp_path / "people.tsv"
    table.write_text(ROWS.replace(",", "\t"))
    assert "2 levels by 1 people" in grader("agreement", folder, "--raters", table).err


@pytest.mark.parametrize("second", ["met", "not met"])
def test_one_person_s_level_in_two_tables_is_refused_with_both_places(
    tmp_path: Path, grader: Grader, second: str
) -> None:
    folder = write_folder(comparison(), tmp_path / "pair")
    tables = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for table, level in zip(tables, ("met", second), strict=True):
        table.write_text(f"{HEAD}\n{ROW.replace('met', level)}\n")
    done = grader("agreement", folder, "--raters", tables[0], "--raters", tables[1])
    assert done.code == 2 and "two.csv:2" in done.err and "one.csv:2" in done.err


def test_level_on_a_comparison_that_was_copied_is_given_once(
    tmp_path: Path, grader: Grader
) -> None:
    draft = comparison()
    folders = [write_folder(draft, tmp_path / "a" / "pair"),
               write_folder(draft, tmp_path / "b" / "pair")]  # fmt: skip
    actions.accept(folders[0], "Ada", CONTROL)
    table = tmp_path / "people.csv"
    table.write_text(f"{HEAD}\n{ROW}\n")
    done = grader("agreement", *folders, "--raters", table)
    assert done.code == 0 and "1 levels by 1 people" in done.err
    table.write_text(f"{HEAD}\n{ROW.replace('Cleo', 'Ada')}\n")
    assert grader("agreement", *folders, "--raters", table).code == 2


def test_level_counts_in_each_comparison_that_asks_its_criterion(
    tmp_path: Path, grader: Grader
) -> None:
    draft = comparison()
    text = draft.model_dump_json().replace("owned-decision", "other-decision")
    other = Comparison.model_validate_json(text)
    folders = [write_folder(draft, tmp_path / "pair"), write_folder(other, tmp_path / "other")]
    table = tmp_path / "people.csv"
    table.write_text(f"{HEAD}\n{ROW}\nc-library-memo-1,sunday-made-visible,Cleo,met\n")
    done = grader("agreement", *folders, "--raters", table)
    assert done.code == 0 and "3 levels by 1 people" in done.err
    table.write_text(f"{HEAD}\nc-library-memo-1,nowhere,Cleo,met\n")
    refused = grader("agreement", *folders, "--raters", table)
    assert refused.code == 2 and "'nowhere' is no criterion here" in refused.err


def test_rater_who_also_reviewed_is_refused_and_counts_once(tmp_path: Path, grader: Grader) -> None:
    folder = write_folder(comparison(), tmp_path / "pair")
    actions.accept(folder, "Ada", "verdict:owned-decision:control")
    table = tmp_path / "people.csv"
    name = read_reviewed(folder).draft.control.id
    table.write_text(f"transcript,criterion,rater,level\n{name},owned-decision,Ada,met\n")
    done = grader("agreement", folder, "--raters", table)
    assert done.code == 2 and "Ada reviewed" in done.err and "people.csv:2" in done.err
