"""A console that sends a terminal no control character but rich's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from grader.text.visible import visible, visible_in_place


class SafeConsole(Console):
    """Shows hidden characters of all that is printed on it."""

    def print(self, *objects: Any, **options: Any) -> None:
        """As rich's, with plain texts made visible before anything is taken out of them."""
        shown = (visible(each) if isinstance(each, str) else each for each in objects)
        super().print(*shown, **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """As rich's, with one sign in place of each hidden character that is left."""
        for segment in super().render(renderable, options):
            text, style, control = segment
            yield segment if control else Segment(visible_in_place(text), style)
