# SPDX-License-Identifier: Apache-2.0
"""What the scripts of this folder share: a mock that plays one of the one-page services of tests/data/engine, clients
that keep their connection, streams read frame by frame, and a runner that counts cases. Standard library only."""

import contextlib
import http.client
import json
import os
import re
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from mock_process import ROOT, Mock, find_binary  # noqa: E402

PAGES = HERE.parent / "data" / "engine"
REAL_SECONDS = 60  # nothing here takes so long; a lost wake-up ends as an error, not as a test that hangs
TROUBLE = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:|Assertion")

# The mock is lighter than a machine with its sanitizers: 2 cores serve what 256 threads would only queue for.
THREADS = "48"


class Engine(Mock):
    """One page in a process of its own; leaving it fails when a sanitizer has complained."""

    def __init__(self, page, *arguments, data=PAGES):
        super().__init__(find_binary([]), page, "--threads", THREADS, *arguments, data=data)

    @property
    def is_sanitized(self):
        """Whether memory is a sanitizer's, and says nothing."""
        with open(f"/proc/{self.process.pid}/maps", encoding="utf-8") as maps:
            return bool(re.search(r"lib[atu]\w*san", maps.read()))

    def stop(self):
        with open(self.log.name, errors="replace") as log:
            whole = log.read()
        code = super().stop()
        whole += self.last_words
        if TROUBLE.search(whole) or code != 0:
            sys.stderr.write(whole[-12000:])
            raise AssertionError(f"the mock ended with {code} after complaints")
        return code

    def client(self, session=None, **headers):
        return Client(self.port, session, **headers)


class Answer:
    def __init__(self, answer):
        self.status = answer.status
        self.headers = answer.headers
        self.raw = answer.read()
        self.text = self.raw.decode()
        kind = self.headers.get("Content-Type") or ""
        self.body = json.loads(self.text) if self.text and "json" in kind else self.text or None

    def header(self, name):
        return self.headers.get("X-Dryrun-" + name)

    @property
    def brief(self):
        return self.status, self.body

    @property
    def rule(self):
        """The row that decided, as file:line without the folder."""
        place = self.header("Rule")
        return place and place.rsplit("/", 1)[-1]


class Client:
    """One client with one connection, of one session when it is named."""

    def __init__(self, port, session=None, **headers):
        self.port = port
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if session:
            self.headers["X-Dryrun-Session"] = session
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=REAL_SECONDS)

    def send(self, method, path, body=None, **headers):
        sent = dict(self.headers)
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        if body is not None and not isinstance(body, (bytes, str)):
            sent.setdefault("Content-Type", "application/json")
            body = json.dumps(body)
        self.connection.request(method, path, body, sent)

    def __call__(self, method, path, body=None, **headers):
        self.send(method, path, body, **headers)
        return Answer(self.connection.getresponse())

    def get(self, path, **headers):
        return self("GET", path, **headers)

    def post(self, path, body=None, **headers):
        return self("POST", path, body, **headers)

    def admin(self, method, path, body=None):
        answer = self(method, "/__admin" + path, body)
        if answer.status // 100 != 2:
            raise AssertionError(f"admin {method} {path}: {answer.status} {answer.text}")
        return answer.body

    def advance(self, by):
        return self.admin("POST", "/clock/advance", {"by": by})

    def sleep(self, length):
        return self.admin("POST", "/clock/sleep", {"for": length})

    def now(self):
        return self.admin("GET", "/clock")["now"]

    def participants(self, count):
        self.admin("PUT", "/participants", {"participants": count})

    def close(self):
        self.connection.close()

    def stream(self, method, path, body=None, **headers):
        """Reads a stream to its end: the answer, with `frames`."""
        answer = self(method, path, body, **headers)
        answer.frames = frames_of(answer.text)
        return answer


def frames_of(text):
    """[(event, id, data)], data parsed when it is JSON."""
    frames = []
    for block in text.split("\n\n"):
        fields = {}
        for line in block.split("\n"):
            name, colon, value = line.partition(":")
            if colon and name:
                fields[name] = value[1:] if value.startswith(" ") else value
        if fields:
            data = fields.get("data")
            with contextlib.suppress(ValueError, TypeError):
                data = json.loads(data)
            frames.append((fields.get("event"), fields.get("id"), data))
    return frames


class Cases(unittest.TestCase):
    """A file's tests; each expectation is a case that is counted, and goes on when it fails."""

    page = None
    arguments = ()
    headers = {}
    cases = 0
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.engine = Engine(cls.page, *cls.arguments)

    @classmethod
    def tearDownClass(cls):
        cls.engine.stop()

    def setUp(self):
        """A session of its own for each test, named after it."""
        self.client = self.engine.client(self._testMethodName[:64], **self.headers)
        self.addCleanup(self.client.close)

    def another(self):
        client = self.engine.client(self._testMethodName[:64], **self.headers)
        self.addCleanup(client.close)
        return client

    def case(self, name, actual, expected):
        Cases.cases += 1
        with self.subTest(case=name):
            self.assertEqual(actual, expected)

    def case_true(self, name, actual):
        self.case(name, bool(actual), True)

    def explained(self, name, answer, status, operation, state, words):
        """Status and the explaining headers; `words` stand in the line of the row that decided."""
        shown = (answer.status, answer.header("Operation"), answer.header("State"))
        self.case(name, shown, (status, operation, state))
        if words is None:
            self.case(name + ": no rule", answer.rule, None)
        else:
            self.case_true(f"{name}: rule {answer.rule} has '{words}'", words in self.row_at(answer.rule))

    def row_at(self, rule):
        """The text of a row: its line, and what follows up to the next row."""
        if not rule:
            return ""
        file, line = rule.split(":")[:2]
        lines = (PAGES / "contracts" / self.page / file).read_text().split("\n")
        text = lines[int(line) - 1]
        for further in lines[int(line) :]:
            if further.strip().startswith("-") or not further.startswith("          "):
                break
            text += further
        return text


def main():
    os.environ.setdefault("DRYRUN_BIN", sys.argv[1] if len(sys.argv) > 1 else "")
    program = unittest.main(argv=[sys.argv[0], *sys.argv[2:]], exit=False, verbosity=1)
    result = program.result
    good = result.wasSuccessful() and result.testsRun > 0
    failed = len(result.failures) + len(result.errors)
    print(f"{Path(sys.argv[0]).stem}: {result.testsRun} tests, {Cases.cases} cases, {failed} failed")
    sys.exit(0 if good else 1)
