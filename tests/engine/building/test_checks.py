"""What ModelBuilder and MergeAdapterWeights say before anything runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from olive_engine.building import support
from olive_engine.passes import merge_adapter_weights, model_builder
from olive_schemas.problems import Problem
from olive_schemas.workflow import InputModel, PassStep, System, Workflow

CUDA = System("gpu", device="gpu", execution_providers=("CUDAExecutionProvider",), pointer="/systems/gpu")
WEBGPU = System("web", device="gpu", execution_providers=("WebGpuExecutionProvider",), pointer="/systems/web")
CPU = System("cpu", device="cpu", execution_providers=("CPUExecutionProvider",), pointer="/systems/cpu")


def workflow(model: Any, target: System = CPU, adapter: Path | None = None, first: str = "it") -> Workflow:
    from olive_schemas.workflow import EngineSettings

    steps = (PassStep(first, "MergeAdapterWeights"), PassStep("it", "ModelBuilder"))
    given = InputModel(
        "hf",
        str(model),
        adapter_path=None if adapter is None else str(adapter),
        path_pointer="/input_model/model_path",
    )
    return Workflow(Path("/"), "current", given, steps, EngineSettings("/o", "/c"), target=target)


def check(
    *expected: str, target: System = CPU, source: Any = "hf_model", model: Any = "a/b", **parameters: Any
) -> list[Problem]:
    """The codes that a ModelBuilder with these parameters gives, in order; gives the problems back."""
    names = {name: f"/passes/it/{name}" for name in parameters}
    step = PassStep("it", "ModelBuilder", parameters, frozenset(parameters), "/passes/it", names)
    found = model_builder.check(step, source, workflow(model, target))
    assert [f"{each.severity.value}: {each.code}" for each in found] == list(expected)
    return found


@pytest.mark.parametrize("precision", ["fp32", "int8", "int4"])
def test_what_runs_on_a_cpu(precision: str) -> None:
    check(precision=precision)


@pytest.mark.parametrize("precision", ["fp16", "bf16"])
def test_half_precision_on_a_cpu_is_refused_before_any_work(precision: str) -> None:
    (problem,) = check("error: precision-not-on-provider", precision=precision)
    assert problem.pointer == "/passes/it/precision"
    assert "CPUExecutionProvider" in problem.message and "CUDAExecutionProvider" in problem.message


def test_a_precision_that_nothing_builds() -> None:
    (problem,) = check("error: precision-not-built", precision="nf4")
    assert "fp32, fp16, bf16, int8, int4" in problem.message and "'nf4'" in problem.message


@pytest.mark.parametrize("precision", ["fp32", "fp16", "bf16", "int8", "int4"])
def test_building_for_cuda_from_a_machine_without_it_is_said(precision: str) -> None:
    (problem,) = check("information: built-for-elsewhere", target=CUDA, precision=precision)
    assert "onnxruntime-genai-cuda" in problem.message


def test_bf16_on_webgpu() -> None:
    check(
        "error: precision-not-on-provider",
        "information: built-for-elsewhere",
        target=WEBGPU,
        precision="bf16",
    )


@pytest.mark.parametrize(
    "system", [System("npu", device="npu"), System("qnn", execution_providers=("QNNExecutionProvider",))]
)
def test_a_provider_that_genai_does_not_build_for(system: System) -> None:
    check("error: provider-not-built", target=system, precision="int4")


def test_the_first_of_several_providers_is_taken_and_said() -> None:
    both = System(
        "b", execution_providers=("CPUExecutionProvider", "CUDAExecutionProvider"), pointer="/systems/b"
    )
    check("information: one-provider-built", target=both, precision="int4")


def test_an_adapter_must_be_merged_first() -> None:
    (problem,) = check("error: adapter-not-merged", source="adapter", precision="int4")
    assert "MergeAdapterWeights" in problem.message


def test_metadata_only_needs_an_onnx_model() -> None:
    check("error: needs-onnx-model", precision="int4", metadata_only=True)
    check("error: needs-hf-model", source="onnx_model", precision="int4")
    check(source="onnx_model", precision="int4", metadata_only=True)


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"int4_block_size": 48}, "error: option-value"),
        ({"int4_algo_config": "gptq"}, "error: option-value"),
        ({"exclude_lm_head": True, "include_hidden_states": True}, "error: options-exclude-each-other"),
        ({"extra_options": {"config_only": True}}, "error: option-not-taken"),
        ({"enable_cuda_graph": True}, "warning: option-without-effect"),
        ({"use_webgpu_fp32": True}, "warning: option-without-effect"),
    ],
)
def test_options(parameters: dict[str, Any], code: str) -> None:
    check(code, precision="int4", **parameters)


def test_int4_options_at_another_precision() -> None:
    (problem,) = check("warning: option-without-effect", precision="fp32", int4_block_size=32)
    assert (problem.pointer, problem.on) == ("/passes/it/int4_block_size", "key")


def test_use_qdq_with_int8() -> None:
    check("error: options-exclude-each-other", precision="int8", use_qdq=True)


def test_an_architecture_that_the_builder_does_not_know(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"architectures": ["Qwen3NextForCausalLM"]}')
    (problem,) = check("error: architecture-not-built", model=tmp_path, precision="int4")
    assert problem.pointer == "/input_model/model_path"
    assert "Qwen3ForCausalLM" in problem.message


def test_architectures_it_knows(tmp_path: Path) -> None:
    assert {"LlamaForCausalLM", "Phi3ForCausalLM", "Qwen2ForCausalLM"} <= set(support.architectures())
    (tmp_path / "config.json").write_text('{"architectures": ["LlamaForCausalLM"]}')
    check(model=tmp_path, precision="int4")


def test_embeddings_that_have_to_be_stored_twice(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(
        '{"architectures": ["LlamaForCausalLM"], "tie_word_embeddings": true}'
    )
    check("information: embeddings-kept-apart", model=tmp_path, precision="int4", int4_is_symmetric=False)
    check(model=tmp_path, precision="int4", int4_is_symmetric=True)


@pytest.mark.parametrize(
    ("versions", "code"),
    [
        ({}, "error: genai-missing"),
        ({"onnxruntime-genai": "0.14.1"}, "error: genai-too-old"),
        ({"onnxruntime-genai": "0.99.0"}, "information: genai-newer"),
        ({"onnxruntime-genai": "0.18.0", "onnxruntime": "1.20.0"}, "error: onnxruntime-too-old"),
        ({"onnxruntime-genai": "0.18.0", "onnx-ir": None}, "error: package-missing"),
        ({"onnxruntime-genai": "0.18.0", "transformers": "4.57.1"}, "error: package-missing"),
    ],
    ids=str,
)
def test_installed_versions(
    monkeypatch: pytest.MonkeyPatch, versions: dict[str, str | None], code: str
) -> None:
    there = {
        "onnxruntime": "1.32.0",
        "onnx": "1.23.2",
        "onnx-ir": "1.1.0",
        "torch": "2.13.0",
        "transformers": "5.23.0",
    }
    monkeypatch.setattr(support, "version_of", lambda name: {**there, **versions}.get(name))
    (problem,) = check(code, precision="int4")
    if problem.severity.value == "error":
        assert "pip install" in problem.message


def test_a_transformers_without_the_classes_that_the_builder_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    assert support.transformers_lacks() == ()
    monkeypatch.setattr(support, "transformers_lacks", lambda: ("Qwen9ForConditionalGeneration",))
    (problem,) = check("error: transformers-too-old", precision="int4")
    assert "Qwen9ForConditionalGeneration" in problem.message


def test_a_hub_model_in_the_local_cache_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "models--some--model"
    (root / "refs").mkdir(parents=True)
    (root / "refs" / "main").write_text("abc")
    (root / "snapshots" / "abc").mkdir(parents=True)
    (root / "snapshots" / "abc" / "config.json").write_text('{"architectures": ["MambaForCausalLM"]}')
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    check("error: architecture-not-built", model="some/model", precision="int4")
    check(model="other/model", precision="int4")


def test_checks_import_nothing_heavy() -> None:
    code = """
