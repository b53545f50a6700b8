"""The writeups of the three example pairs, kept whole: what a change does to them is seen here.

After a change that was meant: `python tests/golden/make.py --render`, then read the difference.
"""

from __future__ import annotations

import re

import pytest

from grader.review.reviewed import Reviewed
from grader.writeup.document import document_of
from grader.writeup.html import render_html
from grader.writeup.markdown import render_markdown
from writeup_cases import GOLDEN, PAIRS, case, others


@pytest.mark.parametrize("pair", PAIRS)
def test_markdown_of_an_example_pair_is_as_kept(pair: str) -> None:
    kept = (GOLDEN / "writeups" / f"{pair}.md").read_text("utf-8")
    assert render_markdown(document_of(case(pair), others())) == kept


@pytest.mark.parametrize("pair", PAIRS)
def test_page_of_an_example_pair_is_as_kept(pair: str) -> None:
    kept = (GOLDEN / "writeups" / f"{pair}.html").read_text("utf-8")
    assert render_html(document_of(case(pair), others())) == kept


@pytest.mark.parametrize("pair", PAIRS)
def test_no_blind_words_remain_where_people_read(pair: str) -> None:
    text = render_markdown(document_of(case(pair), others()))
    # How it was judged and the provenance say on purpose which side was which.
    body = text.split("\n# ", 1)[1].split("\n## Provenance")[0]
    body = re.sub(r"(?s)\n## How it was judged\n.*?(?=\n## )", "", body)
    assert not re.search(r"(?i)\btranscripts? ?[12]\b", body)


def test_what_was_asked_before_the_last_question_names_no_condition() -> None:
    for pair in PAIRS:
        draft = case(pair).draft
        asked_blind = [
            *(v.rationale for v in draft.verdicts),
            *(n.note for n in draft.signatures),
            *(o.reason for c in draft.contrasts for o in c.orders),
            *(p.text for s in draft.narrative for part in s.parts.values() for p in part),
        ]
        for text in filter(None, asked_blind):
            assert not re.search(r"\b(?:C|P|F|F\+P)\b|\bcontrol\b|\btreatment\b", text), text


def test_state_of_review_changes_what_is_said_of_the_levels() -> None:
    def first(state: Reviewed) -> str:
        return render_markdown(document_of(state), sections=["status", "scorecard"])

    assert "By the judge's draft" in render_markdown(document_of(case("clinic-postmortem")))
    sign = "° is the judge's draft, not yet decided"
    assert sign in first(case("export-endpoint"))
    # Where all is the judge's or all is decided, the top says it once.
    assert "°" not in first(case("clinic-postmortem")) + first(case("library-memo"))
    assert "not met (judge: partially met)" in first(case("library-memo"))
