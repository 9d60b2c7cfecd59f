# SPDX-License-Identifier: Apache-2.0
"""The same seed and the same requests give the same bytes: everything that comes over the wire, heads and signed links
included, of processes that are told the same rows of tests/oracle, for each service. Eight clients at once, each row in
its session, see what one sees alone; eight in one session see the same set of answers each time (docs/TIME.md).

With ROWS=all every row is played, not one for each operation and class of status."""
import concurrent.futures
import http.client
import importlib
import json
import os
import re
import sys
import threading
import unittest
from http.server import ThreadingHTTPServer

from dryrun_test import ROOT, Mock, main
from wire_log import Wire

sys.path[:0] = [str(ROOT / "tests/oracle"), str(ROOT / "tests/support")]
import oracle_client  # noqa: E402
import oracle_hooks  # noqa: E402
import play_oracle  # noqa: E402

PUBLIC = "http://mock.example"
CLIENTS = 8
MORE = {"azure-routines": 4}  # where operations are few: one row in so many, too
CAUSES = ["stream", "page", "wait", "cursor"]  # and four rows of each of these, however long
LONGEST = 40  # requests of any other row; those that poll more often are for ROWS=all
SEEN = {  # what must be among what is compared
    "acp": [b"text/event-stream", b"/wait HTTP", b"X-Dryrun-Outcome: "], "azure-agents": [b"text/event-stream", b"first_id"],
    "azure-routines": [b"/clock/advance"], "letta": [b"text/event-stream"],
    "warp": [b"signature=", b"next_cursor", b"/__blobs/"]}


class Unfit(Exception):
    """A row in which a client races its own mock (it leaves a stream open, or looks until something has happened), or
    that takes too long."""


class Session(oracle_client.Session):
    of_thread = threading.local()

    @staticmethod
    def begin(most):
        Session.of_thread.left = most

    def hold(self, *_, **__):
        raise Unfit

    def poll(self, *_, **__):
        raise Unfit

    def _exchange(self, *request):
        self.of_thread.left -= 1
        if self.of_thread.left < 0:
            raise Unfit
        return super()._exchange(*request)

    def fetch(self, url, headers=None):
        assert url.startswith(PUBLIC), url
        return self._exchange("GET", url[len(PUBLIC):], None, headers or {})


class Hooks(ThreadingHTTPServer):
    """Receivers of webhooks listen where they did when the row was played first: their URLs are in what is sent."""
    of_thread = threading.local()

    @staticmethod
    def begin(ports):
        Hooks.of_thread.ports, Hooks.of_thread.at = ports, 0

    def __init__(self, _, handler):
        place = Hooks.of_thread
        again = place.at < len(place.ports)
        super().__init__(("127.0.0.1", place.ports[place.at] if again else 0), handler)
        if not again:
            place.ports.append(self.server_port)
        place.at += 1


class Told(play_oracle.Mock):
    """What the rows' own client needs of a mock that is there already."""

    def __init__(self, port):
        self.port, self.certificate = port, None


def rows_of(provider, service):
    rows = [(line, row) for line, row in play_oracle.read_rows(provider, service.operations) if not row.get("variant")]
    if os.environ.get("ROWS") == "all":
        return rows
    some = {(row["operation"], row["status"][0]): (line, row) for line, row in reversed(rows)}
    some = [*some.values(), *(rows[::MORE[provider]] if provider in MORE else [])]
    for word in CAUSES:
        some += [row for row in rows if word in row[1]["cause"]][:4]
    return sorted(dict(some).items())


def play_row(wire, told, service, row, ports):
    """[(sent, received)], or None when the row cannot be played so."""
    line, cells = row
    Hooks.begin(ports.setdefault(line, []))
    is_any_long = os.environ.get("ROWS") == "all" or any(word in cells["cause"] for word in CAUSES)
    Session.begin(10000 if is_any_long else LONGEST)
    try:
        play_oracle.play(service, told, line, cells)
    except Unfit:
        wire.take()
        return line, None
    return line, wire.take()


def first_difference(one, two):
    one, two = b"".join(one), b"".join(two)
    at = next((i for i, (a, b) in enumerate(zip(one, two)) if a != b), min(len(one), len(two)))
    return f"{one[max(0, at - 200):at + 200]!r}\n{two[max(0, at - 200):at + 200]!r}"


