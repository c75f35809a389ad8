"""Lists of a pass whose entries belong together one by one.

`inconsistent`: the two lists of a pair are not equally long, such as `dim_param` and `dim_value` of DynamicToFixedShape.
The pass refuses them when its turn comes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from olive_schemas.problems import Problem, Related, Severity

from ._told import told

if TYPE_CHECKING:
    from ..document import Document

CODES = {"inconsistent": "lists whose entries belong together are not equally long"}
_PAIRS = {"dynamictofixedshape": (("dim_param", "dim_value"), ("input_name", "input_shape"))}


def check(document: Document) -> Iterable[Problem]:
    for step in document.parts.every_pass():
        for first, second in _PAIRS.get(step.type.lower(), ()):
            names, values = step.get(first), step.get(second)
            if names is None or values is None:
                continue
            if not (isinstance(names.value, list) and isinstance(values.value, list)):
                continue
            if not names.value or not values.value or len(names.value) == len(values.value):
                continue
            yield told(
                Severity.ERROR,
                "inconsistent",
                f"`{second}` has {len(values.value)} of the {len(names.value)} entries of `{first}`: write one for each"
                if len(values.value) < len(names.value)
                else f"`{second}` has {len(values.value)} entries, and `{first}` only {len(names.value)}: write one for each",
                values.pointer,
                related=[Related(names.pointer, f"belongs to `{second}`, one by one")],
            )
