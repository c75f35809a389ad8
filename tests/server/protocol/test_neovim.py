"""A run in Neovim, headless: what its user sees is what docs/neovim.md shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs" / "neovim.md"


def in_neovim(folder: Path) -> str:
    """What neovim.lua prints with the config open in Neovim."""
    shutil.copy(HERE / "neovim-config.json", folder / "olive-config.json")
    command = ["nvim", "--headless", "--clean", "-c", f"luafile {HERE / 'neovim.lua'}", "olive-config.json"]
    server = "\n".join([sys.executable, "-m", "olivepress", "lsp"])
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "OLIVEPRESS_COMMAND": server, "XDG_STATE_HOME": str(folder / "state")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.replace("\r", "").strip()


def test_the_recorded_run_is_what_neovim_shows(tmp_path: Path) -> None:
    recorded = re.search(r"```text\n(.*?)\n```", PAGE.read_text("utf-8"), re.DOTALL)
    assert recorded is not None
    assert in_neovim(tmp_path) == recorded[1]


def test_the_config_that_is_opened_is_on_the_page() -> None:
    assert (HERE / "neovim-config.json").read_text("utf-8").strip() in PAGE.read_text("utf-8")
