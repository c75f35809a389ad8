"""What a client can set, read leniently: a value that makes no sense counts as not set, and is told.

olivepress.oliveVersion          "auto" or a release ("0.6", "0.13", "main")
olivepress.python                the interpreter whose packages do the work, and whose olive-ai narrows "auto"
olivepress.trusted               false: nothing that runs anything is done
olivepress.checks.enabled        false: no diagnostics at all
olivepress.checks.severity       {"code": "off" | "error" | "warning" | "information" | "hint"}
olivepress.completion.enabled, olivepress.hover.enabled, olivepress.inlayHints.enabled, olivepress.codeLens.enabled,
olivepress.semanticTokens.enabled
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from olive_schemas.problems import Severity
from olive_schemas.releases import RELEASES, resolve

from .document import Settings
from .installed import installed_olive

SECTION = "olivepress"
_SEVERITIES = ("off", *(severity.value for severity in Severity))


@dataclass(frozen=True)
class Options:
    """The settings that hold for one folder."""

    olive_version: str = "auto"
    python: str | None = None
    trusted: bool = True
    checks: bool = True
    severity: Mapping[str, str] = field(default_factory=dict)
    """Code -> "off" or another severity than the usual one."""
    raw: Mapping[str, Any] = field(default_factory=dict)
    complaints: tuple[str, ...] = ()

    def enabled(self, feature: str) -> bool:
        """Whether a feature (`completion`, `inlayHints`, ...) was not turned off."""
        return _read(self.raw, f"{feature}.enabled") is not False

    def for_document(self) -> Settings:
        return Settings(self.olive_version, installed_olive(self.python), dict(self.raw))


def options_of(raw: Any) -> Options:
    """Options from what a client sent for the section, with what was not understood in `complaints`."""
    if not isinstance(raw, Mapping):
        return Options()
    complaints: list[str] = []
    written = _read(raw, "oliveVersion")
    version = "auto"
    if isinstance(written, str) and written.strip() not in ("", "auto"):
        found = resolve(written.strip())
        if found is None:
            complaints.append(
                f'olivepress.oliveVersion: Olive has no release "{written}"; "auto" is taken. There are auto, '
                f"{', '.join(RELEASES)}."
            )
        version = found or "auto"
    python = next(
        (
            value.strip()
            for name in ("python", "pythonPath", "python.path")
            if isinstance(value := _read(raw, name), str) and value.strip()
        ),
        None,
    )
    severity: dict[str, str] = {}
    overrides = _read(raw, "checks.severity")
    for code, level in overrides.items() if isinstance(overrides, Mapping) else ():
        if level in _SEVERITIES:
            severity[str(code)] = level
        else:
            complaints.append(
                f'olivepress.checks.severity: "{level}" for "{code}" is none of {", ".join(_SEVERITIES)}.'
            )
    return Options(
        olive_version=version,
        python=python,
        trusted=_read(raw, "trusted") is not False,
        checks=_read(raw, "checks.enabled") is not False and _read(raw, "checks") is not False,
        severity=severity,
        raw=raw,
        complaints=tuple(complaints),
    )


def merged(below: Any, above: Any) -> dict[str, Any]:
    """Two sections as one; what stands in `above` counts, null counts as not set."""
    result = dict(below) if isinstance(below, Mapping) else {}
    for key, value in above.items() if isinstance(above, Mapping) else ():
        if isinstance(value, Mapping) and isinstance(result.get(key), Mapping):
            result[key] = merged(result[key], value)
        elif value is not None:
            result[key] = value
    return result


def _read(raw: Mapping[str, Any], name: str) -> Any:
    """A setting by its dotted name, nested or flat."""
    if name in raw:
        return raw[name]
    first, _, rest = name.partition(".")
    inner = raw.get(first)
    return _read(inner, rest) if rest and isinstance(inner, Mapping) else None
