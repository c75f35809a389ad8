"""A run on a tiny model, evaluated: what was learnt shows up in the adapter and the merged model, not in the base."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from olive_engine import summary
from olive_engine.errors import RunError
from olive_engine.evaluation import evaluate_run
from olive_engine.evaluation.evaluate import Evaluation
from olive_engine.evaluation.outputs import find_output, targets

ALL = ["base", "adapter", "merged", "int4"]


@pytest.fixture
def output(finished_run: Path, tmp_path: Path) -> Path:
    """A copy to write into."""
    copy = tmp_path / "out"
    shutil.copytree(finished_run, copy)
    return copy


@pytest.fixture(scope="module")
def evaluation(
    finished_run: Path, tiny_rows: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Evaluation:
    file = tmp_path_factory.mktemp("data") / "rows.json"
    file.write_text(json.dumps(tiny_rows), "utf-8")
    return evaluate_run(finished_run, file, "tone", fresh=True)


def told(output: Path, rows: Path, **options: Any) -> list[tuple[str, str]]:
    """(target, phase) as they were told, without the steps in between."""
    seen: list[tuple[str, str]] = []

    def progress(target: str, phase: str, done: int, total: int) -> None:
        del total
        if phase == "cached" or (phase == "ask" and done):
            seen.append((target, phase))

    evaluate_run(output, rows, "tone", progress=progress, **options)
    return list(dict.fromkeys(seen))


def test_every_model_of_the_run_is_asked(evaluation: Evaluation) -> None:
    assert list(evaluation.scores) == ALL
    assert evaluation.labels == ("Joy", "Sad")
    for one in evaluation.scores.values():
        assert one.n == 8
        assert sum(sum(row.values()) for row in one.confusion.values()) == 8
        assert one.correct + len(one.wrong) == 8
        assert one.peak_memory_bytes is not None and one.peak_memory_bytes > 10_000_000


def test_a_random_base_names_no_tone_and_the_adapter_knows_its_rows(evaluation: Evaluation) -> None:
    accuracy = evaluation.to_json()["accuracy"]
    assert accuracy["base"] == 0.0
    assert accuracy["adapter"] == 1.0
    assert accuracy["merged"] == 1.0
    assert accuracy["int4"] >= 0.5


def test_the_summary_tells_it(evaluation: Evaluation) -> None:
    told = summary.read(evaluation.output_dir)
    assert told is not None
    assert told["accuracy"] == {name: one.accuracy for name, one in evaluation.scores.items()}
    assert told["evaluation"]["answer_column"] == "tone"
    assert told["evaluation"]["scores"]["int4"]["n"] == 8
    assert [one["name"] for one in told["passes"]] == ["lora", "merge_adapter_weights", "builder"]


def test_the_second_time_all_is_known(output: Path, rows_file: Path) -> None:
    first = told(output, rows_file, fresh=True)
    assert sorted(first) == sorted((name, "ask") for name in ALL)
    assert sorted(told(output, rows_file)) == sorted((name, "cached") for name in ALL)
    after = summary.read(output)
    assert after is not None
    assert all(one["cached"] for one in after["evaluation"]["scores"].values())


def test_a_changed_model_is_asked_anew_and_the_others_not(output: Path, rows_file: Path) -> None:
    told(output, rows_file)
    settings = output / "model" / "genai_config.json"
    settings.write_text(settings.read_text("utf-8") + "\n", "utf-8")
    assert ("int4", "ask") in told(output, rows_file)
    assert ("adapter", "cached") in told(output, rows_file)


def test_other_rows_are_asked_and_take_the_place_of_the_old_numbers(output: Path, rows_file: Path) -> None:
    evaluate_run(output, rows_file, "tone")
    fewer = rows_file.with_name("fewer.json")
    fewer.write_text(json.dumps(json.loads(rows_file.read_text("utf-8"))[2:6]), "utf-8")
    evaluate_run(output, fewer, "tone", only=["base"])
    after = summary.read(output)
    assert after is not None
    assert set(after["accuracy"]) == {"base"}
    assert after["evaluation"]["scores"]["base"]["n"] == 4


def test_only_what_was_asked_for_is_asked(output: Path, rows_file: Path) -> None:
    assert told(output, rows_file, only=["int4"], fresh=True) == [("int4", "ask")]


def test_a_model_that_the_run_did_not_leave_is_refused(output: Path, rows_file: Path) -> None:
    with pytest.raises(RunError, match="left no int8; there are: base, adapter, merged, int4"):
        evaluate_run(output, rows_file, "tone", only=["int8"])


def test_a_folder_without_a_run_is_refused_with_the_one_that_is_meant(output: Path, rows_file: Path) -> None:
    with pytest.raises(RunError) as caught:
        evaluate_run(output / "model", rows_file, "tone")
    assert caught.value.code == "evaluation-no-run"
    assert str(output) in caught.value.hint


def test_a_run_without_merge_and_builder_has_base_and_adapter(output: Path) -> None:
    shutil.rmtree(output / "model")
    found = find_output(output)
    shorter = {**found.summary, "passes": found.summary["passes"][:1]}
    summary.write(output, shorter)
    assert list(targets(find_output(output))) == ["base", "adapter"]


def test_a_merged_model_that_was_written_is_asked_as_it_stands(output: Path, rows_file: Path) -> None:
    from olive_engine.artifact import Artifact
    from olive_engine.weights import materialise

    base = find_output(output).base
    shutil.rmtree(output / "model")
    materialise(Artifact("hf_model", "", base=base, adapter_path=str(output / "adapter")), output / "model")
    assert list(targets(find_output(output))) == ["base", "adapter", "merged"]
    assert targets(find_output(output))["merged"].artifact.path == str(output / "model")
    assert evaluate_run(output, rows_file, "tone").scores["merged"].accuracy == 1.0


def test_a_template_by_hand_takes_the_place_of_the_configs(output: Path, rows_file: Path) -> None:
    given = evaluate_run(output, rows_file, "tone", only=["int4"], template="{phrase}?\n")
    assert given.scores["int4"].n == 8


def test_lora_of_our_own_and_peft_answer_alike(finished_run: Path, tiny_model: Path) -> None:
    import torch
    from peft import PeftModel

    from olive_engine.artifact import Artifact
    from olive_engine.evaluation.torch_model import merge_into, with_adapter
    from olive_engine.training.models import load_causal_lm

    base = Artifact("hf_model", "", path=str(tiny_model))
    ids = torch.tensor([[5, 9, 11, 7]])
    model = load_causal_lm(base)
    with torch.inference_mode():
        before = model(ids).logits.clone()
        with with_adapter(model, finished_run / "adapter") as adapted:
            ours = adapted(ids).logits.clone()
        after = model(ids).logits.clone()
    merged = merge_into(
        model, Artifact("hf_model", "", base=base, adapter_path=str(finished_run / "adapter"))
    )
    peft = PeftModel.from_pretrained(load_causal_lm(base), str(finished_run / "adapter"))
    with torch.inference_mode():
        theirs = peft(ids).logits
        whole = merged(ids).logits
    assert torch.equal(before, after)
    assert not torch.allclose(before, ours, atol=1e-2)
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(whole, theirs, atol=1e-3, rtol=1e-3)


def test_prompts_asked_together_get_the_answers_they_get_alone(finished_run: Path) -> None:
    from olive_engine import generate
    from olive_engine.evaluation.built_model import answer_all

    loaded = generate.load(generate.inspect(finished_run))
    prompts = ["sun and songs", "rain and tears", "we lost it today", "a", "sun and songs"]
    together = answer_all(loaded, prompts, ["Joy", "Sad"])
    alone = [answer_all(loaded, [prompt], ["Joy", "Sad"])[0] for prompt in prompts]
    assert together == alone
    assert together[0] == together[4]
