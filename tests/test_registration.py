"""Locking a rubric, changing it, signing it: with a real git repository and a real SSH key."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import EXAMPLES, RUBRICS, Grader, written
from grader.comparison.folder import read_draft
from grader.rubric.difference import word_by_word
from grader.rubric.registration import earliest

FOLDER = Path("outputs/pair")
Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """A repository in the test's folder, with a clock of its own."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)

    def run(*arguments: str, at: str | None = None) -> str:
        dates = {"GIT_COMMITTER_DATE": at, "GIT_AUTHOR_DATE": at} if at else {}
        ran = subprocess.run(
            ["git", *arguments],
            cwd=tmp_path,
            env=os.environ | dates,
            capture_output=True,
            text=True,
            check=True,
        )
        return ran.stdout.strip()

    run("init", "--quiet")
    run("config", "user.name", "Ada Example")
    run("config", "user.email", "ada@example.org")
    return run


@pytest.fixture
def rubric(tmp_path: Path) -> Path:
    path = tmp_path / "clinic.yaml"
    path.write_text((RUBRICS / "clinic-postmortem.yaml").read_text("utf-8"), "utf-8")
    return path


def treatment(tmp_path: Path, date: str | None) -> Path:
    values = json.loads((EXAMPLES / "p-clinic-postmortem-1.json").read_text("utf-8"))
    path = tmp_path / "treatment.json"
    path.write_text(json.dumps(values | {"date": date}), "utf-8")
    return path


def compare(grader: Grader, rubric: Path, treatment: Path, name: str = "pair") -> Any:
    control = EXAMPLES / "c-clinic-postmortem-1.json"
    ran = grader("compare", control, treatment, "--rubric", rubric, "--name", name)
    assert ran.code == 0, ran.err
    return read_draft(Path("outputs") / name)[0]


def lock(grader: Grader, rubric: Path, *options: str | Path) -> Any:
    ran = grader("rubric", "lock", rubric, *options, "--json")
    assert ran.code == 0, ran.err
    return ran.json


def test_locked_committed_and_read_later_counts_as_registered(
    grader: Grader, git: Git, rubric: Path, tmp_path: Path
) -> None:
    made = lock(grader, rubric, "--from", EXAMPLES / "c-clinic-postmortem-1.json")
    assert made["author"] == "Ada Example <ada@example.org>"
    assert made["derived_from"][0]["condition"] == "C"
    git("add", ".")
    git("commit", "--quiet", "-m", "Lock the rubric")
    draft = compare(grader, rubric, treatment(tmp_path, "2100-01-01"))
    assert draft.registration.state == "before"
    assert draft.rubric_registered is True
    assert draft.registration.commit == git("rev-parse", "HEAD")
    writeup = written(FOLDER)
    assert "It was locked before the treatment was read" in writeup
    assert "not locked" not in writeup.lower()


def test_lock_without_commit_is_told_to_rest_on_its_own_word(
    grader: Grader, rubric: Path, tmp_path: Path
) -> None:
    lock(grader, rubric, "--author", "Ada")
    draft = compare(grader, rubric, treatment(tmp_path, "2100-01-01"))
    assert draft.registration.state == "before"
    assert "no commit stands behind it" in written(FOLDER)


@pytest.mark.parametrize(
    ("date", "reason"),
    [
        ("2026-11-22", "the treatment is dated 2026-11-22"),
        (None, "it has no date"),
        ("some day in spring", "can't be read"),
    ],
)
def test_lock_that_is_not_shown_to_be_older_than_the_treatment_is_later(
    grader: Grader, rubric: Path, tmp_path: Path, date: str | None, reason: str
) -> None:
    # The lock carries the clock of this test, and so may be younger or older than that day.
    lock(grader, rubric, "--author", "Ada")
    path = rubric.with_suffix(".lock")
    registration = compare(grader, rubric, treatment(tmp_path, date)).registration
    assert path.exists()
    assert registration.state == "later"
    assert reason in registration.reason
    assert "nothing proves that its criteria" in written(FOLDER)


