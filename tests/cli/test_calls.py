"""Wrong calls are answered with what was meant, right ones cost little."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HEAVY = {"torch", "transformers", "peft", "datasets", "onnx", "onnxruntime", "onnxruntime_genai", "numpy"}
LIGHT_START = {
    *HEAVY,
    "rich",
    "jsonschema",
    "importlib.metadata",
    "argparse",
    "olive_engine",
    "olive_schemas",
    "asyncio",
}


def modules_after(cli: Any, *arguments: str) -> set[str]:
    """Names in sys.modules after `olivepress ARGUMENTS`."""
    code = (
        "import sys, json\n"
        "from olivepress.main import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "except SystemExit:\n    pass\n"
        "print('\\n' + json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=cli.folder,
        env=cli.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_help_imports_next_to_nothing(cli: Any) -> None:
    assert not modules_after(cli, "--help") & LIGHT_START


@pytest.mark.parametrize(
    "arguments",
    [
        ["doctor", "--quick"],
        ["runs", "list"],
        ["runs"],
        ["run", "--help"],
        ["check", "--help"],
        ["generate", "--help"],
    ],
)
def test_light_verbs_import_nothing_heavy(cli: Any, arguments: list[str]) -> None:
    assert not modules_after(cli, *arguments) & HEAVY


def test_listing_runs_needs_no_table_library_and_no_schemas(cli: Any) -> None:
    assert not modules_after(cli, "runs", "list") & {"rich", "jsonschema", "olive_schemas.workflow"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["rnu"], "did you mean `olivepress run`?"),
        (["my.json"], "olivepress run my.json"),
        (["--jsn"], "there is no option '--jsn'"),
        (["run", "--jsn"], "did you mean --json?"),
        (["runs", "flow"], "did you mean `olivepress runs follow`?"),
        (["runs", "list", "--keep", "3"], "there is no option --keep"),
        (["run", "a.json", "-c", "b.json"], "two configs were named"),
        (["run"], "olive-config.json: there is no such file"),
        (["run", "--dry-run", "--detach", "other.json"], "--dry-run starts nothing"),
        (["run", "--python", "no-such-python"], "there is no such interpreter"),
        (["generate"], "missing: -m/--model"),
        (["generate", "-m", ".", "--temperature", "hot"], "'hot' is not a number from 0 to 10"),
        (["generate", "-m", ".", "--template", "none"], "has no {prompt} in it"),
        (["runs", "show", "nothing"], "nothing"),
        (["runs", "follow"], "there is no run of a config in this folder"),
        (["runs", "clean", "--older-than", "old"], "'old' is no age"),
    ],
)
def test_wrong_calls_end_with_2_and_the_remedy(cli: Any, arguments: list[str], says: str) -> None:
    (cli.folder / "other.json").write_text("{}")
    done = cli(*arguments)
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert done.returncode == 2


def test_a_misspelt_config_is_answered_with_the_one_there_is(cli: Any) -> None:
    (cli.folder / "olive-config.json").write_text("{}")
    assert "did you mean olive-config.json?" in cli("run", "-c", "olive-confg.json").stderr


def test_every_verb_explains_itself_with_examples(cli: Any) -> None:
    for verb in ("run", "check", "runs", "generate", "doctor"):
        done = cli(verb, "--help")
        assert done.returncode == 0
        assert "examples:" in done.stdout
        assert done.stdout == cli("help", verb).stdout


def test_without_a_verb_the_usage_is_shown(cli: Any) -> None:
    done = cli()
    assert done.returncode == 2
    assert "olivepress run" in done.stdout


def test_version(cli: Any) -> None:
    assert cli("--version").stdout.startswith("olivepress 0.")


@pytest.mark.parametrize("content", [b"\xff\xfe{\x00}\x00", b'{"a": "\xe4"}'])
def test_a_config_that_is_not_utf8_is_named_so(cli: Any, content: bytes) -> None:
    Path(cli.folder / "olive-config.json").write_bytes(content)
    done = cli("run")
    assert "save it as UTF-8" in done.stderr
    assert done.returncode == 2


def test_a_closed_stdout_is_no_reason_to_fail(cli: Any) -> None:
    command = " ".join(cli.command(("runs",)))
    done = subprocess.run(
        f"{command} >&-", shell=True, cwd=cli.folder, env=cli.environment, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_reader_that_stops_reading_is_no_traceback(cli: Any) -> None:
    command = " ".join(cli.command(("run", "--help")))
    done = subprocess.run(
        f"{command} | true", shell=True, cwd=cli.folder, env=cli.environment, capture_output=True, check=False
    )
    assert done.stderr == b""