class Rows(unittest.TestCase):
    def setUp(self):
        self.before = play_oracle.Session, oracle_hooks.ThreadingHTTPServer
        play_oracle.Session, oracle_hooks.ThreadingHTTPServer = Session, Hooks

    def tearDown(self):
        play_oracle.Session, oracle_hooks.ThreadingHTTPServer = self.before

    def play(self, provider, ports, at_once=1):
        """{row: its transcript}, of a process of its own."""
        service = importlib.import_module(provider.replace("-", "_") + "_requests").SERVICE
        rows = rows_of(provider, service)
        with Mock(provider, "--clock", "virtual", "--public-url", PUBLIC, "--seed", "7", data=[]) as mock, \
                Wire() as wire, concurrent.futures.ThreadPoolExecutor(at_once) as clients:
            told = Told(mock.port)
            done = dict(clients.map(lambda row: play_row(wire, told, service, row, ports), rows))
        return {line: exchanges for line, exchanges in done.items() if exchanges is not None}

    def compare(self, provider, how, first, second):
        self.assertEqual(list(first), list(second))
        shown = 0
        for line, exchanges in first.items():
            for number, (one, two) in enumerate(zip(exchanges, second[line])):
                if one != two and shown < 3:
                    shown += 1
                    print(f"{provider}.csv:{line}, {how}, exchange {number}:\n{first_difference(one, two)}")
        different = [line for line in first if first[line] != second[line]]
        self.assertEqual(different, [], f"{provider}, {how}")

    def judge(self, provider):
        ports = {}
        first = self.play(provider, ports)
        everything = b"".join(sent + received for all in first.values() for sent, received in all)
        for needed in SEEN[provider]:
            self.assertIn(needed, everything)
        count = sum(map(len, first.values()))
        print(f"{provider}: {len(first)} rows, {count} exchanges, {len(everything)} bytes")
        self.assertGreater(count, 300)
        self.compare(provider, "again", first, self.play(provider, ports))
        self.compare(provider, f"{CLIENTS} at once", first, self.play(provider, ports, CLIENTS))

    def test_acp(self):
        self.judge("acp")

    def test_azure_agents(self):
        self.judge("azure-agents")

    def test_azure_routines(self):
        self.judge("azure-routines")

    def test_letta(self):
        self.judge("letta")

    def test_warp(self):
        self.judge("warp")


# ---- eight clients in one session

# Some of a client's creates are word for word those of others: then it is open who gets which of the ids, so what
# follows on them must be the same, whoever asks it.

def follow_runs(create, body, read, cancel):
    """Makes runs, looks, cancels, looks again."""
    def client(call, number):
        for count in range(6):
            ident = call("POST", create, body((number + count) % 4))["run_id"]
            call("GET", read.format(ident))
            call("POST", cancel.format(ident), {})
            call("GET", read.format(ident))
            call("GET", read.format(f"none-{number}"))
        call("POST", create, {"nonsense": number})
        call("GET", f"/nowhere/{number}")
    return client


def follow_routines(call, number):
    for count in range(6):
        path = f"/routines/r{number}-{count}"
        call("PUT", path + "?api-version=v1", {
            "triggers": {"t": {"type": "schedule", "cron_expression": "*/5 * * * *", "time_zone": "UTC"}},
            "action": {"type": "invoke_agent_responses_api", "agent_name": f"a{number % 3}"}})
        call("GET", path + "?api-version=v1")
        call("POST", path + ":disable?api-version=v1", {})
        call("POST", path + ":dispatch_async?api-version=v1", {})
        call("GET", f"/routines/none-{number}?api-version=v1")
        call("DELETE", path + "?api-version=v1")


