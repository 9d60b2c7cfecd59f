# SPDX-License-Identifier: Apache-2.0
"""Runs of letta through its official client: how they unfold and are streamed, approvals, cancelling, callbacks, lists, errors."""

import json
import unittest

import letta_client

from letta_case import CAREFUL, HELLO, NOBODY, PLAIN, LettaCase, drain, in_both
from waiting import Receiver

ENDS = {
    "answer": ("completed", "end_turn"), "work": ("completed", "end_turn"), "max_steps": ("completed", "max_steps"),
    "tool_rule": ("completed", "tool_rule"), "ask": ("completed", "requires_approval"), "platform_error": ("failed", "error"),
    "user_error": ("failed", "context_window_overflow_in_system_prompt"), "rate_limit": ("failed", "llm_api_error"),
    "model_timeout": ("failed", "llm_api_error"), "out_of_credits": ("failed", "insufficient_credits"),
    "bad_response": ("failed", "invalid_llm_response"), "bad_tool_call": ("failed", "invalid_tool_call"),
    "no_tool_call": ("failed", "no_tool_call"), "too_long": ("failed", "max_tokens_exceeded"),
}


def types_of(events):
    return [event.message_type for event in events]


def approval(call, approve, **more):
    return [{"type": "approval", "approvals": [{"type": "approval", "tool_call_id": call, "approve": approve, **more}]}]


