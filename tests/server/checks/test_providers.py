"""Devices and execution providers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from findings import findings, mended, told

CODES = "provider-device unknown-provider several-accelerators provider-missing"
CUDA, CPU, QNN = "CUDAExecutionProvider", "CPUExecutionProvider", "QNNExecutionProvider"
PLACE = "/systems/here/accelerators/0"


def system(*accelerators: Any, **more: Any) -> dict[str, Any]:
    return {
        "input_model": {"type": "HfModel", "model_path": "gpt2"},
        "systems": {"here": {"type": "LocalSystem", "accelerators": list(accelerators)}},
        "passes": {"convert": {"type": "OnnxConversion"}},
        "target": "here",
        **more,
    }


def one(device: str, *providers: str) -> dict[str, Any]:
    return {"device": device, "execution_providers": list(providers)}


@pytest.mark.parametrize("release", ["auto", "0.9.3", "0.13"])
@pytest.mark.parametrize(
    ("accelerator", "expected"),
    [
        (one("gpu", CUDA), []),
        (one("cpu", CPU), []),
        (one("gpu", CPU), []),
        (one("npu", CUDA), [f"provider-device warning {PLACE}/execution_providers/0"]),
        (one("cpu", CUDA), [f"provider-device warning {PLACE}/execution_providers/0"]),
    ],
)
def test_providers_fit_their_device(accelerator: Any, expected: list[str], release: str) -> None:
    assert told(system(accelerator), release, only=CODES) == expected


def test_what_the_device_has_depends_on_the_release() -> None:
    assert told(system(one("gpu", QNN)), "0.13", only=CODES) == []
    assert told(system(one("gpu", QNN)), "0.9.3", only=CODES) == [
        f"provider-device warning {PLACE}/execution_providers/0"
    ]


@pytest.mark.parametrize(
    ("written", "release", "severity", "meant"),
    [
        ("CudaExecutionProvider", "0.13", "warning", CUDA),
        ("CudaExecutionProvider", "auto", "error", CUDA),
        ("CUDA", "0.13", "error", CUDA),
        ("CUDA", "0.7.0", "warning", CUDA),
        ("dml", "0.13", "error", "DmlExecutionProvider"),
        ("TensorRTExecutionProvider", "0.13", "warning", "TensorrtExecutionProvider"),
        ("CUDAExecutionProvder", "0.13", "error", CUDA),
    ],
)
def test_misspelt_and_short_names(written: str, release: str, severity: str, meant: str) -> None:
    config = system(one("gpu", written))
    assert told(config, release, only=CODES) == [f"unknown-provider {severity} {PLACE}/execution_providers/0"]
    assert json.loads(mended(config, release, code="unknown-provider")) == system(one("gpu", meant))


@pytest.mark.parametrize(
    ("release", "severity"), [("0.9.3", ""), ("0.10.0", "error"), ("main", "error"), ("auto", "warning")]
)
def test_one_accelerator_with_one_provider(release: str, severity: str) -> None:
    two = system(one("gpu", CUDA), one("cpu", CPU))
    expected = [f"several-accelerators {severity} /systems/here/accelerators/1"] if severity else []
    assert told(two, release, only=CODES) == expected
    both = system(one("gpu", CUDA, CPU))
    expected = [f"several-accelerators {severity} {PLACE}/execution_providers"] if severity else []
    assert told(both, release, only=CODES) == expected
    if severity:
        assert json.loads(mended(both, release, code="several-accelerators")) == system(one("gpu", CUDA))
        assert json.loads(mended(two, release, code="several-accelerators")) == system(one("gpu", CUDA))


def test_an_npu_says_its_provider() -> None:
    config = system({"device": "npu"})
    assert told(config, "0.13", only=CODES) == [f"provider-missing error {PLACE}/device"]
    assert told(config, "0.9.1", only=CODES) == []
    assert told(config, "0.9.2", only=CODES) == [f"provider-missing error {PLACE}/device"]
    assert told(system({"device": "gpu"}), "0.13", only=CODES) == []


def test_the_engine_of_the_classic_dialect_names_them() -> None:
    config = {
        "input_model": {"type": "PyTorchModel", "config": {"hf_config": {"model_name": "gpt2"}}},
        "systems": {"here": {"type": "LocalSystem", "config": {"accelerators": ["npu"]}}},
        "passes": {"convert": {"type": "OnnxConversion"}},
        "engine": {"target": "here", "execution_providers": [CUDA]},
    }
    assert told(config, "0.5.0", only=CODES) == ["provider-device warning /engine/execution_providers/0"]


def test_the_message_says_where_the_provider_runs() -> None:
    problem = next(
        problem for problem in findings(system(one("npu", CUDA)), "0.13") if problem.code == "provider-device"
    )
    assert problem.message.startswith(
        "CUDAExecutionProvider does not run on the device `npu`; it runs on the device `gpu`"
    )
