"""What the server is connected to: stdin and stdout, or one client over TCP."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .server import OliveServer


def serve_stdio(server: OliveServer) -> int:
    """Over stdin and stdout, which are taken away from everything else in this process."""
    messages = os.dup(1)
    os.dup2(2, 1)
    if sys.platform == "win32":
        import msvcrt

        for number in (0, messages):
            msvcrt.setmode(number, os.O_BINARY)
    return _run(server.serve(lambda size: os.read(0, size), lambda data: _write_all(messages, data)))


def serve_tcp(server: OliveServer, host: str, port: int) -> int:
    """To one client, for debugging. The address that it listens at is told on stderr."""
    with socket.create_server((host, port)) as listening:
        where = listening.getsockname()
        print(f"olivepress lsp listens at {where[0]}:{where[1]}", file=sys.stderr, flush=True)
        connection, _ = listening.accept()
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _run(server.serve(connection.recv, connection.sendall))


def _run(work: Any) -> int:
    """As asyncio.run, but without waiting for threads that are busy."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    return int(loop.run_until_complete(work))


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
