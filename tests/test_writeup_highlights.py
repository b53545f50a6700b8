"""Quoted spans are marked where they stand, and no character of the transcript is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.writeup.highlights import Line, lines_of

TEXT = "# Head\nWe lose that and\nnothing makes up for it.\n\n```\n# code\n```\n| a | b |"


def joined(lines: tuple[Line, ...]) -> str:
    return "\n".join("".join(piece.text for piece in line.pieces) for line in lines)


def marked(lines: tuple[Line, ...], key: int) -> str:
    return "\n".join(
        text
        for line in lines
        if (text := "".join(piece.text for piece in line.pieces if key in piece.spans))
    )


def test_a_line_knows_its_kind() -> None:
    kinds = [line.kind for line in lines_of(TEXT, {})]
    assert kinds == ["heading", "text", "text", "text", "code", "code", "code", "table"]


def test_overlapping_spans_are_both_marked() -> None:
    lines = lines_of("We lose that and more", {1: (0, 12), 2: (8, 16)})
    assert [(piece.text, piece.spans) for piece in lines[0].pieces] == [
        ("We lose ", (1,)),
        ("that", (1, 2)),
        (" and", (2,)),
        (" more", ()),
    ]


def test_a_span_over_lines_begins_and_ends_once() -> None:
    start = TEXT.index("lose")
    end = TEXT.index("makes") + len("makes")
    lines = lines_of(TEXT, {7: (start, end)})
    pieces = [piece for line in lines for piece in line.pieces]
    assert marked(lines, 7) == "lose that and\nnothing makes"
    assert [piece.text for piece in pieces if 7 in piece.begins] == ["lose that and"]
    assert [piece.text for piece in pieces if 7 in piece.ends] == ["nothing makes"]


def test_a_span_outside_the_text_is_cut_and_an_empty_one_left_out() -> None:
    lines = lines_of("abc", {1: (-5, 2), 2: (2, 99), 3: (1, 1), 4: (50, 60)})
    assert marked(lines, 1) == "ab"
    assert marked(lines, 2) == "c"
    assert not marked(lines, 3) + marked(lines, 4)


SPANS = st.dictionaries(
    st.integers(1, 9), st.tuples(st.integers(-2, 40), st.integers(-2, 40)), max_size=5
)


@given(st.text("ab \n`#|~", max_size=40), SPANS)
def test_every_character_comes_out_once_and_every_span_is_whole(
    text: str, spans: dict[int, tuple[int, int]]
) -> None:
    lines = lines_of(text, spans)
    assert joined(lines) == text
    pieces = [piece for line in lines for piece in line.pieces]
    for key, (start, end) in spans.items():
        inside = text[max(0, start) : max(0, end)].replace("\n", "")
        assert "".join(piece.text for piece in pieces if key in piece.spans) == inside
        assert sum(key in piece.begins for piece in pieces) == bool(inside)
        assert sum(key in piece.ends for piece in pieces) == bool(inside)
