# SPDX-License-Identifier: Apache-2.0
"""Brings resources into the state that a row asks for, through the API, outcomes and the clock."""

from azure_agents_shapes import calls_of, check_run
from oracle_client import expect

VERSION = "?api-version=v1"
ABSENT = {"assistant": "asst_" + "0" * 24, "thread": "thread_" + "0" * 24, "run": "run_" + "0" * 24,
          "message": "msg_" + "0" * 24, "step": "step_" + "0" * 24, "file": "assistant-" + "0" * 22,
          "store": "vs_" + "0" * 24, "batch": "vsfb_" + "0" * 24}
# The outcomes that are needed; all other states are passed through, or come by cancelling and waiting.
OUTCOMES = {"requires_action": "call_functions", "failed": "fail", "completed": "complete", "midway": "hang",
            "incomplete": "out_of_tokens",
            "own tools": "use_tools"}
STORE_FILES = {"completed": "index", "failed": "refuse", "in_progress": "hang"}
FUNCTION = {"type": "function", "function": {"name": "get_weather", "description": "Tells the weather.", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}}}}


def make(session, path, body, outcome=None):
    answer = session.post(path + VERSION, body, headers={"X-Dryrun-Outcome": outcome} if outcome else None)
    expect(answer.status == 200, f"could not make one: {answer}")
    return answer.json


def make_assistant(session, **members):
    return make(session, "/assistants", {"model": "gpt-4o", "name": "helper", **members})["id"]


def make_thread(session, **members):
    return make(session, "/threads", members)["id"]


def make_message(session, thread, **members):
    return make(session, f"/threads/{thread}/messages", {"role": "user", "content": "How is the weather?", **members})["id"]


def make_run(session, thread, state="completed", **members):
    assistant = make_assistant(session, tools=[FUNCTION])
    outcome = OUTCOMES.get({"expired": "requires_action"}.get(state, state))
    return thread, make(session, f"/threads/{thread}/runs", {"assistant_id": assistant, **members}, outcome)["id"]


def get_run(session, ident):
    answer = session.get(f"/threads/{ident[0]}/runs/{ident[1]}{VERSION}")
    expect(answer.status == 200, f"could not look at the run: {answer}")
    check_run(answer.json)
    return answer.json


def advance_until(session, ident, state):
    return session.advance_until(lambda: get_run(session, ident), lambda run: run["status"] == state, f"to {state}")


def cancel(session, ident):
    answer = session.post(f"/threads/{ident[0]}/runs/{ident[1]}/cancel{VERSION}")
    expect(answer.status == 200, f"could not cancel: {answer}")


def bring_on(session, thread, state):
    ident = make_run(session, thread, state)
    if state in ("cancelling", "cancelled"):
        advance_until(session, ident, "in_progress")
        cancel(session, ident)
    elif state == "expired":  # nobody brings the outputs in time
        advance_until(session, ident, "requires_action")
    advance_until(session, ident, state)
    return ident


def bring_run(session, state, _cause):
    if state == "no thread":
        return ABSENT["thread"], ABSENT["run"]
    thread = make_thread(session)
    if state == "absent":
        return thread, ABSENT["run"]
    if state == "other thread":
        return make_thread(session), make_run(session, thread)[1]
    make_message(session, thread)
    return bring_on(session, thread, state)


def observe_run(session, ident):
    if len(ident) == 3:  # a step: its run has not moved
        ident = ident[:2]
    answer = session.get(f"/threads/{ident[0]}/runs/{ident[1]}{VERSION}")
    return "absent" if answer.status == 404 else get_run(session, ident)["status"]


def submit(session, ident, output="sunny", **more):
    outputs = [{"tool_call_id": call["id"], "output": output} for call in calls_of(get_run(session, ident))]
    path = f"/threads/{ident[0]}/runs/{ident[1]}/submit_tool_outputs{VERSION}"
    return session.post(path, {"tool_outputs": outputs, **more})


def steps_of(session, ident):
    answer = session.get(f"/threads/{ident[0]}/runs/{ident[1]}/steps{VERSION}&order=asc&limit=100")
    expect(answer.status == 200, f"{answer}: no steps")
    return answer.json["data"]


