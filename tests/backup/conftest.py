"""Real targets: a folder, a WebDAV server, an S3 server; each with what somebody there can do to its files."""

import asyncio
import http.client
import socket
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import opendal
import pytest
from cheroot import wsgi
from wsgidav.wsgidav_app import WsgiDAVApp

from tests.e2e.conftest import h, li_na  # noqa: F401 - fixtures
from tests.outside import S3_SERVER

SECRET = "backup-secret"
KEY = "1f" * 32


@dataclass(frozen=True)
class Place:
    """A target's address, and a hand in it."""

    address: str
    operator: opendal.Operator

    def flip(self, name: str) -> None:
        data = bytes(self.operator.read(name))
        self.operator.write(name, data[:-1] + bytes([data[-1] ^ 1]))

    def names(self, folder: str = "") -> list[str]:
        return sorted(entry.path for entry in self.operator.list(folder or "/", recursive=True) if not entry.path.endswith("/"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def webdav(folder: Path, port: int) -> Iterator[None]:
    users = {"*": {"salestrace": {"password": SECRET}}}
    config = {
        "provider_mapping": {"/": str(folder)},
        "http_authenticator": {"domain_controller": None, "accept_basic": True, "accept_digest": False, "default_to_digest": False},
        "simple_dc": {"user_mapping": users},
        "verbose": 0,
        "logging": {"enable": False},
    }
    server = wsgi.Server(("127.0.0.1", port), WsgiDAVApp(config), numthreads=4)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join()


@contextmanager
def s3(port: int) -> Iterator[None]:
    server = subprocess.Popen([S3_SERVER, "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        server.terminate()
        server.wait()


def bucket(port: int) -> opendal.Operator:
    for _ in range(100):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("PUT", "/evidence")
            connection.getresponse().read()
            break
        except OSError:
            time.sleep(0.1)
    return opendal.Operator(
        "s3",
        bucket="evidence",
        root="/prefix",
        endpoint=f"http://127.0.0.1:{port}",
        region="us-east-1",
        access_key_id="key",
        secret_access_key=SECRET,
        disable_config_load="true",
    )


@pytest.fixture(params=["folder", "webdav", pytest.param("s3", marks=pytest.mark.s3)])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    folder = tmp_path / "target"
    folder.mkdir()
    port = free_port()
    if request.param == "folder":
        yield Place(str(folder), opendal.Operator("fs", root=str(folder)))
    elif request.param == "webdav":
        with webdav(folder, port):
            yield Place(f"http://salestrace@127.0.0.1:{port}/", opendal.Operator("fs", root=str(folder)))
    else:
        with s3(port):
            hand = await asyncio.to_thread(bucket, port)
            yield Place(f"s3://key@127.0.0.1:{port}/evidence/prefix?http=1", hand)
