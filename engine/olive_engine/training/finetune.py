"""A fine-tuning pass from artifact to artifact: data, model, adapter, training, saving. Shared by all adapter passes.

Peak memory is the loop's: the model is loaded after the data is ready, and nothing is held twice.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from olive_schemas.workflow import DataConfig, PassStep

from .. import hardware
from ..artifact import Artifact
from ..context import PassContext
from ..errors import Cancelled, RunError
from . import adapters, arguments, checkpoints, loop, planning, preflight, targets
from .failures import is_out_of_memory, out_of_memory
from .models import load_causal_lm, load_config, load_tokenizer

CHECKPOINT_SECONDS = 60.0


@dataclass(frozen=True)
class Adapted:
    """A model with its adapter in place. `save(folder)` writes the PEFT folder."""

    model: Any
    save: Callable[[Path], None]
    targets: tuple[str, ...] | str
    layers: int
    wrapped: Any = None
    """peft's own wrapper around `model`, where peft made the layers."""


def run(step: PassStep, source: Artifact, context: PassContext) -> Artifact:
    """Trains the adapter of `step` on `source` and writes it into `context.output`."""
    began = time.monotonic()
    context.progress("imports", 0, 1)
    import torch
    import transformers  # noqa: F401 - so that its time counts as import

    context.progress("imports", 1, 1)
    context.log(f"libraries imported in {time.monotonic() - began:.1f} s", "debug")
    settings = read_settings(step, context.workflow.dialect)
    device = hardware.choose_device(context.workflow, step.host, force_cpu=settings.use_cpu)
    context.log(f"training on {device.name}")
    tokens, held_out = load_data(step, source, context, settings)
    context.check_stop()

    context.progress("load", 0, 1)
    config = load_config(source)
    if getattr(config, "quantization_config", None) is not None and step.type in preflight.QUANTISED:
        raise RunError(
            f"the model is quantised already; {step.type} needs the unquantised one",
            code="model-quantised",
            pointer=context.workflow.input_model.path_pointer,
            hint="use a LoRA pass, or name the original model",
        )
    torch.backends.cuda.matmul.allow_tf32 = bool(step.parameters.get("allow_tf32", True))
    dtype = base_dtype(step, settings)
    source, adapted = prepare(step, source, context, settings, device, dtype)
    context.progress("load", 1, 1)
    context.check_stop()
    trainable = sum(one.numel() for one in adapted.model.parameters() if one.requires_grad)
    everything = sum(one.numel() for one in adapted.model.parameters())
    context.log(
        f"{trainable:,} of {everything:,} parameters are trained, in {adapted.layers} layers "
        f"({targets_text(adapted.targets)})"
    )
    reasons = arguments.stock_reasons(step.parameters.get("training_args"), context.workflow.dialect)
    if reasons:
        from . import stock

        context.log("training goes through transformers' Trainer: " + "; ".join(reasons))
        outcome = stock.train(adapted, tokens, held_out, settings, step, context, load_tokenizer(source))
    else:
        fill = pad_token_id(source) if tokens.padding else 0
        plan = planning.plan(adapted.model, tokens, settings, step, device, config, fill, context.log)
        outcome = train(adapted.model, tokens, held_out, settings, step, source, context, device, plan)
    context.progress("save", 0, 1)
    adapted.save(context.output)
    context.progress("save", 1, 1)
    return Artifact(
        kind="adapter",
        fingerprint=folder_hash(context.output),
        path=str(context.output),
        base=source,
        notes={
            **_quantisation(step),
            "method": step.type,
            "trainable_parameters": trainable,
            "total_parameters": everything,
            "steps": outcome.steps,
            "first_loss": outcome.losses[0] if outcome.losses else None,
            "final_loss": outcome.losses[-1] if outcome.losses else None,
            "mean_loss": sum(outcome.losses) / len(outcome.losses) if outcome.losses else None,
            "eval_loss": outcome.evaluations[-1][1] if outcome.evaluations else None,
            "tokens": outcome.tokens,
            "data": dict(tokens.counters()),
            "device": device.name,
        },
    )


# ---- parts of a run ----------------------------------------------------------------------------------------------------


