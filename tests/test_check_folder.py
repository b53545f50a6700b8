"""`grader check FOLDER`: a sound folder passes, and nothing in it can be changed unnoticed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import EXAMPLES, RUBRICS, Grader, pair
from grader.check import Finding, failing
from grader.check.folder import check_folder
from grader.check.folder.blindness import check_blindness
from grader.check.folder.loaded import Opened
from grader.comparing import make
from grader.comparing.plan import PlanOptions, plan_comparison
from grader.comparison.folder import hashes_text, read_draft
from grader.comparison.kinds.verdict import verdict_question
from grader.judge.judge import Request
from grader.judge.options import JudgeOptions
from grader.questions.blinding import BlindTranscript
from grader.records import content_hash
from grader.review import actions
from grader.review.events import Entry
from grader.review.folder import ReviewFolder, read_reviewed
from grader.review.noted import noted_path
from grader.testing import ScriptedJudge
from grader.text.quotation import Evidence, Span
from grader.writeup.write import render

Json = dict[str, Any]


def compare(
    judge: ScriptedJudge, outputs: Path, name: str, task: str = "library-memo", **options: Any
) -> Path:
    control, treatment, _, rubric = pair(task)
    planned = plan_comparison(
        control,
        treatment,
        rubric,
        PlanOptions(judges=("openai/scripted-judge",), outputs=outputs, name=name, **options),
    )
    return make.compare(planned, JudgeOptions(base_url=judge.base_url)).folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder made by a judge that sometimes fails, with a review begun. Never changed."""
    outputs = tmp_path_factory.mktemp("outputs")
    with ScriptedJudge() as judge:
        judge.fail("refuse", kind="verdict", times=1)
        judge.fail("false_quotation", kind="verdict", times=2)
        judge.fail("invalid_json", kind="signature", times=1)
        folder = compare(judge, outputs, "pair", depth="standard")
    items = list(read_reviewed(folder).decisions)
    for item in items[:3]:
        actions.comment(folder, "Ada", item, "Look at this again.")
    render(folder)
    yield folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return copy_of(made, tmp_path)


def copy_of(made: Path, where: Path) -> Path:
    copy = where / "outputs" / "pair"
    shutil.copytree(made, copy)
    return copy


def codes(findings: list[Finding]) -> set[str]:
    return {finding.code for finding in findings if finding.severity != "note"}


def test_sound_folder_has_notes_alone(folder: Path) -> None:
    found = check_folder(folder)
    assert codes(found) == set()
    assert {finding.code for finding in found} == {"not-signed", "not-registered"}


@pytest.mark.parametrize("options", [{"depth": "quick", "samples": 2}, {"probe": True}])
def test_every_way_of_asking_is_made_again(tmp_path: Path, options: Json) -> None:
    with ScriptedJudge() as judge:
        judge.fail("truncate", kind="verdict", each=1, times=2)
        made = compare(judge, tmp_path, "x", **options)
    assert codes(check_folder(made)) == set()


def test_panel_and_offline_folders_are_sound(grader: Grader, judge: ScriptedJudge) -> None:
    panel = ("--judge", "openai/scripted-a", "--judge", "openai/scripted-b", "--name", "panel")
    for options in (panel, ("--name", "offline")):
        ran = grader("compare", *pair("export-endpoint"), *options, "--base-url", judge.base_url)
        assert ran.code == 0, ran.err
    assert grader("check", "outputs").code == 0


def test_replayed_recording_is_sound(grader: Grader, made: Path) -> None:
    ran = grader("compare", *pair("library-memo"), "-j", f"recorded:{made / 'calls.jsonl'}")
    assert ran.code == 0, ran.err
    assert grader("check", "outputs").code == 0


# --- one byte -------------------------------------------------------------------------------


