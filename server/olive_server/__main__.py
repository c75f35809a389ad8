"""`python -m olive_server [--tcp HOST:PORT]`: the language server over stdin and stdout, or for one client over TCP."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys
from collections.abc import Sequence

PROG = "olivepress lsp"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        PROG,
        description="The language server for Olive workflow configs. Editors start it; it speaks the Language Server "
        "Protocol over stdin and stdout, and writes its log to stderr.",
    )
    parser.add_argument("--stdio", action="store_true", help="over stdin and stdout (the default)")
    parser.add_argument(
        "--tcp", metavar="HOST:PORT", help="wait for one client at this address, for debugging"
    )
    parser.add_argument(
        "--log-level",
        default="warning",
        choices=("debug", "info", "warning", "error"),
        help="of the log on stderr",
    )
    call = parser.parse_args(arguments)
    address = _address(parser, call.tcp) if call.tcp else None
    logging.basicConfig(
        stream=sys.stderr,
        level=call.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    # Nothing that is made while starting is ever thrown away: looking for garbage in it is time lost.
    gc.disable()
    from .server import make_server
    from .serving import serve_stdio, serve_tcp

    server = make_server()
    gc.freeze()
    # A text becomes thousands of small tuples without cycles: looking for garbage after every 700 is time lost.
    gc.set_threshold(50_000, 20, 20)
    gc.enable()
    # A long text is looked at in a thread: what is typed meanwhile must not wait for it.
    sys.setswitchinterval(0.001)
    code = serve_tcp(server, *address) if address else serve_stdio(server)
    logging.shutdown()
    sys.stderr.flush()
    # Threads may still look at a dead network drive: nobody waits for them.
    os._exit(code)


def _address(parser: argparse.ArgumentParser, written: str) -> tuple[str, int]:
    host, _, port = written.rpartition(":")
    if not port.isdigit() or int(port) > 65535:
        parser.error(f"--tcp {written}: write HOST:PORT, for example 127.0.0.1:2087")
    return host.strip("[]") or "127.0.0.1", int(port)


if __name__ == "__main__":
    sys.exit(main())
