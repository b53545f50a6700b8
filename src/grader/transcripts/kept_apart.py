"""What stands in the text of a turn and was not said to the person: kept apart, with a warning.

Thoughts between tags, tool traffic between tags, marks of citations, words of the chat's own
interface. Code is left alone: a model that explains such a tag says it.
"""

from __future__ import annotations

import json
import re
import sys
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from grader.transcripts.stop_reasons import MEANINGS
from grader.transcripts.transcript import ReadingWarning, ToolCall, Transcript, Turn

_THOUGHT_NAMES = (
    r"(?:[a-z]{2,12}:)?(?:think|thinking|thought|thoughts|reasoning|antthinking|scratchpad"
    r"|inner_monologue|internal_monologue|begin_of_thought)"
)
_TOOL_NAMES = (
    r"tool_calls?|tool-use|tool_use|function_calls?|antml:function_calls|invoke|tool_responses?"
    r"|function_results?|function_response|tool_results?|tool_output"
)
_TAG = re.compile(
    rf"<(?P<close>/)?(?P<name>{_THOUGHT_NAMES}|{_TOOL_NAMES}|details)(?P<rest>\s[^<>\n]{{0,2000}})?>"
    r"|<\|(?P<bar>(?:begin|end)_of_(?:thought|solution))\|>"
    r"|(?P<open_kimi>◁think▷)|(?P<close_kimi>◁/think▷)"
    r"|(?P<open_square>\[(?-i:THINK)\])|(?P<close_square>\[/(?-i:THINK)\])",
    re.IGNORECASE,
)
_IS_THOUGHT = re.compile(_THOUGHT_NAMES, re.IGNORECASE)
_DETAILS_TYPE = re.compile(
    r'type\s*=\s*["\']?(reasoning|thinking|tool_calls?|code_interpreter)', re.I
)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_CHANNEL = re.compile(
    r"<\|(?:start)\|>(?:assistant)?|<\|channel\|>(?P<channel>\w{1,20})[^<\n]{0,200}<\|message\|>"
    r"|<\|(?:end|return|call)\|>"
)

_CITATION = re.compile(
    r"[ \t]?(?:"
    "\ue200(?P<marked>[^\ue200\ue201\n]{0,2000})\ue201"
    r"|【[^【】\n]{0,80}†[^【】\n]{0,80}】"
    r"|:contentReference\[oaicite:\d{1,4}\](?:\{index=\d{1,4}\})?"
    r"|\[cite_start\]|\[cite:\s?[\d,\s]{1,60}\]"
    r"|<grok:render\b[^>]{0,300}>.{0,500}?</grok:render>"
    r")",
    re.DOTALL,
)
_MARKS = "\ue200", "†", "oaicite", "[cite", "grok:render"
_SHOWN = frozenset({"entity", "url", "link", "genui"})
"""Marks whose own words the person sees."""

_ASSISTANTS = (
    r"(?:ChatGPT|Claude|Gemini|Bard|Grok|Copilot|Bing|DeepSeek|Perplexity|Le Chat|Mistral|Meta AI"
    r"|Kimi|Qwen|Pi|Poe|HuggingChat|Cursor)"
)
_SAID = re.compile(rf"\s*(?:#{{1,6}}\s*)?(?:\*\*)?(?:You|{_ASSISTANTS}) said:?(?:\*\*)?:?[ \t]*\n+")
_HEAD_LINE = re.compile(
    r"(?:Thought|Reasoned|Worked|Analyzed|Thinking|Searched the web|Searched \d+ sites)"
    r"(?: about .{1,80})? (?:for )?(?:a (?:few seconds|couple of seconds|moment|second)"
    r"|(?:\d{1,3} ?(?:hours?|h|minutes?|mins?|m|seconds?|secs?|s)[ ,]*(?:and )?){1,3})\s*[›>]?"
    r"|Skip to content|Chat history|Copy code",
    re.IGNORECASE,
)
_TAIL_LINE = re.compile(
    rf"{_ASSISTANTS}(?: is AI and)? (?:can|may|might) (?:make mistakes|display inaccurate info"
    r"|be wrong).{0,160}"
    r"|AI-generated, for reference only\.?"
    r"|Is this conversation helpful so far\?|See Cookie Preferences\.?"
    r"|Check important info\.?(?: See Cookie Preferences\.?)?"
    r"|Please double-check (?:cited sources|responses)\.?"
    r"|Copy code|Read aloud|Good response|Bad response|Edit in canvas|Regenerate(?: response)?"
    r"|Export to Sheets|Share & export",
    re.IGNORECASE,
)
_TAIL_WORDS = (
    "mistakes", "inaccurate", "be wrong", "reference only", "helpful so far", "cookie",
    "check important", "double-check", "copy code", "read aloud", "good response", "bad response",
    "edit in canvas", "regenerate", "export to", "share & export",
)  # fmt: skip
"""One of these is in all that the pattern above matches; looked for first, being quicker."""

