# SPDX-License-Identifier: Apache-2.0
"""What the official client of acp, unmodified, shows of each fault: its own exceptions by status, those of urllib3 that it lets through,
pydantic's where an answer breaks the schema; webhooks, whose bodies it reads; or, where it cannot notice, what really happened."""

import json
import unittest

import pydantic
import urllib3
from agntcy_acp import ApiException, NotFoundException, models
from agntcy_acp.acp_v0 import exceptions

from acp_case import AcpCase, once
from waiting import Receiver

BROKEN = (urllib3.exceptions.MaxRetryError, urllib3.exceptions.ProtocolError)  # what is raised, and of what
LATE = (urllib3.exceptions.MaxRetryError, urllib3.exceptions.ReadTimeoutError)
TORN = (urllib3.exceptions.ProtocolError, None)
BREACH = (pydantic.ValidationError, None)
SHOWN = [
    ("delay", {"time": "2s"}, LATE),
    ("slow_first_byte", {"time": "2s"}, LATE),
    ("hang", {}, LATE),
    ("dribble", {"time": "2s", "pieces": 4}, (urllib3.exceptions.ReadTimeoutError, TimeoutError)),
    ("stall", {}, (urllib3.exceptions.ReadTimeoutError, TimeoutError)),
    ("bandwidth", {"rate": 50000}, None),
    ("slow_close", {"time": "50ms"}, None),
    ("unannounced_close", {}, None),
    ("status", {"status": 503}, (exceptions.ServiceException, None)),
    ("status", {"status": 401}, (exceptions.UnauthorizedException, None)),
    ("status", {"status": 403}, (exceptions.ForbiddenException, None)),
    ("status", {"status": 409}, (exceptions.ConflictException, None)),
    ("rate_limit", {"budget": 0}, (exceptions.ApiException, None)),
    ("redirect_loop", {}, (urllib3.exceptions.MaxRetryError, urllib3.exceptions.ResponseError)),
    ("reset", {}, BROKEN),
    ("reset_in_body", {}, TORN),
    ("empty_reply", {}, BROKEN),
    ("random_bytes", {}, BROKEN),
    ("raw_bytes", {"text": "no HTTP at all"}, BROKEN),
    ("truncated_body", {}, TORN),
    ("wrong_length", {}, TORN),
    ("wrong_length", {"by": -10}, (ValueError, None)),
    ("malformed_chunk", {}, TORN),
    ("malformed_json", {}, (ValueError, None)),
    ("malformed_json", {"how": "empty"}, BREACH),
    ("bad_gzip", {}, (urllib3.exceptions.DecodeError, None)),
    ("content_type", {}, BREACH),  # what is no JSON is a text to it
    ("charset", {}, (ValueError, None)),
    ("charset", {"body": "utf-16"}, None),
    ("header", {"name": "Content-Type"}, None),
    ("duplicate_header", {}, (ApiException, None)),
    ("huge_header", {}, BROKEN),
    ("schema_mutation", {"breach": "enum", "at": "/status"}, BREACH),
    ("schema_mutation", {"breach": "null", "at": "/run_id"}, BREACH),
    ("schema_mutation", {"breach": "drop", "at": "/run_id"}, BREACH),
    ("schema_mutation", {"breach": "format", "at": "/created_at"}, BREACH),
    ("schema_mutation", {"breach": "array"}, BREACH),
    ("schema_mutation", {"breach": "type", "at": "/created_at"}, None),  # a number is an instant to pydantic, too
    ("schema_mutation", {"breach": "encoding"}, (UnicodeDecodeError, None)),
    ("lost_response", {}, BROKEN),
    ("lost_response", {"how": "hang"}, LATE),
    ("lost_response", {"how": "504"}, (exceptions.ServiceException, None)),
    ("vanish", {}, (NotFoundException, None)),
]
# kind, parameters: the numbers of the events that the iterator gives, and what it raises then.
STREAMS = [
    ("stream_cut", {"after": 2}, [1, 2], urllib3.exceptions.ProtocolError),
    ("stream_cut", {"after": 2, "how": "reset"}, [1, 2], urllib3.exceptions.ProtocolError),
    ("stream_cut", {"after": 2, "how": "end"}, [1, 2], None),
    ("stream_stall", {"after": 1, "time": "5s"}, [1], urllib3.exceptions.ReadTimeoutError),
    ("reorder_events", {"event": 2}, [1, 3, 2], None),
    ("duplicate_event", {"event": 2}, [1, 2, 3], None),  # it gives what it has again at each packet: nobody tells them apart
    ("missing_terminal", {}, [1, 2], None),
]


class FaultCase(AcpCase):
    number = 0

    def setUp(self):
        super().setUp()
        self.case = self.session[:50]

    def fresh(self, **options):
        """A client in a session of its own."""
        FaultCase.number += 1
        self.session = f"{self.case}-{FaultCase.number}"
        self.base = f"{self.mock.url}/~{self.session}/acp"
        self.client = self.make_client(**options)

    def rule(self, fault, parameters=None, **more):
        self.mock.admin("POST", "/faults", {"fault": fault, "with": parameters or {}, **more}, self.session)

    def start(self, **more):
        return self.client.create_stateless_run(models.RunCreateStateless(input={"text": "hello"}, **more)).run_id

    def get(self, run, **more):
        return self.client.get_stateless_run(run, **more)

    def runs(self):
        found = self.mock.admin("GET", "/resources?kind=run&limit=1000", None, self.session)["resources"]
        return {one["id"]: one["state"] for one in found}


