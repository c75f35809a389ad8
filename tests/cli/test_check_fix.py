"""`--fix` mends what is exact, in place and whole; `--diff` only shows it."""

from __future__ import annotations

import stat
from typing import Any

from check_configs import COMMA, DANGLING, GOOD

MISTAKES = """{
  'input_model': {"type": "HfModel", "model_path": "some/model"},
  "passes": {
    "convert": {"type": "OnnxConversion", "target_opset": 17}
  }
  "evaluate_input_model": False,
  "output_dir": "out",
}
"""
MENDED = """{
  "input_model": {"type": "HfModel", "model_path": "some/model"},
  "passes": {
    "convert": {"type": "OnnxConversion", "target_opset": 17}
  },
  "evaluate_input_model": false,
  "output_dir": "out"
}
"""


def test_what_is_exact_is_mended_and_said(cli: Any) -> None:
    path = cli.folder / "mine.json"
    path.write_text(MISTAKES)
    done = cli("check", "--fix", "--olive-version", "0.13")
    assert path.read_text() == MENDED
    assert done.stdout.splitlines()[:4] == [
        "mine.json:2:3 Use double quotes",
        "mine.json:5:3 Insert a comma",
        "mine.json:6:27 Write `false`",
        "mine.json:7:22 Remove the comma",
    ]
    assert "1 config checked: nothing is wrong; 4 fixes applied" in done.stdout
    assert done.returncode == 0
    again = cli("check", "--fix", "--olive-version", "0.13")
    assert "0 fixes applied" in again.stdout


def test_what_is_left_is_reported_and_counts(cli: Any) -> None:
    path = cli.folder / "mine.json"
    path.write_text(DANGLING.replace('"nowhere"', '"nowhere",'))
    done = cli("check", "--fix")
    assert path.read_text() == DANGLING
    assert done.returncode == 1
    assert "mine.json:7:13: error:" in done.stdout
    assert "json-trailing-comma" not in done.stdout


def test_mode_link_byte_order_mark_and_line_ends_stay(cli: Any) -> None:
    real = cli.folder / "real" / "config.json"
    real.parent.mkdir()
    real.write_bytes(b"\xef\xbb\xbf" + COMMA.replace("\n", "\r\n").encode())
    real.chmod(0o640)
    link = cli.folder / "link.json"
    link.symlink_to("real/config.json")
    done = cli("check", "--fix", "link.json")
    assert done.returncode == 0
    assert "link.json:1:1: warning: the file begins with a byte order mark" in done.stdout
    assert link.is_symlink()
    assert real.read_bytes() == b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert [path.name for path in real.parent.iterdir()] == ["config.json"]


def test_a_file_without_anything_to_mend_is_not_touched(cli: Any) -> None:
    path = cli.folder / "mine.json"
    path.write_text(DANGLING)
    before = path.stat()
    cli("check", "--fix")
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino


def test_columns_do_not_count_the_byte_order_mark(cli: Any) -> None:
    (cli.folder / "mine.json").write_bytes(b"\xef\xbb\xbf" + b'{"passes": {}, "target": "nowhere"}')
    assert "mine.json:1:26: error" in cli("check").stdout


def test_olive_refuses_a_byte_order_mark(cli: Any) -> None:
    (cli.folder / "mine.json").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    done = cli("check", "--olive-version", "0.13")
    assert done.returncode == 1
    assert "mine.json:1:1: error: the file begins with a byte order mark" in done.stdout


def test_a_diff_writes_nothing(cli: Any) -> None:
    path = cli.folder / "mine.json"
    path.write_text(COMMA)
    done = cli("check", "--diff", "--olive-version", "0.13")
    assert path.read_text() == COMMA
    assert done.stdout.splitlines()[:3] == ["--- mine.json", "+++ mine.json", "@@ -3,5 +3,5 @@"]
    assert '-  "output_dir": "out",' in done.stdout.splitlines()
    assert '+  "output_dir": "out"' in done.stdout.splitlines()
    assert "1 config checked" in done.stderr
    assert done.returncode == 1


def test_a_text_from_standard_input_comes_back_mended(cli: Any) -> None:
    done = cli("check", "--fix", "-", stdin=COMMA)
    assert done.stdout == GOOD
    assert "<stdin>:6:22 Remove the comma" in done.stderr
    done = cli("check", "--fix", "-", stdin=DANGLING)
    assert done.stdout == DANGLING
    assert "<stdin>:7:13: error" in done.stderr
    assert done.returncode == 1


def test_a_folder_that_cannot_be_written_is_told(cli: Any, monkeypatch: Any) -> None:
    from olivepress.check_files import Content, write

    path = cli.folder / "mine.json"
    path.write_text("{}")
    try:
        write(path, Content("[]"), "{ }")
    except OSError as error:
        assert "changed meanwhile" in str(error)
    assert path.read_text() == "{}"
