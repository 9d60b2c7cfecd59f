# SPDX-License-Identifier: Apache-2.0
"""Lists and threads, FACTS.md sections 1 and 7. What a filter must find is worked out here from the list without one;
the sources say nothing about order, so pages are compared as sets."""

from acp_shapes import check_agent, check_run, check_thread, check_thread_state
from acp_states import advance_until, bring, descriptor_of, make_run, make_thread
from oracle_client import expect
from oracle_rows import require, value_of

SEARCHES = {"search_agents": ("agent_id", check_agent), "search_threads": ("thread_id", check_thread),
            "search_stateless_runs": ("run_id", check_run)}


def fill(session):
    """Threads and runs that filters tell apart; more than a page of each."""
    for number in range(11):
        make_thread(session, metadata={"team": "blue" if number % 2 else "red", "number": number})
    changed = make_thread(session, metadata={"team": "green"})
    session.send("PATCH", f"/threads/{changed}", {"values": {"colour": "green"}})
    bring(session, make_thread(session), "error")
    bring(session, make_thread(session), "pending")
    for number in range(11):
        make_run(session, metadata={"team": "blue" if number % 2 else "red", "number": number})
    for state in ("success", "error", "interrupted"):
        bring(session, None, state)


def fits(item, filters):
    for name, wanted in filters.items():
        if name in ("metadata", "values"):
            found = item.get("creation", item).get(name) or {}
            if not isinstance(found, dict) or any(found.get(key) != value for key, value in wanted.items()):
                return False
        elif name in ("name", "version"):
            if item["metadata"]["ref"][name] != wanted:
                return False
        elif item.get(name) != wanted:
            return False
    return True


def search(done, body):
    answer = done.send(body)
    expect(answer.status == 200 and isinstance(answer.json, list), f"{answer}: no list")
    for item in answer.json:
        SEARCHES[done.row["operation"]][1](item)
    return answer


def ids_of(done, answer):
    return [item[SEARCHES[done.row["operation"]][0]] for item in answer.json]


def find(done):
    """'find FILTERS': who must be there is, who must not is not, and the filters told some from others."""
    fill(done.session)
    filters = value_of(done.cause[5:])
    everything = search(done, {"limit": 1000}).json
    for name, value in filters.items():  # a value of the first of the list
        if value == "{first}":
            first = everything[0]
            filters[name] = first["metadata"]["ref"][name] if name in ("name", "version") else first[name]
    answer = search(done, {"limit": 1000, **filters})
    wanted = [item for item in everything if fits(item, filters)]
    key = SEARCHES[done.row["operation"]][0]
    expect(sorted(ids_of(done, answer)) == sorted(item[key] for item in wanted), f"{answer}: {len(wanted)} fit")
    if done.row["operation"] != "search_agents" and "agent_id" not in filters and filters:
        expect(len(wanted) < len(everything), f"{filters}: tells nothing apart")
    return answer


def walk(size):
    def story(done):
        fill(done.session)
        everything = ids_of(done, search(done, {"limit": 1000}))
        seen = []
        for offset in range(0, len(everything), size):
            page = ids_of(done, search(done, {"limit": size, "offset": offset}))
            expect(len(page) == min(size, len(everything) - offset), f"a page of {len(page)} at {offset}")
            seen += page
        expect(sorted(seen) == sorted(everything), f"pages {seen}, the whole is {everything}")
        answer = search(done, {"limit": size, "offset": len(everything)})
        expect(answer.json == [], f"{answer}: something beyond the end")
        return answer
    return story


def usual_page(done):
    """Without a limit a page has 10."""
    fill(done.session)
    everything = search(done, {"limit": 1000}).json
    answer = search(done, {})
    expect(len(answer.json) == min(10, len(everything)), f"a page of {len(answer.json)} of {len(everything)}")
    return answer


def fill_thread(session, count=12):
    thread = make_thread(session)
    for _ in range(count):
        advance_until(session, make_run(session, thread), "success")
    return thread


def thread_runs(query, size):
    def story(done):
        done.ident = fill_thread(done.session)
        everything = [run["run_id"] for run in done.send(query="?limit=100").json]
        expect(len(everything) == 12, f"{len(everything)} runs of 12")
        answer = done.send(query=query)
        runs = [run["run_id"] for run in answer.json]
        for run in answer.json:
            check_run(run)
        expect(len(runs) == size and set(runs) <= set(everything), f"{answer}: {len(runs)} runs, not {size}")
        return answer
    return story


def walk_thread_runs(done):
    done.ident = fill_thread(done.session)
    everything = [run["run_id"] for run in done.send(query="?limit=100").json]
    seen = []
    for offset in (0, 5, 10):
        seen += [run["run_id"] for run in done.send(query=f"?limit=5&offset={offset}").json]
    expect(sorted(seen) == sorted(everything), f"pages {seen}, the whole is {everything}")
    return done.send(query="?limit=5&offset=12")


# Threads --------------------------------------------------------------------------------------------------

CHOSEN = "0a0b0c0d-0000-4000-8000-00000000abcd"


