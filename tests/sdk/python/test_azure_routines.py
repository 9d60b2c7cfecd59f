# SPDX-License-Identifier: Apache-2.0
"""Routines through the official Python client, unmodified: each method, each kind of trigger and action, typed values
and errors, pages to their end."""

import asyncio
import os
import sys
import unittest
import urllib.parse
from datetime import datetime, timedelta, timezone
from pathlib import Path

import azure.ai.projects.aio.operations
import azure.ai.projects.operations
from azure.ai.projects import AIProjectClient, models
from azure.ai.projects.aio import AIProjectClient as AsyncClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.core.pipeline.policies import AzureKeyCredentialPolicy

from called import Called

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from mock_process import Mock, find_binary  # noqa: E402

CALLED = Called(azure.ai.projects.operations.BetaRoutinesOperations,
                azure.ai.projects.aio.operations.BetaRoutinesOperations)
BEGAN = datetime(2026, 1, 1, tzinfo=timezone.utc)
HELPER = models.InvokeAgentResponsesApiRoutineAction(agent_name="helper", input={"depth": [1, None]})
CLEANER = models.InvokeAgentInvocationsApiRoutineAction(agent_endpoint_id="ep-1", session_id="sess-mine")
MANUAL = models.CustomRoutineTrigger(provider="example", event_name="asked", parameters={"a": {"b": 1}})


class RoutinesCase(unittest.TestCase):
    """A mock for each class, and in it for each test a session, thus a world, of its own."""

    variants = ()

    @classmethod
    def setUpClass(cls):
        chosen = [word for variant in cls.variants for word in ("--variant", "azure-routines." + variant)]
        cls.mock = Mock(find_binary(["", os.environ.get("DRYRUN_BIN", "")]), "azure-routines", *chosen)

    @classmethod
    def tearDownClass(cls):
        code = cls.mock.stop()
        assert code == 0, f"the mock ended with {code}: {cls.mock.last_words}"

    def options(self, outcome=None):
        self.session = self.id().rsplit(".", 1)[-1][-64:]
        headers = {"X-Dryrun-Session": self.session, **({"X-Dryrun-Outcome": outcome} if outcome else {})}
        key = AzureKeyCredential("key")
        return {"endpoint": self.mock.url + "/azure-routines/api/projects/demo", "credential": key, "headers": headers,
                "authentication_policy": AzureKeyCredentialPolicy(key, "api-key"), "retry_total": 0}

    def setUp(self):
        self.client = AIProjectClient(**self.options())
        self.addCleanup(self.client.close)
        self.routines = self.client.beta.routines

    def advance(self, by):
        self.mock.advance(by, self.session)

    def timers(self, name):
        told = self.mock.admin("GET", "/resources/" + urllib.parse.quote(name), None, self.session)
        return [timer["due"] for timer in told["timers"]]

    def signal(self, name, **data):
        return self.mock.admin("POST", "/outcomes/signal", {"signal": name, "data": data}, self.session)["fired"]

    def make(self, name="job", trigger=MANUAL, action=HELPER, **more):
        return self.routines.create_or_update(name, triggers={"go": trigger}, action=action, **more)

    def dispatch(self, name="job", outcome="deliver", **more):
        return self.routines.dispatch(name, headers={"X-Dryrun-Session": self.session, "X-Dryrun-Outcome": outcome}, **more)

    def runs(self, name="job", **more):
        return list(self.routines.list_runs(name, **more))

    def run_until(self, finished, step="1s", tries=200):
        """As the official samples do: the status counts, not the phase."""
        for _ in range(tries):
            run = self.runs(limit=1)[0]
            if run.status.lower() == finished:
                return run
            self.advance(step)
        self.fail(f"the run is still {run.status}")


