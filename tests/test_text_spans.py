"""A text is cut at the borders of spans, and no character is lost or doubled."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.text.spans import apart, cut, merged

SPANS = st.dictionaries(
    st.integers(1, 9), st.tuples(st.integers(-2, 40), st.integers(-2, 40)), max_size=6
)


def covered(spans: dict[int, tuple[int, int]]) -> set[int]:
    return {at for start, end in spans.values() for at in range(start, end)}


@given(SPANS, st.integers(0, 20), st.integers(0, 40))
def test_pieces_leave_nothing_out_and_know_all_that_covers_them(
    spans: dict[int, tuple[int, int]], start: int, length: int
) -> None:
    end = start + length
    pieces = cut(spans, start, end)
    assert [at for piece in pieces for at in range(piece.start, piece.end)] == [*range(start, end)]
    for piece in pieces:
        for at in range(piece.start, piece.end):
            assert set(piece.keys) == {key for key, (a, b) in spans.items() if a <= at < b}


@given(SPANS)
def test_spans_set_apart_cover_the_same_and_do_not_overlap(
    spans: dict[int, tuple[int, int]],
) -> None:
    found = apart(spans)
    places = [at for _, start, end in found for at in range(start, end)]
    assert places == sorted(covered(spans))
    for key, start, end in found:
        assert spans[key][0] <= start < end <= spans[key][1]


def test_the_first_span_stays_whole_and_divides_the_others() -> None:
    assert apart({"mine": (4, 8), "other": (0, 12)}) == [
        ("other", 0, 4),
        ("mine", 4, 8),
        ("other", 8, 12),
    ]


@given(SPANS)
def test_merged_places_cover_the_same(spans: dict[int, tuple[int, int]]) -> None:
    places = merged(spans)
    assert [at for start, end in places for at in range(start, end)] == sorted(covered(spans))


def test_spans_that_touch_stay_two_places() -> None:
    assert merged({1: (0, 3), 2: (3, 5), 3: (4, 9)}) == [(0, 3), (3, 9)]
