"""Checking a rubric before it is used: its form, its levels, its wording, its sources, its lock."""

from grader.check.rubric.checking import check_rubric

__all__ = ["check_rubric"]
