#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Many streams at once: bench/streams.py [--dryrun PROGRAM] [--streams 1000]. Prints the memory of the mock with all of
them open, its CPU while nothing happens, how long after a request its event has arrived at the stream that waits for it,
how long an event of one run takes to all of its streams, and how long other requests take meanwhile."""
import argparse
import json
import selectors
import socket
import threading
import time
from pathlib import Path

from servers import PAGE, TICKS, Server

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "tests" / "data" / "engine"
MOVED = b"event: run.cancel"


class Plug:
    """A connection that asks and reads whole answers; plain enough to cost little beside what is measured."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))

    def ask(self, method, path, body=None):
        text = json.dumps(body) if body is not None else ""
        kind = "Content-Type: application/json\r\n" if text else ""
        self.socket.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{kind}Content-Length: {len(text)}\r\n\r\n{text}"
                            .encode())
        got = b""
        while b"\r\n\r\n" not in got:
            got += self.socket.recv(65536)
        head, _, rest = got.partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        while len(rest) < length:
            rest += self.socket.recv(65536)
        return json.loads(rest) if rest else None


def percentiles(name, values):
    values = sorted(values)
    shown = ", ".join(f"p{p} {values[min(len(values) - 1, len(values) * p // 100)] * 1e3:.2f}" for p in (50, 90, 99))
    print(f"{name}: {shown}, longest {values[-1] * 1e3:.2f} ms of {len(values)}")


def resident(process):
    with open(f"/proc/{process.pid}/statm") as file:
        return int(file.read().split()[1]) * PAGE / 1e6


def cpu(process):
    with open(f"/proc/{process.pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def open_streams(port, runs):
    streams = []
    for run in runs:
        plug = socket.create_connection(("127.0.0.1", port))
        plug.sendall(f"GET /runs/{run}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        streams.append(plug)
    for plug in streams:
        got = b""
        while b"run.created" not in got:
            got += plug.recv(65536)
    return streams


def until_moved(streams, began):
    """When the event arrived, for each stream."""
    selector, arrived = selectors.EpollSelector(), []
    for plug in streams:
        plug.setblocking(False)
        selector.register(plug, selectors.EVENT_READ)
    while len(arrived) < len(streams):
        for key, _ in selector.select(10):
            now = time.monotonic()
            if MOVED in key.fileobj.recv(65536):
                arrived.append(now - began[0])
                selector.unregister(key.fileobj)
    return arrived


def one_by_one(port, count):
    """A run and its stream each; a request moves one run after the other."""
    plug = Plug(port)
    runs = [plug.ask("POST", "/runs", {})["id"] for _ in range(count)]
    streams, times, others, is_over = open_streams(port, runs), [], [], threading.Event()

    def ask_on():
        asking = Plug(port)
        while not is_over.is_set():
            began = time.monotonic()
            asking.ask("GET", "/runs/" + runs[0])
            others.append(time.monotonic() - began)
            is_over.wait(0.005)

    yield
    thread = threading.Thread(target=ask_on)
    thread.start()
    for run, stream in zip(runs, streams):
        began = time.monotonic()
        plug.ask("POST", f"/runs/{run}/cancel")
        got = b""
        while MOVED not in got:
            got += stream.recv(65536)
        times.append(time.monotonic() - began)
    is_over.set()
    thread.join()
    percentiles("from a request to its event", times)
    percentiles("other requests meanwhile", others)


def all_at_once(port, count):
    plug = Plug(port)
    run = plug.ask("POST", "/runs", {})["id"]
    streams, began, arrived = open_streams(port, [run] * count), [0.0], []
    reader = threading.Thread(target=lambda: arrived.extend(until_moved(streams, began)))
    reader.start()
    time.sleep(0.2)
    began[0] = time.monotonic()
    plug.ask("POST", f"/runs/{run}/cancel")
    reader.join()
    percentiles(f"one event to {count} streams", arrived)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dryrun", default=str(ROOT / "build" / "release" / "dryrun"))
    parser.add_argument("--streams", type=int, default=1000)
    options = parser.parse_args()
    server = Server([options.dryrun, "mock", "tools", "--contracts", PAGES / "contracts", "--fixtures", PAGES / "fixtures",
                     "--port", "0", "--clock", "virtual", "--participants", "10000"])
    try:
        print(f"listening: {resident(server.process):.1f} MB")
        play = one_by_one(server.port, options.streams)
        next(play)
        print(f"{options.streams} streams open: {resident(server.process):.1f} MB")
        before = cpu(server.process)
        time.sleep(2)
        print(f"CPU while nothing happens: {(cpu(server.process) - before) / 2:.1%}")
        next(play, None)
        all_at_once(server.port, options.streams)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
