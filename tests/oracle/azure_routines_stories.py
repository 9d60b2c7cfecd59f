# SPDX-License-Identifier: Apache-2.0
"""Causes that take more than one request: what a replacement leaves, when routines fire, how runs unfold, pages."""

import copy
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from azure_routines_states import (BODIES, CUSTOM, NAME, OUTCOMES, SCHEDULE, TIMER, VERSION, dispatch, get_runs, put,
                                   routine_with)
from oracle_client import expect
from oracle_rows import require

EPOCH = datetime(2026, 1, 1, tzinfo=timezone.utc)
PHASES = ["queued", "dispatching", "completed", "failed"]
SOURCES = ["event_fire", "manual_dispatch", "queued_dispatch", "schedule_delivery", "timer_delivery"]
TRIGGERS = ["custom", "github_issue", "schedule", "timer"]


def get(done, name=NAME):
    answer = done.session.get(f"/routines/{name}{VERSION}")
    expect(answer.status == 200, f"{answer}: no routine")
    return answer.json


def send(done, body=None, **more):
    return done.send(body, query=VERSION, **more)


# Routines -------------------------------------------------------------------------------------------------

def replaced(done):
    """PUT replaces: what is left out goes to its default; the birthday stays."""
    before = get(done)
    done.session.advance("10s")
    body = {name: value for name, value in BODIES["invocations"].items() if name != "description"}
    answer = send(done, body)
    expect(not answer.json.get("description"), f"{answer}: the description was left out and is still there")
    expect(answer.json["created_at"] == before["created_at"], f"{answer}: created at {before['created_at']}")
    expect(answer.json["updated_at"] == before["updated_at"] + 10, f"{answer}: updated at {before['updated_at']}")
    expect(answer.json["action"]["type"] == "invoke_agent_invocations_api", f"{answer}: the action")
    expect(get(done) == answer.json, f"{answer}: and then {get(done)}")
    return answer


def keeps(body):
    """What was sent is told again, by PUT and by GET."""
    def story(done):
        answer = send(done, copy.deepcopy(body))
        expect(answer.status == 200, f"{answer}: not made")
        for told in (answer.json, get(done)):
            wrong = {name: told.get(name) for name, value in body.items() if told.get(name) != value}
            expect(not wrong, f"sent {body}, told {wrong}")
        return answer
    return story


def moves_updated_at(done):
    before = get(done)
    done.session.advance("10s")
    answer = send(done)
    expect(answer.json["updated_at"] > before["updated_at"], f"{answer}: updated_at stood still")
    expect(answer.json["created_at"] == before["created_at"], f"{answer}: created_at moved")
    return answer


def made_again(done):
    """After a deletion the name is free."""
    answer = send(done)
    put(done.session, BODIES["custom"])
    expect(get(done)["enabled"] is True, "not made again")
    done.session.send("DELETE", f"/routines/{NAME}{VERSION}")
    return answer


# Firing ---------------------------------------------------------------------------------------------------

def marks(zone, fits, days):
    """The instants, as unix seconds, at which a cron in a zone fires in the days after the epoch."""
    at, found = EPOCH + timedelta(minutes=1), []
    while at <= EPOCH + timedelta(days=days):
        if fits(at.astimezone(ZoneInfo(zone))):
            found.append(int(at.timestamp()))
        at += timedelta(minutes=1)
    return found


def fires(cron, zone, fits, days, told_zone=None):
    def story(done):
        trigger = {**SCHEDULE, "cron_expression": cron, "time_zone": told_zone or zone}
        answer = send(done, routine_with(trigger))
        expect(answer.status == 200, f"{answer}: not made")
        done.session.advance(f"{days * 24}h")
        runs = get_runs(done.session)
        wanted, seen = marks(zone, fits, days), sorted(run["scheduled_fire_at"] for run in runs)
        expect(wanted and seen == wanted, f"'{cron}' in {zone} fired at {seen[:40]}, not {wanted[:40]}")
        wrong = [run for run in runs if run.get("attempt_source") != "schedule_delivery"
                 or run.get("trigger_type") != "schedule" or run.get("trigger_name") != "t"]
        expect(not wrong, f"not told as fired by its schedule: {wrong[:2]}")
        return answer
    return story


