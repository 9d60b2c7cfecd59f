# SPDX-License-Identifier: Apache-2.0
"""What the words of the table mean as requests: each operation's method and path (FACTS.md section 1), its usual body
and the shape of its answer."""

import azure_agents_lists
import azure_agents_shapes as shapes
import azure_agents_stories
from azure_agents_states import KINDS, VERSION
from oracle_client import expect
from oracle_rows import Operation, Service, require, send_plainly

OLDER = "/agents/v1.0/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/p"
RUN, STORE = "/threads/{}/runs/{}", "/vector_stores/{}"
OPERATIONS = {
    "listAgents of a project": Operation("GET", "/api/projects/demo/assistants", None),
    "listAgents of the older client": Operation("GET", OLDER + "/assistants", None),
    "createAgent": Operation("POST", "/assistants", None), "listAgents": Operation("GET", "/assistants", None),
    "getAgent": Operation("GET", "/assistants/{}", "assistant"),
    "updateAgent": Operation("POST", "/assistants/{}", "assistant"),
    "deleteAgent": Operation("DELETE", "/assistants/{}", "assistant"),
    "createThread": Operation("POST", "/threads", None), "listThreads": Operation("GET", "/threads", None),
    "getThread": Operation("GET", "/threads/{}", "thread"), "updateThread": Operation("POST", "/threads/{}", "thread"),
    "deleteThread": Operation("DELETE", "/threads/{}", "thread"),
    "createThreadAndRun": Operation("POST", "/threads/runs", None),
    "createMessage": Operation("POST", "/threads/{}/messages", "thread"),
    "listMessages": Operation("GET", "/threads/{}/messages", "thread"),
    "getMessage": Operation("GET", "/threads/{}/messages/{}", "message"),
    "updateMessage": Operation("POST", "/threads/{}/messages/{}", "message"),
    "no deleteMessage": Operation("DELETE", "/threads/{}/messages/{}", "message"),
    "createRun": Operation("POST", "/threads/{}/runs", "thread"), "listRuns": Operation("GET", "/threads/{}/runs", "thread"),
    "getRun": Operation("GET", RUN, "run"), "updateRun": Operation("POST", RUN, "run"),
    "no deleteRun": Operation("DELETE", RUN, "run"),
    "cancelRun": Operation("POST", RUN + "/cancel", "run"),
    "submitToolOutputsToRun": Operation("POST", RUN + "/submit_tool_outputs", "run"),
    "listRunSteps": Operation("GET", RUN + "/steps", "run"), "getRunStep": Operation("GET", RUN + "/steps/{}", "step"),
    "uploadFile": Operation("POST", "/files", None), "listFiles": Operation("GET", "/files", None),
    "getFile": Operation("GET", "/files/{}", "file"), "deleteFile": Operation("DELETE", "/files/{}", "file"),
    "getFileContent": Operation("GET", "/files/{}/content", "file"),
    "createVectorStore": Operation("POST", "/vector_stores", None),
    "listVectorStores": Operation("GET", "/vector_stores", None),
    "getVectorStore": Operation("GET", STORE, "store"), "modifyVectorStore": Operation("POST", STORE, "store"),
    "deleteVectorStore": Operation("DELETE", STORE, "store"),
    "createVectorStoreFile": Operation("POST", STORE + "/files", "store"),
    "listVectorStoreFiles": Operation("GET", STORE + "/files", "store"),
    "getVectorStoreFile": Operation("GET", STORE + "/files/{}", "store file"),
    "deleteVectorStoreFile": Operation("DELETE", STORE + "/files/{}", "store file"),
    "createVectorStoreFileBatch": Operation("POST", STORE + "/file_batches", "store"),
    "getVectorStoreFileBatch": Operation("GET", STORE + "/file_batches/{}", "batch"),
    "cancelVectorStoreFileBatch": Operation("POST", STORE + "/file_batches/{}/cancel", "batch"),
    "listVectorStoreFileBatchFiles": Operation("GET", STORE + "/file_batches/{}/files", "batch"),
}
USUAL = {
    "createAgent": {"model": "gpt-4o"}, "updateAgent": {}, "createThread": {}, "updateThread": {}, "createThreadAndRun": {},
    "createMessage": {"role": "user", "content": "How is the weather?"}, "updateMessage": {}, "createRun": {},
    "updateRun": {}, "submitToolOutputsToRun": {}, "createVectorStore": {}, "modifyVectorStore": {},
    "createVectorStoreFile": {}, "createVectorStoreFileBatch": {},
}
FUNCTION_TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
BODIES = {"a function tool": {"model": "gpt-4o", "tools": [FUNCTION_TOOL]},
          "a code interpreter": {"model": "gpt-4o", "tools": [{"type": "code_interpreter"}]},
          "16 pairs": {"metadata": {f"key-{number}": "x" for number in range(16)}},
          "17 pairs": {"metadata": {f"key-{number}": "x" for number in range(17)}},
          "a key of 64": {"metadata": {"k" * 64: "x"}}, "a key of 65": {"metadata": {"k" * 65: "x"}},
          "a value of 512": {"metadata": {"k": "x" * 512}}, "a value of 513": {"metadata": {"k": "x" * 513}}}
