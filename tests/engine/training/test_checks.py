"""Problems found before any weight is loaded, and failures during a run: what they say."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from training_kit import make_context, make_step, make_tokens, source_of, train

from olive_engine import hardware, passes
from olive_engine.errors import RunError
from olive_schemas.problems import Problem
from olive_schemas.workflow import Component, DataConfig, System

TOKENS = make_tokens([20, 14, 9, 17, 23, 8])


def check(model: Path, step: Any, source: Any = "hf_model", dialect: str = "current") -> list[Problem]:
    workflow = make_context(model, step, model.parent / "check", dialect).workflow
    part = Component("x")
    workflow = replace(workflow, data_configs={"train": DataConfig("train", "x", part, part, part, part)})
    return passes.load(step.type).check(step, source, workflow)


def test_nothing_is_wrong(models: dict[str, Path]) -> None:
    for kind in ("LoRA", "QLoRA", "DoRA", "LoftQ", "LoHa", "LoKr"):
        assert check(models["phi3"], make_step(kind)) == []


def test_targets_that_match_nothing(models: dict[str, Path]) -> None:
    (problem,) = check(models["llama"], make_step(target_modules=["q_prj", "query"]))
    assert problem.code == "target-modules-unmatched" and problem.severity.value == "error"
    assert problem.pointer == "/passes/tune/target_modules"
    assert "q_prj -> q_proj" in problem.message
    assert "q_proj (2)" in problem.message and "lm_head (1)" in problem.message


def test_some_targets_match_nothing(models: dict[str, Path]) -> None:
    (problem,) = check(models["llama"], make_step(target_modules=["q_proj", "vproj"]))
    assert problem.severity.value == "warning" and "vproj -> v_proj" in problem.message


@pytest.mark.parametrize("targets", [["o_proj"], "all-linear", ["layers.0.self_attn.o_proj"], None])
def test_targets_that_match(targets: Any, models: dict[str, Path]) -> None:
    assert check(models["phi3"], make_step(target_modules=targets)) == []


def test_an_architecture_without_a_default(tmp_path: Path) -> None:
    import json

    from training_kit import make_model

    folder = make_model("phi3", tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "unheard_of"}))
    (problem,) = check(folder, make_step())
    assert "no default of target_modules for model type unheard_of" in problem.message
    assert "qkv_proj (2)" in problem.message


def test_an_adapter_cannot_be_trained_on(models: dict[str, Path]) -> None:
    (problem,) = check(models["phi3"], make_step(), "adapter")
    assert "MergeAdapterWeights" in problem.message


def test_idle_arguments_are_warnings(models: dict[str, Path]) -> None:
    (problem,) = check(models["phi3"], make_step("LoRA", {"run_name": "mine"}))
    assert problem.severity.value == "warning" and problem.on == "key"
    assert problem.pointer == "/passes/tune/training_args/run_name"


def test_arguments_that_contradict(models: dict[str, Path]) -> None:
    (problem,) = check(models["phi3"], make_step("LoRA", {"fp16": True, "bf16": True}))
    assert problem.severity.value == "error" and "fp16 and bf16" in problem.message


@pytest.mark.parametrize(
    "arguments, words",
    [
        ({"load_best_model_at_end": True}, "needs something to evaluate on"),
        ({"lr_scheduler_type": "reduce_lr_on_plateau"}, "follows the eval loss"),
        ({"eval_strategy": "steps"}, "has no effect without eval_data_config"),
        ({"deepspeed": "ds.json"}, "needs the package deepspeed"),
    ],
)
def test_arguments_that_need_something(
    arguments: dict[str, Any], words: str, models: dict[str, Path]
) -> None:
    (problem,) = check(models["phi3"], make_step("LoRA", arguments))
    assert words in problem.message


def test_bitsandbytes_is_missing(models: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "bitsandbytes" else find(name)
    )
    (problem,) = check(models["phi3"], make_step("QLoRA"))
    assert problem.code == "package-missing" and 'pip install "olivepress[qlora]"' in problem.message


def test_a_check_imports_nothing_heavy() -> None:
    code = (
        "import sys; from olive_engine import passes\n"
        "for kind in ('LoRA', 'QLoRA', 'DoRA', 'LoftQ', 'LoHa', 'LoKr'): passes.load(kind)\n"
        "assert not {'torch', 'transformers', 'peft', 'datasets', 'psutil'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_loss_that_is_no_number(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = make_step("LoRA", {"max_steps": 30, "learning_rate": 1e30, "max_grad_norm": 0.0})
    with pytest.raises(RunError) as caught:
        train(models["phi3"], tmp_path, TOKENS, step, monkeypatch)
    assert caught.value.code == "loss-not-finite"
    assert "at step 2" in caught.value.message
    assert "a lower learning_rate than 1e+30" in caught.value.hint and "max_grad_norm" in caught.value.hint


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory: you tried to"
        ),
        RuntimeError("CUDA error: out of memory"),
    ],
)
def test_out_of_memory(
    error: Exception, models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from olive_engine.training import forward

    def fail(*whatever: Any) -> Any:
        raise error

    monkeypatch.setattr(forward, "loss", fail)
    tokens = make_tokens([300, 200, 100, 50])
    step = make_step(
        "LoRA", {"per_device_train_batch_size": 4, "gradient_accumulation_steps": 2, "max_steps": 1}
    )
    with pytest.raises(RunError) as caught:
        train(models["phi3"], tmp_path, tokens, step, monkeypatch)
    assert caught.value.code == "out-of-memory"
    for words in (
        "gradient_checkpointing: true",
        "per_device_train_batch_size: 2 with gradient_accumulation_steps: 4",
        "max_seq_len: 150 instead of 300",
    ):
        assert words in caught.value.hint


def test_a_gpu_that_is_not_there(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(hardware, "_accelerator", lambda: None)
    workflow = make_context(models["phi3"], make_step(), tmp_path).workflow
    system = System("box", device="gpu", pointer="/systems/box")
    with pytest.raises(RunError) as caught:
        hardware.choose_device(replace(workflow, host=system))
    assert caught.value.code == "device-missing" and caught.value.pointer == "/systems/box"
    assert hardware.choose_device(replace(workflow, host=System("box", device="cpu"))).kind == "cpu"
    assert hardware.choose_device(workflow).kind == "cpu"
    with pytest.raises(RunError, match="NPU"):
        hardware.choose_device(replace(workflow, host=System("box", device="npu")))


def test_a_pass_may_name_its_own_host(models: dict[str, Path], tmp_path: Path) -> None:
    workflow = make_context(models["phi3"], make_step(), tmp_path).workflow
    workflow = replace(
        workflow, systems={"other": System("other", device="cpu")}, host=System("box", device="npu")
    )
    assert hardware.choose_device(workflow, "other").kind == "cpu"


@pytest.mark.parametrize("kind", ["LoRA", "DoRA", "LoHa", "LoKr", "QLoRA"])
@pytest.mark.parametrize("targets", [None, ["down_proj"]])
def test_the_plan_counts_what_is_trained(
    kind: str, targets: Any, models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a weight loaded: parameters, sequences, tokens, steps."""
    from olive_engine.training import finetune

    step = make_step(kind, {"num_train_epochs": 2, "per_device_train_batch_size": 2}, target_modules=targets)
    monkeypatch.setattr(finetune, "load_data", lambda *whatever: (TOKENS, None))
    context = make_context(models["phi3"], step, tmp_path / "plan")
    plan = passes.load(kind).estimate(step, source_of(models["phi3"]), context)
    _, _, artifact = train(models["phi3"], tmp_path / "run", TOKENS, step, monkeypatch)
    assert plan.trainable_parameters == artifact.notes["trainable_parameters"]
    assert plan.data["steps"] == artifact.notes["steps"] == 6
    assert plan.data["tokens"] == TOKENS.tokens and plan.data["sequences"] == 6
    assert plan.peak_memory_bytes is not None and plan.disk_bytes is not None


def test_checkpointing_is_on_where_memory_asks_for_it(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, _, _ = train(models["phi3"], tmp_path / "a", TOKENS, make_step(), monkeypatch)
    monkeypatch.setattr(hardware, "available_memory", lambda: 62_000_000)
    tight, _, _ = train(models["phi3"], tmp_path / "b", make_tokens([512] * 4), make_step(), monkeypatch)
    assert not any("gradient checkpointing is on" in message for message in free.messages)
    assert any("gradient checkpointing is on" in message for message in tight.messages)
