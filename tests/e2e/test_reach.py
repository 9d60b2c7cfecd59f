#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What reaches an operation: workflows of the scenarios, tests of the services' clients."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from dryrun_test import ROOT, main, run

SERVICE = "azure-routines"
LANDED = sorted(path.parent.name for path in ROOT.glob("contracts/*/clients.yaml"))


def rows(out):
    """{operation: the rest of its line, in words}"""
    return {line.split()[1]: line.split()[2:] for line in out.splitlines()}


class Reach(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.contracts = pathlib.Path(folder.name)
        shutil.copytree(ROOT / "contracts" / SERVICE, self.contracts / SERVICE)
        self.where = ("--contracts", str(self.contracts), "--fixtures", str(ROOT / "fixtures"))

    def edit(self, name, old, new):
        path = self.contracts / SERVICE / name
        text = path.read_text(encoding="utf-8")
        self.assertIn(old, text)
        path.write_text(text.replace(old, new), encoding="utf-8")

    def test_a_row_says_what_an_operation_does_and_what_reaches_it(self):
        code, out, err = run("list", "operations", SERVICE)
        self.assertEqual((code, err), (0, ""))
        found = rows(out)
        self.assertEqual(len(found), 8)
        for operation, effect in {"getRoutine": "read", "listRoutineRuns": "list", "deleteRoutine": "move+empty",
                                  "createOrUpdateRoutine": "steps+move+reply", "enableRoutine": "move+read"}.items():
            self.assertEqual(found[operation][2], effect)
        self.assertEqual(found["getRoutine"][:2], ["GET", "/routines/{routine_name}"])
        self.assertRegex(" ".join(found["disableRoutine"][3:]),
                         r"^workflow=clock/every-five-minutes \(\+\d+\) client=node/azure-routines[a-z-]*.test.mjs \(\+\d+\)$")

    def test_no_operation_of_a_landed_service_is_unreached(self):
        self.assertIn(SERVICE, LANDED)
        self.assertEqual(run("list", "operations", *LANDED, "--unreached"), (0, "", ""))

    def test_what_no_workflow_reaches_is_named(self):
        for path in (self.contracts / SERVICE / "scenarios").glob("*.yaml"):
            if path.name != "dispatch.arazzo.yaml":
                path.unlink()
        code, out, err = run("list", "operations", SERVICE, "--unreached", *self.where)
        self.assertEqual((code, err), (1, ""))
        self.assertEqual(set(rows(out)), {"listRoutines", "deleteRoutine", "enableRoutine"})
        self.assertTrue(all("workflow=none" in words for words in rows(out).values()), out)
        self.assertEqual(run("list", "operations", SERVICE, *self.where)[0], 0)

    def test_what_no_client_reaches_is_named_unless_none_could(self):
        self.edit("clients.yaml", "enableRoutine, ", "")
        code, out, _ = run("list", "operations", SERVICE, "--unreached", *self.where)
        self.assertEqual((code, list(rows(out)), rows(out)["enableRoutine"][-1]), (1, ["enableRoutine"], "client=none"))
        with open(self.contracts / SERVICE / "clients.yaml", "a", encoding="utf-8") as file:
            file.write("without:\n  enableRoutine: no client has a method for it\n")
        self.assertEqual(run("list", "operations", SERVICE, "--unreached", *self.where), (0, "", ""))

    def test_mistakes_in_the_file_have_their_place(self):
        self.edit("clients.yaml", "enableRoutine, ", "enableRoutines, ")
        code, _, err = run("list", "operations", SERVICE, *self.where)
        self.assertEqual(code, 2)
        self.assertRegex(err, r"azure-routines/clients\.yaml:\d+:\d+: .*no operation 'enableRoutines'")
        code, _, err = run("list", "outcomes", SERVICE, "--unreached")
        self.assertEqual((code, err), (2, "dryrun: error: --unreached goes with 'dryrun list operations'\n"))

    def test_the_page_of_clients_is_what_the_files_say(self):
        done = subprocess.run([sys.executable, "-B", str(ROOT / "tests/sdk/reach.py"), "--page"], capture_output=True, text=True,
                              timeout=60)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stdout + done.stderr)


if __name__ == "__main__":
    main()
