"""How long `grader agreement` takes on three reviewed comparisons, as a whole command.

    python benchmarks/agreement_start.py [RUNS]

The golden drafts, each reviewed blind-first by two people who accept the judge's levels in part.
Prints the median of the runs, and as a ratio to `python -c "import statsmodels.api"`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grader.comparison.comparison import Comparison
from grader.comparison.folder import write_draft
from grader.review import actions
from grader.review.folder import ReviewFolder

DRAFTS = Path(__file__).resolve().parents[1] / "tests" / "golden" / "drafts"
AIM_S = 2.0


def reviewed(folder: Path) -> None:
    """Two reviewers' own levels: the judge's, but for every third or fourth verdict."""
    at = ReviewFolder(folder)
    for name, step in (("Ada", 3), ("Ben", 4)):
        actions.begin(at, name, mode="blind-first")
        verdicts = [item for item in at.items.values() if item.kind == "verdict"]
        for number, item in enumerate(verdicts, 1):
            options = [option.value for option in item.fields[0].options]
            level = item.drafted.level or options[0]
            if number % step == 0:
                level = next(each for each in options if each != level)
            content = item.drafted.model_copy(update={"level": level})
            actions.choose(at, name, item.id, content)
            actions.keep(at, name, item.id)


def seconds(*command: str) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> int:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as parent:
        outputs = Path(parent) / "outputs"
        for path in sorted(DRAFTS.glob("*.json")):
            draft = Comparison.model_validate_json(path.read_text("utf-8"))
            write_draft(outputs / draft.slug, draft)
            reviewed(outputs / draft.slug)
        ours = (sys.executable, "-m", "grader", "agreement", str(outputs))
        theirs = (sys.executable, "-c", "import statsmodels.api")
        seconds(*ours), seconds(*theirs)
        pairs = [(seconds(*ours), seconds(*theirs)) for _ in range(runs)]
    took, library = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"grader agreement, three comparisons   {took:.2f} s")
    print(f"import statsmodels.api                {library:.2f} s")
    print(f"ratio {statistics.median(a / b for a, b in pairs):.2f}  (median of {runs} pairs)")
    print(f"Aim {AIM_S:.0f} s: {'kept' if took < AIM_S else 'MISSED'}")
    return 0 if took < AIM_S else 1


if __name__ == "__main__":
    sys.exit(main())
