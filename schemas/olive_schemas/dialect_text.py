"""Text-generation parameters of both eras under the current names.

Classic: `source_max_len`, `corpus_strategy`, `dataset_type`; its pair format keeps its own names. Current:
`max_seq_len`, `strategy`, `chat_template`.
"""

from __future__ import annotations

from . import catalog
from .catalog import Properties
from .parameters import Era, Parameters, read_parameters
from .report import Field, Fields, Report
from .tree import MISSING

RENAMED = {"source_max_len": "max_seq_len", "corpus_strategy": "strategy"}
_PAIR = (
    "pair_format",
    "input_formatting_func",
    "input_template",
    "input_col",
    "output_formatting_func",
    "output_template",
    "output_col",
    "target_max_len",
    "ignore_source_in_labels",
)
ERA_CLASSIC = frozenset((*RENAMED, "dataset_type", *_PAIR))
ERA_CURRENT = frozenset(("max_seq_len", "strategy", "chat_template", "message_col", "padding_side"))
_STRATEGIES = ["line-by-line", "line-by-line-random", "join", "join-random", "join-sliding-window"]
_NULLABLE_STRING = {"type": ["string", "null"]}
FALLBACK: Properties = {
    "dataset_type": {"enum": ["corpus", "pair"], "default": "corpus"},
    "max_seq_len": {
        "type": "integer",
        "minimum": 1,
        "default": 1024,
        "x-names": [{"name": "source_max_len", "until": "0.6.2"}],
    },
    "strategy": {
        "type": "string",
        "enum": _STRATEGIES,
        "default": "join",
        "x-classic-default": "line-by-line",
        "x-names": [{"name": "corpus_strategy", "until": "0.6.2"}],
    },
    "joiner": {"type": ["string", "null"], "default": "\n\n", "x-classic-default": None},
    "stride": {"type": ["integer", "null"], "minimum": 1},
    "text_cols": {
        "type": ["string", "array", "null"],
        "items": {"type": "string"},
        "default": ["text"],
        "x-classic-default": None,
    },
    "text_template": _NULLABLE_STRING,
    "text_formatting_func": _NULLABLE_STRING,
    "chat_template": {"type": ["boolean", "string", "null"]},
    "message_col": {"type": "string", "default": "messages"},
    "max_samples": {"type": ["integer", "null"], "minimum": 1},
    "random_seed": {"type": ["integer", "null"]},
    "random_retries": {"type": "integer", "minimum": 0, "default": 10},
    "pad_to_max_len": {"type": "boolean", "default": True},
    "padding_side": {"type": "string", "enum": ["right", "left"], "default": "right"},
    "drop_short_sequences": {"type": "boolean", "default": False},
    "add_special_tokens": {"type": "boolean", "default": True},
    "use_attention_mask": {"type": "boolean", "default": True},
    "processing_batch_size": {"type": "integer", "minimum": 1, "default": 1024},
}
_PAIR_FALLBACK: Properties = {
    "pair_format": {"enum": ["alpaca", "chip2", "self_instruct", "default", "custom"], "default": "default"},
    **{
        name: _NULLABLE_STRING
        for name in _PAIR
        if name not in ("pair_format", "target_max_len", "ignore_source_in_labels")
    },
    "target_max_len": {"type": ["integer", "null"], "minimum": 1},
    "ignore_source_in_labels": {"type": "boolean", "default": True},
}


def text_properties() -> Properties:
    found = catalog.component_properties("pre_process_data", "text_generation_huggingface_pre_process")
    return found or {**FALLBACK, **_PAIR_FALLBACK}


def read_text_generation(fields: Fields, pointer: str, report: Report, era: Era) -> Parameters:
    """The parameters under the current names, defaults of the era filled in, inconsistencies told."""
    properties = text_properties()
    pair = _says(fields, "dataset_type") == "pair"
    given = {
        name: entry
        for name, entry in fields.items()
        if name not in ("model_name", "task", "trust_remote_code", "kwargs")
    }
    extra = {name: entry for name, entry in fields.items() if name not in given}
    if not pair:
        properties = {name: prop for name, prop in properties.items() if name not in _PAIR}
    read = read_parameters(
        given,
        properties,
        "text generation",
        report,
        era=era,
        pointer=pointer,
        required=("max_seq_len",) if era == "classic" else (),
        elsewhere=lambda name: (
            f'`{name}` belongs to the pair format (`dataset_type`: "pair") and has no effect here'
            if name in _PAIR
            else None
        ),
    )
    values = dict(read.values)
    for name, entry in extra.items():
        if name != "kwargs":
            values[name] = entry.value
    read = Parameters(
        values, read.given | frozenset(extra), {**read.pointers, **{n: e.pointer for n, e in extra.items()}}
    )
    _consistent(read, fields, pointer, pair, report)
    return read


def _says(fields: Fields, name: str) -> object:
    return fields.get(name, Field(None, "")).value


def _consistent(read: Parameters, fields: Fields, pointer: str, pair: bool, report: Report) -> None:
    """What Olive finds wrong only in the middle of the run: said before it."""
    values, era_names = read.values, read.pointers

    def place(*names: str) -> str:
        return next((era_names[name] for name in names if name in era_names), pointer)

    strategy = str(values.get("strategy"))
    pads = bool(values.get("pad_to_max_len"))
    if pads and not values.get("use_attention_mask") and (pair or "join" not in strategy):
        report.error(
            "inconsistent",
            "padding needs the attention mask: set `use_attention_mask` to true or `pad_to_max_len` to false",
            place("use_attention_mask", "pad_to_max_len"),
        )
    if pads and values.get("drop_short_sequences"):
        report.error(
            "inconsistent",
            "short sequences are either padded or dropped: set `pad_to_max_len` or `drop_short_sequences` to false",
            place("drop_short_sequences"),
        )
    if pair:
        if values.get("target_max_len") is None and "target_max_len" not in fields:
            report.error(
                "missing",
                "the pair format needs `target_max_len`: the most tokens of an answer",
                pointer,
                "key",
            )
        return
    if strategy.endswith("random") and values.get("max_samples") is None and "max_samples" not in fields:
        report.error(
            "missing",
            f"the strategy {strategy} needs `max_samples`: how many sequences to draw",
            place("strategy"),
        )
    if strategy == "join-sliding-window" and values.get("stride") is None and "stride" not in fields:
        report.error(
            "missing",
            "the strategy join-sliding-window needs `stride`: how far the window moves",
            place("strategy"),
        )
    sources = ("text_cols", "text_template", "text_formatting_func", "chat_template")
    if not any(values.get(name) for name in sources) and not any(
        fields.get(n) and fields[n].value is MISSING for n in sources
    ):
        report.error(
            "missing",
            "nothing says where the text is: write `text_cols`, `text_template` or `chat_template`",
            pointer,
            "key",
        )