class Routines(RoutinesCase):
    def test_from_its_making_to_its_end(self):
        made = self.make(description="Sums up.", authorization=models.RoutineAuthorization(identity="creator"))
        self.assertEqual((made.name, made.description, made.enabled), ("job", "Sums up.", True))
        self.assertEqual((made.created_at, made.updated_at), (BEGAN, BEGAN))
        self.assertIsInstance(made.triggers["go"], models.CustomRoutineTrigger)
        self.assertEqual(made.triggers["go"].parameters, {"a": {"b": 1}})
        self.assertIsInstance(made.action, models.InvokeAgentResponsesApiRoutineAction)
        self.assertEqual(made.action.input, {"depth": [1, None]})
        self.advance("1m")
        got = self.routines.get("job")
        self.assertEqual(got, made)
        changed = self.make(action=CLEANER, enabled=False)
        self.assertEqual((changed.created_at, changed.updated_at - BEGAN), (BEGAN, timedelta(minutes=1)))
        self.assertIsNone(changed.description)
        self.assertIs(changed.enabled, False)
        self.assertEqual(changed.action.session_id, "sess-mine")
        for _ in range(2):
            self.assertIs(self.routines.enable("job").enabled, True)
        for _ in range(2):
            self.assertIs(self.routines.disable("job").enabled, False)
        self.assertIn("job", [routine.name for routine in self.routines.list()])
        self.assertIsNone(self.routines.delete("job"))
        self.assertNotIn("job", [routine.name for routine in self.routines.list()])

    def test_names_keep_their_blanks_and_colons(self):
        name = "my routine:enable/x?"
        self.assertEqual(self.make(name).name, name)
        self.assertEqual(self.routines.disable(name).name, name)
        self.assertTrue(self.dispatch(self.routines.enable(name).name).dispatch_id)
        self.assertEqual(len(self.runs(name)), 1)

    def test_each_kind_of_trigger_comes_back(self):
        at = BEGAN + timedelta(days=40, seconds=7)
        for trigger in (MANUAL,
                        models.ScheduleRoutineTrigger(cron_expression="*/15 8-17 * * 1-5", time_zone="Europe/Berlin"),
                        models.ScheduleRoutineTrigger(cron_expression="0 7 * * *", time_zone="Tokyo Standard Time"),
                        models.TimerRoutineTrigger(at=at),
                        models.GitHubIssueRoutineTrigger(connection_id="c", owner="o", repository="r", issue_event="closed")):
            with self.subTest(trigger.type):
                made = self.make(trigger=trigger).triggers["go"]
                self.assertIs(type(made), type(trigger))
                self.assertEqual(made, trigger)
        self.assertEqual(self.make(trigger=models.TimerRoutineTrigger(at=at)).triggers["go"].at, at)

    def test_pages_follow_each_other_to_the_end(self):
        names = [f"page {i:02}" for i in range(11)]
        for name in names:
            self.make(name)
        seen = [routine.name for routine in self.routines.list(limit=4, order="asc")]
        self.assertEqual(seen[-11:], names)
        self.assertEqual([routine.name for routine in self.routines.list(limit=3, order="desc")], seen[::-1])
        pages = [len(list(page)) for page in self.routines.list(limit=4).by_page()]
        self.assertEqual(pages, [4, 4, 4, 3])
        self.assertEqual(self.mock.count(self.session, operation="listRoutines"), 4 + 5 + 4)

    def test_errors_are_typed(self):
        for call in (self.routines.get, self.routines.enable, self.routines.disable, self.routines.delete,
                     self.routines.dispatch, lambda name: list(self.routines.list_runs(name))):
            with self.assertRaises(ResourceNotFoundError) as caught:
                call("none")
            self.assertEqual(caught.exception.error.code, "not_found")
        for body in ({"triggers": {}}, {"triggers": {"a": {"type": "schedule", "cron_expression": "* * * * *", "time_zone": "UTC"}}},
                     {"action": {"type": "invoke_agent_responses_api"}}):
            with self.assertRaises(HttpResponseError) as caught:
                self.routines.create_or_update("wrong", body)
            self.assertEqual((caught.exception.status_code, caught.exception.error.code), (400, "invalid_payload"))
        with self.assertRaises(HttpResponseError) as caught:
            list(self.routines.list(after="nonsense"))
        self.assertEqual(caught.exception.status_code, 400)


