"""The command line: one small function a command. Options in, one library call, result shown."""

from __future__ import annotations

import sys
from io import StringIO
from typing import Any

from grader.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_INPUT, GraderError


def main() -> None:
    """Run the command line. A user's mistake is a message and an exit code, no traceback."""
    import typer

    from grader.cli.app import app

    # The class of all errors of usage, which typer gives no public name.
    usage_error: Any = typer.BadParameter.__base__
    try:
        code = app(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else EXIT_DONE)
    except usage_error as error:
        _say(_shown(error))
        sys.exit(error.exit_code)
    except typer.Abort:
        _say("Aborted!")
        sys.exit(EXIT_FINDINGS)
    except GraderError as error:
        _say(f"grader: {error}")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output went away, as `grader show X | head` does.
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        # A full disk can strike anywhere; what was written whole before it is kept.
        place = f"{error.filename}: " if error.filename else ""
        _say(f"grader: {place}{error.strerror or error}")
        sys.exit(EXIT_INPUT)


def _shown(error: Any) -> str:
    text = StringIO()
    error.show(file=text)
    return text.getvalue().rstrip("\n")


def _say(message: str) -> None:
    """One message on stderr. Names of files and words of servers steer no terminal."""
    from grader.text.visible import visible

    print(visible(message), file=sys.stderr)
