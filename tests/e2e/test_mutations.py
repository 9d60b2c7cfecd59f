# SPDX-License-Identifier: Apache-2.0
"""A wrong mock is caught, and the verdict names the cell.

For each cell of a cancel table (a row of lifecycle.yaml by a state it is for) the mock plays a copy in
which that one cell answers otherwise, while the judge keeps the contract as it is: `dryrun check` must
exit 1 and name the row, file and line, and the state. The same for what fixtures say of a cell. First
the unpatched copy must pass: a mutant is killed only by what was changed.

MUTATE=NAME plays one service only.
"""
import concurrent.futures
import os
import pathlib
import re
import shutil
import sys
import tempfile

from dryrun_test import ROOT, run

SERVICES = [
    {
        "name": "cancels",
        "contracts": "tests/data/engine/contracts",
        "fixtures": "tests/data/engine/fixtures",
        "scenarios": ["tests/e2e/cancels.arazzo.yaml"],
        "operation": "cancelRun",
        "errors": ["too_early", "over"],  # a cell that refuses with one is made to use the other
        "to": "FAILED",
        # A run on an own worker is never cancelled, so it is never met in that state.
        "unmet": {("unsupported", "CANCELLED")},
        "wording": [('type: "/errors/{$error.name}"', 'type: "/errors/odd"', "over")],
    },
    {
        "name": "warp",
        "contracts": "contracts",
        "fixtures": "fixtures",
        "scenarios": ["contracts/warp/scenarios/cancel.arazzo.yaml"],
        "operation": "cancelRun",
        "errors": ["conflict", "invalid_request"],
        "to": "SUCCEEDED",
        "unmet": {("operation_not_supported", "CANCELLED")},
        "wording": [],
    },
    {
        "name": "acp",
        "contracts": "contracts",
        "fixtures": "fixtures",
        "scenarios": ["contracts/acp/scenarios/cancel.arazzo.yaml"],
        "operation": "cancel",
        "errors": ["run_ended", "not_interrupted"],
        "to": "timeout",
        "unmet": set(),
        "wording": [],
    },
    {
        "name": "acp",
        "contracts": "contracts",
        "fixtures": "fixtures",
        "scenarios": ["contracts/acp/scenarios/interrupts.arazzo.yaml"],
        "operation": "resume",
        "errors": ["not_interrupted", "bad_resume"],
        "to": "success",
        # Both are a bare text with 409, and whether another run is pending is not seen by the judge.
        "unmet": {("thread_busy", "interrupted"), (None, "interrupted")},
        "wording": [],
    },
    {
        "name": "acp",
        "contracts": "contracts",
        "fixtures": "fixtures",
        "scenarios": ["contracts/acp/scenarios/delete.arazzo.yaml"],
        "operation": "remove",
        "errors": ["run_ended", "not_interrupted"],
        "to": "cancelled",
        "unmet": set(),
        "wording": [],
    },
    {
        "name": "azure-routines",
        "contracts": "contracts",
        "fixtures": "fixtures",
        "scenarios": ["contracts/azure-routines/scenarios/dispatch.arazzo.yaml"],
        "machine": "routine",
        "operation": "dispatchRoutineAsync",
        "errors": ["disabled", "invalid_payload"],
        "unmet": {(None, "disabled")},  # refused by the row before
        "wording": [],
    },
    {
        "name": "letta",
        "contracts": "contracts",
        "fixtures": "fixtures",
        "scenarios": ["contracts/letta/scenarios/approvals.arazzo.yaml"],
        "machine": "agent",
        "operation": "send_message",
        "errors": ["no_active_run", "busy"],
        "to": "present",
        "unmet": {(None, "present")},  # what accepts here may be refused for the run that is to be made
        "wording": [("code: PENDING_APPROVAL", "code: PENDING", "pending")],
    },
    {
        "name": "letta",
        "contracts": "contracts",
        "fixtures": "fixtures",
        "scenarios": ["contracts/letta/scenarios/approvals.arazzo.yaml"],
        "machine": "agent",
        "operation": "create_agent_message_async",
        "errors": ["no_active_run", "busy"],
        "to": "present",
        "unmet": set(),
        "wording": [],
    },
    {
        "name": "letta",
        "contracts": "contracts",
        "fixtures": "fixtures",
        "scenarios": ["contracts/letta/scenarios/jobs.arazzo.yaml"],
        "machine": "job",
        "operation": "cancel_job",
        "errors": ["busy", "no_active_run"],
        "to": "completed",
        # A batch is running at once, and nothing expires.
        "unmet": {(None, "created"), (None, "pending"), (None, "expired")},
        "wording": [],
    },
    {
        "name": "azure-agents",
        "contracts": "contracts",
        "fixtures": "fixtures",
        "scenarios": ["contracts/azure-agents/scenarios/cancel.arazzo.yaml"],
        "operation": "cancelRun",
        "errors": ["no_cancel", "no_outputs"],
        "to": "failed",
        "unmet": {("no_cancel", "incomplete")},  # only with the variant
        "wording": [("Cannot cancel run with status", "Cannot stop run with status", "no_cancel")],
    },
    {
        "name": "azure-agents",
        "contracts": "contracts",
        "fixtures": "fixtures",
        "scenarios": ["contracts/azure-agents/scenarios/tools.arazzo.yaml"],
        "operation": "submitToolOutputsToRun",
        "errors": ["no_outputs", "wrong_outputs"],
        "to": "failed",
        "unmet": {("no_outputs", "incomplete")},
        "wording": [("do not accept tool outputs", "want no tool outputs", "no_outputs")],
    },
]


