#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Page `tools`: streams with child steps in their exact order, resumed and repeated; tool outputs, expiry, cancelling."""

import threading

from engine_test import Cases, frames_of, main

EPOCH = 1767225600
DONE = ("done", None, "[DONE]")
WORDS = ["That", " is", " done."]


class Tools(Cases):
    page = "tools"

    def start(self, body=None, outcome=None):
        headers = {"X_Dryrun_Outcome": outcome} if outcome else {}
        answer = self.client.post("/runs", body or {}, **headers)
        self.assertEqual(answer.status, 200, answer.text)
        return answer.body["id"]

    def shown(self, run):
        return self.client.get("/runs/" + run).body

    def steps(self, run):
        return self.client.get(f"/runs/{run}/steps").body["data"]

    def asked(self, tools):
        run = self.start({"tools": tools})
        self.client.advance("700ms")
        shown = self.shown(run)
        self.assertEqual(shown["status"], "requires_action")
        return run, shown["calls"]

    def names(self, frames):
        return [(event, number) for event, number, _ in frames]

    def test_a_stream_from_birth_to_end(self):
        answer = self.client.stream("POST", "/api/projects/x/runs", {"stream": True})
        self.case("head", (answer.status, answer.headers["Content-Type"], answer.header("Operation")),
                  (200, "text/event-stream", "createRun"))
        self.case("events in order, numbered", self.names(answer.frames),
                  [("run.created", "1"), ("run.queued", "2"), ("run.in_progress", "3"), ("step.created", "4"),
                   ("step.in_progress", "5"), ("step.delta", "6"), ("step.delta", "7"), ("step.delta", "8"),
                   ("step.completed", "9"), ("run.completed", "10"), ("done", None)])
        data = [data for _, _, data in answer.frames]
        run, step = data[0]["id"], data[3]["id"]
        queued = {"id": run, "status": "queued", "created_at": EPOCH, "started_at": None, "completed_at": None}
        queued |= {"cancelled_at": None, "tools": [], "calls": None, "usage": None}
        began = queued | {"status": "in_progress", "started_at": EPOCH}
        over = began | {"status": "completed", "completed_at": EPOCH, "usage": {"total_tokens": 27}}
        self.case("the run as it was then", [data[0], data[1], data[2], data[9]], [queued, queued, began, over])
        new = {"id": step, "run_id": run, "status": "in_progress", "output": None, "completed_at": None}
        self.case("its step as it was then", [data[3], data[4], data[8]],
                  [new, new, new | {"status": "completed", "output": "That is done.", "completed_at": EPOCH}])
        self.case("deltas", data[5:8], [{"delta": word} for word in WORDS])
        self.case("it took its time", self.client.now()[:23], "2026-01-01T00:00:00.750")
        self.case("and is so now", (self.shown(run), self.steps(run)), (over, [data[8]]))

    def test_streams_are_resumed_anywhere(self):
        run = self.start()
        whole = self.client.stream("GET", f"/runs/{run}/events").frames
        self.case("from before the beginning", len(whole), 11)
        for after in range(11):
            path = f"/runs/{run}/events"
            self.case(f"after {after}", self.client.stream("GET", f"{path}?after={after}").frames, whole[after:])
            self.case(f"Last-Event-ID {after}",
                      self.client.stream("GET", path, Last_Event_ID=str(after)).frames, whole[after:])
        self.case("the query wins", self.client.stream("GET", f"/runs/{run}/events?after=7",
                                                      Last_Event_ID="1").frames, whole[7:])
        self.case("beyond the end", self.client.stream("GET", f"/runs/{run}/events?after=99").frames, [DONE])
        self.case("below", self.client.get(f"/runs/{run}/events?after=-1").status, 400)

    def test_a_stream_ends_where_a_client_must_act(self):
        answer = self.client.stream("POST", "/runs", {"tools": ["add", "mul"], "stream": True})
        self.case("up to the question", self.names(answer.frames),
                  [("run.created", "1"), ("run.queued", "2"), ("run.in_progress", "3"), ("step.created", "4"),
                   ("step.in_progress", "5"), ("run.requires_action", "6"), ("done", None)])
        asked = answer.frames[5][2]
        run, calls = asked["id"], asked["calls"]
        self.case("calls for each tool", [call["name"] for call in calls], ["add", "mul"])
        self.case("with ids of their own", len({call["id"] for call in calls}), 2)
        self.case("no time goes by", self.client.now()[:23], "2026-01-01T00:00:00.700")
        outputs = [{"id": call["id"], "output": call["name"]} for call in calls]
        answer = self.client.stream("POST", f"/runs/{run}/outputs", {"stream": True, "outputs": outputs})
        self.explained("outputs", answer, 200, "submitOutputs", "run=queued", "to: queued")
        self.case("goes on behind what was seen", self.names(answer.frames),
                  [("step.completed", "7"), ("run.queued", "8"), ("run.in_progress", "9"), ("run.completed", "10"),
                   ("done", None)])
        self.case("the step has its output", answer.frames[0][2]["output"], "add")
        self.case("no calls are left", [frame[2]["calls"] for frame in answer.frames[1:4]], [None] * 3)
        again = self.client.stream("GET", f"/runs/{run}/events?after=4").frames
        self.case("the whole again", self.names(again)[2:], self.names(answer.frames))

    def test_outputs_in_every_state(self):
        for state, outcome, after in [("queued", "complete", "0s"), ("in_progress", "complete", "500ms"),
                                      ("completed", "complete", "1s"), ("failed", "fail", "1s")]:
            run = self.start({}, outcome)
            self.client.advance(after)
            answer = self.client.post(f"/runs/{run}/outputs", {"outputs": [{"id": "x", "output": "1"}]})
            message = f"Runs in status '{state}' do not accept tool outputs."
            self.case(f"outputs in {state}", answer.brief, (400, {"error": {"code": "no_outputs", "message": message}}))
            self.explained(f"outputs in {state}", answer, 400, "submitOutputs", "run=" + state, "no_outputs")
        run, calls = self.asked(["add", "mul"])
        for outputs in ([], [{"id": calls[0]["id"], "output": "1"}], [{"id": "x", "output": "1"}]):
            answer = self.client.post(f"/runs/{run}/outputs", {"outputs": outputs})
            self.case(f"{len(outputs)} outputs", (answer.status, answer.body["error"]["code"]), (400, "wrong_outputs"))
        self.case("nothing has changed", self.shown(run)["calls"], calls)
        answer = self.client.post(f"/runs/{run}/outputs",
                                  {"outputs": [{"id": call["id"], "output": "1"} for call in calls]})
        self.case("all of them", (answer.status, answer.body["status"], answer.body["calls"]), (200, "queued", None))

    def test_expiry(self):
        run, _ = self.asked(["add"])
        self.client.advance("9m59s")
        self.case("not yet", self.shown(run)["status"], "requires_action")
        self.client.advance("1s")
        self.case("ten minutes after it was asked", (self.shown(run)["status"], self.shown(run)["calls"]),
                  ("expired", None))
        self.case("and its step with it", [step["status"] for step in self.steps(run)], ["expired"])
        answer = self.client.post(f"/runs/{run}/outputs", {"outputs": []})
        self.explained("too late", answer, 400, "submitOutputs", "run=expired", "no_outputs")
        answer = self.client.post(f"/runs/{run}/cancel")
        self.explained("too late to cancel", answer, 400, "cancelRun", "run=expired", "no_cancel")
        history = self.client.admin("GET", f"/resources/{run}/history")
        self.case_true("the admin API tells its moves", "expired" in str(history))

    def test_an_answered_question_does_not_expire(self):
        run, calls = self.asked(["add"])
        self.client.post(f"/runs/{run}/outputs", {"outputs": [{"id": calls[0]["id"], "output": "1"}]})
        self.client.advance("1h")
        self.case("completed", self.shown(run)["status"], "completed")

    def test_cancel_in_every_state(self):
        for state, body, after in [("queued", {}, "0s"), ("in_progress", {}, "520ms"),
                                   ("requires_action", {"tools": ["add"]}, "700ms")]:
            run = self.start(body)
            self.client.advance(after)
            self.case("before", self.shown(run)["status"], state)
            answer = self.client.post(f"/runs/{run}/cancel")
            self.explained(f"cancel in {state}", answer, 200, "cancelRun", "run=cancelling", "to: cancelling")
            self.case("in between", (answer.body["status"], answer.body["cancelled_at"]), ("cancelling", None))
            again = self.client.post(f"/runs/{run}/cancel")
            self.explained("cancel in cancelling", again, 400, "cancelRun", "run=cancelling", "no_cancel")
            outputs = self.client.post(f"/runs/{run}/outputs", {"outputs": []})
            self.explained("outputs in cancelling", outputs, 400, "submitOutputs", "run=cancelling", "no_outputs")
            self.client.advance("399ms")
            self.case("still", self.shown(run)["status"], "cancelling")
            self.client.advance("1ms")
            self.case("cancelled", self.shown(run)["status"], "cancelled")
            self.case("steps with it", {step["status"] for step in self.steps(run)} - {"cancelled"}, set())
            self.case("partial output is kept", [step["output"] for step in self.steps(run)],
                      [None] * len(self.steps(run)))
        for state, outcome in [("completed", "complete"), ("failed", "fail")]:
            run = self.start({}, outcome)
            self.client.advance("1s")
            answer = self.client.post(f"/runs/{run}/cancel")
            message = f"Cannot cancel a run with status '{state}'."
            self.case(f"cancel in {state}", answer.brief, (400, {"error": {"code": "no_cancel", "message": message}}))

    def test_a_stream_sees_a_cancel(self):
        run = self.start()
        self.client.participants(2)
        seen = []
        other = self.another()
        thread = threading.Thread(target=lambda: seen.append(other.stream("GET", f"/runs/{run}/events")))
        thread.start()
        self.client.sleep("570ms")
        self.client.post(f"/runs/{run}/cancel")
        self.client.sleep("400ms")  # no longer: the stream ends then, and one alone is granted nothing
        thread.join()
        self.case("what had come, then the end", self.names(seen[0].frames),
                  [("run.created", "1"), ("run.queued", "2"), ("run.in_progress", "3"), ("step.created", "4"),
                   ("step.in_progress", "5"), ("step.delta", "6"), ("run.cancelling", "7"),
                   ("step.cancelled", "8"), ("run.cancelled", "9"), ("done", None)])

    def test_errors(self):
        for method, path, body in [("GET", "/runs/run_x", None), ("POST", "/runs/run_x/cancel", None),
                                   ("GET", "/runs/run_x/events", None), ("GET", "/runs/run_x/steps", None),
                                   ("POST", "/runs/run_x/outputs", {"outputs": []})]:
            answer = self.client(method, path, body)
            self.case(f"{method} {path}", answer.brief, (404, {"error": {
                "code": "not_found", "message": "No run found with id 'run_x'."}}))
        for body in (None, {"tools": "add"}, {"tools": [1]}, {"stream": "yes"}):
            self.case(f"400 {body}", self.client.post("/runs", body).body["error"]["code"], "invalid")
        run, _ = self.asked(["add"])
        for body in (None, {}, {"outputs": [{}]}, {"outputs": [{"id": 1, "output": "x"}]}):
            self.case(f"400 {body}", self.client.post(f"/runs/{run}/outputs", body).body["error"]["code"], "invalid")

    def test_streams_are_read_while_they_come(self):
        self.client.participants(2)
        other = self.another()
        other.send("POST", "/runs", {"stream": True})
        answer = other.connection.getresponse()
        text = b""
        while b"run.queued" not in text:
            text += answer.read1(4096)
        self.case("the first alone", [frame[0] for frame in frames_of(text.decode())][:1], ["run.created"])
        self.client.sleep("500ms")
        while b"step.in_progress" not in text:
            text += answer.read1(4096)
        self.case("then what half a second brought", [frame[0] for frame in frames_of(text.decode())],
                  ["run.created", "run.queued", "run.in_progress", "step.created", "step.in_progress"])
        self.client.participants(1)
        text += answer.read()
        self.case("then the rest", len(frames_of(text.decode())), 11)


if __name__ == "__main__":
    main()
