"""Figures in words: points with their sign, shares, intervals, p."""

from __future__ import annotations

from grader.study.estimate import Estimate
from grader.study.sentence import signed_points


def points(estimate: Estimate) -> str:
    """'+12 (between −3 and +27; n = 15)', or why there is none."""
    if estimate.value is None:
        return f"not known: {estimate.reason}"
    return f"{signed_points(estimate.value)} ({_between(estimate, signed_points)})"


def share(estimate: Estimate) -> str:
    """'41% (between 30% and 52%)', or why there is none."""
    if estimate.value is None:
        return f"not known: {estimate.reason}"
    return f"{percent(estimate.value)} ({_between(estimate, percent)})"


def decimal(estimate: Estimate) -> str:
    """'.61 (between .40 and .82; n = 36)', or why there is none."""
    if estimate.value is None:
        return f"not defined: {estimate.reason}"

    def write(value: float) -> str:
        return f"{value:.2f}".replace("0.", ".").replace("-", "−")

    return f"{write(estimate.value)} ({_between(estimate, write)})"


def bare_share(estimate: Estimate) -> str:
    """'4.2% (p .031; n = 7)' for a figure that has a p and no interval."""
    if estimate.value is None:
        return f"not known: {estimate.reason}"
    value = f"{100 * estimate.value:.1f}%".replace("-", "−")
    return f"{value} (p {p_text(estimate.p)}; n = {estimate.n})"


def percent(value: float | None) -> str:
    """'41%'; '–' for none."""
    return "–" if value is None else f"{round(100 * value)}%".replace("-", "−")


def p_text(p: float | None) -> str:
    """'.031', '< .001'; '–' for none."""
    if p is None:
        return "–"
    return "< .001" if p < 0.001 else f"{p:.3f}".removeprefix("0") if p < 0.9995 else "1"


def level_text(level: float) -> str:
    """'95%', '97.5%'."""
    return f"{100 * level:.4g}%"


def _between(estimate: Estimate, write: object) -> str:
    assert callable(write)
    if estimate.low is None or estimate.high is None:
        return f"no interval: {estimate.reason}; n = {estimate.n}"
    return f"between {write(estimate.low)} and {write(estimate.high)}; n = {estimate.n}"
