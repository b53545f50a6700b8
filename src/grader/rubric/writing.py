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
        comment: lines to stand at the top.
    """
    yaml = YAML()
    yaml.width = 80
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.allow_unicode = True
    data = _node(rubric.model_dump(mode="json", exclude_defaults=True))
    if comment:
        data.yaml_set_start_comment(comment)
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def _node(value: Any) -> Any:
    if isinstance(value, dict):
        return CommentedMap((key, _node(inner)) for key, inner in value.items())
    if isinstance(value, list):
        return [_node(inner) for inner in value]
    if isinstance(value, str):
        plain = " ".join(value.split())
        return FoldedScalarString(plain) if len(plain) > _FOLD else plain
    return value
