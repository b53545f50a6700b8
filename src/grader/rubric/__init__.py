"""The rubric: criteria, levels, signatures; how they are read, locked and compared.

Knows transcripts only as far as a lock must: their hashes, dates and conditions.
"""

from grader.rubric.criteria import Criterion, Id, Rubric, Signature, Text
from grader.rubric.reading import read_rubric
from grader.rubric.scale import Scale

__all__ = ["Criterion", "Id", "Rubric", "Scale", "Signature", "Text", "read_rubric"]
