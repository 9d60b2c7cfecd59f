# SPDX-License-Identifier: Apache-2.0
"""Secrets stand in no report, whatever a service makes of them.

A service of ours says all it was told, in every spelling and in pieces; then every output of a run is
looked through: as it is, and with every layer of spelling taken off again.
"""
import base64
import html
import http.server
import json
import pathlib
import re
import tempfile
import threading
import time
import unittest
import urllib.parse

from dryrun_test import ENGINE, ROOT, main, run

# By where it is planted; no one is part of another, and each has what spellings change.
SECRETS = {
    "bearer": 'b3arer/of"mine"+9\\x',
    "header": "h3ader;of=mine&8",
    "password": "p4ss w😀rd of mine? 7/é",
    "basic": "b4sic pass w😀rd of mine",
    "nested": "n3sted<password>of mine",
    "input": "1nput%20of mine's",
    "variable": "v4riable:of@mine#5",
    "environment": "3nvironment key of mine",
    "cookie": "c00kie-of-mine-0123",
}


def spellings(text):
    """Ways in which services spell what they were told."""
    raw = text.encode()
    yield text
    yield urllib.parse.quote(text, safe="")
    yield urllib.parse.quote(text).lower()
    yield urllib.parse.quote_plus(text)
    yield "".join(f"%{byte:02X}" for byte in raw)
    yield json.dumps(text)
    yield json.dumps(text, ensure_ascii=False).replace("/", "\\/")
    yield "".join(f"\\u{unit:04x}" for unit in memoryview(text.encode("utf-16-le")).cast("H"))
    for before in ("", "a", "ab", "user:"):
        yield base64.b64encode(before.encode() + raw).decode()
        yield base64.b64encode(before.encode() + raw + b"!").decode()
        yield base64.urlsafe_b64encode(before.encode() + raw).decode().rstrip("=")


