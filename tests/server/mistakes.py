"""The mistakes that people make in configs, each with what is to be said of it, and the text after its first fix.

The numbers are those of a list of 70 typical mistakes, made by asking Olive 0.13 what it does with each of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mistake_kit import CLASSIC, CURRENT, Change, drop, first, planted, put, rename

MENDED = "as before"
"""The fix gives the config that the mistake was planted into."""


@dataclass(frozen=True)
class Mistake:
    number: int
    what: str
    plant: tuple[Change, ...]
    expected: str
    """As `shown` has it in Olive 0.13: code, severity, place."""
    fixed: Any = None
    """MENDED, or the changes that the fix amounts to from the config before; None where the fix is a person's choice."""
    auto: str = ""
    """Likewise where no release is asked for, if it differs: "" is as in 0.13."""
    base: dict[str, Any] = field(default_factory=lambda: CURRENT)
    around: tuple[Change, ...] = ()
    """Changes of the base that are no mistake."""
    release: str = "0.13"


QLORA, DATA = "passes/qlora", "data_configs/0"
PRE, LOAD = f"{DATA}/pre_process_data_config", f"{DATA}/load_dataset_config"
METRIC, ACCELERATOR = "evaluators/common/metrics/0", "systems/gpu/accelerators/0"
PROVIDER = f"{ACCELERATOR}/execution_providers/0"
CUDA, CPU = "CUDAExecutionProvider", "CPUExecutionProvider"
SEARCH = put("search_strategy", {"execution_order": "joint", "sampler": "random"})
ON_CPU = put(ACCELERATOR, {"device": "cpu", "execution_providers": [CPU]})
TRAIN_ONLY = (
    drop(f"{QLORA}/eval_data_config"),
    put(f"{QLORA}/training_args/eval_strategy", "no"),
    put(f"{METRIC}/data_config", "train_data"),
    put("evaluators/common/metrics/1/data_config", "train_data"),
)
CONVERSION = put("passes/build", {"type": "OnnxConversion", "target_opset": 20})
BEFORE = CURRENT["passes"]

LAID_OUT_ANEW = (18, 19, 20, 23, 66)
"""Fixes that write a list or an object, or put a key elsewhere than it was."""

