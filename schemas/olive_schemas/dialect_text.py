"""Text-generation parameters of both eras under the current names.

Classic: `source_max_len`, `corpus_strategy`, `dataset_type`; its pair format keeps its own names. Current:
`max_seq_len`, `strategy`, `chat_template`.
"""

from __future__ import annotations

from . import catalog
from .nearest import listing
from .parameters import Era, Parameters, read_parameters
from .report import Fields, Report
from .tree import MISSING

COMPONENT = "text_generation_huggingface_pre_process"
PAIR = (
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
ERA_CLASSIC = frozenset(("source_max_len", "corpus_strategy", "dataset_type", *PAIR))
ERA_CURRENT = frozenset(("max_seq_len", "strategy", "chat_template", "message_col", "padding_side"))
_SOURCES = ("text_cols", "text_template", "text_formatting_func", "chat_template")
"""The last one is of the current dialect."""


def read_text_generation(fields: Fields, pointer: str, report: Report, era: Era) -> Parameters:
    """The parameters under the current names, defaults of the era filled in, inconsistencies told."""
    properties = catalog.component_properties("pre_process_data", COMPONENT) or {}
    kind = fields.get("dataset_type")
    pair = kind is not None and kind.value == "pair"
    if not pair:
        properties = {name: prop for name, prop in properties.items() if name not in PAIR}

    def elsewhere(name: str) -> str | None:
        if name in PAIR:
            return f'`{name}` belongs to the pair format (`dataset_type`: "pair") and has no effect here'
        return None

    read = read_parameters(
        fields,
        properties,
        "text generation",
        report,
        era=era,
        pointer=pointer,
        required=("max_seq_len",) if era == "classic" else (),
        elsewhere=elsewhere,
    )
    (_consistent_pair if pair else _consistent_corpus)(read, fields, pointer, report, era)
    return read


def _place(read: Parameters, pointer: str, *names: str) -> str:
    return next((read.pointers[name] for name in names if name in read.pointers), pointer)


def _lacks(read: Parameters, fields: Fields, name: str) -> bool:
    """Whether a parameter has no value and is not just being written."""
    return read.values.get(name) is None and (name not in fields or fields[name].value is None)


def _padding(read: Parameters, pointer: str, report: Report, joined: bool) -> None:
    pads = bool(read.values.get("pad_to_max_len"))
    if pads and not joined and not read.values.get("use_attention_mask"):
        report.error(
            "inconsistent",
            "padding needs the attention mask: set `use_attention_mask` to true or `pad_to_max_len` to false",
            _place(read, pointer, "use_attention_mask", "pad_to_max_len"),
        )
    if pads and read.values.get("drop_short_sequences"):
        report.error(
            "inconsistent",
            "short sequences are padded or dropped, not both: set `pad_to_max_len` or `drop_short_sequences` to false",
            _place(read, pointer, "drop_short_sequences"),
        )


def _consistent_pair(read: Parameters, fields: Fields, pointer: str, report: Report, era: Era) -> None:
    del era
    _padding(read, pointer, report, joined=False)
    if _lacks(read, fields, "target_max_len"):
        report.error(
            "missing", "the pair format needs `target_max_len`: the most tokens of an answer", pointer, "key"
        )


def _consistent_corpus(read: Parameters, fields: Fields, pointer: str, report: Report, era: Era) -> None:
    """What Olive finds wrong only in the middle of the run: said before it."""
    strategy = str(read.values.get("strategy"))
    place = _place(read, pointer, "strategy")
    _padding(read, pointer, report, joined="join" in strategy)
    if strategy.endswith("random"):
        if _lacks(read, fields, "max_samples"):
            report.error(
                "missing", f"the strategy {strategy} needs `max_samples`: how many sequences to draw", place
            )
        if _lacks(read, fields, "random_seed"):
            if era == "classic":
                report.error(
                    "missing", f"the strategy {strategy} needs `random_seed`: any whole number", place
                )
            else:
                report.information(
                    "unseeded",
                    f"without `random_seed` the strategy {strategy} draws others in every run",
                    place,
                )
    if strategy == "join-sliding-window" and _lacks(read, fields, "stride"):
        report.error(
            "missing",
            "the strategy join-sliding-window needs `stride`: how far the window moves each time",
            place,
        )
    if not any(
        read.values.get(name) or (name in fields and fields[name].value is MISSING) for name in _SOURCES
    ):
        report.error(
            "missing",
            f"nothing says where the text is: write {listing(_SOURCES[:3] if era == 'classic' else _SOURCES)}",
            pointer,
            "key",
        )
