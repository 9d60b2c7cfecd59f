#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is drawn: ids by request and not by arrival, the same bytes for the same seed and requests, other ones for
another seed; signed URLs and links too, when the mock is told its public URL."""

import threading

from engine_test import ROOT, Cases, Engine, main

CLIENTS, CREATES, REPETITIONS = 4, 25, 30
PUBLIC = ("--public-url", "https://mock.example")

SCRIPT = [
    ("POST", "/tools/runs", {"stream": True}), ("POST", "/tools/runs", {"tools": ["add"]}),
    ("POST", "/cancels/runs", {"prompt": "a"}), ("POST", "/cancels/runs", {"prompt": "a"}),
    ("POST", "/cancels/runs", {"prompt": ""}), ("POST", "/__admin/clock/advance", {"by": "1s"}),
    ("GET", "/cancels/runs?limit=1", None), ("GET", "/cancels/runs?limit=2&sort_by=title", None),
    ("PUT", "/schedules/routines/r", {"cron": "*/10 * * * *", "time_zone": "Asia/Kolkata"}),
    ("POST", "/__admin/clock/advance", {"by": "1h"}), ("GET", "/schedules/routines/r/runs?limit=2", None),
    ("POST", "/interrupts/threads", None), ("POST", "/interrupts/threads", None),
    ("POST", "/approvals/talks/talk-1/messages", {"text": "delete it"}),
    ("POST", "/__admin/clock/sleep", {"for": "3s"}), ("GET", "/approvals/talks/talk-1", None),
    ("POST", "/approvals/talks/talk-1/cancel", None), ("GET", "/nowhere", None), ("OPTIONS", "/cancels/runs", None),
]
PAGES = ("cancels", "interrupts", "schedules", "tools", "approvals")


def transcript(*arguments):
    """Everything that came over the wire for the script."""
    lines = []
    with Engine(PAGES[0], *PAGES[1:], *arguments) as engine:
        client = engine.client(Authorization="Bearer x")
        for method, path, body in SCRIPT:
            answer = client(method, path, body)
            if path.startswith("/__admin"):
                del answer.headers["Date"]  # not an answer of the service: it has the date of the wall
            lines.append(f"{method} {path} {answer.status}\n{answer.headers}{answer.text}")
        client.close()
    return lines


def signed():
    """Everything that comes over the wire about a run with signed links, and what is behind the first of them."""
    with Engine("warp", *PUBLIC, data=ROOT) as engine:
        client = engine.client(Authorization="Bearer x")
        run = client.post("/agent/runs", {"prompt": "hello"}).body["run_id"]
        client.advance("10s")
        answer = client.get(f"/agent/runs/{run}/handoff/attachments")
        links = [attachment["download_url"] for attachment in answer.body["attachments"]]
        files = [client.get(link[len(PUBLIC[1]) :]) for link in links]
        client.close()
    return links, [f"{each.status}\n{each.headers}\n{each.text}" for each in (answer, *files)]


class Draws(Cases):
    page = "cancels"
    headers = {"Authorization": "Bearer x"}

    def test_overlapping_clients_draw_the_same_ids(self):
        tables = []
        for _ in range(REPETITIONS):
            self.client.admin("POST", "/reset")
            ids = []

            def create(number, ids=ids):
                client = self.another()
                for count in range(CREATES):  # some of them equal, word for word, to those of other clients
                    ids.append(client.post("/runs", {"prompt": f"p{(number + count) % 7}"}).body["run_id"])

            threads = [threading.Thread(target=create, args=(number,)) for number in range(CLIENTS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            tables.append(frozenset(ids))
        self.case("a hundred ids each time", {len(table) for table in tables}, {CLIENTS * CREATES})
        self.case(f"the same {REPETITIONS} times", len(set(tables)), 1)
        Cases.cases += REPETITIONS

    def test_sessions_do_not_influence_each_other(self):
        def ids(session, noise):
            client = self.engine.client(session, **self.headers)
            for number in range(noise):
                self.client.post("/runs", {"prompt": f"noise {number}"})
            made = [client.post("/runs", {"prompt": "x"}).body["run_id"] for _ in range(3)]
            client.admin("POST", "/reset")
            client.close()
            return made

        first = ids("quiet", 0)
        self.case("three different ones", len(set(first)), 3)
        self.case("whatever happens elsewhere", ids("quiet", 5), first)
        self.case("another session, other ids", set(ids("other", 0)) & set(first), set())

    def test_order_of_keys_and_case_of_headers_count_for_nothing(self):
        bodies = [b'{"prompt":"x","metadata":{"a":"1","b":"2"}}', b'{ "metadata": {"b":"2","a":"1"}, "prompt":"x" }']
        made = []
        for body in bodies:
            made.append(self.client.post("/runs", body, Content_Type="application/json").body["run_id"])
            self.client.admin("POST", "/reset")
        self.case("one id", len(set(made)), 1)

    def test_the_same_signed_links_twice(self):
        (links, first), (_, second) = signed(), signed()
        self.case("links of the public URL", {link[: len(PUBLIC[1]) + 1] for link in links}, {PUBLIC[1] + "/"})
        for one, two in zip(first, second):
            self.case(f"the same bytes: {one[:3]}", two, one)
            self.case("served", one[:3], "200")

    def test_the_same_bytes_twice(self):
        first, second, other = transcript(*PUBLIC), transcript(*PUBLIC), transcript(*PUBLIC, "--seed", "2")
        for (method, path, _), one, two in zip(SCRIPT, first, second):
            self.case(f"{method} {path}, date and all", two, one)
        self.case("another seed draws anew", sum(a != b for a, b in zip(first, other)) >= 6, True)
        self.case_true("links begin with the public URL",
                       any("https://mock.example/schedules/routines/r/runs?" in text for text in first))


if __name__ == "__main__":
    main()
