"""The passage of a text that is most like some words, for a person to see.

Likeness is not evidence: a passage that is nearly alike may say the opposite.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property

_WORD = re.compile(r"\w+")
_OTHERS = 0.4
"""Words of a passage that may all be others before it counts as unlike."""


class NearText:
    """A text in which passages are looked for that are like some words, whatever their case.

    Only around words that both share is anything compared, so many words that are nowhere in a
    long text cost little.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _small(self) -> str:
        # Some letters have no small form of the same length; places must stay right.
        small = self.text.lower()
        return small if len(small) == len(self.text) else self.text

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = defaultdict(list)
        for match in _WORD.finditer(self._small):
            places[match.group()].append(match.start())
        return dict(places)

    def nearest(self, words: str, *, above: float) -> tuple[float, int, int] | None:
        """Likeness (in per cent), start and end of the passage most like these words.

        Args:
            words: what is looked for.
            above: the least likeness that counts.
        """
        from rapidfuzz import fuzz

        wanted = words.lower()
        best: tuple[float, int, int] | None = None
        for first, last in self._stretches(wanted):
            found = fuzz.partial_ratio_alignment(
                wanted, self._small[first:last], score_cutoff=best[0] if best else above
            )
            if found is not None and (best is None or found.score > best[0]):
                best = found.score, first + found.dest_start, first + found.dest_end
        return best

    def _stretches(self, wanted: str) -> list[tuple[int, int]]:
        """Where enough words may be shared: around the rarest of them, one of which must be."""
        asked = _WORD.findall(wanted)
        rarest = sorted(set(asked), key=lambda word: len(self._places.get(word, ())))
        needed = rarest[: int(len(asked) * _OTHERS) + 1]
        around = 2 * len(wanted)
        if 2 * around * sum(len(self._places.get(word, ())) for word in needed) > len(self._small):
            return [(0, len(self._small))]  # everywhere, and overlapping
        stretches: list[tuple[int, int]] = []
        for place in sorted(place for word in needed for place in self._places.get(word, ())):
            first, last = max(0, place - around), min(len(self._small), place + around)
            if stretches and first <= stretches[-1][1]:
                stretches[-1] = (stretches[-1][0], last)
            else:
                stretches.append((first, last))
        return stretches
