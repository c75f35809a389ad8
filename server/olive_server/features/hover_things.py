"""Hover on what a config defines: passes with their place in the plan, data configs, systems, evaluators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from olive_schemas.tree import to_python

from ..document import Document
from ..local_sources import source_of
from ..parts import PassPart
from . import described
from .local_context import data_root
from .model_facts import adapter_text
from .plan import Step, step_of
from .samples import count_text
from .summaries import devices, summary
from .wording import pass_link, runs_text
from .wording_defaults import defaults_in_force


def definition_text(document: Document, kind: str, name: str) -> str:
    """The thing of that name; empty where the config does not define it."""
    if name not in document.view.definitions.get(kind, {}):
        return ""
    if kind == "pass":
        texts = [pass_text(document, part) for part in document.parts.every_pass() if part.name == name]
        return "\n\n---\n\n".join(texts[:4])
    lines = [" · ".join(word for word in (f"**{name}**", summary(document, kind, name)) if word)]
    if kind == "data_config":
        lines += list(_data_config(document, name))
    elif kind == "system":
        lines += list(_system(document, name))
    elif kind == "evaluator":
        lines += list(_evaluator(document, name))
    lines.append(_users(document, kind, name))
    return "\n".join([lines[0], "", *(f"- {line}" for line in lines[1:])])


def pass_text(document: Document, part: PassPart) -> str:
    """What it does, where it stands in the plan, what it takes and gives, and the defaults that it goes by."""
    schema = part.schema
    if schema is None:
        return f"**{part.name}** · {part.type or 'no type yet'}" if part.name else ""
    step = step_of(document, part.pointer)
    place = f" · step {step.number} of {step.total}" if step and step.total > 1 else ""
    facts = [
        *(_neighbours(step) if step else ()),
        runs_text(schema) if document.scope.embedded else "",
        ""
        if document.scope.knows(schema.raw)
        else f"the releases at hand do not know it ({described.life(schema.raw)})",
        adapter_text(document, part),
        defaults_in_force(document, part.pointer),
    ]
    lines = [f"**{part.name}** · {schema.type}{place}", "", schema.description, ""]
    lines += [f"- {fact}" for fact in facts if fact]
    return "\n".join([*lines, "", pass_link(schema.type)])


_SAYS = {
    "hf_model": "a transformers model",
    "adapter": "a model with an adapter",
    "onnx_model": "an ONNX model",
    "pytorch_model": "a PyTorch model",
    "openvino_model": "an OpenVINO model",
}


def _neighbours(step: Step) -> Iterator[str]:
    source = f"`{step.before.name}` ({step.before.type})" if step.before else "the input model"
    kind = _SAYS.get(step.gets, "")
    yield f"gets {kind} from {source}" if kind else f"comes after {source}"
    made = step.part.schema.gives if step.part.schema else ()
    gives = " or ".join(_SAYS.get(one, one.replace("_", " ")) for one in made)
    then = f"`{step.after.name}` ({step.after.type})" if step.after else ""
    result = f" to {then}" if then else ", the result"
    yield f"gives {gives}{result}" if gives else f"then comes {then}" if then else "is the last step"


def _data_config(document: Document, name: str) -> Iterator[str]:
    part = document.parts.data_config(name)
    if part is None:
        return
    node = document.tree.find(part.pointer)
    source = source_of(to_python(node), document.folder, data_root(document)) if node is not None else None
    table = source.table() if source else None
    if source and table:
        yield f"`{source.path.name}`: {count_text(table, source.others)}"
    elif source:
        yield f"`{source.path.name}`"
    for stage, keys in (
        ("pre_process_data", ("strategy", "corpus_strategy", "max_seq_len", "source_max_len", "text_cols")),
        ("dataloader", ("batch_size",)),
    ):
        component = part.components.get(stage)
        written = [(key, component.value(key)) for key in keys] if component else []
        words = [f"`{key}` {described.shown(value, 40)}" for key, value in written if value is not None]
        if words:
            yield ", ".join(words)


def _system(document: Document, name: str) -> Iterator[str]:
    part = document.parts.systems.get(name)
    if part is not None and devices(part):
        yield f"computes on {devices(part)}"


def _evaluator(document: Document, name: str) -> Iterator[str]:
    for metric in document.parts.metrics:
        if metric.evaluator != name:
            continue
        numbers = [_number(sub.name, sub.value("priority"), sub.value("goal")) for sub in metric.sub_types]
        data = metric.value("data_config")
        on = f" on `{data}`" if isinstance(data, str) else ""
        yield f"`{metric.name or metric.type}` ({metric.type}){on}: {', '.join(numbers)}".rstrip(": ")


def _number(name: str, priority: Any, goal: Any) -> str:
    words = [name]
    if isinstance(priority, int) and priority > 0:
        words.append(f"priority {priority}")
    if isinstance(goal, dict) and isinstance(goal.get("type"), str):
        words.append(f"goal {goal['type']} {described.shown(goal.get('value'), 20)}")
    return ", ".join(words) if len(words) == 1 else f"{words[0]} ({', '.join(words[1:])})"


def _users(document: Document, kind: str, name: str) -> str:
    """Where it is used, by the names of the passes and keys."""
    places = [use.pointer for use in document.view.uses if use.kind == kind and use.name == name]
    if not places:
        return "not used"
    words = [f"`{place.strip('/').replace('/', '.')}`" for place in places[:5]]
    more = f" and {len(places) - 5} more" if len(places) > 5 else ""
    return f"used by {', '.join(words)}{more}"
