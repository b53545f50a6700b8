"""A command inside a pseudo-terminal of 80 by 24: type, and wait for what it shows."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping


class Terminal:
    """A command in a terminal of its own, in the working folder."""

    def __init__(self, *command: str, env: Mapping[str, str]) -> None:
        self.child, screen = pty.openpty()
        fcntl.ioctl(self.child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            command,
            stdin=screen,
            stdout=screen,
            stderr=screen,
            env={**env, "TERM": "xterm", "COLUMNS": "80", "LINES": "24"},
            start_new_session=True,
        )
        os.close(screen)
        self.seen = ""

    def until(self, expected: str, seconds: float = 60) -> str:
        """What is shown up to these words."""
        end = time.monotonic() + seconds
        while expected not in self.seen:
            ready, _, _ = select.select([self.child], [], [], max(0, end - time.monotonic()))
            assert ready, f"{expected!r} was not shown, but: {self.seen[-400:]!r}"
            try:
                self.seen += os.read(self.child, 65_536).decode("utf-8", "replace")
            except OSError:  # the other end is closed
                assert expected in self.seen, self.seen[-400:]
        shown, _, self.seen = self.seen.partition(expected)
        return shown + expected

    def interrupt_until(self, expected: str) -> str:
        """Press Ctrl-C, and again where nothing comes of it, as a person would.

        Python can miss one that comes between the prompt and the wait for input.
        """
        for _ in range(5):
            os.killpg(self.process.pid, signal.SIGINT)
            try:
                return self.until(expected, 10)
            except AssertionError:
                continue
        return self.until(expected)

    def type(self, text: str) -> None:
        """Type, as a person would."""
        os.write(self.child, text.encode())

    def vanish(self) -> int:
        """Take the terminal away; the exit code of the command that was in it."""
        os.close(self.child)
        self.process.wait(timeout=60)
        return self.process.returncode

    def close(self) -> int:
        """Wait for the end; its exit code."""
        self.process.wait(timeout=60)
        os.close(self.child)
        return self.process.returncode
