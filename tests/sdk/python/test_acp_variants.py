# SPDX-License-Identifier: Apache-2.0
"""Where the document of acp is silent, a variant plays it otherwise: each of them through the client."""

import http.client
import time

from agntcy_acp import ConflictException, NotFoundException, ServiceException, UnprocessableEntityException, models

from acp_case import MAIL_WRITER, TICKER, in_both


class CancelledIsError:
    arguments = ("--variant", "acp.cancelled_status=error")

    def test_a_cancelled_run_is_in_error(self):
        run = self.call("create_stateless_run", models.RunCreateStateless(), outcome="hang").run_id
        self.call("cancel_stateless_run", run)
        answer = self.call("wait_for_stateless_run_output", run)
        self.assertEqual(answer.run.status, "error")
        self.assertEqual(answer.output.actual_instance.description, "The run was cancelled.")

    def test_another_run_makes_it_one(self):
        thread = self.thread()
        run = self.call("create_thread_run", thread, models.RunCreateStateful(), outcome="hang").run_id
        self.call("create_thread_run", thread, models.RunCreateStateful(multitask_strategy="interrupt"))
        self.assertEqual(self.status(run, thread), "error")


class CancellingTakesAMoment:
    arguments = ("--variant", "acp.cancel_takes=a_moment")

    def test_wait_makes_the_answer_come_afterwards(self):
        for outcome in ("hang", "asks_once"):
            for action in ("interrupt", "rollback"):
                for wait in (False, True):
                    body = models.RunCreateStateless(agent_id=MAIL_WRITER)
                    run = self.call("create_stateless_run", body, outcome=outcome).run_id
                    self.advance("1s")
                    before = self.status(run)
                    self.call("cancel_stateless_run", run, wait=wait, action=action)
                    if not wait:
                        self.assertEqual(self.status(run), before)
                        self.advance("1s")
                    if action == "rollback":
                        with self.assertRaises(NotFoundException):
                            self.status(run)
                    else:
                        self.assertEqual(self.status(run), "interrupted")
                        with self.assertRaises(ConflictException):
                            self.call("resume_stateless_run", run, {"approved": True})


class EndedIsRefused:
    arguments = ("--variant", "acp.cancel_ended=refuse")

    def test_what_has_ended_is_not_cancelled(self):
        run = self.call("create_and_wait_for_stateless_run_output", models.RunCreateStateless()).run.run_id
        for action in ("interrupt", "rollback"):
            with self.assertRaises(UnprocessableEntityException) as caught:
                self.call("cancel_stateless_run", run, action=action)
            self.assertEqual(caught.exception.data, "Run is success")


class AlwaysIdle:
    arguments = ("--variant", "acp.thread_status=idle")

    def test_a_thread_is_idle_whatever_its_runs_do(self):
        thread = self.thread()
        for outcome in ("user_error", "asks_once", "hang"):
            body = models.RunCreateStateful(agent_id=MAIL_WRITER)
            self.call("create_thread_run", thread, body, outcome=outcome)
            self.advance("1s")
            self.assertEqual(self.call("get_thread", thread).status, "idle")
        with self.assertRaises(ConflictException):
            self.call("create_thread_run", thread, models.RunCreateStateful())


class TypedForms:
    arguments = ("--variant", "acp.interrupt_form=typed", "--variant", "acp.resume_form=typed")

    def test_question_and_answer_name_their_type(self):
        answer = self.call("create_and_wait_for_stateless_run_output", models.RunCreateStateless(agent_id=MAIL_WRITER))
        asked = answer.output.actual_instance.interrupt
        self.assertEqual(asked["interrupt_type"], "approval")
        self.assertIn("draft", asked)
        run = answer.run.run_id
        with self.assertRaises(UnprocessableEntityException):
            self.call("resume_stateless_run", run, {"interrupt_type": "approval", "resume_payload": {"approved": "so"}})
        with self.assertRaises(UnprocessableEntityException):
            self.call("resume_stateless_run", run, {"approved": True})
        self.call("resume_stateless_run", run, {"interrupt_type": "approval", "resume_payload": {"approved": False}})
        end = self.call("wait_for_stateless_run_output", run)
        self.assertEqual(end.output.actual_instance.values["sent"], False)


class AnyoneLeaves:
    arguments = ("--variant", "acp.left_by=anyone")

    def test_a_client_that_joined_and_leaves_stops_the_run(self):
        self.mock.admin("PUT", "/participants", {"participants": 9}, self.session)
        for tail in ("wait", "stream"):
            run = self.call("create_stateless_run", models.RunCreateStateless(), outcome="hang").run_id
            connection = http.client.HTTPConnection("127.0.0.1", self.mock.port, timeout=60)
            connection.request("GET", f"/~{self.session}/acp/runs/{run}/{tail}")
            self.until_parked(1)
            connection.close()
            self.until_parked(0)
            self.assertEqual(self.status(run), "interrupted")

    def until_parked(self, count):
        end = time.monotonic() + 30
        while self.mock.admin("GET", "/clock", session=self.session)["parked"] != count:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.005)


class ModesNotImplemented:
    arguments = ("--variant", "acp.unsupported_mode=not_implemented")

    def test_a_mode_that_the_agent_lacks_is_not_implemented(self):
        body = models.RunCreateStateless(agent_id=TICKER, stream_mode=models.StreamMode(models.StreamingMode.VALUES))
        for method in ("create_stateless_run", "create_and_stream_stateless_run_output"):
            with self.assertRaises(ServiceException) as caught:
                self.call(method, body)
            self.assertEqual(caught.exception.status, 501)


class ForeignRunsAreInvalid:
    arguments = ("--variant", "acp.foreign_run=invalid")

    def test_a_run_of_another_thread_is_refused_as_such(self):
        run = self.call("create_thread_run", self.thread(), models.RunCreateStateful()).run_id
        other = self.thread()
        for method in ("get_thread_run", "wait_for_thread_run_output", "cancel_thread_run", "delete_thread_run"):
            with self.assertRaises(UnprocessableEntityException) as caught:
                self.call(method, other, run)
            self.assertEqual(caught.exception.data, "Run is on another thread")
        with self.assertRaises(NotFoundException):
            self.call("get_stateless_run", run)


class UuidsOnly:
    arguments = ("--variant", "acp.thread_ids=uuid")

    def test_a_thread_id_is_a_uuid(self):
        for method in ("get_thread", "delete_thread", "copy_thread"):
            with self.assertRaises(UnprocessableEntityException):
                self.call(method, "abc")
        with self.assertRaises(UnprocessableEntityException):
            self.call("create_thread", models.ThreadCreate(thread_id="abc"))
        with self.assertRaises(NotFoundException):
            self.call("get_thread", "00000000-0000-4000-8000-00000000dead")


for case in (CancelledIsError, CancellingTakesAMoment, EndedIsRefused, AlwaysIdle, TypedForms, AnyoneLeaves, ModesNotImplemented,
             ForeignRunsAreInvalid, UuidsOnly):
    in_both(case, globals())
del case
