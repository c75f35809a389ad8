"""Which device work happens on: what the named system asks for, as far as this machine has it.

Nothing falls back in silence: a GPU that the config names and the machine lacks is an error. Where the config names
no device, the best one there is is taken and said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from olive_schemas.workflow import System, Workflow

from .errors import RunError

if TYPE_CHECKING:
    import torch

DeviceKind = Literal["cpu", "cuda", "mps", "xpu"]


@dataclass(frozen=True)
class Device:
    kind: DeviceKind
    name: str
    """For people: "NVIDIA H100" or "CPU (2 threads)"."""
    memory_bytes: int
    """Memory that the model, its gradients and activations can use: free on the device, available on the CPU."""
    bfloat16: bool
    """False: bfloat16 is missing or so slow there that float16 is the better choice."""

    @property
    def torch_device(self) -> torch.device:
        import torch

        return torch.device(self.kind)


def system_of(workflow: Workflow, host: str | None = None) -> System:
    """The system a pass works on: its own `host`, or the workflow's."""
    if host is not None and host in workflow.systems:
        return workflow.systems[host]
    return workflow.host


def choose_device(workflow: Workflow, host: str | None = None, *, force_cpu: bool = False) -> Device:
    """The device for training and evaluation. Imports torch.

    `host`: the pass's own system, if it names one. `force_cpu`: training_args.use_cpu.
    RunError `device-missing` where the system names a GPU or NPU that torch cannot use here.
    """
    system = system_of(workflow, host)
    if system.device == "npu":
        raise RunError(
            f"system {system.name} names an NPU, and torch cannot train or evaluate on one",
            code="device-missing",
            pointer=system.pointer,
            hint='name "cpu" or "gpu" as the host\'s device; the target may stay an NPU',
        )
    if force_cpu or system.device == "cpu":
        return _cpu(system)
    best = _accelerator()
    if best is not None:
        return best
    if system.device == "gpu":
        raise RunError(
            f"system {system.name} names a GPU, but {_why_no_gpu()}",
            code="device-missing",
            pointer=system.pointer,
            hint='install the torch build for your GPU (https://pytorch.org), or set the system\'s device to "cpu"',
        )
    return _cpu(system)


def _accelerator() -> Device | None:
    import torch

    if torch.cuda.is_available():
        free, _ = torch.cuda.mem_get_info()
        return Device("cuda", torch.cuda.get_device_name(), int(free), torch.cuda.is_bf16_supported(False))
    if hasattr(torch, "xpu") and torch.xpu.is_available():
        properties = torch.xpu.get_device_properties()
        return Device("xpu", str(properties.name), int(properties.total_memory), True)
    if torch.backends.mps.is_available():
        return Device("mps", "Apple GPU", int(torch.mps.recommended_max_memory()), True)
    return None


def _cpu(system: System) -> Device:
    import torch

    memory = available_memory()
    if system.memory_bytes is not None:
        memory = min(memory, system.memory_bytes)
    return Device("cpu", f"CPU ({torch.get_num_threads()} threads)", memory, True)


def _why_no_gpu() -> str:
    import torch

    if torch.version.cuda is None and getattr(torch.version, "hip", None) is None:
        return f"the installed torch {torch.__version__} is a CPU build"
    return f"torch {torch.__version__} finds none on this machine"


def available_memory() -> int:
    """Bytes this process could still take: the machine's available memory, less what a container's limit leaves."""
    from .machine import memory

    available = memory().available
    if available is not None:
        return available
    import psutil

    return int(psutil.virtual_memory().available)
