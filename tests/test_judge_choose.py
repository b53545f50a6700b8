"""What the user may write for a judge, and what is said when it can't be one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import GraderError, InputError, JudgeError
from grader.judge.choose import open_judge
from grader.testing import ScriptedJudge
from judging import GOOD, Desk, verdict

KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY")


@pytest.fixture(autouse=True)
def clean_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key in the environment, and a working directory of its own."""
    for name in (*KEYS, "OPENROUTER_API_KEY", "MY_LAB_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("spec", ["", "gpt-5.4", "openai/", "/gpt", " openai/x", "openai/ ", ":"])
def test_what_is_no_judge_is_shown_with_what_could_be_one(spec: str) -> None:
    with pytest.raises(InputError, match="is not a judge") as raised:
        open_judge(spec)
    assert "openai/gpt" in raised.value.mend


@pytest.mark.parametrize("spec", ["recorded:", "files:", "files: "])
def test_a_judge_of_files_needs_a_place(spec: str) -> None:
    with pytest.raises(InputError, match="names no"):
        open_judge(spec)


def test_an_unknown_provider_needs_an_address() -> None:
    with pytest.raises(InputError, match="'my-lab' is not known") as raised:
        open_judge("my-lab/model")
    assert "--base-url" in raised.value.mend


@pytest.mark.parametrize("address", ["localhost:8080", "ftp://host/v1", "http://", "/v1"])
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(InputError, match="is not an address"):
        open_judge("openai/x", base_url=address)


def test_an_address_for_a_judge_that_has_none_is_a_mistake() -> None:
    with pytest.raises(InputError, match="has no address"):
        open_judge("files:batch", base_url="http://127.0.0.1:1/v1")


@pytest.mark.parametrize(
    ("spec", "variable"),
    [
        ("openai/x", "OPENAI_API_KEY"),
        ("anthropic/x", "ANTHROPIC_API_KEY"),
        ("google/x", "GEMINI_API_KEY or GOOGLE_API_KEY"),
        ("openrouter/a/x", "OPENROUTER_API_KEY"),
    ],
)
def test_a_missing_key_is_told_with_the_variable_to_set(spec: str, variable: str) -> None:
    with pytest.raises(JudgeError, match=variable) as raised:
        open_judge(spec)
    assert ".env" in raised.value.mend
    assert raised.value.exit_code == 3


def test_ollama_needs_no_key() -> None:
    assert open_judge("ollama/llama4").model == "ollama/llama4"


@pytest.mark.parametrize("where", ["environment", ".env", "both"])
def test_the_key_comes_from_the_environment_first_and_then_from_a_dotenv_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    if where != ".env":
        monkeypatch.setenv("OPENAI_API_KEY", "sk-from-environment\n")
    if where != "environment":
        (tmp_path / ".env").write_text('OPENAI_API_KEY="sk-from-file"\n')
    with ScriptedJudge() as server:
        server.answer(GOOD)
        Desk(tmp_path, base_url=server.base_url).ask(verdict())
        sent = server.requests[0].headers["authorization"]
    assert sent == f"Bearer sk-from-{'file' if where == '.env' else 'environment'}"


def test_a_local_server_needs_no_key(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        desk = Desk(tmp_path, spec="my-lab/model", base_url=server.base_url)
        assert desk.ask(verdict())[0].outcome == "answered"


def test_a_key_for_another_provider_is_not_sent_to_a_stranger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai")
    monkeypatch.setenv("MY_LAB_API_KEY", "lab-key")
    with ScriptedJudge() as server:
        Desk(tmp_path, spec="my-lab/model", base_url=server.base_url).ask(verdict())
        assert server.requests[0].headers["authorization"] == "Bearer lab-key"


@pytest.mark.parametrize("key", ["sk-a b", "sk-a\nb", "sk-\u201cquoted\u201d"])
def test_a_key_with_characters_that_no_key_has_is_told_without_showing_it(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(GraderError, match="OPENAI_API_KEY holds") as raised:
        open_judge("openai/x")
    assert key not in str(raised.value)


def test_only_a_live_judge_pays_for_the_network_libraries() -> None:
    program = (
        "import sys\n"
        "from grader.judge import asking, choose, files, recorded\n"
        "choose.open_judge('files:batch')\n"
        "print([m for m in ('openai', 'instructor', 'aiohttp') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
