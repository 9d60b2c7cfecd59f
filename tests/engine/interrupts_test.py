#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Page `interrupts`: a run that asks, waits for its answer and goes on; blocking waits; a thread whose state is derived."""

import threading
import time

from engine_test import Cases, main
from waiting import until

NOWHERE = "00000000-0000-4000-8000-00000000dead"


class Interrupts(Cases):
    page = "interrupts"

    def thread(self):
        return self.client.post("/threads").body["thread_id"]

    def run_in(self, thread, body, outcome=None):
        headers = {"X_Dryrun_Outcome": outcome} if outcome else {}
        answer = self.client.post(f"/threads/{thread}/runs", body, **headers)
        self.assertEqual(answer.status, 200, answer.text)
        return f"/threads/{thread}/runs/" + answer.body["run_id"]

    def states(self, thread, run):
        return self.client.get("/threads/" + thread).body["status"], self.client.get(run).body["status"]

    def test_ask_wait_resume(self):
        thread = self.thread()
        run = self.run_in(thread, {"input": {"ask": True}})
        self.case("busy at once", self.states(thread, run), ("busy", "pending"))
        answer = self.client.get(run + "/wait")
        shown = self.client.get(run).body
        question = {"type": "interrupt", "interrupt": {"approval": {"draft": "Hello"}}}
        self.case("the wait ends with the question", answer.brief, (200, {"run": shown, "output": question}))
        self.explained("waited", answer, 200, "waitRun", "run=interrupted", "waitRun")
        self.case("after just as long as it takes", (shown["updated_at"], self.client.now()[:23]),
                  ("2026-01-01T00:00:00.300Z", "2026-01-01T00:00:00.300"))
        self.case("both are interrupted", self.states(thread, run), ("interrupted", "interrupted"))
        self.client.advance("10h")
        self.case("for as long as nobody answers", self.states(thread, run), ("interrupted", "interrupted"))
        answer = self.client.post(run, {"approved": True})
        self.explained("resumed", answer, 200, "resumeRun", "run=pending", "to: pending")
        answer = self.client.get(run + "/wait")
        self.case("ends with the partial output and the answer", (answer.status, answer.body["output"]),
                  (200, {"type": "result", "values": {"approved": True}}))
        self.case("300 ms later", answer.body["run"]["updated_at"], "2026-01-01T10:00:00.600Z")
        self.case("both at rest", self.states(thread, run), ("idle", "success"))

    def test_resume_in_every_state(self):
        text = "the run is {}, nothing to resume".format
        for state, outcome, after in [("pending", "ask", "0s"), ("success", "succeed", "300ms"),
                                      ("error", "fail", "300ms")]:
            run = self.run_in(self.thread(), {}, outcome)
            self.client.advance(after)
            answer = self.client.post(run, {"approved": True})
            self.case(f"resume in {state}", answer.brief, (409, text(state)))
            self.explained(f"resume in {state}", answer, 409, "resumeRun", "run=" + state, "not_interrupted")
        thread = self.thread()
        run = self.run_in(thread, {"input": {"ask": True}})
        self.client.advance("300ms")
        for body in ({}, {"approved": "yes"}, {"yes": True}):
            answer = self.client.post(run, body)
            self.case(f"an answer that does not fit: {body}", answer.brief,
                      (422, "the payload does not fit the question"))
            self.case_true("is refused by its row", "bad_resume" in self.row_at(answer.rule))
        self.case("is still asked", self.states(thread, run), ("interrupted", "interrupted"))
        for body in (None, b"[]", b"{"):
            headers = {"Content_Type": "application/json"} if body else {}
            self.case(f"no object: {body}", self.client.post(run, body, **headers).status, 422)
        self.case("no is an answer, too", self.client.post(run, {"approved": False}).status, 200)
        self.case("once", self.client.post(run, {"approved": False}).status, 409)
        self.case("and is seen", self.client.get(run + "/wait").body["output"]["values"], {"approved": False})

    def test_wait_in_every_state(self):
        thread = self.thread()
        for outcome, output in [("succeed", "result"), ("fail", "error"), ("ask", "interrupt")]:
            run = self.run_in(thread, {}, outcome)
            self.case(f"parked until {output}", self.client.get(run + "/wait").body["output"]["type"], output)
            before = self.client.now()
            self.case(f"at once in {output}", self.client.get(run + "/wait").body["output"]["type"], output)
            self.case("takes no time", self.client.now(), before)

    def test_a_wait_ends_in_granted_time(self):
        run = self.run_in(self.thread(), {}, "hang")
        began = time.monotonic()
        answer = self.client.get(run + "/wait")
        self.case("204 without a body", answer.brief, (204, None))
        self.case("300 s later", self.client.now()[:19], "2026-01-01T00:05:00")
        self.case("in no time at all", time.monotonic() - began < 30, True)

    def test_a_wait_for_what_goes(self):
        thread = self.thread()
        run = self.run_in(thread, {}, "hang")
        self.client.participants(2)
        waiter = self.another()
        waiter.send("GET", run + "/wait")
        until(lambda: self.client.admin("GET", "/clock")["parked"] == 1)
        self.case("rollback takes it away", self.client.post(f"/threads/{thread}/runs",
                  {"multitask": "rollback"}).status, 200)
        answer = waiter.connection.getresponse()
        self.case("the wait says so", (answer.status, answer.read()), (404, b'"Run not found"'))

    def test_a_client_that_leaves_frees_its_place(self):
        run = self.run_in(self.thread(), {}, "hang")
        self.client.participants(3)  # nobody is granted time
        leaver = self.another()
        leaver.send("GET", run + "/wait")
        until(lambda: self.client.admin("GET", "/clock")["parked"] == 1)
        leaver.close()
        until(lambda: self.client.admin("GET", "/clock")["parked"] == 0)
        clock = self.client.admin("GET", "/clock")
        self.case("nothing runs, no time has passed", (clock["running"], clock["now"][:19]),
                  (0, "2026-01-01T00:00:00"))
        self.client.participants(1)
        self.case("others are served", self.client.get(run + "/wait").status, 204)

    def test_a_reset_ends_what_is_parked(self):
        run = self.run_in(self.thread(), {}, "hang")
        self.client.participants(9)
        waiters = [self.another() for _ in range(4)]
        for waiter in waiters:
            waiter.send("GET", run + "/wait")
        until(lambda: self.client.admin("GET", "/clock")["parked"] == 4)
        self.client.admin("POST", "/reset")
        ends = []
        for waiter in waiters:
            try:
                ends.append(waiter.connection.getresponse().status)
            except OSError:
                ends.append("closed")
        self.case("each ends, none with a success", [end for end in ends if end in (200, 204)], [])
        self.case("the new session knows nothing", self.client.get(run).status, 404)

    def test_threads_and_their_runs(self):
        thread = self.thread()
        answer = self.client.get("/threads/" + thread)
        self.case("a thread", answer.body, {"thread_id": thread, "status": "idle",
                  "created_at": "2026-01-01T00:00:00.000Z", "updated_at": "2026-01-01T00:00:00.000Z"})
        run = self.run_in(thread, {}, "hang")
        second = self.client.post(f"/threads/{thread}/runs", {})
        self.case("one at a time", second.brief, (409, "the thread has a pending run"))
        self.explained("refused", second, 409, "createRun", "thread=busy", "thread_busy")
        answer = self.client("DELETE", "/threads/" + thread)
        self.case("busy threads stay", answer.brief, (409, "the thread has a pending run"))
        answer = self.client.post(f"/threads/{thread}/runs", {"multitask": "rollback"})
        self.case("rollback", (answer.status, self.client.get(run).status), (200, 404))
        newer = f"/threads/{thread}/runs/" + answer.body["run_id"]
        other = self.thread()
        self.case("found under its own thread only",
                  self.client.get(newer.replace(thread, other)).brief, (404, "Run not found"))
        self.client.advance("1s")
        self.explained("read", self.client.get(newer), 200, "getRun", "run=success", "getRun")
        answer = self.client("DELETE", "/threads/" + thread)
        self.case("deleted", answer.brief, (204, None))
        self.explained("deleted", answer, 204, "deleteThread", "thread=absent", "to: absent")
        for path in ("/threads/" + thread, newer, newer + "/wait"):
            self.case("with its runs: " + path[-12:], self.client.get(path).brief, (404, "Thread not found"))
        self.case("twice", self.client("DELETE", "/threads/" + thread).brief, (404, "Thread not found"))
        self.case("in it nothing starts", self.client.post(f"/threads/{thread}/runs", {}).brief,
                  (404, "Thread not found"))

    def test_a_derived_state_follows_the_youngest(self):
        thread = self.thread()
        self.run_in(thread, {}, "ask")
        self.client.advance("1s")
        self.case("asked", self.client.get("/threads/" + thread).body["status"], "interrupted")
        self.run_in(thread, {}, "succeed")
        self.case("busy comes first", self.client.get("/threads/" + thread).body["status"], "busy")
        self.client.advance("1s")
        self.case("an old question counts no more", self.client.get("/threads/" + thread).body["status"], "idle")

    def test_what_does_not_fit(self):
        thread = self.thread()
        for body in ({"multitask": "maybe"}, {"input": 1}, [], "x"):
            answer = self.client.post(f"/threads/{thread}/runs", body if body != "x" else b'"x"',
                                      Content_Type="application/json")
            self.case(f"refused: {body}", (answer.status, answer.body[:9]), (422, "invalid: "))
        for method, path in [("GET", "/threads/" + NOWHERE), ("GET", f"/threads/{thread}/runs/{NOWHERE}"),
                             ("GET", f"/threads/{thread}/runs/{NOWHERE}/wait"), ("DELETE", "/threads/" + NOWHERE)]:
            self.case(f"{method} {path[:20]}", self.client(method, path).status, 404)
        answer = self.client.get("/threads")
        self.case("405", (answer.status, answer.headers["Allow"]), (405, "OPTIONS, POST"))

    def test_many_waits_end_together(self):
        run = self.run_in(self.thread(), {}, "ask")
        self.client.participants(8)
        seen = []

        def wait():
            client = self.another()
            answer = client.get(run + "/wait")
            seen.append((answer.status, answer.text, answer.headers["Date"]))

        threads = [threading.Thread(target=wait) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        self.case("eight answers, all the same", (len(seen), len(set(seen)), seen[0][0]), (8, 1, 200))


if __name__ == "__main__":
    main()
