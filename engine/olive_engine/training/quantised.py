"""QLoRA and LoftQ: a base in 4 bits by bitsandbytes, on the CPU as well as on a GPU.

QLoRA quantises the model as it is loaded. The adapter that comes out belongs to the unquantised model.

LoftQ looks for a quantised base and an adapter that together are nearest to the original weights (`loftq_iter` rounds). The quantised base differs from the original model, so it is written out, dequantised, as
`base_model` in the pass's folder, and it is the model that the adapter belongs to.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from olive_schemas.workflow import PassStep

from .. import hardware
from ..artifact import Artifact
from ..context import PassContext
from ..errors import RunError
from . import adapters, arguments, attaching, targets
from .models import folder_hash, load_causal_lm
from .models import source as model_source


def config(parameters: Mapping[str, Any], dtype: Any, quant_type: str, double: bool) -> Any:
    """transformers' BitsAndBytesConfig. `compute_dtype` unsaid is `torch_dtype`, as in Olive."""
    import torch
    from transformers import BitsAndBytesConfig

    named = parameters.get("compute_dtype")
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_compute_dtype=getattr(torch, named) if named else dtype,
        bnb_4bit_use_double_quant=double,
        bnb_4bit_quant_type=quant_type,
    )


def prepare(
    step: PassStep,
    source: Artifact,
    context: PassContext,
    settings: arguments.Settings,
    device: hardware.Device,
    dtype: Any,
) -> tuple[Artifact, attaching.Adapted]:
    """The quantised model with its adapter, and the hf_model that the adapter belongs to."""
    _require_bitsandbytes(step)
    if device.kind == "mps":
        raise RunError(
            "bitsandbytes has no 4-bit layers for Apple GPUs",
            code="device-unsupported",
            pointer=step.pointer,
            hint='use LoRA, or set the host\'s device to "cpu"',
        )
    if step.type == "LoftQ":
        return _loftq(step, source, context, settings, device, dtype)
    import torch

    parameters = step.parameters
    quantization = config(
        parameters, dtype, parameters.get("quant_type") or "nf4", bool(parameters.get("double_quant", False))
    )
    model = load_causal_lm(
        source, dtype=dtype, device=device.torch_device, quantization=quantization, log=context.log
    )
    chosen = attaching.choose_targets(step, model)
    torch.manual_seed(settings.seed)
    return source, attaching.put_adapter(step, model, chosen, source)


def _loftq(
    step: PassStep,
    source: Artifact,
    context: PassContext,
    settings: arguments.Settings,
    device: hardware.Device,
    dtype: Any,
) -> tuple[Artifact, attaching.Adapted]:
    import torch

    parameters = step.parameters
    model = load_causal_lm(source, dtype=dtype, log=context.log)
    chosen = attaching.choose_targets(step, model)
    rounds = int(parameters.get("loftq_iter") or 1)
    rank, scaling = int(parameters["r"]), float(parameters["alpha"]) / int(parameters["r"])
    torch.manual_seed(settings.seed)
    start: dict[str, torch.Tensor] = {}
    layers = targets.select(targets.from_model(model), chosen)
    for at, layer in enumerate(layers):
        context.check_stop()
        context.progress("quantise", at, len(layers), "layer")
        module = model.get_submodule(layer.name)
        if type(module) is not torch.nn.Linear:
            raise RunError(
                f"LoftQ quantises plain linear layers only, and {layer.name} is a {type(module).__name__}",
                code="layer-unsupported",
                pointer=step.pointer,
                hint="use LoRA",
            )
        base, down, up = loftq_start(module.weight.detach(), rank, scaling, rounds)
        module.weight = torch.nn.Parameter(base.to(dtype), requires_grad=False)
        start[f"base_model.model.{layer.name}.lora_A.weight"] = down
        start[f"base_model.model.{layer.name}.lora_B.weight"] = up
    context.progress("quantise", len(layers), len(layers), "layer")
    folder = context.output / "base_model"
    model.save_pretrained(folder)
    _copy_tokenizer(source, folder)
    del model
    made = Artifact(
        kind="hf_model",
        fingerprint=folder_hash(folder),
        path=str(folder),
        load_kwargs=dict(source.load_kwargs),
    )
    quantised = load_causal_lm(
        made,
        dtype=dtype,
        device=device.torch_device,
        quantization=config(parameters, dtype, "nf4", False),
        log=context.log,
    )
    adapted = attaching.put_adapter(step, quantised, chosen, made)
    if adapted.wrapped is None:
        adapters.load_weights(quantised, start)
    else:
        import peft

        peft.set_peft_model_state_dict(adapted.wrapped, start)
    return made, adapted


def loftq_start(weight: Any, rank: int, scaling: float, rounds: int) -> tuple[Any, Any, Any]:
    """(base, A, B) with base + scaling * B A near to `weight` and base exactly what nf4 can hold.

    Quantising and the best low-rank fit to its error take turns (Li et al. 2023, algorithm 1). peft leaves `scaling`
    out, which for alpha other than r starts away from the original weights; here it is divided out. float32.
    """
    import torch
    from bitsandbytes.functional import dequantize_4bit, quantize_4bit

    original = weight.float()
    fitted = torch.zeros_like(original)
    for _ in range(rounds):
        packed, state = quantize_4bit((original - fitted).contiguous(), blocksize=64, quant_type="nf4")
        base = dequantize_4bit(packed, state).reshape(original.shape).float()
        left, values, right = torch.linalg.svd(original - base, full_matrices=False)
        root = values[:rank].sqrt()
        up, down = left[:, :rank] * root, root.unsqueeze(1) * right[:rank]
        fitted = up @ down
    share = scaling**0.5
    return base, (down / share).contiguous(), (up / share).contiguous()


def _copy_tokenizer(source: Artifact, folder: Path) -> None:
    """Everything beside the weights, so that the new base is a whole model folder."""
    there = Path(model_source(source))
    if there.is_dir():
        for file in there.iterdir():
            if (
                file.is_file()
                and file.suffix in (".json", ".txt", ".model", ".jinja")
                and "index" not in file.name
            ):
                target = folder / file.name
                if not target.exists():
                    shutil.copyfile(file, target)
        return
    from .models import load_tokenizer

    load_tokenizer(source).save_pretrained(folder)


def _require_bitsandbytes(step: PassStep) -> None:
    try:
        import bitsandbytes  # noqa: F401
    except ImportError as error:
        raise RunError(
            f"{step.type} needs bitsandbytes, which cannot be imported: {error}",
            code="package-missing",
            pointer=step.pointer,
            hint='pip install "olivepress[qlora]", or use LoRA',
        ) from error
