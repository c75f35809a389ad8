"""`docs/passes.md`: every pass type of every release, by what it is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..catalog import PassSchema, known_passes, pass_schema
from .anchors import CONFIG, anchor
from .tables import heading, table
from .words import code, releases

INTRODUCTION = """# Passes

Every pass type that a release of Microsoft Olive has or had, from 0.2.1 to 0.13.0 and its main branch, with all its
parameters. Olive Press runs those marked with ●; the others it knows and checks.

A parameter stands beside `type`, or in `config`; up to 0.6.2 only in `config`. What every pass may have beside its parameters
(`host`, `evaluator` ...) stands in [config.md](config.md#pass). Releases are left out where all have it. A parameter that is
not required may be null.

This page is generated from `schemas/olive_schemas/passes/`; `make docs` renders it anew.
"""

GROUPS = (
    ("Fine-tuning", "Training of adapters, and what is done with them."),
    ("Models in PyTorch", "Quantisation, pruning and other changes of a model before it is exported."),
    ("Export", "From PyTorch or TensorFlow to ONNX."),
    ("Quantisation of ONNX models", "Fewer bits for weights and activations of an exported model."),
    ("ONNX models", "Optimisation, surgery and other changes of an exported model."),
    ("Several parts", "Composite and distributed models."),
    ("OpenVINO", "For processors, graphics and NPUs of Intel."),
    ("Qualcomm", "QNN, AI Runtime and SNPE."),
    ("AMD", "Quark, and NPUs by way of Vitis AI."),
    ("Dropped", "Passes that Olive no longer has."),
)


def group_of(schema: PassSchema) -> str:
    """The group of the page that a pass belongs to."""
    name, takes, gives = schema.type, set(schema.takes), set(schema.gives)
    if schema.until:
        return "Dropped"
    if name.startswith("OpenVINO") or any(kind.startswith("openvino") for kind in gives):
        return "OpenVINO"
    if name.startswith(("QNN", "Qairt")) or any(
        k.startswith(("qnn", "qairt", "snpe")) for k in takes | gives
    ):
        return "Qualcomm"
    if name.startswith(("Quark", "Vitis", "Ryzen")):
        return "AMD"
    if "adapter" in gives or name in ("ExtractAdapters", "MergeAdapterWeights", "SDLoRA"):
        return "Fine-tuning"
    if (
        any(kind.startswith(("composite", "distributed")) for kind in takes | gives)
        and "onnx_model" in takes | gives
    ):
        return "Several parts" if "hf_model" not in takes else "Export"
    if "onnx_model" in gives and ("onnx_model" not in takes or name == "ModelBuilder"):
        return "Export"
    if takes & {"hf_model", "pytorch_model", "diffusers_model", "any"} and "onnx_model" not in takes:
        return "Models in PyTorch"
    if schema.raw.get("x-algorithms") or "Quant" in name or name.endswith(("QDQ", "Mnb")):
        return "Quantisation of ONNX models"
    return "ONNX models"


def render() -> str:
    """The whole page."""
    schemas = [schema for name in known_passes() if (schema := pass_schema(name))]
    by_group = {title: [s for s in schemas if group_of(s) == title] for title, _ in GROUPS}
    parts = [INTRODUCTION, _contents(by_group)]
    for title, about in GROUPS:
        if by_group[title]:
            parts.append(f"{heading(2, title, 'group-' + title)}\n\n{about}\n")
            parts.extend(_pass(schema) for schema in by_group[title])
    return "\n".join(parts).rstrip() + "\n"


def _contents(by_group: Mapping[str, list[PassSchema]]) -> str:
    lines = []
    for title, _ in GROUPS:
        links = ", ".join(f"[{_marked(s)}](#{anchor(s.type)})" for s in by_group[title])
        if links:
            lines.append(f"- **[{title}](#{anchor('group-' + title)})**: {links}")
    return "\n".join(lines) + "\n"


def _marked(schema: PassSchema) -> str:
    return f"{schema.type} ●" if schema.runs_here else schema.type


def _pass(schema: PassSchema) -> str:
    raw = schema.raw
    lines = [heading(3, _marked(schema), schema.type), "", schema.description, ""]
    facts = [f"takes {_kinds(schema.takes)}, gives {_kinds(schema.gives)}"]
    known = releases({"x-since": schema.since, "x-until": schema.until})
    if known and known != "from 0.2.1":
        facts.append(f"Olive {known}")
    for alias in raw.get("x-names", ()):
        span = releases({f"x-{key}": alias[key] for key in ("since", "until") if key in alias})
        facts.append(f"called {code(alias['name'])} {span}".strip())
    facts.extend(_supported(raw))
    if raw.get("x-dataset"):
        facts.append({"required": "needs data", "optional": "may use data"}.get(raw["x-dataset"], ""))
    if raw.get("x-packages"):
        facts.append("needs " + ", ".join(code(name) for name in raw["x-packages"]))
    lines.append(" · ".join(fact for fact in facts if fact))
    if schema.until:
        lines.extend(["", _successor(raw)])
    lines.append("")
    lines.append(
        table(schema.type, schema.properties, schema.required, CONFIG)
        if schema.properties
        else "No parameters."
    )
    return "\n".join(lines) + "\n"


def _supported(raw: Mapping[str, Any]) -> list[str]:
    found = []
    for key, word in (
        ("x-accelerators", "devices"),
        ("x-providers", "providers"),
        ("x-precisions", "precisions"),
    ):
        listed = raw.get(key, ["*"])
        if listed and "*" not in listed:
            found.append(f"{word}: " + ", ".join(name.removesuffix("ExecutionProvider") for name in listed))
    return found


def _successor(raw: Mapping[str, Any]) -> str:
    instead, name = raw.get("x-instead", ""), raw.get("x-replaced-by", "")
    link = f"[{name}](#{anchor(name)})" if name else ""
    if instead:
        return f"Instead: {instead}" + (f" See {link}." if link else "")
    return f"Instead: {link}." if link else "Olive has nothing in its place."


def _kinds(kinds: tuple[str, ...]) -> str:
    names = {
        "hf_model": "a transformers model",
        "onnx_model": "an ONNX model",
        "pytorch_model": "a PyTorch model",
        "openvino_model": "an OpenVINO model",
        "adapter": "an adapter",
        "any": "any model",
        "tensorflow_model": "a TensorFlow model",
        "diffusers_model": "a diffusion model",
    }
    return " or ".join(names.get(kind, "a " + kind.replace("_", " ")) for kind in kinds) or "nothing"
