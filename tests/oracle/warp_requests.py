# SPDX-License-Identifier: Apache-2.0
"""What the words of the table mean as requests: each operation's method and path (FACTS.md section 1), and the
bodies that a cause stands for. Causes that need more than one request are in warp_stories.py and warp_lists.py."""

import warp_lists
import warp_stories
from oracle_client import expect
from oracle_rows import RAW, Operation, Service, require, time_of
from warp_shapes import CODES, check_conversation, check_identity, check_problem, check_run, check_schedule
from warp_states import CONFIGS, KINDS, SEEDED, matches_state

OPERATIONS = {
    "createRun": Operation("POST", "/agent/runs", None),
    "runAgent": Operation("POST", "/agent/run", None),
    "listRuns": Operation("GET", "/agent/runs", None),
    "getRun": Operation("GET", "/agent/runs/{}", "run"),
    "cancelRun": Operation("POST", "/agent/runs/{}/cancel", "run"),
    "submitRunFollowup": Operation("POST", "/agent/runs/{}/followups", "run"),
    "handoffAttachments": Operation("GET", "/agent/runs/{}/handoff/attachments", "run"),
    "getRunTimeline": Operation("GET", "/agent/runs/{}/timeline", "run"),
    "getRunConversation": Operation("GET", "/agent/runs/{}/conversation", "run"),
    "getRunTranscript": Operation("GET", "/agent/runs/{}/transcript", "run"),
    "reportRunScores": Operation("POST", "/agent/runs/{}/scores", "run"),
    "getRunByExternalReferenceURL": Operation("GET", "/agent/run-by-external-reference", None),
    "createScheduledAgent": Operation("POST", "/agent/schedules", None),
    "listScheduledAgents": Operation("GET", "/agent/schedules", None),
    "getScheduledAgent": Operation("GET", "/agent/schedules/{}", "schedule"),
    "updateScheduledAgent": Operation("PUT", "/agent/schedules/{}", "schedule"),
    "deleteScheduledAgent": Operation("DELETE", "/agent/schedules/{}", "schedule"),
    "pauseScheduledAgent": Operation("POST", "/agent/schedules/{}/pause", "schedule"),
    "resumeScheduledAgent": Operation("POST", "/agent/schedules/{}/resume", "schedule"),
    "createAgent": Operation("POST", "/agent/identities", None),
    "listIdentities": Operation("GET", "/agent/identities", None),
    "getAgent": Operation("GET", "/agent/identities/{}", "identity"),
    "updateAgent": Operation("PUT", "/agent/identities/{}", "identity"),
    "deleteAgent": Operation("DELETE", "/agent/identities/{}", "identity"),
    "listSkills": Operation("GET", "/agent", None),
    "listConnectedSelfHostedWorkers": Operation("GET", "/agent/connected-self-hosted-workers", None),
    "listEnvironments": Operation("GET", "/agent/environments", None),
    "listModels": Operation("GET", "/agent/models", None),
    "getArtifact": Operation("GET", "/agent/artifacts/{}", "artifact"),
    "downloadArtifact": Operation("GET", "/agent/artifacts/{}/download", "artifact"),
    "getConversation": Operation("GET", "/agent/conversations/{}", "conversation"),
    "getConversationTranscript": Operation("GET", "/agent/conversations/{}/transcript", "conversation"),
    "conversationRedirect": Operation("GET", "/agent/conversations/{}/redirect", "conversation"),
    "getSessionRedirect": Operation("GET", "/agent/sessions/{}/redirect", "conversation"),
    "noOperation": Operation("GET", "/_stainless_unknown_path", None),
}

PICTURE = {"file_name": "a.png", "mime_type": "image/png", "data": "iVBORw0KGgo="}
SKILL = "blue/shop:.claude/skills/deploy/SKILL.md"
RUN = {"prompt": "fix the login test"}


def run_with(**config):
    return {**RUN, "config": config}


