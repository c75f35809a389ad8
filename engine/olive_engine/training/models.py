"""Loading of transformers models and tokenizers, without what training does not need.

The concrete model class is imported, not the whole auto machinery. Where every weight of the folder has the dtype and
the name that the model wants, weights are mapped from the file instead of copied: one copy in memory, pages that the
system can drop. Everything else goes through `from_pretrained`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..artifact import Artifact
from ..errors import RunError
from ..weights.headers import damaged, weight_files

if TYPE_CHECKING:
    import torch

Log = Callable[[str], None]

_OWN_KWARGS = frozenset({"torch_dtype", "dtype", "device_map", "quantization_method", "quantization_config"})
"""Load arguments that a pass sets itself, as in Olive."""


def source(artifact: Artifact) -> str:
    """Folder or hub name of an hf_model artifact."""
    if artifact.kind == "adapter" and artifact.base is not None:
        return source(artifact.base)
    if artifact.path is None:
        raise ValueError("a deferred merge has no folder; write it out first")
    return artifact.path


def load_kwargs(artifact: Artifact) -> dict[str, Any]:
    """`from_pretrained` arguments of the artifact, less those that the caller decides about."""
    base = artifact.base if artifact.kind == "adapter" and artifact.base is not None else artifact
    return {
        name: value
        for name, value in base.load_kwargs.items()
        if name not in _OWN_KWARGS and value is not None
    }


def load_config(artifact: Artifact) -> Any:
    """The transformers config. RunError `model-not-found` or `model-unknown` where there is none to load."""
    from transformers import AutoConfig

    name = source(artifact)
    kwargs = {key: value for key, value in load_kwargs(artifact).items() if key in _CONFIG_KWARGS}
    try:
        return AutoConfig.from_pretrained(name, **kwargs)
    except (OSError, ValueError, KeyError) as error:
        raise _load_error(name, error) from error


_CONFIG_KWARGS = frozenset(
    {"trust_remote_code", "revision", "cache_dir", "local_files_only", "subfolder", "token"}
)


def load_tokenizer(artifact: Artifact) -> Any:
    """The tokenizer beside the model. RunError `tokenizer-not-found` where there is none."""
    from transformers import AutoTokenizer

    name = source(artifact)
    kwargs = {key: value for key, value in load_kwargs(artifact).items() if key in _CONFIG_KWARGS}
    try:
        return AutoTokenizer.from_pretrained(name, **kwargs)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise RunError(
            f"no tokenizer could be loaded from {name}: {_first_line(error)}",
            code="tokenizer-not-found",
            hint="the model's folder needs tokenizer.json (or the slow tokenizer's files) and tokenizer_config.json",
        ) from error


def model_class(config: Any, *, trust_remote_code: bool = False) -> Any:
    """The concrete class that config.architectures names; AutoModelForCausalLM for anything out of the ordinary."""
    import transformers

    names = list(getattr(config, "architectures", None) or [])
    auto_map = getattr(config, "auto_map", None) or {}
    remote = trust_remote_code and "AutoModelForCausalLM" in auto_map
    if len(names) == 1 and not remote and names[0].endswith(("ForCausalLM", "LMHeadModel")):
        found = getattr(transformers, names[0], None)
        if found is not None:
            return found
    return transformers.AutoModelForCausalLM


def load_causal_lm(
    artifact: Artifact,
    *,
    dtype: torch.dtype | str = "auto",
    device: torch.device | None = None,
    quantization: Any = None,
    log: Log = lambda message: None,
) -> Any:
    """The model, in `dtype`, on `device`, in eval mode, every parameter frozen.

    `quantization`: a BitsAndBytesConfig, or None. RunError where the folder or the hub has no such model.
    """
    import torch
    from transformers.utils import logging as hf_logging

    hf_logging.disable_progress_bar()
    config = load_config(artifact)
    kwargs = load_kwargs(artifact)
    if dtype == "auto":
        dtype = _declared_dtype(config)
    target = device if device is not None else torch.device("cpu")
    cls = model_class(config, trust_remote_code=bool(kwargs.get("trust_remote_code")))
    already_quantised = getattr(config, "quantization_config", None) is not None
    model = None
    if quantization is None and not already_quantised and not (set(kwargs) - _PLAIN_KWARGS):
        model = _mapped(cls, config, Path(source(artifact)), dtype, kwargs.get("attn_implementation"))
    if model is None:
        model = _from_pretrained(cls, artifact, dtype, target, quantization, kwargs)
    elif target.type != "cpu":
        model = model.to(target)
    model.requires_grad_(False)
    model.eval()
    log(f"loaded {cls.__name__} from {source(artifact)} in {str(model.dtype).removeprefix('torch.')}")
    return model


_PLAIN_KWARGS = frozenset(
    {"trust_remote_code", "attn_implementation", "local_files_only", "low_cpu_mem_usage"}
)


def _declared_dtype(config: Any) -> torch.dtype:
    import torch

    declared = getattr(config, "dtype", None) or getattr(config, "torch_dtype", None)
    if isinstance(declared, str):
        declared = getattr(torch, declared.removeprefix("torch."))
    return declared if declared is not None else torch.float32


def _from_pretrained(
    cls: Any,
    artifact: Artifact,
    dtype: Any,
    device: torch.device,
    quantization: Any,
    kwargs: Mapping[str, Any],
) -> Any:
    extra: dict[str, Any] = dict(kwargs)
    if quantization is not None:
        extra |= {"quantization_config": quantization, "device_map": {"": str(device)}}
    name = source(artifact)
    try:
        model = cls.from_pretrained(name, dtype=dtype, **extra)
    except (OSError, ValueError, KeyError) as error:
        raise _load_error(name, error) from error
    return model if quantization is not None or device.type == "cpu" else model.to(device)


def _mapped(cls: Any, config: Any, folder: Path, dtype: Any, attention: str | None) -> Any:
    """The model over weights mapped from `folder`'s safetensors; None where names or shapes do not fit exactly."""

    if not folder.is_dir() or not hasattr(cls, "_from_config"):
        return None
    files, safe = weight_files(folder)
    if not safe:
        return None
    from safetensors import SafetensorError, safe_open
    from transformers.initialization import no_init_weights

    chosen: dict[str, Any] = {} if attention is None else {"attn_implementation": attention}
    with no_init_weights():
        # Parameters made here are never touched, so the memory behind them is never taken.
        model = cls._from_config(config, dtype=dtype, **chosen)
    wanted = model.state_dict()
    tied = set(getattr(model, "all_tied_weights_keys", None) or {})
    found: dict[str, torch.Tensor] = {}
    for file in files:
        try:
            with safe_open(file, framework="pt") as handle:
                for name in handle.keys():  # noqa: SIM118 - not a dict
                    if name not in wanted:
                        return None
                    tensor = handle.get_tensor(name)
                    if tensor.shape != wanted[name].shape:
                        return None
                    found[name] = tensor.to(dtype) if tensor.is_floating_point() else tensor
        except SafetensorError as error:
            raise damaged(file, _first_line(error)) from error
    if set(wanted) - set(found) - tied:
        return None
    del wanted
    model.load_state_dict(found, strict=False, assign=True)
    model.tie_weights()
    if (folder / "generation_config.json").is_file():
        from transformers import GenerationConfig

        model.generation_config = GenerationConfig.from_pretrained(folder)
    model.config._name_or_path = str(folder)
    return model


def _load_error(name: str, error: Exception) -> RunError:
    return RunError(
        f"no model could be loaded from {name}: {_first_line(error)}",
        code="model-not-found",
        pointer="/input_model",
        hint="name a folder with config.json and weights, or a model of the Hugging Face hub that this machine can reach",
    )


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__


def folder_hash(folder: Path) -> str:
    """sha256 over names and contents of the files under `folder`."""
    digest = hashlib.sha256()
    for file in sorted(one for one in folder.rglob("*") if one.is_file()):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
        with file.open("rb") as handle:
            while block := handle.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
