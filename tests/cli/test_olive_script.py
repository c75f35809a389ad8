"""`olive` is ours until Microsoft's is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def olive(cli: Any, *arguments: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = cli.environment | ({"PYTHONPATH": str(path)} if path else {})
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from olivepress.olive_script import main; sys.exit(main())",
            *arguments,
        ],
        cwd=cli.folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("option", ["--config", "-c", "--run-config"])
def test_run_is_ours_where_olive_ai_is_not_installed(cli: Any, option: str) -> None:
    (cli.folder / "mine.json").write_text('{"input_model": {}, "pases": {}}')
    done = olive(cli, "run", option, "mine.json")
    assert done.returncode == 2
    assert "mine.json:1:21: error: " in done.stderr
    assert "did you mean `passes`?" in done.stderr


def test_other_commands_of_olive_are_said_to_be_theirs(cli: Any) -> None:
    done = olive(cli, "auto-opt", "-m", "x")
    assert done.returncode == 2
    assert "'auto-opt' is a command of Microsoft's olive-ai, which is not installed here" in done.stderr
    assert olive(cli, "--help").returncode == 0


def test_hands_over_where_olive_ai_is_installed(cli: Any, tmp_path: Path) -> None:
    site = tmp_path / "site"
    info = site / "olive_ai-0.13.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: olive-ai\nVersion: 0.13.0\n")
    (info / "entry_points.txt").write_text("[console_scripts]\nolive = their_launcher:main\n")
    (site / "their_launcher.py").write_text(
        "import sys\n\ndef main():\n    print('theirs', sys.argv)\n    return 7\n"
    )
    # A module of the same name in the current folder is not taken for theirs.
    (cli.folder / "their_launcher.py").write_text("raise SystemExit('ours was taken')")
    done = olive(cli, "run", "--config", "x.json", path=site)
    assert done.stdout == "theirs ['olive', 'run', '--config', 'x.json']\n", done.stderr
    assert done.returncode == 7


def test_nothing_of_ours_is_called_olive() -> None:
    from importlib.metadata import files

    assert not [str(file) for file in files("olivepress") or () if str(file).startswith("olive/")]
