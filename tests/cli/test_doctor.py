"""The doctor says what is here and what is missing, and never what is secret."""

from __future__ import annotations

from importlib.metadata import PathDistribution
from pathlib import Path
from typing import Any

import pytest

from olive_engine import doctor, doctor_needs, doctor_packages, machine


def test_a_complete_environment_is_fine(cli: Any) -> None:
    done = cli("doctor", "--quick")
    assert done.returncode == 0, done.stdout
    assert "everything that runs need is installed" in done.stdout
    for hardware in ("cpu:", "cuda:", "directml:", "qlora:"):
        assert hardware in done.stdout


def test_as_json(cli: Any) -> None:
    report = cli.json("doctor", "--quick")
    assert report["fine"] is True
    assert report["quick"] is True
    assert report["memory"]["total"] > 1e9
    assert report["torch"] is None
    torch = next(package for package in report["packages"] if package["name"] == "torch")
    assert torch["state"] == "fits"
    assert torch["wanted"].startswith(">=")
    full = cli.json("doctor")
    assert full["torch"]["version"] == torch["installed"]
    assert "CPUExecutionProvider" in full["providers"]


def test_the_token_is_never_shown(cli: Any) -> None:
    cli.environment["HF_TOKEN"] = "hf_verysecretverysecret"
    done = cli("doctor", "--quick", "--json")
    assert '"hf_token":true' in done.stdout
    assert "verysecret" not in done.stdout + done.stderr


def distribution(folder: Path, name: str, version: str, requires: list[str] = ()) -> PathDistribution:  # type: ignore[assignment]
    place = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    place.mkdir(parents=True)
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    (place / "METADATA").write_text(
        "\n".join([*lines, *(f"Requires-Dist: {each}" for each in requires)]) + "\n"
    )
    return PathDistribution(place)


def check_environment(
    monkeypatch: pytest.MonkeyPatch, folder: Path, installed: dict[str, tuple[str, list[str]]]
) -> doctor.Report:
    """The doctor's report where exactly these distributions are installed."""
    found = {
        name: distribution(folder, name, version, list(wants)) for name, (version, wants) in installed.items()
    }
    monkeypatch.setattr(doctor_packages, "_find", found.get)
    monkeypatch.setattr(doctor_packages, "distributions", lambda: list(found.values()))
    return doctor.examine(quick=True)


OURS = ("0.1.0", ["rich>=13", "torch>=2.6; extra == 'engine'", "onnxruntime>=1.22; extra == 'engine'"])


def test_a_missing_package_is_named_with_what_installs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    report = check_environment(monkeypatch, tmp_path, {"olivepress": OURS, "rich": ("14.0", [])})
    missing = [finding for finding in report.findings if finding.state == "missing"]
    assert [finding.text for finding in missing] == ["torch is not installed", "onnxruntime is not installed"]
    assert missing[0].remedy == "pip install 'olivepress[engine]'"
    assert not report.fine


def test_a_version_that_does_not_fit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    report = check_environment(
        monkeypatch,
        tmp_path,
        {"olivepress": OURS, "rich": ("14.0", []), "torch": ("2.1.0", []), "onnxruntime": ("1.32.0", [])},
    )
    (missing,) = (finding for finding in report.findings if finding.state == "missing")
    assert missing.text == "torch 2.1.0 does not fit: >=2.6 is needed by Olive Press"
    assert missing.remedy == "pip install 'torch>=2.6'"


def test_packages_that_do_not_fit_each_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed = {
        "olivepress": OURS,
        "rich": ("14.0", []),
        "torch": ("2.7.0", ["sympy>=1.13"]),
        "sympy": ("1.12", []),
        "onnxruntime": ("1.32.0", []),
    }
    report = check_environment(monkeypatch, tmp_path, installed)
    (missing,) = (finding for finding in report.findings if finding.state == "missing")
    assert missing.text == "sympy 1.12 does not fit: >=1.13 is needed by torch 2.7.0"


