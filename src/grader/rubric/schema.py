"""The JSON schema of a rubric file, for editors that complete and check YAML by one."""

from __future__ import annotations

from typing import Any

from grader.rubric.criteria import Rubric

SCHEMA_ID = "grader-rubric.schema.json"


def rubric_schema() -> dict[str, Any]:
    """The schema, with a description at each field where the record has one."""
    schema = Rubric.model_json_schema()
    # Only a file has levels for all its criteria; read, each criterion has its own.
    criterion = schema["$defs"]["Criterion"]
    criterion["required"].remove("levels")
    schema["properties"]["levels"] = {
        **criterion["properties"]["levels"],
        "description": "The levels of each criterion that gives none, from the highest to the "
        "lowest.",
    }
    # A date without quotation marks is no text for a YAML editor.
    registered = schema["properties"]["registered"]
    registered["description"] = "The date the author states, such as 2026-11-22."
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **schema,
    }
