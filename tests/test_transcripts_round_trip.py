"""A transcript written as JSON or Markdown comes back whole, whatever it holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import InputError, RecordError
from grader.transcripts import (
    ModelInfo,
    Provenance,
    PublishedPart,
    ReadingWarning,
    ToolCall,
    Transcript,
    Turn,
    choose_turns,
    deliverable,
    read_transcript,
    read_transcripts,
    write_json,
    write_markdown,
)

PAGES = Path(__file__).parent / "fixtures" / "pages"
EXAMPLES = Path(__file__).parents[1] / "examples" / "transcripts"

# Lines that the Markdown form uses itself, and characters that files and YAML treat specially.
own_lines = st.sampled_from(
    [
        "## Turn 2: HUMAN",
        "\\## Turn 2: HUMAN",
        "\\\\## Preamble",
        "## Published: analysis, x",
        "## Task prompt",
        '<!-- {"role": "human"} -->',
        "---",
        'grader: "transcript"',
        "",
        " ",
        "```",
        "a\r\nb",
        "\r",
        "\x00",
        "\ufeff",
        "\u2028\u0085",
        "-->",
        "\u202e",
    ]
)
texts = st.one_of(st.text(max_size=40), st.lists(own_lines, max_size=5).map("\n".join))
maybe = st.one_of(st.none(), texts)
numbers = st.one_of(st.none(), st.integers(0, 10**6))
models = st.builds(
    ModelInfo,
    name=maybe,
    version=maybe,
    temperature=st.one_of(st.none(), st.floats(0, 2)),
    max_tokens=numbers,
)
turns = st.lists(
    st.builds(
        Turn,
        number=st.just(1),
        role=st.sampled_from(["human", "model", "tool"]),
        speaker=texts,
        text=texts,
        time=maybe,
        line=numbers,
        calls=st.lists(st.builds(ToolCall, name=texts, arguments=texts), max_size=1).map(tuple),
    ),
    max_size=4,
).map(lambda found: tuple(turn.model_copy(update={"number": n}) for n, turn in enumerate(found, 1)))
transcripts = st.builds(
    Transcript,
    id=texts,
    condition=maybe,
    replicate=numbers,
    model=models,
    models=st.lists(models, max_size=2).map(tuple),
    system_prompt=maybe,
    preamble=maybe,
    task_prompt=maybe,
    task_turn=st.one_of(st.none(), st.integers(1, 4)),
    judged=st.one_of(st.none(), st.just((2,))),
    turns=turns,
    published=st.lists(
        st.builds(
            PublishedPart,
            kind=st.sampled_from(["analysis", "doubtful", "footer"]),
            title=texts,
            text=texts,
            first_line=st.integers(1, 9),
            last_line=st.integers(1, 9),
            part_of=maybe,
        ),
        max_size=2,
    ).map(tuple),
    warnings=st.lists(
        st.builds(ReadingWarning, code=texts, message=texts, line=numbers), max_size=2
    ).map(tuple),
    provenance=st.builds(
        Provenance,
        source=texts,
        format=texts,
        sha256=texts,
        topic=maybe,
        stated=st.dictionaries(texts, texts, max_size=2),
        flags=st.dictionaries(texts, st.integers(), max_size=2),
    ),
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("round-trip") / "file"


relaxed = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@relaxed
@given(transcript=transcripts)
def test_any_transcript_survives_json(file: Path, transcript: Transcript) -> None:
    file.write_text(write_json(transcript), encoding="utf-8", newline="")
    assert read_transcripts(file) == (transcript,)


@relaxed
@given(transcript=transcripts)
def test_any_transcript_survives_markdown(file: Path, transcript: Transcript) -> None:
    file.write_text(write_markdown(transcript), encoding="utf-8", newline="")
    assert read_transcripts(file) == (transcript,)


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.*")), ids=lambda page: page.name)
def test_every_page_survives_both_forms(tmp_path: Path, page: Path) -> None:
    (transcript,) = read_transcripts(page)
    for name, text in (("a", write_json(transcript)), ("b", write_markdown(transcript))):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert read_transcripts(tmp_path / name) == (transcript,)


def test_the_markdown_form_can_be_read_by_people(tmp_path: Path) -> None:
    transcript = choose_turns(read_transcript(PAGES / "layout-a.txt"), "2")
    text = write_markdown(transcript)
    assert text.startswith('---\ngrader: "transcript"\nschema_version: 1\nid: "p-gpt-9"\n')
    assert 'condition: "P"' in text
    assert "\n## Turn 2: GPT-5.4 (2026-04-02 09:14:40)\n" in text
    assert f"\n\n{transcript.turns[1].text}\n" in text
    assert "\n## Published: analysis, What Changed from C\n" in text


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("schema_version: 1", "schema_version: 2", "version 2; this program reads version 1"),
        ('condition: "P"', "condition: P", "file.md:5: not valid JSON"),
        ('condition: "P"', "condition", "file.md:5: a field with a JSON value was expected"),
        ('<!-- {"number": 1', 'x<!-- {"number": 1', "comment below this heading is missing"),
        ('"role": "human"', '"role": "narrator"', r"turns\[1\]\.role"),
        ("\n---\n\n#", "\n\n#", "a field with a JSON value was expected"),
    ],
)
def test_a_markdown_form_changed_by_hand_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    text = write_markdown(read_transcript(PAGES / "layout-a.txt"))
    assert old in text
    path = tmp_path / "file.md"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_transcript(path)


def test_a_json_form_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    text = write_json(read_transcript(PAGES / "layout-a.txt"))
    path.write_text(text.replace('"schema_version": 1', '"schema_version": 2'), encoding="utf-8")
    with pytest.raises(RecordError, match="version 2"):
        read_transcript(path)
    path.write_text(text.replace('"speaker"', '"spoken_by"'), encoding="utf-8")
    with pytest.raises(RecordError, match=r"not a whole transcript record: turns\[1\]"):
        read_transcript(path)


@pytest.mark.parametrize("form", ["json", "md"])
def test_a_record_whose_turns_share_a_number_is_refused(tmp_path: Path, form: str) -> None:
    transcript = read_transcript(EXAMPLES / "c-library-memo-1.json")
    twice = tuple(turn.model_copy(update={"number": 1}) for turn in transcript.turns)
    write = write_json if form == "json" else write_markdown
    path = tmp_path / f"record.{form}"
    path.write_text(write(transcript.model_copy(update={"turns": twice})))
    with pytest.raises(RecordError, match="two of them bear the same number"):
        read_transcript(path)


@pytest.mark.parametrize("form", ["json", "md"])
def test_a_record_can_have_no_turn_but_the_models_judged(tmp_path: Path, form: str) -> None:
    transcript = read_transcript(EXAMPLES / "c-library-memo-1.json")
    write = write_json if form == "json" else write_markdown
    path = tmp_path / f"record.{form}"
    path.write_text(write(transcript.model_copy(update={"judged": (1,)})))
    assert deliverable(read_transcript(path)) == ()
