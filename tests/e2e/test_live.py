# SPDX-License-Identifier: Apache-2.0
"""A broken service of our own: its maintainer reads in each report what was sent, what came back, which rule is broken
and where that rule stands; each cause once, the worst first."""
import contextlib
import http.server
import json
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import unittest
import xml.etree.ElementTree as xml

from dryrun_test import ENGINE, ROOT, main, run

HTML = b"<!doctype html><h1>Internal Server Error</h1><p>a worker \x1b[31mwent\x07 away\xff</p>\n"
FORMS = {"console": "txt", "tap": "tap", "junit": "xml", "json": "json", "html": "html", "github": "github"}
XSD = ROOT / "tests/e2e/junit.xsd"


def show(kind, state="QUEUED"):
    return {"run_id": f"00000000-0000-4000-8000-{sum(kind.encode()):012}", "state": state, "title": kind, "executions": 1,
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}


class Broken(http.server.BaseHTTPRequestHandler):
    """A run is called what it is about to do wrong."""

    protocol_version = "HTTP/1.1"
    looked = 0

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json", size=None):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(size or len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):  # who asked has left
            self.wfile.write(body)
        self.close_connection = self.close_connection or size is not None

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(201, show("made"))

    def do_GET(self):
        kind = self.path.rpartition("/")[2]
        if self.path.startswith("/__admin"):
            self.answer(404, b"none", "text/plain")
        elif kind == "runs":
            self.answer(200, {"runs": [show("listed")], "page_info": {"has_next_page": False}})
        elif kind.startswith("missing"):
            self.answer(200, {name: value for name, value in show(kind).items() if name != "title"})
        elif kind == "type":
            self.answer(200, {**show(kind), "executions": "one"})
        elif kind == "html":
            self.answer(200, show(kind), "text/html")
        elif kind == "down":
            self.answer(500, HTML, "text/html")
        elif kind == "cut":
            self.answer(200, show(kind), size=1000)
        elif kind == "reset":
            self.reset()
        elif kind == "slow":
            self.connection.recv(1)  # until who asked has left
            self.close_connection = True
        elif kind == "ends":
            Broken.looked += 1
            state = "INPROGRESS" if Broken.looked > 1 else "SUCCEEDED"
            self.answer(200, {**show(kind, state), "started_at": "2026-01-01T00:00:00Z"})
        else:
            self.answer(200, show(kind, "CANCELLED" if kind == "listed" else "QUEUED"))


def line_of(place):
    file, line, _ = place.rsplit(":", 2)
    return (ROOT / file).read_text(encoding="utf-8").splitlines()[int(line) - 1]


