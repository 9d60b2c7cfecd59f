# SPDX-License-Identifier: Apache-2.0
"""The official Python client, unmodified, with strict validation of each response, against a mock process."""

import os
import sys
import unittest
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from pathlib import Path

import oz_agent_sdk
from oz_agent_sdk import OzAPI

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from mock_process import Mock, find_binary  # noqa: E402

ABSENT = "00000000-0000-4000-8000-ffffffffffff"
LOCAL_RUN = "00000000-0000-4000-8000-000000000002"
GITHUB_ACTION_RUN = "00000000-0000-4000-8000-000000000003"
DEFAULT_IDENTITY = "00000000-0000-4000-8000-00000000a001"
ENDED = {"SUCCEEDED", "FAILED", "ERROR", "BLOCKED", "CANCELLED"}
# The outcome that holds a run in a state or ends it there.
OUTCOMES = {"QUEUED": "queued", "PENDING": "pending", "CLAIMED": "claimed", "INPROGRESS": "hang",
            "SUCCEEDED": "success", "FAILED": "user_error", "ERROR": "platform_error", "BLOCKED": "blocked"}


def setUpModule():
    global mock
    mock = Mock(find_binary(["", os.environ.get("DRYRUN_BIN", "")]))


def tearDownModule():
    code = mock.stop()
    assert code == 0, f"the mock ended with {code}: {mock.last_words}"


def slug(error):
    """The error code: the last segment of the problem's type."""
    return error.body["type"].rstrip("/").rsplit("/", 1)[-1].replace("-", "_")


class WarpCase(unittest.TestCase):
    """Each test has a session, thus a world, of its own."""

    def setUp(self):
        self.session = self.id().rsplit(".", 1)[-1][-64:]
        self.client = self.make_client()

    def make_client(self, **options):
        client = OzAPI(**{
            "api_key": "wk-test", "base_url": mock.url + "/warp/api/v1", "max_retries": 0, "timeout": 60,
            "default_headers": {"X-Dryrun-Session": self.session}, "_strict_response_validation": True, **options})
        self.addCleanup(client.close)
        return client

    def advance(self, by):
        mock.advance(by, self.session)

    def create(self, outcome="success", **members):
        run = self.client.agent.run(**{"prompt": "fix the login test", **members},
                                    extra_headers={"X-Dryrun-Outcome": outcome})
        self.assertEqual(run.state, "QUEUED")
        self.assertEqual(run.run_id, run.task_id)
        return run.run_id

    def retrieve_until(self, run_id, states, step="100ms", tries=600):
        """Polls as a program does, the clock moving between the polls; returns the run and the states seen."""
        seen = []
        for _ in range(tries):
            run = self.client.agent.runs.retrieve(run_id)
            if run.state not in seen:
                seen.append(run.state)
            if run.state in states:
                return run, seen
            self.advance(step)
        self.fail(f"the run did not get to {states}: {seen}")

    def bring(self, state, **members):
        if state == "CANCELLED":
            run_id = self.bring("INPROGRESS", **members)
            self.client.agent.runs.cancel(run_id)
            return run_id
        run_id = self.create(OUTCOMES[state], **members)
        self.retrieve_until(run_id, {state})
        return run_id

    def state_of(self, run_id):
        return self.client.agent.runs.retrieve(run_id).state


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
        self.assertEqual(mock.count(self.session, operation="cancelRun", resource=run_id), 3)

    def test_a_pending_run_without_retries_is_one_request(self):
        run_id = self.bring("PENDING")
        self.refuse(run_id, oz_agent_sdk.ConflictError, "conflict")
        self.assertEqual(mock.count(self.session, operation="cancelRun", resource=run_id), 1)

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