def test_folder_has_the_files_that_are_flipped_below(made: Path) -> None:
    names = {path.name for path in made.iterdir() if path.stat().st_size}
    assert {
        *("comparison.json", "calls.jsonl", "hashes.json", "reviews.jsonl", "comparison.md"),
    } <= names


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_one_byte_changed_in_any_file_is_noticed(
    made: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    names = sorted(path.name for path in made.iterdir() if path.stat().st_size)
    name = data.draw(st.sampled_from(names))
    size = (made / name).stat().st_size
    # The last bytes are where a chain ends, so they are tried more often.
    at = data.draw(st.one_of(st.integers(0, size - 1), st.integers(max(0, size - 3), size - 1)))
    other = data.draw(st.integers(1, 255))
    folder = copy_of(made, tmp_path_factory.mktemp("flipped"))
    content = bytearray((folder / name).read_bytes())
    content[at] ^= other
    (folder / name).write_bytes(bytes(content))
    found = check_folder(folder)
    assert failing(found)
    told = {Path(f.place.file).name for f in found if f.severity == "error"}
    assert name in told or (name == "hashes.json" and told)


@pytest.mark.parametrize("name", ["calls.jsonl", "hashes.json", "comparison.md"])
def test_file_that_was_taken_away_is_noticed(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert failing(check_folder(folder))


def test_hashes_that_count_calls_which_are_not_there_are_told(folder: Path) -> None:
    (folder / "calls.jsonl").unlink()
    hashes = json.loads((folder / "hashes.json").read_bytes())
    del hashes["files"]["calls.jsonl"]
    assert hashes["calls_bytes"] > 0
    (folder / "hashes.json").write_text(json.dumps(hashes, indent=2) + "\n")
    assert "hashes-changed" in codes(check_folder(folder))


# --- changes with hashes made to fit --------------------------------------------------------


def tamper(folder: Path, change: Callable[[Json], object]) -> None:
    """Change the draft as someone would who knows where the hashes are."""
    path = folder / "comparison.json"
    values = json.loads(path.read_text("utf-8"))
    change(values)
    text = json.dumps(values, ensure_ascii=False, indent=2) + "\n"
    path.write_text(text, "utf-8")
    (folder / "reviews.jsonl").unlink(missing_ok=True)
    (folder / "hashes.json").write_text(hashes_text(folder, text))
    render(folder)


def raise_level(draft: Json) -> None:
    verdict = next(v for v in draft["verdicts"] if v["level"] == "not_met")
    verdict["level"] = "met"


def raise_level_everywhere(draft: Json) -> None:
    verdict = next(v for v in draft["verdicts"] if v["level"] == "not_met")
    verdict["level"] = "met"
    for sample in verdict["samples"]:
        sample["level"] = "met"
    row = next(r for r in draft["scorecard"]["rows"] if r["criterion"] == verdict["criterion"])
    row[verdict["side"]] = "met"


def move_span(draft: Json) -> None:
    verdict = next(v for v in draft["verdicts"] if v["evidence"] and v["evidence"][0]["span"])
    for holder in (verdict, *verdict["samples"]):
        holder["evidence"][0]["span"]["start"] += 1


def swap_case(draft: Json) -> None:
    turn = draft["treatment"]["turns"][-1]
    turn["text"] = turn["text"].swapcase()


def reword(draft: Json) -> None:
    draft["narrative"][0]["parts"]["voice"][0]["text"] = "The first is warm."


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (raise_level, "level-differs"),
        (raise_level_everywhere, "draft-not-from-replies"),
        (move_span, "quotation-span"),
        (reword, "draft-not-from-replies"),
        (lambda d: d["scorecard"]["shift_tally"].update(up=5), "scorecard-differs"),
        (lambda d: d["outcomes"].pop(), "outcome-counts-differs"),
        (lambda d: d["measurements"]["control"].update(words=1), "measurements-differs"),
        (lambda d: d["blind_order"].reverse(), "blind-order-differs"),
        (lambda d: d["rubric"].update(version=3), "rubric-hash-differs"),
        (lambda d: d.update(rubric_registered=True), "registration-state-differs"),
        (lambda d: d["pair_notes"].append(
            {"code": "x", "kind": "note", "message": "x"}), "pair-notes-differs"),
        (lambda d: d["verdicts"].pop(), "verdicts-incomplete"),
        (swap_case, "question-without-call"),
        (lambda d: d["rubric"]["criteria"][0].update(question="Is it?"), "question-without-call"),
    ],
)  # fmt: skip
def test_draft_changed_together_with_its_hashes_is_noticed(
    folder: Path, change: Callable[[Json], object], code: str
) -> None:
    tamper(folder, change)
    found = check_folder(folder)
    assert code in codes(found)
    assert not codes(found) & {"file-changed", "writeup-outdated"}


