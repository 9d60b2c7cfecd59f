# SPDX-License-Identifier: Apache-2.0
"""What tests of tapes share: exchanges with a mock, kept as HAR by Python alone."""
import datetime
import json
import pathlib
import tempfile
import time
import unittest

from dryrun_test import ENGINE, run


class Tape:
    """Entries of HAR 1.2, as another tool than ours would write them."""

    def __init__(self, mock, prefix="/cancels"):
        self.mock, self.prefix, self.entries = mock, prefix, []

    def send(self, method, path, body=None, headers=None, session=None):
        """Sends and keeps; the answer."""
        # In this order: a machine that stalls between the two would make it end after it did, within the next exchange.
        started, began = datetime.datetime.now(datetime.timezone.utc), time.monotonic()
        headers = {"Authorization": "Bearer tape-token-of-mine", **(headers or {})}
        if session:
            headers["X-Dryrun-Session"] = session
        answer = self.mock.request(method, self.prefix + path, body, headers=headers)
        sent = {"method": method, "url": self.mock.url + self.prefix + path, "httpVersion": "HTTP/1.1",
                "headers": [{"name": name, "value": value} for name, value in headers.items()]}
        if body is not None:
            sent["postData"] = {"mimeType": "application/json", "text": json.dumps(body)}
        self.entries.append({
            "startedDateTime": started.isoformat(), "time": (time.monotonic() - began) * 1000,
            "request": sent,
            "response": {"status": answer.status, "statusText": "", "httpVersion": "HTTP/1.1",
                         "headers": [{"name": n, "value": v} for n, v in answer.headers.items()],
                         "content": {"size": len(answer.text), "mimeType": answer.headers.get("content-type", ""),
                                     "text": answer.text}}})
        return answer

    def body(self, index, **members):
        """Changes members of an answer afterwards."""
        content = self.entries[index]["response"]["content"]
        content["text"] = json.dumps({**json.loads(content["text"]), **members})

    def write(self, path):
        path.write_text(json.dumps({"log": {"version": "1.2", "creator": {"name": "t", "version": "1"},
                                            "entries": self.entries}}), encoding="utf-8")


class TapeCase(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)
        self.tape = self.path / "tape.har"

    def tearDown(self):
        self.folder.cleanup()

    def judge(self, *arguments, providers=("cancels",)):
        return run("check", *providers, *ENGINE, "--tape", str(self.tape), *arguments)
