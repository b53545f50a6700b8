"""How many answers a second a recording gives: `recorded:FILE`.

    python benchmarks/replay.py [--questions 2000] [--repeat 3]

The answers of a scripted judge to verdict questions on a transcript of 1,700 words are recorded.
Then all questions are put to the recording: hashed, looked up, parsed, noted in a ledger. What
comparisons made of them, `many_questions.py` measures.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from common import MODEL, scripted_judge, verdict_questions
from grader.judge.asking import Asker
from grader.judge.choose import open_judge
from grader.judge.ledger import FILE_NAME, Ledger
from grader.judge.throttle import Throttle
from grader.questions.question import Question


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    questions = verdict_questions(options.questions)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with scripted_judge(0.0) as base_url:
            asyncio.run(ask(questions, MODEL, base_url, folder / "live"))
        recording = f"recorded:{folder / 'live' / FILE_NAME}"
        times, cpus = [], []
        for number in range(options.repeat):
            started, cpu = time.perf_counter(), time.process_time()
            asyncio.run(ask(questions, recording, None, folder / f"replay {number}"))
            times.append(time.perf_counter() - started)
            cpus.append(time.process_time() - cpu)
    seconds, cpu = statistics.median(times), statistics.median(cpus)
    count = len(questions)
    print(
        f"{count} answers in {seconds:.2f} s: {count / seconds:.0f} a second, "
        f"{count / cpu:.0f} a second of CPU"
    )


async def ask(questions: list[Question], spec: str, base_url: str | None, folder: Path) -> None:
    throttle = Throttle(50)
    judge = open_judge(spec, base_url=base_url, throttle=throttle)
    asker = Asker(judge, None, Ledger(folder), throttle=throttle)
    answers = await asyncio.gather(*map(asker.ask, questions))
    assert all(each.value is not None for each in answers)
    await judge.close()


if __name__ == "__main__":
    main()
