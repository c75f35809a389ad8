"""Training arguments: Olive's own defaults of old are written out, so that a training stays the same training."""

from __future__ import annotations

from typing import Any

from olive_schemas.catalog import pass_schema, training_arguments
from olive_schemas.tree import join

from .migrate_draft import Draft
from .migrate_passes import alternatives, parameters

_SINCE_OLIVE = {"evaluation_strategy": ("eval_strategy", "0.9.0")}
_ONE_OPTIMISER = "paged_adamw_32bit"
"""What every adapter pass took by default to 0.8.0."""


def migrate(draft: Draft) -> None:
    for name in draft.get("passes") or () if isinstance(draft.get("passes"), dict) else ():
        for pointer in alternatives(draft, join("/passes", name)):
            schema = pass_schema(str(draft.at(f"{pointer}/type")))
            if schema is not None and "training_args" in schema.properties:
                _evaluation(draft, pointer)
                _arguments(draft, pointer, schema.type)


def _evaluation(draft: Draft, pointer: str) -> None:
    """Data to evaluate on is always used since 0.7.0; before, only where a strategy said so."""
    place = parameters(draft, pointer)
    if not draft.crosses("0.7.0") or draft.at(join(place, "eval_data_config")) is None:
        return
    written = draft.at(join(place, "training_args"))
    strategy = written.get("evaluation_strategy", "no") if isinstance(written, dict) else "no"
    if strategy == "no":
        draft.exact(
            "nothing was evaluated (`evaluation_strategy` no), and would be since 0.7.0: removed",
            join(place, "eval_data_config"),
        )
        draft.remove(join(place, "eval_data_config"))


def _arguments(draft: Draft, pointer: str, pass_type: str) -> None:
    place = parameters(draft, pointer)
    goal = join(place, "training_args")
    changed = _changed(draft, pass_type)
    if draft.at(goal) is None and changed:
        draft.remove(goal)
        draft.insert(place, "training_args", {})
    written = draft.at(goal)
    if not isinstance(written, dict):
        return
    if draft.flatten and isinstance(written.get("extra_args"), dict):
        draft.unwrap(f"{goal}/extra_args")
        written = draft.at(goal)
    for old, (new, since) in _SINCE_OLIVE.items():
        if draft.reaches(since) and old in written and new not in written:
            draft.exact(f"`{old}` is called `{new}` since {since}", join(goal, old))
            draft.rename(join(goal, old), new)
    if draft.reaches("0.7.0") and "use_module_with_loss" in written:
        draft.lossy(
            "`use_module_with_loss` went with `use_ort_trainer`: removed", join(goal, "use_module_with_loss")
        )
        draft.remove(join(goal, "use_module_with_loss"))
    names = draft.at(goal)
    missing = {key: value for key, value in changed.items() if key not in names}
    for key, value in missing.items():
        draft.insert(goal, key, value)
    if missing:
        draft.note(
            "default",
            "Olive's defaults changed, and are written out: "
            + ", ".join(f"{key} {_shown(value)}" for key, value in missing.items()),
            goal,
        )
    if missing.get("group_by_length"):
        draft.note(
            "default",
            'transformers from 5.2 on call `group_by_length` train_sampling_strategy "group_by_length"',
            goal,
        )


def _changed(draft: Draft, pass_type: str) -> dict[str, Any]:
    """The defaults that were others in the source than they are in the target."""
    found: dict[str, Any] = {}
    if draft.crosses("0.7.0"):
        for key, prop in training_arguments().items():
            if "x-classic-default" in prop and prop["x-classic-default"] != _present(
                key, prop, draft, pass_type
            ):
                found[key] = prop["x-classic-default"]
    elif draft.crosses("0.9.0"):
        prop = training_arguments().get("optim", {})
        if _present("optim", prop, draft, pass_type) != _ONE_OPTIMISER:
            found["optim"] = _ONE_OPTIMISER
    return found


def _present(key: str, prop: Any, draft: Draft, pass_type: str) -> Any:
    """The default of the target."""
    if key == "optim" and not _reaches(draft.target, "0.9.0"):
        return _ONE_OPTIMISER
    by_pass = prop.get("x-olive-default-by-pass", {})
    return by_pass.get(pass_type, prop.get("x-olive-default", prop.get("default")))


def _reaches(release: str, since: str) -> bool:
    from olive_schemas.releases import index

    return index(release) >= index(since)


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
