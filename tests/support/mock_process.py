# SPDX-License-Identifier: Apache-2.0
"""Starts `dryrun mock` as a process of its own on a free port, and speaks to its admin API. Standard library only."""

import http.client
import json
import os
import ssl
import subprocess
import tempfile
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60  # a build with sanitizers on a busy machine
STOP_SECONDS = 20


class Mock:
    """One mock on the virtual clock. Use it as a context manager: leaving it stops the process. With `certificate`, a
    file to be written, it speaks TLS. `tls_faults` has the port of each --tls-fault, and the file to trust (None: there is none)."""

    def __init__(self, binary, provider="warp", *arguments, data=ROOT, certificate=None):
        self.certificate = certificate
        self.folder = tempfile.TemporaryDirectory(prefix="dryrun-mock-")
        port_file = Path(self.folder.name, "port")
        self.log = open(Path(self.folder.name, "log"), "w+b")
        command = [binary, "mock", provider, "--clock", "virtual", "--port", "0", "--port-file", str(port_file)]
        command += ["--contracts", str(data / "contracts"), "--fixtures", str(data / "fixtures"), *arguments]
        command += ["--tls", "--cert-out", str(certificate)] if certificate else []
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT)
        try:
            self.port = self._wait_for_port(port_file)
        except BaseException:
            self.stop()
            raise
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"

    def _wait_for_port(self, port_file):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if port_file.exists():  # whole or not at all
                port, *others = port_file.read_text(encoding="utf-8").splitlines()
                self.tls_faults = {kind: (int(number), None if trust == "-" else trust)
                                   for kind, number, trust in (line.split(" ", 2) for line in others)}
                return int(port)
            if self.process.poll() is not None:
                raise RuntimeError(f"the mock ended with {self.process.returncode}: {self.read_log()}")
            time.sleep(0.01)
        raise RuntimeError(f"the mock told no port in {START_SECONDS} s: {self.read_log()}")

    def read_log(self):
        self.log.flush()
        return Path(self.log.name).read_text(errors="replace")[-4000:]

    def stop(self):
        """Asks the process to end and waits for it; returns its exit code (None: it had to be killed)."""
        if self.log.closed:
            return self.process.returncode
        code = self.process.poll()
        if code is None:
            self._tell_reached()
            self.process.terminate()
            try:
                code = self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.last_words = self.read_log()
        self.log.close()
        self.folder.cleanup()
        return code

    def _tell_reached(self):
        """Which operations were answered with success, for tests/sdk/reach.py: when $DRYRUN_REACHED says where."""
        if not os.environ.get("DRYRUN_REACHED"):
            return
        try:
            for session in self.admin("GET", "/sessions")["sessions"]:
                for row in self.admin("GET", "/metrics?format=json", None, session["name"] or None)["requests"]:
                    if row["status"] < 400 and row.get("operation"):
                        note_reached("operation", f"{row['provider']} {row['operation']}")
        except (OSError, RuntimeError, AttributeError):
            pass  # it did not start, or is gone: its test says so

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def admin(self, method, path, body=None, session=None):
        """One call of the admin API; returns what it answers, and raises unless that is a 2xx."""
        headers = {"Content-Type": "application/json"}
        if session:
            headers["X-Dryrun-Session"] = session
        connection = self._connect()
        try:
            connection.request(method, "/__admin" + path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status // 100 != 2:
            raise RuntimeError(f"admin {method} {path}: {answer.status} {text[:500]!r}")
        return json.loads(text) if text else None

    def _connect(self):
        if not self.certificate:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        trust = ssl.create_default_context(cafile=self.certificate)
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=trust)

    def advance(self, by, session=None):
        return self.admin("POST", "/clock/advance", {"by": by}, session)

    def count(self, session=None, **match):
        """How many requests were seen that fit (method, path, ...)."""
        answer = self.admin("GET", "/requests/count?" + urllib.parse.urlencode(match), None, session)
        return answer["count"]


def note_reached(kind, name):
    """A line of $DRYRUN_REACHED: the test, what it reached, its name."""
    with open(os.environ["DRYRUN_REACHED"], "a", encoding="utf-8") as file:
        file.write(f"{os.environ['DRYRUN_TEST']}\t{kind}\t{name}\n")


def find_binary(arguments):
    """The binary under test: the first argument, else $DRYRUN_BIN."""
    binary = arguments[1] if len(arguments) > 1 else os.environ.get("DRYRUN_BIN", "")
    if not os.access(binary, os.X_OK):
        raise SystemExit(f"no binary to test at '{binary}': give it as the argument or in DRYRUN_BIN")
    return str(Path(binary).resolve())
