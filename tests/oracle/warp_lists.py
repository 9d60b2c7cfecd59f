# SPDX-License-Identifier: Apache-2.0
"""Lists of runs, FACTS.md section 4. A cause is a query; what must come back is worked out here from the list
without filters: each filter is a predicate over a RunItem, each order a key."""

import urllib.parse

from oracle_client import expect
from oracle_rows import require, time_of
from warp_shapes import check_run
from warp_states import advance_until, create, get_run

SKILL = "blue/shop:.claude/skills/deploy/SKILL.md"


def fill(session):
    """A world where each filter lets some runs through and not others; returns the names that queries may use."""
    done = create(session, "success", {"name": "nightly", "model_id": "auto"}, title="Apples", prompt="count apples")
    advance_until(session, done, lambda run: run["state"] == "SUCCEEDED", "to SUCCEEDED")
    failed = create(session, "user_error", {"environment_id": "A" * 22}, title="pears", metadata={"ticket": "7"})
    advance_until(session, failed, lambda run: run["state"] == "FAILED", "to FAILED")
    schedule = session.post("/agent/schedules", {"name": "each minute", "cron_schedule": "* * * * *",
                                                 "prompt": "look"}).json["id"]
    session.advance("130s")
    session.post(f"/agent/schedules/{schedule}/pause")
    parent = create(session, "hang", title="Bananas", metadata={"ticket": "7", "team": "blue", "automation_id": "a1"})
    child = create(session, "pending", title="cherries", parent_run_id=parent)
    create(session, "queued", title="Dates", parent_run_id=child, config={"skill_spec": SKILL})
    create(session, "claimed", title="elderberries", skill=SKILL, metadata={"team": "blue"})
    for _ in range(22):
        create(session, "queued")
    session.advance("700ms")
    middle = get_run(session, failed)
    return {"schedule": schedule, "parent": parent, "skill": SKILL, "creator": middle["creator"]["uid"],
            "executor": middle.get("executor", {}).get("uid", ""), "time": middle["created_at"],
            "changed": middle["updated_at"], "absent": "00000000-0000-4000-8000-ffffffffffff"}


def config(run, name):
    return run.get("agent_config", {}).get(name)


def skill_of(run):
    """What `skill` filters and the order `agent` go by."""
    return (run.get("agent_skill") or {}).get("full_path") or config(run, "skill_spec") or ""


def is_descendant(run, ancestor, runs):
    parents = {other["run_id"]: other.get("parent_run_id") for other in runs}
    parent = run.get("parent_run_id")
    while parent and parent != ancestor:
        parent = parents.get(parent)
    return parent == ancestor


FILTERS = {
    "name": lambda run, value, _: config(run, "name") == value,
    "model_id": lambda run, value, _: config(run, "model_id") == value,
    "environment_id": lambda run, value, _:
        not config(run, "environment_id") if value == "empty-environment" else config(run, "environment_id") == value,
    "schedule_id": lambda run, value, _: (run.get("schedule") or {}).get("schedule_id") == value,
    "creator": lambda run, value, _: run.get("creator", {}).get("uid") == value,
    "executor": lambda run, value, _: run.get("executor", {}).get("uid") == value,
    "execution_location": lambda run, value, _: run.get("execution_location") == value,
    "artifact_type": lambda run, value, _:
        any(item["artifact_type"] == value for item in run.get("artifacts", [])),
    "skill": lambda run, value, _: skill_of(run) == value,
    "skill_spec": lambda run, value, _: skill_of(run) == value,
    "ancestor_run_id": is_descendant,
    "automation_id": lambda run, value, _: run.get("metadata", {}).get("automation_id") == value,
    "factory_uid": lambda *_: False,
}
# How strict a bound is, no source says: a run on the very bound may be in the list or not.
BOUNDS = {"created_after": ("created_at", 1), "created_before": ("created_at", -1), "updated_after": ("updated_at", 1)}
ANY_OF = {"state": "state", "source": "source"}
KEYS = {
    "updated_at": lambda run: time_of(run["updated_at"]),
    "created_at": lambda run: time_of(run["created_at"]),
    "title": lambda run: run["title"],
    "agent": skill_of,
}
# Filters that a world may answer with everything or nothing: one key makes all runs, and q may find more by its fuzz.
ONE_SIDED = {"creator", "executor", "factory_uid", "q"}
PAGING = {"limit", "cursor", "sort_by", "sort_order"}


def verdict(run, query, runs):
    """True or False, or None where the sources are silent."""
    answers = []
    for name, values in query.items():
        value = values[0]
        if name in ANY_OF:
            answers.append(run.get(ANY_OF[name]) in values)
        elif name in BOUNDS:
            member, sign = BOUNDS[name]
            distance = (time_of(run[member]) - time_of(value)).total_seconds() * sign
            answers.append(None if distance == 0 else distance > 0)
        elif name.startswith("metadata["):
            answers.append(run.get("metadata", {}).get(name[9:-1]) == value)
        elif name == "q":
            text = " ".join([run["title"], run["prompt"], skill_of(run)]).lower()
            answers.append(value.lower() in text or None)
        elif name not in PAGING:
            answers.append(FILTERS[name](run, value, runs))
    return False if False in answers else None if None in answers else True


