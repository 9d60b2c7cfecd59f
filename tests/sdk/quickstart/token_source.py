# SPDX-License-Identifier: Apache-2.0
"""Where a program that asks the machine it runs on for its credential (a managed identity) gets one: any token will do."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"access_token": "any", "token_type": "Bearer", "resource": "any",
                           "client_id": "any", "expires_on": str(int(time.time()) + 86400)}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class TokenSource:
    """A server on a free port, as long as the context lasts; its address is `url`."""

    def __enter__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Answer)
        self.url = f"http://127.0.0.1:{self.server.server_port}/token"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
