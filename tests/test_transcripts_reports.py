"""Files as other programs' users have reported them: what others met when they read them.

Each test names the public report whose kind it is; the contents are our own.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader.transcripts import Transcript, deliverable, read_transcript

REST = "The pool rests."


def read(tmp_path: Path, value: Any) -> Transcript:
    path = tmp_path / "file"
    lines = isinstance(value, list) and value and "type" in value[0]
    path.write_text("\n".join(map(json.dumps, value)) if lines else json.dumps(value))
    return read_transcript(path)


def codes(transcript: Transcript) -> list[str]:
    return [warning.code for warning in transcript.warnings]


def event(kind: str, uuid: str, parent: str | None, content: Any, **more: Any) -> dict[str, Any]:
    message = {"role": kind, "content": content, **more.pop("message", {})}
    return {"type": kind, "uuid": uuid, "parentUuid": parent, "sessionId": "s",
            "message": message, **more}  # fmt: skip


def test_lines_of_claude_code_that_are_written_again_count_once(tmp_path: Path) -> None:
    """anthropics/claude-code#5034, codemie-ai/codemie-code#350."""
    ask, answer = event("user", "A", None, "Write."), event("assistant", "B", "A", REST)
    more = [event("user", "C", "B", "More."), event("assistant", "D", "C", "No more.")]
    transcript = read(tmp_path, [ask, ask, answer, ask, answer, *more])
    assert [turn.text for turn in transcript.turns] == ["Write.", REST, "More.", "No more."]


def test_a_reply_of_claude_code_that_grew_is_read_as_it_ended(tmp_path: Path) -> None:
    """getagentseal/codeburn#201: one message id, first in part, then whole."""
    ask = event("user", "A", None, "Write.")
    grown = [
        event("assistant", name, before, [{"type": "text", "text": text}], message={"id": "m"})
        for name, before, text in (("B", "A", "The po"), ("C", "B", REST))
    ]
    call = {"type": "tool_use", "name": "look", "input": {}}
    last = event("assistant", "D", "C", [call], message={"id": "m", "stop_reason": "tool_use"})
    transcript = read(tmp_path, [ask, *grown, last])
    (turn,) = deliverable(transcript)
    assert (turn.text, [call.name for call in turn.calls]) == (REST, ["look"])


def test_an_error_that_claude_code_writes_is_not_the_models_word(tmp_path: Path) -> None:
    """pacphi/agentic-kit#220: placeholders of the model '<synthetic>'."""
    failed = event("assistant", "B", "A", "API Error: overloaded", isApiErrorMessage=True,
                   message={"model": "<synthetic>"})  # fmt: skip
    ask = event("user", "A", None, "Write.")
    transcript = read(tmp_path, [ask, failed, event("assistant", "C", "B", REST)])
    assert [turn.text for turn in deliverable(transcript)] == ["", REST]
    assert "reply_failed" in codes(transcript)
    assert transcript.models == ()


def test_what_was_taken_back_and_side_chains_are_left_out(tmp_path: Path) -> None:
    """Rewinds in Claude Code leave the old branch in the file."""
    transcript = read(
        tmp_path,
        [
            event("user", "A", None, "Hello."),
            event("assistant", "B", "A", "Hello."),
            event("user", "C", "B", "Write badly."),
            event("assistant", "D", "C", "Bad."),
            event("user", "S", None, "Look it up.", isSidechain=True),
            event("assistant", "T", "S", "Found.", isSidechain=True),
            event("user", "E", "B", "Write.<system-reminder>Be brief.</system-reminder>"),
            event("assistant", "F", "E", REST),
        ],
    )
    assert [turn.text for turn in transcript.turns] == ["Hello.", "Hello.", "Write.", REST]
    assert codes(transcript) == ["branches_left_out", "side_chain_left_out", "program_words"]


