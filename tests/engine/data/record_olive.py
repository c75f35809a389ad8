"""Records what Olive feeds its LoRA trainer, for every case in `fixtures/cases.json`.

Run once with the interpreter of an environment that has `olive-ai` installed, with torch and `datasets`:

    PYTHON tests/engine/data/record_olive.py

It writes `fixtures/olive-VERSION.json`: for each case the data set that `LoRA.get_datasets` returns (training part
and, where the case asks for one, evaluation part) and the first batch of two that its collator makes of it, or the
type of the exception that Olive raises. A row is [input_ids, labels, attention_mask]; null stands for labels equal to
the ids and for a mask of ones, "none" for no mask at all.

Cases use the current parameter names; for a classic release they are translated here. One case cannot run in 0.6.2 as
it is, for a slip in its source (`formate`): it is recorded with that one word mended, and says so.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import types
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent / "fixtures"
OLD_NAMES = {"max_seq_len": "source_max_len", "strategy": "corpus_strategy"}


def main() -> None:
    olive = version("olive-ai")
    era = "classic" if tuple(map(int, olive.split(".")[:2])) < (0, 7) else "current"
    os.chdir(HERE)
    cases = [case for case in json.loads((HERE / "cases.json").read_text("utf-8")) if era in case["eras"]]
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["HF_DATASETS_CACHE"] = scratch
        folders = tokenizer_folders(Path(scratch))
        results = {case["name"]: record(case, era, folders[case["tokenizer"]]) for case in cases}
    about = {
        "olive": olive,
        "transformers": version("transformers"),
        "tokenizers": version("tokenizers"),
        "datasets": version("datasets"),
    }
    lines = ",\n".join(
        f" {json.dumps(name)}: {json.dumps(result, separators=(',', ':'))}"
        for name, result in results.items()
    )
    target = HERE / f"olive-{olive}.json"
    target.write_text(f'{{"recorded_with": {json.dumps(about)},\n"cases": {{\n{lines}\n}}}}\n', "utf-8")
    failed = sum("error" in result for result in results.values())
    print(f"{target}: {len(results)} cases, {failed} of which Olive refuses")


def tokenizer_folders(scratch: Path) -> dict[str, str]:
    folders = {}
    for name, config in json.loads((HERE / "tokenizers.json").read_text("utf-8")).items():
        folder = scratch / name
        folder.mkdir()
        (folder / "tokenizer.json").write_bytes((HERE / "tokenizer.json").read_bytes())
        (folder / "tokenizer_config.json").write_text(json.dumps(config), "utf-8")
        folders[name] = str(folder)
    return folders


def record(case: dict, era: str, tokenizer: str) -> dict:
    try:
        return recorded(case, era, tokenizer)
    except Exception as error:  # noqa: BLE001 - which one it is, is the result
        if case["name"] == "pair alpaca" and isinstance(error, AttributeError) and "formate" in str(error):
            return {**with_alpaca_mended(case, era, tokenizer), "mended": "formate"}
        print(f"{case['name']}: {type(error).__name__}: {str(error)[:200]}", file=sys.stderr)
        return {"error": type(error).__name__}


def recorded(case: dict, era: str, tokenizer: str) -> dict:
    from olive.data.config import DataConfig

    if era == "classic":
        from olive.passes.pytorch.lora import LoRABase as LoRA
    else:
        from olive.passes.pytorch.lora import LoRA
    from transformers import AutoTokenizer

    config = DataConfig(**data_config(case, era, tokenizer))
    wanted = types.SimpleNamespace(
        train_data_config=config,
        eval_data_config=None,
        eval_dataset_size=case.get("eval_dataset_size"),
        training_args=types.SimpleNamespace(data_seed=case.get("data_seed", 42)),
    )
    train, held_out = LoRA.get_datasets(wanted, None) if era == "classic" else LoRA.get_datasets(wanted)
    loaded = AutoTokenizer.from_pretrained(tokenizer)
    if loaded.pad_token_id is None:
        loaded.pad_token = loaded.eos_token
    batch = LoRA.collate_batch([train[i] for i in range(min(2, len(train)))], loaded) if len(train) else None
    result = {"rows": [compact(train[i]) for i in range(len(train))]}
    if batch is not None:
        result["batch"] = [
            compact({name: values[i] for name, values in batch.items()}) for i in range(len(batch["labels"]))
        ]
    if held_out is not None:
        result["held_out"] = [compact(held_out[i]) for i in range(len(held_out))]
    return result


def with_alpaca_mended(case: dict, era: str, tokenizer: str) -> dict:
    import inspect

    from olive.data.component import text_generation

    source = inspect.getsource(text_generation.format_pair_dataset).replace(".formate(", ".format(")
    original = text_generation.format_pair_dataset
    exec(source, vars(text_generation))
    try:
        return recorded(case, era, tokenizer)
    finally:
        text_generation.format_pair_dataset = original


def data_config(case: dict, era: str, tokenizer: str) -> dict:
    load, pre = dict(case["load"]), dict(case["pre"])
    types_ = {
        "load": load.pop("type", "huggingface_dataset"),
        "pre": pre.pop("type", "text_generation_huggingface_pre_process"),
    }
    if era == "classic":
        pre = {OLD_NAMES.get(name, name): value for name, value in pre.items()}
        load.setdefault("data_dir", None)
    if types_["pre"].startswith("text"):
        pre["model_name"] = tokenizer
    config = {
        "name": "case",
        "type": "DataContainer",
        "load_dataset_config": {"type": types_["load"], "params": load},
        "pre_process_data_config": {"type": types_["pre"], "params": pre},
    }
    if "user_script" in case:
        config["user_script"] = case["user_script"]
    return config


def compact(row: dict) -> list:
    ids = row["input_ids"].tolist()
    labels = row["labels"].tolist() if "labels" in row else None
    mask = row["attention_mask"].tolist() if "attention_mask" in row else "none"
    return [ids, None if labels == ids else labels, None if mask == [1] * len(ids) else mask]


if __name__ == "__main__":
    main()
