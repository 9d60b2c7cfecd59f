#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same threads that do everything at once, while sessions are reset, deleted, declared anew, expire and are full
beneath their requests, streams, waits and webhooks. Mostly for the builds with sanitizers."""

import random
import threading
import time

from engine_test import Cases, Engine, main
from soak_test import ACTIONS, KNOWN, PAGES, SESSIONS, THREADS, Worker

SECONDS = 2.5
LIMITS = ("--session-idle", "20ms", "--sessions-limit", "4", "--session-bytes", "500k", "--memory", "2m")


class Keeper(threading.Thread):
    """Forgets and declares sessions, from the default one, as long as somebody plays: who sleeps alone in a session of
    two is woken by nothing else."""

    def __init__(self, engine, number, players):
        super().__init__()
        self.engine, self.players = engine, players
        self.chance = random.Random(number)
        self.failure, self.asked = None, 0

    def run(self):
        try:
            while any(player.is_alive() for player in self.players):
                client = self.engine.client()  # anew: where others wait, idle connections are closed
                name = self.chance.choice(SESSIONS)
                method, path, body, known = self.chance.choice([
                    ("DELETE", f"/sessions/{name}", None, {200, 404}),
                    ("POST", f"/sessions/{name}/reset", {}, {200, 404}),
                    ("POST", "/sessions", {"name": name, "expires_after": "10ms", "seed": 3}, {200, 201, 409, 507}),
                    ("POST", "/sessions", {"name": name, "participants": self.chance.choice([1, 2])}, {200, 201, 507}),
                    ("GET", "/sessions", None, {200}), ("GET", f"/sessions/{name}", None, {200, 404}),
                    ("GET", "/metrics?format=json", None, {200}), ("POST", "/reset?all=true", {}, {200}),
                    ("DELETE", "/sessions", None, {200})])
                answer = client(method, "/__admin" + path, body)
                client.close()
                self.asked += 1
                if answer.status not in known:
                    raise AssertionError(f"{method} {path}: {answer.status} {answer.text}")
                time.sleep(self.chance.random() * 0.01)
        except Exception as failure:  # noqa: BLE001: told by the test
            self.failure = repr(failure)


class Player(Worker):
    def __init__(self, engine, number, end):
        super().__init__(engine, number)
        self.end = end

    def one(self, client, action):
        """What it remembers may be of a session that is gone; what is full or too many is told so."""
        try:
            return super().one(client, action)
        except (KeyError, TypeError):
            return "refused"

    def run(self):
        while time.monotonic() < self.end and not self.failure:
            super().run()


class Forgetting(Cases):
    @classmethod
    def setUpClass(cls):
        cls.engine = Engine(PAGES[0], *PAGES[1:], *LIMITS)

    def test_sessions_go_beneath_whoever_uses_them(self):
        end = time.monotonic() + SECONDS
        players = [Player(self.engine, number, end) for number in range(THREADS - 2)]
        everyone = players + [Keeper(self.engine, number, players) for number in range(2)]
        for one in everyone:
            one.start()
        for one in everyone:
            one.join()
        self.case("nobody failed", [one.failure for one in everyone if one.failure], [])
        statuses = {}
        for one in everyone[:-2]:
            for status, count in one.statuses.items():
                statuses[status] = statuses.get(status, 0) + count
        self.case(f"only what is known of {statuses}", set(statuses) - KNOWN - {507, "refused"}, set())
        self.case_true("most of them went well", statuses.get(200, 0) > sum(statuses.values()) // 4)
        Cases.cases += sum(statuses.values()) + sum(one.asked for one in everyone[-2:])
        client = self.engine.client()
        self.case_true("it goes on", client.admin("DELETE", "/sessions") is not None)
        end = time.monotonic() + 30
        while (left := client.admin("GET", "/sessions"))["count"] > 1 and time.monotonic() < end:
            time.sleep(0.01)
        self.case("the default one is left", [one["name"] for one in left["sessions"]], [""])
        self.case_true("and what the others held is counted no more",
                       abs(left["bytes"] - left["sessions"][0]["bytes"]) < 64 * 1024)
        client.close()


if __name__ == "__main__":
    main()