def test_prompt_of_another_version_is_a_note_with_its_name(folder: Path) -> None:
    tamper(folder, lambda draft: draft["prompts"].update(verdict="0" * 64))
    [found] = [each for each in check_folder(folder) if each.code == "prompt-changed"]
    assert found.severity == "note"
    assert "the prompt 'verdict' is not the one" in found.message


def move_passage(draft: Json, **moved: Any) -> None:
    verdict = next(each for each in draft["verdicts"] if each["candidates"])
    verdict["candidates"][0]["span"].update(moved)


@pytest.mark.parametrize("moved", [{"start": 0, "end": 3}, {"turn": 1, "start": 0, "end": 3}])
def test_passage_that_does_not_stand_at_its_span_is_told(tmp_path: Path, moved: Json) -> None:
    control, treatment, _, rubric = pair("library-memo")
    options = PlanOptions(judges=("offline",), outputs=tmp_path, name="offline")
    folder = make.compare(plan_comparison(control, treatment, rubric, options)).folder
    assert "passage-span" not in codes(check_folder(folder))
    tamper(folder, lambda draft: move_passage(draft, **moved))
    [found] = [each for each in check_folder(folder) if each.code == "passage-span"]
    assert "does not stand at its span" in found.message


def test_reply_changed_together_with_its_hash_differs_from_the_journal(made: Path) -> None:
    path = made / "calls.jsonl"
    before, hashes = path.read_bytes(), (made / "hashes.json").read_bytes()
    try:
        path.write_text(before.decode().replace("Scripted: no model", "Somebody", 1))
        (made / "hashes.json").write_text(
            hashes_text(made, (made / "comparison.json").read_text("utf-8"))
        )
        assert "reply-differs" in codes(check_folder(made))
    finally:
        path.write_bytes(before)
        (made / "hashes.json").write_bytes(hashes)


def test_call_that_was_taken_out_is_missed(folder: Path) -> None:
    path = folder / "calls.jsonl"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[1:]), "utf-8")
    assert {"file-changed", "call-missing"} <= codes(check_folder(folder))


def test_writeup_edited_by_hand_is_told_with_its_line(folder: Path) -> None:
    path = folder / "comparison.md"
    lines = path.read_text("utf-8").split("\n")
    lines[4] += " And I like it."
    path.write_text("\n".join(lines), "utf-8")
    found = next(f for f in check_folder(folder) if f.code == "writeup-outdated")
    assert found.place.line == 5


def test_reviewers_quotation_that_is_nowhere_is_told_with_its_line(folder: Path) -> None:
    at = ReviewFolder(folder)
    item = next(each for each in at.items.values() if each.side is not None)
    assert item.side is not None
    span = Span(transcript=item.side, turn=2, start=0, end=5)
    forged = Evidence(quote="nobody said this", side=item.side, span=span, match="exact")
    with at.writing("Eve") as review:
        content = item.drafted.model_copy(update={"evidence": (forged,)})
        review.add(Entry(action="edit", item=item.id, after=content))
    [found] = [each for each in check_folder(folder) if each.code == "review-quotation"]
    assert "'nobody said this'" in found.message
    assert found.place is not None and found.place.line == at.reviewed().events


def written_anew(folder: Path, change: Callable[[list[Json]], object]) -> None:
    """Change events as someone would who knows how their chain is made, and render anew."""
    path = folder / "reviews.jsonl"
    events = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    change(events)
    previous = None
    for number, event in enumerate(events, 1):
        event.update(sequence=number, previous=previous)
        del event["hash"]
        previous = content_hash(event)
        event["hash"] = previous
    path.write_text("".join(json.dumps(e, ensure_ascii=False) + "\n" for e in events), "utf-8")
    render(folder)


@pytest.fixture
def reviewed(made: Path, tmp_path: Path) -> Path:
    """The whole outputs folder, with what lies beside the comparison."""
    shutil.copytree(made.parent, tmp_path / "outputs")
    return tmp_path / "outputs" / made.name


