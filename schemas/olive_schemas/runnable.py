"""What the embedded engine cannot do of what a config asks for: said before any work, with what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import catalog
from .dialect_text import COMPONENT as TEXT_GENERATION
from .nearest import listing
from .problems import Problem, Severity
from .tree import join
from .workflow import DataConfig, PassStep, System, Workflow

if TYPE_CHECKING:
    from .reading import Reading


def refusals(reading: Reading) -> list[Problem]:
    """Errors for what is not done here, information for what is left out; empty where the engine can do it all."""
    found = list(reading.refused)
    if reading.workflow is not None:
        found += [reading.place(problem) for problem in _of_workflow(reading.workflow)]
        evaluators = reading.tree.find("/evaluators")
        if evaluators is not None and evaluators.members:
            found.append(
                reading.place(
                    Problem(
                        "no-evaluation",
                        Severity.INFORMATION,
                        "evaluators are not run here yet: the passes run, and their results are not measured",
                        "/evaluators",
                        "key",
                    )
                )
            )
    unique = list(dict.fromkeys(found))
    return sorted(unique, key=lambda problem: (problem.line, problem.column))


def _of_workflow(workflow: Workflow) -> list[Problem]:
    found: list[Problem] = []
    for step in workflow.passes:
        found += _of_step(step, workflow)
    used = {step.host for step in workflow.passes if step.host}
    for system in dict.fromkeys(
        [
            workflow.host,
            workflow.target,
            *(workflow.systems[name] for name in used if name in workflow.systems),
        ]
    ):
        found += _of_system(system)
    if not workflow.passes:
        found.append(
            Problem(
                "no-passes",
                Severity.ERROR,
                "the config has no passes: there is nothing to run",
                "/passes",
                "key",
            )
        )
    return found


def _of_step(step: PassStep, workflow: Workflow) -> list[Problem]:
    schema = catalog.pass_schema(step.type)
    if schema is not None and not schema.runs_here:
        return [
            Problem(
                "pass-not-run-here",
                Severity.ERROR,
                f"{step.type} is a pass of Olive that this engine does not run; it runs {listing(catalog.runnable_passes())}",
                join(step.pointer, "type"),
            )
        ]
    found: list[Problem] = []
    precision, built = step.parameters.get("precision"), schema.raw.get("x-precisions", ()) if schema else ()
    if isinstance(precision, str) and "*" not in built and precision not in built:
        found.append(
            Problem(
                "precision-not-built",
                Severity.ERROR,
                f"{step.type} builds {listing(built)} here, not {precision}: choose one of them",
                step.pointers.get("precision", step.pointer),
            )
        )
    for key in ("train_data_config", "eval_data_config"):
        name = step.parameters.get(key)
        config = workflow.data_configs.get(name) if isinstance(name, str) else None
        if config is not None:
            found += _of_data(config, step, key)
    return found


def _of_data(config: DataConfig, step: PassStep, key: str) -> list[Problem]:
    if "Dummy" in config.type or config.load.type.startswith(("dummy", "transformers_")):
        why = "gives made-up tensors, not text to train on"
    elif config.pre_process.type == TEXT_GENERATION or config.user_script:
        return []
    else:
        why = f"is prepared by {config.pre_process.type}, which makes no token sequences"
    return [
        Problem(
            "data-not-text",
            Severity.ERROR,
            f"`{step.name}` trains on text, and data config `{config.name}` {why}: use a HuggingfaceContainer "
            'with the task "text-generation"',
            step.pointers.get(key, step.pointer),
        )
    ]


def _of_system(system: System) -> list[Problem]:
    if system.type == "LocalSystem":
        return []
    return [
        Problem(
            "system-not-local",
            Severity.ERROR,
            f'system `{system.name}` is of type {system.type}; this engine runs on this machine: use "LocalSystem"',
            join(system.pointer, "type"),
        )
    ]
