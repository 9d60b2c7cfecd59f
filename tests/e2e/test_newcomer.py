# SPDX-License-Identifier: Apache-2.0
"""A service that was added by YAML alone, from the documents alone (tests/data/newcomer): its data are sound, the judge
finds nothing, and a client has a conversation with it."""
import pathlib
import shutil
import tempfile
import unittest

from dryrun_test import ROOT, Mock, main, run
from waiting import Receiver

HERE = "tests/data/newcomer"
DATA = ["--contracts", f"{HERE}/contracts", "--fixtures", f"{HERE}/fixtures"]
KEY = {"X-Api-Key": "any"}


class Newcomer(unittest.TestCase):
    def test_its_data_are_sound_and_the_judge_finds_nothing(self):
        code, out, err = run("lint", "jobs", *DATA)
        self.assertEqual((code, out), (0, "1 provider without errors, 0 warnings\n"), err)
        code, out, err = run("check", "jobs", *DATA)
        self.assertEqual(code, 0, out + err)
        self.assertIn("7 workflows (7 passed, 0 failed, 0 skipped)", out)
        self.assertIn("0 violations, 0 deviations", out)
        self.assertIn("operations 7 of 7", out)

    def test_a_mock_that_does_otherwise_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = shutil.copytree(ROOT / HERE / "fixtures", pathlib.Path(folder, "fixtures"))
            file = copy / "jobs/resources.yaml"
            file.write_text(file.read_text().replace("{ enters: [terminal], set: { ended_at: $now } }",
                                                     "{ enters: [succeeded], set: { ended_at: $now } }"))
            code, out, _ = run("check", "jobs", *DATA, "--mock-fixtures", str(copy))
        self.assertEqual(code, 1, out)
        self.assertIn("ended_at", out)

    def test_a_seed_that_only_shows_its_state_is_told_how_to_say_it(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = shutil.copytree(ROOT / HERE / "fixtures", pathlib.Path(folder, "fixtures"))
            file = copy / "jobs/resources.yaml"
            file.write_text(file.read_text().replace("state: succeeded, task", "status: succeeded, task"))
            code, out, err = run("lint", "jobs", *DATA[:2], "--fixtures", str(copy))
        self.assertEqual(code, 2, out + err)
        self.assertIn("a seeded 'job' is born in its initial state: say 'state: NAME' for another, "
                      "not '/status', which only shows it", out + err)

    def test_a_client_asks_approves_streams_and_is_called_back(self):
        hook = Receiver(204)
        self.addCleanup(hook.close)
        with Mock("jobs", "--clock", "virtual", data=DATA) as mock:
            jobs = "/jobs/v1/jobs"
            job = mock.post(jobs, {"task": "ask", "webhook": hook.url},
                            headers={**KEY, "X-Dryrun-Outcome": "asks"}).json()
            self.assertEqual(job["status"], "queued")
            one = f"{jobs}/{job['id']}"
            self.assertEqual(mock.post(f"{one}/approve", {"approved": True}, headers=KEY).status, 409)
            mock.advance("3s")
            self.assertEqual(mock.get(one, headers=KEY).json()["question"], "May I go on?")
            self.assertEqual(mock.request("DELETE", one, headers=KEY).status, 409)
            self.assertEqual(mock.post(f"{one}/approve", {"approved": True}, headers=KEY).json()["status"], "running")
            told = mock.get(f"{one}/events", headers=KEY).text
            names = [line[7:] for line in told.splitlines() if line.startswith("event: ")]
            self.assertEqual(names, ["job.queued", "job.running", "job.needs_input", "job.running", "job.succeeded"])
            numbers = [line[4:] for line in told.splitlines() if line.startswith("id: ")]
            rest = mock.get(f"{one}/events", headers={**KEY, "Last-Event-ID": numbers[-2]}).text
            self.assertEqual(rest.count("event: "), 1)
            late = mock.post(f"{one}/cancel", headers=KEY)
            self.assertEqual((late.status, late.json()["error"]["code"]), (409, "too_late"))
            self.assertEqual(hook.wait_for(1)[0]["status"], "succeeded")
            page = mock.get(f"{jobs}?limit=1", headers=KEY).json()
            page = mock.get(f"{jobs}?limit=1&cursor={page['next_cursor']}", headers=KEY).json()
            self.assertEqual([row["task"] for row in page["jobs"]], ["a seeded one"])
            self.assertNotIn("next_cursor", page)
            wrong = mock.get(f"{jobs}?cursor=nonsense", headers=KEY)
            self.assertEqual((wrong.status, wrong.headers["x-dryrun-remark"]),
                             (400, "listJobs: the position is none of this list, as it is sorted and filtered now"))


if __name__ == "__main__":
    main()
