"""Asks a transformers model: the base, the base with its adapter, the merged one. Greedy, in batches of like lengths.

The three are one model in memory: the adapter is put around the base's layers and taken off again, and merging
replaces the weights that the adapter touches by `weights`' own merged ones, the very values that a builder would get.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..artifact import Artifact
from ..errors import RunError
from .answers import is_decided

if TYPE_CHECKING:
    import torch

Progress = Callable[[int, int], None]
BATCH_TOKENS = 2048
"""Tokens of prompts at once, padding included."""


def answer_all(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[str],
    labels: Sequence[str],
    progress: Progress = lambda done, total: None,
) -> list[str]:
    """What the model writes after each prompt, in their order; a prompt is left as soon as its answer is decided."""
    ids = [list(one) for one in tokenizer(list(prompts), add_special_tokens=False)["input_ids"]]
    limit = max(len(tokenizer(label, add_special_tokens=False)["input_ids"]) for label in labels) + 6
    for number, one in enumerate(ids, 1):
        if not one:
            raise RunError(f"The prompt of row {number} has no tokens.", code="evaluation-prompt")
    texts = [""] * len(ids)
    done = 0
    for batch in _batches(ids):
        answers = _answer_batch(model, tokenizer, [ids[index] for index in batch], labels, limit)
        for index, text in zip(batch, answers, strict=True):
            texts[index] = text
        done += len(batch)
        progress(done, len(ids))
    return texts


def _batches(ids: Sequence[Sequence[int]]) -> list[list[int]]:
    batches: list[list[int]] = [[]]
    for index in sorted(range(len(ids)), key=lambda index: len(ids[index])):
        # Sorted by length: the newest is the longest, and the batch is padded to it.
        if batches[-1] and (len(batches[-1]) + 1) * len(ids[index]) > BATCH_TOKENS:
            batches.append([])
        batches[-1].append(index)
    return batches


def _answer_batch(
    model: Any, tokenizer: Any, ids: Sequence[Sequence[int]], labels: Sequence[str], limit: int
) -> list[str]:
    import torch
    from transformers import GenerationConfig, StoppingCriteria, StoppingCriteriaList

    pad, ends = _pad_and_ends(model, tokenizer)
    longest = max(map(len, ids))
    device = model.device
    # The padding's ids do not matter where the mask hides them; on the left, so that all answers begin together.
    tokens = torch.tensor([[pad] * (longest - len(one)) + list(one) for one in ids], device=device)
    mask = torch.tensor([[0] * (longest - len(one)) + [1] * len(one) for one in ids], device=device)

    def text_of(row: Any) -> str:
        return str(
            tokenizer.decode(_until_end([int(token) for token in row], ends), skip_special_tokens=True)
        )

    class Decided(StoppingCriteria):
        def __call__(self, input_ids: torch.Tensor, scores: Any, **more: Any) -> torch.Tensor:
            del scores, more
            rows = [is_decided(text_of(row), labels) for row in input_ids[:, longest:]]
            return torch.tensor(rows, dtype=torch.bool, device=input_ids.device)

    settings = GenerationConfig(
        max_new_tokens=limit, do_sample=False, num_beams=1, pad_token_id=pad, eos_token_id=ends or None
    )
    with torch.inference_mode():
        output = model.generate(
            input_ids=tokens,
            attention_mask=mask,
            generation_config=settings,
            stopping_criteria=StoppingCriteriaList([Decided()]),
        )
    return [text_of(row) for row in output[:, longest:]]


def _pad_and_ends(model: Any, tokenizer: Any) -> tuple[int, list[int]]:
    ends = getattr(model.generation_config, "eos_token_id", None)
    if ends is None:
        ends = tokenizer.eos_token_id
    listed = [int(end) for end in (ends if isinstance(ends, list) else [ends]) if end is not None]
    pad = tokenizer.pad_token_id
    return int(pad if pad is not None else listed[0] if listed else 0), listed


def _until_end(tokens: Sequence[int], ends: Sequence[int]) -> list[int]:
    stop = next((index for index, token in enumerate(tokens) if token in ends), len(tokens))
    return list(tokens[:stop])


@contextmanager
def with_adapter(model: Any, folder: Path) -> Iterator[Any]:
    """The model with the adapter of a PEFT folder around its layers; as it was before afterwards.

    Plain LoRA is put on by our own layers, without importing peft; every other kind by peft.
    """
    from ..training import adapters
    from ..weights.adapter import read_config

    config = read_config(folder)
    if not _is_plain(config):
        yield from _with_peft(model, folder)
        return
    tensors = _tensors(folder)
    prefix = "base_model.model."
    names = sorted({name.removeprefix(prefix).rpartition(".lora_")[0] for name in tensors})
    spec = adapters.LoraSpec(int(config["r"]), float(config["lora_alpha"]), 0.0, tuple(names))
    attached = adapters.attach(model, names, spec)
    try:
        adapters.load_weights(model, tensors)
        model.eval()
        yield model
    finally:
        for name in attached:
            parent, _, leaf = name.rpartition(".")
            setattr(model.get_submodule(parent), leaf, model.get_submodule(name).base_layer)


def _is_plain(config: Any) -> bool:
    odd = (
        "rank_pattern",
        "alpha_pattern",
        "modules_to_save",
        "use_dora",
        "use_rslora",
        "lora_bias",
        "layer_replication",
    )
    start = config.get("init_lora_weights", True) in (True, False, "gaussian")
    return (
        config.get("peft_type") == "LORA"
        and start
        and config.get("bias", "none") == "none"
        and not any(config.get(name) for name in odd)
    )


def _tensors(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    file = folder / "adapter_model.safetensors"
    if not file.is_file():
        raise RunError(f"{folder} holds no adapter weights: {file.name} is missing.", code="adapter-missing")
    return dict(load_file(file))


def _with_peft(model: Any, folder: Path) -> Iterator[Any]:
    from peft import PeftModel

    try:
        adapted = PeftModel.from_pretrained(model, str(folder))
    except (OSError, ValueError, RuntimeError) as error:
        raise RunError(
            f"The adapter in {folder} does not fit the model: {error}", code="adapter-damaged"
        ) from error
    adapted.eval()
    try:
        yield adapted
    finally:
        adapted.unload()


def merge_into(model: Any, artifact: Artifact) -> Any:
    """The model with a deferred merge's weights in the place of its own. There is no way back."""
    from ..weights import open_merged

    merged = open_merged(artifact)
    if merged.adapter is None:
        raise ValueError("no adapter to merge")
    if merged.needs_peft:
        from peft import PeftModel

        whole = PeftModel.from_pretrained(model, str(artifact.adapter_path)).merge_and_unload()
        whole.eval()
        return whole
    state = model.state_dict()
    # Assigned, not copied: the model's own weights may be mapped from its file.
    fresh = {
        name: merged.read(name).to(model.device, state[name].dtype)
        for name in sorted(merged.adapter.touched())
    }
    model.load_state_dict(fresh, strict=False, assign=True)
    return model
