"""How the extension's Python is started: which packages come first, and what children are given."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

LAUNCH = Path(__file__).resolve().parents[3] / "extension" / "python" / "launch.py"
TELLS = """
import json, os, sys
import lib
json.dump({
    "lib": lib.PLACE, "path": sys.path, "arguments": sys.argv[1:], "python_path": os.environ["PYTHONPATH"],
    "libs": os.environ["OLIVEPRESS_LIBS"],
}, sys.stdout)
"""


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle with a module that tells what it sees, and a library that an environment has, too."""
    folder = tmp_path / "bundled"
    for name in ("app", "libs", "fallback"):
        (folder / name).mkdir(parents=True)
    shutil.copy(LAUNCH, folder / "launch.py")
    (folder / "app" / "tells.py").write_text(TELLS)
    (folder / "libs" / "lib.py").write_text("PLACE = 'bundle'")
    (folder / "tells.py").write_text("raise SystemExit('the folder of launch.py is on the path')")
    environment = tmp_path / "environment"
    environment.mkdir()
    (environment / "lib.py").write_text("PLACE = 'environment'")
    return folder


def tell(bundle: Path, strategy: str, *flags: str) -> dict[str, Any]:
    environment = os.pathsep.join([str(bundle.parent / "environment"), "relative", ""])
    done = subprocess.run(
        [sys.executable, *flags, str(bundle / "launch.py"), strategy, "tells", "--an", "argument"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=bundle,
        env={**os.environ, "PYTHONPATH": environment},
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("strategy", "place"), [("useBundled", "bundle"), ("fromEnvironment", "environment")]
)
def test_the_strategy_says_whose_libraries_count(bundle: Path, strategy: str, place: str) -> None:
    told = tell(bundle, strategy)
    assert told["lib"] == place
    assert told["path"][0] == str(bundle / "app")
    assert told["path"][-1] == str(bundle / "fallback")
    assert told["arguments"] == ["--an", "argument"]


def test_children_get_our_packages_and_keep_the_users_path(bundle: Path) -> None:
    told = tell(bundle, "useBundled")
    children = [str(bundle / "app"), str(bundle.parent / "environment")]
    assert told["python_path"].split(os.pathsep) == children
    assert told["libs"].split(os.pathsep) == [str(bundle / "libs"), str(bundle / "fallback")]


def test_isolated_from_the_environment_and_its_site_packages(bundle: Path) -> None:
    told = tell(bundle, "useBundled", "-I", "-S")
    assert told["lib"] == "bundle"
    assert not any("site-packages" in entry or entry.endswith("environment") for entry in told["path"])
