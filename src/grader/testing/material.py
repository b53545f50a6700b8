"""What a scripted judge can see in a prompt: fenced transcripts, numbered and labelled lists."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import lru_cache

from grader.text.sentences import sentences

_FENCED = re.compile(
    r"^=== BEGIN (?P<label>TASK|TRANSCRIPT(?: 2)?) (?P<token>\w+) ===\n(?P<text>.*?)\n"
    r"=== END (?P=label) (?P=token) ===$",
    re.MULTILINE | re.DOTALL,
)
_WORD = re.compile(r"\S*[^\W\d_]\S*")
MIN_WORDS, MAX_WORDS = 4, 24


@dataclass(frozen=True)
class Material:
    """A prompt, taken apart."""

    lines: dict[int, tuple[str, ...]]
    """By number of the transcript, 1 where there is one: lines that a quotation can be cut from."""
    markers: int
    quotations: tuple[int, ...]
    """The transcripts of the quotations that are asked for again, in order."""
    labels: tuple[str, ...]
    """Of findings ('V1'), criteria ('K1') and hypotheses ('H1')."""

    def cut_quotation(self, transcript: int, chance: random.Random) -> str | None:
        """A passage that stands in one line of a transcript, word for word."""
        lines = self.lines.get(transcript)
        if not lines:
            return None
        line: str = chance.choice(lines)
        parts = [line[start:end].strip() for start, end in sentences(line)]
        fitting = [s for s in parts if _words(s) >= MIN_WORDS and len(s.split()) <= MAX_WORDS]
        if fitting:
            return chance.choice(fitting)
        words = [match.span() for match in re.finditer(r"\S+", line)]
        first = chance.randrange(max(1, len(words) - MIN_WORDS))
        last = min(len(words), first + MAX_WORDS) - 1
        start, end = words[first][0], words[last][1]
        return line[start:end]

    def labels_of(self, *letters: str) -> tuple[str, ...]:
        """The labels that begin with one of these letters."""
        return tuple(label for label in self.labels if label[0] in letters)


def read_prompt(texts: list[str]) -> Material:
    """Take the messages of a request apart."""
    prompt = "\n".join(texts)
    lines: dict[int, tuple[str, ...]] = {}
    for fenced in _FENCED.finditer(prompt):
        if fenced["label"] == "TASK":
            continue
        number = 2 if fenced["label"].endswith(" 2") else 1
        lines[number] = _lines(fenced["text"], fenced["token"])
    asked = _FENCED.sub("", prompt)
    return Material(
        lines=lines,
        markers=_highest(r"^Marker (\d+): ", asked),
        quotations=tuple(
            int(number or 1)
            for number in re.findall(
                r"^Quotation \d+(?: \(Transcript ([12])\))?: ", asked, re.MULTILINE
            )
        ),
        labels=tuple(dict.fromkeys(re.findall(r"^([A-Z]\d+): ", asked, re.MULTILINE))),
    )


@lru_cache(maxsize=64)
def _lines(text: str, token: str) -> tuple[str, ...]:
    turn = re.compile(rf"--- TURN \d+ {token} ---")
    return tuple(
        line.strip()
        for line in text.splitlines()
        if _words(line) >= MIN_WORDS and not turn.fullmatch(line)
    )


def _words(text: str) -> int:
    return len(_WORD.findall(text))


def _highest(pattern: str, text: str) -> int:
    return max((int(number) for number in re.findall(pattern, text, re.MULTILINE)), default=0)
