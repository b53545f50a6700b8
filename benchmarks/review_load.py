"""Twenty reviewers at once on one server: how quick it is, and that no action is lost or doubled.

    python benchmarks/review_load.py [--seconds 60] [--think 1.0] [--kill]

Makes 2,000 comparisons, of which 500 are reviewed. `--kill` ends the server with SIGKILL in the
middle. What was acknowledged is then looked for in the files.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx

from common import MODEL, ROOT, scripted_judge
from grader.review.accounts import add_account
from grader.review.folder import ReviewFolder, read_reviewed

REVIEWERS, REVIEWED, ALL = 20, 500, 2000
PASSWORD = "a long password for a benchmark"


def make(folder: Path) -> None:
    """One comparison, and copies of it."""
    name = "clinic-postmortem"
    transcripts = ROOT / "examples/transcripts"
    with scripted_judge(0) as url:
        command: list[str | Path] = [
            *(sys.executable, "-m", "grader", "compare"),
            *(transcripts / f"c-{name}-1.json", transcripts / f"p-{name}-1.json"),
            *("--rubric", ROOT / f"rubrics/{name}.yaml", "--judge", MODEL, "--base-url", url),
            *("--outputs", folder, "--name", "c0000"),
        ]
        key = {"OPENAI_API_KEY": "none"}
        subprocess.run(command, check=True, capture_output=True, env=os.environ | key)
    for number in range(1, ALL):
        shutil.copytree(folder / "c0000", folder / f"c{number:04}")


def start(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """The server and its address."""
    command = [sys.executable, "-m", "grader", "serve", str(folder), "--no-browser"]
    process = subprocess.Popen(
        [*command, "--reviewer", "nobody"], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    found = re.search(r"http://[^/\s]+", process.stderr.readline())
    assert found, "the server did not start"
    return process, found[0]


class Load:
    """What was asked, how long it took, and what was acknowledged."""

    def __init__(self, url: str, key: str, think_s: float) -> None:
        self.url, self.think_s, self.key = url, think_s, key
        self.took_ms: dict[str, list[float]] = {"open": [], "act": []}
        self.acknowledged: Counter[tuple[str, str, str]] = Counter()
        self.in_doubt: set[tuple[str, str, str]] = set()
        self.failed: Counter[str] = Counter()
        self.gone = False

    async def reviewer(self, number: int, until: float) -> None:
        """One reviewer: open an item, comment on it with a text of its own, go on."""
        name, chance = f"reviewer {number}", random.Random(number)
        async with httpx.AsyncClient(base_url=self.url, timeout=30) as http:
            origin = {"Origin": self.url}
            form = {"name": name, "password": PASSWORD}
            assert (await http.post("/login", data=form, headers=origin)).status_code == 303
            count = 0
            while time.monotonic() < until and not self.gone:
                slug = f"c{chance.randrange(REVIEWED):04}"
                count += 1
                try:
                    await self.act(http, slug, name, f"{name}, {count}")
                except httpx.TransportError:
                    self.gone = True
                await asyncio.sleep(self.think_s * chance.uniform(0.5, 1.5))

    async def act(self, http: httpx.AsyncClient, slug: str, name: str, words: str) -> None:
        """Open an item and do something there."""
        begun = time.monotonic()
        shown = await http.get(self.page(slug))
        self.took_ms["open"].append((time.monotonic() - begun) * 1000)
        last = re.search(r'name="last" value="(\d+)"', shown.text)
        csrf = re.search(r'name="csrf" value="([^"]+)"', shown.text)
        assert last and csrf, shown.text[:500]
        data = {"csrf": csrf[1], "last": last[1], "text": words}
        action = (slug, name, words)
        self.in_doubt.add(action)
        begun = time.monotonic()
        done = await http.post(
            f"{self.page(slug)}/comment", data=data, headers={"Origin": self.url}
        )
        self.took_ms["act"].append((time.monotonic() - begun) * 1000)
        self.in_doubt.discard(action)
        if done.status_code == 303:
            self.acknowledged[action] += 1
        else:
            self.failed[f"{done.status_code}"] += 1

    def page(self, slug: str) -> str:
        """The address of the item that is acted on."""
        return f"/c/{slug}/i/{self.key}"


async def run(load: Load, seconds: float, process: subprocess.Popen[str], kill: bool) -> None:
    """All reviewers at once."""
    until = time.monotonic() + seconds
    tasks = [asyncio.create_task(load.reviewer(n, until)) for n in range(REVIEWERS)]
    if kill:
        await asyncio.sleep(seconds / 2)
        process.kill()
    await asyncio.gather(*tasks)


def check(folder: Path, load: Load) -> tuple[int, int, int]:
    """Acknowledged actions that are lost, doubled ones, and broken files."""
    found: Counter[tuple[str, str, str]] = Counter()
    broken = 0
    for slug in {slug for slug, _, _ in (*load.acknowledged, *load.in_doubt)}:
        try:
            read_reviewed(folder / slug)  # raises where the chain is broken
        except Exception as error:
            print(slug, error)
            broken += 1
        for line in (folder / slug / "reviews.jsonl").read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            if event["action"] == "comment":
                found[slug, event["reviewer"], event["text"]] += 1
    lost = sum(found[action] == 0 for action in load.acknowledged)
    doubled = sum(count > 1 for count in found.values())
    return lost, doubled, broken


def told(name: str, took_ms: list[float]) -> None:
    """One line of figures."""
    cuts = statistics.quantiles(took_ms, n=100)
    print(f"{name:28} n {len(took_ms):6}  p50 {cuts[49]:6.1f} ms  p95 {cuts[94]:6.1f} ms")


def queue_page(url: str) -> None:
    """How long the page of all comparisons takes, first and then."""
    with httpx.Client(base_url=url, timeout=600) as http:
        form = {"name": "reviewer 0", "password": PASSWORD}
        http.post("/login", data=form, headers={"Origin": url})
        took = []
        for _ in range(11):
            begun = time.monotonic()
            page = http.get("/")
            took.append((time.monotonic() - begun) * 1000)
            assert f"of {ALL}" in page.text, page.text[:300]
    print(
        f"queue of {ALL}: first {took[0]:.0f} ms, then median {statistics.median(took[1:]):.0f} ms"
    )


def main() -> int:
    """Run it and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--think", type=float, default=1.0, help="seconds between two actions")
    parser.add_argument("--kill", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "outputs"
        folder.mkdir()
        make(folder)
        for number in range(REVIEWERS):
            add_account(folder, f"reviewer {number}", PASSWORD)
        process, url = start(folder)
        try:
            queue_page(url)
            items = ReviewFolder(folder / "c0000").items
            load = Load(url, next(iter(items.values())).key, options.think)
            asyncio.run(run(load, options.seconds, process, options.kill))
        finally:
            process.kill()
            process.communicate()
        told("open an item", load.took_ms["open"])
        told("act on it", load.took_ms["act"])
        lost, doubled, broken = check(folder, load)
        count = sum(load.acknowledged.values())
        print(
            f"{count} acknowledged, {lost} lost, {doubled} doubled, {broken} broken files, "
            f"refused: {dict(load.failed) or 'none'}" + (", killed" if options.kill else "")
        )
        return int(bool(lost or doubled or broken))


if __name__ == "__main__":
    sys.exit(main())
