# SPDX-License-Identifier: Apache-2.0
"""dryrun mock --tape: what was recorded answers, by operation, as far as the client has come."""
import http.client
import json
import time

from dryrun_test import ENGINE, ROOT, Mock, main, run
from recording import Recorder
from tape_case import TapeCase

AUTH = {"Authorization": "Bearer some-long-credential"}
URL = "http://things.example.com/api"


def entry(method, path, status=200, answer=None, body=None, **response):
    """One of a tape that is written by hand; `answer` is a value, or a text as it is."""
    text = answer if isinstance(answer, str) else json.dumps(answer)
    sent = {"method": method, "url": URL + path, "httpVersion": "HTTP/1.1", "headers": []}
    if body is not None:
        sent["postData"] = {"mimeType": "application/json", "text": json.dumps(body)}
    return {"startedDateTime": "2026-01-01T00:00:00Z", "time": 1, "request": sent,
            "response": {"status": status, "headers": [{"name": "Content-Type", "value": "application/json"}],
                         "content": {"text": "" if answer is None else text}, **response}}


class MockTape(TapeCase):
    def play(self, entries, *arguments):
        self.tape.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}), encoding="utf-8")
        return Mock("cancels", "--tape", str(self.tape), *arguments)

    def record(self):
        """A run that is polled to its end, and one that is cancelled between two looks."""
        with Mock("cancels", "--clock", "virtual", "--step", "300ms") as mock, Recorder(mock.url, self.tape) as through:
            first = through.post("/cancels/runs", {"prompt": "one"}, headers=AUTH).json()["run_id"]
            while through.get(f"/cancels/runs/{first}", headers=AUTH).json()["state"] != "SUCCEEDED":
                pass
            through.get("/cancels/runs", headers=AUTH)
            second = through.post("/cancels/runs", {"prompt": "two"}, headers={**AUTH, "X-Dryrun-Outcome": "hang"}).json()["run_id"]
            through.get(f"/cancels/runs/{second}", headers=AUTH)
            through.post(f"/cancels/runs/{second}/cancel", headers=AUTH)
            through.get(f"/cancels/runs/{second}", headers=AUTH)
        return first, second

    def states(self, mock, run_id, count):
        return [mock.get(f"/cancels/runs/{run_id}").json()["state"] for _ in range(count)]

    def recorded(self, run_id):
        """The states that the tape tells of a run, each once."""
        entries = json.loads(self.tape.read_text(encoding="utf-8"))["log"]["entries"]
        return list(dict.fromkeys(json.loads(e["response"]["content"]["text"])["state"] for e in entries
                                  if e["request"]["method"] == "GET" and e["request"]["url"].endswith(run_id)))

    def test_polls_go_on_with_every_look_and_stay_at_the_end(self):
        first, _ = self.record()
        with Mock("cancels", "--tape", str(self.tape)) as mock:
            made = mock.post("/cancels/runs", {"prompt": "one"})
            self.assertEqual(made.json()["run_id"], first)
            self.assertEqual(made.headers["x-dryrun-tape"], "entries[0]")
            seen = self.states(mock, first, 30)
            again = mock.get(f"/cancels/runs/{first}").headers["x-dryrun-tape"]
        self.assertEqual(list(dict.fromkeys(seen)), self.recorded(first))
        self.assertGreater(len(self.recorded(first)), 2)
        self.assertIn("; again", again)

    def test_a_look_never_runs_ahead_of_what_the_client_has_done(self):
        _, second = self.record()
        with Mock("cancels", "--tape", str(self.tape)) as mock:
            self.assertEqual(mock.post("/cancels/runs", {"prompt": "two"}).json()["run_id"], second)  # by its body
            self.assertEqual(self.states(mock, second, 3), ["QUEUED"] * 3)
            self.assertEqual(mock.post(f"/cancels/runs/{second}/cancel").status, 200)
            self.assertEqual(self.states(mock, second, 2), ["CANCELLED"] * 2)

    def test_sessions_play_the_tape_by_themselves(self):
        first, _ = self.record()
        with Mock("cancels", "--tape", str(self.tape)) as mock:
            self.states(mock, first, 30)
            self.assertEqual(mock.get(f"/cancels/runs/{first}", session="new").json()["state"], self.recorded(first)[0])

    def test_the_served_tape_is_judged_as_the_service_was(self):
        self.record()
        scenario = self.path / "again.arazzo.yaml"
        scenario.write_text(json.dumps({
            "arazzo": "1.0.1", "info": {"title": "t", "version": "1"},
            "sourceDescriptions": [{"name": "a", "url": "ENGINE/cancels/openapi.yaml"}],
            "workflows": [{"workflowId": "w", "steps": [
                {"stepId": "make", "operationId": "createRun", "requestBody": {"payload": {"prompt": "two"}},
                 "successCriteria": [{"condition": "$statusCode == 200"}], "outputs": {"id": "$response.body#/run_id"}},
                *({"stepId": name, "operationId": operation, "parameters": [{"name": "runId", "in": "path", "value": "$steps.make.outputs.id"}],
                   "successCriteria": [{"condition": "$statusCode == 200"}]}
                  for name, operation in (("look", "getRun"), ("cancel", "cancelRun"), ("see", "getRun")))]}]
        }).replace("ENGINE", str(ENGINE_CONTRACTS)), encoding="utf-8")
        with Mock("cancels", "--tape", str(self.tape)) as mock:
            code, out, err = run("check", "cancels", *ENGINE, "--scenario", str(scenario), "--target", mock.url + "/cancels")
        self.assertEqual(code, 0, out + err)
        self.assertIn("4 exchanges judged, 0 violations", out)

    def test_a_name_that_the_client_chose_stands_for_the_one_on_the_tape(self):
        things = [entry("POST", "/runs/mine/cancel", answer="\"mine\""), entry("GET", "/runs/mine", answer={"run_id": "mine"}),
                  entry("POST", "/runs", answer={"run_id": "given"}), entry("GET", "/runs/given", answer={"run_id": "given"})]
        with self.play(things) as mock:
            self.assertEqual(mock.post("/api/runs/yours/cancel").json(), "yours")
            self.assertEqual(mock.get("/api/runs/yours").json(), {"run_id": "yours"})
            self.assertEqual(mock.get("/api/runs/other").status, 404)  # what the service named is nobody's to choose
            self.assertEqual(mock.get("/api/runs/given").json(), {"run_id": "given"})

    def test_the_query_decides_among_answers_of_one_operation(self):
        with self.play([entry("GET", "/runs?limit=1", answer=[1]), entry("GET", "/runs?limit=2", answer=[2])]) as mock:
            self.assertEqual(mock.get("/api/runs?limit=2").json(), [2])
            self.assertEqual(mock.get("/api/runs?limit=1").json(), [1])

    def test_what_is_not_on_the_tape_is_404_in_words(self):
        with self.play([entry("GET", "/none/of/any/document", answer=[1])]) as mock:
            self.assertEqual(mock.get("/api/none/of/any/document").json(), [1])
            answer = mock.get("/api/runs")
            self.assertEqual((answer.status, answer.headers["x-dryrun-tape"]), (404, "none"))
            self.assertEqual(answer.json()["detail"], "the tape has no exchange like this: GET /api/runs")

    STREAM = "data: 1\n\ndata: 2\n\n"
    CHUNKS = [{"at": 1, "size": 9}, {"at": 150, "size": 9}]

    def test_a_stream_keeps_its_pauses_on_a_real_clock(self):
        with self.play([entry("GET", "/runs", answer=self.STREAM, _chunks=self.CHUNKS)]) as mock:
            began = time.monotonic()
            self.assertEqual(mock.get("/api/runs").text, self.STREAM)
            self.assertGreaterEqual(time.monotonic() - began, 0.145)

    def test_a_stream_comes_at_once_on_the_virtual_clock(self):
        chunks = [{"at": 1, "size": 9}, {"at": 3600000, "size": 9}]
        with self.play([entry("GET", "/runs", answer=self.STREAM, _chunks=chunks)], "--clock", "virtual") as mock:
            self.assertEqual(mock.get("/api/runs").text, self.STREAM)

    def test_what_broke_off_breaks_off_again(self):
        with self.play([entry("GET", "/runs", answer=self.STREAM, _chunks=self.CHUNKS, _error="it broke"),
                        entry("GET", "/runs/x", status=0)], "--clock", "virtual") as mock:
            for path in ("/api/runs", "/api/runs/x"):
                with self.assertRaises((http.client.HTTPException, OSError)):
                    mock.get(path)

    def test_options_that_say_nothing_of_a_recording_are_refused(self):
        self.tape.write_text('{"log":{"entries":[]}}', encoding="utf-8")
        for arguments in (["--outcome", "cancels.run=hang"], ["--state", "x"], ["--seed", "2"]):
            with self.subTest(arguments=arguments):
                code, _, err = run("mock", *ENGINE, "--tape", str(self.tape), *arguments)
                self.assertEqual((code, err.count("\n")), (2, 1), err)
        self.assertEqual(run("mock", *ENGINE, "--tape", "/nowhere.har")[0], 2)
        self.assertEqual(run("exec", *ENGINE, "--tape", str(self.tape), "--", "true")[0], 2)


ENGINE_CONTRACTS = ROOT / "tests/data/engine/contracts"

if __name__ == "__main__":
    main()