REAL = [
    # --- keys
    Mistake(1, "misspelt pass parameter", (rename(f"{QLORA}/target_modules", "target_moduls"),),
            f"unknown-name warning /{QLORA}/target_moduls key", MENDED, auto=f"unknown-name error /{QLORA}/target_moduls key"),
    Mistake(2, "parameter under its name of older releases", (rename(f"{QLORA}/r", "lora_r"),),
            f"outdated-name warning /{QLORA}/lora_r key", MENDED),
    Mistake(3, "misspelt key at the top level", (rename("output_dir", "ouput_dir"),), "unknown-name error /ouput_dir key", MENDED),
    Mistake(4, "misspelt section", (rename("passes", "pases"),), "unknown-name error /pases key", MENDED),
    Mistake(5, "misspelt key in engine", (put("engine", {"clean_cahce": True}),), "unknown-name error /engine/clean_cahce key",
            (put("engine", {"clean_cache": True}),)),
    Mistake(6, "misspelt component of a data config", (rename(PRE, "preprocess_data_config"),),
            f"unknown-name warning /{DATA}/preprocess_data_config key", MENDED,
            auto=f"unknown-name error /{DATA}/preprocess_data_config key"),
    Mistake(7, "misspelt parameter of the pre-processing", (rename(f"{PRE}/max_seq_len", "max_seq_length"),),
            f"unknown-name warning /{PRE}/max_seq_length key", MENDED, auto=f"unknown-name error /{PRE}/max_seq_length key"),
    Mistake(8, "misspelt parameter of the data set", (rename(f"{LOAD}/data_name", "dataset_name"),),
            f"unknown-name error /{LOAD}/dataset_name key", MENDED),
    Mistake(9, "misspelt key of the input model", (rename("input_model/model_path", "modelpath"),),
            "unknown-name error /input_model/modelpath key", MENDED),
    Mistake(10, "hf_config of the classic dialect", (put("input_model/hf_config", {"model_name": "acme/small-writer"}),),
            "unknown-name error /input_model/hf_config key", MENDED),
    Mistake(11, "misspelt training argument",
            (rename(f"{QLORA}/training_args/per_device_train_batch_size", "per_device_train_batchsize"),),
            f"unknown-name warning /{QLORA}/training_args/per_device_train_batchsize key", MENDED,
            auto=f"unknown-name error /{QLORA}/training_args/per_device_train_batchsize key"),
    Mistake(12, "training argument under its older name", (rename(f"{QLORA}/training_args/eval_strategy", "evaluation_strategy"),),
            f"outdated-name warning /{QLORA}/training_args/evaluation_strategy key", MENDED),
    Mistake(13, "misspelt key of a metric", (rename(f"{METRIC}/sub_types", "sub_type"),),
            f"unknown-name error /{METRIC}/sub_type key", MENDED),
    Mistake(14, "misspelt key of a system", (rename("systems/gpu/accelerators", "accelerator"),),
            "unknown-name warning /systems/gpu/accelerator key", MENDED, auto="unknown-name error /systems/gpu/accelerator key"),
    Mistake(15, "misspelt key of an accelerator", (rename(f"{ACCELERATOR}/execution_providers", "execution_provider"),),
            f"unknown-name warning /{ACCELERATOR}/execution_provider key", MENDED,
            auto=f"unknown-name error /{ACCELERATOR}/execution_provider key"),
    # --- types
    Mistake(16, "text where a number belongs", (put(f"{QLORA}/r", "sixteen"),), f"wrong-type error /{QLORA}/r"),
    Mistake(18, "text where a list belongs", (put(f"{QLORA}/target_modules", "q_proj"),),
            f"wrong-type error /{QLORA}/target_modules", (put(f"{QLORA}/target_modules", ["q_proj"]),)),
    Mistake(19, "passes as a list", (put("passes", list(BEFORE.values())),), "wrong-form error /passes",
            (put("passes", {entry["type"].lower(): entry for entry in BEFORE.values()}),)),
    Mistake(20, "data configs as an object",
            (put("data_configs", {entry["name"]: {k: v for k, v in entry.items() if k != "name"} for entry in CURRENT["data_configs"]}),),
            "wrong-form error /data_configs", MENDED),
    Mistake(21, "log level as a word", (put("log_severity_level", "info"),), "wrong-type error /log_severity_level"),
    Mistake(23, "accelerators as text", (put("systems/gpu/accelerators", ["gpu"]),), f"wrong-form error /{ACCELERATOR}",
            (put("systems/gpu/accelerators", [{"device": "gpu"}]),)),
    Mistake(24, "true where a number belongs", (put("passes/build/target_opset", True),),
            "odd-value error /passes/build/target_opset", around=(CONVERSION,)),
    # --- references
    Mistake(25, "data config that is not there", (put(f"{QLORA}/train_data_config", "trian_data"),),
            f"unknown-reference error /{QLORA}/train_data_config", MENDED),
    Mistake(26, "data config of a metric that is not there", (put(f"{METRIC}/data_config", "evl_data"),),
            f"unknown-reference error /{METRIC}/data_config", MENDED),
    Mistake(27, "target that is not there", (put("target", "gpu0"),), "unknown-reference error /target", MENDED),
    Mistake(28, "evaluator that is not there", (put("evaluator", "comon"),), "unknown-reference error /evaluator", MENDED),
    Mistake(29, "host of a pass that is not there", (put(f"{QLORA}/host", "cpu_sys"),), f"unknown-reference error /{QLORA}/host",
            (put(f"{QLORA}/host", "gpu"),)),
    Mistake(30, "two data configs of one name", (put("data_configs/1/name", "train_data"),), "duplicate-name error /data_configs/1/name",
            (put("data_configs/1/name", "train_data_2"),), around=TRAIN_ONLY),
    Mistake(31, "a dash in the name of a data config",
            (put(f"{DATA}/name", "train-data"), put(f"{QLORA}/train_data_config", "train-data")), f"name-characters error /{DATA}/name"),
    # --- values out of a list
    Mistake(33, "unknown pass type", (put("passes/build/type", "ModelBuider"),), "unknown-pass error /passes/build/type", MENDED),
    Mistake(34, "unknown model type", (put("input_model/type", "HuggingFaceModel"),), "unknown-type error /input_model/type", MENDED),
    Mistake(35, "system type that was dropped", (put("systems/gpu/type", "AzureML"),), "removed error /systems/gpu/type", MENDED,
            auto="removed warning /systems/gpu/type"),
    Mistake(36, "unknown data container", (put(f"{DATA}/type", "HuggingFaceContainer2"),), f"unknown-type error /{DATA}/type", MENDED),
    Mistake(37, "misspelt execution provider", (put(PROVIDER, "CudaExecutionProvider"),), f"unknown-provider warning /{PROVIDER}", MENDED,
            auto=f"unknown-provider error /{PROVIDER}"),
    Mistake(38, "short name of an execution provider", (put(PROVIDER, "CUDA"),), f"unknown-provider error /{PROVIDER}", MENDED),
    Mistake(39, "unknown device", (put(f"{ACCELERATOR}/device", "cuda"),), f"wrong-value error /{ACCELERATOR}/device", MENDED),
    Mistake(40, "unknown precision", (put("passes/build/precision", "int5"),), "wrong-value error /passes/build/precision", MENDED),
    Mistake(41, "underscores in a strategy", (put(f"{PRE}/strategy", "line_by_line"),), f"wrong-value error /{PRE}/strategy", MENDED),
    Mistake(42, "unknown sub type of a metric", (put(f"{METRIC}/sub_types/0/name", "acc"),), f"wrong-value error /{METRIC}/sub_types/0/name"),
    Mistake(43, "unknown type of a goal", (put(f"{METRIC}/sub_types/0/goal/type", "max_degradation"),),
            f"wrong-value error /{METRIC}/sub_types/0/goal/type", MENDED),
    Mistake(44, "unknown sampler", (put("search_strategy/sampler", "bayes"),), "wrong-value error /search_strategy/sampler",
            auto="wrong-value warning /search_strategy/sampler", around=(SEARCH,)),
    Mistake(45, "misspelt task", (put("input_model/task", "text-generatoin"),), "unknown-task error /input_model/task", MENDED),
    Mistake(46, "number type that torch does not have", (put(f"{QLORA}/torch_dtype", "fp16"),),
            f"unknown-dtype error /{QLORA}/torch_dtype", (put(f"{QLORA}/torch_dtype", "float16"),)),
    # --- missing
    Mistake(47, "no input model", (drop("input_model"),), "missing error (top) key"),
    Mistake(48, "pass without a type", (drop("passes/merge/type"),), "missing error /passes/merge key"),
    Mistake(49, "required parameter missing", (drop(f"{QLORA}/train_data_config"),), f"missing error /{QLORA} key",
            around=(put(f"{METRIC}/data_config", "train_data"),)),
    # --- out of range
    Mistake(50, "negative rank", (put(f"{QLORA}/r", -8),), f"wrong-value error /{QLORA}/r"),
    Mistake(51, "dropout above one", (put(f"{QLORA}/lora_dropout", 2.0),), f"wrong-value error /{QLORA}/lora_dropout"),
    Mistake(52, "two sub types of one priority", (put("evaluators/common/metrics/1/sub_types/0/priority", 1),),
            "metric-priority error /evaluators/common/metrics/1/sub_types/0/priority", MENDED),
    # --- combinations
    Mistake(53, "provider that the device does not have", (put(f"{ACCELERATOR}/device", "npu"),), f"provider-device warning /{PROVIDER}"),
    Mistake(54, "two providers in an accelerator", (put(f"{ACCELERATOR}/execution_providers", [CUDA, CPU]),),
            f"several-accelerators error /{ACCELERATOR}/execution_providers", MENDED,
            auto=f"several-accelerators warning /{ACCELERATOR}/execution_providers"),
    Mistake(55, "fp16 for the CPU", (put("passes/build/precision", "fp16"),), "pass-pruned error /passes/build/precision",
            (put("passes/build/precision", "fp32"),), around=(ON_CPU,)),
    Mistake(56, "search without an evaluator", (drop("evaluator"),), "search-without-evaluator error /search_strategy key", around=(SEARCH,)),
    Mistake(57, "values to search without a search", (put(f"{QLORA}/r", "SEARCHABLE_VALUES"),), f"search-values error /{QLORA}/r"),
    Mistake(58, "candidates without a search", (put(f"{QLORA}/r", [8, 16]),), f"search-values error /{QLORA}/r",
            (put(f"{QLORA}/r", 8),)),
    Mistake(59, "ONNX pass before a PyTorch pass", (put("passes", {"convert": {"type": "OnnxConversion"}, "qlora": BEFORE["qlora"]}),),
            f"pass-order error /{QLORA}/type",
            around=(put("passes", {"qlora": BEFORE["qlora"], "convert": {"type": "OnnxConversion"}}),)),
    Mistake(60, "ONNX pass without a conversion", (drop("passes/build"),), "pass-order error /passes/tune/type",
            around=(put("passes/tune", {"type": "OrtSessionParamsTuning", "io_bind": True}),)),
    Mistake(62, "merge without an adapter", (drop(QLORA),), "missing-adapter error /passes/merge/type",
            around=(put(f"{METRIC}/data_config", "train_data"),)),
    Mistake(63, "QLoRA after a quantizer", (put(f"{QLORA}/type", "QLoRA"),), f"already-quantized error /{QLORA}/type",
            around=(put("passes", {"quantize": {"type": "GptqQuantizer", "data_config": "train_data"}, **BEFORE}),
                    put(f"{QLORA}/type", "LoRA"))),
    Mistake(65, "brace that is not closed", (put(f"{PRE}/text_template", "### Phrase: {phrase}\n### Tone: {tone"),),
            f"template-braces error /{PRE}/text_template", MENDED),
    Mistake(66, "evaluation without data", (drop(f"{QLORA}/eval_data_config"),),
            f"eval-without-data warning /{QLORA}/training_args/eval_strategy", MENDED),
    Mistake(67, "join-random without a number of samples", (put(f"{PRE}/strategy", "join-random"),), f"missing error /{PRE}/strategy",
            (put(f"{PRE}/strategy", "join-random"), put(f"{PRE}/max_samples", 1000))),
    Mistake(68, "keys of the classic dialect", (put("pass_flows", [["qlora", "merge", "build"]]),), "removed error /pass_flows key", MENDED,
            auto="removed warning /pass_flows key"),
    Mistake(68, "keys of Azure ML", (put("azureml_client", {"subscription_id": "a", "resource_group": "b", "workspace_name": "c"}),),
            "removed error /azureml_client key", MENDED, auto="removed warning /azureml_client key"),
    Mistake(69, "one key in engine and at the top level", (put("engine", {"output_dir": "elsewhere"}),), "written-twice warning /output_dir key"),
]  # fmt: skip

