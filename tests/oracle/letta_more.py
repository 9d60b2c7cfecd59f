# SPDX-License-Identifier: Apache-2.0
"""What stands around runs: conversations' streams, who may stream, batches, tools that need approval,
and the plain lists and records of the document."""

from letta_shapes import check_message, check_response, check_stream
from letta_states import HELLO, NOBODY, get_run, make_agent, make_conversation, newest
from oracle_client import expect
from oracle_rows import Operation

AGENT = "/v1/agents/{0}"
LISTS = {"list_archives": "/v1/archives/", "list_tools": "/v1/tools/", "list_sources": "/v1/sources/",
         "list_folders": "/v1/folders/", "list_groups": "/v1/groups/", "list_identities": "/v1/identities/",
         "list_models": "/v1/models/", "list_embedding_models": "/v1/models/embedding", "list_blocks": "/v1/blocks/",
         "list_providers": "/v1/providers/", "list_tags": "/v1/tags/", "list_all_messages": "/v1/messages/"}
COUNTS = {f"count_{name}": f"/v1/{name}/count" for name in (
    "tools", "sources", "folders", "agents", "groups", "identities", "blocks")}
RECORDS = {"retrieve_archive": "/v1/archives/archive-{0}", "retrieve_tool": "/v1/tools/tool-{0}",
           "retrieve_source": "/v1/sources/source-{0}", "retrieve_folder": "/v1/folders/source-{0}",
           "retrieve_group": "/v1/groups/group-{0}", "retrieve_identity": "/v1/identities/identity-{0}",
           "retrieve_block": "/v1/blocks/block-{0}", "retrieve_provider": "/v1/providers/provider-{0}"}
OF_AGENT = {"list_tools_for_agent": "/tools", "list_agent_sources": "/sources", "list_folders_for_agent": "/folders",
            "list_core_memory_blocks": "/core-memory/blocks", "list_passages": "/archival-memory",
            "retrieve_agent_memory": "/core-memory", "list_groups_for_agent": "/groups"}
OPERATIONS = {
    **{name: Operation("GET", path, None) for name, path in {**LISTS, **COUNTS}.items()},
    **{name: Operation("GET", path, "uuid") for name, path in RECORDS.items()},
    **{name: Operation("GET", AGENT + path, "agent") for name, path in OF_AGENT.items()},
    "check_health": Operation("GET", "/v1/health/", None),
    "latest": Operation("GET", "/latest/runs/", None),
    "no modify_message": Operation("PATCH", AGENT + "/messages/message-" + NOBODY, "agent"),
    "schedule_message": Operation("POST", AGENT + "/schedule", "agent"),
    "list_scheduled_messages": Operation("GET", AGENT + "/schedule", "agent"),
    "modify_approval_for_tool": Operation("PATCH", AGENT + "/tools/approval/{1}", "tool"),
    "cancel_batch": Operation("PATCH", "/v1/messages/batches/{0}/cancel", "batch"),
}
USUAL = {"no modify_message": {"content": "other", "message_type": "user_message"},
         "schedule_message": {**HELLO, "schedule": {"type": "one-time", "scheduled_at": 1893553445000}},
         "modify_approval_for_tool": {"requires_approval": True}}
TOOL = "look_out"


def bring_tool(session, state, _cause):
    """(agent, the name of a tool that it has)"""
    return ("agent-" + NOBODY if state == "absent" else make_agent(session, tools=[TOOL])), TOOL


KINDS = {"uuid": (lambda _session, state, _cause: NOBODY if state == "absent" else "x", None), "tool": (bring_tool, None)}


def rule_is_there(done):
    answer = done.send({"requires_approval": True})
    rules = done.session.get(f"/v1/agents/{done.ident[0]}").json["tool_rules"] or []
    expect(any(rule["type"] == "requires_approval" and rule["tool_name"] == done.ident[1] for rule in rules), f"{rules}")
    return answer


def rule_goes(done):
    rule_is_there(done)
    answer = done.send({"requires_approval": False})
    rules = done.session.get(f"/v1/agents/{done.ident[0]}").json["tool_rules"] or []
    expect(all(rule["type"] != "requires_approval" for rule in rules), f"{rules}")
    return answer


def streaming_as(**headers):
    """Some clients may not stream on this route."""
    def story(done):
        answer = done.send({**HELLO, "streaming": True},
                           headers={name.replace("_", "-"): value for name, value in headers.items()})
        if answer.status == 200:
            check_stream(answer)
        return answer
    return story


