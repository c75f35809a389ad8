"""Another program in our place: an interpreter whose packages do the work, or Microsoft's `olive`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from .calls import wrong_call


def check_interpreter(python: str) -> str:
    """The interpreter's path; ends the call with exit code 2 where it is none or lacks us."""
    found = shutil.which(str(Path(python).expanduser()))
    if found is None:
        wrong_call(f"--python {python}: there is no such interpreter")
    try:
        done = subprocess.run(
            [found, "-c", "import olivepress, olive_engine"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        wrong_call(f"--python {python}: it does not start ({error})")
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        remedy = f"{python} -m pip install 'olivepress[engine]'"
        wrong_call(f"--python {python}: Olive Press is not installed there ({last})\n  {remedy}")
    return found


def is_this_one(python: str) -> bool:
    """The path as it is, not where its links lead: every virtual environment links to the same program."""
    return os.path.abspath(python) == os.path.abspath(sys.executable)  # noqa: PTH100 - resolve() follows links


def become(command: Sequence[str]) -> NoReturn:
    """Goes on as another program in this process's place; on Windows, which cannot, as its parent."""
    sys.stdout.flush()
    sys.stderr.flush()
    if sys.platform == "win32":
        raise SystemExit(subprocess.call(command))
    os.execv(command[0], list(command))
