# SPDX-License-Identifier: Apache-2.0
"""What bodies look like: FACTS.md sections 2 and 3 (objects, what is set in which state), 5 (pages) and 7 (errors)."""

import re

from oracle_client import expect
from oracle_rows import require

RUN_STATES = ["queued", "in_progress", "requires_action", "cancelling", "cancelled", "failed", "completed", "expired"]
ENDS = [*RUN_STATES[4:], "incomplete"]  # the last in a variant only
STEP_STATES = ["in_progress", "cancelled", "failed", "completed", "expired"]
STEP_TIMES = {"completed": "completed_at", "cancelled": "cancelled_at", "failed": "failed_at", "expired": "expired_at"}
NULLABLE = {
    "thread.run": "last_error expires_at started_at completed_at cancelled_at failed_at incomplete_details usage "
                  "max_prompt_tokens max_completion_tokens truncation_strategy tool_choice response_format metadata",
    "thread.run.step": "last_error expired_at completed_at cancelled_at failed_at metadata",
    "thread.message": "incomplete_details completed_at incomplete_at assistant_id run_id attachments metadata",
    "assistant": "name description instructions tool_resources temperature top_p metadata",
    "thread": "tool_resources metadata", "file": "",
    "vector_store": "last_active_at metadata", "vector_store.file": "last_error",
}
COUNTS = ["in_progress", "completed", "failed", "cancelled", "total"]


def check_error(answer, row):
    require(answer.json, "body", error=dict)
    error = answer.json["error"]
    for name in ("message", "type", "param", "code"):
        expect(isinstance(error.get(name), (str, type(None))), f"{answer}: {name}")
    expect(error.get("message"), f"{answer}: an error without a message")
    expect(not row["error"] or error.get("code") == row["error"], f"{answer}: the code is '{error.get('code')}'")


def check_object(body, kind, /, **types):
    require(body, kind, id=str, object=str, created_at=int, **types)
    expect(body["object"] == kind, f"object '{body['object']}', not '{kind}'")
    missing = [member for member in NULLABLE.get(kind, "").split() if member not in body]
    expect(not missing, f"{kind}: {missing} must be there, if only as null: {body}")


def check_run(run):
    check_object(run, "thread.run", thread_id=str, assistant_id=str, status=str, model=str, instructions=str, tools=list,
                 parallel_tool_calls=bool)
    state = run["status"]
    expect(state in RUN_STATES or state == "incomplete" and run["incomplete_details"], f"unknown status '{state}'")
    expect("expired_at" not in run, f"a run has no expired_at: {run}")
    for name, its in (("completed_at", "completed"), ("cancelled_at", "cancelled"), ("failed_at", "failed")):
        expect((run[name] is not None) == (state == its), f"{name} of a run that is {state}: {run[name]}")
    expect((run["last_error"] is not None) == (state == "failed") or state == "expired", f"last_error of {run}")
    expect((run.get("required_action") is not None) == (state == "requires_action") or state == "cancelling",
           f"required_action of {run}")
    expect(state in ENDS or run["usage"] is None, f"usage before the end: {run}")
    if run["usage"] is not None:
        require(run["usage"], "usage", prompt_tokens=int, completion_tokens=int, total_tokens=int)
    for call in calls_of(run):
        require(call, "call", id=str, type=str, function=dict)
        require(call["function"], "function", name=str, arguments=str)
    if run["last_error"] is not None:
        require(run["last_error"], "last_error", code=str, message=str)


def calls_of(run):
    action = run.get("required_action")
    if not action:
        return []
    expect(action.get("type") == "submit_tool_outputs", f"required_action {action}")
    return action["submit_tool_outputs"]["tool_calls"]


def check_step(step):
    check_object(step, "thread.run.step", type=str, assistant_id=str, thread_id=str, run_id=str, status=str,
                 step_details=dict)
    expect(step["status"] in STEP_STATES, f"unknown status '{step['status']}'")
    for state, name in STEP_TIMES.items():
        expect((step[name] is not None) == (step["status"] == state), f"{name} of a step that is {step['status']}")
    expect(not {"expires_at", "started_at"} & set(step), f"a step has no expires_at, no started_at: {step}")
    expect((step["last_error"] is not None) == (step["status"] == "failed"), f"last_error of {step}")
    expect(step["status"] != "in_progress" or step.get("usage") is None, f"usage in progress: {step}")
    expect(step["step_details"].get("type") == step["type"], f"step_details of another type: {step}")
    if step["type"] == "message_creation":
        require(step["step_details"]["message_creation"], "message_creation", message_id=str)
    else:
        expect(step["type"] == "tool_calls", f"unknown type '{step['type']}'")
        for call in step["step_details"]["tool_calls"]:
            require(call, "call", id=str, type=str)


def check_message(message):
    check_object(message, "thread.message", thread_id=str, status=str, role=str, content=list)
    expect(message["role"] in ("user", "assistant"), f"role '{message['role']}'")
    expect(message["status"] in ("in_progress", "incomplete", "completed"), f"status '{message['status']}'")
    if message["role"] == "assistant":
        expect((message["completed_at"] is not None) == (message["status"] == "completed"), f"completed_at: {message}")
    expect((message["incomplete_at"] is not None) == (message["status"] == "incomplete"), f"incomplete_at: {message}")
    for block in message["content"]:
        require(block, "content", type=str)
        if block["type"] == "text":
            require(block["text"], "text", value=str, annotations=list)


