"""One pass of a run: from the cache if it is there, else done and put there. Never twice at once, never half.

The first pass need not wait for the input model to be hashed: it begins, and if the finished hash shows that the
result is in the cache, or that another run is making it, it stops at its next step and that result is taken.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from olive_schemas.workflow import PassStep, Workflow

from . import artifact_json, checkpoints, keys, space
from .artifact import Artifact
from .context import Emit, PassContext
from .errors import Cancelled
from .hashes import digest
from .import_clock import ImportClock
from .input_hash import InputHash
from .memory_watch import PeakMemory
from .passes import PassModule
from .runs.locks import FileLock
from .store import Entry, Store

HASH_PATIENCE = 0.5
"""Seconds to wait for the input's hash before beginning without it."""

KEY_LENGTH = 40
"""Hex digits of a key: more than enough to be unique, few enough for the paths that Windows allows."""


@dataclass(frozen=True)
class Place:
    """What all passes of a run share."""

    workflow: Workflow
    store: Store
    emit: Emit
    stop_requested: Callable[[], bool]
    checkpoints: Path
    clock: ImportClock
    metrics: Callable[[str], Mapping[str, Any]]
    """Pass name -> what its metric events came to, for the summary."""
    trust_user_script: bool = False


@dataclass
class Result:
    """What came of a pass. `measured`: seconds, import_seconds, peak_memory_bytes, ..., as the summary shows them."""

    artifact: Artifact
    entry: Entry
    cached: bool
    measured: dict[str, Any] = field(default_factory=dict)


def data_prints(step: PassStep, workflow: Workflow) -> dict[str, str]:
    """Content of the data configs that a step uses, by their names."""
    used = keys.data_configs(step, workflow)
    if not used:
        return {}
    from . import data

    return {config.name: data.fingerprint(config, workflow) for config in used.values()}


class Key:
    """The cache key of a step, known at once or, while the input model is still being hashed, later."""

    def __init__(self, parts: Mapping[str, Any], input_hash: InputHash | None) -> None:
        self.parts = dict(parts)
        self._input = input_hash

    def get(self, timeout: float | None = None) -> str | None:
        """None while it is not known (after `timeout` seconds), or if it cannot be known before the work."""
        if self._input is None:
            return digest(self.parts)[:KEY_LENGTH]
        content = self._input.content(timeout)
        if content is None:
            return None
        parts = {**self.parts, "input": _replaced(self.parts["input"], self._input.quick, content)}
        return digest(parts)[:KEY_LENGTH]

    def settle(self, artifact: Artifact) -> Artifact:
        """The artifact with the input model known by its content, as far as it can be: later keys are made of it."""
        content = None if self._input is None else self._input.content()
        if self._input is None or content is None:
            return artifact
        return keys.settle(artifact, self._input.quick, content)


def perform(
    step: PassStep,
    source: Artifact,
    module: PassModule,
    place: Place,
    *,
    key: Key,
    data: Mapping[str, str],
    next_type: str | None,
    announce: Callable[[bool], None],
    anew: bool = False,
) -> Result:
    """Does the step or takes its result from the cache; `anew`: only what this very run has put there.

    `announce(cached)` is called once, before the work. Cancelled, RunError and whatever the pass raises go through,
    and nothing is left in the cache then.
    """
    work = _Work(step, source, module, place, key, dict(data), next_type, announce, anew)
    known = key.get(HASH_PATIENCE)
    if known is None:
        found = work.begin_without_key()
        if found is not None:
            return found
        known = key.get()
    return work.with_key(known or _unrepeatable())


