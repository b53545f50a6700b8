"""How long recorded answers are, what they quote, and how many statements a reader gets.

    python benchmarks/answers.py [RECORDING ...]    default: the shipped recordings of pairs

Tokens are counted at four characters each. Quotations and statements are read off the answers'
own JSON, so that recordings of any version of the questions can be measured.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).parents[1] / "examples" / "recordings"
CHARACTERS_A_TOKEN = 4
POINTS = ("orientation", "difference", "change")


def main() -> None:
    paths = [Path(name) for name in sys.argv[1:]] or sorted(SHIPPED.glob("*.jsonl"))
    print("recording                  replies  reply tokens  narrative points  quotations  words")
    for path in paths:
        print(f"{path.stem:<26} {measured(path)}")


def measured(path: Path) -> str:
    """The figures of one recording in a line."""
    counts = Counter[str]()
    for kind, text in replies(path):
        answer = json.loads(text)
        counts["replies"] += 1
        counts["tokens"] += len(text) // CHARACTERS_A_TOKEN
        counts["words"] += sum(len(each.split()) for each in texts(answer))
        counts["quotations"] += sum(1 for _ in quotations(answer))
        if kind in POINTS:
            counts["points"] += sum(len(part) for part in answer.values() if isinstance(part, list))
    return (
        f"{counts['replies']:7}  {counts['tokens']:12,}  {counts['points']:16}  "
        f"{counts['quotations']:10}  {counts['words']:5,}"
    )


def replies(path: Path) -> Iterator[tuple[str, str]]:
    """Kind and text of each answered question."""
    for line in path.read_text("utf-8").splitlines():
        call = json.loads(line)
        if call.get("outcome") == "answered" and call["reply"].get("text"):
            yield call["kind"], call["reply"]["text"]


def texts(value: Any) -> Iterator[str]:
    """All texts of an answer."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


def quotations(value: Any, name: str = "") -> Iterator[str]:
    """All quotations of an answer."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from quotations(each, key)
    elif isinstance(value, list):
        for each in value:
            if name == "evidence" and isinstance(each, str):
                yield each
            else:
                yield from quotations(each, name)
    elif name == "quote" and isinstance(value, str):
        yield value


if __name__ == "__main__":
    main()
