"""Make the golden comparisons and their writeups anew.

    python tests/golden/make.py             the drafts, then the writeups
    python tests/golden/make.py --render    the writeups alone, after a change of a template

The three example pairs go through the real program with the judge `files:`, and the answers come
from `answers/*.yaml`, which were written by hand; no model gave them. Read the difference before
you keep it.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from grader.comparing.make import Made, compare
from grader.comparing.plan import Planned, PlanOptions, plan_comparison
from grader.errors import WaitingForAnswers
from grader.judge.options import JudgeOptions
from grader.testing.scripted import Received
from grader.text.quotation import SIDES

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))

from grader.writeup.document import document_of  # noqa: E402
from grader.writeup.html import render_html  # noqa: E402
from grader.writeup.markdown import render_markdown  # noqa: E402
from writeup_cases import PAIRS, case, others  # noqa: E402


def main() -> None:
    if sys.argv[1:] != ["--render"]:
        _draft()
    for pair in PAIRS:
        for suffix, render in (("md", render_markdown), ("html", render_html)):
            target = HERE / "writeups" / f"{pair}.{suffix}"
            target.parent.mkdir(exist_ok=True)
            target.write_text(render(document_of(case(pair), others())), "utf-8", newline="\n")


def _draft() -> None:
    for pair in PAIRS:
        answers = YAML(typ="safe").load((HERE / "answers" / f"{pair}.yaml").read_text("utf-8"))
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            made = _compare(pair, answers)
            target = HERE / "drafts" / f"{pair}.json"
            target.parent.mkdir(exist_ok=True)
            target.write_bytes((made.folder / "comparison.json").read_bytes())
            missing = [v for v in made.comparison.verdicts if v.level is None]
            os.chdir(HERE)
        print(pair, "verdicts without a level:", len(missing))


def _compare(pair: str, answers: dict[str, Any]) -> Made:
    shown = ROOT / "examples"
    planned = plan_comparison(
        shown / "transcripts" / f"c-{pair}-1.json",
        shown / "transcripts" / f"p-{pair}-1.json",
        ROOT / "rubrics" / f"{pair}.yaml",
        PlanOptions(judges=("files:by-hand",), study=shown / "study.yaml", name=f"c-vs-p-{pair}-1"),
    )
    for _ in range(8):
        try:
            return compare(planned, JudgeOptions(judge_model="example/by-hand"))
        except WaitingForAnswers:
            _reply(Path("by-hand"), planned, answers)
    sys.exit("the questions went round in circles")


def _reply(folder: Path, planned: Planned, answers: dict[str, Any]) -> None:
    lines = []
    for line in (folder / "requests.jsonl").read_text("utf-8").splitlines():
        request = json.loads(line)
        received = Received(request["body"], {}, "")
        answer = _answer(received, planned, answers)
        message = {"role": "assistant", "content": json.dumps(answer, ensure_ascii=False)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        body = {"object": "chat.completion", "model": "by-hand", "choices": [choice]}
        lines.append(
            json.dumps(
                {
                    "custom_id": request["custom_id"],
                    "response": {"status_code": 200, "body": body},
                    "error": None,
                }
            )
        )
    with (folder / "responses.jsonl").open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def _answer(received: Received, planned: Planned, answers: dict[str, Any]) -> Any:
    pair, rubric = planned.plan.pair, planned.plan.rubric
    prompt = received.prompt
    texts = {side: pair.blind[side].texts[0] for side in SIDES}
    first, second = sorted(SIDES, key=lambda side: prompt.find(texts[side]))
    criterion = next((c.id for c in rubric.criteria if c.question in prompt), "")
    side = next((side for side in SIDES if texts[side] in prompt), "control")
    number: dict[str, int] = {first: 1, second: 2}

    def named(text: str) -> str:
        return text.replace("{C}", f"Transcript {number['control']}").replace(
            "{P}", f"Transcript {number['treatment']}"
        )

    def quoted(pairs: list[list[str]]) -> list[dict[str, Any]]:
        return [{"transcript": number[side], "quote": quote} for side, quote in pairs]

    def points(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {
                "quotations": quoted(point.get("quotes", [])),
                "findings": [_label(prompt, f, rubric, number) for f in point.get("findings", [])],
                "text": named(point["text"]),
            }
            for point in given
        ]

    kind = received.kind
    if kind == "verdict":
        given = answers["verdicts"][criterion][side]
        return {
            "evidence": given["evidence"],
            "looked_for_in_vain": given["vain"],
            "rationale": given["rationale"],
            "level": given["level"],
        }
    if kind == "signature":
        signature = next(s.id for s in rubric.signatures if s.description in prompt)
        given = answers["signatures"][signature][side]
        return {
            "markers": [
                {"marker": n, "evidence": quotes, "note": note, "presence": presence}
                for n, (presence, note, quotes) in enumerate(given["markers"], 1)
            ],
            "note": given["note"],
        }
    if kind == "contrast":
        given = answers["contrasts"][criterion]
        if first == "treatment":
            given = given.get("reversed", given)
        more = given["more"]
        return {
            "evidence": quoted(given["evidence"]),
            "reason": named(given["reason"]),
            "shows_more": "neither" if more == "neither" else f"transcript_{number[more]}",
        }
    if kind == "orientation":
        return {part: points(given) for part, given in answers["orientation"].items()}
    if kind == "change":
        return {part: points(given) for part, given in answers["change"].items()}
    if kind == "difference":
        given = answers["contrast_account"]
        return {
            "account": points(given["account"]),
            "dimension": given["dimension"],
            "kind_reason": points(given["kind_reason"]),
            "kind": given["kind"],
        }
    if kind == "implications":
        return _implications(prompt, answers["implications"], planned)
    raise SystemExit(f"no answer to a question of kind {kind!r}:\n{prompt[-2000:]}")


def _implications(prompt: str, given: dict[str, Any], planned: Planned) -> Any:
    rubric = planned.plan.rubric
    places = {criterion.id: f"K{n}" for n, criterion in enumerate(rubric.criteria, 1)}

    def stated(text: str, findings: list[str]) -> dict[str, Any]:
        labels = [_label(prompt, finding, rubric, None) for finding in findings]
        return {"findings": labels, "text": text}

    return {
        "summary": [stated(point["text"], point["findings"]) for point in given["summary"]],
        "hypotheses": [
            {"hypothesis": label, "reason": stated(text, findings), "bearing": bearing}
            for label, (bearing, text, findings) in given["hypotheses"].items()
        ],
        "further_conditions": [
            {"criterion": places[criterion], "text": text}
            for criterion, text in given["further"].items()
        ],
        "caveats": given["caveats"],
        "headline": given["headline"],
    }


def _label(prompt: str, finding: str, rubric: Any, number: dict[str, int] | None) -> str:
    """The label under which a prompt lists a finding named as 'V criterion side'."""
    letter, subject, *sides = finding.split()
    if letter == "M":
        pattern = rf"^(M\d+): {subject.replace('_', ' ')}:"
    elif letter == "X":
        pattern = rf'^(X\d+): "{re.escape(rubric.criterion(subject).title)}"'
    else:
        names = {"control": "C", "treatment": "P"}
        who = f"Transcript {number[sides[0]]}" if number else names[sides[0]]
        pattern = rf'^(V\d+): {who}, "{re.escape(rubric.criterion(subject).title)}"'
    found = re.search(pattern, prompt, re.MULTILINE)
    if found is None:
        raise SystemExit(f"no finding for {finding!r}")
    return found[1]


if __name__ == "__main__":
    main()