_NEAR = 300
"""Characters of its line around a tag that are looked at."""

_HEAD, _TAIL = 600, 700
"""Characters at the beginning and end of a text that are searched for the interface's words."""

_BUTTON = re.compile(r"Copy|Edit|Retry|Share|Sources|Like|Dislike|More|\d{1,2}\s?/\s?\d{1,2}")
"""Short words of buttons: taken for such only beside a line that is surely the interface's."""


@dataclass
class _Found:
    """What was taken out of one text."""

    thoughts: list[str] = field(default_factory=list)
    unclosed: bool = False
    calls: list[ToolCall] = field(default_factory=list)
    results: int = 0
    citations: int = 0
    interface: list[str] = field(default_factory=list)


def keep_apart(transcript: Transcript) -> Transcript:
    """The transcript whose turns hold only what was said, with a warning for all kept apart.

    How replies ended is told here too, since it shows only once their words are known.
    """
    turns, warnings = [], list(transcript.warnings)
    task = transcript.task_prompt
    for turn in transcript.turns:
        cleaned, found = _cleaned(turn)
        if turn.number == transcript.task_turn and task == turn.text:
            task = cleaned.text
        warnings += _warnings(cleaned, found)
        turns.append(cleaned)
    if tuple(turns) == transcript.turns and len(warnings) == len(transcript.warnings):
        return transcript
    return transcript.model_copy(
        update={"turns": tuple(turns), "task_prompt": task, "warnings": tuple(warnings)}
    )


def without_citation_marks(text: str) -> tuple[str, int]:
    """A text without marks of citations, and how many it held."""
    if not any(mark in text for mark in _MARKS):
        return text, 0
    count = 0

    def shown(mark: re.Match[str]) -> str:
        nonlocal count
        count += 1
        fields = (mark["marked"] or "").split("\ue202")
        if fields[0] not in _SHOWN or len(fields) < 2:
            return ""
        blank = " " if mark[0][0] in " \t" else ""
        return blank + _shown_words(fields[1])

    return _CITATION.sub(shown, text), count


