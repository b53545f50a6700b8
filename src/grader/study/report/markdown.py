"""The report as Markdown. Every value is escaped, as in a comparison's writeup."""

from __future__ import annotations

from collections.abc import Sequence

from grader.study.report.blocks import (
    Block,
    Command,
    Folded,
    Items,
    Para,
    Picture,
    Section,
    Table,
)
from grader.writeup.markdown import code, inline, quote


def markdown_of(title: str, sections: Sequence[Section]) -> str:
    """The whole report; figures are files beside it."""
    parts = [f"# {inline(title)}"]
    for section in sections:
        parts.append(f"## {inline(section.title)}")
        parts += [_block(block) for block in section.blocks]
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> str:
    if isinstance(block, Para):
        return (
            f"**{inline(block.text)}**"
            if block.tone in ("lead", "alarm")
            else str(inline(block.text))
        )
    if isinstance(block, Items):
        return "\n".join(f"- {inline(item)}" for item in block.items)
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Picture):
        return f"![{inline(block.alt)}](figures/{block.name}.svg)\n\n{inline(block.caption)}"
    if isinstance(block, Command):
        return f"    {code(block.text).strip('`')}"
    return _folded(block)


def _table(table: Table) -> str:
    def row(cells: Sequence[str]) -> str:
        return "| " + " | ".join(str(inline(cell)).replace("|", "\\|") for cell in cells) + " |"

    align = ["---"] + ["---:" if table.numbers else "---"] * (len(table.head) - 1)
    lines = [row(table.head), "| " + " | ".join(align) + " |", *map(row, table.rows)]
    return f"{inline(table.caption)}\n\n" + "\n".join(lines)


def _folded(block: Folded) -> str:
    parts = [f"### {inline(block.title)}"]
    for level in block.levels:
        parts.append(f"{inline(level.title)}: **{inline(level.level)}**")
        if level.rationale:
            parts.append(str(inline(level.rationale)))
        parts += [f"{quote(each.text)}\n>\n> — {inline(each.place)}" for each in level.quotes]
        parts += [str(inline(note)) for note in level.notes]
    return "\n\n".join(parts)
