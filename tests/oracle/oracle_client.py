# SPDX-License-Identifier: Apache-2.0
"""A plain HTTP client of any service: no retries, no redirects, nothing of the product's own code."""

import http.client
import json
import time
import urllib.parse

PATIENCE = 20  # seconds of real time


class Unexpected(AssertionError):
    """What the service did is not what FACTS.md says."""


def expect(condition, what):
    if not condition:
        raise Unexpected(what)


class Answer:
    def __init__(self, request, response, content):
        self.request = request
        self.status = response.status
        self.headers = response.headers
        self.content = content

    @property
    def media(self):
        return (self.headers.get("Content-Type") or "").split(";")[0].strip()

    @property
    def json(self):
        media = self.media
        expect(media == "application/json" or media.endswith("+json"), f"{self}: content type '{media}' is not JSON")
        try:
            return json.loads(self.content)
        except ValueError as error:
            raise Unexpected(f"{self}: the body is not JSON: {error}") from None

    @property
    def events(self):
        """The frames of an event stream: [{"event": .., "data": .., "id": ..}], data parsed where it is JSON."""
        expect(self.media == "text/event-stream", f"{self}: content type '{self.media}' is no event stream")
        text = self.content.decode()
        expect(not text or text.endswith("\n\n"), f"{self}: the last frame has no blank line")
        return [parse_frame(block) for block in text.split("\n\n") if block.strip("\n")]

    def __str__(self):
        return f"{self.request[:200]} -> {self.status} {self.content[:300].decode(errors='replace')}"


def parse_frame(block):
    """One frame of an event stream; comments are left out."""
    frame = {}
    for line in block.split("\n"):
        name, _, value = line.partition(":")
        if name:
            expect(name not in frame, f"two '{name}' lines in one frame: {block!r}")
            frame[name] = value.removeprefix(" ")
    try:
        frame["data"] = json.loads(frame["data"])
    except (KeyError, ValueError):
        pass  # a mark like [DONE], or a comment alone
    return frame


class Session:
    """A world of its own in the mock, so that rows cannot disturb each other. `headers` go with every request:
    what the service asks for, a credential say."""

    def __init__(self, mock, name, base="", headers=None):
        self.mock, self.name, self.base, self.headers = mock, name, base, headers or {}
        self.connection = http.client.HTTPConnection("127.0.0.1", mock.port, timeout=60)
        self.held = []

    def close(self):
        for connection in (self.connection, *self.held):
            connection.close()

    def hold(self, path, body, headers=None, begun=True):
        """Posts on a connection of its own and leaves the answer unread until the session is closed: a stream that goes
        on, or, not `begun`, a wait. The world's clock stands still meanwhile; it is advanced by hand."""
        self.mock.admin("PUT", "/participants", {"participants": 2}, self.name)
        connection = http.client.HTTPConnection("127.0.0.1", self.mock.port, timeout=60)
        self.held.append(connection)
        head = {**self.all_headers(), **(headers or {}), "Content-Type": "application/json"}
        connection.request("POST", self.base + path, json.dumps(body).encode(), head)
        if begun:
            response = connection.getresponse()
            expect(response.status == 200, f"POST {path}: {response.status}, no stream to hold")

    def let_go(self):
        """Leaves what is held, as a client that goes away does."""
        while self.held:
            self.held.pop().close()

    def poll(self, see, fits, what):
        """For what happens in real time, as when a client's leaving is noticed: until what `see` returns fits."""
        end = time.monotonic() + PATIENCE
        while not fits(seen := see()):
            expect(time.monotonic() < end, f"not {what} within {PATIENCE} s: {str(seen)[:400]}")
            time.sleep(0.01)
        return seen

    def send(self, method, path, body=None, raw=None, headers=None):
        """Sends a JSON body, or `raw` bytes as they are, or none; `path` is below the service's base. A header
        that is None is not sent."""
        head = {name: value for name, value in {**self.all_headers(), **(headers or {})}.items() if value is not None}
        content = raw if raw is not None else None if body is None else json.dumps(body).encode()
        if content is not None:
            head.setdefault("Content-Type", "application/json")
        return self._exchange(method, self.base + path, content, head)

    def get(self, path, **more):
        return self.send("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.send("POST", path, body, **more)

    def all_headers(self):
        return {"X-Dryrun-Session": self.name, **self.headers}

    def fetch(self, url, headers=None):
        """Follows an absolute URL; without headers as a browser would follow a signed one, without credentials."""
        parts = urllib.parse.urlsplit(url)
        expect(parts.scheme == "http" and parts.port == self.mock.port, f"'{url}' does not point to this service")
        return self._exchange("GET", urllib.parse.urlunsplit(("", "") + parts[2:]), None, headers or {})

    def _exchange(self, method, target, content, headers):
        try:
            self.connection.request(method, target, content, headers)
            response = self.connection.getresponse()
            return Answer(f"{method} {target}", response, response.read())
        except (http.client.HTTPException, OSError) as error:
            self.connection.close()
            raise Unexpected(f"{method} {target}: no answer: {error!r}") from None

    def advance(self, by):
        self.mock.advance(by, self.name)

    def advance_until(self, see, fits, what):
        """Lets time pass until what `see` returns fits: in small steps at first, so that no short state is passed
        over; then in longer ones."""
        for step in ["50ms"] * 100 + ["1s"] * 60 + ["60s"] * 60:
            seen = see()
            if fits(seen):
                return seen
            self.advance(step)
        expect(False, f"it does not get {what}: {str(seen)[:400]}")
