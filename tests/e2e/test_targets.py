# SPDX-License-Identifier: Apache-2.0
"""How much dryrun check plays, how fast, against whom; and how a service that cannot be judged is told."""
import contextlib
import http.server
import json
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

from dryrun_test import ENGINE, ROOT, Mock, main, run
from live_service import Live, Service as Answering

KEPT = ["--scenario", "tests/e2e/reports.arazzo.yaml"]  # it begins with a read
SCENARIO = ["--scenario", "tests/e2e/cancels.arazzo.yaml"]


class Service(http.server.BaseHTTPRequestHandler):
    """Answers everything with one status, and remembers what was asked."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.command, self.path, dict(self.headers)))
        body = b'{"type":"/errors/auth","title":"No.","status":401}'
        is_admin = "/__admin" in self.path
        self.send_response(404 if is_admin else self.server.status)
        self.send_header("Content-Type", "application/problem+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = do_PUT = answer


@contextlib.contextmanager
def service(status, context=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.status, server.asked = status, []
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server, f"http{'s' if context else ''}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Willing(Answering):
    """Takes a cancel for what is over already."""

    states = ["QUEUED", "SUCCEEDED"]

    def cancel(self, run_id):
        return 200, run_id


@contextlib.contextmanager
def silence():
    """The URL of somebody who takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def calm(text):
    return re.sub(r"\d+ ms|127\.0\.0\.1:\d+", "N", text)


