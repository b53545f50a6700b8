"""The command line: one small function a command. Options in, one library call, result shown."""

from __future__ import annotations

import sys

from grader.errors import GraderError


def main() -> None:
    """Run the command line. A user's mistake is a message and an exit code, no traceback."""
    from grader.cli.app import app

    try:
        app()
    except GraderError as error:
        print(f"grader: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output went away, as `grader show X | head` does.
        sys.stderr.close()
        sys.exit(0)
