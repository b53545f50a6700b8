"""What differs between two states of a rubric, field by field and word by word.

Criteria and signatures are matched by id, so moving one is one change and not two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from pydantic import Field

from grader.records import Record
from grader.rubric.criteria import Rubric

_FOR_PEOPLE = ("why", "hypothesis", "direction", "derived_from", "registered", "task", "version")
"""Fields that no judge sees."""


class Change(Record):
    """One field that differs."""

    place: str = Field(description="Such as 'criteria.harm-and-repair.levels.met'.")
    before: str | None = Field(description="None: it was not there.")
    after: str | None = Field(description="None: it is no longer there.")

    @property
    def judged(self) -> bool:
        """Whether the judge sees this field."""
        return not self.place.endswith(_FOR_PEOPLE)


def differences(old: Rubric, new: Rubric) -> tuple[Change, ...]:
    """Every field in which `new` differs from `old`, in the order of the file."""
    before, after = dict(_fields(old)), dict(_fields(new))
    places = [*before, *(place for place in after if place not in before)]
    return tuple(
        Change(place=place, before=before.get(place), after=after.get(place))
        for place in places
        if before.get(place) != after.get(place)
    )


def word_by_word(before: str | None, after: str | None) -> str:
    """Both wordings in one text: `[-taken out-]` and `{+put in+}`, as wdiff writes them."""
    one, other = _words(before or ""), _words(after or "")
    parts: list[str] = []
    for action, a, b, c, d in SequenceMatcher(None, one, other, False).get_opcodes():
        if action == "equal":
            parts.append(" ".join(one[a:b]))
            continue
        if a < b:
            parts.append(f"[-{' '.join(one[a:b])}-]")
        if c < d:
            parts.append(f"{{+{' '.join(other[c:d])}+}}")
    return " ".join(parts)


def _words(text: str) -> list[str]:
    return re.findall(r"\S+", text)


def _fields(rubric: Rubric) -> Iterator[tuple[str, str]]:
    data = rubric.model_dump(mode="json", exclude_defaults=True)
    for name, value in data.items():
        if name in ("criteria", "signatures"):
            if len(value) > 1:
                yield f"{name} (order)", ", ".join(entry["id"] for entry in value)
            for entry in value:
                place = f"{name}.{entry['id']}"
                if "levels" in entry:
                    yield f"{place}.levels (highest first)", ", ".join(entry["levels"])
                yield from _flat(place, entry)
        else:
            yield from _flat(name, value)


def _flat(place: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(f"{place}.{name}", inner)
    elif isinstance(value, list):
        yield place, "\n".join(f"- {entry}" for entry in value)
    else:
        yield place, str(value)
