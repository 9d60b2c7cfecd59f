# SPDX-License-Identifier: Apache-2.0
"""What bodies look like: FACTS.md sections 2 (bodies), 3 (states) and 5 (errors), written out by hand."""

import re

from oracle_client import expect
from oracle_rows import require, time_of

STATES = ["QUEUED", "PENDING", "CLAIMED", "INPROGRESS", "SUCCEEDED", "FAILED", "ERROR", "BLOCKED", "CANCELLED"]
WORKING = STATES[:4]
SOURCES = """LINEAR API SLACK LOCAL SCHEDULED_AGENT WEB_APP GITHUB_ACTION CLOUD_MODE CLI JIRA SELF_IMPROVEMENT
    GITHUB_WEBHOOK GITLAB_WEBHOOK AUTOFIX RUN_SCORER ORCHESTRATION""".split()
ERRORS_AT = "https://docs.warp.dev/reference/api-and-sdk/troubleshooting/errors/"
DURATION = re.compile(r"PT(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?")

# code: (statuses, retryable, the state that a run with it ends in)
CODES = {
    "invalid_request": ((400,), False, "FAILED"),
    "integration_not_configured": ((400,), False, "FAILED"),
    "authentication_required": ((401,), False, "ERROR"),
    "external_authentication_required": ((401,), False, "FAILED"),
    "not_authorized": ((403,), False, "FAILED"),
    "insufficient_credits": ((403,), False, "FAILED"),
    "feature_not_available": ((403,), False, "FAILED"),
    "budget_exceeded": ((403,), False, "FAILED"),
    "integration_disabled": ((403,), False, "FAILED"),
    "content_policy_violation": ((403,), False, "FAILED"),
    "resource_not_found": ((404,), False, "FAILED"),
    "conflict": ((409,), True, "FAILED"),
    "operation_not_supported": ((422,), False, "FAILED"),
    "environment_setup_failed": ((500,), False, "FAILED"),
    "resource_unavailable": ((429, 500), True, "ERROR"),
    "internal_error": ((500,), True, "ERROR"),
}

# Members of an artifact's data: in a run's list, and when it is asked for by itself.
LISTED = {
    "PLAN": ["document_uid"],
    "PULL_REQUEST": ["url", "branch"],
    "SCREENSHOT": ["artifact_uid", "mime_type"],
    "FILE": ["artifact_uid", "filepath", "filename", "mime_type"],
    "EXTERNAL_REFERENCE": ["reference_type", "url"],
}
ASKED_FOR = {
    "PLAN": ["document_uid", "notebook_uid", "content", "content_type"],
    "SCREENSHOT": ["download_url", "expires_at", "content_type"],
    "FILE": ["download_url", "expires_at", "content_type", "filename"],
}


def code_of(answer):
    return answer.json.get("type", "").rstrip("/").rsplit("/", 1)[-1].replace("-", "_")


def check_problem(answer, code):
    """Section 5: problem+json, its members, and what the code says of status and retryable."""
    media = (answer.headers.get("Content-Type") or "").split(";")[0]
    expect(media == "application/problem+json", f"{answer}: content type '{media}', not application/problem+json")
    body = answer.json
    require(body, "problem", type=str, title=str, status=int, error=str)
    expect(body["type"].startswith(ERRORS_AT), f"{answer}: 'type' is not the absolute form")
    expect(body["status"] == answer.status, f"{answer}: 'status' is {body['status']}")
    whole = f"{body['title']} ({body['detail']})" if body.get("detail") else body["title"]
    expect(body["error"] == whole, f"{answer}: 'error' is not '{whole}'")
    expect("error_code" not in body and "code" not in body, f"{answer}: has a code member")
    found = code_of(answer)
    expect(found in CODES, f"{answer}: unknown code '{found}'")
    if code:
        expect(found == code, f"{answer}: code '{found}', not '{code}'")
    statuses, retryable, _ = CODES[found]
    expect(answer.status in statuses, f"{answer}: '{found}' does not go with {answer.status}")
    if "retryable" in body:
        expect(body["retryable"] is retryable, f"{answer}: 'retryable' is {body['retryable']}")
    if "instance" in body:
        path = answer.request.split(" ", 1)[1].split("?")[0]
        expect(body["instance"] == path, f"{answer}: 'instance' is '{body['instance']}'")


