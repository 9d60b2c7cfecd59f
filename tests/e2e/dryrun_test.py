# SPDX-License-Identifier: Apache-2.0
"""What tests of the whole program share: a running mock, requests, and the closing count.

Standard library only. DRYRUN names the program (set by ctest); services are the five one-page
providers of tests/data/engine unless a test says otherwise.
"""
import http.client
import json
import os
import pathlib
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
from waiting import until  # noqa: E402

PROGRAM = os.environ.get("DRYRUN", str(ROOT / "build/dev/dryrun"))
DATA = "tests/data/engine"
ENGINE = ["--contracts", f"{DATA}/contracts", "--fixtures", f"{DATA}/fixtures"]
LISTEN_SECONDS = 30  # under sanitizers on a busy machine


class Answer:
    """One answer: status, headers (any case), text, and json() of it."""

    def __init__(self, status, headers, text):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.text = text

    def json(self):
        return json.loads(self.text)

    def __repr__(self):
        return f"{self.status} {self.text[:2000]}"


def run(*arguments, env=None, cwd=ROOT, timeout=60):
    """Runs the program to its end: (exit code, stdout, stderr)."""
    done = subprocess.run([PROGRAM, *arguments], cwd=cwd, env={**os.environ, **(env or {})},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=timeout, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


class Mock:
    """A running `dryrun mock` on a free port; use it in a `with` statement."""

    def __init__(self, *arguments, data=None, program=PROGRAM):
        self._start([program, "mock", *arguments, *(ENGINE if data is None else data)])

    def _start(self, command):
        """A command that takes a free port and tells it by a file."""
        self.folder = tempfile.TemporaryDirectory()
        port_file = pathlib.Path(self.folder.name) / "port"
        self.output = open(pathlib.Path(self.folder.name) / "out", "w+", encoding="utf-8")
        self.errors = open(pathlib.Path(self.folder.name) / "err", "w+", encoding="utf-8")
        self.process = subprocess.Popen([*command, "--port", "0", "--port-file", str(port_file)],
                                        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.errors)
        deadline = time.monotonic() + LISTEN_SECONDS
        while not port_file.exists():  # it is there as a whole, or not at all
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise AssertionError(f"it does not listen: {self.stderr()}")
            time.sleep(0.01)
        port, *others = port_file.read_text(encoding="utf-8").splitlines()
        self.port = int(port)
        self.tls_faults = {kind: (int(number), None if trust == "-" else trust)
                           for kind, number, trust in (line.split(" ", 2) for line in others)}
        self.tls = None
        self.url = f"http://127.0.0.1:{self.port}"

    def trust(self, ca_file):
        """From now on requests go over TLS and the certificate is checked."""
        self.tls = ssl.create_default_context(cafile=ca_file)
        self.url = f"https://127.0.0.1:{self.port}"

    def connection(self, timeout=60):
        if self.tls:
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout,
                                               context=self.tls)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def request(self, method, path, body=None, headers=None, session=None, timeout=60, connection=None):
        """`body` that is no text or bytes goes as JSON; `session` is named by its header; `connection` is used and kept."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        if session:
            headers["X-Dryrun-Session"] = session
        used = connection or self.connection(timeout)
        try:
            used.request(method, path, body=body, headers=headers)
            response = used.getresponse()
            return Answer(response.status, response.getheaders(),
                          response.read().decode("utf-8", "replace"))
        finally:
            if not connection:
                used.close()

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, body, **more)

    def admin(self, path, **more):
        """GET of an admin route that must succeed, as JSON."""
        answer = self.get(f"/__admin/{path}", **more)
        assert answer.status == 200, answer
        return answer.json()

    def advance(self, by=None, **more):
        """Moves the virtual clock: by a duration, or `to=...`, or `until_idle=True`."""
        session = more.pop("session", None)
        answer = self.post("/__admin/clock/advance", {**({"by": by} if by else {}), **more},
                           session=session)
        assert answer.status == 200, answer
        return answer.json()

    def stdout(self):
        return self._read(self.output)

    def banner(self):
        """All of it: what to try may come after the port, as a provider is looked at for that."""
        until(lambda: "\nor open " in self.stdout())
        return self.stdout()

    def stderr(self):
        return self._read(self.errors)

    @staticmethod
    def _read(file):
        file.flush()
        file.seek(0)
        return file.read()

    def stop(self, number=signal.SIGTERM):
        """The exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=30)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.output.close()
        self.errors.close()
        self.folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        try:
            code = self.stop()
            if kind is None and code != 0:
                raise AssertionError(f"the mock ended with {code}: {self.stderr()}")
        finally:
            self.close()


class MockCase(unittest.TestCase):
    """One mock for all tests of a class: the `arguments` of `dryrun mock`, and where its data is (None: the one-page services)."""

    arguments = ("--clock", "virtual")
    data = None

    @classmethod
    def setUpClass(cls):
        cls.mock = Mock(*cls.arguments, data=cls.data)

    @classmethod
    def tearDownClass(cls):
        try:
            assert cls.mock.stop() == 0, cls.mock.stderr()
        finally:
            cls.mock.close()


def main():
    """Runs the calling script's tests and closes with their count."""
    program = unittest.main(module="__main__", exit=False, verbosity=1)
    count = program.result.testsRun - len(program.result.skipped)
    print(f"{pathlib.Path(sys.argv[0]).stem}: {count} cases")
    if not program.result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if count == 0 else 0)
