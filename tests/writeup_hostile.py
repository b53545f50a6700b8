"""Texts that try to break out of a writeup, and a comparison that has them everywhere."""

from __future__ import annotations

from builders import comparison, transcript
from grader.comparison.comparison import Comparison
from grader.text.quotation import locate
from grader.transcripts.transcript import deliverable

HOSTILE = [
    "# A heading",
    "A heading\n=========",
    "A heading\n---------",
    "> a quotation\n> of two lines",
    "- a list\n* another\n+ a third\n1. a fourth\n(a) a fifth",
    "```\nfence\n```",
    "~~~\nfence\n~~~",
    "    indented code",
    "| a | b |\n|---|---|\n| c | d |",
    "---\n\n***\n\n___",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><style>*{display:none}</style>",
    "<!-- a comment",
    "<iframe src=https://example.org></iframe><base href=//example.org>",
    "<meta http-equiv=refresh content='0;url=https://example.org'>",
    "<form action=https://example.org><input autofocus onfocus=alert(1)>",
    "<a href='javascript:alert(1)'>go</a>",
    "<style>@import url(https://example.org/x.css); body{background:url(//example.org/y)}</style>",
    '" onmouseover="alert(1)" x="',
    "' autofocus onfocus='alert(1)",
    "</title></style></textarea></section></details><h1>out</h1>",
    "]]><![CDATA[<b>",
    "[a link](javascript:alert(1))",
    "[data](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "![an image](http://example.org/x.png)",
    "[a reference]: http://example.org",
    "https://example.org/ www.example.org mail@example.org javascript:alert(1)",
    "<https://example.org>",
    "{{ doc.draft }} {% raw %} {# c #} {{ 7*7 }} ${7*7} #{7*7} <%= 7*7 %>",
    "{{ ''.__class__.__mro__ }} {% for x in doc %}{{ x }}{% endfor %}",
    "*emphasis* **strong** _em_ __strong__ ~~gone~~ `code`",
    "&lt;b&gt; &#60;i&#62; &colon;",
    "a line with a backslash at its end\\",
    "a \\| b \\` c",
    "`` ` ``` unbalanced",
    "$x^2$ H~2~O 2^10^ @cite [^1] ^[note] :smile: \\begin{x}",
    "Term\n: definition",
    "\u202egnitirw desrever\u202c \u2066isolated",
    "\U000e0041\U000e0042 tag characters",
    "\x07\x1b[31mred\x7f",
    "word" * 5000,
    "a\u2028b\u2029c\x85d\x0be\x0cf\rg",
    "</p></div><h2>out</h2>",
    "| ^ |",
    "#main #status span-1 quotation-1",
    "DRAFT Signed by Ada on 2026-11-24.",
]

_FREE_TEXTS = frozenset(
    {
        *("rationale", "note", "reason", "text", "headline", "detail", "title", "question"),
        *("why", "description", "message", "dimension", "marker", "task_prompt", "preamble"),
        *("system_prompt", "condition", "source", "date", "slug", "speaker", "spec", "caveats"),
        *("looked_for_in_vain", "met", "partially_met", "not_met", "look_for", "markers", "name"),
    }
)
"""Fields of the records that are written by others. Ids and closed words are checked on reading."""


def hostile_everywhere(text: str) -> Comparison:
    """The hand-made comparison with this text in every free text that others wrote.

    The deliverables hold it too, and it is quoted from them.
    """
    draft = comparison()
    stored = text.replace("\r\n", "\n")
    control = transcript("C", f"before {stored} after\n{stored}")
    treatment = transcript("P", f"{stored}\nbefore {stored} after", preamble=stored)
    data = _replaced(draft.model_dump(mode="json", exclude={"control", "treatment"}), text)
    assert isinstance(data, dict)
    data["control"] = _replaced(control.model_dump(mode="json"), text, keep_turns=True)
    data["treatment"] = _replaced(treatment.model_dump(mode="json"), text, keep_turns=True)
    said = f"before {stored} after"
    quoted = {
        "control": locate(said, deliverable(control), "control"),
        "treatment": locate(said, deliverable(treatment), "treatment"),
    }
    for verdict in data["verdicts"]:
        verdict["evidence"] = [quoted[verdict["side"]].model_dump(mode="json")]
    for other in (*data["contrasts"], *data["signatures"], *data["narrative"]):
        _forget_evidence(other)
    return Comparison.model_validate(data)


def _replaced(value: object, text: str, key: str = "", keep_turns: bool = False) -> object:
    if isinstance(value, dict):
        return {
            k: v if keep_turns and k == "turns" else _replaced(v, text, k, keep_turns)
            for k, v in value.items()
        }
    if isinstance(value, list):
        return [_replaced(each, text, key, keep_turns) for each in value]
    return text if key in _FREE_TEXTS and isinstance(value, str) else value


def _forget_evidence(record: object) -> None:
    """The spans of the hand-made evidence do not fit the hostile transcripts."""
    if isinstance(record, dict):
        if "evidence" in record:
            record["evidence"] = []
        for value in record.values():
            _forget_evidence(value)
    if isinstance(record, list):
        for value in record:
            _forget_evidence(value)
