"""A model that stays loaded, asked through lines of JSON."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def answers(cli: Any, model: Path | str, *requests: Any) -> list[dict[str, Any]]:
    """The lines that come for the requests, the ones about loading left out."""
    sent = "".join(f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in requests)
    done = cli("generate", "-m", str(model), "--serve-stdio", "--max-new-tokens", "8", stdin=sent)
    assert "Traceback" not in done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [line for line in lines if not {"loading", "ready"} & line.keys()]


def test_it_says_what_it_loaded_and_answers_as_the_command_does(cli: Any, built: Path) -> None:
    sent = '{"id": 7, "prompt": "joy", "max_new_tokens": 12}\n'
    done = cli("generate", "-m", str(built), "--serve-stdio", stdin=sent)
    loading, ready, *pieces, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert loading == {"loading": str(built)}
    assert {**ready, "load_s": 0} == {
        "ready": True,
        "model": str(built),
        "chat_template": True,
        "context_length": 256,
        "providers": [],
        "load_s": 0,
    }
    assert all(set(piece) == {"id", "token"} for piece in pieces)
    once = cli.json("generate", "-m", str(built), "-p", "joy", "--max-new-tokens", "12")
    assert (last["id"], last["done"], last["finish"]) == (7, True, once["finish"])
    assert "".join(piece["token"] for piece in pieces) == last["text"] == once["text"]
    assert (last["tokens"], last["prompt_tokens"]) == (once["tokens"], once["prompt_tokens"])
    assert last["tokens_per_second"] > 0
    assert 0 < last["first_token_s"] <= last["seconds"]
    assert done.returncode == 0


def test_requests_are_answered_in_order_with_what_each_asks_for(cli: Any, built: Path) -> None:
    template = "Text: {prompt}\nTone:"
    done = [
        line
        for line in answers(
            cli,
            built,
            {"id": "chat", "prompt": "joy"},
            {"id": "raw", "prompt": "Text: joy\nTone:", "raw": True},
            {"id": "template", "prompt": "joy", "template": template, "max_new_tokens": 3},
            {"id": "system", "prompt": "joy", "system": "be brief"},
            {
                "id": "talk",
                "messages": [
                    {"role": "user", "content": "joy"},
                    {"role": "assistant", "content": "fear"},
                    {"role": "user", "content": "joy"},
                ],
            },
        )
        if line.get("done")
    ]
    assert [line["id"] for line in done] == ["chat", "raw", "template", "system", "talk"]
    size = {line["id"]: line["prompt_tokens"] for line in done}
    assert size["raw"] == size["template"] < size["chat"] < size["system"]
    assert size["talk"] > size["chat"]
    assert {line["id"]: line["tokens"] for line in done}["template"] <= 3


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ("{not json", "the line is no JSON object"),
        ("[1]", "the line is no JSON object"),
        ({}, "`prompt` must be a text"),
        ({"messages": [{"role": "user"}]}, "`messages` a list of {role, content}"),
        ({"prompt": "  "}, "the prompt is empty"),
        ({"prompt": "x", "template": "no place"}, "`template` has no {prompt} in it"),
        ({"prompt": "x", "template": "{prompt}", "system": "s"}, "`system` belongs to the chat template"),
        ({"prompt": "x", "temperature": 11}, "`temperature` is 11; it must be a number from 0 to 10"),
        ({"prompt": "x", "max_new_tokens": 0}, "`max_new_tokens` is 0"),
        ({"prompt": "x", "max_new_tokens": True}, "`max_new_tokens` is true"),
        ({"prompt": "x", "seed": -1}, "`seed` is -1"),
        ({"prompt": "joy " * 400}, "the model takes 256 with its answer"),
    ],
)
def test_a_request_that_cannot_be_answered_says_why_and_the_next_one_is(
    cli: Any, built: Path, request_: Any, says: str
) -> None:
    refused, *_, last = answers(cli, built, request_, {"id": 2, "prompt": "joy"})
    assert says in refused["error"]["message"]
    assert (last["id"], last["done"]) == (2, True)


def test_a_model_that_cannot_be_loaded_is_an_error_line_and_an_exit_code(cli: Any, tmp_path: Path) -> None:
    done = cli("generate", "-m", str(tmp_path / "nowhere"), "--serve-stdio", stdin='{"prompt": "joy"}\n')
    error = json.loads(done.stdout)
    assert error["error"]["code"] == "no-such-model"
    assert "there is no such folder" in error["error"]["message"]
    assert done.returncode == 2


def test_options_that_each_request_has_of_its_own_are_refused(cli: Any, built: Path) -> None:
    done = cli("generate", "-m", str(built), "--serve-stdio", "-p", "joy")
    assert done.returncode == 2
    assert "--prompt does not go with --serve-stdio" in done.stderr


def test_it_ends_with_whoever_started_it(cli: Any, built: Path) -> None:
    process = subprocess.Popen(
        cli.command(("generate", "-m", str(built), "--serve-stdio")),
        cwd=cli.folder,
        env=cli.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    while "ready" not in json.loads(process.stdout.readline()):
        pass
    process.stdout.close()
    process.stdin.close()
    assert process.wait(timeout=60) == 0


class Talk:
    """The service over pipes, with an answer that goes on until it is stopped."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from olive_engine import generate
        from olivepress.generate_stdio import Requests, answer_requests

        def endless(loaded: Any, text: str, options: Any, *, on_text: Any, stop: Callable[[], bool]) -> Any:
            count = 0
            while not stop():
                on_text(".")
                count += 1
            return generate.Answer("." * count, 1, count, 0.1, 0.2, "stopped")

        monkeypatch.setattr(generate, "answer", endless)
        monkeypatch.setattr("olivepress.generate_stdio.prompt_text", lambda *asked, **how: "text")
        read, self._write = os.pipe()
        self.lines: list[Any] = []
        self._changed = threading.Condition()
        requests = Requests(os.fdopen(read, "rb"))
        requests.start()
        loaded: Any = object()
        self._worker = threading.Thread(
            target=answer_requests, args=(loaded, requests, generate.Options(), self._tell)
        )
        self._worker.start()

    def _tell(self, line: Any) -> None:
        with self._changed:
            self.lines.append(line)
            self._changed.notify_all()

    def send(self, *requests: Any) -> None:
        os.write(self._write, b"".join(json.dumps(each).encode() + b"\n" for each in requests))

    def until(self, **wanted: Any) -> Any:
        """The first line that has all of that."""

        def found() -> Any:
            return next((line for line in self.lines if wanted.items() <= line.items()), None)

        with self._changed:
            assert self._changed.wait_for(found, timeout=30), self.lines[-5:]
            return found()

    def end(self) -> None:
        os.close(self._write)
        self._worker.join(timeout=30)
        assert not self._worker.is_alive()


def test_an_answer_is_cancelled_while_it_comes_and_one_that_waits_never_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    talk = Talk(monkeypatch)
    talk.send({"id": 1, "prompt": "joy"})
    talk.until(id=1, token=".")
    talk.send({"id": 2, "prompt": "fear"}, {"cancel": 2}, {"cancel": 1})
    assert talk.until(id=1, done=True)["finish"] == "stopped"
    assert talk.until(id=2, done=True) == {
        "id": 2,
        "done": True,
        "text": "",
        "tokens": 0,
        "finish": "stopped",
    }
    talk.send({"id": 1, "prompt": "again"})
    talk.until(id=1, token=".")
    talk.send({"cancel": 1})
    talk.end()
    assert [line["id"] for line in talk.lines if line.get("done")] == [1, 2, 1]
