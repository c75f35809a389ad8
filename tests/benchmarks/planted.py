"""Single mistakes, planted into real configs that Olive accepts: how many are reported, and at the very key or value.

    python tests/benchmarks/planted.py CORPUS [--seed N] [--each N] [--show KIND]

CORPUS is an `index.jsonl` as `fidelity.py` reads it. Each config is taken with the newest release that accepts it, and
with no release asked for ("auto"). Of every kind of mistake one is planted into each config that has a place for it, at
a random place; `--each` takes several. Counted are errors and warnings that were not there before, at the pointer of the
mistake and on its key or value as the mistake has it; what is reported elsewhere only, or as an information, is missed.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from olive_schemas.problems import Severity
from olive_schemas.releases import era_of
from olive_schemas.tree import join
from olive_server.checking import problems
from olive_server.document import Document, Settings

RELEASES = ("main", "0.13.0", "0.9.3", "0.7.1.1", "0.6.2")
TELLING = (Severity.ERROR, Severity.WARNING)


@dataclass(frozen=True)
class Place:
    """Where a mistake can be planted, and what planting does to the config."""

    expected: tuple[tuple[str, str], ...]
    """(pointer, "key" or "value") of what should be told; any one of them counts."""
    plant: Callable[[], None]


Kind = Callable[[Any, Document, random.Random], Iterator[Place]]


# --- parts of a config, nested and flat alike


def items(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def objects(config: Any, section: str) -> Iterator[tuple[dict[str, Any], str]]:
    for key, entry in items(config.get(section)):
        place = join("", section, key)
        if isinstance(entry, dict):
            yield entry, place
        elif isinstance(entry, list):
            yield from ((inner, join(place, n)) for n, inner in enumerate(entry) if isinstance(inner, dict))


def levels(holder: dict[str, Any], place: str, nested: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The object, and the one nested in it."""
    yield holder, place
    if isinstance(holder.get(nested), dict):
        yield holder[nested], join(place, nested)


def parts(config: Any, section: str, nested: str) -> Iterator[tuple[dict[str, Any], str]]:
    for entry, place in objects(config, section):
        yield from levels(entry, place, nested)


def engines(config: Any) -> Iterator[tuple[dict[str, Any], str]]:
    yield config, ""
    if isinstance(config.get("engine"), dict):
        yield config["engine"], "/engine"


def components(config: Any) -> Iterator[tuple[dict[str, Any], str]]:
    for entry, place in objects(config, "data_configs"):
        for key, value in entry.items():
            if key.endswith("_config") and isinstance(value, dict):
                yield from levels(value, join(place, key), "params")


def metrics(config: Any) -> Iterator[tuple[dict[str, Any], str]]:
    for evaluator, place in objects(config, "evaluators"):
        for number, metric in enumerate(evaluator.get("metrics") or ()):
            if isinstance(metric, dict):
                yield metric, join(place, "metrics", number)


def sub_types(config: Any) -> Iterator[tuple[dict[str, Any], str]]:
    for metric, place in metrics(config):
        for number, entry in enumerate(metric.get("sub_types") or ()):
            if isinstance(entry, dict):
                yield entry, join(place, "sub_types", number)


def accelerators(config: Any) -> Iterator[tuple[dict[str, Any], str]]:
    for system, place in parts(config, "systems", "config"):
        for number, entry in enumerate(system.get("accelerators") or ()):
            if isinstance(entry, dict):
                yield entry, join(place, "accelerators", number)


def model(config: Any) -> Iterator[tuple[dict[str, Any], str]]:
    if isinstance(config.get("input_model"), dict):
        yield from levels(config["input_model"], "/input_model", "config")


def training(config: Any) -> Iterator[tuple[dict[str, Any], str]]:
    for entry, place in parts(config, "passes", "config"):
        if isinstance(entry.get("training_args"), dict):
            yield entry["training_args"], join(place, "training_args")


# --- mistakes


