"""Argument parsing with errors that help: what was written, the nearest thing that exists, and exit code 2."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from .exits import WRONG


class Parser(argparse.ArgumentParser):
    """One verb's parser: no abbreviations, examples kept as they are laid out, the nearest option in errors."""

    def __init__(self, prog: str, description: str, examples: str = "") -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=f"examples:\n{examples.rstrip()}" if examples else None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def parse_args(self, args: Sequence[str] | None = None, namespace: None = None) -> argparse.Namespace:  # type: ignore[override]
        parsed, unknown = self.parse_known_args(args, namespace)
        if unknown:
            self.error("; ".join(self._unknown(each) for each in unknown))
        return parsed

    def _unknown(self, written: str) -> str:
        if not written.startswith("-"):
            return f"nothing here takes {written!r}"
        from olive_schemas.nearest import nearest

        options = [
            name for action in self._actions for name in action.option_strings if name.startswith("--")
        ]
        near = nearest(written.split("=")[0], options)
        return f"there is no option {written.split('=')[0]}" + (f"; did you mean {near}?" if near else "")

    def error(self, message: str) -> NoReturn:
        message = re.sub(r"^the following arguments are required: ", "missing: ", message)
        wrong_call(f"{message}\n  {self.prog} --help says how it is called", self.prog)


def wrong_call(message: str, prog: str = "olivepress") -> NoReturn:
    """Says what is wrong with the call on stderr and ends with exit code 2."""
    print(f"{prog}: {message}", file=sys.stderr)
    raise SystemExit(WRONG)
