"""Settings as clients write them, the olive-ai beside an interpreter, versions, and names that stand in two places."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from olive_server import VERSION, handlers, handlers_actions
from olive_server.capabilities import plain
from olive_server.features import code_actions, semantic_tokens
from olive_server.finding import Workspace
from olive_server.installed import installed_olive
from olive_server.settings import merged, options_of
from olive_server.store import path_of, uri_of
from olive_server.watching import touches


def interpreter(folder: Path, *packages: str) -> str:
    """A virtual environment as far as its folders go."""
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    for package in packages:
        (folder / "lib" / "python3.12" / "site-packages" / package).mkdir(parents=True)
    return str(python)


@pytest.mark.parametrize(
    ("package", "release"),
    [
        ("olive_ai-0.9.3.dist-info", "0.9.3"),
        ("olive_ai-0.7.1.dist-info", "0.7.1.1"),
        ("olive_ai-0.14.0.dev0.dist-info", "main"),
        ("olive_ai-0.6.2-py3.10.egg-info", "0.6.2"),
        ("olive_ai_tools-1.0.dist-info", None),
        ("olive_ai-9.9.9.dist-info", None),
    ],
)
def test_the_release_beside_an_interpreter(tmp_path: Path, package: str, release: str | None) -> None:
    assert installed_olive(interpreter(tmp_path, "pip-24.0.dist-info", package)) == release


def test_an_environment_may_see_the_packages_of_its_base(tmp_path: Path) -> None:
    base = interpreter(tmp_path / "base", "olive_ai-0.9.3.dist-info")
    python = interpreter(tmp_path / "env", "pip-24.0.dist-info")
    config = tmp_path / "env" / "pyvenv.cfg"
    config.write_text(f"home = {Path(base).parent}\ninclude-system-site-packages = false\n")
    assert installed_olive(python) is None
    config.write_text(f"home = {Path(base).parent}\ninclude-system-site-packages = true\n")
    assert installed_olive(python) == "0.9.3"


def test_no_interpreter_no_release(tmp_path: Path) -> None:
    assert installed_olive(str(tmp_path / "none")) is None


def test_settings_nested_and_flat_mean_the_same() -> None:
    nested = options_of({"checks": {"enabled": False}, "oliveVersion": "0.6", "python": "/p"})
    flat = options_of({"checks.enabled": False, "oliveVersion": "0.6.2", "pythonPath": "/p"})
    for options in (nested, flat):
        assert (options.checks, options.olive_version, options.python) == (False, "0.6.2", "/p")
        assert options.enabled("completion")


@pytest.mark.parametrize("raw", [None, 5, [], {}, {"checks": None}, {"oliveVersion": ""}, {"trusted": None}])
def test_what_is_not_set_is_as_usual(raw: object) -> None:
    options = options_of(raw)
    assert (options.olive_version, options.trusted, options.checks) == ("auto", True, True)
    assert options.complaints == ()


def test_a_folder_overrides_what_it_sets() -> None:
    assert merged({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 9}, "d": None}) == {
        "a": {"b": 9, "c": 2},
        "d": 3,
    }


@pytest.mark.parametrize("path", ["/a/b c/é.json", "/x/%41#?.json"])
def test_paths_and_uris(path: str) -> None:
    assert path_of(uri_of(Path(path))) == Path(path)


@pytest.mark.parametrize("uri", ["untitled:a", "vscode-vfs://h/a.json", "file://[", "file:///a%00b", ""])
def test_uris_without_a_file(uri: str) -> None:
    assert path_of(uri) is None


@pytest.mark.parametrize(
    ("changed", "concerns"),
    [("/p/data/a.json", True), ("/p/data", True), ("/p/model/config.json", True), ("/p/other.json", False)],
)
def test_which_changes_concern_a_config(changed: str, concerns: bool) -> None:
    named = frozenset({Path("/p/data/a.json"), Path("/p/model")})
    assert touches([Path(changed)], named) is concerns


def test_a_search_keeps_what_did_not_change_and_enters_no_environment(tmp_path: Path) -> None:
    text = '{"input_model": {"type": "HfModel"}, "passes": {}}'
    for name in ("a.json", "node_modules/b.json", ".hidden/c.json", "env/d.json", "deep/er/e.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "other.json").write_text('{"name": "left-pad"}')
    workspace = Workspace(lambda uri: options_of(None).for_document())
    first = workspace.workflows([tmp_path, tmp_path])
    assert [one.path.name for one in first if one.path] == ["a.json", "e.json"]
    (tmp_path / "a.json").write_text(text + " ")
    second = workspace.workflows([tmp_path])
    assert [one is other for one, other in zip(first, second, strict=True)] == [False, True]


def test_what_is_announced_is_what_the_features_have() -> None:
    assert tuple(handlers_actions.KINDS) == code_actions.KINDS
    legend = plain(handlers.LEGEND)
    assert (tuple(legend["tokenTypes"]), tuple(legend["tokenModifiers"])) == (
        semantic_tokens.TYPES,
        semantic_tokens.MODIFIERS,
    )


def test_the_server_tells_the_version_of_the_distribution() -> None:
    project = (Path(__file__).parents[3] / "pyproject.toml").read_text()
    assert re.findall(r'^version = "(.+)"$', project, re.MULTILINE) == [VERSION]