def check_artifact(item, members):
    require(item, "artifact", artifact_type=str, created_at=str, data=dict)
    time_of(item["created_at"])
    expect(item["artifact_type"] in members, f"artifact type '{item['artifact_type']}' is not one of {list(members)}")
    require(item["data"], item["artifact_type"], **{name: str for name in members[item["artifact_type"]]})


def check_status_message(run):
    message = run.get("status_message")
    if run["state"] in ("FAILED", "ERROR"):
        expect(message, f"a {run['state']} run has no status_message: {run}")
    if not message:
        return
    require(message, "status_message", message=str)
    code = message.get("error_code")
    if code and run["state"] in ("FAILED", "ERROR"):
        expect(code in CODES, f"unknown error_code '{code}'")
        expect(CODES[code][2] == run["state"], f"'{code}' ends a run in {CODES[code][2]}, not {run['state']}")
        if "retryable" in message:
            expect(message["retryable"] is CODES[code][1], f"'{code}': retryable is {message['retryable']}")


def check_run(run):
    """RunItem of section 2."""
    require(run, "run", run_id=str, task_id=str, title=str, state=str, prompt=str, created_at=str, updated_at=str)
    expect(run["run_id"] == run["task_id"], "run_id and task_id differ")
    expect(run["state"] in STATES, f"unknown state '{run['state']}'")
    expect(run["title"], "the title is empty")
    expect(time_of(run["updated_at"]) >= time_of(run["created_at"]), "updated before it was created")
    if run.get("started_at"):
        expect(time_of(run["started_at"]) >= time_of(run["created_at"]), "started before it was created")
    expect(run.get("source", "API") in SOURCES, f"unknown source '{run.get('source')}'")
    expect(run.get("execution_location", "LOCAL") in ("LOCAL", "REMOTE"), "unknown execution_location")
    if "run_time" in run:
        expect(DURATION.fullmatch(run["run_time"]), f"run_time '{run['run_time']}' is no ISO 8601 duration: {run}")
    for who in ("creator", "executor"):
        if who in run:
            expect(run[who].get("type") in ("user", "service_account"), f"{who}: type {run[who].get('type')}")
    if "scope" in run:
        expect(run["scope"].get("type") in ("User", "Team"), f"scope {run['scope']}")
    bound = run.get("source") in ("LOCAL", "GITHUB_ACTION") or run.get("execution_location") == "LOCAL"
    if "is_run_type_cancellable" in run:
        expect(run["is_run_type_cancellable"] is not bound, f"is_run_type_cancellable: {run}")
    if run.get("source") == "SCHEDULED_AGENT":
        require(run.get("schedule"), "schedule", schedule_id=str, schedule_name=str, cron_schedule=str)
    skill = run.get("agent_skill")
    if skill:
        expect(("full_path" in skill) != ("bundled_skill_id" in skill), f"agent_skill has not one path: {skill}")
    for item in run.get("artifacts", []):
        check_artifact(item, LISTED)
    check_status_message(run)


def check_schedule(item):
    require(item, "schedule", id=str, name=str, cron_schedule=str, enabled=bool, prompt=str, created_at=str,
            updated_at=str)
    expect(time_of(item["updated_at"]) >= time_of(item["created_at"]), "updated before it was created")


def check_identity(item):
    require(item, "identity", uid=str, name=str, available=bool, created_at=str, updated_at=str, secrets=list,
            skills=list, memory=dict)
    expect("default_runner_uid" in item, f"identity: 'default_runner_uid' is missing in {item}")


def check_conversation(body):
    require(body, "conversation", conversation_id=str, steps=list)
    steps = list(body["steps"])
    while steps:
        step = steps.pop()
        require(step, "step", id=str, messages=list, steps=list)
        steps += step["steps"]
        for message in step["messages"]:
            require(message, "message", role=str, content=list)
            expect(message["role"] in ("user", "assistant", "tool", "system"), f"role '{message['role']}'")
            for block in message["content"]:
                check_block(block)


def check_block(block):
    members = {"text": ["text"], "action": ["id", "category", "name", "input"],
               "action_result": ["action_id", "category", "name", "state", "output"], "event": ["name", "data"]}
    expect(block.get("type") in members, f"content type '{block.get('type')}'")
    missing = [name for name in members[block["type"]] if name not in block]
    expect(not missing, f"a block of type {block['type']} lacks {missing}")
    if block["type"] == "action_result":
        expect(block["state"] in ("running", "completed", "failed", "denied"), f"state '{block['state']}'")
