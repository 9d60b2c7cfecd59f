# SPDX-License-Identifier: Apache-2.0
"""dryrun check --against: the same scenarios at two sides, and exactly what differs between them.

UPDATE=1 writes tests/e2e/golden/drift.* anew.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as xml

from dryrun_test import ENGINE, ROOT, Mock, main, run
from live_service import Live, Service, instant
from test_reports import Page, mistakes

GOLDEN = pathlib.Path(__file__).with_name("golden")
FORMS = {"console": "txt", "tap": "tap", "junit": "xml", "json": "json", "html": "html", "github": "github"}
SCENARIO = "tests/e2e/drift.arazzo.yaml"
CONTRACT = f"{ENGINE[1]}/cancels"
PROVIDERS = ["acp", "azure-agents", "azure-routines", "letta", "warp"]
SKIPPED = ("note", "step", "createRun", "")


def check(*arguments, scenario=SCENARIO, provider="cancels", data=ENGINE, env=None):
    """(exit code, the JSON report, standard error) of a comparison."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "drift.json"
        code, out, err = run("check", provider, *arguments, "--scenario", scenario, "--report", f"json={file}", *data, env=env)
        report = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
        assert not out, out
    if report:
        schema = json.loads((ROOT / "contracts/schemas/drift.schema.json").read_text(encoding="utf-8"))
        assert not list(mistakes(schema, report, schema)), list(mistakes(schema, report, schema))
    return code, report, err


def told(report):
    """What was found, without what a foreign service can never be asked for."""
    rows = [(f["kind"], f["aspect"], f["operation"], f["path"]) for f in report["findings"]]
    return [row for row in rows if row != SKIPPED]


def against(service, *arguments, **more):
    with Live(service) as live:
        return check("--target", live.url, "--against", "mock", *arguments, **more)


def find(report, aspect, operation, path=""):
    return next(f for f in report["findings"] if (f["aspect"], f["operation"], f["path"]) == (aspect, operation, path))


class WithoutDetail(Service):
    """As our mock is: its problems have neither detail nor retryable."""

    def problem(self, status):
        status, body = super().problem(status)
        return status, {name: body[name] for name in ("type", "title", "status")}


class Quiet(unittest.TestCase):
    def test_a_mock_behaves_as_itself_with_all_scenarios_of_all_services_whatever_it_draws(self):
        with Mock("--clock", "virtual", "--seed", "7", data=[]) as mock, tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "drift.json"
            targets = [item for name in PROVIDERS for item in ("--target", f"{name}={mock.url}")]
            code, out, err = run("check", *PROVIDERS, *targets, "--against", "mock", "-j", "2", "--report", "console",
                                 "--report", f"json={file}", timeout=850)
            report = json.loads(file.read_text(encoding="utf-8"))
        self.assertEqual((0, ""), (code, err), out)
        self.assertEqual([], report["findings"])
        self.assertGreater(report["counts"]["workflows"], 600)
        self.assertGreater(report["counts"]["steps"], 5000)
        self.assertEqual({"same"}, {row["result"] for row in report["operations"]})
        self.assertIn("0 breaches, 0 differences, 0 variations, 0 notes\n", out)

    def test_a_live_service_that_does_the_same_differs_in_nothing(self):
        code, report, err = against(WithoutDetail())
        self.assertEqual((0, ""), (code, err))
        self.assertEqual([], told(report))
        self.assertEqual(5, report["counts"]["steps"])
        results = {row["operation"]: (row["result"], row["steps"], row["only_right"]) for row in report["operations"]}
        self.assertEqual({"createRun": ("same", 1, 0), "getRun": ("same", 2, 1), "cancelRun": ("same", 1, 0),
                          "listRuns": ("same", 1, 0)}, results)

    def test_what_polls_missed_is_a_note(self):
        class Fast(WithoutDetail):
            states = ["QUEUED", "INPROGRESS", "SUCCEEDED"]

        code, report, _ = against(Fast())
        self.assertEqual((0, [("note", "states", "getRun", "run")]), (code, told(report)))
        self.assertEqual("QUEUED, INPROGRESS, SUCCEEDED", find(report, "states", "getRun", "run")["left"]["text"])


