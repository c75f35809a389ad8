"""How much memory a stretch of work took at its peak, and what is held now. Bytes of this process alone.

Linux keeps the peak itself and lets it be set back (`/proc/self/clear_refs`); elsewhere, and where that is not
allowed, a thread looks every 20 ms. Pages of mapped files count while they are resident, as in every task manager.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from pathlib import Path
from types import TracebackType


def memory_used() -> int | None:
    """Resident bytes of this process now; None where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError, AttributeError):
        pass
    with contextlib.suppress(Exception):
        import psutil

        return int(psutil.Process().memory_info().rss)
    return None


def gpu_memory_used() -> int | None:
    """Bytes that torch holds on its GPUs now, what it keeps for later included; None where it uses none."""
    torch = sys.modules.get("torch")
    with contextlib.suppress(Exception):
        if torch is not None and torch.cuda.is_initialized():
            return int(sum(torch.cuda.memory_reserved(i) for i in range(torch.cuda.device_count())))
    return None


class PeakMemory:
    """`with PeakMemory() as peak: ...`, then `peak.bytes`, and `peak.gpu_bytes` where torch used a GPU."""

    def __init__(self) -> None:
        self.bytes: int | None = None
        self.gpu_bytes: int | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> PeakMemory:
        _reset_gpu()
        if not _reset_kernel():
            self._thread = threading.Thread(target=self._look, name="memory-watch", daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is None:
            self.bytes = _kernel_peak()
        else:
            self._stop.set()
            self._thread.join()
        self.gpu_bytes = _gpu_peak()

    def _look(self) -> None:
        while True:
            used = memory_used()
            if used is not None:
                self.bytes = max(self.bytes or 0, used)
            if self._stop.wait(0.02):
                return


def _reset_kernel() -> bool:
    """Sets the kernel's high-water mark back to what is held now; False where that does not work."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
        peak, used = _kernel_peak(), memory_used()
    except OSError:
        return False
    # Some sandboxes take the write and do nothing: then the mark stays where it was.
    return peak is not None and used is not None and peak < used * 1.2 + (8 << 20)


def _kernel_peak() -> int | None:
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return None


def _reset_gpu() -> None:
    torch = sys.modules.get("torch")
    with contextlib.suppress(Exception):
        if torch is not None and torch.cuda.is_initialized():
            torch.cuda.reset_peak_memory_stats()


def _gpu_peak() -> int | None:
    torch = sys.modules.get("torch")
    with contextlib.suppress(Exception):
        if torch is not None and torch.cuda.is_initialized():
            return int(sum(torch.cuda.max_memory_allocated(i) for i in range(torch.cuda.device_count())))
    return None
