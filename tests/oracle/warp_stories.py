# SPDX-License-Identifier: Apache-2.0
"""Causes that take more than one request: how runs unfold, signed links, schedules that fire, what a change
leaves alone. Each returns the answer that the row's status and error code are about."""

import urllib.parse

import warp_services
from oracle_client import expect
from oracle_rows import require, time_of
from warp_shapes import ASKED_FOR, CODES, WORKING, check_artifact
from warp_states import advance_until, create, get_run, is_debugged, observe_run

LONG = "192h"  # no signed link lives for eight days
HOSTS = ["", "/api/v1", "/warp", "/warp/api/v1"]


def bend(url):
    """The same link with one character of its query changed, and its path left alone."""
    parts = urllib.parse.urlsplit(url)
    expect(parts.query, f"'{url}' is not signed")
    last = "0" if parts.query[-1] != "0" else "1"
    return urllib.parse.urlunsplit(parts._replace(query=parts.query[:-1] + last))


def follow(session, url, how):
    if how == "expired":
        session.advance(LONG)
    answer = session.fetch(bend(url) if how == "bent" else url)
    if how == "good":
        expect(answer.status == 200 and answer.content, f"{answer}: a signed link serves no bytes")
    return answer


# Runs -----------------------------------------------------------------------------------------------------

def unfold(outcome):
    """Follows a new run to its end and checks the order of what is seen on the way."""
    def story(done):
        order = WORKING + ["SUCCEEDED", "FAILED", "ERROR", "BLOCKED", "CANCELLED"]
        seen = ["QUEUED"]

        def at_end(run):
            if run["state"] != seen[-1]:
                seen.append(run["state"])
            return run["state"] not in WORKING

        done.ident = create(done.session, outcome)
        run = advance_until(done.session, done.ident, at_end, "to an end")
        expect([order.index(state) for state in seen] == sorted(order.index(state) for state in seen),
               f"states out of order: {seen}")
        if outcome == "success":
            expect(seen == WORKING + ["SUCCEEDED"], f"not every state was seen: {seen}")
        code = (run.get("status_message") or {}).get("error_code")
        wanted = done.row["error"]
        expect(not wanted or code == wanted, f"error_code '{code}', not '{wanted}'")
        expect(code is None or code in CODES, f"unknown error_code '{code}'")
        if run["state"] in ("FAILED", "ERROR"):
            expect(code, f"a run that went wrong has no error_code: {run}")
        return done.session.get(f"/agent/runs/{done.ident}")
    return story


def at_capacity(done):
    answer = done.session.post("/agent/runs", {"prompt": "wait"}, headers={"X-Dryrun-Outcome": "at_capacity"})
    expect(answer.json.get("at_capacity") is True, f"{answer}: at_capacity is not true")
    done.ident = answer.json["run_id"]
    done.session.advance("290s")
    expect(observe_run(done.session, done.ident) == "QUEUED", "a worker at capacity took the run in 290 s")
    advance_until(done.session, done.ident, lambda run: run["state"] == "SUCCEEDED", "to SUCCEEDED")
    return answer


def inherit_metadata(done):
    parent = create(done.session, "hang", metadata={"ticket": "7", "team": "blue"})
    answer = done.session.post("/agent/runs", {"prompt": "a part", "parent_run_id": parent,
                                               "metadata": {"team": "red"}})
    run = get_run(done.session, answer.json["run_id"])
    expect(run.get("metadata") == {"ticket": "7", "team": "red"}, f"metadata {run.get('metadata')}")
    expect(run.get("parent_run_id") == parent, f"parent_run_id {run.get('parent_run_id')}")
    return answer


def keep_what_was_sent(done):
    body = {"prompt": "fix it", "title": "Login", "config": {"name": "nightly", "model_id": "auto"},
            "metadata": {"ticket": "7"}}
    answer = done.session.post("/agent/runs", body)
    run = get_run(done.session, answer.json["run_id"])
    seen = {name: run.get(name) for name in ("prompt", "title", "metadata")}
    expect(seen == {name: body[name] for name in seen}, f"sent {body}, kept {seen}")
    kept = run.get("agent_config", {})
    expect(all(kept.get(name) == value for name, value in body["config"].items()), f"agent_config {kept}")
    expect(run.get("source") == "API" and run.get("execution_location") == "REMOTE", f"source: {run}")
    return answer


def hand_off(done):
    first = create(done.session, "success")
    run = advance_until(done.session, first, lambda run: run["state"] == "SUCCEEDED", "to SUCCEEDED")
    return done.session.post("/agent/runs", {"conversation_id": run["conversation_id"]})


def other_bases(done):
    for base in HOSTS:
        done.session.base = base
        answer = done.session.get(done.path)
        expect(answer.status == 200, f"{answer}: not served there")
    return answer


def with_team(done):
    return done.session.post("/agent/runs", {"prompt": "fix it"}, headers={"X-Warp-Team-Uid": "team-1"})


def cancel_twice(done):
    first = done.send()
    expect(first.status == 200, f"{first}: not cancelled")
    return done.send()


