"""The input model in words, from its config.json and its weights' headers; and how large an adapter of it becomes."""

from __future__ import annotations

from pathlib import Path

from ..document import Document
from ..local_files import Linear, ModelFacts, facts, linear_layers, model_folder
from ..parts import PassPart
from .local_context import input_model_folder

_LOW_RANK = frozenset(("LoRA", "QLoRA", "DoRA", "LoftQ"))


def model_text(document: Document, written: str) -> str:
    """Facts of a model by its path or name; empty where it is not on this machine."""
    folder = model_folder(written, document.folder) if written else None
    known = facts(folder) if folder else None
    return _text(known, folder) if known and folder else ""


def _text(known: ModelFacts, folder: Path) -> str:
    head = [
        f"**{known.architecture or known.kind}**",
        f"{short(known.parameters)} parameters" if known.parameters else "",
        size(known.size) if known.size else "",
        known.dtype,
        f"quantised ({known.quantised})" if known.quantised else "",
    ]
    body = [
        f"{known.layers} layers" if known.layers else "",
        f"hidden size {known.hidden}" if known.hidden else "",
        f"{known.heads} heads" if known.heads else "",
        f"vocabulary {known.vocabulary}" if known.vocabulary else "",
        f"up to {known.positions} tokens" if known.positions else "",
    ]
    lines = [" · ".join(part for part in head if part), "", ", ".join(part for part in body if part)]
    layers = linear_layers(folder) or ()
    if layers:
        lines += ["", f"Linear layers: {', '.join(f'`{layer.name}`' for layer in layers[:16])}"]
    return "\n".join(lines).strip()


def adapter_text(document: Document, part: PassPart) -> str:
    """ "adapter: 2.4 M trainable parameters, 1.8 % of the model" where the modules are named and the model is here."""
    if part.schema is None or part.schema.type not in _LOW_RANK:
        return ""
    folder = input_model_folder(document)
    layers = linear_layers(folder) if folder else None
    rank = part.value("r", "lora_r")
    if rank is None:
        rank = part.schema.properties.get("r", {}).get("default")
    adapted = chosen(layers or (), part.value("target_modules"))
    if not folder or not adapted or not isinstance(rank, int) or isinstance(rank, bool):
        return ""
    total = sum(layer.layers * rank * sum(layer.shape) for layer in adapted if layer.shape)
    known = facts(folder)
    share = f", {100 * total / known.parameters:.2g} % of the model" if known and known.parameters else ""
    return f"adapter: {short(total)} trainable parameters{share}" if total else ""


def chosen(layers: tuple[Linear, ...], written: object) -> list[Linear]:
    """The layers that `target_modules` means; none where it is left to the architecture."""
    if written == "all-linear":
        return list(layers)
    if not isinstance(written, list):
        return []
    names = {name.rpartition(".")[2] for name in written if isinstance(name, str)}
    return [layer for layer in layers if layer.name in names]


def short(number: int) -> str:
    """134515008 -> 135 M."""
    for limit, unit in ((10**9, "B"), (10**6, "M"), (10**3, "K")):
        if number >= limit:
            return f"{number / limit:.3g} {unit}"
    return str(number)


def size(number: int) -> str:
    for limit, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "KB")):
        if number >= limit:
            return f"{number / limit:.3g} {unit}"
    return f"{number} bytes"
