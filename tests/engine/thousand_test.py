#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A thousand sessions of one server, all there at once, used by eight threads: each makes, gets, lists, streams and
cancels runs and sees nothing but its own; its ids depend on nothing but its name. Prints what a session costs."""

import json
import re
import socket
import threading
import time

from engine_test import Cases, Engine, frames_of, main

SESSIONS, THREADS, AGAIN = 1000, 8, 100
BYTES_MOST = 160 * 1024  # resident, a session with two services, three runs and its journal; under no sanitizer
HOW = ("header", "path", "credential")


class Wire:
    """One connection, written and read by hand: the client must not cost more than the server."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.file = self.socket.makefile("rb")

    def __call__(self, session, how, method, path, body=None):
        prefix = f"/~{session}" if how == "path" else ""
        key = f"key~{session}" if how == "credential" else "key"
        lines = [f"{method} {prefix}{path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {key}"]
        if how == "header":
            lines.append(f"X-Dryrun-Session: {session}")
        text = "" if body is None else json.dumps(body)
        if body is not None:
            lines.append("Content-Type: application/json")
        lines.append(f"Content-Length: {len(text)}")
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n" + text).encode())
        return self.answer()

    def answer(self):
        status = int(self.file.readline().split()[1])
        headers = {}
        while (line := self.file.readline().strip()):
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while (size := int(self.file.readline(), 16)):
                body += self.file.read(size)
                self.file.readline()
            self.file.readline()
        else:
            body = self.file.read(int(headers.get("content-length", 0)))
        return status, body.decode()

    def close(self):
        self.file.close()
        self.socket.close()


class Story:
    """What one session goes through, a step at a time; `told` is all that it was answered."""

    def __init__(self, number, suffix=""):
        self.name = f"s{number}{suffix}"
        self.how = HOW[number % len(HOW)]
        self.told = []
        self.wrong = []

    def ask(self, wire, method, path, body=None, status=200):
        answered, text = wire(self.name, self.how, method, path, body)
        if answered != status:
            self.wrong.append(f"{self.name}: {method} {path}: {answered} {text[:200]}")
        self.told.append(re.sub(r"/~s\d+", "", text))
        return text

    def make(self, wire):
        self.run = json.loads(self.ask(wire, "POST", "/cancels/runs", {"prompt": self.name}))["run_id"]

    def get(self, wire):
        if json.loads(self.ask(wire, "GET", f"/cancels/runs/{self.run}"))["title"] != self.name:
            self.wrong.append(f"{self.name}: another's run")

    def list(self, wire):
        runs = json.loads(self.ask(wire, "GET", "/cancels/runs"))["runs"]
        if sorted(run["title"] for run in runs) != sorted([self.name, "seeded"]):
            self.wrong.append(f"{self.name} lists {runs}")

    def stream(self, wire):
        run = json.loads(self.ask(wire, "POST", "/tools/runs", {}))["id"]
        frames = frames_of(self.ask(wire, "GET", f"/tools/runs/{run}/events"))
        others = [frame for frame in frames if isinstance(frame[2], dict) and frame[2].get("id", run)[:3] == "run"
                  and frame[2].get("id", run) != run]
        if others or len(frames) < 5:
            self.wrong.append(f"{self.name}: a stream of {frames}")

    def cancel(self, wire):
        run = json.loads(self.ask(wire, "POST", "/tools/runs", {}))["id"]
        self.ask(wire, "POST", f"/tools/runs/{run}/cancel")

    def others_know_nothing(self, wire):
        status, _ = wire(self.name + "-not", "header", "GET", f"/cancels/runs/{self.run}")
        if status != 404:
            self.wrong.append(f"{self.name}: another session has its run")

    STEPS = (make, get, list, stream, cancel, get)


def resident(engine):
    with open(f"/proc/{engine.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


class Thousand(Cases):
    page = "cancels"
    arguments = ("tools",)

    def tell(self, stories, threads):
        """Every thread takes its stories one step further before it begins with the next step."""
        failures = []

        def work(own):
            wire = Wire(self.engine.port)
            try:
                for step in Story.STEPS:
                    for story in own:
                        step(story, wire)
                own[0].others_know_nothing(wire)
            except Exception as failure:  # noqa: BLE001: told by the test
                failures.append(repr(failure))
            wire.close()

        workers = [threading.Thread(target=work, args=(stories[i::threads],)) for i in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.case("nothing broke", failures, [])
        self.case("each saw its own only", [wrong for story in stories for wrong in story.wrong], [])

    def test_a_thousand_sessions_do_not_see_each_other(self):
        for _ in range(2):  # everything that is made once is there
            self.tell([Story(SESSIONS)], 1)
            self.client.admin("DELETE", "/sessions")
        before, began = resident(self.engine), time.monotonic()
        stories = [Story(number) for number in range(SESSIONS)]
        self.client.close()  # or the mock does, when the stories take a minute; the next call connects anew
        self.tell(stories, THREADS)
        seconds, bytes_each = time.monotonic() - began, (resident(self.engine) - before) // SESSIONS
        listed = [one for one in self.client.admin("GET", "/sessions")["sessions"] if re.fullmatch(r"s\d+", one["name"])]
        self.case("all are listed", len(listed), SESSIONS)
        self.case("with the same counts", {(one["resources"], one["requests"], one["in_flight"]) for one in listed},
                  {(listed[0]["resources"], len(stories[0].told), 0)})
        runs = {story.run for story in stories}
        self.case("each drew ids of its own", len(runs), SESSIONS)
        print(f"thousand: {SESSIONS} sessions in {seconds:.1f} s, {bytes_each} resident bytes each, "
              f"{sum(one['bytes'] for one in listed) // SESSIONS} of them counted")
        self.case_true("a session is cheap", bytes_each < BYTES_MOST or self.engine.is_sanitized)

        # in another order, with other neighbours: the same bytes
        self.client.admin("DELETE", "/sessions")
        again = [Story(number) for number in range(AGAIN)][::-1]
        self.tell(again, 3)
        self.case("a session's answers depend on nothing but its name",
                  [story.told for story in again], [stories[int(story.name[1:])].told for story in again])
        Cases.cases += SESSIONS


if __name__ == "__main__":
    main()
