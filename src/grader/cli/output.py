"""How commands speak: results on stdout, everything else on stderr.

Names, transcripts, replies and errors of servers may contain characters that steer a terminal.
They are shown, here and nowhere else, whatever a command prints.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer

from grader.text.visible import hidden_in, visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


def shown(words: object, style: str = "") -> Text:
    """Words from anywhere as text to be printed, hidden characters made visible."""
    from rich.text import Text

    return Text(visible(str(words)), style)


def print_json(document: Any) -> None:
    """One JSON document on stdout."""
    typer.echo(json_text(json.dumps(document, ensure_ascii=False, indent=2)))


def json_text(text: str) -> str:
    """A JSON text of equal value in which hidden characters are escaped."""
    signs = {ord(each): json.dumps(each)[1:-1] for each in hidden_in(text) if each != "\r"}
    return text.translate(signs) if signs else text


def out() -> Console:
    """The console for results."""
    from grader.cli.console import SafeConsole

    return SafeConsole(highlight=False, soft_wrap=False)


def err() -> Console:
    """The console for messages and progress."""
    from grader.cli.console import SafeConsole

    return SafeConsole(stderr=True, highlight=False)
