"""What is said when a run was started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import exits
from .words import short_path

if TYPE_CHECKING:
    from olive_engine.runs import Run


def say_detached(run: Run, *, as_json: bool) -> int:
    """One line with `run_id` for programs; for people also how to watch and to stop it."""
    if as_json:
        from .show_json import print_json

        print_json({"run_id": run.id, "folder": str(run.folder)})
        return exits.OK
    print(f"started {run.id}")
    print(f"  watch it:  olivepress runs follow {run.id}")
    print(f"  stop it:   olivepress runs cancel {run.id}")
    print(f"  its log:   {short_path(run.log)}")
    return exits.OK


def say_started(run: Run, *, as_json: bool) -> None:
    """The first line of a run that is followed."""
    if as_json:
        from .show_json import print_line

        print_line("launched", {"run_id": run.id, "folder": str(run.folder), "config": run.config})
    else:
        print(f"run {run.id} of {short_path(run.config)}, log {short_path(run.log)}", flush=True)
