"""A reviewer at work in the terminal app: what is in view, and what is chosen but not saved.

Knows nothing of the screen. What is recorded goes through `actions`, as on every other surface.
"""

from __future__ import annotations

from dataclasses import replace

from grader.errors import InputError
from grader.review import actions
from grader.review.adjudicate import begin_settling, look, settling_view, side_by_side
from grader.review.folder import ReviewFolder
from grader.review.grid import Grid, grid_of
from grader.review.item_view import ItemView, Order, Queue, card_views, queue, view
from grader.review.items import ReviewItem, side_names
from grader.review.reviewed import ItemReview, Reviewed
from grader.review.reviewer import normalised_name
from grader.text.quotation import Evidence, Side


class ReviewSession:
    """One reviewer before one comparison.

    Args:
        folder: the comparison.
        reviewer: whose decisions these are.
        order: as in `item_view.queue`.
    """

    settling = False
    """Whether disagreements are settled, instead of items decided."""

    def __init__(self, folder: ReviewFolder, reviewer: str, order: Order) -> None:
        self.folder = folder
        self.reviewer = normalised_name(reviewer)
        self.order = order
        self.item: ReviewItem | None = None
        """None once everything is decided."""
        self.side: Side = "control"
        self.place = 0
        """Which of the quotations is the current one."""
        self.cell = 0
        """Which cell of the grid of signatures is the current one, row by row."""
        self.seen = 0
        """How many events there were when what is in view was drawn."""
        self.source = False
        """Whether texts are shown as they were written, without any look."""
        self.chosen: dict[str, tuple[Evidence, ...]] = {}
        """Quotations chosen for items that are not decided yet, so that they wait."""

    @property
    def reviewed(self) -> Reviewed:
        """The comparison as it is now."""
        return self.folder.reviewed()

    def queue(self) -> Queue:
        """All items in this reviewer's order."""
        return queue(self.reviewed, self.reviewer, self.order, self.folder.items)

    def waits(self, item: ReviewItem | None) -> bool:
        """Whether an item is still to be decided."""
        return item is not None and item in self.queue().waiting

    def view(self, item: ReviewItem) -> ItemView:
        """An item as this reviewer may see it."""
        reviewed = self.reviewed
        self.seen = reviewed.events
        return view(reviewed, self.reviewer, item, self.queue().position(item.id))

    def open(self, item: ReviewItem | None) -> None:
        """Bring an item in view, with the text it is about; None: the end."""
        self.item, self.place = item, 0
        if item is not None:
            actions.open_item(self.folder, self.reviewer, item.id)
            self.side = self._side_of(item)
        grid = self.grid()
        if grid is not None and grid.cells[self.cell].item is not item:
            mine = [n for n, cell in enumerate(grid.cells) if cell.item is item]
            self.cell = next((n for n in mine if grid.cells[n].now is None), mine[0])

    def grid(self) -> Grid | None:
        """The grid of signatures, where it is in view."""
        if self.settling or self.item is None or self.item.kind != "signature":
            return None
        return grid_of(self.reviewed, self.reviewer, self.folder.items)

    def to_cell(self, number: int) -> bool:
        """Go to a cell of the grid. False: there is no such cell."""
        grid = self.grid()
        if grid is None or not 0 <= number < len(grid.cells):
            return False
        self.cell = number
        item = grid.cells[number].item
        if item is not self.item:
            self.open(item)
        return True

    def set_cell(self, value: str) -> None:
        """Give the current cell a presence, and go on to the next. Raises as `set_presences`."""
        grid = self.grid()
        assert grid is not None
        here = grid.cells[self.cell]
        same = [cell for cell in grid.cells if cell.item is here.item]
        same.sort(key=lambda cell: cell.place)
        values = [value if cell is here else cell.now or cell.judge for cell in same]
        actions.set_presences(self.folder, self.reviewer, {here.item.id: values}, last=self.seen)
        self.to_cell(self.cell + 1)

    def card(self) -> list[ItemView]:
        """All that is decided with the item in view; nothing where it is alone."""
        if self.settling or self.item is None:
            return []
        return card_views(self.reviewed, self.reviewer, self.folder.items, self.item)

    def _side_of(self, item: ReviewItem) -> Side:
        """The transcript to show first: what the item is about, or its first quotation's."""
        if item.side is not None:
            return item.side
        shown, draft = self.view(item), self.reviewed.draft
        text = (shown.judge.content.text if shown.judge else None) or ""
        names = side_names(draft, blind=not item.named)
        named = [side for side in draft.blind_order if names[side].lower() in text.lower()]
        quoted = [each.span.transcript for each in self.evidence(shown) if each.span]
        return (named if len(named) == 1 else [*quoted, *draft.blind_order])[0]

    def turn_over(self) -> None:
        """Bring the other transcript in view."""
        self.side = "treatment" if self.side == "control" else "control"
        self.place = 0

    def evidence(self, shown: ItemView) -> tuple[Evidence, ...]:
        """The quotations that count, or will count once the item is decided."""
        if shown.id in self.chosen:
            return self.chosen[shown.id]
        if shown.decision.content is not None:
            return shown.decision.evidence
        own = shown.own.evidence if shown.own else ()
        return tuple(dict.fromkeys((*own, *shown.evidence)))

    def located(self, shown: ItemView, quote: str) -> Evidence:
        """Where words of the transcript in view are, as a quotation of an item.

        Raises:
            InputError: they can't be quoted, or are quoted already.
        """
        try:
            found = actions.located(self.reviewed.draft, quote, self.side)
        except InputError:
            raise InputError(
                "these words can't be quoted by themselves: select some more"
            ) from None
        if found.span is not None and found.span in [each.span for each in self.evidence(shown)]:
            raise InputError("this is quoted already")
        return found

    def choose_quotations(self, shown: ItemView, evidence: tuple[Evidence, ...]) -> bool:
        """Choose an item's quotations: saved at once where its content is given already.

        Returns:
            Whether they were saved; else they wait for the decision.

        Raises:
            GraderError: they were refused, as by `actions.edit`.
        """
        self.chosen[shown.id] = evidence
        content = shown.own if shown.hidden else shown.decision.content
        if content is None:
            return False
        save = actions.give_own if shown.hidden else actions.edit
        made = content.model_copy(update={"evidence": evidence})
        save(self.folder, self.reviewer, shown.id, made, last=shown.last)
        self.chosen.pop(shown.id, None)
        return True


