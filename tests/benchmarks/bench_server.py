"""The language server beside vscode-json-languageserver with Olive's own schema: the same text, the same keys.

    bench_server.py [--work FOLDER] [--rounds N] [--olive-schema FILE]

Times are from the client's write to the arrival of the answer. Diagnostics are pulled from both right after the key, for
the peer pushes only after half a second of calm; what ours pushes by itself has rows of its own. "Completion with the key"
is asked for in the same breath as the key, as an editor does, the plain one when the key is digested. On the long text
the first push holds what is known at once (syntax, and what was found before, where it now stands); the whole answer is the
pulled one. Olive's schema: the file that is named, else what Olive itself says (OLIVEPRESS_PEER, an environment with
olive-ai), else our fallback.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import server_texts
from lsp_client import Client, Json, environment
from server_texts import Edit

PEER = "vscode-langservers-extracted@4.10.0"
OURS = [sys.executable, "-m", "olive_server"]
ITEM = {"snippetSupport": True, "documentationFormat": ["markdown"], "deprecatedSupport": True}
PULLING: Json = {
    "textDocument": {
        "completion": {"completionItem": ITEM},
        "hover": {"contentFormat": ["markdown"]},
        "diagnostic": {"dynamicRegistration": False},
        "publishDiagnostics": {"relatedInformation": True, "versionSupport": True},
    },
    "workspace": {"configuration": True, "diagnostics": {"refreshSupport": True}},
}
PUSHED: Json = {**PULLING, "textDocument": {**PULLING["textDocument"]}}
del PUSHED["textDocument"]["diagnostic"]


@dataclass
class Server:
    name: str
    command: list[str]
    schema: Json | None = None
    """What the peer is told to validate with."""

    def start(self, folder: Path, capabilities: Json) -> Client:
        settings: Json = {}
        if self.schema is not None:
            settings = {
                "validate": {"enable": True},
                "schemas": [{"fileMatch": ["*.json"], "schema": self.schema, "url": "olive:///schema"}],
            }
        client = Client(self.command, settings)
        client.initialize(folder, capabilities)
        if self.schema is not None:
            client.notify("workspace/didChangeConfiguration", {"settings": {"json": settings}})
        return client


@dataclass
class Times:
    """Milliseconds, by what was waited for."""

    of: dict[str, list[float]] = field(default_factory=dict)

    def add(self, what: str, seconds: float) -> None:
        self.of.setdefault(what, []).append(seconds * 1000)

    def rows(self) -> dict[str, str]:
        return {what: f"{statistics.median(all_):.1f} / {p95(all_):.1f}" for what, all_ in self.of.items()}


def p95(values: list[float]) -> float:
    return sorted(values)[max(0, round(0.95 * len(values)) - 1)]


def edited(text: str, edit: Edit) -> tuple[str, Json]:
    """The text after it, and the change as the protocol has it."""

    def place(offset: int) -> Json:
        return {"line": text.count("\n", 0, offset), "character": offset - (text.rfind("\n", 0, offset) + 1)}

    change = {"range": {"start": place(edit.start), "end": place(edit.end)}, "text": edit.text}
    return text[: edit.start] + edit.text + text[edit.end :], change


def type_into(
    client: Client, uri: str, text: str, edits: Iterator[Edit], times: Times, *, pull: bool
) -> None:
    """Key after key. Pulled: its diagnostics, then completion and hover there. Else completion with it, and what comes."""
    version = 1
    identifier = {"uri": uri}
    for edit in edits:
        text, change = edited(text, edit)
        version += 1
        after = edit.start + len(edit.text)
        where = {"line": text.count("\n", 0, after), "character": after - (text.rfind("\n", 0, after) + 1)}
        place = {"textDocument": identifier, "position": where}
        began = time.perf_counter()
        params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}
        client.notify("textDocument/didChange", params)
        if not pull:
            _, came = client.ask("textDocument/completion", place)
            times.add("completion with the key", came - began)
            if client.pushes_at_once:
                _, came = client.pushed(uri, version)
                times.add("key to first push", came - began)
            continue
        _, came = client.ask("textDocument/diagnostic", {"textDocument": identifier})
        times.add("key to diagnostics, pulled", came - began)
        for what in ("completion", "hover"):
            began = time.perf_counter()
            _, came = client.ask(f"textDocument/{what}", place)
            times.add(what, came - began)


def typing(server: Server, folder: Path, text: str, rounds: int, *, pull: bool) -> tuple[Times, float]:
    """(times, resident MiB at the end) of a server that has warmed up on one round."""
    client = server.start(folder, PULLING if pull else PUSHED)
    client.pushes_at_once = server.schema is None
    uri = (folder / "olive-config.json").as_uri()
    times = Times()
    try:
        client.open(uri, text)
        time.sleep(3)
        for number in range(rounds + 1):
            name = f"{uri[:-5]}-{number}.json"
            client.open(name, text)
            if not pull and client.pushes_at_once:
                client.pushed(name, 1)
            type_into(client, name, text, server_texts.typing(text), times if number else Times(), pull=pull)
            client.notify("textDocument/didClose", {"textDocument": {"uri": name}})
        return times, client.resident_mib()
    finally:
        client.end()


def cold_start(server: Server, folder: Path, text: str, capabilities: Json) -> float:
    """Milliseconds from the start of the process to the first diagnostics, settings and all."""
    client = server.start(folder, capabilities)
    uri = (folder / "olive-config.json").as_uri()
    try:
        client.open(uri, text)
        if capabilities is PULLING:
            _, came = client.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        else:
            _, came = client.pushed(uri, 1)
        return (came - client.began) * 1000
    finally:
        client.end()


def bare_import() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import pygls.lsp.server"], check=True, env=environment())
    return (time.perf_counter() - began) * 1000


def peer(work: Path, schema: Json) -> Server:
    """The JSON language server that VS Code has, from npm."""
    folder = work / "json-server"
    script = folder / "node_modules/vscode-langservers-extracted/bin/vscode-json-language-server"
    if not script.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}')
        subprocess.run(
            ["npm", "install", "--ignore-scripts", "--loglevel=error", PEER], cwd=folder, check=True
        )
    return Server("vscode-json-languageserver", ["node", str(script), "--stdio"], schema)


def olive_schema(named: str | None) -> tuple[Json, str]:
    """(the schema, whose it is)."""
    if named:
        return json.loads(Path(named).read_text()), named
    environment = os.environ.get("OLIVEPRESS_PEER")
    if environment:
        code = (
            "import json\nfrom olive.workflows.run.config import RunConfig\n"
            "print('\\n' + json.dumps(RunConfig.model_json_schema()))"
        )
        done = subprocess.run(
            [f"{environment}/bin/python", "-c", code], capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout.strip().splitlines()[-1]), "Olive's RunConfig"
    here = Path(__file__).parents[2]
    found = sorted(here.glob("extension/**/olive*.schema.json"))
    if not found:
        raise SystemExit(
            "Name Olive's schema with --olive-schema, or an environment with olive-ai in OLIVEPRESS_PEER."
        )
    return json.loads(found[0].read_text()), found[0].name


def measure(work: Path, rounds: int, named_schema: str | None = None) -> list[Json]:
    schema, whose = olive_schema(named_schema)
    folder = work / "server"
    folder.mkdir(parents=True, exist_ok=True)
    text, large = server_texts.text(), server_texts.large_text()
    ours, theirs = Server("olivepress lsp", OURS), peer(work, schema)
    rows: list[Json] = []
    for what, source, count in (("7 KB", text, rounds), ("1 MB", large, 1)):
        row: dict[str, Json] = {}
        for server in (ours, theirs):
            times, memory = typing(server, folder, source, count, pull=True)
            row[server.name] = {**times.rows(), "memory, MiB": f"{memory:.0f}"}
        for server in (ours, theirs):
            row[server.name] |= typing(server, folder, source, count, pull=False)[0].rows()
        for name in row[ours.name]:
            rows.append(
                {"config": f"{what} ({len(source):,} characters)", "median / p95, ms": name}
                | {server.name: row[server.name].get(name, "-") for server in (ours, theirs)}
            )
    rows += _cold(folder, text, ours, theirs)
    for row_ in rows:
        row_["schema"] = whose
    return rows


def _cold(folder: Path, text: str, ours: Server, theirs: Server) -> list[Json]:
    bare, first, pushed, other = [], [], [], []
    cold_start(ours, folder, text, PULLING)  # compiles what was not compiled yet, as an installation does
    for _ in range(7):
        bare.append(bare_import())
        first.append(cold_start(ours, folder, text, PULLING))
        pushed.append(cold_start(ours, folder, text, PUSHED))
        other.append(cold_start(theirs, folder, text, PULLING))
    middle = statistics.median
    return [
        {
            "config": "cold start to first diagnostics",
            "median / p95, ms": "pulled",
            ours.name: f"{middle(first):.0f}",
            theirs.name: f"{middle(other):.0f}",
        },
        {"config": "", "median / p95, ms": "pushed", ours.name: f"{middle(pushed):.0f}", theirs.name: "-"},
        {
            "config": "",
            "median / p95, ms": "a bare `import pygls.lsp.server`",
            ours.name: f"{middle(bare):.0f}",
        },
    ]


def bench(work: Path, repetitions: int = 3) -> list[Json]:
    """The rows of `make bench`."""
    return measure(work, repetitions, os.environ.get("OLIVE_SCHEMA"))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path(__file__).parent / ".work")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--olive-schema", default=os.environ.get("OLIVE_SCHEMA"))
    call = parser.parse_args()
    for row in measure(call.work.resolve(), call.rounds, call.olive_schema):
        print("  ".join(f"{value!s:<34}" for name, value in row.items() if name != "schema"))


if __name__ == "__main__":
    main()
