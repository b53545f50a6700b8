"""Make the golden comparisons and their writeups anew.

    python tests/golden/make.py             the drafts, then the writeups
    python tests/golden/make.py --render    the writeups alone, after a change of a template

The three example pairs go through the real program with the shipped recordings of a language
model's answers. Read the difference before you keep it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from grader.comparing.make import Made, compare
from grader.comparing.plan import PlanOptions, plan_comparison

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))

from grader.writeup.document import document_of  # noqa: E402
from grader.writeup.html import render_html  # noqa: E402
from grader.writeup.markdown import render_markdown  # noqa: E402
from writeup_cases import PAIRS, case, others  # noqa: E402

TREATED = {"clinic-postmortem": 1, "export-endpoint": 1, "library-memo": 2}
"""Which treated run of each task stands beside its first control."""


def main() -> None:
    if sys.argv[1:] != ["--render"]:
        for pair in PAIRS:
            _draft(pair)
    for pair in PAIRS:
        for suffix, render in (("md", render_markdown), ("html", render_html)):
            target = HERE / "writeups" / f"{pair}.{suffix}"
            target.parent.mkdir(exist_ok=True)
            target.write_text(render(document_of(case(pair), others())), "utf-8", newline="\n")


def _draft(pair: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        made = _compare(pair)
        target = HERE / "drafts" / f"{pair}.json"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes((made.folder / "comparison.json").read_bytes())
        missing = [v for v in made.comparison.verdicts if v.level is None]
        os.chdir(HERE)
    print(pair, "verdicts without a level:", len(missing))


def _compare(pair: str) -> Made:
    shown = ROOT / "examples"
    recording = shown / "recordings" / f"{pair}.jsonl"
    return compare(
        plan_comparison(
            shown / "transcripts" / f"c-{pair}-1.json",
            shown / "transcripts" / f"p-{pair}-{TREATED[pair]}.json",
            ROOT / "rubrics" / f"{pair}.yaml",
            PlanOptions(
                judges=(f"recorded:{recording}",),
                study=shown / "study.yaml",
                name=f"c-vs-p-{pair}",
                probe=True,
            ),
        )
    )


if __name__ == "__main__":
    main()
