#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Page `tapes`: streams that count their frames and are taken up again, creates that are safe to repeat, waits whose end
decides the status, states that look the same, other spellings of paths, answers of another schema."""

import socket
import time

from engine_test import Cases, main

SOUNDS = ["do", "re", "mi"]


class Tapes(Cases):
    page = "tapes"

    def make(self, sounds=SOUNDS, **headers):
        return self.client.post("/v1/tapes/", {"sounds": list(sounds)}, **headers).body

    def play(self, tape, **body):
        frames = self.client.stream("POST", f"/v1/tapes/{tape}/play", body).frames
        return [(frame[1], frame[2]) for frame in frames]

    def test_frames_are_counted_not_events(self):
        tape = self.make()["id"]
        self.client.advance("10s")
        ping = (None, {"ping": tape})
        rest = [("1", {"sound": "do"}), ("2", {"sound": "re"}), ("3", {"sound": "mi"}), (None, "[DONE]")]
        self.case("from the beginning", self.play(tape), [ping, *rest])
        for after in range(6):
            self.case(f"after {after}", self.play(tape, after=after), [ping, *rest[after:]])
        self.case("without pings", self.play(tape, after=2, pings=False), rest[2:])

    def test_a_stream_that_is_taken_up_while_it_goes_on(self):
        tape = self.make()["id"]
        self.client.advance("2s")
        self.case("what is left, to its end", self.play(tape, after=1, pings=False),
                  [("2", {"sound": "re"}), ("3", {"sound": "mi"}), (None, "[DONE]")])

    def test_pings_while_nothing_happens(self):
        tape = self.make()["id"]
        self.client.advance("1s")
        self.client.participants(2)  # nobody else waits: time stands
        name = self._testMethodName[:64]
        with socket.create_connection(("127.0.0.1", self.engine.port), timeout=30) as wire:
            wire.sendall(f"POST /v1/tapes/{tape}/play HTTP/1.1\r\nHost: x\r\nX-Dryrun-Session: {name}\r\n"
                         "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}".encode())
            seen, end = b"", time.monotonic() + 30
            while seen.count(b'"last":1') < 2 and time.monotonic() < end:
                seen += wire.recv(4096)
        self.case("they tell the last frame", seen.count(b'"last":1') >= 2, True)
        self.case("the first one knows none", seen.count(b'data: {"ping":"' + tape.encode() + b'"}'), 1)

    def test_a_create_is_safe_to_repeat(self):
        first = self.client.post("/v1/tapes/", {"sounds": SOUNDS}, Idempotency_Key="a")
        again = self.client.post("/v1/tapes/", {"sounds": ["la"]}, Idempotency_Key="a")
        self.case("the state is that of what is answered, whatever else was made", first.header("State"), "tape=made")
        self.case("the one made before", (again.status, again.body), (201, first.body))
        other = self.client.post("/v1/tapes/", {"sounds": SOUNDS}, Idempotency_Key="b")
        plain = [self.make()["id"], self.make()["id"]]
        self.case("another key, or none, makes another", len({first.body["id"], other.body["id"], *plain}), 4)
        self.client.advance("10s")
        self.case("nothing was started twice", [frame[1] for frame in self.play(first.body["id"], pings=False)],
                  [*({"sound": sound} for sound in SOUNDS), "[DONE]"])

    def test_the_status_after_a_wait(self):
        good, bad = self.make()["id"], self.client.post("/v1/tapes/", {}, X_Dryrun_Outcome="torn").body["id"]
        answer = self.client.get(f"/v1/tapes/{bad}/end")
        self.case("it broke meanwhile", (answer.status, answer.body["state"]), (429, "broken"))
        self.case("it did not", self.client.get(f"/v1/tapes/{good}/end").status, 200)

    def test_states_that_look_the_same(self):
        tape = self.client.post("/v1/tapes/", {}, X_Dryrun_Outcome="question").body["id"]
        asking = self.client.get(f"/v1/tapes/{tape}")
        self.explained("asking", asking, 200, "getTape", "tape=asking", None if not asking.rule else "getTape")
        answered = self.client.post(f"/v1/tapes/{tape}/answer")
        self.case("answered", (answered.status, answered.body), (200, asking.body))
        again = self.client.post(f"/v1/tapes/{tape}/answer")
        self.explained("once", again, 409, "answerTape", "tape=answered", "no_question")

    def test_slashes(self):
        tape = self.make()["id"]
        base = f"http://127.0.0.1:{self.engine.port}"
        for method, path, there in [("GET", "/v1/tapes?a=b%20c", "/v1/tapes/?a=b%20c"), ("POST", "/v1/tapes", "/v1/tapes/"),
                                    ("GET", f"/v1/tapes/{tape}/", f"/v1/tapes/{tape}"), ("GET", "/latest/tapes", "/latest/tapes/"),
                                    ("GET", "/tapes/v1/tapes", "/tapes/v1/tapes/")]:
            answer = self.client(method, path)
            self.case(f"{method} {path}", (answer.status, answer.headers["Location"]), (307, f"{base}/~{self._testMethodName}{there}"))
        self.case("nothing is made on the way", len(self.client.get("/v1/tapes/").body), 1)

    def test_a_mount_that_replaces_a_prefix(self):
        tape = self.make()["id"]
        self.case("the same thing", self.client.get(f"/latest/tapes/{tape}").body, self.client.get(f"/v1/tapes/{tape}").body)
        for path in ("/latest/v1/tapes/", "/latest/odd", "/tapes/latest/odd"):
            self.case(path, self.client.get(path).status, 404)
        self.case("what does not begin so stays", self.client.get("/odd").status, 200)

    def test_a_list_without_envelope(self):
        self.case("none", self.client.get("/v1/tapes/").body, [])
        made = [self.make()["id"], self.make()["id"]]
        self.case("two", [tape["id"] for tape in self.client.get("/v1/tapes/").body], made)

    def test_a_resource_answers_only_where_the_document_lets_it(self):
        tape = self.make()["id"]
        self.case("another schema: an example", list(self.client.get(f"/v1/tapes/{tape}/label").body), ["colour"])
        self.case("it or null: it", self.client.get(f"/v1/tapes/{tape}/copy").body["id"], tape)
        self.case("but it must be there", self.client.get("/v1/tapes/none/label").status, 404)


if __name__ == "__main__":
    main()