def test_commit_younger_than_the_treatment_outweighs_the_lock_s_own_date(
    grader: Grader, git: Git, rubric: Path, tmp_path: Path
) -> None:
    lock(grader, rubric)
    git("add", ".")
    git("commit", "--quiet", "-m", "Lock the rubric", at="2099-06-01T12:00:00+00:00")
    registration = compare(grader, rubric, treatment(tmp_path, "2099-01-01")).registration
    assert registration.state == "later"
    assert registration.committed_at.startswith("2099-06-01")


def test_treatment_read_before_the_lock_is_remembered(
    grader: Grader, rubric: Path, tmp_path: Path
) -> None:
    treated = treatment(tmp_path, "2100-01-01")
    assert compare(grader, rubric, treated, "first").registration.state == "never"
    lock(grader, rubric, "--author", "Ada")
    copy = tmp_path / "copy.json"
    copy.write_text(treated.read_text("utf-8").replace("{", "{ ", 1), "utf-8")
    registration = compare(grader, rubric, copy, "second").registration
    assert registration.state == "later"
    assert "grader had read the treatment before" in registration.reason


def test_lock_derived_from_the_treatment_is_refused(
    grader: Grader, rubric: Path, tmp_path: Path
) -> None:
    treated = treatment(tmp_path, "2100-01-01")
    ran = grader("rubric", "lock", rubric, "--author", "Ada", "--from", treated)
    assert ran.code == 2
    assert "this transcript has a preamble, so it is primed" in ran.err
    assert not rubric.with_suffix(".lock").exists()


@pytest.mark.parametrize("label", ["baseline", "plain", "X", None])
def test_control_may_bear_any_label(
    grader: Grader, rubric: Path, tmp_path: Path, label: str | None
) -> None:
    values = json.loads((EXAMPLES / "c-clinic-postmortem-1.json").read_text("utf-8"))
    control = tmp_path / "base.json"
    control.write_text(json.dumps(values | {"condition": label}), "utf-8")
    made = lock(grader, rubric, "--from", control, "--author", "Ada")
    assert made["derived_from"][0].get("condition") == label


def test_changed_criterion_is_a_deviation_shown_word_by_word(
    grader: Grader, git: Git, rubric: Path, tmp_path: Path
) -> None:
    lock(grader, rubric, "--judge", "openai/planned", "--depth", "deep")
    git("add", ".")
    git("commit", "--quiet", "-m", "Lock the rubric")
    old = "The follow-ups stand side by side with no order and no\n        price."
    text = rubric.read_text("utf-8")
    assert old in text
    rubric.write_text(text.replace(old, old.replace("no\n        price", "little\n        price")))
    ran = grader("rubric", "diff", rubric)
    assert ran.code == 1
    assert "criteria.chosen-and-priced.levels.not_met" in ran.out
    assert "[-no-] {+little+} price." in ran.out
    draft = compare(grader, rubric, treatment(tmp_path, "2100-01-01"))
    assert draft.registration.state == "changed"
    assert [c.place for c in draft.registration.deviations] == [
        "criteria.chosen-and-priced.levels.not_met"
    ]
    writeup = written(FOLDER)
    assert "has CHANGED since: 1 passage differs, all of which a judge sees" in writeup
    assert "{+little+}" in writeup.replace("\\", "")
    assert "The lock planned to ask openai/planned; asked was offline." in writeup


def test_note_for_people_can_change_and_is_told_as_such(grader: Grader, rubric: Path) -> None:
    lock(grader, rubric, "--author", "Ada")
    rubric.write_text(rubric.read_text("utf-8").replace("In the controls the patients", "There"))
    ran = grader("rubric", "diff", rubric, "--json")
    assert [(c["place"], c["judged"]) for c in ran.json["changes"]] == [
        ("criteria.harm-and-repair.why", False)
    ]


def test_unchanged_rubric_does_not_differ_from_its_lock(grader: Grader, rubric: Path) -> None:
    lock(grader, rubric, "--author", "Ada")
    ran = grader("rubric", "diff", rubric)
    assert (ran.code, ran.out.strip()) == (0, "No difference.")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "id"
    path.parent.mkdir()
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(path)]
    subprocess.run(command, check=True)
    return path


