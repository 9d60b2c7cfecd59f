#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""faults_page.py PROGRAM: each kind of fault that the program lists has a row in docs/FAULTS.md that says what the services' own clients
show of it, and the tests named there are there and speak of that kind. Needs no clients."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAD = "## What the services' own clients show"
ROW = re.compile(r"^\| `([a-z_]+)` \| (.+?) \| (.+) \|$", re.M)
TEST = re.compile(r"`((?:python|node)/[\w.-]+)`(?: (\w+))?")


def kinds(program):
    listed = subprocess.run([program, "list", "faults"], stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout
    return [line.split()[0] for line in listed.splitlines() if line and not line.startswith(" ")]


def faults_of(kind, tests):
    """What is wrong with the tests of a row."""
    named = TEST.findall(tests)
    if not named or ", ".join(f"`{path}` {word}".strip() for path, word in named) != tests:
        yield f"'{tests}' is no list of `python/FILE` or `node/FILE`, each with a name in it or without"
    for path, word in named:
        file = ROOT / "tests/sdk" / path
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        if not text or not re.search(rf"\b{word}\b", text):
            yield f"there is no '{word}' in tests/sdk/{path}"
        elif not re.search(rf"""['"]{kind}['"]|\b{kind}:""", text):
            yield f"tests/sdk/{path} says nothing of it"


def main():
    page = (ROOT / "docs/FAULTS.md").read_text(encoding="utf-8").split(HEAD, 1)[1]
    rows = ROW.findall(page)
    known = kinds(sys.argv[1])
    found = [f"{kind}: no row says what the clients show" for kind in known if kind not in {row[0] for row in rows}]
    found += [f"{row[0]}: there is no such fault" for row in rows if row[0] not in known]
    found += [f"{row[0]}: {fault}" for row in rows for fault in faults_of(row[0], row[2])]
    for fault in found:
        print(f"docs/FAULTS.md: {fault}", file=sys.stderr)
    print(f"faults_page: {len(rows)} kinds")
    return 1 if found or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
