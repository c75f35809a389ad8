"""Small tables of text, columns as wide as they need to be. Standard library only."""

from __future__ import annotations

from collections.abc import Sequence

from .terminal import cells, paint


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = (), colour: bool = False
) -> str:
    """Lines without trailing blanks; `right`: the columns whose cells are set flush right."""
    every = [head, *rows]
    widths = [max(cells(row[n]) for row in every) for n in range(len(head))]

    def line(row: Sequence[str], style: str | None = None) -> str:
        parts = []
        for n, text in enumerate(row):
            gap = " " * (widths[n] - cells(text))
            parts.append(gap + text if n in right else text + gap)
        return paint("  ".join(parts).rstrip(), style, colour) if style else "  ".join(parts).rstrip()

    return "\n".join([line(head, "bold"), *(line(row) for row in rows)])
