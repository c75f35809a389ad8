"""The two passes as a run calls them: what they take, give, tell, and say they need."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from olive_engine.artifact import Artifact
from olive_engine.context import PassContext
from olive_engine.errors import RunError
from olive_engine.passes import merge_adapter_weights, model_builder
from olive_schemas.workflow import EngineSettings, InputModel, PassStep, System, Workflow


def step(type: str, **parameters: Any) -> PassStep:
    pointers = {name: f"/passes/it/{name}" for name in parameters}
    return PassStep("it", type, parameters, frozenset(parameters), "/passes/it", pointers)


def workflow(model: Path) -> Workflow:
    target = System("cpu", device="cpu", execution_providers=("CPUExecutionProvider",))
    return Workflow(
        Path("/"),
        "current",
        InputModel("hf", str(model), path_pointer="/input_model/model_path"),
        (),
        EngineSettings("/o", "/c"),
        target=target,
    )


class Events(list[tuple[str, dict[str, Any]]]):
    def __call__(self, type: str, pass_name: str | None, data: Any) -> None:
        self.append((type, dict(data)))

    def messages(self) -> str:
        return "\n".join(data["message"] for type, data in self if type == "log" and data["level"] != "debug")


def context(
    tmp_path: Path, model: Path, of: PassStep, next_type: str | None = None
) -> tuple[PassContext, Events]:
    events = Events()
    output = tmp_path / f"output of {of.type}"
    output.mkdir()
    made = PassContext(workflow(model), of, output, tmp_path / "checkpoints", events, next_type=next_type)
    return made, events


@pytest.fixture
def adapter(model_of: Any, tmp_path: Path) -> Artifact:
    import peft
    from transformers import AutoModelForCausalLM

    model = model_of("phi3")
    torch.manual_seed(1)
    adapted = peft.get_peft_model(
        AutoModelForCausalLM.from_pretrained(model), peft.LoraConfig(r=4, target_modules=["qkv_proj"])
    )
    for name, parameter in adapted.named_parameters():
        if "lora_B" in name:
            parameter.data += torch.randn_like(parameter) * 0.1
    adapted.save_pretrained(tmp_path / "adapter")
    base = Artifact("hf_model", "base", path=str(model), load_kwargs={"load_in_4bit": True})
    return Artifact(
        "adapter",
        "adapter",
        path=str(tmp_path / "adapter"),
        base=base,
        notes={"quantization": "nf4", "method": "QLoRA"},
    )


def test_qlora_then_merge_then_int4(model_of: Any, tmp_path: Path, adapter: Artifact) -> None:
    """Nothing is written between the adapter and the int4 model, and the notes say what was merged into what."""
    model = model_of("phi3")
    merging, events = context(tmp_path, model, step("MergeAdapterWeights"), next_type="ModelBuilder")
    merged = merge_adapter_weights.run(merging.step, adapter, merging)
    assert (merged.kind, merged.deferred, list(merging.output.iterdir())) == ("hf_model", True, [])
    assert "load_in_4bit" not in merged.load_kwargs
    assert "nf4" in events.messages() and "unquantised" in events.messages()
    building, events = context(tmp_path, model, step("ModelBuilder", precision="int4", search={"top_k": 7}))
    built = model_builder.run(building.step, merged, building)
    assert (built.kind, built.path) == ("onnx_model", str(building.output))
    assert built.notes["way"] == "deferred"
    assert {file.name for file in building.output.iterdir()} == {
        "genai_config.json",
        "model.onnx",
        "model.onnx.data",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    assert json.loads((building.output / "genai_config.json").read_text())["search"]["top_k"] == 7
    layers = [data["done"] for type, data in events if type == "progress" and data["phase"] == "build"]
    assert layers[-1] == 2


def test_a_merge_that_comes_last_writes_a_folder(model_of: Any, tmp_path: Path, adapter: Artifact) -> None:
    import peft
    from transformers import AutoModelForCausalLM

    model = model_of("phi3")
    merging, _ = context(tmp_path, model, step("MergeAdapterWeights"))
    merged = merge_adapter_weights.run(merging.step, adapter, merging)
    assert merged.path == str(merging.output)
    found = AutoModelForCausalLM.from_pretrained(merged.folder).state_dict()
    base = AutoModelForCausalLM.from_pretrained(model)
    expected = peft.PeftModel.from_pretrained(base, adapter.path).merge_and_unload().state_dict()
    assert all(torch.equal(value, found[name]) for name, value in expected.items())


def test_fingerprints_follow_what_they_are_made_of(model_of: Any, tmp_path: Path, adapter: Artifact) -> None:
    merging, _ = context(tmp_path, model_of("phi3"), step("MergeAdapterWeights"), next_type="ModelBuilder")

    def merged(fingerprint: str = "adapter", **load_kwargs: Any) -> str:
        base = Artifact(
            "hf_model", "base", path=adapter.base.path if adapter.base else "", load_kwargs=load_kwargs
        )
        source = Artifact("adapter", fingerprint, path=adapter.path, base=base)
        return merge_adapter_weights.run(merging.step, source, merging).fingerprint

    assert merged() == merged()
    assert len({merged(), merged("another"), merged(torch_dtype="float16")}) == 3


def test_a_merge_without_an_adapter_is_refused(model_of: Any, tmp_path: Path) -> None:
    merging, _ = context(tmp_path, model_of("phi3"), step("MergeAdapterWeights"))
    with pytest.raises(RunError, match="needs an adapter"):
        merge_adapter_weights.run(
            merging.step, Artifact("hf_model", "m", path=str(model_of("phi3"))), merging
        )


def test_estimates_come_from_headers(model_of: Any, tmp_path: Path, adapter: Artifact) -> None:
    """Disk within a tenth of what a build takes; nothing is loaded for it."""
    model = model_of("phi3")
    building, _ = context(tmp_path, model, step("ModelBuilder", precision="int4"))
    source = Artifact("hf_model", "m", path=str(model))
    told = model_builder.estimate(building.step, source, building)
    assert told.total_parameters == 320 * 64 * 2 + 2 * (64 * 64 * 4 + 64 * 128 * 3 + 2 * 64) + 64
    model_builder.run(building.step, source, building)
    size = (building.output / "model.onnx.data").stat().st_size
    rotary = 2 * 256 * 8 * 4
    assert told.disk_bytes == pytest.approx(size - rotary, rel=0.1)
    assert told.peak_memory_bytes is not None and told.peak_memory_bytes > 0
    merging, _ = context(tmp_path, model, step("MergeAdapterWeights"))
    assert merge_adapter_weights.estimate(merging.step, adapter, merging).disk_bytes == pytest.approx(
        (model / "model.safetensors").stat().st_size, rel=0.1
    )


def test_metadata_only_describes_a_model_that_is_there(model_of: Any, tmp_path: Path) -> None:
    model = model_of("phi3")
    building, _ = context(tmp_path, model, step("ModelBuilder", precision="int4"))
    built = model_builder.run(building.step, Artifact("hf_model", "m", path=str(model)), building)
    folder = built.folder
    (folder / "config.json").write_bytes((model / "config.json").read_bytes())
    (folder / "genai_config.json").unlink()
    again = tmp_path / "again"
    again.mkdir()
    describing, _ = context(
        again, model, step("ModelBuilder", precision="int4", metadata_only=True, search={"top_k": 9})
    )
    source = Artifact("onnx_model", "o", path=str(folder))
    result = model_builder.run(describing.step, source, describing)
    assert {"model.onnx", "model.onnx.data", "genai_config.json", "tokenizer.json"} <= {
        file.name for file in result.folder.iterdir()
    }
    assert json.loads((result.folder / "genai_config.json").read_text())["search"]["top_k"] == 9
    assert (result.folder / "model.onnx.data").stat().st_ino == (folder / "model.onnx.data").stat().st_ino


@pytest.mark.parametrize(("files", "words"), [([], "no ONNX model"), (["a.onnx", "b.onnx"], "2 ONNX models")])
def test_metadata_only_wants_to_know_which(
    model_of: Any, tmp_path: Path, files: list[str], words: str
) -> None:
    folder = tmp_path / "onnx"
    folder.mkdir()
    for name in files:
        (folder / name).touch()
    describing, _ = context(
        tmp_path, model_of("phi3"), step("ModelBuilder", precision="int4", metadata_only=True)
    )
    with pytest.raises(RunError, match=words):
        model_builder.run(describing.step, Artifact("onnx_model", "o", path=str(folder)), describing)


@pytest.mark.parametrize(
    ("damage", "parameters", "pointer"),
    [
        (lambda folder: (folder / "model.safetensors").write_bytes(b"x"), {}, "/input_model/model_path"),
        (lambda folder: (folder / "config.json").unlink(), {}, "/input_model/model_path"),
        (lambda folder: None, {"extra_options": {"max_draft_tokens": 99}}, "/passes/it/extra_options"),
        (lambda folder: None, {"int4_algo_config": "k_quant", "int4_block_size": 128}, "/passes/it"),
    ],
)
def test_errors_point_into_the_config(
    model_of: Any, tmp_path: Path, damage: Any, parameters: dict[str, Any], pointer: str
) -> None:
    model = tmp_path / "model"
    model.mkdir()
    for file in model_of("phi3").iterdir():
        (model / file.name).write_bytes(file.read_bytes())
    damage(model)
    building, _ = context(tmp_path, model, step("ModelBuilder", precision="int4", **parameters))
    with pytest.raises(RunError) as caught:
        model_builder.run(building.step, Artifact("hf_model", "m", path=str(model)), building)
    assert caught.value.pointer == pointer
