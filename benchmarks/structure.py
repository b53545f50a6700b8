"""The structure of a source tree in figures: run it on two checkouts to compare them.

python benchmarks/structure.py [SRC ...]        default: src/grader of this checkout
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

SHARED_LINES = 6
LONG_FUNCTION, TOO_LONG_FUNCTION = 50, 80
LEVEL = "partially_met"


@dataclass(frozen=True)
class Function:
    """A function and where it stands."""

    lines: int
    place: str


def main() -> None:
    for root in map(Path, sys.argv[1:] or [str(Path(__file__).parents[1] / "src" / "grader")]):
        show(root)


def show(root: Path) -> None:
    """Print the figures of one tree."""
    texts = {path: path.read_text("utf-8") for path in sorted(root.rglob("*.py"))}
    lengths = {path: text.count("\n") for path, text in texts.items()}
    longest_module = max(lengths, key=lambda path: lengths[path])
    functions = [each for path, text in texts.items() for each in functions_of(path, text, root)]
    longest = max(functions, key=lambda each: each.lines)
    naming = [path for path in root.rglob("*") if path.is_file() and LEVEL in readable(path)]
    print(root)
    print(f"  modules                       {len(texts)}")
    print(f"  lines                         {sum(lengths.values())}")
    print(
        f"  longest module                {lengths[longest_module]}  "
        f"{longest_module.relative_to(root)}"
    )
    print(f"  functions                     {len(functions)}")
    print(f"  longest function              {longest.lines}  {longest.place}")
    for limit in (LONG_FUNCTION, TOO_LONG_FUNCTION):
        over = sum(each.lines > limit for each in functions)
        print(f"  functions over {limit} lines       {over}")
    print(f"  runs of {SHARED_LINES} lines that stand twice  {copies(texts)}")
    print(f"  files that name the level {LEVEL!r}  {len(naming)}")


def functions_of(path: Path, text: str, root: Path) -> list[Function]:
    """All functions and methods of a module."""
    return [
        Function((node.end_lineno or node.lineno) - node.lineno + 1,
                 f"{path.relative_to(root)}: {node.name}")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]  # fmt: skip


def copies(texts: dict[Path, str]) -> int:
    """How many runs of lines stand in more than one place: code alone, white space folded.

    Imports, comments, blank lines and lone punctuation don't count.
    """
    places: defaultdict[tuple[str, ...], set[tuple[Path, int]]] = defaultdict(set)
    for path, text in texts.items():
        lines = [" ".join(line.split()) for line in text.splitlines()]
        code = [line for line in lines if any(map(str.isalnum, line))]
        code = [line for line in code if not line.startswith(("#", "import ", "from "))]
        for at in range(len(code) - SHARED_LINES + 1):
            places[tuple(code[at : at + SHARED_LINES])].add((path, at))
    return sum(len(found) > 1 for found in places.values())


def readable(path: Path) -> str:
    """The text of a file; empty where it is none."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return ""


if __name__ == "__main__":
    main()
