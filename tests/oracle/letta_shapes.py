# SPDX-License-Identifier: Apache-2.0
"""What bodies look like: FACTS.md sections 1 (ground rules, errors), 2 (the run), 5 (streams) and 6, written by hand."""

import re

from oracle_client import expect
from oracle_rows import require, time_of

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
STATES = ["created", "running", "completed", "failed", "cancelled"]
ENDS = STATES[2:]
STOPS = {
    **dict.fromkeys(["end_turn", "max_steps", "tool_rule", "requires_approval"], "completed"),
    **dict.fromkeys(["error", "llm_api_error", "invalid_llm_response", "invalid_tool_call", "no_tool_call",
                     "max_tokens_exceeded", "context_window_overflow_in_system_prompt", "insufficient_credits"], "failed"),
    "cancelled": "cancelled",
}
RUN_MEMBERS = """completed_at conversation_id base_template_id background metadata request_config stop_reason callback_url
    callback_sent_at callback_status_code callback_error ttft_ns total_duration_ns""".split()
MESSAGES = {"system_message": ["content"], "user_message": ["content"], "assistant_message": ["content"],
            "reasoning_message": ["reasoning"], "hidden_reasoning_message": ["state"], "tool_call_message": ["tool_call"],
            "approval_request_message": ["tool_call"], "tool_return_message": ["tool_return", "status", "tool_call_id"],
            "approval_response_message": [], "summary_message": ["summary"], "event_message": ["event_type", "event_data"]}
ERROR_TYPES = """llm_timeout llm_rate_limit llm_authentication llm_empty_response llm_error internal_error stream_incomplete
    stream_task_cancelled cleanup_error context_window_overflow_in_system_prompt""".split()


def check_error(answer, row):
    """`detail` is a text (an object for a pending approval); a 422 may have an array, as the document says."""
    body = answer.json
    if "error" in body:  # a failure of the model's provider
        require(body["error"], "error", type=str, message=str)
        expect(not row["error"] or body["error"]["type"] == row["error"], f"{answer}: the type")
        return
    expect("detail" in body, f"{answer}: no detail")
    detail = body["detail"]
    if isinstance(detail, dict):
        require(detail, "detail", code=str, message=str)
    else:
        expect(isinstance(detail, str) and detail or answer.status == 422 and detail, f"{answer}: the detail")
    code = detail.get("code") if isinstance(detail, dict) else str(detail).split(":")[0]
    expect(not row["error"] or code == row["error"], f"{answer}: '{code}', not '{row['error']}'")


