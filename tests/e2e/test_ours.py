# SPDX-License-Identifier: Apache-2.0
"""What Arazzo lacks (x-dryrun-...) against our own mock, on its virtual clock and on a real one."""
import pathlib
import tempfile
import time
import unittest

from dryrun_test import ROOT, Mock, main, run

SCENARIO = ROOT / "tests/e2e/ours.arazzo.yaml"


class Ours(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()

    def tearDown(self):
        self.folder.cleanup()

    def check(self, *changes, arguments=()):
        """The scenario, with some of its texts changed; all of it passes as it stands."""
        text = SCENARIO.read_text(encoding="utf-8")
        text = text.replace("../../contracts", str(ROOT / "contracts"))
        for old, new in changes:
            self.assertIn(old, text)
            text = text.replace(old, new)
        file = pathlib.Path(self.folder.name) / "own.arazzo.yaml"
        file.write_text(text, encoding="utf-8")
        code, out, err = run("check", "acp", "--scenario", str(file), *arguments)
        return code, out + err

    def test_everything_works_on_the_virtual_clock(self):
        began = time.monotonic()
        code, out = self.check()
        self.assertEqual(code, 0, out)
        self.assertIn("3 workflows (3 passed, 0 failed, 0 skipped)", out)
        self.assertIn("0 steps skipped", out)
        self.assertLess(time.monotonic() - began, 10)

    def test_everything_works_against_a_running_mock_on_the_real_clock(self):
        with Mock("acp", data=[]) as mock:
            code, out = self.check(arguments=["--target", mock.url])
            self.assertEqual(code, 0, out)
            self.assertIn("3 passed", out)

    def test_a_call_that_never_comes_takes_no_real_time(self):
        began = time.monotonic()
        code, out = self.check(("status == 'success' } ] }\n        outputs: { id: $message",
                                "status == 'nonsense' } ] }\n        outputs: { id: $message"))
        self.assertEqual(code, 1, out)
        self.assertIn("no call came to 'x-dryrun-receive' within 60s that met its criteria", out)
        self.assertLess(time.monotonic() - began, 10)

    def test_steps_that_clear_up_are_played_after_the_failure(self):
        code, out = self.check(("stepId: look", "stepId: look\n        x-dryrun-within: 0s"),
                               ("condition: $response.body#/status == 'success'", "condition: $statusCode == 1"))
        self.assertEqual(code, 1, out)
        self.assertIn("4 steps", out)  # thread, run, look, clear

    def test_a_step_that_takes_longer_than_it_may_fails_by_the_services_clock(self):
        code, out = self.check(("x-dryrun-within: 30s", "x-dryrun-within: 50ms"))
        self.assertEqual(code, 1, out)
        self.assertIn("step 'run' was not done within 0.05s", out)

    def test_another_path_than_expected_fails(self):
        code, out = self.check(("x-dryrun-expect-path: [ pending, success ]", "x-dryrun-expect-path: [ success ]"))
        self.assertEqual(code, 1, out)
        self.assertIn('were pending -> success, expected ["success"]', out)

    def test_a_stream_without_the_event_fails(self):
        code, out = self.check(("until: $event.data.status == 'pending', maxEvents: 5",
                                "until: $event.data.status == 'never', maxEvents: 2"))
        self.assertEqual(code, 1, out)
        self.assertIn("none of 2 events was the one to wait for: $event.data.status == 'never'", out)


if __name__ == "__main__":
    main()
