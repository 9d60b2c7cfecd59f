# SPDX-License-Identifier: Apache-2.0
"""The code under test: it starts an agent's run through the service's own client and waits for what becomes of it."""

import time

ENDED = {"SUCCEEDED", "FAILED", "ERROR", "BLOCKED", "CANCELLED"}


class JobFailed(Exception):
    """The run ended, but not well."""


def start_and_wait(client, prompt, pause=time.sleep, patience=3600):
    """The run that succeeded. Asks every twenty seconds; cancels the run when `patience` seconds are over."""
    run = client.agent.run(prompt=prompt)
    for _ in range(patience // 20):
        found = client.agent.runs.retrieve(run.run_id)
        if found.state == "SUCCEEDED":
            return found
        if found.state in ENDED:
            raise JobFailed(f"{found.state}: {found.status_message.message}")
        pause(20)
    client.agent.runs.cancel(run.run_id)
    raise TimeoutError(run.run_id)
