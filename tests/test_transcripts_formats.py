"""Every format, chosen by its content: the same session comes out of each, and nothing leaks.

One session is written in each format, under each condition, with a telling word in everything a
judge must not see. None of those words may stand in what a judge sees.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.errors import InputError
from grader.questions.blinding import blind
from grader.transcripts import (
    Transcript,
    deliverable,
    read_transcript,
    read_transcripts,
    with_task_prompt,
    write_json,
    write_markdown,
)

TASK = (
    "Write the notice that tells the tenants that the lift stands still for nine days, so that "
    "two tenants on the fifth floor who use wheelchairs know what is done for them before that."
)
REPLY = (
    "# No lift\n\nFrom Monday the lift stands still.\n\n```python\nlift = None\n```\n\n- We call."
)
PREAMBLE = "Zwiebel: nobody grades this.\nYou may be unsure."
SYSTEM = "Quitte: you sit next to a colleague."
OPENING = "Rhabarber, how are you this morning?"
OPENING_REPLY = "Holunder, and glad to be asked."
ANALYSIS = "Schlehe: the model did well."
TELLING = (
    "Zwiebel", "Quitte", "Rhabarber", "Holunder", "Schlehe", "GPT", "gpt-5.4", "OpenAI",
    "2026", "Mispel", "sess-17",
)  # fmt: skip


@dataclass(frozen=True)
class Session:
    """What is written down in each format."""

    condition: str

    @property
    def preamble(self) -> str | None:
        return PREAMBLE if self.condition in ("P", "F+P") else None

    @property
    def opened(self) -> bool:
        return self.condition in ("F", "F+P")

    @property
    def said(self) -> list[tuple[str, str]]:
        """Speaker and text, the preamble in front of the first message."""
        turns = [("human", OPENING), ("model", OPENING_REPLY)] if self.opened else []
        turns += [("human", TASK), ("model", REPLY)]
        first = "\n\n".join(filter(None, (self.preamble, turns[0][1])))
        return [("human", first), *turns[1:]]

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "id": "sess-17",
            "condition": self.condition,
            "task": "lift-notice",
            "replicate": 3,
            "model": {"name": "GPT", "version": "gpt-5.4", "provider": "OpenAI"},
            "date": "2026-04-02",
            "preamble": self.preamble,
            "prompt": TASK,
            "study": "Mispel",
        }

    def messages(self, human: str = "user", model: str = "assistant") -> list[dict[str, str]]:
        return [
            {"role": human if who == "human" else model, "content": text} for who, text in self.said
        ]


def chat_json(session: Session, path: Path) -> None:
    system = [{"role": "system", "content": SYSTEM}]
    path.write_text(json.dumps({**session.facts, "messages": system + session.messages()}))


def content_parts(session: Session, path: Path) -> None:
    messages: list[dict[str, Any]] = [
        {"role": m["role"], "content": [{"type": "text", "text": m["content"]}]}
        for m in session.messages()
    ]
    messages.insert(0, {"role": "developer", "content": [{"type": "text", "text": SYSTEM}]})
    messages[-1]["content"].insert(0, {"type": "reasoning", "text": "Schlehe"})
    messages[-1]["tool_calls"] = [{"function": {"name": "Mispel", "arguments": "{}"}}]
    path.write_text(json.dumps({**session.facts, "messages": messages}))


def bare_messages_with_sidecar(session: Session, path: Path) -> None:
    path.write_text(json.dumps([{"role": "system", "content": SYSTEM}, *session.messages()]))
    path.with_name("file.meta.json").write_text(json.dumps(session.facts))


def anthropic(session: Session, path: Path) -> None:
    messages: list[dict[str, Any]] = [
        {"role": m["role"], "content": [{"type": "text", "text": m["content"]}]}
        for m in session.messages()
    ]
    messages[-1]["content"].insert(0, {"type": "thinking", "thinking": "Schlehe"})
    value = {**session.facts, "system": [{"type": "text", "text": SYSTEM}], "messages": messages}
    path.write_text(json.dumps(value))


def sharegpt(session: Session, path: Path) -> None:
    entries = [{"from": m["role"], "value": m["content"]} for m in session.messages("human", "gpt")]
    value = {**session.facts, "system": SYSTEM, "conversations": entries}
    path.write_text(json.dumps(value))


def message_lines(session: Session, path: Path) -> None:
    lines = [session.facts, {"role": "system", "content": SYSTEM}, *session.messages()]
    path.write_text("\n".join(map(json.dumps, lines)) + "\n")


def session_lines(session: Session, path: Path) -> None:
    system = [{"role": "system", "content": SYSTEM}]
    line = json.dumps({**session.facts, "messages": system + session.messages()})
    other = json.dumps({"id": "other", "messages": session.messages()})
    path.write_text(f"{line}\n\n{other}\n")


def chatgpt(session: Session, path: Path) -> None:
    mapping: dict[str, Any] = {"root": {"id": "root", "message": None, "parent": None}}
    parent = "root"
    for number, message in enumerate(session.messages()):
        mapping[f"n{number}"] = {
            "parent": parent,
            "message": {
                "author": {"role": message["role"]},
                "create_time": 1775120000.0 + number,
                "content": {"content_type": "text", "parts": [message["content"]]},
                "metadata": {"model_slug": "gpt-5.4"} if message["role"] == "assistant" else {},
            },
        }
        parent = f"n{number}"
    about = {"content_type": "user_editable_context", "user_instructions": SYSTEM}
    mapping["root"]["message"] = {"author": {"role": "user"}, "content": about}
    mapping["branch"] = {
        "parent": "root",
        "message": {
            "author": {"role": "user"},
            "content": {"content_type": "text", "parts": ["Schlehe"]},
        },
    }
    value = {"title": "Mispel", "id": "sess-17", "mapping": mapping, "current_node": parent}
    path.write_text(json.dumps([value]))
    path.with_name("file.meta.json").write_text(json.dumps(without(session.facts, "id", "date")))


def claude(session: Session, path: Path) -> None:
    messages = [
        {
            "sender": m["role"],
            "text": m["content"],
            "content": [
                {"type": "thinking", "thinking": "Schlehe"},
                {"type": "text", "text": m["content"]},
            ],
            "created_at": "2026-04-02T09:00:00Z",
            "attachments": [{"file_name": "Mispel.pdf", "extracted_content": "Schlehe"}],
        }
        for m in session.messages("human")
    ]
    value = {"uuid": "sess-17", "name": "Mispel", "chat_messages": messages}
    path.write_text(json.dumps([value]))
    path.with_name("file.meta.yaml").write_text(as_yaml(without(session.facts, "id")))


def markdown(session: Session, path: Path) -> None:
    parts = [f"---\n{as_yaml(session.facts)}---\n", "# Session sess-17\n", f"## System\n\n{SYSTEM}"]
    for who, text in session.said:
        name = "## GPT-5.4 (2026-04-02 09:14)" if who == "model" else "## Human"
        parts.append(f"{name}\n\n{text}\n")
    path.write_text("\n".join([*parts, f"## Analysis\n\n{ANALYSIS}\n"]))


def plain_text(session: Session, path: Path) -> None:
    parts = ["id: sess-17", "study: Mispel", f"\nSystem: {SYSTEM}"]
    for who, text in session.said:
        parts.append(f"\n{'GPT-5.4' if who == 'model' else 'User'}: {text}")
    path.write_text("\n".join([*parts, f"\n---\n\nAnalysis\n\n{ANALYSIS}\n"]))
    path.with_name("file.meta.yaml").write_text(as_yaml(without(session.facts, "id")))


def tagged_text(session: Session, path: Path) -> None:
    parts = []
    for who, text in session.said:
        parts.append(f"[{'ASSISTANT' if who == 'model' else 'HUMAN'}] 2026-04-02 09:14:00 {text}\n")
    path.write_text("\n".join(parts))
    path.with_name("file.meta.yaml").write_text(as_yaml({**session.facts, "system_prompt": SYSTEM}))


def archive_page(session: Session, path: Path) -> None:
    path.write_text("\n".join(page_lines(session)))


def archive_html(session: Session, path: Path) -> None:
    lines = "\n".join(page_lines(session)).split("\n")
    body = "\n".join(f"<p>{line}</p>" for line in lines if "```" not in line)
    path.write_text(f"<!DOCTYPE html><html><body>{body}</body></html>")


def page_lines(session: Session) -> list[str]:
    preamble = session.preamble
    return [
        "← All Sessions", "", f"17. {session.condition}-GPT-4", "",
        "April 2, 2026Comparisoncomplete", "GPT", "", "AI Deliberation Transcript", "",
        f"Topic: {OPENING if session.opened else TASK}", "", "Date: 2026-04-02 09:14", "",
        "Active Models: codex", "", f"Context Mode: {'primed' if preamble else 'clean'}", "",
        "Methodology", "", "Models", "", "  • codex: gpt-5.4", "", "System Prompt (per model)", "",
        SYSTEM, "",
        *(["Context Preamble (sent with first turn)", "", preamble, ""] if preamble else []),
        "Transcript", "",
        *(
            f"[{'GPT-5.4' if who == 'model' else 'HUMAN'}] 2026-04-02 09:14:00 {text}\n"
            for who, text in session.said
        ),
        "Findings not yet available.", "", "A Title of Mispel", "", ANALYSIS * 8, "",
        "Clean Context", "Certified", "Models", "NameVersionProvider", "GPTgpt-5.4OpenAI",
    ]  # fmt: skip


def claude_code(session: Session, path: Path) -> None:
    lines: list[dict[str, Any]] = [{"type": "summary", "summary": "Mispel"}]
    for number, message in enumerate(session.messages()):
        spoken: dict[str, Any] = dict(message)
        if message["role"] == "assistant":
            thought = {"type": "thinking", "thinking": "Schlehe"}
            spoken["content"] = [thought, {"type": "text", "text": message["content"]}]
            spoken["model"] = "gpt-5.4"
        lines.append(
            {
                "type": message["role"],
                "uuid": str(number),
                "parentUuid": str(number - 1) if number else None,
                "sessionId": "sess-17",
                "timestamp": "2026-04-02T09:00:00Z",
                "message": spoken,
            }
        )
    reminder = {"role": "user", "content": "<system-reminder>Schlehe</system-reminder>"}
    lines.append({"type": "user", "uuid": "r", "sessionId": "sess-17", "isMeta": True,
                  "message": reminder})  # fmt: skip
    path.write_text("\n".join(map(json.dumps, lines)))
    with_facts(session, path, system=True)


def codex_cli(session: Session, path: Path) -> None:
    def line(kind: str, **payload: Any) -> dict[str, Any]:
        return {"timestamp": "2026-04-02T09:00:00Z", "type": kind, "payload": payload}

    thought = [{"type": "summary_text", "text": "Schlehe"}]
    lines = [
        line("session_meta", id="sess-17", cli_version="Mispel", instructions=SYSTEM),
        line("turn_context", model="gpt-5.4"),
        item_line(line, "user", "<environment_context>Schlehe</environment_context>"),
        line("response_item", type="reasoning", summary=thought),
        *(item_line(line, m["role"], m["content"]) for m in session.messages()),
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    with_facts(session, path, "id", "date", "model")


def item_line(line: Callable[..., dict[str, Any]], role: str, text: str) -> dict[str, Any]:
    kind = "input_text" if role == "user" else "output_text"
    return line("response_item", type="message", role=role, content=[{"type": kind, "text": text}])


def gemini_cli(session: Session, path: Path) -> None:
    messages: list[dict[str, Any]] = [
        {"id": str(n), "type": "user" if m["role"] == "user" else "gemini", "content": m["content"],
         "timestamp": "2026", "thoughts": [{"subject": "Schlehe", "description": "Schlehe"}]}
        for n, m in enumerate(session.messages())
    ]  # fmt: skip
    messages.append({"id": "i", "type": "info", "content": "Schlehe"})
    path.write_text(json.dumps({"sessionId": "sess-17", "messages": messages}))
    with_facts(session, path, system=True)


def atif(session: Session, path: Path) -> None:
    steps: list[dict[str, Any]] = [{"step_id": 0, "source": "system", "message": SYSTEM}]
    for number, message in enumerate(session.messages(), start=1):
        source = "user" if message["role"] == "user" else "agent"
        steps.append({"step_id": number, "source": source, "message": message["content"],
                      "reasoning_content": "Schlehe"})  # fmt: skip
    value = {"schema_version": "ATIF-v1.2", "session_id": "sess-17", "steps": steps,
             "agent": {"name": "Mispel", "version": "1", "model_name": "gpt-5.4"}}  # fmt: skip
    path.write_text(json.dumps(value))
    with_facts(session, path)


def swe_agent(session: Session, path: Path) -> None:
    history: list[dict[str, Any]] = [{"role": "system", "content": SYSTEM}, *session.messages()]
    value = {"environment": "Mispel", "trajectory": [], "history": history,
             "info": {"exit_status": "submitted"}}  # fmt: skip
    path.write_text(json.dumps(value))
    with_facts(session, path)


def open_webui(session: Session, path: Path) -> None:
    nodes: dict[str, Any] = {}
    for number, message in enumerate(session.messages()):
        text = message["content"]
        if message["role"] == "assistant":
            text = f'<details type="reasoning" done="true">\nSchlehe\n</details>\n{text}'
        nodes[str(number)] = {"id": str(number), "parentId": str(number - 1) if number else None,
                              "role": message["role"], "content": text}  # fmt: skip
    history = {"currentId": str(len(nodes) - 1), "messages": nodes}
    chat = {"models": ["gpt-5.4"], "system": SYSTEM, "history": history, "messages": []}
    path.write_text(json.dumps([{"id": "sess-17", "title": "Mispel", "chat": chat}]))
    with_facts(session, path, "id", "model")


def grok(session: Session, path: Path) -> None:
    responses = [
        {"response": {"sender": m["role"], "message": m["content"], "model": "gpt-5.4",
                      "thinking_trace": "Schlehe"}}
        for m in session.messages("human", "ASSISTANT")
    ]  # fmt: skip
    head = {"id": "sess-17", "title": "Mispel"}
    value = {"conversations": [{"conversation": head, "responses": responses}]}
    path.write_text(json.dumps(value))
    with_facts(session, path, system=True)


def ai_studio(session: Session, path: Path) -> None:
    chunks: list[dict[str, Any]] = []
    for message in session.messages("user", "model"):
        if message["role"] == "model":
            chunks.append({"role": "model", "text": "Schlehe", "isThought": True})
        chunks.append({"role": message["role"], "text": message["content"]})
    value = {"chunkedPrompt": {"chunks": chunks}, "systemInstruction": {"text": SYSTEM},
             "runSettings": {"model": "models/gpt-5.4"}}  # fmt: skip
    path.write_text(json.dumps(value))
    with_facts(session, path, "model")


def gemini_json(session: Session, path: Path) -> None:
    contents: list[dict[str, Any]] = [
        {"role": m["role"], "parts": [{"text": m["content"]}]}
        for m in session.messages("user", "model")
    ]
    last = contents.pop()
    last["parts"].insert(0, {"text": "Schlehe", "thought": True})
    value = {**session.facts, "contents": contents, "candidates": [{"content": last}],
             "systemInstruction": {"parts": [{"text": SYSTEM}]}}  # fmt: skip
    path.write_text(json.dumps(value))


def responses(session: Session, path: Path) -> None:
    items: list[dict[str, Any]] = [{"type": "message", **m} for m in session.messages()]
    thought = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Schlehe"}]}
    value = {**session.facts, "object": "response", "instructions": SYSTEM, "input": items[:-1],
             "output": [thought, items[-1]], "status": "completed"}  # fmt: skip
    path.write_text(json.dumps(value))


def assistants(session: Session, path: Path) -> None:
    data = [
        {"object": "thread.message", "created_at": number, "role": m["role"],
         "content": [{"type": "text", "text": {"value": m["content"], "annotations": []}}]}
        for number, m in enumerate(session.messages())
    ]  # fmt: skip
    path.write_text(json.dumps({"object": "list", "data": data[::-1]}))
    with_facts(session, path, system=True)


def langgraph(session: Session, path: Path) -> None:
    messages: list[dict[str, Any]] = [{"type": "system", "content": SYSTEM}]
    for message in session.messages("human", "ai"):
        messages.append({"type": message["role"], "content": message["content"],
                         "response_metadata": {"model_name": "gpt-5.4"}})  # fmt: skip
    path.write_text(json.dumps({**session.facts, "values": {"messages": messages}}))


def prompt_table(session: Session, path: Path) -> None:
    messages = [{"role": "system", "content": SYSTEM}, *session.messages()]
    value = {**session.facts, "prompt": messages[:-1], "response": messages[-1]["content"]}
    path.write_text(json.dumps(value))


def aider(session: Session, path: Path) -> None:
    lines = ["# aider chat started at 2026-04-02 09:00:00", "", "> Model: gpt-5.4 with diff  ", ""]
    for who, text in session.said:
        if who == "human":
            lines += [f"#### {line}".rstrip() for line in text.split("\n")]
        else:
            lines += ["", *text.split("\n"), "", "> Tokens: 1k sent, Schlehe.  "]
        lines.append("")
    path.write_text("\n".join(lines))
    with_facts(session, path, system=True)


def specstory(session: Session, path: Path) -> None:
    parts = ["<!-- Generated by SpecStory -->\n\n# Mispel (2026-04-02 09:00:00)"]
    for who, text in session.said:
        if who == "human":
            parts.append(f"_**User**_\n\n{text}\n\n---")
        else:
            thought = "<think>Schlehe</think>"
            parts.append(f"_**Agent (model gpt-5.4, mode Ask)**_\n\n{thought}\n\n{text}\n\n---")
    path.write_text("\n\n".join(parts))
    with_facts(session, path, system=True)


def pasted(session: Session, path: Path) -> None:
    parts = []
    for who, text in session.said:
        name = "You" if who == "human" else "ChatGPT"
        parts.append(f"{name} said:\n{text}\n")
    parts.append("Copy\nShare\nChatGPT can make mistakes. Check important info.")
    path.write_text("\n".join(parts))
    with_facts(session, path, system=True)


def with_facts(session: Session, path: Path, *told: str, system: bool = False) -> None:
    """What the format can't hold stands in the file beside it; `told` it holds itself."""
    facts = without(session.facts, *(told or ("id", "date")))
    path.with_name("file.meta.json").write_text(
        json.dumps(facts | ({"system_prompt": SYSTEM} if system else {}))
    )