@pytest.mark.parametrize(
    "change",
    [
        lambda events: events.pop(),
        lambda events: events[-1].update(text="I agree."),
        lambda events: events[-1].update(reviewer="Eve"),
        lambda events: events[-1].update(seconds=300),
        lambda events: events[0].update(time="2001-01-01T00:00:00Z"),
        lambda events: events.insert(0, dict(events[0])),
    ],
)
def test_review_cut_or_written_anew_with_its_hashes_is_noticed(
    reviewed: Path, change: Callable[[list[Json]], object]
) -> None:
    assert codes(check_folder(reviewed)) == set()
    written_anew(reviewed, change)
    assert codes(check_folder(reviewed)) == {"review-not-as-made"}


def test_review_that_was_taken_away_or_gone_on_with_after_a_cut_is_noticed(reviewed: Path) -> None:
    path = reviewed / "reviews.jsonl"
    written_anew(reviewed, lambda events: events.pop())
    actions.comment(reviewed, "Ada", next(iter(read_reviewed(reviewed).decisions)), "Another.")
    render(reviewed)
    assert codes(check_folder(reviewed)) == {"review-not-as-made"}
    path.unlink()
    assert "review-not-as-made" in codes(check_folder(reviewed))


def test_review_may_go_on_and_its_note_be_missing(reviewed: Path) -> None:
    actions.comment(reviewed, "Ada", next(iter(read_reviewed(reviewed).decisions)), "Another.")
    render(reviewed)
    assert codes(check_folder(reviewed)) == set()
    noted_path(reviewed).unlink()
    assert codes(check_folder(reviewed)) == set()


def test_note_on_a_review_that_cannot_be_read_is_told(reviewed: Path) -> None:
    noted_path(reviewed).write_bytes(b"\xff{")
    assert "review-chain-broken" in codes(check_folder(reviewed))


def test_file_nobody_wrote_is_a_note(folder: Path) -> None:
    (folder / "thoughts.txt").write_text("x")
    found = check_folder(folder)
    assert "file-unknown" in {f.code for f in found}
    assert not failing(found)


# --- sources, blindness, command ------------------------------------------------------------


def test_source_at_hand_is_held_against_the_draft(folder: Path, tmp_path: Path) -> None:
    control, rubric = EXAMPLES / "c-library-memo-1.json", RUBRICS / "library-memo.yaml"
    assert codes(check_folder(folder, sources=[control, rubric])) == set()
    changed = tmp_path / control.name
    changed.write_text(control.read_text("utf-8").replace("Sunday", "Saturday"), "utf-8")
    other = tmp_path / "other.yaml"
    other.write_text(rubric.read_text("utf-8").replace("version: 2", "version: 3"), "utf-8")
    assert codes(check_folder(folder, sources=[changed, other])) == {
        "source-differs",
        "rubric-source-differs",
    }


@pytest.mark.parametrize(
    ("leak", "told"),
    [
        ("This is p-library-memo-1.", "id of the treatment"),
        ("Written by claude.", "model of the"),
        ("PREAMBLE", "preamble of the treatment"),
        ("On 2026-11-22 it was said.", "date of the"),
    ],
)
def test_question_that_shows_what_it_must_not_is_told(folder: Path, leak: str, told: str) -> None:
    draft, hash = read_draft(folder)
    opened = Opened(folder, draft, "", hash, ())
    words = draft.treatment.preamble if leak == "PREAMBLE" else leak
    question = verdict_question(
        BlindTranscript(None, (words or "",)), draft.rubric.criteria[0], "verdict"
    )
    found = list(check_blindness(opened, [Request(question, "openai/x", ())]))
    assert found[0].code == "not-blind"
    assert told in found[0].message


def test_command_checks_all_folders_of_an_outputs_folder(grader: Grader, folder: Path) -> None:
    ran = grader("check", folder.parent, "--json")
    assert ran.code == 0
    assert ran.json["counts"]["error"] == 0
    path = folder / "comparison.json"
    path.write_text(path.read_text("utf-8").replace("not_met", "met", 1), "utf-8")
    assert grader("check", folder.parent).code == 1
    assert grader("check", folder.parent / "nothing").code == 2


def test_folder_without_draft_is_no_comparison(grader: Grader, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = grader("check", "empty")
    assert ran.code == 2
    assert "there is no comparison.json" in ran.err


def test_hashes_are_those_of_the_files(made: Path) -> None:
    stated = json.loads((made / "hashes.json").read_text())["files"]
    assert stated == {
        name: hashlib.sha256((made / name).read_bytes()).hexdigest()
        for name in ("comparison.json", "calls.jsonl")
    }
