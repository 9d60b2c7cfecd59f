# SPDX-License-Identifier: Apache-2.0
"""What people read beside the reports: previews, runs with nothing to judge, tapes that are none, missing credentials, help;
and reports of any size, whole."""
import contextlib
import http.server
import json
import pathlib
import tempfile
import threading
import unittest

from dryrun_test import ENGINE, main, run

LARGE = 22 * 1024 * 1024


class Service(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path.startswith("/__admin"):
            status, body = 404, b"none"
        elif self.path.endswith("/large"):
            status, body = 404, b'{"type":"/errors/x","title":"' + b"x" * LARGE + b'","status":404}'
        else:
            status, body = 401, b'{"type":"/errors/x","title":"Who are you?","status":401}'
        self.send_response(status)
        self.send_header("Content-Type", "application/problem+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)


class Words(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_port}"

    def scenario(self, *steps):
        file = self.path / "words.arazzo.yaml"
        file.write_text('arazzo: 1.0.1\ninfo: { title: t, version: "1" }\n'
                        "sourceDescriptions: [ { name: cancels, url: 'https://cancels.invalid/openapi.yaml', type: openapi } ]\n"
                        "workflows:\n  - workflowId: words\n    steps:\n" + "".join(f"      - {step}\n" for step in steps),
                        encoding="utf-8")
        return str(file)

    def look(self, run_id, more=""):
        return (f"{{ stepId: look-{run_id}, operationId: getRun, parameters: [ {{ name: runId, in: path, value: {run_id} }} ], "
                f"successCriteria: [ {{ condition: $statusCode == 404 }} ]{more} }}")

    def test_a_preview_says_where_each_request_would_go_and_what_goes_along(self):
        file = self.scenario(self.look("one", ", x-dryrun-within: 5s"))
        code, out, err = run("check", "cancels", *ENGINE, "--scenario", file, "--dry-run", "--target",
                             "cancels=https://nobody.invalid/api", "--header", "X-Team: hush-hush")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(out, f"every request carries X-Team: ***\nwords ({file})\n"
                              "  look-one: GET https://nobody.invalid/api/runs/{runId} (getRun)\n"
                              "    path runId: one\n    within: 5s\n    expects: $statusCode == 404\n")
        code, out, _ = run("check", "cancels", *ENGINE, "--scenario", file, "--dry-run")
        self.assertEqual(code, 0)
        self.assertIn("to a mock in this process; --target URL names a service\n", out)
        self.assertIn("  look-one: GET /runs/{runId} (getRun)\n", out)

    def test_a_run_with_nothing_to_do_says_so(self):
        code, out, err = run("check", "cancels", *ENGINE, "--scenario", "nowhere*.arazzo.yaml")
        self.assertEqual((code, out), (5, "nothing was played, and nothing judged\n"))
        self.assertIn("there are no scenarios at nowhere*.arazzo.yaml", err)

    def test_a_tape_that_is_none_is_named_with_its_place_and_no_report_is_written(self):
        for text, words in (("hello\n", "1:1: no HAR, which is JSON: no JSON value"),
                            ("{\n  oh\n}", "2:3: no HAR, which is JSON: a key in double quotes is missing"),
                            ("{}", " no HAR: there is no 'log' with 'entries'")):
            tape, report = self.path / "tape.har", self.path / "report.json"
            tape.write_text(text, encoding="utf-8")
            code, out, err = run("check", "cancels", *ENGINE, "--tape", str(tape), "--report", f"json={report}")
            self.assertEqual((code, out, err, report.exists()), (2, "", f"{tape}:{words}\n", False))
        tape.write_text('{"log":{"entries":[]}}', encoding="utf-8")
        code, out, err = run("check", "cancels", *ENGINE, "--tape", str(tape))
        self.assertEqual((code, out), (5, "nothing was played, and nothing judged\n"))
        self.assertIn(f"{tape}: no exchanges were recorded", err)
        code, _, err = run("check", "cancels", *ENGINE, "--tape", str(self.path / "none.har"))
        self.assertEqual((code, err), (2, f"dryrun: error: cannot read '{self.path}/none.har': No such file or directory\n"))

    def test_missing_credentials_are_said_once_wherever_they_are_wanted_first(self):
        file = self.scenario(self.look("large"), self.look("one"), self.look("two"))
        code, out, _ = run("check", "cancels", *ENGINE, "--scenario", file, "--target", self.url)
        self.assertEqual(code, 3, out)
        self.assertIn("the target cannot be judged: the service wants credentials, and none were sent: 401 to a request, "
                      "GET /runs/one (--bearer-env VARIABLE or --header 'NAME: VALUE')\n", out)
        code, out, _ = run("check", "cancels", *ENGINE, "--scenario", file, "--target", self.url, "--header",
                           "Authorization: Bearer wrong")
        self.assertEqual(code, 3, out)
        self.assertIn("the service does not accept these credentials: 401 to a request, GET /runs/one\n", out)

    def test_exec_names_no_option_that_it_refuses(self):
        code, out, _ = run("exec", "--help")
        self.assertEqual(code, 0)
        self.assertNotIn("--tape", out)
        self.assertIn("--port", out)
        code, _, err = run("exec", "--tape", "x.har", "--", "true")
        self.assertEqual(code, 2)
        self.assertIn("option '--tape' is for 'dryrun mock'", err)

    def test_reports_are_whole_whatever_their_size(self):
        file = self.scenario(*(self.look("large").replace("look-large", f"look-{i}") for i in range(3)))
        report, har = self.path / "large.json", self.path / "large.har"
        code, out, err = run("check", "cancels", *ENGINE, "--scenario", file, "--target", self.url, "--report",
                             f"json={report}", "--har", str(har), "--header", "Authorization: Bearer right", timeout=250)
        self.assertEqual((code, err), (0, ""), out)
        for file in (report, har):
            self.assertGreater(file.stat().st_size, 3 * LARGE)
        data = json.loads(report.read_text(encoding="utf-8"))
        self.assertEqual([len(step["attempts"][0]["answer"]["body"]) for step in data["workflows"][0]["steps"]],
                         [LARGE + 44] * 3)
        self.assertEqual([entry["response"]["content"]["size"] for entry in json.loads(har.read_text())["log"]["entries"]],
                         [LARGE + 44] * 3)
        code, out, _ = run("check", "cancels", *ENGINE, "--tape", str(har), "--target", self.url, timeout=250)
        self.assertIn("3 exchanges judged", out, "what was written can be read")
        code, _, err = run("check", "cancels", *ENGINE, "--only-failed", str(report), timeout=250)
        self.assertEqual(code, 5, err)
        self.assertIn("nothing to play: the report names 0 broken workflows", err)


if __name__ == "__main__":
    main()
