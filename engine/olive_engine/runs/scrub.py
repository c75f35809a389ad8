"""Takes secrets out of text before it reaches a log or an event: tokens by their shape, and the values of
environment variables whose names say that they are secret."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping

MASK = "***"
_NAMES = re.compile(r"TOKEN|KEY|SECRET|PASSWORD|PASSWD|CREDENTIAL", re.IGNORECASE)
_SHAPES = (
    r"hf_[A-Za-z0-9]{10,}",
    r"(?<=[Bb]earer )[A-Za-z0-9._~+/=-]{8,}",
    r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)",
    r"gh[pousr]_[A-Za-z0-9]{20,}",
)


def scrubber(environment: Mapping[str, str] | None = None) -> Callable[[str], str]:
    """A function text -> text without secrets, for the environment as it is now."""
    variables = os.environ if environment is None else environment
    values = {value for name, value in variables.items() if _NAMES.search(name) and _is_secret(value)}
    # A value is also looked for as JSON writes it; longest first, so that no part of a longer one is left over.
    values |= {value.replace("\\", "\\\\").replace('"', '\\"') for value in values}
    literal = [re.escape(value) for value in sorted(values, key=len, reverse=True)]
    pattern = re.compile("|".join((*literal, *_SHAPES)))
    return lambda text: pattern.sub(MASK, text)


def _is_secret(value: str) -> bool:
    """Short values and switches ("false", "1"), and paths (of a key file) are no secrets."""
    return len(value) >= 8 and not value.isdigit() and not re.match(r"([A-Za-z]:)?[/\\~]", value)
