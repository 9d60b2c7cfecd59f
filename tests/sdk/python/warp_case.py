# SPDX-License-Identifier: Apache-2.0
"""A test case for the official client of warp: unmodified, with strict validation of each response, against a
mock process for each class."""

import os
import sys
import unittest
from pathlib import Path

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


def slug(error):
    """The error code: the last segment of the problem's type."""
    return error.body["type"].rstrip("/").rsplit("/", 1)[-1].replace("-", "_")


class WarpCase(unittest.TestCase):
    """A mock for each class, and in it for each test a session, thus a world, of its own."""

    @classmethod
    def setUpClass(cls):
        cls.mock = Mock(find_binary(["", os.environ.get("DRYRUN_BIN", "")]))

    @classmethod
    def tearDownClass(cls):
        code = cls.mock.stop()
        assert code == 0, f"the mock ended with {code}: {cls.mock.last_words}"

    def setUp(self):
        self.session = self.id().rsplit(".", 1)[-1][-64:]
        self.client = self.make_client()

    def make_client(self, **options):
        client = OzAPI(**{
            "api_key": "wk-test", "base_url": self.mock.url + "/warp/api/v1", "max_retries": 0, "timeout": 60,
            "default_headers": {"X-Dryrun-Session": self.session}, "_strict_response_validation": True, **options})
        self.addCleanup(client.close)
        return client

    def advance(self, by):
        self.mock.advance(by, self.session)

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
