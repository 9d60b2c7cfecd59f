#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sessions of a running mock: how they are named, declared, listed, reset, forgotten, limited; expiry in real time."""
import base64
import pathlib
import shutil
import tempfile
import time
import unittest

from dryrun_test import DATA, ROOT, Mock, MockCase, main, run
from waiting import Receiver, until

KEY = {"Authorization": "Bearer key"}
RUNS = "/cancels/api/v1/runs"


def make(mock, session=None, headers=None, path=RUNS):
    return mock.post(path, {"prompt": "x"}, headers={**KEY, **(headers or {})}, session=session)


def names(mock):
    return [session["name"] for session in mock.admin("sessions")["sessions"]]


class FirstUse(MockCase):
    """Sessions are made when a request names one."""

    arguments = ("cancels", "tools", "--clock", "virtual")

    def setUp(self):
        self.mock.request("DELETE", "/__admin/sessions")
        self.mock.post("/__admin/reset")

    def assert_problem(self, answer, status, text):
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["content-type"], "application/problem+json")
        self.assertIn(text, answer.json()["detail"])

    def declare(self, name, status=201, **members):
        answer = self.mock.post("/__admin/sessions", {"name": name, **members})
        self.assertEqual(answer.status, status, answer)
        return answer.json()

    def test_the_end_of_a_basic_password_names_it(self):
        for text, session in (("me:secret~basic", "basic"), ("me:a~b c", None)):
            credential = base64.b64encode(text.encode()).decode()
            answer = make(self.mock, headers={"Authorization": f"Basic {credential}"})
            self.assertEqual(answer.status, 401, answer)  # but in its session
            self.assertEqual(self.mock.admin("requests/count", session=session)["count"], 1)

    def test_a_session_is_told_with_all_that_it_holds(self):
        make(self.mock, "alpha", {"X-Dryrun-Participants": "3"})
        answer = self.mock.get("/__admin/sessions/alpha").json()
        self.assertEqual((answer["name"], answer["requests"], answer["participants"], answer["clock"], answer["seed"]),
                         ("alpha", 1, 3, "virtual", 1))
        self.assertEqual((answer["declared"], answer["in_flight"], answer["now"]),
                         (False, 0, "2026-01-01T00:00:00.000Z"))
        self.assertGreater(answer["resources"], 1)
        self.assertGreater(answer["bytes"], 1000)
        self.assertEqual(answer["admin"], "/~alpha/__admin")
        self.assertEqual(self.mock.get(answer["state"]).status, 200)
        self.assertEqual(self.mock.get("/__admin/sessions/~").json()["name"], "")
        self.assert_problem(self.mock.get("/__admin/sessions/alhpa"), 404, "did you mean 'alpha'?")

    def test_the_first_request_says_how_many_clients_there_are(self):
        make(self.mock, "alpha", {"X-Dryrun-Participants": "2"})
        make(self.mock, "alpha", {"X-Dryrun-Participants": "7"})
        self.assertEqual(self.mock.get("/__admin/sessions/alpha").json()["participants"], 2)
        for wrong in ("0", "-1", "two", "1.5", "99999999999", " "):
            self.assert_problem(make(self.mock, "beta", {"X-Dryrun-Participants": wrong}), 400, "X-Dryrun-Participants")
        self.assertNotIn("beta", names(self.mock))

    def test_a_declared_session_is_made_as_it_was_said_each_time(self):
        self.declare("plan", seed=77, participants=2, clock="virtual", epoch="2030-05-05T00:00:00Z", step="1s",
                     outcomes=["cancels.run=failure"], expires_after="1h")

        def play():
            run = make(self.mock, "plan").json()["run_id"]
            self.mock.advance("1h", session="plan")
            return run, self.mock.get(f"{RUNS}/{run}", headers=KEY, session="plan").json()["state"]

        first = play()
        self.assertEqual(first[1], "FAILED")
        session = self.mock.get("/__admin/sessions/plan").json()
        self.assertEqual((session["seed"], session["participants"], session["expires_after"], session["outcomes"]),
                         (77, 2, "PT1H", ["cancels.run=failure"]))
        self.assertEqual(session["now"], "2030-05-05T01:00:02.000Z")
        self.assertEqual(self.mock.post("/__admin/sessions/plan/reset").status, 200)
        self.assertEqual(self.mock.get("/__admin/sessions/plan").json()["requests"], 0)
        self.assertEqual(play(), first)
        self.mock.request("DELETE", "/__admin/sessions/plan")
        self.assertNotEqual(play(), first)

    def test_what_holds_from_the_beginning_is_not_changed_behind_its_back(self):
        self.declare("plan", seed=5)
        self.declare("plan", status=200, seed=5)
        self.declare("plan", status=200, participants=4)
        self.assertEqual(self.mock.get("/__admin/sessions/plan").json()["participants"], 4)
        self.assert_problem(self.mock.post("/__admin/sessions", {"name": "plan", "seed": 6}), 409, "reset 'plan'")
        self.mock.post("/__admin/sessions/plan/reset")
        self.assertEqual(self.declare("plan", status=200, seed=6)["seed"], 6)

    def test_all_that_is_wrong_is_told_at_once(self):
        answer = self.mock.post("/__admin/sessions", {
            "name": "a b", "participants": 0, "seed": -1, "clock": "virtul", "step": "y", "epoch": "x",
            "outcomes": ["run=sucess", 5], "expires_after": []})
        self.assertEqual(answer.status, 400)
        self.assertEqual(len(answer.json()["problems"]), 9, answer)
        self.assertIn("did you mean", answer.text)

    def test_one_is_forgotten_or_all_but_the_default_one(self):
        for name in ("a", "b", "c"):
            make(self.mock, name)
        make(self.mock)
        self.assertEqual(self.mock.request("DELETE", "/__admin/sessions/b").json(), {"deleted": "b"})
        self.assert_problem(self.mock.request("DELETE", "/__admin/sessions/b"), 404, "no session 'b'")
        self.assertEqual(sorted(names(self.mock)), ["", "a", "c"])
        self.assertEqual(sorted(self.mock.request("DELETE", "/__admin/sessions").json()["deleted"]), ["a", "c"])
        self.assertEqual(names(self.mock), [""])
        self.assertEqual(self.mock.admin("requests/count")["count"], 1)


