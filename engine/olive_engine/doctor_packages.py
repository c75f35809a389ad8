"""Which packages are installed, and whether their versions fit what our distribution and each other ask for.

Reads metadata only and imports none of the packages it looks at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from typing import Literal

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

OURS = "olivepress"
GROUPS = ("base", "engine", "cuda", "directml", "qlora")


@dataclass(frozen=True)
class Package:
    name: str
    group: str
    """base, or the extra that asks for it."""
    wanted: str
    """`>=2.6`; empty for any."""
    installed: str | None
    state: Literal["fits", "wrong", "absent"]
    because: str = ""
    """`by transformers 5.23.0` where another package asks for more than we do."""
    remedy: str = ""


def packages() -> tuple[Package, ...]:
    """Everything our distribution asks for, by extra, then what those ask of one another and do not get."""
    found: dict[str, Package] = {}
    for group in GROUPS:
        for wanted in base() if group == "base" else asked_for(group):
            name = canonicalize_name(wanted.name)
            if name not in found and not _variant_is_there(name):
                found[name] = _package(wanted, group)
    return (*found.values(), *_conflicts(tuple(found.values())))


def base() -> Iterator[Requirement]:
    """What everything of ours needs; nothing where whoever started us brings it along, as the editor does."""
    return iter(()) if os.environ.get("OLIVEPRESS_LIBS") else asked_for("")


def variants() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Families of packages that carry the same files, with those that are installed."""
    names = sorted({canonicalize_name(each.metadata["Name"] or "") for each in distributions()})
    families = []
    for family in ("onnxruntime-genai", "onnxruntime"):
        suffixes = {"", "-gpu", "-cuda", "-directml", "-winml", "-qnn", "-openvino"}
        families.append(
            (family, tuple(name for name in names if name in {family + each for each in suffixes}))
        )
    return tuple(families)


def asked_for(extra: str) -> Iterator[Requirement]:
    """What an extra of ours asks for, the extras that it is made of included."""
    for wanted in _wanted(_find(OURS), extra):
        if canonicalize_name(wanted.name) == OURS:
            for inner in sorted(wanted.extras):
                yield from asked_for(inner)
        else:
            yield wanted


def _variant_is_there(name: str) -> bool:
    """`onnxruntime` counts as there when a build of it for other hardware is."""
    if name not in ("onnxruntime", "onnxruntime-genai") or _find(name) is not None:
        return False
    return any(family == name and names for family, names in variants())


def _package(wanted: Requirement, group: str) -> Package:
    dist = _find(wanted.name)
    name, text = canonicalize_name(wanted.name), str(wanted.specifier)
    remedy = f"pip install '{OURS}{'' if group == 'base' else f'[{group}]'}'"
    if dist is None:
        return Package(name, group, text, None, "absent", remedy=remedy)
    if wanted.specifier.contains(dist.version, prereleases=True):
        return Package(name, group, text, dist.version, "fits")
    return Package(name, group, text, dist.version, "wrong", "by Olive Press", f"pip install '{name}{text}'")


def _conflicts(ours: tuple[Package, ...]) -> Iterator[Package]:
    """What the installed ones ask of one another: transformers of tokenizers, peft of torch, ..."""
    for package in ours:
        dist = _find(package.name) if package.installed else None
        for wanted in _wanted(dist, "") if dist else ():
            other = _find(wanted.name)
            if other is not None and not wanted.specifier.contains(other.version, prereleases=True):
                name, text = canonicalize_name(wanted.name), str(wanted.specifier)
                by = f"by {package.name} {package.installed}"
                yield Package(
                    name, package.group, text, other.version, "wrong", by, f"pip install '{name}{text}'"
                )


def _wanted(dist: Distribution | None, extra: str) -> Iterator[Requirement]:
    """The requirements that hold on this machine and belong to `extra` alone."""
    for line in (dist.requires if dist else None) or ():
        try:
            wanted = Requirement(line)
        except InvalidRequirement:
            continue
        marker = wanted.marker
        always = marker is None or marker.evaluate({"extra": ""})
        if (always and not extra) or (extra and not always and marker and marker.evaluate({"extra": extra})):
            yield wanted


def _find(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None
