# SPDX-License-Identifier: Apache-2.0
"""The mock against raw civetweb: CPU time a request, in interleaved rounds; then memory, start, stop."""
import argparse
import json
import os
import re
import statistics
import subprocess
import tempfile
import time

from lists import measure_lists
from servers import Server, ask, fill, request_bytes

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
RUNS = "/warp/agent/runs"
LIST = RUNS + "?limit=20"
# A run of about 1.1 KB, as the real service shows one.
BODY = json.dumps({
    "prompt": "The parser test fails about once in ten runs. Find out why, mend it, and open a pull request "
              "that says what was wrong. Do not retry the test: find the race. " + "Keep it small. " * 10,
    "title": "Mend the flaky parser test",
    "config": {"name": "nightly", "model_id": "auto", "environment_id": "env-000001"},
}).encode()
GOALS = {"get": 1.35, "list": 1.4, "create": 3.0}


def parse_arguments():
    parser = argparse.ArgumentParser(prog="bench/run.sh", description=__doc__)
    parser.add_argument("--dryrun", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--raw", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--runs", default="1000,1000000", help="stored runs, one table each (1000,1000000)")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=1, help="of each measurement in a round (1)")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--threads", type=int, default=256, help="of either server (256)")
    parser.add_argument("--lists", type=int, metavar="N", help="only this: what filters of lists cost over N runs")
    parser.add_argument("--quick", action="store_true", help="one round, 200 runs: does it work at all")
    options = parser.parse_args()
    if options.quick:
        options.runs, options.rounds = "200", 1
    options.runs = [int(count) for count in options.runs.split(",")]
    return options


def start_mock(options, provider="warp", contracts="contracts", fixtures="fixtures"):
    return Server([options.dryrun, "mock", provider, "--port", "0", "--clock", "real",
                   "--threads", str(options.threads), "--contracts", os.path.join(ROOT, contracts),
                   "--fixtures", os.path.join(ROOT, fixtures)])


def write(directory, name, content):
    path = os.path.join(directory, name)
    with open(path, "wb") as file:
        file.write(content)
    return path


def load(options, server, method, paths, body=None):
    """One measurement: microseconds of the server's CPU a request, and requests a second."""
    command = ["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}s",
               "-s", os.path.join(HERE, "requests.lua"), server.url(), "--", paths, method]
    before = server.cpu()
    shown = subprocess.run(command + ([body] if body else []), capture_output=True, text=True, check=True).stdout
    spent = server.cpu() - before
    requests = int(re.search(r"(\d+) requests in", shown).group(1))
    if "Non-2xx" in shown or not requests:
        raise SystemExit(f"bench: not every answer was a success:\n{shown}")
    return spent * 1e6 / requests, requests / options.seconds


def print_row(*cells):
    widths = (22, 12, 12, 12, 10, 12, 12)
    print("  ".join(str(cell).ljust(width) for cell, width in zip(cells, widths)).rstrip(), flush=True)


def measure_case(options, name, targets, body=None):
    """Rounds over both servers in turn; prints the row. `targets`: name -> (server, paths)."""
    method = "POST" if body else "GET"
    seen = {target: [] for target in targets}
    for turn in range(options.rounds):
        order = list(targets) if turn % 2 == 0 else list(targets)[::-1]
        for target in order:
            seen[target].append(load(options, *targets[target][:1], method, targets[target][1], body))
    cpu = {target: statistics.median(one[0] for one in all_) for target, all_ in seen.items()}
    rate = {target: statistics.median(one[1] for one in all_) for target, all_ in seen.items()}
    ratio = statistics.median(ours[0] / floor[0] for ours, floor in zip(seen["mock"], seen["raw"]))
    print_row(name, f"{cpu['raw']:.1f}", f"{cpu['mock']:.1f}", f"{ratio:.2f}", f"<= {GOALS[name.split()[0]]}",
              f"{rate['raw']:.0f}", f"{rate['mock']:.0f}")


