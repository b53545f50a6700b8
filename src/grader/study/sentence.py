"""The one sentence that a contrast's figures allow: the first row that holds, and its endings.

    nothing     no fresh run of a condition
    beyond      raises or lowers, in tasks like these
    here        raises or lowers, in these tasks
    changes     more differences than chance gives, without one direction
    small       changes by less than the smallest shift that matters
    open        not told apart from chance

`beyond` needs `here` too where that can be known, so that both together are wrong no more often
than one. No other sentence is made: nothing is "significant", nothing "proves", and that there
is no effect is never said.
"""

from __future__ import annotations

from typing import Literal

from grader.records import Record
from grader.study.estimate import Estimate

Kind = Literal["nothing", "beyond", "here", "changes", "small", "open"]

FEWEST_TASKS = 5
"""Below so many tasks nothing is said of tasks like these."""

DIRECTION_SHARE = 0.8
CHANGE_SHARE = 0.2
"""How the error of 5% is shared: a claim of a direction, and of a change without one. Each at 5%
would be wrong together in up to 10% (benchmarks/study_simulation.py)."""

AFTERWARDS = "Found afterwards, to be tried on new runs: "


class Basis(Record):
    """All that a sentence rests on."""

    before: str
    after: str
    tasks: int
    nothing: str | None = None
    """Why nothing can be said at all, as a clause."""
    afterwards: tuple[str, ...] = ()
    """Why the result is exploratory, as clauses."""
    these: Estimate
    like: Estimate
    alpha: float
    """For the direction: the intervals' level is 1 - alpha."""
    excess_p: float | None = None
    excess_alpha: float = 0.0
    """0: a change without direction can't be said (people's levels correct the shift alone)."""
    smallest: float | None = None
    p_holm: float | None = None
    """For secondary contrasts: p after Holm's correction. None: the primary contrast."""
    alone: bool = True
    """No people's levels correct the judge's."""
    missing: int = 0
    holds: bool = True
    """Whether the claim holds with the missing levels at either extreme."""
    floor: float | None = None


class Sentence(Record):
    """What may be said."""

    kind: Kind
    text: str
    exploratory: bool

    @property
    def claims(self) -> bool:
        """Whether it says that the treatment changes something."""
        return self.kind in ("beyond", "here", "changes")


def sentence_of(basis: Basis) -> Sentence:
    """The sentence for one contrast."""
    kind = kind_of(basis)
    if kind == "nothing":
        text = f"Nothing can be said: {basis.nothing}."
        return Sentence(kind=kind, text=text, exploratory=bool(basis.afterwards))
    parts = [_claim(kind, basis), *_endings(kind, basis)]
    text = "; ".join(parts) + "."
    if basis.afterwards:
        text = AFTERWARDS + text
    return Sentence(kind=kind, text=text, exploratory=bool(basis.afterwards))


def kind_of(basis: Basis) -> Kind:
    """The first row of the table that holds."""
    if basis.nothing:
        return "nothing"
    enough = basis.tasks >= FEWEST_TASKS
    here = _here(basis)
    if _borne(basis):
        same = basis.these.interval is None or (here and _sign(basis.these) == _sign(basis.like))
        if enough and basis.like.excludes_zero and same:
            return "beyond"
        if here:
            return "here"
        if basis.excess_p is not None and basis.excess_p < basis.excess_alpha:
            return "changes"
    if enough and basis.smallest and basis.like.interval:
        low, high = basis.like.interval
        if -basis.smallest < low and high < basis.smallest:
            return "small"
    return "open"


def _here(basis: Basis) -> bool:
    """Whether the shift in these tasks is on one side of 0.

    Where the pairs of each cell are all alike there is no interval; the swaps then decide.
    """
    these = basis.these
    if these.excludes_zero:
        return True
    no_spread = these.interval is None and these.n > these.clusters
    return bool(no_spread and these.p is not None and these.p < basis.alpha and these.value)


def _borne(basis: Basis) -> bool:
    return basis.p_holm is None or basis.p_holm < basis.alpha


def _claim(kind: Kind, basis: Basis) -> str:
    of = f"against {basis.before}, {basis.after}"
    if kind == "beyond":
        verb = "raises" if _sign(basis.like) > 0 else "lowers"
        return f"{_capital(of)} {verb} the levels in tasks like these{_points(basis.like)}"
    if kind == "here":
        verb = "raises" if _sign(basis.these) > 0 else "lowers"
        where = "this one task" if basis.tasks == 1 else f"these {basis.tasks} tasks"
        return (
            f"{_capital(of)} {verb} the levels in {where}{_points(basis.these)}; of other tasks "
            "nothing is known"
        )
    if kind == "changes":
        return f"{_capital(of)} changes the levels, without one direction"
    if kind == "small":
        limit = round(100 * (basis.smallest or 0), 1)
        return (
            f"{_capital(of)} changes the levels in tasks like these by less than {limit:g} points"
            f"{_points(basis.like)}"
        )
    use_like = basis.tasks >= FEWEST_TASKS and basis.like.interval is not None
    shown = basis.like if use_like or basis.these.interval is None else basis.these
    return f"{basis.after} was not told apart from chance against {basis.before}{_points(shown)}"


def _points(estimate: Estimate) -> str:
    if estimate.interval is None:
        return ""
    low, high = estimate.interval
    return f": between {signed_points(low)} and {signed_points(high)} points"


def signed_points(value: float) -> str:
    """A net shift in points with its sign: '+12', '−3', '0'."""
    points = round(100 * value)
    return "0" if points == 0 else f"{points:+d}".replace("-", "−")


def _endings(kind: Kind, basis: Basis) -> list[str]:
    found = []
    if basis.alone:
        found.append("by the judge alone")
    if basis.missing and kind in ("beyond", "here"):
        levels = (
            "1 missing level was" if basis.missing == 1 else f"{basis.missing} missing levels were"
        )
        found.append(
            f"this holds whatever the {levels}"
            if basis.holds
            else f"this could vanish with the {levels.rsplit(' ', 1)[0]}"
        )
    if basis.floor is not None:
        found.append(
            f"two {basis.before} runs differ in {round(100 * basis.floor)}% of levels anyhow"
        )
    else:
        found.append(f"how much two {basis.before} runs differ is not known")
    return found


def _sign(estimate: Estimate) -> int:
    value = estimate.value or 0.0
    return (value > 0) - (value < 0)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
