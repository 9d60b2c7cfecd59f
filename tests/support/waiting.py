# SPDX-License-Identifier: Apache-2.0
"""What happens in other threads and processes: waiting until it has, doing something meanwhile, taking webhooks."""

import http.server
import json
import threading
import time

PATIENCE = 30  # seconds: a build with sanitizers on a busy machine


def until(condition, seconds=PATIENCE):
    """Polls what somebody else is about to bring about; returns what the condition gave."""
    end = time.monotonic() + seconds
    while not (given := condition()):
        assert time.monotonic() < end, f"it did not happen in {seconds} s"
        time.sleep(0.005)
    return given


class Later(threading.Thread):
    """A call in the background."""

    def __init__(self, call):
        super().__init__(daemon=True)
        self.call, self.answer, self.failure = call, None, None
        self.start()

    def run(self):
        try:
            self.answer = self.call()
        except Exception as failure:  # pylint: disable=broad-except
            self.failure = failure

    def result(self):
        """What the call gave, or raises what it raised."""
        self.join(PATIENCE)
        assert not self.is_alive(), "it still waits"
        if self.failure:
            raise self.failure
        return self.answer


class Receiver:
    """Takes webhooks on a free port; answers each with the next of `statuses` (the last one for ever) after `pause` seconds.
    `look` sees each body first, on the receiver's thread. Close it, or use it in a `with` statement."""

    def __init__(self, *statuses, pause=0.0, look=None):
        self.calls, self.news = [], threading.Condition()  # (path, content type, body) of each
        receiver, statuses = self, statuses or (200,)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if look:
                    look(body)
                with receiver.news:
                    receiver.calls.append((self.path, self.headers["Content-Type"], body))
                    status = statuses[min(len(receiver.calls), len(statuses)) - 1]
                    receiver.news.notify_all()
                time.sleep(pause)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def bodies(self):
        with self.news:
            return [body for _, _, body in self.calls]

    def wait_for(self, count):
        """The bodies, as soon as there are so many."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.calls) >= count, PATIENCE), f"only {len(self.calls)} of {count} came"
            return [body for _, _, body in self.calls]

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
