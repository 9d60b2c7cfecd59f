# SPDX-License-Identifier: Apache-2.0
"""A retry loop as it is often written: three tries, one after the other, whatever the request and whatever went wrong."""

from service import ask

ENDED = {"SUCCEEDED", "FAILED", "ERROR", "BLOCKED", "CANCELLED"}


def start_and_wait(prompt, pause):
    run = again(lambda: ask("POST", "/agent/runs", {"prompt": prompt}))
    while True:
        found = again(lambda: ask("GET", f"/agent/runs/{run['run_id']}"))
        if found["state"] in ENDED:
            return found
        pause(5)


def again(call):
    for left in (2, 1, 0):
        try:
            return call()
        except OSError:  # those of urllib are among them
            if not left:
                raise