def fires_once(at):
    """A timer fires at its instant and never again."""
    def story(done):
        answer = send(done, routine_with({**TIMER, "at": at}))
        expect(answer.status == 200, f"{answer}: not made")
        expect(answer.json["triggers"]["t"]["at"] == at, f"{answer}: 'at' in another form")
        done.session.advance("9m")
        expect(get_runs(done.session) == [], "it fired before its time")
        done.session.advance("48h")
        runs = get_runs(done.session)
        expect([run["scheduled_fire_at"] for run in runs] == [int(EPOCH.timestamp()) + 600], f"fired: {runs}")
        expect(runs[0]["attempt_source"] == "timer_delivery" and runs[0]["trigger_type"] == "timer", f"{runs}")
        return answer
    return story


def silent_when(how):
    """A routine that is disabled, deleted or has a custom trigger makes no runs by itself."""
    def story(done):
        body = routine_with(CUSTOM if how == "custom" else SCHEDULE)
        put(done.session, {**body, "enabled": how != "made disabled"})
        if how == "disabled later":
            done.session.post(f"/routines/{NAME}:disable{VERSION}")
        elif how == "deleted":
            done.session.send("DELETE", f"/routines/{NAME}{VERSION}")
            done.session.advance("1h")
            put(done.session, routine_with(CUSTOM))
        done.session.advance("1h")
        answer = done.session.get(f"/routines/{NAME}/runs{VERSION}")
        expect(answer.status == 200 and answer.json["data"] == [], f"{answer}: it fired though {how}")
        return answer
    return story


def fires_when_enabled(done):
    put(done.session, {**routine_with(SCHEDULE), "enabled": False})
    done.session.advance("7m")
    done.session.post(f"/routines/{NAME}:enable{VERSION}")
    done.session.advance("10m")
    runs = get_runs(done.session)
    seen = [run["scheduled_fire_at"] - int(EPOCH.timestamp()) for run in runs]
    expect(seen == [600, 900], f"enabled after seven minutes it fired at {seen} s")
    return done.session.get(f"/routines/{NAME}/runs{VERSION}")


# Runs -----------------------------------------------------------------------------------------------------

def check_run(run):
    require(run, "run", id=str, triggered_at=int, phase=str)
    expect(run["phase"] in PHASES, f"phase '{run['phase']}'")
    expect(run.get("attempt_source", SOURCES[0]) in SOURCES, f"attempt_source of {run}")
    expect(run.get("trigger_type", TRIGGERS[0]) in TRIGGERS, f"trigger_type of {run}")
    times = [run[name] for name in ("triggered_at", "started_at", "ended_at") if run.get(name) is not None]
    expect(all(isinstance(time, int) and time > 1_700_000_000 for time in times), f"times are unix seconds: {run}")
    expect(times == sorted(times), f"times out of order: {run}")
    ended = run["phase"] in PHASES[2:]
    expect((run.get("ended_at") is not None) == ended, f"ended_at goes with the end: {run}")
    wrong = [name for name in ("error_status_code", "error_type", "error_message")
             if run.get(name) is not None and run["phase"] != "failed"]
    expect(not wrong, f"a run that did not fail has {wrong}")
    if run.get("error_status_code") is not None:
        expect(isinstance(run["error_status_code"], int), f"error_status_code of {run}")
    if ended:
        wanted = {"completed": "finished", "failed": "failed"}[run["phase"]]
        expect(str(run.get("status", "")).lower() == wanted, f"the status of {run}")


