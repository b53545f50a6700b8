"""A reviewer at work in the terminal app: what is in view, and what is chosen but not saved.

Knows nothing of the screen. What is recorded goes through `actions`, as on every other surface.
"""

from __future__ import annotations

from grader.errors import InputError
from grader.review import actions
from grader.review.events import Content
from grader.review.folder import ReviewFolder
from grader.review.item_view import ItemView, Order, Queue, queue, view
from grader.review.items import ReviewItem
from grader.review.reviewed import Reviewed
from grader.text.quotation import Evidence, Side


class Sitting:
    """One reviewer before one comparison.

    Args:
        folder: the comparison.
        reviewer: whose decisions these are.
        order: as in `desk.queue`.
    """

    def __init__(self, folder: ReviewFolder, reviewer: str, order: Order) -> None:
        self.folder = folder
        self.reviewer = actions.named(reviewer)
        self.order = order
        self.item: ReviewItem | None = None
        """None once everything is decided."""
        self.side: Side = "control"
        self.place = 0
        """Which of the quotations is the current one."""
        self.chosen: dict[str, tuple[Evidence, ...]] = {}
        """Quotations chosen for items that are not decided yet, so that they wait."""

    @property
    def reviewed(self) -> Reviewed:
        """The comparison as it stands now."""
        return self.folder.reviewed()

    def queue(self) -> Queue:
        """All items in this reviewer's order."""
        return queue(self.reviewed, self.reviewer, self.order, self.folder.items)

    def waits(self, item: ReviewItem | None) -> bool:
        """Whether an item is still to be decided."""
        return item is not None and item in self.queue().waiting

    def view(self, item: ReviewItem) -> ItemView:
        """An item as this reviewer may see it."""
        return view(self.reviewed, self.reviewer, item, self.queue().position(item.id))

    def open(self, item: ReviewItem | None) -> None:
        """Bring an item in view, with the text it is about; None: the end."""
        self.item, self.place = item, 0
        if item is not None:
            actions.open_item(self.folder, self.reviewer, item.id)
            self.side = item.side or self.reviewed.draft.blind_order[0]

    def turn_over(self) -> None:
        """Bring the other transcript in view."""
        self.side = "treatment" if self.side == "control" else "control"
        self.place = 0

    def evidence(self, shown: ItemView) -> tuple[Evidence, ...]:
        """The quotations that hold, or will hold once the item is decided."""
        if shown.id in self.chosen:
            return self.chosen[shown.id]
        if shown.decision.content is not None:
            return shown.decision.evidence
        own = shown.own.evidence if shown.own else ()
        return tuple(dict.fromkeys((*own, *shown.evidence)))

    def located(self, shown: ItemView, quote: str) -> Evidence:
        """Where words of the transcript in view stand, as a quotation of an item.

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

    def give_own(self, shown: ItemView, content: Content) -> None:
        """Keep the reviewer's own, with its quotations, before the judge's is seen.

        Raises:
            GraderError: it was refused, as by `actions.give_own`.
        """
        made = content.model_copy(update={"evidence": self.evidence(shown)})
        actions.give_own(self.folder, self.reviewer, shown.id, made)
        self.chosen.pop(shown.id, None)

    def edit(self, shown: ItemView, content: Content) -> None:
        """Put the reviewer's content in place, with the quotations that are chosen.

        Raises:
            GraderError: it was refused, as by `actions.edit`.
        """
        made = content.model_copy(update={"evidence": self.evidence(shown)})
        actions.edit(self.folder, self.reviewer, shown.id, made)
        self.chosen.pop(shown.id, None)
