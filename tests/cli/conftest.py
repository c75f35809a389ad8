"""A tiny random model with a tokenizer of its own, a data set of a dozen phrases, and the real command line."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # helpers beside the tests

CHAT_TEMPLATE = (
    "{% for message in messages %}<s>{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)
PHRASES = [
    "I could dance all day",
    "The house is so empty now",
    "Who is behind that door?",
    "You are here already?",
]


@dataclass
class Cli:
    """Runs `olivepress` the way a shell does: a process of its own, in `folder`."""

    folder: Path
    environment: dict[str, str]
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def __call__(
        self, *arguments: str, stdin: str | None = "", timeout: float = 100
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(arguments),
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """In a process group of its own, so that a signal can be sent to it as a terminal would."""
        process = subprocess.Popen(
            self.command(arguments),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_as_from_a_terminal,
        )
        self.started.append(process)
        return process

    def on_terminal(self, *arguments: str, typed: Sequence[str] = ()) -> str:
        """What appears on a terminal on which the lines are typed, each after a prompt."""
        outer, inner = pty.openpty()
        process = subprocess.Popen(
            self.command(arguments),
            cwd=self.folder,
            env=self.environment | {"TERM": "xterm"},
            stdin=inner,
            stdout=inner,
            stderr=inner,
        )
        os.close(inner)
        seen, left = b"", list(typed)
        while True:
            assert select.select([outer], [], [], 60)[0], seen
            try:
                piece = os.read(outer, 4096)
            except OSError:  # Linux's way to say that nobody holds the other end any more
                break
            if not piece:
                break
            seen += piece
            if left and seen.count(b"> ") > len(typed) - len(left):
                os.write(outer, left.pop(0).encode() + b"\n")
        process.wait(timeout=30)
        os.close(outer)
        return seen.decode(errors="replace").replace("\r", "")

    def json(self, *arguments: str) -> Any:
        done = self(*arguments, "--json")
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def events(self, *arguments: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self(*arguments, "--json").stdout.splitlines()]

    def command(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "olivepress", *arguments]

    def write(self, config: dict[str, Any], name: str = "olive-config.json") -> Path:
        path = self.folder / name
        path.write_text(json.dumps(config, indent=2))
        return path

    def until(self, met: Callable[[], Any], seconds: float = 60) -> Any:
        """What `met` gives once it gives something true."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := met():
                return found
            time.sleep(0.1)
        raise AssertionError("waited in vain; the runs are: " + self("runs", "--json").stdout)

    def trains(self) -> str:
        """The id of this folder's run, once it has done two steps."""

        def steps() -> str | None:
            for path in (self.folder / ".olivepress" / "runs").glob("*/events.jsonl"):
                if path.read_text().count('"type":"metric"') >= 2:
                    return path.parent.name
            return None

        return str(self.until(steps))


def _as_from_a_terminal() -> None:
    os.setpgrp()
    # Whoever runs the tests in the background has interrupts ignored, and that is inherited.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def environment(home: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HF_", "COLUMNS", "FORCE_COLOR", "VIRTUAL_ENV", "CONDA_PREFIX"))
    }
    return kept | {
        "XDG_STATE_HOME": str(home / "state"),
        "HF_HOME": str(home / "huggingface"),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        "COLUMNS": "100",
        "NO_COLOR": "1",
    }


@pytest.fixture(scope="session")
def new_cli() -> Callable[[Path], Cli]:
    """For fixtures that live longer than a test: the command line in `home/work`."""

    def make(home: Path) -> Cli:
        made = Cli(home / "work", environment(home))
        made.folder.mkdir()
        return made

    return make


@pytest.fixture
def cli(tmp_path: Path, new_cli: Callable[[Path], Cli]) -> Iterator[Cli]:
    """In an empty folder; whatever the test leaves running is stopped."""
    made = new_cli(tmp_path)
    yield made
    stop_everything(made)


def stop_everything(cli: Cli) -> None:
    for process in cli.started:
        if process.poll() is None:
            process.kill()
        process.communicate()
    if (cli.folder / ".olivepress").exists():
        for run in cli.json("runs"):
            if run["state"] in ("queued", "running"):
                cli("runs", "cancel", run["id"], "--now")


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A llama of two layers with random weights, saved as transformers saves it."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("model") / "tiny"
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=["<s>", "</s>", "<pad>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    inner.train_from_iterator([*PHRASES, "Joy Sad Fear Surprise"] * 5, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, bos_token="<s>", eos_token="</s>", pad_token="<pad>", model_max_length=256
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    torch.manual_seed(0)
    LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=256,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=2,
        )
    ).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def config(model: Path) -> Callable[..., dict[str, Any]]:
    """`config(steps=4)`: LoRA, merge and int4 build of the tiny model; the data set is `data` below."""

    def make(steps: int = 4, passes: tuple[str, ...] = ("lora", "merge", "build")) -> dict[str, Any]:
        every = {
            "lora": {
                "type": "LoRA",
                "r": 4,
                "alpha": 8,
                "target_modules": ["q_proj", "v_proj"],
                "train_data_config": "phrases",
                "training_args": {
                    "max_steps": steps,
                    "per_device_train_batch_size": 1,
                    "gradient_accumulation_steps": 1,
                    "logging_steps": 1,
                    "save_steps": 2,
                },
            },
            "merge": {"type": "MergeAdapterWeights"},
            "build": {"type": "ModelBuilder", "precision": "int4"},
        }
        return {
            "input_model": {"type": "HfModel", "model_path": str(model)},
            "data_configs": [
                {
                    "name": "phrases",
                    "type": "HuggingfaceContainer",
                    "load_dataset_config": {
                        "data_name": "json",
                        "data_files": "phrases.json",
                        "split": "train",
                    },
                    "pre_process_data_config": {
                        "text_template": "### Text: {phrase}\n### The tone is:\n{tone}",
                        "max_seq_len": 64,
                        "strategy": "line-by-line",
                    },
                }
            ],
            "passes": {name: every[name] for name in passes},
            "output_dir": "out",
            "cache_dir": "cache",
        }

    return make


@pytest.fixture
def project(cli: Cli, config: Callable[..., dict[str, Any]]) -> Cli:
    """A folder with the data set and the config of a short run."""
    prepare(cli, config())
    return cli


def prepare(cli: Cli, config: dict[str, Any]) -> None:
    rows = [
        {"phrase": phrase, "tone": tone}
        for phrase, tone in zip(PHRASES * 3, ["Joy", "Sad", "Fear", "Surprise"] * 3, strict=True)
    ]
    (cli.folder / "phrases.json").write_text(json.dumps(rows))
    cli.write(config)


@dataclass
class Finished:
    """A whole run that succeeded, and what it printed."""

    cli: Cli
    said: subprocess.CompletedProcess[str]
    run_id: str

    @property
    def output(self) -> Path:
        return self.cli.folder / "out"


@pytest.fixture(scope="session")
def finished(
    tmp_path_factory: pytest.TempPathFactory,
    new_cli: Callable[[Path], Cli],
    config: Callable[..., dict[str, Any]],
) -> Finished:
    """One run of LoRA, merge and int4 build that many tests look at and none changes."""
    cli = new_cli(tmp_path_factory.mktemp("finished"))
    prepare(cli, config())
    said = cli("run")
    assert said.returncode == 0, said.stdout + said.stderr
    return Finished(cli, said, cli.json("runs")[-1]["id"])


@pytest.fixture(scope="session")
def built(finished: Finished) -> Path:
    """The int4 model of that run."""
    return finished.output / "model"