def test_voice_conversations_of_chatgpt_are_read_by_their_transcription(tmp_path: Path) -> None:
    """pionxzh/chatgpt-exporter#261 and #298."""

    def node(role: str, text: str, parent: str | None) -> dict[str, Any]:
        parts = [{"content_type": "audio_transcription", "text": text},
                 {"content_type": "audio_asset_pointer"}]  # fmt: skip
        content = {"content_type": "multimodal_text", "parts": parts}
        return {"parent": parent, "message": {"author": {"role": role}, "content": content}}

    mapping = {"1": node("user", "Write.", None), "2": node("assistant", REST, "1")}
    transcript = read(tmp_path, {"id": "a", "current_node": "2", "mapping": mapping})
    assert [turn.text for turn in transcript.turns] == ["Write.", REST]
    assert set(codes(transcript)) == {"part_left_out"}


def test_thoughts_and_senders_of_librechat_are_read(tmp_path: Path) -> None:
    """danny-avila/LibreChat#14102: parts of kind 'think'; the sender is the model's name."""
    content = [{"type": "think", "think": "Hm"}, {"type": "text", "text": REST}]
    messages = [
        {"messageId": "1", "parentMessageId": "0", "isCreatedByUser": True, "sender": "User",
         "text": "Write."},
        {"messageId": "2", "parentMessageId": "1", "isCreatedByUser": False, "sender": "Qwen",
         "text": "", "content": [{"type": "text", "text": "An earlier reply."}]},
        {"messageId": "3", "parentMessageId": "1", "isCreatedByUser": False, "sender": "Qwen",
         "text": "", "content": content, "model": "qwen-x"},
    ]  # fmt: skip
    transcript = read(tmp_path, {"conversationId": "c", "messages": messages})
    (turn,) = deliverable(transcript)
    assert (turn.text, turn.reasoning, transcript.model.name) == (REST, "Hm", "qwen-x")
    assert codes(transcript) == ["reasoning_left_out", "branches_left_out"]


def test_several_blocks_of_thoughts_between_words_are_kept_apart(tmp_path: Path) -> None:
    """open-webui/open-webui#24635 and #11259."""
    block = '<details type="reasoning" done="true">\n<summary>Thought</summary>\n> {}\n</details>\n'
    text = f"Now.\n{block.format('a')}{block.format('b')}{REST}"
    messages = [{"role": "user", "content": "Write."}, {"role": "assistant", "content": text}]
    (turn,) = deliverable(read(tmp_path, {"messages": messages}))
    assert turn.text == f"Now.\n\n{REST}"
    assert "> a" in (turn.reasoning or "") and "> b" in (turn.reasoning or "")


@pytest.mark.parametrize(
    ("response", "text", "warned"),
    [
        ([{"candidates": [{"content": {"parts": [{"text": "The pool "}]}}]},
          {"candidates": [{"content": {"parts": [{"text": "rests."}]}, "finishReason": "STOP"}]}],
         REST, []),
        ([{"candidates": [{"content": {"parts": [{"text": "The pool"}]}}]},
          {"candidates": [{"content": {"role": "model"}, "finishReason": "MAX_TOKENS"}]}],
         "The pool", ["reply_cut_off"]),
        ([{"object": "chat.completion.chunk", "choices": [{"delta": {"content": "The pool "}}]},
          {"object": "chat.completion.chunk", "choices": [{"delta": {"content": "rests."},
                                                           "finish_reason": "stop"}]}],
         REST, []),
        ({"candidates": [{"content": {"role": "model"}, "finishReason": "SAFETY"}]},
         "", ["reply_filtered"]),
    ],
)  # fmt: skip
def test_a_streamed_reply_is_one_reply(
    tmp_path: Path, response: Any, text: str, warned: list[str]
) -> None:
    """musistudio/claude-code-router#1216, envoyproxy/ai-gateway#2107: its end is in a later one."""
    value = {"messages": [{"role": "user", "content": "Write."}], "response": response}
    transcript = read(tmp_path, value)
    assert [turn.text for turn in deliverable(transcript)] == [text]
    assert codes(transcript) == warned
