"""`olivepress check`: which files it looks at, what it says, and how it ends."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from check_configs import CLASSIC, DANGLING, GOOD

from olivepress.check_files import Source
from olivepress.check_work import Wanted, check_source


def put(cli: Any, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = cli.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def found(done: Any) -> list[tuple[str, str]]:
    return [(finding["path"], finding["code"]) for finding in json.loads(done.stdout)]


def test_a_good_config(cli: Any) -> None:
    put(cli, {"olive-config.json": GOOD})
    done = cli("check", "--olive-version", "0.13")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "1 config checked: nothing is wrong. Checked for Olive 0.13.0\n"


def test_each_finding_is_a_line_with_its_place(cli: Any) -> None:
    put(cli, {"mine.json": DANGLING})
    done = cli("check", "mine.json")
    line = done.stdout.splitlines()[0]
    assert line.startswith("mine.json:7:13: error: ")
    assert line.endswith(" [unknown-reference]")
    assert "1 config checked: 1 error" in done.stdout
    assert done.returncode == 1


def test_on_a_terminal_the_line_of_the_file_is_shown_and_marked(cli: Any) -> None:
    put(cli, {"mine.json": DANGLING})
    shown = cli.on_terminal("check", "mine.json").splitlines()
    at = next(number for number, line in enumerate(shown) if line.startswith("mine.json:7:13"))
    assert shown[at + 1 : at + 3] == ['    7 |   "target": "nowhere"', "      |             ^^^^^^^^^"]
    assert not any("\x1b" in line for line in shown)
    del cli.environment["NO_COLOR"]
    assert "\x1b[1;31merror: \x1b[0m" in cli.on_terminal("check", "mine.json")


def test_folders_are_searched_for_configs_of_any_name(cli: Any) -> None:
    put(
        cli,
        {
            "a.json": DANGLING,
            "deep/er/b.JSON": DANGLING,
            "package.json": '{"name": "x", "version": "1.0.0"}',
            "broken.json": "{{{",
            "empty.json": "",
            "notes.txt": DANGLING,
            "out/run-summary.json": '{"run_id": "1", "input_model": {"path": "m"}, "passes": [], "outputs": {}}',
            ".hidden/c.json": DANGLING,
            ".olivepress/runs/1/config.json": DANGLING,
            "node_modules/d.json": DANGLING,
            "my-env/pyvenv.cfg": "",
            "my-env/e.json": DANGLING,
            "cache/CACHEDIR.TAG": "",
            "cache/f.json": DANGLING,
        },
    )
    expected = [("a.json", "unknown-reference"), (str(Path("deep", "er", "b.JSON")), "unknown-reference")]
    assert found(cli("check", "--format", "json")) == expected
    assert found(cli("check", ".", "a.json", "--format", "json")) == expected
    assert found(cli("check", "deep", "-c", "a.json", "--format", "json")) == expected[::-1]


def test_other_json_is_mentioned_only_where_it_was_named(cli: Any) -> None:
    put(cli, {"package.json": '{"name": "x"}', "good.json": GOOD})
    done = cli("check", "package.json")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "olivepress check: package.json is no workflow config of Olive: passed over\n"
    assert "package.json" not in cli("check").stderr


def test_a_folder_without_a_config_is_said_so(cli: Any) -> None:
    done = cli("check")
    assert (done.returncode, done.stderr) == (0, "olivepress check: no workflow config was found\n")


def test_files_of_other_encodings_that_are_none_are_passed_over(cli: Any) -> None:
    (cli.folder / "latin.json").write_bytes(b'{"name": "\xe4"}')
    put(cli, {"good.json": GOOD})
    assert cli("check").stderr == ""
    (cli.folder / "latin.json").write_bytes(GOOD.replace("some", "größe").encode("latin-1"))
    done = cli("check")
    assert done.returncode == 2
    assert "latin.json is not UTF-8" in done.stderr
    assert "1 config checked" in done.stdout


def test_an_unreadable_file_is_a_result_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    found = check_source(Source(tmp_path / "a.json", "a.json", False), Wanted())
    assert found.unreadable == "a.json cannot be read: Permission denied"
    assert found.findings == ()


def test_a_name_with_a_line_break_stays_on_its_line(cli: Any) -> None:
    put(cli, {"a\nb.json": DANGLING})
    done = cli("check", ".")
    assert [line.partition(":")[0] for line in done.stdout.splitlines()[:-1]] == ["a\\nb.json"]


def test_a_link_that_leads_nowhere_is_said_to_be_one(cli: Any) -> None:
    put(cli, {"good.json": GOOD})
    (cli.folder / "dead.json").symlink_to("nowhere.json")
    done = cli("check", "dead.json")
    assert (done.returncode, "dead.json: this link leads nowhere" in done.stderr) == (2, True)


def test_a_link_that_leads_nowhere_and_a_folder_of_that_name_do_no_harm(cli: Any) -> None:
    put(cli, {"good.json": GOOD, "folder.json/x.txt": ""})
    (cli.folder / "dead.json").symlink_to("nowhere.json")
    assert cli("check").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["--olive-version", "0.99"],
            'Olive has no release "0.99" that is known here; there are auto, 0.2.1,',
        ),
        (["--olive-version", "0.99"], "0.13.0, main"),
        (["nothing.json"], "nothing.json: there is no such file or folder"),
        (["olive-confg.json"], "did you mean olive-config.json?"),
        (["--format", "xml"], "invalid choice: 'xml'"),
        (["--fix", "--diff"], "not allowed with argument"),
        (["--stdin-filename", "x.json"], "--stdin-filename goes with -"),
        (["-", "olive-config.json"], "- (standard input) stands alone"),
        (["--json", "--format", "sarif"], "two formats"),
    ],
)
def test_wrong_calls(cli: Any, arguments: list[str], says: str) -> None:
    put(cli, {"olive-config.json": GOOD})
    done = cli("check", *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("written", "release"),
    [("0.2", "0.2.1"), ("0.6", "0.6.2"), ("0.7.1", "0.7.1.1"), ("v0.13.0", "0.13.0"), ("main", "main")],
)
def test_a_release_is_named_as_people_name_it(cli: Any, written: str, release: str) -> None:
    put(cli, {"olive-config.json": GOOD})
    assert cli("check", "--olive-version", written).stdout.endswith(f"Checked for Olive {release}\n")


def test_unless_told_the_file_says_which_releases_it_is_for(cli: Any) -> None:
    put(cli, {"old.json": CLASSIC, "new.json": GOOD})
    said = cli("check").stdout
    assert "Olive 0.2.1 to 0.6.2 and the embedded engine (1)" in said
    assert "Olive 0.7.0 to main and the embedded engine (1)" in said


def test_an_installed_olive_narrows_what_is_spoken_of(cli: Any) -> None:
    python = cli.folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    (cli.folder / ".venv" / "lib" / "python3.11" / "site-packages" / "olive_ai-0.9.3.dist-info").mkdir(
        parents=True
    )
    put(cli, {"old.json": CLASSIC, "new.json": GOOD})
    cli.environment["VIRTUAL_ENV"] = str(cli.folder / ".venv")
    said = cli("check").stdout
    assert "Olive 0.9.3 and the embedded engine (1)" in said
    assert "Olive 0.2.1 to 0.6.2 and the embedded engine (1)" in said
    assert cli("check", "new.json", "--olive-version", "0.13").stdout.endswith("Checked for Olive 0.13.0\n")


def test_a_text_from_standard_input(cli: Any) -> None:
    done = cli("check", "-", stdin=DANGLING)
    assert done.stdout.startswith("<stdin>:7:13: error: ")
    assert done.returncode == 1
    done = cli("check", "-", "--stdin-filename", "src/mine.json", "--format", "json", stdin=DANGLING)
    assert found(done) == [("src/mine.json", "unknown-reference")]
    assert "is no workflow" in cli("check", "-", stdin="[1, 2]").stderr
    assert cli("check", "-", stdin="").returncode == 0


def test_findings_can_be_left_out_or_made_to_count(cli: Any) -> None:
    put(cli, {"mine.json": DANGLING})
    assert found(cli("check", "--format", "json", "--ignore", "a-code, unknown-reference")) == []
    put(cli, {"mine.json": GOOD.replace('"out"', '"out", "output_dir": "out"')})
    assert [code for _, code in found(cli("check", "-q", "--format", "json"))] == ["json-duplicate-key"]
    assert cli("check").returncode == 0
    assert cli("check", "--strict").returncode == 1


def test_quiet_leaves_out_the_summary(cli: Any) -> None:
    put(cli, {"mine.json": GOOD})
    done = cli("check", "-q")
    assert (done.stdout, done.stderr) == ("", "")


def test_many_files_are_checked_by_several_processes_in_order(cli: Any) -> None:
    names = [f"{number:03}.json" for number in range(120)]
    put(cli, {name: DANGLING if number % 3 == 0 else GOOD for number, name in enumerate(names)})
    assert found(cli("check", "-q", "--format", "json")) == [
        (name, "unknown-reference") for name in names[::3]
    ]


def test_nothing_of_the_workspace_runs_and_nothing_heavy_is_imported(cli: Any) -> None:
    script = "import pathlib\npathlib.Path('was-run').touch()\n"
    put(
        cli,
        {
            "mine.py": script,
            "torch.py": script,
            "olive.py": script,
            "sitecustomize.py": "",
            "olive-config.json": GOOD.replace(
                '"passes"',
                '"data_configs": [{"name": "d", "user_script": "mine.py", "load_dataset_config": {"type": "mine"}}],'
                '\n  "passes"',
            ),
        },
    )
    code = (
        "import sys\nfrom olivepress.main import main\nmain(['check', '--format', 'json'])\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    import subprocess

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=cli.folder,
        env=cli.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stderr.replace("'", "").strip("[]\n").split(", "))
    heavy = {"torch", "transformers", "datasets", "peft", "numpy", "onnx", "onnxruntime", "olive", "mine"}
    assert not loaded & {*heavy, "pygls", "lsprotocol", "rich", "socket", "ssl"}
    assert not (cli.folder / "was-run").exists()


def test_a_code_is_explained(cli: Any) -> None:
    done = cli("check", "--explain", "unknown-reference")
    assert done.returncode == 0
    assert done.stdout.startswith("unknown-reference: a name refers to nothing that the config defines\n\n")
    assert "Names that refer to something the config defines" in done.stdout
    done = cli("check", "--explain", "unknown-refrence")
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean `unknown-reference`?" in done.stderr


def test_a_check_that_breaks_is_told_once_and_takes_nothing_with_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from olive_server.checks import unused
    from olivepress.main import main

    def fail(document: object) -> None:
        raise RuntimeError("so it goes")

    fail.__module__ = unused.__name__
    monkeypatch.setattr("olive_server.checks.all_checks", lambda: (fail,))
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(DANGLING.replace('"out",', '"out",,'))
    assert main(["check", str(tmp_path)]) == 1
    shown = capsys.readouterr()
    assert shown.out.count("[json-comma]") == 2
    assert shown.err.count("check unused.fail failed: RuntimeError: so it goes (in ") == 1