RUN_BODIES = {
    "a prompt": RUN,
    "a skill": {"skill": SKILL},
    "config.skill_spec": {"config": {"skill_spec": SKILL}},
    "config.skills": {"config": {"skills": [SKILL]}},
    "a title": {**RUN, "title": "Login"},
    "mode plan": {**RUN, "mode": "plan"},
    "mode orchestrate": {**RUN, "mode": "orchestrate"},
    "hosted by name": run_with(worker_host="warp"),
    "self-hosted": run_with(worker_host="rack-7"),
    "5 attachments": {**RUN, "attachments": [PICTURE] * 5},
    "20 metadata keys": {**RUN, "metadata": {f"key-{i}": "x" for i in range(20)}},
    "metadata key of 64 bytes": {**RUN, "metadata": {"k" * 64: "v" * 256}},
    "idle time-out 60": run_with(idle_timeout_minutes=60),
    "harness codex": run_with(harness={"type": "codex"}),
    "server by command": run_with(mcp_servers={"files": {"command": "npx", "args": ["-y", "files"]}}),
    "nothing to do": {},
    "a title alone": {"title": "Login"},
    "a number as prompt": {"prompt": 7},
    "mode unknown": {**RUN, "mode": "fast"},
    "6 attachments": {**RUN, "attachments": [PICTURE] * 6},
    "attachment without data": {**RUN, "attachments": [{"file_name": "a.png", "mime_type": "image/png"}]},
    "parent unknown": {**RUN, "parent_run_id": "00000000-0000-4000-8000-ffffffffffff"},
    "21 metadata keys": {**RUN, "metadata": {f"key-{i}": "x" for i in range(21)}},
    "metadata key of 65 bytes": {**RUN, "metadata": {"k" * 65: "v"}},
    "metadata key with a space": {**RUN, "metadata": {"my key": "v"}},
    "metadata key empty": {**RUN, "metadata": {"": "v"}},
    "metadata value of 257 bytes": {**RUN, "metadata": {"k": "v" * 257}},
    "metadata value with NUL": {**RUN, "metadata": {"k": "a\0b"}},
    "metadata value a number": {**RUN, "metadata": {"k": 7}},
    "skill_spec and skills": run_with(skill_spec=SKILL, skills=[SKILL]),
    "idle time-out 0": run_with(idle_timeout_minutes=0),
    "idle time-out 61": run_with(idle_timeout_minutes=61),
    "harness unknown": run_with(harness={"type": "eliza"}),
    "server by two ways": run_with(mcp_servers={"files": {"command": "npx", "url": "https://example.com/mcp"}}),
    "server by no way": run_with(mcp_servers={"files": {"args": ["-y"]}}),
    "credential strategy unknown": run_with(credential_strategy="NOBODY"),
    "public access unknown": run_with(session_sharing={"public_access": "OWNER"}),
}

FOLLOWUP_BODIES = {
    "plain": {"message": "also fix the logout test"},
    "mode plan": {"message": "also fix the logout test", "mode": "plan"},
    "no message": {},
    "empty message": {"message": ""},
    "a number as message": {"message": 7},
    "mode unknown": {"message": "on", "mode": "fast"},
}

SCORE = {"scorer_id": 1, "failed": True}
SCORE_BODIES = {
    "a failed verdict": {"results": [SCORE]},
    "a label of another scorer": {"results": [SCORE, {"scorer_id": 1, "classification": "good"}]},
    "neither label nor failure": {"results": [{"scorer_id": 1}]},
    "no verdicts": {"results": []},
    "no results": {},
    "no scorer": {"results": [{"failed": True}]},
    "a text as scorer": {"results": [{"scorer_id": "one"}]},
}

PLAN = {"name": "nightly", "cron_schedule": "0 9 * * *", "prompt": "look for stale branches"}


def plan_without(*names, **more):
    return {**{name: value for name, value in PLAN.items() if name not in names}, **more}


