#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Page `schedules` with faults of webhooks: lost, doubled and late calls, and what the service makes of them."""

from engine_test import ROOT, Cases, Engine, main
from waiting import Receiver


class WebhookFaults(Cases):
    page = "schedules"

    def setUp(self):
        super().setUp()
        self.hook = Receiver()
        self.addCleanup(self.hook.close)

    def play(self, *rules, **routine):
        """A routine that fires each hour and calls out when its run is over."""
        for rule in rules:
            self.client.admin("POST", "/faults", rule)
        self.client("PUT", "/routines/hourly", {"cron": "0 * * * *", "callback_url": self.hook.url, **routine})

    def to(self, instant):
        self.client.admin("POST", "/clock/advance", {"to": f"2026-01-01T{instant}Z"})

    def hours(self):
        """Of the runs that were told of, in the order in which they came."""
        return [body["fire_at"] % 86400 // 3600 for _, _, body in self.hook.calls]

    def run_of(self, hour):
        runs = self.client.get("/routines/hourly/runs?order=asc&limit=100").body["data"]
        return next(run for run in runs if run["fire_at"] % 86400 // 3600 == hour)

    def journal(self):
        return [(one["faults"], one["status"]) for one in self.client.admin("GET", "/requests")["requests"]
                if one.get("faults")]

    def test_a_lost_call_is_tried_again(self):
        self.play({"fault": "webhook_lost", "requests": 1})
        self.to("01:30:00")
        self.case("the second try arrived", self.hours(), [1])
        self.case("the service knows", self.run_of(1)["callback_status"], 200)
        self.case("the journal says why", self.journal(), [(["webhook_lost"], 0)])

    def test_all_tries_are_lost(self):
        self.play({"fault": "webhook_lost", "match": {"operation": "run_ended"}, "times": 2})
        self.to("02:30:00")
        self.case("the first run was never told of", self.hours(), [2])
        self.case("and says so", "callback_status" in self.run_of(1), False)

    def test_a_call_arrives_twice(self):
        self.play({"fault": "webhook_twice", "requests": 2})
        self.to("03:30:00")
        self.case("the second run's", self.hours(), [1, 2, 2, 3])
        self.case("with the same bytes", self.hook.calls[1], self.hook.calls[2])

    def test_as_often_as_wanted(self):
        self.play({"fault": "webhook_twice", "with": {"copies": 5}})
        self.to("01:30:00")
        self.case("five times", self.hours(), [1] * 5)

    def test_a_call_is_late(self):
        self.play({"fault": "webhook_late", "with": {"time": "90m"}, "requests": 1})
        self.to("01:30:00")
        self.case("not yet", self.hours(), [])
        self.to("02:20:00")
        self.case("another run's overtakes it", self.hours(), [2])
        self.to("02:40:00")
        self.case("there", self.hours(), [2, 1])

    def test_matching_by_state_and_callback(self):
        self.play({"fault": "webhook_lost", "match": {"operation": "run_moved"}}, follow_url=self.hook.url)
        self.to("01:30:00")
        self.case("the other callback's are untouched", self.hours(), [1])
        self.client.admin("DELETE", "/faults")
        self.client.admin("POST", "/faults", {"fault": "webhook_twice", "match": {"state": "completed"}})
        self.to("02:10:00")
        self.case("two of each", len([hour for hour in self.hours() if hour == 2]) >= 4, True)


class EarlyCalls(Cases):
    """A service of which a run can be read by its id."""

    page = "acp"

    @classmethod
    def setUpClass(cls):
        cls.engine = Engine(cls.page, data=ROOT)

    def test_a_call_is_early(self):
        seen, reader = [], self.another()
        hook = Receiver(look=lambda body: seen.append(reader.get("/runs/" + body["run_id"]).body["status"]))
        self.addCleanup(hook.close)
        early = {"fault": "webhook_early", "with": {"reads": 2}, "match": {"state": "success"}}
        self.client.admin("POST", "/faults", early)
        agent = self.client.post("/agents/search", {}).body[0]["agent_id"]
        run = self.client.post("/runs", {"agent_id": agent, "input": {}, "webhook": hook.url}).body["run_id"]
        self.client.advance("10m")
        self.case("it tells more than a read shows", ([body["status"] for _, _, body in hook.calls], seen),
                  (["pending", "success"], ["pending", "pending"]))
        self.case("a rule that is shown does it", [(one["fault"], one["applied"])
                                                   for one in self.client.admin("GET", "/faults")["rules"]],
                  [("webhook_early", 1), ("stale_read", 1)])
        self.case("so often, then no more", [reader.get("/runs/" + run).body["status"] for _ in range(2)],
                  ["pending", "success"])

    def test_what_early_calls_leave_behind_goes(self):
        hook = Receiver()
        self.addCleanup(hook.close)
        self.client.admin("POST", "/faults", {"fault": "webhook_early", "match": {"state": "success"}})
        agent = self.client.post("/agents/search", {}).body[0]["agent_id"]

        def play(is_read):
            run = self.client.post("/runs", {"agent_id": agent, "input": {}, "webhook": hook.url}).body["run_id"]
            self.client.advance("10m")
            if is_read:
                self.client.get("/runs/" + run)
            return [one for one in self.client.admin("GET", "/faults")["rules"] if one["fault"] == "stale_read"]

        self.case("used up ones make room", [len(play(True)) for _ in range(3)], [1, 1, 1])
        self.case("unused ones do not pile up", max(len(play(False)) for _ in range(130)), 128)


if __name__ == "__main__":
    main()
