"""The texts of a data config: pairs become a template where that is possible, and the tokens stay the same."""

from __future__ import annotations

from typing import Any

from olive_schemas.dialect_text import PAIR
from olive_schemas.tree import join

from .migrate_components import TEXT, chosen
from .migrate_draft import Draft


def text_generation(draft: Draft, pointer: str) -> None:
    """Pairs become a template where that is possible; the joiner of old was none."""
    config = draft.at(pointer)
    place = f"{pointer}/pre_process_data_config"
    pre = draft.at(place)
    if (
        not draft.reaches("0.7.0")
        or not isinstance(pre, dict)
        or chosen(draft, config, "pre_process_data") != TEXT
    ):
        return
    if pre.get("dataset_type") == "pair":
        _pair(draft, place, pre)
    if draft.has(f"{place}/dataset_type"):
        draft.exact("`dataset_type` is gone since 0.7.0: there is only the corpus", f"{place}/dataset_type")
        draft.remove(f"{place}/dataset_type")
    pre = draft.at(place)
    strategy = pre.get("corpus_strategy", pre.get("strategy")) or "line-by-line"
    if not draft.crosses("0.7.0"):
        return
    if "join" in str(strategy) and not pre.get("joiner"):
        draft.note(
            "default",
            "`joiner` was nothing by default, and is two line breaks since 0.7.0: written out as nothing",
            f"{place}/joiner" if "joiner" in pre else place,
        )
        draft.remove(f"{place}/joiner")
        draft.insert(place, "joiner", "")
    elif "joiner" in pre and pre["joiner"] is None:
        draft.remove(f"{place}/joiner")
    if "join" not in str(strategy) and pre.get("pad_to_max_len", True):
        draft.note(
            "default",
            "padding goes to the right since 0.7.0; before, the tokenizer said the side: write `padding_side` if its was "
            "the left. The tokens of the text are the same",
            place,
        )
    if pre.get("text_cols") is None and not pre.get("text_template") and not pre.get("text_formatting_func"):
        draft.remove(f"{place}/text_cols")


def _pair(draft: Draft, place: str, pre: dict[str, Any]) -> None:
    """Pairs are gone: one template of both columns comes near, but the answer's own length and mask are lost."""
    template = _template(pre)
    draft.lossy(
        "pairs are gone since 0.7.0: "
        + (
            "one `text_template` has both columns now; "
            if template
            else "write a `text_template` with both columns; "
        )
        + "the labels cover the question too, and the whole has one length",
        f"{place}/dataset_type",
    )
    target = pre.get("target_max_len")
    source = pre.get("source_max_len", pre.get("max_seq_len"))
    for name in PAIR:
        draft.remove(join(place, name))
    if isinstance(target, int) and isinstance(source, int):
        for name in ("source_max_len", "max_seq_len"):
            if draft.has(join(place, name)):
                draft.replace(join(place, name), source + target)
    if template:
        draft.insert(place, "text_template", template)


def _template(pre: dict[str, Any]) -> str:
    form = pre.get("pair_format", "default")
    if form == "self_instruct":
        return "{prompt}{completion}"
    if form == "default":
        return "{input}{output}"
    if form == "custom":
        parts = [
            pre.get(f"{side}_template") or (f"{{{pre[f'{side}_col']}}}" if pre.get(f"{side}_col") else "")
            for side in ("input", "output")
        ]
        return "".join(str(part) for part in parts) if all(parts) else ""
    return ""