class Links(unittest.TestCase):
    def test_the_other_spelling_of_a_path_leads_back_into_the_session(self):
        with Mock("letta", "--clock", "virtual", data=[]) as mock:
            for path, headers, session in (("/letta/v1/agents", {}, "here"), ("/~here/letta/v1/agents", {}, None),
                                           ("/letta/v1/agents", {"Authorization": "Bearer any~here"}, None)):
                answer = mock.get(path, headers={**KEY, **headers}, session=session)
                self.assertEqual((answer.status, answer.headers["location"]),
                                 (307, f"{mock.url}/~here/letta/v1/agents/"))


class Webhooks(unittest.TestCase):
    """What time alone makes has no request to take a Host from."""

    def fixtures(self, folder):
        copy = shutil.copytree(ROOT / DATA / "fixtures", pathlib.Path(folder, "fixtures"))
        file = copy / "schedules/service.yaml"
        text = file.read_text(encoding="utf-8")
        link = "{ url: $run.callback_url, when: $run.callback_url != null, body: { link: { $sign: { blob: note, of: $run, expires: 1h } } },"
        text = text.replace("{ url: $run.callback_url, when: $run.callback_url != null, body: $run,", link)
        file.write_text(text + 'blobs: { note: { media_type: text/plain, text: "a note" } }\n', encoding="utf-8")
        return ["--contracts", f"{DATA}/contracts", "--fixtures", str(copy)]

    def test_links_in_webhooks_lead_back_into_the_session(self):
        hook = Receiver()
        self.addCleanup(hook.close)
        with tempfile.TemporaryDirectory() as folder, \
                Mock("schedules", "--clock", "virtual", data=self.fixtures(folder)) as mock:
            for number, session in enumerate(("here", None), 1):
                body = {"cron": "0 * * * *", "callback_url": hook.url}
                self.assertEqual(mock.request("PUT", "/schedules/routines/r", body, session=session).status, 200)
                mock.advance("90m", session=session)
                link = hook.wait_for(number)[-1]["link"]
                begins = mock.url + ("/~here" if session else "") + "/schedules/"
                self.assertEqual(link[: len(begins)], begins)
                answer = mock.get(link[len(mock.url):])
                self.assertEqual((answer.status, answer.text), (200, "a note"))


class Declared(unittest.TestCase):
    def test_a_name_that_nobody_declared_is_a_problem_that_names_the_nearest(self):
        with Mock("cancels", "--clock", "virtual", "--sessions", "declared") as mock:
            declared = mock.post("/__admin/sessions", {"name": "checkout"}, session="not-yet")
            self.assertEqual(declared.status, 201, declared)
            self.assertEqual(make(mock, "checkout").status, 200)
            self.assertEqual(make(mock).status, 200, "the default session is always there")
            for answer in (make(mock, "chekout"), make(mock, path="/~chekout/runs"),
                           make(mock, headers={"Authorization": "Bearer k~chekout"}),
                           mock.get("/__admin/clock", session="chekout")):
                self.assertEqual(answer.status, 404, answer)
                self.assertEqual(answer.headers["content-type"], "application/problem+json")
                self.assertIn("did you mean 'checkout'?", answer.json()["detail"])
                self.assertIn("--sessions declared", answer.json()["detail"])
            self.assertEqual(sorted(names(mock)), ["", "checkout"])
            mock.post("/__admin/reset?all=true")
            self.assertEqual(make(mock, "checkout").status, 200)
            mock.request("DELETE", "/__admin/sessions/checkout")
            self.assertEqual(make(mock, "checkout").status, 404)


