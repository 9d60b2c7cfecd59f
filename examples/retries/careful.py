# SPDX-License-Identifier: Apache-2.0
"""A retry loop that survives: it waits (as long as it is told, else twice as long each time), it knows which errors pass, also those that
are no status; and before it starts a run again it looks whether the last try did arrive."""

import http.client
import urllib.error
import urllib.parse
import uuid

from service import ask

ENDED = {"SUCCEEDED", "FAILED", "ERROR", "BLOCKED", "CANCELLED"}
PASSING = {408, 425, 429, 500, 502, 503, 504}
PATIENCE = 600


def start_and_wait(prompt, pause):
    mark = str(uuid.uuid4())
    tries = []

    def start():
        if tries:  # nobody knows whether it arrived
            query = urllib.parse.urlencode({"q": mark})
            for run in ask("GET", f"/agent/runs?{query}")["runs"]:
                return run
        tries.append(mark)
        return ask("POST", "/agent/runs", {"prompt": prompt, "title": mark})

    run = again(start, pause)
    while True:
        # 404: what was just made is not seen everywhere at once
        found = again(lambda: ask("GET", f"/agent/runs/{run['run_id']}"), pause, PASSING | {404})
        if found["state"] in ENDED:
            return found
        pause(5)


def again(call, pause, passing=frozenset(PASSING)):
    waited, wait = 0, 1
    while True:
        told = None
        try:
            return call()
        except urllib.error.HTTPError as error:
            told = error.headers.get("Retry-After")
            if error.code not in passing or waited >= PATIENCE:
                raise
        except (OSError, http.client.HTTPException, ValueError):  # no answer, half an answer, no JSON
            if waited >= PATIENCE:
                raise
        seconds = float(told or wait)
        pause(seconds)
        waited += seconds
        wait = min(wait * 2, 60)
