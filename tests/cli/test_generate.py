"""Asking a built model: the answer on stdout, the speed on stderr, and why it cannot be asked where it cannot."""

from __future__ import annotations

import json
import runpy
import shutil
from pathlib import Path
from typing import Any

import pytest


def test_an_answer_and_its_speed(cli: Any, built: Path) -> None:
    done = cli("generate", "--model", str(built), "--prompt", "joy", "--max-new-tokens", "12")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert "[12 tokens, " in done.stderr
    assert "tokens/s" in done.stderr


def test_as_json_one_line_for_each_prompt(cli: Any, built: Path) -> None:
    done = cli("generate", "-m", str(built), "-p", "joy", "-p", "fear", "--json", "--max-new-tokens", "8")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["prompt"] for answer in answers] == ["joy", "fear"]
    assert all(answer["tokens"] <= 8 and answer["finish"] in ("stop", "length") for answer in answers)
    assert done.stderr == ""


def test_the_same_tokens_as_transformers_would_choose(
    cli: Any, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Greedy decoding of the fp32 build is the model's own argmax."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = tmp_path / "fp32"
    command = ["builder", "-m", str(model), "-i", str(model), "-o", str(folder), "-p", "fp32", "-e", "cpu"]
    monkeypatch.setattr("sys.argv", [*command, "-c", str(tmp_path)])
    runpy.run_module("onnxruntime_genai.models.builder", run_name="__main__")
    tokenizer, network = AutoTokenizer.from_pretrained(model), AutoModelForCausalLM.from_pretrained(model)
    ids = tokenizer("<s>user: joy\nassistant:", return_tensors="pt", add_special_tokens=False).input_ids
    with torch.no_grad():
        chosen = network.generate(ids, max_new_tokens=6, do_sample=False)[0, ids.shape[1] :]
    answer = cli.json("generate", "-m", str(folder), "-p", "joy", "--max-new-tokens", "6")
    assert answer["prompt_tokens"] == ids.shape[1]
    # Bytes that make no sign are replaced there and left out here.
    assert answer["text"] == tokenizer.decode(chosen).replace("\N{REPLACEMENT CHARACTER}", "")


def test_templates_change_what_goes_in(cli: Any, built: Path) -> None:
    def tokens(*arguments: str) -> int:
        return int(
            cli.json("generate", "-m", str(built), "--max-new-tokens", "2", *arguments)["prompt_tokens"]
        )

    raw = tokens("--raw", "-p", "joy")
    assert tokens("-p", "joy") > raw
    assert tokens("--system", "be brief", "-p", "joy") > tokens("-p", "joy")
    assert tokens("--raw", "-p", "Text: joy\nTone:") == tokens(
        "--template", "Text: {prompt}\\nTone:", "-p", "joy"
    )


def test_a_seed_makes_sampling_repeatable(cli: Any, built: Path) -> None:
    def sampled(seed: int) -> str:
        call = ["generate", "-m", str(built), "-p", "joy", "--temperature", "1.5", "--seed", str(seed)]
        return str(cli.json(*call, "--max-new-tokens", "16")["text"])

    assert sampled(1) == sampled(1)
    assert len({sampled(seed) for seed in (1, 2, 3)}) > 1


def test_the_prompt_may_be_piped_in(cli: Any, built: Path) -> None:
    done = cli("generate", "-m", str(built), "--json", "--max-new-tokens", "2", stdin="a long\ntext\n")
    assert json.loads(done.stdout)["prompt"] == "a long\ntext"
    empty = cli("generate", "-m", str(built), stdin="")
    assert empty.returncode == 2
    assert "the prompt is empty" in empty.stderr


def test_a_conversation_remembers_and_can_forget(cli: Any, built: Path) -> None:
    said = cli.on_terminal(
        *("generate", "-m", str(built), "--json", "--max-new-tokens", "2"),
        typed=["joy", "joy", "/new", "joy", "/exit"],
    )
    counts = [json.loads(line)["prompt_tokens"] for line in said.splitlines() if line.startswith("{")]
    assert counts[1] > counts[0]
    assert counts[2] == counts[0]


def test_a_prompt_longer_than_the_model_takes(cli: Any, built: Path) -> None:
    done = cli("generate", "-m", str(built), "-p", "joy " * 400)
    assert done.returncode == 2
    assert "the model takes 256 with its answer" in done.stderr


def test_folders_that_are_no_built_model_are_named(
    cli: Any, built: Path, model: Path, tmp_path: Path
) -> None:
    def refusal(folder: Path) -> str:
        done = cli("generate", "-m", str(folder), "-p", "joy")
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        return str(done.stderr)

    assert "there is no such folder and no such run" in refusal(tmp_path / "nowhere")
    assert "this is a model of transformers" in refusal(model)
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text("{}")
    assert "this is an adapter" in refusal(adapter)
    half = tmp_path / "half"
    shutil.copytree(built, half)
    (half / "model.onnx.data").unlink()
    assert "is not whole: model.onnx.data missing" in refusal(half)


def test_a_model_for_a_provider_that_is_not_here_names_the_package(
    cli: Any, built: Path, tmp_path: Path
) -> None:
    other = tmp_path / "cuda"
    shutil.copytree(built, other)
    settings = json.loads((other / "genai_config.json").read_text())
    settings["model"]["decoder"]["session_options"]["provider_options"] = [{"cuda": {}}]
    (other / "genai_config.json").write_text(json.dumps(settings))
    done = cli("generate", "-m", str(other), "-p", "joy")
    assert done.returncode == 1
    assert "was built for cuda" in done.stderr
    assert "onnxruntime-genai-cuda" in done.stderr
    assert done.stdout == ""


def test_an_output_folder_and_a_run_id_lead_to_the_model(finished: Any) -> None:
    by_folder = finished.cli.json("generate", "-m", "out", "-p", "joy", "--max-new-tokens", "4")
    by_run = finished.cli.json("generate", "-m", finished.run_id, "-p", "joy", "--max-new-tokens", "4")
    assert by_folder["text"] == by_run["text"]