def own_json(session: Session, path: Path) -> None:
    chat_json(session, path)
    path.write_text(write_json(read_transcript(path)))


def own_markdown(session: Session, path: Path) -> None:
    chat_json(session, path)
    path.write_text(write_markdown(read_transcript(path)))


def without(facts: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in names}


def as_yaml(facts: dict[str, Any]) -> str:
    return "".join(f"{name}: {json.dumps(value)}\n" for name, value in facts.items())


FORMATS: dict[str, tuple[Callable[[Session, Path], None], str]] = {
    "chat JSON": (chat_json, "chat-json"),
    "content parts": (content_parts, "chat-json"),
    "bare messages": (bare_messages_with_sidecar, "chat-json"),
    "Anthropic": (anthropic, "anthropic-json"),
    "ShareGPT": (sharegpt, "sharegpt"),
    "a message a line": (message_lines, "json-lines"),
    "ChatGPT export": (chatgpt, "chatgpt-export"),
    "Claude export": (claude, "claude-export"),
    "Markdown": (markdown, "markdown"),
    "plain text": (plain_text, "plain-text"),
    "tagged text": (tagged_text, "plain-text"),
    "archive page": (archive_page, "archive-page"),
    "archive HTML": (archive_html, "archive-html"),
    "Claude Code": (claude_code, "claude-code"),
    "Codex CLI": (codex_cli, "codex-cli"),
    "Gemini CLI": (gemini_cli, "gemini-cli"),
    "ATIF": (atif, "atif"),
    "SWE-agent": (swe_agent, "swe-agent"),
    "Open WebUI": (open_webui, "open-webui"),
    "Grok": (grok, "grok-export"),
    "AI Studio": (ai_studio, "ai-studio"),
    "Gemini": (gemini_json, "gemini-json"),
    "Responses": (responses, "openai-responses"),
    "Assistants": (assistants, "openai-assistants"),
    "LangGraph": (langgraph, "chat-json"),
    "prompt table": (prompt_table, "prompt-table"),
    "aider": (aider, "aider-markdown"),
    "SpecStory": (specstory, "markdown"),
    "pasted chat": (pasted, "plain-text"),
    "own JSON": (own_json, "chat-json"),
    "own Markdown": (own_markdown, "chat-json"),
}
CONDITIONS = ("C", "P", "F", "F+P")


