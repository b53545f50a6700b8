"""A provider's prefix cache, as a model of one: whole blocks from the beginning of a prompt.

A prompt is in the cache once its reply went out, so questions that are sent together don't find
one another there.
"""

from __future__ import annotations

import hashlib
import time

CHARACTERS_A_TOKEN = 4
BLOCK_TOKENS = 128
LEAST_TOKENS = 1024
"""Shorter beginnings are not cached."""


class PrefixCache:
    """Remembers beginnings of prompts in blocks of 128 tokens."""

    def __init__(self) -> None:
        self._blocks: set[bytes] = set()
        self._coming: list[tuple[float, list[bytes]]] = []

    def serve(self, texts: list[str], latency_s: float) -> int:
        """How many tokens of a prompt the cache serves now; holds the prompt from its reply on."""
        now = time.monotonic()
        for at, blocks in self._coming:
            if at <= now:
                self._blocks.update(blocks)
        self._coming = [(at, blocks) for at, blocks in self._coming if at > now]
        blocks = _blocks("\x00".join(texts))
        self._coming.append((now + latency_s, blocks))
        known = 0
        for block in blocks:
            if block not in self._blocks:
                break
            known += BLOCK_TOKENS
        return known if known >= LEAST_TOKENS else 0


def _blocks(text: str) -> list[bytes]:
    size = BLOCK_TOKENS * CHARACTERS_A_TOKEN
    chain, found = hashlib.sha256(), []
    for start in range(0, len(text) - size + 1, size):
        chain.update(text[start : start + size].encode("utf-8", "surrogatepass"))
        found.append(chain.digest())
    return found
