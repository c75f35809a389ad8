"""Which release of olive-ai lies beside an interpreter, from the names of its metadata folders alone.

No process is started and nothing of that interpreter is imported.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from functools import lru_cache
from pathlib import Path

from olive_schemas.releases import resolve

_METADATA = re.compile(r"olive[-_.]ai-([0-9][^-]*?)(?:-py[0-9.]+)?\.(?:dist|egg)-info", re.IGNORECASE)


def installed_olive(python: str | None) -> str | None:
    """The release as `releases.RELEASES` spells it; None where there is none, or none that is known.

    `python`: path or name of an interpreter; by default the one that runs this server.
    """
    try:
        for folder in _package_folders(python):
            found = _in_folder(str(folder), folder.stat().st_mtime_ns)
            if found is not None:
                return found
    except OSError:
        pass
    return None


@lru_cache(maxsize=32)
def _in_folder(folder: str, changed: int) -> str | None:
    del changed  # part of the key: a folder is read again after something was installed
    for name in sorted(os.listdir(folder), reverse=True):  # noqa: PTH208 - names alone, of a large folder
        match = _METADATA.fullmatch(name)
        if match:
            return "main" if "dev" in match[1] else resolve(match[1])
    return None


def _package_folders(python: str | None) -> list[Path]:
    prefixes = _prefixes(python)
    patterns = (
        "lib/python3*/site-packages",
        "lib64/python3*/site-packages",
        "Lib/site-packages",
        "lib/python3*/dist-packages",
        "lib/python3/dist-packages",
        "local/lib/python3*/dist-packages",
    )
    found = [path for prefix in prefixes for pattern in patterns for path in sorted(prefix.glob(pattern))]
    return [path for path in dict.fromkeys(found) if path.is_dir()]


def _prefixes(python: str | None) -> list[Path]:
    if python is None:
        return [Path(sys.prefix)]
    where = shutil.which(os.path.expanduser(python))  # noqa: PTH111 - which() takes a name or a path
    if where is None:
        return []
    # Not where its links lead: every virtual environment links to the same program.
    folder = Path(os.path.abspath(where)).parent  # noqa: PTH100
    prefix = folder.parent if folder.name.lower() in ("bin", "scripts") else folder
    return [prefix, *_base_of(prefix)]


def _base_of(prefix: Path) -> list[Path]:
    """The interpreter that a virtual environment was made from, if it sees that one's packages too."""
    try:
        lines = (prefix / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    values = dict(_pair(line) for line in lines if "=" in line)
    if values.get("include-system-site-packages", "").lower() != "true" or not values.get("home"):
        return []
    home = Path(values["home"])
    return [home.parent if home.name.lower() in ("bin", "scripts") else home]


def _pair(line: str) -> tuple[str, str]:
    key, _, value = line.partition("=")
    return key.strip().lower(), value.strip()