def read_settings(step: PassStep, dialect: arguments.Dialect) -> arguments.Settings:
    """The training arguments of a pass. RunError where they contradict each other."""
    parameters = step.parameters
    try:
        return arguments.read(
            parameters.get("training_args"),
            dialect,
            quantised=step.type in preflight.QUANTISED,
            half=parameters.get("torch_dtype") == "float16",
            has_eval=bool(parameters.get("eval_data_config") or parameters.get("eval_dataset_size")),
            checkpointing_said=preflight.checkpointing_said(step),
        )
    except (TypeError, ValueError) as error:
        raise RunError(
            f"training_args: {error}",
            code="training-args",
            pointer=preflight.pointer_of(step, "training_args"),
        ) from error


def load_data(
    step: PassStep, source: Artifact, context: PassContext, settings: arguments.Settings
) -> tuple[Any, Any]:
    """(training, evaluation or None) as Tokens."""
    from .. import data

    context.progress("data", 0, 1)
    workflow = context.workflow
    models_own = load_tokenizer(source)

    def tokens_of(name: str) -> Any:
        config = _data_config(step, name, workflow.data_configs)
        tokenizer = _tokenizer_for(config, source, context) or models_own
        rows = data.load(config, workflow, trust_user_script=context.trust_user_script, log=context.log)
        made = data.tokenise(
            config, rows, tokenizer, workflow=workflow, trust_user_script=context.trust_user_script
        )
        for note in made.notes:
            context.log(note)
        return made

    tokens = tokens_of("train_data_config")
    held_out = None
    size = step.parameters.get("eval_dataset_size")
    if step.parameters.get("eval_data_config") is not None:
        held_out = tokens_of("eval_data_config")
    elif size:
        seed = settings.data_seed if settings.data_seed is not None else 42
        tokens, held_out = data.split_for_eval(
            tokens, float(size), seed=seed, pointer=preflight.pointer_of(step, "eval_dataset_size")
        )
    padding = f"; {tokens.padding:,} tokens of padding are not computed" if tokens.padding else ""
    cut = f"; {tokens.truncated:,} rows were cut" if tokens.truncated else ""
    dropped = f"; {tokens.dropped:,} dropped" if tokens.dropped else ""
    context.log(f"{tokens.sequences:,} sequences of {tokens.tokens:,} tokens{padding}{cut}{dropped}")
    context.progress("data", 1, 1)
    return tokens, held_out


def _tokenizer_for(config: DataConfig, source: Artifact, context: PassContext) -> Any | None:
    """The tokenizer of another model, where the data config's `model_name` asks for one."""
    from .. import data

    name = data.own_tokenizer(config, context.workflow)
    if name is None:
        return None
    context.log(f"data config {config.name} is tokenised with the tokenizer of {name}")
    trust = config.pre_process.params.get("trust_remote_code") or source.load_kwargs.get("trust_remote_code")
    kwargs = {"trust_remote_code": True} if trust else {}
    try:
        return load_tokenizer(Artifact("hf_model", name, path=name, load_kwargs=kwargs))
    except RunError as error:
        raise RunError(
            error.message,
            code=error.code,
            pointer=config.pre_process.pointers.get("model_name", config.pre_process.pointer),
            hint="take model_name out to use the tokenizer of the model itself",
        ) from error


def _data_config(step: PassStep, name: str, configs: Mapping[str, DataConfig]) -> DataConfig:
    written = step.parameters[name]
    if isinstance(written, DataConfig):
        return written
    try:
        return configs[written]
    except KeyError:
        raise RunError(
            f"{name} names {written}, which data_configs does not have",
            code="data-config-unknown",
            pointer=preflight.pointer_of(step, name),
        ) from None


def base_dtype(step: PassStep, settings: arguments.Settings) -> Any:
    """The dtype of the frozen weights: `torch_dtype`, float32 under float16 mixed precision, as Olive loads them."""
    import torch

    name = step.parameters.get("torch_dtype") or "bfloat16"
    if name == "float16" or settings.autocast == "float16":
        return torch.float32
    return getattr(torch, name)