class Runs:
    def test_each_outcome_ends_by_the_table_of_stop_reasons(self):
        for outcome, (status, reason) in ENDS.items():
            with self.subTest(outcome):
                run = self.ended(self.begin(outcome), "5s")
                self.assertEqual((run.status, run.stop_reason), (status, reason))
                self.assertGreater(run.completed_at, run.created_at)
                self.assertTrue(run.background)
                agent = self.call("agents.retrieve", PLAIN)
                self.assertEqual(agent.last_stop_reason, reason)
                self.call("agents.messages.cancel", PLAIN, run_ids=[run.id])  # what waits for approval waits no more

    def test_slow_and_hanging_runs(self):
        slow, hang = self.begin("slow"), self.begin("hang")
        self.advance("9m")
        self.assertEqual([self.call("runs.retrieve", run).status for run in (slow, hang)], ["created", "created"])
        self.advance("2m")
        self.assertEqual([self.call("runs.retrieve", run).status for run in (slow, hang)], ["completed", "created"])

    def test_a_run_tells_what_was_said_and_what_it_cost(self):
        run = self.ended(self.begin("work")).id
        said = self.all("runs.messages.list", run)
        self.assertEqual(types_of(said), ["user_message", "tool_call_message", "tool_return_message", "reasoning_message", "assistant_message"])
        self.assertEqual(said[1].tool_call.tool_call_id, said[2].tool_call_id)
        steps = self.all("runs.steps.list", run, order="asc")
        self.assertEqual([step.status for step in steps], ["success", "success"])
        usage = self.call("runs.usage.retrieve", run)
        self.assertEqual((usage.prompt_tokens, usage.completion_tokens, usage.total_tokens), (40, 14, 54))
        self.assertIsNone(usage.prompt_tokens_details)
        self.assertEqual([message.id for message in self.all("steps.messages.list", steps[0].id)], [said[1].id, said[2].id])

    def test_a_message_is_answered_at_once(self):
        answer = self.call("agents.messages.create", PLAIN, input="Hello.")
        self.assertEqual(types_of(answer.messages), ["reasoning_message", "assistant_message"])
        self.assertEqual((answer.stop_reason.stop_reason, answer.usage.step_count), ("end_turn", 1))
        run = self.call("runs.retrieve", answer.usage.run_ids[0])
        self.assertEqual((run.status, run.background), ("completed", False))

    def test_streams_to_their_end(self):
        whole = ["ping", "reasoning_message", "assistant_message", "stop_reason", "usage_statistics"]
        events = self.all("agents.messages.stream", PLAIN, messages=HELLO)
        self.assertEqual(types_of(events), whole)
        self.assertEqual([event.seq_id for event in events[1:3]], [None, None])
        events = self.all("agents.messages.create", PLAIN, messages=HELLO, streaming=True, include_pings=False)
        self.assertEqual(types_of(events), whole[1:])
        events = self.all("conversations.messages.create", "default", agent_id=PLAIN, messages=HELLO)
        self.assertEqual(types_of(events), whole)

    def test_a_background_stream_is_taken_up_again(self):
        events = self.all("agents.messages.stream", PLAIN, messages=HELLO, background=True)
        run = events[0].run_id
        self.assertEqual([(event.seq_id, event.run_id) for event in events[1:3]], [(1, run), (2, run)])
        rest = self.all("runs.messages.stream", run, starting_after=0, include_pings=False)
        self.assertEqual(types_of(rest), types_of(events[1:]))
        rest = self.all("runs.messages.stream", run, starting_after=1, include_pings=False)
        self.assertEqual([rest[0].seq_id, len(rest)], [2, 3])
        foreground = self.all("agents.messages.stream", PLAIN, messages=HELLO)[0].run_id
        with self.assertRaises(letta_client.BadRequestError) as refused:
            self.call("runs.messages.stream", foreground)
        self.assertIn("not created in background mode", refused.exception.body["detail"])
        self.advance("3h")
        with self.assertRaises(letta_client.APIStatusError) as expired:
            self.call("runs.messages.stream", run)
        self.assertEqual(expired.exception.status_code, 410)

    def test_a_run_goes_on_while_nobody_reads(self):
        stream = self.call("agents.messages.stream", PLAIN, messages=HELLO, background=True, outcome="hang")
        run = self.first_of(stream).run_id
        self.advance("1s")
        found = self.call("runs.retrieve", run)
        self.assertEqual((found.status, found.stop_reason, found.completed_at), ("running", None, None))
        self.assertEqual([step.status for step in self.all("runs.steps.list", run)], ["pending"])
        self.assertEqual(self.call("agents.messages.cancel", PLAIN), {run: "cancelled"})
        rest = self.all("runs.messages.stream", run, starting_after=0)
        self.assertEqual((types_of(rest), rest[-1].stop_reason), (["ping", "stop_reason"], "cancelled"))

    def first_of(self, stream):
        """The first event; then the client leaves."""
        if self.is_async:
            return self.loop.run_until_complete(first_event(stream))
        event = next(iter(stream))
        stream.response.close()
        return event

    def test_a_stream_that_fails_raises(self):
        seen = []
        with self.assertRaises(letta_client.APIError) as failed:
            stream = self.call("agents.messages.stream", PLAIN, messages=HELLO, outcome="rate_limit")
            self.read(stream, seen)
        self.assertIn("llm_rate_limit", json.dumps(failed.exception.body))
        self.assertEqual(types_of(seen), ["ping", "stop_reason"])

    def read(self, stream, seen):
        if self.is_async:
            self.loop.run_until_complete(drain(stream, seen))
        else:
            for event in stream:
                seen.append(event)

    def test_a_failing_model_is_a_typed_error(self):
        for outcome, kind, error in [
            ("rate_limit", letta_client.RateLimitError, "llm_rate_limit"), ("platform_error", letta_client.InternalServerError, "internal_error"),
            ("model_refuses", letta_client.AuthenticationError, "llm_authentication"), ("model_timeout", letta_client.InternalServerError, "llm_timeout"),
            ("out_of_credits", letta_client.APIStatusError, "llm_insufficient_credits"),
        ]:
            with self.subTest(outcome), self.assertRaises(kind) as failed:
                self.call("agents.messages.create", PLAIN, input="Hello.", outcome=outcome)
            self.assertEqual(failed.exception.body["error"]["type"], error)

    def test_approvals_take_two_runs(self):
        for approve in (True, False):
            with self.subTest(approve=approve):
                self.world(f"approve-{approve}")
                asked = self.call("agents.messages.create", CAREFUL, input="Delete it.")
                self.assertEqual(asked.stop_reason.stop_reason, "requires_approval")
                request = asked.messages[-1]
                self.assertEqual((request.message_type, request.tool_call.name), ("approval_request_message", "delete_file"))
                self.assertEqual(self.call("agents.retrieve", CAREFUL).pending_approval.id, request.id)
                with self.assertRaises(letta_client.ConflictError) as pending:
                    self.call("agents.messages.create", CAREFUL, input="And now?")
                detail = pending.exception.body["detail"]
                self.assertEqual((detail["code"], detail["pending_request_id"]), ("PENDING_APPROVAL", request.id))
                with self.assertRaises(letta_client.BadRequestError):
                    self.call("agents.messages.create", CAREFUL, messages=approval("another", approve))
                answer = self.call("agents.messages.create", CAREFUL, messages=approval(request.tool_call.tool_call_id, approve, reason="so be it"))
                returned = answer.messages[0]
                self.assertEqual((returned.message_type, returned.status), ("tool_return_message", "success" if approve else "error"))
                self.assertEqual(answer.stop_reason.stop_reason, "end_turn")
                first, second = asked.usage.run_ids[0], answer.usage.run_ids[0]
                self.assertNotEqual(first, second)
                old = self.call("runs.retrieve", first)
                self.assertEqual((old.status, old.stop_reason), ("completed", "requires_approval"))
                self.assertIsNone(self.call("agents.retrieve", CAREFUL).pending_approval)

    def test_the_switch_of_a_tool(self):
        agent = self.call("agents.create", name="switched", tool_ids=["tool-00000000-0000-4000-8000-000000000001"]).id
        self.assertEqual(self.call("agents.messages.create", agent, input="x").stop_reason.stop_reason, "end_turn")
        self.call("agents.tools.update_approval", "read_file", agent_id=agent, body_requires_approval=True)
        self.assertEqual(self.call("agents.messages.create", agent, input="x").stop_reason.stop_reason, "requires_approval")

    def test_cancelling(self):
        with self.assertRaises(letta_client.ConflictError) as none:
            self.call("agents.messages.cancel", PLAIN)
        self.assertIn("No active runs to cancel", none.exception.body["detail"])
        first, second = self.begin("hang"), self.begin("waiting")
        self.advance("1s")
        self.assertEqual(self.call("agents.messages.cancel", PLAIN), {first: "cancelled", second: "cancelled"})
        done = self.ended(self.begin()).id
        self.assertEqual(self.call("agents.messages.cancel", PLAIN, run_ids=[first, done, "nope"]),
                         {first: "cancelled", done: "cancelled", "nope": "failed"})
        run = self.call("runs.retrieve", first)
        self.assertEqual((run.status, run.stop_reason), ("cancelled", "cancelled"))
        self.assertEqual(self.call("runs.retrieve", done).status, "completed")
        self.assertEqual([step.status for step in self.all("runs.steps.list", first)], ["cancelled"])

    def test_a_conversation_has_one_run_at_a_time(self):
        talk = self.call("conversations.create", agent_id=PLAIN).id
        events = self.all("conversations.messages.create", talk, messages=HELLO)
        self.assertEqual(types_of(events)[-1], "usage_statistics")
        self.assertEqual(types_of(self.all("conversations.messages.list", talk, order="asc")), ["user_message", "reasoning_message", "assistant_message"])
        with self.assertRaises(letta_client.BadRequestError):
            self.call("conversations.messages.stream", talk)
        with self.assertRaises(letta_client.ConflictError):
            self.call("conversations.cancel", talk)

    def test_lists_walk_to_their_end(self):
        wanted = [self.begin("waiting") for _ in range(7)]
        self.assertEqual([run.id for run in self.all("runs.list", limit=3, active=True)], wanted[::-1])
        self.assertEqual([run.id for run in self.all("runs.list", limit=2, order="asc", statuses=["created"])], wanted)
        everything = [run.id for run in self.all("runs.list", limit=1000)]
        self.assertEqual([run.id for run in self.all("runs.list", limit=4)], everything)
        back = self.all("runs.list", limit=2, before=everything[3])
        self.assertEqual(sorted(run.id for run in back), sorted(everything[:3]))
        self.assertEqual(self.all("runs.list", agent_id=NOBODY), [])
        self.assertEqual([run.id for run in self.all("runs.list", stop_reason="llm_api_error")], ["run-00000000-0000-4000-8000-000000000002"])
        agents = [self.call("agents.create", name=f"agent {i}").id for i in range(5)]
        self.assertEqual([agent.id for agent in self.all("agents.list", limit=2)][:5], agents[::-1])

    def test_a_repeated_message_attaches_to_its_run(self):
        message = [{"role": "user", "content": "Hello.", "otid": "one"}]
        first = self.call("agents.messages.create_async", PLAIN, messages=message, outcome="hang").id
        self.assertEqual(self.call("agents.messages.create_async", PLAIN, messages=message).id, first)
        self.assertEqual(len(self.all("runs.list", active=True)), 1)

    def test_errors_are_typed(self):
        absent = "11111111-1111-4111-8111-111111111111"
        for kind, path, arguments, members in [
            (letta_client.NotFoundError, "agents.retrieve", (NOBODY,), {}),
            (letta_client.NotFoundError, "agents.messages.create", (NOBODY,), {"input": "x"}),
            (letta_client.NotFoundError, "runs.retrieve", (f"run-{absent}",), {}),
            (letta_client.NotFoundError, "steps.retrieve", (f"step-{absent}",), {}),
            (letta_client.NotFoundError, "conversations.retrieve", (f"conv-{absent}",), {}),
            (letta_client.BadRequestError, "runs.retrieve", ("nope",), {}),
            (letta_client.BadRequestError, "runs.list", (), {"statuses": ["pending"]}),
            (letta_client.UnprocessableEntityError, "runs.list", (), {"limit": 1001}),
            (letta_client.UnprocessableEntityError, "agents.retrieve", ("nope",), {}),
            (letta_client.UnprocessableEntityError, "agents.messages.create", (PLAIN,), {}),
            (letta_client.UnprocessableEntityError, "agents.messages.create", (PLAIN,), {"input": "x", "messages": HELLO}),
        ]:
            with self.subTest(path=path, arguments=arguments, members=members), self.assertRaises(kind) as refused:
                result = self.call(path, *arguments, **members)
                self.all(path, *arguments, **members) if result else None
            self.assertIn("detail", refused.exception.body)
        with self.assertRaises(letta_client.AuthenticationError):
            self.call("runs.retrieve", "nope", client=self.client.with_options(default_headers={"Authorization": "Basic eA=="}))

    def test_conflicts_are_tried_three_times(self):
        client = self.client.with_options(max_retries=2)
        with self.assertRaises(letta_client.ConflictError):
            self.call("agents.messages.cancel", PLAIN, client=client)
        self.assertEqual(self.mock.admin("GET", "/requests/count?operation=cancel_message", None, self.session)["count"], 3)


