"""Systems: accelerators with their execution providers (0.5.1), one of each (0.10.0), and types that are gone (0.9.x)."""

from __future__ import annotations

from typing import Any

from olive_schemas.catalog import device_providers, systems
from olive_schemas.tree import join

from .migrate_draft import Draft

_DOCKER = ("image_name", "build_context_path", "dockerfile", "build_args", "run_params")


def migrate(draft: Draft) -> None:
    providers = _engine_providers(draft)
    for pointer in places(draft):
        if not isinstance(draft.at(pointer), dict):
            continue
        _flat(draft, pointer)
        _accelerators(draft, pointer, providers)
        _docker(draft, pointer)
        _type(draft, pointer)
        _environment(draft, pointer)
        _single(draft, pointer)


def places(draft: Draft) -> list[str]:
    """Pointers of the named systems and of those that stand in place of a name."""
    found = [join("/systems", name) for name in draft.get("systems") or {}] if _is(draft, "systems") else []
    for holder in ("", "/engine", *(join("/passes", name) for name in draft.get("passes") or ())):
        found += [
            join(holder, key) for key in ("host", "target") if isinstance(draft.at(join(holder, key)), dict)
        ]
    return found


def _is(draft: Draft, key: str) -> bool:
    return isinstance(draft.get(key), dict)


def _flat(draft: Draft, pointer: str) -> None:
    if draft.flatten and isinstance(draft.at(f"{pointer}/config"), dict):
        for name in draft.at(pointer) if draft.crosses("0.7.0") else ():
            if name not in ("type", "config"):
                draft.exact(f"`{name}` beside `config` was not read: removed", join(pointer, name))
                draft.remove(join(pointer, name))
        draft.unwrap(f"{pointer}/config", keep=("type",))


def _engine_providers(draft: Draft) -> list[str]:
    """`execution_providers` of the engine (to 0.5.0), which go into the accelerators."""
    found = draft.get("engine", "execution_providers")
    if not draft.reaches("0.5.1") or found is None:
        return []
    listed = [found] if isinstance(found, str) else [each for each in found if isinstance(each, str)]
    target = draft.get("engine", "target")
    place = "/engine/execution_providers"
    if target is None:
        name = "local_system"
        while name in (draft.get("systems") or {}):
            name += "_"
        if not _is(draft, "systems"):
            draft.insert("", "systems", {}, after="input_model")
        device = _device(listed, draft.source)
        draft.insert("/systems", name, {"type": "LocalSystem", "config": {"accelerators": [device]}})
        draft.insert("/engine", "target", name, after="execution_providers")
    draft.exact("the engine's `execution_providers` stand in the target's accelerators since 0.5.1", place)
    draft.remove(place)
    return listed


def _device(providers: list[str], release: str) -> str:
    """The device that the first provider is for."""
    for device in ("cpu", "gpu", "npu"):
        if providers and providers[0] in device_providers(device, release):
            return device
    return "cpu"


def _accelerators(draft: Draft, pointer: str, providers: list[str]) -> None:
    """`["gpu"]` becomes `[{"device": "gpu", "execution_providers": [...]}]`."""
    place = f"{pointer}/accelerators"
    written = draft.at(place)
    if isinstance(written, str):
        written = [written]
    if not draft.reaches("0.5.1") or not isinstance(written, list):
        return
    if not any(isinstance(each, str) for each in written):
        return
    made: list[Any] = []
    for each in written:
        if not isinstance(each, str):
            made.append(each)
            continue
        fitting = [name for name in providers if name in device_providers(each, draft.source)]
        made.append({"device": each, **({"execution_providers": fitting} if fitting else {})})
        left = [name for name in providers if name not in fitting]
        if left and fitting:
            draft.exact(
                f"{', '.join(left)} was not used on {each}, whose providers are others: left out", place
            )
    draft.exact("an accelerator is an object with its device and execution providers since 0.5.1", place)
    draft.replace(place, made)


