# SPDX-License-Identifier: Apache-2.0
"""The admin API's looking side: requests, near misses, resources, history, lifecycles, metrics."""
import pathlib
import re
import tempfile
import unittest

from dryrun_test import DATA, ROOT, Mock, MockCase, main

BEARER = {"Authorization": "Bearer me"}
RUNS = "/cancels/api/v1/runs"
SEEDED = "00000000-0000-4000-8000-000000000001"


def make_run(mock, prompt="hi", session=None, **headers):
    answer = mock.post(RUNS, {"prompt": prompt}, headers={**BEARER, **headers}, session=session)
    assert answer.status == 200, answer
    return answer.json()["run_id"]


def cancel(mock, run, session=None):
    return mock.post(f"{RUNS}/{run}/cancel", headers=BEARER, session=session)

SERVICES = sorted(folder.name for folder in (ROOT / DATA / "contracts").iterdir())


class Looking(MockCase):
    def setUp(self):
        self.assertEqual(self.mock.post("/__admin/reset?all=true").status, 200)

    NO_JSON = {"/metrics": "text/plain", "/dashboard": "text/html", ".css": "text/css", "/picture": "image/svg+xml"}

    def test_the_index_lists_every_route_and_each_get_of_it_answers(self):
        run = make_run(self.mock)
        routes = self.mock.admin("")["routes"]
        self.assertGreaterEqual(len(routes), 27)
        for route in routes:
            if route["method"] != "GET":
                continue
            path = (route["path"].replace("{id}", run).replace("{number}", "1").replace("{name}", "~")
                    .replace("{file}", "dashboard.css"))
            answer = self.mock.get(path)
            self.assertEqual(answer.status, 200, (path, answer))
            kind = next((kind for end, kind in self.NO_JSON.items() if path.endswith(end)), None)
            self.assertTrue(answer.headers["content-type"].startswith(kind or "application/json"), path)
            if not kind:
                answer.json()

    def test_the_documentation_has_exactly_these_routes(self):
        text = (ROOT / "docs/ADMIN.md").read_text(encoding="utf-8")
        told = re.findall(r"(?m)^\| `([A-Z]+ /__admin/[^`]*)` \|", text)
        self.assertEqual(told, [f"{route['method']} {route['path']}"
                                for route in self.mock.admin("")["routes"]])

    def test_health_ready_and_version(self):
        self.assertEqual(self.mock.admin("health"), {"status": "ok"})
        ready = self.mock.admin("ready")
        self.assertTrue(ready["ready"])
        self.assertEqual(ready["providers"], SERVICES)
        version = self.mock.admin("version")
        self.assertEqual((version["name"], version["seed"], version["clock"]),
                         ("dryrun", 1, "virtual"))

    def test_a_head_request_is_answered_without_a_body(self):
        answer = self.mock.request("HEAD", "/__admin/health")
        self.assertEqual((answer.status, answer.text), (200, ""))

    def test_requests_are_counted_exactly(self):
        run = make_run(self.mock)
        for _ in range(3):
            self.mock.get(f"{RUNS}/{run}", headers=BEARER)
        self.assertEqual(cancel(self.mock, run).status, 200)
        count = {
            "": 5, "operation=getRun": 3, "operation=cancelRun": 1,
            "operation=cancelRun&state=CANCELLED": 1, "operation=cancelRun&state=run=CANCELLED": 1,
            "operation=cancelRun&state=QUEUED": 0, "status=200": 5, "status=2xx": 5,
            "status=4XX": 0, "method=get": 3, "method=POST": 2, f"resource={run}": 5,
            "resource=nobody": 0, "provider=cancels": 5, "provider=tools": 0,
            "operation=getRun&method=POST": 0,
        }
        for query, expected in count.items():
            answer = self.mock.admin(f"requests/count?{query}")
            self.assertEqual((answer["count"], answer["complete"]), (expected, True), query)

    def test_looking_on_is_no_request_and_leaves_the_numbers_alone(self):
        first = self.mock.get(f"{RUNS}/{SEEDED}", headers=BEARER).headers["x-dryrun-exchange"]
        for _ in range(5):
            self.mock.admin("requests")
        second = self.mock.get(f"{RUNS}/{SEEDED}", headers=BEARER).headers["x-dryrun-exchange"]
        self.assertEqual(int(second), int(first) + 1)
        self.assertEqual(self.mock.admin("requests/count")["count"], 2)

    def test_requests_tell_operation_rule_and_what_was_touched(self):
        run = make_run(self.mock)
        body = self.mock.admin("requests")
        self.assertEqual((body["total"], body["dropped"]), (1, 0))
        entry = body["requests"][0]
        self.assertEqual(entry["operation"], "createRun")
        self.assertEqual(entry["target"], RUNS)
        self.assertRegex(entry["rule"], r"contracts/cancels/lifecycle\.yaml:\d+$")
        self.assertEqual(entry["touched"], [{"machine": "run", "id": run, "state": "QUEUED"}])
        self.assertNotIn("request_body", entry)

    def test_bodies_and_headers_are_shown_when_asked_for_without_secrets(self):
        make_run(self.mock, "show me")
        entry = self.mock.admin("requests?bodies=true")["requests"][0]
        self.assertEqual(entry["request_body"], {"prompt": "show me"})
        self.assertEqual(entry["response_body"]["title"], "show me")
        self.assertIn("Authorization: ***", entry["request_headers"])
        self.assertNotIn("Bearer me", str(entry))

    def test_the_newest_are_kept_by_limit(self):
        for prompt in ("a", "b", "c"):
            make_run(self.mock, prompt)
        body = self.mock.admin("requests?limit=2&bodies=true")
        self.assertEqual(body["total"], 3)
        self.assertEqual([entry["request_body"]["prompt"] for entry in body["requests"]],
                         ["b", "c"])

    def test_one_exchange_is_found_by_its_number(self):
        answer = self.mock.post(RUNS, {"prompt": "x"}, headers=BEARER)
        number = answer.headers["x-dryrun-exchange"]
        entry = self.mock.admin(f"requests/{number}")
        self.assertEqual(entry["response_body"], answer.json())
        self.assertEqual(self.mock.get("/__admin/requests/999999").status, 404)
        self.assertEqual(self.mock.get("/__admin/requests/abc").status, 400)

    def test_another_session_is_read_by_name(self):
        make_run(self.mock, session="s1")
        self.assertEqual(self.mock.admin("requests/count")["count"], 0)
        self.assertEqual(self.mock.admin("requests/count?session=s1")["count"], 1)
        self.assertEqual(self.mock.admin("requests/count", session="s1")["count"], 1)
        answer = self.mock.get("/__admin/requests/count?session=nobody")
        self.assertEqual(answer.status, 400)
        self.assertIn("there is no session 'nobody'", answer.json()["problems"])

    def test_the_path_prefix_names_the_session(self):
        make_run(self.mock, session="s2")
        self.assertEqual(self.mock.get("/~s2/__admin/requests/count").json()["count"], 1)

    def test_names_that_nobody_has_are_refused_instead_of_counted_as_0(self):
        for query, problem in {
            "operation=cancelRum": "no provider has an operation 'cancelRum', "
                                   "did you mean 'cancelRun'?",
            "state=SUCEEDED": "no machine has a state 'SUCEEDED', did you mean 'SUCCEEDED'?",
            "provider=cancel": "no provider 'cancel' is played, did you mean 'cancels'?",
            "status=teapot": "'status' is a number such as 409 or a class such as 4xx, "
                             "not 'teapot'",
            "operatoin=getRun": "unknown query parameter 'operatoin', did you mean 'operation'?",
        }.items():
            answer = self.mock.get(f"/__admin/requests/count?{query}")
            self.assertEqual(answer.status, 400, query)
            self.assertEqual(answer.json()["problems"], [problem])

    def test_a_request_that_fits_nothing_is_unmatched_and_a_near_miss(self):
        self.assertEqual(self.mock.get("/cancels/api/v1/rums", headers=BEARER).status, 404)
        self.assertEqual(self.mock.get("/nothing/like/it").status, 404)
        unmatched = self.mock.admin("requests/unmatched")
        self.assertEqual([entry["target"] for entry in unmatched["requests"]],
                         ["/cancels/api/v1/rums", "/nothing/like/it"])
        newest, oldest = self.mock.admin("near-misses")["near_misses"]
        self.assertEqual((newest["target"], newest["refused_for"]), ("/nothing/like/it", "shape"))
        self.assertEqual(oldest["refused_for"], "shape")
        self.assertIn({"provider": "cancels", "operation": "listRuns", "method": "GET",
                       "path": "/api/v1/runs"},
                      [{key: near[key] for key in ("provider", "operation", "method", "path")}
                       for near in oldest["nearest"]])

    def test_a_request_refused_for_its_state_names_the_states_that_accept(self):
        self.assertGreaterEqual(cancel(self.mock, SEEDED).status, 400)
        miss = self.mock.admin("near-misses")["near_misses"][0]
        self.assertEqual(miss["refused_for"], "state")
        self.assertEqual(miss["states"], [{
            "machine": "run", "id": SEEDED, "state": "SUCCEEDED",
            "accepted_in": ["QUEUED", "CLAIMED", "INPROGRESS"]}])
        self.assertIn("SUCCEEDED", miss["remark"])

    def test_an_invalid_request_is_a_near_miss_too(self):
        self.assertGreaterEqual(self.mock.post(RUNS, {}, headers=BEARER).status, 400)
        miss = self.mock.admin("near-misses")["near_misses"][0]
        self.assertEqual(miss["refused_for"], "request")
        self.assertIn("prompt", miss["remark"])

    def test_resources_are_listed_and_filtered(self):
        run = make_run(self.mock)
        everything = self.mock.admin("resources")
        self.assertEqual(everything["total"], len(everything["resources"]))
        for query, expected in {
            "provider=cancels": [SEEDED, run], "provider=cancels&kind=run": [SEEDED, run],
            "provider=cancels&state=QUEUED": [run], "provider=cancels&state=terminal": [SEEDED],
            "provider=cancels&state=open": [run], "provider=cancels&limit=1": [SEEDED],
            "kind=routine": [],
        }.items():
            found = self.mock.admin(f"resources?{query}")["resources"]
            self.assertEqual([item["id"] for item in found], expected, query)
        answer = self.mock.get("/__admin/resources?kind=rum&state=QUEUE")
        self.assertEqual(answer.status, 400)
        self.assertEqual(len(answer.json()["problems"]), 2)

    def test_one_resource_shows_body_hidden_members_outcome_and_what_comes_next(self):
        run = make_run(self.mock)
        item = self.mock.admin(f"resources/{run}")
        self.assertEqual((item["provider"], item["kind"], item["state"], item["terminal"]),
                         ("cancels", "run", "QUEUED", False))
        self.assertEqual(item["body"]["title"], "hi")
        self.assertTrue(item["body"]["cancellable"])
        self.assertEqual(item["hidden"], {"/speed": "normal"})
        self.assertEqual(item["outcome"], {"name": "success", "status": "due",
                                           "due": "2026-01-01T00:00:00.200Z"})
        self.assertEqual(item["next_event"], "2026-01-01T00:00:00.200Z")
        self.assertEqual(self.mock.get(item["history"]).status, 200)

    def test_a_resource_that_is_not_there_is_404_with_the_nearest(self):
        run = make_run(self.mock)
        answer = self.mock.get(f"/__admin/resources/{run[:-1]}z")
        self.assertEqual(answer.status, 404)
        self.assertIn(f"did you mean '{run}'?", answer.json()["detail"])
        self.assertEqual(self.mock.get("/__admin/resources/nobody/history").status, 404)

    def test_history_tells_moves_with_causes_and_the_exchanges_that_touched_it(self):
        run = make_run(self.mock)
        self.mock.advance("350ms")
        self.assertEqual(cancel(self.mock, run).status, 200)
        story = self.mock.admin(f"resources/{run}/history")
        self.assertEqual([(move["from"], move["to"], move["cause"], move["at"][17:])
                          for move in story["moves"]],
                         [("absent", "QUEUED", "createRun", "00.000Z"),
                          ("QUEUED", "PENDING", "success", "00.200Z"),
                          ("PENDING", "CLAIMED", "success", "00.300Z"),
                          ("CLAIMED", "CANCELLED", "cancelRun", "00.350Z")])
        self.assertEqual([(entry["operation"], entry["state"]) for entry in story["exchanges"]],
                         [("createRun", "QUEUED"), ("cancelRun", "CANCELLED")])
        self.assertEqual(story["state"], "CANCELLED")

    def test_history_tells_what_did_each_move_in_which_exchange_and_by_which_row(self):
        run = make_run(self.mock)
        self.mock.advance("350ms")
        number = int(cancel(self.mock, run).headers["x-dryrun-exchange"])
        moves = self.mock.admin(f"resources/{run}/history")["moves"]
        self.assertEqual([(move["by"], move.get("exchange")) for move in moves],
                         [("operation", number - 1), ("outcome", None), ("outcome", None), ("operation", number)])
        where = {"operation": ("service", "lifecycle"), "outcome": ("outcomes",)}
        for move in moves:
            name, line = move["rule"].split("/")[-1].split(".yaml:")
            self.assertIn(name, where[move["by"]])
            self.assertGreater(int(line), 1)
        self.assertEqual(moves[3]["rule"], self.mock.admin(f"requests/{number}")["rule"])
        seed = self.mock.admin(f"resources/{SEEDED}/history")["moves"]
        self.assertEqual([(move["by"], move["rule"].split("/")[-1].split(":")[0]) for move in seed], [("seed", "resources.yaml")])

    def test_history_of_a_deleted_resource_keeps_its_exchanges(self):
        made = self.mock.request("PUT", "/schedules/routines/daily",
                                 {"cron": "0 9 * * *", "enabled": False})
        self.assertEqual(made.status // 100, 2, made)
        self.assertEqual(self.mock.request("DELETE", "/schedules/routines/daily").status, 204)
        story = self.mock.admin("resources/daily/history")
        self.assertEqual(story["state"], "absent")
        self.assertEqual([entry["operation"] for entry in story["exchanges"]],
                         ["putRoutine", "deleteRoutine"])

    def test_lifecycles_give_states_moves_and_rows(self):
        lifecycles = self.mock.admin("lifecycles?provider=cancels")["lifecycles"]
        self.assertEqual(len(lifecycles), 1)
        machine = lifecycles[0]["machines"][0]
        self.assertEqual(machine["machine"], "run")
        self.assertIn({"name": "QUEUED", "value": "QUEUED", "initial": True}, machine["states"])
        self.assertIn("SUCCEEDED", {move["to"] for move in machine["moves"]})
        rows = machine["operations"]["cancelRun"]
        refused = [row for row in rows if row.get("error") == "too_early"][0]
        self.assertEqual((refused["in"], refused["source"]), (["PENDING"], "seed"))
        self.assertRegex(refused["rule"], r"lifecycle\.yaml:\d+$")
        self.assertEqual(len(self.mock.admin("lifecycles")["lifecycles"]), len(SERVICES))
        self.assertEqual(self.mock.get("/__admin/lifecycles?provider=cancel").status, 400)

    def test_metrics_speak_prometheus_and_json(self):
        make_run(self.mock)
        answer = self.mock.get("/__admin/metrics")
        self.assertEqual(answer.headers["content-type"], "text/plain; version=0.0.4")
        self.assertIn('dryrun_requests{provider="cancels",operation="createRun",status="200"} 1\n',
                      answer.text)
        for line in answer.text.splitlines():
            self.assertRegex(line, r"^(# (HELP|TYPE) dryrun_\w+ .+|dryrun_\w+(\{.*\})? \d+)$")
        body = self.mock.admin("metrics?format=json")
        self.assertIn({"provider": "cancels", "operation": "createRun", "status": 200, "count": 1},
                      body["requests"])
        self.assertEqual(self.mock.get("/__admin/metrics?format=xml").status, 400)


class Browser(unittest.TestCase):
    """Where a browser that opens the mock's address is sent, with and without a service at the root."""

    ACCEPT = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    ROOTED = """openapi: 3.1.0
info: { title: Rooted, version: "1" }
paths:
  /: { get: { operationId: home, responses: { 200: { description: x, content: { text/html: { example: hello } } } } } }
"""

    def test_the_dashboard_is_shown_however_many_services_are_played(self):
        for names in ((), ("cancels",)):
            with Mock(*names, "--clock", "virtual") as mock:
                for path, where in (("/", "/__admin/dashboard"), ("/~mine/", "/~mine/__admin/dashboard")):
                    answer = mock.get(path, headers=self.ACCEPT)
                    self.assertEqual((answer.status, answer.headers.get("location")), (302, mock.url + where), (names, path))
                self.assertEqual(mock.get("/", headers={"Accept": "application/json"}).status, 404)
                self.assertEqual(mock.get("/cancels", headers=self.ACCEPT).status, 404)

    def test_a_document_that_has_the_root_answers_there_itself(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "rooted.yaml"
            file.write_text(self.ROOTED, encoding="utf-8")
            with Mock("--openapi", str(file), data=[]) as mock:
                for session in (None, "mine"):
                    self.assertEqual(mock.get("/", headers=self.ACCEPT, session=session).text, "hello")


if __name__ == "__main__":
    main()