def misspelt(name: str, rng: random.Random, taken: Any) -> str | None:
    """A letter left out, doubled, exchanged with its neighbour or with another; None for short names."""
    if len(name) < 4:
        return None
    for _ in range(20):
        at = rng.randrange(1, len(name) - 1)
        way = rng.randrange(4)
        if way == 0:
            wrong = name[:at] + name[at + 1 :]
        elif way == 1:
            wrong = name[:at] + name[at] + name[at:]
        elif way == 2:
            wrong = name[: at - 1] + name[at] + name[at - 1] + name[at + 1 :]
        else:
            wrong = name[:at] + rng.choice("abcdefghijklmnopqrstuvwxyz") + name[at + 1 :]
        if wrong not in (name, *taken) and wrong.lower() != name.lower():
            return wrong
    return None


def rename(holder: dict[str, Any], old: str, new: str) -> None:
    entries = [(new if key == old else key, value) for key, value in holder.items()]
    holder.clear()
    holder.update(entries)


def renaming(holder: dict[str, Any], old: str, new: str) -> Callable[[], None]:
    return lambda: rename(holder, old, new)


def deleting(holder: Any, key: Any) -> Callable[[], None]:
    return lambda: holder.__delitem__(key)


def keys_of(
    where: Callable[[Any], Iterator[tuple[dict[str, Any], str]]], only: frozenset[str] = frozenset()
) -> Kind:
    def kind(config: Any, document: Document, rng: random.Random) -> Iterator[Place]:
        for holder, place in where(config):
            shape = document.view.shape(place)
            for key in holder:
                known = key in shape.properties and (not only or key in only)
                wrong = misspelt(key, rng, {*holder, *shape.properties}) if known else None
                if wrong is not None:
                    yield Place(
                        ((join(place, wrong), "key"),),
                        renaming(holder, key, wrong),
                    )

    return kind


def set_to(holder: Any, key: Any, value: Any) -> Callable[[], None]:
    def plant() -> None:
        holder[key] = value

    return plant


def on_value(holder: Any, key: Any, place: str, value: Any) -> Place:
    return Place(((join(place, key), "value"),), set_to(holder, key, value))


def text_of(where: Callable[[Any], Iterator[tuple[dict[str, Any], str]]], key: str) -> Kind:
    """A misspelt text under a key."""

    def kind(config: Any, document: Document, rng: random.Random) -> Iterator[Place]:
        for holder, place in where(config):
            written = holder.get(key)
            wrong = misspelt(written, rng, ()) if isinstance(written, str) else None
            if wrong is not None:
                yield on_value(holder, key, place, wrong)

    return kind


def references(config: Any, document: Document, rng: random.Random) -> Iterator[Place]:
    for use in document.view.uses:
        names = document.view.definitions.get(use.kind, {})
        wrong = misspelt(use.name, rng, names) if use.name in names else None
        if wrong is not None:
            holder, key, place = find(config, use.pointer)
            yield on_value(holder, key, place, wrong)


def find(config: Any, pointer: str) -> tuple[Any, Any, str]:
    above, _, last = pointer.rpartition("/")
    for step in above.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        config = config[int(step)] if isinstance(config, list) else config[step]
    last = last.replace("~1", "/").replace("~0", "~")
    return config, int(last) if isinstance(config, list) else last, above


def deleted_definitions(config: Any, document: Document, rng: random.Random) -> Iterator[Place]:
    for kind in ("data_config", "system", "evaluator"):
        for name, pointer in document.view.definitions.get(kind, {}).items():
            uses = tuple(
                (use.pointer, "value") for use in document.view.uses if (use.kind, use.name) == (kind, name)
            )
            inside = pointer.removesuffix("/name") if kind == "data_config" else pointer
            uses = tuple(use for use in uses if not use[0].startswith(inside + "/"))
            if uses:
                holder, key, _ = find(config, inside)
                yield Place(uses, deleting(holder, key))


def duplicate_names(config: Any, document: Document, rng: random.Random) -> Iterator[Place]:
    data = config.get("data_configs")
    if isinstance(data, list):
        named = [
            n
            for n, entry in enumerate(data)
            if isinstance(entry, dict) and isinstance(entry.get("name"), str)
        ]
        for first, second in pairwise(named):
            yield on_value(data[second], "name", join("/data_configs", second), data[first]["name"])


def described(document: Document) -> Iterator[tuple[Any, Any]]:
    """Places with what is known of them, metrics' free texts and references aside."""
    for place in document.view.places:
        if place.member is not None and place.shape.prop and not place.shape.prop.get("x-ref"):
            yield place, place.shape.prop


