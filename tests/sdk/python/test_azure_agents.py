# SPDX-License-Identifier: Apache-2.0
"""Agents through the official Python client, unmodified: each method of both kinds of client, typed values and errors,
streams and pages to their end. Two mocks: time stands still in one, each request takes 200 ms in the other (pollers)."""

import asyncio
import json
import os
import sys
import tempfile
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

import azure.ai.agents.aio.operations
import azure.ai.agents.operations
from azure.ai.agents import AgentsClient, models
from azure.ai.agents.aio import AgentsClient as AsyncClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.core.pipeline.policies import SansIOHTTPPolicy

from called import Called

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from mock_process import Mock, find_binary  # noqa: E402


def groups(module):
    return [getattr(module, name) for name in dir(module) if name.endswith("Operations")]


CALLED = Called(AgentsClient, AsyncClient, *groups(azure.ai.agents.operations), *groups(azure.ai.agents.aio.operations))
NO_ENDPOINT = {"close", "send_request", "enable_auto_function_calls"}
BEGAN = datetime(2026, 1, 1, tzinfo=timezone.utc)
HELPER = "asst_000000000000000000000001"
WEATHER = "asst_000000000000000000000002"
NOTES = "assistant-0000000000000000000001"
BYTES = bytes(range(256)) * 2
PLAIN = ["thread.run.created", "thread.run.queued", "thread.run.in_progress", "thread.run.step.created",
         "thread.run.step.in_progress", "thread.message.created", "thread.message.in_progress", "thread.message.delta",
         "thread.message.delta", "thread.message.completed", "thread.run.step.completed", "thread.run.completed", "done"]


def get_weather(city: str, unit: str) -> str:
    """The weather.

    :param city: where
    :param unit: in what
    """
    return json.dumps({"weather": f"20 {unit} in {city}"})


class Listener(models.AgentEventHandler):
    def __init__(self):
        super().__init__()
        self.texts, self.states, self.others, self.is_done = [], [], [], False

    def on_message_delta(self, delta):
        self.texts.append(delta.text)

    def on_thread_run(self, run):
        self.states.append(run.status)

    def on_error(self, data):
        self.others.append(data)

    def on_done(self):
        self.is_done = True


class AgentsCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        binary = find_binary(["", os.environ.get("DRYRUN_BIN", "")])
        cls.still = Mock(binary, "azure-agents")
        cls.pacing = Mock(binary, "azure-agents", "--step", "200ms")

    @classmethod
    def tearDownClass(cls):
        codes = [mock.stop() for mock in (cls.still, cls.pacing)]
        assert codes == [0, 0], f"the mocks ended with {codes}: {cls.still.last_words} {cls.pacing.last_words}"

    def setUp(self):
        self.session = self.id().rsplit(".", 1)[-1][-64:]

    def options(self, mock, outcome=None):
        headers = {"X-Dryrun-Session": self.session, **({"X-Dryrun-Outcome": outcome} if outcome else {})}
        return {"endpoint": mock.url + "/azure-agents/api/projects/demo", "credential": AzureKeyCredential("key"),
                "headers": headers, "authentication_policy": SansIOHTTPPolicy(), "retry_total": 0}

    def client(self, mock=None, outcome=None):
        client = AgentsClient(**self.options(mock or self.still, outcome))
        self.addCleanup(client.close)
        return client

    def advance(self, by):
        self.still.advance(by, self.session)

    def refuses(self, status, text, call, *arguments, **named):
        with self.assertRaises(HttpResponseError) as caught:
            call(*arguments, **named)
        self.assertEqual(caught.exception.status_code, status)
        self.assertRegex(str(caught.exception), text)
        return caught.exception

    def bring(self, client, state, outcome, agent=HELPER):
        thread = client.threads.create()
        run = client.runs.create(thread.id, agent_id=agent, headers={"X-Dryrun-Outcome": outcome, "X-Dryrun-Session": self.session})
        for number in range(100):
            run = client.runs.get(thread.id, run.id)
            if run.status == state:
                return run
            self.advance("100ms" if number < 50 else "60s")
        return self.fail(f"the run is {run.status}")


