# SPDX-License-Identifier: Apache-2.0
"""Time that obeys: advancing every clock and watching it, freezing and thawing, why it ended; and all that hangs on
time: streams, waits, signed links, cron, webhooks."""
import http.client
import json
import time
import unittest
import urllib.parse

from dryrun_test import Mock, MockCase, main
from waiting import Later, Receiver, until

BEARER = {"Authorization": "Bearer me"}
RUNS = "/cancels/api/v1/runs"
EPOCH = "2026-01-01T00:00:00.000Z"
LINES = {"Accept": "application/x-ndjson", "Content-Type": "application/json"}


def make_run(mock, session=None):
    answer = mock.post(RUNS, {"prompt": "hi"}, headers=BEARER, session=session)
    assert answer.status == 200, answer
    return answer.json()["run_id"]


def state(mock, run, session=None):
    return mock.get(f"{RUNS}/{run}", headers=BEARER, session=session).json()["state"]


def put_routine(mock, name, session=None, **body):
    answer = mock.request("PUT", f"/schedules/routines/{name}", body, session=session)
    assert answer.status == 200, answer


class OnVirtualTime(MockCase):
    def setUp(self):
        self.assertEqual(self.mock.post("/__admin/reset?all=true").status, 200)

    # ---- why an advance ended

    def ended(self, **body):
        moved = self.mock.advance(**body)
        self.assertTrue(moved["because"])
        return moved["ended"], moved["now"], moved["events"]

    def test_an_advance_says_why_it_ended(self):
        self.mock.advance("4s")  # what is there from the beginning comes to rest
        self.assertEqual(self.ended(by="1s"), ("reached", "2026-01-01T00:00:05.000Z", 0))
        self.assertEqual(self.ended(until_idle=True), ("idle", "2026-01-01T00:00:05.000Z", 0))
        put_routine(self.mock, "hourly", cron="0 * * * *")
        self.assertEqual(self.ended(until_idle=True), ("recurring", "2026-01-01T00:00:05.000Z", 0))
        self.assertEqual(self.mock.admin("clock")["recurring"], 1)
        self.assertEqual(self.ended(to="2026-01-01T01:00:00Z")[0], "reached")
        self.assertEqual(self.ended(until_idle=True)[:2],  # the run that it has started comes to its end
                         ("recurring", "2026-01-01T01:00:00.500Z"))

    def test_a_limit_of_events_bounds_any_advance(self):
        self.mock.advance("1m")
        put_routine(self.mock, "hourly", cron="0 * * * *")
        self.assertEqual(self.ended(by="24h", limit=1), ("limit", "2026-01-01T01:00:00.000Z", 1))
        self.assertEqual(self.ended(until_idle=True, limit=1)[0::2], ("limit", 1))

    def test_what_does_not_come_to_rest_within_its_time_ends_there(self):
        put_routine(self.mock, "r", once=["2026-01-01T05:00:00Z"], cron="*/5 * * * *")
        self.mock.advance("1h")
        moved = self.mock.advance(until_idle=True, within="2h")
        self.assertEqual((moved["ended"], moved["now"]), ("horizon", "2026-01-01T03:00:00.000Z"))
        self.assertFalse(moved["idle"])

    def test_retries_of_webhooks_are_waited_for(self):
        with Receiver() as closed:
            url = closed.url  # nobody listens there afterwards
        put_routine(self.mock, "r", cron="0 0 1 1 *", once=["2026-01-01T01:00:00Z"], callback_url=url)
        self.mock.advance("1h")
        moved = self.mock.advance(until_idle=True)
        self.assertEqual(moved["ended"], "recurring")
        tried = self.mock.admin("requests")["requests"]
        self.assertEqual([one["status"] for one in tried if "callback" in (one.get("remark") or "")], [0, 0])

    def test_what_cannot_be_asked_is_refused(self):
        for body, problem in [
                ({"by": "1s", "within": "1h"}, "member 'within' goes with 'until_idle' only"),
                ({"by": "1s", "limit": 0}, "member 'limit' is a whole number from 1 on, not 0"),
                ({"by": "1s", "until_idle": True}, "give one of 'by', 'to' and 'until_idle'"),
                ({}, "give one of 'by', 'to' and 'until_idle'"),
                ({"until": "idle", "by": "1s"}, "unknown member 'until'")]:
            answer = self.mock.post("/__admin/clock/advance", body)
            self.assertEqual(answer.status, 400, answer)
            self.assertIn(problem, answer.json()["problems"][0])
        answer = self.mock.post("/__admin/clock/freeze", {"for": "1s"})
        self.assertEqual(answer.status, 400, answer)

    # ---- watching it

    def test_a_long_advance_tells_line_by_line_how_far_it_is(self):
        with Receiver(pause=0.4) as hooks:
            put_routine(self.mock, "r", cron="0 * * * *", callback_url=hooks.url)
            answer = self.mock.post("/__admin/clock/advance", {"by": "2h"}, headers=LINES)
        self.assertEqual(answer.headers["content-type"], "application/x-ndjson")
        lines = [json.loads(line) for line in answer.text.splitlines()]
        self.assertGreater(len(lines), 1, answer)
        for line in lines[:-1]:
            self.assertEqual(line["to"], "2026-01-01T02:00:00.000Z")
            self.assertLess(line["now"], line["to"])
            self.assertTrue({"events", "left", "events_to_come", "real_ms"} <= set(line), line)
        self.assertTrue(any("webhooks_under_way" in line for line in lines), lines)
        self.assertEqual((lines[-1]["ended"], lines[-1]["now"], lines[-1]["from"]),
                         ("reached", "2026-01-01T02:00:00.000Z", EPOCH))
        self.assertEqual(len(hooks.bodies), 1)

    def test_a_short_one_is_one_line_and_a_wrong_one_a_problem(self):
        answer = self.mock.post("/__admin/clock/advance", {"by": "1s"}, headers=LINES)
        self.assertEqual(json.loads(answer.text)["ended"], "reached")
        answer = self.mock.post("/__admin/clock/advance", {"to": "2020-01-01T00:00:00Z"}, headers=LINES)
        self.assertEqual((answer.status, answer.headers["content-type"]), (409, "application/problem+json"))

    def runaway(self, headers):
        """Ten years of a routine with a webhook each: a client asks for them and leaves soon."""
        with Receiver(pause=0.05) as hooks:
            put_routine(self.mock, "r", cron="*/5 * * * *", callback_url=hooks.url)
            connection = http.client.HTTPConnection("127.0.0.1", self.mock.port, timeout=60)
            connection.request("POST", "/__admin/clock/advance", '{"by": "3650d"}', headers)
            until(lambda: len(hooks.bodies) > 2)
            connection.close()
            until(lambda: self.mock.admin("clock")["running"] == 0)
        self.assertLess(self.mock.admin("clock")["now"], "2026-01-02")

    def test_a_client_that_leaves_ends_it_where_it_is(self):
        self.runaway(LINES)

    def test_also_one_that_gets_no_lines(self):
        self.runaway({"Content-Type": "application/json"})

    # ---- freezing

    def test_a_frozen_session_grants_no_time_until_it_is_thawed(self):
        run = make_run(self.mock)
        frozen = self.mock.post("/__admin/clock/freeze")
        self.assertEqual((frozen.status, frozen.json()["frozen"]), (200, True))
        sleeper = Later(lambda: self.mock.post("/__admin/clock/sleep", {"for": "1h"}))
        until(lambda: self.mock.admin("clock")["parked"] == 1)
        self.assertEqual((self.mock.admin("clock")["now"], state(self.mock, run)), (EPOCH, "QUEUED"))
        self.mock.advance("250ms")  # what is asked for plainly is done
        self.assertEqual(state(self.mock, run), "PENDING")
        self.assertTrue(sleeper.is_alive())
        self.assertEqual(self.mock.post("/__admin/clock/thaw").json()["frozen"], False)
        self.assertEqual(sleeper.result().json()["now"], "2026-01-01T01:00:00.000Z")

    def test_another_session_is_not_frozen_and_a_reset_one_neither(self):
        self.mock.post("/__admin/clock/freeze", session="ice")
        self.assertEqual([self.mock.admin("clock", session=name)["frozen"] for name in ("ice", "water")], [True, False])
        self.mock.post("/__admin/reset", session="ice")
        self.assertFalse(self.mock.admin("clock", session="ice")["frozen"])

    # ---- what hangs on time

    def test_a_stream_tells_every_move_of_an_advance_in_order(self):
        made = self.mock.post("/tools/runs", {}).json()["id"]
        self.mock.request("PUT", "/__admin/participants", {"participants": 2})
        reader = Later(lambda: self.mock.get(f"/tools/runs/{made}/events"))
        until(lambda: self.mock.admin("clock")["parked"] == 1)
        self.mock.advance("1h")
        events = [line[7:] for line in reader.result().text.splitlines() if line.startswith("event: ")]
        self.assertEqual([events[0], events[-1], events.count("step.delta")], ["run.created", "done", 3])

    def test_a_wait_for_a_state_that_passes_sees_it(self):
        for number in range(10):
            run = make_run(self.mock, session=f"s{number}")
            waiter = Later(lambda: self.mock.post(
                "/__admin/wait", {"until": {"resource": run, "state": "INPROGRESS"}, "within": "2h"},
                session=f"s{number}"))
            self.mock.request("PUT", "/__admin/participants", {"participants": 2}, session=f"s{number}")
            until(lambda: waiter.answer or self.mock.admin("clock", session=f"s{number}")["parked"] == 1)
            self.mock.advance("1h", session=f"s{number}")
            answer = waiter.result()
            self.assertEqual((answer.status, answer.json()["reached"]), (200, True), answer)

    def test_a_day_of_schedules_is_played_in_a_blink(self):
        put_routine(self.mock, "r", cron="*/5 * * * *")
        self.mock.advance("1h")  # what is loaded at first use is loaded
        began = time.monotonic()
        moved = self.mock.advance("24h")
        took = time.monotonic() - began
        self.assertEqual(self.mock.admin("resources?provider=schedules&kind=run&limit=1")["total"], 25 * 12)
        self.assertGreaterEqual(moved["events"], 3 * 24 * 12)
        self.assertLess(took, 10, "a day took longer than a tenth of that ought to")
        print(f"a day of a routine every five minutes: {moved['events']} events in {took:.2f} s")


