# SPDX-License-Identifier: Apache-2.0
"""Stories of what is not a run: schedules and the runs they make, identities, and the plain lists."""

from datetime import timedelta

from oracle_client import expect
from oracle_rows import require, time_of
from warp_shapes import check_identity, check_schedule
from warp_states import DEFAULT_IDENTITY, get_run

PLAN = {"name": "nightly", "prompt": "look for stale branches", "metadata": {"team": "blue"}}


def make_schedule(session, cron, **more):
    answer = session.post("/agent/schedules", {**PLAN, "cron_schedule": cron, **more})
    expect(answer.status == 201, f"could not make a schedule: {answer}")
    check_schedule(answer.json)
    return answer.json


def fired(session, schedule):
    """The runs that a schedule has made, oldest first."""
    answer = session.get(f"/agent/runs?limit=500&sort_by=created_at&sort_order=asc&schedule_id={schedule['id']}")
    expect(answer.status == 200, f"{answer}: no list")
    return answer.json["runs"]


def marks(start, end, fits):
    """The whole minutes after `start`, up to `end`, that fit: cron worked out the slow way."""
    at = start.replace(second=0, microsecond=0) + timedelta(minutes=1)
    found = []
    while at <= end:
        if fits(at):
            found.append(at)
        at += timedelta(minutes=1)
    return found


def fires(cron, fits, hours):
    """The clock makes exactly the runs that the cron expression (UTC) promises, at their minute."""
    def story(done):
        schedule = make_schedule(done.session, cron)
        start = time_of(schedule["created_at"])
        done.session.advance(f"{hours}h")
        runs = fired(done.session, schedule)
        wanted = marks(start, start + timedelta(hours=hours), fits)
        seen = [time_of(run["created_at"]).replace(second=0, microsecond=0) for run in runs]
        expect(wanted and seen == wanted,
               f"'{cron}' fired at {[str(at) for at in seen]}, not {[str(at) for at in wanted]}")
        told = {"schedule_id": schedule["id"], "schedule_name": "nightly", "cron_schedule": cron}
        for run in [get_run(done.session, run["run_id"]) for run in runs[:3]]:
            expect(run.get("source") == "SCHEDULED_AGENT" and run.get("schedule") == told, f"schedule of {run}")
            expect(run["prompt"] == PLAN["prompt"], f"prompt '{run['prompt']}'")
            expect(run.get("metadata", {}).get("team") == "blue", f"metadata of {run}")
        answer = done.session.get(f"/agent/schedules/{schedule['id']}")
        check_history(answer, wanted[-1])
        return answer
    return story


def check_history(answer, last):
    history = answer.json.get("history")
    if history:
        ran = history.get("last_ran")
        expect(ran and time_of(ran).replace(second=0, microsecond=0) == last, f"{answer}: last_ran {ran}, not {last}")
        expect(not history.get("next_run") or time_of(history["next_run"]) > last, f"{answer}: next_run")


def paused_makes_nothing(done):
    schedule = make_schedule(done.session, "* * * * *")
    done.session.advance("150s")
    before = len(fired(done.session, schedule))
    expect(before >= 2, f"only {before} runs in 150 s of a schedule for each minute")
    answer = done.session.post(f"/agent/schedules/{schedule['id']}/pause")
    done.session.advance("10m")
    expect(len(fired(done.session, schedule)) == before, "a paused schedule made runs")
    done.session.post(f"/agent/schedules/{schedule['id']}/resume")
    done.session.advance("150s")
    after = len(fired(done.session, schedule)) - before
    expect(2 <= after <= 3, f"{after} runs in 150 s after the pause")
    done.ident = schedule["id"]
    return answer


def deleted_makes_nothing(done):
    schedule = make_schedule(done.session, "* * * * *")
    answer = done.session.send("DELETE", f"/agent/schedules/{schedule['id']}")
    done.session.advance("10m")
    made = done.session.get("/agent/runs?limit=500&source=SCHEDULED_AGENT").json["runs"]
    expect(not [run for run in made if run["schedule"]["schedule_id"] == schedule["id"]], "it made runs")
    return answer


