#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Page `cancels`: the cancel table in every state, follow-ups, lists, problems with all findings, and who may ask."""

from engine_test import Cases, main

SEEDED = "00000000-0000-4000-8000-000000000001"
NOWHERE = "00000000-0000-4000-8000-00000000dead"
LABELS = {"over": "The run has ended.", "unsupported": "This run cannot be cancelled."}
TOO_EARLY = {"type": "/errors/too_early", "title": "Retry after a moment.", "status": 409, "retryable": True}

# outcome, how long until it is there, cancel's answer and its row; follow-up's next state and its row
STATES = [
    ("QUEUED", "success", "0s", 200, "to: CANCELLED", "QUEUED", "in: open"),
    ("PENDING", "success", "200ms", 409, "in: PENDING", "PENDING", "in: open"),
    ("CLAIMED", "success", "300ms", 200, "to: CANCELLED", "CLAIMED", "in: open"),
    ("INPROGRESS", "success", "600ms", 200, "to: CANCELLED", "INPROGRESS", "in: open"),
    ("SUCCEEDED", "success", "2600ms", 400, "in: terminal", "QUEUED", "[ SUCCEEDED, FAILED ]"),
    ("FAILED", "failure", "1600ms", 400, "in: terminal", "QUEUED", "[ SUCCEEDED, FAILED ]"),
    ("CANCELLED", "hang", None, 400, "in: terminal", "QUEUED", "in: CANCELLED"),
]


