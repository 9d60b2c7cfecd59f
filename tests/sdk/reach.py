#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds contracts/*/clients.yaml and docs/CLIENTS.md against what the client tests reached.

reach.py python|node FILE   FILE is what the tests of that language wrote down (test, kind, name, by tabs)
reach.py --page             docs/CLIENTS.md against contracts/*/clients.yaml alone

With REACH=write in the environment, what differs is written anew instead of refused."""

import collections
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/CLIENTS.md"
WIDTH = 150
HEAD = ("# Which client test reaches which operation: by tests/sdk/reach.py, but for `environment` and `without`; "
        "the tests hold it against what they ask.\n")
CLIENTS = {  # what a test drives, by how its name begins
    "python/test_acp": "agntcy-acp 1.5.2",
    "python/test_azure_agents": "azure-ai-agents 1.1.0",
    "python/test_azure_routines": "azure-ai-projects 2.10.0",
    "python/test_letta": "letta-client 1.12.1",
    "python/test_warp": "oz-agent-sdk 0.15.0",
    "node/azure-agents": "@azure/ai-agents 1.1.0",
    "node/azure-projects": "@azure/ai-projects 1.0.0-beta.3",
    "node/azure-routines": "@azure/ai-projects 2.10.0",
    "node/letta": "@letta-ai/letta-client 1.12.1",
    "node/warp": "oz-agent-sdk 1.0.0-alpha.8",
}


def read_reached(path):
    """{provider: {test: {"operations": set, "methods": set}}}; methods go with the provider the test speaks to."""
    operations, methods = collections.defaultdict(set), collections.defaultdict(set)
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        test, kind, name = line.split("\t")
        if not client_of(test):
            continue  # a test of the dashboard drives a browser
        (operations if kind == "operation" else methods)[test].add(name)
    reached = collections.defaultdict(dict)
    for test, names in operations.items():
        for provider in {name.split(" ", 1)[0] for name in names}:
            reached[provider][test] = {"operations": {n.split(" ", 1)[1] for n in names if n.startswith(provider + " ")},
                                       "methods": methods[test]}
    return reached


# The file's own small form of YAML: written and read here, so that nothing needs to be installed.

def quoted(name):
    return f'"{name}"' if re.search(r"[{}\[\],:#]", name) else name


def listed(names, indent):
    lines, line = [], " " * indent
    for name in sorted(names):
        item = quoted(name) + ", "
        if len(line) + len(item) > WIDTH:
            lines.append(line.rstrip())
            line = " " * indent
        line += item
    return "\n".join([*lines, line.rstrip(", ")])


def written(tests, head, tail):
    text = HEAD + 'clients: "1.0"\n' + head + "tests:\n"
    for test in sorted(tests):
        text += f"  {test}:\n"
        for kind in ("operations", "methods"):
            if tests[test][kind]:
                text += f"    {kind}: [\n{listed(tests[test][kind], 6)} ]\n"
    return text + tail


def read_file(path):
    """({test: ...}, the text of `environment`, that of `without`)."""
    if not path.exists():
        return {}, "", ""
    text = path.read_text(encoding="utf-8")
    at = text.find("\nwithout:")
    tail = text[at + 1:] if at >= 0 else ""
    head = re.search(r"^environment:.*\n(?:  .*\n)*", text, re.M)
    tests = {}
    for test, body in re.findall(r"^  (\S+):\n((?:    .*\n|      .*\n)+)", text[:at + 1 or None], re.M):
        tests[test] = {kind: set() for kind in ("operations", "methods")}
        for kind, names in re.findall(r"^    (\w+): \[\n(.*?) \]\n", body, re.M | re.S):
            tests[test][kind] = {a or b for a, b in re.findall(r'"([^"]+)"|([^\s,][^,\n]*)', names)}
    return tests, head.group(0) if head else "", tail


def client_of(test):
    return next((client for start, client in CLIENTS.items() if test.startswith(start)), "")


def page():
    text = ("# The services' own clients\n\nWhat their tests (`tests/sdk`) call, unmodified, against the mock; each of these calls passed. "
            "Written by\n`tests/sdk/reach.py` from `contracts/*/clients.yaml`, which the tests hold against what they do; "
            "`dryrun list operations` shows it from the other side.\n")
    for path in sorted(ROOT.glob("contracts/*/clients.yaml")):
        tests, _, tail = read_file(path)
        text += f"\n## {path.parent.name}\n"
        for test in sorted(tests):
            text += f"\n### {client_of(test)}: `tests/sdk/{test}`\n"
            text += f"Operations ({len(tests[test]['operations'])}): "
            text += ", ".join(f"`{name}`" for name in sorted(tests[test]["operations"])) + ".\n"
            if tests[test]["methods"]:
                text += f"\nMethods ({len(tests[test]['methods'])}):\n\n| | |\n|---|---|\n"
                groups = collections.defaultdict(list)
                for name in sorted(tests[test]["methods"]):
                    groups[name.rpartition(".")[0]].append(name.rpartition(".")[2])
                for group, names in groups.items():
                    text += f"| `{group}` | " + ", ".join(f"`{name}`" for name in names) + " |\n"
        if tail:
            reasons = collections.defaultdict(list)
            for a, b, why in re.findall(r'^  (?:"([^"]+)"|([^:"]+)): (.*)$', tail, re.M):
                reasons[why].append(f"`{a or b}`")
            text += "\nNot asked by a client's test:\n"
            text += "".join(f"* {why}: {', '.join(names)}\n" for why, names in reasons.items())
    return text


def hold(path, text):
    """True when the file holds this text, or does now."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return True
    if os.environ.get("REACH") == "write":
        path.write_text(text, encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: written")
        return True
    print(f"{path.relative_to(ROOT)} is not what the client tests do: run them with REACH=write")
    return False


def hold_language(language, reached):
    good = True
    known = {path.parent.name for path in ROOT.glob("contracts/*/lifecycle.yaml")}
    for provider in sorted(known):
        path = ROOT / "contracts" / provider / "clients.yaml"
        tests, head, tail = read_file(path)
        mine = reached.get(provider, {})
        others = {test: what for test, what in tests.items() if not test.startswith(language + "/")}
        if mine or path.exists():
            good &= hold(path, written({**others, **mine}, head, tail))
    return good


def main():
    good = True
    if sys.argv[1] != "--page":
        good = hold_language(sys.argv[1], read_reached(sys.argv[2]))
    good &= hold(PAGE, page())
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
