"""What there is to decide in a draft: the single item, and the fields that a reviewer fills in.

Each kind of question makes its own items. Whoever shows, decides or prints an item needs to know
nothing of its kind: the item says what was asked, what the draft says, and which fields there
are. Until all blind items are decided, sides are Transcript 1 and Transcript 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as field_of
from typing import TYPE_CHECKING, Any

from grader.comparison.content import Content
from grader.questions.names import put_names_back

if TYPE_CHECKING:
    from grader.comparison.comparison import Comparison
    from grader.comparison.kinds.signature import MarkerNote
    from grader.comparison.parts import Passage
    from grader.rubric.criteria import Criterion, Signature
    from grader.text.quotation import Side


@dataclass(frozen=True)
class Option:
    """One answer to choose from."""

    value: str
    """As it stands in the content: 'met', 'control'."""
    word: str
    """As a reviewer reads it on a button: 'partially met', 'Transcript 1'."""
    meaning: str = ""
    """Its definition, where there is one."""
    sentence: str = ""
    """As it reads by itself: 'Transcript 1 shows more'; empty: as `word`."""


@dataclass(frozen=True)
class Field:
    """One thing that a reviewer gives for an item."""

    name: str
    """The attribute of `Content` that holds it: 'level', 'presences', 'rationale'."""
    label: str
    """What stands before it: 'Level', the words of a marker, 'Rationale'."""
    noun: str
    """What is missing where it is empty: 'level', 'presence'."""
    options: tuple[Option, ...] = ()
    """To choose one of; none: free words."""
    place: int | None = None
    """Which element, from 0, where the attribute is a tuple."""
    settles: bool = True
    """Whether it is the decision itself: reviewers who gave the same agree. Others are reasons;
    while the judge's verdict is hidden they may stay empty."""
    required: bool = True
    """Whether a form can't be sent without it."""
    when_changed: bool = False
    """Required only where the decision is another than the draft's."""
    empty_word: str = ""
    """How an empty value reads: 'no level', 'not noted'."""
    empty_stands: bool = False
    """Whether a draft that leaves it empty can be accepted, since that says something too."""

    def value(self, content: Content) -> str | None:
        """What the content has for this field; None for nothing."""
        found = getattr(content, self.name)
        if self.place is None:
            return str(found) if found is not None else None
        return found[self.place] if self.place < len(found) else None

    def put(self, content: Content, value: str | None) -> Content:
        """The content with this value. Raises ValueError where it is none of the options."""
        value = (value or "").strip() or None
        if value is not None and self.options and value not in self.values:
            raise ValueError(f"{self.noun} can't be {value!r}")
        if self.place is None:
            return content.model_copy(update={self.name: value})
        given = list(getattr(content, self.name))
        given += [None] * (self.place + 1 - len(given))
        given[self.place] = value
        return content.model_copy(update={self.name: tuple(given)})

    @property
    def values(self) -> tuple[str, ...]:
        """The values of its options."""
        return tuple(option.value for option in self.options)

    def words(self, content: Content) -> str:
        """Its value as it reads by itself."""
        value = self.value(content)
        if value is None:
            return self.empty_word
        option = next((each for each in self.options if each.value == value), None)
        return value if option is None else option.sentence or option.word

    def reason(self, content: Content) -> str | None:
        """What the content gives as a reason here; None for a field that settles."""
        return None if self.settles else self.value(content)

    def is_missing(self, content: Content) -> bool:
        """Whether a result needs something here that the content does not have."""
        value = (self.value(content) or "").strip()
        if not value:
            return self.required and not self.empty_stands
        return bool(self.options) and value not in self.values