class LastByte(unittest.TestCase):
    """Who has the last byte of an answer finds nothing of it under way, and all of it in the journal. Asked on a connection that is open
    already, so that the thread of the answer has no time to spare."""

    def setUp(self):
        self.mock = self.enterContext(Mock("cancels", "tools", "--clock", "virtual"))
        self.answering, self.asking = self.mock.connection(), self.mock.connection()
        self.addCleanup(self.answering.close)
        self.addCleanup(self.asking.close)

    def ask(self, path):
        answer = self.mock.get(f"/__admin/{path}", session="last", connection=self.asking)
        self.assertEqual(answer.status, 200, answer)
        return answer.json()

    def test_of_whole_answers_of_services_and_of_the_admin_api(self):
        for number in range(1, 151):
            path = "/cancels/nowhere" if number % 3 == 0 else RUNS
            fault = {"X-Dryrun-Fault": "duplicate_header"} if number % 5 == 0 else {}
            self.mock.post(path, {"prompt": "x"}, headers={**KEY, **fault}, session="last", connection=self.answering)
            self.assertEqual(self.ask("sessions/last")["in_flight"], 0, f"exchange {number}")
            self.mock.post("/__admin/clock/advance", {"by": "1s"}, session="last", connection=self.answering)
            self.assertEqual(self.ask("sessions/last")["in_flight"], 0, f"advance {number}")

    def test_of_waits_whose_place_is_free_again(self):
        with Mock("cancels", "--clock", "virtual", "--threads", "2") as mock:  # one may wait
            plugs = [mock.connection() for _ in range(2)]
            for plug in plugs:
                self.addCleanup(plug.close)
            for number in range(200):
                answer = mock.post("/__admin/clock/sleep", {"for": "1s"}, connection=plugs[number % 2])
                self.assertEqual(answer.status, 200, f"wait {number}: {answer}")

    def test_of_streams_up_to_their_marker_and_to_their_end(self):
        run = self.mock.post("/tools/runs", {}, session="last").json()["id"]
        self.mock.advance("10s", session="last")
        for number in range(1, 101):
            self.answering.request("GET", f"/tools/runs/{run}/events", headers={"X-Dryrun-Session": "last"})
            stream = self.answering.getresponse()
            while number % 2 and b"[DONE]" not in stream.readline():
                pass  # many clients go on here
            if number % 2 == 0:
                self.assertIn(b"[DONE]", stream.read())
            self.assertEqual(self.ask("requests/count?operation=streamRun")["count"], number)
            self.assertEqual(self.ask("sessions/last")["in_flight"], 0, f"stream {number}")
            stream.read()


