"""Start a scripted judge and wait: `python -m grader.testing`."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from grader.testing.faults import FAULTS
from grader.testing.scripted import MODEL, ScriptedJudge


def main() -> int:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(
        prog="python -m grader.testing",
        description="An OpenAI-compatible judge without a model: to try a rubric for nothing.",
    )
    parser.add_argument("--port", type=int, default=8765, help="0 takes a free one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds each answer takes")
    parser.add_argument("--fail", choices=FAULTS, help="fail the first try of each question")
    options = parser.parse_args()
    judge = ScriptedJudge(latency_s=options.latency, port=options.port)
    if options.fail:
        judge.fail(options.fail, each=1)
    try:
        judge.__enter__()
    except OSError as error:
        print(
            f"port {options.port}: {error.strerror}. Choose another with --port.", file=sys.stderr
        )
        return 2
    print(f"The scripted judge listens at {judge.base_url}. No model answers here. Try:\n")
    print(
        "  grader compare CONTROL TREATMENT --rubric RUBRIC "
        f"--judge openai/{MODEL} --base-url {judge.base_url}\n"
    )
    print("Ctrl-C ends it.", flush=True)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
    judge.__exit__()
    print(f"\n{len(judge.requests)} requests, {len(judge.asked)} different questions.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
