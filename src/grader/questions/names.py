"""Turning blind words back into names: 'Transcript 1' becomes the session it stood for.

Judges speak of Transcript 1 and 2 and must not learn more; people read names. What stands inside
a quotation or code is the transcript's own text and is left as it is. Which side was Transcript 1
is not known here: the caller says it with the order of the names.
"""

from __future__ import annotations

import re

# A quotation never runs over a blank line: one forgotten mark must not silence the rest.
_INSIDE = r"(?:(?!\n[ \t]*\n)[^{stop}])*"
_QUOTED = re.compile(
    r"(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`)"
    + r'|(?<!\w)"'
    + _INSIDE.format(stop='"')
    + r'"'
    + "|“" + _INSIDE.format(stop="”") + "”"  # fmt: skip
    + "|„" + _INSIDE.format(stop="“”") + "[“”]"  # fmt: skip
    + "|«" + _INSIDE.format(stop="»") + "»"  # fmt: skip
    # An apostrophe inside single quotation marks has a letter after it; the end has none.
    + r"|‘(?:(?!\n[ \t]*\n)(?:[^’]|’(?=\w)))*’"
    + r"|(?<![\w'])'(?=\S)(?:(?!\n[ \t]*\n)(?:[^']|'(?=\w)))*'"
    + r"|^[ \t]*>.*$",
    re.DOTALL | re.MULTILINE,
)
# '^...$' above must end at the line although '.' also takes line ends elsewhere.
_QUOTED = re.compile(_QUOTED.pattern.replace("^[ \\t]*>.*$", "^[ \\t]*>[^\\n]*$"), _QUOTED.flags)

_JOIN = r"\s*(?:,\s*(?:and|or)?|and|or|nor|&|vs\.?|versus|than|to|through|/|–|—|-)\s*"
_SINGULAR_JOIN = r"(?:\s+(?:and|or|nor|vs\.?|versus|than|to|through)\s+|\s*[&/–—-]\s*)"
# '3 lists in Transcript 1 and 2 in Transcript 2': there the 2 counts something.
_COUNTED = (
    r"(?!\s+(?:in|of|for|from|at|on|with|more|fewer|less|other|further|people|children)\b"
    r"|\s+(?!across\b|always\b|does\b|this\b|perhaps\b)\w\w+s\b)"
)
_DIGIT_END = r"(?![\d\w]|[.,]\d)"
_BLIND = re.compile(
    r"(?P<the>\bthe\s+)?"
    r"(?:"
    # Transcripts 1 and 2 · transcripts (1 and 2)
    r"\btranscripts[\s_#-]*(?P<open>\(\s*)?(?:no\.?\s*)?#?(?P<p1>[12])"
    + _JOIN
    + r"(?:transcripts?\s+)?#?(?P<p2>[12])"
    + _DIGIT_END
    # Transcript 1 and 2
    + r"|\btranscript[\s_#-]*(?:no\.?\s*)?#?(?P<q1>[12])"
    + _SINGULAR_JOIN
    + r"#?(?P<q2>[12])"
    + _DIGIT_END
    + _COUNTED
    # Transcript 1 · transcript (1)
    + r"|\btranscript[\s_#-]*(?:no\.?\s*)?#?(?P<one>[12])"
    + _DIGIT_END
    + r"|\btranscript\s+\((?P<bracketed>[12])\)"
    + r"|\bTranscripts?\s+(?P<w1>[Oo]ne|[Tt]wo)(?:\s+and\s+(?P<w2>[Oo]ne|[Tt]wo))?\b"
    + r")"
    + r"|\bthe\s+(?P<o1>first|second)(?:\s+and\s+(?:the\s+)?(?P<o2>first|second))?"
    + r"\s+transcripts?\b",
    re.IGNORECASE,
)
_NUMBERS = {"1": 1, "2": 2, "one": 1, "two": 2, "first": 1, "second": 2}


def put_names_back(text: str, first: str, second: str) -> str:
    """The text with Transcript 1 called `first` and Transcript 2 called `second`.

    Possessives, plurals, ranges and lower case are followed. A name that begins with 'the' gets a
    capital where a sentence begins. 'both transcripts', and all that stands in quotation marks,
    in backticks or in a quoted line, stays.
    """
    names = {1: first, 2: second}
    parts: list[str] = []
    written = ""
    end = 0
    for quoted in _QUOTED.finditer(text):
        written = _named(text[end : quoted.start()], names, written)
        parts += [written, quoted.group()]
        # What follows a quotation begins a sentence only if the quotation ended one.
        written = quoted.group()
        end = quoted.end()
    parts.append(_named(text[end:], names, written))
    return "".join(parts)


def _named(text: str, names: dict[int, str], before: str) -> str:
    def replaced(match: re.Match[str]) -> str:
        group = match.groupdict()
        # 'the transcript one can read': 'one' is a word there, not a number.
        if group["w1"] and (group["the"] or not match.group()[0] == "T"):
            return match.group()
        pair = [
            (group["p1"], group["p2"]),
            (group["q1"], group["q2"]),
            (group["one"], None),
            (group["bracketed"], None),
            (group["w1"], group["w2"]),
            (group["o1"], group["o2"]),
        ]
        numbers = next([n for n in numbers if n] for numbers in pair if numbers[0])
        said = [names[_NUMBERS[n.lower()]] for n in numbers]
        article = group["the"] or ""
        if article and all(name.lower().startswith("the ") for name in said):
            article = ""
        result = " and ".join(said)
        if group["p1"] and group["open"]:
            return f"{match.group()[: match.start('open') - match.start()]}({result}"
        starts = _begins_sentence((before + text[: match.start()]))
        if starts and not article and result.startswith("the "):
            result = "T" + result[1:]
        return article + result

    return _BLIND.sub(replaced, text)


def _begins_sentence(before: str) -> bool:
    stripped = before.rstrip(" \t*_([{")
    if not stripped.strip():
        return True
    if stripped.endswith("\n"):
        return True
    return bool(re.search(r"[.!?…][\"”’»)\]]*\s*$", stripped)) and before[-1:].isspace()
