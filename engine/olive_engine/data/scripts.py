"""Functions of the workspace: data components and formatting functions that a `user_script` defines.

Nothing here runs unless the run was started with `--trust-user-script`. A script may give its functions plainly, by
name, or register them with the decorators of `olive.data.registry` (see `olive_registry`).
"""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from olive_schemas.nearest import listing
from olive_schemas.workflow import Component, DataConfig, Workflow

from ..errors import RunError
from .olive_registry import in_real_registry, registry_for

FLAG = "--trust-user-script"


@dataclass(frozen=True)
class Script:
    """A loaded script. `registered`: (kind, name in lower case) -> function."""

    path: Path
    module: ModuleType
    registered: Mapping[tuple[str, str], Callable[..., Any]]
    folders: tuple[str, ...] = ()

    def component(self, kind: str, name: str) -> Callable[..., Any] | None:
        """The function for a component's `type`: registered under that name, or simply called so."""
        found = self.registered.get((kind, name.lower())) or in_real_registry(kind, name)
        return found or _named(self.module, name)

    def call(self, kind: str, component: Component, *arguments: Any) -> Any:
        """Calls the component's function as Olive does: parameters by name, unsaid ones without a default None."""
        function = self.component(kind, component.type)
        if function is None:
            raise RunError(
                f"{self.path.name} defines no {kind} function `{component.type}`",
                code="user-script",
                pointer=component.pointer,
                hint=_defined(self.module),
            )
        return self._run(
            function,
            component.type,
            component.pointer,
            arguments,
            _filled(function, component, len(arguments)),
        )

    def function(self, name: str, pointer: str) -> Callable[[Mapping[str, Any]], Any]:
        """A formatting function: takes a row."""
        function = _named(self.module, name)
        if function is None:
            raise RunError(
                f"{self.path.name} defines no function `{name}`",
                code="user-script",
                pointer=pointer,
                hint=_defined(self.module),
            )
        return function

    def _run(
        self,
        function: Callable[..., Any],
        name: str,
        pointer: str,
        arguments: tuple[Any, ...],
        params: Mapping[str, Any],
    ) -> Any:
        try:
            with _importable(self.folders):
                return function(*arguments, **params)
        except RunError:
            raise
        except Exception as error:
            raise RunError(
                f"{name} of {self.path.name} failed: {type(error).__name__}: {error}{_place(error, self.path)}",
                code="user-script",
                pointer=pointer,
            ) from error


def uses_script(config: DataConfig) -> bool:
    """Whether anything of this data config would run code of the workspace."""
    params = config.pre_process.params
    functions = ("text_formatting_func", "input_formatting_func", "output_formatting_func")
    return bool(
        config.user_script or params.get("user_script") or any(params.get(name) for name in functions)
    )


def written_script(config: DataConfig, workflow: Workflow | None, *, trust: bool) -> Path:
    """The script's path, known to exist. RunError: none is named, it is not there, or it is not trusted."""
    written = config.pre_process.params.get("user_script") or config.user_script
    pointer = script_pointer(config)
    if not written:
        raise RunError(
            f"data config `{config.name}` names a function, but no user_script that defines it",
            code="user-script",
            pointer=config.pre_process.pointer,
            hint='name the file: "user_script": "my_data.py"',
        )
    path = _absolute(written, workflow)
    if not path.is_file():
        raise RunError(
            f"user_script {path} does not exist", code="user-script", pointer=pointer, hint="check the path"
        )
    if not trust:
        raise RunError(
            untrusted(path),
            code="user-script-untrusted",
            pointer=pointer,
            hint=f"read the script, then add {FLAG}",
        )
    return path


def open_script(config: DataConfig, workflow: Workflow | None, *, trust: bool) -> Script:
    """Loads the script that a data config, or the parameters of its pre-processing, name. RunError without trust."""
    path = written_script(config, workflow, trust=trust)
    folder = config.pre_process.params.get("script_dir") or config.script_dir
    if folder and not _absolute(folder, workflow).is_dir():
        raise RunError(
            f"script_dir {_absolute(folder, workflow)} does not exist",
            code="user-script",
            pointer=script_pointer(config),
            hint="check the path",
        )
    stamp = path.stat().st_mtime_ns
    try:
        return _loaded(path, str(_absolute(folder, workflow)) if folder else None, stamp)
    except Exception as error:
        raise RunError(
            f"{path.name} cannot be loaded: {type(error).__name__}: {error}{_place(error, path)}",
            code="user-script",
            pointer=script_pointer(config),
        ) from error


def untrusted(path: Path) -> str:
    return f"this config runs code of the workspace ({path.name}), and the run was started without {FLAG}"


def script_pointer(config: DataConfig) -> str:
    if not config.user_script and "user_script" in config.pre_process.pointers:
        return config.pre_process.pointers["user_script"]
    return f"{config.pointer}/user_script"


def _absolute(written: Any, workflow: Workflow | None) -> Path:
    path = Path(str(written)).expanduser()
    return path if workflow is None else workflow.base_dir / path


@lru_cache(maxsize=32)
def _loaded(path: Path, folder: str | None, stamp: int) -> Script:
    """One load for each content of the file within a process."""
    del stamp
    folders = (folder,) if folder else ()
    registered: dict[tuple[str, str], Callable[..., Any]] = {}
    spec = importlib.util.spec_from_file_location(f"olivepress_user_script_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} is no Python file")
    module = importlib.util.module_from_spec(spec)
    # Pickling and dataclasses look a module up by its name.
    sys.modules[module.__name__] = module
    with _importable(folders), registry_for(registered):
        spec.loader.exec_module(module)
    return Script(path, module, registered, folders)


@contextlib.contextmanager
def _importable(folders: tuple[str, ...]) -> Iterator[None]:
    """The script's own folder of helpers on the import path."""
    added = [folder for folder in folders if folder not in sys.path]
    sys.path.extend(added)
    try:
        yield
    finally:
        for folder in added:
            with contextlib.suppress(ValueError):
                sys.path.remove(folder)


def _named(module: ModuleType, name: str) -> Callable[..., Any] | None:
    """A function of the module by name; without regard to case where that is clear."""
    exact = getattr(module, name, None)
    if callable(exact):
        return exact  # type: ignore[no-any-return]
    alike = [one for key, one in vars(module).items() if key.lower() == name.lower() and callable(one)]
    return alike[0] if len(alike) == 1 else None


def _filled(function: Callable[..., Any], component: Component, positional: int) -> dict[str, Any]:
    """Parameters of the call: those written, and None for those that the function demands and nobody wrote."""
    parameters = list(inspect.signature(function).parameters.values())[positional:]
    takes_any = any(one.kind is one.VAR_KEYWORD for one in parameters)
    names = {one.name for one in parameters if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)}
    given = {
        name: value
        for name, value in component.params.items()
        if name in names or name in component.given or takes_any
    }
    for one in parameters:
        if one.name in names and one.default is one.empty:
            given.setdefault(one.name, None)
    return given


def _defined(module: ModuleType) -> str:
    names = sorted(
        name
        for name, one in vars(module).items()
        if inspect.isfunction(one) and one.__module__ == module.__name__
    )
    return f"it defines {listing(names)}" if names else "it defines no functions"


def _place(error: BaseException, path: Path) -> str:
    """The last line of the user's own file that the error went through."""
    line, step = 0, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == str(path):
            line = step.tb_lineno
        step = step.tb_next
    return f" (line {line})" if line else ""
