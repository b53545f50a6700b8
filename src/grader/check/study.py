"""All checks of a study's folder: what was changed, left out or not locked; figures anew."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.check.findings import Finding, Place, in_order
from grader.check.registry import Check
from grader.errors import GraderError, RecordError
from grader.files.text import read_text
from grader.judge.ledger import FILE_NAME, read_calls
from grader.records import content_hash
from grader.study.asking import TRANSCRIPTS
from grader.study.computing import Inputs, results_of
from grader.study.design import DESIGN, LOCK, Design, read_design
from grader.study.elsewhere import read_elsewhere
from grader.study.gold import GOLD, GoldLine, read_gold
from grader.study.levels import LEVELS, LevelLine, read_levels
from grader.study.lock import StudyLock, read_study_lock
from grader.study.looks import LOOKS, Look, read_looks
from grader.study.report.writing import report_texts, results_text
from grader.study.results import RESULTS
from grader.study.runs import transcript_name
from grader.study.scales import ranks_of
from grader.text.quotation import locate
from grader.transcripts import Transcript, deliverable
from grader.version import __version__

CHECKS = (
    Check("design-unreadable", "error", "The design of the study can't be read."),
    Check("lock-changed", "error", "The lock of the study was changed."),
    Check("gold-changed", "error", "The levels that people gave were changed."),
    Check("looks-changed", "error", "The list of looks at the results was changed."),
    Check("levels-unreadable", "error", "The levels of the study can't be read."),
    Check("transcript-missing", "error", "A run of the study is not here."),
    Check("transcript-changed", "error", "A run of the study was changed."),
    Check("lock-missing", "error", "The study's lock is gone."),
    Check("not-locked", "note", "The study was not locked before its runs were read."),
    Check("criteria-changed", "error", "The criteria are not those that were locked."),
    Check(
        "run-left-out",
        "warning",
        "A run that was there when the study was locked does not count now.",
    ),
    Check("signature-invalid", "error", "The signature of a lock is not valid."),
    Check("found-afterwards", "note", "The question was found after the runs were read."),
    Check("level-of-no-run", "warning", "A level is of a run that the study doesn't have."),
    Check("level-unknown", "error", "A level is none of its criterion."),
    Check("quotation-moved", "error", "A quotation does not stand where it is said to."),
    Check("reply-missing", "error", "No reply stands behind a level."),
    Check("level-differs", "error", "A level is not the one that its answers give."),
    Check("not-reported", "note", "There is no report yet."),
    Check("versions-differ", "note", "The results were computed with other libraries."),
    Check("results-differ", "error", "The results are not what levels and design give."),
    Check("report-differs", "warning", "The report is not what the results give."),
)
"""What is looked for here."""


def check_study(folder: str | Path) -> list[Finding]:
    """What is wrong with a study's folder.

    Raises:
        InputError: there is no design in it.
    """
    folder = Path(folder)
    try:
        design = read_design(folder)
    except RecordError as error:
        return [_of_error(folder / DESIGN, "design-unreadable", error)]
    found: list[Finding] = []
    transcripts, changed = _read_transcripts(folder, design)
    found += changed
    lock, problems = _read(folder / LOCK, read_study_lock, "lock-changed")
    found += problems
    found += _check_lock(folder, design, lock)
    levels: list[LevelLine] = []
    gold: list[GoldLine] = []
    looks: list[Look] = []
    try:
        levels = read_levels(folder)
    except RecordError as error:
        return in_order([*found, _of_error(folder / LEVELS, "levels-unreadable", error)])
    for name, code in ((GOLD, "gold-changed"), (LOOKS, "looks-changed")):
        try:
            if name == GOLD:
                gold = read_gold(folder)
            else:
                looks = read_looks(folder)
        except RecordError as error:
            found.append(_of_error(folder / name, code, error))
    found += _check_levels(folder, design, levels, transcripts)
    found += _check_replies(folder, levels)
    if not any(finding.severity == "error" for finding in found):
        found += _check_results(folder, design, levels, gold, looks)
    return in_order(found)


def _read_transcripts(folder: Path, design: Design) -> tuple[dict[str, Transcript], list[Finding]]:
    transcripts: dict[str, Transcript] = {}
    found: list[Finding] = []
    if design.simulated:
        return transcripts, found
    for run in design.counting:
        path = folder / TRANSCRIPTS / transcript_name(run.transcript)
        if not path.is_file():
            found.append(
                _finding(
                    path,
                    "transcript-missing",
                    f"the run {run.id} is not here",
                    "Run `grader study run` again, or restore it.",
                )
            )
            continue
        try:
            transcript = Transcript.model_validate_json(read_text(path))
        except ValueError:
            transcript = None
        if transcript is None or content_hash(transcript) != run.transcript:
            found.append(
                _finding(
                    path,
                    "transcript-changed",
                    f"the run {run.id} was changed",
                    "Restore it: levels and quotations were given for other words.",
                )
            )
        else:
            transcripts[run.transcript] = transcript
    return transcripts, found


def _check_lock(folder: Path, design: Design, lock: StudyLock | None) -> Iterator[Finding]:
    if lock is None:
        if design.lock.locked_at and not design.simulated:
            yield _finding(
                folder / LOCK,
                "lock-missing",
                "the study's lock is not here",
                "Restore it from version control.",
            )
        elif not design.simulated:
            yield _finding(
                folder / DESIGN,
                "not-locked",
                "the study was not locked before its runs were read",
                "",
                "note",
            )
        return
    for task, rubric in design.rubrics.items():
        if lock.rubrics.get(task) not in (None, rubric.hash):
            yield _finding(
                folder / DESIGN,
                "criteria-changed",
                f"the criteria for {task} are not those that were locked",
                "Restore them, or make it a new study.",
            )
    here = {run.transcript for run in design.runs}
    for run in lock.runs:
        if run.transcript not in here:
            yield _finding(
                folder / DESIGN,
                "run-left-out",
                f"{run.file}, a run of {run.condition}, "
                "was there when the study was locked and is not among its runs",
                "Put it back: a run is left out by a rule, never by choice.",
            )
    counted = {run.transcript: run.counts for run in lock.runs}
    for now in design.runs:
        if counted.get(now.transcript) and not now.counts:
            yield _finding(
                folder / DESIGN,
                "run-left-out",
                f"{now.id} counted when the study was locked and doesn't now: {now.why_not}",
                "",
                "warning",
            )
    if design.lock.signature == "invalid":
        yield _finding(folder / LOCK, "signature-invalid", "the lock's signature is not valid", "")
    for reason in design.afterwards:
        yield _finding(folder / DESIGN, "found-afterwards", reason, "", "note")


def _check_levels(
    folder: Path,
    design: Design,
    levels: Sequence[LevelLine],
    transcripts: Mapping[str, Transcript],
) -> Iterator[Finding]:
    path = folder / LEVELS
    scales = {task: ranks_of(rubric) for task, rubric in design.rubrics.items()}
    runs = {run.transcript: run for run in design.runs}
    for line in levels:
        run = runs.get(line.transcript)
        where = f"{line.criterion} on {run.id if run else line.transcript[:12]}"
        if run is None:
            yield _finding(
                path,
                "level-of-no-run",
                f"{where}: the study has no such run",
                "Run `grader study run` again.",
                "warning",
            )
            continue
        scale = scales[run.task].get(line.criterion)
        if scale is None or line.level not in (None, "not_applicable", *scale):
            yield _finding(
                path,
                "level-unknown",
                f"{where}: {line.level!r} is no level of it",
                "Restore the file.",
            )
        transcript = transcripts.get(line.transcript)
        for each in line.evidence if transcript else ():
            again = locate(each.quote, deliverable(transcript), each.side)  # type: ignore[arg-type]
            if again.span != each.span:
                yield _finding(
                    path,
                    "quotation-moved",
                    f"{where}: a quotation does not stand where it is said to: {each.quote[:60]!r}",
                    "Restore the file.",
                )


def _check_replies(folder: Path, levels: Sequence[LevelLine]) -> Iterator[Finding]:
    """Each level against the judge's own reply in `calls.jsonl`."""
    calls = folder / FILE_NAME
    asked = [line for line in levels if line.source == "judge" and line.level is not None]
    if not asked:
        return
    replies: dict[str, set[str]] = {}
    if calls.is_file():
        for call in read_calls(calls):
            if call.reply is not None and (level := _level_in(call.reply.text)):
                replies.setdefault(call.question, set()).add(level)
    for line in asked:
        given = set().union(*(replies.get(question, set()) for question in line.questions))
        if not given:
            yield _finding(
                calls,
                "reply-missing",
                f"no reply stands behind {line.criterion} on {line.transcript[:12]}",
                "Restore calls.jsonl.",
            )
        elif line.level not in given:
            yield _finding(
                folder / LEVELS,
                "level-differs",
                f"{line.criterion} on "
                f"{line.transcript[:12]} is {line.level!r}; the judge replied "
                f"{', '.join(sorted(given))}",
                "Run `grader study run` again: it writes the file anew.",
            )


