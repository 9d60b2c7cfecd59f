# SPDX-License-Identifier: Apache-2.0
"""A plain HTTP client of the service: no retries, no redirects, nothing of the product's own code."""

import http.client
import json
import urllib.parse

TOKEN = "Bearer wk-oracle"


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
    def json(self):
        media = (self.headers.get("Content-Type") or "").split(";")[0].strip()
        expect(media == "application/json" or media.endswith("+json"), f"{self}: content type '{media}' is not JSON")
        try:
            return json.loads(self.content)
        except ValueError as error:
            raise Unexpected(f"{self}: the body is not JSON: {error}") from None

    def __str__(self):
        return f"{self.request[:200]} -> {self.status} {self.content[:300].decode(errors='replace')}"


class Session:
    """A world of its own in the mock, so that rows cannot disturb each other."""

    def __init__(self, mock, name, base="/api/v1"):
        self.mock, self.name, self.base = mock, name, base
        self.connection = http.client.HTTPConnection("127.0.0.1", mock.port, timeout=60)

    def close(self):
        self.connection.close()

    def send(self, method, path, body=None, raw=None, token=TOKEN, headers=None):
        """Sends a JSON body, or `raw` bytes as they are, or none; `path` is below the service's base."""
        head = {"X-Dryrun-Session": self.name, **(headers or {})}
        if token is not None:
            head["Authorization"] = token
        content = raw if raw is not None else None if body is None else json.dumps(body).encode()
        if content is not None:
            head.setdefault("Content-Type", "application/json")
        return self._exchange(method, self.base + path, content, head)

    def get(self, path, **more):
        return self.send("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.send("POST", path, body, **more)

    def fetch(self, url):
        """Follows an absolute, signed URL as a browser would: without credentials."""
        parts = urllib.parse.urlsplit(url)
        expect(parts.scheme == "http" and parts.port == self.mock.port, f"'{url}' does not point to this service")
        return self._exchange("GET", urllib.parse.urlunsplit(("", "") + parts[2:]), None, {})

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
