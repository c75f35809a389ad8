"""What is expected at a place of a config: the one answer that validation, completion, hover and symbols all read.

`shapes.View` gives the shape of every place; this module only says what a shape is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .catalog import Properties, Property

Kind = Literal[
    "workflow",
    "engine",
    "input_model",
    "model_config",  # `config` of a model
    "systems",  # the object of named systems
    "system",
    "system_config",
    "accelerator",
    "data_configs",  # a list; an object in old releases
    "data_config",
    "component",  # load_dataset_config, pre_process_data_config, ...
    "component_params",  # `params` of a component
    "evaluators",
    "evaluator",
    "metric",
    "sub_type",
    "goal",
    "passes",
    "pass_alternatives",  # a list of passes under one name
    "pass",
    "pass_config",  # `config` of a pass
    "training_args",
    "search",  # search_strategy
    "object",  # any other object whose keys are described
    "value",  # a value described by `prop`
    "open",  # an object whose keys are someone else's: kwargs, environment variables
    "unknown",  # nothing is known of this place
]


@dataclass(frozen=True)
class Shape:
    """`properties` holds every key that any release knew here, each with its since and until: whoever uses them asks
    the view's scope. Keys that stand in a nested object (`config`, `params`) or flat beside `type` appear in both.
    """

    kind: Kind
    what: str = ""
    """How messages call the place: "LoRA", "the engine", "data config `train`"."""
    prop: Property = field(default_factory=dict)
    """How the value itself is described: type, enum, bounds, default, description, x-ref, ..."""
    key: str = ""
    """The key it stands under, in its present spelling; empty for list entries and the whole config."""
    properties: Properties = field(default_factory=dict)
    """The keys of an object here, of any release; empty where they are not described."""
    own: frozenset[str] = frozenset()
    """Of those, the ones that stand beside the nested object and never in it: type, host, evaluator, name, config."""
    nested: str = ""
    """The key of the nested object that may hold the others: "config", "params", "user_config" or nothing."""
    required: tuple[str, ...] = ()
    closed: bool = True
    """Whether a key that `properties` lacks is a mistake."""
    type_name: str = ""
    """The pass, model, system, component, container or metric type that `properties` belongs to, as Olive spells it."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """What else a feature may want: the raw schema file of the type."""
    section: Mapping[str, Any] = field(default_factory=dict)
    """The keywords of the place itself: what releases do with unknown keys (`x-unknown`), since when the nested keys may
    stand beside it (`x-flat-since`), ..."""
