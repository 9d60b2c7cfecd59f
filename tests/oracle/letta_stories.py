# SPDX-License-Identifier: Apache-2.0
"""Causes that take more than one request: messages and their runs, streams, approvals, cancelling, callbacks."""

from letta_cancels import STORIES as CANCELS
from letta_lists import STORIES as LISTS
from letta_shapes import STOPS, check_message, check_response, check_stream
from letta_states import (HELLO, advance_to_end, bring_run, get_run, make_agent, make_conversation, newest, outcome_of,
                          runs_of)
from oracle_client import expect
from oracle_hooks import Receiver


# Messages and their runs ----------------------------------------------------------------------------------

def agent_of(done):
    return done.ident[0] if isinstance(done.ident, tuple) else done.ident


def take(done):
    """The run that the request has made is the resource now."""
    done.ident = newest(done.session, agent_of(done))
    return get_run(done.session, done.ident)


def sent(stop):
    """A message that is waited for: what its answer says, and its run."""
    def story(done):
        answer = done.send(HELLO, headers=outcome_of(stop))
        expect(answer.status == 200, f"{answer}: no answer")
        check_response(answer)
        expect(answer.json["stop_reason"]["stop_reason"] == stop, f"{answer}: not {stop}")
        run = take(done)
        expect(run["background"] is False and run["metadata"]["run_type"] == "send_message", f"{run}")
        expect(run["status"] == STOPS[stop] and run["stop_reason"] == stop, f"not {STOPS[stop]} by {stop}: {run}")
        return answer
    return story


def model_fails(kind):
    """The model's provider fails while the caller waits: another envelope; the run has failed and says why."""
    def story(done):
        answer = done.send(HELLO, headers=outcome_of(kind))
        expect(answer.status >= 400 and answer.json["error"]["type"] == kind, f"{answer}: not {kind}")
        expect(isinstance(answer.json["error"].get("detail"), (str, type(None))), f"{answer}: its detail")
        run = take(done)
        expect(isinstance(run["metadata"].get("error"), str), f"metadata.error is a text: {run['metadata']}")
        return answer
    return story


def failure_is_told(done):
    """A stream that fails tells it, and the run keeps it as an object."""
    answer = done.send({**HELLO, "streaming": True, "background": True}, headers=outcome_of("llm_timeout"))
    told = [data for data in check_stream(answer, True) if data["message_type"] == "error_message"]
    expect(len(told) == 1 and told[0]["error_type"] == "llm_timeout", f"{answer}: told {told}")
    run = take(done)
    expect(told[0]["run_id"] == run["id"], f"{told}: of another run")
    expect(isinstance(run["metadata"].get("error"), dict), f"metadata.error is an object: {run['metadata']}")
    return answer


def agent_knows_the_end(done):
    answer = done.send(HELLO)
    agent = done.session.get(f"/v1/agents/{agent_of(done)}").json
    expect(agent.get("last_stop_reason") == "end_turn", f"last_stop_reason {agent.get('last_stop_reason')}")
    return answer


def started(stop):
    """A message for the background: created at once, the end later."""
    def story(done):
        answer = done.send(HELLO, headers=outcome_of(stop))
        expect(answer.json["status"] == "created" and answer.json["stop_reason"] is None, f"{answer}: not created")
        run = take(done)
        seen = set()

        def see():
            now = get_run(done.session, done.ident)
            seen.add(now["status"])
            return now

        run = done.session.advance_until(see, lambda now: now["completed_at"] is not None, "to an end")
        expect("running" not in seen, f"such a run is never running: {seen}")
        expect(run["stop_reason"] in (stop, None), f"stopped by {run['stop_reason']}")
        return answer
    return story


