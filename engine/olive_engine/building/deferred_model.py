"""A transformers model whose parameters are read, and merged with an adapter, only when somebody asks for a value."""

from __future__ import annotations

from collections.abc import Callable
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
    for name, parameter in list(model.named_parameters(remove_duplicate=False)):
        found = name if name in merged.entries else partners.get(name, "")
        if found not in merged.entries:
            raise CannotDefer(f"the model's files have no {name}")
        if found not in made:
            made[found] = torch.nn.Parameter(_weight(merged, found), requires_grad=False)
        if made[found].shape != parameter.shape:
            raise CannotDefer(f"{found} has another shape in the files than in the model")
        owner, _, last = name.rpartition(".")
        model.get_submodule(owner)._parameters[last] = made[found]
    for name, buffer in list(model.named_buffers()):
        if name in merged.entries and merged.entries[name].shape == tuple(buffer.shape):
            owner, _, last = name.rpartition(".")
            model.get_submodule(owner)._buffers[last] = _weight(merged, name)
    return model.eval()


def _weight(merged: Merged, name: str) -> Deferred:
    entry = merged.entries[name]
    read: Callable[[], torch.Tensor] = partial(merged.read, name)
    return deferred(entry.shape, torch_dtype(entry.dtype), read)


def _refuse_mixed_types(model: Any, kinds: set[str]) -> None:
    kept = getattr(model, "_keep_in_fp32_modules", None) if "F16" in kinds else None
    strictly = getattr(model, "_keep_in_fp32_modules_strict", None) if kinds & {"F16", "BF16"} else None
    if names := sorted([*(kept or ()), *(strictly or ())]):
        raise CannotDefer(f"transformers keeps {names[0]} in float32")
