# SPDX-License-Identifier: Apache-2.0
"""Runs that are resumed, cancelled and deleted: FACTS.md sections 3 and 4."""

from acp_shapes import check_run, check_stream, check_waited
from acp_states import (advance_until, bring, descriptor_of, example_of, get_run, make_thread, observe_run, path_of)
from oracle_client import expect
from oracle_rows import time_of

JOINERS = ("wait_for_thread_run_output", "wait_for_stateless_run_output")
RESUMERS = ("resume_thread_run", "resume_stateless_run")


def interrupt_of(done):
    """The descriptor's entry for the interrupt that the run waits with: told by a member or by the first key."""
    run = get_run(done.session, done.ident)
    entries = {item["interrupt_type"]: item for item in descriptor_of(done.session, run).get("interrupts") or []}
    expect(entries, "an interrupted run of an agent without interrupts")
    payload = done.session.get(path_of(done.ident) + "/wait").json["output"]["interrupt"]
    names = [payload.get("interrupt_type"), *payload] if isinstance(payload, dict) else []
    known = [name for name in names if name in entries]
    expect(known, f"the interrupt {payload} is none of {list(entries)}")
    return entries[known[0]]


def resume(done):
    if done.state != "interrupted":
        entries = descriptor_of(done.session).get("interrupts") or [{"resume_payload": {}}]
        return done.send(example_of(entries[0]["resume_payload"]))
    before = get_run(done.session, done.ident)
    done.session.advance("1s")
    answer = done.send(example_of(interrupt_of(done)["resume_payload"]))
    expect(answer.status == 200, f"{answer}: not resumed")
    check_run(answer.json)
    expect(answer.json["status"] == "pending", f"{answer}: not pending")
    expect(time_of(answer.json["updated_at"]) > time_of(before["updated_at"]), f"{answer}: updated_at stood still")
    return answer


def resume_typed(done):
    """The prose's form of a resumption: the type beside the payload."""
    entry = interrupt_of(done)
    body = {"interrupt_type": entry["interrupt_type"], "resume_payload": example_of(entry["resume_payload"])}
    return done.send(body)


def payload_names_its_type(form):
    """A member that names the type, or the type as the first key."""
    def story(done):
        answer = done.send()
        payload, known = answer.json["output"]["interrupt"], interrupt_of(done)["interrupt_type"]
        found = payload.get("interrupt_type") if form == "typed" else next(iter(payload))
        expect(found == known, f"{answer}: '{found}', not '{known}'")
        return answer
    return story


def resume_and_wait(done):
    answer = resume(done)
    waited = done.session.get(path_of(done.ident) + "/wait")
    expect(waited.status == 200, f"{waited}: no output after the resumption")
    check_waited(waited)
    return answer


def resume_and_stream(done):
    answer = resume(done)
    streamed = done.session.get(path_of(done.ident) + "/stream")
    expect(streamed.status == 200 and check_stream(streamed), f"{streamed}: no events after the resumption")
    return answer


def resume_twice(done):
    resume(done)
    return done.send(example_of({"type": "object"}))


def resume_wrongly(done):
    schema = interrupt_of(done)["resume_payload"]
    expect(schema.get("type") == "object", f"no payload is wrong for {schema}")
    return done.send(7)


def asked_again(done):
    """Several interrupts may follow one another on one run."""
    ident = bring(done.session, make_thread(done.session) if isinstance(done.ident, tuple) else None, "asked twice")
    done.ident = ident
    for _ in range(2):
        advance_until(done.session, ident, "interrupted")
        answer = done.send(example_of(interrupt_of(done)["resume_payload"]))
        expect(answer.status == 200 and answer.json["status"] == "pending", f"{answer}: not resumed")
    waited = done.session.get(path_of(ident) + "/wait")
    expect(waited.json["output"]["type"] == "result", f"{waited}: no result in the end")
    return answer


def checkpoints_go(done):
    """A rollback deletes the run and its checkpoints."""
    thread = make_thread(done.session, metadata={"team": "blue"})
    bring(done.session, thread, "success")
    before = done.session.get(f"/threads/{thread}/history").json
    done.ident = bring(done.session, thread, "pending")
    done.session.advance("300ms")
    answer = done.send(query="?action=rollback&wait=true")
    after = done.session.get(f"/threads/{thread}/history").json
    expect(before == after, f"the history was {before} and is {after}")
    return answer


def cancel_and_wait(done):
    """wait=true answers when the cancellation is done: nothing is to come any more."""
    answer = done.send(query="?wait=true")
    seen = observe_run(done.session, done.ident)
    done.session.advance("1h")
    after = observe_run(done.session, done.ident)
    expect(seen == after, f"cancelled it was {seen}, an hour later {after}")
    return answer


def stays_cancelled(done):
    answer = done.send()
    done.session.advance("1h")
    expect(observe_run(done.session, done.ident) != "success", "a cancelled run succeeded")
    return answer


def thread_goes_on(done):
    """After a cancellation the thread takes a new run."""
    answer = done.send(query="?wait=true")
    bring(done.session, done.ident[0], "success")
    return answer


def delete_twice(done):
    first = done.send()
    expect(first.status == 204, f"{first}: not deleted")
    return done.send()


def thread_stays(done):
    answer = done.send()
    thread = done.session.get(f"/threads/{done.ident[0]}")
    expect(thread.status == 200, f"{thread}: gone with its run")
    return answer


STORIES = {
    **{(name, cause): story for name in RESUMERS for cause, story in (
        ("plain", resume), ("then wait", resume_and_wait), ("then stream", resume_and_stream), ("twice", resume_twice),
        ("payload of the wrong type", resume_wrongly))},
    **{(name, cause): story for name in ("cancel_thread_run", "cancel_stateless_run") for cause, story in (
        ("done when answered", cancel_and_wait), ("stays so", stays_cancelled))},
    ("cancel_thread_run", "its checkpoints go"): checkpoints_go,
    **{(name, "asked again"): asked_again for name in RESUMERS},
    **{(name, "typed"): resume_typed for name in RESUMERS},
    **{(name, f"the payload is {form}"): payload_names_its_type(form) for name in JOINERS for form in ("typed", "wrapped")},
    ("cancel_thread_run", "the thread goes on"): thread_goes_on,
    **{(name, "twice"): delete_twice for name in ("delete_thread_run", "delete_stateless_run", "delete_thread")},
    ("delete_thread_run", "the thread stays"): thread_stays,
}
