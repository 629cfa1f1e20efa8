"""The child that reads: run as a script; a question a line in, an answer a line out. Imports nothing of the product.

It is told where a photo lies and answers its lines of text, and how many faces there may be. Models lie in the wheels; nothing is fetched.
"""

import importlib
import json
import os
import resource
import sys
from contextlib import suppress
from typing import Any

MEMORY = 3 << 30  # the runtime reserves far more than the half gigabyte it uses
MAX_PIXELS = 80_000_000
LONGEST = 1280  # pixels that are read; letters of a sign that matters are large
LEAST_FACE = 24  # pixels
SURE = 0.5  # of a line, by the reader's own score
LINES = 200
PICTURES = {"image/jpeg": "Jpeg", "image/png": "Png", "image/webp": "WebP", "image/gif": "Gif", "image/bmp": "Bmp", "image/avif": "Avif"}


def main() -> None:
    """Answer until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever a library prints is no answer
    confine()
    read, count = engine(), counter()
    answers.write(json.dumps({"ready": True}) + "\n")
    for line in sys.stdin:
        question = json.loads(line)
        answers.write(json.dumps(answer(read, count, question["path"], question["mime"])) + "\n")


def confine() -> None:
    """No files written, no core, bounded memory, last in line for the processor."""
    for limit, value in {resource.RLIMIT_AS: MEMORY, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0}.items():
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))
    with suppress(OSError):
        os.nice(10)


def answer(read: Any, count: Any, path: str, mime: str) -> dict[str, object]:
    """`lines` None: no picture."""
    try:
        pixels = picture(path, PICTURES[mime])
        found = read(pixels)
        lines = [text for text, score in zip(found.txts or (), found.scores or (), strict=True) if score >= SURE]
        return {"lines": lines[:LINES], "faces": count(pixels)}
    except Exception:  # noqa: BLE001 - decoders raise anything
        return {"lines": None}


def picture(path: str, plugin: str) -> Any:
    """The photo upright, small, in the order of colours that OpenCV takes. Raises ValueError for more pixels than any camera has."""
    import numpy as np
    from PIL import Image, ImageOps

    importlib.import_module(f"PIL.{plugin}ImagePlugin")
    Image.MAX_IMAGE_PIXELS = None  # judged here, without Pillow's warning
    with Image.open(path, formats=(plugin.upper(),)) as image:
        if image.width * image.height > MAX_PIXELS:
            raise ValueError("too many pixels")
        image.draft("RGB", (LONGEST, LONGEST))
        upright = ImageOps.exif_transpose(image).convert("RGB")
    upright.thumbnail((LONGEST, LONGEST))
    return np.ascontiguousarray(np.asarray(upright)[:, :, ::-1])


def engine() -> Any:
    import onnxruntime
    from rapidocr import RapidOCR

    onnxruntime.disable_telemetry_events()
    return RapidOCR(params={"EngineConfig.onnxruntime.intra_op_num_threads": 1, "Global.log_level": "error"})


def counter() -> Any:
    """Counts faces that look into the camera: a hint, it misses some and takes a clock for one now and then."""
    import cv2

    faces = cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_frontalface_default.xml")
    cv2.setNumThreads(1)

    def count(pixels: Any) -> int:
        return len(faces.detectMultiScale(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), 1.1, 6, minSize=(LEAST_FACE, LEAST_FACE)))

    return count


if __name__ == "__main__":
    main()
