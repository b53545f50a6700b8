"""What was found so far, as labelled lines that later questions may rest on.

Labels: V verdict, S signature, X contrast, M measurement, N narrative point. All texts are in
blind words, with Transcript 1 and 2 as `Comparison.blind_order` has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.comparison.comparison import (
    Contrast,
    Finding,
    NarrativeSection,
    SignatureNote,
    Verdict,
)
from grader.questions.names import put_names_back
from grader.rubric import Rubric
from grader.rubric.scale import level_name
from grader.text.quotation import Side
from grader.transcripts.measurements import Measurements

BlindOrder = tuple[Side, Side]


def number_of(side: Side, order: BlindOrder) -> int:
    """1 or 2: the number under which a side is shown."""
    return order.index(side) + 1


def verdict_findings(
    rubric: Rubric, verdicts: Sequence[Verdict], order: BlindOrder
) -> tuple[Finding, ...]:
    """One finding for each verdict, failed ones included."""
    found = []
    # Within a criterion Transcript 1 comes first: the order of labels must not tell the control.
    position = {criterion.id: place for place, criterion in enumerate(rubric.criteria)}
    ordered = sorted(verdicts, key=lambda v: (position[v.criterion], order.index(v.side)))
    for number, verdict in enumerate(ordered, 1):
        title = rubric.criterion(verdict.criterion).title
        level = level_name(verdict.level) if verdict.level else "no answer"
        text = f'Transcript {number_of(verdict.side, order)}, "{title}": {level}.'
        if verdict.rationale:
            text += f" {verdict.rationale}"
        found.append(Finding(label=f"V{number}", text=text, about=verdict.item))
    return tuple(found)


def measurement_findings(
    rubric: Rubric,
    measurements: Mapping[Side, Measurements],
    named_measures: Mapping[Side, Mapping[str, int]],
    order: BlindOrder,
) -> tuple[Finding, ...]:
    """One finding for each thing counted, the rubric's own measures last."""
    counts = [
        (
            name.replace("_", " "),
            f"measurement:{name}",
            [getattr(measurements[s], name) for s in order],
        )
        for name in Measurements.model_fields
    ]
    counts += [
        (each.title, f"measure:{each.id}", [named_measures[s][each.id] for s in order])
        for each in rubric.measures
    ]
    return tuple(
        Finding(
            label=f"M{number}",
            text=f"{title}: Transcript 1 {first}, Transcript 2 {second}",
            about=about,
        )
        for number, (title, about, (first, second)) in enumerate(counts, 1)
    )


def signature_findings(
    rubric: Rubric, signatures: Sequence[SignatureNote], order: BlindOrder
) -> tuple[Finding, ...]:
    """One finding for each signature on each side that was answered."""
    position = {signature.id: place for place, signature in enumerate(rubric.signatures)}
    ordered = sorted(
        (note for note in signatures if note.outcome == "answered"),
        key=lambda note: (position[note.signature], order.index(note.side)),
    )
    found = []
    for number, note in enumerate(ordered, 1):
        title = rubric.signature(note.signature).title
        markers = "; ".join(f"{m.marker}: {m.presence}" for m in note.markers)
        where = f"Transcript {number_of(note.side, order)}"
        found.append(
            Finding(
                label=f"S{number}",
                text=f'{where}, posture "{title}": {markers}. {note.note}',
                about=note.item,
            )
        )
    return tuple(found)


def contrast_findings(
    rubric: Rubric, contrasts: Sequence[Contrast], order: BlindOrder
) -> tuple[Finding, ...]:
    """One finding for each contrast that has an agreed or an order-sensitive answer."""
    found: list[Finding] = []
    for contrast in contrasts:
        if contrast.order_sensitive:
            result = "the answer changes with the order shown, so it names neither."
        elif contrast.shows_more is None:
            continue
        elif contrast.shows_more == "neither":
            result = "neither shows more."
        else:
            result = f"Transcript {number_of(contrast.shows_more, order)} shows more."
        reason = next((o for o in contrast.orders if o.reason and o.first == order[0]), None)
        reason = reason or next((o for o in contrast.orders if o.reason), None)
        if reason and reason.reason and not contrast.order_sensitive:
            told = reason.reason
            if reason.first != order[0]:
                told = put_names_back(told, "Transcript 2", "Transcript 1")
            result += f" {told}"
        title = rubric.criterion(contrast.criterion).title
        found.append(
            Finding(
                label=f"X{len(found) + 1}",
                text=f'"{title}", side by side: {result}',
                about=f"contrast:{contrast.criterion}",
            )
        )
    return tuple(found)


def narrative_findings(sections: Sequence[NarrativeSection]) -> tuple[Finding, ...]:
    """One finding for each narrative point, and for the named dimension and kind."""
    texts = []
    for section in sections:
        if section.dimension:
            texts.append(f"Dimension of most difference: {section.dimension}.")
        if section.difference_kind:
            texts.append(f"Kind of difference: {section.difference_kind}.")
        for part, points in section.parts.items():
            texts.extend(f"{part.replace('_', ' ')}: {point.text}" for point in points)
    return tuple(Finding(label=f"N{n}", text=text) for n, text in enumerate(texts, 1))


def named(finding: Finding, first: str, second: str) -> tuple[str, str]:
    """Label and text with the names of the sides put back."""
    return finding.label, put_names_back(finding.text, first, second)
