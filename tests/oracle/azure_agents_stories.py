# SPDX-License-Identifier: Apache-2.0
"""Causes of runs that take more than one request, and streams. Each returns the answer that the row is about."""

from azure_agents_shapes import (calls_of, check_message, check_run, check_step, check_stream, text_of)
from azure_agents_states import (ABSENT, FUNCTION, OUTCOMES, VERSION, advance_until, cancel, get_run, make_assistant,
                                 make_message, make_run, make_thread, observe_run, steps_of, submit)
from oracle_client import expect


def outcome_of(state):
    return {"X-Dryrun-Outcome": OUTCOMES[state]} if state in OUTCOMES else None


def start(done, outcome=None, **members):
    """Sends the row's request, which makes a run, for a new assistant."""
    assistant = make_assistant(done.session, tools=[FUNCTION])
    answer = done.send({"assistant_id": assistant, **members}, query=VERSION, headers=outcome)
    if answer.status == 200 and answer.media == "application/json":
        done.ident = answer.json["thread_id"], answer.json["id"]
    return answer


def messages_of(done, query=""):
    answer = done.session.get(f"/threads/{done.ident[0]}/messages{VERSION}&order=asc&limit=100{query}")
    expect(answer.status == 200, f"{answer}: no messages")
    for message in answer.json["data"]:
        check_message(message)
    return answer.json["data"]


def plain(done):
    return start(done)


def unfold(state):
    """Followed to a state, and every body on the way is looked at."""
    def story(done):
        answer = start(done, outcome_of(state))
        expect(answer.json["status"] == "queued", f"{answer}: not queued")
        advance_until(done.session, done.ident, state)
        return answer
    return story


def expires_unanswered(done):
    """Ten minutes after its creation, when nobody has brought the outputs."""
    run = get_run(done.session, done.ident)
    expect(run["expires_at"] == run["created_at"] + 600, f"expires_at is not ten minutes after created_at: {run}")
    done.session.advance("11m")
    seen = observe_run(done.session, done.ident)
    expect(seen == "expired", f"after eleven minutes it is {seen}")
    return done.send(query=VERSION)


def answers(done):
    """The messages of a run: by the assistant, of this run, completed, and text with annotations."""
    answer = start(done, outcome_of("completed"))
    advance_until(done.session, done.ident, "completed")
    told = [message for message in messages_of(done) if message["role"] == "assistant"]
    expect(told, "a completed run has no message")
    for message in told:
        expect(message["run_id"] == done.ident[1] and message["assistant_id"], f"not of the run: {message}")
        expect(message["status"] == "completed" and text_of(message["content"]), f"not complete: {message}")
    by_run = messages_of(done, f"&run_id={done.ident[1]}")
    expect([m["id"] for m in by_run] == [m["id"] for m in told], f"run_id finds {by_run}")
    steps = steps_of(done.session, done.ident)
    made = [s["step_details"]["message_creation"]["message_id"] for s in steps if s["type"] == "message_creation"]
    expect(sorted(made) == sorted(m["id"] for m in told), f"steps made {made}, messages are {told}")
    expect(all(step["status"] == "completed" for step in steps), f"steps of a completed run: {steps}")
    return answer


def first_message(done):
    answer = start(done, thread={"messages": [{"role": "user", "content": "Is it warm?"}], "metadata": {"team": "blue"}})
    expect(text_of(messages_of(done)[0]["content"]) == "Is it warm?", f"{answer}: the message is not in the thread")
    thread = done.session.get(f"/threads/{done.ident[0]}{VERSION}").json
    expect(thread["metadata"] == {"team": "blue"}, f"{thread}: its metadata")
    return answer


def additional_messages(done):
    answer = start(done, additional_messages=[{"role": "user", "content": "Is it warm?"}])
    expect(any(text_of(m["content"]) == "Is it warm?" for m in messages_of(done)), "the message is not in the thread")
    return answer


