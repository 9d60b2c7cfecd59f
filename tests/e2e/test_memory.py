# SPDX-License-Identifier: Apache-2.0
"""What a run of many requests holds: only what something may still show."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from dryrun_test import DATA, ENGINE, PROGRAM, ROOT, Mock, main

WORKFLOWS, LOOKS = 20, 1000  # a workflow jumps 1000 times at most
MOST_MEGABYTES = 48          # all 20,000 exchanges together are 130, what is held of them 24


def looks(number):
    """Makes a run and looks at it again and again; the mock tells the number of the session's exchange."""
    again = {"name": "again", "type": "goto", "stepId": "look",
             "criteria": [{"condition": f"$response.header.X-Dryrun-Exchange < {LOOKS}"}]}
    return {"workflowId": f"looks-{number}", "steps": [
        {"stepId": "start", "operationId": "createRun", "requestBody": {"payload": {"prompt": "hello"}},
         "successCriteria": [{"condition": "$statusCode < 300"}], "outputs": {"run": "$response.body#/run_id"}},
        {"stepId": "look", "operationId": "getRun",
         "parameters": [{"name": "runId", "in": "path", "value": "$steps.start.outputs.run"}],
         "successCriteria": [{"condition": "$statusCode == 200"}], "onSuccess": [again]}]}


class Memory(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.scenario = pathlib.Path(self.folder.name) / "looks.arazzo.json"
        self.scenario.write_text(json.dumps({
            "arazzo": "1.0.1", "info": {"title": "Looks", "version": "1"},
            "sourceDescriptions": [{"name": "cancels", "type": "openapi", "url": str(ROOT / DATA / "contracts/cancels/openapi.yaml")}],
            "workflows": [looks(number) for number in range(WORKFLOWS)]}), encoding="utf-8")

    def tearDown(self):
        self.folder.cleanup()

    def check(self, url, *arguments):
        """What it printed, and the most memory that it ever had, in megabytes."""
        with open(pathlib.Path(self.folder.name) / "out", "w+", encoding="utf-8") as out:
            child = subprocess.Popen([PROGRAM, "check", "cancels", *ENGINE, "--target", url, "--scenario", str(self.scenario), *arguments],
                                     cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            text = out.read()
        self.assertEqual(child.returncode, 0, text[-2000:])
        self.assertIn(f"{WORKFLOWS * LOOKS} exchanges judged", text)
        return text, used.ru_maxrss / 1024

    def test_twenty_thousand_reads_stay_in_a_bounded_memory(self):
        with Mock("cancels", "--clock", "virtual") as mock:
            text, megabytes = self.check(mock.url + "/cancels")
            self.assertLess(megabytes, MOST_MEGABYTES)
            self.assertIn(f"{WORKFLOWS} passed", text)

    def test_so_do_those_of_several_threads_and_they_count_the_same(self):
        with Mock("cancels", "--clock", "virtual") as mock:
            alone, _ = self.check(mock.url + "/cancels")
            together, megabytes = self.check(mock.url + "/cancels", "--jobs", "4")
            self.assertLess(megabytes, MOST_MEGABYTES)
            self.assertEqual([line for line in together.splitlines() if line.startswith("cancels met:")],
                             [line for line in alone.splitlines() if line.startswith("cancels met:")])


if __name__ == "__main__":
    main()
