"""Documents that stand in tool calls are shown, and judged by choice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import Grader
from grader.errors import InputError
from grader.testing import ScriptedJudge
from grader.transcripts import (
    Transcript,
    check_pair,
    choose_turns,
    deliverable,
    documents,
    read_transcript,
    with_documents_judged,
)

TASK = "Write the notice about the pool."
NOTICE = "The pool rests on Monday. Take the sauna."


def session(tmp_path: Path, *calls: tuple[str, Any], name: str = "file") -> Transcript:
    path = tmp_path / f"{name}.json"
    messages: list[dict[str, Any]] = [{"role": "user", "content": TASK}]
    for tool, arguments in calls:
        asked = {"function": {"name": tool, "arguments": arguments}}
        messages.append({"role": "assistant", "content": "Here.", "tool_calls": [asked]})
        messages.append({"role": "tool", "content": "OK"})
    path.write_text(json.dumps({"messages": messages}))
    return read_transcript(path)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("artifacts", {"command": "create", "title": "Pool", "content": NOTICE}),
        ("canmore.create_textdoc", {"name": "pool", "type": "document", "content": NOTICE}),
        ("Write", {"file_path": "pool.md", "content": NOTICE}),
        ("write_file", {"path": "pool.md", "content": NOTICE}),
        ("str_replace_based_edit_tool", {"command": "create", "path": "p", "file_text": NOTICE}),
        ("submit", {"answer": NOTICE}),
        ("attempt_completion", {"result": NOTICE}),
        ("send_email", {"subject": "Pool", "body": NOTICE}),
        ("apply_patch", f"*** Begin Patch\n*** Add File: pool.md\n+{NOTICE}\n*** End Patch"),
        ("apply_patch", {"input": f"*** Begin Patch\n*** Add File: pool.md\n+{NOTICE}\n***"}),
        ("submission", NOTICE),
        ("an_unknown_tool", {"content": NOTICE * 10}),
    ],
)
def test_a_document_in_a_tool_call_is_found(tmp_path: Path, tool: str, arguments: Any) -> None:
    transcript = session(tmp_path, (tool, arguments))
    (document,) = documents(transcript)
    assert NOTICE in document.text
    assert (document.turn, document.whole) == (2, True)
    assert "document_in_call" in [warning.code for warning in transcript.warnings]
    assert NOTICE not in deliverable(transcript)[0].text
    (turn,) = deliverable(with_documents_judged(transcript))
    assert turn.text == f"Here.\n\n{document.text}"


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("bash", {"command": "ls"}),
        ("python", {"code": NOTICE * 20}),
        ("web_search", {"query": NOTICE}),
        ("read_file", {"path": "pool.md"}),
        ("bio", NOTICE),
        ("look", {"at": "it"}),
        ("create", "{not JSON"),
        ("create", "[1, 2]"),
    ],
)
def test_commands_and_searches_are_no_documents(tmp_path: Path, tool: str, arguments: Any) -> None:
    transcript = session(tmp_path, (tool, arguments))
    assert documents(transcript) == ()
    assert with_documents_judged(transcript) == transcript


def test_the_last_version_of_a_document_is_judged_where_it_was_changed(tmp_path: Path) -> None:
    transcript = session(
        tmp_path,
        ("artifacts", {"id": "a", "command": "create", "title": "Pool", "content": NOTICE}),
        ("artifacts", {"id": "a", "command": "update", "old_str": "Monday", "new_str": "Friday"}),
    )
    (document,) = documents(transcript)
    assert (document.text, document.turn) == (NOTICE.replace("Monday", "Friday"), 4)
    judged = with_documents_judged(transcript)
    assert [turn.text.count("Friday") for turn in deliverable(judged)] == [0, 1]


@pytest.mark.parametrize(
    ("update", "text", "whole"),
    [
        ({"updates": [{"pattern": ".*", "replacement": "New."}]}, "New.", True),
        (
            {"updates": [{"pattern": "on Monday\\.", "replacement": "today."}]},
            NOTICE.replace("on Monday.", "today."),
            True,
        ),
        ({"updates": [{"pattern": "(a+)+$", "replacement": "x"}]}, f"{NOTICE}\n\nx", False),
    ],
)
def test_edits_of_a_canvas_are_applied_and_no_pattern_is_run(
    tmp_path: Path, update: dict[str, Any], text: str, whole: bool
) -> None:
    transcript = session(
        tmp_path,
        ("canmore.create_textdoc", {"content": NOTICE}),
        ("canmore.create_textdoc", update),
    )
    (document,) = documents(transcript)
    assert (document.text, document.whole) == (text, whole)


def test_an_edit_of_a_text_that_is_not_here_says_so(tmp_path: Path) -> None:
    edit = {"file_path": "pool.md", "old_string": "open", "new_string": "closed"}
    (document,) = documents(session(tmp_path, ("Edit", edit)))
    assert (document.text, document.whole) == ("closed", False)


def test_a_pair_tells_which_documents_are_judged(tmp_path: Path) -> None:
    one = session(tmp_path, ("submit", {"answer": NOTICE}))
    found = {finding.code for finding in check_pair(one, one)}
    assert "documents_not_judged" in found
    judged = with_documents_judged(one)
    assert "documents_judged" in {finding.code for finding in check_pair(judged, judged)}


def test_last_and_all_choose_among_the_words_of_an_agent(tmp_path: Path) -> None:
    transcript = session(tmp_path, ("look", "{}"), ("look", "{}"))
    assert [turn.number for turn in deliverable(choose_turns(transcript, "last"))] == [4]
    assert [turn.number for turn in deliverable(choose_turns(transcript, "all"))] == [2, 4]
    silent = transcript.model_copy(update={"turns": transcript.turns[:1]})
    with pytest.raises(InputError, match="says nothing"):
        choose_turns(silent, "last")


def test_show_tells_of_documents_and_of_an_agents_words(grader: Grader, tmp_path: Path) -> None:
    session(tmp_path, ("submit", {"answer": NOTICE}), ("look", "{}"))
    shown = grader("show", tmp_path / "file.json")
    assert shown.code == 0
    assert NOTICE in shown.out
    assert "put into a tool call, not judged" in shown.out
    assert "--judge-turns last" in shown.out
    assert "Judged: 2 words" in " ".join(shown.out.split())
    judged = grader("show", tmp_path / "file.json", "--judge-artifacts", "--judge-turns", "2")
    assert "Judged: 9 words" in " ".join(judged.out.split())


def test_the_judge_is_told_everything_only_where_it_is_everything(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path
) -> None:
    session(tmp_path, ("submit", {"answer": NOTICE}), name="with")
    session(tmp_path, ("look", "{}"), ("look", "{}"), name="without")
    rubric = tmp_path / "r.yaml"
    rubric.write_text(
        "id: pool\nversion: 1\ntitle: Notice\ntask: the notice about the pool\n"
        "criteria:\n- id: one\n  title: One\n  question: Is it?\n"
        "  levels: {met: Yes., partially_met: Part., not_met: No.}\n"
    )
    asked = ("--rubric", rubric, "--judge", "openai/scripted-judge", "--base-url", judge.base_url)
    ran = grader("compare", tmp_path / "without.json", tmp_path / "with.json", *asked, "--depth",
                 "quick", "--name", "a")  # fmt: skip
    assert ran.code == 0, ran.err
    # Of both or of none: the sentence may not tell the two apart.
    assert all("a part of what it wrote" in r.prompt for r in judge.of_kind("verdict"))
    assert all(NOTICE not in r.prompt for r in judge.requests)
    before = len(judge.requests)
    ran = grader("compare", tmp_path / "without.json", tmp_path / "with.json", *asked, "--depth",
                 "quick", "--name", "b", "--judge-artifacts")  # fmt: skip
    assert ran.code == 0, ran.err
    verdicts = [r for r in judge.requests[before:] if r.kind == "verdict"]
    assert all("everything it wrote" in received.prompt for received in verdicts)
    assert sum(NOTICE in received.prompt for received in verdicts) == 1


def test_a_page_with_the_humans_turn_only_is_shown_and_not_compared(
    grader: Grader, tmp_path: Path
) -> None:
    page = Path(__file__).parent / "fixtures" / "pages" / "human-turn-only.txt"
    shown = grader("show", page)
    assert shown.code == 0
    assert "holds only what the human said" in " ".join(shown.out.split())
    rubric = Path(__file__).parents[1] / "rubrics" / "library-memo.yaml"
    ran = grader("compare", page, page, "--rubric", rubric, "--outputs", tmp_path / "out")
    assert ran.code == 2
    assert "nothing the model said" in ran.err
    assert not (tmp_path / "out").exists()
