"""Markdown shown with the place of every word: what is shown is what stands there."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.text.markdown import Block, Piece, blocks_of, cut_at

PARTS = st.sampled_from(
    [
        "# ",
        "**",
        "*",
        "_",
        "`",
        "- ",
        "1. ",
        "> ",
        "\n",
        "\n\n",
        "\r\n",
        "    ",
        "| a | b |\n|--|--|\n",
        "[",
        "](http://x/(y))",
        "![",
        "\\*",
        "&amp;",
        "<b>",
        "```\n",
        "---\n",
        "word",
        "für",
        " ",
        "\t",
        "\0",
        "1",
        "|",
    ]
)
TEXTS = st.lists(st.one_of(PARTS, st.text(max_size=6)), max_size=25).map("".join)


def pieces(blocks: tuple[Block, ...]) -> list[Piece]:
    return [piece for block in blocks for cell in block.cells for piece in cell]


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_every_shown_word_stands_in_the_source_where_it_says(text: str) -> None:
    end = 0
    for piece in pieces(blocks_of(text)):
        assert 0 <= piece.start <= piece.end <= len(text)
        assert piece.start >= end, "pieces come in the order of the source and never overlap"
        end = piece.end
        assert piece.whole or piece.text == text[piece.start : piece.end] or piece.text == "\n"


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_no_letter_of_the_source_is_hidden(text: str) -> None:
    if "\0" in text:
        return
    shown = "".join(text[p.start : p.end] for p in pieces(blocks_of(text)))
    bullets = "".join(block.bullet for block in blocks_of(text))
    for letter in set(filter(str.isalpha, text)):
        assert shown.count(letter) == text.count(letter), letter
    for digit in set(filter(str.isdecimal, text)):
        assert shown.count(digit) + bullets.count(digit) == text.count(digit), digit


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.lists(st.integers(0, 200), max_size=4))
def test_cutting_changes_no_word_and_stops_at_the_borders(text: str, borders: list[int]) -> None:
    borders = sorted({*borders})
    for block in blocks_of(text):
        for cell in block.cells:
            cut = list(cut_at(cell, borders))
            assert "".join(p.text for p in cut) == "".join(p.text for p in cell)
            for piece in cut:
                assert piece.whole or not any(piece.start < b < piece.end for b in borders)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("## Two *words*", "h2", ["Two ", "words"]),
        ("- one\n  more", "p", ["one", "\n", "more"]),
        ("1. 1", "p", ["1"]),
        ("a \\* b", "p", ["a ", "*", " b"]),
        ("R&amp;D", "p", ["R", "&", "D"]),
        ("`x y`", "p", ["x y"]),
        ("[here](javascript:alert(1))", "p", ["[here](javascript:alert(1))"]),
        ("[here](http://a.example/b)", "p", ["here", " (http://a.example/b)"]),
        ("<script>x</script>", "p", ["<script>x</script>"]),
        ("```py\nx = 1\n```", "code", ["py", "\n", "x = 1"]),
    ],
)
def test_text_is_shown_as_its_author_meant_it(text: str, kind: str, words: list[str]) -> None:
    [block] = blocks_of(text)
    assert block.kind == kind
    assert [piece.text for piece in block.cells[0]] == words


def test_row_of_a_table_has_its_cells() -> None:
    head, row = blocks_of("| a | b |\n|---|---|\n| 1 | **2** |")
    assert (head.kind, row.kind) == ("head", "row")
    assert [[p.text for p in cell] for cell in row.cells] == [["1"], ["2"]]


@pytest.mark.parametrize(
    "source",
    [
        "[Date]: Sunday",
        "[Sunday]: 2026-01-04 'the last one'",
        "see [this][Date]\n\n[Date]: /sunday",
        "```owner due\ncall\n```",
        "~~~ python title=x\npass\n~~~",
        '[here](there "with a title")',
        '![a door](door.png "the main door")',
    ],
)
def test_what_markdown_keeps_to_itself_is_shown(source: str) -> None:
    shown = " ".join(p.text for b in blocks_of(source) for cell in b.cells for p in cell)
    for word in re.findall(r"\w+", source):
        assert word in shown


_WORDS = st.lists(st.sampled_from(
    ["alpha", "beta", "gamma", "delta", "*", "**", "_", "`", "```", "~~~", "[", "]", "](", ")",
     "]:", "#", "- ", "1. ", "> ", "| ", "|---|---|", "\n", "\n\n", "    ", "!", "<b>", "\\", "\"",
     " ", "===", "---"]
), max_size=40).map("".join)  # fmt: skip


@given(_WORDS)
def test_no_word_of_a_source_is_lost_on_the_way(source: str) -> None:
    shown = "\n".join(
        b.bullet + " " + "".join(p.text for cell in b.cells for p in cell)
        for b in blocks_of(source)
    )
    for word in ("alpha", "beta", "gamma", "delta"):
        assert shown.count(word) >= source.count(word)