def read_in(format: str, condition: str, folder: Path) -> Transcript:
    path = folder / "file"  # without an ending: the content alone decides
    FORMATS[format][0](Session(condition), path)
    return with_task_prompt(read_transcript(path), TASK)


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("format", FORMATS)
def test_the_judge_sees_task_and_deliverable_and_nothing_that_tells(
    tmp_path: Path, format: str, condition: str
) -> None:
    transcript = read_in(format, condition, tmp_path)
    assert transcript.provenance.format == FORMATS[format][1]
    assert transcript.condition == condition
    seen = blind(transcript)
    assert seen.task == TASK
    whole = "\n".join((seen.task or "", *seen.texts))
    assert [word for word in TELLING if word in whole] == []
    assert [turn.text.split() for turn in deliverable(transcript)] == [
        [word for word in REPLY.split() if format != "archive HTML" or "```" not in word]
    ]


@pytest.mark.parametrize("format", FORMATS)
def test_preamble_and_system_prompt_are_kept_apart_from_the_turns(
    tmp_path: Path, format: str
) -> None:
    transcript = read_in(format, "P", tmp_path)
    assert (transcript.preamble or "").split() == PREAMBLE.split()
    if format not in ("Claude export",):
        assert transcript.system_prompt == SYSTEM
    assert "Zwiebel" not in "".join(turn.text for turn in transcript.turns)
    codes = {warning.code for warning in transcript.warnings}
    assert not codes & {"preamble_missing", "preamble_unexpected", "preamble_not_found"}


