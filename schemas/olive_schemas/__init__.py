"""What an olive-config.json is: parse tree, dialects, catalogue of passes and parameters, one frozen workflow.

Light: importing it costs milliseconds, and reading a config imports nothing beyond the standard library unless a
property needs the full JSON Schema vocabulary.
"""

from __future__ import annotations

from pathlib import Path

from .problems import Problem, Severity, has_errors
from .reading import Reading, read_text

__all__ = ["Problem", "Reading", "Severity", "has_errors", "read"]


def read(text: str, *, path: Path, lenient: bool = False) -> Reading:
    """Reads a config's text. Never raises; everything that is wrong is in `problems`, in the order of the text.

    path: where the config lies; relative paths in it are taken from that folder. The file itself is not read.
    lenient: names that nothing knows are warnings instead of errors.
    """
    return read_text(text, path=path, lenient=lenient)