class Live_(unittest.TestCase):
    """Services of our own with one thing changed, and the findings that name it."""

    def test_an_optional_member_is_a_variation(self):
        code, report, _ = against(Service())
        self.assertEqual(1, code)
        self.assertEqual([("variation", "member", "cancelRun", "/detail"), ("variation", "member", "cancelRun", "/retryable"),
                          ("variation", "member", "getRun", "/detail"), ("variation", "member", "getRun", "/retryable")],
                         sorted(told(report)))
        finding = find(report, "member", "cancelRun", "/detail")
        self.assertEqual(("string", '"no"', "absent"), (finding["left"]["text"], finding["left"]["like"], finding["right"]["text"]))
        self.assertEqual("both", finding["allows"])
        self.assertRegex(finding["contract"], rf"^{CONTRACT}/openapi\.yaml:\d+:\d+$")
        self.assertRegex(finding["place"], rf"^{SCENARIO}:\d+:\d+$")

    def test_another_status_names_the_row_and_what_hangs_on_it_is_not_told(self):
        class Accepts(WithoutDetail):
            def cancel(self, run_id):
                return 200, run_id

        code, report, _ = against(Accepts())
        self.assertEqual((1, [("breach", "status", "cancelRun", "")]), (code, told(report)))
        finding = find(report, "status", "cancelRun")
        self.assertEqual(("200", "400", "right", 1), (finding["left"]["text"], finding["right"]["text"], finding["allows"],
                                                      finding["not_compared"]))
        self.assertRegex(finding["left"]["rule"], rf"^{CONTRACT}/lifecycle\.yaml:\d+:\d+$")
        self.assertNotIn("broken", finding["right"])

    def test_an_undocumented_status_is_the_services_breach(self):
        class Breaks(WithoutDetail):
            def create(self, body):
                return 503, {"type": "x", "title": "x", "status": 503}

        _, report, _ = against(Breaks())
        self.assertEqual([("breach", "status", "createRun", "")], told(report))
        self.assertEqual(3, find(report, "status", "createRun")["not_compared"])

    def test_a_missing_required_member_is_a_breach_and_is_counted_over_all_answers(self):
        class Untitled(WithoutDetail):
            def show(self, run):
                return {name: value for name, value in run.items() if name != "title"}

        _, report, _ = against(Untitled())
        self.assertEqual([("breach", "member", "createRun", "/title"), ("breach", "member", "getRun", "/title"),
                          ("breach", "member", "listRuns", "/runs/[]/title")], told(report))
        finding = find(report, "member", "getRun", "/title")
        self.assertEqual(("absent", 4, "poll"), (finding["left"]["text"], finding["count"], finding["step"]))
        self.assertIn("expected member 'title'", finding["left"]["broken"])

    def test_another_type_and_another_spelling_of_time_are_told_as_such(self):
        class Typed(WithoutDetail):
            def show(self, run):
                return {**run, "executions": str(run["executions"]), "created_at": 1767225600}

        _, report, _ = against(Typed())
        self.assertEqual({("breach", "type", path) for path in ("/executions", "/created_at", "/runs/[]/executions",
                                                                "/runs/[]/created_at")},
                         {(kind, aspect, path) for kind, aspect, _, path in told(report)})
        finding = find(report, "type", "createRun", "/created_at")
        self.assertEqual(("number (epoch seconds)", "string (date-time)"), (finding["left"]["text"], finding["right"]["text"]))

    def test_an_order_of_states_that_the_contract_forbids_is_a_breach(self):
        class Turned(WithoutDetail):
            states = ["QUEUED", "CLAIMED", "PENDING", "INPROGRESS", "SUCCEEDED"]

        _, report, _ = against(Turned())
        self.assertEqual([("breach", "states", "getRun", "run")], told(report))
        finding = find(report, "states", "getRun", "run")
        self.assertEqual("QUEUED, CLAIMED, PENDING, INPROGRESS, SUCCEEDED", finding["left"]["text"])
        self.assertEqual("QUEUED, PENDING, CLAIMED, INPROGRESS, SUCCEEDED", finding["right"]["text"])
        self.assertIn("lifecycle.yaml", finding["left"]["rule"])

    def test_an_order_of_states_that_the_contract_allows_is_a_difference(self):
        class Fails(WithoutDetail):
            states = ["QUEUED", "PENDING", "CLAIMED", "INPROGRESS", "FAILED"]

        _, report, _ = against(Fails())
        self.assertEqual([("difference", "states", "getRun", "run")], told(report))

    def test_a_state_that_there_is_not_is_a_breach(self):
        class Odd(WithoutDetail):
            states = ["QUEUED", "PAUSED", "CLAIMED", "INPROGRESS", "SUCCEEDED"]

        _, report, _ = against(Odd())
        self.assertIn(("breach", "states", "getRun", "run"), told(report))

    def test_a_step_that_one_side_never_gets_through_is_told_once(self):
        class Stuck(WithoutDetail):
            states = ["QUEUED", "PENDING"]

        scenario = (ROOT / SCENARIO).read_text(encoding="utf-8").replace("within: 10s", "within: 100ms").replace(
            "every: 40ms", "every: 25ms").replace("../data", str(ROOT / "tests/data"))
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "short.arazzo.yaml"
            file.write_text(scenario, encoding="utf-8")
            with Live(Stuck()) as live, Live(WithoutDetail()) as other:
                code, report, _ = check("--target", live.url, "--against", other.url, scenario=str(file))
        self.assertEqual((1, [("difference", "states", "getRun", "run")]), (code, told(report)))
        self.assertEqual(2, find(report, "states", "getRun", "run")["not_compared"])

    def test_a_media_type_is_told_instead_of_all_that_is_in_the_body(self):
        class Plain(WithoutDetail):
            headers = {"Content-Type": "text/plain"}

        _, report, _ = against(Plain())
        self.assertEqual({("breach", "media type")}, {row[:2] for row in told(report)})
        self.assertEqual(("text/plain", "application/json"), (find(report, "media type", "createRun")["left"]["text"],
                                                             find(report, "media type", "createRun")["right"]["text"]))

    def test_an_enum_that_lists_the_value_is_compared_and_a_text_that_does_not_is_not(self):
        class Named(WithoutDetail):
            def show(self, run):
                return {**run, "title": "another title"}

        self.assertEqual(0, against(Named())[0])

    def test_the_members_of_a_map_are_nobodys(self):
        class Labelled(WithoutDetail):
            def show(self, run):
                return {**run, "metadata": {"zone": "eu"}}

        _, report, _ = against(Labelled())
        self.assertEqual({("variation", "/metadata"), ("variation", "/runs/[]/metadata")},
                         {(kind, path) for kind, _, _, path in told(report)})

    def test_a_value_out_of_bounds_is_told_though_values_differ_by_nature(self):
        class Bounds(WithoutDetail):
            def show(self, run):
                return {**run, "run_id": run["run_id"]} | ({"run_time": "2 seconds"} if "run_time" in run else {})

        _, report, _ = against(Bounds())
        self.assertEqual({("breach", "value", "/run_time"), ("breach", "value", "/runs/[]/run_time")},
                         {(kind, aspect, path) for kind, aspect, _, path in told(report)})

    def test_two_live_services_are_compared_as_well(self):
        class Newer(WithoutDetail):
            def show(self, run):
                return {**run, "worker": "hosted", "created_at": instant()[:10]}

        with Live(Newer()) as left, Live(WithoutDetail()) as right:
            code, report, _ = check("--target", left.url, "--against", right.url)
        self.assertEqual(1, code)
        self.assertEqual({("variation", "member"), ("breach", "format")}, {row[:2] for row in told(report)})
        self.assertEqual(left.url.removeprefix("http://"), report["left"]["name"])
        self.assertEqual(right.url, report["right"]["where"])

    def test_what_does_not_matter_is_ignored(self):
        code, report, _ = against(Service(), "--ignore", "*#/detail", "--ignore", "getRun#/retry*")
        self.assertEqual((1, [("variation", "member", "cancelRun", "/retryable")]), (code, told(report)))
        self.assertEqual(3, report["counts"]["ignored"])
        self.assertEqual(0, against(Service(), "--ignore", "variation")[0])
        self.assertEqual(0, against(Service(), "--ignore", "*#member")[0])