def cancel_after_pending(done):
    """A PENDING run that is cancelled again when it has been claimed: what retryable true promises."""
    run_id = done.ident = create(done.session, "success")
    advance_until(done.session, run_id, lambda run: run["state"] == "PENDING", "to PENDING")
    first = done.session.post(f"/agent/runs/{run_id}/cancel")
    expect(first.status == 409 and first.json["retryable"] is True, f"{first}: not a conflict to try again")
    advance_until(done.session, run_id, lambda run: run["state"] == "CLAIMED", "to CLAIMED")
    return done.session.post(f"/agent/runs/{run_id}/cancel")


def stays_cancelled(done):
    answer = done.send()
    done.session.advance("1h")
    return answer


def problem_says(name, value):
    def story(done):
        answer = done.send()
        expect(answer.json.get(name) == value, f"{answer}: '{name}' is {answer.json.get(name)!r}, not {value!r}")
        return answer
    return story


def follow_to_the_end(done):
    """A follow-up to an ended run: the same run works again, and ends again."""
    answer = done.send({"message": "once more"})
    advance_until(done.session, done.ident, lambda run: run["state"] not in WORKING, "to its second end")
    return answer


def keep_the_failure(done):
    """In the debug window the run keeps its failure."""
    before = get_run(done.session, done.ident)["status_message"]
    answer = done.send({"message": "what went wrong?"})
    after = get_run(done.session, done.ident)["status_message"]
    for name in ("message", "error_code"):
        expect(before.get(name) == after.get(name), f"status_message changed: {before} -> {after}")
    expect(is_debugged({"status_message": after}), "the debug window closed")
    return answer


def without_message(done):
    """Empty is fine for a run that goes on from a saved conversation, and only there."""
    run = get_run(done.session, done.ident)
    expect(run.get("conversation_id"), f"an ended run without a conversation: {run}")
    return done.send({})


def window_closed(done):
    run = get_run(done.session, done.ident)
    answer = done.send({"message": "try again"})
    if not run.get("conversation_id"):
        expect(answer.status == 400, f"{answer}: no sandbox and no conversation, yet accepted")
    else:
        expect(observe_run(done.session, done.ident) in WORKING, f"{answer}: accepted, and nothing works on it")
    return answer


# What hangs on a run --------------------------------------------------------------------------------------

def attachments(count, how="good"):
    def story(done):
        answer = done.send()
        if answer.status != 200:
            return answer
        require(answer.json, "attachments", attachments=list)
        items = answer.json["attachments"]
        expect(bool(items) == (count == "some"), f"{answer}: not {count} attachments")
        for item in items:
            require(item, "attachment", attachment_id=str, download_url=str, filename=str)
        if not items:
            return answer
        done.session.advance("1s")
        fresh = done.send().json["attachments"]
        expect([item["attachment_id"] for item in fresh] == [item["attachment_id"] for item in items], "other ids")
        expect(all(a["download_url"] != b["download_url"] for a, b in zip(items, fresh)), "the links are not fresh")
        answers = [follow(done.session, item["download_url"], how) for item in items]
        return answer if how == "good" else answers[0]
    return story


def attachments_while_working(done):
    """The latest ended execution counts: a follow-up takes nothing away."""
    before = [item["attachment_id"] for item in done.send().json["attachments"]]
    answer = done.session.post(f"/agent/runs/{done.ident}/followups", {"message": "once more"},
                               headers={"X-Dryrun-Outcome": "hang"})
    expect(answer.status == 200, f"{answer}: no follow-up")
    answer = done.send()
    after = [item["attachment_id"] for item in answer.json["attachments"]]
    expect(before and after == before, f"attachments before {before}, after {after}")
    return answer


EVENTS = {"QUEUED": "oz_run_created", "CLAIMED": "oz_run_claimed", "INPROGRESS": "agent_started",
          "SUCCEEDED": "oz_run_done", "BLOCKED": "oz_run_blocked", "CANCELLED": "oz_run_cancelled",
          "FAILED": "oz_run_failed", "ERROR": "oz_run_errored", "PENDING": "oz_run_created"}
EVENT_TYPES = set(EVENTS.values()) | {"worker_container_ready", "shared_session_started", "vm_shutdown"}


def timeline(done):
    answer = done.send()
    if answer.status != 200:
        return answer
    kinds = [event["event_type"] for event in answer.json["events"]]
    expect(kinds and kinds[0] == "oz_run_created" and set(kinds) <= EVENT_TYPES, f"events {kinds}")
    expect(EVENTS[done.state] in kinds, f"a {done.state} run has no {EVENTS[done.state]} in {kinds}")
    expect(all(event["run_id"] == done.ident for event in answer.json["events"]), "events of another run")
    ends = {EVENTS[state] for state in EVENTS if state not in WORKING}
    if done.state in WORKING:
        expect(not ends & set(kinds), f"a {done.state} run has ended, says {kinds}")
    return answer


