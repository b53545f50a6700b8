"""The package as others get it: public names, start-up, and the wheel in an empty environment."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import grader
from conftest import REPOSITORY


def test_public_names_are_the_ones_listed() -> None:
    assert set(grader.__all__) == {*grader._HOMES, "__version__"}
    for name in grader.__all__:
        assert getattr(grader, name) is not None


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    return subprocess.run(
        list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True,
        timeout=600, check=False,
    )  # fmt: skip


def test_help_loads_neither_the_network_nor_the_records(tmp_path: Path) -> None:
    """Start-up is what a user waits for each time; speed itself is in benchmarks/startup.py."""
    code = (
        "import sys; sys.argv = ['grader', '--help']\n"
        "from grader.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'openai', 'instructor', 'asyncpg', 'pgqueuer', 'pydantic', 'numpy', 'jinja2'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ran = run(sys.executable, "-c", code, folder=tmp_path)
    assert ran.stdout.splitlines()[-1] == "[]", ran.stderr


def test_commands_that_ask_nothing_do_not_load_the_network(tmp_path: Path) -> None:
    examples = REPOSITORY / "examples" / "transcripts"
    code = (
        "import sys; sys.argv = ['grader', 'compare', "
        f"'{examples / 'c-library-memo-1.json'}', '{examples / 'p-library-memo-1.json'}', "
        f"'--rubric', '{REPOSITORY / 'rubrics' / 'library-memo.yaml'}']\n"
        "from grader.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'openai', 'instructor', 'asyncpg', 'pgqueuer', 'httpx'} & set(sys.modules)))"
    )
    ran = run(sys.executable, "-c", code, folder=tmp_path)
    assert ran.stdout.splitlines()[-1] == "[]", ran.stderr


def test_wheel_works_in_an_empty_environment(tmp_path: Path) -> None:
    """Built, installed with what it asks for and nothing else, and run from another folder."""
    dist = tmp_path / "dist"
    built = run(
        sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", dist, REPOSITORY,
        folder=tmp_path,
    )  # fmt: skip
    assert built.returncode == 0, built.stdout + built.stderr
    [wheel] = dist.glob("*.whl")
    home = tmp_path / "empty"
    venv.create(home, with_pip=True)
    installed = run(
        home / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-input",
        "--constraint", constraints(tmp_path), wheel, folder=tmp_path,
    )  # fmt: skip
    assert installed.returncode == 0, installed.stderr
    data = home / "lib" / f"python3.{sys.version_info.minor}" / "site-packages/grader/_data"
    examples = data / "examples" / "transcripts"
    ran = run(
        home / "bin" / "grader", "compare", examples / "c-clinic-postmortem-1.json",
        examples / "p-clinic-postmortem-1.json", "--rubric",
        data / "rubrics" / "clinic-postmortem.yaml", folder=tmp_path,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    [folder] = (tmp_path / "outputs").glob("c-*")
    assert (folder / "comparison.md").read_text().startswith("> **Draft.")
    asked = run(
        home / "bin" / "python", "-c",
        "from grader.questions.prompts import read_prompt; print(read_prompt('verdict').name)",
        folder=tmp_path,
    )  # fmt: skip
    assert asked.stdout.strip() == "verdict@2", asked.stderr


def constraints(folder: Path) -> Path:
    """The lock file without its hashes: pip takes hashes only when every package has them."""
    pins = [
        line.removesuffix(" \\")
        for line in (REPOSITORY / "requirements.lock").read_text().splitlines()
        if line and not line.startswith((" ", "#"))
    ]
    path = folder / "constraints.txt"
    path.write_text("\n".join(pins) + "\n")
    return path
