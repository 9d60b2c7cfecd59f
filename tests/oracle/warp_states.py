# SPDX-License-Identifier: Apache-2.0
"""Brings a resource into the state that a row of the table asks for, through the service's own API, the
outcome of a run (header X-Dryrun-Outcome) and the virtual clock; and looks at the state it is in afterwards."""

from oracle_client import expect
from warp_shapes import WORKING, check_identity, check_run, check_schedule

ABSENT = "00000000-0000-4000-8000-ffffffffffff"
LOCAL_RUN = "00000000-0000-4000-8000-000000000002"
GITHUB_ACTION_RUN = "00000000-0000-4000-8000-000000000003"
DEFAULT_IDENTITY = "00000000-0000-4000-8000-00000000a001"
ARTIFACTS = {"FILE": "file0000000000000000001", "PLAN": "plan0000000000000000001",
             "SCREENSHOT": "shot0000000000000000001", "PULL_REQUEST": "pull0000000000000000001"}

# The outcome that holds a run in a state, or ends it there.
OUTCOMES = {"QUEUED": "queued", "PENDING": "pending", "CLAIMED": "claimed", "INPROGRESS": "hang",
            "SUCCEEDED": "success", "FAILED": "user_error", "ERROR": "platform_error", "BLOCKED": "blocked",
            "CANCELLED": "hang", "debug window": "setup_failure", "debug window closed": "setup_failure"}

# What a run of some cause is made with, beside its prompt.
CONFIGS = {"self-hosted": {"worker_host": "rack-7"}, "hosted by name": {"worker_host": "warp"}}
SEEDED = {"local": LOCAL_RUN, "GitHub action": GITHUB_ACTION_RUN}


def create(session, outcome, config=None, **members):
    body = {"prompt": "fix the login test", **members}
    if config:
        body["config"] = config
    answer = session.post("/agent/runs", body, headers={"X-Dryrun-Outcome": outcome})
    expect(answer.status == 200, f"could not make a run: {answer}")
    return answer.json["run_id"]


def get_run(session, run_id):
    answer = session.get(f"/agent/runs/{run_id}")
    expect(answer.status == 200, f"could not look at the run: {answer}")
    check_run(answer.json)
    return answer.json


def advance_until(session, run_id, fits, what):
    return session.advance_until(lambda: get_run(session, run_id), fits, what)


def is_debugged(run):
    return "session_debug_until" in (run.get("status_message") or {})


def bring_run(session, state, cause):
    if state == "absent":
        return ABSENT
    if cause in SEEDED:
        run = get_run(session, SEEDED[cause])
        expect(run["state"] == state, f"the seeded run is {run['state']}, not {state}")
        return run["run_id"]
    run_id = create(session, OUTCOMES[state], CONFIGS.get(cause))
    if state.startswith("debug window"):
        advance_until(session, run_id, lambda run: run["state"] == "FAILED", "to FAILED")
        expect(is_debugged(get_run(session, run_id)), "a run whose set-up failed has no debug window")
        if state == "debug window closed":
            advance_until(session, run_id, lambda run: not is_debugged(run), "out of its debug window")
    elif state == "CANCELLED":
        advance_until(session, run_id, lambda run: run["state"] == "INPROGRESS", "to INPROGRESS")
        answer = session.post(f"/agent/runs/{run_id}/cancel")
        expect(answer.status == 200, f"could not cancel: {answer}")
    else:
        advance_until(session, run_id, lambda run: run["state"] == state, f"to {state}")
    return run_id


def observe_run(session, run_id):
    answer = session.get(f"/agent/runs/{run_id}")
    if answer.status == 404:
        return "absent"
    return get_run(session, run_id)["state"]


def bring_schedule(session, state, _cause):
    if state == "absent":
        return ABSENT
    body = {"name": "nightly", "cron_schedule": "0 9 * * *", "prompt": "look for stale branches",
            "enabled": state == "enabled", "metadata": {"team": "blue"}}
    answer = session.post("/agent/schedules", body)
    expect(answer.status == 201, f"could not make a schedule: {answer}")
    return answer.json["id"]


def observe_schedule(session, schedule_id):
    answer = session.get(f"/agent/schedules/{schedule_id}")
    if answer.status == 404:
        return "absent"
    expect(answer.status == 200, f"could not look at the schedule: {answer}")
    check_schedule(answer.json)
    return "enabled" if answer.json["enabled"] else "paused"


def bring_identity(session, state, _cause):
    if state in ("absent", "default"):
        return ABSENT if state == "absent" else DEFAULT_IDENTITY
    answer = session.post("/agent/identities", {"name": "reviewer", "description": "reads every change"})
    expect(answer.status == 201, f"could not make an identity: {answer}")
    return answer.json["uid"]


def observe_identity(session, uid):
    answer = session.get(f"/agent/identities/{uid}")
    if answer.status == 404:
        return "absent"
    expect(answer.status == 200, f"could not look at the identity: {answer}")
    check_identity(answer.json)
    return "default" if uid == DEFAULT_IDENTITY else "present"


def bring_conversation(session, state, _cause):
    if state == "absent":
        return ABSENT
    run = get_run(session, bring_run(session, "SUCCEEDED", ""))
    expect(run.get("conversation_id"), f"a run that has ended has no conversation: {run}")
    return run["conversation_id"]


# kind of resource: (how a request is given one, how its state is seen or None)
KINDS = {
    "run": (bring_run, observe_run),
    "schedule": (bring_schedule, observe_schedule),
    "identity": (bring_identity, observe_identity),
    "conversation": (bring_conversation, None),
    "artifact": (lambda _session, state, _cause: ARTIFACTS.get(state, ABSENT), None),
}


def matches_state(wanted, seen):
    return wanted == "any" or (seen in WORKING if wanted == "working" else seen == wanted)
