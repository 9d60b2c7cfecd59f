# SPDX-License-Identifier: Apache-2.0
"""Brings threads and runs into the state that a row asks for and looks at it afterwards. A run on a thread is
(thread, run), a stateless one is its id."""

from acp_shapes import check_run, check_thread
from oracle_client import expect

ABSENT = "00000000-0000-4000-8000-ffffffffffff"
# The outcome that ends a run in a state; a new run is pending for as long as the clock stands still.
OUTCOMES = {"success": "success", "error": "user_error", "timeout": "time_out", "interrupted": "asks_once",
            "asked twice": "asks"}
ASKED = ("interrupted", "asked twice")
SLOW = "slow"  # succeeds within two hours


EXAMPLES = {"string": "x", "integer": 1, "number": 1.5, "boolean": True, "array": [], "null": None}


def example_of(schema):
    """The smallest value that a plain schema lets through."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for name in ("anyOf", "oneOf", "allOf"):
        if schema.get(name):
            return example_of(schema[name][0])
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind != "object":
        return EXAMPLES[kind]
    members = schema.get("properties") or {}
    return {name: example_of(members.get(name, {"type": "string"})) for name in schema.get("required", [])}


def outcome_of(state):
    return {"X-Dryrun-Outcome": OUTCOMES[state]} if state in OUTCOMES else {}


def make_thread(session, **members):
    answer = session.post("/threads", members)
    expect(answer.status == 200, f"could not make a thread: {answer}")
    check_thread(answer.json)
    return answer.json["thread_id"]


def asking_agent(session, times):
    """What a run is made with that is to be interrupted: an agent that can be in so many ways, and input for it."""
    for agent in session.post("/agents/search", {"limit": 1000}).json:
        specs = session.get(f"/agents/{agent['agent_id']}/descriptor").json["specs"]
        asks = specs["capabilities"].get("interrupts") and len(specs["interrupts"]) >= times
        if asks and specs["capabilities"].get("threads"):
            return {"agent_id": agent["agent_id"], "input": example_of(specs["input"])}
    return expect(False, "no agent can be interrupted")


def members_of(session, state):
    return asking_agent(session, 2 if state == "asked twice" else 1) if state in ASKED else {}


def make_run(session, thread=None, state="pending", **members):
    path = f"/threads/{thread}/runs" if thread else "/runs"
    answer = session.post(path, {**members_of(session, state), **members}, headers=outcome_of(state))
    expect(answer.status == 200, f"could not make a run: {answer}")
    check_run(answer.json)
    return (thread, answer.json["run_id"]) if thread else answer.json["run_id"]


def path_of(ident):
    return f"/threads/{ident[0]}/runs/{ident[1]}" if isinstance(ident, tuple) else f"/runs/{ident}"


def get_run(session, ident):
    answer = session.get(path_of(ident))
    expect(answer.status == 200, f"could not look at the run: {answer}")
    check_run(answer.json)
    expect(not isinstance(ident, tuple) or answer.json.get("thread_id", ident[0]) == ident[0], f"{answer}: its thread")
    return answer.json


def advance_until(session, ident, state):
    return session.advance_until(lambda: get_run(session, ident), lambda run: run["status"] == state, f"to {state}")


def bring(session, thread, state):
    if state == "absent":
        return (thread, ABSENT) if thread else ABSENT
    ident = make_run(session, thread, state)
    if state not in ("pending", "asked twice"):
        advance_until(session, ident, state)
    return ident


def bring_run(session, state, _cause):
    return bring(session, None, state)


def bring_thread_run(session, state, _cause):
    if state == "no thread":
        return (ABSENT, ABSENT)
    if state == "other thread":  # the run is there, but hangs on another thread
        return (make_thread(session), make_run(session, make_thread(session))[1])
    return bring(session, make_thread(session), state)


def observe_run(session, ident):
    answer = session.get(path_of(ident))
    if answer.status in (404, 422):
        return "absent"
    return get_run(session, ident)["status"]


def bring_thread(session, state, _cause):
    if state == "absent":
        return ABSENT
    thread = make_thread(session, metadata={"team": "blue", "ticket": "7"})
    if state != "idle":  # busy, or after a run that has ended in some state
        bring(session, thread, "pending" if state == "busy" else state.removeprefix("after "))
    return thread


def observe_thread(session, ident):
    """Of a thread whether it is there; of a run made on it, its status."""
    if isinstance(ident, tuple):
        return observe_run(session, ident)
    return "absent" if session.get(f"/threads/{ident}").status == 404 else "present"


def bring_agent(session, state, _cause):
    if state == "absent":
        return ABSENT
    answer = session.post("/agents/search", {})
    expect(answer.status == 200 and answer.json, f"no agents: {answer}")
    return answer.json[0]["agent_id"]


def descriptor_of(session, run=None):
    """The descriptor of the agent that a run has, or of the one that new runs have."""
    agent = (run or get_run(session, make_run(session)))["agent_id"]
    answer = session.get(f"/agents/{agent}/descriptor")
    expect(answer.status == 200, f"no descriptor: {answer}")
    return answer.json["specs"]


KINDS = {"run": (bring_run, observe_run), "thread run": (bring_thread_run, observe_run),
         "thread": (bring_thread, observe_thread), "agent": (bring_agent, None)}


def matches_state(wanted, seen):
    if wanted.startswith("not "):
        return seen != wanted[4:]
    return wanted == "any" or seen in wanted.split("|")
