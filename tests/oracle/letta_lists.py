# SPDX-License-Identifier: Apache-2.0
"""Lists, FACTS.md section 2: filters and cursors as they are documented. What a filter must find is worked out here from
the list without it."""

from letta_shapes import check_message, check_run, check_step
from letta_states import HELLO, advance_to_end, bring_run, make_agent, make_conversation, start
from oracle_client import expect
from oracle_rows import time_of


def fill(session):
    """Runs that the filters tell apart, of two agents, a second apart."""
    agents = [make_agent(session), make_agent(session)]
    for number, agent in enumerate(agents):
        if number:
            conversation = make_conversation(session, agent)
            session.post(f"/v1/conversations/{conversation}/messages", HELLO)
        else:
            start(session, agent, "nothing")
        for state in ("completed", "failed", "cancelled", "sent", "waiting"):
            session.advance("1s")
            bring_run(session, state, "", agent)
    return {"agent": agents[0], "other": agents[1], "conversation": conversation}


FILTERS = {
    "agent_id": lambda run, values: run["agent_id"] in values,
    "statuses": lambda run, values: run["status"] in values,
    "background": lambda run, values: run["background"] is (values[0] == "true"),
    "stop_reason": lambda run, values: run["stop_reason"] in values,
    "conversation_id": lambda run, values: run["conversation_id"] in values,
    "active": lambda run, values: values[0] == "false" or run["status"] in ("created", "running"),
}


def get(session, query):
    answer = session.get("/v1/runs/?" + query)
    expect(answer.status == 200 and isinstance(answer.json, list), f"{answer}: no bare array")
    for run in answer.json:
        check_run(run, True)
        expect(run["completed_at"] is None or run["total_duration_ns"] is not None, f"no total_duration_ns: {run}")
    return answer


def find(done):
    """'find QUERY': who must be there is, who must not is not."""
    names = fill(done.session)
    text = done.cause[5:]
    for name, value in names.items():
        text = text.replace("{" + name + "}", value)
    query = {}
    for pair in text.split("&"):
        name, _, value = pair.partition("=")
        query.setdefault(name, []).append(value)
    everything = get(done.session, "limit=1000").json
    answer = get(done.session, "limit=1000&" + text)
    if "statuses" in query:
        query.pop("active", None)  # ignored when statuses are given
    wanted = [run["id"] for run in everything
              if all(FILTERS[name](run, values) for name, values in query.items())]
    expect([run["id"] for run in answer.json] == wanted, f"{answer}: not {wanted}")
    expect(wanted and (len(wanted) < len(everything) or query.get("active") == ["false"]), f"{text}: tells nothing apart")
    return answer


def ordered(query, order):
    def story(done):
        fill(done.session)
        answer = get(done.session, query)
        times = [time_of(run["created_at"]) for run in answer.json]
        expect(times == sorted(times, reverse=order == "desc") and len(set(times)) > 5, f"'{query}': not {order}")
        return answer
    return story


def walk(size, order, cursor="after"):
    """As the clients do: after=the last id until a page is empty (before=the first id, the other way)."""
    def story(done):
        fill(done.session)
        everything = [run["id"] for run in get(done.session, f"limit=1000&order={order}").json]
        seen, more = [], f"&before={everything[-1]}" if cursor == "before" else ""
        wanted = everything if cursor == "after" else everything[:-1]
        while True:
            answer = get(done.session, f"limit={size}&order={order}{more}")
            ids = [run["id"] for run in answer.json]
            if not ids:
                break
            seen = seen + ids if cursor == "after" else ids + seen
            expect(len(seen) <= len(wanted), f"the pages do not end: {seen}")
            more = f"&after={ids[-1]}" if cursor == "after" else f"&before={ids[0]}"
        expect(seen == wanted if cursor == "after" else sorted(seen) == sorted(wanted), f"{seen}, the whole is {wanted}")
        return answer
    return story


def cursor_of(query, at, name, wanted):
    """One page from a cursor, as the archived server reads it: `wanted` of the newest first."""
    def story(done):
        fill(done.session)
        everything = [run["id"] for run in get(done.session, "limit=1000").json]
        there = everything if "asc" not in query else everything[::-1]
        answer = get(done.session, f"limit=1000&{query}&{name}={there[at]}")
        ids = [run["id"] for run in answer.json]
        place = everything.index(there[at])
        right = everything[:place] if wanted == "newer" else everything[place + 1:]
        expect(sorted(ids) == sorted(right) and ids, f"{name} the third of '{query}': {ids}, not the {wanted} {right}")
        return answer
    return story


def unknown_cursor(done):
    fill(done.session)
    everything = get(done.session, "limit=1000").json
    answer = get(done.session, "limit=1000&after=run-00000000-0000-4000-8000-ffffffffffff")
    expect(answer.json == everything, f"{answer}: not the first page")
    return answer


def message_cursor(name, order):
    """Of an agent's messages: always by time, whatever the order."""
    def story(done):
        agent = done.ident
        for _ in range(2):
            done.session.post(f"/v1/agents/{agent}/messages", HELLO)
            done.session.advance("10s")
        path = f"/v1/agents/{agent}/messages?limit=1000"
        oldest = [message["id"] for message in done.session.get(path + "&order=asc").json]
        ids = [message["id"] for message in done.session.get(path + f"&order={order}").json]
        answer = done.session.get(path + f"&order={order}&{name}={ids[1]}")
        place = oldest.index(ids[1])
        wanted = oldest[place + 1:] if name == "after" else oldest[:place]
        found = [message["id"] for message in answer.json]
        expect(sorted(found) == sorted(wanted), f"{name} the second in order {order}: {found}, not {wanted}")
        return answer
    return story