def check_run(run, in_list=False):
    require(run, "run", id=str, agent_id=str, status=str, created_at=str)
    expect(re.fullmatch("run-" + UUID, run["id"]), f"id '{run['id']}'")
    state = run["status"]
    expect(state in STATES, f"unknown status '{state}'")
    missing = [name for name in RUN_MEMBERS if name not in run]
    expect(not missing, f"what is absent is sent as null: {missing} of {run}")
    expect(not set(run) - {"id", "agent_id", "status", "created_at", *RUN_MEMBERS}, f"more than a run has: {run}")
    expect(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", run["created_at"]), f"created_at {run['created_at']}")
    expect((run["completed_at"] is not None) == (state in ENDS), f"completed_at of a run that is {state}")
    for name in ("completed_at", "callback_sent_at"):
        expect(run[name] is None or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z?", run[name]),
               f"{name} is '{run[name]}'")  # the server leaves out the Z that the document asks for
    stop = run["stop_reason"]
    expect(stop is None or state in ENDS, f"a {state} run with the stop reason {stop}")
    expect(stop is None or stop in STOPS, f"unknown stop reason '{stop}'")
    expect(run["ttft_ns"] is None, f"ttft_ns is never filled: {run}")
    if not in_list:
        expect(run["total_duration_ns"] is None, f"total_duration_ns is in lists only: {run}")


def check_message(message, told=None):
    require(message, "message", message_type=str, id=str, date=str)
    kind = message["message_type"]
    expect(kind in MESSAGES, f"unknown message_type '{kind}'")
    missing = [name for name in MESSAGES[kind] if message.get(name) is None]
    expect(not missing, f"{kind} without {missing}: {message}")
    expect(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", message["date"]), f"date '{message['date']}'")
    if kind in ("tool_call_message", "approval_request_message"):
        require(message["tool_call"], "tool_call", name=str, arguments=str, tool_call_id=str)
    if kind == "tool_return_message":
        expect(message["status"] in ("success", "error"), f"status of {message}")
    expect(told is None or message.get("run_id") in (None, told), f"of another run than {told}: {message}")


def check_usage_statistics(usage):
    for name in ("completion_tokens", "prompt_tokens", "total_tokens", "step_count"):
        expect(isinstance(usage.get(name, 0), int), f"{name} of {usage}")


def check_response(answer):
    """LettaResponse."""
    require(answer.json, "response", messages=list, stop_reason=dict, usage=dict)
    for message in answer.json["messages"]:
        check_message(message)
        expect(message["message_type"] not in ("user_message", "system_message"), f"streamed back: {message}")
    expect(answer.json["stop_reason"]["stop_reason"] in STOPS, f"{answer}: stop_reason")
    check_usage_statistics(answer.json["usage"])


def check_step(step):
    require(step, "step", id=str)
    expect(re.fullmatch("step-" + UUID, step["id"]), f"id '{step['id']}'")
    expect(step.get("status", "pending") in ("pending", "success", "failed", "cancelled", None), f"status of {step}")
    expect(step.get("feedback") in (None, "positive", "negative"), f"feedback of {step}")
    expect(isinstance(step.get("tags", []), list), f"tags of {step}")


def check_usage(body):
    require(body, "usage", completion_tokens=int, prompt_tokens=int, total_tokens=int)
    expect(body.get("prompt_tokens_details") is None and body.get("completion_tokens_details") is None, f"{body}")


def check_metrics(body):
    require(body, "metrics", id=str)
    for name in ("run_start_ns", "run_ns", "num_steps"):
        expect(body.get(name) is None or isinstance(body[name], int), f"{name} of {body}")


def check_job(job, kinds=("job", "batch", "run")):
    require(job, "job", id=str, status=str, job_type=str, created_at=str)
    time_of(job["created_at"])
    expect(re.fullmatch("job-" + UUID, job["id"]) and job["job_type"] in kinds, f"{job}: id or job_type")
    expect(job["status"] in STATES + ["pending", "expired"], f"status of {job}")


def check_conversation(item):
    require(item, "conversation", id=str, agent_id=str)
    expect(re.fullmatch("conv-" + UUID, item["id"]), f"id '{item['id']}'")


def check_agent(item):
    require(item, "agent", id=str, name=str, system=str, agent_type=str, llm_config=dict, memory=dict, blocks=list,
            tools=list, sources=list, tags=list)
    expect(re.fullmatch("agent-" + UUID, item["id"]), f"id '{item['id']}'")


# Streams --------------------------------------------------------------------------------------------------

def check_stream(answer, background=None):
    """[ping] messages stop_reason usage_statistics [DONE], or an error in their place; returns what was told."""
    frames = answer.events
    expect(frames and answer.status == 200, f"{answer}: no stream")
    for frame in frames:
        expect(frame.get("event") in (None, "error"), f"an event line '{frame.get('event')}': clients drop it")
        expect("id" not in frame and "retry" not in frame, f"id or retry in {frame}")
    told = [frame["data"] for frame in frames if frame.get("data") != "[DONE]"]
    expect(all(frame.get("data") != "[DONE]" for frame in frames[:-1]), f"{answer}: something after [DONE]")
    kinds = [data["message_type"] for data in told]
    failed = "error_message" in kinds
    expect(failed or frames[-1].get("data") == "[DONE]", f"{answer}: ends with {frames[-1]}")
    for frame in frames:
        kind = frame["data"]["message_type"] if frame.get("data") != "[DONE]" else None
        expect((frame.get("event") == "error") == (kind == "error_message"), f"'event: error' and {kind}")
        if kind in MESSAGES:
            check_message(frame["data"])
            expect(kind not in ("summary_message", "event_message", "user_message", "system_message"), f"streamed: {kind}")
            if background is not None:
                has = [frame["data"].get(name) is not None for name in ("seq_id", "run_id")]
                expect(has == [background] * 2, f"seq_id and run_id are of background streams: {frame['data']}")
    order = " ".join("message" if kind in MESSAGES else kind for kind in kinds if kind != "ping")
    expect(re.fullmatch(r"(message ?)*(stop_reason usage_statistics|(stop_reason )?error_message|stop_reason)", order),
           f"{answer}: told in the order {order}")
    expect(kinds[-1] != "stop_reason" or told[-1]["stop_reason"] == "cancelled", f"{answer}: no usage at the end")
    for data in told:
        if data["message_type"] == "error_message":
            require(data, "error", run_id=str, error_type=str, message=str)
            expect(data["error_type"] in ERROR_TYPES, f"error_type of {data}")
        elif data["message_type"] == "stop_reason":
            expect(data["stop_reason"] in STOPS, f"{data}")
            extra = {"id", "date", "seq_id"} & {name for name, value in data.items() if value is not None}
            expect(not extra, f"a stop_reason has no {extra}")
        elif data["message_type"] == "usage_statistics":
            check_usage_statistics(data)
        elif data["message_type"] == "ping":
            expect(re.fullmatch("ping-" + UUID, data["id"]), f"{data}: its id")
    numbers = [data["seq_id"] for data in told if data.get("seq_id") is not None and data["message_type"] in MESSAGES]
    expect(numbers == sorted(set(numbers)), f"seq_ids {numbers}")
    return told
