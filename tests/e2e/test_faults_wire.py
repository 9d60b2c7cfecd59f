# SPDX-License-Identifier: Apache-2.0
"""Faults of the wire and of bodies, seen on raw sockets: one row or more a kind, what the client gets, how the
connection ends, whether the request took effect, and that the next one on a new connection is served."""
import gzip
import json
import pathlib
import re
import socket
import time
import unittest
import zlib
from email.utils import parsedate_to_datetime

from dryrun_test import ROOT, Mock, MockCase, main, run

PATIENCE = 20  # seconds, for machines that are busy
PATH = "/interrupts/threads"


class Seen:
    """What came over one connection: `end` is fin, rst or open; `packets` the sizes of what was read at once."""

    def __init__(self, port, text, until=None):
        self.bytes, self.end, self.packets = b"", "open", []
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as plug:
            plug.sendall(text.encode())
            try:
                while not (until and until(self.bytes)):
                    more = plug.recv(65536)
                    if not more:
                        self.end = "fin"
                        break
                    self.packets.append(len(more))
                    self.bytes += more
            except ConnectionResetError:
                self.end = "rst"
        self.ms = (time.monotonic() - began) * 1000
        self.head, _, self.body = self.bytes.partition(b"\r\n\r\n")
        lines = self.head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1]) if lines[0].startswith("HTTP/") and len(lines[0].split()) > 1 else None
        self.headers = [tuple(line.split(": ", 1)) for line in lines[1:] if ": " in line]

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name):
        return (self.all(name) or [None])[0]

    def length(self):
        return int(self.get("Content-Length"))

    def is_thread(self):
        try:
            return "thread_id" in json.loads(self.body)
        except ValueError:
            return False


def whole(seen):
    return seen.status == 201 and seen.end == "fin" and seen.length() == len(seen.body) and seen.is_thread()


def parses(text):
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def unpacks(seen):
    try:
        gzip.decompress(seen.body)
    except (OSError, EOFError, ValueError, zlib.error):
        return False
    return True


def keeps_alive(seen):
    return seen.get("Connection") is None


