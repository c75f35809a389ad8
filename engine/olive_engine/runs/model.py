"""What a run and an event are, as plain frozen values. How they lie on disk: `folder.py` and `events.py`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal, cast

State = Literal["queued", "running", "succeeded", "failed", "cancelled", "lost"]
FINAL: frozenset[str] = frozenset({"succeeded", "failed", "cancelled"})
"""States that the worker wrote as its last word. `lost` is never written: readers compute it."""


def now() -> str:
    """UTC as ISO 8601 with milliseconds and `Z`: sorts as text, and every language can read it."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds_since(time: str) -> float:
    """Seconds from a time that `now()` wrote until now; 0.0 where the text is no time."""
    try:
        then = datetime.fromisoformat(time.replace("Z", "+00:00"))
    except ValueError:
        return 0.0
    return (datetime.now(timezone.utc) - then).total_seconds()


@dataclass(frozen=True)
class Event:
    """One line of `events.jsonl`.

    `type` is one of run_started, pass_started, progress, metric, log, artifact, pass_finished, run_finished.
    """

    seq: int
    time: str
    type: str
    pass_name: str | None
    data: Mapping[str, Any]

    def to_line(self) -> str:
        """The line as it stands in the file, without its newline."""
        return json.dumps(
            {
                "seq": self.seq,
                "time": self.time,
                "type": self.type,
                "pass_name": self.pass_name,
                "data": dict(self.data),
            },
            ensure_ascii=False,
            separators=(",", ":"),
            default=str,
        )

    @classmethod
    def from_line(cls, line: bytes | str) -> Event | None:
        """None for a line that is no event: what a crash left of one, or something another program wrote."""
        try:
            raw = json.loads(line)
            return cls(
                int(raw["seq"]),
                str(raw["time"]),
                str(raw["type"]),
                raw.get("pass_name"),
                raw.get("data") or {},
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return None


@dataclass(frozen=True)
class Run:
    """A run as it was when it was read; read it again (`runs.find`, `runs.refresh`) for what it is now."""

    id: str
    folder: Path
    state: State
    config: str
    """Absolute path of the config that was run. What was run is the snapshot, `config.json` in `folder`."""
    created: str
    pid: int | None = None
    started: str | None = None
    finished: str | None = None
    output_dir: str | None = None
    passes: tuple[Mapping[str, Any], ...] = ()
    """{"name", "type", "state", "cached", "seconds", ...} of each pass, in order."""
    error: Mapping[str, Any] | None = None
    """{"code", "message", "pointer", "hint", "line", "column"} of a failed or lost run."""
    options: Mapping[str, Any] = field(default_factory=dict)
    host: str = ""
    boot: str = ""
    pid_started: str | None = None
    """The worker's start time as its system tells it, so that a reused pid is never mistaken for it."""
    attempt: int = 1
    """1, and one more with each resume."""

    @property
    def final(self) -> bool:
        """The run has ended, one way or another, and nothing will be added to it unless it is resumed."""
        return self.state in FINAL or self.state == "lost"

    @property
    def snapshot(self) -> Path:
        return self.folder / "config.json"

    @property
    def events(self) -> Path:
        return self.folder / "events.jsonl"

    @property
    def log(self) -> Path:
        return self.folder / "worker.log"

    def to_json(self) -> dict[str, Any]:
        """What `run.json` holds, plus `folder`; `state` may be `lost` here."""
        return {
            "id": self.id,
            "state": self.state,
            "pid": self.pid,
            "config": self.config,
            "created": self.created,
            "started": self.started,
            "finished": self.finished,
            "output_dir": self.output_dir,
            "passes": [dict(one) for one in self.passes],
            "error": dict(self.error) if self.error else None,
            "options": dict(self.options),
            "host": self.host,
            "boot": self.boot,
            "pid_started": self.pid_started,
            "attempt": self.attempt,
            "folder": str(self.folder),
        }

    @classmethod
    def from_json(cls, folder: Path, raw: Mapping[str, Any]) -> Run:
        """KeyError or TypeError where `raw` is no run."""
        return cls(
            id=str(raw["id"]),
            folder=folder,
            state=cast(State, str(raw["state"])),
            config=str(raw["config"]),
            created=str(raw["created"]),
            pid=raw.get("pid"),
            started=raw.get("started"),
            finished=raw.get("finished"),
            output_dir=raw.get("output_dir"),
            passes=tuple(raw.get("passes") or ()),
            error=raw.get("error"),
            options=raw.get("options") or {},
            host=str(raw.get("host") or ""),
            boot=str(raw.get("boot") or ""),
            pid_started=raw.get("pid_started"),
            attempt=int(raw.get("attempt") or 1),
        )
