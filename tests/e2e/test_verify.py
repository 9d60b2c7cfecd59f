# SPDX-License-Identifier: Apache-2.0
"""Verifying what was called: every filter, every refusal, the diffs that people read, waits."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import types
import unittest
import unittest.mock

from dryrun_test import ROOT, Mock, MockCase, main

BEARER = {"Authorization": "Bearer me"}
RUNS = "/cancels/api/v1/runs"
TEXT = {"Accept": "text/plain"}
GOLDEN = pathlib.Path(__file__).with_name("verify.golden.txt")


def tell_story(mock, session=None):
    """Seven requests that every test below asks about: the ids of the two runs."""
    def ask(method, path, body=None, **headers):
        return mock.request(method, path, body, headers={**BEARER, **headers}, session=session)
    first = ask("POST", RUNS, {"prompt": "$5 please"}, **{"X-Request-Id": "abc"}).json()["run_id"]
    second = ask("POST", RUNS, {"prompt": "second"}).json()["run_id"]
    assert ask("GET", f"{RUNS}/{first}").status == 200
    mock.advance("350ms", session=session)
    assert ask("POST", f"{RUNS}/{first}/cancel").status == 200
    assert ask("POST", f"{RUNS}/{first}/cancel").status == 400
    assert ask("POST", f"{RUNS}/{second}/cancle").status == 404
    assert ask("GET", f"{RUNS}?limit=1&limit=2&q=a%20b").status == 400
    return first, second


class Story(MockCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second = tell_story(cls.mock)

    def filled(self, text):
        return text.replace("FIRST", self.first).replace("SECOND", self.second)

    def verify(self, sent, **more):
        return self.mock.post("/__admin/verify", sent, **more)


class Filters(Story):
    def test_each_filter_chooses_what_it_says(self):
        for query, expected in {
            "": [1, 2, 3, 4, 5, 6, 7],
            "operation=cancelRun": [4, 5], "operation=cancelRun&operation=getRun": [3, 4, 5],
            "operation=getRun&provider=cancels": [3],
            "provider=cancels": [1, 2, 3, 4, 5, 6, 7], "provider=tools": [], "provider=tools&provider=cancels&method=get": [3, 7],
            "method=GET": [3, 7], "method=get&method=POST": [1, 2, 3, 4, 5, 6, 7],
            "status=200": [1, 2, 3, 4], "status=4xx": [5, 6, 7], "status=404&status=2XX": [1, 2, 3, 4, 6],
            "state=CANCELLED": [4, 5], "state=run=QUEUED": [1, 2, 3], "state=QUEUED&state=CANCELLED": [1, 2, 3, 4, 5],
            "resource=FIRST": [1, 3, 4, 5], "resource=FIRST&resource=SECOND": [1, 2, 3, 4, 5], "resource=nobody": [],
            "resource=SECOND&state=CANCELLED": [],
            "path=/cancels/api/v1/runs": [1, 2, 7], "path=/api/v1/runs": [1, 2, 7], "path=/api/v1/runs/*": [3],
            "path=**/cancel": [4, 5], "path=/api/*/runs/*/canc*": [4, 5, 6], "path=/api/v1/*": [1, 2, 7], "path=/api/v1/**": [1, 2, 3, 4, 5, 6, 7],
            "path=*": [], "path=/api/v1/runs&path=/api/v1/runs/*": [1, 2, 3, 7],
            "since=4": [5, 6, 7], "since=0&operation=getRun": [3], "since=99": [],
            "since=2026-01-01T00:00:00.350Z": [4, 5, 6, 7], "since=2026-01-01T00:00:00Z&limit=100": [1, 2, 3, 4, 5, 6, 7],
            "unmatched=true": [6], "unmatched=false&status=4xx": [5, 7], "callback=*": [],
            "limit=2": [6, 7], "order=newest": [7, 6, 5, 4, 3, 2, 1], "order=newest&limit=2": [7, 6],
            "order=oldest&limit=2": [1, 2], "order=oldest&operation=cancelRun&limit=1": [4], "limit=0": [],
        }.items():
            body = self.mock.admin(f"requests?{self.filled(query)}")
            self.assertEqual([entry["exchange"] for entry in body["requests"]], expected, query)
            self.assertEqual(body["last"], 7)
            if "limit" in query or "order" in query:
                continue
            count = self.mock.admin(f"requests/count?{self.filled(query)}")
            self.assertEqual((count["count"], count["last"]), (len(expected), 7), query)

    def test_verify_takes_the_same_words_and_looks_into_headers_and_bodies(self):
        for sent, expected in (
                ({}, 7), ({"operation": "cancelRun"}, 2), ({"operation": ["cancelRun", "getRun"]}, 3),
                ({"status": 409}, 0), ({"status": [200, "404"]}, 5), ({"resource": "FIRST", "state": "run=CANCELLED"}, 2),
                ({"since": 4, "method": "post"}, 2), ({"path": "/api/v1/runs/*/cancel"}, 2), ({"unmatched": True}, 1),
                ({"provider": "cancels", "operation": "createRun"}, 2),
                ({"body": {"/prompt": "second"}}, 1), ({"body": {"/prompt": "$5 please"}}, 1),
                ({"body": {"/prompt": {"in": ["second", "third"]}}}, 1), ({"body": {"/prompt": {"exists": False}}}, 5),
                ({"body": {"/prompt": {"text": "PLEASE"}, "/nothing": None}}, 1), ({"body": {"": {"has": {"prompt": "second"}}}}, 1),
                ({"response": {"/state": {"exists": True}}, "operation": "createRun"}, 2),
                ({"response": {"/title": "second"}}, 1),
                ({"headers": {"X-Request-Id": "abc"}}, 1), ({"headers": {"x-request-id": {"not": "abc"}}}, 6),
                ({"headers": {"Content-Type": "application/json"}}, 2), ({"headers": {"Authorization": "***"}}, 7),
                ({"query": {"q": "a b"}}, 1), ({"query": {"limit": ["1", "2"]}}, 1), ({"query": {"limit": {"has": ["2"]}}}, 1),
                ({"query": {"limit": 1}}, 0)):
            sent = json.loads(self.filled(json.dumps(sent)))
            for times, holds in ((expected, True), (expected + 1, False), ({"at_most": expected}, True),
                                 ({"at_least": expected + 1}, False), ({"at_least": expected, "at_most": expected + 1}, True)):
                answer = self.verify({**sent, "times": times})
                self.assertEqual((answer.status, answer.json()["ok"]), (200, True) if holds else (417, False), (sent, times, answer))
                self.assertEqual(answer.json()["count"], expected, sent)

    def test_what_is_not_known_is_refused_with_the_nearest_name(self):
        for query, problem in {
            "operation=cancelRum": "no provider has an operation 'cancelRum', did you mean 'cancelRun'?",
            "operation=getRun&operation=getRum": "no provider has an operation 'getRum', did you mean 'getRun'?",
            "operation=followUp&provider=tools": "provider 'tools' has no operation 'followUp'",
            "provider=cancel": "no provider 'cancel' is played, did you mean 'cancels'?",
            "state=SUCEEDED": "no machine has a state 'SUCEEDED', did you mean 'SUCCEEDED'?",
            "state=rum=QUEUED": "there is no machine 'rum', did you mean 'run'?",
            "state=run=QUEUD": "a run has no state 'QUEUD', did you mean 'QUEUED'?",
            "status=6xx": "'status' is a number such as 409 or a class such as 4xx, not '6xx'",
            "status=": "'status' is a number such as 409 or a class such as 4xx, not ''",
            "method=PSOT": "'PSOT' is no method, did you mean 'POST'?",
            "path=runs": "'path' is a path without its query (* fits one segment, ** any), not 'runs'",
            "since=yesterday": "'since' is the number of an exchange (those after it) or an instant such as "
                               "2026-01-01T00:00:00Z, not 'yesterday'",
            "since=1&since=2": "query 'since' is given twice",
            "limit=1&limit=2": "query 'limit' is given twice",
            "callback=run_ende": "no provider has a callback 'run_ende', did you mean 'run_ended'?",
            "unmatched=yes": "'unmatched' is true or false, not 'yes'",
            "order=newst": "query 'order' is oldest or newest, not 'newst', did you mean 'newest'?",
            "session=nobody": "there is no session 'nobody'",
            "operatoin=getRun": "unknown query parameter 'operatoin', did you mean 'operation'?",
        }.items():
            answer = self.mock.get(f"/__admin/requests?{query}")
            self.assertEqual((answer.status, answer.json().get("problems")), (400, [problem]), query)

    def test_a_verify_that_makes_no_sense_is_400_and_tells_everything(self):
        for sent, problems in (
                ({"opration": "x"}, ["unknown member 'opration', did you mean 'operation'?"]),
                ({"operation": "cancelRum", "status": "7xx"},
                 ["no provider has an operation 'cancelRum', did you mean 'cancelRun'?",
                  "'status' is a number such as 409 or a class such as 4xx, not '7xx'"]),
                ({"operation": {"a": 1}}, ["member 'operation' is a text or a list of texts, not {\"a\":1}"]),
                ({"times": -1}, ["member 'times' is how many: a whole number, or { at_least, at_most }, not -1"]),
                ({"times": 1.5}, ["member 'times' is how many: a whole number, or { at_least, at_most }, not 1.5"]),
                ({"times": {}}, ["member 'times' is how many: a whole number, or { at_least, at_most }, not {}"]),
                ({"times": {"atleast": 1}},
                 ["unknown member 'times.atleast', did you mean 'at_least'?",
                  "member 'times' is how many: a whole number, or { at_least, at_most }, not {\"atleast\":1}"]),
                ({"times": {"at_least": 2, "at_most": 1}}, ["member 'times' is never met: at least 2 and at most 1"]),
                ({"in_order": []}, ["member 'in_order' is a list of operations or objects, not []"]),
                ({"in_order": "getRun"}, ["member 'in_order' is a list of operations or objects, not \"getRun\""]),
                ({"in_order": ["getRum", 5]},
                 ["in_order[0]: no provider has an operation 'getRum', did you mean 'getRun'?",
                  "in_order[1]: name an operation, or say in an object which requests, not 5"]),
                ({"in_order": [{"operation": "getRun", "times": {"at_most": 2}}]},
                 ["in_order[0].times: 'at_most' needs 'exact', else others may come between"]),
                ({"never": ["getRun"] * 257}, ["member 'never' has 257 items, at most 256 are held against the journal"]),
                ({"exact": True}, ["member 'exact' goes with 'in_order'"]),
                ({"in_order": ["getRun"], "exact": 1}, ["member 'exact' is true or false, not 1"]),
                ({"never": [{"operation": "getRun", "times": 1}]},
                 ["unknown member 'never[0].times'"]),
                ({"never": {"state": "GONE"}}, ["never: no machine has a state 'GONE'"]),
                ({"body": {"prompt": "x"}}, ["body: 'prompt' is no JSON Pointer (did you mean '/prompt'?)"]),
                ({"body": {"/prompt": {"inn": 1}}}, ["body: unknown operator 'inn' in a match (did you mean 'in'?)"]),
                ({"headers": "X"}, ["member 'headers' is an object, not \"X\""]),
                ({"session": "nobody"}, ["there is no session 'nobody'"])):
            answer = self.verify(sent)
            self.assertEqual(answer.status, 400, sent)
            told = answer.json()["problems"]
            self.assertEqual(len(told), len(problems), told)
            for text, start in zip(told, problems):
                self.assertTrue(text.startswith(start), (text, start))

    def test_a_refused_verify_is_no_request_and_changes_nothing(self):
        self.verify({"operation": "x"})
        self.verify({"operation": "getRun"})
        self.assertEqual(self.mock.admin("requests/count")["last"], 7)


class Golden(Story):
    """What is written there is what a person reads in the log of a test: UPDATE=1 writes it anew."""

    def test_the_texts_are_those_of_the_golden_file(self):
        asked = [line[4:] for line in GOLDEN.read_text(encoding="utf-8").splitlines() if line.startswith("### ")]
        self.assertGreater(len(asked), 15)
        told = []
        for line in asked:
            answer = self.verify(json.loads(self.filled(line)), headers=TEXT)
            self.assertEqual(answer.headers["content-type"], "text/plain; charset=utf-8")
            text = answer.text.replace(self.first, "FIRST").replace(self.second, "SECOND")
            told.append(f"### {line}\n{answer.status}\n{text}\n")
        told = "".join(told)
        if os.environ.get("UPDATE"):
            GOLDEN.write_text(told, encoding="utf-8")
        self.maxDiff = None
        self.assertEqual(told, GOLDEN.read_text(encoding="utf-8"))

    def test_the_json_has_the_same_text_and_the_parts_of_it(self):
        sent = {"operation": "createRun", "body": {"/prompt": "third"}}
        answer = self.verify(sent)
        body = answer.json()
        self.assertEqual((answer.status, answer.headers["content-type"]), (417, "application/json"))
        self.assertEqual(body["text"], self.verify(sent, headers=TEXT).text)
        self.assertEqual((body["ok"], body["expected"], body["count"], body["complete"]), (False, "at least 1", 0, True))
        self.assertEqual([(near["exchange"], near["differences"]) for near in body["near"]],
                         [(2, ['body /prompt: expected "third" but was "second"']),
                          (1, ['body /prompt: expected "third" but was "$5 please"'])])

    def test_the_steps_of_a_sequence_are_told_one_by_one(self):
        body = self.verify({"in_order": ["createRun", "cancelRun", "getRun"], "never": "listRuns"}).json()
        self.assertEqual([(step["step"], step["ok"], step.get("request", {}).get("exchange"),
                           step.get("came_before", {}).get("exchange")) for step in body["in_order"]],
                         [(1, True, 1, None), (2, True, 4, None), (3, False, None, 3)])
        self.assertEqual([(one["what"], one["ok"], one["count"]) for one in body["never"]], [("listRuns", False, 1)])

    def test_requests_are_lines_for_who_asks_for_text(self):
        for path, lines in (("requests?status=4xx&operation=cancelRun",
                             "#5 cancelRun POST /cancels/api/v1/runs/FIRST/cancel -> 400, run CANCELLED\n"),
                            ("requests/unmatched", "#6 POST /cancels/api/v1/runs/SECOND/cancle -> 404, fits no operation\n"),
                            ("requests?resource=nobody", "")):
            answer = self.mock.get(f"/__admin/{path}", headers=TEXT)
            self.assertEqual((answer.status, answer.text), (200, self.filled(lines)), path)

    def test_without_text_plain_the_answer_is_json(self):
        for accept in ("*/*", "application/json", "application/json, text/plain", "text/html"):
            answer = self.verify({}, headers={"Accept": accept})
            self.assertEqual(answer.headers["content-type"], "application/json", accept)


class Sessions(unittest.TestCase):
    def test_each_session_has_its_own_requests(self):
        with Mock("--clock", "virtual") as mock:
            tell_story(mock, session="a")
            for session, sent, status in ((None, {}, 417), ("a", {"times": 7}, 200), ("b", {"times": 0}, 200),
                                          (None, {"session": "a", "times": 7}, 200), ("a", {"session": "b"}, 417)):
                self.assertEqual(mock.post("/__admin/verify", sent, session=session).status, status, (session, sent))
            self.assertEqual(mock.post("/~a/__admin/verify", {"times": 7}).status, 200)

    def test_what_was_asked_can_be_forgotten_and_numbers_go_on(self):
        with Mock("--clock", "virtual") as mock:
            tell_story(mock)
            answer = mock.request("DELETE", "/__admin/requests")
            self.assertEqual((answer.status, answer.json()), (200, {"cleared": 7, "last": 7}))
            for path, key in (("requests", "requests"), ("requests/unmatched", "requests"), ("near-misses", "near_misses")):
                self.assertEqual(mock.admin(path)[key], [], path)
            self.assertEqual(mock.post("/__admin/verify", {"times": 0}).status, 200)
            tell_story(mock)
            self.assertEqual([entry["exchange"] for entry in mock.admin("requests/unmatched")["requests"]], [13])
            self.assertEqual(mock.admin("near-misses")["total"], 3)
            self.assertEqual(mock.post("/__admin/verify", {"since": 7, "times": 7}).status, 200)

    def test_a_journal_that_had_to_forget_never_says_that_nothing_else_came(self):
        with Mock() as mock:
            body = {"prompt": "x" * 1_000_000}
            connection = mock.connection()
            for _ in range(18):
                connection.request("POST", RUNS, json.dumps(body), {**BEARER, "Content-Type": "application/json"})
                connection.getresponse().read()
            connection.close()
            count = mock.admin("requests/count")
            self.assertFalse(count["complete"])
            dropped = mock.admin("requests?limit=0")["dropped"]
            self.assertGreater(dropped, 0)
            for sent, status in (({"operation": "createRun", "times": {"at_least": 1}}, 200), ({"never": "cancelRun"}, 417),
                                 ({"operation": "cancelRun", "times": 0}, 417),
                                 ({"operation": "cancelRun", "since": dropped, "times": 0}, 200)):
                answer = mock.post("/__admin/verify", sent, headers=TEXT)
                self.assertEqual(answer.status, status, (sent, answer))
            answer = mock.post("/__admin/verify", {"never": "cancelRun"}, headers=TEXT)
            self.assertIn(f"had no room for {dropped} requests", answer.text)
            self.assertTrue(mock.admin(f"requests/count?since={dropped}")["complete"])
            self.assertEqual(mock.request("DELETE", "/__admin/requests").status, 200)
            self.assertEqual(mock.post("/__admin/verify", {"never": "cancelRun"}).status, 200)


class Waits(unittest.TestCase):
    def test_a_wait_until_all_is_quiet_works_on_every_clock(self):
        for clock in ("real", "scaled:1000", "virtual"):
            with Mock("--clock", clock) as mock:
                run = mock.post(RUNS, {"prompt": "x"}, headers=BEARER).json()["run_id"]
                answer = mock.post("/__admin/wait", {"until": {"idle": True}, "within": "1h" if clock != "real" else "20ms"})
                expected = (409, False) if clock == "real" else (200, True)
                self.assertEqual((answer.status, answer.json()["reached"]), expected, (clock, answer))
                if clock != "real":
                    self.assertEqual(mock.admin(f"resources/{run}")["state"], "SUCCEEDED")

    def test_a_wait_takes_the_words_of_verify(self):
        for clock in ("real", "virtual"):
            with Mock("--clock", clock, "--participants", "2") as mock:
                answers = []
                wait = threading.Thread(target=lambda: answers.append(mock.post("/__admin/wait", {
                    "until": {"requests": 2, "path": "/api/v1/runs", "body": {"/prompt": {"in": ["a", "b"]}}, "status": "2xx"},
                    "within": "20s"})))
                for prompt in ("a", "c"):
                    mock.post(RUNS, {"prompt": prompt}, headers=BEARER)
                wait.start()
                mock.post(RUNS, {"prompt": "d"}, headers=BEARER)
                mock.post(RUNS, {"prompt": "b"}, headers=BEARER)
                wait.join()
                self.assertEqual((answers[0].status, answers[0].json()["requests"]), (200, 2), answers[0])


    def test_a_wait_in_vain_tells_what_was_near(self):
        with Mock("--clock", "virtual") as mock:
            mock.post(RUNS, {"prompt": "a"}, headers=BEARER)
            answer = mock.post("/__admin/wait", {"until": {"requests": 1, "operation": "createRun", "body": {"/prompt": "b"}}, "within": "1h"})
            self.assertEqual((answer.status, [(near["exchange"], near["differences"]) for near in answer.json()["near"]]),
                             (409, [(1, ['body /prompt: expected "b" but was "a"'])]))


class Documented(unittest.TestCase):
    """The examples of docs/ADMIN.md are run as they stand there, against the service that they name."""

    @classmethod
    def setUpClass(cls):
        text = (ROOT / "docs/ADMIN.md").read_text(encoding="utf-8")
        text = text[text.index("## Verify what was called"):text.index("## The story of one resource")]
        cls.blocks = re.findall(r"(?s)```(\w+)\n(.*?)```", text)

    def setUp(self):
        mock = Mock("warp", "--clock", "virtual", data=[])
        self.addCleanup(mock.close)
        self.mock = mock

    def example(self, language, number=0):
        text = [text for name, text in self.blocks if name == language][number]
        return text.replace("http://localhost:8080", self.mock.url)

    def cancel_everything(self, api):
        path = api[len(self.mock.url):]
        run = self.mock.post(f"{path}/agent/runs", {"prompt": "tidy up"}, headers=BEARER).json()["run_id"]
        self.assertEqual(self.mock.get(f"{path}/agent/runs/{run}", headers=BEARER).status, 200)
        self.assertEqual(self.mock.post(f"{path}/agent/runs/{run}/cancel", headers=BEARER).status, 200)

    def test_python(self):
        def post(url, json, headers):  # what `requests` would do
            answer = self.mock.post(url[len(self.mock.url):], json, headers=headers)
            return types.SimpleNamespace(status_code=answer.status, text=answer.text)

        names = {"cancel_everything": self.cancel_everything}
        fakes = {"pytest": types.SimpleNamespace(fixture=lambda function: function), "requests": types.SimpleNamespace(
            post=post, delete=lambda url: self.mock.request("DELETE", url[len(self.mock.url):]))}
        with unittest.mock.patch.dict(sys.modules, fakes):
            exec(self.example("python"), names)  # pylint: disable=exec-used
        for _ in range(2):  # its session is gone afterwards: once means once
            fixture = names["dry"](types.SimpleNamespace(node=types.SimpleNamespace(name="test_cancels_once[a b]")))
            names["test_cancels_once"](next(fixture))
            self.assertEqual(list(fixture), [])
        with self.assertRaisesRegex(AssertionError, "NOT KEPT: listRuns: expected at least 1, came 0"):
            next(names["dry"](types.SimpleNamespace(node=types.SimpleNamespace(name="x"))))[1](operation="listRuns")

    @unittest.skipUnless(shutil.which("node"), "node is not installed")
    def test_javascript(self):
        program = f"const DRY = '{self.mock.url}';\n" + self.example("js")
        run = [shutil.which("node"), "--input-type=module", "-e", program]
        done = subprocess.run(run, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("NOT KEPT: in order: 3 steps among 0 requests, 3 did not come", done.stderr)
        self.cancel_everything(f"{self.mock.url}/warp/api/v1")
        done = subprocess.run(run, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    @unittest.skipUnless(shutil.which("curl"), "curl is not installed")
    def test_shell(self):
        script = self.example("sh", 0)
        done = subprocess.run(["sh", "-ec", script], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout), (22, "NOT KEPT: cancelRun, status 200: expected exactly 1, came 0\n"
                                                              "  nothing came at all\n"))
        self.cancel_everything(f"{self.mock.url}/warp/api/v1")
        done = subprocess.run(["sh", "-ec", script], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, "kept: cancelRun, status 200: expected exactly 1, came 1\n"))
        marked = script.split("\n")[0] + "\n" + self.example("sh", 1)
        for client, code in (("true", 0), (f"curl -s -o /dev/null {self.mock.url}/warp/api/v1/nothing -H X-Dryrun-Fault:status=503", 0),
                             (f"curl -s -o /dev/null {self.mock.url}/warp/api/v1/agent/runs -H 'Authorization: Bearer x' -H X-Dryrun-Fault:status=503", 22)):
            done = subprocess.run(["sh", "-ec", marked.replace("./client-under-test", client)], capture_output=True, text=True,
                                  timeout=60, check=False)
            self.assertEqual(done.returncode, code, (client, done))


if __name__ == "__main__":
    main()
