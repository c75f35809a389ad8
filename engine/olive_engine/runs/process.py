"""What the system says about a process and about itself: start times, reboots, kills for lack of memory.

Every function gives None or an empty text where the system has no answer; none raises.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path


def host() -> str:
    return socket.gethostname()


def boot() -> str:
    """A text that changes with each start of the machine; empty where unknown."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        pass
    if sys.platform == "win32":
        import ctypes

        # To ten minutes, so that the clock's corrections do not look like a reboot.
        up = ctypes.windll.kernel32.GetTickCount64() / 1000
        return f"up-since-{round((time.time() - up) / 600)}"
    return _output("sysctl", "-n", "kern.boottime").split("}")[0]


def started(pid: int) -> str | None:
    """When the process began, as the system tells it (only good for comparing); None if there is none."""
    if sys.platform == "win32":
        return _started_on_windows(pid)
    try:
        # The command's name may hold spaces and brackets: count the fields from its last bracket.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if fields[0] in "ZX" else fields[19]
    except (OSError, IndexError):
        pass
    if Path("/proc/self/stat").exists():
        return None
    return _output("ps", "-o", "lstart=", "-p", str(pid)).strip() or None


def is_process(pid: int | None, started_at: str | None) -> bool:
    """Whether `pid` is still the very process that began at `started_at`, not a later one with its number."""
    return pid is not None and started_at is not None and started(pid) == started_at


def end(pid: int, *, now: bool) -> None:
    """Asks a worker and its children to end (SIGTERM), or ends them (SIGKILL). The caller knows that it is ours."""
    if sys.platform == "win32":
        if now:
            with contextlib.suppress(OSError):
                os.kill(
                    pid, signal.SIGTERM
                )  # TerminateProcess: Windows knows no gentler way for a detached one
        return
    number = signal.SIGKILL if now else signal.SIGTERM
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.getpgid(pid) == pid:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)


def offer_to_the_oom_killer() -> None:
    """Makes the kernel take this process, and not the editor beside it, when memory runs out (Linux)."""
    path = Path("/proc/self/oom_score_adj")
    with contextlib.suppress(OSError, ValueError):
        if int(path.read_text()) < 500:
            path.write_text("500")


def kills_for_memory() -> dict[str, int]:
    """Counter file -> processes killed for lack of memory, of this process's control groups and of the machine."""
    return {str(path): count for path in (*_cgroup_files(), _MACHINE) if (count := _kills(path)) is not None}


def was_killed_for_memory(before: Mapping[str, int]) -> bool:
    """Whether one of the counters that another process has read (`kills_for_memory`) has grown since."""
    return any((_kills(Path(path)) or 0) > count for path, count in before.items())


_MACHINE = Path("/proc/vmstat")


def _kills(path: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError):
        for line in path.read_text().splitlines():
            name, _, value = line.partition(" ")
            if name == "oom_kill":
                return int(value)
    return None


def _cgroup_files() -> list[Path]:
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    files = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            files += [Path(f"/sys/fs/cgroup{path}/memory.events"), Path("/sys/fs/cgroup/memory.events")]
        elif "memory" in controllers.split(","):
            files += [Path(f"/sys/fs/cgroup/memory{path}/memory.oom_control")]
    return files


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _started_on_windows(pid: int) -> str | None:
    if sys.platform != "win32":
        return None
    import ctypes
    from ctypes import wintypes

    kernel = ctypes.windll.kernel32
    handle = kernel.OpenProcess(0x1000, False, pid)  # PROCESS_QUERY_LIMITED_INFORMATION
    if not handle:
        return None
    try:
        times = [wintypes.FILETIME() for _ in range(4)]
        if not kernel.GetProcessTimes(handle, *(ctypes.byref(one) for one in times)):
            return None
        code = wintypes.DWORD()
        kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        if code.value != 259:  # STILL_ACTIVE
            return None
        return str((times[0].dwHighDateTime << 32) + times[0].dwLowDateTime)
    finally:
        kernel.CloseHandle(handle)
