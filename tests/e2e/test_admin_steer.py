# SPDX-License-Identifier: Apache-2.0
"""The admin API's steering side: clock, granted time, waits, outcomes, signals, sessions, reset."""
import pathlib
import shutil
import tempfile
import time
import unittest

from dryrun_test import DATA, ROOT, Mock, MockCase, main
from waiting import Later, until

BEARER = {"Authorization": "Bearer me"}
RUNS = "/cancels/api/v1/runs"
EPOCH = "2026-01-01T00:00:00.000Z"


def make_run(mock, prompt="hi", session=None):
    answer = mock.post(RUNS, {"prompt": prompt}, headers=BEARER, session=session)
    assert answer.status == 200, answer
    return answer.json()["run_id"]


def state(mock, run, session=None):
    return mock.get(f"{RUNS}/{run}", headers=BEARER, session=session).json()["state"]


class OnVirtualTime(MockCase):
    def setUp(self):
        self.assertEqual(self.mock.post("/__admin/reset?all=true").status, 200)
        self.assertEqual(self.mock.request("DELETE", "/__admin/sessions").status, 200)

    # ---- the clock

    def test_time_stands_still_until_it_is_moved(self):
        run = make_run(self.mock)
        self.assertEqual([state(self.mock, run) for _ in range(5)], ["QUEUED"] * 5)
        clock = self.mock.admin("clock")
        self.assertEqual((clock["mode"], clock["now"], clock["next_event"]),
                         ("virtual", EPOCH, "2026-01-01T00:00:00.200Z"))

    def test_advance_by_a_duration_makes_what_is_due_happen(self):
        run = make_run(self.mock)
        moved = self.mock.advance("250ms")
        self.assertEqual((moved["from"], moved["now"], moved["events"]),
                         (EPOCH, "2026-01-01T00:00:00.250Z", 1))
        self.assertEqual(state(self.mock, run), "PENDING")
        self.mock.advance(2.35)
        self.assertEqual(state(self.mock, run), "SUCCEEDED")

    def test_advance_to_an_instant_and_never_back(self):
        self.assertEqual(self.mock.advance(to="2026-03-01T00:00:00Z")["now"],
                         "2026-03-01T00:00:00.000Z")
        answer = self.mock.post("/__admin/clock/advance", {"to": "2026-02-01T00:00:00Z"})
        self.assertEqual((answer.status, answer.json()["title"]), (409, "time does not go back"))

    def test_until_idle_runs_outcomes_to_their_end_but_no_cron(self):
        made = self.mock.request("PUT", "/schedules/routines/daily", {"cron": "0 9 * * *"})
        self.assertEqual(made.status // 100, 2, made)
        run = make_run(self.mock)
        moved = self.mock.advance(until_idle=True)
        self.assertEqual((moved["idle"], moved["now"]), (True, "2026-01-01T00:00:02.600Z"))
        self.assertEqual(state(self.mock, run), "SUCCEEDED")
        self.assertEqual(self.mock.advance(until_idle=True)["events"], 0)

    def test_cron_fires_when_time_passes_it(self):
        self.mock.request("PUT", "/schedules/routines/daily",
                          {"cron": "0 9 * * *", "time_zone": "UTC"})
        self.mock.advance("48h")
        runs = self.mock.admin("resources?provider=schedules&kind=run")
        self.assertEqual(runs["total"], 2, runs)

    # ---- granted time

    def test_sleep_passes_virtual_time_at_once(self):
        run = make_run(self.mock)
        began = time.monotonic()
        answer = self.mock.post("/__admin/clock/sleep", {"for": "1h"})
        self.assertLess(time.monotonic() - began, 20)
        self.assertEqual((answer.status, answer.json()["now"]), (200, "2026-01-01T01:00:00.000Z"))
        self.assertEqual(state(self.mock, run), "SUCCEEDED")

    def test_sleep_for_no_time_answers_at_once(self):
        self.assertEqual(self.mock.post("/__admin/clock/sleep", {"for": 0}).status, 200)

    def test_two_sleepers_wake_in_the_order_of_their_times(self):
        self.assertEqual(self.mock.request("PUT", "/__admin/participants",
                                           {"participants": 2}).status, 200)
        long = Later(lambda: self.mock.post("/__admin/clock/sleep", {"for": "30s"}))
        until(lambda: self.mock.admin("clock")["parked"] == 1)
        self.assertEqual(self.mock.admin("clock")["now"], EPOCH)
        short = self.mock.post("/__admin/clock/sleep", {"for": "10s"})
        self.assertEqual(short.json()["now"], "2026-01-01T00:00:10.000Z")
        self.assertTrue(long.is_alive())
        self.mock.post("/__admin/clock/sleep", {"for": "20s"})
        self.assertEqual(long.result().json()["now"], "2026-01-01T00:00:30.000Z")

    def test_a_sleeper_whose_session_is_reset_is_told_so(self):
        self.mock.post("/__admin/sessions", {"name": "gone", "participants": 2})
        sleeper = Later(lambda: self.mock.post("/__admin/clock/sleep", {"for": "1h"},
                                               session="gone"))
        until(lambda: self.mock.admin("clock", session="gone")["parked"] == 1)
        self.assertEqual(self.mock.request("DELETE", "/__admin/sessions/gone").status, 200)
        self.assertEqual(sleeper.result().status, 409)

    # ---- waits

    def test_wait_until_a_state_grants_the_time_it_takes(self):
        run = make_run(self.mock)
        answer = self.mock.post("/__admin/wait", {"until": {"resource": run, "state": "SUCCEEDED"},
                                                  "within": "1m"})
        self.assertEqual(answer.status, 200, answer)
        body = answer.json()
        self.assertEqual((body["reached"], body["state"], body["now"]),
                         (True, "SUCCEEDED", "2026-01-01T00:00:02.600Z"))

    def test_wait_takes_several_states_and_the_names_of_sets(self):
        for states in (["FAILED", "INPROGRESS"], "terminal", ["open"]):
            run = make_run(self.mock, f"{states}")
            answer = self.mock.post("/__admin/wait",
                                    {"until": {"resource": run, "state": states}})
            self.assertEqual(answer.status, 200, (states, answer))

    def test_a_wait_that_is_not_fulfilled_in_time_is_409_and_says_what_is(self):
        run = make_run(self.mock)
        answer = self.mock.post("/__admin/wait", {"until": {"resource": run, "state": "FAILED"},
                                                  "within": "1s"})
        body = answer.json()
        self.assertEqual((answer.status, body["reached"], body["state"], body["now"]),
                         (409, False, "INPROGRESS", "2026-01-01T00:00:01.000Z"))

    def test_a_wait_for_what_is_not_there_is_404(self):
        answer = self.mock.post("/__admin/wait", {"until": {"resource": "no", "state": "FAILED"}})
        self.assertEqual(answer.status, 404)

    def test_a_state_of_another_machine_cannot_be_waited_for(self):
        run = make_run(self.mock)
        answer = self.mock.post("/__admin/wait", {"until": {"resource": run, "state": "busy"}})
        self.assertEqual((answer.status, answer.json()["detail"]),
                         (400, "a run has none of these states"))

    def test_wait_for_requests_ends_when_the_last_of_them_has_come(self):
        self.mock.post("/__admin/sessions", {"name": "two", "participants": 2})
        waiter = Later(lambda: self.mock.post(
            "/__admin/wait", {"until": {"requests": 2, "operation": "getRun"}, "within": "1h"},
            session="two"))
        until(lambda: self.mock.admin("clock", session="two")["parked"] == 1)
        run = make_run(self.mock, session="two")
        state(self.mock, run, "two")
        until(lambda: self.mock.admin("clock", session="two")["parked"] == 1)
        self.assertTrue(waiter.is_alive())
        state(self.mock, run, "two")
        answer = waiter.result()
        self.assertEqual((answer.status, answer.json()["requests"]), (200, 2))

    def test_wait_for_unmatched_requests_sees_them_too(self):
        self.mock.post("/__admin/sessions", {"name": "un", "participants": 2})
        waiter = Later(lambda: self.mock.post(
            "/__admin/wait", {"until": {"requests": 1, "status": "404"}}, session="un"))
        until(lambda: self.mock.admin("clock", session="un")["parked"] == 1)
        self.mock.get("/no/such/service", session="un")
        self.assertEqual(waiter.result().status, 200)

    def test_a_waiting_client_that_leaves_gives_its_place_back(self):
        self.mock.post("/__admin/sessions", {"name": "left", "participants": 2})
        connection = self.mock.connection()
        connection.request("POST", "/__admin/clock/sleep", '{"for": "1h"}',
                           {"Content-Type": "application/json", "X-Dryrun-Session": "left"})
        until(lambda: self.mock.admin("clock", session="left")["parked"] == 1)
        connection.close()
        until(lambda: self.mock.admin("clock", session="left")["parked"] == 0)
        self.assertEqual(self.mock.admin("clock", session="left")["running"], 0)

    # ---- outcomes

    def test_a_forced_outcome_lasts_until_it_is_taken_back(self):
        answer = self.mock.post("/__admin/outcomes", {"provider": "cancels", "outcome": "failure"})
        self.assertEqual(answer.status, 200, answer)
        runs = [make_run(self.mock), make_run(self.mock)]
        self.assertEqual(self.mock.request("DELETE", "/__admin/outcomes").json(), {"removed": 1})
        runs.append(make_run(self.mock))
        self.mock.advance(until_idle=True)
        self.assertEqual([state(self.mock, run) for run in runs], ["FAILED", "FAILED", "SUCCEEDED"])

    def test_outcomes_for_some_times_come_in_order_and_before_a_lasting_one(self):
        for body in ({"outcome": "cancels.run=hang"},
                     {"outcome": "run=failure", "provider": "cancels", "times": 2},
                     {"machine": "cancels.run", "outcome": "success", "times": 1}):
            answer = self.mock.post("/__admin/outcomes", body)
            self.assertEqual(answer.status, 200, answer)
        self.assertEqual([(item["outcome"], item.get("times")) for item in
                          self.mock.admin("outcomes")["forced"]],
                         [("failure", 2), ("success", 1), ("hang", None)])
        runs = [make_run(self.mock) for _ in range(4)]
        self.mock.advance("1h")
        self.assertEqual([state(self.mock, run) for run in runs],
                         ["FAILED", "FAILED", "SUCCEEDED", "QUEUED"])

    def test_the_header_beats_what_is_forced(self):
        self.mock.post("/__admin/outcomes", {"outcome": "cancels.run=failure"})
        run = self.mock.post(RUNS, {"prompt": "x"}, headers={
            **BEARER, "X-Dryrun-Outcome": "success"}).json()["run_id"]
        self.mock.advance(until_idle=True)
        self.assertEqual(state(self.mock, run), "SUCCEEDED")

    def test_outcomes_that_nobody_has_are_refused_with_the_nearest(self):
        for body, problem in (
                ({"outcome": "cancels.run=failur"},
                 "unknown outcome 'run=failur' (did you mean 'failure'?)"),
                ({"outcome": "fail"}, "several providers have an outcome 'fail': "
                                      "name the 'provider'"),
                ({"outcome": "success", "provider": "cancles"}, "no provider 'cancles' is played, did you mean 'cancels'?"),
                ({"times": 1}, "member 'outcome' is missing: its name; "
                               "GET /__admin/outcomes has all")):
            answer = self.mock.post("/__admin/outcomes", body)
            self.assertEqual((answer.status, answer.json().get("problems")), (400, [problem]))

    def test_a_signal_that_nobody_waits_for_is_refused(self):
        answer = self.mock.post("/__admin/outcomes/signal", {"signal": "go"})
        self.assertEqual((answer.status, answer.json()["resumed"]), (409, 0))

    # ---- sessions

    def test_sessions_are_worlds_of_their_own(self):
        run = make_run(self.mock, session="a")
        self.mock.advance("1h", session="a")
        self.assertEqual(state(self.mock, run, "a"), "SUCCEEDED")
        self.assertEqual(self.mock.get(f"{RUNS}/{run}", headers=BEARER, session="b").status, 404)
        self.assertEqual(self.mock.admin("clock", session="b")["now"], EPOCH)
        names = [item["name"] for item in self.mock.admin("sessions")["sessions"]]
        self.assertEqual(sorted(names), ["", "a", "b"])

    def test_a_session_is_made_once_and_may_change_its_participants(self):
        first = self.mock.post("/__admin/sessions", {"name": "p", "participants": 3})
        second = self.mock.post("/__admin/sessions", {"name": "p"})
        third = self.mock.post("/__admin/sessions", {"name": "p", "participants": 1})
        self.assertEqual([(answer.status, answer.json()["participants"])
                          for answer in (first, second, third)], [(201, 3), (200, 3), (200, 1)])

    def test_deleting_a_session_makes_the_next_one_new(self):
        make_run(self.mock, session="d")
        self.assertEqual(self.mock.request("DELETE", "/__admin/sessions/d").json(),
                         {"deleted": "d"})
        self.assertEqual(self.mock.admin("requests/count", session="d")["count"], 0)
        answer = self.mock.request("DELETE", "/__admin/sessions/dd")
        self.assertEqual(answer.status, 404)

    def test_reset_is_about_one_session_unless_all_are_meant(self):
        run = make_run(self.mock)
        make_run(self.mock, session="other")
        self.assertEqual(self.mock.post("/__admin/reset").json()["reset"], "this session")
        self.assertEqual(self.mock.get(f"{RUNS}/{run}", headers=BEARER).status, 404)
        self.assertEqual(self.mock.admin("requests/count", session="other")["count"], 1)
        self.mock.post("/__admin/reset?all=true")
        self.assertEqual(self.mock.admin("requests/count", session="other")["count"], 0)

    def test_after_a_reset_the_same_requests_give_the_same_bytes(self):
        def story():
            run = self.mock.post(RUNS, {"prompt": "again"}, headers=BEARER)
            self.mock.advance("500ms")
            seen = self.mock.get(f"{RUNS}/{run.json()['run_id']}", headers=BEARER)
            return [(a.status, a.text, a.headers["date"], a.headers["x-dryrun-exchange"])
                    for a in (run, seen)]
        first = story()
        self.mock.post("/__admin/reset")
        self.mock.admin("requests")
        self.assertEqual(story(), first)


class Otherwise(unittest.TestCase):
    def test_a_scaled_clock_runs_ahead(self):
        with Mock("--clock", "scaled:1000") as mock:
            run = make_run(mock)
            answer = mock.post("/__admin/wait", {"until": {"resource": run, "state": "terminal"},
                                                 "within": "60s"})
            self.assertEqual((answer.status, answer.json()["state"]), (200, "SUCCEEDED"))
            self.assertEqual(mock.admin("clock")["scale"], 1000)

    def test_each_service_request_steps_and_no_admin_request_does(self):
        with Mock("--clock", "virtual", "--step", "300ms") as mock:
            run = make_run(mock)
            for _ in range(5):
                mock.admin("clock")
            self.assertEqual(mock.admin("clock")["now"], "2026-01-01T00:00:00.300Z")
            seen = [state(mock, run) for _ in range(9)]
            self.assertEqual((seen[0], seen[-1]), ("CLAIMED", "SUCCEEDED"))

    def test_outcomes_that_wait_for_a_signal_go_on_when_it_is_given(self):
        with tempfile.TemporaryDirectory() as folder:
            data = pathlib.Path(folder)
            shutil.copytree(ROOT / DATA / "contracts/cancels", data / "contracts/cancels")
            shutil.copytree(ROOT / DATA / "fixtures/cancels", data / "fixtures/cancels")
            file = data / "fixtures/cancels/outcomes.yaml"
            text = file.read_text(encoding="utf-8")
            changed = text.replace("steps: [] }",
                                   "steps: [ { after: { signal: go }, to: PENDING } ] }")
            self.assertNotEqual(text, changed)
            file.write_text(changed, encoding="utf-8")
            with Mock("--clock", "virtual", "--outcome", "cancels.run=hang",
                      data=["--contracts", str(data / "contracts"),
                            "--fixtures", str(data / "fixtures")]) as mock:
                self._signals(mock)

    def _signals(self, mock):
        one, two = make_run(mock, "1"), make_run(mock, "2")
        waiting = mock.admin("outcomes")
        self.assertEqual({(item["signal"], item["id"]) for item in waiting["waiting_for_signals"]},
                         {("go", one), ("go", two)})
        self.assertTrue(waiting["forced"][0]["by_command_line"])
        wrong = mock.post("/__admin/outcomes/signal", {"signal": "goo"})
        self.assertEqual(wrong.status, 409)
        self.assertIn("did you mean 'go'?", wrong.json()["detail"])
        given = mock.post("/__admin/outcomes/signal", {"signal": "go", "id": one})
        self.assertEqual(given.json(), {"resumed": 1, "fired": 0})
        self.assertEqual((state(mock, one), state(mock, two)), ("PENDING", "QUEUED"))
        self.assertEqual(mock.post("/__admin/outcomes/signal", {"signal": "go"}).json(),
                         {"resumed": 1, "fired": 0})
        self.assertEqual(state(mock, two), "PENDING")


if __name__ == "__main__":
    main()
