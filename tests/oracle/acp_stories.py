# SPDX-License-Identifier: Apache-2.0
"""Causes of runs that take more than one request or that need the agent's descriptor. Each returns the answer that the
row's status is about."""

from acp_endings import JOINERS
from acp_shapes import check_run, check_stream, check_waited
from acp_states import (SLOW, advance_until, bring, descriptor_of, example_of, get_run, make_thread, members_of, observe_run,
                        outcome_of, path_of)
from oracle_client import expect
from oracle_hooks import Receiver
from oracle_rows import time_of

ENDS = {"success": "result", "interrupted": "interrupt", "error": "error", "timeout": "error"}


def take(done, answer):
    """What was just created is the resource that the row's next state is about."""
    if answer.status == 200 and answer.media == "application/json" and done.row["next"]:
        body = answer.json.get("run", answer.json)
        thread = done.path.split("/")[2] if done.path.startswith("/threads/") else None
        done.ident = (thread, body["run_id"]) if thread else body["run_id"]
    return answer


# Making runs ----------------------------------------------------------------------------------------------

def unfold(state):
    """A run that is made so that it gets to a state, and does so by itself."""
    def story(done):
        answer = take(done, done.send(members_of(done.session, state), headers=outcome_of(state)))
        expect(answer.json["status"] == "pending", f"{answer}: a new run is pending")
        run = advance_until(done.session, done.ident, state)
        expect(time_of(run["updated_at"]) > time_of(run["created_at"]), f"updated_at stood still: {run}")
        return answer
    return story


def keep_what_was_sent(done):
    body = {"metadata": {"ticket": "7"}, "config": {"tags": ["a", "b"], "recursion_limit": 3},
            "on_disconnect": "continue", "multitask_strategy": "enqueue", "after_seconds": 5}
    answer = take(done, done.send(body))
    kept = get_run(done.session, done.ident)["creation"]
    expect(all(kept.get(name) == value for name, value in body.items()), f"sent {body}, kept {kept}")
    return answer


def later(done):
    answer = take(done, done.send({"after_seconds": 600}))
    done.session.advance("590s")
    expect(observe_run(done.session, done.ident) == "pending", "it started before its time")
    advance_until(done.session, done.ident, "success")
    return answer


def second(strategy):
    """A second run on a thread that has a pending one."""
    def story(done):
        thread = make_thread(done.session)
        done.ident = thread
        older = bring(done.session, thread, "pending")
        answer = take(done, done.send({"multitask_strategy": strategy}))
        if strategy == "rollback":
            expect(observe_run(done.session, older) == "absent", "the older run is still there")
        elif strategy == "interrupt":
            expect(observe_run(done.session, older) not in ("absent", "pending"), "the older run goes on, or is gone")
        else:
            both = [observe_run(done.session, ident) for ident in (older, done.ident)]
            expect(both == ["pending"] * 2, f"in the queue: {both}")
            advance_until(done.session, done.ident, "success")
            expect(observe_run(done.session, older) == "success", "the second run was done before the first")
        return answer
    return story


def thread_is_made(done):
    answer = take(done, done.send({"if_not_exists": "create"}))
    found = done.session.get(f"/threads/{done.ident[0]}")
    expect(found.status == 200, f"{found}: no thread was made for the run")
    return answer


def call_back(done):
    with Receiver() as receiver:
        answer = take(done, done.send({"webhook": receiver.url}))
        specs = descriptor_of(done.session, answer.json)
        if specs["capabilities"].get("callbacks"):
            run = advance_until(done.session, done.ident, "success")
            told = receiver.wait(lambda body: body.get("status") == "success", "of the end")
            check_run(told)
            expect(told == run, f"told {told}, the run is {run}")
        return answer


def call_back_of_a_question(done):
    """The whole run, when it is interrupted too."""
    with Receiver() as receiver:
        body = {**members_of(done.session, "interrupted"), "webhook": receiver.url}
        answer = take(done, done.send(body, headers=outcome_of("interrupted")))
        specs = descriptor_of(done.session, answer.json)
        run = advance_until(done.session, done.ident, "interrupted")
        if specs["capabilities"].get("callbacks"):
            told = receiver.wait(lambda body: body.get("status") == "interrupted", "of the question")
            expect(told == run, f"told {told}, the run is {run}")
        return answer


def wrong_input(done):
    """Input that the descriptor's schema does not let through."""
    schema = descriptor_of(done.session)["input"]
    expect(schema.get("type") == "object", f"no input is wrong for {schema}")
    return done.send({"input": 7})


def wrong_configuration(done):
    schema = descriptor_of(done.session)["config"]
    expect(schema.get("type") == "object", f"no configuration is wrong for {schema}")
    return done.send({"config": {"configurable": 7}})


def right_input(done):
    return take(done, done.send({"input": example_of(descriptor_of(done.session)["input"])}))


# Waiting and streaming ------------------------------------------------------------------------------------

def create_and_wait(state):
    def story(done):
        answer = done.send(members_of(done.session, state), headers=outcome_of(state))
        expect(answer.status == 200, f"{answer}: no output")
        check_waited(answer)
        expect(answer.json["run"]["status"] == state, f"{answer}: not {state}")
        return take(done, answer)
    return story


def wait_twice(done):
    first, answer = done.send(), done.send()
    check_waited(answer)
    expect(first.json["output"] == answer.json["output"], f"{first} and then {answer}")
    return answer


def output_fits(done):
    answer = done.send()
    check_waited(answer)
    run = get_run(done.session, done.ident)
    expect(answer.json["run"] == run, f"{answer}: the run is {run}")
    expect(answer.json["output"]["type"] == ENDS[run["status"]], f"{answer}: its type")
    return answer


