"""Every field of a draft, of its calls and of its reviews is changed in turn, hashes made to fit.

What `grader check` passes is named in docs/checking.md as resting on trust, and nothing else
is. `python tests/test_check_mutations.py` prints the table.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from conftest import EXAMPLES, REPOSITORY, RUBRICS
from grader.check.folder import check_folder
from grader.check.folder.loaded import Opened
from grader.check.folder.made import check_made
from grader.comparison.comparison import Comparison
from grader.comparison.folder import hashes_text, read_draft
from grader.comparison.made import DRAFTS
from grader.errors import GraderError
from grader.judge.reply import Call
from grader.review import actions
from grader.review.events import ReviewEvent
from grader.review.folder import read_reviewed
from grader.review.items import review_items
from grader.testing import ScriptedJudge
from grader.writeup.write import render
from mutations import mutations
from test_check_folder import compare

SOURCES = (
    EXAMPLES / "c-library-memo-1.json",
    EXAMPLES / "p-library-memo-1.json",
    RUBRICS / "library-memo.yaml",
)


def make_folder(outputs: Path) -> Path:
    """A comparison with failures, a false quotation and a probe, and three comments."""
    with ScriptedJudge() as judge:
        judge.fail("refuse", kind="verdict", times=1)
        judge.fail("false_quotation", kind="verdict", times=2)
        folder = compare(judge, outputs, "pair", depth="standard", probe=True)
    render(folder)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_folder(tmp_path_factory.mktemp("mutated") / "outputs")


def noticed(folder: Path, sources: Sequence[Path] = ()) -> bool:
    """Whether a changed folder fails, after its hashes and writeups were made to fit."""
    text = (folder / "comparison.json").read_text(encoding="utf-8")
    (folder / "hashes.json").write_text(hashes_text(folder, text))
    try:
        render(folder)
    except GraderError:
        return True
    return any(each.severity != "note" for each in check_folder(folder, sources=sources))


def unnoticed_in_draft(
    made: Path, work: Path, sources: Sequence[Path] = (), fields: set[str] | None = None
) -> set[str]:
    """The fields of a draft away from its list that can be changed; only of those named, if any.

    Sources can only add to what is found, so they need to be tried on what passes without.
    """
    folder = copied(made, work)
    draft = json.loads((made / "comparison.json").read_text(encoding="utf-8"))
    found = set()
    for each in mutations(draft, Comparison.model_json_schema()):
        if fields is not None and each.field not in fields:
            continue
        (folder / "comparison.json").write_text(as_text(each.changed), encoding="utf-8")
        if not noticed(folder, sources):
            found.add(each.field)
    return found


def as_text(draft: Any) -> str:
    return json.dumps(draft, ensure_ascii=False, indent=2) + "\n"


def unnoticed_in_calls(made: Path, work: Path) -> set[str]:
    folder = copied(made, work)
    lines = (made / "calls.jsonl").read_text(encoding="utf-8").splitlines()
    found: set[str] = set()
    done: set[str] = set()
    for place, line in enumerate(lines):
        call = Call.model_validate_json(line).model_dump(mode="json")
        for each in mutations(call, Call.model_json_schema()):
            if each.field in done:
                continue
            done.add(each.field)
            changed = {name: value for name, value in each.changed.items() if value is not None}
            new = [*lines]
            new[place] = json.dumps(changed, ensure_ascii=False, separators=(",", ":"))
            (folder / "calls.jsonl").write_text("\n".join(new) + "\n", encoding="utf-8")
            if not noticed(folder):
                found.add(each.field)
    return found


def copied(made: Path, work: Path, *, listed: bool = False) -> Path:
    """A copy of the folder, with the list of drafts beside it if it is asked for."""
    shutil.copytree(made.parent, work / "outputs")
    if not listed:
        (work / "outputs" / DRAFTS).unlink()
    return work / "outputs" / made.name


def accept_two(folder: Path) -> None:
    items = [item for item in review_items(read_reviewed(folder).draft).values()]
    for item in [item for item in items if item.drafted.level is not None][:2]:
        actions.accept(folder, "Ada", item.id)


def on_trust(table: str) -> set[str]:
    """The fields that docs/checking.md names in one of its tables of what rests on trust."""
    text = (REPOSITORY / "docs" / "checking.md").read_text(encoding="utf-8")
    part = text.partition(f"<!-- {table} -->")[2].partition("\n\n")[0]
    return {name for line in part.splitlines() for name in re.findall(r"`([^`]+)`", line)}


def spread(names: set[str]) -> set[str]:
    """Names for both sides: docs write `SIDE` for control and treatment."""
    return {
        name.replace("SIDE", side)
        for name in names
        for side in (("control", "treatment") if "SIDE" in name else ("",))
    }


# --- beside the list of drafts --------------------------------------------------------------


def test_no_field_can_be_changed_beside_the_list_of_drafts(made: Path) -> None:
    draft, _ = read_draft(made)
    values = json.loads((made / "comparison.json").read_text(encoding="utf-8"))
    for each in mutations(values, Comparison.model_json_schema()):
        text = as_text(each.changed)
        hash = hashlib.sha256(text.encode()).hexdigest()
        codes = {found.code for found in check_made(Opened(made, draft, text, hash, ()))}
        assert codes == {"draft-not-as-made"}, each.field


def test_no_call_can_be_changed_beside_the_list_of_drafts(made: Path, tmp_path: Path) -> None:
    folder = copied(made, tmp_path, listed=True)
    path = folder / "calls.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace('"attempt":1', '"attempt":2', 1))
    assert noticed(folder)


def test_a_list_of_drafts_that_was_changed_is_told(made: Path, tmp_path: Path) -> None:
    folder = copied(made, tmp_path, listed=True)
    path = folder.parent / DRAFTS
    path.write_text(path.read_text(encoding="utf-8").replace('"previous":null', '"previous":"x"'))
    assert "drafts-list-broken" in {each.code for each in check_folder(folder)}


def test_a_folder_under_another_name_is_known_by_its_hash(made: Path, tmp_path: Path) -> None:
    folder = copied(made, tmp_path, listed=True)
    moved = folder.rename(folder.with_name("renamed"))
    assert not {each.code for each in check_folder(moved)} & {
        "draft-not-as-made",
        "draft-made-elsewhere",
    }


# --- a folder by itself ---------------------------------------------------------------------


def test_what_rests_on_trust_in_a_draft_is_named_in_the_docs(made: Path, tmp_path: Path) -> None:
    always, unless_named = on_trust("trust: draft"), on_trust("trust: draft without sources")
    found = unnoticed_in_draft(made, tmp_path / "itself")
    assert found == spread(always | unless_named)
    assert unnoticed_in_draft(made, tmp_path / "named", SOURCES, found) == spread(always)


def test_what_rests_on_trust_in_a_call_is_named_in_the_docs(made: Path, tmp_path: Path) -> None:
    assert unnoticed_in_calls(made, tmp_path) == on_trust("trust: calls")


def test_every_field_of_a_review_event_is_hashed_into_the_chain(made: Path, tmp_path: Path) -> None:
    folder = copied(made, tmp_path, listed=True)
    accept_two(folder)
    path = folder / "reviews.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    done: set[str] = set()
    for place, line in enumerate(lines):
        for each in mutations(json.loads(line), ReviewEvent.model_json_schema()):
            if each.field in done:
                continue
            done.add(each.field)
            new = [*lines]
            new[place] = json.dumps(each.changed, ensure_ascii=False)
            path.write_text("\n".join(new) + "\n", encoding="utf-8")
            assert noticed(folder), each.field
    assert len(done) > 15


# --- forgeries that passed ------------------------------------------------------------------


def changed_calls(folder: Path, **fields: Any) -> None:
    """The first verdict's reply turned round, with other fields of its call changed."""
    path = folder / "calls.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    call = next(x for x in lines if x["kind"] == "verdict" and x.get("reply", {}).get("text"))
    text = call["reply"]["text"]
    call["reply"]["text"] = re.sub(r'"(met|not_met|partially_met)"', '"met"', text)
    for each in lines:
        each.update(fields)
    path.write_text("".join(json.dumps(x, ensure_ascii=False) + "\n" for x in lines))


