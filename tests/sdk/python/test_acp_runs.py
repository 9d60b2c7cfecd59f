# SPDX-License-Identifier: Apache-2.0
"""Runs of acp through its client: ends, questions, cancelling, several on one thread, streams, waits, callbacks."""

import time

from agntcy_acp import ConflictException, NotFoundException, UnprocessableEntityException, models

from acp_case import BARE, MAIL_WRITER, NOWHERE, QUIET, TICKER, in_both
from waiting import Receiver


def mode(*names):
    """One mode, or a list of them."""
    modes = [models.StreamingMode(name) for name in names]
    return models.StreamMode(modes if len(modes) > 1 else modes[0])


class Runs:
    def both(self, **members):
        """A run in each tree: its creation, and how its methods are called."""
        thread = self.thread()
        yield "thread", (thread,), models.RunCreateStateful(**members)
        yield "stateless", (), models.RunCreateStateless(**members)

    def start(self, tree, path, body, outcome):
        return path + (self.call(f"create_{tree}_run", *path, body, outcome=outcome).run_id,)

    def test_runs_end_as_their_outcome_has_it(self):
        ends = {"success": ("success", models.RunResult), "user_error": ("error", models.RunError),
                "time_out": ("timeout", models.RunError), "rate_limited": ("error", models.RunError)}
        for outcome, (status, kind) in ends.items():
            for tree, path, body in self.both(input={"text": "hello"}):
                run = self.start(tree, path, body, outcome)
                self.assertEqual(self.call(f"get_{tree}_run", *run).status, "pending")
                self.advance("2m")
                self.assertEqual(self.call(f"get_{tree}_run", *run).status, status)
                answer = self.call(f"wait_for_{tree}_run_output", *run)
                self.assertEqual(answer.run.status, status)
                self.assertIsInstance(answer.output.actual_instance, kind)

    def test_a_result_is_typed(self):
        for tree, path, body in self.both(input={"text": "hello"}):
            answer = self.call(f"create_and_wait_for_{tree}_run_output", *path, body)
            result = answer.output.actual_instance
            self.assertEqual(result.values, {"done": True, "said": {"text": "hello"}})
            self.assertEqual(result.messages[0].role, "assistant")
            self.assertEqual(answer.run.creation.input, {"text": "hello"})
            self.assertGreater(answer.run.updated_at, answer.run.created_at)

    def test_an_error_is_typed(self):
        for tree, path, body in self.both():
            answer = self.call(f"create_and_wait_for_{tree}_run_output", *path, body, outcome="rate_limited")
            error = answer.output.actual_instance
            self.assertEqual((error.errcode, error.run_id), (429, answer.run.run_id))

    def test_a_wait_that_takes_too_long_answers_nothing(self):
        for tree, path, body in self.both():
            self.assertIsNone(self.call(f"create_and_wait_for_{tree}_run_output", *path, body, outcome="hang"))

    def test_a_question_is_answered(self):
        for approved in (True, False):
            for tree, path, body in self.both(agent_id=MAIL_WRITER, input={"about": "rain"}):
                answer = self.call(f"create_and_wait_for_{tree}_run_output", *path, body)
                asked = answer.output.actual_instance
                self.assertIsInstance(asked, models.RunInterrupt)
                self.assertIn("draft", asked.interrupt["approval"])
                run = path + (answer.run.run_id,)
                for wrong in ({}, {"approved": "yes"}, {"approved": True, "more": 1}):
                    with self.assertRaises(UnprocessableEntityException):
                        self.call(f"resume_{tree}_run", *run, wrong)
                self.assertEqual(self.call(f"resume_{tree}_run", *run, {"approved": approved}).status, "pending")
                end = self.call(f"wait_for_{tree}_run_output", *run)
                self.assertEqual(end.output.actual_instance.values["sent"], approved)
                with self.assertRaises(ConflictException) as caught:
                    self.call(f"resume_{tree}_run", *run, {"approved": approved})
                self.assertIn("success", caught.exception.data)

    def test_two_questions_follow_one_another(self):
        for tree, path, body in self.both(agent_id=MAIL_WRITER):
            run = self.start(tree, path, body, "asks")
            for kind, answer in (("approval", {"approved": True}), ("signature", {"name": "Ada"})):
                asked = self.call(f"wait_for_{tree}_run_output", *run).output.actual_instance
                self.assertEqual(list(asked.interrupt), [kind])
                self.call(f"resume_{tree}_run", *run, answer)
            end = self.call(f"wait_for_{tree}_run_output", *run)
            self.assertEqual(end.output.actual_instance.values["sent"], True)

    def test_a_question_that_nobody_answers_expires(self):
        for tree, path, body in self.both(agent_id=MAIL_WRITER):
            run = self.start(tree, path, body, "asks_in_vain")
            self.advance("1m")
            self.assertEqual(self.call(f"get_{tree}_run", *run).status, "interrupted")
            self.advance("10m")
            self.assertEqual(self.call(f"get_{tree}_run", *run).status, "timeout")

    def test_cancelling(self):
        for action, wait in (("interrupt", False), ("interrupt", True), ("rollback", False), ("rollback", True)):
            for tree, path, body in self.both():
                run = self.start(tree, path, body, "hang")
                self.assertIsNone(self.call(f"cancel_{tree}_run", *run, wait=wait, action=action))
                if action == "rollback":
                    with self.assertRaises(NotFoundException):
                        self.call(f"get_{tree}_run", *run)
                else:
                    self.assertEqual(self.call(f"get_{tree}_run", *run).status, "interrupted")
                    self.assertIsNone(self.call(f"wait_for_{tree}_run_output", *run).output)
                    with self.assertRaises(ConflictException):
                        self.call(f"resume_{tree}_run", *run, {"approved": True})

    def test_a_run_that_has_ended_is_not_changed_by_cancelling(self):
        for tree, path, body in self.both():
            run = self.start(tree, path, body, "success")
            self.advance("1m")
            self.call(f"cancel_{tree}_run", *run, action="rollback")
            self.assertEqual(self.call(f"get_{tree}_run", *run).status, "success")

    def test_deleting(self):
        for tree, path, body in self.both():
            run = self.start(tree, path, body, "success")
            self.assertIsNone(self.call(f"delete_{tree}_run", *run))
            for method in ("get", "delete", "cancel"):
                with self.assertRaises(NotFoundException) as caught:
                    self.call(f"{method}_{tree}_run", *run)
                self.assertEqual(caught.exception.data, "Run not found")

    def test_several_runs_on_one_thread(self):
        thread = self.thread()

        def start(strategy, outcome="hang"):
            body = models.RunCreateStateful(multitask_strategy=strategy)
            return self.call("create_thread_run", thread, body, outcome=outcome).run_id

        first = start("reject")
        with self.assertRaises(ConflictException) as caught:
            start("reject")
        self.assertEqual(caught.exception.data, "Thread has a pending run")
        second = start("interrupt")
        self.assertEqual((self.status(first, thread), self.status(second, thread)), ("interrupted", "pending"))
        third = start("rollback", "time_out")
        with self.assertRaises(NotFoundException):
            self.status(second, thread)
        fourth = start("enqueue", "success")
        self.advance("30s")
        self.assertEqual((self.status(third, thread), self.status(fourth, thread)), ("pending", "pending"))
        self.advance("60s")
        self.assertEqual((self.status(third, thread), self.status(fourth, thread)), ("timeout", "success"))
        with self.assertRaises(UnprocessableEntityException):
            self.call("delete_thread", (start("reject"), thread)[1])

    def test_an_enqueued_run_begins_when_the_one_before_is_stopped(self):
        for stop in ("cancel_thread_run", "delete_thread_run"):
            thread = self.thread()
            first = self.call("create_thread_run", thread, models.RunCreateStateful(), outcome="hang").run_id
            body = models.RunCreateStateful(multitask_strategy="enqueue")
            second = self.call("create_thread_run", thread, body, outcome="success").run_id
            self.advance("1m")
            self.assertEqual(self.status(second, thread), "pending")
            self.call(stop, thread, first)
            self.advance("1m")
            self.assertEqual(self.status(second, thread), "success")

    def test_a_run_may_begin_later(self):
        for tree, path, body in self.both(after_seconds=600):
            run = self.start(tree, path, body, "success")
            self.advance("9m")
            self.assertEqual(self.call(f"get_{tree}_run", *run).status, "pending")
            self.advance("2m")
            self.assertEqual(self.call(f"get_{tree}_run", *run).status, "success")

    def test_threads_on_the_way(self):
        body = models.RunCreateStateful(if_not_exists="create")
        with self.assertRaises(NotFoundException):
            self.call("create_thread_run", "abc", models.RunCreateStateful())
        run = self.call("create_thread_run", "abc", body)
        self.assertEqual(run.thread_id, "abc")  # what a node of the client itself sends
        self.assertEqual(self.call("get_thread", "abc").status, "busy")

    def test_the_thread_of_a_stateless_run_is_kept_or_not(self):
        for keeps in ("keep", "delete"):
            body = models.RunCreateStateless(on_completion=keeps)
            thread = self.call("create_and_wait_for_stateless_run_output", body).run.thread_id
            if keeps == "keep":
                self.assertEqual(self.call("get_thread", thread).status, "idle")
            else:
                self.assertIsNone(thread)

    # ---- streams ----

    def streamed(self, tree, path, body, outcome=None):
        events = self.call(f"create_and_stream_{tree}_run_output", *path, body, outcome=outcome)
        numbers = [int(event.id) for event in events]
        self.assertEqual(numbers, sorted(set(numbers)), "ids grow")
        self.assertEqual({event.event for event in events} or {"agent_event"}, {"agent_event"})
        return [event.data.actual_instance for event in events]

    def test_values_are_streamed(self):
        for asked in (None, mode("values"), models.StreamMode([models.StreamingMode.VALUES])):
            for tree, path, body in self.both(input={"text": "x"}, stream_mode=asked):
                data = self.streamed(tree, path, body)
                self.assertEqual({type(item) for item in data}, {models.ValueRunResultUpdate})
                self.assertEqual([item.status for item in data], ["pending", "pending", "success"])
                self.assertEqual(data[-1].values["said"], {"text": "x"})

    def test_custom_updates_are_streamed(self):
        for tree, path, body in self.both(stream_mode=mode("custom")):
            data = self.streamed(tree, path, body)
            self.assertEqual([item.update["percent"] for item in data], [33, 66])
        data = self.streamed("stateless", (), models.RunCreateStateless(agent_id=TICKER, stream_mode=mode("custom")))
        self.assertEqual([item.update["percent"] for item in data], [25, 50, 75])

    def test_both_modes_are_streamed(self):
        for tree, path, body in self.both(stream_mode=mode("values", "custom")):
            kinds = [type(item) for item in self.streamed(tree, path, body)]
            self.assertEqual((kinds.count(models.ValueRunResultUpdate), kinds.count(models.CustomRunResultUpdate)), (3, 2))

    def test_a_stream_ends_with_an_error(self):
        for tree, path, body in self.both():
            error = self.streamed(tree, path, body, "fails_midway")[-1]
            self.assertIsInstance(error, models.ValueRunErrorUpdate)
            self.assertEqual((error.status, error.errcode), ("error", 500))

    def test_a_stream_ends_with_a_question_and_another_goes_on(self):
        for tree, path, body in self.both(agent_id=MAIL_WRITER):
            asked = self.streamed(tree, path, body)[-1]
            self.assertIsInstance(asked, models.ValueRunInterruptUpdate)
            self.assertIn("approval", asked.interrupt)
            run = path + (asked.run_id,)
            self.assertEqual(self.call(f"stream_{tree}_run_output", *run), [])
            self.call(f"resume_{tree}_run", *run, {"approved": True})
            events = self.call(f"stream_{tree}_run_output", *run)
            self.assertEqual([event.data.actual_instance.status for event in events], ["success"])
            self.assertEqual(self.call(f"stream_{tree}_run_output", *run), [])

    def test_only_what_comes_after_joining_is_streamed(self):
        for tree, path, body in self.both():
            run = self.start(tree, path, body, "success")
            self.advance("300ms")
            events = self.call(f"stream_{tree}_run_output", *run)
            self.assertEqual([event.data.actual_instance.status for event in events], ["pending", "success"])

    # ---- what is refused ----

    def test_what_the_agent_does_not_offer_is_refused(self):
        for tree, path, _ in self.both():
            create = models.RunCreateStateful if path else models.RunCreateStateless
            refused = [
                create(agent_id=TICKER, stream_mode=mode("values")),
                create(agent_id=MAIL_WRITER, stream_mode=mode("values", "custom")),
                create(input={"text": 5}),
                create(config=models.Config(configurable={"style": "loud"})),
                create(agent_id=BARE, input={"number": "many"}),
            ]
            for body in refused:
                for method in (f"create_{tree}_run", f"create_and_wait_for_{tree}_run_output",
                               f"create_and_stream_{tree}_run_output"):
                    with self.assertRaises(UnprocessableEntityException) as caught:
                        self.call(method, *path, body)
                    self.assertIsInstance(caught.exception.data, str)
        body = models.RunCreateStateless(agent_id=QUIET)
        with self.assertRaises(UnprocessableEntityException):
            self.call("create_and_stream_stateless_run_output", body)
        with self.assertRaises(UnprocessableEntityException):
            self.call("create_thread_run", self.thread(), models.RunCreateStateful(agent_id=BARE, input={"number": 1}))

    def test_nothing_is_found_where_nothing_is(self):
        for tree, path, body in self.both(agent_id=NOWHERE):
            with self.assertRaises(NotFoundException) as caught:
                self.call(f"create_{tree}_run", *path, body)
            self.assertEqual(caught.exception.data, "Agent not found")
            for method in (f"get_{tree}_run", f"wait_for_{tree}_run_output", f"stream_{tree}_run_output",
                           f"delete_{tree}_run", f"cancel_{tree}_run"):
                with self.assertRaises(NotFoundException):
                    self.call(method, *path, NOWHERE)

    # ---- callbacks ----

    def test_each_change_of_status_is_told_to_the_webhook(self):
        for tree, path, body in self.both(agent_id=MAIL_WRITER):
            with Receiver() as listener:
                body.webhook = listener.url
                run = self.start(tree, path, body, "asks_once")
                self.advance("1s")
                listener.wait_for(2)
                self.call(f"resume_{tree}_run", *run, {"approved": True})
                self.advance("1s")
                told = listener.wait_for(4)
            kind = models.RunStateful if path else models.RunStateless
            runs = [kind.from_dict(one) for one in told]
            self.assertEqual({one.run_id for one in runs}, {run[-1]})
            self.assertEqual(sorted(one.status for one in runs), ["interrupted", "pending", "pending", "success"])

    def test_a_webhook_that_fails_is_called_again(self):
        with Receiver(500, 500, 200) as listener:
            body = models.RunCreateStateless(webhook=listener.url)
            self.call("create_stateless_run", body, outcome="hang")
            for _ in range(100):
                self.advance("1s")
                if len(listener.bodies) == 3:
                    break
                time.sleep(0.02)
            self.assertEqual([one["status"] for one in listener.bodies], ["pending"] * 3)

    def test_no_callbacks_no_webhook(self):
        with Receiver() as listener:
            body = models.RunCreateStateless(agent_id=QUIET, webhook=listener.url)
            self.call("create_and_wait_for_stateless_run_output", body)
            told = models.RunCreateStateless(webhook=listener.url)
            self.call("create_stateless_run", told, outcome="hang")
            listener.wait_for(1)
            self.assertEqual([one["status"] for one in listener.bodies], ["pending"])


in_both(Runs, globals())
