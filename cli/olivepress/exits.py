"""Exit codes. 0 is given only when every promised artifact exists."""

from __future__ import annotations

from typing import Final

OK: Final = 0
FAILED: Final = 1
WRONG: Final = 2
"""The config or the call is wrong; nothing was started."""
CANCELLED: Final = 130
READER_GONE: Final = 141
"""Nobody reads the output any more (128 + SIGPIPE). The run itself goes on."""

OF_STATE: Final = {"succeeded": OK, "failed": FAILED, "cancelled": CANCELLED, "lost": FAILED}
"""Final state of a run -> exit code of whoever followed it to its end."""
