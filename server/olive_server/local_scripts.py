"""The names that a Python file defines, found by reading its text: nothing of the workspace is ever run."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from .local_io import FAULTS, Stamp, stamp, start_of


def functions(folder: Path | None, written: str) -> tuple[str, ...]:
    """Functions and classes at the top level of a script, private ones last; () where it cannot be read."""
    try:
        path = Path(written).expanduser()
        if not written or (folder is None and not path.is_absolute()):
            return ()
        file = stamp(folder / path if folder else path)
    except (*FAULTS, RuntimeError):
        return ()
    return _functions(file) if file else ()


@lru_cache(maxsize=8)
def _functions(file: Stamp) -> tuple[str, ...]:
    import ast

    try:
        data, whole = start_of(file)
        tree = ast.parse(data) if whole else ast.Module([], [])
    except (*FAULTS, SyntaxError):
        return ()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    names = [node.name for node in tree.body if isinstance(node, kinds)]
    return tuple(sorted(names, key=lambda name: name.startswith("_")))