def prepare(
    step: PassStep,
    source: Artifact,
    context: PassContext,
    settings: arguments.Settings,
    device: hardware.Device,
    dtype: Any,
) -> tuple[Artifact, Adapted]:
    """The model with its adapter, seeded; and the artifact that the adapter belongs to (LoftQ makes a new one)."""
    import torch

    if step.type in preflight.QUANTISED:
        from . import quantised

        return quantised.prepare(step, source, context, settings, device, dtype)
    model = load_causal_lm(source, dtype=dtype, device=device.torch_device, log=context.log)
    chosen = choose_targets(step, model)
    torch.manual_seed(settings.seed)
    return source, put_adapter(step, model, chosen, source)


def choose_targets(step: PassStep, model: Any) -> tuple[str, ...] | str:
    """Targets against the loaded model; RunError listing its layers where nothing matches."""
    layers = targets.from_model(model)
    model_type = str(getattr(model.config, "model_type", ""))
    for problem in preflight.against_layers(step, layers, model_type):
        if problem.severity.value == "error":
            raise RunError(problem.message, code=problem.code, pointer=problem.pointer)
    return preflight.resolve(step, layers, model_type)


def put_adapter(step: PassStep, model: Any, chosen: tuple[str, ...] | str, source: Artifact) -> Adapted:
    """Our own LoRA where it does all that is asked, peft's layers for the rest."""
    parameters = step.parameters
    layers = targets.from_model(model)
    names = [layer.name for layer in targets.select(layers, chosen)]
    plain = step.type in ("LoRA", "QLoRA", "LoftQ")
    extras = parameters.get("modules_to_save") or (parameters.get("bias") or "none") != "none"
    # transformers' Trainer knows adapters only as peft's.
    reasons = arguments.stock_reasons(parameters.get("training_args"), "current")
    if plain and names and not extras and not reasons and not parameters.get("ephemeral_gpu_offload"):
        spec = adapters.LoraSpec(
            int(parameters["r"]), float(parameters["alpha"]), float(parameters["lora_dropout"]), chosen
        )
        adapters.attach(model, names, spec)
        base = source.path or ""
        return Adapted(model, lambda folder: adapters.save(model, folder, spec, base), chosen, len(names))
    from . import peft_adapters

    wrapped = peft_adapters.attach(model, peft_adapters.config(step.type, parameters, chosen, "CAUSAL_LM"))
    return Adapted(model, lambda folder: peft_adapters.save(wrapped, folder), chosen, len(names), wrapped)


def train(
    model: Any,
    tokens: Any,
    held_out: Any,
    settings: arguments.Settings,
    step: PassStep,
    source: Artifact,
    context: PassContext,
    device: hardware.Device,
    plan: loop.Plan,
) -> loop.Outcome:
    """Our loop, with checkpoints, resume, and memory that runs out told as such."""
    import torch

    fingerprint = training_fingerprint(step, source, settings, tokens, held_out)
    kept = _find_checkpoint(context, settings, fingerprint)
    if kept is not None:
        meta = kept[1]
        plan = replace(plan, token_budget=meta["token_budget"], checkpointing=meta["checkpointing"])
        if device.kind == "cpu" and meta["threads"] != torch.get_num_threads():
            torch.set_num_threads(meta["threads"])
    planning.apply_checkpointing(model, plan, settings)
    meta = {
        "fingerprint": fingerprint,
        "token_budget": plan.token_budget,
        "checkpointing": plan.checkpointing,
        "threads": torch.get_num_threads(),
    }
    last = time.monotonic()

    def save(state: Callable[[], dict[str, Any]], due: bool) -> None:
        nonlocal last
        if due or time.monotonic() - last >= CHECKPOINT_SECONDS:
            made = state()
            checkpoints.write(context.checkpoints, made["step"], made, meta)
            if due and settings.output_dir:
                limit = settings.save_total_limit
                checkpoints.write(
                    context.workflow.base_dir / settings.output_dir, made["step"], made, meta, limit
                )
            last = time.monotonic()

    def stopped(state: dict[str, Any]) -> None:
        checkpoints.write(context.checkpoints, state["step"], state, meta)
        context.log(f"stopped after step {state['step']}; resume goes on from here")

    hooks = loop.Hooks(
        metric=context.metric,
        progress=lambda *, done, total, **more: context.progress("train", done, total, **more),
        log=context.log,
        check_stop=context.check_stop,
        save=save,
        stopped=stopped,
    )
    pointer = preflight.pointer_of(step, "training_args")
    try:
        training = loop.Training(model, tokens, settings, plan, device.torch_device, hooks, held_out, pointer)
        context.log(
            f"{training.total:,} steps of {settings.batch_size} x {settings.accumulation} rows, "
            f"{settings.optimiser} at {settings.learning_rate:g}, schedule {settings.scheduler}"
        )
        if kept is not None:
            training.restore(kept[0])
            context.log(f"resumed after step {training.step}")
            kept = None
        context.progress("train", training.step, training.total)
        return training.run()
    except (Cancelled, RunError):
        raise
    except Exception as error:
        if is_out_of_memory(error):
            longest = max(len(one) for one in tokens.ids)
            raise out_of_memory(settings, longest, plan.checkpointing, device.name, pointer) from error
        raise