class Cancels(Cases):
    page = "cancels"
    headers = {"Authorization": "Bearer someone"}

    def start(self, prompt="hello", outcome=None, **body):
        headers = {"X_Dryrun_Outcome": outcome} if outcome else {}
        answer = self.client.post("/runs", dict(prompt=prompt, **body), **headers)
        self.assertEqual(answer.status, 200, answer.text)
        return answer.body["run_id"]

    def in_state(self, state, outcome, after):
        run = self.start(f"in {state}", outcome)
        if after is None:
            self.assertEqual(self.client.post(f"/runs/{run}/cancel").status, 200)
        else:
            self.client.advance(after)
        self.assertEqual(self.state(run), state)
        return run

    def state(self, run):
        return self.client.get(f"/runs/{run}").body["state"]

    def test_a_run_is_born_and_shown(self):
        answer = self.client.post("/api/v1/runs", {"prompt": "hello", "metadata": {"speed": "fast"}})
        run = answer.body["run_id"]
        expected = {"run_id": run, "state": "QUEUED", "title": "hello", "metadata": {"speed": "fast"}}
        expected |= {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
        expected |= {"executions": 1, "cancellable": True}
        self.case("the whole body, hidden members left out", answer.brief, (200, expected))
        self.explained("born", answer, 200, "createRun", "run=QUEUED", "in: absent, to: QUEUED")
        self.case("date of the virtual clock", answer.headers["Date"], "Thu, 01 Jan 2026 00:00:00 GMT")
        self.case("media type", answer.headers["Content-Type"], "application/json")
        self.case("every mount", [self.client.get(p + run).status for p in
                  ("/runs/", "/api/v1/runs/", "/cancels/runs/", "/cancels/api/v1/runs/")], [200] * 4)
        self.client.advance("10s")
        done = self.client.get("/runs/" + run)
        self.case("ended, with its time", (done.body["state"], done.body["started_at"], done.body["run_time"]),
                  ("SUCCEEDED", "2026-01-01T00:00:00Z", "PT2.6S"))
        self.explained("read", done, 200, "getRun", "run=SUCCEEDED", "getRun")

    def test_cancel_in_every_state(self):
        for state, outcome, after, status, row, _, _ in STATES:
            run = self.in_state(state, outcome, after)
            answer = self.client.post(f"/runs/{run}/cancel")
            after_it = "CANCELLED" if status == 200 else state
            self.explained(f"cancel in {state}", answer, status, "cancelRun", f"run={after_it}", row)
            if status == 200:
                self.case(f"its body is the id ({state})", answer.body, run)
            elif status == 409:
                self.case(f"problem ({state})", answer.body, TOO_EARLY)
            else:
                self.case(f"problem ({state})", answer.body,
                          {"type": "/errors/over", "title": LABELS["over"], "status": 400})
            if status != 200:
                self.case("a problem's media type", answer.headers["Content-Type"], "application/problem+json")
            self.case(f"then it is {after_it}", self.state(run), after_it)

    def test_nothing_goes_on_after_a_cancel(self):
        run = self.in_state("CLAIMED", "success", "300ms")
        self.client.post(f"/runs/{run}/cancel")
        at = self.client.get("/runs/" + run).body
        self.client.advance("1h")
        self.case("the outcome was dropped", self.client.get("/runs/" + run).body, at)

    def test_follow_up_in_every_state(self):
        for state, outcome, after, _, _, then, row in STATES:
            run = self.in_state(state, outcome, after)
            before = self.client.get("/runs/" + run).body
            answer = self.client.post(f"/runs/{run}/followups", {"message": "more"})
            self.explained(f"follow-up in {state}", answer, 200, "followUp", f"run={then}", row)
            self.case(f"its body is the id ({state})", answer.body, run)
            shown = self.client.get("/runs/" + run).body
            if then == state:
                self.case(f"delivered in {state}", shown["title"], before["title"] + ", more")
            else:
                self.case(f"another execution after {state}", (shown["state"], shown["executions"]), ("QUEUED", 2))
                self.client.advance("3s")
                self.case(f"plays again after {state}", self.state(run), "SUCCEEDED")

    def test_an_own_worker_cannot_be_cancelled(self):
        for after in ("0s", "200ms", "400ms", "3s"):
            run = self.start("own", worker="mine")
            self.client.advance(after)
            answer = self.client.post(f"/runs/{run}/cancel")
            self.case(f"422 before every other reason ({after})", answer.brief,
                      (422, {"type": "/errors/unsupported", "title": LABELS["unsupported"], "status": 422}))
            self.case_true("by the variant's row", "own_worker" in self.row_at(answer.rule))
        hosted = self.start("hosted", worker="hosted")
        self.case("hosted is not own", self.client.post(f"/runs/{hosted}/cancel").status, 200)
        self.case("as the computed member says", (self.client.get("/runs/" + run).body["cancellable"],
                                                  self.client.get("/runs/" + hosted).body["cancellable"]),
                  (False, True))

    def test_who_is_not_there(self):
        not_found = {"type": "/errors/not_found", "title": "There is no such thing.", "status": 404}
        for method, path, body in [("GET", "/runs/" + NOWHERE, None), ("POST", f"/runs/{NOWHERE}/cancel", None),
                                   ("POST", f"/runs/{NOWHERE}/followups", {"message": "x"}),
                                   ("GET", "/rums", None), ("GET", "/runs?ancestor=" + NOWHERE, None)]:
            answer = self.client(method, path, body)
            self.case(f"{method} {path}", answer.brief, (404, not_found))

    def test_methods(self):
        answer = self.client("PUT", "/runs")
        self.case("405 with Allow", (answer.status, set(answer.headers["Allow"].replace(" ", "").split(","))),
                  (405, {"GET", "HEAD", "POST", "OPTIONS"}))
        answer = self.client("OPTIONS", "/runs/" + SEEDED)
        self.case("OPTIONS", (answer.status, answer.headers["Allow"], answer.raw), (204, "GET, HEAD, OPTIONS", b""))
        plain, head = self.client.get("/runs/" + SEEDED), self.client("HEAD", "/runs/" + SEEDED)
        self.case("HEAD is GET without its body", (head.status, head.raw, head.headers["Content-Length"]),
                  (200, b"", str(len(plain.raw))))

    def test_all_that_is_wrong_is_said(self):
        answer = self.client.post("/runs", {"prompt": "", "worker": 5, "metadata": {"a": 1}})
        self.case("400", (answer.status, answer.body["type"]), (400, "/errors/invalid"))
        self.case_true("the body words the first", "prompt" in answer.body["detail"])
        for word in ("prompt", "worker", "metadata"):
            self.case_true(f"the remark names {word}", word in answer.header("Remark"))
        for name, method, path, body, headers in [
                ("no body", "POST", "/runs", None, {}),
                ("broken JSON", "POST", "/runs", b"{", {"Content_Type": "application/json"}),
                ("a key twice", "POST", "/runs", b'{"prompt":"a","prompt":"b"}', {"Content_Type": "application/json"}),
                ("another type", "POST", "/runs", b"prompt=a", {"Content_Type": "application/x-www-form-urlencoded"}),
                ("limit is no number", "GET", "/runs?limit=many", None, {}),
                ("limit too high", "GET", "/runs?limit=501", None, {}),
                ("no such state", "GET", "/runs?state=ASLEEP", None, {}),
                ("no such order", "GET", "/runs?sort_order=up", None, {}),
                ("no such cursor", "GET", "/runs?cursor=nonsense", None, {}),
                ("a parent that is not there", "POST", "/runs", {"prompt": "x", "parent": NOWHERE}, {})]:
            answer = self.client(method, path, body, **headers)
            self.case(name, (answer.status // 100, answer.body["type"]), (4, "/errors/invalid"))
        self.case("nothing was made", len(self.client.get("/runs").body["runs"]), 1)

    def test_a_credential_is_needed(self):
        stranger = self.engine.client("test_a_credential_is_needed")
        answer = stranger.get("/runs")
        self.case("401", (answer.status, answer.body["type"]), (401, "/errors/unauthorized"))
        self.case("of any kind but bearer", stranger.get("/runs", Authorization="Basic eDp5").status, 401)
        self.case("of any value", stranger.get("/runs", Authorization="Bearer x").status, 200)
        self.case("before what is wrong", stranger.post("/runs", {}).status, 401)
        stranger.close()

    def test_pages_are_bound_to_what_was_asked(self):
        for number in range(5):
            self.start(f"p{number}", metadata={"k": str(number)})
        first = self.client.get("/runs?limit=3&sort_by=title").body
        cursor = first["page_info"]["next_cursor"]
        self.case("first page", [run["title"] for run in first["runs"]], ["seeded", "p4", "p3"])
        second = self.client.get(f"/runs?limit=3&sort_by=title&cursor={cursor}").body
        self.case("second page", [run["title"] for run in second["runs"]], ["p2", "p1", "p0"])
        self.case("is the last", second["page_info"], {"has_next_page": False})
        self.case("other sort", self.client.get(f"/runs?limit=3&cursor={cursor}").status, 400)
        self.case("other filter", self.client.get(f"/runs?limit=3&sort_by=title&q=p&cursor={cursor}").status, 400)
        self.case("other order", self.client.get(f"/runs?sort_by=title&sort_order=asc&cursor={cursor}").status, 400)
        self.start("late")
        again = self.client.get(f"/runs?limit=3&sort_by=title&cursor={cursor}").body
        self.case("a new one moves nothing", [run["title"] for run in again["runs"]], ["p2", "p1", "p0"])

    def test_filters(self):
        parent = self.start("top")
        child = self.start("middle", parent=parent)
        leaf = self.start("bottom", "hang", parent=child, metadata={"a": "1", "b": "2"})
        self.client.advance("1h")
        for query, expected in [("state=QUEUED", {"bottom"}), ("state=QUEUED&state=SUCCEEDED&q=M", {"middle", "bottom"}),
                                ("metadata%5Ba%5D=1", {"bottom"}), ("metadata%5Ba%5D=2", set()),
                                ("metadata%5Ba%5D=1&metadata%5Bb%5D=2", {"bottom"}), ("q=IDD", {"middle"}),
                                (f"ancestor={parent}", {"middle", "bottom"}), (f"ancestor={child}", {"bottom"}),
                                (f"ancestor={leaf}", set()), ("", {"top", "middle", "bottom", "seeded"})]:
            shown = self.client.get("/runs?" + query).body["runs"]
            self.case(query or "everything", {run["title"] for run in shown}, expected)
        order = [run["title"] for run in self.client.get("/runs?sort_order=asc").body["runs"]]
        self.case("oldest first, ties by birth", order, ["seeded", "top", "middle", "bottom"])

    def test_outcomes_by_header(self):
        run = self.start("x", "early")
        self.client.advance("200ms")
        self.case("pending", self.state(run), "PENDING")
        self.client.advance("1s")
        self.case("failed before it started", "started_at" in self.client.get("/runs/" + run).body, False)
        run = self.start("x", "run=failure")
        self.client.advance("2s")
        self.case("with its machine", self.state(run), "FAILED")
        self.case("chosen by the data", self._chosen("fail"), "FAILED")
        answer = self.client.post("/runs", {"prompt": "x"}, X_Dryrun_Outcome="succes")
        self.case("no such outcome", answer.status, 400)
        self.case_true("says the nearest", "did you mean" in answer.text)

    def _chosen(self, prompt):
        run = self.start(prompt)
        self.client.advance("2s")
        return self.state(run)

    def test_a_seed_was_born_before(self):
        shown = self.client.get("/runs/" + SEEDED).body
        self.case("an hour before", (shown["state"], shown["created_at"]), ("SUCCEEDED", "2025-12-31T23:00:00Z"))


if __name__ == "__main__":
    main()
