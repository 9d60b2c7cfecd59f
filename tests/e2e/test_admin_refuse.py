# SPDX-License-Identifier: Apache-2.0
"""What the admin API refuses: routes, methods, media types, hosts, tokens, bodies."""
import re
import unittest

from dryrun_test import Mock, MockCase, main

JSON = {"Content-Type": "application/json"}


class Refusing(MockCase):
    def assert_problem(self, answer, status):
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["content-type"], "application/problem+json")
        self.assertEqual(answer.json()["status"], status)
        return answer.json()

    def test_an_unknown_route_names_the_nearest_and_lists_all(self):
        for path, near in {"helth": "/__admin/health", "resources/abc/histroy": "/__admin/resources/abc/history",
                           "clock/slep": "/__admin/clock/sleep"}.items():
            body = self.assert_problem(self.mock.get(f"/__admin/{path}"), 404)
            self.assertEqual(body["detail"],
                             f"there is no /__admin/{path}, did you mean '{near}'?")
            self.assertIn("POST /__admin/wait", body["routes"])
        body = self.assert_problem(self.mock.get("/__admin/requests/cuont"), 400)
        self.assertIn("did you mean 'count'?", body["detail"])
        body = self.assert_problem(self.mock.get("/__admin/quite/something/else/altogether"), 404)
        self.assertNotIn("did you mean", body["detail"])

    def test_a_wrong_method_is_405_with_allow(self):
        for method, path, allow in (("POST", "requests", "GET, DELETE"), ("GET", "wait", "POST"),
                                    ("PUT", "outcomes", "GET, POST, DELETE"),
                                    ("PUT", "sessions", "GET, POST, DELETE"),
                                    ("OPTIONS", "reset", "POST")):
            answer = self.mock.request(method, f"/__admin/{path}")
            self.assert_problem(answer, 405)
            self.assertEqual(answer.headers["allow"], allow)

    def test_anything_but_json_is_415(self):
        for content_type in ("text/plain", "application/x-www-form-urlencoded",
                             "multipart/form-data; boundary=x", "application/jsonx"):
            answer = self.mock.request("POST", "/__admin/clock/advance", '{"by": "1s"}',
                                       {"Content-Type": content_type})
            body = self.assert_problem(answer, 415)
            self.assertIn(content_type, body["detail"])
        self.assert_problem(self.mock.request("POST", "/__admin/reset", "{}",
                                              {"Content-Type": ""}), 415)
        for content_type in ("application/json", "Application/JSON; charset=utf-8",
                             "application/merge-patch+json"):
            answer = self.mock.request("POST", "/__admin/clock/advance", '{"by": "1s"}',
                                       {"Content-Type": content_type})
            self.assertEqual(answer.status, 200, answer)

    def test_a_host_that_is_not_loopback_is_403(self):
        for host in ("example.com", "example.com:8080", "127.0.0.1.example.com", "localhost.evil",
                     "10.0.0.1", "[::2]", "127.evil", "[::1].evil", ""):
            answer = self.mock.get("/__admin/version", headers={"Host": host})
            self.assertIn(answer.status, (400, 403), (host, answer))
        for host in ("127.0.0.1", "127.8.9.10:99", "localhost", "LocalHost:1", "[::1]", "[::1]:8"):
            answer = self.mock.get("/__admin/version", headers={"Host": host})
            self.assertEqual(answer.status, 200, (host, answer))

    def test_pages_of_other_sites_are_403(self):
        for origin in ("https://evil.example", "null", "http://localhost.evil"):
            self.assert_problem(self.mock.post("/__admin/reset", headers={"Origin": origin}), 403)
        answer = self.mock.post("/__admin/reset", headers={"Origin": "http://localhost:3000"})
        self.assertEqual(answer.status, 200)

    def test_health_is_open_to_every_host(self):
        for path in ("health", "ready"):
            answer = self.mock.get(f"/__admin/{path}", headers={"Host": "example.com"})
            self.assertEqual(answer.status, 200)

    def test_answers_carry_no_cors_headers(self):
        answer = self.mock.get("/__admin/requests")
        self.assertFalse([name for name in answer.headers if name.startswith("access-control")])

    def test_all_problems_of_a_body_are_told_together(self):
        body = self.assert_problem(self.mock.post(
            "/__admin/outcomes", {"outcom": "x", "times": 0, "provider": 7}), 400)
        self.assertEqual(body["problems"], [
            "unknown member 'outcom', did you mean 'outcome'?", "member 'provider' is a text, not 7",
            "member 'outcome' is missing: its name; GET /__admin/outcomes has all",
            "member 'times' is a whole number from 1 on, not 0"])
        body = self.assert_problem(self.mock.post(
            "/__admin/outcomes", {"times": 0, "provider": 7, "outcome": ""}), 400)
        self.assertEqual(len(body["problems"]), 3, body)

    def test_an_unknown_member_or_parameter_hides_nothing_else_and_nothing_is_done(self):
        before = self.mock.admin("clock")["now"]
        for path, sent, others in (
                ("clock/advance", {"too": 3, "by": "1x"}, ["'by' is a duration"]),
                ("clock/advance", {"by": "1s", "x": 1}, []), ("clock/sleep", {"x": 1}, ["'for' is missing"]),
                ("wait", {"x": 1, "within": -5, "until": {"resource": "a", "state": "none", "q": 1}},
                 ["'within' is a duration", "'until.q'", "no machine has a state 'none'"]),
                ("outcomes", {"x": 1, "outcome": "none", "times": 0}, ["unknown outcome 'none'", "'times' is"]),
                ("outcomes/signal", {"x": 1, "provider": "cancles"}, ["'signal' is missing", "did you mean 'cancels'?"]),
                ("faults", {"x": 1, "fault": "dela", "every": 0}, ["every", "no fault 'dela'"]),
                ("sessions", {"x": 1, "name": "a b", "seed": -1, "clock": "fast"}, ["'a b' is no", "'seed'", "'fast'"]),
                ("reset?all=x&b=1", {}, ["'all' is true or false"]),
                ("verify", {"x": 1, "operation": "none", "times": -1}, ["operation 'none'", "times"])):
            body = self.assert_problem(self.mock.post(f"/__admin/{path}", sent), 400)
            unknown = [it for it in body["problems"] if re.match("unknown (member|key|query parameter) '[a-z]*'", it)]
            self.assertEqual(len(unknown), 1, body)
            for text in others:
                self.assertIn(text, "; ".join(body["problems"]), path)
        for path, others in (("requests?x=1&limit=y&status=9", ["'limit'", "'status'"]),
                             ("resources?x=1&provider=cancles&kind=rnu", ["did you mean 'cancels'?", "kind 'rnu'"]),
                             ("lifecycles?x=1&provider=cancles", ["did you mean 'cancels'?"]), ("metrics?x=1&format=y", ["'format'"])):
            body = self.assert_problem(self.mock.get(f"/__admin/{path}"), 400)
            for text in ["unknown query parameter 'x'", *others]:
                self.assertIn(text, "; ".join(body["problems"]), path)
        self.assertEqual(self.mock.admin("clock")["now"], before)
        self.assertEqual(self.mock.admin("faults")["rules"], [])

    def test_no_route_takes_what_it_does_not_know(self):
        for route in self.mock.admin("")["routes"]:
            path = route["path"].replace("{number}", "1").replace("{id}", "a").replace("{name}", "~").replace("{file}", "a")
            body = {"nobody": 1} if route["method"] in ("POST", "PUT") else None
            for where, sent in ((f"{path}?nobody=1", None if body is None else {}), (path, body)):
                if where != path or body is not None:
                    answer = self.mock.request(route["method"], where, sent)
                    self.assertEqual((route, answer.status), (route, 400), answer)

    def test_bodies_that_are_no_json_objects_are_400(self):
        for text, problem in (("{", "the body is no JSON: "), ("[1]", "the body is array, not an "
                                                               "object"),
                              ('{"by": "1s", "by": "2s"}', "the body is no JSON: ")):
            answer = self.mock.request("POST", "/__admin/clock/advance", text, JSON)
            body = self.assert_problem(answer, 400)
            self.assertTrue(body["problems"][0].startswith(problem), body)

    def test_wrong_values_are_400_and_say_what_is_expected(self):
        for path, sent, expected in (
                ("clock/advance", {}, "give one of 'by', 'to' and 'until_idle'"),
                ("clock/advance", {"by": "1s", "until_idle": True},
                 "give one of 'by', 'to' and 'until_idle'"),
                ("clock/advance", {"by": "soon"},
                 "member 'by' is a duration such as \"90s\" or a number of seconds, not \"soon\""),
                ("clock/advance", {"by": "-1s"},
                 "member 'by' is a duration such as \"90s\" or a number of seconds, not \"-1s\""),
                ("clock/advance", {"to": "tomorrow"},
                 "member 'to' is an instant such as 2026-01-01T00:00:00Z, not 'tomorrow'"),
                ("clock/advance", {"until_idle": 1},
                 "member 'until_idle' is true or false, not 1"),
                ("clock/sleep", {}, "member 'for' is missing: how long, such as \"90s\""),
                ("wait", {}, "member 'until' is { resource, state }, { requests } or { idle }"),
                ("wait", {"until": {"resource": "x"}},
                 "member 'until' is { resource, state }, { requests } or { idle }"),
                ("wait", {"until": {"requests": 1, "operation": "getRum"}},
                 "no provider has an operation 'getRum', did you mean 'getRun'?"),
                ("wait", {"until": {"requests": 1, "state": "QUEUD"}},
                 "no machine has a state 'QUEUD', did you mean 'QUEUED'?"),
                ("wait", {"until": {"requests": 1, "opration": "getRun"}},
                 "unknown member 'until.opration', did you mean 'operation'?"),
                ("wait", {"until": {"idle": False}}, "member 'until.idle' is true, not false"),
                ("wait", {"until": {"idle": True, "state": "x"}}, "unknown member 'until.state'; there is 'idle'"),
                ("outcomes/signal", {}, "member 'signal' is missing: its name"),
                ("sessions", {"name": 7}, "member 'name' is a text, not 7"),
                ("sessions", {"name": "x", "participants": 0},
                 "member 'participants' is a whole number from 1 on, not 0")):
            body = self.assert_problem(self.mock.post(f"/__admin/{path}", sent), 400)
            self.assertEqual(body["problems"], [expected])
        for query, expected in (
                ("requests?limit=many",
                 "query 'limit' is a number from 0 to 100000, not 'many'"),
                ("requests?bodies=yes", "query 'bodies' is true or false, not 'yes'"),
                ("clock?now=1", "unknown query parameter 'now'"),
                ("requests?a=%zz", "the query is badly encoded: 'a=%zz'")):
            body = self.assert_problem(self.mock.get(f"/__admin/{query}"), 400)
            self.assertEqual(body["problems"], [expected])

    def test_a_bad_session_name_is_400(self):
        self.assertEqual(self.mock.post("/__admin/sessions", {"name": "a b"}).status, 400)
        self.assertEqual(self.mock.get("/__admin/clock", session="a b").status, 400)


class WithToken(unittest.TestCase):
    def test_the_token_is_asked_for_and_opens_every_host(self):
        with Mock("--admin-token", "s3cret") as mock:
            for headers in ({}, {"Authorization": "Bearer wrong!"}, {"Authorization": "s3cret"},
                            {"X-Dryrun-Admin-Token": "S3cret"}, {"X-Dryrun-Admin-Token": "s3cre"}):
                answer = mock.get("/__admin/version", headers=headers)
                self.assertEqual(answer.status, 403, headers)
                self.assertNotIn("s3cret", answer.text)
            for headers in ({"Authorization": "Bearer s3cret"}, {"Authorization": "bearer s3cret"},
                            {"X-Dryrun-Admin-Token": "s3cret", "Host": "example.com"}):
                self.assertEqual(mock.get("/__admin/version", headers=headers).status, 200, headers)
            self.assertEqual(mock.get("/__admin/health").status, 200)
            self.assertIn("-H 'X-Dryrun-Admin-Token: TOKEN'", mock.banner())
            self.assertNotIn("s3cret", mock.banner())


if __name__ == "__main__":
    main()