class Basics(AgentsCase):
    def test_an_assistant_from_its_making_to_its_end(self):
        client = self.client()
        made = client.create_agent(model="gpt-4o", name="n", instructions="i", temperature=0.5, metadata={"a": "b"},
                                   tools=models.CodeInterpreterTool().definitions, response_format=models.AgentsResponseFormat(type="json_object"))
        self.assertEqual((made.name, made.description, made.temperature, made.top_p), ("n", None, 0.5, 1))
        self.assertEqual(made.created_at, BEGAN)
        self.assertIsInstance(made.tools[0], models.CodeInterpreterToolDefinition)
        self.assertEqual(client.get_agent(made.id), made)
        self.assertEqual(client.update_agent(made.id, name="m").name, "m")
        self.assertIsNone(client.delete_agent(made.id))
        with self.assertRaises(ResourceNotFoundError):
            client.get_agent(made.id)
        self.refuses(400, "that form", client.create_agent, model="gpt-4o", response_format="none")
        self.refuses(400, "metadata", client.create_agent, model="gpt-4o", metadata={f"k{i}": "v" for i in range(17)})

    def test_pages_follow_each_other_to_the_end(self):
        client = self.client()
        made = [client.create_agent(model="gpt-4o", name=f"a{number}").id for number in range(7)]
        seen = [agent.id for agent in client.list_agents(limit=2, order="asc")]
        self.assertEqual(seen, [HELPER, WEATHER, *made])
        self.assertEqual([agent.id for agent in client.list_agents(limit=3)], seen[::-1])
        pages = [len(list(page)) for page in client.list_agents(limit=4).by_page()]
        self.assertEqual(pages, [4, 4, 1, 0])  # it goes on until last_id is null, whatever has_more says
        threads = [client.threads.create().id for _ in range(3)]
        self.assertEqual([thread.id for thread in client.threads.list(limit=1)][:3], threads[::-1])

    def test_threads_and_messages(self):
        client = self.client()
        threads, messages = client.threads, client.messages
        thread = threads.create(messages=[models.ThreadMessageOptions(role="user", content="first")], metadata={"a": "b"})
        said = messages.create(thread.id, role="user", content=[models.MessageInputTextBlock(text="second")],
                               attachments=[models.MessageAttachment(file_id=NOTES, tools=models.FileSearchTool().definitions)])
        self.assertEqual((said.status, said.completed_at, said.incomplete_at, said.run_id), ("completed", BEGAN, None, None))
        self.assertEqual(said.text_messages[0].text.value, "second")
        self.assertEqual([one.text_messages[0].text.value for one in messages.list(thread.id, order="asc", limit=1)], ["first", "second"])
        self.assertEqual(messages.update(thread.id, said.id, metadata={"c": "d"}).metadata, {"c": "d"})
        self.assertEqual(messages.get(thread.id, said.id).metadata, {"c": "d"})
        self.assertEqual(messages.get_last_message_by_role(thread.id, "user").id, said.id)
        self.assertEqual(messages.get_last_message_text_by_role(thread.id, "user").text.value, "second")
        self.assertEqual(threads.update(thread.id, metadata={"e": "f"}).metadata, {"e": "f"})
        self.assertEqual(threads.get(thread.id).metadata, {"e": "f"})
        self.assertIsNone(threads.delete(thread.id))
        self.refuses(404, "No thread found with id 'thread_", threads.get, thread.id)


