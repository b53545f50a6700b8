"""Characters that could deceive a reader, made visible.

Control characters, bidirectional overrides, tag characters and lone surrogates come from hostile
or broken transcripts. They are shown by their number; every other character stays as it is.
"""

from __future__ import annotations

import re

_DECEIVING = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"  # controls, but tab and line ends
    "\u2060-\u2064\u206a-\u206f\ufff9-\ufffb"  # invisible operators, interlinear marks
    "\u202a-\u202e\u2066-\u2069"  # bidirectional embeddings, overrides and isolates
    "\ud800-\udfff"  # lone surrogates: no file can hold them
    "\U000e0000-\U000e007f"  # tag characters: text that nobody sees
    "]"
)


_ODD = re.compile(f"{_DECEIVING.pattern[:-1]}\r\x85\u2028\u2029]")


def visible(text: str) -> str:
    """The text with deceiving characters written as '⟨U+202E⟩' and line ends as '\\n'."""
    if (text.isascii() and text.isprintable()) or not _ODD.search(text):
        return text
    text = re.sub("\r\n?|[\x85\u2028\u2029]", "\n", text)
    return _DECEIVING.sub(lambda match: f"⟨U+{ord(match.group()):04X}⟩", text)
