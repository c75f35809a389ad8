"""LoftQ: a LoRA whose start makes up for what quantising to nf4 loses; it comes with base weights of its own."""

from __future__ import annotations

from ..training.entry import check, estimate, fingerprint, run

GIVES = "adapter"

__all__ = ["GIVES", "check", "estimate", "fingerprint", "run"]
