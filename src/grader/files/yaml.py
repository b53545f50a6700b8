"""Reading YAML written by hand, remembering on which line each field stands.

Untrusted input: only plain data is built, aliases and tags are refused, and size is limited.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.tokens import AliasToken, TagToken

from grader.errors import InputError
from grader.files.text import read_text

MAX_BYTES = 2_000_000

Location = tuple[int | str, ...]


@dataclass(frozen=True)
class YamlDocument:
    """Plain data and the place of each field."""

    path: Path
    data: Any
    _tree: Any

    def line(self, location: Location) -> int:
        """Line of the field, from 1; of its nearest enclosing field where it is missing."""
        node, line = self._tree, 1
        for step in location:
            try:
                if isinstance(node, CommentedMap) and step in node:
                    line = node.lc.key(step)[0] + 1
                elif isinstance(node, CommentedSeq) and isinstance(step, int):
                    line = node.lc.item(step)[0] + 1
                else:
                    break
                node = node[step]
            except (KeyError, IndexError, TypeError):
                break
        return line

    @staticmethod
    def field(location: Location) -> str:
        """The field as a person writes it: `criteria[2].levels.met`."""
        name = ""
        for step in location:
            name += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if name else str(step)
        return name


def read_yaml(path: Path) -> YamlDocument:
    """Read one YAML document.

    Raises:
        InputError: not readable, not YAML, more than one document, a tag or an alias, a key
            given twice, or more than 2 MB; with the line.
    """
    return parse_yaml(read_text(path, limit=MAX_BYTES), path)


def parse_yaml(text: str, path: Path) -> YamlDocument:
    """As `read_yaml`, for text already read; `path` is named in errors."""
    yaml = YAML(typ="rt", pure=True)
    try:
        for token in yaml.scan(text):
            if isinstance(token, (AliasToken, TagToken)):
                what = "an alias (*name)" if isinstance(token, AliasToken) else "a tag (!name)"
                raise InputError(
                    f"{what} is not allowed here",
                    place=f"{path}:{token.start_mark.line + 1}",
                    mend="Write the value out.",
                )
        tree = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problem = (error.problem or "this is not YAML").split("\n")[0]
        raise InputError(
            f"not valid YAML: {problem}",
            place=f"{path}:{line}",
            mend="Check indentation, colons and quotation marks on and above this line.",
        ) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise InputError(
            f"not valid YAML: {type(error).__name__}", place=path, mend="Is this the right file?"
        ) from None
    return YamlDocument(path=path, data=_plain(tree), _tree=tree)


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    for kind in (str, int, float):
        if isinstance(node, kind):
            return kind(node)
    return str(node)
