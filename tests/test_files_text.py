"""Only regular files are read, as far as they really go; a file is written whole or not at all."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import InputError, StorageError
from grader.files.text import read_bytes, read_text, replacing, write_atomically

CHAT = '{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes."}]}'


def test_a_pipe_that_nobody_writes_to_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="only regular files are read"):
        read_bytes(tmp_path / "pipe")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_refused_also_behind_a_link(tmp_path: Path, device: str) -> None:
    link = tmp_path / "link.json"
    link.symlink_to(device)
    with pytest.raises(InputError, match="only regular files are read"):
        read_bytes(link)


def test_a_socket_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        with pytest.raises(InputError, match="cannot be read"):
            read_bytes(path)


def test_a_file_that_states_no_size_is_read_and_limited_by_what_it_holds() -> None:
    path = Path("/proc/self/mountinfo")
    if not path.exists() or path.stat().st_size:
        pytest.skip("this system states the size of every file")
    assert read_bytes(path)
    with pytest.raises(InputError, match="at most 10 are read"):
        read_bytes(path, limit=10)


def test_the_limit_itself_may_be_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"a" * 100)
    assert len(read_bytes(path, limit=100)) == 100
    with pytest.raises(InputError, match="the file has 100 bytes, at most 99 are read"):
        read_bytes(path, limit=99)


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "pipe"),
        ("transcript", "read", "pipe"),
        ("rubric", "check", "pipe.yaml"),
        ("show", "chat.json"),  # its sidecar is a pipe
        ("doctor", "--judge", "openai/gpt-5.4", "--base-url", "http://127.0.0.1:9"),  # so is .env
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_no_command_waits_for_a_pipe(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    for name in ("pipe", "pipe.yaml", "chat.meta.yaml", ".env"):
        os.mkfifo(tmp_path / name)
    (tmp_path / "chat.json").write_text(CHAT)
    ran = subprocess.run(
        [sys.executable, "-m", "grader", *arguments],
        cwd=tmp_path,
        env={**os.environ, "OPENAI_API_KEY": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode in (1, 2, 3), ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_file_is_replaced_whole_or_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.txt"
    write_atomically(path, "one\n")
    with pytest.raises(StorageError, match="cannot be written"), replacing(path) as temporary:
        temporary.write_text("half")
        raise OSError("the disk is full")
    assert read_text(path) == "one\n"
    assert [each.name for each in path.parent.iterdir()] == ["file.txt"]