def streamed(stop, background=False, body=None):
    def story(done):
        members = {**HELLO, "streaming": True, **({"background": True} if background else {}), **(body or {})}
        answer = done.send(members, headers=outcome_of(stop))
        expect(answer.status == 200, f"{answer}: no stream")
        told = check_stream(answer, background)
        if (body or {}).get("include_pings") is not False:
            expect(told[0]["message_type"] == "ping" and told[0].get("run_id"), f"{answer}: does not begin with a ping")
        else:
            expect(all(data["message_type"] != "ping" for data in told), f"{answer}: a ping")
        reasons = [data["stop_reason"] for data in told if data["message_type"] == "stop_reason"]
        expect(reasons == [stop] or not reasons and STOPS[stop] == "failed", f"{answer}: stopped by {reasons}")
        if "conversations" not in done.path:
            run = take(done)
            expect(run["background"] is background, f"background of {run}")
            expect(not background or run["status"] == STOPS[stop], f"{run}: by the canonical table {STOPS[stop]}")
        return answer
    return story


def says_nothing_of_input(done):
    """The run's messages begin with what the user said; the answer does not repeat it."""
    answer = done.send(HELLO)
    run = take(done)
    listed = done.session.get(f"/v1/runs/{run['id']}/messages").json
    expect(listed[0]["message_type"] == "user_message", f"the first of the run's messages is {listed[0]}")
    told = [message["id"] for message in answer.json["messages"]]
    expect([m["id"] for m in listed if m["message_type"] != "user_message"] == told, f"{answer}: the run has {listed}")
    return answer


def as_input(done):
    answer = done.send({"input": "How is the weather?"})
    run = take(done)
    listed = done.session.get(f"/v1/runs/{run['id']}/messages").json
    expect("weather" in str(listed[0].get("content")), f"{answer}: the run began with {listed[0]}")
    return answer


def agent_remembers(done):
    answer = done.send(HELLO)
    listed = done.session.get(f"/v1/agents/{agent_of(done)}/messages?order=asc").json
    for message in listed:
        check_message(message)
    kinds = [message["message_type"] for message in listed]
    expect("user_message" in kinds and "assistant_message" in kinds, f"the agent has {kinds}")
    return answer


# Approvals ------------------------------------------------------------------------------------------------

def waiting_calls(done):
    listed = done.session.get(f"/v1/runs/{done.ident[1]}/messages").json
    expect(listed[-1]["message_type"] == "approval_request_message", f"the last message is {listed[-1]}")
    calls = listed[-1].get("tool_calls") or [listed[-1]["tool_call"]]
    return [call["tool_call_id"] for call in calls], listed[-1]["id"]


def approval(kind, **members):
    def story(done):
        """A run that waits; its agent gets the answer, in a run of its own."""
        done.ident = bring_run(done.session, "waiting", "", agent_of(done))
        old, (calls, request) = done.ident, waiting_calls(done)
        items = {"approve": lambda call: {"type": "approval", "tool_call_id": call, "approve": True},
                 "deny": lambda call: {"type": "approval", "tool_call_id": call, "approve": False, "reason": "too cold"},
                 "a tool's result": lambda call: {"type": "tool", "tool_call_id": call, "tool_return": "sunny",
                                                  "status": "success"}}
        message = {"type": "approval", "approve": True, "approval_request_id": request} if kind == "the old form" else \
            {"type": "approval", "approvals": [items[kind](call) for call in calls]}
        answer = done.session.post(f"/v1/agents/{old[0]}/messages", {"messages": [message], **members})
        expect(answer.status == 200, f"{answer}: not taken")
        told = check_stream(answer) if members else answer.json["messages"]
        first = [m for m in told if m["message_type"] != "ping"][0]
        expect(first["message_type"] == "tool_return_message", f"{answer}: begins with {first}")
        expect(first["status"] == ("error" if kind == "deny" else "success"), f"{first}: its status")
        expect(kind != "deny" or "too cold" in str(first["tool_return"]), f"{first}: the reason is not told")
        run = take(done)
        expect(run["id"] != old[1], "no run of its own")
        before = get_run(done.session, old)
        expect((before["status"], before["stop_reason"]) == ("completed", "requires_approval"), f"the old run: {before}")
        return answer
    return story


