"""Hostile and damaged input is refused with a message or contained; never a traceback."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import GraderError, InputError
from grader.transcripts import (
    Transcript,
    deliverable,
    measure,
    read_transcript,
    read_transcripts,
    transcript_files,
    write_markdown,
)
from grader.transcripts.preamble import without_preamble
from grader.transcripts.source import MAX_BYTES, MAX_LINES

ROOT = Path(__file__).parent
PAGES = [path for path in sorted((ROOT / "fixtures" / "pages").iterdir()) if path.is_file()]
EXAMPLES = sorted((ROOT.parent / "examples" / "transcripts").glob("*.json"))
SEEDS = [path.read_bytes() for path in [*PAGES, EXAMPLES[0]]]
CHAT = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}


def contained(path: Path) -> tuple[Transcript, ...]:
    """Read a file and all that is made of it; a refusal must say what and where."""
    try:
        transcripts = read_transcripts(path)
    except GraderError as error:
        assert error.problem
        assert str(path) in str(error)
        return ()
    for transcript in transcripts:
        measure([turn.text for turn in deliverable(transcript)])
        write_markdown(transcript)
    return transcripts


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile") / "file"


relaxed = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)


@relaxed
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    contained(file)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A kept file with pieces cut out, doubled, moved or overwritten."""
    data = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 400)))
        piece = draw(
            st.one_of(
                st.just(b""),
                st.just(data[start:end] * 2),
                st.binary(max_size=8),
                st.sampled_from(SEEDS).map(lambda other: other[:200]),
                st.sampled_from([b"\n", b"[HUMAN]", b"Transcript\n", b"Clean Context\n", b"```\n"]),
            )
        )
        data = data[:start] + piece + data[end:]
    return data


@relaxed
@given(data=damaged())
def test_damaged_pages_are_read_or_refused(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    for transcript in contained(file):
        for turn in transcript.turns:
            if turn.role == "human":
                assert without_preamble(turn.text, transcript.preamble)[1] is None


KEYS = re.findall(
    r"\w+",
    "messages role content type text conversations from value mapping message author parts parent "
    "current_node system chat_messages sender model turns schema_version provenance tool_calls "
    "function id condition preamble prompt metadata eval status version task name date attachments",
)
LABELS = (
    "User: a|Assistant: b|## User|## Assistant|**User:**|[HUMAN] a|[GPT] b|---|```|~~~||Analysis|"
    "## Analysis|condition: C|x: [|Round 1|Transcript|Topic: t|41. P-GPT-9|Clean Context|HUMAN|GPT|"
    "Findings not yet available.|C vs P — x|Active Models: gpt|\u202e|\x0c|\ufeff"
)

json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=20,
)


@relaxed
@given(value=json_values)
def test_any_json_is_read_or_refused(file: Path, value: Any) -> None:
    file.write_text(json.dumps(value), encoding="utf-8")
    contained(file)


messages = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant", "system", "tool"]), "content": json_values}
    ),
    max_size=4,
)
exports = st.one_of(
    st.fixed_dictionaries({"messages": messages, "model": json_values, "preamble": json_values}),
    st.fixed_dictionaries(
        {
            "mapping": st.dictionaries(
                st.sampled_from("abc"),
                st.fixed_dictionaries(
                    {
                        "parent": st.sampled_from(["a", "b", "c", None, 7]),
                        "message": st.one_of(
                            json_values,
                            st.fixed_dictionaries(
                                {
                                    "author": st.fixed_dictionaries(
                                        {"role": st.sampled_from(["user", "assistant", "x"])}
                                    ),
                                    "content": st.fixed_dictionaries({"parts": json_values}),
                                    "metadata": json_values,
                                    "create_time": json_values,
                                }
                            ),
                        ),
                    }
                ),
            ),
            "current_node": json_values,
        }
    ),
    st.fixed_dictionaries(
        {
            "chat_messages": st.lists(
                st.fixed_dictionaries(
                    {
                        "sender": st.sampled_from(["human", "assistant"]),
                        "content": json_values,
                        "attachments": json_values,
                    }
                ),
                max_size=3,
            ),
            "uuid": json_values,
            "created_at": json_values,
            "model": json_values,
        }
    ),
    st.fixed_dictionaries(
        {
            "conversations": st.lists(
                st.fixed_dictionaries(
                    {"from": st.sampled_from(["human", "gpt"]), "value": json_values}
                ),
                max_size=3,
            )
        }
    ),
)


@relaxed
@given(value=st.one_of(exports, st.lists(exports, max_size=3)))
def test_odd_chat_exports_are_read_or_refused(file: Path, value: Any) -> None:
    file.write_text(json.dumps(value), encoding="utf-8")
    contained(file)


labels = st.sampled_from(LABELS.split("|"))


@relaxed
@given(lines=st.lists(st.one_of(labels, st.text(max_size=20)), max_size=25))
def test_any_order_of_labels_is_read_or_refused(file: Path, lines: list[str]) -> None:
    file.write_text("\n".join(lines), encoding="utf-8")
    contained(file)


