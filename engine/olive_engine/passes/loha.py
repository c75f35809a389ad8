"""LoHa: adapters from Hadamard products. Layers by peft, loop by us."""

from __future__ import annotations

from ..training.entry import check, estimate, fingerprint, run

GIVES = "adapter"

__all__ = ["GIVES", "check", "estimate", "fingerprint", "run"]
