"""Rows of a data config, from wherever it says they are.

Small local JSON, CSV and text files are read here (see `reading`); everything else goes through the `datasets`
library, imported only then. Local files never touch the network and leave nothing in the user's cache: `datasets`
converts them in a temporary folder, or beside the run's cache where they are too big to hold in memory.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from olive_schemas.nearest import listing
from olive_schemas.workflow import DataConfig, Workflow

from ..errors import RunError
from .reading import Fault, first_bad_line, light_rows
from .rendering import unknown_column
from .rows import Rows, TableRows
from .settings import is_own_pre_process, pointer_of
from .sources import Source, find_source
from .splits import Slice, SplitError, no_such_split, parse_split, taken

HUGGING_FACE = "huggingface_dataset"
IN_MEMORY_LIMIT = 256 * 1024 * 1024
"""Bytes of local files up to which `datasets` holds the rows in memory and its working folder is thrown away."""

Log = Callable[[str], None]


def load(
    config: DataConfig,
    workflow: Workflow,
    *,
    trust_user_script: bool = False,
    log: Log | None = None,
) -> Rows:
    """The rows, after the split's slice and `col_filters`. RunError for what the user can mend."""
    say = log or _silent
    if config.load.type.lower() != HUGGING_FACE:
        return _from_script(config, workflow, trust_user_script)
    source = find_source(config, workflow)
    slices = slices_of(config)
    light = None
    if slices is not None and not is_own_pre_process(config):
        light = light_split(config, source, slices)
    return _filtered(config, light if light is not None else _with_datasets(config, workflow, source, say))


def _silent(message: str) -> None:
    del message


def refuse_unknown_loader(config: DataConfig) -> None:
    """RunError where the loading component is neither the usual one nor one that a script could define."""
    if config.load.type.lower() != HUGGING_FACE and not config.user_script:
        raise RunError(
            f"load_dataset_config is `{config.load.type}`, which loads nothing here",
            code="data-load-type",
            pointer=config.load.pointer,
            hint='write "type": "huggingface_dataset", or name the user_script that defines it',
        )


def _from_script(config: DataConfig, workflow: Workflow, trust: bool) -> Rows:
    from .scripts import open_script

    refuse_unknown_loader(config)
    script = open_script(config, workflow, trust=trust)
    rows: Rows = script.call("load_dataset", config.load)
    if not hasattr(rows, "__len__") or not hasattr(rows, "__getitem__"):
        raise RunError(
            f"{config.load.type} of {script.path.name} returned {type(rows).__name__}; it has to return "
            "a data set with a length and rows",
            code="user-script",
            pointer=config.load.pointer,
        )
    if isinstance(rows, list) and not is_own_pre_process(config):
        return TableRows(rows, tuple(rows[0]) if rows else ())
    return rows


def slices_of(config: DataConfig) -> list[Slice] | None:
    """The parsed split; None where it is left out (every split, for `datasets` to tell)."""
    written = config.load.params.get("split")
    if not written:
        return None
    try:
        return parse_split(str(written))
    except SplitError as error:
        raise _split_error(config, error) from None


def _split_error(config: DataConfig, error: SplitError) -> RunError:
    """The loader's default, `validation`, is what most people stumble over: the remedy says so."""
    hint = "write the name of one of them" if error.known else ""
    if error.known and "split" not in config.load.given:
        default = config.load.params.get("split")
        hint = f'split is not written, and {default!r} is taken then: write "split": "{error.known[0]}"'
    elif len(error.known) == 1:
        hint = f'write "split": "{error.known[0]}"'
    return RunError(str(error), code="data-split", pointer=pointer_of(config.load, "split"), hint=hint)


def light_split(config: DataConfig, source: Source, slices: Sequence[Slice]) -> TableRows | None:
    """The rows of the split, read without `datasets`; None where it has to read them."""
    if source.kind != "builder" or not source.files or not source.plain:
        return None
    tables = {}
    for split, paths in source.files.items():
        try:
            tables[split] = light_rows(source.name, paths)
        except Fault as fault:
            raise run_error(config, fault) from None
        except OSError as error:
            raise RunError(
                f"{error.filename} cannot be read: {error.strerror}",
                code="data-unreadable",
                pointer=pointer_of(config.load, "data_files", "data_name"),
            ) from None
    read = {split: table for split, table in tables.items() if table is not None}
    if len(read) < len(tables) or len({frozenset(table.columns) for table in read.values()}) > 1:
        return None
    try:
        ranges = taken(slices, {split: len(table) for split, table in read.items()})
    except SplitError as error:
        raise _split_error(config, error) from None
    rows = [row for split, start, stop in ranges for row in read[split].rows[start:stop]]
    return TableRows(rows, next(iter(read.values())).columns)


def run_error(config: DataConfig, fault: Fault) -> RunError:
    """A fault of a file as an error at the place that names the file."""
    return RunError(
        fault.message,
        code=fault.code,
        pointer=pointer_of(config.load, "data_files", "data_name"),
        hint=fault.hint,
    )


