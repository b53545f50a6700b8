"""What all saved records share: frozen models, canonical JSON, hashes.

Records are pure values: equal content means equal objects and equal hashes. No clock, network
or file is touched here.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Base of every saved record: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def canonical_json(value: Any) -> str:
    """One spelling for equal JSON values: sorted keys, no blanks, UTF-8 characters kept."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def content_hash(value: Any) -> str:
    """sha256 (hex) of a JSON value or record in its canonical spelling."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    return hashlib.sha256(canonical_json(value).encode("utf-8", "surrogatepass")).hexdigest()
