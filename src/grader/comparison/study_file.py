"""The study a comparison belongs to: `study.yaml`, written by the researcher."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from grader.comparison.comparison import Study
from grader.errors import InputError
from grader.files.problems import first_problem
from grader.files.yaml import read_yaml

UNDESCRIBED = Study(
    title="A comparison of two conditions",
    description="The same task was given to the same model twice: once plain, which is the "
    "control, and once under a treatment. Nothing more was said about the study.",
)


def read_study(path: str | Path) -> Study:
    """Read a study description. Raises InputError with file, line and field."""
    document = read_yaml(Path(path))
    try:
        return Study.model_validate(_described(document.data))
    except ValidationError as error:
        raise InputError(
            first_problem(error),
            place=f"{path}:{document.line(error.errors()[0]['loc'])}",
            mend="docs/study.md shows the form; examples/study.yaml is one.",
        ) from None


def _described(data: Any) -> Any:
    """Of a study with contrasts what describes it; any other file as it is."""
    if not isinstance(data, dict) or "contrasts" not in data:
        return data
    kept = {name: data[name] for name in Study.model_fields if name in data}
    conditions = kept.get("conditions")
    if isinstance(conditions, dict):
        kept["conditions"] = {
            name: each.get("text") if isinstance(each, dict) else each
            for name, each in conditions.items()
        }
    return kept


def study_text(study: Study) -> str:
    """The study as the last question shows it."""
    lines = [f"The study: {study.title}", "", study.description]
    if study.conditions:
        lines += ["", "Its conditions:", ""]
        lines += [f"- {name}: {text}" for name, text in study.conditions.items()]
    return "\n".join(lines).strip()
