"""How long a report takes, and how much memory: 2,000 transcripts by 5 criteria.

    python benchmarks/study_report.py

Bars: under 10 seconds and 500 MB, in a process of its own.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grader.testing.simulated_study import write_simulated_study
from grader.testing.studies import Design

DESIGN = Design(tasks=20, models=1, runs=50, effect=0.2, missing=(0.01, 0.01))


def main() -> None:
    with tempfile.TemporaryDirectory() as outputs:
        folder = Path(outputs) / "large"
        folder.mkdir()
        write_simulated_study(folder, DESIGN, seed=1)
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "grader", "study", "report", str(folder)], check=True)
        seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{seconds:.1f} s (processor {used.ru_utime + used.ru_stime:.1f} s), "
        f"{used.ru_maxrss / 1024:.0f} MB"
    )


if __name__ == "__main__":
    main()
