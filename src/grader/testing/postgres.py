"""A PostgreSQL cluster of its own in a temporary folder, for tests and benchmarks of the queue."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Literal, Self


def server_programs() -> Path | None:
    """The folder with `initdb` and `pg_ctl`; None: PostgreSQL's server is not installed."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    # Debian keeps one folder a version and puts none on the path.
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return debian[-1].parent if debian else None


class Cluster:
    """A running server with one user, who may do everything. Use it as a context manager.

    Raises:
        FileNotFoundError: PostgreSQL's server is not installed.
    """

    def __init__(self) -> None:
        programs = server_programs()
        if programs is None:
            raise FileNotFoundError("PostgreSQL's server is not installed")
        self._programs = programs
        # Not below a folder that only root may enter: the server never runs as root.
        self._folder = Path(tempfile.mkdtemp(prefix="grader-postgres-", dir="/tmp"))
        self._user = _other_user() if os.geteuid() == 0 else None
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    def __enter__(self) -> Self:
        self._run("initdb", "-D", self._data, "-U", "grader", "-A", "trust", "--no-sync")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start the server, and wait until it takes connections."""
        options = (
            f"-k {self._folder} -p {self.port} -c listen_addresses=127.0.0.1 "
            "-c max_connections=300 -c fsync=off"
        )
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", self._data, "-w", "-l", log, "-o", options, "start")

    def stop(self, how: Literal["fast", "immediate"] = "immediate") -> None:
        """Stop the server; `immediate` is as if the machine had failed."""
        self._run("pg_ctl", "-D", self._data, "-w", "-m", how, "stop")

    def create_database(self, name: str) -> str:
        """Make an empty database; gives its URL."""
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "grader", name)
        return self.url(name)

    def url(self, name: str, *, port: int | None = None) -> str:
        """The URL of a database, by another port where something stands between."""
        return f"postgresql://grader@127.0.0.1:{port or self.port}/{name}"

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def _run(self, program: str, *arguments: str) -> None:
        # The server inherits its output: a pipe would stay open as long as it runs.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(self._programs / program), *arguments],
                user=self._user,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, "LC_ALL": "C"},
                check=False,
            )
            if done.returncode:
                output.seek(0)
                raise RuntimeError(f"{program} failed: {output.read()}")


def _other_user() -> str:
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
