# SPDX-License-Identifier: Apache-2.0
"""Every method of the client of acp that reaches an endpoint, in each of its three forms."""

from agntcy_acp import models

from acp_case import ECHO, FORMS, MAIL_WRITER, in_both, methods_of_the_client


def new_thread(case):
    return case.thread(metadata={"made": "here"})


def new_run(case, outcome="hang", agent=ECHO):
    body = models.RunCreateStateless(agent_id=agent, input={"text": "x"})
    return case.call("create_stateless_run", body, outcome=outcome).run_id


def new_thread_run(case, outcome="hang", agent=ECHO):
    thread = new_thread(case)
    body = models.RunCreateStateful(agent_id=agent, input={"text": "x"})
    return thread, case.call("create_thread_run", thread, body, outcome=outcome).run_id


def asked(make):
    """A run that waits for an answer, and the answer."""

    def arguments(case):
        ids = make(case, "asks_once", MAIL_WRITER)
        case.advance("1s")
        return (*(ids if isinstance(ids, tuple) else (ids,)), {"approved": True})

    return arguments


STATELESS = models.RunCreateStateless(input={"text": "x"})
STATEFUL = models.RunCreateStateful(input={"text": "x"})

# By method: its arguments, and the type of what it answers (of each item, when that is a list or a stream).
CALLS = {
    "search_agents": (lambda case: (models.AgentSearchRequest(),), models.Agent),
    "get_agent_by_id": (lambda case: (ECHO,), models.Agent),
    "get_acp_descriptor_by_id": (lambda case: (MAIL_WRITER,), models.AgentACPDescriptor),
    "create_thread": (lambda case: (models.ThreadCreate(),), models.Thread),
    "search_threads": (lambda case: (models.ThreadSearchRequest(),), models.Thread),
    "get_thread": (lambda case: (new_thread(case),), models.Thread),
    "patch_thread": (lambda case: (new_thread(case), models.ThreadPatch(values={"number": 1})), models.Thread),
    "delete_thread": (lambda case: (new_thread(case),), None),
    "get_thread_history": (lambda case: (case.seeded_thread,), models.ThreadState),
    "copy_thread": (lambda case: (new_thread(case),), models.Thread),
    "create_thread_run": (lambda case: (new_thread(case), STATEFUL), models.RunStateful),
    "create_and_wait_for_thread_run_output": (lambda case: (new_thread(case), STATEFUL), models.RunWaitResponseStateful),
    "create_and_stream_thread_run_output": (lambda case: (new_thread(case), STATEFUL), models.RunOutputStream),
    "list_thread_runs": (lambda case: (case.seeded_thread,), models.RunStateful),
    "get_thread_run": (lambda case: new_thread_run(case), models.RunStateful),
    "resume_thread_run": (asked(new_thread_run), models.RunStateful),
    "delete_thread_run": (lambda case: new_thread_run(case), None),
    "stream_thread_run_output": (lambda case: new_thread_run(case, "success"), models.RunOutputStream),
    "wait_for_thread_run_output": (lambda case: new_thread_run(case, "success"), models.RunWaitResponseStateful),
    "cancel_thread_run": (lambda case: new_thread_run(case), None),
    "create_stateless_run": (lambda case: (STATELESS,), models.RunStateless),
    "create_and_wait_for_stateless_run_output": (lambda case: (STATELESS,), models.RunWaitResponseStateless),
    "create_and_stream_stateless_run_output": (lambda case: (STATELESS,), models.RunOutputStream),
    "search_stateless_runs": (lambda case: (models.RunSearchRequest(),), models.RunStateless),
    "get_stateless_run": (lambda case: (new_run(case),), models.RunStateless),
    "resume_stateless_run": (asked(new_run), models.RunStateless),
    "delete_stateless_run": (lambda case: (new_run(case),), None),
    "stream_stateless_run_output": (lambda case: (new_run(case, "success"),), models.RunOutputStream),
    "wait_for_stateless_run_output": (lambda case: (new_run(case, "success"),), models.RunWaitResponseStateless),
    "cancel_stateless_run": (lambda case: (new_run(case),), None),
}


class EachMethod:
    seeded_thread = "7a000000-0000-4000-8000-000000000001"

    def check(self, name, form, answer, kind):
        """The typed answer; with its status and headers; the bytes, unread."""
        if form == FORMS[2]:
            self.assertEqual(answer.status, 204 if kind is None else 200, name)
            return
        values = answer if isinstance(answer, list) else [answer]
        if form == FORMS[1] and kind is not models.RunOutputStream:  # streams come without their status
            for value in values:
                self.assertEqual(value.status_code, 204 if kind is None else 200, name)
            values = [value.data for value in values]
        if values and isinstance(values[0], list):
            values = values[0]
        if kind is None:
            self.assertEqual(values, [None], name)
            return
        self.assertTrue(values, f"{name}{form} answered nothing")
        for value in values:
            self.assertIsInstance(value, kind, name)

    def test_every_method_is_known_here(self):
        self.assertEqual(methods_of_the_client(), set(CALLS))

    def test_every_method_answers_in_every_form(self):
        called = set()
        for name, (arguments, kind) in CALLS.items():
            for form in FORMS:
                with self.subTest(method=name + form):
                    self.check(name, form, self.call(name + form, *arguments(self)), kind)
                    called.add(name + form)
        self.assertEqual(called, {name + form for name in methods_of_the_client() for form in FORMS})

    def test_every_method_reached_its_endpoint(self):
        for name, (arguments, _) in CALLS.items():
            self.call(name, *arguments(self))
        seen = {entry["operation"] for entry in self.mock.admin("GET", "/requests?limit=1000", session=self.session)["requests"]}
        self.assertEqual(methods_of_the_client() - seen, set())


in_both(EachMethod, globals())
