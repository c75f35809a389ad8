"""Is everything here that runs need? Looks at what is installed and at the machine; changes nothing.

`examine(quick=True)` imports neither torch nor onnxruntime. Findings are values; how they look is the command line's.
The versions that are wanted come from our own distribution's metadata, so there is no second list to keep true.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from . import machine
from .doctor_needs import Hardware, needs
from .doctor_packages import Package, packages, variants

State = Literal["fine", "note", "missing"]


@dataclass(frozen=True)
class Finding:
    """`state`: fine; note (runs go on, something is worth knowing); missing (runs would fail)."""

    section: str
    state: State
    text: str
    remedy: str = ""


@dataclass(frozen=True)
class Report:
    findings: tuple[Finding, ...]
    packages: tuple[Package, ...]
    install: tuple[tuple[str, str], ...]
    """Hardware -> what to install for it."""
    data: dict[str, Any]
    """The facts behind the findings, as JSON."""

    @property
    def fine(self) -> bool:
        return all(finding.state != "missing" for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        return {
            "fine": self.fine,
            "findings": [asdict(finding) for finding in self.findings],
            "packages": [asdict(package) for package in self.packages],
            "install": dict(self.install),
            **self.data,
        }


INSTALL = (
    ("cpu", "pip install 'olivepress[engine]'"),
    ("cuda", "pip install 'olivepress[cuda]'   (with a torch built for CUDA: the plain wheel is one on Linux only)"),
    ("directml", "pip install 'olivepress[directml]'   (Windows; trains on the CPU, builds and runs for any DirectX 12 GPU)"),
    ("qlora", "pip install 'olivepress[qlora]'   (beside one of the above)"),
)  # fmt: skip


def examine(
    *,
    quick: bool = False,
    folder: Path | None = None,
    config: Path | None = None,
    hardware: Hardware | None = None,
) -> Report:
    """`folder`: where runs would write; the current one if unsaid. `config`: what `needs` speaks of. `hardware`: that
    which is wanted; otherwise the config and the machine decide."""
    folder = folder or Path.cwd()
    found = packages()
    memory, gpus = machine.memory(), machine.gpus()
    findings = [_python(), *_packages(found), *_memory(memory), *_disk(folder), _token()]
    data: dict[str, Any] = {
        "quick": quick,
        "python": {
            "version": sys.version.split()[0],
            "executable": sys.executable,
            "virtual": sys.prefix != sys.base_prefix or "CONDA_PREFIX" in os.environ,
            "managed": _is_managed(),
        },
        "needs": asdict(needs(config, found, gpus, hardware)),
        "memory": asdict(memory),
        "disk": {str(place): machine.disk_free(place) for place in _places(folder)},
        "gpus": [asdict(gpu) for gpu in gpus],
        "hf_token": token_source() is not None,
        "torch": None,
        "providers": None,
    }
    if quick:
        findings += [_gpu_text(gpu) for gpu in gpus] or [Finding("gpu", "note", "nvidia-smi finds no GPU")]
    else:
        torch = torch_facts()
        providers = _providers()
        data |= {"torch": torch, "providers": list(providers)}
        findings += [*_gpus(gpus, torch), *_provider_findings(providers, gpus)]
    return Report(tuple(findings), found, INSTALL, data)


def _is_managed() -> bool:
    """Whether the system's package manager keeps this Python, so that pip refuses to install into it."""
    import sysconfig

    return (
        sys.prefix == sys.base_prefix and (Path(sysconfig.get_path("stdlib")) / "EXTERNALLY-MANAGED").exists()
    )


def _python() -> Finding:
    version = sys.version.split()[0]
    if sys.maxsize <= 2**32:
        return Finding(
            "python", "missing", f"a 32-bit Python {version}: torch has no packages for it", "a 64-bit Python"
        )
    return Finding("python", "fine", f"Python {version}, {sys.executable}")


def _packages(found: tuple[Package, ...]) -> Iterator[Finding]:
    for package in found:
        if package.state == "fits":
            continue
        state: State = "missing" if package.group in ("base", "engine") else "note"
        if package.state == "absent":
            if package.group in ("base", "engine"):
                yield Finding("packages", state, f"{package.name} is not installed", package.remedy)
        else:
            yield Finding(
                "packages",
                state,
                f"{package.name} {package.installed} does not fit: {package.wanted} is needed {package.because}",
                package.remedy,
            )
    if all(package.state == "fits" for package in found if package.group in ("base", "engine")):
        yield Finding("packages", "fine", "everything that runs need is installed, in versions that fit")
    for family, names in variants():
        if len(names) > 1:
            yield Finding(
                "packages",
                "note",
                f"{' and '.join(names)} are installed together and overwrite each other's files",
                f"pip uninstall {' '.join(names)}, then install the one {family} that fits the hardware",
            )