class Files(WarpCase):
    def download(self, url):
        """As a browser would: no credentials."""
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.read()

    def assert_forbidden(self, url):
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.download(url)
        self.assertEqual(caught.exception.code, 403)
        caught.exception.close()

    def check_link(self, url):
        self.assertTrue(self.download(url))
        self.assert_forbidden(url[:-1] + ("0" if url[-1] != "0" else "1"))
        self.advance("192h")
        self.assert_forbidden(url)

    def test_handoff_attachments_are_downloaded_by_fresh_links(self):
        run_id = self.bring("SUCCEEDED")
        first = self.client.agent.runs.list_handoff_attachments(run_id).attachments
        self.assertTrue(first)
        self.advance("1s")
        second = self.client.agent.runs.list_handoff_attachments(run_id).attachments
        self.assertEqual([item.attachment_id for item in first], [item.attachment_id for item in second])
        for one, other in zip(first, second):
            self.assertNotEqual(one.download_url, other.download_url)
            self.assertEqual(self.download(one.download_url), self.download(other.download_url))
        self.check_link(second[0].download_url)

    def test_a_run_that_has_not_ended_has_no_attachments(self):
        self.assertEqual(self.client.agent.runs.list_handoff_attachments(self.bring("INPROGRESS")).attachments, [])

    def test_artifacts_of_a_run_can_be_asked_for(self):
        run, _ = self.retrieve_until(self.create(), {"SUCCEEDED"})
        kinds = set()
        for item in run.artifacts:
            uid = getattr(item.data, "artifact_uid", None)
            if uid:
                artifact = self.client.agent.get_artifact(uid)
                self.assertEqual(artifact.artifact_type, item.artifact_type)
                kinds.add(item.artifact_type)
        self.assertTrue({"FILE", "SCREENSHOT"} <= kinds, f"only {kinds} can be asked for")

    def test_a_file_is_downloaded(self):
        artifact = self.client.agent.get_artifact("file0000000000000000001")
        content = self.download(artifact.data.download_url)
        if artifact.data.size_bytes is not None:
            self.assertEqual(len(content), artifact.data.size_bytes)
        self.assertEqual(artifact.artifact_type, "FILE")
        self.check_link(artifact.data.download_url)

    def test_a_screenshot_is_downloaded_and_a_plan_read(self):
        shot = self.client.agent.get_artifact("shot0000000000000000001")
        self.assertEqual(shot.artifact_type, "SCREENSHOT")
        self.assertTrue(self.download(shot.data.download_url))
        plan = self.client.agent.get_artifact("plan0000000000000000001")
        self.assertEqual(plan.artifact_type, "PLAN")
        self.assertTrue(plan.data.content)

    def test_a_pull_request_cannot_be_retrieved(self):
        with self.assertRaises(oz_agent_sdk.NotFoundError) as caught:
            self.client.agent.get_artifact("pull0000000000000000001")
        self.assertEqual(slug(caught.exception), "resource_not_found")


class Schedules(WarpCase):
    def make(self, cron="0 9 * * *", **more):
        return self.client.agent.schedules.create(
            **{"name": "nightly", "cron_schedule": cron, "prompt": "look for stale branches", **more})

    def test_a_schedule_from_its_making_to_its_end(self):
        schedules = self.client.agent.schedules
        made = self.make(metadata={"team": "blue"})
        self.assertTrue(made.enabled)
        self.assertEqual(schedules.retrieve(made.id).metadata, {"team": "blue"})
        names = [item.name for item in schedules.list().schedules]
        self.assertIn("nightly", names)
        self.assertEqual(names, sorted(names))
        changed = schedules.update(made.id, name="weekly", cron_schedule="0 9 * * 1", enabled=True, prompt="look")
        self.assertEqual((changed.id, changed.name, changed.cron_schedule), (made.id, "weekly", "0 9 * * 1"))
        self.assertFalse(schedules.retrieve(made.id).metadata)
        self.assertFalse(schedules.pause(made.id).enabled)
        self.assertFalse(schedules.retrieve(made.id).enabled)
        self.assertTrue(schedules.resume(made.id).enabled)
        self.assertTrue(schedules.delete(made.id).success)
        with self.assertRaises(oz_agent_sdk.NotFoundError):
            schedules.retrieve(made.id)

    def test_a_schedule_fires_and_its_runs_tell(self):
        made = self.make("*/10 * * * *")
        self.advance("1h")
        runs = list(self.client.agent.runs.list(schedule_id=made.id, limit=4))
        self.assertEqual(len(runs), 6)
        for run in runs:
            self.assertEqual(run.source, "SCHEDULED_AGENT")
            self.assertEqual((run.schedule.schedule_id, run.schedule.schedule_name), (made.id, "nightly"))
            self.assertEqual(run.created_at.minute % 10, 0)
        self.client.agent.schedules.pause(made.id)
        self.advance("1h")
        self.assertEqual(len(list(self.client.agent.runs.list(schedule_id=made.id))), 6)

    def test_a_bad_cron_is_refused(self):
        with self.assertRaises(oz_agent_sdk.BadRequestError) as caught:
            self.make("cron_schedule")
        self.assertEqual(slug(caught.exception), "invalid_request")

    def test_nothing_is_not_found(self):
        for call in ("retrieve", "delete", "pause", "resume"):
            with self.subTest(call), self.assertRaises(oz_agent_sdk.NotFoundError):
                getattr(self.client.agent.schedules, call)(ABSENT)