@pytest.mark.parametrize("format", [name for name in FORMATS if name != "archive HTML"])
def test_a_deliverable_is_verbatim_in_every_format(tmp_path: Path, format: str) -> None:
    (turn,) = deliverable(read_in(format, "C", tmp_path))
    assert turn.text == REPLY


def test_json_lines_hold_many_sessions(tmp_path: Path) -> None:
    path = tmp_path / "many"
    session_lines(Session("P"), path)
    first, second = read_transcripts(path)
    assert (first.id, second.id) == ("sess-17", "other")
    assert first.turns[0].text == TASK
    with pytest.raises(InputError, match=r"holds 2 sessions.*sess-17, other"):
        read_transcript(path)


def test_a_json_list_holds_many_sessions(tmp_path: Path) -> None:
    path = tmp_path / "many"
    path.write_text(json.dumps([{"messages": Session("C").messages()}] * 2))
    assert [transcript.id for transcript in read_transcripts(path)] == ["many-1", "many-2"]


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    session_lines(Session("C"), path)
    path.write_text(path.read_text().rstrip("\n") + '\n{"messages": [}\n')
    with pytest.raises(InputError, match=r"many.jsonl:4: not valid JSON"):
        read_transcripts(path)
    path.write_text('{"messages": [{"role": "user", "content": "a"}]}\n[1, 2]\n')
    with pytest.raises(InputError, match=r"many.jsonl:1: the model says nothing"):
        read_transcripts(path)


