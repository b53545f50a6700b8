"""The figures as Vega-Lite specifications (Altair) and as SVG (vl-convert), without a browser.

Colours are those of the writeup. The page turns them to its dark colours by style sheet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from grader.study.report.colours import AFTER, INK, RULE, SOFT, STEPS
from grader.study.results import ContrastResult, StudyResult

VEGALITE = "6.4"
WIDTH = 520
FACE = "Inter, Segoe UI, Roboto, Noto Sans, Liberation Sans, Arial, sans-serif"
_NO_BOX = re.compile(r'<rect width="[\d.]+" height="[\d.]+" fill="[^"]*"/>', re.ASCII)

Spec = dict[str, Any]


def figures_of(result: StudyResult, names: Mapping[str, str]) -> dict[str, Spec]:
    """The specifications of all figures that the results allow, by name.

    Args:
        result: the results.
        names: titles of criteria by id.
    """
    primary = result.primary()
    found = {}
    if any(cell.value is not None for cell in primary.cells):
        found["shift"] = _shift(primary)
    if any(each.shift.n for each in primary.criteria):
        found["criteria"] = _criteria(primary, names)
    if any(cell.difference is not None for cell in primary.floor.cells):
        found["floor"] = _floor(primary)
    if result.people is not None and primary.calibration is not None:
        found["people"] = _people(primary)
    return found


def svg_of(spec: Spec, label: str) -> str:
    """A figure as SVG with its text alternative; without a background of its own."""
    import vl_convert

    svg = str(vl_convert.vegalite_to_svg(spec, vl_version=VEGALITE))
    svg = _NO_BOX.sub("", svg, count=1)
    text = (
        label.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
    )
    return svg.replace("<svg ", f'<svg role="img" aria-label="{text}" ', 1)


def _chart(rows: Sequence[Mapping[str, Any]]) -> Any:
    import altair as alt

    return alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))


def _finished(chart: Any, description: str) -> Spec:
    spec: Spec = (
        chart.properties(description=description)
        .configure(font=FACE, background="transparent")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=SOFT,
            titleColor=SOFT,
            gridColor=RULE,
            domainColor=RULE,
            tickColor=RULE,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            labelLimit=260,
        )
        .configure_legend(
            labelColor=INK,
            titleColor=SOFT,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            orient="top",
        )
        .configure_header(labelColor=INK, labelFontSize=12, titleColor=SOFT)
        .to_dict()
    )
    return spec


def _points(title: str) -> Any:
    import altair as alt

    return alt.X("value:Q", title=title, scale=alt.Scale(nice=True))


def _shift(contrast: ContrastResult) -> Spec:
    """Net shift by task, models as marks; both pooled intervals at the foot."""
    import altair as alt

    tasks = sorted({cell.task for cell in contrast.cells})
    rows: list[dict[str, Any]] = [
        {"where": cell.task, "model": cell.model, "value": 100 * cell.value, "n": cell.pairs}
        for cell in contrast.cells
        if cell.value is not None
    ]
    pooled = []
    for name, estimate in (("these tasks", contrast.these), ("tasks like these", contrast.like)):
        if estimate.value is not None:
            low, high = estimate.interval or (estimate.value, estimate.value)
            pooled.append(
                {
                    "where": name,
                    "value": 100 * estimate.value,
                    "low": 100 * low,
                    "high": 100 * high,
                    "model": "all",
                }
            )
    order = [*tasks, "these tasks", "tasks like these"]
    y = alt.Y("where:N", title=None, sort=order)
    zero = _chart([{"value": 0}]).mark_rule(color=SOFT).encode(x="value:Q")
    marks = (
        _chart(rows)
        .mark_point(size=70, filled=True, opacity=0.85)
        .encode(
            x=_points(f"net shift, points: {contrast.after} higher less {contrast.after} lower"),
            y=y,
            shape=alt.Shape("model:N", title="model"),
            color=alt.value(AFTER),
        )
    )
    interval = (
        _chart(pooled).mark_rule(color=INK, strokeWidth=2).encode(x="low:Q", x2="high:Q", y=y)
    )
    middle = (
        _chart(pooled)
        .mark_point(shape="diamond", size=110, filled=True, color=INK)
        .encode(x="value:Q", y=y)
    )
    layers = [zero, marks, interval, middle]
    chart = alt.layer(*layers).properties(width=WIDTH, height=24 * len(order))
    return _finished(chart, f"Net shift of {contrast.after} against {contrast.before} by task.")


def _criteria(contrast: ContrastResult, names: Mapping[str, str]) -> Spec:
    """Stacked shares of the levels, both conditions of each criterion side by side."""
    import altair as alt

    rows = []
    levels = 0
    order = []
    for each in contrast.criteria:
        title = names.get(each.criterion, each.criterion) + (" ◆" if each.borne else "")
        for condition, counts in ((contrast.before, each.before), (contrast.after, each.after)):
            ranks = {name: count for name, count in counts.items() if name.isdigit()}
            levels = max(levels, len(ranks))
            total = sum(ranks.values())
            label = f"{title}  {condition}"
            order.append(label)
            for rank, count in ranks.items():
                rows.append(
                    {
                        "where": label,
                        "rank": int(rank),
                        "level": f"level {int(rank) + 1}",
                        "share": 100 * count / total if total else 0,
                    }
                )
    domain = [f"level {n + 1}" for n in range(levels)]
    colours = list(STEPS[:levels])
    chart = (
        _chart(rows)
        .mark_bar(height=13)
        .encode(
            x=alt.X("share:Q", title="share of runs, %", scale=alt.Scale(domain=[0, 100])),
            y=alt.Y("where:N", title=None, sort=order),
            color=alt.Color(
                "level:N", title="lowest to highest", scale=alt.Scale(domain=domain, range=colours)
            ),
            order="rank:Q",
        )
        .properties(width=WIDTH - 120, height=17 * len(order))
    )
    return _finished(chart, "Levels of each criterion by condition.")


def _floor(contrast: ContrastResult) -> Spec:
    """How often two runs of a cell differ: within each condition, and across."""
    import altair as alt

    names = (
        f"two {contrast.before} runs",
        f"one {contrast.before}, one {contrast.after}",
        f"two {contrast.after} runs",
    )
    rows = [
        {"what": name, "value": 100 * share, "cell": f"{cell.task}, {cell.model}"}
        for cell in contrast.floor.cells
        for name, share in zip(names, (cell.before, cell.difference, cell.after), strict=True)
        if share is not None
    ]
    means = [
        {"what": name, "value": 100 * estimate.value}
        for name, estimate in zip(
            names,
            (contrast.floor.before, contrast.floor.difference, contrast.floor.after),
            strict=True,
        )
        if estimate.value is not None
    ]
    x = alt.X("what:N", title=None, sort=list(names), axis=alt.Axis(labelAngle=0))
    y = alt.Y("value:Q", title="levels that differ, %", scale=alt.Scale(domain=[0, 100]))
    cells = _chart(rows).mark_line(color=SOFT, opacity=0.4).encode(x=x, y=y, detail="cell:N")
    dots = _chart(rows).mark_point(color=SOFT, opacity=0.6, size=24).encode(x=x, y=y)
    mean = (
        _chart(means)
        .mark_line(color=AFTER, strokeWidth=3, point=alt.OverlayMarkDef(color=AFTER, size=80))
        .encode(x=x, y=y)
    )
    chart = alt.layer(cells, dots, mean).properties(width=WIDTH, height=240)
    return _finished(chart, "How often two runs differ, by cell.")


def _people(contrast: ContrastResult) -> Spec:
    """The net shift by the judge alone, by people alone, and corrected."""
    import altair as alt

    assert contrast.calibration is not None
    rows = []
    for name, estimate in (
        ("the judge alone", contrast.these),
        ("people alone", contrast.calibration.people),
        ("corrected", contrast.calibration.these_tasks),
        ("corrected, tasks like these", contrast.calibration.tasks_like_these),
    ):
        if estimate.value is not None:
            low, high = estimate.interval or (estimate.value, estimate.value)
            rows.append(
                {"what": name, "value": 100 * estimate.value, "low": 100 * low, "high": 100 * high}
            )
    y = alt.Y("what:N", title=None, sort=[str(row["what"]) for row in rows])
    zero = _chart([{"value": 0}]).mark_rule(color=SOFT).encode(x="value:Q")
    interval = (
        _chart(rows)
        .mark_rule(color=INK, strokeWidth=2)
        .encode(x=alt.X("low:Q", title="net shift, points"), x2="high:Q", y=y)
    )
    middle = (
        _chart(rows)
        .mark_point(shape="diamond", size=110, filled=True, color=INK)
        .encode(x="value:Q", y=y)
    )
    chart = alt.layer(zero, interval, middle).properties(width=WIDTH, height=28 * len(rows))
    return _finished(chart, "The net shift by judge and by people.")
