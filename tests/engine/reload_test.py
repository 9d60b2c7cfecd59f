#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Documents that are loaded again under load: every answer is of one generation, and nothing that goes on is lost."""

import os
import shutil
import tempfile
import threading
import unittest
from pathlib import Path

from engine_test import PAGES, Cases, Engine, main

RELOADS = int(os.environ.get("RELOADS", "210"))
SEEDED = "00000000-0000-4000-8000-000000000001"
OF_EDITION = {"A": (400, "The run has ended."), "B": (409, "It is over.")}
STATES = {"QUEUED", "NOTED", "PENDING", "CLAIMED", "INPROGRESS", "SUCCEEDED", "FAILED", "CANCELLED"}
RUNS_EACH = 15  # a reload writes every resource anew

# What the second edition says in the place of the first: statuses, states that are numbered otherwise, columns, links.
SECOND = {
    "contracts/cancels/lifecycle.yaml": [
        ("over:         { status: 400,", "over:         { status: 409,"),
        ("      QUEUED: { initial: true }", "      NOTED: {}\n      QUEUED: { initial: true }"),
        ("in: [ QUEUED, CLAIMED, INPROGRESS ], to: CANCELLED", "in: [ NOTED, QUEUED, CLAIMED, INPROGRESS ], to: CANCELLED"),
        ("QUEUED: [ PENDING ], PENDING:", "NOTED: [ QUEUED ], QUEUED: [ PENDING ], PENDING:"),
        ("    links: { parent:", "    links: { first: { machine: run, at: /first }, parent:"),
    ],
    "contracts/cancels/openapi.yaml": [("enum: [ QUEUED,", "enum: [ NOTED, QUEUED,")],
    "fixtures/cancels/service.yaml": [
        ("headers: { X-Edition: A }", "headers: { X-Edition: B }"),
        ("The run has ended.", "It is over."),
        ("keys: { created_at: /created_at, title: /title }", "keys: { title: /title, worker: /worker, created_at: /created_at }"),
    ],
    "fixtures/cancels/resources.yaml": [("edition: A", "edition: B"), ("hidden: [ speed ]", "hidden: [ metadata, speed ]")],
    "fixtures/cancels/outcomes.yaml": [("{ do: begin }, { after: 2s, to: SUCCEEDED }", "{ do: begin }, { after: 1s, to: SUCCEEDED }")],
}
BROKEN = {
    "contracts/cancels/lifecycle.yaml": [("to: CANCELLED }", "to: CANCELED }")],
    "fixtures/cancels/service.yaml": [("headers: { X-Edition: A }", "headers: { X-Edition: C }")],
}


def copy_of(page, root):
    for part in ("contracts", "fixtures"):
        shutil.copytree(PAGES / part / page, root / part / page)


def edit(file, old, new):
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file.name} has no {old!r}"
    file.write_text(text.replace(old, new), encoding="utf-8")


class Editions:
    """The two editions of `cancels` and a broken one, as texts by file."""

    def __init__(self, root):
        self.root = root
        copy_of("cancels", root)
        edit(root / "fixtures/cancels/service.yaml", 'service: "1.0"\n', 'service: "1.0"\nheaders: { X-Edition: A }\n')
        edit(root / "fixtures/cancels/resources.yaml", "computed: { cancellable:", "computed: { edition: A, cancellable:")
        edit(root / "contracts/cancels/openapi.yaml", "        title: { type: string }\n", "        title: { type: string }\n        edition: { type: string }\n")
        self.first = {name: (root / name).read_text(encoding="utf-8") for name in SECOND}
        self.second, self.broken = self.changed(SECOND), self.changed(BROKEN)

    def changed(self, changes):
        texts = dict(self.first)
        for name, pairs in changes.items():
            for old, new in pairs:
                assert old in texts[name], f"{name} has no {old!r}"
                texts[name] = texts[name].replace(old, new)
        return texts

    def write(self, texts):
        for name, text in texts.items():
            (self.root / name).write_text(text, encoding="utf-8")


