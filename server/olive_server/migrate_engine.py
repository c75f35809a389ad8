"""The engine and the top level: keys move out of `engine` (0.7.0), the search has other names (0.8.0), Azure ML goes."""

from __future__ import annotations

from typing import Any

from olive_schemas.catalog import engine_properties, workflow_properties
from olive_schemas.tree import join

from .migrate_draft import Draft

_GONE = {
    "azureml_client": ("0.9.3", "lossy", "Azure ML is gone since 0.9.3: removed"),
    "workflow_host": (
        "0.9.3",
        "lossy",
        "`workflow_host` is gone since 0.9.3: removed; start the run on that machine, or name a Docker system as `host`",
    ),
    "auto_optimizer_config": (
        "0.9.3",
        "person",
        "the automatic choice of passes is gone since 0.9.3: removed; list the passes, or let `olive auto-opt` write them",
    ),
}


def before(draft: Draft) -> None:
    """What has to be known before the rest is changed."""
    if draft.reaches("0.3.1") and draft.get("engine", "evaluation_only") is not None:
        place = "/engine/evaluation_only"
        if draft.at(place) and draft.get("passes"):
            draft.exact(
                "`evaluation_only` is gone since 0.3.1: without passes a config only evaluates", place
            )
            draft.remove("/passes")
        else:
            draft.exact("`evaluation_only` is gone since 0.3.1, and was off: removed", place)
        draft.remove(place)
    if draft.reaches("0.5.2") and isinstance(draft.get("engine", "azureml_client_config"), dict):
        draft.exact(
            "`azureml_client_config` is `azureml_client` at the top level", "/engine/azureml_client_config"
        )
        draft.move("/engine/azureml_client_config", "", name="azureml_client")
    if draft.crosses("0.7.0"):
        _unread(draft)


def _unread(draft: Draft) -> None:
    """Names at the top level that were not read, and are refused since 0.7.0."""
    known = workflow_properties()
    for name in list(draft.config):
        if name not in known:
            draft.exact(
                f"`{name}` at the top level was not read, and is refused since 0.7.0: removed", join("", name)
            )
            draft.remove(join("", name))


def migrate(draft: Draft) -> None:
    place = "/engine" if isinstance(draft.get("engine"), dict) else ""
    _search(draft, place)
    if draft.reaches("0.7.0") and draft.has(join(place, "output_name")):
        draft.lossy(
            "`output_name` is gone since 0.7.0: removed; `output_dir` names the folder of the output",
            join(place, "output_name"),
        )
        draft.remove(join(place, "output_name"))
    _packaging(draft, place)
    for name, (since, kind, text) in _GONE.items():
        if draft.reaches(since) and draft.has(join("", name)):
            if name == "auto_optimizer_config" and draft.get("passes"):
                draft.exact("`auto_optimizer_config` had no effect beside `passes`: removed", join("", name))
            else:
                draft.note("lossy" if kind == "lossy" else "person", text, join("", name))
            draft.remove(join("", name))
    if draft.reaches("0.7.0") and draft.has("/data_root"):
        draft.note(
            "default",
            "`data_root` is gone since 0.7.0: its folder stands before each relative path of data now",
            "/data_root",
        )
        draft.remove("/data_root")
    if draft.flatten and place:
        for name in draft.unwrap("/engine"):
            if name not in engine_properties():
                continue
            draft.exact(f"`{name}` inside `engine` counted, not the one beside it", join("", name))
            draft.replace(join("", name), draft.at(join("/engine", name)))
            draft.remove(join("/engine", name))
        if draft.get("engine") == {}:
            draft.remove("/engine")


def _search(draft: Draft, holder: str) -> None:
    place = join(holder, "search_strategy")
    written = draft.at(place)
    if not draft.reaches("0.8.0") or not written:
        return
    if draft.at(join(holder, "evaluator")) is None:
        draft.person(
            "a search needs an evaluator since 0.8.0: write `evaluator`, or set `search_strategy` to false",
            place,
        )
    if not isinstance(written, dict):
        return
    algorithm = written.get("search_algorithm")
    settings = written.get("search_algorithm_config")
    if isinstance(settings, dict):
        _settings(draft, join(place, "search_algorithm_config"), settings)
    elif "search_algorithm_config" in written:
        draft.remove(join(place, "search_algorithm_config"))
    if "search_algorithm" in written:
        draft.exact(
            "`search_algorithm` is called `sampler` since 0.8.0"
            + (", exhaustive sequential" if algorithm == "exhaustive" else ""),
            join(place, "search_algorithm"),
        )
        if algorithm == "exhaustive":
            draft.replace(join(place, "search_algorithm"), "sequential")
        draft.rename(join(place, "search_algorithm"), "sampler")
    sampler_config = join(place, "sampler_config")
    if isinstance(settings, dict):
        draft.rename(join(place, "search_algorithm_config"), "sampler_config")
        if not draft.at(sampler_config):
            draft.remove(sampler_config)
    if (
        draft.crosses("0.8.0")
        and algorithm in ("random", "tpe")
        and draft.at(join(sampler_config, "max_samples")) is None
    ):
        draft.note(
            "default", "one sample was the default, and is all of them since 0.8.0: written out", place
        )
        if not draft.has(sampler_config):
            draft.insert(place, "sampler_config", {}, after="sampler")
        draft.remove(join(sampler_config, "max_samples"))
        draft.insert(sampler_config, "max_samples", 1)


def _settings(draft: Draft, place: str, settings: dict[str, Any]) -> None:
    if "num_samples" in settings:
        draft.exact("`num_samples` is called `max_samples` since 0.8.0", join(place, "num_samples"))
        draft.rename(join(place, "num_samples"), "max_samples")
    if "with_replacement" in settings:
        draft.lossy(
            "`with_replacement` is gone since 0.8.0: removed; no candidate is tried twice",
            join(place, "with_replacement"),
        )
        draft.remove(join(place, "with_replacement"))


def _packaging(draft: Draft, holder: str) -> None:
    place = join(holder, "packaging_config")
    written = draft.at(place)
    pointers = [join(place, n) for n in range(len(written))] if isinstance(written, list) else [place]
    for pointer in reversed(pointers):
        kind = str(draft.at(f"{pointer}/type"))
        if draft.reaches("0.9.3") and kind.lower().startswith("azureml"):
            draft.lossy(f"packages of the form {kind} are gone since 0.9.3: removed; pack a Zipfile", pointer)
            draft.remove(pointer)