class Sides(unittest.TestCase):
    def test_a_side_that_cannot_be_reached_is_exit_code_3(self):
        with Live(Service()) as live:
            gone = "http://127.0.0.1:1"
            self.assertEqual(3, check("--target", gone, "--against", "mock")[0])
            code, _, err = check("--target", live.url, "--against", gone)
        self.assertEqual(3, code)
        self.assertIn(f"'{gone}' cannot be reached", err)

    def test_credentials_that_are_not_accepted_are_exit_code_3_and_said_of_the_side(self):
        class Closed(Service):
            def create(self, body):
                return 401, {"type": "/errors/unauthorized", "title": "x", "status": 401}

        code, report, _ = against(Closed())
        self.assertEqual((3, []), (code, report["findings"]))
        self.assertIn("credentials", report["left"]["unreachable"])

    def test_nothing_that_both_sides_play_is_exit_code_5(self):
        scenario = "tests/e2e/cancels.arazzo.yaml"  # every workflow asks for an outcome
        code, report, _ = against(WithoutDetail(), scenario=scenario)
        self.assertEqual((5, 0), (code, report["counts"]["steps"]))
        self.assertEqual({"note"}, {f["kind"] for f in report["findings"]})

    def test_what_is_meant_for_one_side_is_not_sent_to_the_other(self):
        left, right = WithoutDetail(), WithoutDetail()
        with Live(left) as one, Live(right) as other:
            check("--target", one.url, "--against", other.url, "--header", "X-Key: first-key", "--against-bearer-env", "OTHER",
                  env={"OTHER": "second-key"})
        sent = [{name.lower(): value for name, value in headers.items()} for _, path, headers in left.requests if "/runs" in path]
        self.assertEqual({("first-key", None)}, {(h.get("x-key"), h.get("authorization")) for h in sent})
        sent = [{name.lower(): value for name, value in headers.items()} for _, path, headers in right.requests if "/runs" in path]
        self.assertEqual({(None, "Bearer second-key")}, {(h.get("x-key"), h.get("authorization")) for h in sent})

    def test_options_that_do_not_go_together_are_refused(self):
        for arguments, text in [
                (["--against", "mock", "--har", "x"], "'--har' is for judging one side"),
                (["--against", "mock", "--min-coverage", "cells=1"], "'--min-coverage' is for judging one side"),
                (["--against", "mock", "--tape", "x.har"], "'--tape' is for judging one side"),
                (["--ignore", "x"], "'--ignore' is for '--against'"),
                (["--against", "ftp:/x"], "is no http:// or https:// URL, nor 'mock' alone"),
                (["--against", "mock", "--against", "cancels=http://127.0.0.1:1"], "'mock' is no http://"),
                (["--against", "mock", "--against-bearer-env", "NO_SUCH"], "'--against-bearer-env': 'NO_SUCH' is not set")]:
            code, out, err = run("check", "cancels", *arguments, *ENGINE)
            self.assertEqual((2, ""), (code, out), arguments)
            self.assertIn(text, err)


