"""A user's templates read the document and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import comparison
from grader.errors import InputError
from grader.writeup.document import document_of
from grader.writeup.markdown import render_markdown
from writeup_reviews import reviewed

ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ doc.__init__.__globals__ }}",
    "{{ doc.title.__class__.__base__ }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ cycler.__init__.__globals__.os.system('id') }}",
    "{{ self.__init__.__globals__ }}",
    "{{ '{0.__class__.__mro__}'.format(doc) }}",
    "{{ ('%c' % 97).__class__ }}",
    "{{ doc.reviewed.draft.parse_file('SECRET') }}",
    "{{ doc.reviewed.draft.model_construct() }}",
    "{{ doc.reviewed.draft.control.model_copy(update={'id': 'x'}) }}",
    "{% include '../../SECRET' %}",
    "{% include '/etc/passwd' %}",
    "{% for n in range(10 ** 9) %}x{% endfor %}",
    "{{ [].append(1) }}",
]


def rendered(folder: Path, template: str) -> str:
    (folder / "markdown").mkdir(exist_ok=True)
    (folder / "markdown" / "status.md").write_text(template, encoding="utf-8")
    return render_markdown(
        document_of(reviewed(comparison())), sections=("status",), templates=folder
    )


@pytest.mark.parametrize("template", ESCAPES)
def test_a_template_cannot_leave_its_sandbox(tmp_path: Path, template: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hidden words", encoding="utf-8")
    with pytest.raises(InputError, match="the template can't be laid out") as refused:
        rendered(tmp_path, template.replace("SECRET", str(secret)))
    assert "hidden words" not in str(refused.value)


def test_a_template_reads_the_document_and_uses_the_filters(tmp_path: Path) -> None:
    made = rendered(tmp_path, "# {{ doc.title }}\n{{ 'plain' | upper }}")
    assert made.startswith("# ") and "PLAIN" in made
