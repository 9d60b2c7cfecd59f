# SPDX-License-Identifier: Apache-2.0
"""A service that was added by YAML alone, from the documents alone (tests/data/newcomer): its data are sound, the judge
finds nothing, and a client has a conversation with it."""
import http.server
import json
import pathlib
import shutil
import tempfile
import threading
import unittest
import urllib.request

from dryrun_test import ROOT, Mock, main, run
from waiting import Receiver

HERE = "tests/data/newcomer"
DATA = ["--contracts", f"{HERE}/contracts", "--fixtures", f"{HERE}/fixtures"]
KEY = {"X-Api-Key": "any"}


class Newcomer(unittest.TestCase):
    def test_its_data_are_sound_and_the_judge_finds_nothing(self):
        code, out, err = run("lint", "jobs", *DATA)
        self.assertEqual((code, out), (0, "1 provider without errors, 0 warnings\n"), err)
        code, out, err = run("check", "jobs", *DATA)
        self.assertEqual(code, 0, out + err)
        self.assertIn("7 workflows (7 passed, 0 failed, 0 skipped)", out)
        self.assertIn("0 violations, 0 deviations", out)
        self.assertIn("operations 7 of 7", out)

    def test_a_mock_that_does_otherwise_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = shutil.copytree(ROOT / HERE / "fixtures", pathlib.Path(folder, "fixtures"))
            file = copy / "jobs/resources.yaml"
            file.write_text(file.read_text().replace("{ enters: [terminal], set: { ended_at: $now } }",
                                                     "{ enters: [succeeded], set: { ended_at: $now } }"))
            code, out, _ = run("check", "jobs", *DATA, "--mock-fixtures", str(copy))
        self.assertEqual(code, 1, out)
        self.assertIn("ended_at", out)

    def test_a_seed_that_only_shows_its_state_is_told_how_to_say_it(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = shutil.copytree(ROOT / HERE / "fixtures", pathlib.Path(folder, "fixtures"))
            file = copy / "jobs/resources.yaml"
            file.write_text(file.read_text().replace("state: succeeded, task", "status: succeeded, task"))
            code, out, err = run("lint", "jobs", *DATA[:2], "--fixtures", str(copy))
        self.assertEqual(code, 2, out + err)
        self.assertIn("a seeded 'job' is born in its initial state: say 'state: NAME' for another, "
                      "not '/status', which only shows it", out + err)

    def test_a_client_asks_approves_streams_and_is_called_back(self):
        hook = Receiver(204)
        self.addCleanup(hook.close)
        with Mock("jobs", "--clock", "virtual", data=DATA) as mock:
            jobs = "/jobs/v1/jobs"
            job = mock.post(jobs, {"task": "ask", "webhook": hook.url},
                            headers={**KEY, "X-Dryrun-Outcome": "asks"}).json()
            self.assertEqual(job["status"], "queued")
            one = f"{jobs}/{job['id']}"
            self.assertEqual(mock.post(f"{one}/approve", {"approved": True}, headers=KEY).status, 409)
            mock.advance("3s")
            self.assertEqual(mock.get(one, headers=KEY).json()["question"], "May I go on?")
            self.assertEqual(mock.request("DELETE", one, headers=KEY).status, 409)
            self.assertEqual(mock.post(f"{one}/approve", {"approved": True}, headers=KEY).json()["status"], "running")
            told = mock.get(f"{one}/events", headers=KEY).text
            names = [line[7:] for line in told.splitlines() if line.startswith("event: ")]
            self.assertEqual(names, ["job.queued", "job.running", "job.needs_input", "job.running", "job.succeeded"])
            numbers = [line[4:] for line in told.splitlines() if line.startswith("id: ")]
            rest = mock.get(f"{one}/events", headers={**KEY, "Last-Event-ID": numbers[-2]}).text
            self.assertEqual(rest.count("event: "), 1)
            late = mock.post(f"{one}/cancel", headers=KEY)
            self.assertEqual((late.status, late.json()["error"]["code"]), (409, "too_late"))
            self.assertEqual(hook.wait_for(1)[0]["status"], "succeeded")
            page = mock.get(f"{jobs}?limit=1", headers=KEY).json()
            page = mock.get(f"{jobs}?limit=1&cursor={page['next_cursor']}", headers=KEY).json()
            self.assertEqual([row["task"] for row in page["jobs"]], ["a seeded one"])
            self.assertNotIn("next_cursor", page)
            wrong = mock.get(f"{jobs}?cursor=nonsense", headers=KEY)
            self.assertEqual((wrong.status, wrong.headers["x-dryrun-remark"]),
                             (400, "listJobs: the position is none of this list, as it is sorted and filtered now"))


class Parcels(http.server.BaseHTTPRequestHandler):
    """A service that nobody plays: a parcel goes on each time somebody looks; who asked is called back at its end."""

    STATES = ["accepted", "in_transit", "delivered"]
    late = "too_late"  # the code of a refusal

    def log_message(self, *_):
        pass

    def show(self, parcel, move):
        if move and parcel["status"] in self.STATES[:2]:
            parcel["status"] = self.STATES[self.STATES.index(parcel["status"]) + 1]
            if parcel["status"] == "delivered":
                parcel["delivered_at"] = "2026-01-01T00:00:00Z"
                threading.Thread(target=self.call_back, args=(dict(parcel),)).start()
        return json.dumps({name: value for name, value in parcel.items() if name != "webhook"}).encode()

    @staticmethod
    def call_back(parcel):
        webhook = parcel.pop("webhook")
        if webhook:
            urllib.request.urlopen(urllib.request.Request(webhook, json.dumps(parcel).encode(),
                                                          {"Content-Type": "application/json"})).close()

    def answer(self, status, body, kind="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        parcel = {"id": f"p{len(self.server.parcels)}", "status": "accepted", "to": asked["to"],
                  "webhook": asked.get("webhook")}
        self.server.parcels[parcel["id"]] = parcel
        self.answer(202, self.show(parcel, False))

    def do_GET(self):
        parts = self.path.split("/")
        parcel = self.server.parcels.get(parts[3]) if len(parts) > 3 else None
        if not parcel:
            self.answer(404, b'{"code":"unknown"}')
        elif parts[-1] == "track":
            self.answer(200, b"".join(b"event: status\ndata: " + self.show(parcel, i > 0) + b"\n\n" for i in range(3)),
                        "text/event-stream")
        else:
            self.answer(200, self.show(parcel, True))

    def do_DELETE(self):
        self.answer(409, json.dumps({"code": self.late}).encode())


class Alone(unittest.TestCase):
    """A contract and a scenario for a service that dryrun does not play: docs/SCENARIOS.md, "A service one has never seen"."""

    ALONE = ["--contracts", f"{HERE}/alone"]

    def setUp(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Parcels)
        server.parcels = {}
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.target = ["--target", f"http://127.0.0.1:{server.server_port}/v2"]

    def test_it_is_linted_drawn_and_judged_without_fixtures(self):
        self.assertEqual(run("lint", *self.ALONE), (0, "1 provider without errors, 0 warnings\n", ""))
        code, out, err = run("graph", "parcels", *self.ALONE, "--format", "mermaid")
        self.assertEqual(code, 0, err)
        self.assertIn("in_transit", out)
        code, out, err = run("check", *self.ALONE, *self.target)
        self.assertEqual(code, 0, out + err)
        self.assertIn("2 workflows (2 passed, 0 failed, 0 skipped)", out)
        self.assertIn("operations 4 of 4", out)

    def test_its_breaches_are_found(self):
        Parcels.late = "later"
        self.addCleanup(setattr, Parcels, "late", "too_late")
        code, out, _ = run("check", *self.ALONE, *self.target)
        self.assertEqual(code, 1)
        self.assertIn("violation error: status 409 with a body that is none of the errors known for it: too_late", out)

    def test_without_a_target_it_is_told_what_is_missing(self):
        code, _, err = run("check", *self.ALONE, cwd=ROOT / "docs", env={"DRYRUN_DATA": "/nowhere"})
        self.assertEqual(code, 2)
        self.assertIn("say where with --contracts", err)
        code, _, err = run("check", "--contracts", str(ROOT / HERE / "alone"), cwd=ROOT / "docs", env={"DRYRUN_DATA": "/nowhere"})
        self.assertEqual((code, err), (2, "dryrun: error: no directory '/nowhere/fixtures': say where with --fixtures, or which "
                                          "service to judge with --target\n"))


if __name__ == "__main__":
    main()