def check_assistant(assistant):
    check_object(assistant, "assistant", model=str, tools=list)


def check_thread(thread):
    check_object(thread, "thread")


def check_file(item):
    check_object(item, "file", bytes=int, filename=str, purpose=str)


def check_counts(item):
    require(item["file_counts"], "file_counts", **{name: int for name in COUNTS})
    counts = item["file_counts"]
    expect(sum(counts[name] for name in COUNTS[:-1]) == counts["total"], f"file_counts do not add up: {counts}")


def check_store(store):
    check_object(store, "vector_store", name=str, usage_bytes=int, file_counts=dict, status=str)
    expect(store["status"] in ("in_progress", "completed", "expired"), f"status '{store['status']}'")
    check_counts(store)


def check_store_file(item):
    check_object(item, "vector_store.file", vector_store_id=str, usage_bytes=int, status=str, chunking_strategy=dict)
    expect(item["status"] in ("in_progress", "completed", "failed", "cancelled"), f"status '{item['status']}'")


def check_batch(batch):
    require(batch, "batch", id=str, object=str, created_at=int, vector_store_id=str, status=str, file_counts=dict)
    expect(batch["object"] in ("vector_store.files_batch", "vector_store.file_batch"), f"object '{batch['object']}'")
    expect(batch["status"] in ("in_progress", "completed", "cancelled", "failed"), f"status '{batch['status']}'")
    check_counts(batch)


def check_page(answer, check):
    body = answer.json
    require(body, "page", data=list, has_more=bool)
    ids = [item["id"] for item in body["data"]]
    expect(body.get("object", "list") == "list", f"{answer}: object")
    expect(body.get("last_id") == (ids[-1] if ids else None), f"{answer}: last_id {body.get('last_id')} of {ids}")
    if "first_id" in body:
        expect(body["first_id"] == (ids[0] if ids else None), f"{answer}: first_id of {ids}")
    expect(ids or not body["has_more"], f"{answer}: an empty page that promises more")
    for item in body["data"]:
        check(item)
    return ids


def check_deleted(name):
    def check(answer):
        require(answer.json, "deleted", id=str, object=str, deleted=bool)
        expect(answer.json["object"] == name and answer.json["deleted"] is True, f"{answer}: not {name}")
        expect(answer.json["id"] in answer.request, f"{answer}: another id")
    return check


# Streams --------------------------------------------------------------------------------------------------

STEP = (r"step\.created step\.in_progress ((step\.delta )*step\.completed |message\.created message\.in_progress "
        r"(message\.delta )*message\.completed step\.completed )")
ORDERS = {
    "completed": rf"run\.created run\.queued run\.in_progress ({STEP})*run\.completed done",
    "failed": r"run\.created run\.queued run\.in_progress ((step|message)\.\w+ )*run\.failed done",
    "incomplete": r"run\.created run\.queued run\.in_progress ((step|message)\.\w+ )*run\.incomplete done",
    "requires_action": rf"run\.created run\.queued run\.in_progress ({STEP})*step\.created step\.in_progress "
                       r"(step\.delta )*run\.requires_action done",
    "expired": r"run\.created run\.queued run\.in_progress step\.created step\.in_progress message\.created "
               r"message\.in_progress (message\.delta )*(message\.incomplete step\.expired|step\.expired message\.incomplete) "
               r"run\.expired done",
    "resumed": rf"step\.completed run\.queued run\.in_progress ({STEP})*run\.completed done",
}


def short(name):
    return re.sub(r"^thread\.(run\.)?(?=(step|message)\.)|^thread\.(?=run\.)", "", name)


def check_stream(answer, order, first=""):
    """Names in order, data that fits its name; returns the frames."""
    frames = answer.events
    names = " ".join(short(frame.get("event", "none")) for frame in frames)
    expect(re.fullmatch(first + ORDERS[order], names), f"events of another order than {order}: {names}")
    expect(frames[-1]["data"] == "[DONE]", f"the last frame is {frames[-1]}")
    texts = {}
    for frame in frames[:-1]:
        name, data = frame["event"], frame["data"]
        kind, verb = short(name).rsplit(".", 1)
        if verb == "delta":
            expect(data["object"] == name, f"object of {frame}")
            if kind == "message":
                texts[data["id"]] = texts.get(data["id"], "") + text_of(data["delta"]["content"])
        elif kind == "run":
            check_run(data)
            expect(data["status"] == verb.replace("created", "queued"), f"{name}: the status is {data['status']}")
        elif kind == "step":
            check_step({"expired_at": None, **{k: v for k, v in data.items() if k != "expires_at"}})
            expect(data["status"] == verb.replace("created", "in_progress"), f"{name}: the status is {data['status']}")
        elif kind == "message":
            check_message(data)
            if verb == "completed":
                expect(text_of(data["content"]) == texts.get(data["id"]), f"{data} is not the sum of {texts}")
        else:
            check_thread(data)
    return frames


def text_of(blocks):
    return "".join(block["text"]["value"] for block in blocks if block["type"] == "text")
