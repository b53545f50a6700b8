"""Readers of installed packages, folders of transcripts, and measures that a study names."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from grader.errors import InputError
from grader.transcripts import (
    NamedMeasure,
    all_readers,
    measure_named,
    read_transcript,
    repeated_names,
    transcript_files,
)

ROOT = Path(__file__).parent
PLUGIN = """
from grader.transcripts import Provenance, Reader, Transcript, Turn

def recognises(source):
    return source.text.startswith("@chat")

def read(source, ends_at):
    turns = [
        Turn(number=n, role="human" if line[0] == "?" else "model", speaker=line[0], text=line[1:])
        for n, line in enumerate(source.lines[1:], 1)
    ]
    return (
        Transcript(
            id="from-plugin",
            turns=tuple(turns),
            provenance=Provenance(source=source.name, format="chat", sha256=source.sha256),
        ),
    )

READER = Reader(name="chat", about="a test", recognises=recognises, read=read)
BROKEN = Reader(name="broken", about="a test", recognises=lambda s: True, read=lambda s, e: 1 / 0)
BLIND = Reader(name="blind", about="a test", recognises=lambda s: 1 / 0, read=read)
TAKEN = Reader(name="markdown", about="a test", recognises=recognises, read=read)
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the import path in which a package can be installed."""
    monkeypatch.syspath_prepend(tmp_path)
    all_readers.cache_clear()
    yield tmp_path
    all_readers.cache_clear()
    sys.modules.pop("chat_plugin", None)


def install(site: Path, *names: str) -> None:
    (site / "chat_plugin.py").write_text(PLUGIN)
    about = site / "chat_plugin-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: chat-plugin\nVersion: 1.0\n")
    lines = "".join(f"{name.lower()} = chat_plugin:{name}\n" for name in names)
    (about / "entry_points.txt").write_text(f"[grader.readers]\n{lines}")


def test_an_installed_package_adds_a_reader(site: Path) -> None:
    install(site, "READER")
    (site / "file").write_text("@chat\n?Write.\n!Done.")
    transcript = read_transcript(site / "file")
    assert (transcript.id, transcript.turns[1].text) == ("from-plugin", "Done.")


@pytest.mark.parametrize("name", ["BROKEN", "BLIND"])
def test_a_reader_that_fails_is_named(site: Path, name: str) -> None:
    install(site, name)
    (site / "file").write_text("x")
    with pytest.raises(InputError, match=f"the reader '{name.lower()}' failed: ZeroDivisionError"):
        read_transcript(site / "file")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("TAKEN", "no Reader with a name of its own"),
        ("recognises", "no Reader with a name of its own"),
        ("MISSING", "can't be loaded"),
    ],
)
def test_a_reader_that_cannot_be_used_is_named(site: Path, name: str, message: str) -> None:
    install(site, name)
    (site / "file").write_text("x")
    with pytest.raises(InputError, match=message):
        read_transcript(site / "file")


def test_a_format_can_be_forced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("# A title\n\nUser: a\n\nAssistant: ## Human\nb\n")
    assert read_transcript(path, format="plain-text").turns[1].text == "## Human\nb"
    with pytest.raises(InputError):
        read_transcript(path, format="archive-page")


@pytest.mark.parametrize("name", [reader.name for reader in all_readers()])
def test_every_reader_refuses_a_file_of_another_kind_with_a_message(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / "file"
    for content in (b"nothing of the kind", b"{}", b"[]", b"7", b"PK\x03\x04", b"---\n---\n", b"<"):
        path.write_bytes(content)
        with pytest.raises(InputError):
            read_transcript(path, format=name)


def test_a_folder_lists_what_may_be_a_transcript(tmp_path: Path) -> None:
    for name in ("b.json", "a.TXT", "c.meta.yaml", ".d.json", "e.py", "f.eval", "c.md"):
        (tmp_path / name).write_text("x")
    (tmp_path / "g.json").mkdir()
    names = [path.name for path in transcript_files(tmp_path)]
    assert names == ["a.TXT", "b.json", "c.md", "f.eval"]
    with pytest.raises(InputError, match="holds no transcript"):
        transcript_files(tmp_path / "g.json")
    with pytest.raises(InputError, match="no such folder"):
        transcript_files(tmp_path / "h")


def test_codes_and_numbers_used_twice_are_found() -> None:
    page = read_transcript(ROOT / "fixtures" / "pages" / "layout-a.txt")
    other = page.model_copy(
        update={"provenance": page.provenance.model_copy(update={"source": "other.txt"})}
    )
    assert repeated_names([page]) == ()
    assert repeated_names([page, other]) == (
        "the id 'p-gpt-9' is used 2 times: layout-a.txt, other.txt",
        "the session number '41' is used 2 times: layout-a.txt, other.txt",
    )


def test_a_study_may_name_measures_of_its_own() -> None:
    hedges = NamedMeasure(id="hedges", title="Hedges", words=("perhaps", "it may be", "may"))
    times = NamedMeasure(id="times", title="Clock times", pattern=r"\b\d{1,2}:\d{2}\b")
    texts = ["Perhaps at 10:30. It\nmay be at 11:00.", "Mayor may, PERHAPS."]
    assert measure_named(texts, [hedges, times]) == {"hedges": 4, "times": 2}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "either 'pattern' or 'words'"),
        ({"pattern": "a", "words": ("b",)}, "either 'pattern' or 'words'"),
        ({"pattern": "("}, "not a regular expression"),
        ({"pattern": "a*"}, "matches the empty text"),
        ({"pattern": "(a+)+b"}, "may never end"),
        ({"pattern": "a" * 1001}, "at most 1000"),
        ({"words": (" ",)}, "may not be empty"),
    ],
)
def test_a_measure_that_counts_nothing_or_never_ends_is_refused(
    fields: dict[str, object], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        NamedMeasure.model_validate({"id": "a", "title": "A", **fields})
