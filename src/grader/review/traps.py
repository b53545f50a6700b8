"""Planted verdicts: wrong ones shown to a reviewer to see whether they are noticed.

Which verdicts are planted follows from draft and reviewer, so that nothing in the events names
them beforehand. An answer to a planted verdict never enters the result; the item comes again
with the judge's own words.
"""

from __future__ import annotations

import hashlib

from grader.comparison.comparison import Comparison
from grader.comparison.kinds.verdict import Verdict


def trapped(draft: Comparison, draft_hash: str, reviewer: str, count: int) -> frozenset[str]:
    """The items whose verdict is planted for this reviewer: at most `count`, and one a criterion.

    Only verdicts with a level and nothing to look at first can be told from planted ones by
    reading alone, so only those are taken.
    """
    if not count:
        return frozenset()

    def drawn(verdict: Verdict) -> str:
        return hashlib.sha256(f"{draft_hash}\n{reviewer}\n{verdict.item}".encode()).hexdigest()

    chosen: dict[str, str] = {}
    usable = (v for v in draft.verdicts if v.level is not None and not v.attention)
    for verdict in sorted(usable, key=drawn):
        if len(chosen) < count:
            chosen.setdefault(verdict.criterion, verdict.item)
    return frozenset(chosen.values())
