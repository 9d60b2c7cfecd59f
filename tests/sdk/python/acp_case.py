# SPDX-License-Identifier: Apache-2.0
"""Test cases for the official client of acp, unmodified. What a case asks for is played by the synchronous and by the
asynchronous client: a case is a mixin, and `in_both` makes its two classes."""

import asyncio
import os
import sys
import types
import unittest
from pathlib import Path

from agntcy_acp import ACPClient, ApiClient, ApiClientConfiguration, AsyncACPClient, AsyncApiClient
from agntcy_acp.acp_v0.sync_client.api import AgentsApi, StatelessRunsApi, ThreadRunsApi, ThreadsApi

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from mock_process import Mock, find_binary  # noqa: E402

ECHO, MAIL_WRITER, BARE, TICKER, QUIET = (f"5d9f6a3e-0000-4000-8000-00000000000{number}" for number in range(1, 6))
NOWHERE = "00000000-0000-4000-8000-00000000dead"
FORMS = ("", "_with_http_info", "_without_preload_content")


def methods_of_the_client():
    """Every method that reaches an endpoint, without its two other forms."""
    names = set()
    for api in (AgentsApi, StatelessRunsApi, ThreadRunsApi, ThreadsApi):
        for name in vars(api):
            if not name.startswith("_") and callable(getattr(api, name)):
                names.add(name)
    for form in FORMS[1:]:
        names -= {name + form for name in list(names)}
    return names


class AcpCase:
    """A mock for each class, and in it for each test a session, thus a world, of its own."""

    is_async = False
    arguments = ()

    @classmethod
    def setUpClass(cls):
        cls.mock = Mock(find_binary(["", os.environ.get("DRYRUN_BIN", "")]), "acp", *cls.arguments)

    @classmethod
    def tearDownClass(cls):
        code = cls.mock.stop()
        assert code == 0, f"the mock ended with {code}: {cls.mock.last_words}"

    def setUp(self):
        self.session = self.id().rsplit(".", 1)[-1][-64:]
        self.base = f"{self.mock.url}/~{self.session}/acp"
        self.loop = asyncio.new_event_loop() if self.is_async else None
        if self.loop:
            self.addCleanup(self.loop.close)
        self.client = self.make_client()

    def make_client(self, **options):
        settings = ApiClientConfiguration(host=self.base, **{"api_key": {"x-api-key": "any"}, "retries": 0, **options})
        if not self.is_async:
            return ACPClient(configuration=settings)

        async def make():
            return AsyncACPClient(api_client=AsyncApiClient(settings))

        client = self.loop.run_until_complete(make())
        self.addCleanup(lambda: self.loop.run_until_complete(client.api_client.close()))
        return client

    def call(self, name, *arguments, outcome=None, **options):
        """Calls a method; what it streams comes as a list, each event once."""
        if outcome:
            options["_headers"] = {"X-Dryrun-Outcome": outcome}
        result = getattr(self.client, name)(*arguments, **options)
        if self.is_async:
            return self.loop.run_until_complete(drain_async(result))
        return once(list(result)) if isinstance(result, types.GeneratorType) else result

    def advance(self, by):
        self.mock.advance(by, self.session)

    def thread(self, **members):
        from agntcy_acp.models import ThreadCreate

        return self.call("create_thread", ThreadCreate(**members)).thread_id

    def status(self, run, thread=None):
        if thread:
            return self.call("get_thread_run", thread, run).status
        return self.call("get_stateless_run", run).status


async def drain_async(result):
    if hasattr(result, "__anext__"):
        return once([event async for event in result])
    return await result


def once(events):
    """The client's parser gives events again that it has given before."""
    seen, fresh = set(), []
    for event in events:
        key = getattr(event, "id", None) or getattr(getattr(event, "data", None), "id", None)
        if key is None or key not in seen:
            fresh.append(event)
        seen.add(key)
    return fresh


def in_both(case, names):
    """Two test classes of a mixin, put into the module's names."""
    for is_async in (False, True):
        name = case.__name__ + ("Async" if is_async else "Sync")
        names[name] = type(name, (case, AcpCase, unittest.TestCase), {"is_async": is_async, "__module__": case.__module__})
