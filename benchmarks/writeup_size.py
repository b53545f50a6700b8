"""How long the writeups of the shipped pairs are: `python benchmarks/writeup_size.py`.

Words of the text and of the evidence in Markdown, bytes of the page, and sheets of A4 that the
text takes in print (through Chromium). Words are runs of letters and digits; the raised numbers
that lead to the evidence are none.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from grader.comparison.comparison import Comparison
from grader.review.fold import fold
from grader.writeup.document import document_of
from grader.writeup.html import render_html
from grader.writeup.markdown import render_markdown
from grader.writeup.printing import write_pdf
from grader.writeup.sections import SHORT, evidence

DRAFTS = Path(__file__).resolve().parents[1] / "tests" / "golden" / "drafts"
MOST_WORDS, MOST_BYTES, MOST_SHEETS = 1500, 200_000, 2


def words(markdown: str) -> int:
    """Words of a text in Markdown, without the signs of its links."""
    without = re.sub(r"\[[^][]*\]\([^)]*#sentence-\w+\)", "", markdown)
    return len(re.findall(r"[^\W_][\w'’-]*", re.sub(r"\]\([^)]*\)", "]", without)))


def sheets(page: str) -> int:
    """Sheets of A4 that a page takes in print."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.pdf")
        write_pdf(path, page)
        return len(re.findall(rb"/Type\s*/Page[^s]", path.read_bytes()))


def main() -> int:
    print(f"{'pair':20} {'text':>6} {'argument':>9} {'evidence':>9} {'page, bytes':>12} {'A4':>3}")
    kept = True
    for path in sorted(DRAFTS.glob("*.json")):
        draft = Comparison.model_validate_json(path.read_text("utf-8"))
        document = document_of(fold(draft, "0" * 64, ()))
        text = words(render_markdown(document, sections=SHORT, grounds="evidence.md"))
        argument = sum(
            words(each.text) for each in (document.written.sentences if document.written else ())
        )
        behind = words(render_markdown(document, sections=evidence()))
        size = len(render_html(document, folded=True).encode())
        paper = sheets(render_html(document, sections=SHORT))
        print(f"{path.stem:20} {text:6,} {argument:9,} {behind:9,} {size:12,} {paper:3}")
        kept &= text < MOST_WORDS and size < MOST_BYTES and paper <= MOST_SHEETS
    print(f"Under {MOST_WORDS:,} words, {MOST_BYTES:,} bytes and {MOST_SHEETS} sheets:",
          "kept" if kept else "MISSED")  # fmt: skip
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
