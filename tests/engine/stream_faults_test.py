#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Page `tools` with faults of streams: what arrives, how the connection ends, and that the run does not care. One row a
fault: the header that asks for it, the events that arrive (by number), and how the connection ends."""

import socket
import time

from engine_test import REAL_SECONDS, Cases, frames_of, main

WHOLE = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", None]  # ids; the end marker has none
ENDS = {"chunk": "the last chunk came", "fin": "closed within the body", "rst": "reset"}


class StreamFaults(Cases):
    page = "tools"

    def raw(self, path, **headers):
        """The bytes of an answer on a connection of its own, without its chunks, and how it ended."""
        lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"X-Dryrun-Session: {self._testMethodName[:64]}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        with socket.create_connection(("127.0.0.1", self.engine.port), REAL_SECONDS) as plug:
            plug.sendall("\r\n".join([*lines, "", ""]).encode())
            got, end = b"", "fin"
            while not got.endswith(b"\r\n0\r\n\r\n"):
                try:
                    more = plug.recv(65536)
                except ConnectionResetError:
                    end = "rst"
                    break
                if not more:
                    break
                got += more
            else:
                end = "chunk"
        head, _, body = got.partition(b"\r\n\r\n")
        text = b""
        while body:
            size, _, rest = body.partition(b"\r\n")
            text += rest[: int(size, 16)]
            body = rest[int(size, 16) + 2 :]
        return head.decode(), text.decode(), end

    def ids(self, text):
        return [number for _, number, _ in frames_of(text)]

    def over(self):
        run = self.client.post("/runs", {}).body["id"]
        self.client.advance("10s")
        return run

    def check(self, fault, expected, end, path="", **headers):
        run = self.over()
        head, text, how = self.raw(f"/runs/{run}/events{path}", X_Dryrun_Fault=fault, **headers)
        self.case(f"{fault} {path}: it is said", f"X-Dryrun-Fault: {fault.split(';')[0].split('=')[0]}" in head, True)
        self.case(f"{fault} {path}: events", self.ids(text), expected)
        self.case(f"{fault} {path}: {ENDS[end]}", how, end)
        self.case(f"{fault} {path}: the run is over", self.client.get("/runs/" + run).body["status"], "completed")
        self.case(f"{fault} {path}: the next look is whole",
                  self.ids(self.client.stream("GET", f"/runs/{run}/events").text), WHOLE)
        return text

    def test_streams_are_cut(self):
        self.check("stream_cut=3", WHOLE[:3], "fin")
        self.check("stream_cut=3;how=reset", WHOLE[:3], "rst")
        self.check("stream_cut=3;how=end", WHOLE[:3], "chunk")
        self.check("stream_cut=0", [], "fin")
        self.check("stream_cut=10", WHOLE[:10], "fin")
        self.check("stream_cut=99", WHOLE, "chunk")
        run = self.over()
        _, whole, _ = self.raw(f"/runs/{run}/events")
        _, text, end = self.raw(f"/runs/{run}/events", X_Dryrun_Fault="stream_cut=2;bytes=7")
        self.case("within an event", text, "\n\n".join(whole.split("\n\n")[:2]) + "\n\n" + whole.split("\n\n")[2][:7])
        self.case("and then closed", end, "fin")

    def test_a_cut_stream_is_resumed(self):
        run = self.over()
        _, text, _ = self.raw(f"/runs/{run}/events", X_Dryrun_Fault="stream_cut=4")
        last = self.ids(text)[-1]
        _, rest, end = self.raw(f"/runs/{run}/events", Last_Event_ID=last)
        self.case("together they are whole", (self.ids(text) + self.ids(rest), end), (WHOLE, "chunk"))

    def test_events_come_twice_or_in_another_order(self):
        self.check("duplicate_event=2", ["1", "2", "2", *WHOLE[2:]], "chunk")
        self.check("duplicate_event", ["1", "1", *WHOLE[1:]], "chunk")
        self.check("reorder_events=2", ["1", "3", "2", *WHOLE[3:]], "chunk")
        self.check("reorder_events=10", WHOLE, "chunk")

    def test_the_end_is_missing(self):
        self.check("missing_terminal", WHOLE[:9], "chunk")
        self.check("missing_terminal=marker", WHOLE[:10], "chunk")

    def test_resumed_streams_lose_and_repeat(self):
        self.check("resume_gap", WHOLE[5:], "chunk", "?after=4")
        self.check("resume_gap=3", WHOLE[7:], "chunk", Last_Event_ID="4")
        self.check("resume_gap", WHOLE, "chunk")
        self.check("resume_duplicate=2", WHOLE[2:], "chunk", "?after=4")
        self.check("resume_duplicate=9", WHOLE, "chunk", "?after=4")
        self.check("resume_duplicate", WHOLE, "chunk")

    def test_several_at_once(self):
        self.check("duplicate_event=2, stream_cut=2", ["1", "2", "2"], "fin")
        self.check("resume_gap=2, duplicate_event=1, missing_terminal", ["7", "7", "8", "9"], "chunk", "?after=4")

    def test_a_stream_stalls_by_the_worlds_clock(self):
        run = self.over()
        rule = {"fault": "stream_stall", "with": {"after": 2, "time": "1h"}, "clock": "world",
                "match": {"operation": "streamRun"}, "times": 1}
        self.client.admin("POST", "/faults", rule)
        before = self.client.now()
        _, text, end = self.raw(f"/runs/{run}/events")
        self.case("whole after an hour", (self.ids(text), end), (WHOLE, "chunk"))
        self.case("that nobody waited for", (before[11:13], self.client.now()[11:13]), ("00", "01"))

    def test_a_stream_stalls_on_the_wire(self):
        run = self.over()
        began = time.monotonic()
        _, text, _ = self.raw(f"/runs/{run}/events", X_Dryrun_Fault="stream_stall=2;time=120ms")
        self.case("whole", self.ids(text), WHOLE)
        self.case_true("but later", time.monotonic() - began >= 0.12)

    def test_a_stream_that_is_watched_while_it_happens(self):
        answer = self.client.stream("POST", "/runs", {"stream": True}, X_Dryrun_Fault="missing_terminal")
        self.case("live, without its end", [number for _, number, _ in answer.frames], WHOLE[:9])
        answer = self.client.stream("POST", "/runs", {"stream": True}, X_Dryrun_Fault="reorder_events=4")
        self.case("live, two change places", [number for _, number, _ in answer.frames],
                  ["1", "2", "3", "5", "4", *WHOLE[5:]])

    def test_rules_count_streams_alone(self):
        rule = {"fault": "stream_cut", "with": {"after": 1}, "requests": "2"}
        self.client.admin("POST", "/faults", rule)
        run = self.over()
        got = [self.ids(self.raw(f"/runs/{run}/events")[1]) for _ in range(3)]
        self.case("the second stream", got, [WHOLE, WHOLE[:1], WHOLE])
        rules = self.client.admin("GET", "/faults")["rules"]
        self.case("counted", [(one["matched"], one["applied"]) for one in rules], [(3, 1)])

    def test_what_finds_nothing_to_do_has_not_happened(self):
        self.client.admin("POST", "/faults", {"fault": "resume_gap", "times": 1})
        run = self.over()
        read = lambda path="": self.ids(self.raw(f"/runs/{run}/events{path}")[1])
        self.case("a stream from its beginning is whole and counts for nothing", read(), WHOLE)
        self.case("the first that is resumed has the gap", [read("?after=4"), read("?after=4")], [WHOLE[5:], WHOLE[4:]])
        rules = self.client.admin("GET", "/faults")["rules"]
        self.case("counted", [(one["matched"], one["applied"]) for one in rules], [(2, 1)])
        for fault, why in (("stream_cut", "the answer is no stream"), ("missing_terminal", "the answer is no stream"),
                           ("webhook_lost", "it is met by webhooks, which rules choose")):
            answer = self.client.get("/runs/" + run, X_Dryrun_Fault=fault)
            self.case(f"{fault} where there is none", answer.headers["x-dryrun-fault"], f"{fault}; nothing={why}")
        listed = self.client.admin("GET", "/requests?fault=*")["requests"]
        self.case("in the journal", [one["faults"] for one in listed], [["resume_gap"]])

    def test_rules_by_state(self):
        rule = {"fault": "stream_cut", "with": {"after": 1}, "match": {"state": "completed"}}
        self.client.admin("POST", "/faults", rule)
        self.case("not yet", len(self.client.stream("POST", "/runs", {"stream": True}).frames), 11)
        self.case("now", self.ids(self.raw(f"/runs/{self.over()}/events")[1]), ["1"])


if __name__ == "__main__":
    main()
