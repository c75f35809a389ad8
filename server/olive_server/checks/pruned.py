"""Parameters that a pass finds unfit just before it runs: Olive logs a line, leaves the pass out ("pruned"), and the
run ends without a model although the passes before it have done their work.

`pass-pruned`: a precision that the target's execution provider does not compute in, or parameters that exclude one
another. Told only where the target is certain: one accelerator with its provider.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from olive_schemas.nearest import listing
from olive_schemas.problems import Problem, Related, Severity
from olive_schemas.releases import FIRST_CURRENT

from ._accelerators import CPU, Target, target_of
from ._told import gravity, insert, olive, remove, replace, told

if TYPE_CHECKING:
    from olive_schemas.report import Field

    from ..document import Document
    from ..parts import PassPart

CODES = {"pass-pruned": "Olive leaves the pass out, and the run ends without a model"}


class Unfit(NamedTuple):
    """What a pass does not take: where it is written, why, what would do, and the releases that prune for it."""

    field: Field
    why: str
    instead: tuple[Any, ...] = ()
    since: str = ""
    until: str = ""
    by_target: bool = False
    add: tuple[tuple[str, Any], ...] = ()
    """Parameters that would do if they were written, instead of another value."""


def check(document: Document) -> Iterable[Problem]:
    if document.parts.searching:
        return
    target = target_of(document)
    for part in document.parts.every_pass():
        look = _LOOKS.get(part.schema.type) if part.schema else None
        if look is None:
            continue
        for unfit in look(part, target):
            severity = gravity(document.scope, unfit.since, unfit.until)
            if severity is not None:
                yield _told(part, unfit, severity, document, target)
                break


def _told(
    part: PassPart, unfit: Unfit, severity: Severity, document: Document, target: Target | None
) -> Problem:
    who = olive(document.scope, unfit.since, unfit.until)
    related = [Related(target.pointer, "the target")] if unfit.by_target and target and target.pointer else []
    remedies = [replace(unfit.field.pointer, value) for value in unfit.instead]
    remedies += [insert(part.pointer, name, value) for name, value in unfit.add]
    if not remedies and not unfit.field.pointer.endswith("/type"):
        remedies = [remove(unfit.field.pointer)]
    return told(
        severity,
        "pass-pruned",
        f"{unfit.why}: {who} leaves `{part.name}` out, and the run ends without a model",
        unfit.field.pointer,
        remedies=remedies,
        related=related,
    )


def _is(field: Field | None, *values: Any) -> bool:
    return field is not None and any(
        field.value == value and type(field.value) is type(value) for value in values
    )


def _model_builder(part: PassPart, target: Target | None) -> Iterator[Unfit]:
    precision = part.get("precision")
    if precision is None or not isinstance(precision.value, str):
        return
    elsewhere = target is not None and (target.device not in ("", "gpu") or target.provider == CPU)
    if target is not None and elsewhere and target.provider and _is(precision, "fp16"):
        yield Unfit(
            precision,
            f"fp16 needs a GPU, and the target is `{target.device or 'cpu'}` with {target.provider}",
            ("fp32", "int4"),
            by_target=True,
        )
    if target is not None and _is(precision, "bf16") and target.provider not in ("", "CUDAExecutionProvider"):
        yield Unfit(
            precision,
            f"bf16 is for CUDAExecutionProvider, and the target has {target.provider}",
            ("fp32", "int4"),
            since="0.10.0",
            by_target=True,
        )
    built = ("fp32", "fp16", "int8", "int4")
    if precision.value in ("int16", "int32", "uint4", "uint8", "uint16", "uint32", "fp4", "fp8", "nf4"):
        yield Unfit(
            precision,
            f"ModelBuilder builds {listing([*built, 'bf16'])}, not {precision.value}",
            built,
            since="0.9.0",
        )


def _transformers_optimization(part: PassPart, target: Target | None) -> Iterator[Unfit]:
    half, gpu, gqa = part.get("float16"), part.get("use_gpu"), part.get("use_gqa")
    unfit = target is not None and target.provider in (CPU, "TensorrtExecutionProvider")
    if target is not None and unfit and half is not None and _is(half, True):
        yield Unfit(half, f"`float16` is not for {target.provider}", (False,), by_target=True)
    if target is not None and gpu is not None and _is(gpu, True) and target.provider == CPU:
        yield Unfit(gpu, f"`use_gpu` is not for {CPU}", (False,), by_target=True)
    if gqa is not None and _is(gqa, True) and (half is None or _is(half, False)):
        yield Unfit(gqa, "`use_gqa` needs `float16`", (False,), since="0.4.0")
    only, level = part.get("only_onnxruntime"), part.get("opt_level")
    if only is not None and _is(only, True) and (level is None or level.value is None):
        yield Unfit(only, "`only_onnxruntime` needs an `opt_level`", (False,))
    if only is not None and _is(only, True) and level is not None and _is(level, 0, -1):
        yield Unfit(level, "`only_onnxruntime` needs an `opt_level` of 1 or more", (1, 2, 99))


def _group_size(part: PassPart, target: Target | None) -> Iterator[Unfit]:
    size = part.get("group_size")
    if size is not None and isinstance(size.value, int) and size.value <= 0 and size.value != -1:
        yield Unfit(size, "`group_size` is -1 (whole columns) or greater than 0", (-1, 128))


def _gptq(part: PassPart, target: Target | None) -> Iterator[Unfit]:
    yield from _group_size(part, target)
    order, size = part.get("desc_act"), part.get("group_size")
    if order is not None and _is(order, True) and not _is(size, -1):
        yield Unfit(order, "`desc_act` needs a `group_size` of -1", (False,), since="0.9.2")


def _bnb(part: PassPart, target: Target | None) -> Iterator[Unfit]:
    precision = part.get("precision")
    if precision is not None and isinstance(precision.value, str) and not _is(precision, "fp4", "nf4"):
        yield Unfit(
            precision,
            f"OnnxBnb4Quantization makes fp4 or nf4, not {precision.value}",
            ("nf4", "fp4"),
            since="0.9.0",
        )


def _optimum(part: PassPart, target: Target | None) -> Iterator[Unfit]:
    half, device = part.get("fp16"), part.get("device")
    if half is not None and _is(half, True) and not _is(device, "cuda"):
        yield Unfit(half, '`fp16` needs `device` "cuda"', (False,), since="0.5.0")


def _session_tuning(part: PassPart, target: Target | None) -> Iterator[Unfit]:
    bound, written = part.get("io_bind"), part.get("providers_list")
    provider = written.value if written else target.provider if target else ""
    if provider == "CUDAExecutionProvider" and not (bound is not None and _is(bound, True)):
        place = bound or part.get("type")
        if place is not None:
            yield Unfit(
                place,
                "tuning for CUDAExecutionProvider needs `io_bind`",
                (True,) if bound else (),
                since=FIRST_CURRENT,
                by_target=True,
                add=() if bound else (("io_bind", True),),
            )
    if provider == CPU and bound is not None and _is(bound, True):
        yield Unfit(bound, f"`io_bind` is not for {CPU}", (False,), since=FIRST_CURRENT, by_target=True)


def _modelopt(part: PassPart, target: Target | None) -> Iterator[Unfit]:
    made_up = part.get("use_random_calibration_data", "random_calib_data")
    if part.value("tokenizer_dir") or (made_up is not None and _is(made_up, True)):
        return
    place = part.get("type")
    if place is not None:
        why = "NVModelOptQuantization needs a `tokenizer_dir`, or random data to calibrate on"
        yield Unfit(place, why, since="0.7.1.1", add=(("use_random_calibration_data", True),))


def _split(part: PassPart, target: Target | None) -> Iterator[Unfit]:
    if part.get("num_splits") is None and part.get("cost_model") is None and (place := part.get("type")):
        yield Unfit(place, "CaptureSplitInfo needs `num_splits` or `cost_model`", since=FIRST_CURRENT)


def _mixed(part: PassPart, target: Target | None) -> Iterator[Unfit]:
    way, ratio = part.get("algorithm"), part.get("ratio")
    if (way is None or way.value is None) and (place := part.get("type")):
        yield Unfit(way or place, "SelectiveMixedPrecision needs an `algorithm`", since="0.12.0")
    if way is None or not isinstance(way.value, str) or way.value.startswith("k_quant"):
        return
    value = ratio.value if ratio else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1:
        yield Unfit(
            ratio or way, f"the algorithm {way.value} needs a `ratio` between 0 and 1", since="0.11.0"
        )


_LOOKS: dict[str, Callable[[PassPart, Target | None], Iterator[Unfit]]] = {
    "ModelBuilder": _model_builder,
    "OrtTransformersOptimization": _transformers_optimization,
    "Gptq": _gptq,
    "KQuant": _group_size,
    "AutoClip": _group_size,
    "OnnxBnb4Quantization": _bnb,
    "OptimumConversion": _optimum,
    "NVModelOptQuantization": _modelopt,
    "OrtSessionParamsTuning": _session_tuning,
    "CaptureSplitInfo": _split,
    "SelectiveMixedPrecision": _mixed,
}
