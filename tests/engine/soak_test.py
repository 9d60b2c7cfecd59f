#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sixteen threads do everything at once for a bounded number of requests, resets included, and nothing breaks: this is
mostly for the builds with sanitizers. Every answer is one that the contract knows."""

import random
import threading

from engine_test import Cases, Engine, main

THREADS, REQUESTS = 16, 60
SESSIONS = ("a", "b", "c")
PAGES = ("cancels", "interrupts", "schedules", "tools", "approvals")
KNOWN = {200, 201, 204, 400, 404, 409, 422, "gone"}


class Worker(threading.Thread):
    def __init__(self, engine, number):
        super().__init__()
        self.engine = engine
        self.chance = random.Random(number)
        self.statuses = {}
        self.runs, self.threads = [], []
        self.failure = None

    def run(self):
        client = None
        try:
            for _ in range(REQUESTS):
                if client is None:
                    client = self.engine.client(self.chance.choice(SESSIONS), Authorization="Bearer x")
                status = self.one(client, self.chance.choice(ACTIONS))
                self.statuses[status] = self.statuses.get(status, 0) + 1
                if status == "gone" or self.chance.random() < 0.2:
                    client.close()
                    client = None
        except Exception as failure:  # noqa: BLE001: told by the test
            self.failure = repr(failure)

    def one(self, client, action):
        try:
            answer = action(self, client)
        except (ConnectionError, OSError, EOFError, ValueError) as gone:  # a reset closes what is parked
            return "gone" if not isinstance(gone, TimeoutError) else repr(gone)
        except Exception as failure:  # noqa: BLE001
            if type(failure).__name__ in ("RemoteDisconnected", "IncompleteRead", "BadStatusLine"):
                return "gone"
            raise
        return answer.status

    def remembered(self, kept, otherwise):
        return self.chance.choice(kept[-20:]) if kept else otherwise

    def create(self, client):
        answer = client.post("/cancels/runs", {"prompt": self.chance.choice("abc"), "metadata": {"k": "v"}})
        self.runs.append(answer.body["run_id"])
        return answer

    def get(self, client):
        return client.get("/cancels/runs/" + self.remembered(self.runs, "none"))

    def cancel(self, client):
        return client.post(f"/cancels/runs/{self.remembered(self.runs, 'none')}/cancel")

    def follow_up(self, client):
        return client.post(f"/cancels/runs/{self.remembered(self.runs, 'none')}/followups", {"message": "m"})

    def pages(self, client):
        return client.get("/cancels/runs?limit=3&sort_by=title&q=a&state=QUEUED&state=SUCCEEDED")

    def stream(self, client):
        return client.post("/tools/runs", {"stream": True, "tools": self.chance.choice([[], ["add"]])})

    def leave_a_stream(self, client):
        client.send("POST", "/tools/runs", {"stream": True})
        client.close()
        return client.get("/__admin/clock")

    def talk(self, client):
        return client.post("/approvals/talks/talk-1/messages", {"text": self.chance.choice(["x", "delete it"])})

    def cancel_all(self, client):
        return client.post("/approvals/talks/talk-1/cancel")

    def thread(self, client):
        answer = client.post("/interrupts/threads")
        self.threads.append(answer.body["thread_id"])
        return answer

    def wait(self, client):
        thread = self.remembered(self.threads, "none")
        answer = client.post(f"/interrupts/threads/{thread}/runs", {"multitask": "rollback"},
                             X_Dryrun_Outcome=self.chance.choice(["hang", "succeed", "ask"]))
        if answer.status != 200:
            return answer
        return client.get(f"/interrupts/threads/{thread}/runs/{answer.body['run_id']}/wait")

    def delete_thread(self, client):
        return client("DELETE", "/interrupts/threads/" + self.remembered(self.threads, "none"))

    def routine(self, client):
        return client("PUT", "/schedules/routines/r" + self.chance.choice("12"), {
            "cron": "*/5 * * * *", "answers": [503, 200], "callback_url": "http://127.0.0.1:1/nobody"})

    def routine_runs(self, client):
        return client.get("/schedules/routines/r1/runs?limit=2")

    def advance(self, client):
        return client.post("/__admin/clock/advance", {"by": self.chance.choice(["1ms", "700ms", "6m"])})

    def sleep(self, client):
        return client.post("/__admin/clock/sleep", {"for": "300ms"})

    def look(self, client):
        return client.get("/__admin/" + self.chance.choice(
            ["requests?limit=5", "resources?limit=5", "sessions", "metrics?format=json", "near-misses", "outcomes"]))

    def reset(self, client):
        return client.post("/__admin/reset", {})


ACTIONS = [Worker.create, Worker.create, Worker.get, Worker.cancel, Worker.follow_up, Worker.pages, Worker.stream,
           Worker.leave_a_stream, Worker.talk, Worker.cancel_all, Worker.thread, Worker.wait, Worker.wait,
           Worker.delete_thread, Worker.routine, Worker.routine_runs, Worker.advance, Worker.sleep, Worker.look,
           Worker.reset]


class Soak(Cases):
    @classmethod
    def setUpClass(cls):
        cls.engine = Engine(PAGES[0], *PAGES[1:])

    def test_everything_at_once(self):
        workers = [Worker(self.engine, number) for number in range(THREADS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.case("no worker failed", [worker.failure for worker in workers if worker.failure], [])
        statuses = {}
        for worker in workers:
            for status, count in worker.statuses.items():
                statuses[status] = statuses.get(status, 0) + count
        self.case(f"only what a contract knows of {statuses}", set(statuses) - KNOWN, set())
        self.case("all were answered", sum(statuses.values()), THREADS * REQUESTS)
        self.case_true("most of them well", statuses.get(200, 0) > THREADS * REQUESTS // 3)
        Cases.cases += sum(statuses.values())
        for session in SESSIONS:
            client = self.engine.client(session)
            clock = client.admin("GET", "/clock")
            self.case(f"nothing is left parked in {session}", (clock["parked"], clock["running"]), (0, 0))
            client.close()


if __name__ == "__main__":
    main()
