"""Numbers and paths as people read them. Standard library only."""

from __future__ import annotations

from pathlib import Path


def size(count: float | None) -> str:
    """Bytes: `86.2 MB`, in powers of 1000; `-` for None."""
    if count is None:
        return "-"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if abs(count) < 1000 or unit == "TB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return ""


def seconds(count: float | None) -> str:
    """`4.2 s`, `3:07`, `1:02:03`; `-` for None."""
    if count is None:
        return "-"
    if count < 60:
        return f"{count:.1f} s"
    whole = int(count + 0.5)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def amount(count: float | None) -> str:
    """`1,412`; `-` for None."""
    return "-" if count is None else f"{count:,.0f}"


def several(count: int, noun: str, plural: str | None = None) -> str:
    """`1 error`, `2 errors`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {plural or noun + 's'}"


def short_path(path: str | Path) -> str:
    """Relative to the current folder where it lies inside it, otherwise as it is."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)