@dataclass
class _Work:
    step: PassStep
    source: Artifact
    module: PassModule
    place: Place
    key: Key
    data: dict[str, str]
    next_type: str | None
    announce: Callable[[bool], None]
    anew: bool = False
    announced: bool = False
    begin: float = field(default_factory=time.perf_counter)

    def with_key(self, key: str) -> Result:
        """The usual way: the key's lock is held over looking, doing and storing."""
        store = self.place.store
        lock = store.lock(key)
        self._take(lock)
        try:
            entry = store.lookup(key)
            if entry is not None and self._is_wanted(key):
                self._say(True)
                checkpoints.remove(self.place.checkpoints)
                return Result(self._made(entry), entry, True, self._cached(entry))
            temporary = store.temporary(key)
            try:
                artifact, measured = self._run(temporary / "artifact", self.place.stop_requested)
                return self._commit(temporary, key, artifact, measured)
            finally:
                store.discard(temporary)
        finally:
            lock.release()

    def begin_without_key(self) -> Result | None:
        """Begins before the key is known. None if the work was given up because the result is there already."""
        store = self.place.store
        give_up, over = threading.Event(), threading.Event()
        taken: list[FileLock] = []

        def look() -> None:
            known = self.key.get()
            if known is None:
                return
            lock = store.lock(known)
            if not lock.acquire(timeout=0.2):
                give_up.set()
                return
            taken.append(lock)
            if over.is_set():
                lock.release()
            elif self._is_wanted(known):
                give_up.set()

        watcher = threading.Thread(target=look, name="input-hash", daemon=True)
        watcher.start()
        nonce = f"unkeyed-{secrets.token_hex(8)}"
        own = store.lock(nonce)
        own.acquire()
        temporary = store.temporary(nonce)
        try:
            artifact, measured = self._run(
                temporary / "artifact", lambda: give_up.is_set() or self.place.stop_requested()
            )
            watcher.join()
            known = self.key.get() or _unrepeatable()
            if not taken:
                # Another run has been at it meanwhile, or the key was only known at the end (a model just fetched).
                taken.append(store.lock(known))
                self._take(taken[-1])
            if self._is_wanted(known):
                return None
            return self._commit(temporary, known, artifact, measured)
        except Cancelled:
            if give_up.is_set() and not self.place.stop_requested():
                return None
            raise
        finally:
            store.discard(temporary)
            own.remove()
            if give_up.is_set():
                watcher.join()
            over.set()
            for lock in taken:
                lock.release()

    def _run(self, output: Path, stop: Callable[[], bool]) -> tuple[Artifact, dict[str, Any]]:
        self._say(False)
        place = self.place
        folder = place.checkpoints
        if told := checkpoints.prepare(folder, self.key.parts):
            self._log("warning", told)
        context = PassContext(
            workflow=place.workflow,
            step=self.step,
            output=output,
            checkpoints=folder,
            emit=place.emit,
            stop_requested=stop,
            trust_user_script=place.trust_user_script,
            next_type=self.next_type,
        )
        space.check(self.step, self.source, self.module, context)
        imports, begin = place.clock.seconds, time.perf_counter()
        with PeakMemory() as peak:
            artifact = self.module.run(self.step, self.source, context)
        imports = place.clock.seconds - imports
        measured: dict[str, Any] = {
            "seconds": round(max(0.0, time.perf_counter() - begin - imports), 3),
            "import_seconds": round(imports, 3),
            "peak_memory_bytes": peak.bytes,
        }
        measured["metrics"] = dict(self.place.metrics(self.step.name))
        if peak.gpu_bytes is not None:
            measured["peak_gpu_memory_bytes"] = peak.gpu_bytes
        return artifact, measured

    def _commit(self, temporary: Path, key: str, artifact: Artifact, measured: dict[str, Any]) -> Result:
        after = data_prints(self.step, self.place.workflow)
        if after != self.data:
            changed = ", ".join(sorted(name for name in after if after[name] != self.data.get(name)))
            self._log(
                "warning",
                f"The files of data config {changed} changed while the pass was reading them: its result is used "
                "in this run and kept for no other.",
            )
            key = _unrepeatable()
        elif self.anew and self.place.store.others_rely_on(key):
            self._log(
                "warning",
                "Another run is using the earlier result of this pass: the new one is used in this run and kept for no other.",
            )
            key = _unrepeatable()
        settled = self.key.settle(artifact)
        raw = artifact_json.to_json(settled, temporary / "artifact", self.key.settle(self.source))
        extra = {"measured": measured, "run": self.place.store.user}
        entry = self.place.store.commit(temporary, key, raw, extra)
        checkpoints.remove(self.place.checkpoints)
        return Result(self._made(entry), entry, False, measured)

    def _made(self, entry: Entry) -> Artifact:
        return artifact_json.from_entry(entry, self.key.settle(self.source))

    def _cached(self, entry: Entry) -> dict[str, Any]:
        """Seconds that the cache took; what the making took is kept beside them."""
        made = dict(entry.extra.get("measured", {}))
        metrics = made.pop("metrics", {})
        seconds = round(time.perf_counter() - self.begin, 3)
        now = {"seconds": seconds, "import_seconds": 0.0, "peak_memory_bytes": None, "metrics": metrics}
        return {**now, "made_in": made}

    def _is_wanted(self, key: str) -> bool:
        """Whether there is a result to be taken. Cheap: not yet checked."""
        store = self.place.store
        if not self.anew:
            return store.has(key)
        entry = store.peek(key)
        return entry is not None and entry.extra.get("run") == store.user

    def _take(self, lock: FileLock) -> None:
        if lock.acquire():
            return
        self._log("info", "Another run is doing this very pass: waiting for its result.")
        if not lock.acquire(timeout=None, stop=self.place.stop_requested):
            raise Cancelled()

    def _say(self, cached: bool) -> None:
        if not self.announced:
            self.announced = True
            self.announce(cached)

    def _log(self, level: str, message: str) -> None:
        self.place.emit("log", self.step.name, {"level": level, "message": message})


def _replaced(value: Any, old: str, new: str) -> Any:
    if isinstance(value, list):
        return [_replaced(one, old, new) for one in value]
    return new if value == old else value


def _unrepeatable() -> str:
    """A key that no later run will ask for."""
    return digest(["once", secrets.token_hex(16)])[:KEY_LENGTH]
