# SPDX-License-Identifier: Apache-2.0
"""Five services, stopped in the middle: what `dryrun check` asks of each is recorded, then played once without a stop
and once with an export and an import into a new process between. Every answer is the same, headers included, and so is
the state at the end."""
import contextlib
import json
import unittest

from dryrun_test import Mock, main, run

HOP = {"connection", "content-length", "host", "keep-alive", "transfer-encoding", "user-agent"}
PACED = ("--clock", "virtual", "--step", "150ms")  # each request takes as long
HOST = "127.0.0.1:8080"  # absolute links begin with it, whatever the port


def record(provider):
    """[[request, ...] of each session]: a request is (method, path, headers, body)."""
    with Mock(provider, "--clock", "virtual", data=[]) as mock:
        code, out, err = run("check", provider, "--target", mock.url, timeout=250)
        assert code in (0, 1), out + err
        sessions = []
        for session in mock.admin("sessions")["sessions"]:
            rows = mock.admin("requests?limit=100000&bodies=true", session=session["name"])["requests"]
            sessions.append([request_of(row) for row in rows if row["status"] and "operation" in row])
    return [session for session in sessions
            if session and not any(calls_out(request) or never_ends(request) for request in session)]


def calls_out(request):
    """Nobody takes the webhooks here. When a try has failed is real time, and so is what else was put into the queue by
    then; test_state_parts.py has webhooks with a receiver."""
    body = (request[3] or b"").replace(b'" :', b'":')
    return any(member in body for member in (b'"webhook":', b'"callback_url":'))


def never_ends(request):
    """A stream of what does not end by itself: the scenario has left it, and who reads all of it waits for ever."""
    return request[1].endswith("/stream") and request[2].get("X-Dryrun-Outcome") in ("hang", "waiting")


def request_of(row):
    headers = {}
    for line in row.get("request_headers", []):
        name, _, value = line.partition(": ")
        if name.lower() not in HOP:
            headers[name] = value.replace("***", "Bearer somebody" if name.lower() == "authorization" else "somebody")
    body = row.get("request_body")
    if body is not None and not isinstance(body, str):
        body = json.dumps(body)
    return row["method"], row["target"], headers, body.encode() if body else None


def play(mock, sessions, transcript):
    with contextlib.closing(mock.connection()) as connection:
        for requests in sessions:
            for method, path, headers, body in requests:
                answer = mock.request(method, path, body, {**headers, "Host": HOST}, connection=connection)
                transcript.append((method, path, answer.status, sorted(answer.headers.items()), answer.text))


def halves(sessions):
    """Each session is cut at another place, so that every kind of moment is met."""
    first, second = [], []
    for number, session in enumerate(sessions):
        cut = 1 + number * 7 % len(session)
        first.append(session[:cut])
        second.append(session[cut:])
    return first, second


class Services(unittest.TestCase):
    maxDiff = 3000

    def check_service(self, provider):
        sessions = record(provider)
        first, second = halves(sessions)
        whole, parts = [], []
        with Mock(provider, *PACED, data=[]) as mock:
            play(mock, first + second, whole)
            at_end = mock.get("/__admin/state?all=true").text
        with Mock(provider, *PACED, data=[]) as mock:
            play(mock, first, parts)
            kept = mock.get("/__admin/state?all=true").text
        with Mock(provider, *PACED, data=[]) as mock:
            answer = mock.request("PUT", "/__admin/state?all=true", kept, {"Content-Type": "application/json"})
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(kept, mock.get("/__admin/state?all=true").text, "what was imported is exported again")
            halted = sum(session["halted"] for session in answer.json()["sessions"])
            self.assertEqual(halted, 0, answer)
            playing = sum(session["outcomes"] for session in answer.json()["sessions"])
            self.assertGreater(playing, 0, "outcomes play on at the cut")
            play(mock, second, parts)
            self.assertEqual(len(whole), len(parts))
            for number, (one, other) in enumerate(zip(whole, parts)):
                self.assertEqual(one, other, f"request {number} of {len(whole)}")
            self.assertEqual(at_end, mock.get("/__admin/state?all=true").text, "the state at the end")
        print(f"{provider}: {len(whole)} requests in {len(sessions)} sessions, {playing} outcomes at the cut")


for name in ("acp", "azure-agents", "azure-routines", "letta", "warp"):
    setattr(Services, f"test_{name.replace('-', '_')}_goes_on_as_if_it_had_not_stopped",
            lambda self, provider=name: self.check_service(provider))


if __name__ == "__main__":
    main()
