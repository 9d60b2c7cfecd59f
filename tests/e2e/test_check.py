# SPDX-License-Identifier: Apache-2.0
"""dryrun check over the one-page services: exit codes, reports, targets, secrets."""
import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as xml

from dryrun_test import ENGINE, PROGRAM, ROOT, Mock, main, run
from recording import Recorder
from waiting import until

SECRET = "s3cr/et \"token\" of mine"


class Check(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def copy(self, name, old, new):
        """A copy of the contracts in which one text of a file is another."""
        target = self.path / "contracts"
        shutil.copytree(ROOT / "tests/data/engine/contracts", target)
        text = (target / name).read_text(encoding="utf-8")
        self.assertIn(old, text)
        (target / name).write_text(text.replace(old, new), encoding="utf-8")
        return str(target)

    def test_services_that_keep_their_contract_exit_0(self):
        code, out, _ = run("check", "cancels", "interrupts", *ENGINE)
        self.assertEqual(code, 0, out)
        self.assertIn("6 workflows (6 passed, 0 failed, 0 skipped)", out)
        self.assertIn("0 violations, 0 deviations", out)

    def test_a_changed_cell_exits_1_and_is_named(self):
        copy = self.copy("cancels/lifecycle.yaml", "{ in: PENDING, error: too_early, source: seed }",
                         "{ in: PENDING, error: over, source: seed }")
        code, out, _ = run("check", "cancels", *ENGINE, "--mock-contracts", copy)
        self.assertEqual(code, 1, out)
        self.assertIn("tests/data/engine/contracts/cancels/lifecycle.yaml:39", out)
        self.assertIn("$statusCode was 400", out)

    def test_a_wrong_body_is_found_though_no_criterion_asks(self):
        fixtures = self.path / "fixtures"
        shutil.copytree(ROOT / "tests/data/engine/fixtures", fixtures)
        file = fixtures / "cancels/service.yaml"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("cancelRun: { reply: $run.run_id }",
                                     "cancelRun: { reply: { id: $run.run_id } }"), encoding="utf-8")
        code, out, err = run("check", "cancels", *ENGINE, "--mock-fixtures", str(fixtures))
        self.assertEqual(code, 1, out + err)
        self.assertIn("violation body: expected string but found an object", out)
        self.assertIn("broken cancel-early", out)

    def test_a_running_mock_is_judged_over_its_url(self):
        with Mock("cancels", "--clock", "virtual") as mock:
            for _ in range(2):  # sessions of an earlier run do not disturb
                code, out, err = run("check", "cancels", *ENGINE, "--target", mock.url)
                self.assertEqual(code, 0, out + err)

    def test_lint_reads_scenarios_too(self):
        copy = self.copy("cancels/scenarios/cancel.arazzo.yaml", "operationId: cancelRun", "operationId: cancelRnu")
        code, out, err = run("lint", "cancels", "--contracts", copy, "--fixtures", ENGINE[ENGINE.index("--fixtures") + 1])
        self.assertEqual(code, 2, out + err)
        self.assertIn("there is no operation 'cancelRnu' (did you mean 'cancelRun'?)", out)

    def test_nobody_there_exits_3(self):
        code, _, err = run("check", "cancels", *ENGINE, "--target", "http://127.0.0.1:1")
        self.assertEqual(code, 3)
        self.assertIn("cannot be reached", err)

    def test_and_every_report_says_that_nobody_is_there(self):
        forms = ("tap", "junit", "json", "html", "github")
        reports = [word for form in forms for word in ("--report", f"{form}={self.path / form}")]
        code, out, err = run("check", "cancels", *ENGINE, "--target", "http://127.0.0.1:1", *reports, "--report", "tap")
        self.assertEqual((code, err.count("\n")), (3, 1), err)
        texts = {form: (self.path / form).read_text(encoding="utf-8") for form in forms}
        why = "'http://127.0.0.1:1' cannot be reached: cannot connect to 127.0.0.1:1: Connection refused"
        self.assertEqual(texts["tap"], f"TAP version 14\n1..0\nBail out! {why}\n")
        self.assertEqual(out, texts["tap"])
        report = json.loads(texts["json"])
        self.assertEqual((report["exit"], report["unreachable"], report["workflows"]), (3, why, []))
        self.assertIn('tests="1" failures="0" errors="1"', texts["junit"])
        self.assertIn('type="unreachable"', texts["junit"])
        self.assertIn('<p class="failed">', texts["html"])
        self.assertEqual(texts["github"], f"::error title=the target cannot be judged::{why}\n")

    def test_a_target_that_goes_in_the_middle_is_told_after_what_it_kept(self):
        with Mock("cancels", "--clock", "virtual") as mock, Recorder(mock.url, self.path / "har") as through:
            command = [PROGRAM, "check", "cancels", *ENGINE, "--target", through.url, "--max-rate", "20", "--report", f"json={self.path / 'json'}"]
            with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as check:
                until(lambda: mock.admin("sessions")["sessions"][1:])
                through.stop()
                out, err = check.communicate(timeout=60)
        self.assertEqual(check.returncode, 3, out + err)
        report = json.loads((self.path / "json").read_text(encoding="utf-8"))
        self.assertEqual(report["exit"], 3)
        self.assertIn("Connection refused", report["unreachable"])
        self.assertGreater(report["counts"]["exchanges"], 0)

    def test_nothing_to_judge_exits_5(self):
        code, _, err = run("check", "cancels", *ENGINE, "--scenario", str(self.path / "*.yaml"))
        self.assertEqual(code, 5)
        self.assertIn("there are no scenarios", err)

    def test_a_scenario_named_by_its_path_must_be_there_and_each_pattern_without_one_is_told(self):
        nowhere = str(self.path / "nope.arazzo.yaml")
        self.assertEqual(run("check", "cancels", *ENGINE, "--scenario", nowhere),
                         (2, "", f"dryrun: error: option '--scenario': no file '{nowhere}'\n"))
        patterns = [str(self.path / name) for name in ("a*.yaml", "b?.yaml")]
        code, _, err = run("check", "cancels", *ENGINE, "--scenario", patterns[0], "--scenario", patterns[1],
                           "--scenario", "tests/e2e/cancels.arazzo.yaml")
        self.assertNotEqual(code, 5)
        self.assertEqual(err, "".join(f"dryrun: warning: there are no scenarios at {each}\n" for each in patterns))

    def test_wrong_usage_exits_2_with_one_line(self):
        for arguments in (["--report", "junt=x"], ["--input", "novalue"], ["--header", "nocolon"],
                          ["--bearer-env", "DRYRUN_NOT_SET"], ["--target", "localhost"],
                          ["--mock-contracts", "/nowhere"], ["--ca", "/nowhere"]):
            with self.subTest(arguments=arguments):
                code, _, err = run("check", "cancels", *ENGINE, *arguments)
                self.assertEqual(code, 2)
                self.assertEqual(err.count("\n"), 1, err)

    def test_a_document_with_mistakes_exits_2_with_their_places(self):
        file = self.path / "bad.arazzo.yaml"
        file.write_text("arazzo: 1.0.1\ninfo: { title: t, version: '1' }\nsourceDescriptions: [ { name: a, url: "
                        f"{ROOT}/tests/data/engine/contracts/cancels/openapi.yaml }} ]\n"
                        "workflows: [ { workflowId: w, steps: [ { stepId: s, operationId: getRuns } ] } ]\n",
                        encoding="utf-8")
        code, _, err = run("check", "cancels", *ENGINE, "--scenario", str(file))
        self.assertEqual(code, 2)
        self.assertIn("bad.arazzo.yaml:4:66: ", err)
        self.assertIn("did you mean 'getRun'", err)

    def test_reports_are_written_and_hold_no_secret(self):
        copy = self.copy("cancels/lifecycle.yaml", "{ in: PENDING, error: too_early, source: seed }",
                         "{ in: PENDING, error: over, source: seed }")
        junit, report = self.path / "r.xml", self.path / "r.json"
        code, out, err = run("check", "cancels", *ENGINE, "--mock-contracts", copy, "--bearer-env", "TOKEN",
                             "--header", "X-Key: other-secret", "--report", "console",
                             "--report", f"junit={junit}", "--report", f"json={report}",
                             env={"TOKEN": SECRET})
        self.assertEqual(code, 1, out + err)
        suites = xml.parse(junit).getroot()
        self.assertEqual((suites.get("tests"), suites.get("failures")), ("5", "1"))
        data = json.loads(report.read_text(encoding="utf-8"))
        self.assertEqual(data["report"], "dryrun-check/1")
        self.assertEqual(data["counts"]["failed"], 1)
        self.assertEqual(data["exit"], 1)
        whole = out + err + junit.read_text(encoding="utf-8") + report.read_text(encoding="utf-8")
        for secret in ("s3cr", "other-secret", "mine"):
            self.assertNotIn(secret, whole)

    def play(self, *steps):
        """One workflow of the page `schedules`."""
        file = self.path / "own.arazzo.yaml"
        text = json.dumps([{"stepId": f"s{i}", **step} for i, step in enumerate(steps)])
        file.write_text("arazzo: 1.0.1\ninfo: { title: t, version: '1' }\nsourceDescriptions: [ { name: a, url: "
                        f"{ROOT}/tests/data/engine/contracts/schedules/openapi.yaml }} ]\n"
                        f"workflows: [ {{ workflowId: w, steps: {text} }} ]\n", encoding="utf-8")
        return run("check", "schedules", *ENGINE, "--scenario", str(file))

    def test_links_that_an_answer_gave_are_followed_but_nowhere_else(self):
        name = [{"name": "name", "in": "path", "value": "hourly"}]
        put = {"operationId": "putRoutine", "parameters": name, "requestBody": {"payload": {"cron": "0 * * * *", "listens": ["all"]}}}
        heard = {"signal": "something happened"}
        page = {"operationId": "listRuns", "parameters": [*name, {"name": "limit", "in": "query", "value": "1"}],
                "x-dryrun-signal": heard, "outputs": {"next": "$response.body#/next_link"}}
        rest = {"operationId": "listRuns", "parameters": name, "successCriteria": [
            {"context": "$response.body", "type": "jsonpath", "condition": "$[?count($.data[*]) == 1]"},
            {"condition": "$response.body#/next_link == null"}]}
        first = {**page, "outputs": {}}
        code, out, _ = self.play(put, first, page, {**rest, "x-dryrun-link": "$steps.s2.outputs.next"})
        self.assertEqual(code, 0, out)
        code, out, _ = self.play(put, {**rest, "x-dryrun-signal": heard, "x-dryrun-link": "/schedules/routines/hourly/runs?limit=1"})
        self.assertEqual(code, 0, out)
        for link, why in (("https://example.com/runs?limit=1", "the link leads away from 'http://127.0.0.1:"),
                          ("http://127.0.0.1:1/runs", "the link leads away from"),
                          ("$steps.s0.outputs.none", "'x-dryrun-link' came to nothing")):
            code, out, _ = self.play({**put, "outputs": {"none": "$response.body#/none"}}, {**rest, "x-dryrun-link": link})
            self.assertEqual(code, 1)
            self.assertIn(why, out)

    def test_signals_that_nobody_hears_fail_their_step(self):
        step = {"operationId": "listRuns", "parameters": [{"name": "name", "in": "path", "value": "x"}]}
        code, out, _ = self.play({**step, "x-dryrun-signal": {"signal": "something hapened"}})
        self.assertEqual(code, 1)
        self.assertIn("the signal was answered with 409", out)
        self.assertIn("did you mean 'something happened'?", out)
        code, _, err = self.play({**step, "x-dryrun-signal": {"sign": "x"}})
        self.assertEqual(code, 2)
        self.assertIn("unknown key 'sign' (did you mean 'signal'?)", err)
        self.assertIn("expected member 'signal', which is missing", err)

    def with_unreachable(self, text):
        """The contracts with this file beside those of `cancels`."""
        target = self.path / "excused"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(ROOT / "tests/data/engine/contracts", target)
        (target / "cancels/unreachable.yaml").write_text('unreachable: "1.0"\n' + text, encoding="utf-8")
        scenario = (ROOT / "tests/e2e/cancels.arazzo.yaml").read_text(encoding="utf-8")
        (target / "play.arazzo.yaml").write_text(
            scenario.replace("../data/engine/contracts/", ""), encoding="utf-8")
        return ["--contracts", str(target), "--fixtures", "tests/data/engine/fixtures"]

    def play_excused(self, text, *words):
        data = self.with_unreachable(text)
        return run("check", "cancels", *data, "--scenario", str(self.path / "excused/play.arazzo.yaml"), *words)

    def test_less_coverage_than_wanted_exits_1(self):
        play = ["check", "cancels", "--scenario", "tests/e2e/cancels.arazzo.yaml"]
        code, out, err = run(*play, *ENGINE, "--unmet", "--min-coverage", "operations=10", "--min-coverage", "cells=100")
        unmet = [line.split("not met: ")[1] for line in out.splitlines() if "not met: " in line]
        cells = [line.removeprefix("cell ") for line in unmet if line.startswith("cell ")]
        self.assertEqual(code, 1, out)
        self.assertRegex(err, r"cancels: cells \d+ of \d+ is less than 100 %; --unmet says which")
        self.assertNotIn("operations", err)
        excused = "cells:\n" + "".join(f'  "{cell}": no scenario comes here\n' for cell in cells)
        code, out, err = self.play_excused(excused, "--unmet", "--min-coverage", "cells=100")
        self.assertEqual((code, err), (0, ""))
        self.assertNotIn("not met: cell", out)

    def test_what_is_called_unreachable_is_held_to_it(self):
        play = ["check", "cancels", "--scenario", "tests/e2e/cancels.arazzo.yaml"]
        cases = (("operations: { cancelRun: nobody asks for it }", "the operation 'cancelRun' was met after all"),
                 ("operations: { cancelRuns: nobody asks for it }", "has no operation 'cancelRuns' (did you mean 'cancelRun'?)"),
                 ("cells: { 'run canc*': nobody asks for it }", "was met after all"),
                 ("cell: { a: nobody asks for it }", "unknown key 'cell' (did you mean 'cells'?)"),
                 ("cells: { a: no }", "unreachable.yaml:2:"))
        for text, said in cases:
            with self.subTest(text=text):
                code, _, err = self.play_excused(text)
                self.assertEqual(code, 2, err)
                self.assertIn(said, err)
                if "after all" not in said:
                    code, out, _ = run("lint", "cancels", *self.with_unreachable(text))
                    self.assertEqual(code, 2, out)
                    self.assertIn(said, out)
        for wrong in ("cells", "cells=", "cells=101", "cell=50", "cells=5x"):
            code, _, err = run(*play, *ENGINE, "--min-coverage", wrong)
            self.assertEqual((code, err.count("\n")), (2, 1), err)
            self.assertIn(f"'{wrong}' is not KIND=PERCENT", err)

    def test_what_nothing_met_is_said(self):
        report = self.path / "r.json"
        code, out, err = run("check", "cancels", *ENGINE, "--scenario", "tests/e2e/cancels.arazzo.yaml", "--unmet",
                             "--report", "console", "--report", f"json={report}")
        self.assertEqual((code, err), (0, ""))
        said = [line.removeprefix("cancels not met: ") for line in out.splitlines() if " not met: " in line]
        self.assertTrue(said)
        (told,) = json.loads(report.read_text(encoding="utf-8"))["coverage"]
        self.assertEqual((told.pop("provider"), told.pop("skipped")), ("cancels", []))
        self.assertEqual([f"{kind[:-1]} {name}" for kind, rows in told.items() for name in rows["unmet"]], said)
        line = next(line for line in out.splitlines() if line.startswith("cancels met: "))
        self.assertEqual(line.removeprefix("cancels met: "),
                         ", ".join(f"{kind} {rows['met']} of {rows['of']}" for kind, rows in told.items()))
        for rows in told.values():
            self.assertEqual(len(rows["unmet"]), rows["of"] - rows["met"])
            self.assertEqual(len(rows["played"]), rows["met"])
            self.assertFalse(rows["played"].keys() & rows["unmet"])
            self.assertEqual(rows["excused"], {})


if __name__ == "__main__":
    main()
