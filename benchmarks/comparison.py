"""One standard comparison against its critical path, and the prefix cache both ways.

    python benchmarks/comparison.py [--latency 2.0] [--concurrency 50]

A scripted judge in a process of its own, with a model of a provider's prefix cache. The critical
path is the number of waves times the latency: verdicts, signatures and contrasts; quotations asked
for again if any; the narrative; the implications. Then the same pair with --warm-prefix, which
puts two waves before the others, then longer pairs, and many pairs in one run, with the share of
prompt tokens that the cache served.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

from grader.comparing.make import compare, compare_all
from grader.comparing.plan import Planned, PlanOptions, plan_comparison
from grader.judge.options import JudgeOptions
from grader.testing import ScriptedJudge

ROOT = Path(__file__).resolve().parent.parent
MODEL = "openai/scripted-judge"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=2.0)
    parser.add_argument("--concurrency", type=int, default=50)
    parser.add_argument("--pairs", type=int, default=20)
    options = parser.parse_args()
    latency_s, concurrency = options.latency, options.concurrency
    one(0.0, JudgeOptions(concurrency=concurrency))  # imports are paid once a process
    for warm in (False, True):
        asking = JudgeOptions(concurrency=concurrency, warm_prefix=warm)
        seconds, judge = one(latency_s, asking)
        again = any(r.kind == "requote" for r in judge.requests)
        waves = 3 + again + 2 * warm
        path = seconds / (waves * latency_s)
        print(
            f"one pair, warm prefix {'on ' if warm else 'off'}  {seconds:6.2f} s  "
            f"{path:.3f} of {waves} waves  {share(judge):.0%} from the cache"
        )
    _, judge = one(0.0, JudgeOptions(concurrency=1))
    print(f"one pair, one question after the other  {share(judge):.0%} from the cache")
    for times in (4, 10):
        print(
            longer_pair(latency_s, JudgeOptions(concurrency=concurrency, warm_prefix=True), times)
        )
    for warm in (False, True):
        many(options.pairs, min(latency_s, 0.2), concurrency, warm)


def one(latency_s: float, asking: JudgeOptions) -> tuple[float, ScriptedJudge]:
    with (
        tempfile.TemporaryDirectory() as folder,
        ScriptedJudge(latency_s=latency_s, prefix_cache=True) as judge,
    ):
        planned = plan_comparison(
            ROOT / "examples/transcripts/c-clinic-postmortem-1.json",
            ROOT / "examples/transcripts/p-clinic-postmortem-1.json",
            ROOT / "rubrics/clinic-postmortem.yaml",
            PlanOptions(judges=(MODEL,), outputs=folder),
        )
        started = time.perf_counter()
        compare(planned, at(asking, judge))
        return time.perf_counter() - started, judge


def longer_pair(latency_s: float, asking: JudgeOptions, times: int) -> str:
    """The share from the cache where the transcripts are longer."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ScriptedJudge(latency_s=min(latency_s, 0.2), prefix_cache=True) as judge,
    ):
        planned = plan(Path(folder), 1, times)
        made = compare(planned, at(asking, judge))
        words = made.comparison.measurements["control"].words
    return f"one pair, warm prefix on, texts of {words:,} words  {share(judge):.0%} from the cache"


def many(pairs: int, latency_s: float, concurrency: int, warm: bool) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        ScriptedJudge(latency_s=latency_s, prefix_cache=True) as judge,
    ):
        planned = [plan(Path(folder), number) for number in range(1, pairs + 1)]
        asking = JudgeOptions(concurrency=concurrency, warm_prefix=warm)
        started = time.perf_counter()
        compare_all(planned, at(asking, judge))
        seconds = time.perf_counter() - started
        print(
            f"{pairs} pairs, warm prefix {'on ' if warm else 'off'}  {seconds:6.2f} s  "
            f"{len(judge.requests)} requests  {share(judge):.0%} from the cache"
        )


def plan(folder: Path, number: int, times: int = 1) -> Planned:
    """A pair with texts of its own, each so many times as long as the example's."""
    paths = []
    for letter in "cp":
        source = ROOT / f"examples/transcripts/{letter}-clinic-postmortem-1.json"
        document = json.loads(source.read_text())
        for message in document["messages"]:
            if message["role"] == "assistant":
                text = message["content"]
                message["content"] = "\n\n".join(
                    f"Record {number}, part {part}.\n\n{text}" for part in range(times)
                )
        document |= {"id": f"{letter}-{number}", "replicate": number}
        paths.append(folder / f"{letter}-{number}.json")
        paths[-1].write_text(json.dumps(document))
    rubric = ROOT / "rubrics/clinic-postmortem.yaml"
    return plan_comparison(
        paths[0], paths[1], rubric, PlanOptions(judges=(MODEL,), outputs=folder / "outputs")
    )


def at(asking: JudgeOptions, judge: ScriptedJudge) -> JudgeOptions:
    from dataclasses import replace

    return replace(asking, base_url=judge.base_url)


def share(judge: ScriptedJudge) -> float:
    return judge.usage["cached_tokens"] / judge.usage["prompt_tokens"]


if __name__ == "__main__":
    main()
