# SPDX-License-Identifier: Apache-2.0
"""Faults and the judge: it finds in a faulted service what it can, names the rule that is broken, and lets scenarios ask
for faults themselves.
"""
import json
import pathlib
import re
import tempfile
import unittest

from dryrun_test import ENGINE, ROOT, Mock, MockCase, main, run

SCENARIO = "tests/e2e/faults.arazzo.yaml"
READ = {"method": "GET"}


def broken(breach):
    return {"fault": "schema_mutation", "with": {"breach": breach}}


# What each makes the judge say; letters of rules as reports have them.
CAUGHT = [
    ({"fault": "regress", "match": READ}, {"move"}),
    ({"fault": "early_terminal", "match": READ, "times": 3}, {"move"}),
    ({"fault": "vanish", "match": READ}, {"row"}),
    ({"fault": "cancel_ignored"}, {"move"}),
    ({"fault": "lost_update", "match": {"operation": "cancelRun"}}, {"move"}),
    ({"fault": "clock_skew", "every": 2}, {"member"}),
    ({"fault": "clock_skew"}, {"time"}),
    ({"fault": "lost_response"}, {"http"}),
    (broken("drop"), {"body"}),
    (broken("type"), {"body"}),
    (broken("enum"), {"body"}),
    (broken("null"), {"body"}),
    (broken("array"), {"body"}),
    (broken("encoding"), {"body"}),
]
SERVICES = ["warp", "azure-agents"]


class Judge(MockCase):
    def check(self, mock, provider):
        """Exit code and the rules that are broken."""
        code, out, err = run("check", provider, "--target", mock.url, "--scenario",
                             f"contracts/{provider}/scenarios/cancel.arazzo.yaml")
        self.assertEqual(err, "")
        return code, set(re.findall(r"(?:violation|deviation) ([a-z-]+):", out)), out

    data = []

    def judged(self, rule):
        """With this fault in all sessions that come, and in no session that was there before."""
        self.assertLess(self.mock.request("DELETE", "/__admin/sessions").status, 300)
        answer = self.mock.request("PUT", "/__admin/faults?all=true", {"faults": "1.0", "rules": [rule] if rule else []})
        self.assertEqual(answer.status, 200, answer)
        return [(provider, *self.check(self.mock, provider)) for provider in SERVICES]

    def test_what_a_judge_can_see_of_a_fault_it_names(self):
        for rule, names in CAUGHT:
            with self.subTest(rule=json.dumps(rule)):
                for provider, code, found, out in self.judged(rule):
                    self.assertEqual(code, 1, (provider, out[-2000:]))
                    self.assertLessEqual(names, found, (provider, found))

    def test_without_a_fault_there_is_nothing_to_say(self):
        for provider, code, found, out in self.judged(None):
            self.assertEqual((code, found), (0, set()), (provider, out[-2000:]))

    def test_what_nobody_can_see_breaks_no_rule(self):
        for provider, _, found, out in self.judged({"fault": "stuck", "with": {"time": "10ms"}}):
            self.assertEqual(found, set(), (provider, out[-2000:]))


class Steps(unittest.TestCase):
    def check(self, *arguments, scenario=SCENARIO):
        return run("check", "cancels", "--scenario", scenario, *ENGINE, *arguments)

    def changed(self, old, new):
        text = (ROOT / SCENARIO).read_text(encoding="utf-8")
        self.assertIn(old, text)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "changed.arazzo.yaml"
        path.write_text(text.replace(old, new).replace("../data", str(ROOT / "tests/data")), encoding="utf-8")
        return str(path)

    def test_a_step_asks_for_a_fault_and_its_criteria_judge_what_comes(self):
        code, out, err = self.check()
        self.assertEqual(code, 0, out + err)
        self.assertIn("4 workflows (4 passed, 0 failed, 0 skipped)", out)
        self.assertIn("0 violations", out)
        self.assertEqual(out.count("note body: body at '/state'"), 2)  # `tries`, then the truth

    def test_a_running_mock_honours_it_too(self):
        with Mock("cancels", "--clock", "virtual") as mock:
            code, out, err = self.check("--target", mock.url)
            self.assertEqual(code, 0, out + err)

    def test_a_retry_without_the_fault_would_leave_one(self):
        code, out, _ = self.check(scenario=self.changed("        x-dryrun-fault: lost_response=reset\n", ""))
        self.assertEqual(code, 1, out)
        self.assertIn("failed a-retry-recovers-and-leaves-two", out)

    def test_elsewhere_the_step_is_skipped_and_says_so(self):
        with Mock("cancels", "--host", "127.0.0.1", "--admin-token", "secret") as mock:  # tells nobody that it is ours
            code, out, _ = self.check("--target", f"{mock.url}/cancels/api/v1", "--header", "Authorization: Bearer x")
            self.assertIn("'x-dryrun-fault: lost_response=reset' can only be asked of our mock", out)
            self.assertIn("(0 passed, 0 failed, 4 skipped)", out, code)

    def test_a_fault_that_the_mock_does_not_know_fails_the_step(self):
        code, out, _ = self.check(scenario=self.changed("lost_response=reset", "lost_respons=reset"))
        self.assertEqual(code, 1, out)
        self.assertIn("the mock refuses the fault", out)
        self.assertIn("did you mean 'lost_response'?", out)

    def test_what_is_no_fault_is_found_when_the_document_is_read(self):
        for old, new, words in [
                ("x-dryrun-fault: cancel_ignored", "x-dryrun-fault: [ cancel_ignored ]", "x-dryrun-fault: expected string but found an array"),
                ("with: { breach: enum", "whit: { breach: enum", "did you mean 'with'?"),
                ("tries: 2", "tries: 0", "x-dryrun-fault/tries: expected a number not below 1 but found 0"),
                ("breach: enum", "breach: { a: enum }", "a parameter of a fault is a text")]:
            with self.subTest(new=new):
                code, out, err = self.check(scenario=self.changed(old, new))
                self.assertEqual(code, 2, out)
                self.assertIn(words, err + out)


if __name__ == "__main__":
    main()
