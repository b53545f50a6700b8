"""A rubric as YAML for a person to go on with: long texts folded, lists as lines."""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.scalarstring import FoldedScalarString

from grader.rubric.criteria import Rubric

_FOLD = 70
"""Texts longer than this many characters are folded."""


def rubric_yaml(rubric: Rubric, comment: str = "") -> str:
    """The YAML text; reading it gives the same rubric.

    Args:
        rubric: what to write.
        comment: lines for the top of the file.
    """
    yaml = YAML()
    yaml.width = 80
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.allow_unicode = True
    data = _node(_with_levels_once(rubric.model_dump(mode="json", exclude_defaults=True)))
    if comment:
        data.yaml_set_start_comment(comment)
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def _with_levels_once(data: dict[str, Any]) -> dict[str, Any]:
    """Levels that are the same for all of several criteria, written once for the rubric."""
    criteria = data["criteria"]
    scales = {tuple(criterion["levels"].items()) for criterion in criteria}
    if len(criteria) < 2 or len(scales) > 1:
        return data
    bare = [
        {name: value for name, value in criterion.items() if name != "levels"}
        for criterion in criteria
    ]
    changed = {"levels": criteria[0]["levels"], "criteria": bare}
    # In the order of the file: what is for all criteria stands before them.
    return {
        key: value
        for name, old in data.items()
        for key, value in (changed.items() if name == "criteria" else [(name, old)])
    }


def _node(value: Any) -> Any:
    if isinstance(value, dict):
        return CommentedMap((key, _node(inner)) for key, inner in value.items())
    if isinstance(value, list):
        return [_node(inner) for inner in value]
    if isinstance(value, str):
        plain = " ".join(value.split())
        return FoldedScalarString(plain) if len(plain) > _FOLD else plain
    return value
