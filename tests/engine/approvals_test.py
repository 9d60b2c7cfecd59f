#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Page `approvals`: a run that asks ends; the answer makes a new one. A talk's state is that of its youngest run."""

from engine_test import Cases, main

TALK = "/talks/talk-1"


class Approvals(Cases):
    page = "approvals"

    def send(self, body, **headers):
        return self.client.post(TALK + "/messages", body, **headers)

    def shown(self, run):
        return self.client.get("/runs/" + run).body

    def talk(self):
        return self.client.get(TALK).body

    def ask(self):
        run = self.send({"text": "delete it"}).body["id"]
        self.client.advance("1s")
        return run, self.shown(run)["request"]["id"]

    def test_a_plain_message(self):
        self.case("the talk", self.client.get(TALK).brief, (200, {"id": "talk-1", "status": "open"}))
        answer = self.send({"text": "hello"})
        run = answer.body["id"]
        created = {"id": run, "talk_id": "talk-1", "status": "created", "stop_reason": None, "request": None}
        created |= {"created_at": "2026-01-01T00:00:00.000000Z", "completed_at": None}
        self.case("its body, unset members as null", answer.brief, (200, created))
        self.explained("sent", answer, 200, "send", "run=created", "to: created")
        self.client.advance("20ms")
        self.case("running", self.shown(run)["status"], "running")
        self.client.advance("399ms")
        self.case("still", self.shown(run)["status"], "running")
        self.client.advance("1ms")
        done = self.client.get("/latest/runs/" + run)
        self.case("completed", done.body, created | {"status": "completed", "stop_reason": "end_turn",
                                                     "completed_at": "2026-01-01T00:00:00.420000Z"})
        self.explained("read", done, 200, "getRun", "run=completed", "getRun")

    def test_an_approval_makes_a_new_run(self):
        first, request = self.ask()
        shown = self.client.get("/runs/" + first)
        self.case("the wire shows what it refines", (shown.body["status"], shown.body["stop_reason"]),
                  ("completed", "requires_approval"))
        self.explained("but the mock tells it", shown, 200, "getRun", "run=awaiting_approval", "getRun")
        self.case("the talk waits", self.talk()["status"], "awaiting")
        for name, body, status, detail in [
                ("more text", {"text": "more"}, 409, "an approval is pending"),
                ("another request", {"approvals": [{"id": "no", "approve": True}]}, 400, f'expected ["{request}"]'),
                ("none", {"approvals": []}, 400, f'expected ["{request}"]'),
                ("too many", {"approvals": [{"id": i, "approve": True} for i in (request, "x")]}, 400,
                 f'expected ["{request}"]')]:
            self.case(name, self.send(body).brief, (status, {"detail": detail}))
        answer = self.send({"approvals": [{"id": request, "approve": True}]})
        second = answer.body["id"]
        self.case("a new run", (answer.status, answer.body["status"], second == first), (200, "created", False))
        self.case("the old one stays as it was", self.shown(first), shown.body)
        self.case("the talk is open", self.talk()["status"], "open")
        self.client.advance("1s")
        self.case("the new one ends", self.shown(second)["status"], "completed")
        again = self.send({"approvals": [{"id": request, "approve": True}]})
        self.case("asked once", again.brief, (400, {"detail": "nothing is waiting for approval"}))
        self.explained("asked once", again, 400, "send", "talk=open", "nothing_pending")

    def test_refusals_name_their_row(self):
        _, request = self.ask()
        for body, status, words in [({"text": "x"}, 409, "error: pending"),
                                    ({"approvals": []}, 400, "error: wrong_answers")]:
            self.explained(words, self.send(body), status, "send", "talk=awaiting", words)
        self.case("nothing was made", len(self.client.admin("GET", "/resources?kind=run")["resources"]), 1)
        self.case("no is an answer", self.send({"approvals": [{"id": request, "approve": False}]}).status, 200)

    def test_cancel_all(self):
        answer = self.client.post(TALK + "/cancel")
        self.case("nobody is there", answer.brief, (409, {"detail": "no active runs"}))
        self.explained("nobody is there", answer, 409, "cancelAll", "talk=open", "error: idle")
        asked, _ = self.ask()
        ended = self.send({"text": "x"}, X_Dryrun_Outcome="fail")
        self.case("not while it waits", ended.status, 409)
        verdicts = self.client.post(TALK + "/cancel")
        self.case("one that waits for approval", verdicts.brief, (200, {asked: "cancelled"}))
        self.case("is cancelled and keeps its end", (self.shown(asked)["status"], self.shown(asked)["stop_reason"],
                  self.shown(asked)["completed_at"]), ("cancelled", "cancelled", "2026-01-01T00:00:00.420000Z"))
        self.case("and nothing is asked", self.talk()["status"], "open")
        done = self.send({"text": "done"}).body["id"]
        self.client.advance("1s")
        running = self.send({"text": "running"}).body["id"]
        self.client.advance("30ms")
        created = self.send({"text": "created"}).body["id"]
        verdicts = self.client.post(TALK + "/cancel")
        self.case("a verdict each", verdicts.brief, (200, {running: "cancelled", created: "cancelled"}))
        self.explained("a verdict each", verdicts, 200, "cancelAll", "talk=open", "")
        self.client.advance("1h")
        self.case("for good", [self.shown(run)["status"] for run in (asked, done, running, created)],
                  ["cancelled", "completed", "cancelled", "cancelled"])
        self.case("twice", self.client.post(TALK + "/cancel").status, 409)

    def test_a_failure(self):
        run = self.send({"text": "x"}, X_Dryrun_Outcome="fail").body["id"]
        self.client.advance("420ms")
        self.case("failed", (self.shown(run)["status"], self.shown(run)["stop_reason"]), ("failed", "error"))

    def test_errors(self):
        for method, path, body, label in [("GET", "/talks/none", None, "talk"), ("GET", "/runs/none", None, "Run"),
                                          ("POST", "/talks/none/messages", {}, "talk"),
                                          ("POST", "/talks/none/cancel", None, "talk")]:
            answer = self.client(method, path, body)
            self.case(f"{method} {path}", (answer.status, answer.body["detail"].lower()),
                      (404, label.lower() + " not found"))
        for body in (None, {"text": 1}, {"approvals": [{}]}, {"approvals": "yes"}):
            self.case(f"422 {body}", self.send(body).status, 422)
        self.case("null is a text that may be", self.send({"text": None}).status, 200)


if __name__ == "__main__":
    main()
