"""`olivepress migrate` through the real command line: where the text goes, what is said, how it ends."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from typing import Any

import pytest
from check_configs import CLASSIC, GOOD

NEW = """{
  "input_model": {"type": "HfModel", "model_path": "some/model", "task": "text-classification"},
  "passes": {"convert": {"type": "OnnxConversion", "target_opset": 17}},
  "output_dir": "out"
}
"""
OLD = CLASSIC.replace('"some/model"', '"some/model", "task": "text-classification"')
LOSSY = OLD.replace('"out"', '"out", "output_name": "x"')


def put(cli: Any, text: str = OLD, name: str = "old.json") -> Any:
    path = cli.folder / name
    path.write_text(text)
    return path


def test_without_a_place_the_notes_are_shown_and_nothing_is_written(cli: Any) -> None:
    path = put(cli)
    done = cli("migrate", "old.json")
    assert path.read_text() == OLD
    assert done.stdout.splitlines() == [
        "old.json:2:19: exact: PyTorchModel with `hf_config` is HfModel since 0.7.0",
        "from Olive 0.6.2 to 0.13.0: 1 exact; nothing is written yet (--write, --output or --diff)",
    ]
    assert done.returncode == 0


def test_in_place_with_mode_link_and_line_ends(cli: Any) -> None:
    real = cli.folder / "real.json"
    real.write_bytes(b"\xef\xbb\xbf" + OLD.replace("\n", "\r\n").encode())
    real.chmod(0o600)
    (cli.folder / "old.json").symlink_to("real.json")
    done = cli("migrate", "old.json", "--write")
    assert real.read_bytes() == b"\xef\xbb\xbf" + NEW.replace("\n", "\r\n").encode()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    assert (cli.folder / "old.json").is_symlink()
    assert "written to old.json" in done.stdout
    again = cli("migrate", "old.json", "--write")
    assert again.stdout == "nothing to do: it is a config for Olive 0.13.0 already\n"


def test_into_another_file(cli: Any) -> None:
    path = put(cli)
    done = cli("migrate", "old.json", "--output", "new.json")
    assert (cli.folder / "new.json").read_text() == NEW
    assert path.read_text() == OLD
    assert done.returncode == 0
    (cli.folder / "new.json").write_text("mine")
    done = cli("migrate", "old.json", "--output", "new.json")
    assert (done.returncode, (cli.folder / "new.json").read_text()) == (2, "mine")
    assert "--force replaces it" in done.stderr
    assert cli("migrate", "old.json", "--output", "new.json", "--force").returncode == 0
    assert (cli.folder / "new.json").read_text() == NEW


def test_as_a_diff(cli: Any) -> None:
    path = put(cli)
    done = cli("migrate", "old.json", "--diff")
    assert path.read_text() == OLD
    assert "--- old.json" in done.stdout
    assert '+  "output_dir": "out"' in done.stdout.splitlines()
    assert "exact: PyTorchModel" in done.stderr


def test_from_standard_input(cli: Any) -> None:
    done = cli("migrate", "-", stdin=OLD)
    assert done.stdout == NEW
    assert "<stdin>:2:19: exact: " in done.stderr


def test_what_is_lost_ends_with_1(cli: Any) -> None:
    put(cli, LOSSY)
    done = cli("migrate", "old.json")
    assert done.returncode == 1
    assert "old.json:4:35: lossy: `output_name` is gone since 0.7.0" in done.stdout
    assert "1 exact, 1 lossy" in done.stdout


def test_as_json(cli: Any) -> None:
    put(cli, LOSSY)
    done = cli("migrate", "old.json", "--to", "0.7.0", "--format", "json")
    found = json.loads(done.stdout)
    assert {key: found[key] for key in ("path", "from", "to", "changed", "exact")} == {
        "path": "old.json",
        "from": "0.6.2",
        "to": "0.7.0",
        "changed": True,
        "exact": False,
    }
    assert found["text"] == NEW
    assert found["notes"][-1] == {
        "line": 4,
        "column": 35,
        "end_line": 4,
        "end_column": 48,
        "pointer": "/engine/output_name",
        "kind": "lossy",
        "message": "`output_name` is gone since 0.7.0: removed; `output_dir` names the folder of the output",
    }
    assert done.returncode == 1


def test_a_config_of_today_needs_nothing(cli: Any) -> None:
    path = put(cli, GOOD)
    before = path.stat().st_mtime_ns
    done = cli("migrate", "old.json", "--write")
    assert done.stdout == "nothing to do: it is a config for Olive 0.13.0 already\n"
    assert path.stat().st_mtime_ns == before


def test_the_release_it_was_written_for_can_be_said(cli: Any) -> None:
    put(cli, GOOD.replace(', "target_opset": 17', ""))
    assert "nothing to do" in cli("migrate", "old.json").stdout
    done = cli("migrate", "old.json", "--from", "0.7")
    assert "old.json:4:5: default: the default of `target_opset` was 14" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "missing: FILE"),
        (["nothing.json"], "nothing.json: there is no such file"),
        (["."], ". is not a file"),
        (["old.json", "--to", "0.6"], "to later forms only: to 0.7.0, 0.7.1.1, 0.8.0"),
        (["old.json", "--to", "9.9"], 'Olive has no release "9.9"'),
        (["old.json", "--from", "0.1"], 'Olive has no release "0.1"'),
        (["old.json", "--write", "--diff"], "not allowed with"),
        (["-", "--write"], "--write needs a file"),
        (["old.json", "--output", "no/such/folder.json"], "cannot be written"),
    ],
)
def test_wrong_calls(cli: Any, arguments: list[str], says: str) -> None:
    path = put(cli)
    done = cli("migrate", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert path.read_text() == OLD


def test_a_broken_file_is_left_alone(cli: Any) -> None:
    path = put(cli, "{")
    done = cli("migrate", "old.json", "--write")
    assert done.returncode == 1
    assert "nothing is changed, since" in done.stdout
    assert done.stdout.rstrip().endswith("; nothing is written")
    assert path.read_text() == "{"


def test_nothing_heavy_is_imported(cli: Any) -> None:
    put(cli)
    code = (
        "import sys\nfrom olivepress.main import main\nmain(['migrate', 'old.json', '--format', 'json'])\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=cli.folder,
        env=cli.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stderr.replace("'", "").strip("[]\n").split(", "))
    assert not loaded & {"torch", "transformers", "numpy", "olive", "pygls", "lsprotocol", "rich", "socket"}
