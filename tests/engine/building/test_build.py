"""Builds as a whole: merged on the way, answering, observed, stopped, and going wrong."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from olive_engine.artifact import Artifact
from olive_engine.building import Request, build
from olive_engine.building.deferred import CannotDefer, deferred
from olive_engine.building.verify import verify
from olive_engine.errors import Cancelled, RunError

INT4 = Request("int4", "cpu")


def source_of(folder: Path) -> Artifact:
    return Artifact("hf_model", "m", path=str(folder))


def lora(folder: Path, model: Path, **more: Any) -> Path:
    import peft
    from transformers import AutoModelForCausalLM

    torch.manual_seed(1)
    config = peft.LoraConfig(r=4, target_modules=["qkv_proj", "down_proj"], **more)
    adapted = peft.get_peft_model(AutoModelForCausalLM.from_pretrained(model), config)
    for parameter in adapted.parameters():
        if parameter.requires_grad:
            parameter.data += torch.randn_like(parameter) * 0.1
    adapted.save_pretrained(folder)
    return folder


def merged_by_peft(folder: Path, model: Path, adapter: Path) -> Path:
    import peft
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(model)
    peft.PeftModel.from_pretrained(base, adapter).merge_and_unload().save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_bytes((model / name).read_bytes())
    return folder


@pytest.mark.parametrize("request_", [INT4, Request("fp32", "cpu"), Request("int4", "cuda")], ids=str)
def test_an_adapter_merged_on_the_way(
    model_of: Any, stock: Any, ours: Any, tmp_path: Path, request_: Request
) -> None:
    """Equal to genai's own build of the folder that peft's merge writes."""
    model = model_of("phi3")
    adapter = lora(tmp_path / "adapter", model)
    expected = stock(merged_by_peft(tmp_path / "merged", model, adapter), request_)
    merged = Artifact("hf_model", "merged", base=source_of(model), adapter_path=str(adapter))
    built, found = ours(merged, request_)
    assert built.way == "deferred"
    assert found == expected


def test_an_adapter_that_only_peft_merges(
    model_of: Any, stock: Any, ours: Any, tmp_path: Path, log: Any
) -> None:
    model = model_of("phi3")
    adapter = lora(tmp_path / "adapter", model, init_lora_weights="pissa")
    expected = stock(merged_by_peft(tmp_path / "merged", model, adapter), INT4)
    built, found = ours(Artifact("hf_model", "x", base=source_of(model), adapter_path=str(adapter)), INT4)
    assert log.said("merged by peft")
    assert found == expected
    assert built.way == "deferred"


def test_embeddings_that_cannot_be_shared_are_stored_apart(model_of: Any, ours: Any, log: Any) -> None:
    """genai's own build of this model does not load; ours does (a small CPU build is loaded before it counts)."""
    built, _ = ours(source_of(model_of("llama, tied")), Request("int4", "cpu", {"is_symmetric": False}))
    assert built.way == "deferred"
    assert log.said("stored apart")


def test_answers_like_the_model_it_was_built_from(model_of: Any, tmp_path: Path, log: Any) -> None:
    import onnxruntime_genai as runtime
    from transformers import AutoModelForCausalLM

    folder = model_of("qwen2, biases")
    output = tmp_path / "out"
    output.mkdir()
    build(Request("fp32", "cpu"), source_of(folder), output, say=log)
    tokens = [5, 99, 200, 17, 42]
    with torch.no_grad():
        expected = AutoModelForCausalLM.from_pretrained(folder)(torch.tensor([tokens])).logits[0, -1]
    model = runtime.Model(str(output))
    settings = runtime.GeneratorParams(model)
    settings.set_search_options(max_length=12, do_sample=False)
    generator = runtime.Generator(model, settings)
    generator.append_tokens(tokens)
    found = torch.from_numpy(generator.get_logits().reshape(-1, 320)[-1].copy())
    assert torch.allclose(found, expected, atol=2e-4)
    while not generator.is_done():
        generator.generate_next_token()
    assert len(generator.get_sequence(0)) > len(tokens)


def test_search_goes_over_the_models_own_settings(model_of: Any, ours: Any) -> None:
    _, found = ours(
        source_of(model_of("phi3")), Request("int4", "cpu", search={"max_length": 77, "top_k": 3})
    )
    config = json.loads(found["genai_config.json"])
    assert (config["search"]["max_length"], config["search"]["top_k"]) == (77, 3)
    assert config["search"]["num_beams"] == 1


def test_each_layer_is_told(model_of: Any, tmp_path: Path, log: Any) -> None:
    told: list[tuple[int, int]] = []
    output = tmp_path / "out"
    output.mkdir()
    build(INT4, source_of(model_of("phi3")), output, say=log, progress=lambda *it: told.append(it))
    assert told == [(0, 2), (1, 2), (2, 2)]


