"""Cutting a text at the borders of spans that may overlap, nest and touch."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from itertools import pairwise
from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)


class Piece(NamedTuple, Generic[K]):
    """A stretch of text that is covered by the same spans from its start to its end."""

    start: int
    end: int
    keys: tuple[K, ...]
    """The spans that cover it, in the order in which they were given."""


def cut(spans: Mapping[K, tuple[int, int]], start: int, end: int) -> list[Piece[K]]:
    """The stretch from start to end in pieces that don't overlap and leave nothing out.

    Args:
        spans: start and end of each, by key; what lies outside of the stretch is cut off.
        start: where the stretch begins.
        end: one past its last character.
    """
    inside = {
        key: (max(start, first), min(end, last))
        for key, (first, last) in spans.items()
        if max(start, first) < min(end, last)
    }
    cuts = sorted({start, end, *(cut for span in inside.values() for cut in span)})
    return [
        Piece(one, other, tuple(key for key, (a, b) in inside.items() if a <= one and other <= b))
        for one, other in pairwise(cuts)
    ]


def apart(spans: Mapping[K, tuple[int, int]]) -> list[tuple[K, int, int]]:
    """The spans in order and without overlaps: where several meet, the first given keeps it all.

    A span that another one divides comes in two parts.
    """
    if not spans:
        return []
    first = min(start for start, _ in spans.values())
    last = max(end for _, end in spans.values())
    found: list[tuple[K, int, int]] = []
    for piece in cut(spans, first, last):
        if not piece.keys:
            continue
        owner = piece.keys[0]
        if found and found[-1][0] == owner and found[-1][2] == piece.start:
            found[-1] = (owner, found[-1][1], piece.end)
        else:
            found.append((owner, piece.start, piece.end))
    return found


def merged(spans: Mapping[K, tuple[int, int]]) -> list[tuple[int, int]]:
    """The places that any span covers; spans that overlap make one place, touching ones two."""
    places: list[tuple[int, int]] = []
    for start, end in sorted(span for span in spans.values() if span[0] < span[1]):
        if places and start < places[-1][1]:
            places[-1] = (places[-1][0], max(end, places[-1][1]))
        else:
            places.append((start, end))
    return places
