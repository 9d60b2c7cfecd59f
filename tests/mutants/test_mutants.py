# SPDX-License-Identifier: Apache-2.0
"""Does the judge judge? Each row of *.yaml is a small change of what the mock reads: of a service's data, or of
the engine's own C. `dryrun check`, which keeps the contract and the code as they are, must find it: exit code 1, and a
verdict that names the rule (the row's `expect`). What only crashes or does not load is not found.

    test_mutants.py quick | all       as ctest does; `all` also holds docs/MUTANTS.md in sync
    test_mutants.py write             writes docs/MUTANTS.md
    test_mutants.py show PATTERN      what the judge says of the mutants whose id or class fits
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile

import rows as reader
from build_mutant import Builder

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import dryrun_test  # noqa: E402
from dryrun_test import PROGRAM, ROOT, Mock, run  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
DOCUMENT = ROOT / "docs/MUTANTS.md"
BUILD = os.environ.get("DRYRUN_BUILD", str(pathlib.Path(PROGRAM).parent))
LEAST = {"all": 60, "c": 20}


def is_c(mutant):
    return mutant["file"].endswith(".c")


def patched(mutant):
    """The file's text with the change; `old` must be there exactly once."""
    text = (ROOT / mutant["file"]).read_text(encoding="utf-8")
    count = text.count(mutant["old"])
    if count != 1:
        raise ValueError(f"it no longer fits: {mutant['file']} has its old text {count} times")
    return text.replace(mutant["old"], mutant["new"])


def place(mutant):
    """FILE:LINE of what is changed: `{row}` in `expect`."""
    before = (ROOT / mutant["file"]).read_text(encoding="utf-8").split(mutant["old"])[0]
    return f"{mutant['file']}:{before.count(chr(10)) + 1}"


def scenarios(names, provider):
    for name in names.split():
        yield "--scenario"
        yield f"contracts/{provider}/scenarios/{name}.arazzo.yaml"


def play(provider, names, folder, *more):
    """(exit code, what it says, verdicts) of a check that is asked for its report."""
    report = pathlib.Path(folder) / "report.json"
    code, out, err = run("check", provider, *scenarios(names, provider), "--report", "console", "--report",
                         f"json={report}", *more, timeout=120)
    return code, out[-3000:] + err[-1500:], verdicts(report) if report.exists() else []


def verdicts(report):
    """Each verdict and each criterion that failed a workflow, a line each."""
    found = []
    for workflow in json.loads(report.read_text(encoding="utf-8"))["workflows"]:
        for step in workflow["steps"]:
            for attempt in step["attempts"]:
                found += [f"{verdict['kind']} {verdict['rule']}: {verdict['text']}"
                          for verdict in attempt.get("verdicts", []) if verdict["kind"] != "note"]
        found += [f"{verdict['kind']} {verdict['rule']}: {verdict['text']}"
                  for verdict in workflow.get("verdicts", []) if verdict["kind"] != "note"]
        if workflow.get("reason"):
            step = next((one["step"] for one in reversed(workflow["steps"]) if one["result"] == "failed"), "?")
            found.append(f"criterion of {workflow['workflow']}/{step}: {workflow['reason']}")
    return list(dict.fromkeys(found))


def play_data(mutant, folder):
    """Another copy of the service's data is what the mock plays."""
    for part in ("contracts", "fixtures"):
        shutil.copytree(ROOT / part / mutant["provider"], pathlib.Path(folder) / part / mutant["provider"])
    (pathlib.Path(folder) / mutant["file"]).write_text(patched(mutant), encoding="utf-8")
    return play(mutant["provider"], mutant.get("scenario", "*"), folder, "--mock-contracts", f"{folder}/contracts",
                "--mock-fixtures", f"{folder}/fixtures")


def play_c(mutant, folder, builder):
    """Another program plays; the one that is tested judges it over its URL."""
    program = builder.build(mutant["file"], patched(mutant), folder)
    return play_running(mutant["provider"], mutant.get("scenario", "*"), folder, program)


def play_running(provider, names, folder, program):
    with Mock(provider, "--clock", "virtual", "--contracts", "contracts", "--fixtures", "fixtures", data=[],
              program=program) as mock:
        return play(provider, names, folder, "--target", mock.url)


class Result:
    def __init__(self, mutant, problem=None, named=None, said=(), by_scenario=False):
        self.mutant, self.problem, self.named, self.said = mutant, problem, named, said
        self.by_scenario = by_scenario  # no verdict tells of it, but a scenario's criterion, and it names no row


def judge(mutant, builder):
    with tempfile.TemporaryDirectory() as folder:
        try:
            code, out, said = play_c(mutant, folder, builder) if is_c(mutant) else play_data(mutant, folder)
        except (ValueError, AssertionError, dryrun_test.subprocess.TimeoutExpired) as error:
            return Result(mutant, str(error))
    expected = mutant["expect"].replace("{row}", re.escape(place(mutant)))
    line, named = next(((line, found.group(0)) for line in said if (found := re.search(expected, line))), ("", None))
    problem = None
    if code != 1:
        problem = f"survived: exit {code}" + ("" if code == 0 else f"\n{out}")
    elif not named:
        problem = "is not named: expected " + expected + "".join(f"\n    {line[:400]}" for line in said[:6])
    if "survives" in mutant:
        problem = None if problem else f"is killed now ({named}): it needs no `survives` any more"
        named = None
    by_scenario = line.startswith("criterion of ") and not re.search(r"\b(said|reached) by contracts/", line)
    return Result(mutant, problem, named, said, by_scenario)