class Hammer(threading.Thread):
    """One client that asks without a pause and keeps what was not of one piece."""

    def __init__(self, engine, session, stop):
        super().__init__(daemon=True)
        self.client = engine.client(session, Authorization="Bearer me")
        self.stop, self.mixed, self.count, self.editions, self.runs = stop, [], 0, set(), []

    def note(self, what, is_whole, answer):
        self.count += 1
        if not is_whole and len(self.mixed) < 5:
            self.mixed.append(f"{what}: {answer.status} {dict(answer.headers)} {answer.text[:600]}")

    def ask(self, method, path, body=None):
        answer = self.client(method, path, body)
        edition = answer.headers.get("X-Edition")
        self.editions.add(edition)
        return answer, edition

    def look_at(self, run):
        answer, edition = self.ask("GET", f"/runs/{run}")
        self.note("get", answer.status == 200 and answer.body["edition"] == edition and answer.body["state"] in STATES, answer)

    def cancel(self, run):
        answer, edition = self.ask("POST", f"/runs/{run}/cancel")
        refused = (answer.status, answer.body["title"]) if answer.status >= 400 else None
        whole = OF_EDITION.get(edition) == refused or refused == (409, "Retry after a moment.") or answer.status == 200
        self.note("cancel", edition in OF_EDITION and whole, answer)

    def look_at_all(self):
        answer, edition = self.ask("GET", "/runs?limit=50&sort_by=title")
        whole = answer.status == 200 and {one["edition"] for one in answer.body["runs"]} == {edition}
        self.note("list", whole, answer)
        answer = self.client.get("/__admin/resources?limit=1000")
        self.note("admin", answer.status == 200 and {one["state"] for one in answer.body["resources"]} <= STATES, answer)

    def round(self):
        if len(self.runs) < RUNS_EACH:
            answer, edition = self.ask("POST", "/runs", {"prompt": "hi", "parent": SEEDED})
            self.note("create", answer.status == 200 and answer.body["edition"] == edition, answer)
            self.runs.append(answer.body["run_id"])
        run = self.runs[self.count % len(self.runs)]
        self.look_at(run)
        self.cancel(SEEDED)
        if self.count % 3 == 0:
            self.cancel(run)
        self.look_at_all()

    def run(self):
        while not self.stop.is_set():
            self.round()
        self.client.close()


class Alone(Cases):
    """Each test has a mock of its own."""

    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def setUp(self):
        pass


class UnderLoad(Alone):
    def test_every_answer_is_of_one_whole_generation(self):
        with tempfile.TemporaryDirectory() as folder:
            editions = Editions(Path(folder))
            engine = Engine("cancels", "--step", "20ms", data=editions.root)
            try:
                self.hammer(engine, editions)
            finally:
                engine.stop()

    def hammer(self, engine, editions):
        stop = threading.Event()
        clients = [Hammer(engine, session, stop) for session in (None, None, None, "one", "one", "two")]
        for client in clients:
            client.start()
        loaded, steering = 1, engine.client()
        for number in range(RELOADS):
            texts, status = [(editions.second, 200), (editions.broken, 409), (editions.first, 200)][number % 3]
            editions.write(texts)
            answer = steering.post("/__admin/reload")
            loaded += status == 200
            self.case(f"reload {number}", (answer.status, answer.body["providers"][0]["generation"]), (status, loaded))
        stop.set()
        for client in clients:
            client.join()
        steering.close()
        self.case("nothing was mixed", [mixed for client in clients for mixed in client.mixed], [])
        self.case("both were seen by each", [client.editions for client in clients], [{"A", "B"}] * len(clients))
        self.case_true("many asked", min(client.count for client in clients) > RELOADS / 4)


