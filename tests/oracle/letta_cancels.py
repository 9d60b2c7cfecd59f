# SPDX-License-Identifier: Apache-2.0
"""Cancelling, and the streams of runs that go on or are over: FACTS.md sections 4 and 5."""

from letta_shapes import check_run, check_stream
from letta_states import HELLO, NOBODY, cancel, get_run, make_agent, start
from oracle_client import expect


# Cancelling -----------------------------------------------------------------------------------------------

def cancel_named(done):
    """With run_ids: a map of each to what became of it."""
    answer = done.session.post(f"/v1/agents/{done.ident[0]}/messages/cancel", {"run_ids": [done.ident[1]]})
    wanted = "failed" if done.state in ("absent", "malformed") else "cancelled"
    expect(answer.status != 200 or answer.json == {done.ident[1]: wanted}, f"{answer}: not {wanted}")
    return answer


def cancel_unnamed(done):
    answer = done.session.post(f"/v1/agents/{done.ident[0]}/messages/cancel")
    expect(answer.status != 200 or answer.json == {done.ident[1]: "cancelled"}, f"{answer}: not that run")
    return answer


def cancel_several(done):
    agent = done.ident[0]
    other = start(done.session, agent)
    ids = [done.ident[1], other[1], "run-" + NOBODY]
    answer = done.session.post(f"/v1/agents/{agent}/messages/cancel", {"run_ids": ids})
    expect(answer.json == dict(zip(ids, ["cancelled", "cancelled", "failed"])), f"{answer}: not each of them")
    return answer


def cancel_by_another(done):
    answer = done.session.post(f"/v1/agents/{make_agent(done.session)}/messages/cancel", {"run_ids": [done.ident[1]]})
    expect(answer.json == {done.ident[1]: "cancelled"}, f"{answer}: refused")
    return answer


def cancel_twice(done):
    first, answer = cancel_named(done), cancel_named(done)
    expect(first.json == answer.json, f"{first}, and then {answer}")
    return answer


def cancel_and_look(done):
    """The end of a cancelled run stays, and its times."""
    before = get_run(done.session, done.ident)
    if before["completed_at"] is not None:
        done.session.advance("1s")
    answer = cancel_named(done)
    run = get_run(done.session, done.ident)
    expect(run["stop_reason"] == "cancelled", f"{run}: stop_reason")
    kept = before["completed_at"]
    expect(run["completed_at"] is not None and kept in (None, run["completed_at"]), f"completed_at was {kept}: {run}")
    done.session.advance("1h")
    expect(get_run(done.session, done.ident) == run, f"an hour later it is {get_run(done.session, done.ident)}")
    return answer


def leaves_a_refusal(done):
    """Cancelling a run that waits answers its calls for it: they are denied."""
    answer = cancel_named(done)
    told = done.session.get(f"/v1/agents/{done.ident[0]}/messages?order=asc").json
    kinds = [message["message_type"] for message in told]
    place = kinds.index("approval_request_message")
    expect("approval_response_message" in kinds[place:] and "tool_return_message" in kinds[place:], f"afterwards {kinds}")
    response = told[kinds.index("approval_response_message")]
    expect(all(item["approve"] is False for item in response["approvals"]), f"not denied: {response}")
    expect("cancelled the request" in str(response["approvals"]), f"the reason is another: {response}")
    answer_after = done.session.post(f"/v1/agents/{done.ident[0]}/messages", HELLO)
    expect(answer_after.status == 200, f"{answer_after}: the agent still waits")
    return answer


def cancel_conversation(done):
    answer = done.send()
    if answer.status == 200:
        expect(answer.json and set(answer.json.values()) == {"cancelled"}, f"{answer}: nothing was cancelled")
        for run in answer.json:
            told = done.session.get(f"/v1/runs/{run}").json
            expect(told["status"] == "cancelled", f"{answer}: the run is {told}")
    return answer


# Streams of runs ------------------------------------------------------------------------------------------

def resume(done, body):
    return done.session.post(f"/v1/runs/{done.ident[1]}/stream", body)


def resume_whole(done):
    answer = resume(done, {})
    expect(answer.status == 200, f"{answer}: no stream")
    told = [data for data in check_stream(answer, True) if data["message_type"] != "ping"]
    numbers = [data["seq_id"] for data in told if data.get("seq_id") is not None]
    expect(numbers and numbers[0] in (1, 2), f"{answer}: seq_ids {numbers} (a ping may be the first)")
    return answer


def resume_from_the_middle(done):
    """starting_after N begins with the chunk after N; the cursor on the chunk before the last three gives three."""
    whole = [data for data in check_stream(resume(done, {"include_pings": False})) if data["message_type"] != "ping"]
    numbered = [data["seq_id"] for data in whole if data.get("seq_id") is not None]
    answer = resume(done, {"starting_after": numbered[0], "include_pings": False})
    rest = [data for data in check_stream(answer) if data["message_type"] != "ping"]
    expect(rest == whole[1:], f"after {numbered[0]}: {rest}, the whole is {whole}")
    answer = resume(done, {"starting_after": numbered[-1], "include_pings": False})
    kinds = [frame["data"] if frame["data"] == "[DONE]" else frame["data"]["message_type"] for frame in answer.events]
    expect(kinds == ["stop_reason", "usage_statistics", "[DONE]"], f"after the last message: {kinds}")
    return answer


def resume_later(done):
    done.session.advance("2h")
    return resume(done, {})


def resume_too_late(done):
    done.session.advance("3h")
    done.session.advance("1m")
    return resume(done, {})


def resume_plainly(done):
    return resume(done, {})


def empty_cancelled(done):
    run = start(done.session, done.ident[0])
    cancel(done.session, run)
    check_run(get_run(done.session, run))
    return done.send()


STORIES = {
    **{("cancel_message", cause): story for cause, story in (
        ("named", cancel_named), ("unnamed", cancel_unnamed), ("several", cancel_several), ("twice", cancel_twice),
        ("by another agent", cancel_by_another), ("for good", cancel_and_look), ("leaves a refusal", leaves_a_refusal))},
    ("cancel_message", "after a cancellation"): empty_cancelled,
    ("cancel_conversation", "plain"): cancel_conversation,
    **{("retrieve_stream_for_run", cause): story for cause, story in (
        ("plain", resume_plainly), ("whole", resume_whole), ("from the middle", resume_from_the_middle),
        ("two hours later", resume_later), ("three hours later", resume_too_late))},
}