class Limits(unittest.TestCase):
    def test_no_more_than_so_many_and_the_service_says_so(self):
        with Mock("cancels", "--clock", "virtual", "--sessions-limit", "3", "--session-idle", "1h") as mock:
            for name in (None, "a", "b"):
                self.assertEqual(make(mock, name).status, 200)
            answer = make(mock, "c")
            self.assertEqual(answer.status, 507, answer)
            self.assertEqual(answer.headers["content-type"], make(mock, headers={"Authorization": ""}).headers["content-type"])
            self.assertIn("--sessions-limit", answer.headers["x-dryrun-remark"])
            self.assertIn("--sessions-limit", mock.stderr())
            self.assertTrue(0 < int(answer.headers["retry-after"]) <= 3600, answer.headers)
            for answer in (mock.get("/__admin/clock", session="c"), mock.post("/__admin/sessions", {"name": "c"})):
                self.assertEqual((answer.status, answer.headers["content-type"]), (507, "application/problem+json"))
                self.assertIn("--sessions-limit", answer.text)
            self.assertEqual(make(mock, "a").status, 200, "those that are there go on")
            mock.request("DELETE", "/__admin/sessions/a")
            self.assertEqual(make(mock, "c").status, 200)

    def fill(self, mock, session, limit=2000):
        """Makes runs until one is refused: that answer."""
        for _ in range(limit):
            answer = make(mock, session)
            if answer.status != 200:
                return answer
        raise AssertionError("it is never full")

    def assert_full(self, answer, option):
        self.assertEqual(answer.status, 507, answer)
        self.assertIn(option, answer.headers["x-dryrun-remark"])
        self.assertTrue(answer.json()["type"].startswith("/errors/"), "in the service's own shape")

    def test_a_session_that_is_full_says_so_and_goes_on_when_there_is_room(self):
        with Mock("cancels", "--clock", "virtual", "--session-bytes", "400k") as mock:
            self.assert_full(self.fill(mock, "a"), "--session-bytes")
            runs = mock.get(RUNS, headers=KEY, session="a").json()["runs"]
            self.assertGreater(len(runs), 5)
            one = mock.get("/__admin/sessions/a").json()
            self.assertTrue(350000 < one["bytes"] < 500000, one)
            for _ in range(300):  # looking goes on, and its journal makes room
                self.assertEqual(mock.get(f"{RUNS}/{runs[0]['run_id']}", headers=KEY, session="a").status, 200)
            self.assertLess(mock.get("/__admin/sessions/a").json()["bytes"], 500000)
            self.assertEqual(make(mock, "b").status, 200, "others have room of their own")
            self.assertIn("--session-bytes", mock.stderr())
            mock.post("/__admin/sessions/a/reset")
            self.assertEqual(make(mock, "a").status, 200)

    def test_time_that_goes_on_makes_no_more_than_fits(self):
        with Mock("schedules", "--clock", "virtual", "--session-bytes", "1m") as mock:
            mock.request("PUT", "/schedules/routines/often", {"cron": "*/5 * * * *"})
            mock.advance("60d")  # 17,280 runs are due
            one = mock.get("/__admin/sessions/~").json()
            self.assertTrue(1 << 20 <= one["bytes"] <= 3 << 20, one)
            self.assertEqual(mock.get("/schedules/routines/often").status, 200)
            self.assertEqual(mock.request("PUT", "/schedules/routines/more", {"cron": "0 * * * *"}).status, 507)

    def test_all_sessions_together_hold_no_more_than_allowed(self):
        with Mock("cancels", "--clock", "virtual", "--memory", "1MB") as mock:
            refused = [self.fill(mock, name) for name in ("a", "b")]
            for answer in refused:
                self.assert_full(answer, "--memory")
            self.assert_full(make(mock, "c"), "--memory")
            answer = mock.get("/__admin/clock", session="d")
            self.assertEqual((answer.status, answer.headers["content-type"]), (507, "application/problem+json"))
            self.assertIn("--memory", answer.json()["detail"])
            listed = mock.admin("sessions")
            self.assertEqual(listed["bytes_limit"], 1 << 20)
            self.assertLessEqual(abs(listed["bytes"] - sum(one["bytes"] for one in listed["sessions"])), 3 * 4096)
            metrics = mock.admin("metrics?format=json")
            self.assertTrue(metrics["sessions_bytes"] <= 1.1 * (1 << 20) and metrics["requests_refused_total"] >= 3)
            mock.request("DELETE", "/__admin/sessions/a")
            self.assertEqual(make(mock, "c").status, 200)

    def test_sizes_that_are_none_are_refused(self):
        for option in ("--memory", "--session-bytes"):
            code, _, said = run("mock", "cancels", option, "much")
            self.assertEqual((code, said.strip()), (2, f"dryrun: error: option '{option}': 'much' is no size (such as 512m or 2g)"))

    def test_an_idle_session_is_forgotten_but_not_one_in_use(self):
        with Mock("tools", "--clock", "virtual", "--session-idle", "150ms") as mock:
            in_two = {"X-Dryrun-Participants": "2"}  # so the stream alone lets no time pass, and stays
            run = mock.post("/tools/runs", {}, session="streams", headers=in_two).json()["id"]
            stream = mock.connection()
            stream.request("GET", f"/tools/runs/{run}/events", headers={"X-Dryrun-Session": "streams"})
            mock.post("/__admin/sessions", {"name": "stays", "expires_after": 0})
            mock.post("/__admin/sessions", {"name": "goes"})
            mock.post("/tools/runs", {}, session="goes-too")
            mock.post("/tools/runs", {})
            until(lambda: mock.get("/__admin/sessions/streams").json()["waiting"] == 1)
            until(lambda: "goes" not in names(mock))
            time.sleep(0.2)  # longer than it may be idle
            self.assertEqual(sorted(names(mock)), ["", "stays", "streams"])
            self.assertEqual(mock.get("/__admin/sessions/streams").json()["in_flight"], 1)
            stream.close()
            until(lambda: "streams" not in names(mock))
            self.assertEqual(mock.admin("metrics?format=json")["sessions_expired_total"], 3)


if __name__ == "__main__":
    main()
