"""Every format under every condition, off the wire: nothing that tells goes out.

The sessions carry a telling word in everything a judge must not see: preamble, system prompt,
opening, analysis, ids, names, dates.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import Grader
from grader.testing import ScriptedJudge
from test_transcripts_formats import CONDITIONS, FORMATS, TASK, TELLING, Session

RUBRIC = """\
id: lift-notice
version: 1
title: Notice about the lift, for tenants who use wheelchairs
criteria:
  - id: named
    title: Named
    question: Are the two tenants named?
    levels: {met: They are., partially_met: In part., not_met: They are not.}
"""


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("format", FORMATS)
def test_no_request_but_the_last_holds_what_tells(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path, format: str, condition: str
) -> None:
    session = tmp_path / "session"
    FORMATS[format][0](Session(condition), session)
    plain = tmp_path / "plain.json"
    messages = [{"role": "user", "content": TASK}, {"role": "assistant", "content": "No lift."}]
    plain.write_text(json.dumps({"id": "plain", "prompt": TASK, "messages": messages}))
    rubric = tmp_path / "rubric.yaml"
    rubric.write_text(RUBRIC)
    ran = grader(
        "compare", plain, session, "--rubric", rubric, "--judge", "openai/scripted-judge",
        "--base-url", judge.base_url,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    blind = [received for received in judge.requests if received.kind != "implications"]
    assert {received.kind for received in blind} >= {"verdict", "contrast", "change"}
    for received in blind:
        sent = json.dumps(received.body, ensure_ascii=False)
        assert [word for word in TELLING if word in sent] == []