@pytest.mark.parametrize("fields", [{"source": "recording"}, {"server": "https://other.example"}])
def test_flipped_replies_called_a_recording_or_of_another_server_are_found(
    made: Path, tmp_path: Path, fields: dict[str, str]
) -> None:
    folder = copied(made, tmp_path)
    changed_calls(folder, **fields)
    assert noticed(folder)


def test_calls_that_are_gone_with_all_mention_of_them_are_missed(
    made: Path, tmp_path: Path
) -> None:
    folder = copied(made, tmp_path)
    (folder / "calls.jsonl").unlink()
    text = (folder / "comparison.json").read_text(encoding="utf-8")
    text = re.sub(r'"questions": \[[^\]]*\]', '"questions": []', text)
    (folder / "comparison.json").write_text(text, encoding="utf-8")
    (folder / "hashes.json").write_text(hashes_text(folder, text))
    render(folder)
    assert "calls-missing" in {each.code for each in check_folder(folder)}


def test_a_forged_registration_is_found(made: Path, tmp_path: Path) -> None:
    folder = copied(made, tmp_path)
    path = folder / "comparison.json"
    draft = json.loads(path.read_text(encoding="utf-8"))
    draft["rubric_registered"] = True
    draft["registration"] |= {
        "state": "before",
        "locked_at": "2026-01-01T00:00:00+00:00",
        "author": "Somebody",
        "lock_hash": "a" * 64,
        "commit": "b" * 40,
        "committed_at": "2026-01-01T00:00:00+00:00",
    }
    path.write_text(json.dumps(draft, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert noticed(folder)


def test_events_cut_off_at_the_end_are_missed(made: Path, tmp_path: Path) -> None:
    folder = copied(made, tmp_path, listed=True)
    accept_two(folder)
    render(folder)
    assert not [each for each in check_folder(folder) if each.severity != "note"]
    path = folder / "reviews.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), encoding="utf-8")
    render(folder)
    assert "review-not-as-made" in {each.code for each in check_folder(folder)}
    path.unlink()
    render(folder)
    assert "review-not-as-made" in {each.code for each in check_folder(folder)}


def print_table() -> Iterator[str]:
    """The fields that can be changed unnoticed, by what is at hand."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        made = make_folder(work / "made" / "outputs")
        draft = json.loads((made / "comparison.json").read_text(encoding="utf-8"))
        count = len(list(mutations(draft, Comparison.model_json_schema())))
        itself = unnoticed_in_draft(made, work / "itself")
        for what, found in (
            (f"of {count} fields of a draft by itself", itself),
            ("of these with its sources", unnoticed_in_draft(made, work / "s", SOURCES, itself)),
            ("fields of a call by itself", unnoticed_in_calls(made, work / "calls")),
        ):
            yield f"{len(found)} {what} pass unnoticed"
            yield from (f"  {field}" for field in sorted(found))


if __name__ == "__main__":
    for line in print_table():
        print(line)