import sys
from pathlib import Path
from olive_engine.passes import merge_adapter_weights, model_builder
from olive_schemas.workflow import *
step = PassStep("it", "ModelBuilder", {"precision": "int4"})
flow = Workflow(Path("/"), "current", InputModel("hf", "a/b"), (step,), EngineSettings("/o", "/c"))
model_builder.check(step, "hf_model", flow)
merge_adapter_weights.check(step, "adapter", flow)
heavy = {"torch", "transformers", "onnx", "onnx_ir", "onnxruntime", "onnxruntime_genai", "peft", "numpy", "huggingface_hub"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


class TestMerge:
    def check(self, source: Any, flow: Workflow) -> list[str]:
        return [each.code for each in merge_adapter_weights.check(flow.passes[0], source, flow)]

    def test_needs_an_adapter(self) -> None:
        assert self.check("hf_model", workflow("a/b")) == ["no-adapter"]
        assert self.check("adapter", workflow("a/b")) == []

    def test_a_given_adapter_must_be_one(self, tmp_path: Path) -> None:
        assert self.check("adapter", workflow("a/b", adapter=tmp_path, first="merge")) == ["adapter-unusable"]
        (tmp_path / "adapter_config.json").write_text('{"peft_type": "LORA"}')
        assert self.check("adapter", workflow("a/b", adapter=tmp_path, first="merge")) == ["adapter-unusable"]