class Runs(AgentsCase):
    def test_a_run_completes(self):
        client = self.client()
        run = self.bring(client, "completed", "complete")
        self.assertEqual((run.created_at, run.cancelled_at, run.failed_at, run.expires_at), (BEGAN, None, None, None))
        self.assertLessEqual(run.started_at, run.completed_at)
        self.assertEqual(run.usage.total_tokens, 15)
        [step] = client.run_steps.list(run.thread_id, run.id)
        self.assertEqual(client.run_steps.get(run.thread_id, run.id, step.id), step)
        [said] = client.messages.list(run.thread_id, run_id=run.id)
        self.assertEqual(step.step_details.message_creation.message_id, said.id)
        self.assertEqual(client.runs.update(run.thread_id, run.id, metadata={"a": "b"}).metadata, {"a": "b"})
        self.assertEqual([one.id for one in client.runs.list(run.thread_id)], [run.id])

    def test_every_end(self):
        client = self.client()
        run = self.bring(client, "failed", "rate_limit")
        self.assertEqual((run.last_error.code, run.completed_at), ("rate_limit_exceeded", None))
        self.assertIsInstance(run.failed_at, datetime)
        [step] = client.run_steps.list(run.thread_id, run.id)
        self.assertEqual((step.status, step.last_error.code), ("failed", "rate_limit_exceeded"))
        run = self.bring(client, "expired", "hang")
        self.assertEqual(run.expires_at - run.created_at, timedelta(minutes=10))
        [said] = client.messages.list(run.thread_id, run_id=run.id)
        self.assertEqual((said.status, said.incomplete_details.reason), ("incomplete", "run_expired"))

    def test_out_of_tokens(self):
        run = self.bring(self.client(), "failed", "out_of_tokens")
        self.assertEqual(run.last_error.code, "max_completion_tokens")
        with Mock(find_binary(["", os.environ.get("DRYRUN_BIN", "")]), "azure-agents", "--variant", "incomplete=shown") as mock:
            client = self.client(mock, "out_of_tokens")
            thread = client.threads.create()
            with client.runs.stream(thread.id, agent_id=HELPER) as stream:
                seen = [(kind, data) for kind, data, _ in stream]
            self.assertEqual([kind for kind, _ in seen[-4:]],
                             ["thread.run.step.completed", "thread.message.incomplete", "thread.run.incomplete", "done"])
            self.assertEqual(seen[-3][1].incomplete_details.reason, "max_tokens")
            self.assertEqual(seen[-2][1].incomplete_details.reason, "max_completion_tokens")
            self.assertEqual(next(iter(client.runs.list(thread.id))).status, "incomplete")

    def test_cancel_and_what_it_refuses(self):
        client = self.client()
        run = self.bring(client, "in_progress", "hang")
        self.refuses(400, r"Can't add messages to thread_\w+ while a run run_\w+ is active\.", client.messages.create,
                     run.thread_id, role="user", content="x")
        self.refuses(400, r"Thread thread_\w+ already has an active run run_\w+\.", client.runs.create, run.thread_id, agent_id=HELPER)
        self.assertEqual(client.runs.cancel(run.thread_id, run.id).status, "cancelling")
        self.advance("1s")
        self.assertEqual(client.runs.get(run.thread_id, run.id).status, "cancelled")
        error = self.refuses(400, "Cannot cancel run with status 'cancelled'.", client.runs.cancel, run.thread_id, run.id)
        self.assertEqual(json.loads(error.response.text())["error"]["type"], "invalid_request_error")

    def test_outputs_are_handed_in(self):
        client = self.client()
        run = self.bring(client, "requires_action", "call_functions", WEATHER)
        self.assertIsInstance(run.required_action, models.SubmitToolOutputsAction)
        [call] = run.required_action.submit_tool_outputs.tool_calls
        self.refuses(400, r"Expected tool outputs for call_ids \['call_", client.runs.submit_tool_outputs, run.thread_id, run.id, tool_outputs=[])
        outputs = [models.ToolOutput(tool_call_id=call.id, output="sunny")]
        self.assertEqual(client.runs.submit_tool_outputs(run.thread_id, run.id, tool_outputs=outputs).status, "queued")
        self.advance("5s")
        steps = list(client.run_steps.list(run.thread_id, run.id, order="asc"))
        self.assertEqual([step.type for step in steps], ["tool_calls", "message_creation"])
        self.assertEqual(steps[0].step_details.tool_calls[0].function["output"], "sunny")

    def test_the_client_processes_a_run_by_itself(self):
        client = self.client(self.pacing)
        client.enable_auto_function_calls({get_weather})
        thread = client.threads.create()
        run = client.runs.create_and_process(thread.id, agent_id=WEATHER, polling_interval=0)
        self.assertEqual(run.status, "completed")
        run = client.create_thread_and_process_run(agent_id=HELPER, polling_interval=0)
        self.assertEqual(run.status, "completed")
        run = client.create_thread_and_run(agent_id=HELPER, thread=models.AgentThreadCreationOptions(metadata={"a": "b"}))
        self.assertEqual(run.status, "queued")