def pad_token_id(source: Artifact) -> int:
    """The token that Olive pads with: the tokenizer's own, else its end of text."""
    tokenizer = load_tokenizer(source)
    for found in (tokenizer.pad_token_id, tokenizer.eos_token_id):
        if found is not None:
            return int(found)
    return 0


def _find_checkpoint(
    context: PassContext, settings: arguments.Settings, fingerprint: str
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The run's own newest checkpoint, else one that the config names or left in its output_dir."""
    found = checkpoints.newest(context.checkpoints, fingerprint, context.log)
    if found is not None:
        return found
    if settings.resume_from:
        named = context.workflow.base_dir / settings.resume_from
        found = checkpoints.newest(named.parent, fingerprint, context.log, only=named.name)
        if found is None:
            raise RunError(
                f"resume_from_checkpoint {named} is no checkpoint of this training",
                code="checkpoint-unusable",
                hint="checkpoints of transformers' Trainer cannot be continued here; remove the argument",
            )
        return found
    if settings.output_dir and not settings.overwrite_output_dir:
        return checkpoints.newest(context.workflow.base_dir / settings.output_dir, fingerprint, context.log)
    return None


def training_fingerprint(
    step: PassStep, source: Artifact, settings: arguments.Settings, tokens: Any, held_out: Any
) -> str:
    """What a checkpoint must share to be continued: model, parameters, data, versions that change bits."""
    import numpy
    import torch

    digest = hashlib.sha256()
    parameters = {name: value for name, value in step.parameters.items() if not name.endswith("data_config")}
    training = {name: value for name, value in settings.raw.items() if name not in _PLACES}
    parameters.pop("training_args", None)
    facts = [step.type, parameters, training, source.fingerprint, torch.__version__]
    digest.update(json.dumps(facts, sort_keys=True, default=_plain).encode())
    for one in (tokens, held_out):
        if one is None:
            continue
        for part in (one.ids, one.labels, one.attention):
            for row in part:
                digest.update(b"|" if row is None else numpy.asarray(row, dtype=numpy.int32).tobytes() + b";")
        digest.update(str((one.padded_to, one.padding_side, one.use_attention_mask)).encode())
    return digest.hexdigest()


_PLACES = frozenset(
    {
        "output_dir",
        "resume_from_checkpoint",
        "overwrite_output_dir",
        "save_steps",
        "save_strategy",
        "save_total_limit",
    }
)
"""Arguments that say where and when to save; they change nothing of what is trained."""


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else str(value)


def _quantisation(step: PassStep) -> dict[str, Any]:
    if step.type == "QLoRA":
        return {"quantization": step.parameters.get("quant_type") or "nf4"}
    return {"quantization": "nf4"} if step.type == "LoftQ" else {}


def targets_text(chosen: tuple[str, ...] | str) -> str:
    return chosen if isinstance(chosen, str) else ", ".join(chosen)


def folder_hash(folder: Path) -> str:
    """sha256 over names and contents of the files under `folder`."""
    digest = hashlib.sha256()
    for file in sorted(one for one in folder.rglob("*") if one.is_file()):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
        with file.open("rb") as handle:
            while block := handle.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
