# SPDX-License-Identifier: Apache-2.0
"""What the official Python client of azure-agents, unmodified, shows of each fault: the typed error of azure.core, the recovery by its
own retries, or, where it cannot notice, what really happened in the session."""

import os
import sys
import unittest
from datetime import timedelta
from pathlib import Path

import azure.ai.agents.operations
from azure.ai.agents import AgentsClient
from azure.core import exceptions
from azure.core.credentials import AzureKeyCredential
from azure.core.pipeline.policies import SansIOHTTPPolicy

from called import Called

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from mock_process import Mock, find_binary  # noqa: E402

Called(AgentsClient, *(getattr(azure.ai.agents.operations, name) for name in dir(azure.ai.agents.operations) if name.endswith("Operations")))
HELPER = "asst_000000000000000000000001"
LATE = 0.15  # seconds until the client gives up on a fault that is longer
NONE = object()
# kind, parameters: the error and a word of its text; NONE: the client has what it asked for all the same.
SHOWN = [
    ("delay", {"time": "2s"}, exceptions.ServiceResponseTimeoutError, "Read timed out"),
    ("slow_first_byte", {"time": "2s"}, exceptions.ServiceResponseTimeoutError, "Read timed out"),
    ("hang", {}, exceptions.ServiceResponseTimeoutError, "Read timed out"),
    ("dribble", {"time": "2s", "pieces": 4}, exceptions.ServiceRequestError, "Read timed out"),
    ("stall", {}, exceptions.ServiceRequestError, "Read timed out"),
    ("bandwidth", {"rate": 50000}, NONE, ""),
    ("slow_close", {"time": "50ms"}, NONE, ""),
    ("unannounced_close", {}, NONE, ""),
    ("status", {"status": 503}, exceptions.HttpResponseError, "busy"),
    ("status", {"status": 401}, exceptions.ClientAuthenticationError, "unauthorized"),
    ("status", {"status": 404}, exceptions.ResourceNotFoundError, ""),
    ("status", {"status": 409}, exceptions.ResourceExistsError, ""),
    ("rate_limit", {"budget": 0}, exceptions.HttpResponseError, "busy"),
    ("redirect_loop", {}, exceptions.TooManyRedirectsError, "maximum redirect"),
    ("reset", {}, exceptions.ServiceResponseError, "reset by peer"),
    ("reset_in_body", {}, exceptions.HttpResponseError, "reset by peer"),
    ("empty_reply", {}, exceptions.ServiceResponseError, "without response"),
    ("random_bytes", {}, exceptions.ServiceResponseError, "BadStatusLine"),
    ("raw_bytes", {"text": "no HTTP at all"}, exceptions.ServiceResponseError, "no HTTP at all"),
    ("truncated_body", {}, exceptions.IncompleteReadError, "more expected"),
    ("wrong_length", {}, exceptions.IncompleteReadError, "10 more expected"),
    ("wrong_length", {"by": -10}, exceptions.DecodeError, "JSON is invalid"),
    ("malformed_chunk", {}, exceptions.HttpResponseError, "InvalidChunkLength"),
    ("malformed_json", {}, exceptions.DecodeError, "JSON is invalid"),
    ("malformed_json", {"how": "html"}, exceptions.DecodeError, "<html>"),
    ("bad_gzip", {}, exceptions.ServiceResponseError, "failed to decode"),
    ("content_type", {}, NONE, ""),  # it reads JSON whatever the answer says that it is
    ("charset", {"body": "utf-16"}, NONE, ""),
    ("charset", {}, UnicodeDecodeError, "utf-16"),
    ("header", {"name": "Content-Type"}, NONE, ""),
    ("duplicate_header", {}, exceptions.DecodeError, "application/json, text/html"),
    ("huge_header", {}, exceptions.ServiceResponseError, "LineTooLong"),
    ("lost_response", {}, exceptions.ServiceResponseError, "reset by peer"),
    ("lost_response", {"how": "close"}, exceptions.ServiceResponseError, "without response"),
    ("lost_response", {"how": "hang"}, exceptions.ServiceResponseTimeoutError, "Read timed out"),
    ("vanish", {}, exceptions.ResourceNotFoundError, "No thread found"),
    ("schema_mutation", {"breach": "array", "at": "/metadata"}, NONE, ""),  # it validates nothing
    ("schema_mutation", {"breach": "extra"}, NONE, ""),
]
RECOVERED = [("reset", {}), ("empty_reply", {}), ("random_bytes", {}), ("truncated_body", {}), ("malformed_chunk", {}), ("bad_gzip", {}),
             ("status", {"status": 500}), ("status", {"status": 503, "retry_after": "0s"}), ("hang", {}), ("stall", {}), ("huge_header", {})]
