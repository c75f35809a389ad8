"""A language client for measuring: as little of its own work as can be between a message and its time stamp."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

Json = dict[str, Any]


def environment() -> dict[str, str]:
    """Ours, with compiled modules kept as in an installation."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


class Client:
    """Answers questions about settings with `settings`; everything else that the server asks with null."""

    def __init__(self, command: list[str], settings: Json | None = None, cwd: Path | None = None) -> None:
        self.pushes_at_once = True
        """Whether diagnostics come by themselves, without a long wait."""
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=environment(),
            cwd=cwd,
        )
        self._settings = settings or {}
        self._last = 0
        self._answers: dict[int, tuple[Json, float]] = {}
        self._notes: list[tuple[Json, float]] = []
        self._changed = threading.Condition()
        self._writing = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with os.fdopen(os.dup(self.process.stdout.fileno()), "rb") as stream:
            while True:
                length = 0
                while (line := stream.readline()) not in (b"\r\n", b""):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.partition(b":")[2])
                if not line:
                    return
                body = stream.read(length)
                now = time.perf_counter()
                message = json.loads(body)
                if "method" in message and "id" in message:
                    self._answer(message)
                with self._changed:
                    if "method" in message:
                        self._notes.append((message, now))
                    else:
                        self._answers[message["id"]] = (message, now)
                    self._changed.notify_all()

    def _answer(self, message: Json) -> None:
        asked = message["method"] == "workspace/configuration"
        result = [self._settings for _ in message["params"]["items"]] if asked else None
        self._send({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def _send(self, message: Json) -> None:
        body = json.dumps(message).encode()
        assert self.process.stdin is not None
        data = memoryview(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        with self._writing:
            while data:
                data = data[os.write(self.process.stdin.fileno(), data) :]

    def notify(self, method: str, params: Any) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method: str, params: Any) -> int:
        self._last += 1
        self._send({"jsonrpc": "2.0", "id": self._last, "method": method, "params": params})
        return self._last

    def answer(self, identity: int, seconds: float = 60.0) -> tuple[Any, float]:
        """(result, when it came)."""
        with self._changed:
            if not self._changed.wait_for(lambda: identity in self._answers, seconds):
                raise TimeoutError
            message, came = self._answers.pop(identity)
        if "error" in message:
            raise RuntimeError(message["error"]["message"])
        return message["result"], came

    def ask(self, method: str, params: Any) -> tuple[Any, float]:
        return self.answer(self.request(method, params))

    def pushed(self, uri: str, version: int | None, seconds: float = 60.0) -> tuple[list[Json], float]:
        """(diagnostics, when they came) of a version, or of any where the server does not say which."""

        def fits(message: Json) -> bool:
            params = message.get("params") or {}
            return (
                message["method"] == "textDocument/publishDiagnostics"
                and params.get("uri") == uri
                and params.get("version", version) == version
            )

        with self._changed:
            if not self._changed.wait_for(lambda: any(fits(one) for one, _ in self._notes), seconds):
                raise TimeoutError
            found = next((one, came) for one, came in self._notes if fits(one))
            self._notes = [entry for entry in self._notes if entry is not found and not fits(entry[0])]
        return found[0]["params"]["diagnostics"], found[1]

    def initialize(self, folder: Path, capabilities: Json, options: Json | None = None) -> Json:
        params = {
            "processId": os.getpid(),
            "rootUri": folder.as_uri(),
            "capabilities": capabilities,
            "initializationOptions": options,
            "workspaceFolders": [{"uri": folder.as_uri(), "name": folder.name}],
        }
        result, _ = self.ask("initialize", params)
        self.notify("initialized", {})
        return dict(result)

    def open(self, uri: str, text: str) -> None:
        document = {"uri": uri, "languageId": "json", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def resident_mib(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