def _docker(draft: Draft, pointer: str) -> None:
    """`local_docker_config` laid flat; since 0.9.2 the container runs the whole workflow."""
    place = f"{pointer}/local_docker_config"
    if not draft.reaches("0.9.2") or str(draft.at(f"{pointer}/type")).lower() != "docker":
        return
    inner = draft.at(place)
    if isinstance(inner, dict):
        for name in inner:
            if name not in _DOCKER:
                draft.lossy(f"Docker has no `{name}` since 0.9.2: removed", join(place, name))
                draft.remove(join(place, name))
        draft.note(
            "default",
            "Docker's settings stand beside `type` since 0.9.2, and the container runs the whole workflow: name it as `host`",
            place,
        )
        draft.unwrap(place)
    if "is_dev" in draft.at(pointer):
        draft.exact("`is_dev` is gone since 0.9.2: removed", f"{pointer}/is_dev")
        draft.remove(f"{pointer}/is_dev")
    for name in ("dockerfile", "build_context_path"):
        if draft.at(join(pointer, name)) is None:
            draft.person(f"Docker needs `{name}` since 0.9.2: write it", pointer)


def _type(draft: Draft, pointer: str) -> None:
    """Systems that are gone become what comes nearest to them."""
    written = draft.at(f"{pointer}/type")
    entry = next((entry for name, entry in systems().items() if name.lower() == str(written).lower()), None)
    successor = (entry or {}).get("x-replaced-by")
    if entry is None or not successor or not draft.reaches("0.9.3"):
        return
    exact = entry.get("x-migration") == "exact"
    draft.note(
        "exact" if exact else "lossy",
        f"{written} is gone since 0.9.3: written as {successor}"
        + ("" if exact or successor != "LocalSystem" else "; the run is on the machine where it is started"),
        f"{pointer}/type",
    )
    device = entry.get("x-device")
    draft.replace(f"{pointer}/type", successor)
    known = systems()[successor]["properties"]
    for name in list(draft.at(pointer)):
        if name not in known and name != "type":
            unset = draft.at(join(pointer, name)) in (None, False)
            draft.note(
                "exact" if unset else "lossy", f"{successor} has no `{name}`: removed", join(pointer, name)
            )
            draft.remove(join(pointer, name))
    if device and draft.at(f"{pointer}/accelerators") is None:
        draft.insert(pointer, "accelerators", [{"device": device}], after="type")


def _environment(draft: Draft, pointer: str) -> None:
    if not draft.reaches("0.9.3"):
        return
    for name in ("olive_managed_env", "requirements_file"):
        place = join(pointer, name)
        if not draft.has(place):
            continue
        if name == "olive_managed_env" and not draft.at(place):
            draft.exact("`olive_managed_env` is gone since 0.9.3, and was off: removed", place)
        else:
            draft.lossy(f"`{name}` is gone since 0.9.3: removed, make the environment yourself", place)
        draft.remove(place)
    lacks = draft.at(f"{pointer}/python_environment_path") is None
    if lacks and str(draft.at(f"{pointer}/type")).lower() == "pythonenvironment":
        draft.person("PythonEnvironment needs `python_environment_path`: write it", pointer)


def _single(draft: Draft, pointer: str) -> None:
    """Since 0.10.0 a run is for one accelerator and one execution provider."""
    place = f"{pointer}/accelerators"
    written = draft.at(place)
    if not draft.reaches("0.10.0") or not isinstance(written, list):
        return
    pairs = [
        f"{each.get('device', 'cpu')} {provider}".strip()
        for each in written
        if isinstance(each, dict)
        for provider in _several(each.get("execution_providers"))
    ]
    for number in range(len(written) - 1, 0, -1):
        draft.remove(join(place, number))
    first = draft.at(join(place, 0, "execution_providers"))
    if isinstance(first, list):
        for number in range(len(first) - 1, 0, -1):
            draft.remove(join(place, 0, "execution_providers", number))
    if len(pairs) > 1:
        draft.lossy(
            f"since 0.10.0 a run is for one execution provider: {pairs[0]} is kept; write a file each for "
            f"{', '.join(pairs[1:])}",
            place,
        )


def _several(providers: Any) -> list[str]:
    if isinstance(providers, str):
        return [providers]
    if not isinstance(providers, list) or not providers:
        return [""]
    return [
        each if isinstance(each, str) else str(each[0] if isinstance(each, list) and each else each)
        for each in providers
    ]
