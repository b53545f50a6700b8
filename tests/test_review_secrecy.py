"""What others decided is in nothing that a reviewer sees before they settle it."""

from __future__ import annotations

import io
import itertools
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from builders import comparison, write_folder
from conftest import Grader
from grader.errors import InputError
from grader.review import actions
from grader.review.accounts import add_account
from grader.review.adjudicate import begin_settling, look
from grader.review.events import Content
from grader.review.folder import ReviewFolder, read_reviewed
from grader.review.items import ReviewItem, review_items
from grader.review.rules import has_decided_all
from grader.review.sign import sign, take_back
from grader.review.surfaces.plain.terminal import review_in_terminal
from webserver import Visitor, served

ITEMS = list(review_items(comparison()).values())
CONTROL = "verdict:owned-decision:control"


def clock() -> Iterator[datetime]:
    """A time that goes on with every look, the same for each run."""
    begin = datetime(2026, 11, 24, 10, tzinfo=UTC)
    return (begin + timedelta(seconds=n) for n in itertools.count())


def others_decide(folder: Path, accept: tuple[str, ...]) -> None:
    """Ben and Cem decide all items: these two or one of them accept, the other rejects."""
    times = clock()
    for name in ("Ben", "Cem"):
        actions.begin(folder, name, clock=lambda: next(times))
        for item in ITEMS:
            actions.open_item(folder, name, item.id, clock=lambda: next(times))
            if item.missing_in(item.drafted) is None and name in accept:
                actions.accept(folder, name, item.id, clock=lambda: next(times))
            else:
                actions.reject(folder, name, item.id, "no", clock=lambda: next(times))


def hide_what_is_drawn(text: str) -> str:
    """The text without tokens, ports, times and pace, which differ from run to run."""
    text = re.sub(r'name="csrf" value="[^"]*"', "", text)
    text = re.sub(r'<p class="state pace">.*?</p>', "", text)  # the reviewer's own seconds
    text = re.sub(r"127\.0\.0\.1:\d+|localhost:\d+", "", text)
    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|<td>\d*</td>", "", text)


PAGES = ["/", "/?show=attention", "/?show=undecided", "/c/memo", "/c/memo?show=undecided",
         "/c/memo?show=mine", "/c/memo/history", "/c/memo/adjudicate", "/c/memo/sign",
         "/c/memo/writeup", "/agreement", "/pairs", "/next", "/?show=for+me",
         *(f"/c/memo/adjudicate/{item.key}" for item in ITEMS[:3])]  # fmt: skip


def seen_by_a_third(folder: Path, mode: str) -> list[str]:
    """Every answer to a reviewer who decides half of the items, then all, and tries to sign."""
    seen: list[str] = []
    with served(folder.parent, mode=mode) as server:
        ada = Visitor(server, "Ada")

        def look_at_all() -> None:
            for path in PAGES:
                answer = ada.get(path)
                seen.append(f"{path} {answer.status_code} {answer.headers} {answer.text}")

        def decide(item: ReviewItem) -> None:
            answer = ada.get(f"/c/memo/i/{item.key}")
            seen.append(answer.text)
            if mode != "assisted":
                fields = {each.name if each.place is None else f"{each.name}-{each.place}": "1"
                          for each in item.fields if each.settles}  # fmt: skip
                seen.append(ada.act("memo", item.key, "own", **fields).text)
            seen.append(ada.act("memo", item.key, "reject", reason="no").text)

        def leave() -> None:
            last = {"last": str(read_reviewed(folder).events)}
            seen.append(ada.post("/c/memo/sign", last).text)
            look_at_all()
            console = Console(file=io.StringIO(), width=100)
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr("sys.stdin", io.StringIO("l\nd\nf\nq\n"))
                review_in_terminal(folder, "Ada", console)
            assert isinstance(console.file, io.StringIO)
            seen.append(console.file.getvalue())
            with pytest.raises(InputError) as refused:
                sign(folder, "Ada")
            seen.append(str(refused.value))

        look_at_all()
        ada.post("/c/memo/begin", {"mode": mode})
        for item in ITEMS[:6]:
            decide(item)
            look_at_all()
        for path in ("/c/memo/settle", "/c/memo/undo"):
            seen.append(ada.post(path, {"last": str(read_reviewed(folder).events)}).text)
        leave()
        for _ in range(2):  # in a blind review a card opens once all of it was given
            for item in ITEMS:
                if (
                    read_reviewed(folder).reviewer("Ada").item(item.id).decision.state
                    == "undecided"
                ):
                    decide(item)
        reviewed = read_reviewed(folder)
        assert has_decided_all(reviewed.reviewer("Ada"), reviewed)
        leave()
    return [
        hide_what_is_drawn(re.sub(r"'(date|content-length)': '[^']*'", "", each)) for each in seen
    ]


