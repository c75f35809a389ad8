"""A lock that lives as long as its process: the kernel frees it when the process ends, however it ends.

POSIX: `flock`. Windows: `msvcrt.locking` on one byte far behind the end, so that the file itself stays readable.
Nothing is ever concluded from the mere existence of a lock file.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

_FAR = 1 << 30


class FileLock:
    """An exclusive lock on `path`, held from `acquire` to `release` or to the end of the process.

    Not inherited by children that are forked (data loaders): a worker killed with SIGKILL is seen as gone even if
    one of its children lives on for a moment.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    @property
    def held(self) -> bool:
        return self._fd is not None

    def acquire(self, *, timeout: float | None = 0.0, stop: Callable[[], bool] = lambda: False) -> bool:
        """True once it is held. Waits up to `timeout` seconds (None: without end), or until `stop()`."""
        if self._fd is not None:
            return True
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            fd = self._open()
            try:
                while not _try_exclusive(fd):
                    if stop() or (until is not None and time.monotonic() >= until):
                        os.close(fd)
                        return False
                    time.sleep(0.05)
            except BaseException:
                os.close(fd)
                raise
            if self._is_still(fd):
                self._fd = fd
                _held.add(fd)
                return True
            os.close(fd)

    def remove(self) -> None:
        """Deletes the file and frees the lock; whoever waits for it sees that and takes a new one."""
        if self._fd is not None and sys.platform != "win32":
            self.path.unlink(missing_ok=True)
        self.release()

    def write(self, text: str) -> None:
        """Notes who holds it, for those who wait."""
        if self._fd is not None:
            os.ftruncate(self._fd, 0)
            os.lseek(self._fd, 0, os.SEEK_SET)
            os.write(self._fd, text.encode())

    def _open(self) -> int:
        return os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)

    def _is_still(self, fd: int) -> bool:
        """Not a file that its former holder has deleted meanwhile."""
        try:
            return os.fstat(fd).st_ino == self.path.stat().st_ino
        except FileNotFoundError:
            return False

    def release(self) -> None:
        if self._fd is None:
            return
        fd, self._fd = self._fd, None
        _held.discard(fd)
        _unlock(fd)
        os.close(fd)


_held: set[int] = set()


def _forget_in_child() -> None:
    for fd in _held:
        with contextlib.suppress(OSError):
            os.close(fd)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)


@contextlib.contextmanager
def locked(path: Path, *, timeout: float | None = None) -> Iterator[None]:
    """Holds the lock over a block; TimeoutError if it did not come free in time."""
    lock = FileLock(path)
    if not lock.acquire(timeout=timeout):
        raise TimeoutError(f"{path} is held by another process")
    try:
        yield
    finally:
        lock.release()


def is_held(path: Path) -> bool | None:
    """Whether some process holds the lock. None: this file system cannot tell. A missing file is not held."""
    try:
        fd = os.open(
            path, (os.O_RDWR if sys.platform == "win32" else os.O_RDONLY) | getattr(os, "O_BINARY", 0)
        )
    except FileNotFoundError:
        return False
    except OSError:
        return None
    try:
        return not _try_shared(fd)
    except OSError:
        return None
    finally:
        os.close(fd)


if sys.platform == "win32":
    import msvcrt

    def _try_exclusive(fd: int) -> bool:
        os.lseek(fd, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _try_shared(fd: int) -> bool:
        # Windows has no shared lock here: taken and given back at once; whoever wants it for long tries for longer.
        if not _try_exclusive(fd):
            return False
        _unlock(fd)
        return True

    def _unlock(fd: int) -> None:
        os.lseek(fd, _FAR, os.SEEK_SET)
        with contextlib.suppress(OSError):
            msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_exclusive(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _try_shared(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(fd: int) -> None:
        with contextlib.suppress(OSError):
            fcntl.flock(fd, fcntl.LOCK_UN)
