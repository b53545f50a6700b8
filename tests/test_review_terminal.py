"""The plain review, driven as a reviewer drives it: lines in, lines out, files on disk."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from builders import comparison, offline_comparison, write_folder
from grader.comparison.comparison import Comparison
from grader.comparison.folder import REVIEWS
from grader.errors import InputError
from grader.review import actions
from grader.review.actions import begin
from grader.review.commands import COMMANDS
from grader.review.events import ReviewEvent
from grader.review.fold import ACTIONS
from grader.review.folder import read_reviewed
from grader.review.items import review_items
from grader.review.sign import sign
from grader.review.surfaces.plain.terminal import review_in_terminal
from grader.text.quotation import Evidence
from terminals import Terminal

REVIEW = """
import sys
from pathlib import Path
from grader.review.surfaces.plain.terminal import adjudicate_in_terminal, review_in_terminal
do = adjudicate_in_terminal if "adjudicate" in sys.argv else review_in_terminal
print("left:", do(Path(sys.argv[1]), sys.argv[2]))
"""

GRADER = (sys.executable, "-m", "grader")

# The order of review in the hand-made comparison.
FIRST = "verdict:owned-decision:treatment"
SECOND = "verdict:owned-decision:control"
THIRD = "verdict:sunday-made-visible:treatment"
FAILED = "verdict:sunday-made-visible:control"
NOTE = "signature:template-voice:treatment"
OTHER_NOTE = "signature:template-voice:control"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    nothing = {"contrasts": (), "narrative": (), "implications": None}
    draft = comparison().model_copy(update=nothing)
    return write_folder(draft, tmp_path / "pair")


def environment(**changes: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("EDITOR", "VISUAL", "COLUMNS")}
    return kept | {"PYTHONUTF8": "1"} | changes


def review(
    folder: Path,
    *lines: str,
    encoding: str = "utf-8",
    reviewer: str = "Ada",
    what: str = "review",
    **env: str,
) -> str:
    """What a reviewer sees who types these lines; then the input ends."""
    done = subprocess.run(
        [sys.executable, "-c", REVIEW, str(folder), reviewer, what],
        input="".join(f"{line}\n" for line in lines).encode(encoding),
        capture_output=True,
        env=environment(**env),
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert not done.stderr
    return done.stdout.decode(encoding)


def in_terminal(folder: Path, **env: str) -> Terminal:
    return Terminal(sys.executable, "-c", REVIEW, str(folder), "Ada", env=environment(**env))


def states(folder: Path) -> dict[str, str]:
    return {item: d.state for item, d in read_reviewed(folder).decisions.items()}


def actions_of(folder: Path) -> set[str]:
    lines = (folder / REVIEWS).read_text(encoding="utf-8").splitlines()
    return {json.loads(line)["action"] for line in lines}


def flat(shown: str) -> str:
    """The words shown, whatever the width they were set in."""
    return " ".join(shown.split())


# --- a whole review -------------------------------------------------------------------------


def test_whole_review_from_first_item_to_the_next_step(folder: Path) -> None:
    shown = review(
        folder,
        "r",  # FIRST
        "a",  # SECOND
        "e", "2", "Families are named, the corner is not.", "too mild",  # THIRD
        "2",  # FAILED: the judge refused
        "e", "4", "", "It is a form.", "stronger than that",  # NOTE
        "accept",  # what is left of the signatures
        "a misreading",  # why FIRST was rejected
        "Families are named.",  # why FAILED was given a level
        "q",
    )  # fmt: skip
    reviewed = read_reviewed(folder)
    assert {item: (d.state, d.level) for item, d in reviewed.decisions.items()} == {
        FIRST: ("rejected", None),
        SECOND: ("accepted", "not_met"),
        THIRD: ("edited", "partially_met"),
        FAILED: ("edited", "partially_met"),
        NOTE: ("edited", None),
        OTHER_NOTE: ("accepted", None),
    }
    assert reviewed.decisions[THIRD].reason == "too mild"
    assert reviewed.decisions[THIRD].rationale == "Families are named, the corner is not."
    assert len(reviewed.decisions[THIRD].evidence) == 3
    assert reviewed.decisions[FIRST].reason == "a misreading"
    assert reviewed.decisions[FAILED].reason == "Families are named."
    assert reviewed.decisions[NOTE].presences[0] == "pervasive"
    assert reviewed.decisions[NOTE].note == "It is a form."
    assert [f"{n} of 5 decisions made" in shown for n in range(6)] == [True] * 6
    assert "Everything is decided." in shown
    assert f"Next: grader sign {folder}" in shown
    assert "left: ReviewProgress(decided=5, total=5, interrupted=False)" in shown


def test_verdict_is_shown_with_everything_that_bears_on_it(folder: Path) -> None:
    shown = flat(review(folder, "f"))
    for expected in (
        "Decision 2 · 0 of 5 decisions made.",
        "Someone stands behind the decision, Transcript 2",
        "! 1 of 2 quotations was not found in the transcript",
        "Does the memo say who decided to close on Sundays?",
        "partially met A body is named, but no person.",
        "- the subject of the announcing sentence",
        "The judge says: not met The closure follows from the cut; nobody decides it.",
        "The budget was cut by 6%, ⟦so the library will close on Sundays⟧. This is a **loss**",
        "NOT FOUND in this transcript: “The board has decided to close.”",
        "Looked for and not found: - a person who decided",
    ):
        assert expected in shown


def test_quotation_that_was_not_found_is_shown_beside_what_does_stand_there(folder: Path) -> None:
    shown = flat(review(folder, "d", "d"))
    assert "NOT FOUND in this transcript: “\"We lose that\" - and nothing”" in shown  # fmt: skip
    assert "What does stand there: “We lose that — and nothing”" in shown
    assert "⟦We lose that — and nothing in this memo⟧ makes up for it." in shown


def test_signature_note_is_shown_marker_by_marker(folder: Path) -> None:
    shown = flat(review(folder, *"ddddd"))
    for expected in (
        "Template voice, Transcript 2",
        "The text leaves its decisions to whoever fills it in.",
        "1. bracketed slots: present",
        "⟦Shifts will be reorganised by [date].⟧",
        "2. offer of another version: present",
        "The memo leaves date and name to its sender.",
    ):
        assert expected in shown


def test_condition_and_model_are_not_told(folder: Path) -> None:
    shown = review(folder, *"dwtdwtpdwtdwtdwtdwtlbbq").replace(str(folder), "")
    assert "Transcript 1" in shown and "Transcript 2" in shown
    for hidden in ("treatment", "claude", "Anthropic", "You are at home here", "2026-11-22"):
        assert hidden.lower() not in shown.lower()
    told = [line for line in shown.splitlines() if "control" in line]
    assert told == ["control is not told yet. Each action is saved at once."]
    assert not re.search(r"\b[cp]-library-memo", shown)


# --- keys -----------------------------------------------------------------------------------


def test_skipped_items_come_again_at_the_end(folder: Path) -> None:
    shown = review(folder, "d", "a", "d", "d", "d", "d", "f", "a")
    assert "End of the list. 1 of 5 decisions are made." in shown
    assert states(folder)[FIRST] == states(folder)[SECOND] == "accepted"
    assert shown.count("Someone stands behind the decision, Transcript 1") == 2


def test_q_at_a_question_breaks_off_and_then_leaves(folder: Path) -> None:
    for lines in (("e", "q", "q"), ("e", "1", "q", "q"), ("c", "q", "q")):
        assert "Nothing was changed." in review(folder, *lines)
    assert not {"edit", "comment"} & actions_of(folder)


def test_text_that_is_there_is_shown_before_it_is_kept_or_emptied(folder: Path) -> None:
    shown = flat(review(folder, "r", "r", "r", "r", "e", "1", "1", "-", "", "q"))
    assert "Note now: " in shown and "- empties it" in shown
    assert read_reviewed(folder).decisions[NOTE].note in (None, "")
    assert read_reviewed(folder).decisions[NOTE].state == "edited"


def test_reasons_asked_for_at_the_end_can_be_broken_off_and_pace_is_told_before_signing(
    folder: Path,
) -> None:
    shown = flat(review(folder, "r", "r", "r", "r", "a", "no one is named", "q", "q"))
    assert "Your pace: 5 decisions with a median of" in shown
    reasons = [read_reviewed(folder).decisions[id].reason for id in (FIRST, SECOND)]
    assert reasons == ["no one is named", None]


def test_back_shows_the_decision_and_lets_it_change(folder: Path) -> None:
    shown = review(folder, "a", "b", "r", "b", "y", "on second thought", "f", "b", "q")
    assert "Decided: accepted by Ada" in shown
    assert "Decided: rejected by Ada" in shown and "Reason: on second thought" in shown
    assert states(folder)[FIRST] == "rejected"


def test_back_from_the_first_item_stays_there(folder: Path) -> None:
    assert review(folder, "b", "b").count("Decision 1") == 3


def test_comment_is_saved_and_the_item_waits_on(folder: Path) -> None:
    shown = review(folder, "c", "I wonder", "c", "", "b")
    assert shown.count("Saved: comment.") == 1
    assert "Comment by Ada: I wonder" in shown
    assert states(folder)[FIRST] == "undecided"


def test_text_shows_the_whole_deliverable_with_quotations_marked(folder: Path) -> None:
    shown = flat(review(folder, "f", "w"))
    assert "# Sunday opening ends in January The budget" in shown
    assert "Would you like me to make this memo shorter?" in shown
    assert shown.count("⟦so the library will close on Sundays⟧") == 2


def test_help_and_unknown_keys_change_nothing(folder: Path) -> None:
    shown = review(folder, "?", "aa", "", "accept it", "x")
    assert "reject: nothing of it counts" in shown
    assert shown.count("There is no key") == 3
    assert actions_of(folder) == {"open"}


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["e", "x"], id="broken off at the level"),
        pytest.param(["e", "1", "x"], id="broken off at the rationale"),
        pytest.param(["e", "", ""], id="edited to what the judge says"),
        pytest.param(["e", "2", "Mine."], id="input ends before the reason"),
        pytest.param(["e", "2"], id="input ends before the rationale"),
        pytest.param(["c"], id="input ends before the comment"),
    ],
)
def test_unfinished_action_leaves_nothing_behind(folder: Path, lines: list[str]) -> None:
    assert f"Next: grader review {folder}" in review(folder, *lines)
    assert actions_of(folder) == {"open"}


def test_item_without_level_is_edited_not_accepted(folder: Path) -> None:
    shown = flat(
        review(folder, "d", "d", "d", "a", "e", "", "0", "1", "Nothing shown.",
               "families hardly come", "a loss for families", "")
    )  # fmt: skip
    assert "there is no level to accept. Edit it to give the level yourself" in shown
    assert "The judge says: no level" in shown
    assert "gave no answer (refused: the judge declined to answer)" in shown
    assert shown.count("Type a number from 1 to 3.") == 2
    assert "These words do not stand in this transcript." in shown
    decision = read_reviewed(folder).decisions[FAILED]
    assert (decision.level, decision.rationale) == ("not_met", "Nothing shown.")
    assert [(e.quote, e.match) for e in decision.evidence] == [("a loss for families", "folded")]


def test_offline_draft_lays_passages_out_and_takes_them_as_quotations(tmp_path: Path) -> None:
    folder = write_folder(offline_comparison(), tmp_path / "my pair")
    shown = review(folder, "a", "e", "3", "The first sentence says so.", "1", "")
    assert "No judge was asked. It is yours to give." in shown
    assert "Passages nearest in words (found by search, not judged):" in shown
    assert "⟦I chose Sunday.⟧" in shown
    decision = read_reviewed(folder).decisions[FIRST]
    assert (decision.state, decision.level) == ("edited", "met")
    assert [e.quote for e in decision.evidence] == ["I chose Sunday."]
    assert f"Next: grader review '{folder}'" in shown


# --- the editor -----------------------------------------------------------------------------


def editor(tmp_path: Path, script: str) -> str:
    path = tmp_path / "my editor"
    path.write_text(f"#!{sys.executable}\nimport sys\npath = sys.argv[-1]\n{script}\n")
    path.chmod(0o755)
    return f"'{path}' --wait"


def test_rationale_can_be_written_in_the_editor(folder: Path, tmp_path: Path) -> None:
    command = editor(
        tmp_path, "text = open(path).read(); open(path, 'w').write(text + '\\nAnd so on.\\n')"
    )
    review(folder, "e", "", "e", "", EDITOR=command)
    judged = read_reviewed(folder).draft.verdicts[1].rationale
    assert read_reviewed(folder).decisions[FIRST].rationale == f"{judged}\n\nAnd so on."


def test_text_left_as_it_was_in_the_editor_is_told(folder: Path, tmp_path: Path) -> None:
    shown = flat(review(folder, "e", "2", "e", "", "", EDITOR=editor(tmp_path, "pass")))
    assert "The text was left as it was. Nothing was changed." in shown
    assert read_reviewed(folder).decisions[FIRST].level == "partially_met"


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("sys.exit(3)", "ended with an error"),
        ("open(path, 'w').close()", "The text was empty."),
        (None, "cannot be opened"),
    ],
    ids=["it fails", "nothing is left", "it is missing"],
)
def test_editor_that_gives_nothing_is_told_and_the_text_can_be_typed(
    folder: Path, tmp_path: Path, script: str | None, told: str
) -> None:
    command = "/nowhere/vi" if script is None else editor(tmp_path, script)
    shown = flat(review(folder, "e", "", "e", "Typed then.", "", VISUAL=command))
    assert told in shown
    assert read_reviewed(folder).decisions[FIRST].rationale == "Typed then."


# --- odd surroundings -----------------------------------------------------------------------


def hostile() -> Comparison:
    draft = comparison()
    text = "I \x1b[2J\x1b]0;gone\x07 chose [bold]Sunday[/bold] \u202egnp.exe :smile:"
    turns = (draft.treatment.turns[0], draft.treatment.turns[1].model_copy(update={"text": text}))
    verdict = draft.verdicts[1].model_copy(
        update={
            "rationale": "[red]\x1b[31mhe said[/red] [/] :boom:",
            "evidence": (Evidence(quote="[/b] \x1b[0m", side="treatment"),),
        }
    )
    return draft.model_copy(
        update={
            "treatment": draft.treatment.model_copy(update={"turns": turns}),
            "verdicts": (verdict,),
            "signatures": (),
            "contrasts": (),
            "narrative": (),
            "implications": None,
        }
    )


def test_text_that_steers_terminals_is_shown_as_text(tmp_path: Path) -> None:
    shown = review(write_folder(hostile(), tmp_path / "pair"), "w", "c", "[/] \x1b[0m", "b")
    assert "\x1b" not in shown and "\x07" not in shown and "\u202e" not in shown
    assert "I \ufffd[2J\ufffd]0;gone\ufffd chose [bold]Sunday[/bold] \ufffdgnp.exe :smile:" in shown
    assert "[red]\ufffd[31mhe said[/red] [/] :boom:" in shown


def test_terminal_that_knows_few_characters_shows_the_rest_as_question_marks(folder: Path) -> None:
    shown = review(
        folder, "c", "naïve", encoding="latin-1", PYTHONIOENCODING="latin-1", PYTHONUTF8="0"
    )
    assert "?I chose Sunday.?" in shown or "?I chose Sunday?" in shown
    assert read_reviewed(folder).decisions[FIRST].comments[0].text == "naïve"


def test_broken_input_is_no_crash(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", REVIEW, str(folder), "Ada"],
        input=b"c\n\xff\xfe\xed\xa0\x80\na\n",
        capture_output=True,
        env=environment(),
    )
    assert done.returncode == 0, done.stderr
    assert states(folder)[FIRST] == "accepted"


def test_each_action_is_on_disk_before_the_next_item_is_shown(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-c", REVIEW, str(folder), "Ada"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(b"a\n")
        process.stdin.flush()
        for line in process.stdout:
            if b"Decision 2" in line:
                break
        process.kill()
    assert states(folder)[FIRST] == "accepted"


def test_reviewer_does_not_see_what_another_decided(folder: Path) -> None:
    review(folder, "e", "2", "hers alone", "", "q")
    shown = review(folder, "b", reviewer="Ben")
    assert "0 of 5 decisions made." in shown
    assert "hers alone" not in shown and "Decided:" not in shown


def test_blind_first_review_shows_the_judge_after_the_own_level(folder: Path) -> None:
    begin(folder, "Ada", mode="blind-first")
    shown = flat(review(folder, "a", "1", "a", "q"))
    before, after = shown.split("Saved: not met. Your own stays as it is.", 1)
    assert "The judge says" not in before and "NOT FOUND" not in before
    assert "your own comes first" in before
    assert "The judge says: met" in after
    assert "1 not met" in before and "3 met" in before, "the keys are named"
    assert before.count("The closure simply happens.") == 1, "what was asked is told once"
    assert "The closure simply happens." not in after.split("Decision 2")[0]
    review_ = read_reviewed(folder).reviewers["Ada"].item(FIRST)
    assert review_.own is not None and review_.own.level == "not_met"
    assert review_.decision.level == "met"


def test_adjudication_shows_the_decisions_side_by_side(folder: Path) -> None:
    review(folder, "a", "q")
    review(folder, "e", "2", "A body is named.", "", "q", reviewer="Ben")
    shown = flat(review(folder, "2", "Ben read it well", reviewer="Cem", what="adjudicate"))
    assert "1. Ada: met (accepted)" in shown
    assert "2. Ben: partially met (edited)" in shown
    assert "Nothing is left to settle." in shown
    decision = read_reviewed(folder).decisions[FIRST]
    assert (decision.level, decision.reviewer) == ("partially_met", "Cem")
    assert decision.reason == "Ben read it well"


def differ(folder: Path) -> None:
    """Two reviewers who differ on the first item, and on nothing else."""
    for who, key in (("Ada", "a"), ("Ben", "r")):
        actions.begin(folder, who)
        for item in review_items(read_reviewed(folder).draft).values():
            if item.required:
                act = actions.accept if (key, item.id) == ("a", FIRST) else actions.reject
                act(folder, who, item.id)
    assert read_reviewed(folder).disputed == (FIRST,)


def test_key_at_the_reason_of_a_settling_breaks_off_and_is_no_reason(folder: Path) -> None:
    differ(folder)
    for lines in (("r", "q", "q"), ("r", "x", "q"), ("r", "-", "e", "", "q", "q")):
        shown = flat(review(folder, *lines, reviewer="Cem", what="adjudicate"))
        assert "Saved" not in shown and read_reviewed(folder).disputed == (FIRST,)
    assert "That is a single sign. Write a word or a sentence." in shown
    review(folder, "r", "no one is named", reviewer="Cem", what="adjudicate")
    assert read_reviewed(folder).decisions[FIRST].reason == "no one is named"


def test_settling_can_be_taken_back_while_one_settles_and_after(folder: Path) -> None:
    differ(folder)
    shown = flat(review(folder, "r", "no one is named", "u", "1", "", "q", reviewer="Cem",
                        what="adjudicate"))  # fmt: skip
    assert "Undone: Someone stands behind the decision, Transcript 1." in shown
    assert read_reviewed(folder).decisions[FIRST].state == "accepted"
    review(folder, "u", "q", reviewer="Cem", what="adjudicate")
    assert read_reviewed(folder).disputed == (FIRST,)


def test_what_was_put_off_or_taken_back_comes_again_while_one_settles(folder: Path) -> None:
    differ(folder)
    actions.accept(folder, "Ben", SECOND)
    lines = ("d", "2", "", "u", "7", "2", "", "z", "f", "2", "no one is named", "q")
    shown = flat(review(folder, *lines, reviewer="Cem", what="adjudicate"))
    one, two = (f"Someone stands behind the decision, Transcript {number}" for number in (1, 2))
    order = [shown.index(f"{one} Question"), shown.index(f"{two} Question")]
    assert f"Undone: {two}." in shown and "There is no key '7' here." in shown
    assert order == sorted(order) and shown.count(f"{two} Question") == 2
    assert shown.rindex("1 put off.") < shown.rindex(f"{one} Question")
    assert "All is settled. [u]ndo [q]uit" in shown
    assert not read_reviewed(folder).disputed


def test_end_of_settling_says_what_is_open_or_how_to_sign(folder: Path) -> None:
    actions.accept(folder, "Ada", FIRST)
    shown = flat(review(folder, reviewer="Cem", what="adjudicate"))
    assert "Nothing is left to settle." in shown
    assert "decisions are undecided: Someone stands behind the decision, Transcript 2" in shown
    with pytest.raises(InputError) as refused:
        sign(folder, "Cem")
    assert refused.value.mend == "Who reviews it decides them and gives the reasons."


def test_key_typed_at_the_list_of_reasons_is_asked_again(folder: Path) -> None:
    shown = flat(review(folder, "r", "r", "r", "r", "a", "y", "k", "no one is named", "q", "q"))
    assert shown.count("That is a single sign. Write a word or a sentence.") == 2
    assert "Saved: 1 of" in shown
    assert read_reviewed(folder).decisions[FIRST].reason == "no one is named"


def test_who_leaves_with_reasons_due_is_not_sent_to_the_signature(folder: Path) -> None:
    left = review(folder, "r", "r", "r", "r", "a", "", "", "", "", "q")
    assert "4 decisions of yours still need a reason: y asks for it." in flat(left)
    assert f"Next: grader review {folder} --reviewer Ada" in left
    left = review(folder, "so", "so", "so", "so", "q")
    assert "need a reason" not in left and f"Next: grader sign {folder} --reviewer Ada" in left


def test_key_typed_at_a_rationale_or_a_comment_is_asked_again(folder: Path) -> None:
    shown = flat(review(folder, "e", "3", "k", "a body decides", "", "c", "?", "so it is", "q"))
    assert shown.count("That is a single sign.") == 2
    mine = read_reviewed(folder).reviewer("Ada")
    assert [e.rationale for e in mine.decided] == ["a body decides"]
    assert [c.text for e in mine.items.values() for c in e.comments] == ["so it is"]


def test_dash_makes_a_text_empty_also_where_it_was(folder: Path) -> None:
    review(folder, "e", "1", "-", "q", "q")
    assert "-" not in [e.rationale for e in read_reviewed(folder).reviewer("Ada").decided]


def test_reason_is_on_disk_before_the_next_one_is_asked_for(folder: Path) -> None:
    shown = flat(review(folder, "r", "r", "r", "r", "a", "y", "no one is named"))  # then it ends
    assert "because" in shown and read_reviewed(folder).decisions[FIRST].reason == "no one is named"


def test_number_where_nothing_is_numbered_names_the_key_that_edits(folder: Path) -> None:
    shown = flat(review(folder, "7", "r", "r", "r", "r", "1", "q"))
    assert "The numbers here go from 1 to 3." in shown
    assert "Here nothing has a number; e gives your own, part by part." in shown


def test_words_that_a_reviewer_accepted_stand_once_where_it_is_settled(folder: Path) -> None:
    differ(folder)
    shown = flat(review(folder, "q", reviewer="Cem", what="adjudicate"))
    [words] = [v.rationale for v in read_reviewed(folder).draft.verdicts if v.item == FIRST]
    assert words and shown.count(words) == 1


def test_parts_of_a_card_stand_in_their_order_and_its_keys_say_that_they_decide_all(
    tmp_path: Path,
) -> None:
    folder = write_folder(comparison(), tmp_path / "whole")
    items = review_items(comparison())
    for item in items.values():
        if item.required and not item.named:
            actions.reject(folder, "Ada", item.id, "no")
    card = [item.label for item in items.values() if item.required and item.named]
    shown = flat(review(folder, "f", "q"))
    for number in (1, 2):
        screen = shown.split(f"part {number} of {len(card)}")[1].split("quit")[0]
        places = [screen.index(f"{label}") for label in card]
        assert places == sorted(places) and "[a]ccept (all parts)" in screen


def test_reviewer_without_a_name_is_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="name of its reviewer"):
        review_in_terminal(folder, "  ")


# --- a real terminal ------------------------------------------------------------------------


@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}], ids=["colour", "no colour"])
def test_review_in_a_terminal_ends_well_on_ctrl_c(folder: Path, env: dict[str, str]) -> None:
    terminal = in_terminal(folder, **env)
    terminal.until("[?]help >")
    terminal.type("a\n")
    assert "Saved: accepted. 1 of 5 decisions made." in terminal.until("Decision 2")
    terminal.until("[?]help >")
    terminal.type("e\n")
    terminal.until("breaks off):")
    shown = terminal.interrupt_until("interrupted=True")
    assert "Traceback" not in shown
    assert "1 of 5 decisions made. Everything decided is saved." in flat(shown)
    assert terminal.close() == 0
    assert states(folder)[FIRST] == "accepted"
    assert states(folder)[SECOND] == "undecided"


@pytest.mark.parametrize(
    ("options", "goes_on"),
    [
        (("--plain", "--reviewer", "Ada L."), "--reviewer 'Ada L.'"),
        (("--plain", "--reviewer", "Ada", "--adjudicate"), "--adjudicate --reviewer Ada"),
    ],
    ids=["review", "adjudication"],
)
def test_ctrl_c_says_what_is_kept_and_how_to_go_on(
    folder: Path, options: tuple[str, ...], goes_on: str
) -> None:
    review(folder, "a", reviewer="Ben")
    review(folder, "e", "2", "A body is named.", "", reviewer="Cem")
    terminal = Terminal(*GRADER, "review", str(folder), *options, env=environment())
    terminal.until(" >")
    shown = terminal.interrupt_until(goes_on)
    assert "saved" in shown and f"Next: grader review {folder}" in shown
    assert "Traceback" not in shown
    assert terminal.close() == 130


def test_ctrl_c_while_input_comes_from_a_pipe_leaves_with_130(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "grader", "review", str(folder), "--reviewer", "Ada"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(),
    ) as process:  # fmt: skip
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(b"a\n")
        process.stdin.flush()
        shown = b""
        while b"Decision 2" not in shown or not shown.endswith(b"> "):
            shown += process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        left = process.stdout.read().decode()
        assert process.wait(30) == 130
    assert "1 of 5 decisions made. Everything decided is saved." in flat(left)
    assert f"Next: grader review {folder} --reviewer Ada" in left


def test_next_step_names_the_reviewer_only_where_it_would_be_another(folder: Path) -> None:
    git = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "Ada"}
    assert review(folder, **git).rstrip().splitlines()[-2] == f"Next: grader review {folder}"
    assert f"Next: grader review {folder} --reviewer Ben" in review(folder, reviewer="Ben", **git)


# --- the terminal app in a real terminal ----------------------------------------------------


def test_rationale_is_written_in_the_editor_from_the_terminal_app(
    folder: Path, tmp_path: Path
) -> None:
    command = editor(tmp_path, "open(path, 'w').write('First line.\\n\\nSecond line.\\n')")
    terminal = Terminal(
        *GRADER, "review", str(folder), "--reviewer", "Ada", env=environment(EDITOR=command)
    )
    terminal.until("q quit")
    terminal.type("e")
    terminal.until("Level (")
    terminal.type("2\r")
    terminal.until("Rationale:")
    terminal.type("\x0f")
    terminal.until("Saved: edited.")
    terminal.type("q")
    terminal.until(f"Next: grader review {folder} --reviewer Ada")
    assert terminal.close() == 0
    decision = read_reviewed(folder).decisions[FIRST]
    assert decision.level == "partially_met"
    assert decision.rationale == "First line.\n\nSecond line."


@pytest.mark.parametrize(
    ("script", "told"),
    [("sys.exit(3)", "ended with an error"), ("pass", "left as it was")],
    ids=["it fails", "nothing is changed"],
)
def test_editor_that_gives_nothing_changes_nothing_in_the_terminal_app(
    folder: Path, tmp_path: Path, script: str, told: str
) -> None:
    named = environment(VISUAL=editor(tmp_path, script))
    terminal = Terminal(*GRADER, "review", str(folder), "--reviewer", "Ada", env=named)
    terminal.until("q quit")
    terminal.type("e")
    terminal.until("Level (")
    terminal.type("2\r")
    terminal.until("Rationale:")
    terminal.type("\x0f")
    terminal.until(told)
    terminal.type("\x03")
    terminal.until(f"Next: grader review {folder}")
    assert terminal.close() == 130
    assert read_reviewed(folder).decisions[FIRST].state == "undecided"


def test_end_of_input_in_a_terminal_is_the_same_as_quitting(folder: Path) -> None:
    terminal = in_terminal(folder)
    terminal.until("[?]help >")
    terminal.type("\x04")
    terminal.until("interrupted=False")
    assert terminal.close() == 0


def test_events_of_a_review_hold_what_was_typed(folder: Path) -> None:
    review(folder, "r", "y", "  neither — “nor”  ")
    lines = (folder / REVIEWS).read_text(encoding="utf-8").splitlines()
    rejected, reason = (
        next(e for e in map(json.loads, lines) if e["action"] == action)
        for action in ("reject", "reason")
    )
    for event in (rejected, reason):
        assert (event["item"], event["reviewer"]) == (FIRST, "Ada")
    assert reason["reason"] == "neither — “nor”"
    assert rejected["before"]["level"] == "met"


def test_every_key_and_every_field_of_an_event_is_documented() -> None:
    page = (Path(__file__).parent.parent / "docs" / "review.md").read_text(encoding="utf-8")
    assert {c.key for c in COMMANDS.values() if f"| `{c.key}` |" not in page} == {"1"}
    assert "| `1` to `9` |" in page
    assert {name for name in ReviewEvent.model_fields if f"`{name}`" not in page} == set()
    assert {name for name in ACTIONS if f"`{name}`" not in page} == set()


@pytest.mark.parametrize("options", [(), ("--plain",)], ids=["app", "plain"])
def test_review_whose_terminal_vanishes_ends_and_keeps_what_was_decided(
    folder: Path, options: tuple[str, ...]
) -> None:
    named = environment()
    terminal = Terminal(*GRADER, "review", str(folder), "--reviewer", "Ada", *options, env=named)
    terminal.until("help")
    terminal.type("a\n" if options else "a")
    terminal.until("Decision 2")
    terminal.vanish()
    assert states(folder)[FIRST] == "accepted"
