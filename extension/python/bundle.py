"""`python extension/python/bundle.py`: fills extension/bundled with what the server and the engine's light part need.

app/ our packages and the pages that findings link to; libs/ third parties (pip, no network at use); fallback/ `rpds`;
launch.py. THIRD_PARTY_NOTICES.md names the licences of these and of what is in dist/extension.js. Pure Python only: a
compiled file stops the making, so that one extension serves every system. Run from the repository's root, after esbuild.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXTENSION = ROOT / "extension"
TARGET = EXTENSION / "bundled"
LEFT_OUT = (
    ".*",
    "__pycache__",
    "*.pyc",
    "tests",
    "test",
    "benchmarks",
    "*.pyi",
    "py.typed",
    "*.so",
    "*.pyd",
    "KEYWORDS.md",
)
OLDEST_MINOR = 10
"""Python 3.10 is what the server asks for."""
COMPILED = (".so", ".pyd", ".dylib")
LICENCE_NAMES = ("license", "licence", "copying", "notice")


def main() -> int:
    shutil.rmtree(TARGET, ignore_errors=True)
    copy_app()
    notices = install_libs()
    (TARGET / "fallback").mkdir()
    shutil.copy(EXTENSION / "python" / "rpds_fallback.py", TARGET / "fallback" / "rpds.py")
    shutil.copy(EXTENSION / "python" / "launch.py", TARGET / "launch.py")
    (EXTENSION / "THIRD_PARTY_NOTICES.md").write_text(notices_page({**notices, **node_notices()}), "utf-8")
    compiled = [path for path in TARGET.rglob("*") if path.suffix in COMPILED]
    for path in compiled:
        print(f"{path} is compiled: it would serve one system only", file=sys.stderr)
    return 1 if compiled else 0


def copy_app() -> None:
    """As it is installed: packages, the pages that findings link to, the example's data, and what the engine needs."""
    fetched = installed("app", str(ROOT))
    shutil.copytree(
        fetched, TARGET / "app", ignore=shutil.ignore_patterns(*LEFT_OUT, "bin", "RECORD", "direct_url.json")
    )
    shutil.copy(ROOT / "constraints.txt", TARGET / "constraints.txt")


def install_libs() -> dict[str, str]:
    """Name and version -> licence text."""
    wanted = EXTENSION / "python" / "requirements.txt"
    fetched = installed("libs", "-c", str(constraints_beside(wanted)), "-r", str(wanted))
    notices = {}
    for info in sorted(fetched.glob("*.dist-info")):
        runs_on_the_oldest(info)
        name, _, version = info.name.removesuffix(".dist-info").rpartition("-")
        notices[f"{name} {version}"] = licence_of(info)
    # Without metadata, so that nobody takes them for installed ones.
    shutil.copytree(fetched, TARGET / "libs", ignore=shutil.ignore_patterns(*LEFT_OUT, "*.dist-info", "bin"))
    return notices


def constraints_beside(wanted: Path) -> Path:
    """constraints.txt without what `wanted` has a version of its own for."""
    own = {line.partition("==")[0] for line in wanted.read_text("utf-8").splitlines() if "==" in line}
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    target = ROOT / "build" / "libs-constraints.txt"
    target.parent.mkdir(exist_ok=True)
    target.write_text("\n".join(line for line in lines if line.partition("==")[0] not in own), "utf-8")
    return target


def runs_on_the_oldest(info: Path) -> None:
    """Stops the making where a library needs a newer Python than the extension says it does."""
    for line in (info / "METADATA").read_text("utf-8").splitlines():
        needed = re.match(r"Requires-Python:.*>=\s*3\.(\d+)", line)
        if needed and int(needed[1]) > OLDEST_MINOR:
            raise SystemExit(
                f"{info.name} needs Python 3.{needed[1]}, and the extension promises 3.{OLDEST_MINOR}"
            )


def installed(name: str, *what: str) -> Path:
    """A folder that pip has installed into, nothing compiled."""
    folder = ROOT / "build" / name
    shutil.rmtree(folder, ignore_errors=True)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    subprocess.run([*pip, "install", "--no-deps", "--no-compile", "--target", str(folder), *what], check=True)
    return folder


def node_notices() -> dict[str, str]:
    """Of the packages that esbuild put into the extension."""
    folders = json.loads((EXTENSION / "dist" / "third-party.json").read_text("utf-8"))
    notices = {}
    for folder in folders:
        about = json.loads((EXTENSION / folder / "package.json").read_text("utf-8"))
        notices[f"{about['name']} {about['version']}"] = licence_of(EXTENSION / folder)
    return notices


def licence_of(folder: Path) -> str:
    """Every licence file in it, or the name of the licence where the package ships none."""
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.stem.lower().startswith(LICENCE_NAMES)
    ]
    own = [path for path in files if "node_modules" not in path.relative_to(folder).parts]
    if own:
        return "\n\n".join(path.read_text("utf-8", "replace").strip() for path in own)
    metadata = folder / "METADATA"
    lines = metadata.read_text("utf-8").splitlines() if metadata.is_file() else []
    named = [line for line in lines if line.startswith(("License-Expression:", "License:"))]
    if not named:
        raise SystemExit(f"{folder}: no licence is found")
    return named[0]


def notices_page(notices: dict[str, str]) -> str:
    head = "# Third-party notices\n\nOlive Press for VS Code contains these packages, unchanged.\n"
    return head + "".join(
        f"\n## {name}\n\n```\n{text}\n```\n"
        for name, text in sorted(notices.items(), key=lambda one: one[0].lower())
    )


if __name__ == "__main__":
    sys.exit(main())