@pytest.mark.parametrize(
    "encode",
    [
        pytest.param(lambda text: text.encode("utf-8-sig"), id="byte order mark"),
        pytest.param(lambda text: text.encode("utf-16"), id="UTF-16"),
        pytest.param(lambda text: b"\xfe\xff" + text.encode("utf-16-be"), id="UTF-16, big end"),
        pytest.param(lambda text: text.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(lambda text: text.replace("\n", "\r").encode(), id="CR"),
    ],
)
@pytest.mark.parametrize("page", [PAGES[4], EXAMPLES[0]], ids=lambda page: page.name)
def test_the_same_text_in_other_spellings_gives_the_same_turns(
    tmp_path: Path, page: Path, encode: Any
) -> None:
    path = tmp_path / "file"
    path.write_bytes(encode(page.read_text(encoding="utf-8")))
    assert read_transcript(path).turns == read_transcript(page).turns


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param("User: café\n".encode("latin-1"), "not UTF-8 text: byte 9", id="Latin-1"),
        pytest.param("User: a\n".encode("utf-16-le"), "NUL bytes", id="UTF-16 without a mark"),
        pytest.param(b"User: a\x00b\n\nAssistant: c\n", "NUL bytes", id="NUL"),
        pytest.param(b"\xff\xfe\x00\xd8a", "marked as UTF-16", id="damaged UTF-16"),
        pytest.param(b"a" * (MAX_BYTES + 1), "at most 32,000,000", id="too large"),
        pytest.param(b"\n" * (MAX_LINES + 1) + b"x", "100,000 are read", id="too many lines"),
        pytest.param(b"[" + b"[]," * 1_000_001 + b"0]", "2,000,000 are read", id="many values"),
        pytest.param(b'{"a":' * 200 + b"1" + b"}" * 200, "nested deeper", id="nested"),
        pytest.param(b"[" * 1_000_000, "nested deeper|not valid JSON", id="never closed"),
        pytest.param(b'{"a": ' + b"9" * 5000 + b"}", "not valid JSON", id="a huge number"),
    ],
)
def test_what_cannot_be_a_transcript_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(InputError, match=message):
        read_transcript(path)


def test_ten_thousand_turns_are_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    lines = (PAGES[4].read_text(encoding="utf-8")).split("\n")
    assert PAGES[4].name == "layout-a.txt"
    turns = [
        f"[{'HUMAN' if number % 2 else 'GPT-5.4'}] 2026-04-02 10:00:00 turn {number}\n"
        for number in range(1, 10_001)
    ]
    path.write_text("\n".join([*lines[:42], *turns, *lines[77:]]), encoding="utf-8")
    transcript = read_transcript(path)
    assert len(transcript.turns) == 10_000
    assert transcript.turns[-1].text == "turn 10000"


@pytest.mark.parametrize(
    ("character", "what"),
    [
        ("\u202e", "reverse text direction"),
        ("\u200b", "take no room"),
        ("\x1b", "control characters"),
    ],
)
def test_hidden_characters_are_kept_and_told(tmp_path: Path, character: str, what: str) -> None:
    path = tmp_path / "file"
    value = {"messages": [CHAT["messages"][0], {"role": "assistant", "content": f"b{character}c"}]}
    path.write_text(json.dumps(value))
    transcript = read_transcript(path)
    assert transcript.turns[1].text == f"b{character}c"
    (warning,) = transcript.warnings
    assert warning.code == "hidden_characters"
    assert what in warning.message


def archive(*members: tuple[str, bytes], packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", packed) as file:
        for name, content in members:
            file.writestr(name, content)
    return data.getvalue()


def test_a_zip_bomb_posing_as_a_log_is_refused_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.eval"
    path.write_bytes(archive(("header.json", b" " * 40_000_000)))
    with pytest.raises(InputError, match="unpacks into a member of more than 32,000,000 bytes"):
        read_transcript(path)


def test_a_zip_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.eval"
    data = bytearray(archive(("header.json", b" " * 9_000_000)))
    real, small = (9_000_000).to_bytes(4, "little"), (9_000).to_bytes(4, "little")
    assert data.count(real) == 2
    path.write_bytes(bytes(data.replace(real, small)))
    with pytest.raises(InputError, match="does not have the size that the archive states"):
        read_transcript(path)


def test_a_zip_archive_that_is_no_log_is_named(tmp_path: Path) -> None:
    path = tmp_path / "file.eval"
    path.write_bytes(archive(("word/document.xml", b"x")))
    with pytest.raises(InputError, match="seems to be a zip archive"):
        read_transcript(path)


def test_symbolic_links_out_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    folder, secret = tmp_path / "runs", tmp_path / "secret.json"
    folder.mkdir()
    secret.write_text(json.dumps(CHAT))
    (folder / "a.json").write_text(json.dumps(CHAT))
    (folder / "b.json").symlink_to(folder / "a.json")
    assert [path.name for path in transcript_files(folder)] == ["a.json", "b.json"]
    (folder / "c.json").symlink_to(secret)
    with pytest.raises(InputError, match=r"c\.json: a symbolic link out of its folder"):
        transcript_files(folder)


def test_a_file_of_facts_outside_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder, secret = tmp_path / "runs", tmp_path / "secret.yaml"
    folder.mkdir()
    secret.write_text("condition: C\n")
    (folder / "a.json").write_text(json.dumps(CHAT))
    (folder / "a.meta.yaml").symlink_to(secret)
    with pytest.raises(InputError, match="symbolic link out of its folder"):
        read_transcript(folder / "a.json")


def test_two_files_of_facts_are_one_too_many(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(CHAT))
    (tmp_path / "a.meta.yaml").write_text("condition: C\n")
    (tmp_path / "a.meta.json").write_text("{}")
    with pytest.raises(InputError, match="two files of facts"):
        read_transcript(tmp_path / "a.json")