class Mocks(unittest.TestCase):
    """Mocks of ours that play something else."""

    def mutated(self, file, old, new, **more):
        """Compares a mock that plays changed files with the installed one."""
        with tempfile.TemporaryDirectory() as folder:
            copies = []
            for kind in ("contracts", "fixtures"):
                copies.append(pathlib.Path(folder) / kind)
                shutil.copytree(ROOT / ENGINE[1 if kind == "contracts" else 3], copies[-1])
                path = copies[-1] / "cancels" / file
                if path.exists():
                    text = path.read_text(encoding="utf-8")
                    assert old in text, old
                    path.write_text(text.replace(old, new), encoding="utf-8")
            return check("--mock-contracts", str(copies[0]), "--mock-fixtures", str(copies[1]), "--against", "mock", **more)

    def test_a_changed_cell_is_the_status_and_the_row(self):
        code, report, _ = self.mutated("lifecycle.yaml", "{ in: terminal, error: over, source: seed }",
                                       "{ in: terminal, error: too_early, source: seed }")
        self.assertEqual((1, [("breach", "status", "cancelRun", "")]), (code, told(report)))
        finding = find(report, "status", "cancelRun")
        self.assertEqual(("409", "400"), (finding["left"]["text"], finding["right"]["text"]))
        self.assertEqual(("mock", "installed mock"), (report["left"]["name"], report["right"]["name"]))

    def test_changed_fixtures_that_the_contract_allows_are_a_difference(self):
        code, report, _ = self.mutated("outcomes.yaml", "{ after: 2s, to: SUCCEEDED }", "{ after: 2s, to: FAILED }")
        self.assertEqual((1, [("difference", "states", "getRun", "run")]), (code, told(report)))

    def test_a_value_that_differs_by_nature_is_told_where_a_step_hangs_on_it_and_what_is_behind_it_is_not_compared(self):
        with tempfile.TemporaryDirectory() as folder:
            scenario = pathlib.Path(folder) / "titles.arazzo.yaml"
            scenario.write_text(f"""
arazzo: 1.0.1
info: {{ title: t, version: "1" }}
sourceDescriptions: [ {{ name: cancels, url: {ROOT}/tests/data/engine/contracts/cancels/openapi.yaml, type: openapi }} ]
workflows:
  - workflowId: titles
    steps:
      - {{ stepId: create, operationId: createRun, requestBody: {{ payload: {{ prompt: Work }} }}, successCriteria: [ {{ condition: $response.body#/title == 'Work' }} ] }}
      - {{ stepId: list, operationId: listRuns }}
""", encoding="utf-8")
            code, report, _ = self.mutated("resources.yaml", "title: $given.prompt", 'title: "{$given.prompt}!"', scenario=str(scenario))
        self.assertEqual((1, [("difference", "step", "createRun", "")]), (code, told(report)))
        finding = find(report, "step", "createRun")
        self.assertEqual(finding["left"]["text"], 'failed: $response.body#/title == \'Work\': $response.body#/title was "Work!"')
        self.assertEqual(finding["right"]["text"], "went on")

    def test_other_durations_are_no_difference(self):
        self.assertEqual((0, []), (lambda found: (found[0], told(found[1])))(
            self.mutated("outcomes.yaml", "{ after: 2s, to: SUCCEEDED }", "{ after: 5s, to: SUCCEEDED }")))

    def faulty(self, rule, provider="cancels", scenario=SCENARIO, data=ENGINE):
        with tempfile.TemporaryDirectory() as folder:
            plan = pathlib.Path(folder) / "plan.yaml"
            plan.write_text(f'faults: "1.0"\nsummary: one thing\nrules: [ {rule} ]\n', encoding="utf-8")
            with Mock("--clock", "virtual", "--faults", str(plan), data=data) as mock:
                return check("--target", mock.url, "--against", "mock", scenario=scenario, provider=provider, data=data)

    def test_faults_are_told_as_what_they_look_like(self):
        for rule, wanted in [
                ("{ fault: status, with: { status: 503 }, match: { operation: cancelRun } }", ("breach", "status", "cancelRun", "")),
                ("{ fault: regress, match: { operation: getRun } }", ("breach", "states", "getRun", "run")),
                ("{ fault: schema_mutation, with: { breach: drop, at: /title }, match: { operation: getRun } }",
                 ("breach", "member", "getRun", "/title")),
                ("{ fault: schema_mutation, with: { breach: type, at: /executions }, match: { operation: createRun } }",
                 ("breach", "type", "createRun", "/executions")),
                ("{ fault: reset, match: { operation: cancelRun } }", ("breach", "status", "cancelRun", ""))]:
            with self.subTest(rule):
                code, report, _ = self.faulty(rule)
                self.assertEqual((1, [wanted]), (code, told(report)))

    def test_a_read_that_ends_too_early_is_told_at_the_resource(self):
        _, report, _ = self.faulty("{ fault: early_terminal, match: { operation: getRun } }")
        self.assertIn(("breach", "states", "getRun", "run"), told(report))
        self.assertIn(("breach", "status", "cancelRun", ""), told(report))

    def test_streams_that_are_cut_or_end_without_their_end_are_told_at_the_stream(self):
        streams = "contracts/acp/scenarios/streams.arazzo.yaml"
        _, report, _ = self.faulty("{ fault: stream_cut, match: { operation: stream_thread_run_output } }", "acp", streams, [])
        self.assertEqual([("breach", "status", "stream_thread_run_output", "")], told(report))
        self.assertEqual("no answer", find(report, "status", "stream_thread_run_output")["left"]["text"])
        code, report, _ = self.faulty("{ fault: missing_terminal, match: { operation: stream_thread_run_output } }", "acp",
                                      streams, [])
        self.assertEqual(1, code)
        self.assertEqual({"stream_thread_run_output"}, {operation for _, _, operation, _ in told(report)})
        self.assertEqual("ValueRunResultUpdate, RunInterrupt",
                         next(f for f in report["findings"] if f["aspect"] == "events")["right"]["text"])


