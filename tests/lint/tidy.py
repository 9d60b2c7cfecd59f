#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tidy.py BUILD: clang-tidy 14 over our own files of BUILD/compile_commands.json, two at a time.

A file that was clean is not looked at again until it, a header of ours that it includes, its
compile command or .clang-tidy changes (BUILD/lint/tidy holds an empty file for each clean state).
"""
import concurrent.futures
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys

TOOL = "clang-tidy-14"
HERE = os.path.dirname(os.path.abspath(__file__))
MODELS = os.path.join(HERE, "tidy_models.h")
TEST_CONFIG = os.path.join(HERE, "..", ".clang-tidy")
# The analyzer's budget for one function: a third of the usual one finds the same here, in 40 % of the time.
BUDGET = [f"--extra-arg={word}" for word in ("-Xclang", "-analyzer-config", "-Xclang", "max-nodes=75000")]
# Civetweb's source compiled inside one file: not ours to tidy.
THEIRS = {"core/net/civetweb_unit.c"}


def read(path):
    with open(path, "rb") as file:
        return file.read()


def own_files(build, root):
    """(path from the root, compile command) of every file of ours that is compiled."""
    seen = {}
    for entry in json.loads(read(os.path.join(build, "compile_commands.json"))):
        path = os.path.relpath(os.path.join(entry["directory"], entry["file"]), root)
        if not path.startswith(("..", "build" + os.sep)) and path not in THEIRS:
            seen.setdefault(path, entry)
    return sorted(seen.items())


def headers_of(entry):
    """The file itself and the headers it includes, system headers left out, as the compiler says."""
    command = shlex.split(entry["command"])
    kept = [word for i, word in enumerate(command)
            if word not in ("-o", "-c", "-MD", "-MT", "-MF") and command[i - 1] not in ("-o", "-MT", "-MF")]
    out = subprocess.run(kept + ["-MM"], cwd=entry["directory"], capture_output=True, text=True, check=True)
    words = out.stdout.replace("\\\n", " ").split()
    return [os.path.join(entry["directory"], word) for word in words[1:]]


def state_of(entry, config):
    digest = hashlib.sha256(config + entry["command"].encode())
    for path in headers_of(entry):
        digest.update(path.encode() + b"\0" + read(path))
    return digest.hexdigest()


def check(build, cache, config, path, entry):
    """Returns (path, output) with an output only when something is wrong."""
    try:
        mark = os.path.join(cache, state_of(entry, config))
    except subprocess.CalledProcessError as error:
        return path, error.stderr, False
    if os.path.exists(mark):
        return path, "", True
    run = subprocess.run([TOOL, "-p", build, "--quiet", "--extra-arg=-include", f"--extra-arg={MODELS}", *BUDGET,
                          os.path.join(entry["directory"], entry["file"])], capture_output=True, text=True,
                         check=False)
    if run.returncode == 0:
        open(mark, "w", encoding="ascii").close()
        return path, "", False
    return path, run.stdout + run.stderr, False


def main():
    build = os.path.abspath(sys.argv[1])
    root = os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else os.path.join(os.path.dirname(__file__), "..", ".."))
    if not shutil.which(TOOL):
        print(f"tidy: {TOOL} is not installed: skipped (./dev setup installs it)")
        return 77
    cache = os.path.join(build, "lint", "tidy")
    os.makedirs(cache, exist_ok=True)
    config = b"".join(read(path) for path in (os.path.join(root, ".clang-tidy"), TEST_CONFIG, MODELS, __file__))
    files = own_files(build, root)
    if not files:
        print("tidy: no file of ours is compiled here")
        return 1
    failed = known = 0
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("DRYRUN_JOBS", "2"))) as pool:
        jobs = [pool.submit(check, build, cache, config, *file) for file in files]
        for job in concurrent.futures.as_completed(jobs):
            path, output, was_known = job.result()
            known += was_known
            if output:
                failed += 1
                print(f"{path}:\n{output}", flush=True)
    print(f"tidy: {len(files)} files, {known} unchanged since they were clean, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