class Live(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        path = pathlib.Path(cls.folder.name)
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Broken)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.base = f"http://127.0.0.1:{cls.server.server_port}"
        words = [word for form, end in FORMS.items() for word in ("--report", f"{form}={path}/live.{end}")]
        Broken.looked = 0
        cls.code, _, cls.err = run("check", "cancels", *ENGINE, "--scenario", "tests/e2e/live.arazzo.yaml", "--target",
                                   cls.base, "--header", "Authorization: Bearer keep-me", *words)
        cls.texts = {end: (path / f"live.{end}").read_text(encoding="utf-8") for end in FORMS.values()}
        cls.causes = json.loads(cls.texts["json"])["causes"]

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()
        cls.folder.cleanup()

    def cause(self, words):
        found = [cause for cause in self.causes if words in cause["text"]]
        self.assertEqual(len(found), 1, self.causes)
        return found[0]

    def part(self, workflow):
        """What the console says of a workflow."""
        text = self.texts["txt"]
        begin = re.search(rf"^(failed|broken) {workflow} ", text, re.M)
        self.assertTrue(begin, text)
        return re.split(r"^(?:\w+ [\w-]+ \(tests/|what is broken)", text[begin.end():], maxsplit=1, flags=re.M)[0]

    def test_each_cause_is_named_with_the_line_of_the_rule(self):
        self.assertEqual((self.code, self.err), (1, ""))
        for words, kind, rule, line in (
                ("expected member 'title', which is missing", "violation", "body", "required: [ run_id, state, title"),
                ("expected integer but found", "violation", "body", "executions: { type: integer }"),
                ("expected the content type 'application/json' but found 'text/html'", "violation", "body",
                 '"200": { description: the run'),
                ("status 500 is not documented", "violation", "status", "operationId: getRun"),
                ("status 201 is not documented", "violation", "status", "operationId: createRun"),
                ("shows INPROGRESS, but it was SUCCEEDED", "violation", "move", "SUCCEEDED: { terminal: true }"),
                ("shows QUEUED, but it was CANCELLED", "violation", "move", "CANCELLED: { terminal: true }"),
                ("the connection was closed within the answer (200): 178 of the 1000 bytes of its body came", "violation",
                 "http", "operationId: getRun"),
                ("the connection was reset before any answer came", "violation", "http", "operationId: getRun"),
                ("no answer within 100 ms", "failure", None, "criteria")):
            with self.subTest(words):
                cause = self.cause(words)
                self.assertEqual((cause["kind"], cause.get("rule")), (kind, rule))
                if rule:
                    self.assertIn(line, line_of(cause["place"]))
        self.assertEqual(len(self.causes), 10)

    def test_one_cause_is_told_in_full_once_and_counted(self):
        cause = self.cause("expected member 'title'")
        self.assertEqual((cause["count"], cause["workflows"], cause["operations"]), (2, 2, ["getRun"]))
        self.assertEqual(self.causes[0], cause, "the most frequent comes first")
        self.assertEqual([cause["kind"] for cause in self.causes][-1], "failure")
        self.assertIn("    answer:\n", self.part("member-missing"))
        again = self.part("member-missing-again")
        self.assertNotIn("    answer:\n", again)
        self.assertIn(f"    GET {self.base}/runs/missing-too -> 200 (exchange ", again)
        self.assertIn("    violation body (again): expected member 'title', which is missing\n", again)
        self.assertIn("12 workflows (1 passed, 7 broken, 4 failed, 0 skipped)", self.texts["txt"])
        self.assertIn("      2 times in 2 workflows (getRun), first in member-missing, step look, exchange ", self.texts["txt"])
        # 201 is the document's breach; that no row answers so follows from it
        self.assertEqual(len([cause for cause in self.causes if "201" in cause["text"]]), 1)

    def test_what_was_sent_and_what_came_back_stand_together(self):
        down = self.part("breaks-down")
        for part in (f"    request (exchange 6):\n      GET {self.base}/runs/down\n      Authorization: ***\n",
                     "    answer:\n      500\n", "<h1>Internal Server Error</h1>",
                     "      - status: 200, 401, 404\n      + status: 500\n",
                     "    violation status: status 500 is not documented for 'GET /runs/{runId}'\n      rule: "):
            self.assertIn(part, down)
        self.assertIn('      + body/executions: "one"\n', self.part("wrong-type"))
        cut = self.part("cut-off")
        self.assertIn("    what came of the answer:\n      200\n", cut)
        self.assertIn('"title": "cut"', cut)
        self.assertIn("    no answer: no answer within 100 ms\n", self.part("slow"))

    def test_a_contradiction_shows_both_exchanges_and_what_would_be_legal(self):
        ended = self.part("goes-on-after-its-end")
        self.assertRegex(ended, r"shows INPROGRESS, but it was SUCCEEDED \(getRun, exchange \d+\); no move leads from SUCCEEDED\n")
        self.assertRegex(ended, r"      first: exchange \d+, GET http://[^ ]+/runs/ends -> 200 \(step ended\)\n"
                                r"      then: exchange \d+, GET http://[^ ]+/runs/ends -> 200 \(step again\)\n"
                                r"      difference \(- first, \+ then\):\n        - /state: \"SUCCEEDED\"\n        \+ /state: \"INPROGRESS\"\n")
        stale = self.part("stale-list")
        self.assertIn("      the first showed:\n        {", stale)
        self.assertIn('"state": "CANCELLED"', stale)

    def test_what_the_service_says_steers_no_terminal_and_breaks_no_file(self):
        for end, text in self.texts.items():
            self.assertNotRegex(text, "[\x00-\x08\x0b-\x1f\x7f]", end)
            self.assertNotIn("keep-me", text, end)

    def test_the_page_and_the_annotations_begin_with_the_causes(self):
        page = self.texts["html"]
        self.assertLess(page.index("What is broken, worst first"), page.index("<h2>Workflows</h2>"))
        anchors = re.findall(r'<a href="#(w\d+s\d+)">show</a>', page)
        self.assertEqual(len(anchors), 10)
        for anchor in anchors:
            self.assertIn(f'<details open id="{anchor}">', page)
        self.assertLess(page.index("<b>stale-list</b>"), page.index("<b>kept</b>"), "what is broken comes first")
        lines = self.texts["github"].splitlines()
        self.assertEqual(len([line for line in lines if "expected member 'title'" in line and "of the contract" in line]), 1)
        self.assertTrue(all(line.startswith("::error file=tests/data/engine/contracts/cancels/") for line in lines[:9]), lines)
        self.assertIn("# what is broken, worst first:\n#  1. violation body: expected member 'title'", self.texts["tap"])

    def xmllint(self, text):
        if not shutil.which("xmllint"):
            self.skipTest("xmllint is not installed")
        with tempfile.NamedTemporaryFile("w", suffix=".xml", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            done = subprocess.run(["xmllint", "--noout", "--schema", str(XSD), file.name], capture_output=True, text=True,
                                  check=False)
        return done.returncode, done.stderr

    def test_junit_keeps_the_schema_of_those_who_read_it(self):
        for text in (self.texts["xml"], (ROOT / "tests/e2e/golden/check.xml").read_text(encoding="utf-8").replace(
                'time="N"', 'time="0.1"')):
            code, err = self.xmllint(text)
            self.assertEqual(code, 0, err)
        root = xml.fromstring(self.texts["xml"])
        self.assertEqual((root.get("tests"), root.get("failures"), root.get("errors")), ("12", "11", "0"))
        self.assertEqual({case.find("failure").get("type") for case in root.iter("testcase") if case.find("failure") is not None},
                         {"violation", "failure"})

    def test_the_schema_refuses_what_servers_do_not_read(self):
        for old, new in (('<testcase name="slow"', '<testcase'), (' errors="0"', ''), ('type="violation"', 'kind="x"'),
                         ("</testsuites>", "<testsuites/></testsuites>"), ("</failure>", "</failure><skipped message=''/>")):
            self.assertIn(old, self.texts["xml"])
            self.assertNotEqual(self.xmllint(self.texts["xml"].replace(old, new, 1))[0], 0, new)

    def test_junit_of_a_service_that_is_not_there_has_an_error(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            file = pathlib.Path(folder, "gone.xml")
            code, _, err = run("check", "cancels", *ENGINE, "--scenario", "tests/e2e/live.arazzo.yaml", "--target",
                               f"http://127.0.0.1:{nobody.getsockname()[1]}", "--report", f"junit={file}")
            self.assertEqual(code, 3, err)
            if file.exists():
                self.assertEqual(self.xmllint(file.read_text(encoding="utf-8"))[0], 0)


if __name__ == "__main__":
    main()
