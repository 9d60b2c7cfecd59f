# SPDX-License-Identifier: Apache-2.0
"""Brings routines and their runs into the state that a row asks for. A routine is its name, as it stands in a path.
The clock begins at 2026-01-01T00:00:00Z, a Thursday."""

from oracle_client import expect
from oracle_rows import require

VERSION = "?api-version=v1"
NAME = "daily-summary"
NAMES = {"a name with a space": "my%20routine", "a name with a colon": "my%20routine%3Ax",
         "a name of 128": "n" * 128, "a name of 129": "n" * 129}
# The outcome that holds a run in a phase, or ends it there.
OUTCOMES = {"queued": "queued", "dispatching": "hang", "completed": "deliver", "failed": "refused"}

SCHEDULE = {"type": "schedule", "cron_expression": "*/5 * * * *", "time_zone": "UTC"}
TIMER = {"type": "timer", "at": "2026-01-01T00:10:00Z"}
GITHUB = {"type": "github_issue", "connection_id": "github-1", "owner": "blue", "repository": "shop",
          "issue_event": "opened"}
CUSTOM = {"type": "custom", "provider": "manual", "parameters": {}}
RESPONSES = {"type": "invoke_agent_responses_api", "agent_name": "summary-agent"}
INVOCATIONS = {"type": "invoke_agent_invocations_api", "agent_name": "summary-agent"}


def routine_with(trigger, action=None, **members):
    return {"description": "Says what happened.", "enabled": True, "triggers": {"t": trigger},
            "action": action or RESPONSES, **members}


BODIES = {"schedule": routine_with(SCHEDULE), "timer": routine_with(TIMER), "github": routine_with(GITHUB),
          "custom": routine_with(CUSTOM), "invocations": routine_with(CUSTOM, INVOCATIONS)}


def put(session, body, name=NAME):
    answer = session.send("PUT", f"/routines/{name}{VERSION}", body)
    expect(answer.status == 200, f"could not make a routine: {answer}")
    return answer.json


def get_runs(session, name=NAME, query=""):
    """All runs, through all pages, oldest first."""
    answer = session.get(f"/routines/{name}/runs{VERSION}&order=asc{query}")
    runs = []
    while True:
        expect(answer.status == 200, f"{answer}: no runs")
        require(answer.json, "page", data=list)
        runs += answer.json["data"]
        if not answer.json.get("next_link"):
            return runs
        expect(len(runs) < 1000, "the pages do not end")
        answer = session.fetch(answer.json["next_link"], session.all_headers())


def dispatch(session, outcome=None, name=NAME, body=None):
    headers = {"X-Dryrun-Outcome": outcome} if outcome else None
    answer = session.post(f"/routines/{name}:dispatch_async{VERSION}", body or {}, headers=headers)
    expect(answer.status == 200, f"could not dispatch: {answer}")
    return answer.json


def name_of(cause):
    return next((name for words, name in NAMES.items() if cause.startswith(words)), NAME)


def bring_routine(session, state, cause):
    name = name_of(cause)
    if state != "absent":
        put(session, {**BODIES["custom"], "enabled": state == "enabled"}, name)
    return name


def observe_routine(session, name):
    answer = session.get(f"/routines/{name}{VERSION}")
    if answer.status != 200:
        return "absent"
    return "enabled" if answer.json["enabled"] else "disabled"


def phase_of(session, name):
    runs = get_runs(session, name)
    return runs[0].get("phase") if runs else "absent"


# What a run comes from: the routine, and how its first run is made.
ORIGINS = {"dispatched": "custom", "invoked": "invocations", "scheduled": "schedule", "timed": "timer"}


def bring_run(session, state, cause):
    """A routine with one run in the phase."""
    origin = cause.split(" ")[0]
    put(session, BODIES[ORIGINS.get(origin, "custom")])
    if state == "none":
        return NAME
    if origin in ("scheduled", "timed"):
        session.mock.admin("POST", "/outcomes", {"outcome": OUTCOMES[state]}, session.name)
        session.advance({"scheduled": "5m", "timed": "10m"}[origin])
    else:
        dispatch(session, OUTCOMES[state])
    session.advance_until(lambda: phase_of(session, NAME), lambda phase: phase == state, f"to {state}")
    return NAME


KINDS = {"routine": (bring_routine, observe_routine), "run": (bring_run, phase_of)}