def own_tools(done):
    """Tools that the service runs itself: the step has one call of each, with what clients cannot do without."""
    tools = [{"type": "code_interpreter"}, {"type": "file_search"}]
    assistant = make_assistant(done.session, tools=tools)
    answer = done.send({"assistant_id": assistant}, query=VERSION, headers={"X-Dryrun-Outcome": OUTCOMES["own tools"]})
    done.ident = answer.json["thread_id"], answer.json["id"]
    advance_until(done.session, done.ident, "completed")
    steps = steps_of(done.session, done.ident)
    for step in steps:
        check_step(step)
        expect(step["status"] == "completed", f"a step of a completed run: {step}")
    calls = [call for step in steps if step["type"] == "tool_calls" for call in step["step_details"]["tool_calls"]]
    expect({call["type"] for call in calls} == {"code_interpreter", "file_search"}, f"calls {calls}")
    for call in calls:
        needed = {"code_interpreter": "outputs", "file_search": "results"}[call["type"]]
        expect(isinstance(call[call["type"]].get(needed), list), f"without {needed}: {call}")
    return answer


def unknown_assistant(done):
    return done.send({"assistant_id": ABSENT["assistant"]}, query=VERSION)


def changed(name, value):
    def story(done):
        return start(done, **{name: value})
    return story


# Cancelling -----------------------------------------------------------------------------------------------

def cancel_to_the_end(done):
    answer = done.send(query=VERSION)
    advance_until(done.session, done.ident, "cancelled")
    return answer


def stays_cancelled(done):
    answer = cancel_to_the_end(done)
    done.session.advance("1h")
    return answer


def next_run(done):
    """The thread is free after the cancellation."""
    answer = cancel_to_the_end(done)
    make_message(done.session, done.ident[0])
    make_run(done.session, done.ident[0])
    return answer


# Tool outputs ---------------------------------------------------------------------------------------------

def outputs(done):
    """What the run waits for, or something when it waits for nothing."""
    state = observe_run(done.session, done.ident)
    calls = calls_of(get_run(done.session, done.ident)) if state == "requires_action" else []
    return [{"tool_call_id": call["id"], "output": "sunny"} for call in calls or [{"id": "call_" + "0" * 24}]]


def submit_plainly(done):
    return done.send({"tool_outputs": outputs(done)}, query=VERSION)


def submit_and_finish(done):
    before = get_run(done.session, done.ident)
    steps = steps_of(done.session, done.ident)
    step = steps[-1]
    expect(step["type"] == "tool_calls" and step["status"] == "in_progress", f"waits in {step}")
    waited = step["step_details"]["tool_calls"]
    expect([call["id"] for call in waited] == [call["id"] for call in calls_of(before)], f"{step} and {before}")
    expect(all(call["function"].get("output") is None for call in waited), f"an output before it was brought: {step}")
    done.session.advance("30s")
    answer = submit_plainly(done)
    done.session.advance_until(lambda: get_run(done.session, done.ident), lambda run: run["status"] != "queued", "on")
    run = get_run(done.session, done.ident)
    expect(run["started_at"] > before["started_at"], f"started_at is not rewritten: {run['started_at']}")
    advance_until(done.session, done.ident, "completed")
    after = next(item for item in steps_of(done.session, done.ident) if item["id"] == step["id"])
    check_step(after)
    expect(after["status"] == "completed", f"the step with the calls is {after['status']}")
    told = [call["function"].get("output") for call in after["step_details"]["tool_calls"]]
    expect(set(told) == {"sunny"}, f"the outputs are {told}")
    return answer


def submit_wrongly(how):
    def story(done):
        wanted = outputs(done)
        bodies = {"no outputs": [], "another id": [{**wanted[0], "tool_call_id": "call_" + "0" * 24}],
                  "an id too many": wanted + [{"tool_call_id": "call_" + "0" * 24, "output": "x"}]}
        answer = done.send({"tool_outputs": bodies[how]}, query=VERSION)
        expect(answer.status != 400 or "Expected tool outputs for call_ids" in answer.json["error"]["message"],
               f"{answer}: its text")
        return answer
    return story