class Row:
    """One row of the cancel table, on one line of the file."""

    def __init__(self, line, text, states):
        self.line, self.text = line, text
        found = re.search(r"\bin: (\[[^]]*\]|\w+)", text)
        self.tested = found.group(0) if found else None
        self.states = resolve(found.group(1) if found else "present", states)
        error = re.search(r"\berror: (\w+)", text)
        self.error = error.group(1) if error else None


def resolve(said, states):
    """The states that a list of states and sets means."""
    names = re.findall(r"\w+", said)
    out = []
    for name, terminal in states.items():
        if name in names or "present" in names or ("terminal" if terminal else "open") in names:
            out.append(name)
    return out


def block(lines, key, indent):
    """The lines below `key:`, with their numbers, up to the next key that stands as far left."""
    start = next(i for i, line in enumerate(lines) if line.startswith(" " * indent + key + ":"))
    for i in range(start + 1, len(lines)):
        if lines[i].strip() and len(lines[i]) - len(lines[i].lstrip()) <= indent:
            return
        yield i + 1, lines[i]


def read_table(path, operation, name):
    """Rows of the operation (variants not chosen by default left out) of the machine."""
    lines = path.read_text(encoding="utf-8").split("\n")
    machine = next(i for i, line in enumerate(lines) if line.startswith(f"  {name}:"))
    below = [""] * machine + lines[machine:]
    states = {}
    last = None
    own = [""] * machine + [lines[machine], *(text for _, text in block(below, name, 2))]
    if not any(text.startswith("    states:") for text in own):
        states["present"] = False
    for _, text in block(below, "states", 4) if not states else ():
        found = re.match(r"      (\w+):", text)
        last = found.group(1) if found else last
        states[last] = states.get(last, False) or "terminal: true" in text
    defaults = dict(re.findall(r"^  (\w+):\s*\{ default: (\w+)", "\n".join(lines), re.M))
    for name, value in re.findall(r"^  (\w+):\n    default: (\w+)", "\n".join(lines), re.M):
        defaults[name] = value
    rows = []
    for number, text in block(below, operation, 6):
        variant = re.search(r"variant: \{ ([^}]*) \}", text)
        wanted = re.findall(r"(\w+): (\w+)", variant.group(1)) if variant else []
        if any(defaults.get(name) != value for name, value in wanted):
            continue
        if text.strip().startswith("- {"):
            rows.append(Row(number, text, states))
    return lines, rows