def test_two_builds_of_onnxruntime_overwrite_each_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    both = {"onnxruntime": ("1.32.0", []), "onnxruntime-gpu": ("1.32.0", [])}
    report = check_environment(
        monkeypatch, tmp_path, {"olivepress": OURS, "rich": ("14.0", []), "torch": ("2.7.0", []), **both}
    )
    assert any("overwrite each other's files" in finding.text for finding in report.findings)
    assert report.fine


def test_a_build_for_other_hardware_counts_as_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed = {
        "olivepress": OURS,
        "rich": ("14.0", []),
        "torch": ("2.7.0", []),
        "onnxruntime-gpu": ("1.32.0", []),
    }
    assert check_environment(monkeypatch, tmp_path, installed).fine


def test_an_extra_may_be_made_of_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ours = ("0.1.0", ["olivepress[core]; extra == 'engine'", "torch>=2.6; extra == 'core'"])
    report = check_environment(monkeypatch, tmp_path, {"olivepress": ours})
    assert [finding.text for finding in report.findings if finding.state == "missing"] == [
        "torch is not installed"
    ]


def test_gpus_as_the_driver_reports_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'NVIDIA A10, 24564, 20000, 550.54'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert machine.gpus() == (machine.Gpu("NVIDIA A10", 24564 * 2**20, 20000 * 2**20, "550.54"),)
    program.write_text("#!/bin/sh\nexit 9\n")
    assert machine.gpus() == ()


def config(folder: Path, pass_type: str, provider: str = "CPUExecutionProvider") -> Path:
    path = folder / "olive-config.json"
    path.write_text(
        f"""{{
            "input_model": {{"type": "HfModel", "model_path": "gpt2"}},
            "systems": {{"here": {{"type": "LocalSystem", "accelerators":
                [{{"device": "gpu", "execution_providers": ["{provider}"]}}]}}}},
            "passes": {{"a": {{"type": "{pass_type}", "train_data_config": "none"}}}}, "target": "here"
        }}"""
    )
    return path


GPU = machine.Gpu("A100", 80_000_000_000, 79_000_000_000, "570.1")


@pytest.mark.parametrize(
    ("pass_type", "provider", "gpus", "extras"),
    [
        ("ModelBuilder", "CPUExecutionProvider", (), ("engine",)),
        ("QLoRA", "CPUExecutionProvider", (), ("engine", "qlora")),
        ("ModelBuilder", "CUDAExecutionProvider", (GPU,), ("cuda",)),
        ("ModelBuilder", "CUDAExecutionProvider", (), ("engine",)),
        ("LoRA", "CPUExecutionProvider", (GPU,), ("cuda",)),
    ],
)
def test_what_a_config_needs_on_a_machine(
    tmp_path: Path, pass_type: str, provider: str, gpus: tuple[machine.Gpu, ...], extras: tuple[str, ...]
) -> None:
    found = doctor_needs.needs(config(tmp_path, pass_type, provider), doctor_packages.packages(), gpus)
    assert found.extras == extras
    assert ("bitsandbytes>=0.46" in found.requirements) == ("qlora" in extras)
    assert any(line.startswith("torch>=") for line in found.requirements)


def test_the_users_word_on_the_hardware_counts(tmp_path: Path) -> None:
    found = doctor_needs.needs(config(tmp_path, "LoRA"), (), (GPU,), "cpu")
    assert (found.hardware, found.extras) == ("cpu", ("engine",))


def test_what_is_lacking_is_what_is_not_installed(cli: Any, tmp_path: Path) -> None:
    report = cli.json("doctor", "--quick", "-c", str(config(tmp_path, "QLoRA")), "--hardware", "cpu")
    assert report["needs"]["missing"] == []
    absent = [doctor_packages.Package("torch", "engine", ">=2.6", None, "absent")]
    assert doctor_needs.needs(None, absent, ()).missing == ("torch",)


def test_a_config_that_cannot_be_read_needs_what_most_do(tmp_path: Path) -> None:
    broken = tmp_path / "olive-config.json"
    broken.write_bytes(b"\xff\xfe")
    assert doctor_needs.needs(broken, (), ()).extras == ("engine",)
    assert doctor_needs.needs(tmp_path / "none.json", (), ()).extras == ("engine",)
