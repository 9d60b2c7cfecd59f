# SPDX-License-Identifier: Apache-2.0
"""A receiver of webhooks on a free port of this machine."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from oracle_client import PATIENCE, expect


class Receiver:
    """Keeps what is posted to it, as (path, body); answers with `status`."""

    def __init__(self, status=200):
        received = self.received = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):  # noqa: N802 (the name is the library's)
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                received.append((self.path, json.loads(content)))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def wait(self, fits, what):
        """Until a body that fits has arrived; returns it."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for _, body in list(self.received):
                if fits(body):
                    return body
            time.sleep(0.01)
        expect(False, f"no webhook {what} in {PATIENCE} s: {self.received}")
