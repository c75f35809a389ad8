"""Messages off a byte stream, read by a thread of their own, and what of them is still waiting.

Because reading goes on while a request is worked on, a cancellation overtakes the request that it means, and whoever
would like to do something idle can ask whether anything is waiting. Knows the framing of the protocol, not its content.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

LOG = logging.getLogger(__name__)
_LENGTH = re.compile(rb"^content-length:\s*([0-9]{1,10})\s*$", re.IGNORECASE | re.MULTILINE)
_CHUNK = 1 << 16

Read = Callable[[int], bytes]
"""Gives some bytes, at most so many, as soon as there are any; none at the end."""


class Arrived(NamedTuple):
    """One message, or None for bytes that are no JSON. `cancelled`: its sender no longer wants the answer."""

    message: dict[str, Any] | None
    cancelled: bool = False


def frames(read: Read) -> Iterator[bytes]:
    """The bodies of the messages, until the stream ends. What is no header is skipped."""
    held = b""
    while True:
        end = held.find(b"\r\n\r\n")
        if end < 0:
            more = read(_CHUNK)
            if not more:
                return
            held += more
            continue
        header, held = held[:end], held[end + 4 :]
        found = _LENGTH.search(header)
        if found is None:
            LOG.warning("a message without Content-Length was skipped")
            continue
        length = int(found[1])
        parts, size = [held], len(held)
        while size < length:
            more = read(max(_CHUNK, length - size))
            if not more:
                return
            parts.append(more)
            size += len(more)
        held = b"".join(parts)
        body, held = held[:length], held[length:]
        yield body


class Inbox:
    """`wake` is called from the reading thread after each message, and once at the end of the stream."""

    def __init__(self, read: Read, wake: Callable[[], None]) -> None:
        self._read = read
        self._wake = wake
        self._lock = threading.Lock()
        self._waiting: deque[dict[str, Any] | None] = deque()
        self._cancelled: set[Any] = set()
        self.ended = False

    def start(self) -> None:
        threading.Thread(target=self._run, name="messages", daemon=True).start()

    @property
    def busy(self) -> bool:
        """Whether messages are waiting that nobody has taken."""
        return bool(self._waiting)

    def take(self) -> Arrived | None:
        with self._lock:
            if not self._waiting:
                return None
            message = self._waiting.popleft()
            if message is None or "method" not in message or "id" not in message:
                return Arrived(message)
            cancelled = _key(message["id"]) in self._cancelled
            self._cancelled.discard(_key(message["id"]))
            return Arrived(message, cancelled)

    def _run(self) -> None:
        try:
            for body in frames(self._read):
                self._put(_decoded(body))
                self._wake()
        except (OSError, ValueError):
            pass  # the other side is gone
        self.ended = True
        self._wake()

    def _put(self, message: dict[str, Any] | None) -> None:
        with self._lock:
            if message is not None and message.get("method") == "$/cancelRequest":
                wanted = _key((message.get("params") or {}).get("id"))
                if any(one and "method" in one and _key(one.get("id")) == wanted for one in self._waiting):
                    self._cancelled.add(wanted)
                    return
            self._waiting.append(message)


def _key(identity: Any) -> tuple[str, Any]:
    """1 and "1" are two requests."""
    return type(identity).__name__, identity if isinstance(identity, (int, str)) else repr(identity)


def _decoded(body: bytes) -> dict[str, Any] | None:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None