def bring_step(session, state, cause):
    """A step of a run that is in the state."""
    ident = bring_run(session, "completed" if state == "absent" else state, cause)
    if state in ("absent", "no thread"):
        return (*ident, ABSENT["step"])
    steps = steps_of(session, ident)
    expect(steps, f"a run that is {state} has no steps")
    return (*ident, steps[0]["id"])


def bring_thread(session, state, _cause):
    """idle, or 'with a run STATE'."""
    if state == "absent":
        return ABSENT["thread"]
    thread = make_thread(session, metadata={"team": "blue"})
    if state not in ("present", "idle"):
        make_message(session, thread)
        bring_on(session, thread, state.removeprefix("with a run "))
    return thread


def bring_message(session, state, _cause):
    if state == "no thread":
        return ABSENT["thread"], ABSENT["message"]
    thread = make_thread(session)
    return thread, ABSENT["message"] if state == "absent" else make_message(session, thread, metadata={"team": "blue"})


def upload(session, name="notes.txt", content=b"blue is a colour\n", purpose="assistants"):
    parts = [b'--edge\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n' + purpose.encode() if purpose else b"",
             b'\r\n--edge\r\nContent-Disposition: form-data; name="file"; filename="' + name.encode()
             + b'"\r\nContent-Type: text/plain\r\n\r\n' + content if content is not None else b"", b"\r\n--edge--\r\n"]
    return session.send("POST", "/files" + VERSION, raw=b"".join(parts),
                        headers={"Content-Type": "multipart/form-data; boundary=edge"})


def bring_file(session, state, _cause):
    if state == "absent":
        return ABSENT["file"]
    answer = upload(session)
    expect(answer.status == 200, f"could not upload: {answer}")
    return answer.json["id"]


def bring_assistant(session, state, _cause):
    return ABSENT["assistant"] if state == "absent" else make_assistant(session, metadata={"team": "blue"})


def bring_store(session, state, _cause):
    if state == "absent":
        return ABSENT["store"]
    return make(session, "/vector_stores", {"name": "notes", "metadata": {"team": "blue"}})["id"]


def bring_store_file(session, state, cause):
    store = bring_store(session, "absent" if state == "no store" else "present", cause)
    if state in ("absent", "no store"):
        return store, ABSENT["file"]
    made = make(session, f"/vector_stores/{store}/files", {"file_id": bring_file(session, "present", cause)})
    session.advance("1h")
    return store, made["id"]


def bring_batch(session, state, cause):
    store = bring_store(session, "absent" if state == "no store" else "present", cause)
    if state in ("absent", "no store"):
        return store, ABSENT["batch"]
    files = [bring_file(session, "present", cause) for _ in range(3)]
    ident = store, make(session, f"/vector_stores/{store}/file_batches", {"file_ids": files})["id"]
    if state != "in_progress":
        path = f"/vector_stores/{store}/file_batches/{ident[1]}{VERSION}"
        session.advance_until(lambda: session.get(path).json, lambda batch: batch["status"] == state, f"to {state}")
    return ident


def watch(path):
    """Sees whether one is there."""
    def observe(session, ident):
        ids = ident if isinstance(ident, tuple) else (ident,)
        return "absent" if session.get(path.format(*ids) + VERSION).status == 404 else "present"
    return observe


def watch_state(path):
    def observe(session, ident):
        answer = session.get(path.format(*ident) + VERSION)
        return "absent" if answer.status == 404 else answer.json["status"]
    return observe


KINDS = {
    "assistant": (bring_assistant, watch("/assistants/{}")), "thread": (bring_thread, watch("/threads/{}")),
    "run": (bring_run, observe_run), "step": (bring_step, None),
    "message": (bring_message, watch("/threads/{}/messages/{}")), "file": (bring_file, watch("/files/{}")),
    "store": (bring_store, watch("/vector_stores/{}")),
    "store file": (bring_store_file, watch("/vector_stores/{}/files/{}")),
    "batch": (bring_batch, watch_state("/vector_stores/{}/file_batches/{}")),
}
