# SPDX-License-Identifier: Apache-2.0
"""What the words of the table mean as requests: each operation's method and path (FACTS.md section 1), its usual body
and the shape of its answer."""

from azure_routines_states import BODIES, KINDS, NAMES, ORIGINS, VERSION
from azure_routines_stories import STORIES, check_run
from oracle_client import expect
from oracle_rows import Operation, Service, require, send_plainly

OPERATIONS = {
    "createOrUpdateRoutine": Operation("PUT", "/routines/{}", "routine"),
    "getRoutine": Operation("GET", "/routines/{}", "routine"),
    "listRoutines": Operation("GET", "/routines", None),
    "deleteRoutine": Operation("DELETE", "/routines/{}", "routine"),
    "enableRoutine": Operation("POST", "/routines/{}:enable", "routine"),
    "disableRoutine": Operation("POST", "/routines/{}:disable", "routine"),
    "dispatchRoutineAsync": Operation("POST", "/routines/{}:dispatch_async", "routine"),
    "listRoutineRuns": Operation("GET", "/routines/{}/runs", "run"),
    "listRoutines of a project": Operation("GET", "/api/projects/demo/routines", None),
    "no getRun": Operation("GET", "/routines/{}/runs/run-1", "routine"),
    "no cancelRun": Operation("POST", "/routines/{}/runs/run-1/cancel", "routine"),
    "no deleteRun": Operation("DELETE", "/routines/{}/runs/run-1", "routine"),
    "no dispatch": Operation("POST", "/routines/{}:dispatch", "routine"),
    "no dispatchAsync": Operation("POST", "/routines/{}:dispatchAsync", "routine"),
}
USUAL = {"createOrUpdateRoutine": BODIES["custom"], "dispatchRoutineAsync": {}}
HEADERS = {"no token": {"Authorization": None}, "an api-key": {"Authorization": None, "api-key": "k"},
           "the feature header": {"Foundry-Features": "Routines=V2Preview"},
           "the feature header in lower case": {"foundry-features": "Routines=V2Preview"}}
ROUTINE = {"name": str, "description": str, "triggers": dict, "action": dict, "created_at": int, "updated_at": int}


def check_error(answer, row):
    """ApiErrorResponse; which codes there are, no source says."""
    require(answer.json, "body", error=dict)
    error = answer.json["error"]
    require(error, "error", message=str)
    expect("code" in error and isinstance(error["code"], (str, type(None))), f"{answer}: the code")
    expect(not row["error"] or error["code"] == row["error"], f"{answer}: the code is '{error['code']}'")


def check_routine(routine):
    require(routine, "routine", enabled=bool)
    for name, kind in ROUTINE.items():
        if routine.get(name) is not None:
            require(routine, "routine", **{name: kind})
    for trigger in (routine.get("triggers") or {}).values():
        require(trigger, "trigger", type=str)
    if routine.get("action"):
        require(routine["action"], "action", type=str)


def check_list(check):
    def check_all(answer):
        require(answer.json, "page", data=list)
        for item in answer.json["data"]:
            check(item)
    return check_all


def check_dispatched(answer):
    for name in ("dispatch_id", "action_correlation_id", "task_id"):
        expect(isinstance(answer.json.get(name, ""), str), f"{answer}: {name}")
    expect(answer.json.get("dispatch_id") or answer.json.get("task_id"), f"{answer}: nothing to find the run by")


def check_empty(answer):
    expect(answer.content == b"", f"{answer}: 204 with a body")


SHAPES = {
    **{name: lambda answer: check_routine(answer.json) for name in (
        "createOrUpdateRoutine", "getRoutine", "enableRoutine", "disableRoutine")},
    "listRoutines": check_list(check_routine), "listRoutineRuns": check_list(check_run),
    "dispatchRoutineAsync": check_dispatched, "deleteRoutine": check_empty,
}


def perform(done):
    name = done.row["operation"]
    story = STORIES.get((name, done.cause))
    if story:
        answer = story(done)
    elif done.cause in HEADERS:
        answer = done.send(USUAL.get(name), query=VERSION, headers=HEADERS[done.cause])
    elif done.cause == "no api-version":
        answer = done.send(USUAL.get(name))
    elif done.cause in (*NAMES, *ORIGINS):
        answer = done.send(USUAL.get(name), query=VERSION)
    else:
        answer = send_plainly(done, USUAL.get(name), BODIES, VERSION)
    if answer.status < 300 and name in SHAPES:
        SHAPES[name](answer)
    return answer


SERVICE = Service(OPERATIONS, KINDS, perform, check_error, headers={"Authorization": "Bearer oracle"}, seen_as="routine",
                  proved=frozenset(("absent", "enabled", "disabled", "queued", "dispatching", "completed", "failed")))
