"""`training_args` under the names of the transformers release that runs here.

Only what the file writes: what Olive or transformers set where the file is silent is the trainer's to know.
Arguments without effect here are told of and left out.
"""

from __future__ import annotations

from . import catalog
from .parameters import Era, Parameters, read_parameters
from .report import Field, Report, expect_object, hoist


def read_training_arguments(field: Field | None, report: Report, era: Era) -> Parameters:
    properties = catalog.training_arguments()
    fields = (
        {}
        if field is None
        else hoist(expect_object(field, "`training_args`", report), "extra_args", (), report)
    )
    read = read_parameters(
        fields,
        properties,
        "training_args",
        report,
        era=era,
        pointer=field.pointer if field else "",
        defaults=False,
    )
    values = {
        name: value
        for name, value in read.values.items()
        if name in read.given and value is not None and not properties.get(name, {}).get("x-here")
    }
    return Parameters(values, read.given, read.pointers)