def baseline(mutants, in_c):
    """The sound mock must pass what the mutants are killed by."""
    played = collections.defaultdict(set)
    for mutant in mutants:
        if is_c(mutant) == in_c:
            played[mutant["provider"]] |= set(mutant.get("scenario", "*").split())
    problems = []
    for provider, names in sorted(played.items()):
        names = "*" if "*" in names else " ".join(sorted(names))
        with tempfile.TemporaryDirectory() as folder:
            code, out, _ = play_running(provider, names, folder, PROGRAM) if in_c else play(
                provider, names, folder, "--mock-contracts", "contracts", "--mock-fixtures", "fixtures")
        if code != 0:
            problems.append(f"{provider}: the sound mock exits {code}\n{out}")
    return problems


def changed(mutant):
    """What differs between old and new, in one line."""
    old, new = (" ".join(mutant[key].split()) for key in ("old", "new"))
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    while start and re.match(r"[\w$]", old[start - 1]):  # whole words
        start -= 1
    while end and re.match(r"\w", old[len(old) - end]):
        end -= 1
    parts = [text[start:len(text) - end].strip() for text in (old, new)]
    return " → ".join(f"`{part}`" if part else "(nothing)" for part in parts)


def plain(text):
    """Without what differs from run to run and with each edit of the contract."""
    text = re.sub(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b", "…", text)
    text = re.sub(r"(yaml|json):\d+(:\d+)?", r"\1", text)
    text = re.sub(r"\b([a-z]+_)(?=[A-Za-z0-9]*[A-Z0-9])[A-Za-z0-9]{20,}\b", r"\1…", text)
    return re.sub(r"exchange \d+", "exchange n", text)


def table(results):
    text = ["# Mutants: proof that it judges", "",
            "Made by `tests/mutants/test_mutants.py write`; `ctest -L mutants` holds it in sync. Each row is a small change of what the",
            "*mock* reads: of a service's data, or of the engine's C (a program of its own then). `dryrun check` holds the contract and the",
            "code as they are, must exit 1, and its verdict must name what is broken. The sound mock passes the same scenarios.", ""]
    killed = sum(result.named is not None for result in results)
    by_scenario = sum(result.named is not None and result.by_scenario for result in results)
    in_c = sum(is_c(result.mutant) for result in results)
    text += [f"{len(results)} mutants, {in_c} of them in C; {killed} are killed: {killed - by_scenario} by a verdict that "
             f"names the broken rule, {by_scenario} by what a scenario asks.", ""]
    groups = collections.defaultdict(list)
    for result in results:
        groups[result.mutant["class"]].append(result)
    text += ["| class of rule | mutants |", "|---|---|"]
    text += [f"| {name} | {len(group)} |" for name, group in sorted(groups.items())]
    for name, group in sorted(groups.items()):
        text += ["", f"## {name[0].upper()}{name[1:]}", "| id | where | what was changed | verdict |", "|---|---|---|---|"]
        for result in group:
            verdict = plain(result.named or f"*survives: {result.mutant.get('survives', '')}*")
            cells = [result.mutant["id"], f"`{result.mutant['file']}`", changed(result.mutant), verdict]
            text.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(text) + "\n"


def read_all():
    mutants = [row for path in sorted(HERE.glob("*.yaml")) for row in reader.read(path)]
    counts = collections.Counter(mutant["id"] for mutant in mutants)
    twice = [name for name, count in counts.items() if count > 1]
    assert not twice, f"ids that are there twice: {twice}"
    return mutants


def main():
    what = sys.argv[1] if len(sys.argv) > 1 else "all"
    mutants = read_all()
    if what in ("all", "write"):
        assert len(mutants) >= LEAST["all"], f"only {len(mutants)} mutants"
        assert sum(map(is_c, mutants)) >= LEAST["c"], "too few mutants in C"
    if what == "quick":
        mutants = [mutant for mutant in mutants if mutant.get("quick") == "true"]
    if what == "show":
        mutants = [mutant for mutant in mutants if re.search(sys.argv[2], f"{mutant['id']} {mutant['class']}")]
    builder = Builder(ROOT, BUILD) if any(map(is_c, mutants)) else None
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        sound = [pool.submit(baseline, mutants, in_c) for in_c in (False, True)] if what != "show" else []
        results = list(pool.map(lambda mutant: judge(mutant, builder), mutants))
        problems = [problem for job in sound for problem in job.result()]
    problems += [f"{result.mutant['id']} {result.problem}" for result in results if result.problem]
    if what == "show":
        for result in results:
            print(f"{result.mutant['id']}: {result.problem or result.named or 'survives'}")
            print("".join(f"    {line[:300]}\n" for line in result.said[:int(os.environ.get("LINES", "8"))]), end="")
        return 0
    if what == "write":
        DOCUMENT.write_text(table(results), encoding="utf-8")
    elif what == "all" and not problems and DOCUMENT.read_text(encoding="utf-8") != table(results):
        problems.append("docs/MUTANTS.md is out of date: tests/mutants/test_mutants.py write makes it")
    for problem in problems:
        print(problem)
    survivors = sum("survives" in mutant for mutant in mutants)
    print(f"{len(results)} mutants, {sum(result.named is not None for result in results)} killed by name, "
          f"{survivors} known survivors, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