def enums(config: Any, document: Document, rng: random.Random) -> Iterator[Place]:
    for place, prop in described(document):
        if place.node.kind != "string" or "enum" not in prop or prop.get("x-values-open"):
            continue
        wrong = misspelt(place.node.value, rng, [str(value) for value in prop["enum"]])
        if wrong is not None:
            holder, key, above = find(config, place.pointer)
            yield on_value(holder, key, above, wrong)


def _types(prop: Any) -> set[str]:
    options = [prop, *prop.get("anyOf", ()), *prop.get("oneOf", ())]
    found: set[str] = set()
    for option in options:
        written = option.get("type", ())
        found |= {written} if isinstance(written, str) else set(written)
    return found


def wrong_types(kind: str, value: Any, taken: str) -> Kind:
    def plant(config: Any, document: Document, rng: random.Random) -> Iterator[Place]:
        for place, prop in described(document):
            if place.node.kind == kind and _types(prop) and taken not in _types(prop) and "enum" not in prop:
                holder, key, above = find(config, place.pointer)
                yield on_value(holder, key, above, value)

    return plant


def out_of_range(config: Any, document: Document, rng: random.Random) -> Iterator[Place]:
    for place, prop in described(document):
        if place.node.kind != "number":
            continue
        least = prop.get("minimum", prop.get("exclusiveMinimum"))
        if least is not None:
            holder, key, above = find(config, place.pointer)
            yield on_value(holder, key, above, int(least) - 7)


def missing_parameters(config: Any, document: Document, rng: random.Random) -> Iterator[Place]:
    for holder, place in parts(config, "passes", "config"):
        shape = document.view.shape(place)
        for key in shape.required:
            if key in holder and key != "type":
                owner = place.removesuffix("/config")
                yield Place(((place, "key"), (owner, "key")), deleting(holder, key))


def missing_types(config: Any, document: Document, rng: random.Random) -> Iterator[Place]:
    sections = [
        *objects(config, "passes"),
        *objects(config, "systems"),
        *list(model(config))[:1],
        *metrics(config),
    ]
    for holder, place in sections:
        if "type" in holder:
            yield Place(((place, "key"),), deleting(holder, "type"))


def earlier_spellings(config: Any, document: Document, rng: random.Random) -> Iterator[Place]:
    """A key as another release spelled it, which the release at hand does not take."""
    from olive_schemas.history import knows

    for place in document.view.places:
        if place.node.kind != "object" or not place.shape.properties:
            continue
        for member in place.node.members:
            prop = place.shape.properties.get(member.name, {})
            for alias in prop.get("x-names", ()):
                if knows(prop, alias["name"], member.name, document.scope.newest):
                    continue
                holder, _, _ = find(config, join(place.pointer, member.name))
                if alias["name"] not in holder:
                    yield Place(
                        ((join(place.pointer, alias["name"]), "key"),),
                        renaming(holder, member.name, alias["name"]),
                    )


def providers(config: Any, document: Document, rng: random.Random) -> Iterator[Place]:
    for holder, place in accelerators(config):
        for number, name in enumerate(holder.get("execution_providers") or ()):
            if isinstance(name, str):
                wrong = misspelt(name, rng, ())
                short = name.removesuffix("ExecutionProvider")
                yield on_value(
                    holder["execution_providers"],
                    number,
                    join(place, "execution_providers"),
                    rng.choice([wrong, short]),
                )


def devices(config: Any, document: Document, rng: random.Random) -> Iterator[Place]:
    for holder, place in accelerators(config):
        if isinstance(holder.get("device"), str):
            yield on_value(holder, "device", place, rng.choice(["cuda", "gppu", "intel", "cpus"]))


def sub_type_names(config: Any, document: Document, rng: random.Random) -> Iterator[Place]:
    for metric, place in metrics(config):
        if metric.get("type") in ("accuracy", "latency") and metric.get("backend") in (None, "torch_metrics"):
            for number, entry in enumerate(metric.get("sub_types") or ()):
                if isinstance(entry, dict) and isinstance(entry.get("name"), str):
                    wrong = rng.choice(["averge", "acuracy_score", "p42", "mean_of_all"])
                    yield on_value(entry, "name", join(place, "sub_types", number), wrong)


