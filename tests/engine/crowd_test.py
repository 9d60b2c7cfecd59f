#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A crowd of streams in a mock without any option: more than it has threads, each cheap, each told its own run's events,
with its connection free for other requests behind it."""

import contextlib
import resource
import selectors
import socket
import tempfile
import time
from pathlib import Path

from engine_test import PAGES, Cases, Engine, Mock, find_binary, main

STREAMS, SANITIZED = 1000, 300
BYTES_MOST = 22 * 1024  # resident, a stream and its connection; under no sanitizer


class Plain(Engine):
    """Without options that concern threads; `files`: how many may be open."""

    def __init__(self, page, files=None):
        with tempfile.TemporaryDirectory() as folder:
            start = Path(folder, "start")
            start.write_text(f'#!/bin/sh\n{f"ulimit -n {files}" if files else ":"}\nexec "{find_binary([])}" "$@"\n')
            start.chmod(0o755)
            Mock.__init__(self, str(start), page, data=PAGES)


class Watcher:
    """One stream, read by hand; asks on its connection when it is over."""

    def __init__(self, port, run):
        self.run, self.got = run, b""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.say(f"/runs/{run}/events")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def say(self, path):
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    def until(self, text):
        while text not in self.got:
            more = self.socket.recv(65536)
            if not more:
                raise AssertionError(f"ended before {text}: {self.got[-300:]}")
            self.got += more
        before, _, self.got = self.got.partition(text)
        return before


class Crowd(Cases):
    page = "tools"

    @classmethod
    def setUpClass(cls):  # each test has a mock of its own
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    @classmethod
    def tearDownClass(cls):
        pass

    def setUp(self):
        pass

    @contextlib.contextmanager
    def plain(self, files=None):
        with Plain(self.page, files) as engine, contextlib.closing(engine.client()) as client:
            yield engine, client

    def watch(self, stack, port, runs):
        """A stream of each run, told of its beginning."""
        watchers = [stack.enter_context(Watcher(port, run)) for run in runs]
        for watcher in watchers:
            watcher.until(b"run.created")
        return watchers

    def resident(self, engine):
        with open(f"/proc/{engine.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * 4096

    def waiting(self, client):
        lines = client("GET", "/__admin/metrics").text.split("\n")
        return next(int(line.split()[-1]) for line in lines if line.startswith("dryrun_waiting "))

    def test_a_thousand_streams_need_no_option(self):
        with self.plain() as (engine, client), contextlib.ExitStack() as stack:
            count = SANITIZED if engine.is_sanitized else STREAMS
            client.participants(count + 1)
            runs = [client.post("/runs", {}).body["id"] for _ in range(count)]
            before = self.resident(engine)
            watchers = self.watch(stack, engine.port, runs)
            each = (self.resident(engine) - before) // count
            print(f"crowd: {count} streams, {each} resident bytes each")
            self.case_true("a stream is cheap", each < BYTES_MOST or engine.is_sanitized)
            self.case("all wait", self.waiting(client), count)
            self.case("others are answered", client.get("/runs/" + runs[0]).status, 200)
            for run in runs[::3]:
                client.post(f"/runs/{run}/cancel")
            for watcher in watchers[::3]:
                watcher.until(b"run.cancel")
            client.advance("1h")  # all of them come to their end
            for watcher in watchers:
                watcher.until(b"\r\n0\r\n\r\n")
            self.case("none waits any more", self.waiting(client), 0)
            for watcher in watchers[::3]:  # another request, and another stream, on the same connection
                watcher.say("/runs/" + watcher.run)
                self.assertIn(b"200", watcher.until(b"\r\n\r\n"))
                self.assertIn(watcher.run.encode(), watcher.socket.recv(65536) if not watcher.got else watcher.got)
                watcher.got = b""
                watcher.say(f"/runs/{watcher.run}/events")
                watcher.until(b"run.cancel")
            Cases.cases += count

    def test_who_leaves_waits_no_more(self):
        with self.plain() as (engine, client), contextlib.ExitStack() as leaving:
            client.participants(SANITIZED + 1)
            run = client.post("/runs", {}).body["id"]
            self.watch(leaving, engine.port, [run] * SANITIZED)
            self.case("all wait", self.waiting(client), SANITIZED)
            leaving.close()
            end = time.monotonic() + 60
            while self.waiting(client) and time.monotonic() < end:
                time.sleep(0.005)
            self.case("none is left", self.waiting(client), 0)

    def test_one_event_reaches_all_streams_of_its_run(self):
        with self.plain() as (engine, client), contextlib.ExitStack() as stack:
            count = SANITIZED if engine.is_sanitized else STREAMS
            client.participants(count + 1)
            run = client.post("/runs", {}).body["id"]
            watchers = self.watch(stack, engine.port, [run] * count)
            client.post(f"/runs/{run}/cancel")
            client.advance("1h")
            selector, told = selectors.DefaultSelector(), set()
            for watcher in watchers:
                selector.register(watcher.socket, selectors.EVENT_READ, watcher)
            while selector.get_map():
                for key, _ in selector.select(60):
                    told.add(key.data.until(b"\r\n0\r\n\r\n"))
                    selector.unregister(key.fileobj)
            self.case("the same to all", len(told), 1)
            self.case_true("that it was cancelled", b"run.cancel" in told.pop())

    def test_a_stop_ends_all_of_them_in_order(self):
        with contextlib.ExitStack() as stack:
            with self.plain() as (engine, client):
                client.participants(SANITIZED + 1)
                run = client.post("/runs", {}).body["id"]
                watchers = self.watch(stack, engine.port, [run] * SANITIZED)
            for watcher in watchers:
                watcher.until(b"\r\n0\r\n\r\n")
                self.assertEqual(watcher.socket.recv(1), b"")
        Cases.cases += SANITIZED

    def test_what_does_not_fit_is_refused_in_the_services_own_shape(self):
        """Each stream is an open file: three quarters of those that are left."""
        with self.plain(files=128 + 2 * 256 + SANITIZED * 4 // 3) as (engine, client), contextlib.ExitStack() as stack:
            client.participants(SANITIZED + 1)
            run = client.post("/runs", {}).body["id"]
            self.watch(stack, engine.port, [run] * SANITIZED)
            answer = client.get(f"/runs/{run}/events")
            self.case("one too many", (answer.status, answer.headers.get("Retry-After")), (503, "1"))
            self.case_true("says why", "wait or stream already" in answer.text)
            self.case_true("as the service says errors", answer.headers.get("X-Dryrun-Operation"))


if __name__ == "__main__":
    main()
