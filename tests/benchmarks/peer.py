"""The peer that this project is measured against: Microsoft's olive-ai 0.13.0, in an environment of its own.

Made once under the work folder (about 1.8 GB) unless OLIVEPRESS_PEER names one that exists. The versions are the
newest that Olive 0.13.0 works with: it breaks with onnxruntime-genai after 0.14.1.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PACKAGES = [
    "olive-ai==0.13.0",
    "transformers==5.23.0",
    "peft==0.21.2",
    "datasets==5.2.0",
    "accelerate==1.15.0",
    "onnxruntime==1.32.0",
    "onnxruntime-genai==0.14.1",
    "bitsandbytes==0.50.2",
    "pydantic==2.11.7",
    "requests",
]
ENVIRONMENT = {"HF_HUB_OFFLINE": "1", "OLIVE_DISABLE_TELEMETRY": "1", "TOKENIZERS_PARALLELISM": "false"}


def environment(work: Path) -> Path:
    """Folder of the peer's virtual environment, made if need be."""
    named = os.environ.get("OLIVEPRESS_PEER")
    folder = Path(named) if named else work / "peer"
    if not (folder / "bin" / "olive").exists():
        print(f"installing olive-ai into {folder} (some minutes, once)", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "torch==2.13.0"], check=True)
        subprocess.run([*pip, *PACKAGES], check=True)
    return folder


def command(work: Path, config: Path) -> list[str]:
    """`olive run` of the peer."""
    return [str(environment(work) / "bin" / "olive"), "run", "--config", config.name]