def follow_agents(call, number):
    """Threads, messages and runs on them."""
    version = "?api-version=v1"
    for count in range(4):
        thread = call("POST", "/threads" + version, {"metadata": {"n": f"{number} {count}"}})["id"]
        call("POST", f"/threads/{thread}/messages{version}", {"role": "user", "content": "hello"})
        agent = call("POST", "/assistants" + version, {"model": "m", "name": f"a{number}-{count}"})["id"]
        same = call("POST", "/assistants" + version, {"model": "m", "name": f"a{count}"})["id"]
        call("GET", f"/assistants/{same}{version}")
        run = call("POST", f"/threads/{thread}/runs{version}", {"assistant_id": agent})["id"]
        call("GET", f"/threads/{thread}/runs/{run}{version}")
        call("GET", f"/threads/{thread}/messages{version}")
        call("POST", f"/threads/{thread}/runs/{run}/cancel{version}", {})
        call("GET", f"/threads/{thread}/runs/none{version}")


def follow_letta(call, number):
    for count in range(6):
        same = (number + count) % 3
        agent = call("POST", "/v1/agents/", {"name": f"n{same}"})["id"]
        call("GET", f"/v1/agents/{agent}")
        call("PATCH", f"/v1/agents/{agent}", {"description": f"of {same}"})
        call("GET", f"/v1/agents/agent-none{number}")
        call("DELETE", f"/v1/agents/{agent}")


AGENT = "5d9f6a3e-0000-4000-8000-000000000001"
SCRIPTS = {
    "warp": follow_runs("/agent/runs", lambda same: {"prompt": f"p{same}"}, "/agent/runs/{}", "/agent/runs/{}/cancel"),
    "acp": follow_runs("/runs", lambda same: {"agent_id": AGENT, "input": {"message": f"m{same}"}}, "/runs/{}",
                       "/runs/{}/cancel"),
    "azure-routines": follow_routines, "azure-agents": follow_agents, "letta": follow_letta}


class OneSession(unittest.TestCase):
    def race(self, seed, at_once=CLIENTS):
        """{provider: what all clients sent and got, sorted}; the number of an exchange goes by arrival: left out."""
        number = re.compile(rb"X-Dryrun-Exchange: \d+\r\n")
        with Mock(*SCRIPTS, "--clock", "virtual", "--public-url", PUBLIC, "--seed", seed, data=[]) as mock, \
                Wire() as wire, concurrent.futures.ThreadPoolExecutor(at_once) as clients:
            def client(provider, who):
                connection = http.client.HTTPConnection("127.0.0.1", mock.port, timeout=60)

                def call(method, path, body=None):
                    connection.request(method, f"/{provider}{path}", None if body is None else json.dumps(body), {
                        "Authorization": "Bearer me", "Content-Type": "application/json"})
                    answer = connection.getresponse()
                    text = answer.read()
                    return json.loads(text) if text and "json" in answer.headers["Content-Type"] else text
                SCRIPTS[provider](call, who)
                connection.close()
                return [(sent, number.sub(b"", received)) for sent, received in wire.take()]

            return {provider: sorted(sum(clients.map(client, [provider] * CLIENTS, range(CLIENTS)), []))
                    for provider in SCRIPTS}

    def test_the_same_set_of_requests_and_answers_each_time(self):
        first = self.race("7")
        for provider, exchanges in first.items():
            self.assertGreater(len(exchanges), 150, provider)
            good = sum(received.startswith(b"HTTP/1.1 2") for _, received in exchanges)
            self.assertGreater(good, len(exchanges) // 2, provider)
        for how, again in (("again", self.race("7")), ("one after the other", self.race("7", 1))):
            for provider in SCRIPTS:
                one, two = set(first[provider]), set(again[provider])
                self.assertEqual((sorted(one - two)[:1], sorted(two - one)[:1]), ([], []), f"{provider}, {how}")
                self.assertEqual(first[provider], again[provider], f"{provider}, {how}")

    def test_another_seed_makes_other_ids(self):
        ids = re.compile(rb'"(?:run_id|id)":"([^"]+)"')
        first, other = self.race("7", 1), self.race("8", 1)
        for provider in set(SCRIPTS) - {"azure-routines"}:  # those are named by the client
            one, two = ({found for _, received in played[provider] for found in ids.findall(received)}
                        for played in (first, other))
            self.assertGreater(len(one), 15, provider)
            self.assertEqual(len(one), len(two), provider)
            self.assertLess(len(one & two), 4, f"{provider}: {one & two}")  # of what is there from the beginning


if __name__ == "__main__":
    main()
