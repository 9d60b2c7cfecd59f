# SPDX-License-Identifier: Apache-2.0
"""What is not a run of warp, through the official Python client: files, schedules, identities, errors."""

import unittest
import urllib.error
import urllib.request

import oz_agent_sdk

from warp_case import ABSENT, DEFAULT_IDENTITY, WarpCase, slug


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
