# SPDX-License-Identifier: Apache-2.0
"""Test cases for the official client of letta, unmodified, with strict validation of each response. What a case asks for is
played by the synchronous and by the asynchronous client: a case is a mixin, and `in_both` makes its two classes."""

import asyncio
import inspect
import os
import sys
import unittest
from pathlib import Path

from letta_client import AsyncLetta, Letta

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from mock_process import Mock, find_binary  # noqa: E402

PLAIN, CAREFUL = (f"agent-00000000-0000-4000-8000-00000000000{number}" for number in (1, 2))
READ_FILE, DELETE_FILE = (f"tool-00000000-0000-4000-8000-00000000000{number}" for number in (1, 2))
SEEDED_RUN = "run-00000000-0000-4000-8000-000000000001"
SEEDED_MESSAGE = "message-00000000-0000-4000-8000-000000000002"
SEEDED_STEP = "step-00000000-0000-4000-8000-000000000001"
NOBODY = "agent-11111111-1111-4111-8111-111111111111"
HELLO = [{"role": "user", "content": "Hello."}]


class LettaCase:
    """A mock for each class, and in it for each test a session, thus a world, of its own."""

    is_async = False
    arguments = ()

    @classmethod
    def setUpClass(cls):
        cls.mock = Mock(find_binary(["", os.environ.get("DRYRUN_BIN", "")]), "letta", *cls.arguments)

    @classmethod
    def tearDownClass(cls):
        code = cls.mock.stop()
        assert code == 0, f"the mock ended with {code}: {cls.mock.last_words}"

    def setUp(self):
        self.session = self.id().rsplit(".", 1)[-1][-64:]
        self.loop = asyncio.new_event_loop() if self.is_async else None
        if self.loop:
            self.addCleanup(self.loop.close)
        self.client = self.make_client()

    def make_client(self, **options):
        given = {
            "api_key": "any", "base_url": f"{self.mock.url}/~{self.session}/letta", "max_retries": 0, "timeout": 60,
            "_strict_response_validation": True, **options}
        client = AsyncLetta(**given) if self.is_async else Letta(**given)
        self.addCleanup(lambda: self.done(client.close()))
        return client

    def world(self, name):
        """The same client in a session of its own."""
        self.session = name[-64:]
        self.client = self.client.with_options(base_url=f"{self.mock.url}/~{self.session}/letta")

    def done(self, value):
        """What an asynchronous client promises, or the value itself."""
        return self.loop.run_until_complete(wait_for(value)) if self.is_async and inspect.isawaitable(value) else value

    def call(self, path, /, *arguments, outcome=None, client=None, **members):
        """Calls a method by its path, such as "runs.retrieve"."""
        method = client or self.client
        for part in path.split("."):
            method = getattr(method, part)
        if outcome:
            members["extra_headers"] = {"X-Dryrun-Outcome": outcome}
        return self.done(method(*arguments, **members))

    def all(self, path, /, *arguments, **members):
        """Every item of a list to its last page, or every event of a stream to its end."""
        result = self.call(path, *arguments, **members)
        if hasattr(result, "__aiter__"):
            return self.loop.run_until_complete(drain(result))
        return list(result)

    def advance(self, by):
        self.mock.advance(by, self.session)

    def begin(self, outcome=None, agent=PLAIN, **members):
        """A run in the background."""
        return self.call("agents.messages.create_async", agent, outcome=outcome, messages=HELLO, **members).id

    def retrieve_until(self, run, statuses, step="100ms", tries=600):
        for _ in range(tries):
            found = self.call("runs.retrieve", run)
            if found.status in statuses:
                return found
            self.advance(step)
        self.fail(f"the run did not get to {statuses}: {found.status}")

    def ended(self, run, step="1s"):
        return self.retrieve_until(run, {"completed", "failed", "cancelled"}, step)


async def wait_for(value):
    return await value


async def drain(result, items=None):
    items = [] if items is None else items
    try:
        async for item in result:
            items.append(item)
    finally:
        if hasattr(result, "response"):  # a stream
            await result.response.aclose()
    return items


def in_both(case, names):
    """Two test classes of a mixin, put into the module's names."""
    for is_async in (False, True):
        name = case.__name__ + ("Async" if is_async else "Sync")
        names[name] = type(name, (case, LettaCase, unittest.TestCase), {"is_async": is_async, "__module__": case.__module__})
