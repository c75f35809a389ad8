"""What the checks say of a config, as text: `told(config) == ["unused hint /systems/here key"]`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from olive_schemas.problems import Problem
from olive_server.checking import problems
from olive_server.document import Document, Settings
from olive_server.edits import apply
from olive_server.fixes import fixes


def document(config: Any, release: str = "auto", folder: Path | None = None, **more: Any) -> Document:
    """config: a text, or a value that is written as one."""
    text = config if isinstance(config, str) else json.dumps(config, indent=2, ensure_ascii=False)
    path = folder / "olive-config.json" if folder is not None else None
    uri = path.as_uri() if path is not None else "untitled:olive-config.json"
    return Document(uri, text, path=path, settings=Settings(release, more=more))


def findings(config: Any, release: str = "auto", folder: Path | None = None, **more: Any) -> list[Problem]:
    return list(problems(document(config, release, folder, **more)))


def shown(problem: Problem) -> str:
    """The code, the severity and the place; " key" where the key is meant and not the value."""
    place = problem.pointer or "(top)"
    return f"{problem.code} {problem.severity.value} {place}" + (" key" if problem.on == "key" else "")


def told(
    config: Any, release: str = "auto", folder: Path | None = None, *, only: str = "", **more: Any
) -> list[str]:
    """Every finding as `shown`, in the order of the text. only: the codes that matter here, with blanks between."""
    wanted = only.split()
    found = findings(config, release, folder, **more)
    return [shown(problem) for problem in found if not wanted or problem.code in wanted]


def mended(
    config: Any, release: str = "auto", folder: Path | None = None, *, code: str, choice: int = 0
) -> str:
    """The text after a fix of the first finding of that code."""
    written = document(config, release, folder)
    problem = next(problem for problem in problems(written) if problem.code == code)
    return apply(written.text, fixes(written, problem)[choice].edits)
