"""Small studies on disk: runs whose text names them, rubrics, and a judge that knows the levels."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from grader.rubric import Criterion, Rubric
from grader.rubric.scale import THREE_LEVELS, Scale
from grader.rubric.writing import rubric_yaml
from grader.testing import ScriptedJudge

TASKS = ("bridge-note", "garden-plan", "choir-letter")
TASK_TEXT = {
    "bridge-note": "Write a note to the village about the closed bridge.",
    "garden-plan": "Plan the beds of a shared garden for next spring.",
    "choir-letter": "Write a letter to the singers of a choir.",
}
CRITERIA = ("first", "second")

Truth = Callable[[str, str, int, str], str]
"""From condition, task, replicate and criterion to a level."""


def write_run(
    folder: Path,
    condition: str,
    task: str,
    replicate: int,
    *,
    name: str | None = None,
    text: str | None = None,
    model: Mapping[str, Any] | None = None,
    stated: str | None = None,
) -> Path:
    """One run; its text says which it is, so that the scripted judge can know."""
    name = name or f"{condition.lower()}-{task}-{replicate}"
    document = {
        "id": name,
        "condition": stated or condition,
        "task": task,
        "replicate": replicate,
        "model": dict(model or {"name": "model-a"}),
        "date": "2026-11-25",
        "prompt": TASK_TEXT[task],
        "messages": [
            {"role": "user", "content": TASK_TEXT[task]},
            {"role": "assistant", "content": text or f"<<{condition} {task} {replicate}>> Here."},
        ],
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(document), "utf-8")
    return path


def write_rubrics(
    folder: Path, *, derived_from: Mapping[str, tuple[str, ...]] | None = None
) -> None:
    """One rubric a task, of two criteria."""
    folder.mkdir(parents=True, exist_ok=True)
    scale = Scale({level: f"It is {level}." for level in reversed(THREE_LEVELS)})
    for task in TASKS:
        rubric = Rubric(
            id=task,
            version=1,
            title=f"Criteria for {task}",
            task=TASK_TEXT[task],
            derived_from=(derived_from or {}).get(task, ()),
            criteria=tuple(
                Criterion(id=f"{task}-{name}", title=f"The {name} of {task}", question="Is it?",
                          levels=scale)
                for name in CRITERIA
            ),
        )  # fmt: skip
        (folder / f"{task}.yaml").write_text(rubric_yaml(rubric), "utf-8")


def write_study(
    runs: int = 3,
    *,
    tasks: tuple[str, ...] = TASKS,
    derived_from: Mapping[str, tuple[str, ...]] | None = None,
    extra: str = "",
) -> Path:
    """Folders C, P and rubrics, and a study file, in the present folder."""
    for condition in ("C", "P"):
        for task in tasks:
            for replicate in range(1, runs + 1):
                write_run(Path(condition), condition, task, replicate)
    write_rubrics(Path("rubrics"), derived_from=derived_from)
    path = Path("study.yaml")
    path.write_text(
        "id: small\ntitle: A small study\nconditions:\n"
        "  C: {text: the task alone, runs: C}\n  P: {text: a preamble first, runs: P}\n"
        "rubrics: rubrics\ncontrasts:\n  - {id: preamble, from: C, to: P}\n"
        f"runs: {runs}\n{extra}",
        "utf-8",
    )
    return path


def judge_knows(judge: ScriptedJudge, truth: Truth) -> None:
    """Let the scripted judge give these levels, with a quotation from the run."""

    def answer(received: Any) -> dict[str, Any]:
        mark = re.search(r"<<(\S+) (\S+) (\d+)>>", received.prompt)
        title = re.findall(r"The (\w+) of ([\w-]+)", received.prompt)[-1]
        assert mark is not None
        level = truth(mark[1], mark[2], int(mark[3]), title[0])
        return {
            "evidence": [mark[0]],
            "looked_for_in_vain": [],
            "rationale": f"It is {level}.",
            "level": level,
        }

    judge.answer(answer, kind="verdict")


def options(judge: ScriptedJudge) -> tuple[str, ...]:
    """How a command asks the scripted judge."""
    return ("--judge", "openai/scripted-judge", "--base-url", judge.base_url)


def mixed(condition: str, task: str, replicate: int, criterion: str) -> str:
    """Levels that vary from run to run, higher under P."""
    rank = (replicate + len(task) + len(criterion)) % 2 + (condition == "P")
    return THREE_LEVELS[min(rank, 2)]


def even(condition: str, task: str, replicate: int, criterion: str) -> str:
    """Levels that vary from run to run and know no condition."""
    return THREE_LEVELS[(replicate * 7 + len(task) + len(criterion) + ord(condition[0])) % 3]
