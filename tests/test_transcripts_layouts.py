"""Every layout of archive pages: the kept page and the record it must give, whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import InputError
from grader.transcripts import (
    deliverable,
    how_chosen,
    read_transcript,
    read_transcripts,
    with_task_prompt,
)

PAGES = Path(__file__).parent / "fixtures" / "pages"
ALL = sorted(path for path in PAGES.iterdir() if path.is_file())


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.name)
def test_each_layout_gives_its_expected_record(page: Path) -> None:
    assert read_transcripts(page) == read_transcripts(PAGES / "expected" / f"{page.name}.json")


def test_without_blank_lines_the_essay_is_still_no_part_of_the_last_turn() -> None:
    transcript = read_transcript(PAGES / "layout-b.txt")
    assert transcript.turns[-1].text.endswith("during this necessary work.")
    (warning,) = transcript.warnings
    assert (warning.code, warning.line) == ("end_uncertain", 25)
    assert "A Notice Without Neighbours" in warning.message


def test_a_doubtful_stretch_is_kept_told_and_not_judged() -> None:
    transcript = read_transcript(PAGES / "layout-b-unmarked.txt")
    assert [part.kind for part in transcript.published] == ["doubtful", "analysis"]
    assert transcript.published[0].text.startswith("Two Sentences and a Door")
    assert "short in a way" not in "".join(turn.text for turn in deliverable(transcript))


def test_the_user_settles_a_doubtful_end() -> None:
    transcript = read_transcript(PAGES / "layout-b-unmarked.txt", ends_at=20)
    assert "Two Sentences and a Door" in transcript.turns[-1].text
    assert "end_uncertain" not in [warning.code for warning in transcript.warnings]


def test_in_a_facilitated_session_the_opening_is_not_judged() -> None:
    transcript = read_transcript(PAGES / "several-models.txt")
    assert transcript.task_turn == 5
    assert [turn.number for turn in deliverable(transcript)] == [6, 7, 8, 10]
    assert "task_turn_guessed" in [warning.code for warning in transcript.warnings]
    assert how_chosen(transcript) == (
        "Turns 6-8, 10 are judged: the model's, from the task prompt in turn 5 on; 3 before it "
        "are not judged."
    )


def test_the_prompt_of_the_other_side_settles_the_task_of_a_facilitated_session() -> None:
    control = read_transcript(PAGES / "layout-b.txt")
    assert control.task_prompt is not None
    treatment = with_task_prompt(read_transcript(PAGES / "several-models.txt"), control.task_prompt)
    assert treatment.task_prompt == control.task_prompt
    assert treatment.task_turn == 5
    assert treatment.warnings == ()


def test_several_models_are_all_named() -> None:
    transcript = read_transcript(PAGES / "several-models.txt")
    assert [(model.name, model.version, model.provider) for model in transcript.models] == [
        ("Claude", "claude-opus-4", "Anthropic"),
        ("GPT", "gpt-5.4", "OpenAI"),
        ("Gemini", "gemini-2.5-pro", "Google"),
    ]
    assert transcript.provenance.flags == {"shared-restraint": 3, "named-person": 2}


@pytest.mark.parametrize("name", ["human-turn-only.txt", "analysis-only.txt"])
def test_a_page_without_the_models_turn_is_read_but_never_compared(name: str) -> None:
    (transcript,) = read_transcripts(PAGES / name)
    assert deliverable(transcript) == ()
    with pytest.raises(InputError, match="the transcript is empty"):
        read_transcript(PAGES / name)


def test_html_and_text_of_one_page_give_the_same_words() -> None:
    transcript = read_transcript(PAGES / "layout-a.html")
    assert transcript.turns[0].text == (
        "Write a note to the neighbours about the loud & early works on Monday."
    )
    assert transcript.turns[1].text.split("\n") == [
        "Monday, from seven",
        "",
        "Dear neighbours, on Monday the drills start at seven.",
        "",
        "  • Coffee is ready at ours from half past six.",
        "  • Quiet is back by noon.",
        "",
        "07:00  drills",
        "12:00  quiet",
        "",
        "  1. Ring if it's too much.",
        "  2. [name], ground floor",
    ]


@pytest.mark.parametrize("name", ["layout-a.txt", "layout-b.txt", "older-rounds.txt"])
def test_a_copy_cut_off_anywhere_puts_nothing_but_turns_into_turns(name: str) -> None:
    lines = (PAGES / name).read_text(encoding="utf-8").split("\n")
    whole = read_transcript(PAGES / name)
    said = "\n".join(turn.text for turn in whole.turns)
    copy = Path(name)
    from grader.archive.readers.page import read
    from grader.transcripts.source import Source

    for end in range(5, len(lines)):
        (transcript,) = read(Source(copy, "\n".join(lines[:end]).encode()), None)
        for turn in transcript.turns:
            assert turn.text.strip() in said or _only_a_title_more(turn.text, said)


def _only_a_title_more(text: str, said: str) -> bool:
    """A copy cut directly below an essay's title can't tell it from a line of the turn."""
    return text.rpartition("\n")[0].strip() in said


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        pytest.param("[GPT-5.4] 2026-04-01 18:00:00 I go on.", False, id="a turn of the model"),
        pytest.param("[NARRATOR] 2026-04-01 18:00:00 Meanwhile", True, id="an unknown speaker"),
        pytest.param("[HUMAN] without a time", True, id="a tag without its time"),
        pytest.param("[Insert name]", True, id="a placeholder"),
        pytest.param("GPT", True, id="a bare name"),
    ],
)
def test_only_a_known_speaker_opens_a_turn(tmp_path: Path, line: str, kept: bool) -> None:
    page = tmp_path / "page.txt"
    text = (PAGES / "layout-b.txt").read_text(encoding="utf-8")
    page.write_text(text.replace("What you can do:", f"{line}\nWhat you can do:"), "utf-8")
    transcript = read_transcript(page)
    assert (line in transcript.turns[1].text) is kept
    assert len(transcript.turns) == (2 if kept else 3)
    if kept and "2026" in line:
        assert "unknown_speaker" in [warning.code for warning in transcript.warnings]


def test_turns_quoted_in_an_analysis_are_no_turns(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    text = (PAGES / "layout-a.txt").read_text(encoding="utf-8")
    quoted = "What Changed from C\n\n[GPT-5.4] 2026-04-02 09:14:40 Notice: No Lift\n\n"
    page.write_text(text.replace("What Changed from C\n\n", quoted), "utf-8")
    transcript = read_transcript(page)
    assert [turn.text for turn in transcript.turns] == [
        turn.text for turn in read_transcript(PAGES / "layout-a.txt").turns
    ]
    assert "turns_after_end" in [warning.code for warning in transcript.warnings]


def test_a_session_named_inside_the_last_turn_makes_its_end_doubtful(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    text = (PAGES / "layout-a.txt").read_text(encoding="utf-8")
    page.write_text(
        text.replace("Do you have a question", "As C-GPT-9 shows, do you have a question"), "utf-8"
    )
    transcript = read_transcript(page)
    assert transcript.published[0].kind == "doubtful"
    assert "C-GPT-9" not in "".join(turn.text for turn in transcript.turns)
    assert "end_uncertain" in [warning.code for warning in transcript.warnings]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param("April 2, 2026", "May 2, 2026", "date_differs", id="date"),
        pytest.param("09:14:40", "09:13:40", "times_out_of_order", id="times"),
        pytest.param("41. P-GPT-9", "41. P-Gemini-9", "model_differs", id="model"),
        pytest.param("codex0.720,0000.95", "codex0.981920.95", "row_unread", id="glued numbers"),
    ],
)
def test_more_contradictions_are_told(tmp_path: Path, old: str, new: str, code: str) -> None:
    page = tmp_path / "page.txt"
    text = (PAGES / "layout-a.txt").read_text(encoding="utf-8")
    assert old in text
    page.write_text(text.replace(old, new), "utf-8")
    assert code in [warning.code for warning in read_transcript(page).warnings]


def test_a_topic_may_hold_lines_that_look_like_fields(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    text = (PAGES / "layout-a.txt").read_text(encoding="utf-8")
    page.write_text(text.replace("pinned up today.\n\nDate:", "pinned up.\nDate: soon\n\nDate:"))
    transcript = read_transcript(page)
    assert (transcript.provenance.topic or "").endswith("pinned up.\nDate: soon")
    assert transcript.date == "2026-04-02 09:15"


def test_a_deliverable_with_the_footers_words_is_not_cut_there(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    text = (PAGES / "layout-a.txt").read_text(encoding="utf-8")
    words = "Models\n\nContained\n\nDocumentation: none\n\nWhat comes next"
    page.write_text(text.replace("What comes next", words, 1), "utf-8")
    assert words in read_transcript(page).turns[1].text


OLDER = """\
The Hour Between
Not certified as clean context
None — open session
The Hour Between
AI Council | April 02, 2026 | Conversation Mode Models: Claude (claude-x-1, Anthropic) / Gemini \
(gemini-x, Google DeepMind) / GPT (gpt-x, OpenAI) Facilitator: the caretaker Rounds: 2 | ~40 words \
| Unedited transcript
Three models about a lift.
Round 1
HUMAN
What would you tell the tenants?
GEMINI
That the stairs are lit.
CLAUDE
That nobody is forgotten.
GPT
When it ends.
Round 2
HUMAN
And the day after?
GPT
That it works again.
"""


def test_an_older_page_with_several_models_is_a_session_without_a_condition(
    tmp_path: Path,
) -> None:
    page = tmp_path / "page.txt"
    page.write_text(OLDER)
    transcript = read_transcript(page)
    assert transcript.provenance.format == "archive-page"
    assert [(turn.role, turn.speaker) for turn in transcript.turns] == [
        ("human", "HUMAN"),
        ("model", "GEMINI"),
        ("model", "CLAUDE"),
        ("model", "GPT"),
        ("human", "HUMAN"),
        ("model", "GPT"),
    ]
    assert [(m.name, m.version, m.provider) for m in transcript.models] == [
        ("Claude", "claude-x-1", "Anthropic"),
        ("Gemini", "gemini-x", "Google DeepMind"),
        ("GPT", "gpt-x", "OpenAI"),
    ]
    assert transcript.condition is None
    assert transcript.date == "April 02, 2026"
    assert transcript.provenance.rounds == 2
    assert transcript.provenance.clean_context == "Not certified as clean context"
    assert "rounds_differ" not in [warning.code for warning in transcript.warnings]


def test_a_text_with_rounds_and_no_speakers_is_no_older_page(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text("A tournament\nRound 1\nGPT\n4 points\nRound 2\nlate\n")
    with pytest.raises(InputError):
        read_transcript(page)