class OverAReload(Alone):
    """Streams and waits that are open while states are numbered otherwise, renamed and removed."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)
        copy_of("tapes", self.root)
        self.engine = Engine("tapes", data=self.root)
        self.client = self.engine.client()
        self.addCleanup(self.folder.cleanup)
        self.addCleanup(self.engine.stop)
        self.addCleanup(self.client.close)

    def in_background(self, *request):
        """Its answer comes into the list; returned once it is parked."""
        client, answers = self.engine.client(), []
        thread = threading.Thread(target=lambda: (answers.append(client.stream(*request)), client.close()), daemon=True)
        before = self.parked()
        thread.start()
        while self.parked() == before:
            pass
        return thread, answers

    def parked(self):
        return self.client.admin("GET", "/clock")["parked"]

    def edit(self, name, old, new):
        edit(self.root / name, old, new)

    def reload(self):
        self.case("it was loaded", self.client.admin("POST", "/reload")["providers"][0]["result"], "loaded")

    def renumber(self):
        self.edit("contracts/tapes/openapi.yaml", "enum: [ made,", "enum: [ spare, made,")
        self.edit("contracts/tapes/lifecycle.yaml", "      made:     { initial: true }\n", "      spare:    {}\n      made:     { initial: true }\n")
        self.edit("contracts/tapes/lifecycle.yaml", "moves: { made: [ asking,", "moves: { spare: [ made ], made: [ asking,")

    def test_a_stream_goes_on_in_its_old_frames_to_its_end(self):
        self.client.participants(2)
        tape = self.client.post("/v1/tapes/", {"sounds": ["do", "re", "mi"]}).body["id"]
        thread, answers = self.in_background("POST", f"/v1/tapes/{tape}/play", {"pings": False})
        self.client.sleep("1500ms")
        self.renumber()
        self.edit("fixtures/tapes/service.yaml", "data: { sound: $event.data }", "data: { tone: $event.data }")
        self.reload()
        self.client.participants(1)
        thread.join(60)
        frames = [data for _, _, data in answers[0].frames]
        self.case("old frames, all of them", frames, [{"sound": "do"}, {"sound": "re"}, {"sound": "mi"}, "[DONE]"])
        again = self.client.stream("POST", f"/v1/tapes/{tape}/play", {"after": 0, "pings": False})
        self.case("new ones for who comes later", again.frames[0][2], {"tone": "do"})
        self.case("where it is", self.client.admin("GET", f"/resources/{tape}")["state"], "ended")

    def test_a_wait_ends_when_its_state_is_there_whatever_its_number(self):
        self.client.participants(2)
        tape = self.client.post("/v1/tapes/", {"sounds": ["do"]}).body["id"]
        thread, answers = self.in_background("GET", f"/v1/tapes/{tape}/end")
        self.renumber()
        self.reload()
        self.client.participants(1)
        thread.join(60)
        self.case("it ended well", (answers[0].status, answers[0].body["state"]), (200, "ended"))

    def test_a_kind_that_is_no_more_ends_what_looks_at_it(self):
        self.client.participants(2)
        self.client.post("/v1/tapes/", {"sounds": []})
        notes = self.client.admin("GET", "/resources?kind=note")
        self.case("there is one", notes["total"], 1)
        self.edit("contracts/tapes/lifecycle.yaml", "  note: { links: { tape: /tape_id } }\n", "")
        self.edit("fixtures/tapes/service.yaml", "      - { create: note, given: { tape_id: $tape.id } }\n", "")
        text = (self.root / "fixtures/tapes/resources.yaml").read_text(encoding="utf-8")
        kept = "\n".join(line for line in text.split("\n") if not line.startswith("  note:"))
        (self.root / "fixtures/tapes/resources.yaml").write_text(kept, encoding="utf-8")
        self.reload()
        self.case("it is gone", [one["kind"] for one in self.client.admin("GET", "/resources")["resources"]], ["tape"])
        self.case("the kind, too", self.client.get("/__admin/resources?kind=note").status, 400)


if __name__ == "__main__":
    main()
