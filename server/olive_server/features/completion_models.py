"""Models of this machine, and the modules of the input model: from headers and the hub's cache, never from weights."""

from __future__ import annotations

from collections.abc import Iterator

from ..document import Document
from ..local_files import facts, hub_models, hub_snapshot, linear_layers, modules
from .completion_items import Offer
from .completion_slot import Slot
from .local_context import input_model_folder

_USUAL = (
    "q_proj",
    "k_proj",
    "v_proj",
    "o_proj",
    "qkv_proj",
    "gate_proj",
    "up_proj",
    "gate_up_proj",
    "down_proj",
)


def hub(document: Document) -> Iterator[Offer]:
    """Models in the hub's cache, with what they are."""
    for name in hub_models():
        snapshot = hub_snapshot(name)
        known = facts(snapshot) if snapshot else None
        detail = f"{known.architecture or known.kind}, in the hub's cache" if known else "in the hub's cache"
        yield Offer(name, name, "model", detail, 2 if known else 5)


def target_modules(document: Document, slot: Slot) -> list[Offer]:
    """Linear layers of the input model by name; all of them at once; usual names where the model is not here."""
    folder = input_model_folder(document)
    layers = linear_layers(folder) if folder else None
    held = slot.held()
    if not layers:
        return [Offer(name, name, "module", "usual name", 6) for name in _USUAL if name not in held]
    whole = [layer.name for layer in layers]
    offers = [
        Offer(layer.name, layer.name, "module", _detail(layer.layers, layer.shape), 2)
        for layer in layers
        if layer.name not in held
    ]
    if slot.role == "value":
        offers.insert(0, Offer("all of the model's linear layers", whole, "snippet", ", ".join(whole), 1))
    return offers


def other_modules(document: Document, slot: Slot) -> list[Offer]:
    """Any module with weights by its last name: embeddings, output head, norms, layers."""
    folder = input_model_folder(document)
    found = modules(folder) if folder else None
    held = slot.held()
    names = dict.fromkeys(name.rpartition(".")[2] for name in found or ("embed_tokens", "lm_head"))
    first = [name for name in names if "embed" in name or name == "lm_head"]
    return [
        Offer(name, name, "module", "", 2 if name in first else 4)
        for name in names
        if name not in held and not name.isdigit()
    ]


_OPERATORS = ("MatMul", "Gemm", "Conv", "Gather", "Add", "Mul", "Softmax", "LayerNormalization", "Attention")


def operators(slot: Slot) -> list[Offer]:
    """Kinds of ONNX operators that lists of them mostly name."""
    held = slot.held()
    return [Offer(name, name, "value", "ONNX operator", 4) for name in _OPERATORS if name not in held]


def _detail(count: int, shape: tuple[int, ...] | None) -> str:
    size = " × ".join(map(str, reversed(shape))) if shape else ""
    return ", ".join(part for part in (f"{count} layers" if count > 1 else "1 layer", size) if part)
