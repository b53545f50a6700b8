"""Thousands of questions in one run: how time grows with them, and that memory doesn't.

    python benchmarks/many_questions.py [--questions 5000 --questions 10000 --questions 20000]

Two folders of transcripts are compared in one run against a scripted judge that answers at once,
each number of questions by a process of its own. Memory is what the client holds when planning
is done and after each quarter of the questions, and the most it ever held. Then the last run's
comparisons are made again from the recording of their replies.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from common import MODEL, ROOT, scripted_judge
from grader.comparing.folders import plan_folders
from grader.comparing.make import Made, compare_all
from grader.comparing.plan import Planned, PlanOptions, plan_comparison
from grader.judge.asking import Progress
from grader.judge.options import JudgeOptions
from grader.judge.recording import write_recording

RUBRIC = ROOT / "rubrics/clinic-postmortem.yaml"
QUARTERS = (0.25, 0.5, 0.75, 1.0)
MB = 1_000_000


@dataclass(frozen=True)
class Measured:
    """One run over so many questions."""

    questions: int
    seconds: float
    cpu_ms: float
    """CPU of the client a question, drafts and writeups included."""
    planned_mb: float
    quarters_mb: list[float]
    most_mb: float


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", type=int, action="append")
    parser.add_argument("--concurrency", type=int, default=50)
    parser.add_argument("--child", nargs=3, metavar=("FOLDER", "JUDGE", "ADDRESS"))
    options = parser.parse_args()
    if options.child:
        folder, judge, address = options.child
        asking = JudgeOptions(base_url=address or None, concurrency=options.concurrency)
        print(json.dumps(asdict(run(Path(folder), judge, asking))))
        return
    wanted = options.questions or [5_000, 10_000, 20_000]
    print(f"{options.concurrency} at once; memory in MB")
    first = None
    for count in wanted:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_transcripts(folder, count)
            with scripted_judge(0.0) as address:
                live = in_a_process(folder, MODEL, address, options.concurrency)
            first = first or live
            tell("live", live)
            slower = (live.seconds / live.questions) / (first.seconds / first.questions)
            print(
                f"        {slower:.2f} of the first run's time a question, "
                f"{live.cpu_ms / first.cpu_ms:.2f} of its CPU"
            )
            if count == wanted[-1]:
                recording = folder / "recording.jsonl"
                write_recording(recording, sorted((folder / "outputs").glob("*/")))
                judge = f"recorded:{recording}"
                tell("replay", in_a_process(folder, judge, "", options.concurrency))


def in_a_process(folder: Path, judge: str, address: str, concurrency: int) -> Measured:
    command = [sys.executable, __file__, "--child", str(folder), judge, address]
    command += ["--concurrency", str(concurrency)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Measured(**json.loads(done.stdout))


def tell(what: str, measured: Measured) -> None:
    rate = measured.questions / measured.seconds
    quarters = ", ".join(f"{each:.0f}" for each in measured.quarters_mb)
    print(
        f"{what:<7} {measured.questions:6} questions  {measured.seconds:7.1f} s  {rate:6.0f}/s  "
        f"{measured.cpu_ms:5.2f} ms CPU each  "
        f"{measured.planned_mb:.0f} planned, quarters {quarters}, most {measured.most_mb:.0f}",
        flush=True,
    )


def run(folder: Path, judge: str, asking: JudgeOptions) -> Measured:
    """Make all comparisons of a folder, in this process."""
    planned = plan(folder, judge)
    expected = sum(sum(each.questions.values()) for each in planned)
    marks = [quarter * expected for quarter in QUARTERS]
    planned_mb, quarters = resident_mb(), list[float]()
    begun = 0

    def on_progress(progress: Progress) -> None:
        nonlocal begun
        begun = progress.begun
        if (
            len(quarters) < len(marks)
            and progress.answered + progress.failed >= marks[len(quarters)]
        ):
            quarters.append(resident_mb())

    started, cpu = time.perf_counter(), time.process_time()
    made = compare_all(planned, asking, on_progress=on_progress)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    check(made)
    # Linux counts the most in kB, and so do the fields of /proc.
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB
    return Measured(begun, seconds, 1000 * cpu / begun, planned_mb, quarters, most)


def plan(folder: Path, judge: str) -> tuple[Planned, ...]:
    outputs = folder / ("outputs" if judge == MODEL else "replayed")
    folders = plan_folders(
        folder / "c", folder / "p", RUBRIC, PlanOptions(judges=(judge,), outputs=outputs)
    )
    return folders.planned


def check(made: list[Made]) -> None:
    for each in made:
        outcomes = {count.outcome for count in each.outcomes}
        assert outcomes == {"answered"}, (each.folder, outcomes)


def resident_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024 / MB
    raise OSError("no VmRSS in /proc/self/status")


def write_transcripts(folder: Path, questions: int) -> None:
    """As many pairs as it takes, each with texts of its own."""
    for side in "cp":
        (folder / side).mkdir()
        source = ROOT / f"examples/transcripts/{side}-clinic-postmortem-1.json"
        for number in range(1, questions // questions_a_pair() + 2):
            document = json.loads(source.read_text())
            for message in document["messages"]:
                if message["role"] == "assistant":
                    message["content"] = f"Record {number}.\n\n{message['content']}"
            document |= {"id": f"{side}-{number}", "replicate": number}
            (folder / side / f"{number:05}.json").write_text(json.dumps(document))


def questions_a_pair() -> int:
    control, treatment = (
        ROOT / f"examples/transcripts/{side}-clinic-postmortem-1.json" for side in "cp"
    )
    return sum(
        plan_comparison(control, treatment, RUBRIC, PlanOptions(judges=(MODEL,))).questions.values()
    )


if __name__ == "__main__":
    main()
