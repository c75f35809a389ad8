"""make_model.py FOLDER: a random Phi-3 of two small layers with a byte-level tokenizer, as the engine's tests make it."""

import importlib.util
import sys
from pathlib import Path

if __name__ == "__main__":
    path = Path(__file__).parents[2] / "engine" / "building" / "conftest.py"
    spec = importlib.util.spec_from_file_location("building_models", path)
    assert spec is not None and spec.loader is not None
    models = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = models  # its dataclasses look themselves up
    spec.loader.exec_module(models)
    models.write_model(Path(sys.argv[1]), "phi3")