GONE = "the service never saw it"
DONE = "it took effect"
EMPTY = b""
# kind: (header behind the kind, what became of the request, what must hold of what was seen)
ROWS = {
    "delay": [
        ("=100ms", DONE, lambda it: whole(it) and it.ms >= 100),
        ("=1ms;distribution=uniform;spread=1ms", DONE, whole),
        ("=1ms;distribution=normal;spread=1ms", DONE, whole),
        ("=1ms;distribution=lognormal;sigma=1;most=50ms", DONE, whole),
        ("=1h;most=20ms", DONE, lambda it: whole(it) and it.ms >= 20),
    ],
    "slow_first_byte": [("=100ms", DONE, lambda it: whole(it) and it.ms >= 100)],
    "dribble": [
        ("=120ms;pieces=4", DONE, lambda it: whole(it) and it.ms >= 120 and len(it.packets) >= 4),
        ("=60ms;pieces=3;framing=chunked", DONE, lambda it: it.ms >= 60 and it.get("Transfer-Encoding") == "chunked"
         and it.body.endswith(b"\r\n0\r\n\r\n") and len(re.findall(rb"(?m)^[0-9a-f]+\r$", it.body)) == 4),
    ],
    "bandwidth": [("=10000", DONE, lambda it: whole(it) and it.ms >= (len(it.bytes) - 200) / 10)],
    "slow_close": [
        ("=100ms", DONE, lambda it: it.ms >= 100 and it.end == "fin" and it.get("Content-Length") is None
         and it.is_thread()),
        ("=50ms;length=stated", DONE, lambda it: whole(it) and it.ms >= 50),
    ],
    "hang": [
        ("=100ms", GONE, lambda it: it.bytes == EMPTY and it.end == "fin" and it.ms >= 100),
        ("=50ms;effect=applied", DONE, lambda it: it.bytes == EMPTY and it.end == "fin" and it.ms >= 50),
    ],
    "stall": [("=7;most=60ms", DONE, lambda it: it.end == "fin" and it.ms >= 60 and len(it.body) == 7 < it.length())],
    "status": [
        ("", GONE, lambda it: it.status == 503 and it.end == "fin"),
        ("=429;retry_after=1500ms", GONE, lambda it: it.status == 429 and it.get("Retry-After") == "2"),
        (";error=thread_busy", GONE, lambda it: it.status == 409 and it.body == b'"the thread has a pending run"'),
        ("=404;error=thread_busy", GONE, lambda it: it.status == 404 and it.body == b'"the thread has a pending run"'),
        ("=422;message=\"as asked\"", GONE, lambda it: it.status == 422 and it.body == b'"invalid: as asked"'),
        ("=502;effect=applied", DONE, lambda it: it.status == 502 and b"thread_id" not in it.body),
    ],
    "rate_limit": [("", GONE, lambda it: it.status == 429 and it.get("Retry-After") == "60"
                    and it.get("X-RateLimit-Remaining") == "0")],
    "redirect_loop": [
        ("", GONE, lambda it: it.status == 307 and it.get("Location") == PATH and it.body == EMPTY),
        ("=303;to=/elsewhere", GONE, lambda it: it.status == 303 and it.get("Location") == "/elsewhere"),
    ],
    "reset": [
        ("", GONE, lambda it: it.bytes == EMPTY and it.end == "rst"),
        ("=applied", DONE, lambda it: it.bytes == EMPTY and it.end == "rst"),
    ],
    "reset_in_body": [
        ("=5", DONE, lambda it: it.end == "rst" and len(it.body) == 5 < it.length()),
        ("=100000", DONE, lambda it: it.end == "rst" and len(it.body) == it.length() - 1),
    ],
    "empty_reply": [
        ("", GONE, lambda it: it.bytes == EMPTY and it.end == "fin"),
        ("=applied", DONE, lambda it: it.bytes == EMPTY and it.end == "fin"),
    ],
    "random_bytes": [
        ("", GONE, lambda it: len(it.bytes) == 64 and it.end == "fin" and it.status is None),
        ("=1000;effect=applied", DONE, lambda it: len(it.bytes) == 1000 and it.end == "fin"),
    ],
    "raw_bytes": [
        ("=\"SSH-2.0 hello, you\"", GONE, lambda it: it.bytes == b"SSH-2.0 hello, you" and it.end == "fin"),
        (";base64=AAEC/w==;effect=applied", DONE, lambda it: it.bytes == b"\0\1\2\xff" and it.end == "fin"),
    ],
    "truncated_body": [
        ("", DONE, lambda it: it.end == "fin" and len(it.body) == it.length() // 2),
        ("=3", DONE, lambda it: it.end == "fin" and len(it.body) == 3 < it.length()),
        ("=0", DONE, lambda it: it.end == "fin" and it.body == EMPTY and it.length() > 0),
    ],
    "wrong_length": [
        ("=16", DONE, lambda it: it.end == "fin" and it.length() == len(it.body) + 16 and it.is_thread()),
        ("=-4", DONE, lambda it: it.end == "fin" and it.length() == len(it.body) - 4 and it.is_thread()),
        (";none", DONE, lambda it: it.end == "fin" and it.get("Content-Length") is None and it.is_thread()),
    ],
    "malformed_chunk": [
        ("", DONE, lambda it: it.end == "fin" and b"\r\nzz\r\n" in it.body and b"thread_id" in it.body),
        ("=short", DONE, lambda it: it.end == "fin" and int(it.body.split(b"\r\n")[0], 16) > len(it.body)),
        ("=endless", DONE, lambda it: it.end == "fin" and not it.body.endswith(b"0\r\n\r\n")
         and it.get("Transfer-Encoding") == "chunked"),
    ],
    "unannounced_close": [("", DONE, lambda it: whole(it) and keeps_alive(it))],
    "malformed_json": [
        ("", DONE, lambda it: it.status == 201 and not parses(it.body) and it.body.startswith(b"{")),
        ("=token", DONE, lambda it: not parses(it.body) and b'"=' in it.body),
        ("=trailing", DONE, lambda it: not parses(it.body) and parses(it.body[:-2])),
        ("=html", DONE, lambda it: it.body.startswith(b"<html>") and it.get("Content-Type") == "application/json"),
        ("=empty", DONE, lambda it: it.body == EMPTY and it.length() == 0 and it.status == 201),
    ],
    "content_type": [("=text/csv", DONE, lambda it: whole(it) and it.all("Content-Type") == ["text/csv"])],
    "charset": [
        ("", DONE, lambda it: whole(it) and it.get("Content-Type") == "application/json; charset=utf-16"),
        ("=utf-8;body=utf-16", DONE, lambda it: it.get("Content-Type").endswith("charset=utf-8")
         and it.body.startswith(b"\xfe\xff") and parses(it.body.decode("utf-16"))),
        ("=utf-8;body=latin-1", DONE, whole),
        ("=utf-8;body=invalid", DONE, lambda it: b'"\xff\xfe' in it.body),
    ],
    "bad_gzip": [
        ("", DONE, lambda it: it.get("Content-Encoding") == "gzip" and it.is_thread()),
        ("=garbage", DONE, lambda it: it.body.startswith(b"\x1f\x8b") and not unpacks(it)),
        ("=sum", DONE, lambda it: it.body.startswith(b"\x1f\x8b") and b"thread_id" in it.body and not unpacks(it)),
        ("=cut", DONE, lambda it: it.body.startswith(b"\x1f\x8b") and not unpacks(it)),
    ],
    "header": [
        ("", DONE, lambda it: whole(it) and it.get("Content-Type") is None),
        ("=X-Dryrun-Rule;value=none", DONE, lambda it: it.all("X-Dryrun-Rule") == ["none"]),
    ],
    "duplicate_header": [
        ("", DONE, lambda it: whole(it) and it.all("Content-Type") == ["application/json", "text/html"]),
        ("=Content-Length;value=3", DONE, lambda it: it.all("Content-Length") == [str(len(it.body)), "3"]),
    ],
    "huge_header": [
        ("", DONE, lambda it: whole(it) and it.get("X-Huge-0") == "x" * 70000),
        ("=2000;count=200", DONE, lambda it: whole(it) and it.get("X-Huge-199") == "x" * 10),
    ],
}


def listed():
    """`dryrun list faults`: kind -> (group, parameters)."""
    kinds, last = {}, None
    for line in run("list", "faults")[1].splitlines():
        if line.startswith(" "):
            kinds[last][1].append(line.split()[0])
        else:
            last = line.split()[0]
            kinds[last] = (line.split()[1], [])
    return kinds


def ask(port, session, fault, path=PATH, method="POST", more="Connection: close\r\n", until=None):
    return Seen(port, f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Dryrun-Session: {session}\r\n"
                + (f"X-Dryrun-Fault: {fault}\r\n" if fault else "") + f"{more}\r\n", until)


class EveryKind(MockCase):
    arguments = ("interrupts", "--clock", "virtual")

    def threads(self, session):
        return len(self.mock.admin("resources?kind=thread", session=session)["resources"])

    def check(self, number, kind, rest, effect, holds):
        session, fault = f"s{number}", kind + rest
        more = "" if kind == "unannounced_close" else "Connection: close\r\n"
        seen = ask(self.mock.port, session, fault, more=more)
        self.assertTrue(holds(seen), (fault, seen.end, seen.ms, seen.bytes[:2000]))
        self.assertEqual(self.threads(session), int(effect == DONE), (fault, effect))
        entry = self.mock.admin("requests", session=session)["requests"]
        self.assertEqual([(it["operation"], it["faults"]) for it in entry], [("createThread", [kind])], fault)
        if seen.status and kind not in ("raw_bytes", "random_bytes"):
            self.assertEqual(seen.all("X-Dryrun-Fault"), [kind])
            self.assertEqual(entry[0]["status"], seen.status, fault)
        after = ask(self.mock.port, session, None)
        self.assertTrue(whole(after), (fault, after.bytes))

    def test_each_row_does_what_it_says_on_the_wire_and_to_the_world(self):
        number = 0
        for kind, rows in ROWS.items():
            for rest, effect, holds in rows:
                number += 1
                with self.subTest(kind + rest):
                    self.check(number, kind, rest, effect, holds)

    def test_every_kind_that_is_listed_has_a_row_here_or_a_test_elsewhere(self):
        elsewhere = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")
                            if path != pathlib.Path(__file__).resolve())
        for kind, (group, _) in listed().items():
            with self.subTest(kind):
                if group == "tls":
                    continue  # test_faults_reach.py
                if group in ("wire", "body"):
                    self.assertIn(kind, ROWS)
                else:
                    self.assertTrue(kind in elsewhere, f"no test knows {kind}")
        self.assertEqual([kind for kind in ROWS if kind not in listed()], [])

    def test_every_kind_that_is_listed_is_a_row_of_the_docs_with_its_parameters(self):
        rows, is_inside = {}, False
        for line in (ROOT / "docs/FAULTS.md").read_text(encoding="utf-8").splitlines():
            is_inside = line.startswith("| fault |") or (is_inside and line.startswith("|"))
            if is_inside and line.startswith("| `"):
                name, _, rest = line[3:].partition("` |")
                rows[name] = rest
        for kind, (group, parameters) in listed().items():
            with self.subTest(kind):
                if group == "tls":
                    continue  # a table of its own
                self.assertTrue(kind in rows, f"docs/FAULTS.md has no row for {kind}")
                for name in parameters:
                    self.assertIn(f"`{name}`", rows[kind])
        self.assertEqual([kind for kind in rows if kind not in listed()], [])

    def test_a_head_request_and_an_answer_without_a_body_take_them_too(self):
        for number, kind in enumerate(kind for kind in ROWS if kind not in ("hang", "delay", "slow_first_byte")):
            with self.subTest(kind):
                made = ask(self.mock.port, f"e{number}", None)
                path = f"{PATH}/{json.loads(made.body)['thread_id']}"
                close = "Connection: close\r\n"
                ask(self.mock.port, f"e{number}", kind + (";time=1ms" if "slow" in kind else ""), path, "HEAD", close)
                ask(self.mock.port, f"e{number}", kind + (";time=1ms" if "slow" in kind else ""), path, "DELETE", close)
                self.assertTrue(whole(ask(self.mock.port, f"e{number}", None)))

    def test_a_head_request_is_told_the_length_of_what_get_would_send_and_gets_none_of_it(self):
        made = ask(self.mock.port, "head", None)
        path = f"{PATH}/{json.loads(made.body)['thread_id']}"
        length = ask(self.mock.port, "head", None, path, "HEAD").all("Content-Length")
        self.assertNotEqual(length, ["0"])
        for kind in ("truncated_body", "reset_in_body", "unannounced_close", "duplicate_header=X-A;value=1", "bandwidth=100000",
                     "malformed_chunk=size", "malformed_chunk=short", "malformed_chunk=endless"):
            with self.subTest(kind):
                seen = ask(self.mock.port, "head", kind, path, "HEAD")
                self.assertEqual((seen.all("Content-Length"), seen.body), (length, b""))

    def test_too_short_a_length_leaves_its_rest_on_the_connection(self):
        text = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nX-Dryrun-Session: rest\r\n"
        seen = Seen(self.mock.port, text + "X-Dryrun-Fault: wrong_length=-1\r\n\r\n" + text + "Connection: close\r\n\r\n")
        self.assertIn(b"}HTTP/1.1 201", seen.bytes)
        self.assertEqual(self.threads("rest"), 2)

    def test_connections_live_on_where_nothing_broke_them(self):
        for number, fault in enumerate(("dribble=2ms", "bandwidth=1000000", "duplicate_header", "huge_header=9",
                                        "malformed_json", "status", "slow_first_byte=1ms", "delay=1ms")):
            with self.subTest(fault):
                text = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nX-Dryrun-Session: k{number}\r\n"
                seen = Seen(self.mock.port, f"{text}X-Dryrun-Fault: {fault}\r\n\r\n{text}Connection: close\r\n\r\n")
                self.assertEqual(len(re.findall(rb"HTTP/1.1 \d\d\d ", seen.bytes)), 2)

    def test_several_faults_of_one_request_act_together(self):
        seen = ask(self.mock.port, "both", "content_type=text/plain, malformed_json=html, dribble=20ms;pieces=2")
        self.assertEqual(seen.get("Content-Type"), "text/plain")
        self.assertTrue(seen.body.startswith(b"<html>") and seen.ms >= 20)
        self.assertEqual(seen.all("X-Dryrun-Fault"), ["content_type", "malformed_json", "dribble"])

    def test_a_header_that_is_wrong_is_refused_with_the_reason(self):
        for fault, words in (("rest", "no fault 'rest' (did you mean 'reset'?)"),
                             ("status=700", "an integer from 400 to 599, not '700'"),
                             ("delay=soon", "a duration (200ms, 3s), not 'soon'"),
                             ("dribble=1s;peices=3", "no parameter 'peices' (did you mean 'pieces'?)"),
                             ("bad_gzip=never", "one of plain, garbage, sum, cut, not 'never'"),
                             ("raw_bytes;base64=%%", "is base64, not '%%'"),
                             ("unannounced_close=1", "takes no parameters")):
            with self.subTest(fault):
                seen = ask(self.mock.port, "wrong", fault)
                self.assertEqual(seen.status, 400)
                self.assertIn(words, json.loads(seen.body)["title"])
        self.assertEqual(self.threads("wrong"), 0)


