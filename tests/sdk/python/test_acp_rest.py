# SPDX-License-Identifier: Apache-2.0
"""Agents and threads of acp through its client: descriptors, searches, pages, states, copies; keys; who leaves."""

import http.client
import json
import time

from agntcy_acp import ConflictException, NotFoundException, UnauthorizedException, UnprocessableEntityException, models

from acp_case import ECHO, MAIL_WRITER, NOWHERE, in_both


class Agents:
    def test_agents_are_found_by_name_and_version(self):
        def names(**members):
            return [agent.metadata.ref.name for agent in self.call("search_agents", models.AgentSearchRequest(**members))]

        everyone = names()
        self.assertEqual(len(everyone), 5)
        self.assertEqual(names(name="echo"), ["echo", "echo"])
        self.assertEqual(names(name="echo", version="2.0.0"), ["echo"])
        self.assertEqual(names(name="nobody"), [])
        self.assertEqual([names(limit=2, offset=offset) for offset in (0, 2, 4, 6)],
                         [everyone[:2], everyone[2:4], everyone[4:], []])

    def test_descriptors_are_typed(self):
        asking = self.call("get_acp_descriptor_by_id", MAIL_WRITER).specs
        self.assertEqual([kind.interrupt_type for kind in asking.interrupts], ["approval", "signature"])
        self.assertTrue(asking.capabilities.interrupts and asking.capabilities.streaming.values)
        for agent in self.call("search_agents", models.AgentSearchRequest()):
            specs = self.call("get_acp_descriptor_by_id", agent.agent_id).specs
            self.assertEqual(bool(specs.capabilities.interrupts), bool(specs.interrupts))
            custom = bool(specs.capabilities.streaming and specs.capabilities.streaming.custom)
            self.assertEqual(custom, bool(specs.custom_streaming_update))

    def test_what_is_not_there(self):
        for method in ("get_agent_by_id", "get_acp_descriptor_by_id"):
            with self.assertRaises(NotFoundException) as caught:
                self.call(method, NOWHERE)
            self.assertIn("Agent not found", caught.exception.body)


