"""Everything that can be told before any work, all at once: the passes, their data, where results go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from olive_schemas.problems import Problem, Severity, has_errors
from olive_schemas.workflow import DataConfig, Workflow

from . import publish
from .artifact import Kind
from .errors import RunError
from .keys import data_configs
from .passes import PassModule

LoadPass = Callable[[str], PassModule]


class ChecksFailed(RunError):
    """The run refuses before any work; `problems` holds every reason."""

    def __init__(self, problems: list[Problem]) -> None:
        errors = [problem for problem in problems if problem.severity is Severity.ERROR]
        first = errors[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(first.message + more, code=first.code, pointer=first.pointer)
        self.problems = tuple(problems)


def check(workflow: Workflow, load_pass: LoadPass, *, trust_user_script: bool = False) -> list[Problem]:
    """Problems of every pass, every data config that a pass uses, and the output folder. No heavy imports."""
    problems: list[Problem] = []
    kind: Kind = first_kind(workflow)
    used: dict[str, DataConfig] = {}
    gives: list[Kind] = []
    for step in workflow.passes:
        try:
            module = load_pass(step.type)
        except KeyError:
            message = f"This engine has no pass {step.type}."
            problems.append(Problem("pass-not-runnable", Severity.ERROR, message, f"{step.pointer}/type"))
            break
        problems += module.check(step, kind, workflow)
        used |= {config.name: config for config in data_configs(step, workflow).values()}
        kind = module.GIVES
        gives.append(kind)
    if used:
        from . import data

        for config in used.values():
            problems += data.check(config, workflow, trust_user_script=trust_user_script)
    problems += _weights(workflow)
    problems += publish.check(
        Path(workflow.engine.output_dir), output_names(gives), workflow.engine.output_dir_pointer
    )
    return _once(problems)


def _weights(workflow: Workflow) -> list[Problem]:
    """A model folder whose weights were cut short, by a broken download or copy: the headers say so at once."""
    model = workflow.input_model
    folder = Path(model.path)
    if model.kind != "hf" or not folder.is_dir() or not any(folder.glob("*.safetensors*")):
        return []
    from .weights.headers import checkpoint

    try:
        checkpoint(folder)
    except RunError as error:
        return [Problem(error.code, Severity.ERROR, error.message, model.path_pointer)]
    return []


def refuse(problems: list[Problem]) -> None:
    """Raises ChecksFailed if one of them is an error."""
    if has_errors(problems):
        raise ChecksFailed(problems)


def first_kind(workflow: Workflow) -> Kind:
    """Kind of the artifact that the input model is."""
    if workflow.input_model.kind == "onnx":
        return "onnx_model"
    return "adapter" if workflow.input_model.adapter_path else "hf_model"


def output_names(gives: list[Kind]) -> tuple[str, ...]:
    """Folders that a run will publish: the last adapter, and the last result if it is a model."""
    names = []
    if gives and gives[-1] != "adapter":
        names.append("model")
    if "adapter" in gives:
        names.append("adapter")
    return tuple(names)


def _once(problems: list[Problem]) -> list[Problem]:
    """The same problem told by two passes that share a data config is one problem."""
    return list(dict.fromkeys(problems))