class Streams(AgentsCase):
    def test_a_run_as_a_stream(self):
        client = self.client()
        thread = client.threads.create()
        with client.runs.stream(thread.id, agent_id=HELPER) as stream:
            seen = [(kind, data) for kind, data, _ in stream]
        self.assertEqual([kind for kind, _ in seen], PLAIN)
        self.assertIsInstance(seen[3][1], models.RunStep)
        self.assertIsInstance(seen[5][1], models.ThreadMessage)
        self.assertEqual("".join(data.text for kind, data in seen if kind == "thread.message.delta"), "Hello from dryrun.")

    def test_a_handler_and_outputs_in_a_stream(self):
        client = self.client()
        thread = client.threads.create()
        with client.runs.stream(thread.id, agent_id=WEATHER, event_handler=Listener()) as listener:
            listener.until_done()
        self.assertEqual(listener.states, ["queued", "queued", "in_progress", "requires_action"])
        [run] = client.runs.list(thread.id)
        [call] = run.required_action.submit_tool_outputs.tool_calls
        with_outputs = Listener()
        client.runs.submit_tool_outputs_stream(thread.id, run.id, event_handler=with_outputs,
                                               tool_outputs=[models.ToolOutput(tool_call_id=call.id, output="rain")])
        with_outputs.until_done()
        self.assertEqual((with_outputs.states, with_outputs.is_done), (["queued", "in_progress", "completed"], True))
        self.assertEqual("".join(with_outputs.texts), "With what the tools gave, that is done.")

    def test_an_error_in_a_stream(self):
        client = self.client(outcome="break_stream")
        thread = client.threads.create()
        with client.runs.stream(thread.id, agent_id=HELPER, event_handler=Listener()) as listener:
            listener.until_done()
        self.assertEqual((listener.states[-1], listener.is_done), ("failed", True))
        self.assertIn("Sorry, something went wrong.", str(listener.others[0]))


