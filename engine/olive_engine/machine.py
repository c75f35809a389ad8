"""What this machine has: memory, disk, GPUs. Standard library only, so that it also answers in a light install.

Limits: GPUs are NVIDIA's, asked through nvidia-smi; what torch sees is asked elsewhere.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Memory:
    """Bytes; None where the system does not say."""

    total: int | None
    available: int | None


@dataclass(frozen=True)
class Gpu:
    name: str
    memory_total: int | None
    memory_free: int | None
    driver: str


def memory() -> Memory:
    """The machine's memory, or the container's limit where that is lower."""
    if sys.platform == "win32":
        return _windows_memory()
    total = None
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        pass
    kibibytes = _entry("/proc/meminfo", "MemAvailable:")
    available = None if kibibytes is None else kibibytes * 1024
    limit, used = _number("/sys/fs/cgroup/memory.max"), _number("/sys/fs/cgroup/memory.current")
    if limit is not None and (total is None or limit < total):
        total = limit
        # Page cache counts as used but is given up when memory is needed.
        cache = _entry("/sys/fs/cgroup/memory.stat", "inactive_file ") or 0
        left = max(limit - (used or 0) + cache, 0)
        available = left if available is None else min(available, left)
    return Memory(total, available)


def _windows_memory() -> Memory:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "available", "a", "b", "c", "d", "e")),
        )

    status = Status()
    status.length = ctypes.sizeof(Status)
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - exists on Windows only
    if not kernel.GlobalMemoryStatusEx(ctypes.byref(status)):
        return Memory(None, None)
    return Memory(int(status.total), int(status.available))


def disk_free(folder: Path) -> int | None:
    """Free bytes where `folder` is, or where it would be made."""
    for each in (folder, *folder.parents):
        if each.exists():
            try:
                return shutil.disk_usage(each).free
            except OSError:
                return None
    return None


def gpus() -> tuple[Gpu, ...]:
    """NVIDIA's GPUs as their driver reports them; none where there is no driver or it does not answer."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    query = ["--query-gpu=name,memory.total,memory.free,driver_version", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run([program, *query], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(_gpu(line) for line in done.stdout.splitlines() if line.count(",") >= 3)


def _gpu(line: str) -> Gpu:
    name, total, free, driver = (part.strip() for part in line.rsplit(",", 3))
    return Gpu(name, _mebibytes(total), _mebibytes(free), driver)


def _mebibytes(text: str) -> int | None:
    return int(text) * 1024**2 if text.isdigit() else None


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""


def _entry(path: str, name: str) -> int | None:
    """The number that follows `name` on its line."""
    lines = (line for line in _read(path).splitlines() if line.startswith(name))
    return next((int(line.split()[1]) for line in lines), None)


def _number(path: str) -> int | None:
    text = _read(path).strip()
    return int(text) if text.isdigit() else None
