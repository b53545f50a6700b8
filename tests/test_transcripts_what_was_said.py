"""A turn holds what was said to the person; everything else is kept apart and told."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import InputError
from grader.transcripts import (
    Transcript,
    check_pair,
    deliverable,
    read_transcript,
    read_transcripts,
)
from grader.transcripts.kept_apart import keep_apart, without_citation_marks

ASK = {"role": "user", "content": "Write the notice about the pool."}


def read(tmp_path: Path, value: Any, name: str = "file.json") -> Transcript:
    return read_transcript(written(tmp_path, value, name))


def written(tmp_path: Path, value: Any, name: str = "file.json") -> Path:
    path = tmp_path / name
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def chat(*replies: Any) -> dict[str, Any]:
    messages = [each if isinstance(each, dict) else said(each) for each in replies]
    return {"messages": [ASK, *messages]}


def said(text: str, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": text, **more}


def codes(transcript: Transcript) -> list[str]:
    return [warning.code for warning in transcript.warnings]


# --- thoughts and tool traffic in the text ----------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rest", "thought"),
    [
        ("<think>\nHm, angry.\n</think>\n\nThe pool rests.", "The pool rests.", "Hm, angry."),
        ("<thinking>Hm</thinking>The pool rests.", "The pool rests.", "Hm"),
        ("<THINK>Hm</THINK> The pool rests.", "The pool rests.", "Hm"),
        ("One.\n\n<reasoning>Hm</reasoning>\n\nTwo.", "One.\n\nTwo.", "Hm"),
        ("<seed:think>Hm</seed:think>\nThe pool rests.", "The pool rests.", "Hm"),
        ("Hm, angry.\n</think>\n\nThe pool rests.", "The pool rests.", "Hm, angry."),
        ("<think>a <think>b</think> c</think>\nThe pool.", "The pool.", "a <think>b</think> c"),
        ("◁think▷Hm◁/think▷The pool rests.", "The pool rests.", "Hm"),
        ("[THINK]Hm[/THINK]The pool rests.", "The pool rests.", "Hm"),
        (
            '<details type="reasoning" done="true">\n<summary>Thought</summary>\n&gt; Hm\n'
            "</details>\nThe pool rests.",
            "The pool rests.",
            "<summary>Thought</summary>\n&gt; Hm",
        ),
        (
            '<details type="reasoning"><details>x</details>Hm</details>The pool.',
            "The pool.",
            "<details>x</details>Hm",
        ),
        (
            "<|channel|>analysis<|message|>Hm<|end|><|start|>assistant<|channel|>final<|message|>"
            "The pool rests.<|return|>",
            "The pool rests.",
            "Hm",
        ),
    ],
)
def test_thoughts_in_the_text_are_kept_apart(
    tmp_path: Path, text: str, rest: str, thought: str
) -> None:
    transcript = read(tmp_path, chat(text))
    (turn,) = deliverable(transcript)
    assert (turn.text, turn.reasoning) == (rest, thought)
    assert codes(transcript) == ["reasoning_left_out"]


@pytest.mark.parametrize(
    "text",
    [
        "Write `<think>` before the answer and `</think>` behind it.",
        "Like this:\n\n```xml\n<think>\nno thought\n</think>\n```\n\nThat is all.",
        "~~~\n<tool_call>{}</tool_call>\n~~~",
        "The tag <think> opens, and that is all.",
        "The tag </think> closes, and that is all.",
        "<details>\n<summary>More</summary>\nText\n</details>",
        "<details type='note'>Text</details>",
        "I think</b> so.",
    ],
)
def test_a_tag_that_is_talked_about_is_text(tmp_path: Path, text: str) -> None:
    transcript = read(tmp_path, chat(text))
    assert deliverable(transcript)[0].text == text
    assert codes(transcript) == []


def test_a_thought_that_never_ends_leaves_a_reply_that_was_cut_off(tmp_path: Path) -> None:
    transcript = read(tmp_path, chat("<think>\nFirst I should"))
    (turn,) = deliverable(transcript)
    assert (turn.text, turn.reasoning, turn.ended) == ("", "First I should", "cut_off")
    assert codes(transcript) == ["reasoning_left_out", "reply_cut_off"]


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ('<tool_call>{"name": "look", "arguments": {"a": 1}}</tool_call>', ["look"]),
        ('<function_calls><invoke name="look">x</invoke></function_calls>', ["look"]),
        ('<details type="tool_calls" done="true">x</details>', []),
        ("<tool_response>Nothing there.</tool_response>", []),
    ],
)
def test_what_goes_to_a_tool_and_back_is_kept_apart(
    tmp_path: Path, text: str, calls: list[str]
) -> None:
    transcript = read(tmp_path, chat(f"One moment.\n\n{text}\n\nThe pool rests."))
    (turn,) = deliverable(transcript)
    assert turn.text == "One moment.\n\nThe pool rests."
    assert [call.name for call in turn.calls] == calls
    assert codes(transcript) == ["tool_traffic"]


def test_what_a_chat_sent_to_its_memory_is_not_said_to_the_person(tmp_path: Path) -> None:
    nodes = [
        ("user", "all", "Write the notice about the pool."),
        ("assistant", "bio", "User runs a pool."),
        ("assistant", "all", "The pool rests."),
    ]
    mapping = {
        str(n): {
            "parent": str(n - 1) if n else None,
            "message": {
                "author": {"role": role},
                "recipient": to,
                "content": {"content_type": "text", "parts": [text]},
            },
        }
        for n, (role, to, text) in enumerate(nodes)
    }
    transcript = read(tmp_path, [{"id": "a", "current_node": "2", "mapping": mapping}])
    assert [(turn.text, len(turn.calls)) for turn in deliverable(transcript)] == [
        ("", 1),
        ("The pool rests.", 0),
    ]
    assert transcript.turns[1].calls[0].arguments == "User runs a pool."
    assert codes(transcript) == ["tool_traffic"]


# --- marks and words of the interface ---------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rest", "count"),
    [
        ("It rests \ue200cite\ue202turn0search1\ue201. Go.", "It rests. Go.", 1),
        ("It rests【4:0†source】【5:1†pool.pdf】.", "It rests.", 2),
        ("It rests :contentReference[oaicite:0]{index=0}.", "It rests.", 1),
        ("[cite_start]It rests.[cite: 1, 2] Go.", "It rests. Go.", 2),
        ('It rests<grok:render card_id="1">x</grok:render>.', "It rests.", 1),
        ('In \ue200entity\ue202["city","Graz",0]\ue201 it rests.', "In Graz it rests.", 1),
        ("It rests 【on Monday】 [1].", "It rests 【on Monday】 [1].", 0),
    ],
)
def test_marks_of_citations_are_no_text(text: str, rest: str, count: int) -> None:
    assert without_citation_marks(text) == (rest, count)


def test_words_of_the_interface_are_kept_apart(tmp_path: Path) -> None:
    text = (
        "You said:\nWrite the notice about the pool.\nChatGPT said:\nThought for 9 seconds\n\n"
        "The pool rests.\n\nCopy\nShare\nChatGPT can make mistakes. Check important info.\n"
    )
    transcript = read(tmp_path, text, "paste.txt")
    assert [turn.text for turn in transcript.turns] == [
        "Write the notice about the pool.",
        "The pool rests.",
    ]
    assert codes(transcript) == ["interface_words"]
    assert "can make mistakes" in transcript.warnings[0].message


@pytest.mark.parametrize(
    "text",
    [
        "Buttons are:\n\nCopy\nShare\nEdit",
        "A model can make mistakes, so we check.",
        "ChatGPT can make mistakes. That is why a person reads every notice.\n\nSigned, the pool.",
    ],
)
def test_the_models_own_words_are_not_taken_for_the_interfaces(tmp_path: Path, text: str) -> None:
    assert deliverable(read(tmp_path, chat(text)))[0].text == text


# --- what the study wrote ---------------------------------------------------------------------


def test_examples_that_the_study_wrote_are_neither_judged_nor_the_task(tmp_path: Path) -> None:
    example = {"role": "user", "content": "Write the notice about the sauna."}
    value = {
        "messages": [
            example,
            said("The sauna is warm.", is_demo=True),
            ASK,
            said("Dear guests,", prefix=True),
            said("the pool rests."),
        ]
    }
    transcript = read(tmp_path, value)
    assert transcript.task_prompt == ASK["content"]
    assert transcript.task_turn == 3
    assert [turn.text for turn in deliverable(transcript)] == ["the pool rests."]
    assert codes(transcript) == ["scripted_turn", "scripted_turn"]


# --- how a reply ended ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (said("The pool", finish_reason="length"), "reply_cut_off"),
        (said("The pool", stop_reason="max_tokens"), "reply_cut_off"),
        (said("The pool", finishReason="MAX_TOKENS"), "reply_cut_off"),
        (said("The pool", done_reason="length"), "reply_cut_off"),
        (said("The pool", response_metadata={"finish_reason": "length"}), "reply_cut_off"),
        (said("The pool", metadata={"finish_details": {"type": "max_tokens"}}), "reply_cut_off"),
        (said("The", incomplete_details={"reason": "max_output_tokens"}), "reply_cut_off"),
        (said("", finish_reason="content_filter"), "reply_filtered"),
        (said("The", stop_reason="refusal"), "reply_filtered"),
        (said("", finishReason="FinishReason.PROHIBITED_CONTENT"), "reply_filtered"),
        (said("The", error={"content": "overloaded"}), "reply_failed"),
        (said("The", finish_reason="a_new_reason"), "reply_unclear"),
        (said(""), "reply_empty"),
    ],
)
def test_a_reply_that_is_not_whole_says_so_and_is_a_confound(
    tmp_path: Path, reply: dict[str, Any], code: str
) -> None:
    transcript = read(tmp_path, chat(reply))
    assert codes(transcript) == [code]
    other = read(tmp_path, chat("The pool rests."), "other.json")
    found = {each.code: each.kind for each in check_pair(other, transcript)}
    assert found[code] == "confound"


@pytest.mark.parametrize("reason", ["stop", "end_turn", "STOP", "tool_calls", None, "eos", 7])
def test_a_reply_that_ended_by_itself_is_whole(tmp_path: Path, reason: Any) -> None:
    transcript = read(tmp_path, chat(said("The pool rests.", finish_reason=reason)))
    assert codes(transcript) == []


# --- replies beside the messages, models, sessions --------------------------------------------

REPLIES: list[dict[str, Any]] = [
    {"choices": [{"message": {"role": "assistant", "content": "It rests."}}]},
    {"choices": [{"text": "It rests.", "finish_reason": "stop"}]},
    {"response": {"choices": [{"message": {"content": "It rests."}}]}},
    {
        "response": {
            "body": {"choices": [{"message": {"role": "assistant", "content": "It rests."}}]}
        }
    },
    {"response": "It rests."},
    {"response": {"role": "assistant", "content": "It rests."}},
    {"response": {"output": [{"type": "message", "role": "assistant", "content": "It rests."}]}},
    {"response": {"candidates": [{"content": {"parts": [{"text": "It rests."}]}}]}},
    {"completion": "It rests."},
    {"output": "It rests."},
    {"message": {"role": "assistant", "content": "It rests."}, "done_reason": "stop"},
    {"content": [{"type": "text", "text": "It rests."}], "stop_reason": "end_turn"},
]


def test_lists_of_messages_in_a_list_are_a_session_each(tmp_path: Path) -> None:
    found = read_transcripts(written(tmp_path, [[ASK, said("A.")], [ASK, said("B.")]]))
    assert [(t.id, t.turns[-1].text) for t in found] == [("file-1", "A."), ("file-2", "B.")]


@pytest.mark.parametrize("beside", REPLIES, ids=lambda beside: json.dumps(beside)[:50])
def test_the_reply_beside_the_messages_is_the_last_turn(
    tmp_path: Path, beside: dict[str, Any]
) -> None:
    messages = [{"role": "user", "content": "Hello."}, said("Hello, what is it?"), ASK]
    transcript = read(tmp_path, {"model": "acme/m-1", "messages": messages, **beside})
    assert [turn.text for turn in transcript.turns][-1] == "It rests."
    assert len(transcript.turns) == 4
    assert codes(transcript) == []


def test_a_cut_off_reply_beside_the_messages_says_so(tmp_path: Path) -> None:
    choice = {"finish_reason": "length", "message": {"role": "assistant", "content": "It"}}
    assert codes(read(tmp_path, {"messages": [ASK], "choices": [choice]})) == ["reply_cut_off"]
    value = {"messages": [ASK], "content": [{"type": "text", "text": "It"}]}
    assert codes(read(tmp_path, {**value, "stop_reason": "max_tokens"})) == ["reply_cut_off"]


def test_several_choices_are_several_transcripts(tmp_path: Path) -> None:
    choices = [{"message": {"content": text}} for text in ("It rests.", "No pool.")]
    found = read_transcripts(written(tmp_path, {"messages": [ASK], "choices": choices}))
    assert [(t.replicate, deliverable(t)[0].text) for t in found] == [
        (1, "It rests."),
        (2, "No pool."),
    ]


@pytest.mark.parametrize(
    "sides",
    [
        {"chosen": "It rests.", "rejected": "No pool."},
        {"chosen": [ASK, said("It rests.")], "rejected": [ASK, said("No pool.")]},
        {"chosen": {"role": "assistant", "content": "It rests."}, "rejected": said("No pool.")},
    ],
)
def test_both_sides_of_a_preference_are_transcripts_of_one_task(
    tmp_path: Path, sides: dict[str, Any]
) -> None:
    found = read_transcripts(written(tmp_path, {"messages": [ASK], **sides}))
    assert [(t.condition, deliverable(t)[0].text) for t in found] == [
        ("rejected", "No pool."),
        ("chosen", "It rests."),
    ]
    assert {t.task_prompt for t in found} == {ASK["content"]}
    assert len({t.task for t in found}) == 1


def test_a_missing_last_reply_is_told(tmp_path: Path) -> None:
    value = {"messages": [{"role": "user", "content": "Hello."}, said("Hello."), ASK]}
    assert codes(read(tmp_path, value)) == ["no_last_reply"]


def test_a_model_that_each_message_names_is_the_model(tmp_path: Path) -> None:
    one = read(tmp_path, chat(said("It rests.", model="acme/a")), "a.json")
    other = read(tmp_path, chat(said("It rests.", model="acme/b")), "b.json")
    assert (one.model.name, one.models) == ("acme/a", ())
    assert "model_differs" in [each.code for each in check_pair(one, other)]
    both = read(tmp_path, chat(said("A", model="acme/a"), ASK, said("B", model="acme/b")))
    assert [model.name for model in both.models] == ["acme/a", "acme/b"]
    assert "several_models" in [each.code for each in check_pair(one, both)]


def test_messages_of_several_sessions_are_several_transcripts(tmp_path: Path) -> None:
    lines = [
        {"thread_id": name, **message}
        for name in ("a", "b")
        for message in (ASK, said(f"Rests {name}."))
    ]
    for path in (
        written(tmp_path, "\n".join(map(json.dumps, lines)), "lines.jsonl"),
        written(tmp_path, lines, "list.json"),
    ):
        found = read_transcripts(path)
        assert [(t.id, deliverable(t)[0].text) for t in found] == [
            ("a", "Rests a."),
            ("b", "Rests b."),
        ]


@pytest.mark.parametrize(
    "message",
    [
        {"role": "assistant", "body": "It rests."},
        {"role": "assistant", "content": "", "blocks": [{"words": "It rests."}]},
        {"role": "assistant", "content": [{"type": "paragraph", "words": "It rests."}]},
        {"role": "user", "prompt": "Write."},
    ],
)
def test_words_under_an_unknown_field_are_refused(tmp_path: Path, message: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"messages\[2\].*(?:under '|unknown kind)"):
        read(tmp_path, {"messages": [ASK, message, said("Done.")]})


# --- labels -----------------------------------------------------------------------------------


def test_only_the_names_that_a_file_uses_open_turns(tmp_path: Path) -> None:
    reply = "## Prompt\n\nWrite a poem.\n\n## Response\n\nRain.\n\n## System\n\nNone."
    text = f"## User\n\nExplain.\n\n## Assistant\n\n{reply}\n\n## User\n\nMore.\n"
    transcript = read(tmp_path, text, "file.md")
    assert [turn.text for turn in transcript.turns] == ["Explain.", reply, "More."]
    assert codes(transcript) == ["label_in_text"] * 3
    plain = "User: Explain.\nAssistant: Here.\nPrompt: a poem\nAnswer: rain\nUser: More.\n"
    transcript = read(tmp_path, plain, "file.txt")
    assert [turn.text for turn in transcript.turns] == [
        "Explain.",
        "Here.\nPrompt: a poem\nAnswer: rain",
        "More.",
    ]


def test_several_models_of_one_file_are_all_speakers(tmp_path: Path) -> None:
    text = "## Human\n\nA?\n\n## Claude\n\nB.\n\n## GPT-5\n\nC.\n\n## Assistant\n\nD.\n"
    transcript = read(tmp_path, text, "file.md")
    assert [turn.speaker for turn in transcript.turns] == ["Human", "Claude", "GPT-5"]


@pytest.mark.parametrize(
    "text",
    [
        "<!-- Generated by SpecStory -->\n\n# Pool (2026-04-02)\n\n_**User**_\n\nWrite.\n\n---\n\n"
        "_**Assistant (model gpt-x, mode Agent)**_\n\nIt rests.\n\n---\n",
        "# Pool\n_Exported on 4/2/2026 from Cursor (1.0)_\n\n---\n\n**User**\n\nWrite.\n\n---\n\n"
        "**Cursor**\n\nIt rests.\n\n---\n",
        "##### You said:\n\nWrite.\n\n###### ChatGPT said:\n\nIt rests.\n",
        "**You said:**\n\nWrite.\n\n**ChatGPT said:**\n\nIt rests.\n",
        "You said\nWrite.\nGemini said\nIt rests.\n",
        "## 🧑 User\n\nWrite.\n\n## 🤖 Assistant\n\nIt rests.\n",
        "**You:** Write.\n\n**ChatGPT**: It rests.\n",
        "#### You:\nWrite.\n\n#### ChatGPT:\nIt rests.\n",
    ],
)
def test_exports_and_pastes_of_chats_are_read(tmp_path: Path, text: str) -> None:
    transcript = read(tmp_path, text, "file.md")
    assert [(turn.role, turn.text) for turn in transcript.turns] == [
        ("human", "Write."),
        ("model", "It rests."),
    ]
    if "gpt-x" in text:
        assert transcript.model.name == "gpt-x"


# --- hostile texts ----------------------------------------------------------------------------

PIECES = st.sampled_from(
    ["<think>", "</think>", "<details type=reasoning>", "<details>", "</details>", "<tool_call>",
     "</tool_call>", '{"name": "x"}', "```\n", "`", "\n", "words ", "\ue200", "\ue201", "\ue202",
     "【1†a】", "<|channel|>analysis<|message|>", "<|end|>", "ChatGPT can make mistakes.", "Copy",
     "You said:\n", "[THINK]", "[/THINK]"]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_keeping_apart_loses_no_word_and_is_done_at_once(text: str) -> None:
    path = Path("file.json")
    from grader.transcripts.readers import chat_json
    from grader.transcripts.source import Source

    value = {"messages": [ASK, said(text or "x")]}
    (raw,) = chat_json.read(Source(path, json.dumps(value).encode()))
    once = keep_apart(raw)
    turn = once.turns[-1]
    kept = " ".join(
        [turn.text, turn.reasoning or "", *(c.arguments for c in turn.calls), str(once.warnings)]
    )
    assert (
        len(re.findall("words", kept)) >= len(re.findall("words", text))
        or turn.calls
        or ("tool_traffic" in codes(once) or "citation_marks" in codes(once))
    )


MARKS = ("<think>", "</think>", "<details type=reasoning>", "<tool_call>", "`<think>`", "\ue200",
         "【†", "[cite: ", "<grok:render>", "```\n<think>\n")  # fmt: skip


@pytest.mark.parametrize("piece", MARKS)
def test_a_million_marks_are_read_in_time(tmp_path: Path, piece: str) -> None:
    text = piece * (400_000 // len(piece))
    assert read_transcripts(written(tmp_path, chat(text)))
