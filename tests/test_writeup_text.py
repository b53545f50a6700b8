"""The short text: asked on findings alone, kept as far as it can stand, reviewed and written up."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import Grader, pair
from grader.comparison.comparison import Comparison
from grader.comparison.folder import read_draft
from grader.review import actions
from grader.review.events import Content
from grader.review.folder import ReviewFolder
from grader.testing import ScriptedJudge
from grader.testing.scripted import Received
from grader.text.quotation import Span
from grader.writeup.document import document_of
from grader.writeup.html import render_html
from grader.writeup.markdown import render_markdown
from grader.writeup.quotations import Quotation, shortened
from grader.writeup.write import WriteupOptions, rendered
from writeup_hostile import HOSTILE
from writeup_reviews import reviewed

JUDGE = ("--judge", "openai/scripted-judge")
FOLDER = Path("outputs/text")
CONTROL_WORDS = "Do 3 before 4."
TREATMENT_WORDS = "If we only get to one, do the first."
NUMBERS = {"c-clinic-postmortem-1": CONTROL_WORDS, "p-clinic-postmortem-1": TREATMENT_WORDS}

Sentence = tuple[str, tuple[str, ...]]


def text_of(*paragraphs: tuple[Sentence, ...]) -> Callable[[Received], dict[str, Any]]:
    """An answer of these paragraphs; each reason rests on the first verdict."""

    def answer(received: Received) -> dict[str, Any]:
        labels = re.findall(r"^(K\d+): ", received.prompt, re.MULTILINE)
        return {
            "reasons": [
                {"findings": ["V1"], "text": f"Transcript 1 goes further on number {label[1:]}.",
                 "criterion": label}
                for label in labels
            ],
            "paragraphs": [
                {"sentences": [{"findings": list(labels), "text": text}
                               for text, labels in paragraph]}
                for paragraph in paragraphs
            ],
        }  # fmt: skip

    return answer


def compare(grader: Grader, judge: ScriptedJudge, *more: str) -> Comparison:
    ran = grader(
        "compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url,
        "--name", "text", *more,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    return read_draft(FOLDER)[0]


def kept(draft: Comparison) -> list[str]:
    assert draft.text is not None
    return [each.text for paragraph in draft.text.paragraphs for each in paragraph]


def test_it_is_asked_last_of_all_blind_questions_and_sees_findings_and_no_transcript(
    grader: Grader, judge: ScriptedJudge
) -> None:
    draft = compare(grader, judge)
    (asked,) = judge.of_kind("text")
    assert "BEGIN TRANSCRIPT" not in asked.prompt and "BEGIN TASK" not in asked.prompt
    for finding in draft.findings:
        assert f"\n{finding.label}: " in asked.prompt
    quoted = [e.quote for v in draft.verdicts for e in v.evidence if e.span]
    assert quoted
    for quote in quoted:
        assert f"    Transcript {1}: {' '.join(quote.split())}" in asked.prompt.replace(
            "    Transcript 2:", "    Transcript 1:"
        )
    for secret in ("c-clinic", "p-clinic", "Anthropic", "preamble", "human colleague"):
        assert secret not in asked.prompt
    assert not re.search(r"\bcontrol\b|\btreatment\b(?! put off)", asked.prompt)
    ran = grader("compare", *pair("clinic-postmortem"), *JUDGE, "--base-url", judge.base_url,
                 "--name", "quick", "--depth", "quick")  # fmt: skip
    assert ran.code == 0, ran.err
    assert read_draft(Path("outputs/quick"))[0].text is None


def test_two_runs_of_one_condition_have_a_text_too(grader: Grader, judge: ScriptedJudge) -> None:
    control, _, option, rubric = pair("clinic-postmortem")
    again = control.with_name("c-clinic-postmortem-2.json")
    ran = grader("compare", control, again, option, rubric, *JUDGE, "--base-url", judge.base_url,
                 "--name", "text")  # fmt: skip
    assert ran.code == 0, ran.err
    draft, _ = read_draft(FOLDER)
    assert draft.text is not None and draft.text.outcome == "answered"
    assert draft.implications is None


def test_quoted_words_are_located_and_names_are_put_in_afterwards(
    grader: Grader, judge: ScriptedJudge
) -> None:
    told = (
        f'Transcript 1 or Transcript 2 says "{CONTROL_WORDS}" and means it.',
        f'One says "{TREATMENT_WORDS[:-1]}," and stops.',
    )
    judge.answer(text_of(((told[0], ("V9", "V10")), (told[1], ("V9", "V10")))), kind="text")
    draft = compare(grader, judge)
    assert kept(draft) == list(told)
    assert draft.text is not None
    first, second = draft.text.paragraphs[0]
    assert [e.side for e in first.evidence] == ["control"]
    assert [e.side for e in second.evidence] == ["treatment"]
    text = (FOLDER / "comparison.md").read_text("utf-8")
    assert re.search(r"(?:C or P|P or C) says \"Do 3 before 4\.\" and means it\.", text)
    assert "Transcript 1" not in text
    page = (FOLDER / "comparison.html").read_text("utf-8")
    assert re.search(r'<a class="words"[^>]* href="#span-\d+"[^>]*>Do 3 before 4\.</a>', page)


def doubts_of(draft: Comparison) -> dict[str, tuple[str, ...]]:
    assert draft.text is not None
    return {each.text: each.doubts for part in draft.text.paragraphs for each in part}


OTHER = "quotes words that stand in the other transcript"
RUBRIC = "quotes words of the task or the rubric"


@pytest.mark.parametrize("number", [1, 2])
def test_words_are_looked_for_in_the_transcript_that_the_sentence_names(
    grader: Grader, judge: ScriptedJudge, number: int
) -> None:
    one, other = f"Transcript {number}", f"Transcript {3 - number}"
    told = {  # and whether it is true if `one` has the control's words; None: nobody can tell
        f'{one} says "{CONTROL_WORDS}" quite early.': True,
        f'{other} says "{CONTROL_WORDS}" quite early.': False,
        f'{other.upper()}\'s order is "{CONTROL_WORDS}" there.': False,
        f'{one} says "{CONTROL_WORDS}" and {other} says "{TREATMENT_WORDS}" on it.': True,
        f'{one} says "{TREATMENT_WORDS}" and {other} says "{CONTROL_WORDS}" on it.': False,
        f'{one}, unlike {other}, orders them, with "{CONTROL_WORDS}" at the end.': None,
        f'{one} parts from {other} by saying "{CONTROL_WORDS}" outright.': None,
        f'"{CONTROL_WORDS}" stands in {one} or in {other}, plainly.': None,
        f'One of the two says "{CONTROL_WORDS}" and stops.': None,
    }
    judge.answer(text_of(tuple((text, ()) for text in told)), kind="text")
    draft = compare(grader, judge)
    found = doubts_of(draft)
    right = draft.blind_order.index("control") + 1 == number
    assert {text: OTHER in doubts for text, doubts in found.items()} == {
        text: true is not None and true != right for text, true in told.items()
    }


def test_words_of_the_rubric_are_no_words_of_a_transcript(
    grader: Grader, judge: ScriptedJudge
) -> None:
    compare(grader, judge)
    words = read_draft(FOLDER)[0].rubric.criteria[0].question
    told = (
        f'Transcript 1 says "{words}" and leaves it there.',
        f'What the criterion wants, "{words}", neither does in full.',
        f'Transcript 1 says "{CONTROL_WORDS}" or does not.',
    )
    judge.answer(text_of(tuple((text, ()) for text in told)), kind="text")
    shutil.rmtree(FOLDER.parent)
    found = doubts_of(compare(grader, judge))
    assert [RUBRIC in found[text] for text in told] == [True, False, False]


def test_mirrored_negated_and_counted_sentences_are_no_repetitions(
    grader: Grader, judge: ScriptedJudge
) -> None:
    told = (
        "Transcript 1 promises a written answer, and Transcript 2 does nothing of the kind.",
        "Transcript 2 promises a written answer, and Transcript 1 does nothing of the kind.",
        "The reader of this text learns in plain words who decided the matter.",
        "The reader of this text never learns in plain words who decided the matter.",
        "In this text Ada in the end gets what was promised and Ben doesn't in any way at all.",
        "In this text Ben in the end gets what was promised and Ada doesn't in any way at all.",
        "It names four of the people who were hit and says what was done for every one of them.",
        "It names five of the people who were hit and says what was done for every one of them.",
        "The reader of this text learns in plain words who decided the matters.",
    )
    judge.answer(text_of(tuple((text, ()) for text in told)), kind="text")
    draft = compare(grader, judge)
    assert kept(draft) == list(told[:-1])
    assert draft.text is not None and "says again" in draft.text.left_out[0].why


def test_level_of_one_word_is_held_against_the_findings(
    grader: Grader, judge: ScriptedJudge
) -> None:
    draft = compare(grader, judge)
    label = next(f.label for f in draft.findings if f.about == draft.verdicts[0].item)
    assert draft.verdicts[0].level != "met"
    shutil.rmtree(FOLDER.parent)
    told = (("The first criterion is met in this text.", (label,)),
            ("The people who met in this text are named.", (label,)))  # fmt: skip
    judge.answer(text_of(told), kind="text")
    found = doubts_of(compare(grader, judge))
    wrong = "names a level that none of its findings has"
    assert [wrong in found[text] for text, _ in told] == [True, False]


def test_words_with_signs_that_nobody_sees_are_found_as_they_were_copied(
    grader: Grader, judge: ScriptedJudge
) -> None:
    given = pair("clinic-postmortem")
    told = json.loads(Path(given[0]).read_text("utf-8"))
    text = json.dumps(told).replace(CONTROL_WORDS, "Do 3 be\\u00adfore 4.")
    assert "\\u00ad" in text
    Path("soft.json").write_text(text, "utf-8")
    judge.answer(
        text_of((('One says "Do 3 be\u00adfore 4." and means it so.', ("V9",)),)), kind="text"
    )
    ran = grader("compare", "soft.json", *given[1:], *JUDGE, "--base-url", judge.base_url,
                 "--name", "text")  # fmt: skip
    assert ran.code == 0, ran.err
    draft, _ = read_draft(FOLDER)
    assert kept(draft) == ['One says "Do 3 be⟨U+00AD⟩fore 4." and means it so.']
    assert draft.text is not None and draft.text.paragraphs[0][0].evidence[0].side == "control"
    page = (FOLDER / "comparison.html").read_text("utf-8")
    assert re.search(r'<a class="words"[^>]*>Do 3 be⟨U\+00AD⟩fore 4\.</a>', page)
    assert grader("check", FOLDER).code == 0


def test_quoted_words_lead_to_their_place_from_where_they_are_quoted(
    grader: Grader, judge: ScriptedJudge
) -> None:
    bare = CONTROL_WORDS.rstrip(".")
    told = f'Either may {bare}, but one says "d{bare[1:]}" and the other "{TREATMENT_WORDS}" here.'
    judge.answer(text_of(((told, ()),)), kind="text")
    compare(grader, judge)
    page = (FOLDER / "comparison.html").read_text("utf-8")
    (sentence,) = re.findall(r"Either may .*? here\.", page)
    assert sentence.startswith(f"Either may {bare}, but one says")
    assert re.findall(r'<a class="words"[^>]*>(.*?)</a>', sentence) == [
        f"d{bare[1:]}",
        TREATMENT_WORDS,
    ]


def test_id_or_label_that_is_a_word_of_both_texts_is_no_reason_to_leave_a_sentence_out(
    grader: Grader, judge: ScriptedJudge
) -> None:
    control, *rest = pair("clinic-postmortem")
    session = json.loads(Path(control).read_text("utf-8"))
    assert "clinics" in json.dumps(session)
    session["id"] = "clinics"
    session["messages"][-1]["content"] += "\n\nThe notes are kept in bucket S1."
    Path("session.json").write_text(json.dumps(session), "utf-8")
    told = (
        "Both are meant for the clinics that lost their notes.",
        "Both would need a treatment of the cause.",
        "The treatment plan is missing, as is the control panel.",
        "One keeps the notes in S1 and tells so.",
    )
    wrong = "One is made for K1 and tells so."
    judge.answer(text_of(tuple((each, ("V1",)) for each in (*told, wrong))), kind="text")
    ran = grader("compare", "session.json", *rest, *JUDGE, "--base-url", judge.base_url,
                 "--name", "text")  # fmt: skip
    assert ran.code == 0, ran.err
    draft, _ = read_draft(FOLDER)
    assert "clinics" in draft.control.id
    assert kept(draft) == list(told)


def test_label_is_put_in_words_but_for_what_stands_in_a_quotation(
    grader: Grader, judge: ScriptedJudge
) -> None:
    draft = compare(grader, judge)
    assert draft.implications is not None
    said = draft.implications.summary[0].model_copy(
        update={"text": 'It tells of "class K12" as K1 asks.'}
    )
    changed = draft.implications.model_copy(update={"summary": (said,)})
    document = document_of(reviewed(draft.model_copy(update={"implications": changed})))
    (point,) = document.answer
    assert '"class K12"' in point.text and point.text.endswith("as criterion 1 asks.")


def test_answer_of_many_sentences_has_a_sign_and_its_grounds_for_each(
    grader: Grader, judge: ScriptedJudge
) -> None:
    draft = compare(grader, judge)
    assert draft.implications is not None
    one = draft.implications.summary[0]
    many = tuple(one.model_copy(update={"text": f"This is sentence {n}."}) for n in range(30))
    changed = draft.implications.model_copy(update={"summary": many})
    document = document_of(reviewed(draft.model_copy(update={"implications": changed})))
    text = render_markdown(document)
    raised = re.findall(r"This is sentence \d+\.[^\[]*\[([^]]+)\]\(#(sentence-\w+)\)", text)
    assert len({link for _, link in raised}) == 30
    assert not re.search("[a-z]", "".join(sign for sign, _ in raised))
    for _, link in raised:
        assert f"### {link.replace('-', ' ').capitalize()}\n" in text


def test_short_and_empty_quotation_marks_do_not_shift_the_pairs_behind_them(
    grader: Grader, judge: ScriptedJudge
) -> None:
    told = f'After "" and "x" one of them says "{CONTROL_WORDS}" and then stops.'
    false = 'After "" and "x" one of them says "never at all written" and then stops.'
    judge.answer(text_of(((told, ()), (false, ()))), kind="text")
    draft = compare(grader, judge)
    assert kept(draft) == [told]
    assert draft.text is not None
    assert len(draft.text.paragraphs[0][0].evidence) == 1


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        (f'Transcript 1 has "{CONTROL_WORDS} and a mark too few.', "without its partner"),
        ('Transcript 1 has "' + "very many words " * 40 + '" at once.', "more than 600 characters"),
        ('Transcript 1 says "words that nobody ever wrote down".', "stand in neither transcript"),
        ("What V1 says of it is plain for everyone.", "label of a finding"),
        ("On K2 the two are level for everyone.", "label of a criterion"),
        ("In the control of the door lies the control's whole care.", "names a condition"),
        ("The control is the shorter one of the two.", "names a condition"),
        ("Transcript 2 is the treated run, by its tone.", "names a condition"),
        ("The preamble made Transcript 1 bolder than it would be.", "names a condition"),
        ("p-clinic-postmortem-1 tells more about the clinics.", "names a condition"),
        ("Both texts keep to the facts that the task has given.", "says again"),
    ],
)
def test_sentence_that_would_mislead_is_left_out_counted_and_told_to_the_reviewer(
    grader: Grader, judge: ScriptedJudge, sentence: str, why: str
) -> None:
    good = "Both texts keep to the facts that the task has given them."
    judge.answer(text_of(((good, ("V1", "V2")), (sentence, ("V1",)))), kind="text")
    draft = compare(grader, judge)
    assert kept(draft) == [good]
    assert draft.text is not None
    (left_out,) = draft.text.left_out
    assert left_out.text == sentence and why in left_out.why
    for name in ("comparison.md", "evidence.md", "comparison.html"):
        assert sentence not in (FOLDER / name).read_text("utf-8")
    for name in ("comparison.md", "evidence.md", "comparison.html"):
        told = html.unescape((FOLDER / name).read_text("utf-8"))
        reason = told.split("One sentence of the judge's was left out of the text: it ")[1]
        assert why in reason.split(".")[0] and "(" not in reason.split(".")[0]
    item = ReviewFolder(FOLDER).items["paragraph:1"]
    assert any(sentence in reason and why in reason for reason in item.attention)


def test_page_without_any_sentence_that_can_stand_says_why_and_so_does_the_review(
    grader: Grader, judge: ScriptedJudge
) -> None:
    wrong = ("The preamble made it so.", 'Somebody wrote "what nobody has written" there.')
    judge.answer(
        text_of(*[((each, ()),) for each in (*wrong, "The preamble did it.")]), kind="text"
    )
    draft = compare(grader, judge)
    assert kept(draft) == []
    for name in ("comparison.md", "comparison.html"):
        text = html.unescape((FOLDER / name).read_text("utf-8"))
        assert "struck in review" not in text
        assert (
            "No sentence of the judge's can stand. 3 sentences of the judge's were left out of the "
            "text: each of them names a condition (2) or quotes words that stand in neither "
            "transcript (1). There is no text; the evidence stands by itself."
        ) in text
    first = next(each for each in ReviewFolder(FOLDER).items.values() if each.card == "text")
    assert all(any(each in told for told in first.attention) for each in wrong)


def test_text_beyond_its_length_is_cut_at_a_sentence(grader: Grader, judge: ScriptedJudge) -> None:
    sentences = tuple(
        (" ".join([chr(97 + n % 26) * (3 + m) for m in range(39)]) + f" {n}.", ("V1",))
        for n in range(26)
    )
    judge.answer(text_of(*[sentences[n : n + 5] for n in range(0, 26, 5)]), kind="text")
    draft = compare(grader, judge)
    assert sum(len(each.split()) for each in kept(draft)) == 880
    assert draft.text is not None
    assert len(draft.text.left_out) == 4
    assert {each.why for each in draft.text.left_out} == {"stands beyond the 900 words of the text"}


def test_sentence_that_its_findings_do_not_carry_is_printed_with_the_doubt(
    grader: Grader, judge: ScriptedJudge
) -> None:
    told = (
        ("Transcript 2 counts the patients and leaves it at that.", ("V1",)),
        (f'Somebody writes "{CONTROL_WORDS}" there and means it.', ("V1",)),
        ("It rests on nothing at all, this one.", ()),
    )
    judge.answer(text_of(told), kind="text")
    compare(grader, judge)
    text = (FOLDER / "comparison.md").read_text("utf-8")
    assert (
        "at that." in text and "**[names a transcript that none of its findings is about]**" in text
    )
    assert "**[quotes words that its findings don't hold]**" in text
    assert re.search(r"this one\.(?:\[[^]]*\]\([^)]*\))?†", text)
    assert "† rests on no finding: the judge's reading." in text
    item = ReviewFolder(FOLDER).items["paragraph:1"]
    assert sum("none of its findings is about" in reason for reason in item.attention) == 1


def test_number_that_was_counted_otherwise_stands_beside_the_count(
    grader: Grader, judge: ScriptedJudge
) -> None:
    judge.answer(text_of((("Transcript 1 has 5 words and Transcript 2 has more.", ("M1",)),)),
                 kind="text")  # fmt: skip
    compare(grader, judge)
    assert "**[measured words: " in (FOLDER / "comparison.md").read_text("utf-8")


def test_each_sentence_leads_to_what_it_rests_on_in_each_file(
    grader: Grader, judge: ScriptedJudge
) -> None:
    told = (
        ("Transcript 1 says more of the harm.", ("V1", "X1")),
        ("Both stay calm here.", ("M1",)),
    )
    judge.answer(text_of(told), kind="text")
    compare(grader, judge)
    text = (FOLDER / "comparison.md").read_text("utf-8")
    evidence = (FOLDER / "evidence.md").read_text("utf-8")
    links = re.findall(r"\]\(evidence\.md#(sentence-\w+)\)", text)
    assert {"sentence-1", "sentence-2"} <= set(links)
    headings = {
        line.removeprefix("### ").lower().replace(" ", "-")
        for line in evidence.split("\n")
        if line.startswith("### ")
    }
    assert set(links) <= headings
    ground = evidence.split("### Sentence 1\n")[1].split("### ")[0]
    assert "criterion 1, " in ground and "V1" not in ground
    page = (FOLDER / "comparison.html").read_text("utf-8")
    for link in links:
        assert f'href="#{link}"' in page and f'id="{link}"' in page


def test_paragraphs_are_struck_edited_or_accepted_together(
    grader: Grader, judge: ScriptedJudge
) -> None:
    told = [
        ("Paragraph number a says one thing.", ("V1",)),
        ("In number b says Transcript 1 something else.", ("V1",)),
        ("At last number c says what limits this.", ("V1",)),
    ]
    judge.answer(text_of(*[(each,) for each in told]), kind="text")
    compare(grader, judge)
    at = ReviewFolder(FOLDER)
    for id, item in at.items.items():
        if item.required and not item.named:
            if item.missing_in(item.drafted) is None:
                actions.accept(FOLDER, "Ada", id)
            else:
                actions.reject(FOLDER, "Ada", id, "no")
    text_items = [item for item in at.items.values() if item.card == "text"]
    assert len({item.decision for item in text_items}) == 1
    assert "number b" in (at.items["paragraph:2"].details(True).text or "")
    actions.reject(FOLDER, "Ada", "paragraph:1", "It says nothing.")
    actions.edit(FOLDER, "Ada", "paragraph:2", Content(text="Ada's own words."), "plainer")
    actions.accept_card(FOLDER, "Ada", "paragraph:3")
    text = rendered(FOLDER)["comparison.md"]
    assert "number a says" not in text and "1 paragraph of the judge was struck" in text
    assert "Ada's own words." in text and "in place of the judge's paragraph" in text
    assert "number b says" not in text and "number c says" in text


def test_reason_in_the_scorecard_is_short_leads_to_its_findings_and_is_marked_without_any(
    grader: Grader, judge: ScriptedJudge
) -> None:
    def answer(received: Received) -> dict[str, Any]:
        given = text_of((("One thing is said.", ("V1",)),))(received)
        first, second, third, *_ = given["reasons"]
        first["text"] = f'Somebody says "{CONTROL_WORDS}" there.'
        second["findings"], second["text"] = [], "Nothing is known of this one."
        third["text"] = " ".join(["long"] * 31)
        return given

    judge.answer(answer, kind="text")
    compare(grader, judge)
    text = (FOLDER / "comparison.md").read_text("utf-8")
    rows = [line for line in text.split("\n") if re.match(r"\| \d\. ", line)]
    assert rows[0].endswith("there.[ʳ¹](evidence.md#sentence-r1)**[quotes words that its findings "
                            "don't hold]** |".replace("**[", " **[", 1))  # fmt: skip
    assert rows[1].endswith("Nothing is known of this one.[ʳ²](evidence.md#sentence-r2)† |")
    assert rows[2].endswith("| [See the criterion](evidence.md#pre-specified-criteria). |")
    assert "† rests on no finding: the judge's reading." in text
    assert "long long" not in text
    evidence = (FOLDER / "evidence.md").read_text("utf-8")
    assert "It rests on" in evidence.split("### Sentence r1\n")[1].split("###")[0]
    assert "no finding" in evidence.split("### Sentence r2\n")[1].split("###")[0]
    assert "### Sentence r3" not in evidence
    page = (FOLDER / "comparison.html").read_text("utf-8")
    assert 'id="said-r1"' in page and 'href="#said-r1"' in page
    card = page.split('<table class="card">')[1].split("</table>")[0]
    assert re.search(r'<a class="words"[^>]*href="#span-\d+"[^>]*>Do 3 before 4\.</a>', card)


def test_sentence_of_the_answer_that_rests_on_nothing_is_marked(
    grader: Grader, judge: ScriptedJudge
) -> None:
    draft = compare(grader, judge)
    assert draft.implications is not None
    summary = draft.implications.summary
    bare = summary[0].model_copy(update={"findings": ()})
    changed = draft.implications.model_copy(update={"summary": (bare, *summary[1:])})
    document = document_of(reviewed(draft.model_copy(update={"implications": changed})))
    for text in (render_markdown(document), render_html(document)):
        assert re.search(re.escape(document.answer[0].text) + r"[^†]{1,120}†", text)
        assert "† rests on no finding" in text


def test_sign_for_what_is_still_the_judges_stands_behind_text_answer_and_shift(
    grader: Grader, judge: ScriptedJudge
) -> None:
    judge.answer(text_of((("One thing is said.", ("V1",)),), (("Another is said.", ("V1",)),)),
                 kind="text")  # fmt: skip
    compare(grader, judge)
    for name in ("comparison.md", "evidence.md", "comparison.html"):
        assert "°" not in rendered(FOLDER)[name]
    actions.accept(FOLDER, "Ada", "verdict:harm-and-repair:control")
    texts = rendered(FOLDER)
    text = texts["comparison.md"]
    answer = text.split("\n# ")[1].split("## Scorecard")[0]
    assert "°" in answer
    rows = [line for line in text.split("\n") if re.match(r"\| \d\. ", line)]
    assert all(re.search(r"\| (?:up|down|same)° \|.*° \|$", row) for row in rows)
    assert "°" not in rows[0].split(" | ")[1]
    assert re.search(r"One thing is said\.\S*°\n", text)
    assert re.search(r"<span class=\"shift\">\w+°</span>", texts["comparison.html"])
    for id, item in ReviewFolder(FOLDER).items.items():
        if item.required and not item.named and id != "verdict:harm-and-repair:control":
            if item.missing_in(item.drafted) is None:
                actions.accept(FOLDER, "Ada", id)
            else:
                actions.reject(FOLDER, "Ada", id, "no")
    actions.accept_card(FOLDER, "Ada", "paragraph:1")
    text = rendered(FOLDER)["comparison.md"]
    assert re.search(r"One thing is said\.[^°\n]*\n", text)
    assert re.search(r"^\| 1\. .* \| (?:up|down|same) \|[^°\n]*$", text, re.MULTILINE)


def test_failed_text_leaves_a_writeup_that_says_so(grader: Grader, judge: ScriptedJudge) -> None:
    judge.fail("refuse", kind="text")
    draft = compare(grader, judge)
    assert draft.text is not None and draft.text.outcome == "refused"
    text = (FOLDER / "comparison.md").read_text("utf-8")
    assert "The judge gave no answer: refused" in text
    assert "## Scorecard" in text
    assert not [i for i in ReviewFolder(FOLDER).items.values() if i.card == "text"]


@pytest.mark.parametrize("hostile", HOSTILE, ids=[repr(text[:24]) for text in HOSTILE])
def test_hostile_sentences_break_out_of_neither_file(
    grader: Grader, judge: ScriptedJudge, hostile: str
) -> None:
    judge.answer(text_of(((hostile, ("V1",)), (f"Then {hostile} came.", ()))), kind="text")
    compare(grader, judge)
    for name, text in rendered(FOLDER).items():
        if name.endswith(".html"):
            assert not re.search(r"<script|<img|<iframe|<svg onload|onmouseover=\"", text)
        else:
            assert not re.search(r"^(?:<script|<img|# A heading$)", text, re.MULTILINE)
    assert grader("check", FOLDER).code == 0


def test_draft_from_before_the_text_was_asked_is_read_checked_and_written_up(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path
) -> None:
    compare(grader, judge)
    old = json.loads((FOLDER / "comparison.json").read_text("utf-8"))
    del old["text"], old["prompts"]["text"]
    for finding in old["findings"]:
        if finding["label"].startswith("N"):
            finding["about"] = None
    draft = Comparison.model_validate(old)
    assert draft.text is None
    before = tmp_path / "old"
    before.mkdir()
    (before / "comparison.json").write_text(json.dumps(old), "utf-8")
    text = rendered(before)
    assert "Not asked when this draft was made." in text["comparison.md"]
    assert not re.search(r"\bN\d+\b", text["evidence.md"].split("## Provenance")[0])


def test_short_and_full_choose_what_goes_into_one_file(
    grader: Grader, judge: ScriptedJudge, tmp_path: Path
) -> None:
    compare(grader, judge)
    short = rendered(FOLDER, WriteupOptions(extent="short"))
    full = rendered(FOLDER, WriteupOptions(extent="full"))
    assert set(short) == set(full) == {"comparison.md", "comparison.html"}
    assert (
        "## Provenance" in full["comparison.md"] and "## Provenance" not in short["comparison.md"]
    )
    assert "(#sentence-" in full["comparison.md"] and "sentence-" not in short["comparison.md"]
    assert '<details class="fold"' not in full["comparison.html"]
    ran = grader("render", FOLDER, "--to", tmp_path / "x", "--short", "--full")
    assert ran.code == 2 and "--short, --full and --sections" in ran.err
    ran = grader("render", FOLDER, "--short")
    assert ran.code == 2 and "--to" in ran.err
    ran = grader("render", FOLDER, "--to", tmp_path / "x", "--short")
    assert ran.code == 0 and not (tmp_path / "x" / "evidence.md").exists()


def test_recording_from_before_the_text_was_asked_is_replayed_without_it(
    grader: Grader, judge: ScriptedJudge
) -> None:
    compare(grader, judge)
    lines = (FOLDER / "calls.jsonl").read_text("utf-8").splitlines(keepends=True)
    Path("old.jsonl").write_text(
        "".join(line for line in lines if json.loads(line).get("kind") != "text"), "utf-8"
    )
    ran = grader("compare", *pair("clinic-postmortem"), "--judge", "recorded:old.jsonl",
                 "--name", "old")  # fmt: skip
    assert ran.code == 0, ran.err
    draft, _ = read_draft(Path("outputs/old"))
    assert draft.text is None and draft.implications is not None
    assert grader("check", "outputs/old").code == 0
    ran = grader("compare", *pair("clinic-postmortem"), "--judge",
                 f"recorded:{FOLDER / 'calls.jsonl'}", "--name", "new")  # fmt: skip
    assert ran.code == 0, ran.err
    assert read_draft(Path("outputs/new"))[0].text is not None


@pytest.mark.parametrize(
    ("passage", "shown"),
    [
        ("- **Owner:** the board decides.", "the board decides."),
        ("*Your questions.* There will be a meeting.", "There will be a meeting."),
        ("| 3. Do it before Friday | x |", "Do it before Friday"),
        ("## What we change", "What we change"),
        ("**Not** acceptable in this house.", "Not** acceptable in this house."),
        ("-5% on last year", "-5% on last year"),
        ("5* hotels only", "5* hotels only"),
    ],
)
def test_beginning_of_a_passage_loses_marks_and_no_words(passage: str, shown: str) -> None:
    span = Span(transcript="control", turn=1, start=7, end=7 + len(passage))
    short = shortened(Quotation(text=passage, side="control", who="C", span=span), 9)
    assert short.text == shown
    assert passage[short.span.start - 7 : short.span.end - 7] == shown
