"""Archive pages: what was said, what was written about it, and everything the page states."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import InputError
from grader.transcripts import deliverable, read_transcript

PAGES = Path(__file__).parent / "fixtures" / "pages"
LAYOUT_A = PAGES / "layout-a.txt"


def test_a_whole_page_is_read_with_all_it_states() -> None:
    transcript = read_transcript(LAYOUT_A)
    assert (transcript.id, transcript.condition, transcript.task) == ("p-gpt-9", "P", "9")
    assert transcript.model.model_dump() == {
        "name": "GPT",
        "version": "gpt-5.4",
        "provider": "OpenAI",
        "temperature": 0.7,
        "top_p": 0.95,
        "max_tokens": 20000,
    }
    assert transcript.date == "2026-04-02 09:15"
    assert transcript.system_prompt == "You are codex, next to a human colleague.\nAnswer plainly."
    assert transcript.preamble == (
        "Nobody grades what you write here.\nYou may be unsure, and you may say so."
    )
    stated = transcript.provenance
    assert (stated.session_number, stated.session_code) == (41, "P-GPT-9")
    assert (stated.session_type, stated.status) == ("Comparison", "complete")
    assert (stated.rounds, stated.stated_words) == (1, 195)
    assert (stated.mode, stated.context_mode) == ("Conversation", "primed")
    assert stated.active_models == ("codex",)
    assert stated.clean_context == "Certified"
    assert stated.note == "Archived by a script from the running session."
    assert stated.topic == transcript.task_prompt
    assert stated.stated == {
        "Title": "P-GPT-9",
        "Header date": "April 2, 2026",
        "Header models": "GPT",
        "Prior Transcripts": "None",
        "Mid-Session Injections": "None",
        "Documentation": "verbatim",
        "Separation Log: Contained": "No documents",
        "Separation Log: Did Not Contain": "Earlier sessions\nThe study's hypotheses",
        "Clean Context Certification": "Clean context certified.\n"
        "Models received only the system prompt and the topic.",
        "Facilitator Protocol": "View Facilitator Protocol",
        "Disclosure Protocol": "v2 delayed",
    }


def test_turns_have_speaker_time_line_and_their_whole_text() -> None:
    human, model = read_transcript(LAYOUT_A).turns
    assert (human.role, human.speaker, human.time, human.line) == (
        "human",
        "HUMAN",
        "2026-04-02 09:14:02",
        43,
    )
    assert (model.role, model.speaker, model.time, model.line) == (
        "model",
        "GPT-5.4",
        "2026-04-02 09:14:40",
        46,
    )
    assert model.text.startswith("Notice: No Lift for Nine Days\n\nBuilding: [Insert address]")
    assert model.text.endswith("a shorter version for the front door.")


def test_brackets_in_a_body_open_no_turn() -> None:
    transcript = read_transcript(LAYOUT_A)
    assert len(transcript.turns) == 2
    assert "  [Next working day] the fitter starts." in transcript.turns[1].text


def test_the_task_alone_is_the_prompt_and_the_models_turn_is_judged() -> None:
    transcript = read_transcript(LAYOUT_A)
    assert transcript.task_turn == 1
    assert transcript.task_prompt == transcript.turns[0].text
    assert [turn.number for turn in deliverable(transcript)] == [2]


def test_what_was_written_about_the_session_is_kept_apart_part_by_part() -> None:
    parts = read_transcript(LAYOUT_A).published
    assert [(part.kind, part.title, part.part_of) for part in parts] == [
        ("findings", "Findings", None),
        ("analysis", "A Notice That Knocks First", None),
        ("analysis", "What Changed from C", "A Notice That Knocks First"),
        ("analysis", "What Did Not Change from C", "A Notice That Knocks First"),
        ("comparison", "C vs P — Preamble Effect", None),
        ("comparison", "One Promise More", None),
        ("comparison", "Pre-Specified Criteria Assessment", "One Promise More"),
        ("footer", "Footer", None),
    ]
    lines = LAYOUT_A.read_text(encoding="utf-8").split("\n")
    for part in parts:
        assert part.title in lines[part.first_line - 1] or part.kind == "footer"
    assert parts[-2].text.endswith("The scorecard: one of two met.")


def test_no_line_of_the_page_is_lost_between_turns_and_published_parts() -> None:
    transcript = read_transcript(LAYOUT_A)
    lines = LAYOUT_A.read_text(encoding="utf-8").split("\n")
    kept = "\n".join(
        [turn.text for turn in transcript.turns]
        + [f"{part.title}\n{part.text}" for part in transcript.published]
    )
    for line in lines[47:]:
        assert line.strip() in kept


def test_a_certification_that_leaves_no_room_for_the_preamble_is_a_warning() -> None:
    codes = [warning.code for warning in read_transcript(LAYOUT_A).warnings]
    assert "certification_differs" in codes


def altered(tmp_path: Path, old: str, new: str) -> Path:
    page = tmp_path / "page.txt"
    text = LAYOUT_A.read_text(encoding="utf-8")
    assert old in text
    page.write_text(text.replace(old, new), encoding="utf-8")
    return page


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param(
            "Primed preamble:\n\nNobody grades what you write here.\n"
            "You may be unsure, and you may say so.",
            "None",
            "preamble_missing",
            id="code P without a preamble",
        ),
        pytest.param("41. P-GPT-9", "41. C-GPT-9", "preamble_unexpected", id="code C with one"),
        pytest.param(
            "Context Mode: primed", "Context Mode: clean", "context_mode_differs", id="mode"
        ),
        pytest.param("Words: 195", "Words: 1195", "words_differ", id="words"),
        pytest.param("Rounds: 1Words", "Rounds: 3Words", "rounds_differ", id="rounds"),
    ],
)
def test_statements_that_contradict_one_another_are_warnings(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    before = {warning.code for warning in read_transcript(LAYOUT_A).warnings}
    after = {warning.code for warning in read_transcript(altered(tmp_path, old, new)).warnings}
    assert code in after - before


def test_the_user_settles_where_the_transcript_ends() -> None:
    transcript = read_transcript(LAYOUT_A, ends_at=53)
    assert transcript.turns[-1].text.endswith("What happens")
    with pytest.raises(InputError, match="can't end at line 3"):
        read_transcript(LAYOUT_A, ends_at=3)


def test_a_page_without_its_transcript_is_no_transcript_to_compare(tmp_path: Path) -> None:
    text = LAYOUT_A.read_text(encoding="utf-8")
    start, end = text.index("[HUMAN]"), text.index("Findings not yet")
    page = tmp_path / "page.txt"
    page.write_text(text[:start] + "Transcript not yet available.\n\n" + text[end:], "utf-8")
    with pytest.raises(InputError, match="transcript is empty"):
        read_transcript(page)
