# SPDX-License-Identifier: Apache-2.0
"""A running `dryrun record`, for tests."""
import json
import pathlib
import signal
import subprocess
import tempfile
import time

from dryrun_test import LISTEN_SECONDS, PROGRAM, ROOT, Mock


class Recorder(Mock):
    """`dryrun record` on a free port; requests as to a mock. After the `with` the tape is whole."""

    def __init__(self, target, out, *arguments):  # pylint: disable=super-init-not-called
        self.folder = tempfile.TemporaryDirectory()
        port_file = pathlib.Path(self.folder.name) / "port"
        self.output = open(pathlib.Path(self.folder.name) / "out", "w+", encoding="utf-8")
        self.errors = open(pathlib.Path(self.folder.name) / "err", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [PROGRAM, "record", "--target", target, "--out", str(out), "--port", "0",
             "--port-file", str(port_file), *arguments],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.errors)
        deadline = time.monotonic() + LISTEN_SECONDS
        while not port_file.exists() or not port_file.read_text(encoding="ascii").strip():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise AssertionError(f"the recorder does not listen: {self.stderr()}")
            time.sleep(0.01)
        self.port = int(port_file.read_text(encoding="ascii"))
        self.tls = None
        self.url = f"http://127.0.0.1:{self.port}"
        self.out = pathlib.Path(out)

    def entries(self):
        return json.loads(self.out.read_text(encoding="utf-8"))["log"]["entries"]


def until(check, seconds=20):
    """Waits for something that another process does."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            raise AssertionError("it did not happen")
        time.sleep(0.01)


__all__ = ["Recorder", "until", "signal"]
