"""A worker that trains nothing: called as `python -m olive_engine.worker FOLDER` is, by a script in its place.

`play.json` beside the config says how it goes: {"steps", "delay", "lines": logged before the first step, "pace": so many
of them a second, "loss", "fail": {"code", "message", "pointer", "hint"}, "die_at"}.
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
    started = {
        "run_id": record["id"],
        "config": record["config"],
        "attempt": record["attempt"],
        "resumed": record["attempt"] > 1,
        "passes": [{"name": name, "type": "LoRA"} for name in names],
        "output_dir": output,
        "pid": os.getpid(),
        "host": process.host(),
    }
    writer.emit("run_started", None, started)
    for index, name in enumerate(names):
        told: dict[str, Any] = {"index": index, "total": len(names), "type": "LoRA", "cached": False}
        writer.emit("pass_started", name, told)
        for number in range(play.get("lines", 0)):
            writer.emit("log", name, {"level": "info", "message": f"line {number}"})
            if "pace" in play and number % (play["pace"] // 10) == 0:
                time.sleep(0.1)
        for step in range(1, play.get("steps", 3) + 1):
            if (folder / folders.CANCEL).exists():
                return finish(folder, writer, "cancelled", None)
            writer.emit("metric", name, {"step": step, "loss": float(play.get("loss", 1 / step))})
            told = {"phase": "train", "done": step, "total": play.get("steps", 3), "unit": "step"}
            writer.emit("progress", name, told)
            if play.get("die_at") == step:
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(play.get("delay", 0.01))
        if play.get("fail"):
            return finish(folder, writer, "failed", play["fail"])
        told = {"state": "succeeded", "cached": False, "seconds": 1.0, "import_seconds": 0.0}
        writer.emit("pass_finished", name, {**told, "peak_memory_bytes": None})
    Path(output).mkdir(exist_ok=True)
    writer.emit("artifact", None, {"kind": "model", "path": output, "size_bytes": 0})
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
