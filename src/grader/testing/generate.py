"""An answer made up from the request's schema: well-formed, verbatim where it quotes, and dull.

The same request gets the same answer. Texts say that they are scripted.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from grader.rubric.scale import NOT_APPLICABLE
from grader.testing.material import Material

SCRIPTED = "Scripted: no model read this."
HEADLINE = "A scripted comparison that no model judged"


def generate_answer(schema: dict[str, Any], material: Material, seed: str) -> dict[str, Any]:
    """A value that the schema allows."""
    value = _Generator(schema.get("$defs", {}), material, random.Random(seed)).value("", schema)
    assert isinstance(value, dict)
    return value


class _Generator:
    def __init__(
        self, definitions: dict[str, Any], material: Material, chance: random.Random
    ) -> None:
        self._definitions = definitions
        self._material = material
        self._chance = chance

    def value(self, name: str, schema: dict[str, Any]) -> Any:
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._chance.choice(schema["enum"])
        match schema.get("type"):
            case "object":
                return self._object(schema)
            case "array":
                return self._array(name, schema)
            case "string":
                return self._string(name)
            case "boolean":
                return self._chance.random() < 0.5
            case "integer" | "number":
                return schema.get("minimum", 1)
        for option in schema.get("anyOf", []):
            return self.value(name, option)
        return None

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        if "$ref" in schema:
            found: dict[str, Any] = self._definitions[schema["$ref"].rsplit("/", 1)[-1]]
            return found
        return schema

    def _object(self, schema: dict[str, Any]) -> dict[str, Any]:
        fields = schema.get("properties", {})
        made = {name: self.value(name, field) for name, field in fields.items()}
        if "quote" in made and "transcript" in made:
            made["transcript"] = self._chance.choice(sorted(self._material.lines) or [1])
            made["quote"] = self._quote(made["transcript"])
        # The first value of an enumeration is the lowest: what is not there has no quotation.
        lowest = [self._lowest(fields, name) for name in ("presence", "level") if name in made]
        if {made.get("presence"), made.get("level")} & {*lowest, NOT_APPLICABLE}:
            made["evidence"] = []
        if "size" in made:
            nothing = "neither" in made.values() or made.get("kind") == "none"
            sizes = [size for size in self._resolved(fields["size"])["enum"] if size != "none"]
            made["size"] = "none" if nothing else self._chance.choice(sizes)
        return made

    def _lowest(self, fields: dict[str, Any], name: str) -> str | None:
        values = self._resolved(fields[name]).get("enum", [])
        return values[0] if values else None

    def _array(self, name: str, schema: dict[str, Any]) -> list[Any]:
        items = self._resolved(schema.get("items", {}))
        fields = items.get("properties", {})
        material = self._material
        if name == "evidence" and self._is_text(items):
            quotes = [self._quote(1) for _ in range(self._chance.randint(1, 2))]
            return [quote for quote in dict.fromkeys(quotes) if quote]
        if "quote" in fields and "number" in fields:
            return [
                {"number": number, "quote": self._quote(transcript)}
                for number, transcript in enumerate(material.quotations, start=1)
            ]
        if "quote" in fields and not material.lines:
            return []
        if name in ("speaks_to_the_judge", "absences"):
            return []
        if name == "findings" and self._is_text(items):
            labels = [label for label in material.labels if label[0] not in "KHL"]
            return sorted(self._chance.sample(labels, min(len(labels), 2)))
        if "marker" in fields:
            return self._each(items, "marker", range(1, material.markers + 1))
        if "criterion" in fields:
            return self._each(items, "criterion", material.labels_of("K"))
        if "hypothesis" in fields:
            return self._each(items, "hypothesis", material.labels_of("H"))
        return [self.value(name, items) for _ in range(self._chance.randint(1, 2))]

    def _each(self, items: dict[str, Any], key: str, values: Iterable[Any]) -> list[Any]:
        return [{**self.value("", items), key: value} for value in values]

    def _is_text(self, schema: dict[str, Any]) -> bool:
        return schema.get("type") == "string"

    def _string(self, name: str) -> str:
        if name == "quote":
            return self._quote(self._chance.choice(sorted(self._material.lines) or [1]))
        return HEADLINE if name in ("headline", "dimension") else SCRIPTED

    def _quote(self, transcript: int) -> str:
        return self._material.cut_quotation(transcript, self._chance) or ""
