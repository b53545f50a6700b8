"""What all saved records share: frozen models, canonical JSON, hashes.

Records are pure values: equal content means equal objects and equal hashes. No clock, network
or file is touched here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Base of every saved record: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def difference(stated: Any, computed: Any) -> str:
    """The first place in which two values or records differ, in words."""
    for name, ours, theirs in _differences("", stated, computed):
        return f"{name.lstrip('.') or 'it'} is {ours!r:.80}, computed {theirs!r:.80}"
    return "they differ"


def _differences(name: str, stated: Any, computed: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(stated, BaseModel) and isinstance(computed, BaseModel):
        stated, computed = stated.model_dump(mode="json"), computed.model_dump(mode="json")
    if isinstance(stated, dict) and isinstance(computed, dict):
        for key in dict.fromkeys([*stated, *computed]):
            yield from _differences(f"{name}.{key}", stated.get(key), computed.get(key))
    elif (
        isinstance(stated, list | tuple)
        and isinstance(computed, list | tuple)
        and len(stated) == len(computed)
    ):
        for place, (ours, theirs) in enumerate(zip(stated, computed, strict=True)):
            yield from _differences(f"{name}[{place + 1}]", ours, theirs)
    elif stated != computed:
        yield name, stated, computed


def canonical_json(value: Any) -> str:
    """One spelling for equal JSON values: sorted keys, no blanks, UTF-8 characters kept."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def content_hash(value: Any) -> str:
    """sha256 (hex) of a JSON value or record in its canonical spelling."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    return hashlib.sha256(canonical_json(value).encode("utf-8", "surrogatepass")).hexdigest()