@dataclass(frozen=True)
class Details:
    """What the judge says of an item beside its content, in the words a reviewer may read."""

    failures: tuple[str, ...] = ()
    """Answers that failed, each with its reason."""
    samples: tuple[str, ...] = ()
    """Each answer, where there is more than one."""
    in_vain: tuple[str, ...] = ()
    """What was looked for and not found."""
    markers: tuple[MarkerNote, ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()
    """How it was asked, and the answer with its reason, where it was asked more than once."""
    findings: tuple[str, ...] = ()
    """What a statement rests on."""
    text: str | None = None
    """A statement in the words a reviewer may read; None: as the content has it."""


@dataclass(frozen=True)
class ReviewItem:
    """One thing to decide."""

    id: str
    """Its name in events; it tells the side, so it is not shown."""
    kind: str
    """'verdict', 'signature', 'contrast', 'point', 'title', or what another kind calls it."""
    title: str
    fields: tuple[Field, ...]
    drafted: Content
    """What the draft says."""
    key: str = ""
    """Its name in pages: as `id`, with the transcript's number in place of the side; '': by that
    rule."""
    number: int | None = None
    """1 or 2: which transcript it speaks of; None: both."""
    side: Side | None = None
    """The transcript it speaks of; None: both."""
    attention: tuple[str, ...] = ()
    """Why to look here first, in blind words."""
    attention_from: Mapping[str, tuple[str, ...]] = field_of(default_factory=dict)
    """For reasons that tell of other items their ids: they are hidden while one of these is."""
    beside: tuple[str, ...] = ()
    """Ids of all items of which its reasons for attention may tell, whether or not it has any."""
    suffix: str = ""
    """What its label adds to the title: ', side by side'."""
    short: str = ""
    """How a writeup refers to it: 'criterion 3'; '': by its title."""
    asked: Criterion | Signature | None = None
    """The part of the rubric that its question asks about."""
    named: bool = False
    """Whether it is reviewed with names, after all blind items are decided."""
    required: bool = True
    """Whether a review must decide it. What need not be decided is evidence: it can be opened and
    objected to."""
    card: str = ""
    """What it is shown with, such as 'criterion:owned-decision'; '': nothing."""
    card_title: str = ""
    """How a card that is one decision is called; '': each of its items is a decision."""
    judged: bool = True
    """Whether a judge was asked; what nobody judged has nothing to hide."""
    quotable: bool = True
    """Whether a reviewer may give quotations for it."""
    candidates: tuple[Passage, ...] = ()
    """Passages laid before the reviewer where no judge was asked."""
    findings: tuple[str, ...] = ()
    """Labels of the findings it rests on."""
    planted: Content | None = None
    """A wrong verdict that may be shown first, to see whether it is noticed."""
    details: Callable[[bool], Details] = lambda whole: Details()
    """What the judge says beside the content; `whole` is false while the planted content is shown
    instead of the draft's."""

    @property
    def decision(self) -> str:
        """The decision that it belongs to: its card's or its own."""
        return self.card if self.together else self.id

    @property
    def together(self) -> bool:
        """Whether all of its card is one decision."""
        return bool(self.card_title)

    @property
    def decision_label(self) -> str:
        """How its decision is called before a reviewer."""
        return self.card_title or self.label

    @property
    def label(self) -> str:
        """How the item is called before a reviewer."""
        if self.number is None:
            return f"{self.title}{self.suffix}"
        return f"{self.title}, Transcript {self.number}"

    def settled(self, content: Content) -> tuple[str | None, ...]:
        """What a content decides: two reviewers agree on an item when these are equal."""
        return tuple(field.value(content) for field in self.fields if field.settles)

    def words(self, content: Content | None) -> str:
        """A content in a few words: 'partially met', 'Transcript 1 shows more'."""
        return words_of(self.fields, content)

    def missing_in(self, content: Content, *, words: bool = True) -> str | None:
        """What this content lacks to stand in a result: 'level', 'rationale'; None: nothing.

        Args:
            content: what is given.
            words: whether the reasons are needed too.
        """
        changed = self.settled(content) != self.settled(self.drafted)
        for field in self.fields:
            needed = field.settles or (words and (changed or not field.when_changed))
            if needed and field.is_missing(content):
                return field.noun
        return None


def words_of(fields: Sequence[Field], content: Content | None) -> str:
    """What a content decides, in a few words; None is a rejection."""
    if content is None:
        return "rejected"
    settling = [field for field in fields if field.settles]
    if len(settling) == 1:
        return settling[0].words(content)
    return "; ".join(f"{field.label}: {field.words(content)}" for field in settling)


def side_names(draft: Comparison, *, blind: bool) -> dict[Side, str]:
    """What the two sides are called before a reviewer."""
    if blind:
        return {side: f"Transcript {n}" for n, side in enumerate(draft.blind_order, 1)}
    if draft.same_condition:
        return {"control": "run 1", "treatment": "run 2"}
    return {"control": "the control", "treatment": "the treatment"}


def with_names(draft: Comparison, text: str, *, blind: bool, first: Side | None = None) -> str:
    """A judge's blind words as a reviewer reads them; `first` is who was Transcript 1 there."""
    one = first or draft.blind_order[0]
    other: Side = "treatment" if one == "control" else "control"
    names = side_names(draft, blind=blind)
    return put_names_back(text, names[one], names[other])


def numbered(draft: Comparison) -> Sequence[tuple[int, Side]]:
    """The two sides with the numbers under which a reviewer sees them."""
    return tuple(enumerate(draft.blind_order, 1))


def messages(attention: Sequence[Any]) -> tuple[str, ...]:
    """The messages of reasons for attention."""
    return tuple(each.message for each in attention)
