"""What a user may get wrong: one message with the mend, the right exit code, nothing left."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from builders import comparison, write_folder
from conftest import EXAMPLES, RUBRICS, Grader, pair
from grader.testing import FAULTS, Fault, ScriptedJudge

CONTROL, TREATMENT, _, RUBRIC = pair("clinic-postmortem")
JUDGE = ("--judge", "openai/scripted-judge")


def written(text: str) -> Path:
    path = Path("given.json")
    path.write_text(text)
    return path


def says_only(err: str) -> list[str]:
    """The lines of a message, after checking that it is no traceback."""
    assert "Traceback" not in err
    # Whether the rubric was locked is said before anything is asked, also where nothing can be.
    err = "".join(line for line in err.splitlines(True) if not line.startswith("Rubric "))
    assert err.startswith("grader: "), err
    return err.splitlines()


@pytest.mark.parametrize(
    ("control", "told"),
    [
        (Path("none.json"), "none.json: no such file"),
        (EXAMPLES, "this is a folder"),
        (RUBRIC, "it seems to be a rubric"),
        ("", "the file is empty"),
        ("[]", "it seems to be a JSON list"),
        ('{"messages": [', "given.json:1: not valid JSON"),
        ('{"messages": []}', "the list of messages is empty"),
        (json.dumps({"messages": [{"role": "user", "content": "Hello"}]}), "model"),
        (TREATMENT, "control and treatment are the same text"),
        (EXAMPLES / "c-library-memo-1.json", "the two transcripts are of different tasks"),
    ],
    ids=["missing", "folder", "rubric", "empty", "list", "cut off", "no messages",
         "no model turn", "same twice", "two tasks"],
)  # fmt: skip
def test_unusable_transcript_is_named(grader: Grader, control: Path | str, told: str) -> None:
    given = written(control) if isinstance(control, str) else control
    ran = grader("compare", given, TREATMENT, "--rubric", RUBRIC)
    assert ran.code == 2
    assert told in ran.err
    says_only(ran.err)
    assert ran.out == ""
    assert not Path("outputs").exists()


def test_rubric_of_another_task_is_refused(grader: Grader) -> None:
    ran = grader("compare", CONTROL, TREATMENT, "--rubric", RUBRICS / "library-memo.yaml")
    assert ran.code == 2
    assert "seems to be for another task than 'clinic-postmortem'" in ran.err


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (("--judge", "gpt"), 2, "provider/model"),
        (("--judge", "openai/gpt-5.4"), 3, "OPENAI_API_KEY is not set"),
        (("--judge", "openai/gpt-5.4"), 3, "--judge offline` drafts without a model"),
        (("--judge", "nobody/x"), 2, "--base-url"),
        (("--judge", "recorded:none.jsonl"), 2, "none.jsonl: no such file"),
        (("--judge", "files:"), 2, "names nothing"),
        (("--judge", "openai/a", "--judge", "openai/a"), 2, "once"),
        (("--judge", "offline", "--judge", "openai/a"), 2, "stands alone"),
        (("--judge", "openai/a", "--base-url", "nowhere"), 2, "is not an address"),
        (("--study", "none.yaml"), 2, "none.yaml: no such file"),
        (("--name", "../escaped"), 2, "not the name of a folder"),
        (("--name", ".."), 2, "not the name of a folder"),
        (("--outputs", "/dev/null/x"), 2, "/dev/null/x"),
        (("--judge-turns", "treatment=1"), 2, "turn 1 is the human's"),
        (("--judge-turns", "P=2"), 2, "'P' is no side"),
        (("--ends-at", "control=last"), 2, "'last' is no line"),
        (("--format", "word"), 2, "word"),
        (("--depth", "silly"), 2, "--depth: 'silly' is not one of quick, standard, deep"),
        (("--rubric", str(RUBRICS)), 2, f"a rubric is a YAML file\n  Give one: {RUBRICS}"),
        (("--rubric", str(CONTROL)), 2, "this is a transcript, not a rubric"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_unusable_option_is_named_and_leaves_nothing(
    grader: Grader, options: tuple[str, ...], code: int, told: str
) -> None:
    ran = grader("compare", CONTROL, TREATMENT, "--rubric", RUBRIC, *options)
    assert ran.code == code
    assert told in ran.err
    says_only(ran.err)
    assert not Path("outputs").exists()


@pytest.mark.parametrize(
    ("fault", "told"),
    [("401", "OPENAI_API_KEY"), ("404", "scripted-judge"), ("403", "key")],
)
def test_judge_that_cannot_be_used_stops_the_run(
    grader: Grader, judge: ScriptedJudge, fault: Fault, told: str
) -> None:
    assert fault in FAULTS
    judge.fail(fault)
    ran = grader("compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url)
    assert ran.code == 3
    assert told in ran.err
    assert "Traceback" not in ran.err
    assert not list(Path("outputs").glob("*/comparison.json"))
    # What was under way may still arrive; nothing is sent after the first such reply.
    assert len(judge.requests) <= 8


def test_unreachable_server_is_named_and_nothing_is_drafted(grader: Grader) -> None:
    with ScriptedJudge() as gone:
        address = gone.base_url
    ran = grader(
        "compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", address, "--depth", "quick"
    )
    assert ran.code == 3
    assert "Traceback" not in ran.err
    assert not list(Path("outputs").glob("*/comparison.json"))


def test_full_disk_is_told_and_leaves_no_half_draft() -> None:
    """A limit on file size stands in for a full disk: the draft is larger than it allows."""

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))

    ran = subprocess.run(
        [sys.executable, "-m", "grader", "compare", *map(str, pair("clinic-postmortem"))],
        capture_output=True, text=True, timeout=60, check=False, preexec_fn=small_files,
    )  # fmt: skip
    assert ran.returncode == 2
    assert "comparison.json: cannot be written" in ran.stderr
    assert "Traceback" not in ran.stderr
    [folder] = Path("outputs").glob("c-*")
    assert not list(folder.glob("*comparison*")), "neither a draft nor a piece of one"


def test_folder_in_use_is_told(grader: Grader) -> None:
    from grader.comparison.folder import locked

    folder = Path("outputs/c-clinic-postmortem-1--p-clinic-postmortem-1--offline")
    with locked(folder):
        ran = grader("compare", *pair("clinic-postmortem"))
    assert ran.code == 2
    assert "another run is working in this folder" in ran.err


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "there is no comparison.json"),
        ("{}", "not a whole draft"),
        ("{", "not a whole draft"),
        ("[1]", "not a whole draft"),
        ('{"schema_version": 99}', "of version 99"),
    ],
)
@pytest.mark.parametrize("command", ["show", "render", "sign"])
def test_folder_without_a_whole_draft_is_refused(
    grader: Grader, tmp_path: Path, command: str, content: str | None, told: str
) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    if content is not None:
        (folder / "comparison.json").write_text(content)
    ran = grader(command, folder)
    assert ran.code == 2
    assert told in ran.err
    says_only(ran.err)


@pytest.fixture
def some(tmp_path: Path) -> Path:
    """A folder with two comparisons, one whose run did not end, and transcripts beside."""
    for name in ("one", "two"):
        write_folder(comparison(), tmp_path / "outputs" / name)
    unended = tmp_path / "outputs" / "unended"
    unended.mkdir()
    (unended / ".grader.lock").touch()
    (tmp_path / "sessions").mkdir()
    (tmp_path / "sessions" / "c 1.json").write_bytes(CONTROL.read_bytes())
    return tmp_path


@pytest.mark.parametrize("command", ["review", "sign", "render", "show"])
@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            "outputs",
            "outputs: this is not a comparison's folder, but holds 2 comparisons\n"
            "  Give one: outputs/one, outputs/two",
        ),
        ("outputs/unended", "its run did not end\n  Run the same `grader compare` again"),
        (
            "sessions",
            "no comparison.json in this folder, but 1 file such as c 1.json\n"
            "  To see a transcript: grader show 'sessions/c 1.json'",
        ),
        ("outputs/one/comparison.json", "Give its folder: grader COMMAND outputs/one"),
        ("nowhere", "no such f"),
    ],
    ids=["of comparisons", "unended", "of transcripts", "the draft itself", "missing"],
)
def test_what_is_no_comparison_is_named_with_what_to_give(
    grader: Grader, some: Path, command: str, given: str, told: str
) -> None:
    if command == "show" and given.endswith(".json"):
        return  # show takes files: there it may be a transcript
    if (command, given) == ("review", "outputs"):
        return  # review takes a folder of comparisons, one after the other
    ran = grader(command, given)
    assert ran.code == 2
    assert told.replace("COMMAND", command) in ran.err
    assert len(says_only(ran.err)) == 2


@pytest.mark.parametrize(
    "command",
    [("review", "outputs/one"), ("review", "outputs/one", "--web"), ("sign", "outputs/one"),
     ("sign", "outputs/one", "--take-back", "why"), ("serve", "outputs"),
     ("review", "outputs/one", "--adjudicate")],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("name", ["", "  ", "\t\n"], ids=["empty", "blank", "tab"])
def test_reviewer_without_a_name_is_refused(
    grader: Grader, some: Path, command: tuple[str, ...], name: str
) -> None:
    ran = grader(*command, "--reviewer", name)
    assert ran.code == 2
    assert "--reviewer: a review needs the name of its reviewer\n  Give your name." in ran.err
    assert not list(some.glob("outputs/*/reviews.jsonl"))


def test_check_goes_on_behind_a_folder_without_a_draft(grader: Grader, some: Path) -> None:
    (some / "empty").mkdir()
    ran = grader("check", "empty", "outputs")
    assert "empty: warning: there is no comparison.json in this folder" in ran.out
    assert "outputs/unended: note: there is no comparison.json in this folder: its" in ran.out
    assert "outputs/two/comparison.json: " in ran.out
    assert "4 paths checked: " in ran.out


def test_transcript_checked_as_a_rubric_is_named(grader: Grader) -> None:
    ran = grader("rubric", "check", CONTROL)
    assert ran.code == 2
    assert "this is a transcript, not a rubric" in ran.err
    assert len(says_only(ran.err)) == 2


def test_sides_that_look_swapped_are_told_before_anything_is_asked(grader: Grader) -> None:
    ran = grader("compare", TREATMENT, CONTROL, "--rubric", RUBRIC, "--dry-run")
    assert ran.code == 0
    assert "! The side given as treatment states the condition C; are the two the right way" in (
        ran.err
    )


def test_record_of_a_comparison_is_checked_with_its_folder(grader: Grader, tmp_path: Path) -> None:
    folder = write_folder(comparison(), tmp_path / "pair")
    given, whole = grader("check", folder / "comparison.json"), grader("check", folder)
    assert (given.code, given.out) == (whole.code, whole.out)


def test_folders_of_unfinished_runs_alone_are_a_note(grader: Grader, tmp_path: Path) -> None:
    unfinished = tmp_path / "outputs/one"
    unfinished.mkdir(parents=True)
    (unfinished / ".grader.lock").touch()
    (unfinished / "calls.jsonl").touch()
    ran = grader("check", tmp_path / "outputs")
    assert ran.code == 0 and "its run did not end" in ran.out
