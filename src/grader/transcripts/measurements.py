"""What can be counted in a deliverable without asking anyone."""

from __future__ import annotations

from pydantic import Field

from grader.records import Record


class Measurements(Record):
    """Counts over a deliverable."""

    words: int = Field(description="Runs of letters and digits, joined by apostrophe or hyphen.")
    headings: int
    list_items: int
    placeholders: int = Field(description="Bracketed slots such as '[date]' or '[ ]'.")
    priority_labels: int = Field(description="P0 to P4, and words such as 'high priority'.")
    first_person_words: int = Field(description="I, we, our and their forms.")
    questions: int = Field(description="Sentences that end in a question mark.")
    closing_offers: int = Field(description="Offers of further work in the last paragraph.")