def goals(config: Any, document: Document, rng: random.Random) -> Iterator[Place]:
    for entry, place in sub_types(config):
        goal = entry.get("goal")
        if isinstance(goal, dict) and isinstance(goal.get("type"), str):
            yield on_value(goal, "type", join(place, "goal"), goal["type"].replace("-", "_") + "s")


def priorities(config: Any, document: Document, rng: random.Random) -> Iterator[Place]:
    for evaluator, place in objects(config, "evaluators"):
        ranked = [
            (entry, join(place, "metrics", m, "sub_types", s))
            for m, metric in enumerate(evaluator.get("metrics") or ())
            for s, entry in enumerate(metric.get("sub_types") or ())
            if isinstance(entry, dict) and isinstance(entry.get("priority"), int) and entry["priority"] > 0
        ]
        if len(ranked) > 1:
            (first, one), (second, other) = rng.sample(ranked, 2)
            yield Place(
                ((join(one, "priority"), "value"), (join(other, "priority"), "value")),
                set_to(second, "priority", first["priority"]),
            )


def templates(config: Any, document: Document, rng: random.Random) -> Iterator[Place]:
    for holder, place in components(config):
        text = holder.get("text_template")
        if isinstance(text, str) and "}" in text:
            yield on_value(holder, "text_template", place, text.replace("}", "", 1))


def of_another_pass(config: Any, document: Document, rng: random.Random) -> Iterator[Place]:
    strangers = {
        "double_quant": True,
        "int4_block_size": 32,
        "target_opset": 17,
        "lora_dropout": 0.1,
        "desc_act": True,
    }
    for holder, place in parts(config, "passes", "config"):
        nested = "config" in holder and era_of(document.scope.newest) == "classic"
        known = document.view.shape(place).properties
        key = rng.choice(sorted(strangers))
        if known and not nested and key not in known and "type" in holder | {"type": 0}:
            yield Place(((join(place, key), "key"),), set_to(holder, key, strangers[key]))


def searched_values(config: Any, document: Document, rng: random.Random) -> Iterator[Place]:
    if document.parts.searching:
        return
    for part in document.parts.every_pass():
        for name, entry in part.fields.items():
            if isinstance(entry.value, (int, float)) and part.schema and name in part.schema.properties:
                holder, key, above = find(config, entry.pointer)
                yield on_value(holder, key, above, "SEARCHABLE_VALUES")


def written_twice(config: Any, document: Document, rng: random.Random) -> Iterator[Place]:
    inner = config.get("engine")
    if not isinstance(inner, dict) or era_of(document.scope.newest) == "classic":
        return
    for key in ("output_dir", "cache_dir", "log_severity_level"):
        if key in inner and key not in config:
            yield Place(((join("", key), "key"),), set_to(config, key, inner[key]))


KINDS: dict[str, Kind] = {
    "misspelt key at the top level": keys_of(lambda config: iter([(config, "")])),
    "misspelt key of the engine": keys_of(lambda config: list(engines(config))[1:]),  # type: ignore[arg-type,return-value]
    "misspelt pass parameter": keys_of(lambda config: parts(config, "passes", "config")),
    "misspelt training argument": keys_of(training),
    "misspelt key of a data config": keys_of(lambda config: objects(config, "data_configs")),
    "misspelt parameter of a component": keys_of(components),
    "misspelt key of the input model": keys_of(model),
    "misspelt key of a system": keys_of(lambda config: parts(config, "systems", "config")),
    "misspelt key of an accelerator": keys_of(accelerators),
    "misspelt key of a metric": keys_of(metrics),
    "misspelt key of a sub type": keys_of(sub_types),
    "misspelt pass type": text_of(lambda config: objects(config, "passes"), "type"),
    "misspelt model type": text_of(lambda config: list(model(config))[:1], "type"),  # type: ignore[arg-type,return-value]
    "misspelt system type": text_of(lambda config: objects(config, "systems"), "type"),
    "misspelt data container": text_of(lambda config: objects(config, "data_configs"), "type"),
    "misspelt metric type": text_of(metrics, "type"),
    "misspelt reference": references,
    "definition deleted": deleted_definitions,
    "two data configs of one name": duplicate_names,
    "misspelt value of a list": enums,
    "text for a number": wrong_types("number", "sixteen", "string"),
    "text for true or false": wrong_types("boolean", "perhaps", "string"),
    "number for an object": wrong_types("object", 7, "number"),
    "text for a list": wrong_types("array", "q_proj", "string"),
    "out of range": out_of_range,
    "required parameter missing": missing_parameters,
    "type missing": missing_types,
    "key as another release spells it": earlier_spellings,
    "misspelt or short execution provider": providers,
    "unknown device": devices,
    "unknown sub type": sub_type_names,
    "unknown type of a goal": goals,
    "one priority twice": priorities,
    "brace of a template": templates,
    "parameter of another pass": of_another_pass,
    "values to search without a search": searched_values,
    "key in engine and at the top level": written_twice,
}


