# SPDX-License-Identifier: Apache-2.0
"""A service that is none of ours: tests/data/engine/contracts/cancels over http.server. A run goes one
state on with each read, so it costs no time; a test changes what it likes by a subclass.
"""
import http.server
import json
import threading
import time
import uuid

STATES = ["QUEUED", "PENDING", "CLAIMED", "INPROGRESS", "SUCCEEDED"]
NAMES = {400: "over", 404: "not_found", 409: "too_early"}


def instant():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class Service:
    """What it answers; `Live(Service)` plays it."""

    states = STATES  # in the order that reads show them
    headers = {}     # sent beside the usual ones

    def __init__(self):
        self.runs = {}  # id -> [run, reads so far]
        self.requests = []

    def run(self, prompt):
        now = instant()
        return {"run_id": str(uuid.uuid4()), "state": self.states[0], "title": prompt, "created_at": now,
                "updated_at": now, "executions": 1, "cancellable": True}

    def show(self, run):
        """The run as it is shown: for tests to change."""
        return run

    def problem(self, status):
        return status, {"type": f"/errors/{NAMES[status]}", "title": NAMES[status], "status": status,
                        "detail": "no", "retryable": False}

    def create(self, body):
        run = self.run(body["prompt"])
        self.runs[run["run_id"]] = [run, 0]
        return 200, self.show(run)

    def get(self, run_id):
        if run_id not in self.runs:
            return self.problem(404)
        entry = self.runs[run_id]
        entry[1] = min(entry[1] + 1, len(self.states) - 1)
        entry[0]["state"] = self.states[entry[1]]
        if entry[0]["state"] in ("INPROGRESS", "SUCCEEDED", "FAILED"):
            entry[0].setdefault("started_at", instant())
        if entry[0]["state"] in ("SUCCEEDED", "FAILED"):
            entry[0]["run_time"] = "PT2S"
        return 200, self.show(entry[0])

    def list(self):
        return 200, {"runs": [self.show(run) for run, _ in self.runs.values()], "page_info": {"has_next_page": False}}

    def cancel(self, run_id):
        return self.problem(400 if run_id in self.runs else 404)

    def answer(self, method, path, body):
        parts = path.split("?")[0].strip("/").split("/")
        if method == "POST" and parts == ["runs"]:
            return self.create(json.loads(body))
        if parts == ["runs"]:
            return self.list()
        return self.cancel(parts[1]) if parts[-1] == "cancel" else self.get(parts[1])


class Live:
    """A service on a free port; use it in a `with` statement."""

    def __init__(self, service):
        self.service = service

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_all(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                service.requests.append((self.command, self.path, dict(self.headers)))
                if self.path.startswith("/__admin"):
                    status, answer = 404, {}
                else:
                    status, answer = service.answer(self.command, self.path, body)
                data = json.dumps(answer).encode()
                self.send_response(status)
                kind = "application/json" if status < 400 else "application/problem+json"
                headers = {"Content-Type": kind, "Content-Length": str(len(data)), **service.headers}
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_DELETE = handle_all

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