def conversation(done):
    """There exactly when the run says that it has one."""
    run = get_run(done.session, done.ident) if done.state != "absent" else {}
    answer = done.send()
    expect(answer.status == (200 if run.get("conversation_id") else 404), f"{answer}: the run's is {run}")
    if answer.status == 200:
        expect(answer.json["conversation_id"] == run["conversation_id"], f"{answer}: another conversation")
    return answer


def other_harness(done):
    """Its conversation may be of a format that the normalized endpoint does not know."""
    done.ident = create(done.session, "success", {"harness": {"type": "claude"}})
    advance_until(done.session, done.ident, lambda run: run["state"] == "SUCCEEDED", "to SUCCEEDED")
    return done.session.get(f"/agent/runs/{done.ident}/conversation")


def redirect(how):
    def story(done):
        answer = done.send()
        if answer.status != 302:
            return answer
        expect(answer.headers.get("Location"), f"{answer}: no Location")
        if done.row["operation"] == "downloadArtifact":
            for name in ("Cache-Control", "X-Content-Type-Options"):
                expect(answer.headers.get(name), f"{answer}: no {name}")
        followed = follow(done.session, answer.headers["Location"], how)
        return answer if how == "good" else followed
    return story


def artifact(how):
    def story(done):
        answer = done.send()
        if answer.status != 200:
            return answer
        check_artifact(answer.json, ASKED_FOR)
        expect(answer.json["artifact_type"] == done.state, f"{answer}: not a {done.state}")
        data = answer.json["data"]
        if done.state == "PLAN":
            return answer
        expect(time_of(data["expires_at"]) > time_of(answer.json["created_at"]), f"{answer}: expired when born")
        followed = follow(done.session, data["download_url"], how)
        if how == "good" and "size_bytes" in data:
            expect(len(followed.content) == data["size_bytes"], f"{len(followed.content)} bytes, not as told")
        return answer if how == "good" else followed
    return story


def external_reference(how):
    def story(done):
        run_id = create(done.session, "success")
        run = advance_until(done.session, run_id, lambda run: run["state"] == "SUCCEEDED", "to SUCCEEDED")
        urls = [item["data"]["url"] for item in run.get("artifacts", [])
                if item["artifact_type"] == "EXTERNAL_REFERENCE"]
        expect(urls, f"a successful run has no external reference: {run.get('artifacts')}")
        url = {"known": urls[0], "unknown": "https://example.com/nobody", "too long": "https://x.y/" + "a" * 2037}
        query = "?" + urllib.parse.urlencode({"url": url[how]}) if how in url else ""
        answer = done.send(query=query)
        if how == "known" and answer.status == 200:
            told = get_run(done.session, answer.json["run_id"])
            expect(urls[0] in str(told.get("artifacts")), f"{answer}: that run has no such artifact")
        return answer
    return story


def redirect_check(done):
    return done.send(headers={"Authorization": None})




STORIES = {
    **{("getRun", f"unfolds as {name}"): unfold(name) for name in (
        "success", "user_error", "out_of_credits", "platform_error", "unavailable", "blocked", "plan",
        "setup_failure", "slow")},
    ("createRun", "at capacity"): at_capacity,
    ("createRun", "a child inherits metadata"): inherit_metadata,
    ("createRun", "what was sent is kept"): keep_what_was_sent,
    ("createRun", "a conversation to go on with"): hand_off,
    ("createRun", "with a team"): with_team,
    ("getRun", "below each base"): other_bases,
    ("cancelRun", "twice"): cancel_twice,
    ("cancelRun", "again when claimed"): cancel_after_pending,
    ("cancelRun", "an hour later"): stays_cancelled,
    ("cancelRun", "retryable is true"): problem_says("retryable", True),
    ("cancelRun", "retryable is false"): problem_says("retryable", False),
    ("submitRunFollowup", "to its second end"): follow_to_the_end,
    ("submitRunFollowup", "the failure is kept"): keep_the_failure,
    ("submitRunFollowup", "no message, a saved conversation"): without_message,
    ("submitRunFollowup", "after the window"): window_closed,
    ("handoffAttachments", "none yet"): attachments("no"),
    ("handoffAttachments", "links serve bytes"): attachments("some"),
    ("handoffAttachments", "a bent link"): attachments("some", "bent"),
    ("handoffAttachments", "an expired link"): attachments("some", "expired"),
    ("handoffAttachments", "at work again"): attachments_while_working,
    ("getRunTimeline", "plain"): timeline,
    ("getRunConversation", "plain"): conversation,
    ("getRunConversation", "a harness of another maker"): other_harness,
    **{(name, cause): redirect(how) for name in (
        "getRunTranscript", "getConversationTranscript", "downloadArtifact")
       for cause, how in (("plain", "good"), ("a bent link", "bent"), ("an expired link", "expired"))},
    ("getArtifact", "plain"): artifact("good"),
    ("getArtifact", "a bent link"): artifact("bent"),
    ("getArtifact", "an expired link"): artifact("expired"),
    **{("getRunByExternalReferenceURL", how): external_reference(how) for how in (
        "known", "unknown", "too long", "no url")},
    ("getSessionRedirect", "plain"): redirect_check,
    ("conversationRedirect", "plain"): redirect_check,
    **warp_services.STORIES,
}
