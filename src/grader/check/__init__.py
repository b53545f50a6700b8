"""Looks for what is wrong with a comparison folder, a rubric or a published page.

`findings` has the record of one finding, `report` its forms for people and programs; each thing
that can be checked has a room or module of its own.
"""

from grader.check.findings import Finding, Place, Severity, failing

__all__ = ["Finding", "Place", "Severity", "failing"]
