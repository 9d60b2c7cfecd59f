# SPDX-License-Identifier: Apache-2.0
"""Runs of warp through the official Python client: how they unfold, lists, cancel in each state, follow-ups."""

import unittest
from datetime import datetime, timedelta

import oz_agent_sdk

from warp_case import ABSENT, ENDED, GITHUB_ACTION_RUN, LOCAL_RUN, OUTCOMES, WarpCase, slug


class Runs(WarpCase):
    def test_a_run_goes_through_its_states_to_success(self):
        run, seen = self.retrieve_until(self.create(title="Login", metadata={"ticket": "7"}), ENDED)
        self.assertEqual(seen, ["QUEUED", "PENDING", "CLAIMED", "INPROGRESS", "SUCCEEDED"])
        self.assertEqual((run.title, run.metadata, run.source), ("Login", {"ticket": "7"}, "API"))
        self.assertTrue(run.created_at <= run.started_at <= run.updated_at)
        self.assertTrue(run.conversation_id)
        self.assertTrue(run.artifacts)

    def test_each_outcome_ends_in_its_state_and_says_why(self):
        for outcome, state, code, retryable in [
            ("user_error", "FAILED", None, False), ("out_of_credits", "FAILED", "insufficient_credits", False),
            ("platform_error", "ERROR", None, True), ("unavailable", "ERROR", "resource_unavailable", True),
            ("setup_failure", "FAILED", "environment_setup_failed", False),
        ]:
            with self.subTest(outcome):
                run, _ = self.retrieve_until(self.create(outcome), ENDED)
                self.assertEqual(run.state, state)
                self.assertTrue(run.status_message.message)
                self.assertEqual(run.status_message.error_code, code or run.status_message.error_code)
                self.assertEqual(run.status_message.retryable, retryable)

    def test_plan_and_blocked_wait_for_a_person(self):
        for outcome in ("blocked", "plan"):
            with self.subTest(outcome):
                run, _ = self.retrieve_until(self.create(outcome), ENDED)
                self.assertEqual(run.state, "BLOCKED")

    def test_at_capacity_is_told_and_the_run_stays_queued_for_five_minutes(self):
        run = self.client.agent.run(prompt="wait", extra_headers={"X-Dryrun-Outcome": "at_capacity"})
        self.assertTrue(run.at_capacity)
        self.advance("290s")
        self.assertEqual(self.state_of(run.run_id), "QUEUED")
        self.retrieve_until(run.run_id, {"SUCCEEDED"}, "1s")

    def test_the_list_pages_itself_to_the_end(self):
        wanted = [self.create("queued", title=f"run {i:02}") for i in range(25)]
        page = self.client.agent.runs.list(limit=4, sort_by="title", sort_order="asc")
        self.assertEqual(len(page.runs), 4)
        seen = [run.run_id for run in page]
        self.assertEqual(len(seen), len(set(seen)))
        self.assertEqual([run_id for run_id in seen if run_id in wanted], wanted)
        everything = [run.run_id for run in self.client.agent.runs.list(limit=500)]
        self.assertEqual(sorted(seen), sorted(everything))

    def test_the_list_pages_by_hand_too(self):
        page = self.client.agent.runs.list(limit=1)
        seen = list(page.runs)
        while page.has_next_page():
            page = page.get_next_page()
            seen += page.runs
        self.assertEqual(len(seen), len(list(self.client.agent.runs.list())))

    def test_the_list_filters(self):
        blue = self.create("queued", metadata={"team": "blue", "ticket": "7"}, config={"name": "nightly"})
        red = self.bring("FAILED", metadata={"team": "red", "ticket": "7"})
        child = self.create("queued", parent_run_id=blue)

        def ids(**filters):
            return {run.run_id for run in self.client.agent.runs.list(**filters)}

        self.assertEqual(ids(metadata={"ticket": "7"}), {blue, red, child})  # a child has its parent's metadata
        self.assertEqual(ids(metadata={"ticket": "7", "team": "red"}), {red})
        self.assertEqual(ids(state=["QUEUED"], name="nightly"), {blue})
        self.assertEqual(ids(ancestor_run_id=blue), {child})
        self.assertTrue({blue, red, child} <= ids(state=["QUEUED", "FAILED"], source="API"))
        self.assertIn(LOCAL_RUN, ids(execution_location="LOCAL"))
        self.assertEqual(ids(source="GITHUB_ACTION") & {blue, red, child, LOCAL_RUN}, set())
        newest = self.client.agent.runs.retrieve(child).created_at
        self.assertEqual(ids(created_after=newest + timedelta(seconds=1)), set())
        self.assertEqual(ids(factory_uid="nobody"), set())

    def test_a_run_is_not_made_from_nothing(self):
        with self.assertRaises(oz_agent_sdk.BadRequestError) as caught:
            self.client.agent.run(title="nothing to do")
        self.assertEqual(slug(caught.exception), "invalid_request")
        self.assertEqual(caught.exception.response.headers["content-type"].split(";")[0], "application/problem+json")


