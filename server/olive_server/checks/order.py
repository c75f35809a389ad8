"""Passes in an order that cannot work: each takes a kind of model and gives one.

`pass-order`: a pass gets what it cannot take, such as an ONNX pass a transformers model. Olive fails in that pass,
after the earlier ones have run.

`missing-merge`: a pass that trains gets a model that has an adapter already (an error), or ModelBuilder gets one:
Olive hands the adapter on to onnxruntime-genai, and the embedded engine wants MergeAdapterWeights between
(information; after QLoRA too, whose adapter was trained on 4-bit weights and is built on the full ones).

`missing-adapter`: MergeAdapterWeights with no adapter made before it.

`already-quantized`: QLoRA or LoftQ, which quantize by themselves, after a pass that has quantized the model.

Each flow of `pass_flows` is looked at by itself; only the first pass of a flow that cannot work is told, and nothing
where it is not certain what arrives. A config with two passes that convert the model is a stock from which a script
picks: what does not fit there is a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from olive_schemas.catalog import PassSchema
from olive_schemas.problems import Problem, Related, Severity
from olive_schemas.releases import index
from olive_schemas.tree import join

from ._kinds import CERTAIN, SAYS, TORCH, gives_of, input_kind
from ._told import remove, told

if TYPE_CHECKING:
    from ..document import Document
    from ..parts import PassPart

CODES = {
    "pass-order": "a pass gets a kind of model that it cannot take",
    "missing-merge": "an adapter should be merged before this pass",
    "missing-adapter": "nothing makes the adapter that this pass merges",
    "already-quantized": "the model that arrives is quantized already",
}
_QUANTIZERS = frozenset(
    (
        "GptqQuantizer",
        "Gptq",
        "GptqModel",
        "AutoAWQQuantizer",
        "Rtn",
        "KQuant",
        "AutoClip",
        "QuarkQuantization",
    )
)
_WANT_FULL = frozenset(("QLoRA", "LoftQ"))
_CONVERSIONS = "OnnxConversion or ModelBuilder"


def check(document: Document) -> Iterable[Problem]:
    parts = document.parts
    if parts.model is None:
        return
    kind = input_kind(parts.model)
    if not all(parts.passes):
        return  # one is not written as a pass: that is told, and the order may be right without it
    if any(part.schema and not document.scope.knows(part.schema.raw) for part in parts.every_pass()):
        return
    by_name = {alternatives[0].name: alternatives for alternatives in parts.passes if alternatives}
    flows = parts.flows if _has_flows(document) else (tuple(by_name),)
    seen: set[tuple[str, str]] = set()
    for flow in flows:
        steps = [by_name[name] for name in flow if name in by_name]
        if len(steps) != len(flow):
            continue
        makers = {join(step[0].pointer, "type"): step[0] for step in steps if _leaves_torch(step[0])}
        for problem in _flow(kind, steps):
            if len(makers) > 1 and problem.severity is Severity.ERROR and _is_choice(problem, makers):
                problem = replace(problem, severity=Severity.WARNING)
            if (problem.code, problem.pointer) not in seen:
                seen.add((problem.code, problem.pointer))
                yield problem


def _has_flows(document: Document) -> bool:
    scope = document.scope
    return index(scope.oldest) <= index("0.7.1.1") and index(scope.newest) >= index("0.3.1")


def _is_choice(problem: Problem, makers: dict[str, PassPart]) -> bool:
    """Whether two passes that convert the model stand against one another, so that a script must pick one of them."""
    return problem.pointer in makers or any(
        related.pointer in makers and "onnx_model" not in _schema_gives(makers[related.pointer])
        for related in problem.related
    )


def _schema_gives(step: PassPart) -> tuple[str, ...]:
    return step.schema.gives if step.schema else ()


def _leaves_torch(step: PassPart) -> bool:
    """Whether the pass makes something else of a PyTorch model. Of two such, one is never reached as it is: files
    like that are a stock from which a script picks the passes of each run."""
    schema = step.schema
    if schema is None or step.value("metadata_only") is True:
        return False
    return bool(TORCH & set(schema.takes)) and not (TORCH | {"adapter", "any"}) & set(schema.gives)


def _flow(kind: str, steps: list[tuple[PassPart, ...]]) -> Iterator[Problem]:
    """The first thing that cannot work, and what is worth knowing before it."""
    if not kind:
        return
    source: PassPart | None = None
    quantized: PassPart | None = None
    for alternatives in steps:
        step = alternatives[0]
        schema = step.schema
        if len(alternatives) != 1 or schema is None:
            return
        if schema.type in _WANT_FULL and quantized is not None:
            yield _quantized(step, schema, quantized)
            return
        problem = _takes(step, schema, kind, source)
        if problem is not None:
            late = problem.code == "missing-merge" and _merged_later(step, steps)
            if not late:  # Of a merge that stands too late it is told there.
                yield problem
            if problem.severity is Severity.ERROR:
                return
        kind = gives_of(schema, kind)
        if not kind:
            return
        source = step
        if schema.type in _QUANTIZERS:
            quantized = step


def _merged_later(step: PassPart, steps: list[tuple[PassPart, ...]]) -> bool:
    behind = steps[next(place for place, entry in enumerate(steps) if step in entry) + 1 :]
    return any(entry.type.lower() == "mergeadapterweights" for entries in behind for entry in entries)


def _takes(step: PassPart, schema: PassSchema, kind: str, source: PassPart | None) -> Problem | None:
    takes = set(schema.takes)
    place = step.get("type")
    assert place is not None
    if not takes or "any" in takes:
        return None
    if schema.type == "MergeAdapterWeights" and kind in TORCH:
        return _no_adapter(step, place.pointer, source)
    if schema.type == "ModelBuilder":
        return _build(step, kind, place.pointer, source)
    if kind == "adapter":
        if "adapter" in schema.gives:
            return _second_adapter(schema, place.pointer, source)
        if takes & (TORCH | {"adapter"}):
            return None
    elif (
        kind in takes
        or (kind in TORCH and takes & (TORCH | {"adapter"}))
        or (kind == "onnx_model" and "composite_model" in takes)
    ):
        return None
    if not takes <= CERTAIN | {"composite_model", "qnn_model", "snpe_model", "distributed_hf_model"}:
        return None
    return _wrong(schema, takes, kind, place.pointer, source)


def _from(source: PassPart | None) -> str:
    return "the input model" if source is None else f"`{source.name}` ({source.type})"


def _related(source: PassPart | None) -> list[Related]:
    if source is None:
        return [Related("/input_model/type", "this is what arrives")]
    return [Related(join(source.pointer, "type"), "this is what arrives")]


def _wrong(schema: PassSchema, takes: set[str], kind: str, pointer: str, source: PassPart | None) -> Problem:
    wanted = [SAYS[name] for name in schema.takes if name in SAYS] or [
        name.replace("_", " ") for name in schema.takes
    ]
    remedy = ""
    if kind in TORCH | {"adapter"} and "onnx_model" in takes:
        remedy = f": put a pass that makes an ONNX model before it, {_CONVERSIONS}"
    elif kind == "onnx_model" and takes & (TORCH | {"adapter"}):
        remedy = (
            f": put it before {_from(source)}"
            if source is not None
            else ": give a transformers model as `input_model`"
        )
    elif "openvino_model" in takes:
        remedy = ": put OpenVINOConversion before it"
    return told(
        Severity.ERROR,
        "pass-order",
        f"{schema.type} takes {' or '.join(dict.fromkeys(wanted))}, and {_from(source)} gives {SAYS[kind]}{remedy}",
        pointer,
        related=_related(source),
    )


def _no_adapter(step: PassPart, pointer: str, source: PassPart | None) -> Problem:
    return told(
        Severity.ERROR,
        "missing-adapter",
        f"MergeAdapterWeights merges an adapter, and {_from(source)} gives none: put a pass that trains one before it "
        "(LoRA, QLoRA), or give `adapter_path` in `input_model`",
        pointer,
        remedies=[remove(step.pointer, title=f"Remove the pass `{step.name}`")],
        related=_related(source),
    )


def _second_adapter(schema: PassSchema, pointer: str, source: PassPart | None) -> Problem:
    return told(
        Severity.ERROR,
        "missing-merge",
        f"{schema.type} trains a new adapter, and {_from(source)} gives a model that has one already: put a "
        "MergeAdapterWeights pass between them",
        pointer,
        related=_related(source),
    )


def _build(step: PassPart, kind: str, pointer: str, source: PassPart | None) -> Problem | None:
    only_settings = step.value("metadata_only") is True
    if kind == "adapter" and not only_settings:
        why = (
            "the adapter was trained on 4-bit weights, and is built on the full ones"
            if source is not None and source.type.lower() in ("qlora", "loftq")
            else "Olive hands the adapter on to onnxruntime-genai, which keeps it apart"
        )
        return told(
            Severity.INFORMATION,
            "missing-merge",
            f"no MergeAdapterWeights stands between {_from(source)} and ModelBuilder: {why}; the embedded engine "
            "builds whole models only: merge first",
            pointer,
            related=_related(source),
        )
    if only_settings and kind in TORCH | {"adapter"}:
        metadata = step.get("metadata_only")
        assert metadata is not None
        return told(
            Severity.ERROR,
            "pass-order",
            f"`metadata_only` writes settings beside an ONNX model, and {_from(source)} gives {SAYS[kind]}",
            metadata.pointer,
            remedies=[remove(metadata.pointer)],
            related=_related(source),
        )
    if kind == "onnx_model" and not only_settings:
        return told(
            Severity.ERROR,
            "pass-order",
            f"ModelBuilder builds from a transformers model, and {_from(source)} gives an ONNX model: "
            + (
                "give a transformers model as `input_model`"
                if source is None
                else f"put it before {_from(source)}"
            )
            + ", or set `metadata_only` to true to write only the settings",
            pointer,
            related=_related(source),
        )
    return None


def _quantized(step: PassPart, schema: PassSchema, quantizer: PassPart) -> Problem:
    place = step.get("type")
    assert place is not None
    return told(
        Severity.ERROR,
        "already-quantized",
        f"{schema.type} quantizes the model by itself, and `{quantizer.name}` ({quantizer.type}) has done so already: "
        "use LoRA, or leave one of them out",
        place.pointer,
        related=[Related(join(quantizer.pointer, "type"), "the model is quantized here")],
    )
