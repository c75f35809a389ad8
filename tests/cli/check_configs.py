"""Small configs for the tests of `olivepress check`."""

from __future__ import annotations

GOOD = """{
  "input_model": {"type": "HfModel", "model_path": "some/model"},
  "passes": {
    "convert": {"type": "OnnxConversion", "target_opset": 17}
  },
  "output_dir": "out"
}
"""
COMMA = GOOD.replace('"out"', '"out",')
"""A trailing comma, which has an exact fix."""
DANGLING = GOOD.replace('"out"', '"out",\n  "target": "nowhere"')
"""A reference that leads nowhere, which has none."""
CLASSIC = """{
  "input_model": {"type": "PyTorchModel", "config": {"hf_config": {"model_name": "some/model"}}},
  "passes": {"convert": {"type": "OnnxConversion", "config": {"target_opset": 17}}},
  "engine": {"output_dir": "out"}
}
"""