def read_page(session, query):
    answer = session.get("/agent/runs?" + query)
    expect(answer.status == 200, f"{answer}: not a page")
    return answer, check_page(answer)


def check_page(answer):
    body = answer.json
    require(body, "list", runs=list, page_info=dict)
    require(body["page_info"], "page_info", has_next_page=bool)
    more, cursor = body["page_info"]["has_next_page"], body["page_info"].get("next_cursor")
    expect(not more or (cursor and body["runs"]), f"{answer}: promises more, without a cursor or on an empty page")
    for run in body["runs"]:
        check_run(run)
    return body


def read_all(session, query):
    """Follows the cursors to the end, sending the other parameters again as the clients do."""
    first, page = read_page(session, query)
    runs = list(page["runs"])
    while page["page_info"]["has_next_page"]:
        cursor = urllib.parse.urlencode({"cursor": page["page_info"]["next_cursor"]})
        _, page = read_page(session, query + "&" + cursor if query else cursor)
        runs += page["runs"]
        expect(len(runs) < 1000, f"{query}: the pages do not end")
    return first, runs


def check_order(runs, query):
    key = query.get("sort_by", ["updated_at"])[0]
    order = query.get("sort_order", ["desc"])[0]
    if key == "agent":
        without = [not skill_of(run) for run in runs]
        expect(without == sorted(without), "a run without a skill is not last")
        runs = [run for run in runs if skill_of(run)]
    keys = [KEYS[key](run) for run in runs]
    expected = sorted(keys, reverse=order == "desc")
    if key == "title" and keys != expected:  # alphabetically: whether 'a' comes before 'B' is not said
        keys = [text.lower() for text in keys]
        expected = sorted(keys, reverse=order == "desc")
    expect(keys == expected, f"not in the order {key} {order}: {keys}")


def check_members(seen, query, runs):
    """Who must be there is, who must not is not; and the query has told some runs from others."""
    names = [run["run_id"] for run in seen]
    expect(len(names) == len(set(names)), "a run is listed twice")
    told = {run["run_id"]: verdict(run, query, runs) for run in runs}
    for run in runs:
        wanted, there = told[run["run_id"]], run["run_id"] in names
        expect(wanted is None or wanted is there,
               f"{run['run_id']} ({run['state']}, '{run['title']}') is {'' if there else 'not '}in the list")
    expect(set(names) <= set(told), f"unknown runs: {set(names) - set(told)}")
    if set(query) - PAGING - ONE_SIDED:
        expect({True, False} <= set(told.values()), f"a query that tells nothing apart: {set(told.values())}")


def play_cursor(done, first_query, then):
    """Sends the cursor of one query with another, bent by `then`."""
    _, page = read_page(done.session, first_query)
    cursor = page["page_info"]["next_cursor"]
    query, cursor = then(cursor)
    return done.session.get(f"/agent/runs?{query}&" + urllib.parse.urlencode({"cursor": cursor}))


CURSORS = {
    "the cursor of another sort": lambda done:
        play_cursor(done, "limit=2&sort_by=title", lambda cursor: ("limit=2&sort_by=created_at", cursor)),
    "the cursor of another direction": lambda done:
        play_cursor(done, "limit=2&sort_order=asc", lambda cursor: ("limit=2&sort_order=desc", cursor)),
    "the same cursor twice": lambda done: play_twice(done),
    "a cursor with another limit": lambda done:
        play_cursor(done, "limit=2&sort_by=title", lambda cursor: ("limit=5&sort_by=title", cursor)),
    "a bent cursor": lambda done:
        play_cursor(done, "limit=2", lambda cursor: ("limit=2", cursor[:-2] + ("xy" if cursor[-2:] != "xy" else "zz"))),
}


def play_twice(done):
    _, page = read_page(done.session, "limit=2")
    query = "limit=2&" + urllib.parse.urlencode({"cursor": page["page_info"]["next_cursor"]})
    one, _ = read_page(done.session, query)
    two, _ = read_page(done.session, query)
    expect(one.json["runs"] == two.json["runs"], "one cursor gives two pages")
    return two


def play_short(done):
    """Without a limit a page has 20 runs."""
    answer, page = read_page(done.session, "")
    expect(len(page["runs"]) == 20 and page["page_info"]["has_next_page"], f"{len(page['runs'])} runs, not 20")
    return answer


def play(done):
    session = done.session
    names = fill(session)
    if done.cause in CURSORS:
        return CURSORS[done.cause](done)
    if done.cause == "no limit":
        return play_short(done)
    text = done.cause
    for name, value in names.items():
        text = text.replace("{" + name + "}", urllib.parse.quote(value, safe=""))
    if done.row["status"] != "200":
        return session.get("/agent/runs?" + text)
    query = urllib.parse.parse_qs(text, keep_blank_values=True, strict_parsing=True)
    _, everything = read_all(session, "limit=500")
    first, seen = read_all(session, text)
    limit = int(query.get("limit", ["20"])[0])
    expect(len(first.json["runs"]) == min(limit, len(seen)), f"{first}: a page of {len(first.json['runs'])}")
    check_members(seen, query, everything)
    check_order(seen, query)
    return first