def unfolds(state):
    def story(done):
        seen = []

        def see():
            run = get_runs(done.session)[0]
            check_run(run)
            if not seen or seen[-1] != run["phase"]:
                seen.append(run["phase"])
            return run["phase"]

        told = dispatch(done.session, OUTCOMES[state])
        done.session.advance_until(see, lambda phase: phase == state, f"to {state}")
        expect([PHASES.index(phase) for phase in seen] == sorted(PHASES.index(phase) for phase in seen), f"{seen}")
        run = get_runs(done.session)[0]
        expect(not told.get("dispatch_id") or run.get("dispatch_id") == told["dispatch_id"], f"{told} made {run}")
        return done.session.get(f"/routines/{NAME}/runs{VERSION}")
    return story


def delivered(outcome, phase, code, least):
    """What the agent answered decides: 408, 429, 5xx and silence are tried again, three times in all."""
    def story(done):
        dispatch(done.session, outcome)
        done.session.advance_until(lambda: get_runs(done.session)[0], lambda run: run["phase"] in PHASES[2:], "to an end")
        run = get_runs(done.session)[-1]
        check_run(run)
        expect(run["phase"] == phase, f"ended as {run}")
        expect(run.get("error_status_code") == code, f"error_status_code of {run}")
        took = run["ended_at"] - run["triggered_at"]
        expect(least <= took <= 120, f"it took {took} s, at least {least}")
        return done.session.get(f"/routines/{NAME}/runs{VERSION}")
    return story


def dispatched_one(done):
    """One dispatch, one run, queued for the agent and told by the same ids."""
    answer = send(done, {})
    runs = get_runs(done.session)
    expect(len(runs) == 1, f"{answer}: {len(runs)} runs")
    for name in ("dispatch_id", "task_id", "action_correlation_id"):
        told, found = answer.json.get(name), runs[0].get(name)
        expect(told is None or found is None or told == found, f"{answer}: the run has {name} {found}")
    expect(runs[0].get("attempt_source") == "queued_dispatch", f"{runs[0]}: attempt_source")
    return answer


def dispatched_many(done):
    for _ in range(5):
        dispatch(done.session)
    answer = send(done, {})
    runs = get_runs(done.session)
    ids = {run["id"] for run in runs}
    expect(len(runs) == len(ids) == 6, f"{len(runs)} runs of 6, {len(ids)} ids")
    return answer


def kept_when_deleted(done):
    """Runs outlive their routine; they are seen again when the name is used again, or never: both are silent."""
    answer = send(done)
    found = done.session.get(f"/routines/{NAME}/runs{VERSION}")
    expect(found.status in (200, 404), f"{found}: neither its runs nor not found")
    return answer


# Lists ----------------------------------------------------------------------------------------------------

def fill(done):
    if done.row["operation"] == "listRoutines":
        for number in range(7):
            put(done.session, BODIES["custom"], f"routine-{number}")
            done.session.advance("1s")
        return
    put(done.session, BODIES["custom"])
    for number in range(7):
        dispatch(done.session, OUTCOMES["failed"] if number == 3 else None)
        done.session.advance("2m")


def page(done, answer):
    expect(answer.status == 200, f"{answer}: no page")
    require(answer.json, "page", data=list)
    link = answer.json.get("next_link")
    expect("value" not in answer.json, f"{answer}: an old form of page")
    expect(link is None or link.startswith("http://"), f"{answer}: next_link is not absolute")
    return [item["id" if done.row["operation"] == "listRoutineRuns" else "name"] for item in answer.json["data"]], link


def walk(size, order=None):
    def story(done):
        fill(done)
        more = f"&order={order}" if order else ""
        everything, _ = page(done, done.send(query=f"{VERSION}&limit=100{more}"))
        answer = done.send(query=f"{VERSION}&limit={size}{more}")
        seen, link = page(done, answer)
        while link:
            expect(len(seen) % size == 0, f"a page of another size than {size}: {seen}")
            names, link = page(done, done.session.fetch(link, done.session.all_headers()))
            expect(names or not link, "an empty page that promises more")
            seen += names
            expect(len(seen) < 1000, "the pages do not end")
        expect(seen == everything and len(set(seen)) == len(seen), f"pages {seen}, the whole is {everything}")
        return answer
    return story


