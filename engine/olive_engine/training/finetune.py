"""A fine-tuning pass from artifact to artifact: data, model, adapter, training, saving. Shared by all adapter passes.

Peak memory is the loop's: the model is loaded after the data is ready, and nothing is held twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from olive_schemas.workflow import DataConfig, PassStep

from .. import hardware
from ..artifact import Artifact
from ..context import PassContext
from ..errors import Cancelled, RunError
from . import arguments, attaching, checkpoints, continuing, loop, planning, preflight
from .failures import is_out_of_memory, out_of_memory
from .models import folder_hash, load_config, load_tokenizer

CHECKPOINT_SECONDS = 60.0


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
    source = written_out(source, context)
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
    dtype = attaching.base_dtype(step, settings)
    source, adapted = attaching.prepare(step, source, context, settings, device, dtype)
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


def written_out(source: Artifact, context: PassContext) -> Artifact:
    """The model as a folder: a merge that was put off is made now and kept with the adapter, which belongs to it."""
    if not source.deferred:
        return source
    from ..weights import materialise

    folder = context.output / "base_model"
    context.log("the merged model is written out, because training needs it whole")
    materialise(source, folder, context.log)
    return replace(source, path=str(folder), base=None, adapter_path=None)


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

    fingerprint = continuing.training_fingerprint(step, source, settings, tokens, held_out)
    kept = continuing.find_checkpoint(context, settings, fingerprint)
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


def _quantisation(step: PassStep) -> dict[str, Any]:
    if step.type == "QLoRA":
        return {"quantization": step.parameters.get("quant_type") or "nf4"}
    return {"quantization": "nf4"} if step.type == "LoftQ" else {}


def targets_text(chosen: tuple[str, ...] | str) -> str:
    return chosen if isinstance(chosen, str) else ", ".join(chosen)
