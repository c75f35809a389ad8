"""Passes: flat parameters (0.7.0), their order (0.8.0), types and parameters that have other names now."""

from __future__ import annotations

from olive_schemas.catalog import earlier_names, pass_fields, pass_schema, successor
from olive_schemas.releases import RELEASES, index, known_in
from olive_schemas.tree import join

from .migrate_draft import Draft
from .migrate_quantisation import quantisation

_MODES = {"ORT_SEQUENTIAL": 0, "ORT_PARALLEL": 1}
_MATMUL = {
    "HQQ": "OnnxHqqQuantization",
    "RTN": "OnnxBlockWiseRtnQuantization",
    "DEFAULT": "OnnxBlockWiseRtnQuantization",
}


def migrate(draft: Draft) -> None:
    if not isinstance(draft.get("passes"), dict):
        return
    searching = bool(draft.get("engine", "search_strategy") or draft.get("search_strategy"))
    _flows(draft)
    for name in list(draft.get("passes") or {}):
        for pointer in alternatives(draft, join("/passes", name)):
            _beside(draft, pointer)
            _disable_search(draft, pointer, searching)
            _flat(draft, pointer)
            _matmul(draft, pointer)
            _type(draft, pointer)
            quantisation(draft, pointer, parameters(draft, pointer))
            _modes(draft, pointer)
            _split(draft, pointer)


def alternatives(draft: Draft, pointer: str) -> list[str]:
    """The pass at a pointer, or each of a list of them."""
    value = draft.at(pointer)
    found = [join(pointer, n) for n in range(len(value))] if isinstance(value, list) else [pointer]
    return [each for each in found if isinstance(draft.at(each), dict)]


def parameters(draft: Draft, pointer: str) -> str:
    """Where a pass's parameters stand: in `config`, or beside `type`."""
    return f"{pointer}/config" if isinstance(draft.at(f"{pointer}/config"), dict) else pointer


def _flows(draft: Draft) -> None:
    """The order of the passes is that of the text since 0.8.0."""
    flows = draft.get("pass_flows")
    if not draft.reaches("0.8.0") or "pass_flows" not in (draft.config or {}):
        return
    named = list(draft.get("passes"))
    if isinstance(flows, list) and flows and all(isinstance(flow, list) for flow in flows):
        first = [name for name in flows[0] if isinstance(name, str) and name in named]
        if len(flows) > 1:
            draft.person(
                "`pass_flows` is gone since 0.8.0, and a file has one flow: the first is kept; write a file each for "
                + ", ".join(" → ".join(str(name) for name in flow) for flow in flows[1:]),
                "/pass_flows",
            )
        else:
            draft.exact(
                "`pass_flows` is gone since 0.8.0: the passes run in the order they stand in", "/pass_flows"
            )
        for name in named:
            if name not in first:
                draft.note(
                    "lossy" if len(flows) > 1 else "exact",
                    f"the flow does not run `{name}`: removed",
                    join("/passes", name),
                )
                draft.remove(join("/passes", name))
        draft.reorder("/passes", first)
    draft.remove("/pass_flows")


def _beside(draft: Draft, pointer: str) -> None:
    """What stood beside `config` and was not read; what passes had beside their parameters."""
    if draft.reaches("0.7.0"):
        fields = pass_fields()
        for name in list(draft.at(pointer)) if draft.crosses("0.7.0") else ():
            if name not in fields and name != "config":
                draft.exact(
                    f"`{name}` beside `config` was not read, and would come alive since 0.7.0: removed",
                    join(pointer, name),
                )
                draft.remove(join(pointer, name))
        for name in ("clean_run_cache", "output_name"):
            place = join(pointer, name)
            if draft.at(place):
                draft.lossy(f"`{name}` of a pass is gone since 0.7.0: removed", place)
            draft.remove(place)


def _disable_search(draft: Draft, pointer: str, searching: bool) -> None:
    """A pass that is not searched has its values written out."""
    place = f"{pointer}/disable_search"
    written = draft.at(place)
    if not draft.reaches("0.7.1.1") or not draft.has(place):
        return
    type_name = draft.at(f"{pointer}/type")
    schema = pass_schema(type_name) if isinstance(type_name, str) else None
    if written and searching and schema is not None:
        inside = parameters(draft, pointer)
        names = draft.at(inside)
        due = [
            key
            for key, prop in schema.properties.items()
            if prop.get("x-search") and known_in(prop, draft.target) and key not in names
        ]
        if inside == pointer and draft.flatten and due:
            draft.insert(pointer, "config", {}, after="type")
            inside = f"{pointer}/config"
        for key in due:
            draft.insert(inside, key, "DEFAULT_VALUE")
        if due:
            draft.note(
                "default",
                "`disable_search` is gone since 0.7.1: what the search would try is held at its default",
                place,
            )
        else:
            draft.exact(
                "`disable_search` is gone since 0.7.1, and the pass has nothing to search: removed", place
            )
    else:
        draft.exact("`disable_search` is gone since 0.7.1, and nothing is searched here: removed", place)
    draft.remove(place)


