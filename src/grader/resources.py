"""Where the prompts, rubrics and examples that ship with the package are.

Their home in the repository is the top level; in an installed wheel they lie in `grader/_data`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent


def shipped(folder: Literal["prompts", "rubrics", "examples"]) -> Path:
    """The folder of that name, in the wheel or in the checkout."""
    installed = _PACKAGE / "_data" / folder
    return installed if installed.is_dir() else _PACKAGE.parents[1] / folder
