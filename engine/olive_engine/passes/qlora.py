"""QLoRA: LoRA on a base that bitsandbytes holds in 4 bits. The adapter belongs to the unquantised model."""

from __future__ import annotations

from ..training.entry import check, estimate, fingerprint, run

GIVES = "adapter"

__all__ = ["GIVES", "check", "estimate", "fingerprint", "run"]
