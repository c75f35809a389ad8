"""What is measured of a pass: its peak memory, its seconds without imports, its first and last loss."""

from __future__ import annotations

import importlib
import sys
from types import SimpleNamespace

import pytest

from olive_engine import memory_watch
from olive_engine.import_clock import ImportClock
from olive_engine.memory_watch import PeakMemory
from olive_engine.watching import MetricWatch

MB = 1 << 20


@pytest.mark.parametrize("kernel", [True, False], ids=["the kernel's mark", "a thread that looks"])
def test_a_peak_is_that_of_the_stretch_and_not_of_before(monkeypatch, kernel):
    if not kernel:
        monkeypatch.setattr(memory_watch, "_reset_kernel", lambda: False)
    bytearray(b"x") * (200 * MB)
    before = memory_watch.memory_used()
    with PeakMemory() as small:
        pass
    with PeakMemory() as large:
        held = bytearray(b"x") * (100 * MB)
        importlib.import_module("time").sleep(0.1)
        del held
    assert small.bytes < before + 50 * MB
    assert before + 90 * MB < large.bytes < before + 150 * MB
    assert large.gpu_bytes is None


def test_progress_tells_the_memory_that_is_held_and_a_gpus_where_one_is_used(monkeypatch):
    told = []
    watch = MetricWatch(lambda type, name, data: told.append(data))
    monkeypatch.setitem(sys.modules, "torch", None)
    watch.emit("progress", "lora", {"phase": "load"})
    cuda = SimpleNamespace(
        is_initialized=lambda: True, device_count=lambda: 2, memory_reserved=lambda i: (i + 1) * MB
    )
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    watch.emit("progress", "lora", {"phase": "train"})
    without, with_gpu = told
    assert without["memory_bytes"] > MB and "gpu_memory_bytes" not in without
    assert with_gpu["memory_bytes"] > MB and with_gpu["gpu_memory_bytes"] == 3 * MB


def test_imports_are_timed_apart_nested_ones_once(tmp_path, monkeypatch):
    (tmp_path / "slow_outer.py").write_text("import time, slow_inner\ntime.sleep(0.1)\n")
    (tmp_path / "slow_inner.py").write_text("import time\ntime.sleep(0.1)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    clock = ImportClock()
    clock.install()
    try:
        importlib.import_module("slow_outer")
        assert 0.19 < clock.seconds < 5
        before = clock.seconds
        importlib.import_module("slow_outer")
        assert clock.seconds == before
    finally:
        clock.remove()
        for name in ("slow_outer", "slow_inner"):
            sys.modules.pop(name, None)
    assert clock not in sys.meta_path


def test_an_import_that_fails_fails_as_without_the_clock(tmp_path, monkeypatch):
    (tmp_path / "broken_module.py").write_text("raise ValueError('broken')")
    monkeypatch.syspath_prepend(str(tmp_path))
    clock = ImportClock()
    clock.install()
    try:
        with pytest.raises(ValueError, match="broken"):
            importlib.import_module("broken_module")
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("no_such_module_anywhere")
    finally:
        clock.remove()


def test_metrics_keep_the_first_and_the_last_loss():
    watch = MetricWatch(lambda type, name, data: None)
    for step, loss in enumerate((2.0, 1.5, 1.0), start=1):
        watch.emit("metric", "lora", {"step": step, "loss": loss, "grad_norm": None})
    assert watch.metrics("lora") == {"first_loss": 2.0, "last_loss": 1.0, "steps": 3}
    assert watch.metrics("merge") == {}


def test_a_resumed_run_keeps_the_first_loss_of_the_first_attempt():
    watch = MetricWatch(lambda type, name, data: None, {"lora": {"step": 1, "loss": 3.0}})
    watch.emit("metric", "lora", {"step": 7, "loss": 1.0})
    assert watch.metrics("lora") == {"first_loss": 3.0, "last_loss": 1.0, "steps": 7}


def test_progress_tells_the_memory_held():
    told = []
    MetricWatch(lambda type, name, data: told.append(data)).emit("progress", "lora", {"done": 1})
    assert told[0]["memory_bytes"] > MB