def test_what_is_no_text_is_left_out_and_told(tmp_path: Path) -> None:
    path = tmp_path / "file"
    messages = [
        {"role": "user", "content": [{"type": "text", "text": "Look."}, {"type": "image_url"}]},
        {
            "role": "assistant",
            "content": "One moment.",
            "tool_calls": [{"function": {"name": "look", "arguments": '{"at": "it"}'}}],
        },
        {"role": "tool", "content": "A cat."},
        {"role": "assistant", "content": [{"type": "output_text", "text": "A cat."}]},
    ]
    path.write_text(json.dumps({"messages": messages}))
    transcript = read_transcript(path)
    assert [turn.role for turn in transcript.turns] == ["human", "model", "tool", "model"]
    assert [call.model_dump() for call in transcript.turns[1].calls] == [
        {"name": "look", "arguments": '{"at": "it"}'}
    ]
    assert [warning.code for warning in transcript.warnings] == ["part_left_out"]
    assert [turn.number for turn in deliverable(transcript)] == [2, 4]


def test_anthropic_tool_results_are_turns_of_the_tool(tmp_path: Path) -> None:
    path = tmp_path / "file"
    messages = [
        {"role": "user", "content": "Look."},
        {"role": "assistant", "content": [{"type": "tool_use", "name": "look", "input": {"a": 1}}]},
        {
            "role": "user",
            "content": [{"type": "tool_result", "content": [{"type": "text", "text": "A cat."}]}],
        },
        {"role": "assistant", "content": "A cat."},
    ]
    path.write_text(json.dumps({"messages": messages}))
    transcript = read_transcript(path)
    assert [(turn.role, turn.text) for turn in transcript.turns] == [
        ("human", "Look."),
        ("model", ""),
        ("tool", "A cat."),
        ("model", "A cat."),
    ]
    assert transcript.turns[1].calls[0].arguments == '{"a": 1}'


