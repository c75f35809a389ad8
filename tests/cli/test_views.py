"""What the events of a run look like, drawn and as lines."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

import pytest
from rich.console import Console

from olivepress.show_live import LiveView
from olivepress.show_plain import PlainView
from olivepress.view import RunView


@dataclass
class Event:
    type: str
    pass_name: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    seq: int = 0


STARTED = Event(
    "run_started",
    None,
    {"passes": [{"name": "lora", "type": "LoRA"}, {"name": "build", "type": "ModelBuilder"}]},
)
LORA = Event("pass_started", "lora", {"index": 0, "total": 2, "type": "LoRA", "cached": False})
TRAINING = Event(
    "progress",
    "lora",
    {
        "phase": "train",
        "done": 12,
        "total": 40,
        "unit": "step",
        "tokens_per_second": 507.4,
        "seconds_left": 95,
        "memory_bytes": 1.72e9,
    },
)
METRIC = Event("metric", "lora", {"step": 12, "loss": 1.23456, "learning_rate": 1e-4})
LORA_DONE = Event(
    "pass_finished",
    "lora",
    {"state": "succeeded", "cached": False, "seconds": 42.0, "peak_memory_bytes": 2e9},
)
CACHED = Event("pass_finished", "build", {"state": "succeeded", "cached": True, "seconds": 0.1})


def after(*events: Event) -> RunView:
    view = RunView()
    for event in events:
        view.apply(event)
    return view


def drawn(view: RunView) -> str:
    console = Console(file=io.StringIO(), width=120, force_terminal=False)
    console.print(LiveView(view, console)._draw())
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_the_passes_stand_there_from_the_start() -> None:
    assert "lora" in drawn(after(STARTED))
    assert "ModelBuilder" in drawn(after(STARTED))


def test_the_running_pass_shows_its_numbers() -> None:
    shown = drawn(after(STARTED, LORA, TRAINING, METRIC))
    assert "train" in shown
    assert "12/40 steps  loss 1.235  507 tokens/s  1:35 left  1.7 GB" in shown


def test_a_done_pass_shows_time_and_memory_and_a_cached_one_says_so() -> None:
    shown = drawn(after(STARTED, LORA, LORA_DONE, CACHED)).splitlines()
    assert "42.0 s  2.0 GB" in shown[0]
    assert "from the cache" in shown[1]


def test_a_new_phase_forgets_the_speed_of_the_last() -> None:
    view = after(
        STARTED,
        LORA,
        TRAINING,
        Event("progress", "lora", {"phase": "save", "done": 0, "total": None, "unit": "file"}),
    )
    assert view.of("lora").numbers() == ["1.7 GB"]


def test_bytes_are_shown_as_sizes() -> None:
    view = after(
        LORA, Event("progress", "lora", {"phase": "merge", "done": 5e8, "total": 2e9, "unit": "byte"})
    )
    assert view.of("lora").numbers() == ["500.0 MB/2.0 GB"]


def test_what_ran_when_the_run_ended_has_its_end() -> None:
    view = after(STARTED, LORA, Event("run_finished", None, {"state": "cancelled"}))
    assert [one.state for one in view.passes] == ["cancelled", "waiting"]


def test_events_nobody_knows_change_nothing() -> None:
    assert after(STARTED, Event("brand_new", "lora", {"x": 1})) == after(STARTED)


def test_as_lines(capsys: pytest.CaptureFixture[str]) -> None:
    view = RunView()
    plain = PlainView(view)
    for event in (
        STARTED,
        LORA,
        Event("log", "lora", {"level": "warning", "message": "mind"}),
        TRAINING,
        LORA_DONE,
    ):
        view.apply(event)
        plain.event(event)
    assert capsys.readouterr().out.splitlines() == [
        "[1/2] lora (LoRA)",
        "  warning: mind",
        "  lora: done in 42.0 s, peak memory 2.0 GB",
    ]


def test_the_numbers_come_every_few_seconds_and_only_when_they_changed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("olivepress.show_plain.time.monotonic", lambda: now[0])
    view = after(STARTED, LORA, TRAINING, METRIC)
    plain = PlainView(view)
    for passed in (1.0, 5.0, 5.0):
        now[0] += passed
        plain.tick()
    assert capsys.readouterr().out.splitlines() == [
        "  lora: train 12/40 steps, loss 1.235, 507 tokens/s, 1:35 left, 1.7 GB"
    ]
