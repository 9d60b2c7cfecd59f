# SPDX-License-Identifier: Apache-2.0
"""Fixtures: for each test a session of the mock, which is a world of its own, with the client that speaks to it."""

import json
import os
import re
import urllib.request

import pytest
from oz_agent_sdk import OzAPI


class Session:
    """One world of the mock, steered by its admin API."""

    def __init__(self, name):
        self.url = f"{os.environ['DRYRUN_URL']}/~{name}"
        self.client = OzAPI(base_url=f"{self.url}/warp/api/v1")  # the key is in the environment

    def admin(self, method, path, body=None):
        request = urllib.request.Request(f"{self.url}/__admin/{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def outcome(self, name):
        """How the next runs unfold; `dryrun list outcomes` names what there is."""
        self.admin("POST", "outcomes", {"outcome": name})

    def pause(self, seconds):
        """Instead of time.sleep: the seconds pass in the world of the mock, and no real ones."""
        self.admin("POST", "clock/sleep", {"for": f"{seconds}s"})

    def count(self, operation):
        return self.admin("GET", f"requests/count?operation={operation}")["count"]


@pytest.fixture
def session(request):
    if "DRYRUN_URL" not in os.environ:
        pytest.exit("there is no mock: run `dryrun exec warp --clock virtual -- pytest`", returncode=2)
    name = re.sub(r"[^A-Za-z0-9._-]", "-", request.node.name)[:64]
    session = Session(name)
    yield session
    session.client.close()
    session.admin("DELETE", f"sessions/{name}")
