"""Twenty reviewers at once on one server: how quick it is, and that no action is lost or doubled.

    python benchmarks/review_load.py [--seconds 60] [--think 1.0] [--kill]

Makes 2,000 comparisons, of which 500 are reviewed. Each reviewer goes from the page of all
comparisons to one of them, decides two items there, each after a time to think, and goes on.
`--kill` ends the server with SIGKILL in the middle. What was acknowledged is then looked for in
the files. Reviewers and server share the machine's cores, so the server's own processor time
is told too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

import httpx

from common import MODEL, ROOT, scripted_judge
from grader.comparison.folder import read_draft, write_draft
from grader.review.accounts import add_account
from grader.review.folder import read_reviewed

REVIEWERS, REVIEWED, ALL = 20, 500, 2000
PASSWORD = "a long password for a benchmark"
ACTS = ("accept", "accept", "accept", "edit", "reject", "comment")
"""What is done with an item, drawn by chance."""

Action = tuple[str, str, str, str]
"""Comparison, reviewer, what was done, and the item or words that tell it apart."""


def make(folder: Path) -> None:
    """One comparison, and others like it under names of their own."""
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
    draft, _ = read_draft(folder / "c0000")
    for number in range(1, ALL):
        slug = f"c{number:04}"
        (folder / slug).mkdir()
        write_draft(folder / slug, draft.model_copy(update={"slug": slug}))


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


def processor_s(pid: int) -> float:
    """Processor time that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Load:
    """What was asked, how long it took, and what was acknowledged."""

    def __init__(self, url: str, think_s: float) -> None:
        self.url, self.think_s = url, think_s
        self.took_ms: defaultdict[str, list[float]] = defaultdict(list)
        self.acknowledged: Counter[Action] = Counter()
        self.in_doubt: set[Action] = set()
        self.refused: Counter[str] = Counter()
        self.all_in = asyncio.Barrier(REVIEWERS + 1)

    async def reviewer(self, number: int, seconds: float) -> None:
        """One reviewer: signs in, waits until all have, and reviews."""
        name, chance = f"reviewer {number}", random.Random(number)
        async with httpx.AsyncClient(base_url=self.url, timeout=30) as http:
            visit = Visit(self, http, name, chance)
            try:
                await visit.enter()
                await self.all_in.wait()
                await asyncio.sleep(chance.uniform(0, self.think_s))
                until = time.monotonic() + seconds
                while time.monotonic() < until:
                    await visit.review(f"c{chance.randrange(REVIEWED):04}")
            except httpx.TransportError:
                return  # the server was killed


class Visit:
    """One reviewer's browser."""

    def __init__(
        self, load: Load, http: httpx.AsyncClient, name: str, chance: random.Random
    ) -> None:
        self.load, self.http, self.name, self.chance = load, http, name, chance
        self.count = 0

    async def enter(self) -> None:
        """Sign in."""
        form = {"name": self.name, "password": PASSWORD}
        assert (await self.ask("login", "/login", form)).status_code == 303

    async def review(self, slug: str) -> None:
        """Choose a comparison and decide two items."""
        await self.ask("page of all comparisons", "/")
        await self.ask("page of one comparison", f"/c/{slug}")
        shown = await self.ask("item", f"/c/{slug}/i/{self.chance.choice(KEYS)}")
        for _ in range(2):
            await asyncio.sleep(self.load.think_s * self.chance.uniform(0.5, 1.5))
            begun = time.monotonic()
            done = await self.act(slug, shown)
            if done.status_code != 303:
                return
            following = done.headers["location"]
            if "/i/" not in following:
                return
            shown = await self.ask("item", following)
            self.load.took_ms["(action and next item)"].append((time.monotonic() - begun) * 1000)

    async def act(self, slug: str, shown: httpx.Response) -> httpx.Response:
        """Do something with the item that is shown."""
        last = re.search(r'name="last" value="(\d+)"', shown.text)
        csrf = re.search(r'name="csrf" value="([^"]+)"', shown.text)
        assert last and csrf, shown.text[:500]
        self.count += 1
        words = f"{self.name}, {self.count}"
        act = self.chance.choice(ACTS)
        if act == "edit" and 'name="level"' not in shown.text:
            act = "comment"
        if act == "accept" and "/accept" not in shown.text:
            act = "reject"
        key = shown.url.path.rpartition("/")[2]
        # These two carry no words; the page they were made on tells them apart.
        told = f"{key}, {last[1]}" if act in ("accept", "reject") else words
        action = (slug, self.name, act, told)
        self.load.in_doubt.add(action)
        form = {"csrf": csrf[1], "last": last[1], "level": "met"}
        form |= {"comment": words, "reason": words, "rationale": words}
        done = await self.ask("action", f"{shown.url.path}/{act}", form)
        self.load.in_doubt.discard(action)
        if done.status_code == 303:
            self.load.acknowledged[action] += 1
        else:
            self.load.refused[f"{act} {done.status_code}"] += 1
        return done

    async def ask(self, kind: str, path: str, form: dict[str, str] | None = None) -> httpx.Response:
        """One request, timed."""
        begun = time.monotonic()
        if form is None:
            answer = await self.http.get(path)
        else:
            answer = await self.http.post(path, data=form, headers={"Origin": self.load.url})
        self.load.took_ms[kind].append((time.monotonic() - begun) * 1000)
        assert answer.status_code < 500, answer.text[:500]
        return answer