class Services(unittest.TestCase):
    def test_a_day_of_schedules_of_a_service(self):
        with Mock("azure-routines", "--clock", "virtual", data=[]) as mock:
            body = {"triggers": {"t": {"type": "schedule", "cron_expression": "*/5 * * * *", "time_zone": "UTC"}},
                    "action": {"type": "invoke_agent_responses_api", "agent_name": "a"}}
            for number in range(4):
                made = mock.request("PUT", f"/routines/r{number}?api-version=v1", body, headers=BEARER)
                self.assertEqual(made.status // 100, 2, made)
            began = time.monotonic()
            moved = mock.advance("24h")
            took = time.monotonic() - began
            self.assertGreaterEqual(moved["events"], 4 * 288 * 2)
            self.assertLess(took, 10)
            print(f"a day of four routines: {moved['events']} events in {took:.2f} s")

    def signed(self, mock):
        run = mock.post("/agent/runs", {"prompt": "hello"}, headers=BEARER).json()["run_id"]
        mock.advance("10s")
        answer = mock.get(f"/agent/runs/{run}/handoff/attachments", headers=BEARER).json()
        url = urllib.parse.urlsplit(answer["attachments"][0]["download_url"])
        return lambda: mock.get(f"{url.path}?{url.query}").status

    def test_signed_links_expire_by_the_worlds_clock_whatever_it_is(self):
        for arguments in (["--clock", "virtual"], ["--clock", "scaled:10"], []):
            with Mock("warp", *arguments, data=[]) as mock:
                fetch = self.signed(mock)
                self.assertEqual(fetch(), 200, arguments)
                mock.post("/__admin/clock/freeze")
                self.assertEqual(fetch(), 200)
                mock.advance("48h")
                self.assertEqual(fetch(), 403, arguments)

    def test_a_scaled_clock_lets_a_link_expire_by_itself(self):
        with Mock("warp", "--clock", "scaled:1000000", data=[]) as mock:
            mock.post("/__admin/clock/freeze")
            fetch = self.signed(mock)
            self.assertEqual(fetch(), 200)
            mock.post("/__admin/clock/thaw")
            until(lambda: fetch() == 403)


    def test_a_budget_of_requests_counts_in_the_worlds_time_when_asked(self):
        rule = {"fault": "rate_limit", "with": {"budget": 2, "window": "60s"}, "clock": "world"}
        with Mock("cancels", "--clock", "virtual") as mock:
            self.assertEqual(mock.post("/__admin/faults", rule).status // 100, 2)

            def statuses():
                return [mock.get(f"{RUNS}", headers=BEARER).status for _ in range(3)]
            self.assertEqual(statuses(), [200, 200, 429])
            mock.advance("59s")
            self.assertEqual(statuses(), [429, 429, 429])
            mock.advance("1s")
            self.assertEqual(statuses(), [200, 200, 429])

    def test_and_so_does_one_on_a_frozen_or_moved_real_clock(self):
        rule = {"fault": "rate_limit", "with": {"budget": 1, "window": "1h"}, "clock": "world"}
        with Mock("cancels") as mock:
            mock.post("/__admin/clock/freeze")
            mock.post("/__admin/faults", rule)
            self.assertEqual([mock.get(f"{RUNS}", headers=BEARER).status for _ in range(2)], [200, 429])
            mock.advance("1h")
            self.assertEqual(mock.get(f"{RUNS}", headers=BEARER).status, 200)


class OnOtherClocks(unittest.TestCase):
    def test_a_real_clock_is_moved_ahead_and_goes_on_from_there(self):
        with Mock() as mock, Receiver() as hooks:
            run = make_run(mock)
            put_routine(mock, "hourly", cron="0 * * * *", callback_url=hooks.url)
            before = mock.admin("clock")
            self.assertEqual((before["mode"], before["frozen"], "ahead" in before), ("real", False, False))
            moved = mock.advance("3h")
            self.assertEqual((moved["ended"], state(mock, run)), ("reached", "SUCCEEDED"))
            self.assertEqual(moved["ahead"], "PT3H")
            self.assertIn(len(hooks.bodies), (3, 4))
            answer = mock.get(f"{RUNS}/{run}", headers=BEARER)
            self.assertGreater(answer.headers["date"], "")
            again = make_run(mock)  # by itself
            until(lambda: state(mock, again) == "PENDING")
            began = time.monotonic()
            self.assertEqual(mock.post("/__admin/clock/sleep", {"for": "100ms"}).status, 200)
            self.assertGreaterEqual(time.monotonic() - began, 0.1)

    def test_a_frozen_real_clock_stands_and_nothing_happens(self):
        with Mock() as mock:
            mock.post("/__admin/clock/freeze")
            run = make_run(mock)
            sleeper = Later(lambda: mock.post("/__admin/clock/sleep", {"for": "300ms"}))
            until(lambda: mock.admin("clock")["parked"] == 1)
            frozen = mock.admin("clock")
            time.sleep(0.2)  # the first move of a run is due after that
            time.sleep(0.1)
            self.assertEqual((state(mock, run), mock.admin("clock")["now"]), ("QUEUED", frozen["now"]))
            mock.advance("1s")
            sleeper.result()
            self.assertEqual(state(mock, run), "INPROGRESS")
            thawed = mock.post("/__admin/clock/thaw").json()
            self.assertFalse(thawed["frozen"])
            until(lambda: state(mock, run) == "SUCCEEDED")

    def test_a_scaled_clock_can_be_moved_and_frozen_too(self):
        with Mock("--clock", "scaled:1000") as mock:
            mock.post("/__admin/clock/freeze")
            run = make_run(mock)
            self.assertGreaterEqual(mock.advance("1s")["events"], 3)
            self.assertEqual(state(mock, run), "INPROGRESS")
            mock.post("/__admin/clock/thaw")
            until(lambda: state(mock, run) == "SUCCEEDED")
            moved = mock.advance("1h")
            self.assertEqual((moved["ended"], moved["scale"]), ("reached", 1000))

    def test_a_frozen_stepping_clock_does_not_step(self):
        with Mock("--clock", "virtual", "--step", "300ms") as mock:
            mock.post("/__admin/clock/freeze")
            run = make_run(mock)
            self.assertEqual({state(mock, run) for _ in range(5)}, {"QUEUED"})
            mock.post("/__admin/clock/thaw")
            self.assertEqual([state(mock, run) for _ in range(10)][-1], "SUCCEEDED")


if __name__ == "__main__":
    main()
