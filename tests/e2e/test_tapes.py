# SPDX-License-Identifier: Apache-2.0
"""dryrun check --tape: what other tools recorded is judged, and nothing is sent."""
import json
import xml.etree.ElementTree as xml

from dryrun_test import ROOT, Mock, main
from tape_case import Tape, TapeCase

BROWSER = ROOT / "tests/data/tapes/browser.har"


class JudgeTapes(TapeCase):
    def play(self, mock, session=None):
        """A run that is cancelled at once, however long that takes here, and then looked at."""
        self.assertEqual(mock.post("/__admin/clock/freeze", session=session).status, 200)
        tape = Tape(mock)
        made = tape.send("POST", "/runs", {"prompt": "p"}, headers={"X-Dryrun-Outcome": "hang"}, session=session)
        path = "/runs/" + made.json()["run_id"]
        tape.send("POST", path + "/cancel", session=session)
        tape.send("GET", path, session=session)
        return tape

    def test_a_tape_of_what_keeps_its_contract_exits_0(self):
        with Mock("cancels") as mock:
            tape = self.play(mock)
        tape.write(self.tape)  # the mock is gone: nothing can be sent
        code, out, err = self.judge()
        self.assertEqual(code, 0, out + err)
        self.assertIn("3 exchanges judged, 0 violations", out)
        self.assertIn(f"cancels at {mock.url}/cancels", out)
        self.assertIn("operations 3 of", out)

    def test_a_service_is_found_among_all_by_its_paths(self):
        with Mock("cancels") as mock:
            tape = self.play(mock)
        tape.write(self.tape)
        code, out, err = self.judge(providers=())
        self.assertEqual(code, 0, out + err)
        self.assertIn(f"cancels at {mock.url}/cancels", out)
        self.assertEqual(err, "")

    def test_a_state_that_cannot_be_reached_is_told_with_both_exchanges(self):
        with Mock("cancels") as mock:
            tape = self.play(mock)
        tape.body(2, state="QUEUED")
        tape.write(self.tape)
        code, out, _ = self.judge()
        self.assertEqual(code, 1, out)
        self.assertIn("violation move:", out)
        self.assertIn("tests/data/engine/contracts/cancels/lifecycle.yaml:", out)
        self.assertIn("(step entries[1])", out)
        self.assertIn("(step entries[2])", out)

    def test_an_answer_that_a_cell_refuses_names_the_row(self):
        with Mock("cancels") as mock:
            tape = self.play(mock)
            again = Tape(mock)
            again.send("POST", tape.entries[1]["request"]["url"].split("/cancels", 1)[1])
        answer = json.loads(json.dumps(tape.entries[1]["response"]))
        tape.entries += again.entries
        tape.entries[3]["response"] = answer  # a second cancel that succeeds
        tape.write(self.tape)
        code, out, _ = self.judge()
        self.assertEqual(code, 1, out)
        self.assertIn("violation row:", out)
        self.assertIn("lifecycle.yaml:40", out)

    def test_an_undocumented_status_and_a_wrong_body_break_the_document(self):
        with Mock("cancels") as mock:
            tape = self.play(mock)
        tape.entries[0]["response"]["status"] = 201
        tape.body(2, title=7)
        tape.write(self.tape)
        report = self.path / "r.xml"
        code, out, _ = self.judge("--report", "console", "--report", f"junit={report}")
        self.assertEqual(code, 1, out)
        self.assertIn("violation status:", out)
        self.assertIn("violation body:", out)
        self.assertIn("tape.har:1:", out)
        self.assertEqual(xml.parse(report).getroot().get("failures"), "1")

    def test_sessions_of_a_mock_are_worlds_of_their_own(self):
        with Mock("cancels") as mock:
            one, other = self.play(mock, "one"), self.play(mock, "other")
        one.entries = [entry for pair in zip(one.entries, other.entries) for entry in pair]
        one.write(self.tape)
        code, out, err = self.judge()
        self.assertEqual(code, 0, out + err)
        self.assertIn("session one", out)
        self.assertIn("session other", out)

    def test_what_overlaps_may_have_come_in_either_order(self):
        with Mock("cancels") as mock:
            tape = self.play(mock)
        tape.body(2, state="QUEUED")
        look, cancel = tape.entries[2], tape.entries[1]
        look["startedDateTime"], look["time"] = cancel["startedDateTime"], cancel["time"] + 50
        tape.write(self.tape)
        code, out, err = self.judge()
        self.assertEqual(code, 0, out + err)

    def test_what_a_browser_wrote_is_read(self):
        self.tape = BROWSER  # a byte order mark, HTTP/2, base64, a body left out, an answer that never came
        code, out, err = self.judge()
        self.assertEqual(code, 0, out + err)
        self.assertIn("cancels at https://runs.example.com/api/v1", out)
        self.assertIn("4 exchanges judged", out)
        self.assertIn("note tape: the tape left the body of the answer out", out)
        self.assertIn("note tape: no answer: net::ERR_CONNECTION_RESET", out)
        self.assertIn("2 of 7 exchanges are no provider's, the first: GET https://runs.example.com/style.css", err)

    def test_a_prefix_says_whose_exchanges_they_are(self):
        self.tape = BROWSER
        code, out, err = self.judge("--target", "cancels=https://runs.example.com/api/v1/")
        self.assertEqual(code, 0, out + err)
        self.assertIn("4 exchanges judged", out)
        code, out, err = self.judge("--target", "https://elsewhere.example.com")
        self.assertEqual(code, 5, out + err)
        self.assertIn("7 of 7 exchanges are no provider's", err)

    def test_a_credential_stands_in_no_report(self):
        with Mock("cancels") as mock:
            tape = self.play(mock)
        tape.body(2, title="echo of tape-token-of-mine", state="QUEUED")
        tape.write(self.tape)
        report = self.path / "r.json"
        code, out, err = self.judge("--report", "console", "--report", f"json={report}")
        self.assertEqual(code, 1, out)
        self.assertIn("echo of ***", out)
        self.assertNotIn("tape-token", out + err + report.read_text(encoding="utf-8"))

    def test_what_is_no_har_is_refused_with_all_that_is_wrong(self):
        for text, expected in (("{", ["tape.har:1:2: "]), ("{}", ["there is no 'log' with 'entries'"]),
                               ('{"log":{"entries":[{},{"request":{},"response":{"status":"x"}}]}}',
                                ["1:20: an entry needs", "a request needs 'method' and 'url'", "a response needs a 'status'"])):
            with self.subTest(text=text):
                self.tape.write_text(text, encoding="utf-8")
                code, _, err = self.judge()
                self.assertEqual(code, 2, err)
                for line in expected:
                    self.assertIn(line, err)

    def test_wrong_usage_exits_2(self):
        self.tape = BROWSER
        for arguments in (["--scenario", "x"], ["--header", "a: b"], ["--mock-fixtures", "tests"]):
            with self.subTest(arguments=arguments):
                code, _, err = self.judge(*arguments)
                self.assertEqual(code, 2, err)
                self.assertIn("with '--tape' nothing is sent", err)
        self.tape = self.path / "none.har"
        code, _, err = self.judge()
        self.assertEqual((code, err), (2, f"dryrun: error: cannot read '{self.tape}': No such file or directory\n"))


if __name__ == "__main__":
    main()
