# SPDX-License-Identifier: Apache-2.0
"""dryrun record: what passes is kept, as it came; secrets are tokens; what is broken is kept, too."""
import base64
import http.client
import http.server
import json
import re
import shutil
import signal
import socketserver
import threading
import urllib.parse

from dryrun_test import ENGINE, ROOT, Mock, main, run
from recording import Recorder
from waiting import until
from tape_case import TapeCase

TOKEN = re.compile(r"tape-[0-9a-f]{16}")


class Scripted(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """A server that answers by path; what it was sent is in `seen`."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen, self.go_on = [], threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.go_on.set()
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append((self.command, self.path, dict(self.headers), body))
        if self.path.startswith("/stream"):
            return self.stream()
        if self.path.startswith("/large"):
            self.send_response(200)
            self.send_header("Content-Length", str(33 << 20))
            self.end_headers()
            try:
                for _ in range(33):
                    self.wfile.write(bytes(1 << 20))
            except OSError:
                pass  # who asked has enough
            self.close_connection = True
            return None
        if self.path.startswith("/broken"):
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"half")
            self.close_connection = True
            return None
        text = b'{"echo":' + (body or b"null") + b"}" if self.path.startswith("/echo") else b"\x00\xff bytes"
        self.send_response(207)
        self.send_header("Content-Type", "application/json" if text[:1] == b"{" else "application/octet-stream")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("X-Own", "kept")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)
        return None

    def stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (b"data: one", b" sec", b"ret-of-the-stream\n\n", b"data: two\n\n"):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
            if piece.endswith(b"stream\n\n"):
                self.server.go_on.wait(20)
        try:
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            pass  # who asked has gone

    do_GET = do_POST = do_DELETE = do_HEAD = answer


class Record(TapeCase):
    def play(self, through, path="/cancels"):
        headers = {"Authorization": "Bearer some-long-credential"}
        made = through.post(path + "/runs", {"prompt": "p"}, headers=headers)
        run_id = made.json()["run_id"]
        for _ in range(5):
            through.get(f"{path}/runs/{run_id}", headers=headers)
        through.post(f"{path}/runs/{run_id}/cancel", headers=headers)
        through.get(f"{path}/runs/{run_id}", headers=headers)

    def test_a_recorded_mock_keeps_its_contract(self):
        with Mock("cancels", "--clock", "virtual") as mock, Recorder(mock.url, self.tape) as recorder:
            self.play(recorder)
        self.assertEqual(len(recorder.entries()), 8)
        code, out, err = self.judge()
        self.assertEqual(code, 0, out + err)
        self.assertIn("8 exchanges judged, 0 violations", out)

    def test_operations_that_wait_on_a_virtual_clock_are_judged_as_they_were_when_they_were_played(self):
        scenarios = [word for name in ("waits", "multitask", "cells") for word in ("--scenario", f"contracts/acp/scenarios/{name}.arazzo.yaml")]
        with Mock("acp", "--clock", "virtual", data=[]) as mock, Recorder(mock.url, self.tape) as recorder:
            code, out, err = run("check", "acp", "--target", recorder.url, *scenarios)
            self.assertEqual(code, 0, out + err)
        code, out, err = run("check", "acp", "--tape", str(self.tape))
        self.assertEqual(code, 0, out[-3000:] + err)
        self.assertIn(" 0 violations, 0 deviations", out)

    def test_a_recorded_service_that_breaks_a_row_is_judged_broken(self):
        mutant = self.path / "contracts"
        source = "tests/data/engine/contracts"
        shutil.copytree(ROOT / source, mutant)
        file = mutant / "cancels/lifecycle.yaml"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("in: [ QUEUED, CLAIMED, INPROGRESS ], to: CANCELLED",
                                     "in: [ QUEUED, CLAIMED, INPROGRESS ], to: QUEUED"), encoding="utf-8")
        data = ["--contracts", str(mutant), "--fixtures", "tests/data/engine/fixtures"]
        with Mock("cancels", "--clock", "virtual", data=data) as mock, Recorder(mock.url, self.tape) as recorder:
            self.play(recorder)
        code, out, _ = self.judge()
        self.assertEqual(code, 1, out)
        self.assertIn("lifecycle.yaml:41", out)

    def test_everything_passes_as_it_comes(self):
        with Scripted() as server, Recorder(server.url + "/", self.tape) as recorder:
            answer = recorder.request("DELETE", "/echo/a%2Fb?x=1&y=%20", {"a": 1}, {"X-Mine": "m", "Connection": "X-Hop", "X-Hop": "h"})
            self.assertEqual((answer.status, answer.json(), answer.headers["x-own"]), (207, {"echo": {"a": 1}}, "kept"))
            head = recorder.request("HEAD", "/echo")
            self.assertEqual((head.status, head.headers["content-length"]), (207, "13"))
            recorder.get("/bytes")
        method, path, headers, body = server.seen[0]
        self.assertEqual((method, path, json.loads(body)), ("DELETE", "/echo/a%2Fb?x=1&y=%20", {"a": 1}))
        self.assertEqual((headers["X-Mine"], headers.get("X-Hop"), headers["Host"]), ("m", None, server.url[7:]))
        entries = recorder.entries()
        self.assertEqual(entries[0]["request"]["url"], server.url + "/echo/a%2Fb?x=1&y=%20")
        self.assertEqual(base64.b64decode(entries[2]["response"]["content"]["text"]), b"\x00\xff bytes")

    def test_a_stream_passes_while_it_lasts_and_its_timing_is_kept(self):
        with Scripted() as server, Recorder(server.url, self.tape) as recorder:
            connection = http.client.HTTPConnection("127.0.0.1", recorder.port, timeout=20)
            connection.request("GET", "/stream")
            response = connection.getresponse()
            self.assertEqual(response.readline(), b"data: one secret-of-the-stream\n")  # and no more is sent yet
            server.go_on.set()
            self.assertIn(b"data: two", response.read())
            connection.close()
        response = recorder.entries()[0]["response"]
        chunks = response["_chunks"]
        self.assertEqual(sum(chunk["size"] for chunk in chunks), len(response["content"]["text"]))
        self.assertEqual(sorted(chunk["at"] for chunk in chunks), [chunk["at"] for chunk in chunks])

    def test_a_stream_that_a_stop_breaks_off_is_on_the_tape(self):
        with Scripted() as server, Recorder(server.url, self.tape) as recorder:
            connection = http.client.HTTPConnection("127.0.0.1", recorder.port, timeout=20)
            connection.request("GET", "/stream")
            connection.getresponse().readline()
            recorder.stop()
            connection.close()
        response = recorder.entries()[0]["response"]
        self.assertEqual(response["_error"], "the recording was stopped")
        self.assertIn("data: one", response["content"]["text"])

    def test_an_answer_that_breaks_off_breaks_off_and_is_kept_so(self):
        with Scripted() as server, Recorder(server.url, self.tape) as recorder:
            with self.assertRaises((http.client.HTTPException, OSError)):
                recorder.get("/broken")
        response = recorder.entries()[0]["response"]
        self.assertIn("before the end of the body", response["_error"])

    def test_an_answer_larger_than_a_tape_holds_is_502_and_says_so(self):
        with Scripted() as server, Recorder(server.url, self.tape) as recorder:
            answer = recorder.get("/large")
        self.assertEqual((answer.status, answer.text), (502, "the target's answer is larger than 32 MB\n"))
        self.assertIn("_error", recorder.entries()[0]["response"])

    def test_a_target_that_is_gone_is_502_and_on_the_tape(self):
        with Recorder("http://127.0.0.1:1", self.tape) as recorder:
            self.assertEqual(recorder.get("/x").status, 502)
        self.assertEqual(recorder.entries()[0]["response"]["status"], 0)

    def test_the_tape_is_written_while_it_is_recorded(self):
        with Scripted() as server, Recorder(server.url, self.tape, "--every", "2") as recorder:
            self.assertEqual(recorder.entries(), [])
            recorder.get("/echo")
            recorder.get("/echo")
            until(lambda: len(recorder.entries()) == 2)
            recorder.process.kill()  # what was written stays
            recorder.process.wait()
            self.assertEqual(len(recorder.entries()), 2)
            recorder.process.returncode = 0

    def test_the_tape_is_whole_when_the_terminal_is_closed(self):
        with Scripted() as server, Recorder(server.url, self.tape) as recorder:
            recorder.get("/echo")
            self.assertEqual(recorder.stop(signal.SIGHUP), 0)
            self.assertEqual(len(recorder.entries()), 1)

    def test_polls_that_tell_nothing_new_are_left_out(self):
        with Mock("cancels", "--clock", "virtual") as mock, \
                Recorder(mock.url, self.tape, "--reduce") as recorder:
            self.play(recorder)
        methods = [entry["request"]["method"] for entry in recorder.entries()]
        self.assertEqual(methods, ["POST", "GET", "POST", "GET"])
        self.assertEqual(self.judge()[0], 0)

    SECRETS = {"bearer": "be/ar+er \u00fc \"credential\" of mine", "query": "query key=of/mine", "json": "pass\\word\nof mine",
               "named": "named one of mine", "cookie": "cookie-of-mine-1", "basic": "basic password of mine"}

    def spellings(self, secret):
        """Every text that a reader could take it from."""
        raw = secret.encode()
        yield from (secret, urllib.parse.quote(secret, safe=""), urllib.parse.quote(secret), urllib.parse.quote_plus(secret),
                    json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
        for before in range(3):
            for alphabet in (base64.b64encode, base64.urlsafe_b64encode):
                text = alphabet(b"\0" * before + raw).decode().rstrip("=")
                yield text[4 if before else 0:len(text) - 2]

    def test_secrets_are_tokens_in_every_form_and_the_same_everywhere(self):
        secrets = self.SECRETS
        with Scripted() as server, Recorder(server.url, self.tape, "--secret", "X-Named", "--every", "1") as recorder:
            everything = list(self.spellings(secrets["bearer"]))[:6] + [
                base64.b64encode(b"-" * n + value.encode() + b"-").decode() for value in secrets.values() for n in range(3)]
            recorder.post("/echo?early=" + urllib.parse.quote(secrets["json"]), everything)  # before they are known
            recorder.post("/echo?api_key=" + urllib.parse.quote_plus(secrets["query"]),
                          {"deep": [{"password": secrets["json"], "again": f"<{secrets['named']}> <{secrets['query']}>"}]},
                          headers={"Authorization": b"Bearer " + secrets["bearer"].encode(), "X-Named": secrets["named"],
                                   "Cookie": f"a={secrets['cookie']}; b=2", "X-Other": secrets["bearer"].encode()})
            basic = base64.b64encode(b"user:" + secrets["basic"].encode()).decode()
            recorder.post("/echo", [secrets["basic"], secrets["cookie"]], headers={"Authorization": "Basic " + basic})
        text = self.tape.read_text(encoding="utf-8")
        plain = json.dumps(json.loads(text), ensure_ascii=False)
        for name, secret in secrets.items():
            for spelling in self.spellings(secret):
                with self.subTest(secret=name, spelling=spelling):
                    self.assertNotIn(spelling, text)
                    self.assertNotIn(spelling, plain)
        sent = {header["name"].lower(): header["value"] for header in recorder.entries()[1]["request"]["headers"]}
        self.assertEqual(sent["authorization"], "Bearer " + sent["x-other"])
        self.assertIn(f"<{sent['x-named']}>", recorder.entries()[1]["response"]["content"]["text"])
        self.assertTrue(TOKEN.fullmatch(sent["x-other"]), sent)
        self.assertIn("early=" + TOKEN.search(recorder.entries()[1]["request"]["postData"]["text"]).group(0),
                      recorder.entries()[0]["request"]["url"])

    def test_a_secret_that_a_stream_tells_in_two_pieces_is_a_token(self):
        with Scripted() as server, Recorder(server.url, self.tape) as recorder:
            server.go_on.set()
            recorder.get("/stream", headers={"Authorization": "Bearer secret-of-the-stream"})
        response = recorder.entries()[0]["response"]
        self.assertNotIn("secret-of", self.tape.read_text(encoding="utf-8"))
        self.assertRegex(response["content"]["text"], "data: one tape-[0-9a-f]{16}\n")
        self.assertEqual(sum(chunk["size"] for chunk in response["_chunks"]), len(response["content"]["text"]))

    def test_a_scenario_does_again_what_was_recorded(self):
        scenario = self.path / "again.arazzo.yaml"
        contracts = "tests/data/engine/contracts"
        with Mock("cancels", "--clock", "virtual", "--step", "300ms") as mock:
            with Recorder(mock.url, self.tape, "--scenario", str(scenario), "--contracts", contracts) as through:
                headers = {"Authorization": "Bearer some-long-credential"}
                run_id = through.post("/cancels/runs", {"prompt": "p"}, headers=headers).json()["run_id"]
                while through.get(f"/cancels/runs/{run_id}", headers=headers).json()["state"] != "SUCCEEDED":
                    pass
                through.post(f"/cancels/runs/{run_id}/cancel", headers=headers)  # refused: it is over
                through.get("/cancels/runs?limit=3", headers=headers)
                through.get("/elsewhere")
        text = scenario.read_text(encoding="utf-8")
        self.assertNotIn(run_id, text)
        self.assertNotIn("some-long", text)
        steps = json.loads(text)["workflows"][0]["steps"]
        self.assertEqual([step["operationId"].rsplit(".", 1)[1] for step in steps], ["createRun", "getRun", "cancelRun", "listRuns"])
        self.assertEqual(steps[1]["parameters"][0]["value"], "$steps.1-createRun.outputs.run_id")
        self.assertIn({"condition": "$response.body#/state == 'SUCCEEDED'"}, steps[1]["successCriteria"])
        self.assertEqual(steps[2]["successCriteria"], [{"condition": "$statusCode == 400"}])
        self.assertEqual([p["name"] for p in steps[3]["parameters"]], ["limit"])
        code, out, err = run("check", "cancels", *ENGINE, "--scenario", str(scenario))
        self.assertEqual(code, 0, out + err)
        self.assertIn("1 passed", out)

    def test_wrong_usage_exits_2(self):
        for arguments in ([], ["--target", "http://x"], ["--target", "x", "--out", "y"], ["--target", "http://x?q", "--out", "y"],
                          ["--target", "http://x", "--out", "y", "z"], ["--target", "http://x", "--out", "/nowhere/y", "--port", "0"],
                          ["--target", "http://x", "--out", str(self.tape), "--scenario", "/nowhere/s", "--port", "0"]):
            with self.subTest(arguments=arguments):
                code, _, err = run("record", *arguments)
                self.assertEqual((code, err.count("\n")), (2, 1), err)


if __name__ == "__main__":
    main()
