"""How many small changes to the core modules the tests notice: `make mutants`.

Each change is drawn by a seed: a comparison turned round or moved by its border, a whole number
plus one, True for False, `and` for `or`, a `not` left out, None returned. It is made in a copy of
the repository, and the tests that fit the module are run there. What passes unseen is printed
with its place: either a test is missing, or the change means nothing.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("src", "tests", "prompts", "rubrics", "examples", "docs", "benchmarks", "pyproject.toml",
          "README.md", "CHANGELOG.md", "LICENSE", "Makefile")  # fmt: skip
LIMIT_S = 300
"""Seconds after which tests that do not end have noticed the change."""

MODULES = {
    "text/quotation": "evidence",
    "text/borders": "text_borders evidence",
    "text/number_words": "text_number_words writeup_numbers",
    "writeup/numbers": "writeup_numbers",
    "transcripts/preamble": "blindness_preambles",
    "judge/parsing": "judge_parsing judge_answers judge_outcomes retry_failed",
    "judge/failures": "judge_retries judge_outcomes",
    "judge/journal": "judge_journal",
    "judge/throttle": "judge_throttle",
    "judge/ledger": "judge_ledger budget",
    "rubric/scale": "scale reconcile",
    "comparison/scorecard": "reconcile scale retry_failed",
    "comparison/answers": "reconcile kinds retry_failed check_folder",
    "study/agreement": "agreement",
    "study/effect": "study_estimators",
    "review/fold": "review_fold review_events",
    "review/surfaces/web/access": "web_access web_closed",
    "check/folder/computed": "check_folder",
}
"""The core modules, each with the test files that fit it."""

_OTHER: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One expression of a module, written otherwise."""

    module: str
    line: int
    before: str
    after: str
    start: int
    """First byte of the expression in the module."""
    end: int

    def applied(self, source: bytes) -> bytes:
        """The module with this change."""
        return source[: self.start] + f"({self.after})".encode() + source[self.end :]


def changes(module: str, source: bytes) -> list[Change]:
    """All changes that can be made to a module."""
    starts = [0]
    for text in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(text))
    found = []
    for node, other in _pairs(ast.parse(source)):
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        before, after = ast.unparse(node), ast.unparse(other)
        found.append(Change(module, node.lineno, before, after, start, end))
    return found


def _pairs(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Expressions below a node, each with what can stand in its place.

    Annotations are left out, and f-strings, whose places Python 3.11 tells wrong.
    """
    if isinstance(node, ast.Return) and node.value and ast.unparse(node.value) != "None":
        yield node.value, ast.Constant(None)
    for name, value in ast.iter_fields(node):
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(each, ast.AST) or isinstance(each, ast.JoinedStr):
                continue
            if name not in ("annotation", "returns"):
                if isinstance(each, ast.expr):
                    yield from ((each, other) for other in _others(each))
                yield from _pairs(each)


def _others(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Compare():
            for number, operator in enumerate(node.ops):
                changed = copy.deepcopy(node)
                changed.ops[number] = _OTHER[type(operator)]()
                yield changed
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.And() if isinstance(op, ast.Or) else ast.Or(), values)
        case ast.UnaryOp(ast.Not(), operand):
            yield operand
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() as value):
            yield ast.Constant(value + 1)


def drawn(count: int, seed: int, modules: list[str]) -> list[Change]:
    """So many changes, each module in turn, in the order of a seed."""
    chance = random.Random(seed)
    decks = {}
    for module in modules:
        decks[module] = changes(module, (ROOT / f"src/grader/{module}.py").read_bytes())
        chance.shuffle(decks[module])
    order = chance.sample(modules, len(modules))
    found = [
        decks[module][turn]
        for turn in range(max(map(len, decks.values())))
        for module in order
        if turn < len(decks[module])
    ]
    return found[:count]


def tests_fail(tree: Path, names: list[str], limit_s: float | None = LIMIT_S) -> bool:
    """Whether one of these test files fails, or does not end, in a copy of the repository."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ran = subprocess.run(
            [*command, *(f"tests/test_{name}.py" for name in names)],
            cwd=tree,
            env=environment,
            capture_output=True,
            text=True,
            timeout=limit_s,
        )
    except subprocess.TimeoutExpired:
        return True
    if ran.returncode not in (0, 1, 2):  # 2: a test file could not be imported
        sys.exit(f"pytest could not run:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return ran.returncode != 0


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--changes", type=int, default=60, help="how many to try")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(MODULES))
    given = arguments.parse_args()
    if unknown := set(given.modules) - set(MODULES):
        arguments.error(f"no such module: {', '.join(sorted(unknown))}")
    tried = drawn(given.changes, given.seed, given.modules or list(MODULES))
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        for name in COPIED:
            copying = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
            copying(ROOT / name, tree / name)
        names = {name for change in tried for name in MODULES[change.module].split()}
        if tests_fail(tree, sorted(names), limit_s=None):
            sys.exit("The tests fail without any change.")
        unseen = sum(not _noticed(change, tree) for change in tried)
    noticed = len(tried) - unseen
    print(f"{noticed} of {len(tried)} changes noticed ({noticed / len(tried):.0%})")


def _noticed(change: Change, tree: Path) -> bool:
    path = tree / f"src/grader/{change.module}.py"
    source = path.read_bytes()
    path.write_bytes(change.applied(source))
    try:
        noticed = tests_fail(tree, MODULES[change.module].split())
    finally:
        path.write_bytes(source)
    place = f"src/grader/{change.module}.py:{change.line}"
    word = "noticed    " if noticed else "NOT NOTICED"
    print(f"{word} {place}: {change.before}  ->  {change.after}", flush=True)
    return noticed


if __name__ == "__main__":
    main()