@pytest.mark.parametrize("mode", ["assisted", "blind-first", "mixed"])
def test_third_reviewer_sees_the_same_bytes_whatever_two_others_decided(
    tmp_path: Path, mode: str
) -> None:
    runs = []
    for accept in (("Ben",), ("Cem",), ("Ben", "Cem"), ()):
        folder = write_folder(comparison(), tmp_path / "outputs" / "memo")
        others_decide(folder, accept)
        assert bool(read_reviewed(folder).disputed) == (len(accept) == 1)
        runs.append(seen_by_a_third(folder, mode))
        shutil.rmtree(folder)
    assert len(runs[0]) > 120
    for shown in zip(*runs, strict=True):
        assert len({*shown}) == 1


def test_who_has_decided_everything_settles_before_they_see_what_is_disputed(
    tmp_path: Path,
) -> None:
    folder = write_folder(comparison(), tmp_path / "outputs" / "memo")
    others_decide(folder, ("Ben", "Cem"))
    with served(folder.parent) as server:
        ada = Visitor(server, "Ada")
        for item in (item for item in ITEMS if item.required):
            actions.reject(folder, "Ada", item.id, "no")
        before = ada.get("/c/memo/sign").text
        assert "reviewers differ" not in before and "See what others decided" in before
        refused = ada.post("/c/memo/sign", {"last": str(read_reviewed(folder).events)})
        assert refused.status_code == 409
        assert "you have not looked at what they decided" in refused.text
        assert ada.post("/c/memo/settle").status_code == 303
        assert "reviewers differ" in ada.get("/c/memo/sign").text
        assert ada.act("memo", ITEMS[0].key, "accept").status_code == 409  # and now it stays


def test_reviewers_who_agree_sign_once_one_of_them_has_looked(tmp_path: Path) -> None:
    folder = write_folder(comparison(), tmp_path / "outputs" / "memo")
    others_decide(folder, ())
    with pytest.raises(InputError, match="have not looked"):
        sign(folder, "Ben")
    with served(folder.parent) as server:
        ben = Visitor(server, "Ben")
        ben.post("/c/memo/settle")
        assert "There are none." in ben.get("/c/memo/adjudicate").text
        last = str(read_reviewed(folder).events)
        assert ben.post("/c/memo/sign", {"last": last}).status_code == 303
    reviewed = read_reviewed(folder)
    assert reviewed.sign_off is not None and reviewed.sign_off.reviewer == "Ben"


def test_who_names_no_mode_reviews_as_the_others_do(tmp_path: Path) -> None:
    folder = write_folder(comparison(), tmp_path / "memo")
    assert actions.begin(folder, "Ada", mode="blind-first").reviewer("Ada").mode == "blind-first"
    assert actions.begin(folder, "Ben").reviewer("Ben").mode == "blind-first"
    assert actions.begin(folder, "Cem", mode="assisted").reviewer("Cem").mode == "assisted"
    assert actions.begin(folder, "Dan").reviewer("Dan").mode == "assisted"


@pytest.mark.parametrize("act", [actions.begin, begin_settling, sign])
def test_one_person_is_not_two_reviewers_by_a_capital(
    tmp_path: Path, act: Callable[[Path, str], object]
) -> None:
    folder = write_folder(comparison(), tmp_path / "memo")
    actions.begin(folder, "Ada")
    with pytest.raises(InputError, match="Ada takes part already") as refused:
        act(folder, " aDa")
    assert refused.value.mend == "Write Ada, or a name that differs by more than capitals."
    add_account(tmp_path, "Ada", "four or five words")
    with pytest.raises(InputError, match="Ada takes part already"):
        add_account(tmp_path, "ADA", "four or five words")
    assert not add_account(tmp_path, "Ada", "some other words then")


def test_name_of_a_reviewer_has_at_most_a_hundred_signs(tmp_path: Path) -> None:
    folder = write_folder(comparison(), tmp_path / "memo")
    assert actions.begin(folder, "A" * 100).reviewer("A" * 100).began
    with pytest.raises(InputError, match="at most 100 signs"):
        actions.begin(folder, "A" * 101)


