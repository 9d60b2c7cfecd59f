# SPDX-License-Identifier: Apache-2.0
"""Parts of a kept state that not every service has: schedules and webhooks between two tries, declared sessions, clocks
that stand; and that every state fits its JSON Schema."""
import json
import pathlib
import tempfile
import threading
import time
import unittest

from dryrun_test import ROOT, Mock, main
from waiting import Receiver

BEARER = {"Authorization": "Bearer me"}
JSON = {"Content-Type": "application/json"}
RUNS = "/cancels/api/v1/runs"
VIRTUAL = ("--clock", "virtual")


def export(mock, query=""):
    answer = mock.get(f"/__admin/state{query}")
    assert answer.status == 200, answer
    return answer.text


def put(mock, text, query=""):
    return mock.request("PUT", f"/__admin/state{query}", text, JSON)


class Parts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "state.json"

    def start(self, *arguments, data=None):
        mock = Mock(*arguments, data=data)
        self.addCleanup(mock.close)
        return mock

    def routine(self, mock, **body):
        answer = mock.request("PUT", "/schedules/routines/nightly", {"cron": "30 2 * * *", **body})
        self.assertEqual(answer.status, 200, answer)

    def test_a_webhook_between_two_tries_is_sent_again_after_the_start(self):
        hooks = Receiver(500, 200)
        self.addCleanup(hooks.close)
        mock = self.start("schedules", *VIRTUAL, "--state", str(self.file))
        self.routine(mock, callback_url=hooks.url)
        mock.advance("2h30m")
        mock.advance("500ms")
        self.assertEqual(len(hooks.bodies), 1)
        state = json.loads(export(mock))
        self.assertEqual([(row["callback"], row["tried"]) for row in state["sessions"][0]["webhooks"]], [("run_ended", 1)])
        self.assertEqual(mock.stop(), 0, mock.stderr())
        again = self.start("schedules", *VIRTUAL, "--state", str(self.file))
        again.advance("1h")
        self.assertEqual(len(hooks.bodies), 2)
        self.assertEqual(hooks.bodies[0], hooks.bodies[1])
        runs = again.get("/schedules/routines/nightly/runs?order=asc&limit=100").json()["data"]
        self.assertEqual(runs[0]["callback_status"], 200)
        self.assertEqual(json.loads(export(again))["sessions"][0]["webhooks"], [])
        self.assertEqual(again.stop(), 0, again.stderr())

    def test_a_schedule_goes_on(self):
        whole = self.start("schedules", *VIRTUAL)
        self.routine(whole)
        whole.advance("36h")
        kept = export(whole)
        whole.advance("72h")
        runs = whole.get("/schedules/routines/nightly/runs?order=asc&limit=100").text
        part = self.start("schedules", *VIRTUAL)
        answer = put(part, kept)
        self.assertEqual(answer.status, 200, answer)
        self.assertGreater(answer.json()["sessions"][0]["timers"], 0)
        part.advance("72h")
        self.assertEqual(part.get("/schedules/routines/nightly/runs?order=asc&limit=100").text, runs)
        self.assertEqual(export(part), export(whole))

    def test_declared_sessions_stay_declared(self):
        mock = self.start("cancels", "--sessions", "declared", "--state", str(self.file))
        terms = {"name": "mine", "seed": 7, "clock": "virtual", "epoch": "2030-01-01T00:00:00Z", "step": "2s",
                 "expires_after": "1h", "outcomes": ["cancels.run=hang"]}
        self.assertEqual(mock.post("/__admin/sessions", terms).status, 201)
        self.assertEqual(mock.post("/__admin/sessions", {"name": "unused", "clock": "scaled:5"}).status, 201)
        one = mock.post(RUNS, {"prompt": "hi"}, headers=BEARER, session="mine").json()
        self.assertEqual(mock.stop(), 0, mock.stderr())
        again = self.start("cancels", "--sessions", "declared", "--state", str(self.file))
        shown = {row["name"]: row for row in again.admin("sessions")["sessions"]}
        self.assertTrue(shown["mine"]["declared"] and shown["unused"]["declared"])
        look = again.get(f"{RUNS}/{one['run_id']}", headers=BEARER, session="mine")
        self.assertEqual(look.status, 200, look)
        clock = again.admin("clock", session="mine")
        self.assertEqual((clock["mode"], clock["now"]), ("virtual", "2030-01-01T00:00:04.000Z"))
        self.assertEqual(again.admin("clock", session="unused")["mode"], "scaled")
        self.assertEqual(again.get(f"{RUNS}/x", headers=BEARER, session="other").status, 404)
        again.post("/__admin/reset", session="mine")
        self.assertEqual(again.admin("clock", session="mine")["now"], "2030-01-01T00:00:00.000Z")
        self.assertEqual(again.stop(), 0, again.stderr())

    def test_a_clock_that_stands_stands_afterwards(self):
        mock = self.start("cancels", "--clock", "scaled:1000", "--state", str(self.file))
        mock.post(RUNS, {"prompt": "hi"}, headers=BEARER)
        self.assertEqual(mock.post("/__admin/clock/freeze").status, 200)
        now = mock.admin("clock")["now"]
        self.assertEqual(mock.stop(), 0, mock.stderr())
        again = self.start("cancels", "--clock", "scaled:1000", "--state", str(self.file))
        self.assertEqual(again.admin("clock")["now"], now)
        self.assertEqual(again.post("/__admin/clock/thaw").status, 200)
        self.assertGreater(again.admin("clock")["now"], now)
        self.assertEqual(again.stop(), 0, again.stderr())

    def test_what_does_not_fit_is_refused_as_a_whole(self):
        large = self.start("cancels", *VIRTUAL)
        for number in range(20):
            large.post(RUNS, {"prompt": f"{number} " + "x" * 20000}, headers=BEARER)
        small = self.start("cancels", *VIRTUAL, "--session-bytes", "300k")
        before = export(small)
        answer = put(small, export(large))
        self.assertEqual(answer.status, 400)
        self.assertIn("--session-bytes allows", answer.text)
        self.assertEqual(export(small), before)

    def test_a_save_goes_on_while_clients_play(self):
        mock = self.start("cancels", "schedules", "--clock", "scaled:20", "--state", str(self.file), "--state-every", "1")
        stop = threading.Event()

        def play(name):
            while not stop.is_set():
                mock.post(RUNS, {"prompt": name}, headers=BEARER, session=name)
                export(mock, "?all=true")

        clients = [threading.Thread(target=play, args=(f"s{number}",)) for number in range(3)]
        for client in clients:
            client.start()
        seen = set()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            time.sleep(0.005)
            if self.file.exists():
                text = self.file.read_text(encoding="utf-8")
                json.loads(text)
                seen.add(len(text))
            if len(seen) > 3:
                break
        stop.set()
        for client in clients:
            client.join(30)
        self.assertGreater(len(seen), 3, "saved again and again")
        self.assertEqual(mock.stop(), 0, mock.stderr())

    def test_every_state_fits_its_schema(self):
        text = (ROOT / "contracts/schemas/state.schema.json").read_text(encoding="utf-8")
        schema = json.loads(text.replace("#/$defs/", "#/components/schemas/"))
        parts = schema.pop("$defs")
        document = {"openapi": "3.1.0", "info": {"title": "states", "version": "1"}, "paths": {"/check": {"post": {
            "operationId": "check", "requestBody": {"required": True, "content": {"application/json": {
                "schema": schema}}}, "responses": {"204": {"description": "it fits"}}}}}, "components": {"schemas": parts}}
        checker_file = self.file.with_name("checker.json")
        checker_file.write_text(json.dumps(document), encoding="utf-8")
        checker = self.start("--openapi", f"checker={checker_file}", data=[])
        hooks = Receiver(500)
        self.addCleanup(hooks.close)
        mock = self.start(*VIRTUAL)
        mock.post(RUNS, {"prompt": "hi"}, headers=BEARER)
        self.routine(mock, callback_url=hooks.url)
        mock.advance("2h30m")
        mock.advance("500ms")
        mock.post("/__admin/sessions", {"name": "d", "seed": 5, "clock": "scaled:3", "expires_after": "1h",
                                        "outcomes": ["cancels.run=success"]})
        mock.post("/__admin/outcomes", {"outcome": "cancels.run=success", "times": 2})
        text = export(mock, "?all=true")
        for state in (text, (ROOT / "tests/fuzz/corpus/state/hand.json").read_text(encoding="utf-8")):
            answer = checker.request("POST", "/checker/check", state, JSON)
            self.assertEqual(answer.status, 204, answer)
        wrong = checker.request("POST", "/checker/check", text.replace('"serial"', '"sreial"', 1), JSON)
        self.assertEqual(wrong.status // 100, 4, wrong)


if __name__ == "__main__":
    main()
