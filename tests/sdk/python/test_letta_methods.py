# SPDX-License-Identifier: Apache-2.0
"""Every method of letta's client that reaches an endpoint in scope (contracts/letta/SCOPE.md); the list comes from the client."""

import inspect
import unittest

import letta_client
from letta_client.types import AgentState, Conversation, Step, Tool
from letta_client.types.agents import Run

from letta_case import CAREFUL, DELETE_FILE, HELLO, PLAIN, READ_FILE, SEEDED_MESSAGE, SEEDED_RUN, SEEDED_STEP, in_both

IN_SCOPE = ("agents.messages", "agents.tools", "conversations", "messages", "runs", "steps", "tools")
AGENTS = {f"agents.{name}" for name in ("create", "delete", "list", "retrieve", "update")}


def methods_of(resource, path):
    for name, found in inspect.getmembers(type(resource)):
        if name.startswith("_"):
            continue
        if inspect.isfunction(found):
            yield f"{path}.{name}"
        elif not name.startswith("with_"):
            yield from methods_of(getattr(resource, name), f"{path}.{name}")


def methods_in_scope():
    client = letta_client.Letta(api_key="any")
    found = set()
    for root in {path.split(".")[0] for path in IN_SCOPE}:
        found |= set(methods_of(getattr(client, root), root))
    return {path for path in found if path in AGENTS or path.startswith(tuple(scope + "." for scope in IN_SCOPE))}


def conversation(case):
    return case.call("conversations.create", agent_id=PLAIN).id


def said(case):
    """A conversation, and a background run in it."""
    talk = conversation(case)
    events = case.all("conversations.messages.create", talk, messages=HELLO, background=True, streaming=True)
    return talk, events[0].run_id


def background(case):
    run = case.begin()
    case.ended(run)
    return run


