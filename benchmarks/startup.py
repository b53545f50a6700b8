"""How long `grader --help` takes beside `python -c "import typer, rich"`, run in turn.

    python benchmarks/startup.py [RUNS]

Prints the median of each and the median of the ratios, pair by pair.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

HELP = [str(Path(sys.executable).with_name("grader")), "--help"]
BARE = [sys.executable, "-c", "import typer, rich"]


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    seconds(HELP), seconds(BARE)
    pairs = [(seconds(HELP), seconds(BARE)) for _ in range(runs)]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"grader --help        {ours:.3f} s")
    print(f"import typer, rich   {theirs:.3f} s")
    print(f"ratio                {ratio:.2f}  (median of {runs} pairs)")


if __name__ == "__main__":
    main()