class Stores(AgentsCase):
    def test_a_file_goes_up_and_comes_down(self):
        files = self.client(self.pacing).files
        file = files.upload(file=BYTES, purpose="assistants", filename="b.bin")
        self.assertEqual((file.bytes, file.filename, file.purpose), (512, "b.bin", "assistants"))
        self.assertEqual(b"".join(files.get_content(file.id)), BYTES)
        polled = files.upload_and_poll(file=b"x", purpose="assistants", filename="none", polling_interval=0)
        self.assertEqual((polled.status, polled.bytes), ("processed", 1))
        with tempfile.TemporaryDirectory() as folder:
            files.save(file.id, "saved.bin", folder)
            self.assertEqual(Path(folder, "saved.bin").read_bytes(), BYTES)
        self.assertIn(file.id, [one.id for one in files.list(purpose="assistants").data])
        self.assertEqual(files.get(file.id).created_at.year, 2026)
        self.assertIsNone(files.delete(file.id))
        self.refuses(404, "No file found with id", files.get, file.id)

    def test_vector_stores(self):
        client = self.client(self.pacing)
        stores, files, batches = client.vector_stores, client.vector_store_files, client.vector_store_file_batches
        store = stores.create(name="s", expires_after=models.VectorStoreExpirationPolicy(anchor="last_active_at", days=1))
        self.assertEqual(store.expires_at - store.last_active_at, timedelta(days=1))
        filled = stores.create_and_poll(file_ids=[NOTES], polling_interval=0)
        self.assertEqual((filled.status, filled.file_counts.completed), ("completed", 1))
        self.assertEqual(stores.modify(store.id, name="t").name, "t")
        self.assertEqual(stores.get(store.id).name, "t")
        self.assertEqual(len(list(stores.list(limit=1))), 3)
        self.assertEqual(files.create(store.id, file_id=NOTES).id, NOTES)
        self.assertEqual(files.create_and_poll(store.id, file_id=NOTES, polling_interval=0).status, "completed")
        self.assertIsInstance(files.get(store.id, NOTES).chunking_strategy, models.VectorStoreStaticChunkingStrategyResponse)
        self.assertEqual([one.id for one in files.list(store.id, filter="completed")], [NOTES])
        self.assertIsNone(files.delete(store.id, NOTES))
        self.refuses(404, "No vector store file found", files.get, store.id, NOTES)
        batch = batches.create(store.id, file_ids=[NOTES], headers={"X-Dryrun-Session": self.session, "X-Dryrun-Outcome": "store_file=hang"})
        self.assertEqual(batches.cancel(store.id, batch.id).status, "cancelled")
        self.assertEqual(batches.get(store.id, batch.id).file_counts.cancelled, 1)
        self.assertEqual([one.status for one in batches.list_files(store.id, batch.id)], ["cancelled"])
        second = stores.create()
        self.assertEqual(batches.create_and_poll(second.id, file_ids=[NOTES], polling_interval=0).status, "completed")
        self.assertIsNone(stores.delete(store.id))