def test_what_the_caller_prints_meanwhile_is_not_swallowed(
    model_of: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out"
    output.mkdir()
    build(
        INT4,
        source_of(model_of("phi3")),
        output,
        say=lambda message, level="info": print(f"<{message}>"),
        progress=lambda done, total: print(f"{done} of {total}"),
    )
    printed = capsys.readouterr().out
    assert "2 of 2" in printed
    assert "<Reading layer 0>" in printed


def test_a_stop_between_two_weights(model_of: Any, tmp_path: Path, log: Any) -> None:
    asked = iter([False] * 5 + [True] * 100)

    def check_stop() -> None:
        if next(asked):
            raise Cancelled

    output = tmp_path / "out"
    output.mkdir()
    with pytest.raises(Cancelled):
        build(INT4, source_of(model_of("phi3")), output, say=log, check_stop=check_stop)
    assert not (output / "model.onnx").exists()
    assert not (output / "model.onnx.data").exists()


def test_a_full_disk_is_told_in_bytes(
    model_of: Any, tmp_path: Path, log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from olive_engine.building import streams

    def full(self: Any, file: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(streams.Part, "tofile", full)
    output = tmp_path / "out"
    output.mkdir()
    with pytest.raises(RunError, match=r"disk is full: [\d,]+ bytes are needed .* bytes are free") as caught:
        build(INT4, source_of(model_of("phi3")), output, say=log)
    assert caught.value.code == "disk-full"
    assert not (output / "model.onnx").exists()


def test_too_little_memory_is_told(
    model_of: Any, tmp_path: Path, log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from olive_engine.building import streams

    def exhausted(self: Any, file: Any) -> None:
        raise RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(streams.Part, "tofile", exhausted)
    output = tmp_path / "out"
    output.mkdir()
    with pytest.raises(RunError) as caught:
        build(INT4, source_of(model_of("phi3")), output, say=log)
    assert caught.value.code == "out-of-memory"


def test_a_defect_of_ours_falls_back_to_the_stock_way(
    model_of: Any, stock: Any, ours: Any, log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from olive_engine.building import takeover

    def broken(builder: Any, note: Any) -> Any:
        raise ZeroDivisionError("oh")

    expected = stock(model_of("phi3"), INT4)
    monkeypatch.setattr(takeover, "quantised_model", broken)
    built, found = ours(source_of(model_of("phi3")), INT4)
    assert (built.way, found) == ("stock", expected)
    assert log.said("ZeroDivisionError")


def test_the_builder_is_left_as_it_was(model_of: Any, ours: Any) -> None:
    from olive_engine.building.genai import builder_module

    own = builder_module().Model
    before = (
        own.make_initializer,
        own.to_nbits,
        own.load_weights,
        own.make_moe,
        torch.nn.Linear.reset_parameters,
    )
    ours(source_of(model_of("phi3")), INT4)
    after = (
        own.make_initializer,
        own.to_nbits,
        own.load_weights,
        own.make_moe,
        torch.nn.Linear.reset_parameters,
    )
    assert after == before


def test_options_that_genai_refuses_keep_its_words(model_of: Any, tmp_path: Path, log: Any) -> None:
    output = tmp_path / "out"
    output.mkdir()
    with pytest.raises(RunError, match="max_draft_tokens must be an integer") as caught:
        build(Request("int4", "cpu", {"max_draft_tokens": 99}), source_of(model_of("phi3")), output, say=log)
    assert caught.value.code == "builder-options"


def test_an_odd_number_of_blocks_is_explained(model_of: Any, tmp_path: Path, log: Any) -> None:
    output = tmp_path / "out"
    output.mkdir()
    wanted = Request("int4", "cpu", {"algo_config": "k_quant", "block_size": 128})
    with pytest.raises(RunError) as caught:
        build(wanted, source_of(model_of("phi3")), output, say=log)
    assert "smaller int4_block_size" in caught.value.hint


class TestVerify:
    @pytest.fixture
    def built(self, model_of: Any, tmp_path: Path, log: Any) -> Path:
        output = tmp_path / "out"
        output.mkdir()
        build(Request("int4", "cuda"), source_of(model_of("phi3")), output, say=log)
        return output

    @pytest.mark.parametrize(
        ("damage", "words"),
        [
            (lambda out: (out / "genai_config.json").write_text("{"), "genai_config.json cannot be read"),
            (
                lambda out: (out / "model.onnx").unlink(),
                "model.onnx, which genai_config.json names, is missing",
            ),
            (lambda out: (out / "model.onnx.data").unlink(), "is missing"),
            (lambda out: (out / "model.onnx.data").write_bytes(b"x" * 1000), "which has 1,000"),
            (lambda out: [file.unlink() for file in out.glob("tokenizer*")], "no tokenizer"),
        ],
    )
    def test_what_is_missing_is_named(self, built: Path, damage: Callable[[Path], Any], words: str) -> None:
        verify(built, "cuda")
        damage(built)
        with pytest.raises(RunError, match=words) as caught:
            verify(built, "cuda")
        assert caught.value.code == "build-incomplete"


class TestDeferred:
    def test_operations_wait_until_the_values_are_asked_for(self) -> None:
        calls = []

        def read() -> torch.Tensor:
            calls.append(1)
            return torch.arange(12.0).reshape(3, 4)

        later = deferred((3, 4), torch.float32, read)
        result = torch.cat([later.T, later.T[:2] + 1]).to(torch.bfloat16)
        assert (calls, tuple(result.shape), result.dtype) == ([], (6, 3), torch.bfloat16)
        whole = torch.arange(12.0).reshape(3, 4)
        assert torch.equal(result.evaluate(), torch.cat([whole.T, whole.T[:2] + 1]).bfloat16())
        assert later.sum().item() == 66
        assert later.numpy().shape == (3, 4)

    def test_changing_one_in_place_is_refused(self) -> None:
        later = deferred((2,), torch.float32, lambda: torch.ones(2))
        with pytest.raises(CannotDefer):
            later.add_(1)