def layers(text):
    """The text with spellings taken off, one and two deep."""
    def off(one):
        yield urllib.parse.unquote_plus(one)
        yield urllib.parse.unquote(one)
        yield html.unescape(one)
        yield re.sub(r'\\(u[dD][89abAB][0-9a-fA-F]{2}\\u[0-9a-fA-F]{4}|u[0-9a-fA-F]{4}|["\\/bfnrt])', lambda m: json.loads(f'"{m[0]}"'), one)
    first = [text, *off(text)]
    seen = {*first, *(two for one in first for two in off(one))}
    for one in list(seen):
        for token in set(re.findall(r"[A-Za-z0-9+/_-]{8,}", one)):
            token = token.replace("-", "+").replace("_", "/")
            for start in range(4):
                part = token[start:]
                seen.add(base64.b64decode(part[:len(part) // 4 * 4]).decode("utf-8", "replace"))
    return seen


class Echo(http.server.BaseHTTPRequestHandler):
    """Tells all: in headers, in a body of JSON, in a stream whose writes end within a secret."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def told(self):
        return [one for secret in SECRETS.values() for one in spellings(secret)]

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        answer = json.dumps({"run_id": "9d3c1f00-0000-4000-8000-000000000000", "state": SECRETS["password"],
                             "error": "x" * 60 + SECRETS["bearer"] * 8, "told": self.told(), "you": body,
                             "headers": dict(self.headers)}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("X-Told", urllib.parse.quote(SECRETS["bearer"]))
        self.send_header("Set-Cookie", f"session={SECRETS['cookie']}; Path=/")
        self.end_headers()
        self.wfile.write(answer)

    def do_GET(self):
        if self.path.startswith("/__admin"):
            self.send_error(404)
            return
        lines = [json.dumps({"text": one}) for one in self.told()] + self.told()
        text = "".join(f"id: {i}\ndata: {line}\n\n" for i, line in enumerate(lines)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        middle = text.index(SECRETS["header"].encode()) + 5
        for part in (text[:middle], text[middle:middle + 3], text[middle + 3:]):
            self.wfile.write(part)
            self.wfile.flush()
            time.sleep(0.01)  # so that each is read by itself
        self.close_connection = True


INPUTS = {
    "type": "object",
    "properties": {
        "key": {"type": "string", "format": "password"},
        "plain": {"type": "string"},
        "account": {"type": "object", "properties": {"pin": {"type": "string", "format": "password"}}},
    },
}


def scenario(folder):
    """Sends what it is given everywhere, and expects what will not come."""
    where = [{"name": "runId", "in": "path", "value": "$inputs.key"},
             {"name": "more", "in": "query", "value": "$inputs.plain"}]
    expected = [{"condition": "$response.body == $inputs.account"},
                {"condition": f"$response.body#/error == '{SECRETS['header']}'"},
                {"context": "$response.body", "type": "jsonpath", "condition": "$[?@.none]"}]
    steps = [
        {"stepId": "create", "operationId": "createRun", "parameters": where[1:],
         "requestBody": {"payload": {"prompt": "$inputs.key", "more": "$inputs.account.pin", "all": "$inputs.plain"}},
         "successCriteria": expected, "outputs": {"all": "$response.body"},
         "onFailure": [{"name": "on", "type": "goto", "stepId": "look"}]},
        {"stepId": "look", "operationId": "getRun", "parameters": where,
         "successCriteria": [{"condition": f"$response.body == '{SECRETS['bearer'][:6]}'"}]},
    ]
    file = pathlib.Path(folder) / "echo.arazzo.yaml"
    inner = {"workflowId": "inner", "inputs": INPUTS, "steps": steps, "outputs": {"all": "$steps.create.outputs.all"}}
    outer = {"workflowId": "outer", "inputs": INPUTS, "steps": [{
        "stepId": "call", "workflowId": "inner", "parameters": [
            {"name": "key", "value": "$inputs.key"}, {"name": "plain", "value": "$inputs.plain"},
            {"name": "account", "value": {"pin": SECRETS["nested"]}}]}]}
    file.write_text("arazzo: 1.0.1\ninfo: { title: t, version: '1' }\nsourceDescriptions: [ { name: a, url: "
                    f"{ROOT}/tests/data/engine/contracts/cancels/openapi.yaml }} ]\n"
                    f"workflows: {json.dumps([inner, outer], ensure_ascii=False)}\n", encoding="utf-8")
    return str(file)


class Secrets(unittest.TestCase):
    def test_no_output_tells_a_secret_in_any_spelling(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with tempfile.TemporaryDirectory() as folder:
            forms = ["console", "tap", "junit", "json", "html", "github"]
            words = [word for form in forms for word in ("--report", f"{form}={folder}/{form}")]
            code, out, err = run(
                "check", "cancels", *ENGINE, "--target", f"http://127.0.0.1:{server.server_port}/cancels/api/v1",
                "--scenario", scenario(folder), "--bearer-env", "OF_BEARER", "--header", f"X-Own: {SECRETS['header']}",
                "--header", f"X-Login: Basic {base64.b64encode(('user:' + SECRETS['basic']).encode()).decode()}",
                "--input", f"key={SECRETS['password']}", "--input", f"plain={SECRETS['input']}", "--secret", "plain",
                "--secret", "A_VARIABLE", *words, "--report", "console", "--har", f"{folder}/har",
                env={"OF_BEARER": SECRETS["bearer"], "A_VARIABLE": SECRETS["variable"],
                     "SERVICE_API_KEY": SECRETS["environment"]})
            server.shutdown()
            server.server_close()
            self.assertEqual(code, 1, err)
            outputs = {"standard output": out, "standard error": err}
            for form in (*forms, "har"):
                outputs[form] = pathlib.Path(folder, form).read_text(encoding="utf-8")
        for name, text in outputs.items():
            told = layers(text)
            for kind, secret in SECRETS.items():
                with self.subTest(output=name, secret=kind):
                    for one in told:
                        for part in (secret, secret[:len(secret) // 2 + 1]):
                            at = one.find(part)
                            self.assertEqual(at, -1, one[max(0, at - 80):at + 80])
        for name in ("standard output", "json", "har", "html"):
            self.assertIn("***", outputs[name])
        self.assertIn("X-Told", outputs["har"])
        self.assertIn("text/event-stream", outputs["har"])

    def test_what_looks_for_secrets_finds_them(self):
        for secret in SECRETS.values():
            for one in spellings(secret):
                self.assertTrue(any(secret[:len(secret) // 2] in text for text in layers(f"x {one} y")), one)


if __name__ == "__main__":
    main()