PLAIN = ["thread.run.created", "thread.run.queued", "thread.run.in_progress", "thread.run.step.created",
         "thread.run.step.in_progress", "thread.message.created", "thread.message.in_progress", "thread.message.delta",
         "thread.message.delta", "thread.message.completed", "thread.run.step.completed", "thread.run.completed", "done"]
# kind, parameters: what the client's iterator gives, and what it raises then.
STREAMS = [
    ("stream_cut", {"after": 4}, PLAIN[:4], exceptions.HttpResponseError),
    ("stream_cut", {"after": 4, "how": "reset"}, PLAIN[:4], exceptions.HttpResponseError),
    ("stream_cut", {"after": 4, "how": "end"}, PLAIN[:4], None),
    ("stream_stall", {"after": 2, "time": "5s"}, PLAIN[:2], exceptions.ServiceResponseTimeoutError),
    ("duplicate_event", {"event": 2}, [*PLAIN[:2], *PLAIN[1:]], None),
    ("reorder_events", {"event": 2}, [PLAIN[0], PLAIN[2], PLAIN[1], *PLAIN[3:]], None),
    ("missing_terminal", {}, PLAIN[:-2], None),
    ("missing_terminal", {"what": "marker"}, PLAIN[:-1], None),
]

# kind of the listener: the error and what OpenSSL says.
TLS = {
    "expired": (exceptions.ServiceRequestError, "certificate has expired"),
    "not_yet_valid": (exceptions.ServiceRequestError, "not yet valid"),
    "wrong_host": (exceptions.ServiceRequestError, "Hostname mismatch"),
    "untrusted": (exceptions.ServiceRequestError, "self-signed certificate"),
    "old_protocol": (exceptions.ServiceRequestError, "protocol version"),
    "plain_text": (exceptions.ServiceRequestError, "SSL"),
    "abrupt_close": (exceptions.ServiceRequestError, ""),
    "silent": (exceptions.ServiceResponseTimeoutError, "timed out"),
}


class FaultCase(unittest.TestCase):
    """A mock whose time stands still but for `advance`, and for each case a session of its own."""

    arguments = ()
    number = 0

    @classmethod
    def setUpClass(cls):
        cls.mock = Mock(find_binary(["", os.environ.get("DRYRUN_BIN", "")]), "azure-agents", *cls.arguments)

    @classmethod
    def tearDownClass(cls):
        code = cls.mock.stop()
        assert code == 0, f"the mock ended with {code}: {cls.mock.last_words}"

    def fresh(self, retries=0, url=None, **options):
        """A client in a session of its own, with a thread."""
        FaultCase.number += 1
        self.session = f"faults-{FaultCase.number}"
        self.client = AgentsClient(**{
            "endpoint": (url or self.mock.url) + "/azure-agents/api/projects/demo", "credential": AzureKeyCredential("key"),
            "headers": {"X-Dryrun-Session": self.session}, "authentication_policy": SansIOHTTPPolicy(),
            "retry_total": retries, "retry_backoff_factor": 0.001, **options})
        self.addCleanup(self.client.close)
        if not url:
            self.thread = self.client.threads.create().id

    def rule(self, fault, parameters=None, **more):
        self.mock.admin("POST", "/faults", {"fault": fault, "with": parameters or {}, **more}, self.session)

    def start(self, **more):
        return self.client.runs.create(self.thread, agent_id=HELPER, **more).id

    def get(self, run, **more):
        return self.client.runs.get(self.thread, run, **more)

    def count(self, operation, **more):
        return self.mock.count(self.session, operation=operation, **more)

    def truth(self):
        """The runs of this test's thread as they really are: their states by id."""
        found = self.mock.admin("GET", "/resources?kind=run&limit=1000", None, self.session)["resources"]
        told = {one["id"]: one["state"] for one in found}
        return {run: state for run, state in told.items() if run not in getattr(self, "before", {})}

    def advance(self, by):
        self.mock.advance(by, self.session)


