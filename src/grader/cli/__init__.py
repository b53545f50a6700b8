"""The command line: one small function a command. Options in, one library call, result shown."""

from __future__ import annotations

import sys

from grader.errors import EXIT_INPUT, GraderError


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
    except OSError as error:
        # A full disk can strike anywhere; what was written whole before it is kept.
        place = f"{error.filename}: " if error.filename else ""
        print(f"grader: {place}{error.strerror or error}", file=sys.stderr)
        sys.exit(EXIT_INPUT)
