"""Makes the models of the benchmarks: Phi3ForCausalLM with random weights, written shard by shard.

    models.py WORK SIZE...      SIZE: 97.5M, 778M, 3.8B

Nothing is held in memory but one weight. The tokenizer is a byte-pair one trained on words.txt, so that a common word
is about one token. A folder that is there and whole is left alone.
"""

from __future__ import annotations

import argparse
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path

VOCABULARY = 32064
SHARD_BYTES = 2_000_000_000
DONE = ".complete"


@dataclass(frozen=True)
class Shape:
    hidden: int
    intermediate: int
    layers: int
    heads: int


SIZES = {
    "97.5M": Shape(640, 1600, 12, 10),
    "778M": Shape(1536, 4096, 24, 16),
    "3.8B": Shape(3072, 8192, 32, 32),
}
"""3.8B is Phi-3-mini's own shape."""


def phi3(work: Path, size: str) -> Path:
    """The folder of the model of that size inside `work`, made if it is not there."""
    folder = work / f"phi3-{size}"
    if (folder / DONE).exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    shape = SIZES[size]
    (folder / "config.json").write_text(json.dumps(config(shape), indent=2) + "\n")
    write_weights(folder, dict(weights(shape)))
    write_tokenizer(folder)
    (folder / DONE).touch()
    return folder


def config(shape: Shape) -> dict[str, object]:
    return {
        "architectures": ["Phi3ForCausalLM"],
        "model_type": "phi3",
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": 2,
        "embd_pdrop": 0.0,
        "resid_pdrop": 0.0,
        "hidden_act": "silu",
        "hidden_size": shape.hidden,
        "initializer_range": 0.02,
        "intermediate_size": shape.intermediate,
        "max_position_embeddings": 4096,
        "original_max_position_embeddings": 4096,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.heads,
        "num_hidden_layers": shape.layers,
        "rms_norm_eps": 1e-05,
        "rope_scaling": None,
        "rope_theta": 10000.0,
        "sliding_window": None,
        "tie_word_embeddings": False,
        "torch_dtype": "bfloat16",
        "use_cache": True,
        "vocab_size": VOCABULARY,
    }


def weights(shape: Shape) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and shapes of all weights, in the model's order."""
    hidden, inner = shape.hidden, shape.intermediate
    yield "model.embed_tokens.weight", (VOCABULARY, hidden)
    for layer in range(shape.layers):
        place = f"model.layers.{layer}"
        yield f"{place}.self_attn.o_proj.weight", (hidden, hidden)
        yield f"{place}.self_attn.qkv_proj.weight", (3 * hidden, hidden)
        yield f"{place}.mlp.gate_up_proj.weight", (2 * inner, hidden)
        yield f"{place}.mlp.down_proj.weight", (hidden, inner)
        yield f"{place}.input_layernorm.weight", (hidden,)
        yield f"{place}.post_attention_layernorm.weight", (hidden,)
    yield "model.norm.weight", (hidden,)
    yield "lm_head.weight", (VOCABULARY, hidden)


def write_weights(folder: Path, shapes: dict[str, tuple[int, ...]], seed: int = 0) -> None:
    """bfloat16 safetensors files with an index: norms are ones, the rest is normal with deviation 0.02."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    shards = list(parted(shapes))
    index = {}
    for number, names in enumerate(shards, 1):
        file = f"model-{number:05d}-of-{len(shards):05d}.safetensors"
        header: dict[str, object] = {"__metadata__": {"format": "pt"}}
        at = 0
        for name in names:
            size = 2 * prod(shapes[name])
            header[name] = {"dtype": "BF16", "shape": list(shapes[name]), "data_offsets": [at, at + size]}
            index[name] = file
            at += size
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        with (folder / file).open("wb") as stream:
            stream.write(struct.pack("<Q", len(text)) + text)
            for name in names:
                if "norm" in name:
                    values = torch.ones(shapes[name])
                else:
                    values = torch.randn(shapes[name], generator=generator).mul_(0.02)
                stream.write(values.bfloat16().view(torch.uint8).numpy().tobytes())
    total = sum(2 * prod(each) for each in shapes.values())
    whole = {"metadata": {"total_size": total}, "weight_map": index}
    (folder / "model.safetensors.index.json").write_text(json.dumps(whole, indent=1) + "\n")


def parted(shapes: dict[str, tuple[int, ...]]) -> Iterator[list[str]]:
    part: list[str] = []
    size = 0
    for name, shape in shapes.items():
        if part and size + 2 * prod(shape) > SHARD_BYTES:
            yield part
            part, size = [], 0
        part.append(name)
        size += 2 * prod(shape)
    yield part


def write_tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        min_frequency=1,
        special_tokens=["<unk>", "<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    words = Path(__file__).with_name("words.txt").read_text().split()
    tokenizer.train_from_iterator([word for each in words for word in (each, f" {each}")], trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="<unk>", bos_token="<s>", eos_token="</s>", pad_token="</s>"
    )
    fast.model_max_length = 4096
    fast.save_pretrained(folder)


def lora(work: Path, size: str, rank: int = 64, seed: int = 1) -> Path:
    """A LoRA adapter (PEFT folder, random values) on o_proj and qkv_proj of the model of that size."""
    import torch
    from safetensors.torch import save_file

    folder = work / f"phi3-{size}-lora"
    if (folder / DONE).exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    generator = torch.Generator().manual_seed(seed)
    tensors = {}
    for name, (out, inner) in [
        each for each in weights(SIZES[size]) if "_proj.weight" in each[0] and "attn" in each[0]
    ]:
        place = f"base_model.model.{name.removesuffix('.weight')}"
        tensors[f"{place}.lora_A.weight"] = torch.randn(rank, inner, generator=generator) * 0.02
        tensors[f"{place}.lora_B.weight"] = torch.randn(out, rank, generator=generator) * 0.02
    save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    settings = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": str(work / f"phi3-{size}"),
        "r": rank,
        "lora_alpha": rank,
        "lora_dropout": 0.1,
        "target_modules": ["o_proj", "qkv_proj"],
        "bias": "none",
        "inference_mode": True,
    }
    (folder / "adapter_config.json").write_text(json.dumps(settings, indent=2) + "\n")
    (folder / DONE).touch()
    return folder


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("work", type=Path)
    parser.add_argument("size", nargs="+", choices=sorted(SIZES))
    arguments = parser.parse_args()
    for wanted in arguments.size:
        print(phi3(arguments.work.resolve(), wanted))
