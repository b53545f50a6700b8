"""How long rendering takes on one core: `python benchmarks/writeup.py`.

The golden drafts stand in for 200 comparisons, each rendered as Markdown and as a page, with its
position among all others. Aim: under 20 s for all.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from grader.comparison.comparison import Comparison
from grader.review.fold import fold
from grader.writeup.document import document_of
from grader.writeup.html import render_html
from grader.writeup.markdown import render_markdown
from grader.writeup.position import neighbour_of

DRAFTS = Path(__file__).resolve().parents[1] / "tests" / "golden" / "drafts"
COUNT = 200
AIM_S = 20.0


def main() -> int:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    drafts = [Comparison.model_validate_json(p.read_text("utf-8")) for p in DRAFTS.glob("*.json")]
    comparisons = [
        fold(drafts[n % len(drafts)].model_copy(update={"slug": f"pair-{n}"}), "0" * 64, ())
        for n in range(COUNT)
    ]
    started, began = time.perf_counter(), time.process_time()
    others = [neighbour_of(comparison) for comparison in comparisons]
    print(f"positions   {time.process_time() - began:6.2f} s CPU")
    before = time.process_time()
    documents = [document_of(each, others) for each in comparisons]
    spent = time.process_time() - before
    print(f"documents   {spent:6.2f} s CPU, {1000 * spent / COUNT:5.1f} ms each")
    total = 0
    for name, render in (("Markdown", render_markdown), ("page", render_html)):
        before = time.process_time()
        written = sum(len(render(each)) for each in documents)
        spent = time.process_time() - before
        total += written
        print(f"{name:<11} {spent:6.2f} s CPU, {1000 * spent / COUNT:5.1f} ms each")
    cpu, wall = time.process_time() - began, time.perf_counter() - started
    print(f"{COUNT} comparisons, {total / 1e6:.0f} MB: {cpu:.2f} s CPU, {wall:.2f} s on the clock")
    print(f"Aim {AIM_S:.0f} s: {'kept' if cpu < AIM_S else 'MISSED'}")
    return 0 if cpu < AIM_S else 1


if __name__ == "__main__":
    sys.exit(main())