class Shown(FaultCase):
    def test_each_fault_is_the_error_that_the_client_has_for_it(self):
        for kind, parameters, error, text in SHOWN:
            with self.subTest(kind=kind, parameters=parameters):
                self.fresh()
                run = self.start()
                self.rule(kind, parameters, match={"operation": "getRun"})
                late = {"read_timeout": LATE} if "timed out" in text else {}
                if error is NONE:
                    self.assertEqual(self.get(run, **late).status, "queued")
                    continue
                with self.assertRaises(error) as caught:
                    self.get(run, **late)
                self.assertIs(type(caught.exception), error)
                self.assertIn(text, str(caught.exception))

    def test_a_breach_is_handed_on_typed_as_far_as_it_goes(self):
        told = {"enum": ("/status", "status", "NEVER_HEARD_OF"), "type": ("/created_at", "created_at", "not what it was")}
        for breach, (at, member, value) in told.items():
            self.fresh()
            run = self.start()
            self.rule("schema_mutation", {"breach": breach, "at": at}, match={"operation": "getRun"})
            self.assertEqual(getattr(self.get(run), member), value)
        self.fresh()
        run = self.start()
        self.rule("schema_mutation", {"breach": "drop", "at": "/id"}, match={"operation": "getRun"})
        with self.assertRaises(AttributeError):
            self.get(run).id.lower()

    def test_a_retry_of_the_client_recovers(self):
        for kind, parameters in RECOVERED:
            with self.subTest(kind=kind, parameters=parameters):
                self.fresh(retries=1)
                run = self.start()
                self.rule(kind, parameters, times=1, match={"operation": "getRun"})
                late = {"read_timeout": 2 * LATE} if kind in ("hang", "stall") else {}
                self.assertEqual(self.get(run, **late).status, "queued")
                self.assertEqual(self.count("getRun"), 2)

    def test_it_does_not_retry_what_only_its_parser_finds(self):
        self.fresh(retries=2)
        run = self.start()
        self.rule("malformed_json", match={"operation": "getRun"})
        with self.assertRaises(exceptions.DecodeError):
            self.get(run)
        self.assertEqual(self.count("getRun"), 1)

    def test_it_gives_up_after_as_many_429s_as_it_was_told(self):
        self.fresh(retries=2)
        run = self.start()
        self.rule("rate_limit", {"budget": 0, "retry_after": "none"}, match={"operation": "getRun"})
        with self.assertRaises(exceptions.HttpResponseError) as caught:
            self.get(run)
        self.assertEqual((caught.exception.status_code, self.count("getRun", status=429)), (429, 3))

    def test_it_comes_back_when_the_budget_says(self):
        self.fresh(retries=1)
        run = self.start()
        self.rule("rate_limit", {"budget": 1, "window": "150ms", "retry_after": "milliseconds"}, match={"operation": "getRun"})
        seen = [self.get(run).status for _ in range(2)]
        self.assertEqual(seen, ["queued"] * 2)

    def test_a_start_is_not_sent_again_when_its_answer_is_lost(self):
        self.fresh(retries=2)
        self.before = self.truth()
        self.rule("lost_response", match={"operation": "createRun"})
        with self.assertRaises(exceptions.ServiceResponseError):
            self.start()
        self.assertEqual((self.count("createRun"), list(self.truth().values())), (1, ["queued"]))

    def test_a_start_is_sent_again_after_a_gateway_s_error_though_it_was_started(self):
        self.fresh(retries=2)
        self.before = self.truth()
        self.rule("lost_response", {"how": "504"}, times=1, match={"operation": "createRun"})
        with self.assertRaisesRegex(exceptions.HttpResponseError, "already has an active run"):
            self.start()
        self.assertEqual((self.count("createRun"), len(self.truth())), (2, 1))


class Streams(FaultCase):
    def test_each_fault_of_a_stream_is_what_the_iterator_gives_and_raises(self):
        for kind, parameters, given, error in STREAMS:
            with self.subTest(kind=kind, parameters=parameters):
                self.fresh(**({"read_timeout": 2 * LATE} if kind == "stream_stall" else {}))
                self.before = self.truth()
                self.rule(kind, parameters)
                seen, raised = [], None
                try:
                    with self.client.runs.stream(self.thread, agent_id=HELPER) as stream:
                        for event, _, _ in stream:
                            seen.append(event)
                except exceptions.AzureError as failure:
                    raised = type(failure)
                self.assertEqual((seen, raised), (given, error))

    def test_a_run_whose_stream_was_cut_is_polled_to_its_end(self):
        self.fresh()
        self.rule("stream_cut", {"after": 4, "how": "end"})
        with self.client.runs.stream(self.thread, agent_id=HELPER) as stream:
            run = [data for event, data, _ in stream if event == "thread.run.queued"][0].id
        self.advance("1m")
        self.assertIn(self.get(run).status, ("completed", "cancelled"))


