# SPDX-License-Identifier: Apache-2.0
"""What dryrun check writes: each form as its golden file has it, and well-formed by its own rules.

UPDATE=1 writes tests/e2e/golden anew.
"""
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
import unittest
import xml.etree.ElementTree as xml
from html.parser import HTMLParser

from dryrun_test import ENGINE, PROGRAM, ROOT, main, run

GOLDEN = pathlib.Path(__file__).with_name("golden")
FORMS = {"console": "txt", "tap": "tap", "junit": "xml", "json": "json", "html": "html", "github": "github"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}


def mistakes(schema, value, root, at=""):
    """What a value has against a schema: the keywords that ours uses, and an error for any other."""
    if "$ref" in schema:
        yield from mistakes(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], value, root, at)
    for keyword, rule in schema.items():
        if keyword == "type":
            if not isinstance(value, TYPES[rule]) or (rule == "integer" and isinstance(value, bool)):
                yield f"{at}: no {rule}"
                return
        elif keyword == "const" and value != rule or keyword == "enum" and value not in rule:
            yield f"{at}: {value!r} is not {rule}"
        elif keyword == "minimum" and value < rule:
            yield f"{at}: {value} is below {rule}"
        elif keyword == "required":
            yield from (f"{at}: no {name}" for name in rule if name not in value)
        elif keyword == "properties":
            for name in sorted(rule.keys() & value.keys()):
                yield from mistakes(rule[name], value[name], root, f"{at}/{name}")
        elif keyword == "additionalProperties":
            for name in value.keys() - schema.get("properties", {}).keys():
                if rule is False:
                    yield f"{at}: {name} is not described"
                else:
                    yield from mistakes(rule, value[name], root, f"{at}/{name}")
        elif keyword == "items":
            for i, item in enumerate(value):
                yield from mistakes(rule, item, root, f"{at}/{i}")
        elif keyword not in ("$schema", "$ref", "$defs", "title", "description", "const", "enum", "minimum"):
            yield f"{at}: the schema says {keyword}, which this test does not know"


def report_mistakes(data):
    schema = json.loads((ROOT / "contracts/schemas/report.schema.json").read_text(encoding="utf-8"))
    return list(mistakes(schema, data, schema))


class Page(HTMLParser):
    """What a page fetches or runs, and elements that are not closed."""

    EMPTY = {"meta", "br", "hr", "img", "link", "input"}

    def __init__(self):
        super().__init__()
        self.foreign, self.open, self.texts, self.classes = [], [], [], set()

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "iframe", "img", "link", "object", "embed"):
            self.foreign.append(tag)
        for name, value in attrs:
            if name == "src" or name == "href" and not value.startswith("#") or name.startswith("on") or "url(" in (value or ""):
                self.foreign.append(f"{tag} {name}={value}")
            if name == "class":
                self.classes |= set(value.split())
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        self.texts.append(data)