class Identities(WarpCase):
    def test_an_identity_from_its_making_to_its_end(self):
        identities = self.client.agent.agent
        made = identities.create(name="reviewer", description="reads every change")
        self.assertEqual(identities.get(made.uid).name, "reviewer")
        self.assertIn(made.uid, [item.uid for item in identities.list().agents])
        changed = identities.update(made.uid, prompt="be kind")
        self.assertEqual((changed.name, changed.description, changed.prompt),
                         ("reviewer", "reads every change", "be kind"))
        self.assertFalse(identities.update(made.uid, description="").description)
        self.assertIsNone(identities.delete(made.uid))
        with self.assertRaises(oz_agent_sdk.NotFoundError):
            identities.get(made.uid)

    def test_the_default_identity_cannot_be_deleted(self):
        with self.assertRaises(oz_agent_sdk.BadRequestError) as caught:
            self.client.agent.agent.delete(DEFAULT_IDENTITY)
        self.assertEqual(slug(caught.exception), "invalid_request")
        self.assertEqual(self.client.agent.agent.get(DEFAULT_IDENTITY).uid, DEFAULT_IDENTITY)

    def test_skills_and_environments_are_listed(self):
        self.assertTrue(self.client.agent.list(sort_by="last_run").agents)
        self.assertTrue(self.client.agent.list_environments(sort_by="name").environments)


class Errors(WarpCase):
    def test_without_a_key_everything_is_an_authentication_error(self):
        stranger = self.make_client(default_headers={"X-Dryrun-Session": self.session, "Authorization": ""})
        for call in (stranger.agent.runs.list, stranger.agent.schedules.list, stranger.agent.agent.list,
                     stranger.agent.list_environments, lambda: stranger.agent.run(prompt="x"),
                     lambda: stranger.agent.runs.cancel(ABSENT)):
            with self.assertRaises(oz_agent_sdk.AuthenticationError) as caught:
                call()
            self.assertEqual(slug(caught.exception), "authentication_required")
            self.assertEqual(caught.exception.body["error"].split(" (")[0], caught.exception.body["title"])

    def test_what_is_not_there_is_not_found(self):
        agent = self.client.agent
        for call in (agent.runs.retrieve, agent.runs.cancel, agent.agent.get, agent.agent.delete,
                     agent.get_artifact, agent.schedules.retrieve):
            with self.assertRaises(oz_agent_sdk.NotFoundError) as caught:
                call(ABSENT)
            self.assertEqual(slug(caught.exception), "resource_not_found")

    def test_redirect_checks_need_no_key(self):
        stranger = self.make_client(default_headers={"X-Dryrun-Session": self.session, "Authorization": ""})
        stranger.agent.sessions.check_redirect(ABSENT)
        stranger.agent.conversations.check_redirect(ABSENT)

    def test_a_bad_cursor_and_a_bad_state_are_bad_requests(self):
        for filters in ({"cursor": "nonsense"}, {"state": ["RUNNING"]}, {"limit": 501}):
            with self.subTest(str(filters)), self.assertRaises(oz_agent_sdk.BadRequestError) as caught:
                self.client.agent.runs.list(**filters)
            self.assertEqual(slug(caught.exception), "invalid_request")

    def test_an_unknown_path_is_not_found(self):
        with self.assertRaises(oz_agent_sdk.NotFoundError):
            self.client.get("/_stainless_unknown_path", cast_to=object)


if __name__ == "__main__":
    unittest.main()
