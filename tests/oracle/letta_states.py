# SPDX-License-Identifier: Apache-2.0
"""Brings agents, runs and what hangs on them into the state that a row asks for. A run is (agent, run)."""

from letta_shapes import STOPS, check_run
from oracle_client import expect

NOBODY = "00000000-0000-4000-8000-ffffffffffff"
# The outcome that ends a run with a stop reason; others are told by the API.
OUTCOMES = {"end_turn": "answer", "requires_approval": "ask", "error": "platform_error", "llm_api_error": "rate_limit",
            "max_steps": "max_steps", "tool_rule": "tool_rule", "invalid_llm_response": "bad_response",
            "invalid_tool_call": "bad_tool_call", "no_tool_call": "no_tool_call", "max_tokens_exceeded": "too_long",
            "insufficient_credits": "out_of_credits", "context_window_overflow_in_system_prompt": "user_error",
            "nothing": "waiting", "llm_rate_limit": "rate_limit", "llm_timeout": "model_timeout",
            "llm_authentication": "model_refuses", "llm_insufficient_credits": "out_of_credits"}
STOP_OF = {"completed": "end_turn", "failed": "llm_api_error", "waiting": "requires_approval"}
HELLO = {"messages": [{"role": "user", "content": "How is the weather?"}]}


def outcome_of(stop):
    return {"X-Dryrun-Outcome": OUTCOMES[stop]} if stop in OUTCOMES else {}


def make_agent(session, **members):
    answer = session.post("/v1/agents/", {"name": "helper", "model": "openai/gpt-4o-mini",
                                          "embedding": "openai/text-embedding-3-small", **members})
    expect(answer.status == 200, f"could not make an agent: {answer}")
    return answer.json["id"]


def get_run(session, ident):
    answer = session.get(f"/v1/runs/{ident[1]}")
    expect(answer.status == 200, f"could not look at the run: {answer}")
    check_run(answer.json)
    return answer.json


def runs_of(session, agent, query=""):
    answer = session.get(f"/v1/runs/?agent_id={agent}&limit=1000{query}")
    expect(answer.status == 200, f"{answer}: no runs")
    for run in answer.json:
        check_run(run, True)
    return answer.json


def start(session, agent, stop=None, **members):
    """A run in the background, in status created."""
    answer = session.post(f"/v1/agents/{agent}/messages/async", {**HELLO, **members}, headers=outcome_of(stop))
    expect(answer.status == 200, f"could not make a run: {answer}")
    check_run(answer.json)
    return agent, answer.json["id"]


def advance_until(session, ident, fits, what):
    return session.advance_until(lambda: get_run(session, ident), fits, what)


def advance_to_end(session, ident):
    return advance_until(session, ident, lambda run: run["completed_at"] is not None, "to an end")


def hold_stream(session, path, **members):
    """A background stream that is left unread: its run is running."""
    session.hold(path, {**HELLO, "streaming": True, "background": True, **members})


def newest(session, agent):
    runs = runs_of(session, agent)
    expect(runs, "no run was made")
    return agent, runs[0]["id"]


def cancel(session, ident):
    answer = session.post(f"/v1/agents/{ident[0]}/messages/cancel", {"run_ids": [ident[1]]})
    expect(answer.status == 200, f"could not cancel: {answer}")


def bring_run(session, state, cause, agent=None):
    agent = agent or make_agent(session)
    if state in ("absent", "malformed"):
        return agent, "run-" + (NOBODY if state == "absent" else "x")
    if state == "running":
        hold_stream(session, f"/v1/agents/{agent}/messages")
        ident = newest(session, agent)
        advance_until(session, ident, lambda run: run["status"] == "running", "to running")
        return ident
    if state == "streamed":  # in the background, to its end
        answer = session.post(f"/v1/agents/{agent}/messages", {**HELLO, "streaming": True, "background": True})
        expect(answer.status == 200, f"no stream: {answer}")
        return newest(session, agent)
    if state == "sent":  # and waited for, in the foreground
        answer = session.post(f"/v1/agents/{agent}/messages", HELLO)
        expect(answer.status == 200, f"not sent: {answer}")
        return newest(session, agent)
    stop = state.removeprefix("stopped by ") if state.startswith("stopped by ") else STOP_OF.get(state)
    ident = start(session, agent, stop)
    if state == "cancelled":
        cancel(session, ident)
    if state != "created":
        run = advance_to_end(session, ident)
        ends = {STOPS[stop], "completed"} if stop else {state}  # the archived server completes what it does not wait for
        expect(run["status"] in ends, f"brought to {run['status']}")
    return ident


def observe_run(session, ident):
    if not isinstance(ident, tuple):
        return observe_agent(session, ident)
    answer = session.get(f"/v1/runs/{ident[1]}")
    return "absent" if answer.status in (400, 404) else get_run(session, ident)["status"]


def bring_agent(session, state, _cause):
    """present, or with one run in the state."""
    if state == "absent":
        return f"agent-{NOBODY}"
    if state == "malformed":
        return "agent-x"
    return make_agent(session) if state == "present" else bring_run(session, state, "")[0]


def observe_agent(session, ident):
    answer = session.get(f"/v1/agents/{ident}")
    return "absent" if answer.status in (404, 422) else "present"


def make_conversation(session, agent=None):
    agent = agent or make_agent(session)
    answer = session.post(f"/v1/conversations/?agent_id={agent}", {"summary": "weather"})
    expect(answer.status == 200, f"could not make a conversation: {answer}")
    return answer.json["id"]


def bring_conversation(session, state, _cause):
    if state in ("absent", "malformed"):
        return "conv-" + (NOBODY if state == "absent" else "x")
    conversation = make_conversation(session)
    if state == "with a running run":
        hold_stream(session, f"/v1/conversations/{conversation}/messages")
    elif state == "streamed":
        answer = session.post(f"/v1/conversations/{conversation}/messages", {**HELLO, "background": True})
        expect(answer.status == 200, f"no stream: {answer}")
    return conversation


def observe_conversation(session, ident):
    answer = session.get(f"/v1/conversations/{ident}")
    return "absent" if answer.status in (404, 422) else "present"


def bring_step(session, state, cause):
    if state in ("absent", "malformed"):
        return "step-" + (NOBODY if state == "absent" else "x")
    ident = bring_run(session, state, cause)
    answer = session.get(f"/v1/runs/{ident[1]}/steps")
    expect(answer.status == 200 and answer.json, f"no steps: {answer}")
    return answer.json[-1]["id"]


def bring_batch(session, state, _cause):
    if state in ("absent", "malformed"):
        return "job-" + (NOBODY if state == "absent" else "x")
    answer = session.post("/v1/messages/batches", {"requests": [{"agent_id": make_agent(session), **HELLO}]})
    expect(answer.status == 200, f"no batch: {answer}")
    if state == "completed":
        path = "/v1/messages/batches/" + answer.json["id"]
        session.advance_until(lambda: session.get(path).json, lambda job: job["status"] == "completed", "to completed")
    return answer.json["id"]


KINDS = {"run": (bring_run, observe_run), "agent": (bring_agent, observe_run),
         "conversation": (bring_conversation, observe_conversation), "step": (bring_step, None),
         "batch": (bring_batch, None), "job": (bring_batch, None)}
