# SPDX-License-Identifier: Apache-2.0
"""What the words of the table mean as requests: each operation's method and path (FACTS.md sections 2, 3 and 6), its
usual body and the shape of its answer."""

import letta_lists
import letta_more
import letta_shapes as shapes
import letta_stories
from letta_states import HELLO, KINDS
from oracle_client import expect
from oracle_rows import Operation, Service, require, send_plainly

RUN, AGENT, CONVERSATION = "/v1/runs/{1}", "/v1/agents/{0}", "/v1/conversations/{0}"
OPERATIONS = {
    "list_runs": Operation("GET", "/v1/runs/", None), "list_active_runs": Operation("GET", "/v1/runs/active", None),
    "retrieve_run": Operation("GET", RUN, "run"), "list_messages_for_run": Operation("GET", RUN + "/messages", "run"),
    "retrieve_stream_for_run": Operation("POST", RUN + "/stream", "run"),
    "retrieve_usage_for_run": Operation("GET", RUN + "/usage", "run"),
    "retrieve_metrics_for_run": Operation("GET", RUN + "/metrics", "run"),
    "list_steps_for_run": Operation("GET", RUN + "/steps", "run"),
    "retrieve_trace_for_run": Operation("GET", RUN + "/trace", "run"),
    "delete_run": Operation("DELETE", RUN, "run"), "no createRun": Operation("POST", "/v1/runs/", None), "no cancelRun": Operation("POST", RUN + "/cancel", "run"),
    "no modifyRun": Operation("PATCH", RUN, "run"),
    "no slash": Operation("GET", "/v1/runs", None), "no route": Operation("GET", "/v1/nothing", None),
    "noOperation": Operation("GET", "/_stainless_unknown_path", None),
    "create_agent": Operation("POST", "/v1/agents/", None), "list_agents": Operation("GET", "/v1/agents/", None),
    "retrieve_agent": Operation("GET", AGENT, "agent"), "delete_agent": Operation("DELETE", AGENT, "agent"),
    "send_message": Operation("POST", AGENT + "/messages", "agent"),
    "create_agent_message_stream": Operation("POST", AGENT + "/messages/stream", "agent"),
    "create_agent_message_async": Operation("POST", AGENT + "/messages/async", "agent"),
    "list_messages": Operation("GET", AGENT + "/messages", "agent"),
    "cancel_message": Operation("POST", AGENT + "/messages/cancel", "run"),
    "create_conversation": Operation("POST", "/v1/conversations/", None),
    "list_conversations": Operation("GET", "/v1/conversations/", None),
    "retrieve_conversation": Operation("GET", CONVERSATION, "conversation"),
    "update_conversation": Operation("PATCH", CONVERSATION, "conversation"),
    "delete_conversation": Operation("DELETE", CONVERSATION, "conversation"),
    "send_conversation_message": Operation("POST", CONVERSATION + "/messages", "conversation"),
    "list_conversation_messages": Operation("GET", CONVERSATION + "/messages", "conversation"),
    "cancel_conversation": Operation("POST", CONVERSATION + "/cancel", "conversation"),
    "retrieve_conversation_stream": Operation("POST", CONVERSATION + "/stream", "conversation"),
    "list_steps": Operation("GET", "/v1/steps/", None), "retrieve_step": Operation("GET", "/v1/steps/{0}", "step"),
    "retrieve_metrics_for_step": Operation("GET", "/v1/steps/{0}/metrics", "step"),
    "retrieve_trace_for_step": Operation("GET", "/v1/steps/{0}/trace", "step"),
    "list_messages_for_step": Operation("GET", "/v1/steps/{0}/messages", "step"),
    "modify_feedback_for_step": Operation("PATCH", "/v1/steps/{0}/feedback", "step"),
    "create_batch": Operation("POST", "/v1/messages/batches", None),
    "list_batches": Operation("GET", "/v1/messages/batches", None),
    "retrieve_batch": Operation("GET", "/v1/messages/batches/{0}", "batch"),
    "list_jobs": Operation("GET", "/v1/jobs/", None), "list_active_jobs": Operation("GET", "/v1/jobs/active", None),
    "retrieve_job": Operation("GET", "/v1/jobs/{0}", "job"), **letta_more.OPERATIONS,
}
USUAL = {"send_message": HELLO, "create_agent_message_stream": {**HELLO, "streaming": True},
         "create_agent_message_async": HELLO, "send_conversation_message": HELLO, "cancel_message": None,
         "create_conversation": {}, "update_conversation": {"summary": "rain"}, "retrieve_stream_for_run": {},
         "retrieve_conversation_stream": {}, "modify_feedback_for_step": {"feedback": "positive"},
         "create_agent": {"name": "helper", "model": "openai/gpt-4o-mini", "embedding": "openai/text-embedding-3-small"},
         "create_batch": {"requests": []}, "no createRun": {}, "no modifyRun": {}, "no cancelRun": {}, **letta_more.USUAL}