def test_who_settles_is_told_who_has_not_finished(tmp_path: Path, grader: Grader) -> None:
    folder = write_folder(comparison(), tmp_path / "memo")
    others_decide(folder, ("Ben",))
    told = "Ada has not decided everything yet, and may differ on more than what is here."
    settle = ("review", str(folder), "--adjudicate", "--plain", "--reviewer", "Dan")
    assert told not in grader(*settle).out
    actions.begin(folder, "Ada")
    assert told in grader(*settle).out
    with served(folder) as server:
        dan = Visitor(server, "Dan")
        page = dan.get("/c/memo/adjudicate").text
        assert told in page
        assert told not in Visitor(server, "Ada").get("/c/memo/adjudicate").text


def test_outsider_whose_signature_is_refused_learns_no_item(tmp_path: Path) -> None:
    folder = write_folder(comparison(), tmp_path / "memo")
    others_decide(folder, ("Ben",))
    with pytest.raises(InputError) as refused:
        sign(folder, "Dan")
    assert "open, decided differently or without a reason" in refused.value.problem
    assert not any(item.label in str(refused.value) for item in ITEMS)
    begin_settling(folder, "Dan")
    with pytest.raises(InputError, match="decided differently by their reviewers"):
        sign(folder, "Dan")


def test_grounds_that_another_reviewer_changed_are_not_told(tmp_path: Path) -> None:
    folder = write_folder(comparison(), tmp_path / "memo")
    for item in ITEMS:
        if not item.named:
            actions.reject(folder, "Ada", item.id, "no")
    before = [repr(each) for each in ReviewFolder(folder).reviewed().reviewer("Ada").items]
    content = Content(level="met", rationale="Hers.")
    actions.edit(folder, "Ben", CONTROL, content)
    assert [repr(each) for each in read_reviewed(folder).reviewer("Ada").items] == before


def test_who_settles_decides_nothing_more_and_takes_nothing_back(tmp_path: Path) -> None:
    folder = write_folder(comparison(), tmp_path / "memo")
    actions.accept(folder, "Ada", CONTROL)
    actions.reject(folder, "Ben", CONTROL, "no")
    begin_settling(folder, "Ada")
    attempts: tuple[Callable[[], object], ...] = (
        lambda: actions.reject(folder, "Ada", CONTROL, "after all"),
        lambda: actions.undo(folder, "Ada"),
        lambda: actions.reopen(folder, "Ada", CONTROL),
        lambda: actions.begin(folder, "Ada"),
    )
    for attempt in attempts:
        with pytest.raises(InputError):
            attempt()
    assert look(folder, "Ada", CONTROL)[0].decision.state == "accepted"


def test_blind_first_order_is_the_rubrics_and_tells_nothing_of_attention(tmp_path: Path) -> None:
    orders = []
    for n, attention in enumerate((True, False)):
        draft = comparison()
        if not attention:
            calm = tuple(v.model_copy(update={"attention": ()}) for v in draft.verdicts)
            draft = draft.model_copy(update={"verdicts": calm})
        folder = write_folder(draft, tmp_path / f"outputs{n}" / "memo")
        actions.begin(folder, "Ada", mode="blind-first")
        with served(folder.parent) as server:
            ada = Visitor(server, "Ada")
            page = ada.get("/c/memo").text
            orders.append((re.findall(r'/i/([^"]+)">', page), "attention</span>" in page,
                           re.findall(r"<td>[^<]*</td>", ada.get("/").text)))  # fmt: skip
    assert orders[0] == orders[1]
    assert not orders[0][1]


def test_forms_of_settling_show_nothing_to_who_does_not_settle(tmp_path: Path) -> None:
    folder = write_folder(comparison(), tmp_path / "outputs" / "memo")
    others_decide(folder, ("Ben",))
    key = next(item.key for item in ITEMS if item.id == CONTROL)
    with served(folder.parent) as server:
        dan = Visitor(server, "Dan")
        for fields in ({"holds": "other"}, {"holds": "reviewer", "whose": "Ben"}, {"holds": "x"}):
            answer = dan.post(f"/c/memo/adjudicate/{key}", {"last": "0", **fields})
            assert answer.status_code in (409, 422)
            assert "Cem" not in answer.text and "Ben" not in answer.text
        cem = Visitor(server, "Cem")
        cem.post("/c/memo/settle", {"last": str(read_reviewed(folder).events)})
        cem.get(f"/c/memo/adjudicate/{key}")
        short = cem.post(f"/c/memo/adjudicate/{key}", {"holds": "other", "last": "999"})
        assert short.status_code in (409, 422)