class Shown(FaultCase, unittest.TestCase):
    def test_each_fault_is_the_error_that_the_client_has_for_it(self):
        for kind, parameters, error in SHOWN:
            with self.subTest(kind=kind, parameters=parameters):
                self.fresh()
                run = self.start()
                self.rule(kind, parameters, match={"operation": "get_stateless_run"})
                is_late = error == LATE or error and error[0] is urllib3.exceptions.ReadTimeoutError
                late = {"_request_timeout": 0.15} if is_late else {}
                if not error:
                    self.assertEqual(self.get(run, **late).status, "pending")
                    continue
                with self.assertRaises(error[0]) as caught:
                    self.get(run, **late)
                if error[1]:
                    met = caught.exception
                    self.assertIsInstance(getattr(met, "reason", None) or met.__cause__ or met.__context__, error[1])

    def test_a_retry_recovers_from_what_breaks_before_the_body(self):
        for kind, parameters, late in (("reset", {}, {}), ("empty_reply", {}, {}), ("random_bytes", {}, {}),
                                       ("hang", {}, {"_request_timeout": 0.3}), ("redirect_loop", {}, {})):
            with self.subTest(kind=kind):
                self.fresh(retries=1)
                run = self.start()
                self.rule(kind, parameters, times=1, match={"operation": "get_stateless_run"})
                self.assertEqual(self.get(run, **late).status, "pending")
                self.assertEqual(self.mock.count(self.session, operation="get_stateless_run"), 2)

    def test_it_gives_up_after_as_many_429s_as_it_was_told(self):
        self.fresh(retries=urllib3.Retry(total=2, backoff_factor=0.001, status_forcelist=[429], raise_on_status=False))
        run = self.start()
        self.rule("rate_limit", {"budget": 0, "retry_after": "none"}, match={"operation": "get_stateless_run"})
        with self.assertRaises(ApiException) as caught:
            self.get(run)
        self.assertEqual((caught.exception.status, self.mock.count(self.session, operation="get_stateless_run", status=429)), (429, 3))

    def test_a_start_is_not_sent_again_when_its_answer_is_lost(self):
        self.fresh(retries=1)
        before = self.runs()
        self.rule("lost_response", match={"operation": "create_stateless_run"})
        with self.assertRaises(urllib3.exceptions.ProtocolError):
            self.start()
        self.assertEqual(len(self.runs()), len(before) + 1)


class Streams(FaultCase, unittest.TestCase):
    def test_each_fault_of_a_stream_is_what_the_iterator_gives_and_raises(self):
        for kind, parameters, given, error in STREAMS:
            with self.subTest(kind=kind, parameters=parameters):
                self.fresh()
                self.rule(kind, parameters)
                body = models.RunCreateStateless(input={"text": "hello"}, stream_mode=models.StreamMode(models.StreamingMode("values")))
                seen, raised = [], None
                try:
                    late = {"_request_timeout": 0.3} if kind == "stream_stall" else {}
                    for event in self.client.create_and_stream_stateless_run_output(body, **late):
                        seen.append(event)
                except urllib3.exceptions.HTTPError as failure:
                    raised = type(failure)
                numbers = [int(event.id) for event in once(seen)]
                self.assertEqual(([number - numbers[0] + 1 for number in numbers], raised), (given, error))


class Life(FaultCase, unittest.TestCase):
    """Where the client cannot notice, the session tells."""

    def test_polls_see_the_state_before_and_go_back(self):
        self.fresh()
        run = self.start()
        self.rule("stale_read")
        self.rule("regress")
        self.advance("1m")
        seen = [self.get(run).status for _ in range(4)]
        self.assertEqual((seen, self.runs()[run]), (["pending", "success", "pending", "success"], "success"))

    def test_two_are_started_and_the_client_hears_of_one(self):
        self.fresh()
        before = self.runs()
        self.rule("double_start")
        told = self.start()
        self.advance("1m")
        fresh = {run: state for run, state in self.runs().items() if run not in before}
        self.assertEqual((list(fresh.values()), told in fresh), (["success"] * 2, True))

    def test_a_cancelled_run_succeeds(self):
        self.fresh()
        run = self.start()
        self.rule("cancel_ignored")
        self.client.cancel_stateless_run(run)
        self.advance("1m")
        self.assertEqual(self.get(run).status, "success")


class Webhooks(FaultCase, unittest.TestCase):
    def told(self, listener):
        return [models.RunStateless.from_dict(body).status for body in listener.bodies]

    def test_a_call_that_is_lost_comes_again_as_a_try_and_one_that_comes_twice_is_the_same_run(self):
        for kind, expected in (("webhook_lost", ["pending"]), ("webhook_twice", ["pending", "pending"])):
            with self.subTest(kind=kind), Receiver() as listener:
                self.fresh()
                self.rule(kind, times=1)
                self.client.create_stateless_run(models.RunCreateStateless(webhook=listener.url), _headers={"X-Dryrun-Outcome": "hang"})
                self.mock.admin("POST", "/clock/advance", {"by": "1m"}, self.session)
                listener.wait_for(len(expected))
                self.assertEqual(self.told(listener), expected)
                calls = self.mock.admin("GET", "/requests?callback=*", None, self.session)["requests"]
                self.assertEqual([call.get("faults") for call in calls][0], [kind])
                self.assertEqual(json.dumps(listener.bodies[0]), json.dumps(listener.bodies[-1]))


if __name__ == "__main__":
    unittest.main()
