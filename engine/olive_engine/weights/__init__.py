"""Weights on disk, one at a time: read, merged with an adapter, written as a folder.

`headers` reads names, types and shapes (standard library only), `reader` the values, `adapter` says what a PEFT
folder does to which weight, `merged` puts both together, `writing` writes a merged transformers folder.
No function in here holds more than a few weights in memory, but for `merge_in_memory`, the way for adapters that
only peft itself can merge.
"""

from __future__ import annotations

from .headers import Entry, checkpoint, total_bytes
from .merged import Merged, open_merged
from .reader import local_folder
from .writing import materialise, merge_in_memory

__all__ = [
    "Entry",
    "Merged",
    "checkpoint",
    "local_folder",
    "materialise",
    "merge_in_memory",
    "open_merged",
    "total_bytes",
]