def patched_rows(service, row, state):
    """The row for this state alone, with another result."""
    text = row.text
    text = text.replace(row.tested, f"in: {state}") if row.tested else text.replace(
        "- {", f"- {{ in: {state},", 1)
    if row.error:
        other = next(e for e in service["errors"] if e != row.error)
        yield f"refuses with {other}", re.sub(r"\berror: \w+", f"error: {other}", text)
        yield "accepts", re.sub(r"\berror: \w+", f"to: {state}", text)
    elif "to:" not in text:  # nothing moves
        bare = text.rstrip(" }")
        yield f"refuses with {service['errors'][0]}", f"{bare}, error: {service['errors'][0]} }}"
    else:
        yield f"refuses with {service['errors'][0]}", re.sub(
            r"\bto: \w+", f"error: {service['errors'][0]}", text)
        yield f"leads to {service['to']}", re.sub(r"\bto: \w+", f"to: {service['to']}", text)


def mutants(service):
    """(what, how to name the cell, files to write) for every cell and every change of it."""
    source = ROOT / service["contracts"] / service["name"] / "lifecycle.yaml"
    lines, rows = read_table(source, service["operation"], service.get("machine", "run"))
    shown = f"{service['contracts']}/{service['name']}/lifecycle.yaml"
    decided = {}
    for row in rows:
        for state in row.states:
            if (row.error, state) in service["unmet"]:
                continue
            for change, text in patched_rows(service, row, state):
                rest = lines[row.line - 1:] if len(row.states) > 1 else lines[row.line:]
                copy = lines[:row.line - 1] + [text] + rest
                named = (rf"\bin [A-Za-z_, ]*\b{state}\b[A-Za-z_, ]* row {shown}:{row.line} "
                         rf"|\brow {shown}:{row.line} \(\w+, exchange \d+\) leads to ")
                yield f"{shown}:{row.line} in {state} {change}", named, (
                    "contracts", "lifecycle.yaml", "\n".join(copy))
        decided[row.error] = row
    for old, new, error in service["wording"]:
        text = (ROOT / service["fixtures"] / service["name"] / "service.yaml").read_text(
            encoding="utf-8")
        assert old in text, f"{old} is not in the fixtures"
        yield (f"fixtures: {new}", rf"\brow {shown}:{decided[error].line} ",
               ("fixtures", "service.yaml", text.replace(old, new)))


def check(service, *more):
    arguments = ["check", service["name"], "--contracts", service["contracts"], "--fixtures",
                 service["fixtures"], *more]
    for scenario in service["scenarios"]:
        arguments += ["--scenario", scenario]
    return run(*arguments)


def play(service, folder, index, mutant):
    """None when the mutant was killed by its name, else what happened."""
    what, named, (kind, name, text) = mutant
    copy = pathlib.Path(folder) / str(index)
    for part in ("contracts", "fixtures"):
        shutil.copytree(ROOT / service[part] / service["name"], copy / part / service["name"])
    (copy / kind / service["name"] / name).write_text(text, encoding="utf-8")
    code, out, err = check(service, "--mock-contracts", str(copy / "contracts"),
                           "--mock-fixtures", str(copy / "fixtures"))
    shutil.rmtree(copy)
    if code != 1:
        return f"SURVIVED {what}: exit {code}\n{err[-1500:]}"
    if not re.search(named, out):
        verdicts = [line for line in out.split("\n") if "lifecycle.yaml" in line]
        return f"NOT NAMED {what}\n  expected {named}\n  found " + "\n    ".join(verdicts[:5])
    return None


def judge(service):
    """(mutants, those that were not killed) of one service."""
    code, out, err = check(service, "--mock-contracts", service["contracts"], "--mock-fixtures",
                           service["fixtures"])
    if code != 0:
        return 0, [f"{service['name']}: the unpatched run exits {code}\n{out[-3000:]}{err[-1500:]}"]
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(play, service, folder, index, mutant)
                for index, mutant in enumerate(mutants(service))]
        results = [job.result() for job in jobs]
    return len(results), [result for result in results if result]


def main():
    count, wrong = 0, []
    for service in SERVICES:
        if os.environ.get("MUTATE", service["name"]) != service["name"]:
            continue
        played, failed = judge(service)
        print(f"{service['name']}: {played} mutants, {played - len(failed)} killed by name")
        count += played
        wrong += failed
        if played == 0 and not failed:
            wrong.append(f"{service['name']}: no cell was found")
    for text in wrong:
        print(text)
    print(f"{count} cases, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