def ordered(order):
    def story(done):
        fill(done)
        answer = done.send(query=f"{VERSION}&limit=100&order={order}")
        page(done, answer)
        key = "triggered_at" if done.row["operation"] == "listRoutineRuns" else "created_at"
        times = [item[key] for item in answer.json["data"]]
        expect(times == sorted(times, reverse=order == "desc") and len(times) >= 7, f"{order}: {times}")
        return answer
    return story


def finished(done):
    fill(done)
    answer = done.send(query=VERSION + "&limit=100&filter=attributes.status%20%3D%20%27FINISHED%27")
    page(done, answer)
    runs = answer.json["data"]
    expect(len(runs) == 6 and all(run["phase"] == "completed" for run in runs), f"{answer}: of 7 runs one failed")
    return answer


LISTS = ("listRoutines", "listRoutineRuns")
# the agent's answers: the outcome, how the run ends, its error_status_code, and the seconds of two pauses at least
DELIVERIES = {"200": ("deliver", "completed", None, 0), "503, 429, 200": ("retried", "completed", None, 3),
              "503 three times": ("exhausted", "failed", 503, 3), "429 three times": ("rate_limited", "failed", 429, 3),
              "400": ("refused", "failed", 400, 0), "404": ("not_found", "failed", 404, 0),
              "200 after 25 s": ("slow", "completed", None, 25),
              "silence three times": ("timed_out", "failed", None, 93)}
STORIES = {
    ("createOrUpdateRoutine", "replaced"): replaced,
    **{("createOrUpdateRoutine", f"keeps a {name} routine"): keeps(body) for name, body in BODIES.items()},
    **{("createOrUpdateRoutine", f"fires {name}"): story for name, story in (
        ("every five minutes", fires("*/5 * * * *", "UTC", lambda at: at.minute % 5 == 0, 1)),
        ("at seven on weekdays", fires("0 7 * * 1-5", "UTC", lambda at: (at.hour, at.minute) == (7, 0)
                                       and at.weekday() < 5, 14)),
        ("by New York's clock", fires("30 7 * * *", "America/New_York", lambda at: (at.hour, at.minute) == (7, 30), 80)),
        ("by a Windows zone", fires("0 9 * * 1", "America/Los_Angeles", lambda at: (at.hour, at.minute) == (9, 0)
                                    and at.weekday() == 0, 80, "Pacific Standard Time")),
        ("by Kolkata's clock", fires("0,30 6 1 * *", "Asia/Kolkata", lambda at: at.hour == 6 and at.minute in (0, 30)
                                     and at.day == 1, 70)),
        ("once", fires_once("2026-01-01T00:10:00Z")), ("once, by an integer", fires_once(1767226200)),
        ("once, in milliseconds", fires_once("2026-01-01T00:10:00.000Z")))},
    **{("listRoutineRuns", f"silent: {how}"): silent_when(how) for how in (
        "made disabled", "disabled later", "deleted", "custom")},
    ("listRoutineRuns", "fires when enabled"): fires_when_enabled,
    **{("listRoutineRuns", f"unfolds to {state}"): unfolds(state) for state in PHASES[2:]},
    **{("listRoutineRuns", f"the agent's answers: {name}"): delivered(*DELIVERIES[name]) for name in DELIVERIES},
    ("listRoutineRuns", "only the finished"): finished,
    ("enableRoutine", "updated_at moves"): moves_updated_at,
    ("disableRoutine", "updated_at moves"): moves_updated_at,
    ("deleteRoutine", "made again"): made_again,
    ("deleteRoutine", "its runs"): kept_when_deleted,
    ("dispatchRoutineAsync", "one run"): dispatched_one,
    ("dispatchRoutineAsync", "six runs"): dispatched_many,
    **{(name, f"pages of {size}"): walk(size) for name in LISTS for size in (1, 2, 3)},
    **{(name, f"pages of 2 {order}"): walk(2, order) for name in LISTS for order in ("asc", "desc")},
    **{(name, f"in order {order}"): ordered(order) for name in LISTS for order in ("asc", "desc")},
}
