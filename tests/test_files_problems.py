"""What pydantic finds wrong is told in the words of the person who wrote the file."""

from __future__ import annotations

import pytest
from pydantic import Field, ValidationError

from grader.files.problems import first_problem
from grader.records import Record


class Turn(Record):
    text: str
    number: int = 1


class Session(Record):
    turns: tuple[Turn, ...] = Field(min_length=1)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, "turns: this field is missing"),
        ({"turns": []}, "turns: this may not be empty"),
        ({"turns": "none"}, "turns: a list was expected, found 'none'"),
        ({"turns": [{"text": "a"}, {}]}, "turns[2].text: this field is missing"),
        ({"turns": [{"text": 3}]}, "turns[1].text: a text was expected, found 3"),
        ({"turns": [{"text": "a", "number": "b"}]},
         "turns[1].number: a whole number was expected, found 'b'"),
        ({"turns": ["a"]}, "turns[1]: a group of fields was expected, found 'a'"),
        ({"turns": [{"text": "a", "txt": "b"}]},
         "turns[1].txt: no such field; is it misspelt?"),
        ([], "a group of fields was expected, found []"),
    ],
)  # fmt: skip
def test_a_problem_names_the_field_and_what_was_found(value: object, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Session.model_validate(value)
    assert first_problem(refused.value) == words
