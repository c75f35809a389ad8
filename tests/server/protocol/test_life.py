"""From `initialize` to `exit`, and everything a client may do wrong in between."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from editor import GOOD, SERVER, Editor, text_of

ENDS = {"jsonrpc": "2.0", "method": "exit"}
STOPS = {"jsonrpc": "2.0", "id": "stop", "method": "shutdown"}


def initialize(**more: Any) -> dict[str, Any]:
    params = {"processId": None, "rootUri": None, "capabilities": {}, **more}
    return {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params}


def framed(message: Any) -> bytes:
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def talk(*messages: Any, command: list[str] = SERVER) -> tuple[list[dict[str, Any]], int, str]:
    """(what the server wrote, its exit code, its log) for messages that are all there from the beginning."""
    done = subprocess.run(
        command, input=b"".join(framed(one) for one in messages), capture_output=True, timeout=60, check=False
    )
    written, rest = [], done.stdout
    while rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        length = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
        written.append(json.loads(rest[:length]))
        rest = rest[length:]
    return written, done.returncode, done.stderr.decode()


def answer(written: list[dict[str, Any]], identity: Any) -> dict[str, Any]:
    (found,) = [one for one in written if one.get("id") == identity and "method" not in one]
    return found


def test_shutdown_and_exit_end_well() -> None:
    written, code, log = talk(initialize(), STOPS, ENDS)
    assert answer(written, "stop")["result"] is None
    assert (code, log) == (0, "")


def test_exit_without_shutdown_and_a_client_that_is_gone_end_with_1() -> None:
    assert talk(initialize(), ENDS)[1] == 1
    assert talk(initialize())[1] == 1


def test_what_the_server_can_do_is_announced() -> None:
    written, *_ = talk(initialize(), STOPS, ENDS)
    can = answer(written, 0)["result"]["capabilities"]
    assert can["positionEncoding"] == "utf-16"
    assert can["textDocumentSync"]["change"] == 2
    assert can["diagnosticProvider"]["interFileDependencies"] is False
    for name in (
        "completionProvider",
        "definitionProvider",
        "referencesProvider",
        "documentHighlightProvider",
        "renameProvider",
        "documentSymbolProvider",
        "workspaceSymbolProvider",
        "documentLinkProvider",
        "foldingRangeProvider",
        "selectionRangeProvider",
        "documentFormattingProvider",
        "documentRangeFormattingProvider",
        "inlayHintProvider",
        "codeLensProvider",
        "semanticTokensProvider",
        "executeCommandProvider",
    ):
        assert can.get(name), name


@pytest.mark.parametrize(
    ("offered", "chosen"), [(["utf-8", "utf-16"], "utf-8"), (["utf-32"], "utf-32"), ([], "utf-16")]
)
def test_the_clients_way_to_count_is_taken(offered: list[str], chosen: str) -> None:
    capabilities = {"general": {"positionEncodings": offered}} if offered else {}
    text = '{"passes": {"é\U0001f642": {"type": "LoRA", "rr": 1}}}'
    item = {"uri": "untitled:a", "languageId": "json", "version": 1, "text": text}
    opened = {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": item}}
    pull = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "textDocument/diagnostic",
        "params": {"textDocument": {"uri": "untitled:a"}},
    }
    written, *_ = talk(initialize(capabilities=capabilities), opened, pull, STOPS, ENDS)
    assert answer(written, 0)["result"]["capabilities"]["positionEncoding"] == chosen
    before = text[: text.index('"rr"')]
    codec, size = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}[chosen]
    starts = [one["range"]["start"]["character"] for one in answer(written, 1)["result"]["items"]]
    assert len(before.encode(codec)) // size in starts


def test_wrong_messages_are_answered_and_the_server_lives_on() -> None:
    written, code, _ = talk(
        {"jsonrpc": "2.0", "id": 1, "method": "textDocument/hover", "params": {}},
        initialize(),
        initialize() | {"id": 2},
        b"{no json",
        b"[1]",
        {"jsonrpc": "2.0", "id": 3, "method": "textDocument/definition", "params": {"textDocument": 5}},
        {"jsonrpc": "2.0", "id": 4, "method": "no/such", "params": {}},
        {"jsonrpc": "2.0", "method": "no/such"},
        {"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"contentChanges": [{}]}},
        {"jsonrpc": "2.0", "id": "x", "result": "an answer to nothing"},
        {"jsonrpc": "2.0", "id": 5, "method": "workspace/executeCommand", "params": {"command": "rm"}},
        STOPS,
        {
            "jsonrpc": "2.0",
            "id": 6,
            "method": "textDocument/foldingRange",
            "params": {"textDocument": {"uri": "a:b"}},
        },
        ENDS,
    )
    refused = {one["id"]: one["error"]["code"] for one in written if "error" in one and one["id"] is not None}
    assert refused == {1: -32002, 2: -32600, 3: -32602, 4: -32601, 5: -32602, 6: -32600}
    assert [one["error"]["code"] for one in written if one.get("id", 0) is None] == [-32700, -32700]
    assert code == 0


def test_bytes_that_are_no_message_are_passed_over() -> None:
    noise = b"no header\r\n\r\nContent-Length: many\r\n\r\nX-Long: " + b"x" * 2_000_000 + b"\r\n\r\n"
    sent = noise + framed(initialize()) + noise + framed(STOPS) + framed(ENDS)
    done = subprocess.run(SERVER, input=sent, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0
    assert done.stdout.count(b'"id": 0') == done.stdout.count(b'"id": "stop"') == 1


def test_a_client_that_vanishes_while_a_long_text_is_worked_on_ends_the_server() -> None:
    whole = text_of(GOOD)
    item = {"uri": "untitled:a", "languageId": "json", "version": 1}
    item |= {"text": whole[:-1] + ', "x": [' + "1, " * 300_000 + "1]}"}
    opened = {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": item}}
    place = {"textDocument": {"uri": "untitled:a"}}
    asked = {"jsonrpc": "2.0", "id": 1, "method": "textDocument/documentSymbol", "params": place}
    server = subprocess.Popen(SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert server.stdin is not None and server.stdout is not None
    server.stdin.write(framed(initialize()) + framed(opened) + framed(asked))
    server.stdin.close()
    server.stdout.close()
    assert server.wait(30) == 1


def test_a_request_that_was_cancelled_while_it_waited_is_not_worked_on() -> None:
    item = {"uri": "untitled:a", "languageId": "json", "version": 1, "text": text_of(GOOD)}
    symbols = {
        "jsonrpc": "2.0",
        "id": 7,
        "method": "textDocument/documentSymbol",
        "params": {"textDocument": {"uri": "untitled:a"}},
    }
    written, *_ = talk(
        initialize(),
        {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": item}},
        symbols,
        {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 7}},
        symbols | {"id": "7"},
        STOPS,
        ENDS,
    )
    assert answer(written, 7)["error"]["code"] == -32800
    assert answer(written, "7")["result"]


def test_what_anything_prints_does_not_reach_the_connection(tmp_path: Path) -> None:
    (tmp_path / "noisy.py").write_text(
        "import os, subprocess\n"
        "from olive_server import checking, recognising\n"
        "def problems(document):\n"
        "    print('noise'); os.write(1, b'noise'); subprocess.run(['echo', 'noise'])\n"
        "    raise RuntimeError('a defect')\n"
        "checking.problems = problems\n"
        "from olive_server.__main__ import main\n"
        "main([])\n"
    )
    item = {"uri": "untitled:a", "languageId": "json", "version": 1, "text": text_of(GOOD)}
    pull = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "textDocument/diagnostic",
        "params": {"textDocument": {"uri": "untitled:a"}},
    }
    written, code, log = talk(
        initialize(),
        {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": item}},
        pull,
        pull | {"id": 2, "method": "textDocument/foldingRange"},
        STOPS,
        ENDS,
        command=[sys.executable, str(tmp_path / "noisy.py")],
    )
    assert code == 0
    assert "noise" in log
    # A feature that fails is told by its name, and answers with nothing; the rest go on.
    assert "diagnostics failed" in log
    assert answer(written, 1)["result"] == {"kind": "full", "items": []}
    assert answer(written, 2)["result"]


def test_the_server_loads_nothing_heavy() -> None:
    item = {"uri": "untitled:a", "languageId": "json", "version": 1, "text": text_of(GOOD)}
    place = {"textDocument": {"uri": "untitled:a"}, "position": {"line": 2, "character": 10}}
    asked = ["completion", "definition", "documentSymbol", "diagnostic", "codeLens"]
    requests = [
        {"jsonrpc": "2.0", "id": number, "method": f"textDocument/{name}", "params": place}
        for number, name in enumerate(asked, 1)
    ]
    written, _, log = talk(
        initialize(),
        {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": item}},
        *requests,
        {
            "jsonrpc": "2.0",
            "id": "runs",
            "method": "workspace/executeCommand",
            "params": {"command": "olivepress.runs", "arguments": []},
        },
        STOPS,
        ENDS,
        command=[sys.executable, "-X", "importtime", "-m", "olive_server"],
    )
    assert all("result" in answer(written, number) for number in range(len(asked) + 1))
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in log.splitlines() if "|" in line}
    assert "olive_schemas" in loaded
    heavy = {"torch", "transformers", "datasets", "peft", "onnxruntime", "onnxruntime_genai", "onnx", "numpy"}
    assert loaded & (heavy | {"olive", "rich", "jsonschema"}) == set()


def test_one_client_over_tcp() -> None:
    import socket

    server = subprocess.Popen([*SERVER, "--tcp", "127.0.0.1:0"], stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        port = int(server.stderr.readline().rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(framed(initialize()) + framed(STOPS))
            received = b""
            while b'"id": "stop"' not in received:
                received += connection.recv(1 << 16)
            connection.sendall(framed(ENDS))
        assert server.wait(30) == 0
    finally:
        server.kill()


@pytest.mark.parametrize("wrong", ["nowhere", "host:port", "127.0.0.1:99999"])
def test_a_wrong_address_is_told(wrong: str) -> None:
    done = subprocess.run([*SERVER, "--tcp", wrong], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "HOST:PORT" in done.stderr


@pytest.mark.asyncio
async def test_a_server_that_was_killed_and_started_again_says_the_same(start: Any) -> None:
    text = text_of(GOOD).replace('"train"\n', '"trian"\n').replace('"r"', '"rr"')
    said = []
    for _ in range(2):
        editor: Editor = await start()
        uri = editor.open("olive-config.json", text)
        pulled = await editor.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        said.append((await editor.problems("olive-config.json"), pulled))
        await editor.kill()
    assert said[0] == said[1]
    assert said[0][0]


def test_the_verb_starts_the_same_server() -> None:
    written, code, _ = talk(initialize(), STOPS, ENDS, command=[sys.executable, "-m", "olivepress", "lsp"])
    assert answer(written, 0)["result"]["serverInfo"]["name"] == "olivepress"
    assert code == 0


@pytest.mark.asyncio
async def test_answers_come_while_the_folders_are_searched(editor: Editor) -> None:
    for number in range(50):
        (editor.folder / f"{number}.json").write_text(text_of(GOOD))
    asked = asyncio.ensure_future(editor.ask("workspace/symbol", {"query": "tune"}))
    editor.open("open.json", text_of(GOOD))
    await editor.problems("open.json")
    found = await asked
    assert len({one["location"]["uri"] for one in found}) >= 50