def _check_results(
    folder: Path,
    design: Design,
    levels: Sequence[LevelLine],
    gold: Sequence[GoldLine],
    looks: Sequence[Look],
) -> Iterator[Finding]:
    path = folder / RESULTS
    if not path.is_file():
        yield _finding(
            path, "not-reported", "there is no report yet", "`grader study report`.", "note"
        )
        return
    result = results_of(Inputs(design, levels, gold, looks, __version__, read_elsewhere(folder)))
    again, there = results_text(result), read_text(path)
    if again != there:
        what = _first_difference(json.loads(again), _json(there))
        if what.startswith("versions."):
            yield _finding(
                path,
                "versions-differ",
                f"computed with other libraries: {what}",
                "`grader study report` computes it anew.",
                "note",
            )
        else:
            yield _finding(
                path,
                "results-differ",
                f"the results are not what levels and design give: {what}",
                "`grader study report` computes them anew.",
            )
        return
    for name, text in report_texts(design, levels, result).items():
        if not (folder / name).is_file() or read_text(folder / name) != text:
            yield _finding(
                folder / name,
                "report-differs",
                "it is not what the results give",
                "`grader study report` writes it anew.",
                "warning",
            )


def _level_in(text: str | None) -> str | None:
    """The level in a reply, whatever stands around it."""
    start, end = (text or "").find("{"), (text or "").rfind("}")
    try:
        value = json.loads((text or "")[start : end + 1]).get("level")
    except (ValueError, AttributeError):
        return None
    return value if isinstance(value, str) else None


def _first_difference(one: Any, other: Any, at: str = "") -> str:
    """Where two JSON values differ first, and how."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            if one.get(key) != other.get(key):
                return _first_difference(one.get(key), other.get(key), f"{at}.{key}".lstrip("."))
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            if mine != theirs:
                return _first_difference(mine, theirs, f"{at}[{number}]")
    return f"{at} is {str(other)[:60]!r} and should be {str(one)[:60]!r}"


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _read(path: Path, read: Any, code: str) -> tuple[Any, list[Finding]]:
    if not path.is_file():
        return None, []
    try:
        return read(path), []
    except GraderError as error:
        return None, [_of_error(path, code, error)]


def _of_error(path: Path, code: str, error: GraderError) -> Finding:
    place = error.place or str(path)
    name, _, line = place.rpartition(":")
    return Finding(
        code=code,
        severity="error",
        message=error.problem,
        mend=error.mend,
        place=Place(file=name, line=int(line)) if name and line.isdigit() else Place(file=place),
    )


def _finding(path: Path, code: str, message: str, mend: str, severity: Any = "error") -> Finding:
    return Finding(
        code=code, severity=severity, message=message, mend=mend, place=Place(file=str(path))
    )
