"""Other formats through other programs: PDF through Chromium, DOCX through pandoc.

Both are found on the system or not at all; neither gets at the network. What they write is not
promised to be the same bytes each time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from grader.errors import InputError, StorageError
from grader.files.text import replacing

_BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
)
_SECONDS = 120


def write_pdf(path: Path, page: str) -> None:
    """Print a page of `render_html` to a PDF file.

    Raises:
        InputError: no Chromium is installed.
        StorageError: it failed, or the file can't be written.
    """
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        raise InputError(
            "PDF needs Chromium or Chrome, and none was found",
            mend="Install it (apt install chromium), or print the HTML from any browser.",
        )
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.pdf")
        source.write_text(page, encoding="utf-8")
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-extensions",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--no-first-run",
            "--no-pdf-header-footer",
            f"--user-data-dir={folder}/profile",
            f"--print-to-pdf={target}",
            source.as_uri(),
        ]
        # Chromium refuses its sandbox to root; the page runs no script in either case.
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")
        _run(command, "Chromium")
        _keep(target, path, "Chromium")


def write_docx(path: Path, markdown: str) -> None:
    """Turn a text of `render_markdown` into a DOCX file.

    Raises:
        InputError: pandoc is not installed.
        StorageError: it failed, or the file can't be written.
    """
    pandoc = shutil.which("pandoc")
    if pandoc is None:
        raise InputError(
            "DOCX needs pandoc, and it was not found",
            mend="Install it (apt install pandoc), or open the HTML in a word processor.",
        )
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "page.md"), Path(folder, "page.docx")
        source.write_text(markdown, encoding="utf-8")
        # Not with --sandbox: pandoc before 3.0 then can't read its own Word template. There is
        # nothing to keep in: raw markup is off and every text in the writeup is escaped.
        options = ["--from=markdown-raw_html-raw_tex-raw_attribute", "--to=docx"]
        _run([pandoc, *options, f"--output={target}", str(source)], "pandoc")
        _keep(target, path, "pandoc")


def _run(command: Sequence[str], name: str) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False, errors="replace"
        )
    except subprocess.TimeoutExpired:
        raise StorageError(
            f"{name} did not end within {_SECONDS} seconds", mend="Try again on a quieter machine."
        ) from None
    except OSError as error:
        raise StorageError(f"{name} could not be started: {error.strerror}") from None
    if done.returncode != 0:
        told = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise StorageError(f"{name} failed: {told[0][:300]}", mend=f"Is this {name} in order?")


def _keep(made: Path, path: Path, name: str) -> None:
    if not made.is_file():
        raise StorageError(f"{name} wrote no file", mend=f"Is this {name} in order?")
    with replacing(path) as temporary:
        shutil.copyfile(made, temporary)