def only_some(done):
    answer = done.send({**HELLO, "include_return_message_types": ["assistant_message"]})
    check_response(answer)
    kinds = {message["message_type"] for message in answer.json["messages"]}
    expect(kinds == {"assistant_message"}, f"{answer}: {kinds}")
    run = newest(done.session, done.ident)
    listed = {message["message_type"] for message in done.session.get(f"/v1/runs/{run[1]}/messages").json}
    expect(listed == {"assistant_message"}, f"the run's messages are {listed}")
    streamed = done.send({**HELLO, "streaming": True, "include_return_message_types": ["assistant_message"]})
    told = {data["message_type"] for data in check_stream(streamed)}
    expect(told == {"ping", "assistant_message", "stop_reason", "usage_statistics"}, f"{streamed}: {told}")
    return answer


# Conversations --------------------------------------------------------------------------------------------

def conversation_runs(done):
    return done.session.get(f"/v1/runs/?conversation_id={done.ident}").json


def joins(done):
    """The stream of the newest active run: now two wait for it, so time goes on."""
    answer = done.send({})
    check_stream(answer)
    run = conversation_runs(done)[0]
    told = {frame["data"].get("run_id") for frame in answer.events if isinstance(frame["data"], dict)} - {None}
    expect(told == {run["id"]}, f"{answer}: of {told}, not of {run['id']}")
    expect(get_run(done.session, (None, run["id"]))["status"] == "completed", "the stream ended before its run")
    return answer


def by_run(done):
    run = conversation_runs(done)[0]
    answer = done.send({"run_id": run["id"], "include_pings": False})
    check_stream(answer, True)
    return answer


def busy_names_the_run(done):
    answer = done.send({**HELLO, "streaming": False})
    run = conversation_runs(done)[0]
    expect(answer.json.get("run_id", run["id"]) == run["id"], f"{answer}: busy with {run['id']}")
    return answer


def message_by(otid):
    return {"messages": [{"role": "user", "content": "How is the weather?", "otid": otid}], "background": True}


def same_again(done):
    """The same otid attaches to the run that is running; it starts no other."""
    done.session.hold(done.path, message_by("otid-1"))
    answer = done.send(message_by("otid-1"))
    expect(len(conversation_runs(done)) == 1, f"{answer}: {len(conversation_runs(done))} runs")
    return answer


def messages_of_conversation(done):
    agent = make_agent(done.session)
    conversations = [make_conversation(done.session, agent) for _ in range(2)]
    for conversation in conversations:
        done.session.post(f"/v1/conversations/{conversation}/messages", HELLO)
    done.ident = conversations[0]
    answer = done.send()
    for message in answer.json:
        check_message(message)
    ids = {message["id"] for message in answer.json}
    other = {m["id"] for m in done.session.get(f"/v1/conversations/{conversations[1]}/messages").json}
    expect(ids and not ids & other, f"{answer}: shared with another conversation")
    return answer


# Batches -------------------------------------------------------------------------------------------------

def one_request(done):
    return done.send({"requests": [{"agent_id": make_agent(done.session), **HELLO}]})


def batch_ends(done):
    """A batch runs, ends, and leaves the list, which shows what is created or running."""
    path = f"/v1/messages/batches/{done.ident}"
    listed = [job["id"] for job in done.session.get("/v1/messages/batches").json]
    expect(done.ident in listed, f"not listed: {listed}")
    answer = done.session.advance_until(lambda: done.session.get(path), lambda seen: seen.json["status"] == "completed",
                                        "to completed")
    expect(answer.json["completed_at"] is not None, f"{answer}: completed_at")
    listed = [job["id"] for job in done.session.get("/v1/messages/batches").json]
    expect(done.ident not in listed, f"listed when over: {listed}")
    return answer


STORIES = {
    ("modify_approval_for_tool", "the rule is there"): rule_is_there,
    ("modify_approval_for_tool", "the rule goes"): rule_goes,
    ("send_message", "streams to curl"): streaming_as(User_Agent="curl/8.0"),
    ("send_message", "streams to letta-client/1.12.1"): streaming_as(User_Agent="letta-client/1.12.1"),
    ("send_message", "streams to a stainless client"): streaming_as(User_Agent="x/1", X_Stainless_Package_Version="1.12.1"),
    ("send_message", "streams to who accepts JSON"): streaming_as(Accept="application/json"),
    ("create_agent_message_stream", "streams to curl"): streaming_as(User_Agent="curl/8.0"),
    ("send_message", "only some types"): only_some,
    ("retrieve_conversation_stream", "of the running run"): joins,
    ("retrieve_conversation_stream", "by run"): by_run,
    ("send_conversation_message", "busy"): busy_names_the_run,
    ("send_conversation_message", "the same otid"): same_again,
    ("list_conversation_messages", "each has its own"): messages_of_conversation,
    ("create_batch", "one request"): one_request, ("retrieve_batch", "to its end"): batch_ends,
}
