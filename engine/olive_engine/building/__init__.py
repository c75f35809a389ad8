"""Builds the ONNX model that onnxruntime-genai runs.

`options` and `support` are light and serve the checks before a run; `build` does the work with onnxruntime-genai's own
builder, whose quantising it replaces by one that is done while the weights are written (`takeover`).
"""

from __future__ import annotations

from .build import Built, build
from .options import Request, request

__all__ = ["Built", "Request", "build", "request"]