SCHEDULE_BODIES = {
    "plain": PLAN,
    "not enabled": {**PLAN, "enabled": False},
    "a skill for a prompt": plan_without("prompt", agent_config={"skill_spec": SKILL}),
    "skills for a prompt": plan_without("prompt", agent_config={"skills": [SKILL]}),
    "every fifth minute": {**PLAN, "cron_schedule": "*/5 * * * *"},
    "lists and ranges": {**PLAN, "cron_schedule": "0,30 9-17 1 1-6 1-5"},
    "no name": plan_without("name"),
    "no cron": plan_without("cron_schedule"),
    "no prompt": plan_without("prompt"),
    "cron a word": {**PLAN, "cron_schedule": "cron_schedule"},
    "cron of 4 fields": {**PLAN, "cron_schedule": "0 9 * *"},
    "cron of 6 fields": {**PLAN, "cron_schedule": "0 0 9 * * *"},
    "cron minute 60": {**PLAN, "cron_schedule": "60 9 * * *"},
    "cron hour 24": {**PLAN, "cron_schedule": "0 24 * * *"},
    "cron day 0": {**PLAN, "cron_schedule": "0 9 0 * *"},
    "cron month 13": {**PLAN, "cron_schedule": "0 9 * 13 *"},
    "cron empty": {**PLAN, "cron_schedule": ""},
    "mode unknown": {**PLAN, "mode": "fast"},
    "enabled a text": {**PLAN, "enabled": "yes"},
}

REPLACEMENT = {"name": "weekly", "cron_schedule": "0 9 * * 1", "enabled": True, "prompt": "look again"}
REPLACE_BODIES = {
    "plain": REPLACEMENT,
    "enabled false": {**REPLACEMENT, "enabled": False},
    "no enabled": {name: value for name, value in REPLACEMENT.items() if name != "enabled"},
    "no name": {name: value for name, value in REPLACEMENT.items() if name != "name"},
    "no cron": {name: value for name, value in REPLACEMENT.items() if name != "cron_schedule"},
    "cron a word": {**REPLACEMENT, "cron_schedule": "weekly"},
}

IDENTITY_BODIES = {
    "plain": {"name": "reviewer"},
    "no name": {"description": "nobody"},
    "empty name": {"name": ""},
    "a number as name": {"name": 7},
    "null as name": {"name": None},
    "plain change": {"description": "reads the tests too"},
    "nothing to change": {},
}

BODIES = {"createRun": RUN_BODIES, "runAgent": RUN_BODIES, "submitRunFollowup": FOLLOWUP_BODIES,
          "reportRunScores": SCORE_BODIES, "createScheduledAgent": SCHEDULE_BODIES,
          "updateScheduledAgent": REPLACE_BODIES, "createAgent": IDENTITY_BODIES, "updateAgent": IDENTITY_BODIES}
# The body where the cause is about something else (the run's kind, no token).
USUAL = {"createRun": RUN, "runAgent": RUN, "submitRunFollowup": FOLLOWUP_BODIES["plain"],
         "reportRunScores": SCORE_BODIES["a failed verdict"], "createScheduledAgent": PLAN,
         "updateScheduledAgent": REPLACEMENT, "createAgent": IDENTITY_BODIES["plain"],
         "updateAgent": IDENTITY_BODIES["plain change"]}

TOKENS = {"no token": None, "a token of another scheme": "Basic d2stb3JhY2xlOg==", "an empty token": "Bearer "}
PLAIN = {"plain", *CONFIGS, *SEEDED}


def check_created_run(answer):
    require(answer.json, "created run", run_id=str, task_id=str, state=str)
    expect(answer.json["run_id"] == answer.json["task_id"], "run_id and task_id differ")


def check_session_redirect(answer):
    expect(isinstance(answer.json.get("conversation_id", ""), str), f"{answer}: conversation_id")


def check_conversation_redirect(answer):
    expect(isinstance(answer.json.get("session_id", ""), str), f"{answer}: session_id")


def check_followup(answer):
    expect(isinstance(answer.json, dict), f"{answer}: not an object")