class Asynchronous(AgentsCase):
    def test_each_method_of_the_asynchronous_client(self):
        asyncio.run(self.everything())

    async def everything(self):
        async with AsyncClient(**self.options(self.pacing)) as client:
            await self.agents_and_threads(client)
            await self.runs(client)
            await self.stores(client)

    async def agents_and_threads(self, client):
        made = await client.create_agent(model="gpt-4o", name="n")
        self.assertEqual((await client.get_agent(made.id)).name, "n")
        self.assertEqual((await client.update_agent(made.id, name="m")).name, "m")
        self.assertEqual([agent.id async for agent in client.list_agents(limit=2)], [made.id, WEATHER, HELPER])
        await client.delete_agent(made.id)
        thread = await client.threads.create()
        said = await client.messages.create(thread.id, role="user", content="hello")
        self.assertEqual((await client.messages.get(thread.id, said.id)).id, said.id)
        self.assertEqual((await client.messages.update(thread.id, said.id, metadata={"a": "b"})).metadata, {"a": "b"})
        self.assertEqual([one.id async for one in client.messages.list(thread.id)], [said.id])
        self.assertEqual((await client.messages.get_last_message_by_role(thread.id, "user")).id, said.id)
        self.assertEqual((await client.messages.get_last_message_text_by_role(thread.id, "user")).text.value, "hello")
        self.assertEqual((await client.threads.update(thread.id, metadata={"c": "d"})).metadata, {"c": "d"})
        self.assertEqual((await client.threads.get(thread.id)).metadata, {"c": "d"})
        self.assertEqual(len([one async for one in client.threads.list(limit=1)]), 2)
        await client.threads.delete(thread.id)

    async def runs(self, client):
        thread = await client.threads.create()
        run = await client.runs.create(thread.id, agent_id=HELPER)
        self.assertEqual((await client.runs.cancel(thread.id, run.id)).status, "cancelling")
        while (await client.runs.get(thread.id, run.id)).status != "cancelled":
            pass
        self.assertEqual((await client.runs.update(thread.id, run.id, metadata={"a": "b"})).metadata, {"a": "b"})
        self.assertEqual([one.id async for one in client.runs.list(thread.id)], [run.id])
        done = await client.runs.create_and_process(thread.id, agent_id=HELPER, polling_interval=0)
        [step] = [one async for one in client.run_steps.list(thread.id, done.id)]
        self.assertEqual((await client.run_steps.get(thread.id, done.id, step.id)).status, "completed")
        self.assertEqual((await client.create_thread_and_process_run(agent_id=HELPER, polling_interval=0)).status, "completed")
        self.assertEqual((await client.create_thread_and_run(agent_id=HELPER)).status, "queued")
        for after in (client.runs.submit_tool_outputs, client.runs.submit_tool_outputs_stream):
            async with await client.runs.stream(thread.id, agent_id=WEATHER) as stream:
                seen = [(kind, data) async for kind, data, _ in stream]
            self.assertEqual([kind for kind, _ in seen[-2:]], ["thread.run.requires_action", "done"])
            run = seen[-2][1]
            outputs = [models.ToolOutput(tool_call_id=run.required_action.submit_tool_outputs.tool_calls[0].id, output="rain")]
            if after is client.runs.submit_tool_outputs or after == client.runs.submit_tool_outputs:
                self.assertEqual((await after(thread.id, run.id, tool_outputs=outputs)).status, "queued")
                while (await client.runs.get(thread.id, run.id)).status != "completed":
                    pass
                continue
            handler = models.AsyncAgentEventHandler()
            await after(thread.id, run.id, tool_outputs=outputs, event_handler=handler)
            await handler.until_done()
            self.assertEqual((await client.runs.get(thread.id, run.id)).status, "completed")

    async def stores(self, client):
        stores, files, batches = client.vector_stores, client.vector_store_files, client.vector_store_file_batches
        file = await client.files.upload(file=BYTES, purpose="assistants", filename="b.bin")
        self.assertEqual((await client.files.upload_and_poll(file=b"x", purpose="vision", filename="v", polling_interval=0)).status, "processed")
        self.assertEqual((await client.files.get(file.id)).bytes, 512)
        self.assertEqual(b"".join([piece async for piece in await client.files.get_content(file.id)]), BYTES)
        with tempfile.TemporaryDirectory() as folder:
            await client.files.save(file.id, "saved.bin", folder)
            self.assertEqual(Path(folder, "saved.bin").read_bytes(), BYTES)
        self.assertEqual(len((await client.files.list()).data), 3)
        store = await stores.create(name="s")
        self.assertEqual((await stores.create_and_poll(file_ids=[file.id], polling_interval=0)).status, "completed")
        self.assertEqual((await stores.modify(store.id, name="t")).name, "t")
        self.assertEqual((await stores.get(store.id)).name, "t")
        self.assertEqual(len([one async for one in stores.list(limit=2)]), 3)
        self.assertEqual((await files.create(store.id, file_id=file.id)).id, file.id)
        self.assertEqual((await files.create_and_poll(store.id, file_id=NOTES, polling_interval=0)).status, "completed")
        self.assertEqual((await files.get(store.id, NOTES)).id, NOTES)
        self.assertEqual(len([one async for one in files.list(store.id)]), 2)
        await files.delete(store.id, NOTES)
        batch = await batches.create(store.id, file_ids=[NOTES])
        self.assertEqual((await batches.cancel(store.id, batch.id)).status, "cancelled")
        self.assertEqual((await batches.get(store.id, batch.id)).status, "cancelled")
        self.assertEqual([one.id async for one in batches.list_files(store.id, batch.id)], [NOTES])
        self.assertEqual((await batches.create_and_poll(store.id, file_ids=[file.id], polling_interval=0)).status, "completed")
        await stores.delete(store.id)
        await client.files.delete(file.id)


class Zzz(unittest.TestCase):
    def test_no_method_was_forgotten(self):
        forgotten = [name for name in CALLED.forgotten() if name.rsplit(".", 1)[-1] not in NO_ENDPOINT]
        self.assertEqual(forgotten, [])
        self.assertGreater(len(CALLED.times), 90)


if __name__ == "__main__":
    unittest.main()