KEYS: list[str] = []
"""Items that can be opened at once, as pages call them."""


async def run(load: Load, seconds: float, process: subprocess.Popen[str], kill: bool) -> float:
    """All reviewers at once; the processor time that the server took for it, logins aside."""
    tasks = [asyncio.create_task(load.reviewer(n, seconds)) for n in range(REVIEWERS)]
    await load.all_in.wait()
    before = processor_s(process.pid)
    await asyncio.sleep(seconds / (2 if kill else 1))
    used = processor_s(process.pid) - before
    if kill:
        process.kill()
    await asyncio.gather(*tasks)
    return used


def check(folder: Path, load: Load) -> tuple[int, int, int]:
    """Acknowledged actions that are lost, doubled ones, and broken files."""
    found: Counter[Action] = Counter()
    broken = 0
    for slug in {slug for slug, *_ in (*load.acknowledged, *load.in_doubt)}:
        try:
            reviewed = read_reviewed(folder / slug)  # raises where the chain is broken
        except Exception as error:
            print(slug, error)
            broken += 1
            continue
        numbers = {side: n for n, side in enumerate(reviewed.draft.blind_order, 1)}
        last: dict[tuple[str, str], int] = {}
        for line in (folder / slug / "reviews.jsonl").read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            act, who = event["action"], event["reviewer"]
            if event["item"] is None:
                continue
            *parts, side = event["item"].split(":")
            key = ":".join((*parts, str(numbers.get(side, side))))
            at = str(last.get((who, key), 0))
            last[who, key] = event["sequence"]
            words = {
                "accept": f"{key}, {at}",
                "edit": event["reason"],
                "reject": f"{key}, {at}",
                "comment": event["text"],
            }.get(act)
            if words:
                found[slug, who, act, words] += 1
    lost = sum(found[action] == 0 for action in load.acknowledged)
    doubled = sum(count > 1 for count in found.values())
    return lost, doubled, broken


def told(kind: str, took_ms: list[float]) -> None:
    """One line of figures."""
    p50, p95 = (statistics.quantiles(took_ms, n=100)[n] for n in (49, 94))
    print(
        f"{kind:26} n {len(took_ms):5}  p50 {p50:6.1f}  p95 {p95:6.1f}  max {max(took_ms):6.1f} ms"
    )


def queue_page(url: str) -> None:
    """How long the page of all comparisons takes, first and then."""
    with httpx.Client(base_url=url, timeout=600) as http:
        form = {"name": "reviewer 0", "password": PASSWORD}
        http.post("/login", data=form, headers={"Origin": url})
        took = []
        begun = time.monotonic()
        while True:
            asked = time.monotonic()
            page = http.get("/?show=undecided")
            took.append((time.monotonic() - asked) * 1000)
            assert f"of {ALL}" in page.text, page.text[:300]
            if "not read yet" not in page.text:
                break
            time.sleep(0.5)
        whole = time.monotonic() - begun
        after = []
        for _ in range(20):
            asked = time.monotonic()
            http.get("/")
            after.append((time.monotonic() - asked) * 1000)
    print(
        f"page of {ALL} comparisons, server just started: first {took[0]:.0f} ms, "
        f"slowest {max(took):.0f} ms, all read after {whole:.1f} s; "
        f"then median {statistics.median(after):.0f} ms, slowest {max(after):.0f} ms"
    )


def main() -> int:
    """Run it and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--think", type=float, default=1.0, help="seconds before an action")
    parser.add_argument("--kill", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "outputs"
        folder.mkdir()
        make(folder)
        for number in range(REVIEWERS):
            add_account(folder, f"reviewer {number}", PASSWORD)
        draft, _ = read_draft(folder / "c0000")
        KEYS.extend(f"verdict:{c.id}:{n}" for c in draft.rubric.criteria for n in (1, 2))
        process, url = start(folder)
        try:
            queue_page(url)
            load = Load(url, options.think)
            used_s = asyncio.run(run(load, options.seconds, process, options.kill))
        finally:
            process.kill()
            process.communicate()
        for kind, took_ms in load.took_ms.items():
            told(kind, took_ms)
        del load.took_ms["login"]
        requests = [ms for kind, each in load.took_ms.items() if kind[0] != "(" for ms in each]
        told("all requests but logins", requests)
        seconds = options.seconds / (2 if options.kill else 1)
        print(
            f"{len(requests) / seconds:.0f} requests a second; the server took "
            f"{used_s / len(requests) * 1000:.1f} ms of processor time for each, "
            f"{used_s / seconds * 100:.0f}% of one core"
        )
        lost, doubled, broken = check(folder, load)
        print(
            f"{sum(load.acknowledged.values())} actions acknowledged, {lost} lost, {doubled} "
            f"doubled, {broken} broken files, refused: {dict(load.refused) or 'none'}"
            + (", killed" if options.kill else "")
        )
        return int(bool(lost or doubled or broken))


if __name__ == "__main__":
    sys.exit(main())
