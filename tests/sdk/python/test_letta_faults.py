# SPDX-License-Identifier: Apache-2.0
"""What the official client of letta, unmodified, shows of faults of streams and webhooks, and of runs that are started by retries."""

import unittest

import httpx
import letta_client

from letta_case import HELLO, PLAIN, LettaCase
from waiting import Receiver

WHOLE = ["ping", "reasoning_message", "assistant_message", "stop_reason", "usage_statistics"]
# kind, parameters: what the client's iterator gives, and what it raises then (from httpx: the client lets it through).
STREAMS = [
    ("stream_cut", {"after": 2}, WHOLE[:2], httpx.RemoteProtocolError),
    ("stream_cut", {"after": 2, "how": "reset"}, WHOLE[:2], httpx.ReadError),
    ("stream_cut", {"after": 2, "how": "end"}, WHOLE[:2], None),
    ("stream_stall", {"after": 1, "time": "5s"}, WHOLE[:1], httpx.ReadTimeout),
    ("duplicate_event", {"event": 2}, [WHOLE[0], WHOLE[1], WHOLE[1], *WHOLE[2:]], None),
    ("reorder_events", {"event": 2}, [WHOLE[0], WHOLE[2], WHOLE[1], *WHOLE[3:]], None),
    ("missing_terminal", {"what": "marker"}, WHOLE, None),  # it does not miss the marker
]
GROUP = {"missing_terminal", "resume_gap", "resume_duplicate"}


class Faults(LettaCase, unittest.TestCase):
    number = 0

    def fresh(self, **options):
        """A client in a session of its own."""
        Faults.number += 1
        self.session = f"faults-{Faults.number}"
        self.client = self.make_client(**options)

    def rule(self, fault, parameters=None, **more):
        self.mock.admin("POST", "/faults", {"fault": fault, "with": parameters or {}, **more}, self.session)

    def runs(self):
        found = self.mock.admin("GET", "/resources?kind=run&limit=1000", None, self.session)
        return {run["id"]: run["state"] for run in found["resources"]}

    def test_each_fault_of_a_stream_is_what_the_iterator_gives_and_raises(self):
        for kind, parameters, given, error in STREAMS:
            with self.subTest(kind=kind, parameters=parameters):
                self.fresh(**({"timeout": 0.4} if kind == "stream_stall" else {}))
                self.rule(kind, parameters)
                seen, raised = [], None
                try:
                    for event in self.client.agents.messages.create(PLAIN, messages=HELLO, streaming=True):
                        seen.append(event.message_type)
                except httpx.HTTPError as failure:
                    raised = type(failure)
                self.assertEqual((seen, raised), (given, error))

    def test_no_kind_is_forgotten(self):
        kinds = self.mock.admin("GET", "/faults")["kinds"]
        streams = {name for name, kind in kinds.items() if kind["group"] == "stream"}
        self.assertEqual(streams - {kind for kind, *_ in STREAMS} - GROUP, set())

    def told(self, run, after):
        """(kind, number) of what a stream tells that begins after a number."""
        events = self.client.runs.messages.stream(run, starting_after=after)
        return [(event.message_type, event.seq_id) for event in events if getattr(event, "seq_id", None)]

    def test_a_client_resumes_where_its_stream_was_cut(self):
        self.fresh()
        run = self.begin()
        self.advance("10s")
        whole = self.told(run, 0)
        self.rule("stream_cut", {"after": 2}, times=1)
        seen = []
        with self.assertRaises(httpx.RemoteProtocolError):
            for event in self.client.runs.messages.stream(run, starting_after=0):
                if getattr(event, "seq_id", None):
                    seen.append((event.message_type, event.seq_id))
        self.assertLess(len(seen), len(whole))
        self.assertEqual(seen + self.told(run, seen[-1][1] if seen else 0), whole)

    def test_a_resumed_stream_repeats_what_the_client_has(self):
        self.fresh()
        run = self.begin()
        self.advance("10s")
        whole, rest = self.told(run, 0), self.told(run, 2)
        self.rule("resume_duplicate")
        self.assertEqual(self.told(run, 0), whole)
        self.assertEqual(len(self.told(run, 2)), len(rest) + 1)

    def test_a_resumed_stream_has_lost_what_the_client_does_not_miss(self):
        self.fresh()
        run = self.begin()
        self.advance("10s")
        rest = self.told(run, 2)
        self.rule("resume_gap")
        lost = self.told(run, 2)
        self.assertEqual([told for told in lost if told[0] != "ping"], [told for told in rest if told[0] != "ping"][1:])

    def test_a_retry_makes_a_second_run_and_one_with_a_known_otid_does_so_only_by_fault(self):
        message = [{"role": "user", "content": "Once.", "otid": "key-1"}]
        for fault, fresh in [(None, 1), ("double_start", 2)]:
            with self.subTest(fault=fault):
                self.fresh(max_retries=1)
                before = self.runs()
                self.rule("lost_response", times=1, match={"operation": "create_agent_message_async"})
                if fault:
                    self.rule(fault)
                told = self.client.agents.messages.create_async(PLAIN, messages=message).id
                self.assertEqual(len(set(self.runs()) - set(before)), fresh)
                self.assertIn(told, self.runs())

    def test_a_breach_is_a_typed_error_where_the_client_is_strict(self):
        self.fresh()
        run = self.begin()
        self.rule("schema_mutation", {"breach": "enum", "at": "/status"})
        with self.assertRaises(letta_client.APIResponseValidationError):
            self.client.runs.retrieve(run)

    def test_what_was_made_just_now_is_not_found(self):
        self.fresh()
        self.rule("vanish")
        run = self.begin()
        with self.assertRaises(letta_client.NotFoundError):
            self.client.runs.retrieve(run)
        self.assertEqual(self.client.runs.retrieve(run).id, run)

    def test_a_run_tells_what_became_of_its_webhook(self):
        soon, later = "2026-01-01T00:00:00.550", "2026-01-01T00:00:30.550"
        lost = r"Failed to dispatch callback .*: lost on the way: a fault"
        for kind, parameters, first, sent, error, came in [
                ("webhook_lost", {}, "completed", soon, lost, 0),
                ("webhook_twice", {}, "completed", soon, None, 2),
                ("webhook_late", {"time": "30s"}, "completed", later, None, 1),
                ("webhook_early", {}, "created", soon, None, 1)]:
            with self.subTest(kind=kind), Receiver() as receiver:
                self.fresh()
                self.rule(kind, parameters)
                run = self.begin(callback_url=receiver.url)
                self.advance("10s")
                self.assertEqual(len(receiver.bodies), 0 if kind == "webhook_late" else came)
                self.assertEqual(self.client.runs.retrieve(run).status, first)
                self.advance("1m")
                told = self.client.runs.retrieve(run)
                self.assertEqual((told.status, told.callback_sent_at.isoformat("T", "milliseconds")[:23]), ("completed", sent))
                self.assertRegex(told.callback_error or "", error or "^$")
                self.assertEqual([body["status"] for body in receiver.bodies], ["completed"] * came)

    def test_no_kind_of_webhooks_is_forgotten(self):
        kinds = self.mock.admin("GET", "/faults")["kinds"]
        webhooks = {name for name, kind in kinds.items() if kind["group"] == "webhook"}
        self.assertEqual(webhooks, {"webhook_lost", "webhook_twice", "webhook_late", "webhook_early"})


if __name__ == "__main__":
    unittest.main()