def start_raw(options, directory, mock, identity):
    """With the same bytes that the mock answers."""
    for name, method, path, body, more in (
            ("run", "GET", f"{RUNS}/{identity}", b"", ""), ("list", "GET", LIST, b"", ""),
            ("create", "POST", RUNS, BODY, "X-Dryrun-Outcome: run=queued\r\n")):
        status, answer = ask(mock, method, path, body, more)
        if status != 200:
            raise SystemExit(f"bench: {method} {path} gave {status}: {answer!r}")
        write(directory, name, answer)
        print(f"# {name}: {len(answer)} bytes{f', {len(BODY)} sent' if body else ''}")
    return Server([options.raw, directory, str(options.threads)])


def measure_size(options, count):
    mock = start_mock(options)
    raw = None
    ask(mock, "GET", LIST)
    idle = mock.memory()
    warm = fill(mock, RUNS, BODY, min(count, 20000))
    full = mock.memory()  # the journal has come to its limit
    began = time.monotonic()
    ids = warm + fill(mock, RUNS, BODY, count - min(count, 20000))
    try:
        with tempfile.TemporaryDirectory() as directory:
            print(f"\n# {count} stored runs")
            raw = start_raw(options, directory, mock, ids[0])
            paths = {
                "get": write(directory, "get.paths", "\n".join(f"{RUNS}/{one}" for one in ids).encode()),
                "list": write(directory, "list.paths", LIST.encode()),
                "raw list": write(directory, "raw.paths", b"/list"),
                "create": write(directory, "create.paths", RUNS.encode()),
                "body": write(directory, "body", BODY),
            }
            print_row("case (runs)", "raw us CPU", "mock us CPU", "ratio", "goal", "raw req/s", "mock req/s")
            measure_case(options, f"get ({count})", {"raw": (raw, paths["get"]), "mock": (mock, paths["get"])})
            measure_case(options, f"list ({count})", {"raw": (raw, paths["raw list"]), "mock": (mock, paths["list"])})
            held = mock.memory()
            measure_case(options, f"create ({count})", {"raw": (raw, paths["create"]), "mock": (mock, paths["create"])},
                         paths["body"])
            print(f"memory idle: {idle / 1e6:.1f} MB; with {count} runs: {held / 1e6:.1f} MB", end="")
            if count >= 100000:
                print(f"; bytes a run beyond the first 20000: {(held - full) / (count - 20000):.0f}"
                      f" (filled in {time.monotonic() - began:.0f} s, measuring included)", end="")
            print(flush=True)
    finally:
        mock.stop()
        if raw:
            raw.process.kill()
            raw.process.wait()


def measure_start(options):
    """From exec to the first 200."""
    taken = []
    for _ in range(options.rounds):
        server = start_mock(options)
        while ask(server, "GET", LIST)[0] != 200:
            pass
        taken.append(time.monotonic() - server.started)
        server.stop()
    print(f"start to first 200: {statistics.median(taken) * 1e3:.1f} ms")


def open_streams(server, count):
    """Streams of runs that wait for an answer, and as many connections between two requests."""
    open_now = []
    for _ in range(count):
        idle = server.connect()
        idle.sendall(request_bytes("GET", "/tools/runs/none"))
        idle.recv(4096)
        stream = server.connect()
        stream.sendall(request_bytes("POST", "/tools/runs", b'{"stream":true,"tools":["look"]}'))
        head = stream.recv(4096)
        if b" 200 " not in head or b"text/event-stream" not in head:
            raise SystemExit(f"bench: no stream: {head!r}")
        open_now += [idle, stream]
    return open_now


def measure_stop(options):
    taken = []
    for _ in range(min(options.rounds, 3)):
        server = start_mock(options, "tools", "tests/data/engine/contracts", "tests/data/engine/fixtures")
        connections = open_streams(server, 100)
        taken.append(server.stop())
        for connection in connections:
            connection.close()
    print(f"stop with 100 idle and 100 streaming connections: {statistics.median(taken) * 1e3:.1f} ms")


def main():
    options = parse_arguments()
    if options.lists:
        mock = start_mock(options)
        measure_lists(mock, RUNS, BODY, options.lists)
        mock.stop()
        return
    print(f"# {options.rounds} interleaved rounds of {options.seconds} s, {options.connections} connections, "
          f"{options.threads} threads; medians; CPU = user + system time of the server a request")
    for count in options.runs:
        measure_size(options, count)
    print()
    measure_start(options)
    measure_stop(options)


if __name__ == "__main__":
    main()