class Deliveries(RoutinesCase):
    def test_a_dispatch_is_queued_dispatched_and_completed(self):
        self.make()
        told = self.dispatch(payload=models.InvokeAgentResponsesApiDispatchPayload(input="Go."))
        run = self.runs()[0]
        self.assertEqual((run.phase, run.status, run.attempt_source), ("queued", "RUNNING", "queued_dispatch"))
        self.assertEqual((run.dispatch_id, run.action_correlation_id, run.task_id),
                         (told.dispatch_id, told.action_correlation_id, told.task_id))
        self.assertEqual((run.trigger_type, run.trigger_name, run.action_type, run.agent_id, run.triggered_at),
                         ("custom", "go", "invoke_agent_responses_api", "helper", BEGAN))
        self.assertEqual((run.scheduled_fire_at, run.started_at, run.ended_at), (None, None, None))
        self.advance("250ms")
        run = self.runs()[0]
        self.assertEqual((run.phase, run.status, run.started_at), ("dispatching", "RUNNING", BEGAN))
        self.advance("250ms")
        run = self.runs()[0]
        self.assertEqual((run.phase, run.status, run.ended_at), ("completed", "FINISHED", BEGAN))
        self.assertEqual(run.response_id, told.action_correlation_id)
        self.assertTrue(run.conversation_id)
        self.assertIsNone(run.session_id)

    def test_the_other_action_has_a_session(self):
        self.make(action=CLEANER)
        self.dispatch(payload=models.InvokeAgentInvocationsApiDispatchPayload(input={"clean": True}))
        self.dispatch(body={"payload": {"type": "invoke_agent_invocations_api", "input": None}})  # the model drops a None
        run = self.run_until("finished")
        self.assertEqual((run.session_id, run.conversation_id, run.agent_endpoint_id, run.agent_id),
                         ("sess-mine", None, "ep-1", None))

    def test_each_outcome_ends_as_it_says(self):
        self.make()
        for outcome, phase, status, seconds in [
                ("deliver", "completed", None, 0), ("retried", "completed", None, 4), ("exhausted", "failed", 503, 4),
                ("rate_limited", "failed", 429, 4), ("refused", "failed", 400, 0), ("not_found", "failed", 404, 0),
                ("timed_out", "failed", None, 93), ("slow", "completed", None, 25), ("backlog", "completed", None, 300)]:
            with self.subTest(outcome):
                self.dispatch(outcome=outcome)
                self.advance("10m")
                run = self.runs(limit=1)[0]
                self.assertEqual((run.phase, run.error_status_code), (phase, status))
                self.assertEqual(run.status, "FINISHED" if phase == "completed" else "FAILED")
                self.assertEqual(bool(run.error_type and run.error_message), phase == "failed")
                took = (run.ended_at - run.triggered_at).total_seconds()
                self.assertTrue(seconds <= took <= seconds + 1, took)

    def test_what_cannot_be_dispatched(self):
        self.make()
        with self.assertRaises(HttpResponseError) as caught:
            self.dispatch(payload=models.InvokeAgentInvocationsApiDispatchPayload(input=1))
        self.assertEqual(caught.exception.error.code, "invalid_payload")
        self.routines.disable("job")
        with self.assertRaises(ResourceExistsError) as caught:  # so the client calls any 409
            self.dispatch()
        self.assertEqual(caught.exception.error.code, "routine_disabled")
        self.assertEqual(self.runs(), [])

    def test_runs_are_filtered_paged_and_kept(self):
        self.make()
        for outcome in ("deliver", "refused") * 5:
            self.dispatch(outcome=outcome)
        self.advance("10s")
        finished = self.runs(filter="attributes.status = 'FINISHED'", limit=2)
        self.assertEqual([run.status for run in finished], ["FINISHED"] * 5)
        self.assertEqual(len(self.runs(filter="phase = 'failed' and error_status_code = 400", limit=3)), 5)
        with self.assertRaises(HttpResponseError) as caught:
            self.runs(filter="status = FINISHED")
        self.assertEqual(caught.exception.status_code, 400)
        before = self.runs(limit=3, order="asc")
        self.assertEqual(len({run.id for run in before}), 10)
        self.routines.delete("job")
        self.assertEqual(self.runs(limit=4, order="asc"), before)