def active_list(done):
    names = fill(done.session)
    answer = done.send(query=f"?agent_id={names['agent']}")
    for run in answer.json:
        check_run(run, True)
    expect([run["status"] for run in answer.json] == ["created"], f"{answer}: not the active ones")
    return answer


def active_newest_first(done):
    agent = make_agent(done.session)
    ids = []
    for _ in range(3):
        ids.append(start(done.session, agent, "nothing")[1])
        done.session.advance("1s")
    answer = done.send(query=f"?agent_id={agent}&background=true")
    expect([run["id"] for run in answer.json] == ids[::-1], f"{answer}: not {ids[::-1]}")
    none = done.send(query=f"?agent_id={agent}&background=false")
    expect(none.json == [], f"{none}: runs in the background")
    return answer


# What a run has -------------------------------------------------------------------------------------------

def messages(query, order):
    def story(done):
        answer = done.send(query=query)
        expect(answer.status == 200, f"{answer}: no messages")
        for message in answer.json:
            check_message(message, done.ident[1])
        kinds = [message["message_type"] for message in answer.json]
        expect(kinds and kinds[0 if order == "asc" else -1] == "user_message", f"{order}: {kinds}")
        return answer
    return story


def walk_messages(done):
    everything = [message["id"] for message in done.send().json]
    answer = done.send(query=f"?after={everything[0]}")
    ids = [message["id"] for message in answer.json]
    expect(everything[0] not in ids and ids == [ident for ident in everything if ident in ids], f"after the first: {ids}")
    return answer


def steps(done):
    answer = done.send()
    if answer.status != 200:
        return answer
    expect(answer.json, f"{answer}: no steps")
    for step in answer.json:
        check_step(step)
        expect(step.get("run_id") in (None, done.ident[1]), f"{step}: of another run")
    metrics = done.session.get(f"/v1/runs/{done.ident[1]}/metrics").json
    expect(metrics["num_steps"] == len(answer.json), f"{metrics}: {len(answer.json)} steps")
    return answer


def usage_is_the_sum(done):
    answer = done.send()
    listed = done.session.get(f"/v1/runs/{done.ident[1]}/steps").json
    for name in ("completion_tokens", "prompt_tokens", "total_tokens"):
        total = sum(step.get(name) or 0 for step in listed)
        expect(answer.json[name] == total, f"{answer}: {name} of the steps is {total}")
    return answer


def metrics_at_the_end(done):
    """run_ns is there from the end on, and agrees with the list's duration."""
    ident = done.ident = start(done.session, make_agent(done.session))
    before = done.session.get(f"/v1/runs/{ident[1]}/metrics").json
    expect(before["run_start_ns"] is not None and before.get("run_ns") is None, f"{before}: at the start")
    advance_to_end(done.session, ident)
    answer = done.session.get(f"/v1/runs/{ident[1]}/metrics")
    expect(isinstance(answer.json["run_ns"], int), f"{answer}: at the end")
    listed = done.session.get(f"/v1/runs/?agent_id={ident[0]}").json[0]
    expect(listed["total_duration_ns"] == answer.json["run_ns"], f"{answer}: listed as {listed}")
    return answer


def feedback(value):
    def story(done):
        answer = done.send({"feedback": value, "tags": ["seen"]})
        expect(answer.status == 200 and answer.json["feedback"] == value, f"{answer}: not {value}")
        found = done.session.get(f"/v1/steps/{done.ident}")
        expect(found.json["feedback"] == value, f"{found}: not {value}")
        return answer
    return story


STORIES = {
    ("list_runs", "in order"): ordered("limit=1000", "desc"), ("list_runs", "order asc"): ordered("order=asc", "asc"),
    ("list_runs", "order desc"): ordered("order=desc", "desc"),
    ("list_runs", "ascending wins"): ordered("order=desc&ascending=true", "asc"),
    **{("list_runs", f"pages of {size} {order}"): walk(size, order) for size in (1, 3) for order in ("asc", "desc")},
    ("list_runs", "newer after the third, newest first"): cursor_of("order=desc", 2, "after", "newer"),
    ("list_runs", "older before the third, newest first"): cursor_of("order=desc", 2, "before", "older"),
    ("list_runs", "older after the third, oldest first"): cursor_of("order=asc", 2, "after", "older"),
    ("list_runs", "an unknown cursor"): unknown_cursor,
    **{("list_messages", f"{which} {name} the second, order {order}"): message_cursor(name, order)
       for which, name in (("newer", "after"), ("older", "before")) for order in ("asc", "desc")},
    ("list_runs", "pages of 3 before"): walk(3, "desc", "before"),
    ("list_active_runs", "of an agent"): active_list, ("list_active_runs", "newest first"): active_newest_first,
    ("list_messages_for_run", "in order"): messages("", "asc"),
    ("list_messages_for_run", "order asc"): messages("?order=asc", "asc"),
    ("list_messages_for_run", "order desc"): messages("?order=desc", "desc"),
    ("list_messages_for_run", "after the first"): walk_messages,
    ("list_steps_for_run", "plain"): steps, ("retrieve_usage_for_run", "the sum"): usage_is_the_sum,
    ("retrieve_metrics_for_run", "at the end"): metrics_at_the_end,
    ("modify_feedback_for_step", "positive"): feedback("positive"),
    ("modify_feedback_for_step", "negative"): feedback("negative"),
}
