"""From a pass on: earlier ones come from the cache, it and later ones are made anew."""

from __future__ import annotations

import json

import pytest

from olive_engine import runs

TRAIN = {"name": "lora", "type": "Train", "steps": 4}
MERGE = {"name": "merge", "type": "Merge"}
BUILD = {"name": "build", "type": "Build"}


def cached(outcome) -> list[bool]:
    return [one["cached"] for one in outcome[0].summary["passes"]]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("lora", [False, False, False]),
        ("merge", [True, False, False]),
        ("build", [True, True, False]),
        (None, [True, True, True]),
    ],
)
def test_what_comes_from_the_cache_and_what_is_made_anew(bench, name, told):
    bench.here(TRAIN, MERGE, BUILD)
    assert cached(bench.here(TRAIN, MERGE, BUILD, run_id="second", from_pass=name)) == told


def test_what_is_before_it_and_not_in_the_cache_is_made(bench):
    assert cached(bench.here(TRAIN, MERGE, BUILD, from_pass="build")) == [False, False, False]


def test_the_new_result_is_the_one_that_later_runs_take(bench):
    bench.here(TRAIN, MERGE, BUILD)
    # The fake's big file is of random bytes: each making gives another.
    first = (bench.out / "model" / "model.onnx.data").read_bytes()
    bench.here(TRAIN, MERGE, BUILD, run_id="second", from_pass="build")
    second = (bench.out / "model" / "model.onnx.data").read_bytes()
    assert cached(bench.here(TRAIN, MERGE, BUILD, run_id="third")) == [True, True, True]
    assert (bench.out / "model" / "model.onnx.data").read_bytes() == second
    assert second != first


def test_a_result_that_another_run_relies_on_stays(bench):
    outcome, _ = bench.here(TRAIN, MERGE, BUILD)
    key = outcome.summary["passes"][2]["key"]
    from olive_engine.store import Store

    other = Store(bench.cache.parent, "other")
    try:
        before = other.lookup(key)
        assert before is not None
        again, events = bench.here(TRAIN, MERGE, BUILD, run_id="second", from_pass="build")
        assert other.lookup(key) == before
    finally:
        other.close()
    assert again.summary["passes"][2]["key"] != key
    assert any("Another run is using" in event.data.get("message", "") for event in events)


def test_a_resumed_run_does_not_make_anew_what_it_has_made(bench):
    bench.run(TRAIN, MERGE, BUILD)
    slow = {**BUILD, "die_at": 1, "die_once": str(bench.folder / "died"), "precision": "int8"}
    run = runs.launch(bench.write(TRAIN, MERGE, slow), python=bench.python, from_pass="lora")
    run = runs.wait(run, timeout=60)
    assert run.state == "lost"
    assert [one["cached"] for one in run.passes] == [False, False, False]
    run = runs.wait(runs.resume(run, python=bench.python), timeout=60)
    assert (run.state, [one["cached"] for one in run.passes]) == ("succeeded", [True, True, False])


def test_the_record_says_what_was_asked_for(bench):
    run = runs.launch(bench.write(TRAIN), python=bench.python, from_pass="lora", to_pass="lora")
    run = runs.wait(run, timeout=60)
    options = json.loads((run.folder / "run.json").read_text())["options"]
    assert (options["from_pass"], options["to_pass"]) == ("lora", "lora")
    assert run.output_dir == str(bench.out)
