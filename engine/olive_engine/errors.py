"""Errors that are the user's to mend, as one exception type: text without a traceback, and a place in the config."""

from __future__ import annotations


class RunError(Exception):
    """A run, or a step of it, cannot go on.

    `message` names what was found and the remedy; `pointer` is the JSON pointer of the config's line that caused it
    (mapped to line and column by whoever shows it); `code` is kebab-case and stable, for documentation and tests.
    Anything else that escapes a pass is a defect of ours or of a library and is logged with its traceback.
    """

    def __init__(self, message: str, *, code: str = "run-failed", pointer: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.pointer = pointer
        self.hint = hint


class Cancelled(Exception):
    """Raised inside a pass at the first step after someone asked for the run to stop."""