def create_and_stream(state, body=None, kinds=("values",)):
    def story(done):
        if body and not (descriptor_of(done.session)["capabilities"].get("streaming") or {}).get("custom"):
            expect(False, "the default agent has no custom streaming: the row has nothing to play")
        answer = done.send(body or members_of(done.session, state), headers=outcome_of(state))
        expect(answer.status == 200, f"{answer}: no stream")
        data = check_stream(answer)
        expect(data, f"{answer}: an empty stream")
        last = data[-1]
        wanted = kinds if state == "success" else (ENDS[state],)
        expect(last["type"] in wanted, f"{answer}: ends with {last['type']}, not {wanted}")
        expect(state == "success" or last["status"] == state, f"{answer}: the last status is {last['status']}")
        expect(all(item["type"] in kinds for item in data[:-1]), f"{answer}: kinds other than {kinds}")
        ids = {item["run_id"] for item in data if "run_id" in item}
        if done.path.startswith("/threads/"):
            thread = done.path.split("/")[2]
            ids = {(thread, ident) for ident in ids}
        expect(len(ids) == 1, f"{answer}: events of several runs: {ids}")
        done.ident = ids.pop()
        return answer
    return story


def join_stream(done):
    answer = done.send()
    expect(answer.status == 200, f"{answer}: no stream")
    data = check_stream(answer)
    expect(data and all(item.get("run_id", done_id(done)) == done_id(done) for item in data), f"{answer}: its events")
    return answer


def done_id(done):
    return done.ident[1] if isinstance(done.ident, tuple) else done.ident


def go_away(mode):
    """The client of a wait or a stream goes away: its run is cancelled, or goes on."""
    def story(done):
        session, streams = done.session, done.path.endswith("/stream")
        thread = done.path.split("/")[2] if done.path.startswith("/threads/") else None
        listed = "/runs/search" if not thread else f"/threads/{thread}/runs"
        body = {"metadata": {"mark": "left"}, **({"on_disconnect": mode} if mode else {})}
        session.hold(done.path, body, {"X-Dryrun-Outcome": SLOW}, begun=streams)

        def see():
            answer = session.get(listed) if thread else session.post(listed, {"metadata": {"mark": "left"}})
            return answer.json

        run = session.poll(see, bool, "a run that is there")[0]["run_id"]
        done.ident = (thread, run) if thread else run
        session.let_go()
        if mode != "continue":
            session.poll(lambda: observe_run(session, done.ident), lambda seen: seen != "pending", "cancelled")
        session.mock.admin("PUT", "/participants", {"participants": 1}, session.name)
        session.advance("2h")
        seen = observe_run(session, done.ident)
        expect((seen == "success") == (mode == "continue"), f"two hours later the run is {seen}")
        return session.get(path_of(done.ident)) if seen != "absent" else session.post("/runs/search", {})
    return story


def mode_that_it_lacks(done):
    """A streaming mode that the agent's descriptor does not have."""
    for agent in done.session.post("/agents/search", {"limit": 1000}).json:
        specs = done.session.get(f"/agents/{agent['agent_id']}/descriptor").json["specs"]
        can = specs["capabilities"].get("streaming") or {}
        for mode in ("custom", "values"):
            if not can.get(mode):
                return done.send({"agent_id": agent["agent_id"], "input": example_of(specs["input"]), "stream_mode": mode})
    return expect(False, "every agent has every mode")


CREATORS = ("create_thread_run", "create_stateless_run")
WAITERS = ("create_and_wait_for_thread_run_output", "create_and_wait_for_stateless_run_output")
STREAMERS = ("create_and_stream_thread_run_output", "create_and_stream_stateless_run_output")

STORIES = {
    **{(name, f"unfolds to {state}"): unfold(state) for name in CREATORS for state in ENDS},
    **{(name, f"unfolds to {state}"): create_and_wait(state) for name in WAITERS for state in ENDS},
    **{(name, f"unfolds to {state}"): create_and_stream(state) for name in STREAMERS for state in ENDS},
    **{(name, f"a second run: {how}"): second(how) for name in CREATORS for how in (
        "rollback", "interrupt", "enqueue")},
    **{(name, cause): story for name in CREATORS for cause, story in (
        ("what was sent is kept", keep_what_was_sent), ("after a while", later), ("webhook tells", call_back),
        ("webhook tells of a question", call_back_of_a_question))},
    **{(name, cause): story for name in CREATORS + WAITERS + STREAMERS for cause, story in (
        ("input of the wrong type", wrong_input), ("configuration of the wrong type", wrong_configuration))},
    **{(name, "input as the descriptor says"): right_input for name in CREATORS + WAITERS},
    ("create_thread_run", "the thread is made"): thread_is_made,
    **{(name, "custom updates"): create_and_stream("success", {"stream_mode": "custom"}, ("custom",))
       for name in STREAMERS},
    **{(name, "both modes"): create_and_stream("success", {"stream_mode": ["values", "custom"]}, ("values", "custom"))
       for name in STREAMERS},
    **{(name, "values"): create_and_stream("success", {"stream_mode": "values"}) for name in STREAMERS},
    **{(name, cause): story for name in JOINERS for cause, story in (("twice", wait_twice), ("fits", output_fits))},
    **{(name, "joined"): join_stream for name in ("stream_thread_run_output", "stream_stateless_run_output")},
    **{(name, "a mode that the agent lacks"): mode_that_it_lacks for name in STREAMERS},
    **{(name, f"the client goes away, {mode or 'by default'}"): go_away(mode) for name in WAITERS + STREAMERS
       for mode in ("cancel", "continue", None)},
}
