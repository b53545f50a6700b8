"""Every field of a record changed in turn, to values that the record may have.

A field is named by its place without positions and keys of the data: `verdicts[].samples[].level`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = Any
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Mutation:
    """A record with one field changed."""

    field: str
    changed: Json
    before: Json
    after: Json


def mutations(record: Json, schema: dict[str, Json]) -> Iterator[Mutation]:
    """The record with each of its fields changed once, where that field first has a value.

    Args:
        record: as JSON.
        schema: its JSON schema, which names the values that a field may have.
    """
    done: set[str] = set()
    for path, field, value, own in _places(record, schema, schema, (), ""):
        for other in _others(value, own, schema):
            if field in done or other == value:
                continue
            changed = copy.deepcopy(record)
            holder = changed
            for step in path[:-1]:
                holder = holder[step]
            holder[path[-1]] = other
            done.add(field)
            yield Mutation(field, changed, value, other)


def _places(
    value: Json, own: Json, schema: Json, path: tuple[Any, ...], field: str
) -> Iterator[tuple[tuple[Any, ...], str, Json, Json]]:
    own = _resolved(own, schema, value)
    if path:
        yield path, field, value, own
    if isinstance(value, dict):
        known = own.get("properties", {})
        for key, each in value.items():
            inside = known.get(key, own.get("additionalProperties") or {})
            name = f"{field}.{key}" if key in known else f"{field}{{}}"
            yield from _places(each, inside, schema, (*path, key), name.lstrip("."))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            items = own.get("prefixItems") or []
            inside = items[at] if at < len(items) else own.get("items") or {}
            yield from _places(each, inside, schema, (*path, at), f"{field}[]")


def _resolved(own: Json, schema: Json, value: Json) -> Json:
    """The part of a schema that describes a value, of several the one of its sort."""
    if not isinstance(own, dict):
        return {}
    if "$ref" in own:
        return _resolved(schema["$defs"][own["$ref"].rpartition("/")[2]], schema, value)
    for choice in own.get("anyOf", ()):
        found = _resolved(choice, schema, value)
        if _fits(value, found):
            return {**found, "anyOf": own["anyOf"]}
    return own


def _fits(value: Json, own: Json) -> bool:
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
    kind = own.get("type")
    if "enum" in own or "const" in own:
        return value in own.get("enum", [own.get("const")])
    if kind in ("integer", "number"):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return kind in kinds and isinstance(value, kinds[kind])


def _others(value: Json, own: Json, schema: Json) -> Iterator[Json]:
    """Other values that this field may have, the least odd first."""
    if "enum" in own:
        yield from (each for each in own["enum"] if each != value)
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, (int, float)):
        yield value + 1
    elif isinstance(value, str):
        if _HASH.fullmatch(value):
            yield value[:-1] + ("0" if value[-1] != "0" else "1")
        elif "const" not in own:
            yield f"{value}x"
    elif isinstance(value, list) and value:
        yield value[:-1]
    elif isinstance(value, dict) and value and "properties" not in own:
        yield dict(list(value.items())[:-1])
    for choice in own.get("anyOf", ()):
        made = _sample(_resolved(choice, schema, None), schema)
        if value is None and made is not None:
            yield made
    if value is not None and any(each.get("type") == "null" for each in own.get("anyOf", ())):
        yield None


def _sample(own: Json, schema: Json) -> Json:
    """A value of a schema, where a simple one will do."""
    if "enum" in own:
        return own["enum"][0]
    return {"string": "x", "integer": 1, "number": 1.0, "boolean": True}.get(own.get("type"))