STORIES = {**letta_stories.STORIES, **letta_more.STORIES}


def one(check):
    return lambda answer: check(answer.json)


def each(check):
    def check_all(answer):
        expect(isinstance(answer.json, list), f"{answer}: not a bare array")
        for item in answer.json:
            check(item)
    return check_all


def check_answered(answer):
    (shapes.check_stream if answer.media == "text/event-stream" else shapes.check_response)(answer)


def check_map(answer):
    require({"map": answer.json}, "cancelled", map=dict)
    expect(set(answer.json.values()) <= {"cancelled", "failed"}, f"{answer}: something else than cancelled or failed")


SHAPES = {
    "retrieve_run": one(shapes.check_run), "create_agent_message_async": one(shapes.check_run),
    **{name: each(lambda run: shapes.check_run(run, True)) for name in ("list_runs", "list_active_runs")},
    **{name: each(shapes.check_message) for name in (
        "list_messages_for_run", "list_messages", "list_conversation_messages", "list_messages_for_step")},
    **{name: each(shapes.check_step) for name in ("list_steps_for_run", "list_steps")},
    **{name: one(shapes.check_step) for name in ("retrieve_step", "modify_feedback_for_step")},
    "retrieve_usage_for_run": one(shapes.check_usage), "retrieve_metrics_for_run": one(shapes.check_metrics),
    **{name: check_answered for name in ("send_message", "create_agent_message_stream", "send_conversation_message")},
    **{name: check_map for name in ("cancel_message", "cancel_conversation")},
    **{name: one(shapes.check_conversation) for name in (
        "create_conversation", "retrieve_conversation", "update_conversation")},
    "list_conversations": each(shapes.check_conversation),
    **{name: one(shapes.check_agent) for name in ("create_agent", "retrieve_agent")},
    "list_agents": each(shapes.check_agent),
    **{name: one(lambda job: shapes.check_job(job, ("batch",))) for name in ("create_batch", "retrieve_batch")},
    "list_batches": each(lambda job: shapes.check_job(job, ("batch",))),
    **{name: each(shapes.check_job) for name in ("list_jobs", "list_active_jobs")},
    "retrieve_job": one(shapes.check_job),
}


def perform(done):
    name = done.row["operation"]
    story = STORIES.get((name, done.cause))
    if story:
        answer = story(done)
    elif done.cause.startswith("find "):
        answer = letta_lists.find(done)
    else:
        answer = send_plainly(done, USUAL.get(name))
    if answer.status < 300 and name in SHAPES:
        SHAPES[name](answer)
    return answer


SERVICE = Service(OPERATIONS, {**KINDS, **letta_more.KINDS}, perform, shapes.check_error, headers={"Authorization": "Bearer oracle"}, seen_as="run",
                  proved=frozenset(("absent", *shapes.STATES)))