class Targets(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def broken(self):
        """Contracts for the mock in which one cell is another."""
        target = self.path / "contracts"
        if not target.exists():
            shutil.copytree(ROOT / "tests/data/engine/contracts", target)
            file = target / "cancels/lifecycle.yaml"
            text = file.read_text(encoding="utf-8")
            old = "{ in: PENDING, error: too_early, source: seed }"
            self.assertIn(old, text)
            file.write_text(text.replace(old, "{ in: PENDING, error: over, source: seed }"), encoding="utf-8")
        return ["--mock-contracts", str(target)]

    # ---- how much ----

    def test_many_at_once_report_what_one_after_the_other_does(self):
        for more in ([], self.broken()):
            told = []
            for jobs in ("1", "4"):
                report = self.path / f"r{jobs}.json"
                code, out, err = run("check", "cancels", "interrupts", *ENGINE, *more, "-j", jobs,
                                     "--report", "console", "--report", f"json={report}")
                data = json.loads(report.read_text(encoding="utf-8"))
                for workflow in data["workflows"]:
                    workflow["took_ms"] = 0
                told.append((code, err, calm(out), json.loads(calm(json.dumps(data)))))
            self.assertEqual(told[0][0], 1 if more else 0)
            self.assertEqual(told[0], told[1])

    def test_many_at_once_stop_where_one_stops(self):
        told = []
        for jobs in ("1", "4"):
            code, out, _ = run("check", "cancels", *ENGINE, *self.broken(), "-j", jobs, "--fail-fast")
            told.append((code, [line.split()[:2] for line in out.splitlines() if re.match("(passed|failed|broken) ", line)]))
        self.assertEqual(told[0], told[1])
        self.assertEqual(told[0], (1, [["passed", "to-the-end"], ["passed", "cancel-early"], ["failed", "cancel-pending"]]))

    def test_a_running_mock_takes_many_at_once(self):
        with Mock("cancels", "--clock", "virtual") as mock:
            code, out, err = run("check", "cancels", *ENGINE, "--target", mock.url, "-j", "4")
            self.assertEqual(code, 0, out + err)
            self.assertEqual(len({name for name in re.findall(r"check-\d+", json.dumps(mock.admin("sessions")))}), 5)

    def test_a_request_takes_as_long_as_it_may_and_the_first_look_too(self):
        with silence() as url:
            began = time.monotonic()
            code, out, err = run("check", "cancels", *ENGINE, *KEPT, "--target", url, "--timeout", "100ms", "--fail-fast")
            self.assertLess(time.monotonic() - began, 9)
            self.assertNotEqual(code, 0)
            self.assertIn("100 ms", out + err)
        for wrong in ("0s", "0", "soon"):
            code, _, err = run("check", "cancels", *ENGINE, "--timeout", wrong)
            self.assertEqual((code, err.count("\n")), (2, 1), err)
            self.assertIn(f"option '--timeout': '{wrong}' is ", err)

    def test_rules_that_are_inferred_break_the_contract_of_a_service_when_that_is_asked_for(self):
        contracts = self.path / "contracts"
        shutil.copytree(ROOT / "tests/data/engine/contracts/cancels", contracts / "cancels")
        rows = contracts / "cancels/lifecycle.yaml"
        lines = rows.read_text(encoding="utf-8").splitlines()
        line = next(i for i, text in enumerate(lines, 1) if "{ in: terminal, error: over, source: seed }" in text)
        file = self.path / "over.arazzo.yaml"
        file.write_text(f"""arazzo: 1.0.1
info: {{ title: a cancel that comes too late, version: "1" }}
sourceDescriptions: [ {{ name: cancels, url: {contracts}/cancels/openapi.yaml, type: openapi }} ]
workflows:
  - workflowId: late
    steps:
      - {{ stepId: make, operationId: createRun, requestBody: {{ payload: {{ prompt: go }} }}, outputs: {{ id: $response.body#/run_id }} }}
      - {{ stepId: look, operationId: getRun, parameters: &run [ {{ name: runId, in: path, value: $steps.make.outputs.id }} ] }}
      - {{ stepId: cancel, operationId: cancelRun, parameters: *run }}
""", encoding="utf-8")
        for source, told, codes in (("seed", "1 violation, 0 deviations,", (1, 1)),
                                    ("inferred", "0 violations, 1 deviation,", (0, 1))):
            lines[line - 1] = lines[line - 1].replace("seed", source)
            rows.write_text("\n".join(lines) + "\n", encoding="utf-8")
            for more, code in zip(((), ("--strict",)), codes):
                with Live(Willing()) as live:
                    got, out, err = run("check", "cancels", "--contracts", str(contracts), *ENGINE[2:], "--scenario", str(file),
                                        "--target", live.url, *more)
                self.assertEqual(got, code, out + err)
                self.assertIn(told, out)
                self.assertIn(f"lifecycle.yaml:{line}", out)

    def test_a_service_without_sessions_is_asked_by_one(self):
        with service(500) as (server, url):
            run("check", "cancels", *ENGINE, "--target", f"{url}/api/v1", "-j", "4")
            self.assertTrue(server.asked)
            self.assertFalse([headers for _, _, headers in server.asked if "X-Dryrun-Session" in headers])

    def test_what_was_broken_is_played_again_alone(self):
        report = self.path / "r.json"
        code, _, _ = run("check", "cancels", *ENGINE, *self.broken(), "--report", f"json={report}")
        self.assertEqual(code, 1)
        again = ["check", "cancels", *ENGINE, "--only-failed", str(report)]
        code, out, _ = run(*again, *self.broken())
        self.assertEqual((code, out.count("failed cancel-pending")), (1, 1))
        self.assertIn("1 workflow (0 passed, 1 failed", out)
        code, out, _ = run(*again)
        self.assertEqual(code, 0, out)
        code, _, _ = run("check", "cancels", *ENGINE, "--report", f"json={report}")
        self.assertEqual(code, 0)
        code, _, err = run(*again)
        self.assertEqual(code, 5)
        self.assertIn("the report names 0 broken workflows", err)

    def test_only_reports_say_what_was_broken(self):
        other = self.path / "other.json"
        for text in ("{}", "no json"):
            other.write_text(text, encoding="utf-8")
            code, _, err = run("check", "cancels", *ENGINE, "--only-failed", str(other))
            self.assertEqual((code, err.count("\n")), (2, 1), err)
        code, _, err = run("check", "cancels", *ENGINE, "--only-failed", "/nowhere.json")
        self.assertEqual(code, 2, err)

    # ---- nothing at all ----

    def test_a_dry_run_sends_nothing_and_says_what_it_would_send(self):
        scenario = self.path / "dry.arazzo.yaml"
        steps = [{"stepId": "create", "operationId": "createRun", "requestBody": {
                      "payload": {"prompt": "$inputs.prompt", "key": "$inputs.key", "worker": "own"}},
                  "parameters": [{"name": "Authorization", "in": "header", "value": "Bearer abc-of-mine"}],
                  "outputs": {"id": "$response.body#/run_id"}},
                 {"stepId": "look", "operationId": "getRun", "successCriteria": [{"condition": "$statusCode == 200"}],
                  "parameters": [{"name": "runId", "in": "path", "value": "$steps.create.outputs.id"}]}]
        inputs = {"type": "object", "properties": {"prompt": {"type": "string", "default": "Write"},
                                                   "key": {"type": "string", "format": "password"}}}
        scenario.write_text("arazzo: 1.0.1\ninfo: { title: t, version: '1' }\nsourceDescriptions: [ { name: a, url: "
                            f"{ROOT}/tests/data/engine/contracts/cancels/openapi.yaml }} ]\n"
                            f"workflows: {json.dumps([{'workflowId': 'w', 'inputs': inputs, 'steps': steps}])}\n",
                            encoding="utf-8")
        with service(200) as (server, url):
            code, out, err = run("check", "cancels", *ENGINE, "--target", url, "--scenario", str(scenario), "--dry-run",
                                 "--input", "key=very-s3cret")
            self.assertEqual((code, err, server.asked), (0, "", []))
        self.assertEqual(out, f"""w ({scenario})
  create: POST {url}/runs (createRun)
    header Authorization: ***
    body: {{"prompt":"Write","key":"***","worker":"own"}}
  look: GET {url}/runs/{{runId}} (getRun)
    path runId: $steps.create.outputs.id
    expects: $statusCode == 200
""")

    def test_a_dry_run_finds_mistakes(self):
        file = self.path / "bad.arazzo.yaml"
        file.write_text("arazzo: 1.0.1\n", encoding="utf-8")
        code, _, err = run("check", "cancels", *ENGINE, "--scenario", str(file), "--dry-run")
        self.assertEqual(code, 2)
        self.assertIn("bad.arazzo.yaml", err)

    # ---- how fast ----

    def test_no_more_requests_a_second_than_wanted(self):
        began = time.monotonic()
        code, out, _ = run("check", "cancels", *ENGINE, "--max-rate", "150", "-j", "4")
        took = time.monotonic() - began
        judged = int(re.search(r"(\d+) exchanges judged", out)[1])
        self.assertEqual(code, 0)
        self.assertGreaterEqual(took, (judged - 1) / 150)

    # ---- whom ----

    def test_wrong_credentials_end_in_their_own_words(self):
        for status in (401, 403):
            with service(status) as (server, url):
                code, out, _ = run("check", "cancels", *ENGINE, *KEPT, "--target", f"{url}/api/v1",
                                   "--header", "Authorization: Bearer wrong-one")
                self.assertEqual(code, 3, out)
                self.assertIn("the target cannot be judged: the service does not accept these credentials: "
                              f"{status} to the first request, GET /runs/", out)
                self.assertNotIn("wrong-one", out)

    def test_missing_credentials_end_in_their_own_words(self):
        with service(401) as (server, url):
            code, out, _ = run("check", "cancels", *ENGINE, *KEPT, "--target", f"{url}/api/v1")
            self.assertEqual(code, 3, out)
            self.assertIn("the service wants credentials, and none were sent: 401 to the first request, GET /runs/", out)
            self.assertIn("--bearer-env", out)
            self.assertEqual(len([path for _, path, _ in server.asked if "__admin" not in path]), 1)

    def test_a_refusal_that_was_expected_is_none_of_credentials(self):
        scenario = self.path / "refused.arazzo.yaml"
        text = (ROOT / "tests/e2e/reports.arazzo.yaml").read_text(encoding="utf-8")
        scenario.write_text(text.replace("../data/engine", str(ROOT / "tests/data/engine")).replace("== 404", "== 401"),
                            encoding="utf-8")
        with service(401) as (_, url):
            code, out, _ = run("check", "cancels", *ENGINE, "--scenario", str(scenario), "--target", f"{url}/api/v1")
            self.assertEqual(code, 0, out)
            self.assertIn("passed kept", out)

    def test_a_certificate_that_nobody_trusts_ends_in_its_own_words(self):
        key, certificate = self.path / "key.pem", self.path / "cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
                        "subjectAltName=IP:127.0.0.1"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        with service(500, context) as (server, url):
            play = ["check", "cancels", *ENGINE, *SCENARIO, "--target", f"{url}/api/v1"]
            code, _, err = run(*play)
            self.assertEqual((code, server.asked), (3, []))
            self.assertRegex(err, r"cannot be trusted: .*certificate.* \(--ca FILE names whom to trust\)")
            code, out, err = run(*play, "--ca", str(certificate))
            self.assertNotEqual(code, 3, out + err)
            self.assertTrue(server.asked)
            code, out, err = run(*play, "--insecure")
            self.assertIn("certificates are not checked", err)

    def test_a_proxy_of_the_environment_is_asked(self):
        with service(503) as (proxy, url):
            run("check", "cancels", *ENGINE, *SCENARIO, "--target", "http://service.invalid/api/v1",
                env={"http_proxy": url, "no_proxy": ""})
            self.assertTrue(proxy.asked)
            self.assertTrue(all(path.startswith("http://service.invalid/") for _, path, _ in proxy.asked), proxy.asked)

    def test_a_proxy_that_is_gone_ends_in_its_own_words(self):
        code, _, err = run("check", "cancels", *ENGINE, *SCENARIO, "--target", "http://service.invalid/api/v1",
                           env={"http_proxy": "http://127.0.0.1:1", "no_proxy": ""})
        self.assertEqual(code, 3)
        self.assertIn("cannot be reached", err)


if __name__ == "__main__":
    main()