STORIES = {**azure_agents_lists.STORIES, **azure_agents_stories.STORIES}


def one(check):
    return lambda answer: check(answer.json)


def page(check):
    return lambda answer: shapes.check_page(answer, check)


def check_run_or_stream(answer):
    if answer.media != "text/event-stream":
        shapes.check_run(answer.json)


def check_files(answer):
    require(answer.json, "files", object=str, data=list)
    for item in answer.json["data"]:
        shapes.check_file(item)


SHAPES = {
    **{name: one(shapes.check_assistant) for name in ("createAgent", "getAgent", "updateAgent")},
    **{name: one(shapes.check_thread) for name in ("createThread", "getThread", "updateThread")},
    **{name: one(shapes.check_message) for name in ("createMessage", "getMessage", "updateMessage")},
    **{name: check_run_or_stream for name in ("createRun", "createThreadAndRun", "getRun", "updateRun", "cancelRun",
                                              "submitToolOutputsToRun")},
    "getRunStep": one(shapes.check_step), **{name: page(check) for name, check in azure_agents_lists.CHECKS.items()},
    **{name: one(shapes.check_file) for name in ("uploadFile", "getFile")}, "listFiles": check_files,
    "getFileContent": lambda answer: expect(answer.content, f"{answer}: no bytes"),
    **{name: one(shapes.check_store) for name in ("createVectorStore", "getVectorStore", "modifyVectorStore")},
    **{name: one(shapes.check_store_file) for name in ("createVectorStoreFile", "getVectorStoreFile")},
    **{name: one(shapes.check_batch) for name in (
        "createVectorStoreFileBatch", "getVectorStoreFileBatch", "cancelVectorStoreFileBatch")},
    "deleteAgent": shapes.check_deleted("assistant.deleted"), "deleteThread": shapes.check_deleted("thread.deleted"),
    "deleteFile": shapes.check_deleted("file"), "deleteVectorStore": shapes.check_deleted("vector_store.deleted"),
    "deleteVectorStoreFile": shapes.check_deleted("vector_store.file.deleted"),
}


def perform(done):
    name = done.row["operation"]
    story = STORIES.get((name, done.cause))
    if story:
        answer = story(done)
    elif done.cause == "no api-version":
        answer = done.send(USUAL.get(name))
    elif done.cause.startswith("version "):
        answer = done.send(USUAL.get(name), query="?api-version=" + done.cause[8:])
    elif done.cause == "the key percent-encoded":
        answer = done.send(USUAL.get(name), query="?api%2Dversion=v1")
    else:
        answer = send_plainly(done, USUAL.get(name), BODIES, VERSION)
    if answer.status < 300 and name in SHAPES:
        SHAPES[name](answer)
    return answer


SERVICE = Service(OPERATIONS, KINDS, perform, shapes.check_error, headers={"Authorization": "Bearer oracle"}, seen_as="run",
                  proved=frozenset(["absent", *shapes.RUN_STATES]))