class Reports(unittest.TestCase):
    """Each form as its golden file has it; ports, ids and instants are taken out."""

    def reports(self, service):
        with Live(service) as live, tempfile.TemporaryDirectory() as folder:
            files = {form: pathlib.Path(folder) / f"drift.{ending}" for form, ending in FORMS.items()}
            arguments = [item for form, file in files.items() for item in ("--report", f"{form}={file}")]
            code, out, err = run("check", "cancels", "--target", live.url, "--against", "mock", "--scenario", SCENARIO,
                                 *arguments, *ENGINE)
            self.assertEqual((1, "", ""), (code, out, err))
            return {form: file.read_text(encoding="utf-8") for form, file in files.items()}

    @staticmethod
    def plain(text):
        text = re.sub(r"127\.0\.0\.1(:|%3A)\d+", "HOST", text)
        text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", "ID", text)
        text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "INSTANT", text)
        text = re.sub(r"(Date|Server|date|server)(: |\": \")[^\n\"]*", r"\1\2...", text)
        text = re.sub(r"\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT", "DATE", text)
        text = re.sub(r" {2,}(?=[|:] )", " ", text)
        return re.sub(r'time="[0-9.]+"', 'time="T"', text)

    class Odd(Service):
        states = ["QUEUED", "CLAIMED", "PENDING", "INPROGRESS", "SUCCEEDED"]

        def show(self, run):
            return {**run, "executions": "one"}

        def cancel(self, run_id):
            return 200, run_id

    def test_each_form_is_as_its_golden_file(self):
        reports = self.reports(self.Odd())
        for form, ending in FORMS.items():
            golden = GOLDEN / f"drift.{ending}"
            text = self.plain(reports[form])
            if os.environ.get("UPDATE"):
                golden.write_text(text, encoding="utf-8")
            self.assertEqual(golden.read_text(encoding="utf-8"), text, form)

    def test_each_form_is_well_formed(self):
        reports = self.reports(self.Odd())
        page = Page()
        page.feed(reports["html"])
        self.assertEqual(([], []), (page.foreign, page.open))
        suites = xml.fromstring(reports["junit"])
        self.assertEqual(4, len(suites.findall("testsuite/testcase")))
        self.assertEqual(int(suites.get("failures")), len(suites.findall("testsuite/testcase/failure")))
        if shutil.which("xmllint"):
            with tempfile.NamedTemporaryFile("w", suffix=".xml", encoding="utf-8") as file:
                file.write(reports["junit"])
                file.flush()
                done = subprocess.run(["xmllint", "--noout", "--schema", str(ROOT / "tests/e2e/junit.xsd"), file.name],
                                      capture_output=True, text=True, check=False)
                self.assertEqual(0, done.returncode, done.stderr)
        tap = reports["tap"].splitlines()
        self.assertEqual(["TAP version 14", "1..4"], tap[:2])
        self.assertEqual(4, sum(bool(re.match(r"(not )?ok \d+ - ", line)) for line in tap))

    def test_secrets_stand_in_no_form(self):
        class Leaks(Service):
            def show(self, run):
                return {**run, "executions": "sk-very-secret-key"}

        with Live(Leaks()) as live, tempfile.TemporaryDirectory() as folder:
            files = [pathlib.Path(folder) / f"drift.{ending}" for ending in FORMS.values()]
            arguments = [item for form, file in zip(FORMS, files) for item in ("--report", f"{form}={file}")]
            run("check", "cancels", "--target", live.url, "--against", "mock", "--bearer-env", "LIVE", "--scenario", SCENARIO,
                *arguments, *ENGINE, env={"LIVE": "sk-very-secret-key"})
            for file in files:
                text = file.read_text(encoding="utf-8")
                self.assertNotIn("sk-very-secret-key", text, file.name)
                self.assertIn("***", text, file.name)


if __name__ == "__main__":
    main()