def check_deleted_identity(answer):
    expect(answer.content == b"", f"{answer}: 204 with a body")


def check_deleted_schedule(answer):
    expect(answer.json == {"success": True}, f"{answer}: not {{success: true}}")


def check_scores(answer):
    require(answer.json, "scores", results=list)
    verdicts = [result["status"] for result in answer.json["results"]]
    expect(set(verdicts) <= {"accepted", "rejected"}, f"{answer}: a status that is neither")
    expect(all(isinstance(result["scorer_id"], int) for result in answer.json["results"]), f"{answer}: scorer_id")
    expect(("rejected" in verdicts) == (answer.status == 206), f"{answer}: 206 means that some verdict was rejected")


def check_timeline(answer):
    require(answer.json, "timeline", events=list)
    for event in answer.json["events"]:
        require(event, "event", event_uuid=str, run_id=str, event_type=str, occurred_at=str)
    times = [time_of(event["occurred_at"]) for event in answer.json["events"]]
    expect(times == sorted(times), f"{answer}: not chronological")


SHAPES = {
    "createRun": check_created_run, "runAgent": check_created_run,
    "getRun": lambda answer: check_run(answer.json),
    "submitRunFollowup": check_followup, "reportRunScores": check_scores, "getRunTimeline": check_timeline,
    "getRunConversation": lambda answer: check_conversation(answer.json),
    "getConversation": lambda answer: check_conversation(answer.json),
    "createScheduledAgent": lambda answer: check_schedule(answer.json),
    "getScheduledAgent": lambda answer: check_schedule(answer.json),
    "updateScheduledAgent": lambda answer: check_schedule(answer.json),
    "pauseScheduledAgent": lambda answer: check_schedule(answer.json),
    "resumeScheduledAgent": lambda answer: check_schedule(answer.json),
    "deleteScheduledAgent": check_deleted_schedule,
    "createAgent": lambda answer: check_identity(answer.json),
    "getAgent": lambda answer: check_identity(answer.json),
    "updateAgent": lambda answer: check_identity(answer.json),
    "deleteAgent": check_deleted_identity,
    "getSessionRedirect": check_session_redirect, "conversationRedirect": check_conversation_redirect,
}
CREATED_ID = {"createRun": "run_id", "runAgent": "run_id"}


def send_plainly(done):
    name, cause = done.row["operation"], done.cause
    if cause in TOKENS:
        return done.send(USUAL.get(name), headers={"Authorization": TOKENS[cause]})
    if cause in RAW and name in BODIES:
        return done.send(raw=RAW[cause])
    if cause in BODIES.get(name, {}):
        return done.send(BODIES[name][cause])
    if cause in PLAIN:
        return done.send(USUAL.get(name))
    raise KeyError(f"{name}: no request is known for the cause '{cause}'")


def check_error(answer, row):
    if not row["cause"].endswith(" link"):  # what lies behind a link is no API
        check_problem(answer, row["error"] if row["error"] in CODES else None)


def perform(done):
    """Sends what the row says and checks the shape of a good answer; status and code are the caller's."""
    name = done.row["operation"]
    story = warp_stories.STORIES.get((name, done.cause))
    if name == "listRuns" and done.cause not in TOKENS:
        return warp_lists.play(done)
    if story and done.cause not in TOKENS:
        answer = story(done)
    else:
        answer = send_plainly(done)
    if answer.status < 300 and name in SHAPES:
        SHAPES[name](answer)
    if answer.status < 300 and name in CREATED_ID:
        done.ident = answer.json[CREATED_ID[name]]
    if name == "cancelRun" and answer.status == 200:
        expect(answer.json == done.ident, f"{answer}: not the run's id as a JSON string")
    return answer


SERVICE = Service(OPERATIONS, KINDS, perform, check_error, base="/api/v1", headers={"Authorization": "Bearer wk-oracle"},
                  matches=matches_state, proved=frozenset(("absent", "enabled", "paused")), seen_as="run")
