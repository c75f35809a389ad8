"""`worker.log`: whatever libraries print, log or warn of, without secrets; warnings that matter become log events."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any, TextIO

_LEVELS = {0: logging.DEBUG, 1: logging.INFO, 2: logging.WARNING, 3: logging.ERROR, 4: logging.CRITICAL}
_QUIET = {
    "TQDM_DISABLE": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "true",
}
_OWN_HANDLERS = ("transformers", "datasets", "huggingface_hub")
"""Libraries that cut their loggers off from the root: they are listened to at their own."""
_MOST_EVENTS = 50
OWN = "olivepress"
"""The logger for what is an event already."""

Tell = Callable[[str, str], None]
"""tell(level, message): one log event."""


def install(scrub: Callable[[str], str], tell: Tell) -> None:
    """Once at the worker's start: scrubbed streams, log format, no progress bars, warnings told."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    sys.stdout = _Scrubbed(sys.stdout, scrub)
    sys.stderr = _Scrubbed(sys.stderr, scrub)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    events = _Events(tell)
    root.addHandler(events)
    for name in _OWN_HANDLERS:
        logging.getLogger(name).addHandler(events)
    _listen_to_warnings(events)
    set_level(1)


def set_level(severity: int) -> None:
    """`log_severity_level`, Olive's numbering: 0 debug, 1 info, 2 warning, 3 error, 4 fatal."""
    level = _LEVELS.get(severity, logging.INFO)
    logging.getLogger().setLevel(level)
    name = {10: "debug", 20: "info", 30: "warning", 40: "error", 50: "critical"}[level]
    # transformers has a logger of its own; at info it tells whole configs, which no one asks for.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "warning" if name == "info" else name)


def note(pass_name: str | None, data: Mapping[str, Any]) -> bool:
    """Writes a log event into the log too; False if it is below the level that the config asks for."""
    level = logging.getLevelName(str(data.get("level", "info")).upper())
    number = level if isinstance(level, int) else logging.INFO
    logger = logging.getLogger(OWN)
    logger.log(number, "%s%s", f"{pass_name}: " if pass_name else "", data.get("message"))
    # Warnings and errors are always told, however quiet the log is to be.
    return number >= logging.WARNING or logger.isEnabledFor(number)


class _Events(logging.Handler):
    """Warnings and errors of libraries as log events, each text once, not without end."""

    def __init__(self, tell: Tell) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell
        self._told: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == OWN:
            return
        try:
            self.say("error" if record.levelno >= logging.ERROR else "warning", record.getMessage())
        except Exception:  # noqa: BLE001 - a broken log call of a library must not end a run
            self.handleError(record)

    def say(self, level: str, text: str) -> None:
        text = text.strip()
        if text in self._told or len(self._told) >= _MOST_EVENTS:
            return
        self._told.add(text)
        self._tell(level, text[:2000])


def _listen_to_warnings(events: _Events) -> None:
    """All warnings go to the log; those for users, not for developers, become events too."""

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        print(
            warnings.formatwarning(message, category, filename, lineno, line), end="", file=file or sys.stderr
        )
        quiet = (DeprecationWarning, PendingDeprecationWarning, FutureWarning, ImportWarning, ResourceWarning)
        if not issubclass(category, quiet):
            events.say("warning", str(message))

    warnings.showwarning = show


class _Scrubbed(io.TextIOBase):
    """A stream that takes secrets out of every write; what C code prints goes past it."""

    def __init__(self, stream: TextIO, scrub: Callable[[str], str]) -> None:
        self._stream, self._scrub = stream, scrub

    def write(self, text: str) -> int:
        # A log that cannot be written (a full disk) is no reason for a library's print to end the run.
        with contextlib.suppress(OSError):
            self._stream.write(self._scrub(text))
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()

    def fileno(self) -> int:
        return self._stream.fileno()

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
