"""How long `grader check` takes on a page whose quotations stand nowhere.

    python benchmarks/unfound_quotations.py [QUOTATIONS]

Two transcripts of 2,500 words each from a vocabulary of 27, so that every quotation is nearly alike
somewhere. Prints the seconds of processor time for all of them.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from pathlib import Path

from grader.archive.checks.checking import check_pages

WORDS = str.split(
    "the a of we clinic patients rollback system outage hours team deploy review later before "
    "after service memo report nurse doctor queue order payment server line"
)


def words(count: int) -> str:
    return " ".join(random.choices(WORDS, k=count))


def transcript(path: Path, condition: str) -> Path:
    text = "\n\n".join(f"{words(18).capitalize()}." for _ in range(140))
    messages = [
        {"role": "user", "content": "Write a memo."},
        {"role": "assistant", "content": text},
    ]
    path.write_text(json.dumps({"condition": condition, "messages": messages}))
    return path


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 4_000
    random.seed(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources = [transcript(folder / f"{each}.json", each) for each in ("C", "P")]
        lines = [f'C says "{words(7)} zeppelin {words(3)}" in its text.' for _ in range(count)]
        page = folder / "page.md"
        page.write_text("\n\n".join(["# C vs P", *lines]))
        start = time.process_time()
        findings = check_pages([page], sources=sources)
        print(f"{len(findings)} findings, {time.process_time() - start:.1f} s")


if __name__ == "__main__":
    main()
