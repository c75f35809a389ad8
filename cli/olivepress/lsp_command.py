"""`olivepress lsp`: the language server, for editors."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    from olive_server.__main__ import main as serve

    return serve(arguments)