def created_paused(done):
    schedule = make_schedule(done.session, "* * * * *", enabled=False)
    expect(schedule["enabled"] is False, f"enabled: {schedule}")
    done.session.advance("10m")
    expect(not fired(done.session, schedule), "a schedule that is not enabled made runs")
    return done.session.get(f"/agent/schedules/{schedule['id']}")


def replaced_cron(done):
    schedule = make_schedule(done.session, "0 0 1 1 *")
    body = {"name": "each minute", "cron_schedule": "* * * * *", "enabled": True, "prompt": "look"}
    answer = done.session.send("PUT", f"/agent/schedules/{schedule['id']}", body)
    done.session.advance("150s")
    runs = fired(done.session, schedule)
    expect(len(runs) in (2, 3), f"{len(runs)} runs in 150 s of the new cron")
    expect(runs[0]["schedule"]["schedule_name"] == "each minute", f"schedule of {runs[0]}")
    return answer


def replaces_wholly(done):
    """PUT is full replacement: what it leaves out is cleared."""
    before = done.session.get(done.path).json
    expect(before.get("metadata") == {"team": "blue"}, f"metadata not kept: {before}")
    answer = done.send({"name": "weekly", "cron_schedule": "0 9 * * 1", "enabled": False, "prompt": "look"})
    now = done.session.get(done.path).json
    expect((now["name"], now["cron_schedule"], now["enabled"]) == ("weekly", "0 9 * * 1", False), f"now {now}")
    expect(not now.get("metadata"), f"metadata was not cleared: {now}")
    expect(now["id"] == before["id"] and now["created_at"] == before["created_at"], f"another schedule: {now}")
    return answer


def schedules_by_name(done):
    for name in ("pear", "apple", "quince"):
        make_schedule(done.session, "0 9 * * *", name=name)
    answer = done.send()
    require(answer.json, "schedules", schedules=list)
    for item in answer.json["schedules"]:
        check_schedule(item)
    names = [item["name"] for item in answer.json["schedules"]]
    expect({"pear", "apple", "quince"} <= set(names) and names == sorted(names), f"names {names}")
    return answer


def changes_in_part(done):
    """Omitted or null: unchanged; an empty value: cleared; else replaced."""
    first = done.send({"name": "critic", "prompt": "be kind"})
    for body in ({}, {"description": None}):
        answer = done.send(body)
        expect(answer.status == 200, f"{answer}: {body} is refused")
        now = answer.json
        expect(now["name"] == "critic" and now.get("description") == "reads every change", f"{body} made {now}")
    expect(not done.send({"description": ""}).json.get("description"), "an empty description does not clear it")
    now = done.session.get(done.path).json
    expect(now["name"] == "critic" and now.get("prompt") == "be kind" and not now.get("description"), f"now {now}")
    return first


def identities(done):
    made = done.session.post("/agent/identities", {"name": "reviewer"}).json["uid"]
    answer = done.send()
    require(answer.json, "identities", agents=list)
    for item in answer.json["agents"]:
        check_identity(item)
    uids = [item["uid"] for item in answer.json["agents"]]
    expect(made in uids and DEFAULT_IDENTITY in uids, f"identities {uids}")
    return answer


def skills(query, order):
    def story(done):
        answer = done.send(query=query)
        if answer.status != 200:
            return answer
        require(answer.json, "skills", agents=list)
        agents = answer.json["agents"]
        expect(agents, "no skills")
        variants = []
        for agent in agents:
            require(agent, "skill", name=str, variants=list)
            variants += agent["variants"]
        for variant in variants:
            require(variant, "variant", id=str, description=str, base_prompt=str, source=dict, environments=list)
            require(variant["source"], "source", owner=str, name=str, skill_path=str)
        malformed = [variant for variant in variants if variant.get("error")]
        expect(not malformed or "malformed_skills=true" in query, f"{answer}: malformed skills: {malformed}")
        keys = [order(agent) for agent in agents] if order else []
        expect(keys == sorted(keys), f"{query}: order {keys}")
        return answer
    return story


def latest_first(agent):
    runs = [time_of(item["last_run_timestamp"]).timestamp() for item in agent["variants"]
            if item.get("last_run_timestamp")]
    return -max(runs, default=0)