LEGAL = [
    Mistake(17, "number as text", (put(f"{QLORA}/r", "16"),), ""),
    Mistake(22, "execution providers as text", (put(f"{ACCELERATOR}/execution_providers", CUDA),), ""),
    Mistake(32, "data config in place", (put(f"{QLORA}/train_data_config", CURRENT["data_configs"][0]),), ""),
    Mistake(61, "build from an adapter", (drop("passes/merge"),), ""),
    Mistake(64, "placeholder that text_cols lacks", (put(f"{PRE}/text_cols", ["phrase"]),), ""),
    Mistake(70, "data config that is not used", TRAIN_ONLY, ""),
]  # fmt: skip

HF, C_DATA, C_LORA = "input_model/config/hf_config", "data_configs/0", "passes/lora/config"
C_PRE = f"{C_DATA}/pre_process_data_config/params"
C_ACCELERATOR = "systems/gpu/config/accelerators/0"


def _classic(
    number: int, what: str, plant: tuple[Change, ...], expected: str, fixed: Any = None, **more: Any
) -> Mistake:
    return Mistake(number, what, plant, expected, fixed, base=CLASSIC, release="0.6.2", **more)


IN_CLASSIC = [
    _classic(1, "misspelt pass parameter", (rename(f"{C_LORA}/target_modules", "target_moduls"),),
             f"unknown-name warning /{C_LORA}/target_moduls key", MENDED, auto=f"unknown-name error /{C_LORA}/target_moduls key"),
    _classic(3, "misspelt key at the top level", (rename("evaluators", "evaluatrs"), drop("engine/evaluator")),
             "unknown-name warning /evaluatrs key", (drop("engine/evaluator"),), auto="unknown-name error /evaluatrs key"),
    _classic(5, "misspelt key in engine", (rename("engine/output_dir", "ouput_dir"),), "unknown-name error /engine/ouput_dir key", MENDED),
    _classic(7, "misspelt parameter of the pre-processing", (rename(f"{C_PRE}/corpus_strategy", "corpus_strategi"),),
             f"unknown-name warning /{C_PRE}/corpus_strategi key", MENDED, auto=f"unknown-name error /{C_PRE}/corpus_strategi key"),
    _classic(9, "misspelt key of the input model", (rename(f"{HF}/model_name", "modelname"),), f"unknown-name warning /{HF}/modelname key", MENDED,
             auto=f"unknown-name error /{HF}/modelname key"),
    _classic(11, "misspelt training argument",
             (rename(f"{C_LORA}/training_args/per_device_train_batch_size", "per_device_train_batchsize"),),
             f"unknown-name warning /{C_LORA}/training_args/per_device_train_batchsize key", MENDED,
             auto=f"unknown-name error /{C_LORA}/training_args/per_device_train_batchsize key"),
    _classic(16, "text where a number belongs", (put(f"{C_LORA}/lora_r", "sixteen"),), f"wrong-type error /{C_LORA}/lora_r"),
    _classic(18, "text where a list belongs", (put(f"{C_LORA}/target_modules", "q_proj"),),
             f"wrong-type error /{C_LORA}/target_modules", (put(f"{C_LORA}/target_modules", ["q_proj"]),)),
    _classic(19, "passes as a list", (put("passes", list(CLASSIC["passes"].values())),), "wrong-form error /passes"),
    _classic(21, "log level as a word", (put("engine/log_severity_level", "info"),), "wrong-type error /engine/log_severity_level"),
    _classic(25, "data config that is not there", (put(f"{C_LORA}/train_data_config", "trian_data"),),
             f"unknown-reference error /{C_LORA}/train_data_config", MENDED),
    _classic(26, "data config of a metric that is not there", (put(f"{METRIC}/data_config", "trian_data"),),
             f"unknown-reference error /{METRIC}/data_config", MENDED),
    _classic(27, "target that is not there", (put("engine/target", "gpu0"),), "unknown-reference error /engine/target", MENDED),
    _classic(28, "evaluator that is not there", (put("engine/evaluator", "comon"),), "unknown-reference error /engine/evaluator", MENDED),
    _classic(29, "host of a pass that is not there", (put("passes/lora/host", "cpu_sys"),), "unknown-reference error /passes/lora/host"),
    _classic(31, "a dash in the name of a data config",
             (put(f"{C_DATA}/name", "train-data"), put(f"{C_LORA}/train_data_config", "train-data"), put(f"{METRIC}/data_config", "train-data")),
             f"name-characters error /{C_DATA}/name"),
    _classic(33, "unknown pass type", (put("passes/build/type", "ModelBuider"),), "unknown-pass error /passes/build/type", MENDED),
    _classic(36, "unknown data container", (put(f"{C_DATA}/type", "HuggingFaceContainer2"),), f"unknown-type error /{C_DATA}/type", MENDED),
    _classic(37, "misspelt execution provider", (put(f"{C_ACCELERATOR}/execution_providers/0", "CudaExecutionProvider"),),
             f"unknown-provider warning /{C_ACCELERATOR}/execution_providers/0", MENDED,
             auto=f"unknown-provider error /{C_ACCELERATOR}/execution_providers/0"),
    _classic(40, "unknown precision", (put("passes/build/config/precision", "int5"),), "wrong-value error /passes/build/config/precision", MENDED),
    _classic(42, "unknown sub type of a metric", (put(f"{METRIC}/sub_types/0/name", "average"),), f"wrong-value error /{METRIC}/sub_types/0/name"),
    _classic(43, "unknown type of a goal", (put(f"{METRIC}/sub_types/0/goal/type", "max_degradation"),),
             f"wrong-value error /{METRIC}/sub_types/0/goal/type",
             (put(f"{METRIC}/sub_types/0/goal/type", "max-degradation"),)),
    _classic(45, "misspelt task", (put(f"{HF}/task", "text-generatoin"),), f"unknown-task error /{HF}/task", MENDED),
    _classic(46, "number type that torch does not have", (put(f"{HF}/from_pretrained_args/torch_dtype", "fp16"),),
             f"unknown-dtype error /{HF}/from_pretrained_args/torch_dtype", MENDED),
    _classic(47, "no input model", (drop("input_model"),), "missing error (top) key"),
    _classic(48, "pass without a type", (drop("passes/merge/type"),), "missing error /passes/merge key"),
    _classic(50, "negative rank", (put(f"{C_LORA}/lora_r", -8),), f"wrong-value error /{C_LORA}/lora_r"),
    _classic(51, "dropout above one", (put(f"{C_LORA}/lora_dropout", 2.0),), f"wrong-value error /{C_LORA}/lora_dropout"),
    _classic(52, "two sub types of one priority", (put(f"{METRIC}/sub_types/1/priority", 1),),
             f"metric-priority error /{METRIC}/sub_types/1/priority", (put(f"{METRIC}/sub_types/1/priority", 2),)),
    _classic(53, "provider that the device does not have", (put(f"{C_ACCELERATOR}/device", "npu"),),
             f"provider-device warning /{C_ACCELERATOR}/execution_providers/0"),
    _classic(57, "values to search without a search", (put(f"{C_LORA}/lora_r", "SEARCHABLE_VALUES"),), f"search-values error /{C_LORA}/lora_r"),
    _classic(60, "ONNX pass without a conversion", (drop("passes/build"),), "pass-order error /passes/tune/type",
             around=(put("passes/tune", {"type": "OrtPerfTuning"}),)),
    _classic(62, "merge without an adapter", (drop("passes/lora"),), "missing-adapter error /passes/merge/type"),
    _classic(65, "brace that is not closed", (put(f"{C_PRE}/text_template", "### Phrase: {phrase}\n### Tone: {tone"),),
             f"template-braces error /{C_PRE}/text_template", MENDED),
    _classic(69, "one key in a nested object and beside it", (first(C_LORA.rpartition("/")[0], "lora_r", 8),), "no-effect warning /passes/lora/lora_r key"),
]  # fmt: skip


def every_mistake() -> list[dict[str, Any]]:
    """The configs with the mistakes in them."""
    return [
        planted(mistake.base, *mistake.around, *mistake.plant) for mistake in [*REAL, *IN_CLASSIC, *LEGAL]
    ]
