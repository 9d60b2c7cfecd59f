# SPDX-License-Identifier: Apache-2.0
"""What the words of the table mean as requests: each operation's method and path (FACTS.md section 1), its usual body
and the shape of its answer."""

import acp_endings
import acp_lists
import acp_shapes
import acp_stories
from acp_shapes import check_error
from acp_states import KINDS, matches_state
from oracle_client import expect
from oracle_rows import Operation, Service, send_plainly

T, S = "/threads/{}/runs", "/runs"
OPERATIONS = {
    "search_agents": Operation("POST", "/agents/search", None),
    "get_agent_by_id": Operation("GET", "/agents/{}", "agent"),
    "get_acp_descriptor_by_id": Operation("GET", "/agents/{}/descriptor", "agent"),
    "create_thread": Operation("POST", "/threads", None),
    "search_threads": Operation("POST", "/threads/search", None),
    "get_thread": Operation("GET", "/threads/{}", "thread"),
    "patch_thread": Operation("PATCH", "/threads/{}", "thread"),
    "delete_thread": Operation("DELETE", "/threads/{}", "thread"),
    "get_thread_history": Operation("GET", "/threads/{}/history", "thread"),
    "copy_thread": Operation("POST", "/threads/{}/copy", "thread"),
    "create_thread_run": Operation("POST", T, "thread"),
    "create_and_stream_thread_run_output": Operation("POST", T + "/stream", "thread"),
    "create_and_wait_for_thread_run_output": Operation("POST", T + "/wait", "thread"),
    "list_thread_runs": Operation("GET", T, "thread"),
    "get_thread_run": Operation("GET", T + "/{}", "thread run"),
    "resume_thread_run": Operation("POST", T + "/{}", "thread run"),
    "delete_thread_run": Operation("DELETE", T + "/{}", "thread run"),
    "stream_thread_run_output": Operation("GET", T + "/{}/stream", "thread run"),
    "wait_for_thread_run_output": Operation("GET", T + "/{}/wait", "thread run"),
    "cancel_thread_run": Operation("POST", T + "/{}/cancel", "thread run"),
    "create_stateless_run": Operation("POST", S, None),
    "create_and_stream_stateless_run_output": Operation("POST", S + "/stream", None),
    "create_and_wait_for_stateless_run_output": Operation("POST", S + "/wait", None),
    "search_stateless_runs": Operation("POST", S + "/search", None),
    "get_stateless_run": Operation("GET", S + "/{}", "run"),
    "resume_stateless_run": Operation("POST", S + "/{}", "run"),
    "delete_stateless_run": Operation("DELETE", S + "/{}", "run"),
    "stream_stateless_run_output": Operation("GET", S + "/{}/stream", "run"),
    "wait_for_stateless_run_output": Operation("GET", S + "/{}/wait", "run"),
    "cancel_stateless_run": Operation("POST", S + "/{}/cancel", "run"),
}
WITH_BODY = {name for name, operation in OPERATIONS.items() if operation.method in ("POST", "PATCH")
             and not operation.path.endswith(("/copy", "/cancel"))}
STORIES = {**acp_stories.STORIES, **acp_endings.STORIES, **acp_lists.STORIES}


def each(check):
    def check_all(answer):
        expect(isinstance(answer.json, list), f"{answer}: not a bare array")
        for item in answer.json:
            check(item)
    return check_all


def one(check):
    return lambda answer: check(answer.json)


def check_empty(answer):
    expect(answer.status == 204 and answer.content == b"", f"{answer}: not 204 without a body")


def check_waited(answer):
    if answer.status == 204:
        check_empty(answer)
    else:
        acp_shapes.check_waited(answer)


SHAPES = {
    "search_agents": each(acp_shapes.check_agent), "get_agent_by_id": one(acp_shapes.check_agent),
    "get_acp_descriptor_by_id": one(acp_shapes.check_descriptor), "search_threads": each(acp_shapes.check_thread),
    **{name: one(acp_shapes.check_thread) for name in ("create_thread", "get_thread", "patch_thread", "copy_thread")},
    "get_thread_history": each(acp_shapes.check_thread_state),
    **{name: each(acp_shapes.check_run) for name in ("list_thread_runs", "search_stateless_runs")},
    **{name: one(acp_shapes.check_run) for name in (
        *acp_stories.CREATORS, *acp_endings.RESUMERS, "get_thread_run", "get_stateless_run")},
    **{name: check_waited for name in acp_stories.WAITERS + acp_endings.JOINERS},
    **{name: acp_shapes.check_stream for name in acp_stories.STREAMERS + (
        "stream_thread_run_output", "stream_stateless_run_output")},
    **{name: check_empty for name in (
        "delete_thread", "delete_thread_run", "delete_stateless_run", "cancel_thread_run", "cancel_stateless_run")},
}


def perform(done):
    name = done.row["operation"]
    story = STORIES.get((name, done.cause))
    if story:
        answer = story(done)
    elif done.cause == "no key":
        answer = done.send({} if name in WITH_BODY else None, headers={"x-api-key": None})
    elif done.cause.startswith("find "):
        answer = acp_lists.find(done)
    else:
        answer = send_plainly(done, {} if name in WITH_BODY else None)
        if name in acp_stories.CREATORS + acp_stories.WAITERS:
            acp_stories.take(done, answer)
    if answer.status < 300 and "goes away" not in done.cause:
        SHAPES[name](answer)
    return answer


SERVICE = Service(OPERATIONS, KINDS, perform, check_error, headers={"x-api-key": "oracle"}, matches=matches_state, seen_as="run",
                  proved=frozenset(("absent", "pending", "interrupted", "success", "error", "timeout")))
