"""Checking a published page: what it says about its transcripts, its scorecards and itself.

Rules read words. They speak up where the words leave no other reading and both places can be
shown; all else is left to people, or to a judge's opinion that is marked as one.
"""

from grader.archive.checks.checking import check_pages

__all__ = ["check_pages"]