class Life(FaultCase):
    """Where the client cannot notice, the session tells."""

    def test_polls_see_the_state_before_and_go_back(self):
        self.fresh()
        run = self.start()
        self.rule("stale_read", {"reads": 1})
        self.rule("regress")
        self.advance("1m")
        seen = [self.get(run).status for _ in range(4)]
        self.assertEqual((seen, self.truth()[run]), (["in_progress", "completed", "in_progress", "completed"], "completed"))

    def test_a_poll_sees_an_end_that_is_none(self):
        self.fresh()
        run = self.start()
        self.rule("early_terminal", {"state": "completed"}, times=1)
        self.assertEqual((self.get(run).status, self.truth()[run], self.get(run).status), ("completed", "queued", "queued"))

    def test_a_cancelled_run_completes(self):
        self.fresh()
        run = self.start()
        self.rule("cancel_ignored")
        self.assertEqual(self.client.runs.cancel(self.thread, run).status, "cancelling")
        self.advance("1m")
        self.assertEqual(self.get(run).status, "completed")

    def test_what_was_started_is_not_there(self):
        self.fresh()
        self.rule("lost_update", match={"operation": "createRun"})
        with self.assertRaises(exceptions.ResourceNotFoundError):
            self.get(self.start())

    def test_two_are_started_and_the_client_hears_of_one(self):
        self.fresh()
        self.before = self.truth()
        self.rule("double_start", match={"operation": "createThreadAndRun"})
        run = self.client.create_thread_and_run(agent_id=HELPER)
        self.advance("1m")
        self.assertEqual((len(self.truth()), set(self.truth().values()), run.id in self.truth()), (2, {"completed"}, True))

    def test_instants_are_typed_and_off(self):
        self.fresh()
        run = self.start()
        true = self.get(run).created_at
        self.rule("clock_skew", {"by": "90s", "direction": "behind"})
        self.assertEqual(true - self.get(run).created_at, timedelta(seconds=90))

    def test_a_walk_goes_by_the_last_id_whatever_the_page_says_of_more_and_ends_at_one_without_items(self):
        for how, expected in (("cut", 8), ("loop", 8), ("empty", 0)):
            self.fresh()
            for number in range(6):
                self.client.create_agent(model="gpt-4o", name=f"a{number}")
            self.rule("wrong_next", {"how": how}, match={"operation": "listAgents"})
            self.assertEqual(len(list(self.client.list_agents(limit=2))), expected)


class Polling(FaultCase):
    """The client's own poller, while each request takes 50 ms of the session's time."""

    arguments = ("--step", "50ms")

    def process(self):
        return self.client.runs.create_and_process(self.thread, agent_id=HELPER, polling_interval=0)

    def test_its_poller_survives_reads_that_are_stale_or_go_back(self):
        for kind in ("stale_read", "regress"):
            self.fresh()
            self.rule(kind, {"reads": 2})
            self.assertEqual(self.process().status, "completed")
            self.assertGreater(self.count("getRun", fault=kind), 0)

    def test_its_poller_survives_polls_that_fail_as_often_as_it_may_retry(self):
        self.fresh(retries=3)
        self.rule("status", {"status": 503, "retry_after": "0s"}, every=2, match={"operation": "getRun"})
        self.assertEqual(self.process().status, "completed")

    def test_its_poller_gives_up_on_what_is_not_found(self):
        self.fresh()
        self.rule("vanish", match={"operation": "getRun"})
        with self.assertRaises(exceptions.ResourceNotFoundError):
            self.process()

    def test_its_poller_believes_an_end_that_is_none(self):
        self.fresh()
        self.rule("early_terminal", {"state": "failed"}, times=1)
        run = self.process()
        self.assertEqual((run.status, self.truth()[run.id] == "failed"), ("failed", False))

    def test_its_poller_goes_on_for_what_is_stuck(self):
        self.fresh()
        self.rule("stuck", {"time": "5s"}, match={"operation": "createRun"})
        self.assertEqual(self.process().status, "completed")
        self.assertGreater(self.count("getRun"), 90)


class Tls(FaultCase):
    arguments = tuple(word for kind in TLS for word in ("--tls-fault", kind))

    def test_each_listener_is_the_error_that_the_client_has_for_it(self):
        self.assertEqual(set(self.mock.tls_faults), set(TLS))
        for kind, (port, trust) in self.mock.tls_faults.items():
            with self.subTest(kind=kind):
                late = {"connection_timeout": LATE, "read_timeout": LATE} if kind == "silent" else {}
                self.fresh(url=f"https://localhost:{port}", connection_verify=trust or True, **late)
                with self.assertRaisesRegex(TLS[kind][0], TLS[kind][1]) as caught:
                    self.client.get_agent(HELPER)
                self.assertIs(type(caught.exception), TLS[kind][0])

    def test_who_does_not_check_meets_the_service(self):
        self.fresh(url=f"https://localhost:{self.mock.tls_faults['expired'][0]}", connection_verify=False)
        with self.assertWarnsRegex(Warning, "Unverified"):
            self.assertEqual(self.client.get_agent(HELPER).id, HELPER)


if __name__ == "__main__":
    unittest.main()
