"""Findings for people and for programs: text, JSON, SARIF 2.1.0, JUnit XML.

SARIF is what code hosts show beside a line; JUnit is what most CI servers can show at all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal
from xml.etree import ElementTree

from grader.check.findings import SEVERITIES, Finding, Place
from grader.check.registry import Check, all_checks
from grader.version import __version__

Format = Literal["text", "json", "sarif", "junit"]

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def report(findings: Sequence[Finding], checked: Sequence[str], form: Format) -> str:
    """All findings in one document.

    Args:
        findings: in the order in which they are to be shown.
        checked: the paths that were looked at, also those without findings.
        form: the form of the document.
    """
    if form == "json":
        return json.dumps(as_json(findings, checked), ensure_ascii=False, indent=2)
    if form == "sarif":
        return json.dumps(_sarif(findings), ensure_ascii=False, indent=2)
    if form == "junit":
        return _junit(findings, checked)
    return _text(findings, checked)


def as_json(findings: Sequence[Finding], checked: Sequence[str]) -> dict[str, Any]:
    """The JSON document."""
    return {
        "checked": list(checked),
        "counts": {
            severity: sum(finding.severity == severity for finding in findings)
            for severity in SEVERITIES
        },
        "findings": [finding.model_dump(mode="json") for finding in findings],
    }


def _text(findings: Sequence[Finding], checked: Sequence[str]) -> str:
    lines = []
    for finding in findings:
        opinion = " (the judge's opinion)" if finding.opinion else ""
        lines.append(f"{finding.place}: {finding.severity}: {finding.message}{opinion}")
        if finding.place.quote:
            lines.append(f"    here      {_short(finding.place.quote)}")
        for other in finding.against:
            lines.append(
                f"    against   {other}" + (f"  {_short(other.quote)}" if other.quote else "")
            )
        if finding.mend:
            lines.append(f"    mend      {finding.mend}")
        lines[-1] += f"  [{finding.code}]"
        lines.append("")
    counts = as_json(findings, checked)["counts"]
    told = ", ".join(f"{n} {name}{'s' * (n != 1)}" for name, n in counts.items() if n)
    things = f"{len(checked)} path{'s' * (len(checked) != 1)}"
    lines.append(f"{things} checked: {told or 'nothing found'}.")
    return "\n".join(lines)


def _short(text: str, width: int = 240) -> str:
    text = " ".join(text.split())
    return f'"{text}"' if len(text) <= width else f'"{text[: width - 1]}…"'


def _sarif(findings: Sequence[Finding]) -> dict[str, Any]:
    codes = sorted({finding.code for finding in findings})
    known = all_checks() if codes else {}
    return {
        "$schema": _SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "grader",
                        "version": __version__,
                        "rules": [_rule(code, known.get(code)) for code in codes],
                    }
                },
                "results": [
                    {
                        "ruleId": finding.code,
                        "ruleIndex": codes.index(finding.code),
                        "level": finding.severity,
                        "message": {"text": _message(finding)},
                        "locations": [_location(finding.place)],
                        "relatedLocations": [
                            _location(place) | {"id": number}
                            for number, place in enumerate(finding.against, 1)
                        ],
                    }
                    for finding in findings
                ],
            }
        ],
    }


def _rule(code: str, check: Check | None) -> dict[str, Any]:
    if check is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": check.title},
        "defaultConfiguration": {"level": check.severity},
    }


def _location(place: Place) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": place.file.replace("\\", "/")}}
    if place.line:
        physical["region"] = {"startLine": place.line}
        if place.quote:
            physical["region"]["snippet"] = {"text": place.quote}
    return {"physicalLocation": physical}


def _message(finding: Finding) -> str:
    opinion = " (the judge's opinion)" if finding.opinion else ""
    return f"{finding.message}{opinion}" + (f" {finding.mend}" if finding.mend else "")


def _junit(findings: Sequence[Finding], checked: Sequence[str]) -> str:
    failed = [finding for finding in findings if finding.severity != "note"]
    suite = ElementTree.Element(
        "testsuite",
        name="grader check",
        tests=str(len(checked) + len(failed)),
        failures=str(len(failed)),
    )
    for path in checked:
        ElementTree.SubElement(suite, "testcase", classname="grader", name=f"read {path}")
    for finding in failed:
        case = ElementTree.SubElement(
            suite, "testcase", classname=finding.code, name=_xml(str(finding.place))
        )
        failure = ElementTree.SubElement(
            case, "failure", type=finding.severity, message=_xml(_message(finding))
        )
        failure.text = _xml(
            "\n".join(
                f"{place}: {place.quote or ''}" for place in (finding.place, *finding.against)
            )
        )
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True)


def _xml(text: str) -> str:
    """XML 1.0 has no place for control characters, and a page may hold any."""
    return "".join(c if c in "\t\n\r" or ord(c) >= 32 else "\ufffd" for c in text)
