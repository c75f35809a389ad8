"""`events.jsonl`: whole lines, increasing seq, no secrets; readers that never see half a line."""

from __future__ import annotations

import json
import threading

import pytest

from olive_engine import runs
from olive_engine.runs.events import EventWriter, read_events
from olive_engine.runs.scrub import scrubber

TOKEN = "hf_" + "AbCdEfGhIj" * 3


@pytest.fixture
def path(tmp_path):
    return tmp_path / "events.jsonl"


def emit(path, *messages: str) -> None:
    writer = EventWriter(path)
    for message in messages:
        writer.emit("log", None, {"message": message})
    writer.close()


def messages(path) -> list[str]:
    return [event.data["message"] for event in read_events(path)[0]]


def test_a_torn_last_line_is_cut_off_and_seq_goes_on(path):
    emit(path, "one", "two")
    with path.open("ab") as file:
        file.write(b'{"seq": 3, "type": "lo')
    assert messages(path) == ["one", "two"]
    emit(path, "three")
    assert messages(path) == ["one", "two", "three"]
    assert [event.seq for event in read_events(path)[0]] == [1, 2, 3]
    assert all(json.loads(line) for line in path.read_text().splitlines())


def test_a_reader_takes_a_line_only_when_it_is_whole(path):
    path.write_bytes(b"")
    line = b'{"seq":1,"time":"t","type":"log","pass_name":null,"data":{"message":"\xc3\xa4"}}\n'
    offset = 0
    for end in range(1, len(line)):
        path.write_bytes(line[:end])
        events, offset = read_events(path, offset)
        assert events == [] and offset == 0
    path.write_bytes(line)
    events, offset = read_events(path, offset)
    assert [event.data["message"] for event in events] == ["ä"] and offset == len(line)


@pytest.mark.parametrize("limit", [1, 60, 200, 10_000])
def test_a_long_log_can_be_read_piece_by_piece(path, limit):
    emit(path, *(f"line {number}" for number in range(50)))
    seen, offset = [], 0
    while True:
        events, end = read_events(path, offset, limit)
        if end == offset:
            break
        assert len(events) <= 1 + limit // 60
        seen += [event.seq for event in events]
        offset = end
    assert seen == list(range(1, 51))


def test_a_line_of_somebody_else_stops_nobody(path):
    emit(path, "one")
    with path.open("ab") as file:
        file.write(b"not json\n[1, 2]\n")
    emit(path, "two")
    assert messages(path) == ["one", "two"]


def test_threads_never_tear_one_anothers_lines(path):
    writer = EventWriter(path)
    text = "x" * 20_000

    def talk() -> None:
        for _ in range(20):
            writer.emit("log", None, {"message": text})

    threads = [threading.Thread(target=talk) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    assert [event.seq for event in read_events(path)[0]] == list(range(1, 161))
    assert set(messages(path)) == {text}


def test_the_room_set_aside_is_given_back(path):
    emit(path, "one")
    assert sorted(one.name for one in path.parent.iterdir() if one.is_file()) == ["events.jsonl"]


def test_a_closed_log_takes_nothing(path):
    writer = EventWriter(path)
    writer.close()
    with pytest.raises(ValueError, match="closed"):
        writer.emit("log", None, {})


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"token={TOKEN}", "token=***"),
        ("Authorization: Bearer abc.def-ghi_123", "Authorization: Bearer ***"),
        ("https://me:pa55word@host/x", "https://***@host/x"),
        ("my key is s3cret-value!", "my key is ***"),
        ('{"a": "quo\\"ted-secret"}', '{"a": "***"}'),
        ("/home/me/.ssh/id_rsa", "/home/me/.ssh/id_rsa"),
        ("false and 12345678", "false and 12345678"),
        ("plain text", "plain text"),
    ],
)
def test_secrets_are_taken_out(text, left):
    environment = {
        "MY_API_KEY": "s3cret-value!",
        "OTHER_TOKEN": 'quo"ted-secret',
        "SSH_KEY_FILE": "/home/me/.ssh/id_rsa",
        "TOKENIZERS_PARALLELISM": "false",
        "KEY_NUMBER": "12345678",
        "HOME": "plain text",
    }
    assert scrubber(environment)(text) == left


def test_no_secret_reaches_the_events_or_the_log_of_a_run(bench, monkeypatch):
    monkeypatch.setenv("MY_API_KEY", "s3cret-value!")
    run = bench.run({"name": "lora", "type": "Train", "say": f"with {TOKEN} and s3cret-value!"})
    for path in (run.events, run.log):
        assert "with *** and ***" in path.read_text()
    for path in (path for path in run.folder.rglob("*") if path.is_file() and path.name != "config.json"):
        assert TOKEN not in path.read_text() and "s3cret-value!" not in path.read_text()
    assert run.snapshot.stat().st_mode & 0o077 == 0, (
        "the snapshot holds what the config holds: its owner's alone"
    )


def test_following_a_resumed_run_goes_past_its_earlier_end(bench):
    run = bench.launch({"name": "lora", "type": "Train", "steps": 20, "delay": 0.05})
    for event in runs.follow(run):
        if event.type == "metric":
            break
    runs.cancel(run)
    resumed = runs.resume(run)
    events = list(runs.follow(resumed))
    ends = [event.data["state"] for event in events if event.type == "run_finished"]
    assert ends == ["cancelled", "succeeded"] and events[-1].type == "run_finished"


def test_following_stops_when_it_is_told_to(bench):
    run = bench.launch({"name": "lora", "type": "Train", "steps": 100, "delay": 0.1})
    seen = []
    for event in runs.follow(run, stop=lambda: bool(seen)):
        seen.append(event)
    assert seen and runs.refresh(run).state == "running"
    runs.cancel(run)