class Threads:
    def test_a_thread_is_made_once(self):
        thread = self.thread(metadata={"owner": "eve"})
        with self.assertRaises(ConflictException) as caught:
            self.thread(thread_id=thread)
        self.assertEqual(caught.exception.data, f"Thread {thread} already exists")
        self.assertEqual(self.thread(thread_id=thread, if_exists="do_nothing", metadata={"owner": "bob"}), thread)
        self.assertEqual(self.call("get_thread", thread).metadata, {"owner": "eve"})

    def test_metadata_is_merged_and_values_make_a_state(self):
        thread = self.thread(metadata={"a": 1})
        patched = self.call("patch_thread", thread, models.ThreadPatch(metadata={"b": 2}))
        self.assertEqual((patched.metadata, patched.values), ({"a": 1, "b": 2}, None))
        self.assertEqual(self.call("get_thread_history", thread), [])
        message = models.Message(role="human", content=models.Content("hello"))
        for number in range(3):
            self.call("patch_thread", thread, models.ThreadPatch(values={"number": number}, messages=[message]))
        past = self.call("get_thread_history", thread)
        self.assertEqual([state.values["number"] for state in past], [2, 1, 0])
        self.assertEqual(past[0].messages[0].content.actual_instance, "hello")
        before = past[0].checkpoint.checkpoint_id
        older = self.call("get_thread_history", thread, before=before, limit=1)
        self.assertEqual([state.values["number"] for state in older], [1])
        branch = models.ThreadPatch(checkpoint=past[2].checkpoint, values={"number": 9})
        self.assertEqual(self.call("patch_thread", thread, branch).values, {"number": 9})
        lost = models.ThreadPatch(checkpoint=models.ThreadCheckpoint(checkpoint_id=NOWHERE), values={})
        with self.assertRaises(NotFoundException):
            self.call("patch_thread", thread, lost)

    def test_values_of_any_type_are_kept_and_give_way_to_a_run(self):
        thread = self.thread()
        for values in ("words", 5, [1, 2]):  # the client's models know objects only
            path = f"/~{self.session}/acp/threads/{thread}"
            connection = http.client.HTTPConnection("127.0.0.1", self.mock.port, timeout=60)
            connection.request("PATCH", path, json.dumps({"values": values}), {"Content-Type": "application/json"})
            self.assertEqual(json.load(connection.getresponse())["values"], values)
            connection.close()
        self.call("create_and_wait_for_thread_run_output", thread, models.RunCreateStateful())
        self.assertTrue(self.call("get_thread", thread).values["done"])

    def test_threads_are_found(self):
        tea, coffee = self.thread(metadata={"drink": "tea", "cups": 2}), self.thread(metadata={"drink": "coffee"})
        self.call("patch_thread", tea, models.ThreadPatch(values={"hot": True, "left": 1}))

        def found(**members):
            return [one.thread_id for one in self.call("search_threads", models.ThreadSearchRequest(**members))]

        self.assertEqual(found(metadata={"drink": "tea"}), [tea])
        self.assertEqual(found(metadata={"drink": "tea", "cups": 3}), [])
        self.assertEqual(found(values={"hot": True}), [tea])
        self.assertIn(coffee, found(status="idle"))
        everyone = found(limit=100)
        self.assertEqual([found(limit=2, offset=offset) for offset in range(0, len(everyone), 2)],
                         [everyone[offset:offset + 2] for offset in range(0, len(everyone), 2)])
        for wrong in ({"limit": 0}, {"limit": 1001}, {"offset": -1}):
            request = models.ThreadSearchRequest.model_construct(**{"limit": 10, "offset": 0, **wrong})
            with self.assertRaises(UnprocessableEntityException):  # the model itself would refuse it, too
                self.call("search_threads", request)

    def test_a_copy_lives_by_itself(self):
        thread = self.thread(metadata={"a": 1})
        self.call("create_and_wait_for_thread_run_output", thread, models.RunCreateStateful(input={"text": "x"}))
        twin = self.call("copy_thread", thread)
        self.assertNotEqual(twin.thread_id, thread)
        mine, its = (self.call("get_thread_history", one) for one in (thread, twin.thread_id))
        self.assertEqual([state.values for state in mine], [state.values for state in its])
        self.assertFalse({one.checkpoint.checkpoint_id for one in mine} & {one.checkpoint.checkpoint_id for one in its})
        self.assertEqual(self.call("list_thread_runs", twin.thread_id), [])
        self.call("delete_thread", twin.thread_id)
        self.assertEqual(self.call("get_thread", thread).status, "idle")

    def test_a_thread_follows_its_runs(self):
        thread = self.thread()
        for outcome, status in (("success", "idle"), ("asks_once", "interrupted"), ("user_error", "error"), ("success", "idle")):
            body = models.RunCreateStateful(agent_id=MAIL_WRITER)
            self.call("create_thread_run", thread, body, outcome=outcome)
            self.assertEqual(self.call("get_thread", thread).status, "busy")
            self.advance("1s")
            self.assertEqual(self.call("get_thread", thread).status, status)

    def test_runs_of_a_thread_are_listed_to_the_end(self):
        thread = self.thread()
        made = []
        for _ in range(5):
            answer = self.call("create_and_wait_for_thread_run_output", thread, models.RunCreateStateful())
            made.insert(0, answer.run.run_id)
        pages, offset = [], 0
        while page := self.call("list_thread_runs", thread, limit=2, offset=offset):
            pages += [run.run_id for run in page]
            offset += len(page)
        self.assertEqual(pages, made)

    def test_stateless_runs_are_found(self):
        def found(**members):
            return [run.run_id for run in self.call("search_stateless_runs", models.RunSearchRequest(**members))]

        ids = [self.call("create_stateless_run", models.RunCreateStateless(metadata={"number": number % 2, "by": "me"})).run_id
               for number in range(4)]
        self.call("create_thread_run", self.thread(), models.RunCreateStateful(metadata={"by": "me"}))
        self.assertEqual(found(metadata={"by": "me"}), ids[::-1])
        self.assertEqual(found(metadata={"number": 1}), [ids[3], ids[1]])
        self.assertEqual(found(agent_id=MAIL_WRITER), [])
        self.assertEqual(found(agent_id=ECHO, status="pending", limit=2, offset=1), ids[2:0:-1])
        self.advance("1m")
        self.assertEqual(found(status="pending"), [])


class Leavers:
    """Who made a run, and goes away while it is waited for."""

    def leave(self, route, **body):
        self.mock.admin("PUT", "/participants", {"participants": 9}, self.session)  # nobody is granted time
        connection = http.client.HTTPConnection("127.0.0.1", self.mock.port, timeout=60)
        headers = {"Content-Type": "application/json", "X-Dryrun-Outcome": "hang"}
        connection.request("POST", f"/~{self.session}/acp/runs/{route}", json.dumps(body), headers)
        self.until_parked(1)
        connection.close()
        self.until_parked(0)
        return self.call("search_stateless_runs", models.RunSearchRequest(limit=1))[0].status

    def until_parked(self, count):
        end = time.monotonic() + 30
        while self.mock.admin("GET", "/clock", session=self.session)["parked"] != count:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.005)

    def test_the_run_is_cancelled_unless_it_shall_go_on(self):
        for route in ("wait", "stream"):
            self.assertEqual(self.leave(route), "interrupted", route)
            self.assertEqual(self.leave(route, on_disconnect="cancel"), "interrupted", route)
            self.assertEqual(self.leave(route, on_disconnect="continue"), "pending", route)


class Keys:
    arguments = ("--variant", "acp.auth=key")

    def test_a_key_is_needed(self):
        self.assertEqual(len(self.call("search_agents", models.AgentSearchRequest())), 5)
        self.client = self.make_client(api_key=None)
        with self.assertRaises(UnauthorizedException) as caught:
            self.call("search_agents", models.AgentSearchRequest())
        self.assertIn("Invalid API Key", caught.exception.body)


for case in (Agents, Threads, Leavers, Keys):
    in_both(case, globals())
del case
