"""One command from outside: wall seconds, peak resident memory of all its processes, and when a line first appeared.

Peak memory is the largest sum, seen every 20 ms, of the resident sets of the command's processes: its children, and
any detached worker that `also` names. The kernel's own high-water mark of each process is folded in, so that a peak
between two looks is not lost.
"""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Measured:
    seconds: float
    peak_bytes: int
    returncode: int
    output: str
    seen: dict[str, float] = field(default_factory=dict)
    """Name of a pattern -> seconds from the start to its first match in the output."""


def _resident(pid: int) -> tuple[int, int]:
    """(resident now, high-water mark) in bytes; zeros for a process that is gone."""
    now = peak = 0
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                now = int(line.split()[1]) * 1024
            elif line.startswith("VmHWM:"):
                peak = int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return now, peak


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                if not _same_memory(pid, int(child)):
                    found += [int(child), *_children(int(child))]
    except OSError:
        pass
    return found


def _same_memory(parent: int, child: int) -> bool:
    """A child between vfork and exec: it still has its parent's memory, which must not count twice."""
    try:
        sizes = [Path(f"/proc/{pid}/statm").read_text().split()[0] for pid in (parent, child)]
        lines = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in (parent, child)]
    except OSError:
        return False
    return sizes[0] == sizes[1] and lines[0] == lines[1]


def measure(
    command: list[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    patterns: Mapping[str, str] | None = None,
    also: Callable[[], Iterable[int]] = tuple,
    timeout: float = 3600.0,
) -> Measured:
    """Runs `command` to its end. Output is read as it comes, so that a pattern's time is the time it was printed."""
    compiled = {name: re.compile(pattern) for name, pattern in (patterns or {}).items()}
    seen: dict[str, float] = {}
    text: list[str] = []
    start = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    descriptor = process.stdout.fileno()

    def read() -> None:
        tail = ""
        while chunk := os.read(descriptor, 65536):
            piece = chunk.decode("utf-8", "replace")
            text.append(piece)
            tail = (tail + piece)[-4096:]
            for name, pattern in compiled.items():
                if name not in seen and pattern.search(tail):
                    seen[name] = time.monotonic() - start

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    peak_sum = peak_single = 0
    while process.poll() is None:
        pids = {process.pid, *_children(process.pid), *also()}
        sizes = [_resident(pid) for pid in pids]
        peak_sum = max(peak_sum, sum(now for now, _ in sizes))
        peak_single = max([peak_single, *(high for _, high in sizes)])
        if time.monotonic() - start > timeout:
            process.kill()
        time.sleep(0.02)
    seconds = time.monotonic() - start
    reader.join(5)
    return Measured(seconds, max(peak_sum, peak_single), process.returncode, "".join(text), seen)
