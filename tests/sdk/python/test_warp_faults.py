# SPDX-License-Identifier: Apache-2.0
"""What the official client of warp, unmodified, shows of each fault: its own typed error, its recovery, or, where it cannot
notice, what really happened in the session. A kind that has no row here fails a test."""

import unittest
from datetime import timedelta

import httpx
import oz_agent_sdk as sdk
import pydantic

from warp_case import WarpCase

BROKEN = (sdk.APIConnectionError, httpx.RemoteProtocolError)
RESET = (sdk.APIConnectionError, httpx.ReadError)
LATE = (sdk.APITimeoutError, httpx.ReadTimeout)
# kind, parameters: the error and what it was raised from; None: the client has what it asked for all the same.
SHOWN = [
    ("delay", {"time": "2s"}, LATE),
    ("slow_first_byte", {"time": "2s"}, LATE),
    ("dribble", {"time": "2s", "pieces": 4}, LATE),
    ("hang", {}, LATE),
    ("stall", {}, LATE),
    ("bandwidth", {"rate": 50000}, None),
    ("slow_close", {"time": "50ms"}, None),
    ("unannounced_close", {}, None),
    ("status", {"status": 503}, (sdk.InternalServerError, httpx.HTTPStatusError)),
    ("status", {"status": 401}, (sdk.AuthenticationError, httpx.HTTPStatusError)),
    ("status", {"status": 403}, (sdk.PermissionDeniedError, httpx.HTTPStatusError)),
    ("rate_limit", {"budget": 0}, (sdk.RateLimitError, httpx.HTTPStatusError)),
    ("redirect_loop", {}, (sdk.APIConnectionError, httpx.TooManyRedirects)),
    ("reset", {}, RESET),
    ("reset_in_body", {}, RESET),
    ("empty_reply", {}, BROKEN),
    ("random_bytes", {}, BROKEN),
    ("raw_bytes", {"text": "no HTTP at all"}, BROKEN),
    ("truncated_body", {}, BROKEN),
    ("wrong_length", {}, BROKEN),
    ("malformed_chunk", {}, BROKEN),
    ("malformed_json", {}, (ValueError, None)),
    ("bad_gzip", {}, (sdk.APIConnectionError, httpx.DecodingError)),
    ("content_type", {}, None),  # it reads JSON whatever the answer says that it is
    ("charset", {}, None),
    ("header", {"name": "Date"}, None),
    ("duplicate_header", {}, None),
    ("huge_header", {}, None),
    ("schema_mutation", {"breach": "enum", "at": "/state"}, (sdk.APIResponseValidationError, pydantic.ValidationError)),
    ("schema_mutation", {"breach": "type", "at": "/title"}, (sdk.APIResponseValidationError, pydantic.ValidationError)),
    ("schema_mutation", {"breach": "null", "at": "/run_id"}, (sdk.APIResponseValidationError, pydantic.ValidationError)),
    ("schema_mutation", {"breach": "drop", "at": "/run_id"}, (sdk.APIResponseValidationError, pydantic.ValidationError)),
    ("schema_mutation", {"breach": "format", "at": "/created_at"}, (sdk.APIResponseValidationError, pydantic.ValidationError)),
    ("schema_mutation", {"breach": "array"}, (sdk.APIResponseValidationError, pydantic.ValidationError)),
    ("schema_mutation", {"breach": "encoding"}, (ValueError, None)),
    ("lost_response", {}, RESET),
    ("lost_response", {"how": "close"}, BROKEN),
    ("lost_response", {"how": "hang"}, LATE),
    ("lost_response", {"how": "504"}, (sdk.InternalServerError, httpx.HTTPStatusError)),
    ("vanish", {}, (sdk.NotFoundError, httpx.HTTPStatusError)),
]
# Their effect is seen in Lifecycle below, not in one answer.
ELSEWHERE = {"stale_read", "regress", "early_terminal", "cancel_ignored", "lost_update", "double_start", "stuck", "clock_skew",
             "wrong_next"}
RECOVERED = [("reset", {}), ("empty_reply", {}), ("truncated_body", {}), ("status", {"status": 500}), ("status", {"status": 429}),
             ("random_bytes", {}), ("bad_gzip", {}), ("hang", {}), ("lost_response", {"how": "502"})]


class FaultCase(WarpCase):
    number = 0

    def fresh(self, **options):
        """A client in a session of its own."""
        FaultCase.number += 1
        self.session = f"faults-{FaultCase.number}"
        self.client = self.make_client(**options)

    def rule(self, fault, parameters=None, **more):
        self.mock.admin("POST", "/faults", {"fault": fault, "with": parameters or {}, **more}, self.session)

    def runs(self):
        found = self.mock.admin("GET", "/resources?kind=run&limit=1000", None, self.session)
        return {run["id"]: run["state"] for run in found["resources"]}

    def retrieve(self, run):
        return self.client.agent.runs.retrieve(run)