class SettlingSession(ReviewSession):
    """One person before the items that reviewers decided differently."""

    settling = True

    def __init__(self, folder: ReviewFolder, person: str, order: Order) -> None:
        super().__init__(folder, person, order)
        begin_settling(folder, self.reviewer)
        self._later: list[str] = []

    def queue(self) -> Queue:
        """The disputed items; those put off come last."""
        items = [self.folder.items[id] for id in self.reviewed.disputed]
        items.sort(key=lambda item: self._later.index(item.id) if item.id in self._later else -1)
        return Queue(tuple(items), tuple(items), 0, len(items), 0, 0)

    def view(self, item: ReviewItem) -> ItemView:
        """A disputed item, without the judge's words."""
        reviewed = self.reviewed
        self.seen = reviewed.events
        shown = settling_view(reviewed, item)
        return replace(shown, position=self.queue().position(item.id))

    def open(self, item: ReviewItem | None) -> None:
        """Bring a disputed item in view."""
        self.item, self.place = item, 0
        if item is not None:
            look(self.folder, self.reviewer, item.id)
            self.side = self._side_of(item)

    def reviews(self) -> tuple[ItemReview, ...]:
        """What each reviewer decided on the item in view."""
        return side_by_side(self.reviewed, self.item.id) if self.item else ()

    def evidence(self, shown: ItemView) -> tuple[Evidence, ...]:
        """The quotations of all decisions on the item."""
        reviews = side_by_side(self.reviewed, shown.id)
        return tuple(dict.fromkeys(q for each in reviews for q in each.decision.evidence))

    def put_off(self, item: ReviewItem) -> None:
        """Put an item behind the others."""
        self._later = [id for id in self._later if id != item.id] + [item.id]
