#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How many requests a second one thread of the runner judges: bench/judge.py [--dryrun PROGRAM] [--requests N] [--rounds N].

A mock plays in another process; the runner plays a scenario of reads against it. Two runs of different length are taken away from
each other, so that loading does not count. CPU time of the runner alone (all its threads) is what counts; the wall clock and the
time of the server are told beside it.
"""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


WORKFLOWS = 100


def scenario(path, looks):
    """Workflows that make a run and look at it so many times: the document is the same but for this number, so that what
    loading it takes is not counted as judging. The mock tells the number of the session's exchange in a header."""
    again = {"name": "again", "type": "goto", "stepId": "look",
             "criteria": [{"condition": f"$response.header.X-Dryrun-Exchange < {looks}"}]}
    workflows = [
        {
            "workflowId": f"looks-{number}",
            "steps": [
                {
                    "stepId": "start",
                    "operationId": "createRun",
                    "requestBody": {"payload": {"prompt": "hello"}},
                    "successCriteria": [{"condition": "$statusCode == 200"}],
                    "outputs": {"run": "$response.body#/run_id"},
                },
                {
                    "stepId": "look",
                    "operationId": "getRun",
                    "parameters": [{"name": "runId", "in": "path", "value": "$steps.start.outputs.run"}],
                    "successCriteria": [{"condition": "$statusCode == 200"}],
                    "onSuccess": [again],
                },
            ],
        }
        for number in range(WORKFLOWS)
    ]
    document = {
        "arazzo": "1.0.1",
        "info": {"title": "Looks", "version": "1"},
        "sourceDescriptions": [{"name": "warp", "type": "openapi", "url": str(ROOT / "contracts/warp/openapi.yaml")}],
        "workflows": workflows,
    }
    path.write_text(json.dumps(document))


def run(program, url, path, asked):
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        [program, "check", "warp", "--target", url, "--scenario", str(path)],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )
    took = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode or f" {asked} exchanges judged" not in done.stdout:
        sys.exit(f"check ended with {done.returncode}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime, took


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dryrun", default=str(ROOT / "build/release/dryrun"))
    parser.add_argument("--requests", type=int, default=10000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        few, many = pathlib.Path(folder) / "few.arazzo.json", pathlib.Path(folder) / "many.arazzo.json"
        ports = pathlib.Path(folder) / "port"
        looks = options.requests // WORKFLOWS
        scenario(few, looks // 10)
        scenario(many, looks)
        least, most = looks // 10 * WORKFLOWS, looks * WORKFLOWS
        server = subprocess.Popen(
            [options.dryrun, "mock", "warp", "--port", "0", "--port-file", str(ports), "--clock", "virtual"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT,
        )
        try:
            for _ in range(100):
                if ports.exists() and ports.read_text().strip():
                    break
                time.sleep(0.05)
            url = f"http://127.0.0.1:{ports.read_text().split()[0]}/warp"
            best = None
            for _ in range(options.rounds):
                short, long = (run(options.dryrun, url, path, asked) for path, asked in ((few, least), (many, most)))
                one = [(b - a) / (most - least) * 1e6 for a, b in zip(short, long)]
                best = min(best or one, one, key=lambda times: times[0] + times[1])
            cpu = best[0] + best[1]
            print(
                f"judging takes {cpu:.1f} us of CPU a request ({best[0]:.1f} user, {best[1]:.1f} system): "
                f"{1e6 / cpu:.0f} requests a second of one thread; {best[2]:.1f} us by the clock with the server's part"
            )
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