def test_signed_lock_names_its_signer(
    grader: Grader, rubric: Path, key: Path, tmp_path: Path
) -> None:
    lock(grader, rubric, "--author", "Ada", "--sign", key)
    public = key.with_suffix(".pub").read_text("utf-8").strip()
    treated = treatment(tmp_path, "2100-01-01")
    assert compare(grader, rubric, treated, "unknown").registration.signature == "not_checked"
    (tmp_path / "allowed_signers").write_text(f"ada@example.org {public}\n")
    registration = compare(grader, rubric, treated, "known").registration
    assert (registration.signature, registration.signer) == ("valid", "ada@example.org")
    writeup = written(Path("outputs/known"))
    assert "signed by ada@example.org" in writeup.replace("\\", "")


def test_signature_of_another_lock_is_not_valid(
    grader: Grader, rubric: Path, key: Path, tmp_path: Path
) -> None:
    lock(grader, rubric, "--author", "Ada", "--sign", key)
    public = key.with_suffix(".pub").read_text("utf-8").strip()
    (tmp_path / "allowed_signers").write_text(f"ada@example.org {public}\n")
    path = rubric.with_suffix(".lock")
    path.unlink()
    lock(grader, rubric, "--author", "Eve")
    registration = compare(grader, rubric, treatment(tmp_path, "2100-01-01")).registration
    assert registration.signature == "invalid"
    assert "signature" in written(tmp_path / FOLDER)


def test_key_that_is_missing_leaves_no_lock(grader: Grader, rubric: Path) -> None:
    ran = grader("rubric", "lock", rubric, "--author", "Ada", "--sign", "nowhere")
    assert ran.code == 2
    assert "no such key" in ran.err
    assert not rubric.with_suffix(".lock").exists()


def test_second_lock_is_refused(grader: Grader, rubric: Path) -> None:
    lock(grader, rubric, "--author", "Ada")
    before = rubric.with_suffix(".lock").read_bytes()
    ran = grader("rubric", "lock", rubric, "--author", "Ada")
    assert ran.code == 2
    assert "locked already" in ran.err
    assert rubric.with_suffix(".lock").read_bytes() == before


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("Ada", "Eve", 1),
        lambda text: text.replace("Exactly one", "At least one", 1),
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
    ],
    ids=["author", "criterion", "cut off", "no lock"],
)
def test_lock_changed_by_hand_is_refused(
    grader: Grader, rubric: Path, spoil: Callable[[str], str], tmp_path: Path
) -> None:
    lock(grader, rubric, "--author", "Ada")
    path = rubric.with_suffix(".lock")
    path.write_text(spoil(path.read_text("utf-8")), "utf-8")
    control = EXAMPLES / "c-clinic-postmortem-1.json"
    ran = grader("compare", control, treatment(tmp_path, "2100-01-01"), "--rubric", rubric)
    assert ran.code == 2
    assert "this lock" in ran.err
    assert "Restore it" in ran.err


def test_without_git_and_author_nobody_locks(
    grader: Grader, rubric: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", "/")
    ran = grader("rubric", "lock", rubric)
    assert ran.code == 2
    assert "--author" in ran.err


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2026-03-25", "2026-03-24T10:00:00+00:00"),
        ("2026-03-25 22:39", "2026-03-25T08:39:00+00:00"),
        ("March 25, 2026", "2026-03-24T10:00:00+00:00"),
        ("2026-03-25T22:39:00+02:00", "2026-03-25T20:39:00+00:00"),
        ("spring", None),
        (None, None),
    ],
)
def test_date_without_a_zone_may_lie_as_early_as_any_zone_allows(
    date: str | None, expected: str | None
) -> None:
    found = earliest(date)
    assert (found.isoformat() if found else None) == expected


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("a b c", "a b c", "a b c"),
        ("a b c", "a x c", "a [-b-] {+x+} c"),
        (None, "new", "{+new+}"),
        ("old", None, "[-old-]"),
        ("a b", "a b c", "a b {+c+}"),
    ],
)
def test_difference_is_shown_word_by_word(
    before: str | None, after: str | None, shown: str
) -> None:
    assert word_by_word(before, after) == shown
