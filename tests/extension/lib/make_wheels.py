"""make_wheels.py FOLDER: an empty package for each that the engine asks for, in the version that is pinned, to install in no time."""

import re
import sys
import zipfile
from pathlib import Path

from olive_engine.doctor_packages import asked_for

PINS = dict(
    re.findall(
        r"^([\w.-]+)==([\w.]+)", (Path(__file__).parents[3] / "constraints.txt").read_text(), re.MULTILINE
    )
)


def write_wheel(folder: Path, name: str, version: str) -> None:
    stem = f"{name.replace('-', '_')}-{version}"
    texts = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        for file, text in texts.items():
            wheel.writestr(f"{stem}.dist-info/{file}", text)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True)
    for wanted in asked_for("engine"):
        write_wheel(target, wanted.name, PINS[wanted.name])
