"""An editor as the tests drive it: pytest-lsp's client, what it received as plain JSON, and a few configs."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities, make_test_lsp_client

Json = dict[str, Any]
SERVER = [sys.executable, "-m", "olive_server"]

GOOD: Json = {
    "input_model": {"type": "HfModel", "model_path": "model"},
    "data_configs": [
        {
            "name": "train",
            "type": "HuggingfaceContainer",
            "load_dataset_config": {"data_name": "json", "data_files": "train.json", "split": "train"},
            "pre_process_data_config": {"text_cols": ["phrase", "tone"], "max_seq_len": 64},
        }
    ],
    "passes": {"tune": {"type": "LoRA", "train_data_config": "train", "r": 8}},
    "output_dir": "out",
}
"""The current form; the embedded engine runs it where `model` and `train.json` are there."""


def text_of(config: Json, **changes: Any) -> str:
    return json.dumps({**config, **changes}, indent=4)


def write_inputs(folder: Path) -> None:
    """The model and the data that `GOOD` names."""
    (folder / "model").mkdir(exist_ok=True)
    (folder / "model" / "config.json").write_text('{"model_type": "llama"}')
    (folder / "train.json").write_text('[{"phrase": "What a day!", "tone": "joy"}]')


@dataclass
class Editor:
    client: LanguageClient
    folder: Path
    received: list[Json] = field(default_factory=list)
    """Every message of the server, as it came."""
    versions: dict[str, int] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def start(
        cls,
        folder: Path,
        *,
        like: str = "visual_studio_code",
        announce: Callable[[types.ClientCapabilities], None] = lambda capabilities: None,
        options: Json | None = None,
        settings: Json | None = None,
        folders: tuple[Path, ...] | None = None,
    ) -> Editor:
        client: LanguageClient = await ClientServerConfig(  # type: ignore[assignment]
            SERVER, client_factory=make_test_lsp_client, server_env=dict(os.environ)
        ).start()
        editor = cls(client, folder)
        structure = client.protocol.structure_message

        def noted(data: Json) -> Any:
            if "jsonrpc" in data:
                editor.received.append(json.loads(json.dumps(data)))
                if str(data.get("method", "")).startswith("olivepress/"):
                    return structure({"jsonrpc": "2.0", "method": "$/unheard", "params": {}})
            return structure(data)

        client.protocol.structure_message = noted  # type: ignore[method-assign]
        client.set_configuration(settings or {}, section="olivepress")
        capabilities = client_capabilities(like)
        announce(capabilities)
        await client.initialize_session(
            types.InitializeParams(
                capabilities=capabilities,
                initialization_options=options,
                workspace_folders=[
                    types.WorkspaceFolder(path.as_uri(), path.name) for path in folders or (folder,)
                ],
            )
        )
        return editor

    async def quit(self) -> None:
        server = self.client._server
        assert server is not None
        if server.returncode is None:
            try:
                await asyncio.wait_for(self.client.shutdown_session(), 10)
            except (asyncio.TimeoutError, RuntimeError):
                server.kill()
        await self.client.stop()

    async def kill(self) -> None:
        server = self.client._server
        assert server is not None
        server.kill()
        await server.wait()

    @property
    def pid(self) -> int:
        server = self.client._server
        assert server is not None
        return server.pid

    # Documents

    def uri(self, name: str) -> str:
        return name if ":" in name else (self.folder / name).as_uri()

    def open(self, name: str, text: str, language: str = "json") -> str:
        uri = self.uri(name)
        self.versions[uri], self.texts[uri] = 1, text
        item = types.TextDocumentItem(uri, language, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def type(self, name: str, *changes: tuple[int, int, int, int, str] | str) -> None:
        """Changes as an editor sends them: (line, column, end line, end column, text) in UTF-16, or a whole text."""
        uri = self.uri(name)
        self.versions[uri] += 1
        sent: list[Any] = []
        for change in changes:
            if isinstance(change, str):
                sent.append(types.TextDocumentContentChangeWholeDocument(change))
            else:
                line, column, end_line, end_column, text = change
                where = types.Range(types.Position(line, column), types.Position(end_line, end_column))
                sent.append(types.TextDocumentContentChangePartial(where, text))
        identifier = types.VersionedTextDocumentIdentifier(version=self.versions[uri], uri=uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, sent))

    def replace(self, name: str, old: str, new: str) -> None:
        """The first `old` of an ASCII text becomes `new`."""
        uri = self.uri(name)
        text = self.texts[uri]
        start = text.index(old)
        self.texts[uri] = text[:start] + new + text[start + len(old) :]
        self.type(name, (*_place(text, start), *_place(text, start + len(old)), new))

    def close(self, name: str) -> None:
        identifier = types.TextDocumentIdentifier(self.uri(name))
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(identifier))

    # What came

    async def until(self, wanted: Callable[[Json], bool], seconds: float = 15.0) -> Json:
        """The first message that fits, among those that came or will come; it is taken out."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for message in self.received:
                if wanted(message):
                    self.received.remove(message)
                    return message
            await asyncio.sleep(0.005)
        came = [(one.get("method", ""), (one.get("params") or {}).get("state", "")) for one in self.received]
        raise AssertionError(f"nothing like it came; there were {came}")

    async def problems(self, name: str, version: int | None = None) -> list[Json]:
        """The diagnostics that were pushed for the current version (or for another)."""
        uri = self.uri(name)
        wanted = self.versions[uri] if version is None else version
        message = await self.until(
            lambda one: (
                one.get("method") == "textDocument/publishDiagnostics"
                and one["params"]["uri"] == uri
                and one["params"].get("version") == wanted
            )
        )
        return list(message["params"]["diagnostics"])

    async def settle(self) -> None:
        """Everything that was sent is worked on: a request goes through the same queue."""
        await self.ask("textDocument/foldingRange", {"textDocument": {"uri": "untitled:none"}})

    def pushed(self, name: str) -> list[Json]:
        uri = self.uri(name)
        return [
            one["params"]
            for one in self.received
            if one.get("method") == "textDocument/publishDiagnostics" and one["params"]["uri"] == uri
        ]

    def told(self, method: str) -> list[Json]:
        return [one["params"] for one in self.received if one.get("method") == method]

    async def ask(self, method: str, params: Json) -> Any:
        """A request in plain JSON, and its result in plain JSON; LookupError with the message where it is refused."""
        identity = f"test-{time.monotonic_ns()}"
        self.send({"jsonrpc": "2.0", "id": identity, "method": method, "params": params})
        answer = await self.until(lambda one: one.get("id") == identity and "method" not in one, 60)
        if "error" in answer:
            raise LookupError(answer["error"]["message"])
        return answer["result"]

    async def command(self, name: str, **argument: Any) -> Any:
        return await self.ask("workspace/executeCommand", {"command": name, "arguments": [argument]})

    def send(self, message: Json) -> None:
        self.client.protocol._send_data(message)

    def change_settings(self, settings: Json) -> None:
        self.client.set_configuration(settings, section="olivepress")
        self.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))


def _place(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n"), len(before) - (before.rfind("\n") + 1)


def codes(problems: list[Json]) -> set[str]:
    return {problem["code"] for problem in problems}


def at(problem: Json) -> tuple[int, int, int, int]:
    start, end = problem["range"]["start"], problem["range"]["end"]
    return start["line"], start["character"], end["line"], end["character"]
