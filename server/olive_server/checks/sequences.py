"""Text generation: parameters of the pre-processing that only together make sense.

`inconsistent`: padding without the attention mask, or rows that are padded and dropped at once. `missing`: what the
chosen strategy needs, such as `max_samples` of join-random, or anything that says where the text is. Olive finds these
only in the pass, after the model was loaded.

`unseeded`: a random strategy without `random_seed` draws other sequences in every run (information; up to 0.11.0 Olive
refuses it, as `missing`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace as changed
from typing import TYPE_CHECKING

from olive_schemas.dialect_text import COMPONENT, read_text_generation
from olive_schemas.problems import Problem, Severity
from olive_schemas.report import Report
from olive_schemas.tree import join

from ._told import insert, replace, within

if TYPE_CHECKING:
    from ..document import Document

CODES = {
    "inconsistent": "parameters that exclude one another",
    "unseeded": "a random strategy without a seed",
}
_TOLD = frozenset(("inconsistent", "missing", "unseeded"))


def check(document: Document) -> Iterable[Problem]:
    for part in document.parts.data_configs:
        pre = part.components["pre_process_data"]
        shape = document.view.shape(join(part.pointer, "pre_process_data_config"))
        if shape.type_name != COMPONENT or "params_config" in part.fields or not pre.fields:
            continue
        report = Report()
        fields = {name: entry for name, entry in pre.fields.items() if name not in ("type", "params")}
        read_text_generation(fields, pre.pointer, report, document.era)
        for problem in report.problems:
            if (
                problem.code == "unseeded"
                and within(document.scope, "", LAST_TO_WANT_A_SEED) == document.scope.releases
            ):
                text = problem.message.replace("draws others in every run", "is refused")
                problem = changed(
                    problem, code="missing", severity=Severity.ERROR, message=f"{text}: write any number"
                )
            if problem.code in _TOLD:
                yield _with_remedy(problem)


LAST_TO_WANT_A_SEED = "0.11.0"
_SWITCHES = {"use_attention_mask": True, "pad_to_max_len": False, "drop_short_sequences": False}
_STARTERS = {"`max_samples`": 1000, "`random_seed`": 0, "`stride`": 128}


def _with_remedy(problem: Problem) -> Problem:
    above, _, name = problem.pointer.rpartition("/")
    if problem.code == "inconsistent" and name in _SWITCHES:
        wanted = _SWITCHES[name]
        title = f"Set `{name}` to {str(wanted).lower()}"
        return changed(problem, remedies=(replace(problem.pointer, wanted, title=title),))
    for key, number in _STARTERS.items():
        if key in problem.message and problem.code in ("missing", "unseeded") and problem.on == "value":
            return changed(problem, remedies=(insert(above, key.strip("`"), number),))
    return problem