class Reports(unittest.TestCase):
    """One run with a workflow that is kept, and one that breaks document and criterion."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = pathlib.Path(cls.folder.name)
        fixtures = cls.path / "fixtures"
        shutil.copytree(ROOT / "tests/data/engine/fixtures", fixtures)
        file = fixtures / "cancels/service.yaml"
        text = file.read_text(encoding="utf-8")
        assert "cancelRun: { reply: $run.run_id }" in text
        file.write_text(text.replace("cancelRun: { reply: $run.run_id }",
                                     "cancelRun: { reply: { id: $run.run_id } }"), encoding="utf-8")
        words = [word for form, end in FORMS.items() for word in ("--report", f"{form}={cls.path}/report.{end}")]
        cls.code, cls.out, cls.err = run("check", "cancels", *ENGINE, "--scenario", "tests/e2e/reports.arazzo.yaml",
                                         "--mock-fixtures", str(fixtures), *words, "--har", f"{cls.path}/report.har")
        cls.texts = {end: (cls.path / f"report.{end}").read_text(encoding="utf-8")
                     for end in (*FORMS.values(), "har")}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def calm(self, text):
        """Without what differs from run to run: ports, times, folders."""
        text = text.replace(str(self.path), "FOLDER")
        text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
        text = re.sub(r"\d+ ms", "N ms", text)
        text = re.sub(r'time="[\d.]+"', 'time="N"', text)
        text = re.sub(r'"(time|wait|receive|took_ms)":( ?)[\d.]+', r'"\1":\g<2>0', text)
        return re.sub(r'"startedDateTime":"[^"]+"', '"startedDateTime":"WHEN"', text)

    def test_each_form_is_as_its_golden_file(self):
        self.assertEqual((self.code, self.out, self.err), (1, "", ""))
        for end, text in self.texts.items():
            with self.subTest(end=end):
                file = GOLDEN / f"check.{end}"
                if os.environ.get("UPDATE"):
                    GOLDEN.mkdir(exist_ok=True)
                    file.write_text(self.calm(text), encoding="utf-8")
                self.assertEqual(self.calm(text), file.read_text(encoding="utf-8"))

    def test_a_report_into_what_standard_output_leads_to_is_added_there(self):
        with tempfile.NamedTemporaryFile("w+") as file:
            file.write("before\n")
            file.flush()
            done = subprocess.run(["sh", "-c", '"$0" "$@" >> ' + file.name, PROGRAM, "check", "cancels", *ENGINE, "--report", "tap=/proc/self/fd/1"],
                                  cwd=ROOT, stderr=subprocess.PIPE, timeout=60, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            text = pathlib.Path(file.name).read_text(encoding="utf-8")
        self.assertTrue(text.startswith("before\nTAP version 14\n"), text[:200])

    def test_a_failure_shows_request_answer_values_and_difference(self):
        text = self.texts["txt"]
        for part in ("criterion: $response.body == $steps.create.outputs.run: $response.body was {",
                     '      - /state: "QUEUED"\n      + /state: "CANCELLED"\n', "POST http://127.0.0.1:", '{"id":"',
                     "    difference (- expected, + found):\n      - body: type \"string\"\n      + body: {\"id\":\"",
                     "violation body: expected string but found an object\n      rule: "
                     "tests/data/engine/contracts/cancels/openapi.yaml:"):
            self.assertIn(part, text)

    def test_json_keeps_its_schema_and_the_schema_is_strict(self):
        data = json.loads(self.texts["json"])
        self.assertEqual(report_mistakes(data), [])
        data["workflows"][0]["steps"][0]["attempts"][0]["request"]["more"] = 1
        del data["counts"]["notes"]
        self.assertEqual(report_mistakes(data), ["/counts: no notes", "/workflows/0/steps/0/attempts/0/request: "
                                                 "more is not described"])

    def test_junit_counts_what_it_holds(self):
        root = xml.fromstring(self.texts["xml"])
        self.assertEqual((root.get("tests"), root.get("failures")), ("2", "1"))
        self.assertEqual([case.get("name") for case in root.iter("testcase")], ["kept", "broken"])

    def test_tap_has_a_plan_for_every_level(self):
        lines = self.texts["tap"].splitlines()
        self.assertEqual(lines[0], "TAP version 14")
        for indent in ("", "    "):
            planned = [int(line.split("..")[1]) for line in lines if re.match(indent + r"1\.\.\d+$", line)]
            points = [line for line in lines if re.match(indent + r"(not )?ok \d+ - ", line)]
            self.assertEqual(sum(planned), len(points), points)
        self.assertIn("not ok 2 - broken", lines)
        self.assertIn("    not ok 3 - look", lines)

    def test_html_stands_by_itself(self):
        page = Page()
        page.feed(self.texts["html"])
        page.close()
        self.assertEqual((page.foreign, page.open), ([], []))
        text = "".join(page.texts)
        self.assertIn("the contract is broken", text)
        self.assertIn('"prompt":"Work & <play> 100% #1"', text)
        self.assertNotRegex(self.texts["html"], r"@import|<play>")
        self.assertLessEqual({"graph", "met", "unmet"}, page.classes)

    def test_annotations_name_files_and_lines_that_are_there(self):
        lines = self.texts["github"].splitlines()
        self.assertEqual(len(lines), 2, lines)
        for line in lines:
            found = re.match(r"::error file=([^,:]+),line=(\d+),col=\d+,title=[^:]+::.+$", line)
            self.assertTrue(found, line)
            self.assertLessEqual(int(found[2]), len((ROOT / found[1]).read_text(encoding="utf-8").splitlines()))

    def test_har_has_every_exchange_with_all_that_the_format_asks_for(self):
        log = json.loads(self.texts["har"])["log"]
        self.assertEqual((log["version"], log["creator"]["name"], len(log["entries"])), ("1.2", "dryrun", 4))
        for entry in log["entries"]:
            self.assertLessEqual({"startedDateTime", "time", "request", "response", "cache", "timings"}, entry.keys())
            self.assertLessEqual({"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize",
                                  "bodySize"}, entry["request"].keys())
            self.assertLessEqual({"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL",
                                  "headersSize", "bodySize"}, entry["response"].keys())
            self.assertRegex(entry["startedDateTime"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$")
            self.assertAlmostEqual(entry["time"], sum(entry["timings"].values()), delta=0.002)
            self.assertEqual(entry["response"]["content"]["size"], len(entry["response"]["content"]["text"].encode()))

    def judge(self, *words, contracts=None):
        """Runs, and gives the exit code, the coverage of JSON, the page, standard output."""
        names = {form: self.path / f"judge.{form}" for form in ("json", "html")}
        code, out, err = run("check", "cancels", *(contracts or ENGINE), *words, "--report", "console",
                             *(word for form, file in names.items() for word in ("--report", f"{form}={file}")))
        data = json.loads(names["json"].read_text(encoding="utf-8"))
        self.assertEqual(report_mistakes(data), [], err)
        return code, data, names["html"].read_text(encoding="utf-8"), out

    def test_members_of_answers_are_counted(self):
        _, data, page, out = self.judge("--scenario", "tests/e2e/reports.arazzo.yaml")
        members = data["coverage"][0]["members"]
        self.assertEqual(members["played"]["Run.state"], 2)
        self.assertIn("Run.worker", members["unmet"])
        self.assertEqual(members["met"] + len(members["unmet"]), members["of"])
        self.assertIn(f", members {members['met']} of {members['of']}\n", out)
        self.assertRegex(page, r'<span class="met">state &times;2</span>')
        self.assertRegex(page, r'<span class="unmet">worker</span>')
        code, _, err = run("check", "cancels", *ENGINE, "--scenario", "tests/e2e/reports.arazzo.yaml",
                           "--min-coverage", "members=100")
        self.assertEqual(code, 1)
        self.assertIn(f"members {members['met']} of {members['of']} is less than 100 %", err)

    def test_faults_that_were_met_are_told(self):
        _, data, page, out = self.judge("--scenario", "tests/e2e/faults.arazzo.yaml")
        faults = {item["fault"]: (item["asked"], item["told"]) for item in data["faults"]}
        self.assertEqual(faults.keys(), {"lost_response", "cancel_ignored", "schema_mutation"})
        self.assertEqual(faults["cancel_ignored"], (1, 1))
        self.assertGreater(faults["lost_response"][0], 0)
        self.assertEqual(faults["lost_response"][1], 0)  # who would tell?
        self.assertIn("faults met: lost_response ", out)
        self.assertIn("<tr><th>cancel_ignored</th><td>1</td><td>1</td></tr>", page)

    def test_the_page_says_of_every_cell_what_became_of_it(self):
        contracts = self.path / "contracts"
        shutil.copytree(ROOT / "tests/data/engine/contracts", contracts)
        (contracts / "cancels/unreachable.yaml").write_text(
            'unreachable: "1.0"\ncells: { "run cancelRun FAILED": "it never <fails> here" }\n', encoding="utf-8")
        scenario = contracts / "reports.arazzo.yaml"
        scenario.write_text((ROOT / "tests/e2e/reports.arazzo.yaml").read_text(encoding="utf-8").replace(
            "../data/engine/contracts/", ""), encoding="utf-8")
        _, data, page, _ = self.judge("--scenario", str(scenario), contracts=[
            "--contracts", str(contracts), "--fixtures", "tests/data/engine/fixtures"])
        cells = data["coverage"][0]["cells"]
        self.assertEqual(cells["excused"], {"run cancelRun FAILED": "it never <fails> here"})
        self.assertEqual(page.count('<td class="excused" title="it never &lt;fails&gt; here">excused</td>'), 1)
        table = page[page.index('<table class="cells">'):]
        table = table[:table.index("</table>")]
        self.assertEqual(table.count('class="met">'), len(cells["played"]))
        self.assertEqual(table.count('class="unmet">unmet<'), len(cells["unmet"]))
        self.assertIn("<li>cell <b>run cancelRun FAILED</b>: it never &lt;fails&gt; here</li>", page)
        self.assertIn(f"<li>cell <b>{cells['unmet'][0]}</b></li>", page)

    def test_what_was_skipped_is_neither_met_nor_judged(self):
        class Nothing(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                self.send_error(404)

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Nothing)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        scenario = self.path / "skipped.arazzo.yaml"
        text = (ROOT / "tests/e2e/reports.arazzo.yaml").read_text(encoding="utf-8")
        scenario.write_text(text.replace("../data/engine", str(ROOT / "tests/data/engine")).replace(
            text[text.index("  - workflowId: kept"):text.index("  - workflowId: broken")], ""), encoding="utf-8")
        code, data, page, out = self.judge("--scenario", str(scenario), "--target", f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        server.server_close()
        self.assertEqual(code, 5, out)
        self.assertEqual((data["coverage"][0]["skipped"], data["counts"]["steps_skipped"]), (["createRun"], 1))
        self.assertIn("Skipped, so not judged: createRun<", page)


if __name__ == "__main__":
    main()
