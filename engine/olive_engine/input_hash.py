"""The content's fingerprint of a run's input model, computed beside the first pass where it is not remembered."""

from __future__ import annotations

import threading
from concurrent.futures import Future, TimeoutError

from olive_schemas.workflow import InputModel

from . import keys
from .errors import RunError
from .hashes import HashMemory


class InputHash:
    """`quick` is there at once, `content()` when the thread is done; two models of the same content agree in it."""

    def __init__(self, model: InputModel, memory: HashMemory) -> None:
        self.quick = keys.quick_fingerprint(model)
        self._model, self._memory = model, memory
        self._done: Future[str | None] = Future()
        known = keys.known_fingerprint(model, memory)
        if known is not None:
            self._done.set_result(known)
        else:
            threading.Thread(target=self._work, name="hash-input", daemon=True).start()

    def content(self, timeout: float | None = None) -> str | None:
        """None if it is not known after `timeout` seconds, or for a hub model that is not in the local cache (yet).

        RunError if a file of the model cannot be read.
        """
        try:
            found = self._done.result(timeout)
        except TimeoutError:
            return None
        except OSError as error:
            raise RunError(
                f"The input model {self._model.path} cannot be read: {error}.",
                code="input-not-readable",
                pointer=self._model.path_pointer,
            ) from None
        return found if found is not None else keys.content_fingerprint(self._model, self._memory)

    def _work(self) -> None:
        try:
            self._done.set_result(keys.content_fingerprint(self._model, self._memory))
        except BaseException as error:  # noqa: BLE001 - raised again for whoever asks for the result
            self._done.set_exception(error)