class Firing(RoutinesCase):
    def test_a_schedule_fires_on_the_clock_of_its_zone(self):
        self.make(trigger=models.ScheduleRoutineTrigger(cron_expression="30 2 * * *", time_zone="W. Europe Standard Time"))
        self.advance("90d")
        due = [run.scheduled_fire_at for run in self.runs(order="asc", limit=100)]
        self.assertEqual(len(due), 90)
        self.assertEqual(due[0], datetime(2026, 1, 1, 1, 30, tzinfo=timezone.utc))
        # 02:30 is not there on 29 March: right after the gap; then summer time
        self.assertEqual([instant.strftime("%d %H:%M") for instant in due[-5:]],
                         ["27 01:30", "28 01:30", "29 01:00", "30 00:30", "31 00:30"])
        self.assertEqual({(run.attempt_source, run.trigger_type, run.phase) for run in self.runs()},
                         {("schedule_delivery", "schedule", "completed")})

    def test_a_disabled_schedule_does_not_fire(self):
        self.make(trigger=models.ScheduleRoutineTrigger(cron_expression="0 * * * *", time_zone="UTC"))
        self.advance("2h30m")
        self.routines.disable("job")
        self.advance("5h")
        self.assertEqual(len(self.runs()), 2)
        self.routines.enable("job")
        self.advance("1h")
        self.assertEqual(len(self.runs()), 3)
        self.routines.delete("job")
        self.advance("5h")
        self.assertEqual(len(self.runs()), 3)

    def test_a_timer_fires_once_and_is_spent(self):
        at = BEGAN + timedelta(hours=3)
        self.make(trigger=models.TimerRoutineTrigger(at=at))
        self.advance("2h59m59s")
        self.assertEqual(self.runs(), [])
        self.advance("2s")
        run = self.runs()[0]
        self.assertEqual((run.scheduled_fire_at, run.triggered_at, run.attempt_source, run.trigger_type),
                         (at, at, "timer_delivery", "timer"))
        self.assertIs(self.routines.get("job").enabled, False)
        self.routines.enable("job")
        self.advance("24h")
        self.assertEqual(len(self.runs()), 1)

    def test_local_times_and_durations_are_timers_too(self):
        for at, zone, due in [("2026-01-02T09:00:00", "Asia/Tokyo", BEGAN + timedelta(days=1)),
                              ("2026-01-02T09:00:00+02:00", None, BEGAN + timedelta(hours=31)),
                              ("90m", None, BEGAN + timedelta(minutes=90)), ("P1DT2H", None, BEGAN + timedelta(hours=26))]:
            name = f"at {at}"
            self.routines.create_or_update(name, {"triggers": {"t": {"type": "timer", "at": at,
                                                                     **({"time_zone": zone} if zone else {})}}})
            self.assertEqual(self.routines.get(name)["triggers"]["t"]["at"], at)
            with self.subTest(at):
                self.assertEqual(self.timers(name), [due.strftime("%Y-%m-%dT%H:%M:%S.000Z")])

    def test_events_from_outside_fire_what_listens_to_them(self):
        self.make(trigger=models.GitHubIssueRoutineTrigger(connection_id="c", owner="octo", repository="shop", issue_event="opened"))
        self.make("asked")
        self.make("any", trigger=models.CustomRoutineTrigger(provider="example", parameters={}))
        issue = {"owner": "octo", "repository": "shop", "issue_event": "opened", "number": 12}
        self.assertEqual(self.signal("github_issue", **issue), 1)
        run = self.runs()[0]
        self.assertEqual((run.attempt_source, run.trigger_type, run.trigger_event_payload, run.scheduled_fire_at),
                         ("event_fire", "github_issue", issue, None))
        for other in ({"issue_event": "closed"}, {"repository": "bar"}):
            with self.assertRaises(RuntimeError):  # 409: nobody listens
                self.signal("github_issue", **{**issue, **other})
        self.assertEqual(self.signal("custom", provider="example", event_name="asked", by="me"), 2 + 1)  # one is seeded
        self.assertEqual(self.signal("custom", provider="example", event_name="told"), 1)
        self.assertEqual([len(self.runs(name)) for name in ("job", "asked", "any")], [1, 1, 2])
        self.assertEqual(self.run_until("finished").phase, "completed")


class Variants(RoutinesCase):
    variants = ("disabled_dispatch=accept", "orphans=missing", "unsaid_enabled=disabled", "credentials=required")

    def test_upstream_may_be_read_otherwise(self):
        self.assertIs(self.make().enabled, False)
        self.assertTrue(self.dispatch().dispatch_id)
        self.assertIs(self.make(enabled=True).enabled, True)
        self.assertEqual(len(self.runs()), 1)
        self.routines.delete("job")
        with self.assertRaises(ResourceNotFoundError):
            self.runs()

    def test_nobody_comes_without_a_credential(self):
        for credential in ("key", ""):
            policy = AzureKeyCredentialPolicy(AzureKeyCredential("key"), "api-key" if credential else "x-other")
            with AIProjectClient(**{**self.options(), "authentication_policy": policy}) as client:
                if credential:
                    self.assertTrue(list(client.beta.routines.list()))
                    continue
                with self.assertRaises(ClientAuthenticationError) as caught:
                    client.beta.routines.get("once")
                self.assertEqual(caught.exception.error.code, "unauthorized")


class Async(RoutinesCase):
    def test_the_asynchronous_client_does_the_same(self):
        asyncio.run(self.play())

    async def play(self):
        async with AsyncClient(**self.options()) as client:
            routines = client.beta.routines
            made = await routines.create_or_update("job", triggers={"go": MANUAL}, action=HELPER)
            self.assertEqual(await routines.get("job"), made)
            self.assertIs((await routines.disable("job")).enabled, False)
            self.assertIs((await routines.enable("job")).enabled, True)
            told = [await routines.dispatch("job") for _ in range(5)]
            self.advance("1m")
            runs = [run async for run in routines.list_runs("job", limit=2, order="asc")]
            self.assertEqual([run.dispatch_id for run in runs], [one.dispatch_id for one in told])
            names = [routine.name async for routine in routines.list(limit=2)]
            self.assertEqual((len(names), names[0]), (5, "job"))
            await routines.delete("job")
            with self.assertRaises(ResourceNotFoundError):
                await routines.get("job")


class ZNothingForgotten(unittest.TestCase):
    """Last by its name: the methods, by reflection, and what the tests before have called."""

    def test_every_method_was_called(self):
        self.assertEqual(len(CALLED.times), 2 * 8)
        self.assertEqual(CALLED.forgotten(), [])


if __name__ == "__main__":
    unittest.main()