def there_already(if_exists):
    def story(done):
        make_thread(done.session, thread_id=CHOSEN, metadata={"team": "blue"})
        before = done.session.get(f"/threads/{CHOSEN}").json
        body = {"thread_id": CHOSEN, "metadata": {"team": "red"}, **({"if_exists": if_exists} if if_exists else {})}
        answer = done.send(body)
        after = done.session.get(f"/threads/{CHOSEN}").json
        expect(before == after, f"it was {before} and is {after}")
        if answer.status == 200:
            expect(answer.json == before, f"{answer}: not the one that is there")
        return answer
    return story


def merge(done):
    answer = done.send({"metadata": {"ticket": "8", "mood": "good"}})
    wanted = {"team": "blue", "ticket": "8", "mood": "good"}
    for body in (answer.json, done.session.get(f"/threads/{done.ident}").json):
        check_thread(body)
        expect(body["metadata"] == wanted, f"{body}: not {wanted}")
    return answer


def patch_values(done):
    answer = done.send({"values": {"colour": "green"}})
    expect(answer.status == 200, f"{answer}: not changed")
    found = done.session.get(f"/threads/{done.ident}").json
    expect((found.get("values") or {}).get("colour") == "green", f"{found}: the values are others")
    states = done.session.get(f"/threads/{done.ident}/history")
    expect(any((state["values"] or {}).get("colour") == "green" for state in states.json), f"{states}: not in history")
    return answer


def copy(done):
    source = done.session.get(f"/threads/{done.ident}").json
    answer = done.send()
    if answer.status != 200:
        return answer
    check_thread(answer.json)
    expect(answer.json["thread_id"] != done.ident, f"{answer}: not a thread of its own")
    for name in ("metadata", "values", "messages"):
        expect(answer.json.get(name) == source.get(name), f"{answer}: {name} of {source}")
    found = done.session.get(f"/threads/{answer.json['thread_id']}")
    expect(found.status == 200 and found.json == answer.json, f"{found}: not the copy")
    histories = [done.session.get(f"/threads/{ident}/history?limit=100").json
                 for ident in (done.ident, answer.json["thread_id"])]
    values = [[state["values"] for state in history] for history in histories]
    expect(values[0] == values[1], f"histories {values}")
    return answer


def copy_is_apart(done):
    answer = done.send()
    done.session.send("PATCH", f"/threads/{answer.json['thread_id']}", {"metadata": {"team": "red"}})
    source = done.session.get(f"/threads/{done.ident}").json
    expect(source["metadata"]["team"] == "blue", f"{source}: changed with its copy")
    return answer


def history(query, most):
    def story(done):
        if done.state != "absent":
            advance_until(done.session, make_run(done.session, done.ident), "success")
        answer = done.send(query=query)
        if answer.status != 200:
            return answer
        expect(isinstance(answer.json, list), f"{answer}: no history")
        expect(0 < len(answer.json) <= most, f"{answer}: {len(answer.json)} states")
        for state in answer.json:
            check_thread_state(state)
        ids = [state["checkpoint"]["checkpoint_id"] for state in answer.json]
        expect(len(ids) == len(set(ids)), f"a checkpoint twice: {ids}")
        return answer
    return story


def runs_go_with_it(done):
    run = bring(done.session, done.ident, "success")
    answer = done.send()
    found = done.session.get(f"/threads/{run[0]}/runs/{run[1]}")
    expect(found.status == 404, f"{found}: a run of a thread that is gone")
    return answer


def names_agree(done):
    """The agent of a run is one that can be searched for, and its descriptor names it alike."""
    answer = done.send()
    descriptor = done.session.get(f"/agents/{done.ident}/descriptor").json
    expect(answer.json["metadata"] == descriptor["metadata"], f"{answer}: its descriptor is {descriptor['metadata']}")
    return answer


def unchanged_by_metadata(done):
    """The checkpoint is ignored for a patch of metadata alone."""
    return done.send({"checkpoint": {"checkpoint_id": CHOSEN}, "metadata": {"team": "red"}})


def default_agent(done):
    """A run without an agent has one that can be asked for."""
    specs = descriptor_of(done.session)
    require(specs, "specs", capabilities=dict)
    return done.send({})


STORIES = {
    **{(name, cause): story for name in SEARCHES for cause, story in (
        ("without a limit", usual_page), ("pages of 1", walk(1)), ("pages of 4", walk(4)))},
    ("list_thread_runs", "without a limit"): thread_runs("", 10),
    ("list_thread_runs", "limit 3"): thread_runs("?limit=3", 3),
    ("list_thread_runs", "limit 3 offset 10"): thread_runs("?limit=3&offset=10", 2),
    ("list_thread_runs", "offset 1"): thread_runs("?offset=1", 10),
    ("list_thread_runs", "pages of 5"): walk_thread_runs,
    ("create_thread", "there already"): there_already(None),
    ("create_thread", "there already: raise"): there_already("raise"),
    ("create_thread", "there already: do nothing"): there_already("do_nothing"),
    ("patch_thread", "metadata is merged"): merge,
    ("patch_thread", "values"): patch_values,
    ("patch_thread", "a checkpoint and metadata"): unchanged_by_metadata,
    ("copy_thread", "plain"): copy,
    ("copy_thread", "apart from its source"): copy_is_apart,
    ("get_thread_history", "plain"): history("", 10),
    ("get_thread_history", "limit 1"): history("?limit=1", 1),
    ("delete_thread", "its runs go with it"): runs_go_with_it,
    ("get_agent_by_id", "names agree"): names_agree,
    ("create_stateless_run", "the default agent"): default_agent,
}