class Cancel(WarpCase):
    def refuse(self, run_id, error, code, client=None):
        before = self.state_of(run_id)
        with self.assertRaises(error) as caught:
            (client or self.client).agent.runs.cancel(run_id)
        self.assertEqual(slug(caught.exception), code)
        self.assertEqual(caught.exception.body["status"], caught.exception.status_code)
        self.assertEqual(self.state_of(run_id), before)
        return caught.exception

    def test_working_runs_are_cancelled(self):
        for state in ("QUEUED", "CLAIMED", "INPROGRESS"):
            with self.subTest(state):
                run_id = self.bring(state)
                self.assertEqual(self.client.agent.runs.cancel(run_id), f'"{run_id}"')  # the raw body: FACTS 7.2
                self.assertEqual(self.state_of(run_id), "CANCELLED")

    def test_ended_runs_are_a_bad_request(self):
        for state in ("SUCCEEDED", "FAILED", "ERROR", "BLOCKED", "CANCELLED"):
            with self.subTest(state):
                error = self.refuse(self.bring(state), oz_agent_sdk.BadRequestError, "invalid_request")
                self.assertIs(error.body["retryable"], False)

    def test_a_pending_run_is_a_conflict_after_three_tries(self):
        run_id = self.bring("PENDING")
        patient = self.make_client(max_retries=oz_agent_sdk.DEFAULT_MAX_RETRIES)
        error = self.refuse(run_id, oz_agent_sdk.ConflictError, "conflict", patient)
        self.assertIs(error.body["retryable"], True)
        self.assertEqual(error.request.headers["x-stainless-retry-count"], "2")
        self.assertEqual(self.mock.count(self.session, operation="cancelRun", resource=run_id), 3)

    def test_a_pending_run_without_retries_is_one_request(self):
        run_id = self.bring("PENDING")
        self.refuse(run_id, oz_agent_sdk.ConflictError, "conflict")
        self.assertEqual(self.mock.count(self.session, operation="cancelRun", resource=run_id), 1)

    def test_a_retry_meets_the_run_when_it_has_been_claimed(self):
        run_id = self.create("success")
        self.retrieve_until(run_id, {"PENDING"}, "50ms")
        self.refuse(run_id, oz_agent_sdk.ConflictError, "conflict")
        self.retrieve_until(run_id, {"CLAIMED"}, "50ms")
        self.assertEqual(self.client.agent.runs.cancel(run_id), f'"{run_id}"')
        self.assertEqual(self.state_of(run_id), "CANCELLED")

    def test_kinds_of_runs_that_cannot_be_cancelled(self):
        self.refuse(LOCAL_RUN, oz_agent_sdk.UnprocessableEntityError, "operation_not_supported")
        self.refuse(GITHUB_ACTION_RUN, oz_agent_sdk.UnprocessableEntityError, "operation_not_supported")
        for state in OUTCOMES:
            with self.subTest(state):
                self.refuse(self.bring(state, config={"worker_host": "rack-7"}),
                            oz_agent_sdk.UnprocessableEntityError, "operation_not_supported")

    def test_a_run_hosted_by_name_is_cancelled(self):
        run_id = self.bring("INPROGRESS", config={"worker_host": "warp"})
        self.client.agent.runs.cancel(run_id)
        self.assertEqual(self.state_of(run_id), "CANCELLED")


class FollowUps(WarpCase):
    def test_a_working_run_takes_a_message_and_stays_as_it_is(self):
        for state in ("QUEUED", "PENDING", "CLAIMED", "INPROGRESS"):
            with self.subTest(state):
                run_id = self.bring(state)
                self.assertIsInstance(self.client.agent.runs.submit_followup(run_id, message="also this"), dict)
                self.assertEqual(self.state_of(run_id), state)

    def test_an_ended_run_works_again_under_its_id(self):
        for state in ("SUCCEEDED", "FAILED", "ERROR", "BLOCKED"):
            with self.subTest(state):
                run_id = self.bring(state)
                self.client.agent.runs.submit_followup(run_id, message="once more", mode="normal")
                self.assertNotIn(self.state_of(run_id), ENDED)
                run, _ = self.retrieve_until(run_id, ENDED)
                self.assertEqual(run.run_id, run_id)

    def test_a_failed_set_up_is_debugged_without_reopening_the_run(self):
        run, _ = self.retrieve_until(self.create("setup_failure"), ENDED)
        self.assertIsInstance(run.status_message.session_debug_until, datetime)
        self.client.agent.runs.submit_followup(run.run_id, message="what went wrong?")
        self.assertEqual(self.state_of(run.run_id), "FAILED")

    def test_an_empty_message_needs_a_saved_conversation(self):
        with self.assertRaises(oz_agent_sdk.BadRequestError) as caught:
            self.client.agent.runs.submit_followup(self.bring("INPROGRESS"))
        self.assertEqual(slug(caught.exception), "invalid_request")
        run_id = self.bring("SUCCEEDED")
        self.client.agent.runs.submit_followup(run_id)
        self.assertNotIn(self.state_of(run_id), ENDED)

    def test_a_follow_up_to_nothing_is_not_found(self):
        with self.assertRaises(oz_agent_sdk.NotFoundError):
            self.client.agent.runs.submit_followup(ABSENT, message="hello")


if __name__ == "__main__":
    unittest.main()