def _shown_words(words: str) -> str:
    """What the person sees of a mark: the name in '["city","Paris"]', or the words themselves."""
    try:
        value = json.loads(words)
    except ValueError:
        return words
    named = [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
    return named[1] if len(named) > 1 else named[0] if named else ""


def _cleaned(turn: Turn) -> tuple[Turn, _Found]:
    found = _Found()
    if turn.role == "tool":
        return turn, found
    text = _without_interface(turn.text, found, turn.role == "model")
    if turn.role == "model":
        text = _without_tags(text, found)
        text, found.citations = without_citation_marks(text)
    if text == turn.text:
        return turn, found
    thoughts = [turn.reasoning or "", *found.thoughts]
    changed = {
        "text": text,
        "reasoning": "\n\n".join(filter(None, thoughts)) or None,
        "calls": (*turn.calls, *found.calls),
    }
    if found.unclosed and not text.strip() and turn.ended is None:
        changed["ended"] = "cut_off"
    return turn.model_copy(update=changed), found


# --- thoughts and tool traffic between tags --------------------------------------------------


def _without_tags(text: str, found: _Found) -> str:
    if "<|channel|>" in text:
        text = _without_channels(text, found)
    if "<" not in text and "◁" not in text and "THINK]" not in text:
        return text
    tags = [tag for tag in _TAG.finditer(text) if not _in_inline_code(text, tag)]
    if not tags:
        return text
    fenced = _fenced(text)
    tags = [tag for tag in tags if not _inside(tag.start(), fenced)]
    kept: list[str] = []
    position = 0
    for stretch in _stretches(text, tags):
        if stretch.start < position:
            continue
        kept.append(text[position : stretch.start])
        position = stretch.end
        if stretch.thought:
            found.thoughts.append(stretch.inner.strip())
            found.unclosed = found.unclosed or not stretch.closed
        else:
            _tool(stretch.inner, found)
    if not position:
        return text
    return _joined([*kept, text[position:]])


def _joined(pieces: list[str]) -> str:
    """The rest of a text in which blocks were taken out, with one blank line in their place."""
    whole: list[str] = []
    for piece in pieces:
        if not whole:
            whole = [piece.lstrip()] if piece.strip() else []
        elif not piece.strip():
            whole[-1] = whole[-1].rstrip()
        elif whole[-1].endswith("\n") or piece.startswith("\n"):
            whole[-1] = whole[-1].rstrip()
            whole.append("\n\n" + piece.lstrip())
        else:
            whole.append(piece)
    return "".join(whole)


@dataclass(frozen=True)
class _Stretch:
    """A part of a text between two tags, or behind one that is never closed."""

    start: int
    end: int
    thought: bool
    inner: str
    closed: bool = True


def _stretches(text: str, tags: list[re.Match[str]]) -> list[_Stretch]:
    """The tagged parts in the order of their beginnings; each tag goes with the nearest."""
    found: list[_Stretch] = []
    opened: dict[str, list[tuple[re.Match[str], str | None]]] = {}
    inside: dict[tuple[int, int], tuple[int, int]] = {}
    orphan: re.Match[str] | None = None
    for tag in tags:
        kind, closes = _meaning(tag)
        waiting = opened.setdefault(_name(tag), [])
        if not closes:
            waiting.append((tag, kind))
        elif waiting:
            first, kind = waiting.pop()
            if kind is not None:
                found.append(_Stretch(first.start(), tag.end(), kind == "thought", ""))
                inside[first.start(), tag.end()] = (first.end(), tag.start())
        elif kind == "thought" and _plain_think(tag) and _alone_at_end(text, tag):
            orphan = tag
    if orphan is not None:
        # The opening tag stood in the prompt's template: all above is thought.
        found.append(_Stretch(0, orphan.end(), True, text[: orphan.start()]))
    for waiting in opened.values():
        for tag, kind in waiting:
            if kind == "thought" and _begins_line(text, tag):
                inner = text[tag.end() :]
                found.append(_Stretch(tag.start(), len(text), True, inner, closed=False))
                break
    return _with_words(text, sorted(found, key=lambda each: (each.start, -each.end)), inside)


def _with_words(
    text: str, stretches: list[_Stretch], inside: dict[tuple[int, int], tuple[int, int]]
) -> list[_Stretch]:
    """The stretches with their words; one inside another has none, for the outer one has them."""
    filled, end = [], 0
    for each in stretches:
        if each.end > end and (each.start, each.end) in inside:
            first, last = inside[each.start, each.end]
            each = replace(each, inner=text[first:last])
        filled.append(each)
        end = max(end, each.end)
    return filled


def _meaning(tag: re.Match[str]) -> tuple[str | None, bool]:
    """'thought', 'tool' or None for other tags; and whether it closes."""
    if tag["bar"]:
        bar = tag["bar"].lower()
        return ("thought" if "thought" in bar else None), bar.startswith("end")
    if not tag["name"]:
        return "thought", bool(tag["close_kimi"] or tag["close_square"])
    name, closes = tag["name"].lower(), bool(tag["close"])
    if name == "details":
        kind = _DETAILS_TYPE.search(tag["rest"] or "")
        if kind is None:
            return None, closes
        return ("thought" if kind[1].lower() in ("reasoning", "thinking") else "tool"), closes
    return ("thought" if _IS_THOUGHT.fullmatch(name) else "tool"), closes


def _name(tag: re.Match[str]) -> str:
    if tag["name"]:
        return str(tag["name"].lower())
    if tag["bar"]:
        return str(tag["bar"].lower().partition("_of_")[2])
    return "kimi" if tag["open_kimi"] or tag["close_kimi"] else "square"


def _plain_think(tag: re.Match[str]) -> bool:
    return _name(tag) in ("think", "thinking", "kimi", "square")


def _begins_line(text: str, tag: re.Match[str]) -> bool:
    above = text[max(0, tag.start() - _NEAR) : tag.start()]
    return not above.rpartition("\n")[2].strip()


def _alone_at_end(text: str, tag: re.Match[str]) -> bool:
    """Whether a closing tag ends its line or stands at the beginning of one, not in a sentence."""
    below = text[tag.end() : tag.end() + _NEAR]
    return not below.partition("\n")[0].strip() or _begins_line(text, tag)


def _in_inline_code(text: str, tag: re.Match[str]) -> bool:
    before = text[max(0, tag.start() - _NEAR) : tag.start()].rpartition("\n")[2]
    after = text[tag.end() : tag.end() + _NEAR].partition("\n")[0]
    return before.count("`") % 2 == 1 and "`" in after


def _fenced(text: str) -> list[tuple[int, int]]:
    """Where closed code fences stand, in characters."""
    if "```" not in text and "~~~" not in text:
        return []
    spans: list[tuple[int, int]] = []
    opened: tuple[int, str] | None = None
    position = 0
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark is not None and opened is None:
            opened = (position, mark[1])
        elif mark and opened and mark[1].startswith(opened[1]) and not line[mark.end() :].strip():
            spans.append((opened[0], position + len(line)))
            opened = None
        position += len(line) + 1
    return spans


def _inside(position: int, spans: list[tuple[int, int]]) -> bool:
    at = bisect_right(spans, (position, sys.maxsize)) - 1
    return at >= 0 and spans[at][0] <= position < spans[at][1]


def _tool(inner: str, found: _Found) -> None:
    """A call written into the text; what isn't one is the answer of a tool."""
    bare = inner.strip()
    try:
        value = json.loads(bare)
    except ValueError:
        value = None
    named = value.get("name") if isinstance(value, dict) else None
    if isinstance(named, str):
        given = value.get("arguments", value.get("parameters", value.get("input")))
        written = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
        found.calls.append(ToolCall(name=named, arguments=written))
        return
    invoked = re.search(r'<(?:antml:)?(?:invoke|function)\s*(?:name\s*)?=\s*"?([\w.-]{1,80})', bare)
    if invoked:
        found.calls.append(ToolCall(name=invoked[1], arguments=bare))
    else:
        found.results += 1


def _without_channels(text: str, found: _Found) -> str:
    """The final channel of a reply in OpenAI's Harmony form; the others are thoughts and calls."""
    final: list[str] = []
    channel, position = "final", 0
    for mark in (*_CHANNEL.finditer(text), None):
        piece = text[position : mark.start() if mark else len(text)]
        if piece.strip():
            if channel == "final":
                final.append(piece.strip())
            else:
                found.thoughts.append(piece.strip())
        if mark is None:
            break
        position = mark.end()
        channel = mark["channel"] or "final"
    return "\n\n".join(final)


# --- words of the interface ------------------------------------------------------------------


def _without_interface(text: str, found: _Found, model: bool) -> str:
    label = _SAID.match(text)
    if label and text[label.end() :].strip():
        found.interface.append(label[0].strip())
        text = text[label.end() :]
    return _without_tail(_without_head(text, found), found) if model else text


def _without_head(text: str, found: _Found) -> str:
    rest = text.lstrip()
    while rest:
        line = rest[:_HEAD].partition("\n")[0]
        if not _HEAD_LINE.fullmatch(line.strip()) or not rest[len(line) :].strip():
            break
        found.interface.append(line.strip())
        text = rest = rest[len(line) :].lstrip()
    return text


def _without_tail(text: str, found: _Found) -> str:
    """The text without the interface's words at its end; buttons count only beside such."""
    end = text[-_TAIL:]
    low = end.lower()
    if not any(words in low for words in _TAIL_WORDS):
        return text
    lines = end.split("\n")
    first, sure = len(lines), False
    while first > 0:
        line = lines[first - 1].strip()
        if _TAIL_LINE.fullmatch(line):
            sure = True
        elif line and not _BUTTON.fullmatch(line):
            break
        first -= 1
    kept = text[: len(text) - len(end)] + "\n".join(lines[:first])
    if not sure or not kept.strip():
        return text
    found.interface += [line.strip() for line in lines[first:] if line.strip()]
    return kept.rstrip()


# --- warnings --------------------------------------------------------------------------------


def _warnings(turn: Turn, found: _Found) -> Iterator[ReadingWarning]:
    for code, words in (*_apart(found), *_end(turn)):
        yield ReadingWarning(code=code, message=f"turn {turn.number} {words}", line=turn.line)


def _apart(found: _Found) -> Iterator[tuple[str, str]]:
    """What was taken out of a turn: code and words for each kind."""
    if found.thoughts:
        yield (
            "reasoning_left_out",
            "holds the model's reasoning; it was not said to anyone and was kept apart",
        )
    if found.calls or found.results:
        yield (
            "tool_traffic",
            "holds what the model and its tools sent to one another; it was kept apart",
        )
    if found.citations:
        marks = "a mark of a citation" if found.citations == 1 else "marks of citations"
        yield "citation_marks", f"holds {marks}, which nobody reads as text; kept apart"
    if found.interface:
        words = "; ".join(repr(each[:60]) for each in found.interface[:5])
        yield "interface_words", f"holds words of the chat's interface, kept apart: {words}"


def _end(turn: Turn) -> Iterator[tuple[str, str]]:
    """How a reply of the model ended that is not whole, or holds nothing."""
    if turn.role != "model" or turn.scripted:
        return
    if turn.ended == "cut_off":
        yield "reply_cut_off", f"holds a reply that {MEANINGS['cut_off']}"
    elif turn.ended == "filtered":
        yield "reply_filtered", f"holds a reply that {MEANINGS['filtered']}"
    elif turn.ended == "failed":
        yield "reply_failed", f"holds a reply that {MEANINGS['failed']}"
    elif turn.ended == "unclear":
        yield "reply_unclear", f"holds a reply that {MEANINGS['unclear']}"
    elif not turn.text.strip() and not turn.calls:
        yield "reply_empty", "holds an empty reply of the model"
