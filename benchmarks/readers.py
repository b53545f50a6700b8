"""How long it takes to read pages, and what hostile files cost, in time and memory.

    python benchmarks/readers.py [--pages 1000] [--kilobytes 60]

Pages of each kept layout are made as long as asked and read one after the other in one process
of one thread: header, turns, end of the transcript, published parts, footer, contradictions. The
aim is 1,000 pages of 60 kB in under 10 s on one core. Then each hostile file is read in a process
of its own; the aim is an answer within 5 s and 500 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from grader.errors import GraderError
from grader.transcripts import deliverable, measure, read_transcripts

PAGES = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "pages"
LAYOUTS = {
    "layout-a.txt": "What comes next",
    "layout-b.txt": "What you can do:",
    "layout-a.html": "<script>",
    "several-models.txt": "No Lift for Nine Days",
}
"""The kept page of a layout, and the place in its last long turn where text is put in."""

PROSE = (
    "While the cable is replaced the stairs stay open and lit day and night, and whoever can't "
    "use them tells the caretaker, who answers within a day and knows which neighbours have "
    "offered to carry. On [date] the hours of the fitters are posted beside the letter boxes; "
    "until then nobody needs to plan around them."
)
ITEMS = (
    "Parcels are kept on the ground floor until somebody from your flat comes down for them.",
    "P1: call the caretaker before ten and your bags are carried up on the same morning.",
    "The two flats on the fifth floor have a telephone number of their own for these nine days.",
)
PARAGRAPHS = {
    ".txt": "\n".join(["A Heading of Some Words", "", PROSE, ""])
    + "".join(f"\n  • {item}" for item in ITEMS)
    + "\n\n",
    ".html": f"<h3>A Heading of Some Words</h3>\n<p>{PROSE}</p>\n<ul>"
    + "".join(f"<li>{item}</li>" for item in ITEMS)
    + "</ul>\n",
}
"""Lines about as long as those of real pages: 80 to 90 characters, blank ones counted in."""

MB = 1_000_000
CHAT = '{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": %s}]}'
HOSTILE: dict[str, Callable[[], bytes]] = {
    "50 MB of noise": lambda: os.urandom(50 * MB),
    "31 MB of empty lines": lambda: b"\n" * 31 * MB,
    "31 MB on one line": lambda: b"User: " + b"a" * 31 * MB + b"\n\nAssistant: b\n",
    "15 MB in one message": lambda: (CHAT % json.dumps("b" * 15 * MB)).encode(),
    "a million JSON objects": lambda: b"[" + b'{"a":1},' * 990_000 + b"{}]",
    "JSON 100,000 deep": lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "100,000 lines of heads": lambda: page(
        "layout-a.txt", "[HUMAN] 2026-04-02 10:00:00 x\n" * 98_000
    ),
    "100,000 lines of titles": lambda: page("layout-b.txt", "Clean Context\n" * 98_000),
    "4 MB of opened brackets": lambda: page("layout-a.txt", "[" * 4 * MB),
    "4 MB of backticks": lambda: (CHAT % json.dumps("**x** " + "`" * 4 * MB)).encode(),
    "100,000 HTML tags": lambda: page("layout-a.html", "<div>" * 98_000),
    "2 MB of opened comments": lambda: page("layout-a.html", "<!--" * 500_000),
    "100,000 code fences": lambda: b"## User\n\na\n\n## Assistant\n\n" + b"```\n" * 99_001,
    "YAML 10,000 deep": lambda: b"---\na: " + b"[" * 10_000 + b"\n---\n## User\n",
    "a zip bomb": lambda: zipped(b" " * 300 * MB),
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=1_000)
    parser.add_argument("--kilobytes", type=int, default=60)
    parser.add_argument("--read", type=Path, help="read this one file and say what it took")
    options = parser.parse_args()
    if options.read:
        read_one(options.read)
        return
    with tempfile.TemporaryDirectory() as folder:
        read_pages(Path(folder), options.pages, options.kilobytes * 1_000)
        print("\nhostile files, each in a process of its own:")
        for name, content in HOSTILE.items():
            path = Path(folder) / "hostile"
            path.write_bytes(content())
            command = [sys.executable, __file__, "--read", str(path)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            print(f"  {name:<25}{done.stdout.strip()}", flush=True)


def read_pages(folder: Path, count: int, size: int) -> None:
    layouts = list(LAYOUTS)
    paths = []
    for number in range(count):
        layout = layouts[number % len(layouts)]
        paragraph = PARAGRAPHS[Path(layout).suffix]
        missing = max(0, size - len((PAGES / layout).read_bytes()))
        paths.append(folder / f"{number:04}{Path(layout).suffix}")
        paths[-1].write_bytes(page(layout, paragraph * (missing // len(paragraph.encode()))))
    total = sum(path.stat().st_size for path in paths)
    print(f"{count} pages, {total / count / 1_000:.1f} kB each on average")
    before = peak_mb()
    start, cpu = time.perf_counter(), time.process_time()
    transcripts = [transcript for path in paths for transcript in read_transcripts(path)]
    print(
        f"  read and checked: {time.perf_counter() - start:.2f} s, "
        f"{time.process_time() - cpu:.2f} s CPU, peak memory {peak_mb()} MB "
        f"({before} MB before), all {len(transcripts)} kept"
    )
    start = time.perf_counter()
    for transcript in transcripts:
        measure([turn.text for turn in deliverable(transcript)])
    print(f"  measured as well: {time.perf_counter() - start:.2f} s more")


def page(layout: str, inserted: str) -> bytes:
    """The kept page of a layout with text put into its last long turn and its words counted."""
    text = (PAGES / layout).read_text(encoding="utf-8")
    before, place, after = text.partition(LAYOUTS[layout])
    added = len(re.sub(r"<[^>]*>", " ", inserted).split()) if len(inserted) < MB else 0
    whole = f"{before}{inserted}{place}{after}"
    return re.sub(r"Words: (\d+)", lambda m: f"Words: {int(m[1]) + added}", whole).encode()


def zipped(content: bytes) -> bytes:
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("header.json", content)
        file.seek(0)
        return file.read()


def read_one(path: Path) -> None:
    start = time.perf_counter()
    try:
        transcripts = read_transcripts(path)
        turns = sum(len(transcript.turns) for transcript in transcripts)
        outcome = f"read, {turns} turns"
    except GraderError as error:
        outcome = f"refused: {error.problem}"
    print(f"{time.perf_counter() - start:5.2f} s {peak_mb():4} MB  {outcome[:90]}")


def peak_mb() -> int:
    """The most memory this process has held."""
    status = Path("/proc/self/status")
    if status.exists():
        # Unlike getrusage, this doesn't count what the parent held before the process began.
        line = next(line for line in status.read_text().split("\n") if line.startswith("VmHWM"))
        return int(line.split()[1]) // 1_000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_000


if __name__ == "__main__":
    main()
