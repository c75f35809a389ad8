"""`worker.log` and log events: what libraries say is kept, what matters is told, and no more than was asked for."""

from __future__ import annotations

import io
import logging
import os
import sys
import warnings

import pytest

from olive_engine import worker_log


@pytest.fixture
def told(monkeypatch):
    """Events that are told, after `install`; everything global is put back."""
    said: list[tuple[str, str]] = []
    root = logging.getLogger()
    names = ("transformers", "datasets", "huggingface_hub")
    handlers = {logger: list(logger.handlers) for logger in (root, *map(logging.getLogger, names))}
    level, show = root.level, warnings.showwarning
    environment = dict(os.environ)
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    worker_log.install(
        lambda text: text.replace("secret", "***"), lambda level, text: said.append((level, text))
    )
    yield said
    for logger, kept in handlers.items():
        logger.handlers[:] = kept
    root.setLevel(level)
    warnings.showwarning = show
    os.environ.clear()
    os.environ.update(environment)


def test_a_librarys_warning_is_told_once_and_its_chatter_is_not(told):
    for _ in range(3):
        logging.getLogger("some.library").warning("the %s is odd", "model")
    logging.getLogger("some.library").info("loading")
    logging.getLogger("transformers.modeling").error("cannot load")
    assert told == [("warning", "the model is odd"), ("error", "cannot load")]


def test_a_warning_for_users_is_told_and_one_for_developers_is_not(told):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = warnings.showwarning
        warnings.warn("your file is large", UserWarning, stacklevel=1)
        warnings.warn("argument x is old", FutureWarning, stacklevel=1)
    assert told == [("warning", "your file is large")]


def test_no_flood_of_warnings_becomes_events(told):
    for number in range(200):
        logging.getLogger("library").warning("row %d", number)
    assert len(told) == 50


@pytest.mark.parametrize(
    ("severity", "kept"),
    [
        (0, ["debug", "info", "warning", "error"]),
        (1, ["info", "warning", "error"]),
        (2, ["warning", "error"]),
    ],
)
def test_the_configs_severity_decides_what_of_our_own_is_told(told, severity, kept):
    worker_log.set_level(severity)
    levels = ["debug", "info", "warning", "error"]
    assert [one for one in levels if worker_log.note("lora", {"level": one, "message": "x"})] == kept
    assert told == [], "they are events already"


def test_warnings_are_told_however_quiet_the_log(told):
    worker_log.set_level(4)
    assert worker_log.note(None, {"level": "warning", "message": "x"})


def test_prints_are_scrubbed_and_a_full_disk_does_not_end_a_run():
    kept = io.StringIO()
    print("my secret", file=worker_log._Scrubbed(kept, lambda text: text.replace("secret", "***")))
    assert kept.getvalue() == "my ***\n"

    class Full:
        def write(self, text):
            raise OSError(28, "No space left on device")

        flush = write

    stream = worker_log._Scrubbed(Full(), lambda text: text)
    assert print("x", file=stream) is None


def test_progress_bars_are_off(told):
    assert os.environ["TQDM_DISABLE"] == "1"