async def first_event(stream):
    async for event in stream:
        await stream.response.aclose()
        return event


class Callbacks:
    def receiver(self, status=204):
        receiver = Receiver(status)
        self.addCleanup(receiver.close)
        return receiver

    def called(self, run):
        for _ in range(100):
            found = self.call("runs.retrieve", run)
            if found.callback_sent_at:
                return found
            self.mock.admin("POST", "/clock/sleep", {"for": "100ms"}, self.session)
        self.fail("nobody was called")

    def test_one_call_at_the_end(self):
        for outcome, status, code in (("answer", "completed", 204), ("platform_error", "failed", 500)):
            with self.subTest(code=code):
                receiver = self.receiver(code)
                run = self.called(self.begin(outcome, callback_url=receiver.url, agent=PLAIN))
                self.assertEqual((run.status, run.callback_status_code, run.callback_error), (status, code, None))
                told = receiver.bodies[-1]
                self.assertEqual((told["run_id"], told["status"]), (run.id, status))
                self.assertIn("messages", told["metadata"]["result"])
                self.advance("1h")
                self.assertEqual(len(receiver.bodies), 1)

    def test_a_cancelled_run_calls_too(self):
        receiver = self.receiver()
        run = self.begin("hang", callback_url=receiver.url)
        self.call("agents.messages.cancel", PLAIN, run_ids=[run])
        self.assertEqual(self.called(run).status, "cancelled")
        self.assertEqual([told["status"] for told in receiver.bodies], ["cancelled"])

    def test_a_call_that_fails_does_not_change_the_run(self):
        run = self.called(self.begin(callback_url="http://127.0.0.1:9/nobody"))
        self.assertEqual((run.status, run.callback_status_code), ("completed", None))
        self.assertIn("Failed to dispatch callback", run.callback_error)


class ArchivedServer(LettaCase, unittest.TestCase):
    """Where the archived server contradicts the document."""

    arguments = ("--variant", "letta.truth=server")

    def test_its_own_truth(self):
        first, second = self.begin("waiting"), self.begin("waiting")
        newer = self.call("runs.list", after=first, limit=10, active=True)
        self.assertEqual([run.id for run in newer.items], [second])
        with self.assertRaises(letta_client.UnprocessableEntityError) as refused:
            self.call("agents.retrieve", "nope")
        self.assertIsInstance(refused.exception.body["detail"], str)
        run = self.ended(self.begin("rate_limit"))
        self.assertEqual((run.status, run.stop_reason), ("completed", "llm_api_error"))
        self.assertIsNone(run.completed_at.tzinfo)
        with self.assertRaises(letta_client.BadRequestError):
            self.call("steps.list")


in_both(Runs, globals())
in_both(Callbacks, globals())
del Runs, Callbacks