def skills_of_repo(done):
    known = done.send().json["agents"][0]["variants"][0]["source"]
    answer = done.send(query=f"?repo={known['owner']}/{known['name']}")
    for agent in answer.json["agents"]:
        for variant in agent["variants"]:
            expect((variant["source"]["owner"], variant["source"]["name"]) == (known["owner"], known["name"]),
                   f"{answer}: a skill of another repository")
    expect(answer.json["agents"], f"{answer}: none")
    return answer


def workers(done):
    answer = done.send()
    require(answer.json, "workers", workers=list)
    for worker in answer.json["workers"]:
        require(worker, "worker", worker_host=str, connection_count=int, connected_at=str, last_seen_at=str)
        expect(time_of(worker["connected_at"]) <= time_of(worker["last_seen_at"]), f"{worker}")
    return answer


def environments(query, key):
    def story(done):
        answer = done.send(query=query)
        require(answer.json, "environments", environments=list)
        items = answer.json["environments"]
        expect(items, "no environments")
        keys = [key(item) for item in items]
        expect(keys == sorted(keys), f"{query}: order {keys}")
        return answer
    return story


def models(done):
    answer = done.send()
    require(answer.json, "models", default_model_id=str, models=list)
    for model in answer.json["models"]:
        require(model, "model", id=str, display_name=str, provider=str, vision_supported=bool)
        expect(model["provider"] in ("OPENAI", "ANTHROPIC", "GOOGLE", "UNKNOWN"), f"provider of {model}")
    ids = [model["id"] for model in answer.json["models"]]
    expect(answer.json["default_model_id"] in ids and len(ids) == len(set(ids)), f"ids {ids}")
    return answer


STORIES = {
    ("getScheduledAgent", "fires every fifth minute"): fires("*/5 * * * *", lambda at: at.minute % 5 == 0, 1),
    ("getScheduledAgent", "fires at 9 UTC"): fires("0 9 * * *", lambda at: (at.hour, at.minute) == (9, 0), 49),
    ("getScheduledAgent", "fires on Mondays"): fires(
        "30 6 * * 1", lambda at: (at.isoweekday(), at.hour, at.minute) == (1, 6, 30), 24 * 8),
    ("getScheduledAgent", "fires on Sundays by 7"): fires(
        "15 12 * * 7", lambda at: (at.isoweekday(), at.hour, at.minute) == (7, 12, 15), 24 * 8),
    ("getScheduledAgent", "fires on a day of either kind"): fires(
        "0 0 13 * 5", lambda at: (at.hour, at.minute) == (0, 0) and (at.day == 13 or at.isoweekday() == 5), 24 * 31),
    ("getScheduledAgent", "made paused"): created_paused,
    ("pauseScheduledAgent", "makes nothing"): paused_makes_nothing,
    ("deleteScheduledAgent", "makes nothing"): deleted_makes_nothing,
    ("updateScheduledAgent", "fires anew"): replaced_cron,
    ("updateScheduledAgent", "replaces wholly"): replaces_wholly,
    ("listScheduledAgents", "plain"): schedules_by_name,
    ("updateAgent", "in part"): changes_in_part,
    ("listIdentities", "plain"): identities,
    ("listSkills", "plain"): skills("", lambda agent: agent["name"]),
    ("listSkills", "sort_by=name"): skills("?sort_by=name", lambda agent: agent["name"]),
    ("listSkills", "sort_by=last_run"): skills("?sort_by=last_run", latest_first),
    ("listSkills", "sort_by=age"): skills("?sort_by=age", None),
    ("listSkills", "include_malformed_skills=true"): skills("?include_malformed_skills=true", None),
    ("listSkills", "include_malformed_skills=maybe"): skills("?include_malformed_skills=maybe", None),
    ("listSkills", "refresh=true"): skills("?refresh=true", lambda agent: agent["name"]),
    ("listSkills", "repo of a known skill"): skills_of_repo,
    ("listSkills", "repo=shop"): skills("?repo=shop", None),
    ("listConnectedSelfHostedWorkers", "plain"): workers,
    ("listEnvironments", "sort_by=name"): environments("?sort_by=name", lambda item: item["config"]["name"]),
    ("listEnvironments", "plain"): environments("", lambda item: -time_of(item["last_updated"]).timestamp()),
    ("listModels", "plain"): models,
}
