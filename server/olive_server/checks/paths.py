r"""Windows paths whose backslashes JSON has read as escapes.

`path-escape`: in "C:\temp\new" written with single backslashes, JSON reads \t as a tab and \n as a line break: there is
no such file. What other escapes there are is told as no JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from olive_schemas.problems import Problem, Severity

from ._told import replace, told

if TYPE_CHECKING:
    from ..document import Document

CODES = {"path-escape": "a path whose backslashes were read as escapes"}
_READ = {
    "\t": (r"\t", "a tab"),
    "\n": (r"\n", "a line break"),
    "\r": (r"\r", "a return"),
    "\b": (r"\b", "a backspace"),
    "\f": (r"\f", "a form feed"),
}
_SPOILT = re.compile(r"[A-Za-z]:[^\s\"<>|{}]*[\t\n\r\b\f][^\"<>|{}]*")


def check(document: Document) -> Iterable[Problem]:
    tree = document.tree
    told_of = [problem.start for problem in tree.problems if problem.code == "json-escape"]
    for place in document.view.places:
        node = place.node
        if node.kind != "string" or not _SPOILT.fullmatch(node.value):
            continue
        if any(node.start <= start < node.end for start in told_of):
            continue
        signs = dict.fromkeys(sign for sign in node.value if sign in _READ)
        meant = re.sub(r"[\t\n\r\b\f]", lambda found: _READ[found.group()][0], node.value)
        names = " and ".join(f"{_READ[sign][0]} as {_READ[sign][1]}" for sign in signs)
        yield told(
            Severity.WARNING,
            "path-escape",
            f"JSON reads {names} in this path: write \\\\ for each backslash (or / in paths)",
            place.pointer,
            remedies=[replace(place.pointer, meant, exact=True, title="Double the backslashes")],
        )