def _memory(memory: machine.Memory) -> Iterator[Finding]:
    if memory.total is None:
        return
    free = f", {memory.available / 1e9:.1f} GB free" if memory.available is not None else ""
    low = memory.total < 4e9
    yield Finding(
        "memory",
        "note" if low else "fine",
        f"{memory.total / 1e9:.1f} GB{free}",
        "models above about 100M parameters will not fit" if low else "",
    )


def _places(folder: Path) -> list[Path]:
    cache = os.environ.get("HF_HOME") or str(
        Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "huggingface"
    )
    return [folder, Path(cache)]  # fmt: skip


def _disk(folder: Path) -> Iterator[Finding]:
    for place, use in zip(_places(folder), ("runs and models here", "models of the hub"), strict=True):
        free = machine.disk_free(place)
        if free is not None:
            low = free < 2e9
            yield Finding(
                "disk",
                "note" if low else "fine",
                f"{free / 1e9:.1f} GB free for {use} ({place})",
                "make room: a 1B model takes about 3 GB with its int4 build" if low else "",
            )
    if not os.access(folder, os.W_OK):
        yield Finding("disk", "note", f"{folder} cannot be written to", "runs need a folder that can")


def token_source() -> str | None:
    """Where a token for the Hugging Face hub comes from; never the token."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        if os.environ.get(name):
            return f"the environment's {name}"
    home = Path(os.environ.get("HF_HOME") or "~/.cache/huggingface").expanduser()
    path = Path(os.environ.get("HF_TOKEN_PATH") or home / "token").expanduser()
    try:
        return str(path) if path.stat().st_size else None
    except OSError:
        return None


def _token() -> Finding:
    source = token_source()
    if source:
        return Finding("hub", "fine", f"a Hugging Face token is there ({source})")
    return Finding("hub", "note", "no Hugging Face token", "only needed for gated models: set HF_TOKEN")


def torch_facts() -> dict[str, Any] | None:
    """Imports torch. None where it cannot be imported."""
    try:
        import torch
    except Exception as error:  # noqa: BLE001 - a broken install raises OSError, RuntimeError, ...
        return {"version": None, "error": (str(error) or type(error).__name__).splitlines()[0]}
    cuda = bool(torch.cuda.is_available())
    return {
        "version": str(torch.__version__),
        "cuda": cuda,
        "built_for_cuda": torch.version.cuda,
        "bf16": bool(cuda and torch.cuda.is_bf16_supported()),
        "devices": [torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())] if cuda else [],
        "threads": int(torch.get_num_threads()),
    }


def _gpu_text(gpu: machine.Gpu) -> Finding:
    free = f", {gpu.memory_free / 1e9:.1f} GB free" if gpu.memory_free is not None else ""
    total = f", {gpu.memory_total / 1e9:.1f} GB" if gpu.memory_total is not None else ""
    return Finding("gpu", "fine", f"{gpu.name}{total}{free}, driver {gpu.driver}")


def _gpus(gpus: tuple[machine.Gpu, ...], torch: dict[str, Any] | None) -> Iterator[Finding]:
    yield from (_gpu_text(gpu) for gpu in gpus)
    if torch is None or torch.get("version") is None:
        reason = (torch or {}).get("error", "")
        yield Finding("gpu", "note", f"torch cannot be asked: {reason}")
    elif torch["cuda"]:
        yield Finding(
            "gpu", "fine", f"torch {torch['version']} uses it, bf16: {'yes' if torch['bf16'] else 'no'}"
        )
    elif gpus:
        kind = (
            f"built for CUDA {torch['built_for_cuda']}, which does not start here"
            if torch["built_for_cuda"]
            else "a CPU build"
        )
        remedy = (
            "update the driver" if torch["built_for_cuda"] else "install the torch that is built for CUDA"
        )
        yield Finding("gpu", "note", f"there is a GPU, but torch {torch['version']} is {kind}", remedy)  # fmt: skip
    else:
        yield Finding(
            "gpu", "note", f"no GPU; torch {torch['version']} trains on the CPU, {torch['threads']} threads"
        )


def _providers() -> tuple[str, ...]:
    from .providers import available

    return available()


def _provider_findings(providers: tuple[str, ...], gpus: tuple[machine.Gpu, ...]) -> Iterator[Finding]:
    if not providers:
        yield Finding(
            "providers", "note", "onnxruntime cannot be imported: built models cannot be asked here"
        )
        return
    yield Finding("providers", "fine", ", ".join(providers))
    if gpus and "CUDAExecutionProvider" not in providers:
        from .providers import KNOWN, install_remedy

        cuda = next(each for each in KNOWN if each.genai == "cuda")
        yield Finding(
            "providers",
            "note",
            "there is a GPU, but the installed onnxruntime is a CPU build: models for cuda can be built and not run",
            install_remedy(cuda),
        )
