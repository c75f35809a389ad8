"""Execution providers: their names in genai and in onnxruntime, and the package that brings each.

Looks at what is installed; imports onnxruntime only where it has to be asked. Limits: plug-in providers count as there
when their package is; whether the machine's driver is good enough shows only on loading.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Provider:
    genai: str
    """The name that genai_config.json and ModelBuilder use."""
    onnxruntime: str
    """The name that systems of a config use."""
    package: str
    """What `pip install` wants, to run a model that was built for it."""
    plugin: str | None = None
    """A package whose presence brings the provider to any onnxruntime."""
    only_on: str | None = None
    """A value of sys.platform."""
    earlier: str | None = None
    """The package that brought it before."""


KNOWN = (
    Provider("cpu", "CPUExecutionProvider", "onnxruntime-genai"),
    Provider("cuda", "CUDAExecutionProvider", "onnxruntime-genai-cuda"),
    Provider(
        "dml",
        "DmlExecutionProvider",
        "onnxruntime-genai-winml",
        only_on="win32",
        earlier="onnxruntime-genai-directml",
    ),
    Provider("webgpu", "WebGpuExecutionProvider", "onnxruntime-ep-webgpu", plugin="onnxruntime-ep-webgpu"),
    Provider(
        "openvino", "OpenVINOExecutionProvider", "onnxruntime-ep-openvino", plugin="onnxruntime-ep-openvino"
    ),
    Provider(
        "NvTensorRtRtx",
        "NvTensorRTRTXExecutionProvider",
        "onnxruntime-ep-nv-tensorrt-rtx",
        plugin="onnxruntime-ep-nv-tensorrt-rtx",
    ),
    Provider("qnn", "QNNExecutionProvider", "onnxruntime-qnn", plugin="onnxruntime-qnn"),
)


@dataclass(frozen=True)
class Missing:
    message: str
    remedy: str


def find(name: str) -> Provider | None:
    """By either name, whatever the case."""
    wanted = name.lower()
    return next((each for each in KNOWN if wanted in (each.genai.lower(), each.onnxruntime.lower())), None)


def available() -> tuple[str, ...]:
    """onnxruntime's names of the providers in the installed build, plug-in packages included; none without one."""
    try:
        import onnxruntime
    except ImportError:
        return ()
    names = list(onnxruntime.get_available_providers())
    names += [each.onnxruntime for each in KNOWN if each.plugin and _installed(each.plugin)]
    return tuple(dict.fromkeys(names))


def package_is_here(provider: Provider) -> bool:
    """Whether a package is installed that brings the provider; imports nothing and says nothing about drivers."""
    if provider.genai == "cpu":
        return True
    if provider.only_on and provider.only_on != sys.platform:
        return False
    packages = (provider.plugin or provider.package, provider.earlier)
    return any(_installed(package) for package in packages if package)


def missing_provider(name: str) -> Missing | None:
    """None where the provider is here; otherwise what to say and what to install."""
    provider = find(name)
    if provider is None:
        return Missing(f"nothing here knows the provider {name}", "build it for cpu, cuda, dml or webgpu")
    if provider.onnxruntime in available():
        return None
    if provider.only_on and provider.only_on != sys.platform:
        return Missing(
            f"{provider.onnxruntime} exists on Windows only",
            "copy the folder there, or build it for cpu here",
        )
    return Missing(f"the installed onnxruntime has no {provider.onnxruntime}", install_remedy(provider))


def register_plugin(name: str) -> None:
    """Tells onnxruntime-genai where the library of a plug-in provider lies; nothing to do for built-in ones.

    Plug-in packages share a convention: a module named like the package with `get_library_path()`.
    """
    provider = find(name)
    if provider is None or provider.plugin is None or not _installed(provider.plugin):
        return
    import importlib

    import onnxruntime_genai

    module = importlib.import_module(provider.plugin.replace("-", "_"))
    onnxruntime_genai.register_execution_provider_library(provider.onnxruntime, module.get_library_path())


def install_remedy(provider: Provider) -> str:
    if provider.genai in ("cuda", "dml"):
        extra = {"cuda": "cuda", "dml": "directml"}[provider.genai]
        return (
            f"pip uninstall onnxruntime onnxruntime-genai, then pip install 'olivepress[{extra}]' "
            f"({provider.package})"
        )
    return f"pip install {provider.package}"


def _installed(distribution: str) -> bool:
    from importlib.metadata import PackageNotFoundError, version

    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True