class Shown(FaultCase):
    def test_each_fault_is_the_error_that_the_client_has_for_it(self):
        for kind, parameters, error in SHOWN:
            with self.subTest(kind=kind, parameters=parameters):
                self.fresh()
                run = self.create()
                self.rule(kind, parameters, match={"operation": "getRun"})
                if error == LATE:
                    self.client = self.client.with_options(timeout=0.3)
                if not error:
                    self.assertEqual(self.retrieve(run).state, "QUEUED")
                    continue
                with self.assertRaises(error[0]) as caught:
                    self.retrieve(run)
                if error[1]:
                    self.assertIsInstance(caught.exception.__cause__ or caught.exception.__context__, error[1])

    def test_no_kind_is_forgotten(self):
        kinds = self.mock.admin("GET", "/faults")["kinds"]
        groups = {name for name, kind in kinds.items() if kind["group"] in ("lifecycle", "wire", "body")}
        self.assertEqual(groups - {kind for kind, _, _ in SHOWN} - ELSEWHERE, set())

    def test_a_retry_of_the_client_recovers(self):
        for kind, parameters in RECOVERED:
            with self.subTest(kind=kind, parameters=parameters):
                self.fresh(max_retries=1)
                run = self.create()
                if kind == "hang":
                    self.client = self.client.with_options(timeout=0.3)
                self.rule(kind, parameters, times=1, match={"operation": "getRun"})
                self.assertEqual(self.retrieve(run).state, "QUEUED")
                self.assertEqual(self.mock.count(self.session, operation="getRun"), 2)

    def test_it_gives_up_after_as_many_429s_as_it_was_told(self):
        self.fresh(max_retries=2)
        run = self.create()
        self.rule("rate_limit", {"budget": 0, "retry_after": "none"}, match={"operation": "getRun"})
        with self.assertRaises(sdk.RateLimitError):
            self.retrieve(run)
        self.assertEqual(self.mock.count(self.session, operation="getRun", status=429), 3)

    def test_without_strict_validation_a_broken_body_is_let_through(self):
        self.fresh(_strict_response_validation=False)
        run = self.create()
        self.rule("schema_mutation", {"breach": "enum", "at": "/state"})
        self.assertEqual(self.retrieve(run).state, "NEVER_HEARD_OF")


class Lifecycle(FaultCase):
    """Where the client cannot notice, the session tells."""

    def test_a_start_whose_answer_was_lost_is_started_again_by_its_retry(self):
        self.fresh(max_retries=1)
        before = self.runs()
        self.rule("lost_response", times=1, match={"operation": "createRun"})
        told = self.client.agent.run(prompt="once").run_id
        fresh = set(self.runs()) - set(before)
        self.assertEqual(len(fresh), 2)
        self.assertIn(told, fresh)

    def test_two_are_started_and_the_client_hears_of_one(self):
        self.fresh()
        before = self.runs()
        self.rule("double_start")
        told = self.create()
        self.advance("1h")
        self.assertEqual({run: state for run, state in self.runs().items() if run not in before}[told], "SUCCEEDED")
        self.assertEqual([state for run, state in self.runs().items() if run not in before], ["SUCCEEDED"] * 2)

    def test_a_cancelled_run_succeeds(self):
        self.fresh()
        run = self.create()
        self.retrieve_until(run, {"INPROGRESS"})
        self.rule("cancel_ignored")
        self.assertIn(run, self.client.agent.runs.cancel(run))
        self.assertEqual(self.state_of(run), "INPROGRESS")
        self.advance("1h")
        self.assertEqual(self.state_of(run), "SUCCEEDED")

    def test_polls_see_the_state_before_for_a_while(self):
        self.fresh()
        run = self.create()
        self.rule("stale_read", {"reads": 2})
        self.advance("10s")
        self.assertEqual(self.runs()[run], "SUCCEEDED")
        self.assertEqual([self.state_of(run) for _ in range(3)], ["INPROGRESS", "INPROGRESS", "SUCCEEDED"])

    def test_a_poll_sees_it_go_back(self):
        self.fresh()
        run = self.create()
        self.rule("regress")
        self.advance("10s")
        self.assertEqual([self.state_of(run) for _ in range(3)], ["SUCCEEDED", "INPROGRESS", "SUCCEEDED"])

    def test_a_poll_sees_an_end_that_is_none(self):
        self.fresh()
        run = self.create()
        self.rule("early_terminal", {"state": "SUCCEEDED"}, times=1)
        self.assertEqual([self.state_of(run) for _ in range(2)], ["SUCCEEDED", "QUEUED"])

    def test_a_poller_gives_up_on_a_run_that_is_stuck(self):
        self.fresh()
        self.rule("stuck", {"time": "1d"}, match={"operation": "createRun"})
        run = self.create()
        with self.assertRaisesRegex(AssertionError, "the run did not get to"):
            self.retrieve_until(run, {"SUCCEEDED"}, "1m", 30)

    def test_what_was_started_is_not_there(self):
        self.fresh()
        self.rule("lost_update", match={"operation": "createRun"})
        run = self.create()
        with self.assertRaises(sdk.NotFoundError):
            self.retrieve(run)

    def test_instants_are_typed_and_off(self):
        self.fresh()
        run = self.create()
        true = self.retrieve(run).created_at
        self.rule("clock_skew", {"by": "90s", "direction": "behind"})
        self.assertEqual(true - self.retrieve(run).created_at, timedelta(seconds=90))

    def test_a_walk_through_pages_ends_too_early_or_goes_round(self):
        self.fresh()
        whole = len(self.walk())
        self.rule("wrong_next", {"how": "cut"}, requests=2)
        self.assertEqual(len(self.walk()), 4)
        self.mock.admin("PUT", "/faults", {"fault": "wrong_next"}, self.session)
        self.assertGreater(len(self.walk()), whole)

    def walk(self):
        """The ids of all pages, at most thirty."""
        found, cursor = [], None
        for _ in range(30):
            page = self.client.agent.runs.list(limit=2, **({"cursor": cursor} if cursor else {}))
            found += [run.run_id for run in page.runs]
            cursor = page.page_info.next_cursor
            if not page.page_info.has_next_page:
                break
        return found


if __name__ == "__main__":
    unittest.main()
