#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Page `schedules`: cron in a time zone across a change of its clock, retries at exact instants, webhooks, links to the
next page, and runs that outlive what made them."""

import threading
import time
from datetime import datetime, timezone

from engine_test import REAL_SECONDS, Cases, main
from waiting import Receiver


def unix(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp())


class Schedules(Cases):
    page = "schedules"

    def put(self, name="nightly", **body):
        answer = self.client("PUT", "/routines/" + name, {"cron": "30 2 * * *", **body})
        self.assertEqual(answer.status, 200, answer.text)
        return answer.body

    def runs(self, name="nightly", query="order=asc&limit=100"):
        return self.client.get(f"/routines/{name}/runs?{query}").body["data"]

    def receiver(self, *statuses):
        receiver = Receiver(*statuses)
        self.addCleanup(receiver.close)
        return receiver

    def to(self, instant):
        self.client.admin("POST", "/clock/advance", {"to": instant})

    def test_a_routine(self):
        now = unix("2026-01-01T00:00:00")
        expected = {"name": "nightly", "cron": "30 2 * * *", "time_zone": "Europe/Berlin", "enabled": True}
        expected |= {"next_run": unix("2026-01-01T01:30:00"), "created_at": now, "updated_at": now}
        answer = self.client("PUT", "/routines/nightly", {"cron": "30 2 * * *", "time_zone": "Europe/Berlin"})
        self.case("made", answer.brief, (200, expected))
        self.explained("made", answer, 200, "putRoutine", "routine=enabled", "to: enabled")
        answer = self.client.get("/routines/nightly")
        self.case("read", answer.body, expected)
        self.explained("read", answer, 200, "getRoutine", "routine=enabled", "getRoutine")
        self.client.advance("60s")
        answer = self.client("PUT", "/routines/nightly", {"cron": "0 * * * *"})
        self.case("replaced, its birth kept", (answer.status, answer.body["created_at"], answer.body["updated_at"],
                  answer.body["time_zone"], answer.body["next_run"]), (200, now, now + 60, "UTC", now + 3600))
        answer = self.client.post("/routines/nightly:disable")
        self.case("disabled", (answer.body["enabled"], answer.body.get("next_run")), (False, None))
        self.explained("disabled", answer, 200, "disableRoutine", "routine=disabled", "disableRoutine")
        self.client.advance("72h")
        self.case("does not fire", self.runs(), [])
        answer = self.client("PUT", "/routines/nightly", {"cron": "0 * * * *", "enabled": False})
        self.explained("may be made so", answer, 200, "putRoutine", "routine=disabled", "to: disabled")
        self.put(cron="0 * * * *")
        self.client.advance("2h")
        self.case("fires again", len(self.runs()), 2)

    def test_the_clock_of_a_zone_goes_forward(self):
        self.put(time_zone="Europe/Berlin")
        self.to("2026-03-31T12:00:00Z")
        self.case("02:30 is not there on the 29th: right after the gap; then in summer time",
                  [run["fire_at"] for run in self.runs()][-4:],
                  [unix(f"2026-03-{instant}:00") for instant in
                   ("28T01:30", "29T01:00", "30T00:30", "31T00:30")])

    def test_the_clock_of_a_zone_goes_back(self):
        self.to("2026-10-24T12:00:00Z")
        self.put(time_zone="Europe/Berlin")
        self.to("2026-10-26T12:00:00Z")
        self.case("02:30 comes twice that Sunday, but fires once",
                  [run["fire_at"] for run in self.runs()][-1], unix("2026-10-26T01:30:00"))
        self.case("so two nights are two runs", len(self.runs()), 2)

    def test_retries_at_exact_instants(self):
        self.put(answers=[503, 500, 200])
        run = lambda: self.runs()[0]  # noqa: E731
        self.to("2026-01-01T02:30:00Z")
        fire = unix("2026-01-01T02:30:00")
        new = {"id": run()["id"], "routine": "nightly", "phase": "queued", "fire_at": fire, "tries": 0}
        self.case("born when it is due", run(), new)
        for by, phase, tries in [("199ms", "queued", 0), ("1ms", "dispatching", 0), ("299ms", "dispatching", 0),
                                 ("1ms", "dispatching", 1),  # 503: 1 s, then the try itself
                                 ("1299ms", "dispatching", 1), ("1ms", "dispatching", 2),
                                 ("2299ms", "dispatching", 2), ("1ms", "completed", 3)]:
            self.client.advance(by)
            self.case(f"+{by}", (run()["phase"], run()["tries"]), (phase, tries))
        self.case("ended", run()["ended_at"], fire + 4)
        self.put("bad", answers=[503, 503, 503, 200])
        self.put("wrong", answers=[404])
        self.client.advance("24h")
        self.case("after three tries it has failed", [(r["phase"], r["tries"]) for r in self.runs("bad")],
                  [("failed", 3)])
        self.case("4xx is not tried again", [(r["phase"], r["tries"]) for r in self.runs("wrong")], [("failed", 1)])

    def test_webhooks(self):
        hooks = self.receiver(500, 200)
        self.put(callback_url=hooks.url)
        self.client.sleep("2h30m")
        self.client.sleep("500ms")
        self.client.sleep("100ms")  # not before the delivery is over
        run = self.runs()[0]
        self.case("called at once", [(path, kind, body["phase"]) for path, kind, body in hooks.calls],
                  [("/hook", "application/json", "completed")])
        self.case("not yet delivered", "callback_status" in run, False)
        self.client.sleep("899ms")
        self.case("the backoff is not over", len(hooks.calls), 1)
        self.client.sleep("1ms")
        self.client.sleep("1ms")
        self.case("tried again, the same bytes", (len(hooks.calls), hooks.calls[0] == hooks.calls[1]), (2, True))
        self.case("its body is the run as it was", hooks.calls[1][2], run)
        self.case("told by the run", self.runs()[0]["callback_status"], 200)

    def test_webhooks_in_order(self):
        hooks = self.receiver(200)
        self.put("hourly", cron="0 * * * *", callback_url=hooks.url)
        self.client.sleep("5h30m")
        self.case("as they happened", [body["fire_at"] for _, _, body in hooks.calls],
                  [unix(f"2026-01-01T0{hour}:00:00") for hour in range(1, 6)])

    def test_an_advance_lets_webhooks_arrive(self):
        hooks = self.receiver(500, 200)
        self.put(callback_url=hooks.url)
        self.client.advance("2h30m500ms")
        self.case("called before the answer comes back", len(hooks.calls), 1)
        self.client.advance("999ms")
        self.case("the backoff counts from the try", len(hooks.calls), 1)
        self.client.advance("1ms")
        self.case("tried again at its very instant", (len(hooks.calls), self.runs()[0]["callback_status"]), (2, 200))
        hooks = self.receiver(500, 200)
        self.put("quick", cron="0 * * * *", callback_url=hooks.url)
        self.client.advance("1h")
        self.case("a retry may be due on the way", [body["fire_at"] for _, _, body in hooks.calls],
                  2 * [unix("2026-01-01T03:00:00")])

    def test_webhooks_of_one_resource_keep_their_order(self):
        hooks = self.receiver(500, 503, 500, 200)
        self.put(follow_url=hooks.url)
        self.client.advance("2h30m600ms")
        self.case("the second waits behind the tries of the first", [body["phase"] for _, _, body in hooks.calls],
                  ["dispatching"])
        self.client.advance("2s")
        self.client.advance("2s")
        self.case("which may all fail", [body["phase"] for _, _, body in hooks.calls],
                  ["dispatching"] * 3 + ["completed"])
        self.put("other", cron="*/5 * * * *", follow_url=hooks.url)
        self.client.advance("10m")
        self.case("then they go one after the other", [body["phase"] for _, _, body in hooks.calls[4:]],
                  ["dispatching", "completed"] * 2)

    def test_a_slow_receiver_delays_its_own_session_only(self):
        arrived, free = threading.Event(), threading.Event()

        def be_slow(_):
            arrived.set()
            free.wait(REAL_SECONDS)

        slow = Receiver(look=be_slow)
        self.addCleanup(slow.close)
        self.addCleanup(free.set)
        other = self.engine.client("unhurried")
        self.addCleanup(other.close)
        other("PUT", "/routines/slow", {"cron": "*/5 * * * *", "callback_url": slow.url})
        waiting = threading.Thread(target=other.advance, args=("6m",))
        waiting.start()
        arrived.wait(REAL_SECONDS)
        hooks = self.receiver(200)
        self.put(callback_url=hooks.url)
        self.client.advance("3h")
        self.case("ours has come, theirs is still on its way", (len(hooks.calls), waiting.is_alive()), (1, True))
        free.set()
        waiting.join(REAL_SECONDS)
        self.case("then theirs", waiting.is_alive(), False)

    def test_webhooks_that_fail(self):
        hooks = self.receiver(503)
        self.put(callback_url=hooks.url)
        self.client.sleep("3h")
        self.client.sleep("1ms")
        self.case("as often as it says", len(hooks.calls), 2)
        self.case("with the last status", self.runs()[0]["callback_status"], 503)
        self.put("nobody", cron="0 * * * *", callback_url="http://127.0.0.1:1/hook")
        self.client.sleep("90m")
        self.case("nobody listens", [r.get("callback_status") for r in self.runs("nobody")], [None])
        self.put("far", cron="0 * * * *", callback_url="http://192.0.2.1/hook")
        began = time.monotonic()
        self.client.sleep("1h")
        self.client.sleep("1s")
        self.case("not beyond loopback", [r.get("callback_status") for r in self.runs("far")][:1], [None])
        self.case("without a try", time.monotonic() - began < 20, True)
        told = self.client.get("/__admin/requests").text
        self.case_true("and it is said", "is not loopback" in told)

    def test_a_webhook_after_a_reset(self):
        hooks = self.receiver(500)
        self.put(callback_url=hooks.url)
        self.client.sleep("2h31m")
        self.client.admin("POST", "/reset")
        self.client.sleep("1h")
        self.case("no retry comes out of a closed world", len(hooks.calls) <= 2, True)
        self.case("the new one knows nothing", self.client.get("/routines/nightly").status, 404)

    def test_next_links_are_walked(self):
        self.put("hourly", cron="0 * * * *")
        self.client.advance("7h30m")
        link, seen, pages = "/routines/hourly/runs?limit=3&order=asc", [], 0
        base = f"http://127.0.0.1:{self.engine.port}"
        while link:
            page = self.client.get(link).body
            seen += [run["fire_at"] for run in page["data"]]
            pages += 1
            link = page.get("next_link")
            if link:
                self.case_true(f"absolute: {link}", link.startswith(base + "/"))
                self.case_true("keeps the limit", "limit=3" in link and "order=asc" in link)
                link = link[len(base):]
        self.case("each once, in order", (pages, seen),
                  (3, [unix(f"2026-01-01T0{hour}:00:00") for hour in range(1, 8)]))
        self.case("newest first by default", [r["fire_at"] for r in self.runs("hourly", "limit=2")], seen[:-3:-1])

    def test_runs_outlive_their_routine(self):
        self.put("hourly", cron="0 * * * *")
        self.client.advance("2h30m")
        before = self.runs("hourly")
        answer = self.client("DELETE", "/routines/hourly")
        self.case("deleted", answer.brief, (204, None))
        self.explained("deleted", answer, 204, "deleteRoutine", "routine=absent", "to: absent")
        self.case("gone", self.client.get("/routines/hourly").brief,
                  (404, {"error": {"code": "not_found", "message": "Routine 'hourly' not found."}}))
        self.client.advance("5h")
        self.case("its runs are there, no new ones", self.runs("hourly"), before)
        self.case("a name may come again", self.put("hourly", cron="0 * * * *")["enabled"], True)

    def signal(self, **body):
        return self.client("POST", "/__admin/outcomes/signal", body)

    def test_a_signal_fires_who_listens(self):
        self.put("doors", cron="0 0 1 1 *", listens=["door", "bell"])
        self.put("every", cron="0 0 1 1 *", listens=["all"])
        self.put("asleep", cron="0 0 1 1 *", listens=["all"], enabled=False)
        self.client.advance("90s")
        answer = self.signal(signal="something happened", data={"subject": "bell", "times": 2})
        self.case("both that fit", answer.brief, (200, {"resumed": 0, "fired": 2}))
        for name in ("doors", "every"):
            self.case(f"{name} made a run of it", [(r["heard"], r["fire_at"], r["phase"]) for r in self.runs(name)],
                      [({"subject": "bell", "times": 2}, unix("2026-01-01T00:01:30"), "queued")])
        self.case("what is disabled hears nothing", self.runs("asleep"), [])
        self.client.advance("1s")
        self.case("runs unfold", self.runs("doors")[0]["phase"], "completed")
        for _ in range(2):
            answer = self.signal(signal="something happened", id="every")
        self.case("one alone, no data", answer.brief, (200, {"resumed": 0, "fired": 1}))
        self.case("twice at an instant is two runs", len({r["id"] for r in self.runs("every")}), 3)
        answer = self.signal(signal="something happend")
        self.case("the nearest name", (answer.status, answer.body["detail"], answer.body["fired"]),
                  (409, "nothing waits for 'something happend', did you mean 'something happened'?", 0))
        self.case("nobody's subject", self.signal(signal="something happened", id="doors").status, 409)
        self.case("no provider", self.signal(signal="something happened", provider="x").status, 400)
        self.case("listed", self.client.get("/__admin/outcomes").body["signals"],
                  [{"signal": "something happened", "provider": "schedules", "kind": "routine"}])

    def test_a_timer_goes_with_its_item(self):
        self.put("x", cron="0 0 1 1 *", once=["2026-01-01T01:00:00Z", "2026-01-01T02:00:00Z"])
        self.put("x", cron="0 0 1 1 *", once=["2026-01-01T01:00:00Z"])
        self.put("y", cron="0 0 1 1 *", once=["2026-01-01T01:00:00Z"])
        self.put("y", cron="0 0 1 1 *")
        self.client.advance("5h")
        self.case("the one that is left", [r["fire_at"] for r in self.runs("x")], [unix("2026-01-01T01:00:00")])
        self.case("none is left", self.runs("y"), [])

    def test_queries(self):
        self.put("ok", cron="0 * * * *")
        self.put("bad", cron="0 * * * *", answers=[404])
        self.client.advance("90m")
        self.put("bad", cron="0 * * * *")
        self.client.advance("1h")
        seen = lambda query: len(self.runs("bad", "filter=" + query))  # noqa: E731
        self.case("one term", seen("phase='failed'"), 1)
        self.case("two terms", seen("phase%20eq%20'completed'%20and%20tries%20%3E%3D%201"), 1)
        self.case("blank", seen("%20"), 2)
        for query, message in [("phase", "filter: expected an operator before ''"), ("face='x'", "filter: unknown name 'face'"),
                               ("phase='x", "filter: the text is not closed by a quote"),
                               ("phase='x'%20or", "filter: expected 'and' before 'or'")]:
            answer = self.client.get("/routines/bad/runs?filter=" + query)
            self.case(query, answer.brief, (400, {"error": {"code": "invalid", "message": message}}))

    def test_errors(self):
        for method, path in [("GET", "/routines/none"), ("DELETE", "/routines/none"),
                             ("POST", "/routines/none:disable")]:
            self.case(f"{method} {path}", self.client(method, path).status, 404)
        self.case("no runs of what never was", self.client.get("/routines/none/runs").brief, (200, {"data": []}))
        for body in (None, {}, {"cron": "30 2 x * *"}, {"cron": "* * * *"}, {"cron": "60 * * * *"},
                     {"cron": "*/4 * * * *"}, {"cron": "58,2 * * * *"},
                     {"cron": "0 0 * * *", "time_zone": "Europe/Nowhere"}, {"cron": "0 0 * * *", "more": 1},
                     {"cron": "0 0 * * *", "enabled": "yes"}, {"cron": "0 0 * * *", "callback_url": "not a url"}):
            answer = self.client("PUT", "/routines/x", body)
            self.case(f"400 {body}", (answer.status, (answer.body or {}).get("error", {}).get("code")),
                      (400, "invalid"))
        self.case("a bad name", self.client("PUT", "/routines/X", {"cron": "0 0 * * *"}).status, 400)
        self.case("nothing was made", self.client.get("/routines/x").status, 404)
        for query in ("limit=0", "limit=101", "after=nonsense", "order=up"):
            self.case(query, self.client.get("/routines/x/runs?" + query).status, 400)


if __name__ == "__main__":
    main()