def submit_twice(done):
    first = submit_plainly(done)
    expect(first.status == 200, f"{first}: not taken")
    body = {"tool_outputs": [{"tool_call_id": "call_" + "0" * 24, "output": "x"}]}
    return done.send(body, query=VERSION)


# Streams --------------------------------------------------------------------------------------------------

def run_of(frames):
    run = next(frame["data"] for frame in frames if frame["event"].startswith("thread.run.") and "status" in frame["data"]
               and frame["data"]["object"] == "thread.run")
    return run["thread_id"], run["id"]


def stream(order):
    def story(done):
        answer = start(done, outcome_of(order), stream=True)
        first = r"thread\.created " if done.row["operation"] == "createThreadAndRun" else ""
        done.ident = run_of(check_stream(answer, order, first))
        return answer
    return story


def stream_until_expired(done):
    """A run that works for too long: its message is incomplete, its step and then the run expire."""
    answer = start(done, {"X-Dryrun-Outcome": OUTCOMES["midway"]}, stream=True)
    first = r"thread\.created " if done.row["operation"] == "createThreadAndRun" else ""
    done.ident = run_of(check_stream(answer, "expired", first))
    return answer


def stream_cancelled(done):
    """Cancelled while somebody listens: cancelling, then cancelled, and nothing after that."""
    session = done.session
    done.ident = make_run(session, make_thread(session), "midway")
    advance_until(session, done.ident, "in_progress")
    answer = done.send(query=VERSION)
    advance_until(session, done.ident, "cancelled")
    expect(all(step["status"] != "in_progress" for step in steps_of(session, done.ident)), "a step goes on")
    return answer


def broken(state, reason):
    """The message that a run was writing when it ended otherwise: incomplete, and it says why."""
    def story(done):
        session = done.session
        thread = make_thread(session)
        done.ident = make_run(session, thread, "failed" if state == "failed" else "midway")
        if state == "cancelled":
            session.advance_until(lambda: messages_of(done), lambda found: any(m["role"] == "assistant" for m in found),
                                  "to a message")
            cancel(session, done.ident)
        advance_until(session, done.ident, state)
        told = [message for message in messages_of(done) if message["role"] == "assistant"]
        expect(told, "it was not writing a message")
        expect(told[-1]["status"] == "incomplete" and told[-1]["incomplete_details"]["reason"] == reason, f"{told[-1]}")
        for step in steps_of(session, done.ident):
            check_step(step)
            expect(step["status"] in ("completed", state), f"a step that is {step['status']}, of a {state} run")
        return done.session.get(f"/threads/{thread}/messages{VERSION}")
    return story


def stream_resumed(done):
    answer = submit(done.session, done.ident, stream=True)
    expect(answer.status == 200, f"{answer}: not taken")
    check_stream(answer, "resumed")
    return answer


def stream_and_look(done):
    """The stream's last run and messages are those that GET tells."""
    answer = start(done, outcome_of("completed"), stream=True)
    frames = answer.events
    done.ident = run_of(frames)
    expect(frames[-2]["data"] == get_run(done.session, done.ident), f"{frames[-2]}: the run is another")
    told = [frame["data"] for frame in frames if frame["event"] == "thread.message.completed"]
    found = [message for message in messages_of(done) if message["role"] == "assistant"]
    expect(told == found, f"told {told}, found {found}")
    return answer


def stream_deltas(done):
    """The first delta of a call has its name and empty arguments, the later ones arguments only: together the call."""
    answer = start(done, outcome_of("requires_action"), stream=True)
    frames = answer.events
    done.ident = run_of(frames)
    parts = [call for frame in frames if frame["event"] == "thread.run.step.delta"
             for call in frame["data"]["delta"]["step_details"]["tool_calls"]]
    expect(parts and parts[0]["function"].get("name") and parts[0]["function"].get("arguments") == "", f"{parts}")
    calls = calls_of(get_run(done.session, done.ident))
    for index, call in enumerate(calls):
        whole = "".join(part["function"]["arguments"] for part in parts if part["index"] == index)
        expect(whole == call["function"]["arguments"], f"{whole} is not {call}")
    return answer