def test_other_branches_of_a_chatgpt_conversation_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    chatgpt(Session("C"), path)
    (transcript,) = read_transcripts(path)
    assert "branches_left_out" in [warning.code for warning in transcript.warnings]
    assert transcript.model.name == "gpt-5.4"
    assert transcript.provenance.stated["title"] == "Mispel"


def test_a_sidecar_that_differs_is_told_and_the_file_itself_counts(tmp_path: Path) -> None:
    path = tmp_path / "file"
    chat_json(Session("C"), path)
    path.with_name("file.meta.yaml").write_text("condition: P\nreplicate: 3\nroom: 12\n")
    transcript = read_transcript(path)
    assert transcript.condition == "C"
    assert [warning.code for warning in transcript.warnings] == ["sidecar_differs"]
    assert transcript.provenance.stated["room"] == "12"


def test_markdown_keeps_headings_and_code_of_the_reply(tmp_path: Path) -> None:
    path = tmp_path / "file"
    reply = "## Plan\n\n```\n## User\nnot a turn\n```\n\n### Assistant\n\nstill the reply"
    path.write_text(f"# Session\n\n## User\n\nWrite.\n\n## Assistant\n\n{reply}\n")
    transcript = read_transcript(path)
    assert [turn.text for turn in transcript.turns] == ["Write.", reply]
    assert [turn.line for turn in transcript.turns] == [3, 7]
    assert [warning.code for warning in transcript.warnings] == ["speaker_in_code"]