def _with_datasets(config: DataConfig, workflow: Workflow, source: Source, log: Log) -> Rows:
    import datasets
    from datasets.utils.logging import disable_progress_bar, set_verbosity_error

    disable_progress_bar()
    set_verbosity_error()
    split = config.load.params.get("split")
    if source.kind == "saved":
        loaded = _call(config, source, lambda: datasets.load_from_disk(source.name))
        return _taken_of(config, loaded, split)
    arguments: dict[str, Any] = {
        "path": source.name,
        "name": config.load.params.get("subset"),
        "split": split,
        "data_dir": str(source.folder)
        if source.kind == "builder" and source.folder
        else config.load.params.get("data_dir"),
        "data_files": _data_files(source),
        **source.options,
    }
    with _cache(workflow, source) as cache:
        if cache is not None:
            arguments |= {"cache_dir": str(cache[0]), "keep_in_memory": cache[1]}
        else:
            log(f"loading {source.name} from the Hugging Face hub or its cache")
        loaded = _call(config, source, lambda: datasets.load_dataset(**arguments))
    return _one(config, loaded)


def _data_files(source: Source) -> Any:
    import glob

    if source.files:
        return {split: [glob.escape(str(path)) for path in paths] for split, paths in source.files.items()}
    return source.remote_files


@contextlib.contextmanager
def _cache(workflow: Workflow, source: Source) -> Iterator[tuple[Path, bool] | None]:
    """(folder for `datasets` to work in, whether the rows are held in memory); None: the user's own cache."""
    if not source.local:
        yield None
    elif sum(path.stat().st_size for path in source.paths()) > IN_MEMORY_LIMIT:
        yield Path(workflow.engine.cache_dir) / "datasets", False
    else:
        with tempfile.TemporaryDirectory(prefix="olivepress-data-", ignore_cleanup_errors=True) as folder:
            yield Path(folder), True


def _call(config: DataConfig, source: Source, call: Callable[[], Any]) -> Any:
    """Runs `call`; whatever `datasets` raises becomes one sentence with the innermost reason."""
    try:
        return call()
    except Exception as error:
        raise _explained(config, source, error) from error


def _explained(config: DataConfig, source: Source, error: Exception) -> RunError:
    innermost: BaseException = error
    while innermost.__cause__ is not None:
        innermost = innermost.__cause__
    reason = (str(innermost) or type(innermost).__name__).strip().splitlines()[0]
    unknown = re.match(r"Unknown split \"(.*)\"\. Should be one of \[(.*)\]", reason)
    if unknown:
        known = tuple(name.strip(" '") for name in unknown[2].split(","))
        return _split_error(config, SplitError(no_such_split(unknown[1], known), known))
    if source.kind == "hub":
        hint = "check the name, the network and, for a private one, that you are logged in (hf auth login)"
        if "scripts are no longer supported" in reason:
            hint = 'write "revision": "refs/convert/parquet": most such data sets have a converted copy there'
        return RunError(
            f"the data set `{source.name}` cannot be loaded from the Hugging Face hub: {reason}",
            code="data-hub",
            pointer=pointer_of(config.load, "data_name"),
            hint=hint,
        )
    faults = (
        (first_bad_line(path) for path in source.paths()) if source.name == "json" and source.plain else ()
    )
    fault = next((one for one in faults if one is not None), None)
    if fault is not None:
        return run_error(config, fault)
    if "UnicodeDecodeError" in type(innermost).__name__ or "codec can't decode" in reason:
        reason += "; save the file as UTF-8, or name its encoding in the load parameters"
    what = ", ".join(path.name for path in source.paths()[:3]) or source.name
    return RunError(
        f"{what} cannot be read as {source.name if source.kind == 'builder' else 'a data set'}: {reason}",
        code="data-unreadable",
        pointer=pointer_of(config.load, "data_files", "data_name"),
    )


def _taken_of(config: DataConfig, loaded: Any, split: Any) -> Rows:
    """The split's slice of a saved data set, whose library function takes no split."""
    splits = dict(loaded) if isinstance(loaded, Mapping) else {str(loaded.split or "train"): loaded}
    if not split:
        return _one(config, splits)
    try:
        ranges = taken(parse_split(str(split)), {name: len(rows) for name, rows in splits.items()})
    except SplitError as error:
        raise _split_error(config, error) from None
    parts = [splits[name].select(range(start, stop)) for name, start, stop in ranges]
    if len(parts) == 1:
        only: Rows = parts[0]
        return only
    from datasets import concatenate_datasets

    joined: Rows = concatenate_datasets(parts)
    return joined


def _one(config: DataConfig, loaded: Any) -> Rows:
    """The data set itself, where the split was left out and there is only one."""
    if not isinstance(loaded, Mapping):
        rows: Rows = loaded
        return rows
    if len(loaded) == 1:
        only: Rows = next(iter(loaded.values()))
        return only
    raise RunError(
        f"data config `{config.name}` does not say which split to take; there are {listing(loaded)}",
        code="data-split",
        pointer=pointer_of(config.load, "split"),
        hint=f'write "split": "{next(iter(loaded), "train")}"',
    )


def _filtered(config: DataConfig, rows: Rows) -> Rows:
    """Rows whose columns hold exactly the values of `col_filters`."""
    wanted = config.load.params.get("col_filters")
    if not wanted:
        return rows
    for column in wanted:
        if column not in rows.column_names:
            raise unknown_column(
                column, rows.column_names, pointer_of(config.load, "col_filters"), "col_filters"
            )
    kept = [
        index
        for index, row in enumerate(rows)
        if all(row[column] == value for column, value in wanted.items())
    ]
    if not kept:
        raise RunError(
            f"col_filters leave none of the {len(rows):,} rows",
            code="data-empty",
            pointer=pointer_of(config.load, "col_filters"),
            hint='the values must be equal, type included: 1 is not "1"',
        )
    selected: Rows = rows.select(kept)  # type: ignore[attr-defined]
    return selected