def _flat(draft: Draft, pointer: str) -> None:
    if draft.flatten:
        if isinstance(draft.at(f"{pointer}/config"), dict):
            draft.unwrap(f"{pointer}/config", keep=("type", "host", "evaluator", "name", "config"))
        else:
            draft.remove(f"{pointer}/config")


def _matmul(draft: Draft, pointer: str) -> None:
    """One pass for each algorithm since 0.9.2."""
    if str(draft.at(f"{pointer}/type")).lower() != "onnxmatmul4quantizer" or not draft.reaches("0.9.2"):
        return
    place = parameters(draft, pointer)
    algorithm = str(draft.at(f"{place}/algorithm") or "DEFAULT")
    chosen = _MATMUL.get(algorithm.upper())
    if chosen is None:
        draft.person(
            f'OnnxMatMul4Quantizer is gone since 0.9.2, and "{algorithm}" has no pass for ONNX models: take Gptq before the '
            "conversion",
            f"{pointer}/type",
        )
        return
    draft.person(
        f"OnnxMatMul4Quantizer is gone since 0.9.2: written as {chosen}, which does the same algorithm; compare the results",
        f"{pointer}/type",
    )
    draft.replace(f"{pointer}/type", chosen)
    draft.remove(f"{place}/algorithm")


def _type(draft: Draft, pointer: str) -> None:
    written = draft.at(f"{pointer}/type")
    schema = pass_schema(written) if isinstance(written, str) else None
    if schema is None:
        return
    earlier = schema.type.lower() != written.lower()
    own = next((a for a in schema.raw.get("x-names", ()) if a["name"].lower() == written.lower()), None)
    if earlier and own and own.get("until") and index(own["until"]) >= index(draft.target):
        return
    if not earlier and known_in(schema.raw, draft.target):
        return
    following = successor(written)
    target = pass_schema(following) if following else None
    if target is None or not known_in(target.raw, draft.target):
        if not earlier and schema.until and index(draft.source) <= index(schema.until) < index(draft.target):
            draft.person(
                f"{written} is gone since {_after(schema.until)}, and nothing takes its place: take the pass out",
                f"{pointer}/type",
            )
        return
    draft.exact(f"{written} is called {target.type} now", f"{pointer}/type")
    draft.replace(f"{pointer}/type", target.type)
    place = parameters(draft, pointer)
    others = earlier_names(target.properties)
    for name in list(draft.at(place)):
        lacking = name in schema.properties and name not in target.properties and name not in others
        if lacking and name not in pass_fields():
            unset = draft.at(join(place, name)) is None
            draft.note(
                "exact" if unset else "lossy", f"{target.type} has no `{name}`: removed", join(place, name)
            )
            draft.remove(join(place, name))


def _after(release: str) -> str:
    return RELEASES[min(RELEASES.index(release) + 1, len(RELEASES) - 1)]


def _modes(draft: Draft, pointer: str) -> None:
    """onnxruntime's execution modes are numbers since 0.8.0."""
    place = join(parameters(draft, pointer), "execution_mode_list")
    written = draft.at(place)
    if not draft.reaches("0.8.0") or not isinstance(written, list):
        return
    numbers = [_MODES.get(each, each) if isinstance(each, str) else each for each in written]
    if numbers != written:
        draft.exact("execution modes are numbers since 0.8.0: 0 sequential, 1 parallel", place)
        draft.replace(place, numbers)


def _split(draft: Draft, pointer: str) -> None:
    """`eval_dataset_size` took a part of the training data."""
    place = parameters(draft, pointer)
    name = join(place, "eval_dataset_size")
    if not draft.reaches("0.7.0") or not draft.has(name):
        return
    if draft.at(name) is None or draft.at(join(place, "eval_data_config")) is not None:
        draft.exact("`eval_dataset_size` had no effect here: removed", name)
    else:
        draft.lossy(
            "`eval_dataset_size` is gone since 0.7.0, and nothing is evaluated while training: write a data config with a "
            "`split` of its own, name it in `eval_data_config`, and shorten the split that is trained on",
            name,
        )
    draft.remove(name)