# By method: its arguments, named ones, and the type of what it answers (of each item, when that is a list or a stream).
CALLS = {
    "agents.create": lambda case: ((), {"name": "made here"}, AgentState),
    "agents.delete": lambda case: ((PLAIN,), {}, None),
    "agents.list": lambda case: ((), {}, AgentState),
    "agents.retrieve": lambda case: ((PLAIN,), {}, AgentState),
    "agents.update": lambda case: ((PLAIN,), {"name": "other"}, AgentState),
    "agents.messages.create": lambda case: ((PLAIN,), {"input": "Hello."}, object),
    "agents.messages.create_async": lambda case: ((PLAIN,), {"messages": HELLO}, Run),
    "agents.messages.stream": lambda case: ((PLAIN,), {"messages": HELLO}, object),
    "agents.messages.list": lambda case: ((PLAIN,), {}, object),
    "agents.messages.cancel": lambda case: ((PLAIN,), {"run_ids": [case.begin("hang")]}, dict),
    "agents.messages.reset": lambda case: ((PLAIN,), {}, AgentState),
    "agents.messages.compact": lambda case: ((PLAIN,), {}, object),
    "agents.tools.attach": lambda case: ((DELETE_FILE,), {"agent_id": PLAIN}, AgentState),
    "agents.tools.detach": lambda case: ((READ_FILE,), {"agent_id": PLAIN}, AgentState),
    "agents.tools.list": lambda case: ((CAREFUL,), {}, Tool),
    "agents.tools.run": lambda case: (("read_file",), {"agent_id": PLAIN, "args": {}}, object),
    "agents.tools.update_approval": lambda case: (("read_file",), {"agent_id": PLAIN, "body_requires_approval": True}, AgentState),
    "conversations.create": lambda case: ((), {"agent_id": PLAIN}, Conversation),
    "conversations.list": lambda case: ((), {"agent_id": PLAIN}, Conversation),
    "conversations.retrieve": lambda case: ((conversation(case),), {}, Conversation),
    "conversations.update": lambda case: ((conversation(case),), {"summary": "new"}, Conversation),
    "conversations.delete": lambda case: ((conversation(case),), {}, None),
    "conversations.fork": lambda case: ((conversation(case),), {}, Conversation),
    "conversations.recompile": lambda case: ((conversation(case),), {}, str),
    "conversations.cancel": lambda case: (("default",), {"agent_id": case.agent_of(case.begin("hang"))}, dict),
    "conversations.messages.create": lambda case: ((conversation(case),), {"input": "Hello."}, object),
    "conversations.messages.list": lambda case: ((said(case)[0],), {}, object),
    "conversations.messages.stream": lambda case: ((said(case)[0],), {"run_id": case.last_run()}, object),
    "conversations.messages.compact": lambda case: ((conversation(case),), {}, object),
    "messages.list": lambda case: ((), {}, object),
    "messages.retrieve": lambda case: ((SEEDED_MESSAGE,), {}, list),
    "messages.search": lambda case: ((), {"query": "hello"}, list),
    "runs.list": lambda case: ((), {}, Run),
    "runs.retrieve": lambda case: ((SEEDED_RUN,), {}, Run),
    "runs.messages.list": lambda case: ((SEEDED_RUN,), {}, object),
    "runs.messages.stream": lambda case: ((background(case),), {"starting_after": 0}, object),
    "runs.steps.list": lambda case: ((SEEDED_RUN,), {}, Step),
    "runs.trace.retrieve": lambda case: ((SEEDED_RUN,), {}, list),
    "runs.usage.retrieve": lambda case: ((SEEDED_RUN,), {}, object),
    "steps.list": lambda case: ((), {}, Step),
    "steps.retrieve": lambda case: ((SEEDED_STEP,), {}, Step),
    "steps.feedback.create": lambda case: ((SEEDED_STEP,), {"feedback": "positive"}, Step),
    "steps.messages.list": lambda case: ((SEEDED_STEP,), {}, object),
    "steps.metrics.retrieve": lambda case: ((SEEDED_STEP,), {}, object),
    "steps.trace.retrieve": lambda case: ((SEEDED_STEP,), {}, None),
    "tools.create": lambda case: ((), {"source_code": "def made_here(): pass"}, Tool),
    "tools.delete": lambda case: ((READ_FILE,), {}, None),
    "tools.list": lambda case: ((), {}, Tool),
    "tools.retrieve": lambda case: ((READ_FILE,), {}, Tool),
    "tools.search": lambda case: ((), {"query": "file"}, list),
    "tools.update": lambda case: ((READ_FILE,), {"description": "reads"}, Tool),
    "tools.upsert": lambda case: ((), {"source_code": "def made_here(): pass"}, Tool),
}
MANY = {name for name in CALLS if name.endswith((".list", ".stream"))} | {"conversations.messages.create"}


class Methods:
    def agent_of(self, run):
        return self.call("runs.retrieve", run).agent_id

    def last_run(self):
        return self.all("runs.list", limit=1)[0].id

    def test_each_method_gets_what_it_declares(self):
        for number, name in enumerate(sorted(CALLS)):
            with self.subTest(name):
                self.world(f"method-{number}")
                arguments, members, wanted = CALLS[name](self)
                if name in MANY:
                    items = self.all(name, *arguments, **members)
                    self.assertTrue(items)
                    answer = items[0]
                else:
                    answer = self.call(name, *arguments, **members)
                if wanted is None:
                    self.assertIsNone(answer)
                else:
                    self.assertIsInstance(answer, wanted)

    def test_each_way_of_asking_for_an_answer(self):
        self.assertEqual(self.call("agents.messages.create", PLAIN, messages=HELLO).stop_reason.stop_reason, "end_turn")
        self.assertTrue(self.all("agents.messages.create", PLAIN, messages=HELLO, streaming=True))


class Reflection(unittest.TestCase):
    def test_no_method_in_scope_is_forgotten(self):
        self.assertEqual(methods_in_scope() ^ set(CALLS), set())


in_both(Methods, globals())
del Methods