class Hanging(unittest.TestCase):
    def test_who_hangs_ends_with_the_client_and_at_stop(self):
        with Mock("interrupts", "--clock", "virtual") as mock:
            plugs = []
            for _ in range(2):
                plug = socket.create_connection(("127.0.0.1", mock.port), PATIENCE)
                plug.sendall(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nX-Dryrun-Fault: hang\r\n\r\n".encode())
                plugs.append(plug)
            deadline = time.monotonic() + PATIENCE
            while mock.admin("metrics?format=json")["waiting"] < 2 and time.monotonic() < deadline:
                time.sleep(0.005)
            plugs[0].close()
            while mock.admin("metrics?format=json")["waiting"] > 1 and time.monotonic() < deadline:
                time.sleep(0.005)
            self.assertEqual(mock.admin("metrics?format=json")["waiting"], 1)
            self.assertEqual(mock.stop(), 0)
            self.assertLess(time.monotonic(), deadline)
            self.assertEqual(plugs[1].recv(10), b"")
            plugs[1].close()

    def test_where_no_place_is_left_the_connection_is_closed_and_others_are_served(self):
        with Mock("interrupts", "--clock", "virtual", "--threads", "4") as mock:
            plugs = []
            for _ in range(3):
                plug = socket.create_connection(("127.0.0.1", mock.port), PATIENCE)
                plug.sendall(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nX-Dryrun-Fault: hang\r\n\r\n".encode())
                plugs.append(plug)
            deadline = time.monotonic() + PATIENCE
            while mock.admin("metrics?format=json")["waiting"] < 3 and time.monotonic() < deadline:
                time.sleep(0.005)
            self.assertEqual(ask(mock.port, "s", "hang").bytes, b"")
            self.assertEqual(ask(mock.port, "s", "delay=20s").bytes, b"")
            self.assertTrue(whole(ask(mock.port, "s", None)))
            for plug in plugs:
                plug.close()

    def test_waits_by_the_clock_of_the_world_cost_nothing(self):
        rules = [("delay", {"time": "59s"}, 201), ("slow_first_byte", {"time": "2h"}, 201),
                 ("dribble", {"time": "3h", "pieces": 4}, 201), ("hang", {"most": "4h"}, None),
                 ("slow_close", {"time": "1h", "length": "stated"}, 201)]
        with Mock("interrupts", "--clock", "virtual") as mock:
            for kind, values, status in rules:
                with self.subTest(kind):
                    rule = {"fault": kind, "with": values, "clock": "world", "times": 1}
                    self.assertEqual(mock.post("/__admin/faults", rule, session=kind).status, 200)
                    before = mock.admin("clock", session=kind)["now"]
                    seen = ask(mock.port, kind, None)
                    self.assertEqual(seen.status, status)
                    self.assertLess(seen.ms, 1000 * PATIENCE)
                    self.assertNotEqual(mock.admin("clock", session=kind)["now"], before)


class RateLimit(unittest.TestCase):
    def statuses(self, mock, session, count, **more):
        return [mock.post(PATH, session=session, **more).status for _ in range(count)]

    def test_a_window_is_over_when_time_has_gone_by_itself(self):
        with Mock("interrupts", "--clock", "scaled:100000") as mock:
            rule = {"fault": "rate_limit", "with": {"budget": 1, "window": "1000s"}, "clock": "world"}
            self.assertEqual(mock.post("/__admin/faults", rule).status, 200)
            dates = []
            for _ in range(3):
                self.assertEqual(mock.post(PATH).status, 201)
                dates.append(parsedate_to_datetime(mock.get("/__admin/health").headers["date"]))
                time.sleep(0.05)  # at least 5,000 s there
                dates.append(parsedate_to_datetime(mock.get("/no/service").headers["date"]))
            for early, late in zip(dates[::2], dates[1::2]):
                self.assertGreaterEqual((late - early).total_seconds(), 4999)

    def test_a_budget_a_window_of_the_world_with_headers_on_every_answer(self):
        with Mock("interrupts", "--clock", "virtual") as mock:
            rule = {"fault": "rate_limit", "with": {"budget": 3, "window": "90s"}, "clock": "world"}
            self.assertEqual(mock.post("/__admin/faults", rule, session="a").status, 200)
            seen = [mock.post(PATH, session="a") for _ in range(4)]
            self.assertEqual([it.status for it in seen], [201, 201, 201, 429])
            self.assertEqual([it.headers["x-ratelimit-remaining"] for it in seen], ["2", "1", "0", "0"])
            self.assertEqual({it.headers["x-ratelimit-limit"] for it in seen}, {"3"})
            self.assertEqual({it.headers["x-ratelimit-reset"] for it in seen}, {str(1767225600 + 90)})
            self.assertNotIn("retry-after", seen[2].headers)
            self.assertEqual(seen[3].headers["retry-after"], "90")
            mock.advance("89s", session="a")
            again = mock.post(PATH, session="a")
            self.assertEqual((again.status, again.headers["retry-after"]), (429, "1"))
            mock.advance("1s", session="a")
            self.assertEqual(self.statuses(mock, "a", 4), [201, 201, 201, 429])
            self.assertEqual(self.statuses(mock, "b", 5), [201] * 5)  # it is of session a

    def test_a_window_of_real_time_stays_whatever_the_world_does(self):
        with Mock("interrupts", "--clock", "virtual") as mock:
            mock.post("/__admin/faults", {"fault": "rate_limit", "with": {"budget": 1, "window": "150ms"}})
            self.assertEqual(self.statuses(mock, None, 1), [201])
            refused = mock.post(PATH).status  # a busy machine may take longer than the window
            mock.advance("1h")
            time.sleep(0.16)
            self.assertIn(refused, (429, 201))
            self.assertEqual(self.statuses(mock, None, 1), [201])

    def test_every_style_of_headers_and_of_waiting(self):
        styles = {
            "x-epoch": {"x-ratelimit-limit": "1", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1767225630"},
            "x-seconds": {"x-ratelimit-limit": "1", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "30"},
            "draft": {"ratelimit-limit": "1", "ratelimit-remaining": "0", "ratelimit-reset": "30"},
            "policy": {"ratelimit-policy": '"default";q=1;w=30', "ratelimit": '"default";r=0;t=30'},
            "requests": {"x-ratelimit-limit-requests": "1", "x-ratelimit-remaining-requests": "0",
                         "x-ratelimit-reset-requests": "30000ms"},
            "none": {},
        }
        waits = {"seconds": {"retry-after": "30"}, "milliseconds": {"retry-after-ms": "30000"},
                 "date": {"retry-after": "Thu, 01 Jan 2026 00:00:30 GMT"}, "none": {}}
        def told(answer):
            return {name: value for name, value in answer.headers.items() if "ratelimit" in name or "retry" in name}
        with Mock("interrupts", "--clock", "virtual") as mock:
            for style, headers in styles.items():
                for wait, more in waits.items():
                    with self.subTest(style + wait):
                        rule = {"fault": "rate_limit", "clock": "world",
                                "with": {"budget": 1, "window": "30s", "headers": style, "retry_after": wait}}
                        session = f"{style}.{wait}"
                        mock.post("/__admin/faults", rule, session=session)
                        self.assertEqual(told(mock.post(PATH, session=session)), headers)
                        self.assertEqual(told(mock.post(PATH, session=session)), {**headers, **more})

    def test_each_credential_may_have_a_budget_of_its_own(self):
        data = ["--contracts", str(ROOT / "contracts"), "--fixtures", str(ROOT / "fixtures")]
        with Mock("letta", "--clock", "virtual", data=data) as mock:
            mock.post("/__admin/faults", {"fault": "rate_limit", "clock": "world",
                                          "with": {"budget": 2, "scope": "credential", "status": 503}})
            def ask_as(name):
                return mock.get("/letta/v1/agents/", headers={"Authorization": f"Bearer {name}"}).status
            self.assertEqual([ask_as("one") for _ in range(3)], [200, 200, 503])
            self.assertEqual([ask_as("two") for _ in range(3)], [200, 200, 503])


if __name__ == "__main__":
    main()
