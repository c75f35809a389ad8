"""Adapters that peft makes: DoRA, LoHa, LoKr, and LoRA with `modules_to_save` or `bias`. Imported only for those.

The training loop is the same; only the layers and the saving are peft's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_VARIANT = (
    "rank_dropout",
    "module_dropout",
    "use_effective_conv2d",
    "exclude_modules",
    "init_weights",
    "layers_to_transform",
    "layers_pattern",
    "rank_pattern",
    "alpha_pattern",
)
_KRONECKER = ("decompose_both", "decompose_factor", "rank_dropout_scale")


def config(kind: str, parameters: Mapping[str, Any], targets: Sequence[str] | str, task_type: str) -> Any:
    """The peft config of a pass. `kind`: LoRA, QLoRA, LoftQ, DoRA, LoHa or LoKr."""
    import peft

    chosen = targets if isinstance(targets, str) else list(targets)
    saved = parameters.get("modules_to_save")
    if kind in ("LoHa", "LoKr"):
        names = _VARIANT + (_KRONECKER if kind == "LoKr" else ())
        given = {name: parameters[name] for name in names if parameters.get(name) is not None}
        cls = peft.LoHaConfig if kind == "LoHa" else peft.LoKrConfig
        return cls(
            r=int(parameters["r"]),
            alpha=parameters["alpha"],
            target_modules=chosen,
            modules_to_save=saved,
            task_type=task_type,
            **given,
        )
    return peft.LoraConfig(
        r=int(parameters["r"]),
        lora_alpha=parameters["alpha"],
        lora_dropout=float(parameters["lora_dropout"]),
        target_modules=chosen,
        modules_to_save=saved,
        bias=parameters.get("bias") or "none",
        task_type=task_type,
        use_dora=kind == "DoRA",
        runtime_config=peft.LoraRuntimeConfig(
            ephemeral_gpu_offload=bool(parameters.get("ephemeral_gpu_offload", False))
        ),
    )


def attach(model: Any, peft_config: Any) -> Any:
    """The PeftModel around `model`. Its layers are inside `model` itself, which stays the one to call."""
    import peft

    return peft.get_peft_model(model, peft_config)


def save(wrapped: Any, folder: Path) -> None:
    wrapped.save_pretrained(folder, save_embedding_layers=False)
    readme = folder / "README.md"
    if readme.is_file():  # a model card of placeholders
        readme.unlink()
