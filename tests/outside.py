"""What a test may need from the machine: where it is, and why it is missing."""

import os
import shutil
import socket
from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

POSTGRES = os.environ.get("SALESTRACE_TEST_POSTGRES", "postgres://root@127.0.0.1:5432/test")
REDIS = os.environ.get("SALESTRACE_TEST_REDIS", "redis://127.0.0.1:6379")
S3_SERVER = Path(__file__).parents[1] / ".venv-s3" / "bin" / "moto_server"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_CHROME = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def chromium() -> str | None:
    """Path of the browser, or None."""
    named = os.environ.get("SALESTRACE_TEST_CHROMIUM", MAC_CHROME)
    return named if Path(named).exists() else next(filter(None, map(shutil.which, CHROMIUM)), None)


def _unreachable(url: str, port: int) -> str | None:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or port), timeout=2).close()
    except OSError as error:
        return f"nothing answers at {parts.hostname}:{parts.port or port} ({error})"
    return None


PROBES: Mapping[str, Callable[[], str | None]] = {
    "postgres": lambda: _unreachable(POSTGRES, 5432),
    "redis": lambda: _unreachable(REDIS, 6379),
    "s3": lambda: None if S3_SERVER.is_file() else "no S3 server: make install-s3",
    "browser": lambda: None if chromium() else "no Chromium found",
    "ocr": lambda: None if find_spec("rapidocr") and find_spec("onnxruntime") else "no OCR installed (make install-ocr)",
    "openssl": lambda: None if shutil.which("openssl") else "no openssl command found",
}


@cache
def missing(marker: str) -> str | None:
    """Why tests with this marker cannot run here, or None."""
    return PROBES[marker]()