def test_an_unclosed_code_fence_swallows_no_turn(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("**User:**\n\nWrite.\n\n**Assistant:**\n\n```\nx\n\n**User:**\n\nMore.\n")
    assert [turn.text for turn in read_transcript(path).turns] == ["Write.", "```\nx", "More."]


def test_what_is_written_below_a_markdown_transcript_is_kept_apart(tmp_path: Path) -> None:
    path = tmp_path / "file"
    markdown(Session("C"), path)
    transcript = read_transcript(path)
    assert transcript.published[-1].text.startswith("## Analysis")
    (warning,) = transcript.warnings
    assert warning.code == "end_uncertain"
    lines = path.read_text().split("\n")
    assert lines[(warning.line or 0) - 1] == "## Analysis"
    whole = read_transcript(path, ends_at=len(lines))
    assert ANALYSIS in whole.turns[-1].text
    with pytest.raises(InputError, match="can't end at line 2"):
        read_transcript(path, ends_at=2)


def test_a_label_in_the_middle_of_a_paragraph_is_text(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("User: Write a dialogue.\n\nAssistant: Here:\nUser: Hello\nBob: Hi\n")
    transcript = read_transcript(path)
    assert transcript.turns[1].text == "Here:\nUser: Hello\nBob: Hi"
    assert [(w.code, w.line) for w in transcript.warnings] == [("label_in_text", 4)]


def test_front_matter_mistakes_have_their_line(tmp_path: Path) -> None:
    path = tmp_path / "file.md"
    body = "\n## User\n\na\n\n## Assistant\n\nb\n"
    for head, message in (
        ("---\ncondition: C\n", "front matter that '---' opens is not closed"),
        ("---\na: [1\n---\n", r"file.md:\d: not valid YAML"),
        ("---\na: &x 1\nb: *x\n---\n", r"file.md:3: an alias"),
        ("---\na: !!python/name:os.system 1\n---\n", r"file.md:2: a tag"),
        ("---\n- 1\n---\n", "a group of fields was expected"),
        ("---\nreplicate: two\n---\n", "replicate: a whole number"),
    ):
        path.write_text(head + body)
        with pytest.raises(InputError, match=message):
            read_transcript(path)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("model: gpt-5.4\ntask: t\n\nUser: a\n\nAssistant: b\n", ["a", "b"]),
        ("Prompt: a\n\nResponse: b\n", ["a", "b"]),
        ("prompt: a\ncondition: C\n\nUser: a\n\nAssistant: b\n", ["a", "b"]),
        ("\nUser: a\n\nModel: b\n", ["a", "b"]),
    ],
)
def test_facts_above_plain_text_are_no_turns(tmp_path: Path, head: str, said: list[str]) -> None:
    path = tmp_path / "file"
    path.write_text(head)
    assert [turn.text for turn in read_transcript(path).turns] == said