def approval_wrong(how):
    def story(done):
        agent = agent_of(done)
        calls = ["call_nobody"]
        if how != "nothing waits":
            done.ident = bring_run(done.session, "waiting", "", agent)
            calls = waiting_calls(done)[0] + calls if how == "an id too many" else calls
        items = [{"type": "approval", "tool_call_id": call, "approve": True} for call in calls]
        return done.session.post(f"/v1/agents/{agent}/messages", {"messages": [{"type": "approval", "approvals": items}]})
    return story


def approval_again(done):
    """An answer that was taken already is tolerated."""
    done.ident = bring_run(done.session, "waiting", "", agent_of(done))
    items = [{"type": "approval", "tool_call_id": call, "approve": True} for call in waiting_calls(done)[0]]
    body = {"messages": [{"type": "approval", "approvals": items}]}
    first = done.session.post(f"/v1/agents/{done.ident[0]}/messages", body)
    expect(first.status == 200, f"{first}: not taken")
    return done.session.post(f"/v1/agents/{done.ident[0]}/messages", body)


def plain_while_waiting(streaming):
    def story(done):
        done.ident = bring_run(done.session, "waiting", "", agent_of(done))
        request = waiting_calls(done)[1]
        body = {**HELLO, **({"streaming": True} if streaming else {})}
        answer = done.session.post(f"/v1/agents/{done.ident[0]}/messages", body)
        if streaming:
            expect(any(frame.get("event") == "error" for frame in answer.events), f"{answer}: no error event")
        else:
            expect(answer.json["detail"]["pending_request_id"] == request, f"{answer}: not {request}")
            expect(answer.json["detail"]["message"].startswith("CONFLICT: "), f"{answer}: its message")
        return answer
    return story


# Callbacks ------------------------------------------------------------------------------------------------

def call_back(status, stop="end_turn"):
    def story(done):
        with Receiver(status) as receiver:
            answer = done.send({**HELLO, "callback_url": receiver.url}, headers=outcome_of(stop))
            run = take(done)
            expect(run["callback_url"] == receiver.url and run["callback_sent_at"] is None, f"{run}: the callback")
            run = advance_to_end(done.session, done.ident)
            told = receiver.wait(lambda body: body.get("run_id") == run["id"], "of the run")
            expect(set(told) == {"run_id", "status", "completed_at", "metadata"}, f"told {told}")
            expect((told["status"], told["completed_at"]) == (run["status"], run["completed_at"]), f"{told} of {run}")
            if stop == "end_turn":
                expect(set(told["metadata"]["result"]) >= {"messages", "stop_reason", "usage"}, f"the result in {told}")
            run = done.session.advance_until(lambda: get_run(done.session, done.ident),
                                             lambda now: now["callback_sent_at"] is not None, "to its callback")
            expect(run["callback_status_code"] == status and run["callback_error"] is None, f"{run}: its callback")
            done.session.advance("1h")
            expect(len(receiver.received) == 1, f"one try, not {len(receiver.received)}")
            return answer
    return story


def call_nobody(done):
    with Receiver() as receiver:
        url = receiver.url
    answer = done.send({**HELLO, "callback_url": url})
    take(done)
    run = advance_to_end(done.session, done.ident)
    run = done.session.advance_until(lambda: get_run(done.session, done.ident),
                                     lambda now: now["callback_error"] is not None, "to its callback's error")
    expect(run["callback_status_code"] is None and run["status"] == "completed", f"{run}: nobody listened")
    expect(run["callback_error"].startswith("Failed to dispatch callback for run "), f"{run['callback_error']}")
    return answer


# Conversations --------------------------------------------------------------------------------------------

