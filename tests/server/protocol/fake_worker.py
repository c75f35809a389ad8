"""A worker that trains nothing: called as `python -m olive_engine.worker FOLDER` is, by a script in its place.

`play.json` beside the config says how it goes: {"steps", "delay", "fail": {"code", "message", "pointer", "hint"}, "die_at"}.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from olive_engine.runs import folder as folders
from olive_engine.runs import process
from olive_engine.runs.events import EventWriter
from olive_engine.runs.locks import FileLock
from olive_engine.runs.model import now


def main(folder: Path) -> None:
    lock = FileLock(folder / folders.LOCK)
    assert lock.acquire(timeout=5)
    record = folders.record(folder)
    play: dict[str, Any] = json.loads((Path(record["config"]).parent / "play.json").read_text())
    names = list(json.loads((folder / "config.json").read_text())["passes"])
    passes = [{"name": name, "type": "LoRA", "state": "running", "cached": False} for name in names]
    mine = {"pid": os.getpid(), "pid_started": process.started(os.getpid()), "started": now()}
    output = str(Path(record["config"]).parent / "out")
    folders.update(folder, state="running", passes=passes, output_dir=output, **mine)
    writer = EventWriter(folder / "events.jsonl")
    writer.emit("run_started", None, {"passes": passes, "output_dir": output})
    for name in names:
        writer.emit("pass_started", name, {"type": "LoRA", "cached": False})
        for step in range(1, play.get("steps", 3) + 1):
            if (folder / folders.CANCEL).exists():
                return finish(folder, writer, "cancelled", None)
            writer.emit("metric", name, {"step": step, "loss": 1 / step})
            told = {"phase": "train", "done": step, "total": play.get("steps", 3), "unit": "step"}
            writer.emit("progress", name, told)
            if play.get("die_at") == step:
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(play.get("delay", 0.01))
        if play.get("fail"):
            return finish(folder, writer, "failed", play["fail"])
        writer.emit("pass_finished", name, {"state": "succeeded", "cached": False})
    Path(output).mkdir(exist_ok=True)
    writer.emit("artifact", None, {"kind": "model", "path": output})
    return finish(folder, writer, "succeeded", None)


def finish(folder: Path, writer: EventWriter, state: str, error: dict[str, Any] | None) -> None:
    record = folders.record(folder)
    ended = "failed" if state == "failed" else state
    passes = [{**one, "state": ended} for one in record["passes"]]
    folders.update(folder, state=state, finished=now(), error=error, passes=passes)
    output = record["output_dir"]
    data = {"state": state, "output_dir": output, "summary": {"seconds": 1}, "error": error}
    writer.emit("run_finished", None, data)
    writer.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