def told(text: str, path: Path, release: str) -> Counter[tuple[str, str, str]]:
    found = problems(Document(path.as_uri(), text, 1, path, Settings(release)))
    return Counter((p.pointer, p.on, p.code) for p in found if p.severity in TELLING)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--each", type=int, default=1)
    parser.add_argument("--show", default="")
    wanted = parser.parse_args()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    shown = 0
    with wanted.corpus.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    for row in rows:
        newest = next((r for r in RELEASES if row["olive"].get(r, {}).get("verdict") == "valid"), None)
        path = wanted.corpus.parent / row["file"]
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
        config = json.loads(text)
        if newest is None or not isinstance(config, dict):
            continue
        for mode, release in (("release", newest), ("auto", "auto")):
            before = told(text, path, release)
            for name, kind in KINDS.items():
                rng = random.Random(f"{wanted.seed} {row['file']} {name}")
                fresh = json.loads(text)
                document = Document(path.as_uri(), text, 1, path, Settings(release))
                if mode == "auto" and era_of(newest) != document.era:
                    continue
                places = [place for place in kind(fresh, document, rng) if not _known(place, before)]
                for number in rng.sample(range(len(places)), min(wanted.each, len(places))):
                    rng = random.Random(f"{wanted.seed} {row['file']} {name}")
                    fresh = json.loads(text)
                    places = [place for place in kind(fresh, document, rng) if not _known(place, before)]
                    place = places[number]
                    place.plant()
                    after = told(json.dumps(fresh, indent=4, ensure_ascii=False), path, release)
                    new = after - before
                    exact = any((pointer, on) in place.expected for pointer, on, _ in new)
                    counts[name][f"{mode} all"] += 1
                    counts[name][f"{mode} exact"] += exact
                    counts[name][f"{mode} somewhere"] += bool(new)
                    if not exact and wanted.show and wanted.show in name:
                        shown += 1
                        print(
                            f"{row['file']} {release} {place.expected[0]} -> {sorted(new)[:3]}",
                            file=sys.stderr,
                        )
    return _print(counts)


def _known(place: Place, before: Counter[tuple[str, str, str]]) -> bool:
    """Whether something is told of the place already, or of a part that it lies in."""
    told_of = {pointer for pointer, _, _ in before}
    return any(
        pointer == known or pointer.startswith(known + "/")
        for pointer, _ in place.expected
        for known in told_of
        if known
    )


def _print(counts: dict[str, Counter[str]]) -> int:
    print(
        "| mistake | planted | release: at the place | somewhere | auto: planted | at the place | somewhere |"
    )
    print("|---|---|---|---|---|---|---|")
    total: Counter[str] = Counter()
    for name in KINDS:
        count = counts[name]
        total.update(count)
        print(_row(name, count))
    print(_row("**all**", total))
    share = (total["release exact"] + total["auto exact"]) / max(total["release all"] + total["auto all"], 1)
    print(f"\n{share:.1%} of all at the key or value itself")
    return 0 if share >= 0.97 else 1


def _row(name: str, count: Counter[str]) -> str:
    cells = [name]
    for mode in ("release", "auto"):
        planted = count[f"{mode} all"]
        part = [
            f"{count[f'{mode} {what}'] / planted:.1%}" if planted else "" for what in ("exact", "somewhere")
        ]
        cells += [str(planted), *part]
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    raise SystemExit(main())
