"""The int4 build alone, ours and onnxruntime-genai's stock builder, turn about, each in a process of its own.

    bench_build.py WORK [--repetitions N] [--large]

Seconds are without the imports, peak memory is the kernel's high-water mark of the whole process. Every file of both
results is compared byte for byte. `--large` adds a 3.8B model with a LoRA adapter merged on the way, ours only: the
stock builder would need about 29 GB.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import models

SIZES = ("97.5M", "778M")


def bench(
    work: Path, sizes: tuple[str, ...] = SIZES, repetitions: int = 3, large: bool = False
) -> list[dict[str, Any]]:
    """One row a size: seconds, CPU seconds and peak bytes of both, medians, the ratios, and whether all bytes agree."""
    rows = []
    for size in sizes:
        model = models.phi3(work, size)
        runs: dict[str, list[dict[str, float]]] = {"stock": [], "ours": []}
        hashes: dict[str, dict[str, str]] = {}
        for _ in range(repetitions):
            for who, into in runs.items():
                output = work / f"built-{size}-{who}"
                into.append(one(who, model, output))
                hashes[who] = content(output)
                shutil.rmtree(output)
                last = into[-1]
                print(
                    f"  build {size}: {who} {last['seconds']:.2f} s, {last['peak_bytes'] / 1e9:.2f} GB",
                    flush=True,
                )
        row: dict[str, Any] = {
            "model": size,
            "repetitions": repetitions,
            "equal": hashes["stock"] == hashes["ours"],
        }
        for key in ("seconds", "cpu_seconds", "peak_bytes"):
            ours, stock = (statistics.median(each[key] for each in runs[who]) for who in ("ours", "stock"))
            row[key] = {"ours": ours, "stock": stock, "ratio": ours / stock}
        rows.append(row)
    if large:
        rows.append(bench_large(work))
    return rows


def bench_large(work: Path) -> dict[str, Any]:
    """Phi-3-mini's shape with an adapter merged on the way. The weights are removed afterwards."""
    model, adapter = models.phi3(work, "3.8B"), models.lora(work, "3.8B")
    output = work / "built-3.8B-ours"
    try:
        found = one("ours", model, output, adapter)
        size = sum(file.stat().st_size for file in output.iterdir())
    finally:
        shutil.rmtree(output, ignore_errors=True)
        shutil.rmtree(model)
    return {
        "model": "3.8B with LoRA",
        "repetitions": 1,
        "bytes": size,
        **{key: {"ours": value} for key, value in found.items()},
    }


def one(who: str, model: Path, output: Path, adapter: Path | None = None) -> dict[str, float]:
    """One build in a fresh process."""
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    command = [sys.executable, __file__, "--child", who, str(model), str(output), str(adapter or "")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{who} failed on {model}:\n{done.stderr[-4000:]}")
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def content(folder: Path) -> dict[str, str]:
    """File name -> hash of its content."""
    found = {}
    for file in sorted(folder.iterdir()):
        with file.open("rb") as stream:
            found[file.name] = (
                hashlib.file_digest(stream, "sha256").hexdigest()
                if hasattr(hashlib, "file_digest")
                else hashlib.sha256(stream.read()).hexdigest()
            )
    return found


def child(who: str, model: Path, output: Path, adapter: str) -> None:
    from olive_engine.artifact import Artifact
    from olive_engine.building.build import build
    from olive_engine.building.genai import builder_module, make_model
    from olive_engine.building.options import Request

    module = builder_module()
    if who == "ours":
        import olive_engine.building.deferred_model
        import olive_engine.building.takeover  # noqa: F401
    from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: F401
    from transformers.models.phi3 import modeling_phi3  # noqa: F401

    request = Request("int4", "cpu")
    source = Artifact("hf_model", "bench", path=str(model))
    if adapter:
        source = Artifact("hf_model", "merged", base=source, adapter_path=adapter)
    started, before = time.monotonic(), time.process_time()
    if who == "ours":
        built = build(request, source, output, say=lambda message, level="info": None)
        assert built.way == "deferred", built
    else:
        make_model(module, request, model, output, lambda message, level="info": None, {"hf_remote": False})
    seconds, cpu = time.monotonic() - started, time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu, "peak_bytes": peak}))


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), sys.argv[5])
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--sizes", default=",".join(SIZES))
    parser.add_argument("--large", action="store_true")
    arguments = parser.parse_args()
    sizes = tuple(each for each in arguments.sizes.split(",") if each)
    rows = bench(arguments.work.resolve(), sizes, arguments.repetitions, arguments.large)
    print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
