"""What is told of a config before any work, beyond the config's own text."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from olive_engine.checked import check_config


def config_for(folder: Path, weights: bytes, index: dict[str, str] | None = None) -> Path:
    model = folder / "model"
    model.mkdir()
    architecture = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "num_hidden_layers": 1}
    (model / "config.json").write_text(json.dumps(architecture))
    (model / ("model.safetensors" if index is None else "part-1.safetensors")).write_bytes(weights)
    if index is not None:
        (model / "model.safetensors.index.json").write_text(json.dumps({"weight_map": index}))
    path = folder / "olive-config.json"
    text = {
        "input_model": {"type": "HfModel", "model_path": "model"},
        "passes": {"int4": {"type": "ModelBuilder", "precision": "int4"}},
        "output_dir": "out",
    }
    path.write_text(json.dumps(text, indent=2))
    return path


def safetensors(held: int) -> bytes:
    """One weight of 16 bytes, of which `held` are there."""
    header = json.dumps({"w": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(held)


@pytest.mark.parametrize(
    ("weights", "index", "code", "says"),
    [
        (safetensors(8), None, "weights-damaged", "w ends at byte"),
        (b"version https://git-lfs", None, "weights-damaged", "not a whole safetensors file"),
        (
            safetensors(16),
            {"w": "part-1.safetensors", "v": "part-2.safetensors"},
            "weights-missing",
            "part-2",
        ),
    ],
    ids=["cut short", "a pointer instead of the file", "a shard is missing"],
)
def test_weights_that_are_not_whole(
    tmp_path: Path, weights: bytes, index: dict[str, str] | None, code: str, says: str
) -> None:
    path = config_for(tmp_path, weights, index)
    found = check_config(path, path.read_text())
    assert found.refused
    (problem,) = [each for each in found.problems if each.code == code]
    assert says in problem.message
    assert (problem.pointer, problem.line) == ("/input_model/model_path", 4)


def test_whole_weights_are_no_problem(tmp_path: Path) -> None:
    path = config_for(tmp_path, safetensors(16))
    assert not [each for each in check_config(path, path.read_text()).problems if "weights" in each.code]
