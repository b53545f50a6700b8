"""Compare what a language model does under two conditions, with evidence that can be checked.

    import grader

    options = grader.PlanOptions(judges=("openai/gpt-5.4",))
    planned = grader.plan_comparison("c.json", "p.json", "rubric.yaml", options)
    made = grader.compare(planned)
    print(made.writeup)

Names are loaded when they are first used, so that `import grader` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from grader.version import __version__ as __version__

if TYPE_CHECKING:
    from grader.check.paths import check_paths
    from grader.comparing.draft_rubric import draft_rubric
    from grader.comparing.folders import plan_all
    from grader.comparing.make import Made, compare, compare_all
    from grader.comparing.plan import Planned, PlanOptions, plan_comparison
    from grader.comparison.comparison import Comparison
    from grader.comparison.folder import read_draft
    from grader.errors import (
        GraderError,
        InputError,
        JudgeError,
        RecordError,
        StorageError,
        WaitingForAnswers,
    )
    from grader.judge.options import JudgeOptions
    from grader.review.folder import read_reviewed
    from grader.review.reviewed import Reviewed
    from grader.rubric import Criterion, Rubric, Scale, read_rubric
    from grader.rubric.locking import lock_rubric
    from grader.text.quotation import Evidence, Span, locate
    from grader.transcripts import ReadOptions, Transcript, read_transcript
    from grader.writeup.write import WriteupOptions, render, sign

_HOMES = {
    "JudgeOptions": "grader.judge.options",
    "Comparison": "grader.comparison.comparison",
    "Criterion": "grader.rubric",
    "Evidence": "grader.text.quotation",
    "GraderError": "grader.errors",
    "InputError": "grader.errors",
    "JudgeError": "grader.errors",
    "Made": "grader.comparing.make",
    "PlanOptions": "grader.comparing.plan",
    "Planned": "grader.comparing.plan",
    "ReadOptions": "grader.transcripts",
    "RecordError": "grader.errors",
    "Reviewed": "grader.review.reviewed",
    "Rubric": "grader.rubric",
    "Scale": "grader.rubric",
    "Span": "grader.text.quotation",
    "StorageError": "grader.errors",
    "Transcript": "grader.transcripts",
    "WaitingForAnswers": "grader.errors",
    "WriteupOptions": "grader.writeup.write",
    "check_paths": "grader.check.paths",
    "compare": "grader.comparing.make",
    "compare_all": "grader.comparing.make",
    "draft_rubric": "grader.comparing.draft_rubric",
    "locate": "grader.text.quotation",
    "lock_rubric": "grader.rubric.locking",
    "plan_all": "grader.comparing.folders",
    "plan_comparison": "grader.comparing.plan",
    "read_draft": "grader.comparison.folder",
    "read_reviewed": "grader.review.folder",
    "read_rubric": "grader.rubric",
    "read_transcript": "grader.transcripts",
    "render": "grader.writeup.write",
    "sign": "grader.writeup.write",
}

__all__ = [
    "Comparison",
    "Criterion",
    "Evidence",
    "GraderError",
    "InputError",
    "JudgeError",
    "JudgeOptions",
    "Made",
    "PlanOptions",
    "Planned",
    "ReadOptions",
    "RecordError",
    "Reviewed",
    "Rubric",
    "Scale",
    "Span",
    "StorageError",
    "Transcript",
    "WaitingForAnswers",
    "WriteupOptions",
    "__version__",
    "check_paths",
    "compare",
    "compare_all",
    "draft_rubric",
    "locate",
    "lock_rubric",
    "plan_all",
    "plan_comparison",
    "read_draft",
    "read_reviewed",
    "read_rubric",
    "read_transcript",
    "render",
    "sign",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'grader' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
