"""`recorded:FILE`: an earlier run's replies, and nothing but them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import GraderError, InputError, JudgeError
from grader.testing import ScriptedJudge
from judging import QUICK, Desk, verdict


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Six questions: one truncated, one corrected, one refused, one that could not be asked."""
    with ScriptedJudge() as server:
        server.fail("truncate", when="Criterion 2", times=1)
        server.fail("invalid_json", when="Criterion 3", times=1)
        server.fail("refuse", when="Criterion 4")
        server.fail("500", when="Criterion 5")
        desk = Desk(tmp_path / "live", base_url=server.base_url)
        desk.ask(*(verdict(n) for n in range(1, 7)))
        desk.ask(verdict(6), sample=2)
    return tmp_path / "live" / "calls.jsonl"


def replay(recording: Path, folder: Path) -> Desk:
    return Desk(folder, spec=f"recorded:{recording}")


def test_a_recording_gives_the_same_answers_without_a_server(
    recording: Path, tmp_path: Path
) -> None:
    questions = [verdict(n) for n in (1, 2, 3, 4, 6)]
    desk = Desk(recording.parent)
    desk.base_url = desk.calls[0].server
    live = desk.ask(*questions)
    again = replay(recording, tmp_path / "again")
    assert again.ask(*questions) == live
    assert again.ask(verdict(6), sample=2) == desk.ask(verdict(6), sample=2)


def test_a_question_that_failed_in_the_recording_fails_the_same_way(
    recording: Path, tmp_path: Path
) -> None:
    [answered] = replay(recording, tmp_path / "again").ask(verdict(5))
    assert answered.outcome == "api_error"
    assert answered.detail == "500: The server had an error."


def test_what_a_replay_writes_is_a_recording_too_and_says_that_it_is_one(
    recording: Path, tmp_path: Path
) -> None:
    questions = [verdict(n) for n in range(1, 7)]
    first = replay(recording, tmp_path / "first")
    answers = first.ask(*questions)
    second = replay(tmp_path / "first" / "calls.jsonl", tmp_path / "second")

    assert second.ask(*questions) == answers
    assert {call.source for call in first.calls} == {"recording"}


def test_a_question_that_is_not_in_the_recording_is_an_error_with_its_name(
    recording: Path, tmp_path: Path
) -> None:
    with pytest.raises(JudgeError, match="criterion-77 on control") as raised:
        replay(recording, tmp_path / "again").ask(verdict(77))
    assert str(recording) in str(raised.value)


def test_a_recording_neither_fills_nor_asks_the_journal(recording: Path, tmp_path: Path) -> None:
    live = Desk(tmp_path / "again")
    replay(recording, tmp_path / "again").ask(verdict(1))
    with ScriptedJudge() as server:
        live.base_url = server.base_url
        live.ask(verdict(1))
        assert len(server.requests) == 1, "the replay left nothing in the journal"

    other = tmp_path / "other.jsonl"
    shutil.copy(recording, other)
    kept = "\n".join(line for line in other.read_text().split("\n") if "criterion-1 " not in line)
    other.write_text(kept)
    with pytest.raises(JudgeError):
        replay(other, tmp_path / "again").ask(verdict(1))


def test_a_recording_of_two_judges_needs_one_of_them_named(tmp_path: Path) -> None:
    with ScriptedJudge() as server:
        for spec in ("openai/a", "openai/b"):
            Desk(tmp_path, spec=spec, base_url=server.base_url).ask(verdict())
    desk = replay(tmp_path / "calls.jsonl", tmp_path / "again")
    with pytest.raises(InputError, match="openai/a, openai/b") as raised:
        desk.ask(verdict())
    assert f"-j 'recorded:{tmp_path / 'calls.jsonl'}#openai/b'" in str(raised.value)
    desk.spec += "#openai/b"
    assert desk.ask(verdict())[0].outcome == "answered"
    desk.spec += "0"
    with pytest.raises(InputError, match="no replies of openai/b0"):
        desk.ask(verdict())


def test_a_model_beside_a_recording_is_refused_with_the_way_to_name_it(recording: Path) -> None:
    desk = replay(recording, recording.parent / "again")
    desk.judge_model = "openai/b"
    with pytest.raises(InputError) as raised:
        desk.ask(verdict(1))
    assert f"recorded:{recording}#openai/b" in str(raised.value)


def test_a_number_sign_in_the_name_of_a_recording_is_part_of_it(recording: Path) -> None:
    odd = recording.rename(recording.parent / "run #1.jsonl")
    assert replay(odd, odd.parent / "again").ask(verdict(1))[0].outcome == "answered"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "holds no replies"),
        ("not json\n", r":1: this line is not a call"),
        ('{"schema_version": 1}\n', r":1: this line is not a call"),
    ],
    ids=["empty", "not JSON", "another record"],
)
def test_a_file_that_is_no_recording_is_named(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_text(content)
    with pytest.raises(GraderError, match=said):
        replay(path, tmp_path / "again").ask(verdict())


def test_settings_of_the_replaying_run_do_not_matter(recording: Path, tmp_path: Path) -> None:
    desk = replay(recording, tmp_path / "again")
    desk.settings = QUICK.model_copy(update={"temperature": 1.0, "max_tokens": 5, "seed": 9})
    assert desk.ask(verdict(1))[0].outcome == "answered"


def test_a_replay_does_not_pass_through_the_network_libraries(
    recording: Path, tmp_path: Path
) -> None:
    program = (
        "import sys; from pathlib import Path; from judging import Desk, verdict\n"
        "[answered] = Desk(Path(sys.argv[1]), spec=f'recorded:{sys.argv[2]}').ask(verdict(1))\n"
        "print(answered.outcome, [m for m in ('openai', 'instructor') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "again"), str(recording)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
    )
    assert done.stdout == "answered []\n", done.stderr
