#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Verifying what was called, against an engine that moves: what did each move and by which line of the data, webhooks in
the journal, waits until all is quiet, faults that were played, many clients at once."""

import threading

from engine_test import Cases, main
from waiting import Receiver


class Verifying(Cases):
    __test__ = False

    def history(self, resource):
        moves = self.client.admin("GET", f"/resources/{resource}/history")["moves"]
        return [(move["to"], move["by"], move["cause"]) for move in moves], moves

    def said(self, move):
        """The line of the data that a move names, without its blanks."""
        file, line = move["rule"].rsplit(":", 1)
        with open(file, encoding="utf-8") as data:
            return data.read().split("\n")[int(line) - 1].strip()

    def verify(self, **wanted):
        answer = self.client("POST", "/__admin/verify", wanted, Accept="text/plain")
        return answer.status, answer.text

    def wait(self, until, within="60s"):
        return self.client("POST", "/__admin/wait", {"until": until, "within": within})

    def receiver(self, *statuses):
        receiver = Receiver(*statuses)
        self.addCleanup(receiver.close)
        return receiver


class Schedules(Verifying):
    page = "schedules"

    def put(self, name="nightly", **body):
        self.assertEqual(self.client("PUT", "/routines/" + name, {"cron": "30 2 * * *", **body}).status, 200)

    def test_timers_signals_and_outcomes_are_causes(self):
        self.put(listens=["bell"])
        self.client.advance("2h30m1s")
        self.client.admin("POST", "/outcomes/signal", {"signal": "something happened", "data": {"subject": "bell"}})
        first, second = [run["id"] for run in self.client.get("/routines/nightly/runs?order=asc").body["data"]]
        for name, run, by, cause, line in (("by cron", first, "timer", "fire", "fire:"), ("by a signal", second, "signal", "heard", "do:")):
            story, moves = self.history(run)
            self.case(f"{name}: born", story[0], ("queued", by, cause))
            self.case_true(f"{name}: the line", line in self.said(moves[0]) and "create: run" in self.said(moves[0]))
            self.case(f"{name}: in no exchange", "exchange" in moves[0], False)
        self.client.advance("10s")
        story, moves = self.history(first)
        self.case("then by its outcome", {by for _, by, _ in story[1:]}, {"outcome"})
        self.case_true("a step of it", all("outcomes.yaml" in move["rule"] for move in moves[1:]))
        routine, moves = self.history("nightly")
        self.case("the routine by its put", (routine, moves[0]["exchange"]), ([("enabled", "operation", "putRoutine")], 1))

    def test_webhooks_are_verified_only_when_they_are_asked_for(self):
        hooks = self.receiver(500, 200)
        self.put(callback_url=hooks.url)
        self.client.advance("2h31m")
        count = self.client.admin("GET", "/requests/count")
        self.case("only what came in", count["count"], 1)
        shown = self.client.admin("GET", "/requests")["requests"]
        self.case("both are shown", [(entry.get("operation"), entry.get("callback")) for entry in shown],
                  [("putRoutine", None), (None, "run_ended"), (None, "run_ended")])
        self.case("by name", self.client.admin("GET", "/requests/count?callback=run_ended")["count"], 2)
        self.case("delivered once", self.verify(callback="run_ended", status="2xx", times=1)[0], 200)
        status, text = self.verify(callback="run_ended", body={"/phase": "failed"})
        self.case("their bodies are looked at", status, 417)
        self.case_true("and told", 'body /phase: expected "failed" but was "completed"' in text)
        self.case("refused, then taken", self.verify(in_order=[{"callback": "run_ended", "status": 500}, {"callback": "*", "status": 200}])[0], 417)
        self.case("with a scope of both sides", self.verify(
            callback="*", exact=True, in_order=[{"callback": "run_ended", "status": 500}, {"callback": "*", "status": 200}])[0], 200)

    def test_a_wait_until_all_is_quiet_stops_time_there(self):
        hooks = self.receiver(503, 200)
        self.put(callback_url=hooks.url, cron="0 2 * * *")
        answer = self.wait({"idle": True})
        self.case("schedules alone are no unrest", (answer.status, answer.body["now"]), (200, "2026-01-01T00:00:00.000Z"))
        self.client.advance("2h")
        answer = self.wait({"idle": True}, "1h")
        self.case("all has come", (answer.status, answer.body["reached"], len(hooks.calls)), (200, True, 2))
        story = self.client.get("/routines/nightly/runs").body["data"][0]
        self.case("the run is over and told", (story["phase"], story["callback_status"]), ("completed", 200))
        self.case_true("and no later than that", "2026-01-01T02:00:00" < answer.body["now"] < "2026-01-01T02:01:00")
        self.put("bad", cron="30 2 * * *", answers=[503, 503, 503, 200])
        self.client.advance("30m")
        answer = self.wait({"idle": True}, "10ms")
        self.case("within its time or not at all", (answer.status, answer.body["reached"]), (409, False))

    def test_moves_of_a_deleted_resource_are_gone_but_its_exchanges_are_told(self):
        self.put()
        self.client("DELETE", "/routines/nightly")
        story = self.client.admin("GET", "/resources/nightly/history")
        self.case("absent", (story["state"], [entry["operation"] for entry in story["exchanges"]]), ("absent", ["putRoutine", "deleteRoutine"]))

    def test_faults_that_were_played_can_be_asked_for(self):
        self.put()
        answer = self.client.get("/routines/nightly", X_Dryrun_Fault="status=503")
        self.case("it was played", answer.status, 503)
        self.case("by name", self.client.admin("GET", "/requests/count?fault=status")["count"], 1)
        self.case("any", self.client.admin("GET", "/requests?fault=*")["requests"][0]["faults"], ["status"])
        refused = self.client.get("/__admin/requests?fault=statos")
        self.case("no such fault", (refused.status, refused.body["problems"]), (400, ["there is no fault 'statos', did you mean 'status'?"]))
        status, text = self.verify(operation="putRoutine", fault="status")
        self.case_true("near", status == 417 and "the fault was not played on it: status" in text)
        self.case("retried without it", self.verify(in_order=[{"fault": "status", "status": 503}, "getRoutine"])[0], 417)
        self.client.get("/routines/nightly")
        self.case("and then with success", self.verify(in_order=[{"fault": "status", "status": 503}, {"operation": "getRoutine", "status": 200}])[0], 200)
        answer = self.client.get("/routines/nightly", X_Dryrun_Fault="schema_mutation=null")
        self.case_true("one that says what it did", answer.header("Fault").startswith("schema_mutation; "))
        self.case("has its name", (self.verify(fault="schema_mutation", times=1)[0], self.verify(fault=["status", "schema_mutation"], times=2)[0]), (200, 200))

    def test_many_clients_at_once_lose_no_request(self):
        def ask(client):
            for _ in range(25):
                client.get("/routines/nightly")

        self.put()
        wait = self.another()
        waited = threading.Thread(target=lambda: wait.admin("POST", "/wait", {"until": {"requests": 200, "operation": "getRoutine"}, "within": "1h"}))
        self.client.participants(10)
        waited.start()
        threads = [threading.Thread(target=ask, args=[self.another()]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for _ in range(20):
            self.verify(operation="getRoutine", body={"/x": {"exists": False}}, times={"at_most": 200})
        for thread in threads + [waited]:
            thread.join()
        self.case("each is there", self.verify(operation="getRoutine", status=200, times=200), (200, "kept: getRoutine, status 200: expected exactly 200, came 200\n"))


class Tools(Verifying):
    page = "tools"

    def test_expiries_and_what_follows_from_them_are_told_by_their_lines(self):
        run = self.client.post("/runs", {"tools": ["search"]}).body["id"]
        self.client.advance("1h")
        story, moves = self.history(run)
        self.case("expired", story[-1], ("expired", "timer", "expiry"))
        self.case_true("its line", self.said(moves[-1]).startswith("expiry:"))
        run = self.client.post("/runs", {}).body["id"]
        self.client.advance("600ms")
        steps = self.client.get(f"/runs/{run}/steps").body["data"]
        self.client.post(f"/runs/{run}/cancel")
        self.case("a step goes on", [step["status"] for step in steps], ["in_progress"])
        self.client.advance("1h")
        story, moves = self.history(steps[0]["id"])
        self.case("it ends with its run", story[-1][0], "cancelled")
        self.case_true("for the row that says so", "$run.status == 'cancelled'" in self.said(moves[-1]))


class Guests(Verifying):
    page = "guests"

    def test_a_client_that_leaves_is_a_cause(self):
        self.client.participants(9)  # nobody is granted time
        visit = self.client.post("/forms/free/visits", {}).body["id"]
        leaver = self.another()
        leaver.send("GET", f"/visits/{visit}/wait")
        while not self.client.admin("GET", "/clock")["parked"]:
            pass
        leaver.close()
        self.client.admin("POST", "/wait", {"until": {"resource": visit, "state": "left"}})
        story, moves = self.history(visit)
        self.case("it left", story[-1], ("left", "client", "its client left"))
        self.case("in its exchange", moves[-1]["exchange"], 2)


if __name__ == "__main__":
    main()
