"""Keys and decisions of a whole blind-first review of each shipped pair, in a driven browser.

    python benchmarks/review_keys.py

A reviewer who reads everything and whose own levels are the judge's presses the fewest keys. Beside
it one who keeps a level of their own on every third verdict, and says why in a word. Keys that are
typed into a reason are counted one by one. Reading is not counted, nor is the time.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from browser import chromium  # noqa: E402
from builders import write_folder  # noqa: E402
from grader.comparison.comparison import Comparison  # noqa: E402
from grader.review.folder import ReviewFolder, read_reviewed  # noqa: E402
from grader.review.forms import choice  # noqa: E402
from grader.review.item_view import view  # noqa: E402
from grader.review.items import decisions_of  # noqa: E402
from webserver import Served, served  # noqa: E402

PAIRS = ("clinic-postmortem", "export-endpoint", "library-memo")
MOST_KEYS, MOST_DECISIONS = 80, 25


class Reviewer:
    """Somebody at the keyboard, and how many keys they pressed."""

    def __init__(self, page, server: Served, folder: Path, differs: bool) -> None:  # type: ignore[no-untyped-def]
        self.page, self.server, self.at, self.differs = page, server, ReviewFolder(folder), differs
        self.keys = 0

    def press(self, key: str, until: str) -> None:
        """Press a key once the page takes keys, and wait for what it brings."""
        self.page.wait_for_selector("body[data-keys=on]")
        self.page.keyboard.press(key)
        self.keys += 1
        self.page.wait_for_selector(until)

    def review(self) -> int:
        """From the first page to the signature; returns the keys."""
        page = self.page
        page.goto(self.server.address)
        page.get_by_role("button", name="Begin").focus()
        self.press("Enter", ".workspace")
        number = 0
        while page.locator(".workspace").count():
            item = page.locator(".workspace").get_attribute("data-item").partition("/")[2]
            self.decide(item, number)
            number += 1
        page.get_by_role("link", name="To the signature").focus()
        self.press("Enter", "h1:has-text('Signature')")
        reasons = page.locator(".reasons input[id]")
        for place in range(reasons.count()):
            reasons.nth(place).press_sequentially("stricter")
            self.keys += len("stricter") + 1  # and Tab to the next
        if reasons.count():
            self.press("Enter", "[name=statement]")
        page.locator("[name=statement]").focus()
        self.press("Enter", ".signed")
        return self.keys

    def decide(self, key: str, number: int) -> None:
        """One item, or the grid of signatures as a whole."""
        item = next(each for each in self.at.items.values() if each.key == key)
        others = f".workspace:not([data-item$='/{key}']), .sheet"
        if item.named:
            self.press("a", others)
            return
        if item.kind == "signature":
            cells = self.page.locator("[data-cell]").count()
            for place in range(cells):
                self.press("1", "#grid[data-auto='0']" if place == cells - 1 else "#grid")
            self.press("a", others)
            return
        asked = choice(view(self.at.reviewed(), "Ada", item))
        assert asked is not None
        field = next(f for f in item.fields if f.settles)
        judged = field.value(item.drafted)
        options = [option.value for option in asked.options]
        own = options.index(judged) if judged in options else 0
        keeps = self.differs and number % 3 == 0
        own = (own + 1) % len(options) if keeps else own
        self.press(str(own + 1), "[data-key=k]")
        self.press("k" if keeps else "a", others)


def main() -> int:
    """Print the table; 1 where a review takes more than it may."""
    too_much = False
    print(f"{'pair':<20} {'decisions':>9} {'keys':>5} {'keys, every third kept':>23}")
    for pair in PAIRS:
        text = (ROOT / "tests" / "golden" / "drafts" / f"{pair}.json").read_text("utf-8")
        draft = Comparison.model_validate_json(text)
        keys = []
        with tempfile.TemporaryDirectory() as parent, chromium() as browser:
            for differs in (False, True):
                folder = write_folder(draft, Path(parent) / f"pair-{differs}")
                with served(folder, mode="blind-first") as server:
                    context = browser.new_context(viewport={"width": 1280, "height": 900})
                    session = server.session("Ada")
                    context.add_cookies(
                        [{"name": "grader_session", "value": session, "url": server.address}]
                    )
                    keys.append(Reviewer(context.new_page(), server, folder, differs).review())
                    context.close()
                assert read_reviewed(folder).sign_off is not None
                decisions = len(decisions_of(ReviewFolder(folder).items.values()))
        print(f"{pair:<20} {decisions:>9} {keys[0]:>5} {keys[1]:>23}")
        too_much = too_much or keys[0] > MOST_KEYS or decisions > MOST_DECISIONS
    return int(too_much)


if __name__ == "__main__":
    sys.exit(main())
