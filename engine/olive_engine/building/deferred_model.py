"""A transformers model whose parameters are read, and merged with an adapter, only when somebody asks for a value."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch

from ..weights.merged import Merged
from ..weights.reader import torch_dtype
from .deferred import CannotDefer, Deferred, deferred


def deferred_model(merged: Merged, architecture: str, *, layers: int | None, trust_remote_code: bool) -> Any:
    """The model that `from_pretrained` would load, on no device, every parameter a `Deferred`.

    CannotDefer where the files and the model's class do not match name by name, for then transformers converts
    weights while loading, or where it would keep some weights in another type.
    """
    from transformers import AutoConfig, AutoModelForCausalLM

    if "ForCausalLM" not in architecture:
        raise CannotDefer(f"{architecture} is not loaded as a plain causal language model")
    more = {} if layers is None else {"num_hidden_layers": layers}
    config = AutoConfig.from_pretrained(str(merged.folder), trust_remote_code=trust_remote_code, **more)
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config, trust_remote_code=trust_remote_code)
    _refuse_mixed_types(model, {entry.dtype for entry in merged.entries.values()})
    tied = dict(getattr(model, "all_tied_weights_keys", None) or {})
    partners = {**tied, **{source: target for target, source in tied.items()}}
    made: dict[str, Any] = {}
    read = _LastRead(merged)
    for name, parameter in list(model.named_parameters(remove_duplicate=False)):
        found = name if name in merged.entries else partners.get(name, "")
        if found not in merged.entries:
            raise CannotDefer(f"the model's files have no {name}")
        if found not in made:
            made[found] = torch.nn.Parameter(_weight(merged, found, read), requires_grad=False)
        if made[found].shape != parameter.shape:
            raise CannotDefer(f"{found} has another shape in the files than in the model")
        owner, _, last = name.rpartition(".")
        model.get_submodule(owner)._parameters[last] = made[found]
    for name, buffer in list(model.named_buffers()):
        if name in merged.entries and merged.entries[name].shape == tuple(buffer.shape):
            owner, _, last = name.rpartition(".")
            model.get_submodule(owner)._buffers[last] = _weight(merged, name, read)
    return model.eval()


class _LastRead:
    """Keeps the weight that was read last: the builder takes a fused one (qkv, gate and up) apart and asks for each
    part. Operations on deferred tensors never write into it."""

    def __init__(self, merged: Merged) -> None:
        self.merged = merged
        self.name = ""
        self.tensor: torch.Tensor | None = None

    def __call__(self, name: str) -> torch.Tensor:
        if self.tensor is None or self.name != name:
            self.tensor = None
            self.tensor = self.merged.read(name)
            self.name = name
        return self.tensor


def _weight(merged: Merged, name: str, read: _LastRead) -> Deferred:
    entry = merged.entries[name]
    return deferred(entry.shape, torch_dtype(entry.dtype), partial(read, name))


def _refuse_mixed_types(model: Any, kinds: set[str]) -> None:
    kept = getattr(model, "_keep_in_fp32_modules", None) if "F16" in kinds else None
    strictly = getattr(model, "_keep_in_fp32_modules_strict", None) if kinds & {"F16", "BF16"} else None
    if names := sorted([*(kept or ()), *(strictly or ())]):
        raise CannotDefer(f"transformers keeps {names[0]} in float32")