def test_refused_action_on_an_item_with_names_shows_no_names_early(tmp_path: Path) -> None:
    folder = write_folder(comparison(), tmp_path / "outputs" / "memo")
    title = next(item for item in ITEMS if item.kind == "title")
    with served(folder.parent, mode="blind-first") as server:
        ada = Visitor(server, "Ada")
        ada.post("/c/memo/begin", {"mode": "blind-first"})
        for act in ("accept", "reject", "keep"):
            answer = ada.act("memo", title.key, act, reason="no")
            assert answer.status_code in (404, 409)
            assert title.drafted.text and title.drafted.text not in answer.text
            assert "the control" not in answer.text.lower()


def test_contrast_is_blind_where_a_verdict_on_its_criterion_is(tmp_path: Path) -> None:
    folder = write_folder(comparison(), tmp_path / "outputs" / "memo")
    for name in ("Ada", "Ben", "Cem", "Dan", "Eve"):
        actions.begin(folder, name, mode="mixed")
        blind = read_reviewed(folder).reviewer(name).blind
        criteria = {id.split(":")[1] for id in blind if id.startswith("verdict")}
        contrasts = {item.id for item in ITEMS if item.kind == "contrast"}
        assert {f"contrast:{each}" for each in criteria} & contrasts <= blind


def test_no_list_or_count_tells_which_verdicts_were_planted(tmp_path: Path) -> None:
    seen = []
    for traps in (0, 1):
        folder = write_folder(comparison(), tmp_path / str(traps) / "memo")
        with served(folder.parent) as server:
            ada = Visitor(server, "Ada")
            actions.begin(folder, "Ada", traps=traps)
            verdicts = [item for item in ITEMS if item.kind == "verdict"]
            for item in verdicts:
                actions.open_item(folder, "Ada", item.id)
                actions.reject(folder, "Ada", item.id, "no")
            pages = ["/", "/c/memo", "/c/memo/history", "/pairs",
                     "/c/memo/i/contrast:owned-decision"]  # fmt: skip
            shown = [ada.get(path).text for path in pages]
        console = Console(file=io.StringIO(), width=100)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("sys.stdin", io.StringIO("l\nq\n"))
            review_in_terminal(folder, "Ada", console)
        assert isinstance(console.file, io.StringIO)
        shown.append(console.file.getvalue().replace(str(folder), ""))
        if traps:
            reviews = read_reviewed(folder).reviewer("Ada").items.values()
            assert "answered" in {review.planted for review in reviews}
        seen.append([re.sub(r'name="last" value="\d+"', "", hide_what_is_drawn(e)) for e in shown])
    for without, planted in zip(*seen, strict=True):
        assert planted.splitlines() == without.splitlines()


def test_no_page_changes_where_another_reviewer_decides_everything(tmp_path: Path) -> None:
    folder = write_folder(comparison(), tmp_path / "outputs" / "memo")
    with served(folder.parent, mode="blind-first") as server:
        ada = Visitor(server, "Ada")
        ada.get(f"/c/memo/i/{ITEMS[0].key}")
        pages = [*PAGES, *(f"/c/memo/i/{item.key}" for item in ITEMS if not item.named)]

        def look_at_all() -> list[str]:
            # Twice, since a look at an item is an event of her own.
            return [hide_what_is_drawn(ada.get(path).text) for path in (*pages, *pages)][
                -len(pages) :
            ]

        for name in ("Ben", "Cem"):
            actions.begin(folder, name, mode="assisted")
        before = look_at_all()
        others_decide(folder, ("Ben",))
        assert look_at_all() == before


def test_review_does_not_become_blind_after_a_planted_verdict_was_answered(tmp_path: Path) -> None:
    folder = write_folder(comparison(), tmp_path / "memo")
    actions.begin(folder, "Ada", mode="assisted", traps=1)
    record = read_reviewed(folder).reviewer("Ada")
    planted = next(id for id, each in record.items.items() if each.planted == "waiting")
    actions.accept(folder, "Ada", planted)
    with pytest.raises(InputError, match="already seen"):
        actions.begin(folder, "Ada", mode="blind-first")


def test_old_page_for_taking_back_tells_nothing_of_what_others_did(tmp_path: Path) -> None:
    folder = write_folder(comparison(), tmp_path / "memo")
    actions.begin(folder, "Ben")
    actions.reject(folder, "Ben", CONTROL, "no")
    with pytest.raises(InputError, match="not signed"):
        take_back(folder, "Ada", "why", last=0)