# While a run is active ------------------------------------------------------------------------------------

def on_thread(name):
    """A request to the thread of a run in the row's state: the row's operation is of a thread."""
    def story(done):
        if name == "createRun":
            return start(done)
        return done.send({"role": "user", "content": "And tomorrow?"}, query=VERSION)
    return story


def check_listed(done):
    """A new run is the first of its thread's list."""
    answer = start(done)
    listed = done.session.get(f"/threads/{done.ident[0]}/runs{VERSION}").json["data"]
    expect(listed[0] == answer.json, f"{answer}: listed as {listed[0]}")
    check_run(listed[0])
    return answer


def cancel_before_start(done):
    """Cancelled out of the queue, a run never starts to work."""
    thread = make_thread(done.session)
    done.ident = make_run(done.session, thread)
    cancel(done.session, done.ident)
    advance_until(done.session, done.ident, "cancelled")
    return done.session.get(f"/threads/{thread}/runs/{done.ident[1]}{VERSION}")


MAKERS = ("createRun", "createThreadAndRun")
STORIES = {
    **{(name, "plain"): plain for name in MAKERS},
    **{(name, f"unfolds to {state}"): unfold(state) for name in MAKERS for state in (
        "completed", "failed", "requires_action")},
    **{(name, cause): story for name in MAKERS for cause, story in (
        ("answers", answers), ("its own tools", own_tools), ("an unknown assistant", unknown_assistant), ("then listed", check_listed))},
    **{(name, f"{member} is kept"): changed(member, value) for name in MAKERS for member, value in (
        ("metadata", {"team": "blue"}), ("instructions", "Be brief."), ("model", "gpt-4o-mini"), ("temperature", 0.5),
        ("top_p", 0.5), ("max_prompt_tokens", 500), ("max_completion_tokens", 500), ("parallel_tool_calls", False),
        ("tool_choice", "none"), ("truncation_strategy", {"type": "last_messages", "last_messages": 3}))},
    ("createThreadAndRun", "with a first message"): first_message,
    ("createRun", "additional messages"): additional_messages,
    **{(name, f"streams: {order}"): stream(order) for name in MAKERS for order in (
        "completed", "failed", "requires_action")},
    **{(name, cause): story for name in MAKERS for cause, story in (
        ("streams what GET tells", stream_and_look), ("streams a call in parts", stream_deltas))},
    **{(name, "streams: expired"): stream_until_expired for name in MAKERS},
    **{(name, "streams: incomplete"): stream("incomplete") for name in MAKERS},
    ("cancelRun", "in the middle"): stream_cancelled,
    **{("listMessages", f"of a run that {state} in the middle"): broken(state, f"run_{state}") for state in (
        "failed", "cancelled", "expired")},
    ("createRun", "while so"): on_thread("createRun"),
    ("createMessage", "while so"): on_thread("createMessage"),
    ("getRun", "expires unanswered"): expires_unanswered,
    ("getRun", "cancelled out of the queue"): cancel_before_start,
    ("cancelRun", "to its end"): cancel_to_the_end,
    ("cancelRun", "stays so"): stays_cancelled,
    ("cancelRun", "the thread is free"): next_run,
    ("submitToolOutputsToRun", "plain"): submit_plainly,
    ("submitToolOutputsToRun", "to the end"): submit_and_finish,
    ("submitToolOutputsToRun", "twice"): submit_twice,
    ("submitToolOutputsToRun", "streams"): stream_resumed,
    **{("submitToolOutputsToRun", how): submit_wrongly(how) for how in ("no outputs", "another id", "an id too many")},
}
