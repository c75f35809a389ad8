"""Helpers of the tests of shapes and rules: a config as a view, what the rules say of it, and what their remedies do."""

from __future__ import annotations

import copy
import json
from typing import Any

from olive_schemas import rules
from olive_schemas.dialect import detect
from olive_schemas.problems import Problem, Remedy
from olive_schemas.releases import auto, era_of, only, resolve
from olive_schemas.shapes import View
from olive_schemas.tree import parse, to_python, unescape

HUB = {"type": "HfModel", "model_path": "m"}
CLASSIC_HUB = {
    "type": "PyTorchModel",
    "config": {"hf_config": {"model_name": "m", "task": "text-generation"}},
}


def view(config: Any, release: str = "auto") -> View:
    """The view of a config, or of a text, for one release or for all of its dialect."""
    text = config if isinstance(config, str) else json.dumps(config)
    tree = parse(text)
    value = to_python(tree.root)
    if release == "auto":
        return View(tree, value, detect(value), auto(detect(value)))
    known = resolve(release)
    assert known is not None
    return View(tree, value, era_of(known), only(known))


def found(config: Any, release: str = "auto") -> list[Problem]:
    return rules.findings(view(config, release))


def told(config: Any, release: str = "auto") -> list[str]:
    """Each finding as "severity code pointer", with " key" behind it where the key is meant."""
    return [
        f"{problem.severity.value} {problem.code} {problem.pointer}{' key' if problem.on == 'key' else ''}"
        for problem in found(config, release)
    ]


def whole(release: str, **parts: Any) -> dict[str, Any]:
    """A config that is right for a release but for its parts."""
    model = CLASSIC_HUB if era_of(resolve(release) or release) == "classic" else HUB
    return {"input_model": copy.deepcopy(model), **parts}


def mended(config: Any, release: str = "auto") -> Any:
    """The config after the first remedy of its first finding that has one."""
    problem = next(problem for problem in found(config, release) if problem.remedies)
    return applied(config, problem.remedies[0])


def applied(config: Any, remedy: Remedy) -> Any:
    config = copy.deepcopy(config)
    if remedy.kind == "insert":
        _at(config, remedy.pointer)[remedy.key] = remedy.value
        return config
    above, _, last = remedy.pointer.rpartition("/")
    holder, step = _at(config, above), unescape(last)
    index: Any = int(step) if isinstance(holder, list) else step
    if remedy.kind == "rename-key":
        members = [(remedy.value if name == step else name, value) for name, value in holder.items()]
        holder.clear()
        holder.update(members)
    elif remedy.kind == "replace-value":
        holder[index] = remedy.value
    elif remedy.kind == "remove":
        del holder[index]
    else:
        _at(config, remedy.target)[step] = holder.pop(step)
    return config


def _at(config: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        config = config[int(step)] if isinstance(config, list) else config[unescape(step)]
    return config