def conversation_waits(done):
    """The archived server leaves such a run as it was created; the document has no reason to."""
    answer = done.send({**HELLO, "streaming": False})
    check_response(answer)
    done.session.advance("1h")
    listed = done.session.get(f"/v1/runs/?conversation_id={done.ident}").json
    expect([run["status"] for run in listed] in (["created"], ["completed"]), f"the conversation's runs: {listed}")
    return answer


def conversation_streams(done):
    answer = done.send(HELLO)
    check_stream(answer)
    listed = done.session.get(f"/v1/runs/?conversation_id={done.ident}").json
    expect(len(listed) == 1 and listed[0]["status"] == "completed", f"the conversation's runs: {listed}")
    return answer


def conversation_default(done):
    agent = make_agent(done.session)
    answer = done.session.post("/v1/conversations/default/messages", {**HELLO, "agent_id": agent})
    check_stream(answer)
    expect(len(runs_of(done.session, agent)) == 1, f"{answer}: no run of that agent")
    return answer


def conversation_lists(done):
    agent = make_agent(done.session)
    mine = [make_conversation(done.session, agent) for _ in range(3)]
    make_conversation(done.session)
    answer = done.send(query=f"?agent_id={agent}")
    expect(sorted(item["id"] for item in answer.json) == sorted(mine), f"{answer}: not {mine}")
    return answer


def created_with_agent(done):
    agent = make_agent(done.session)
    answer = done.send({"summary": "weather"}, query=f"?agent_id={agent}")
    expect(answer.json["agent_id"] == agent and answer.json["summary"] == "weather", f"{answer}: of {agent}")
    return answer


SENDERS = {"send_message": sent, "create_agent_message_async": started}
STORIES = {
    **{(name, f"ends by {stop}"): make(stop) for name, make in SENDERS.items() for stop in STOPS if stop != "cancelled"},
    **{("send_message", f"streams {stop}"): streamed(stop) for stop in ("end_turn", "max_steps", "requires_approval")},
    **{("send_message", f"streams {stop} in the background"): streamed(stop, True)
       for stop in STOPS if stop != "cancelled"},
    **{("send_message", f"the model fails: {kind}"): model_fails(kind) for kind in (
        "llm_rate_limit", "llm_timeout", "llm_authentication", "llm_insufficient_credits")},
    ("send_message", "a failure is told"): failure_is_told, ("send_message", "the agent knows the end"): agent_knows_the_end,
    ("send_message", "streams without pings"): streamed("end_turn", body={"include_pings": False}),
    ("send_message", "streams tokens"): streamed("end_turn", body={"stream_tokens": True}),
    ("create_agent_message_stream", "streams"): streamed("end_turn"),
    ("create_agent_message_stream", "streams in the background"): streamed("end_turn", True),
    ("send_message", "what the user said"): says_nothing_of_input, ("send_message", "as input"): as_input,
    ("send_message", "the agent remembers"): agent_remembers,
    **{("send_message", f"approval: {kind}"): approval(kind) for kind in (
        "approve", "deny", "a tool's result", "the old form")},
    ("send_message", "approval: approve, streaming"): approval("approve", streaming=True),
    **{("send_message", f"approval: {how}"): approval_wrong(how) for how in (
        "nothing waits", "another id", "an id too many")},
    ("send_message", "approval: again"): approval_again,
    ("send_message", "while it waits"): plain_while_waiting(False),
    ("send_message", "while it waits, streaming"): plain_while_waiting(True),
    ("create_agent_message_async", "calls back"): call_back(200),
    ("create_agent_message_async", "calls back, refused"): call_back(500),
    ("create_agent_message_async", "calls back of a failure"): call_back(200, "llm_api_error"),
    ("create_agent_message_async", "calls nobody"): call_nobody,
    ("send_conversation_message", "not streaming"): conversation_waits,
    ("send_conversation_message", "streams"): conversation_streams,
    ("send_conversation_message", "default"): conversation_default,
    ("list_conversations", "of an agent"): conversation_lists, ("create_conversation", "plain"): created_with_agent,
    **LISTS, **CANCELS,
}
