#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Page `guests`: clients that leave, schemas that are values of the world, copies, what frames may read."""

from engine_test import Cases, main
from waiting import until


class Guests(Cases):
    page = "guests"

    def visit(self, form="free", **body):
        answer = self.client.post(f"/forms/{form}/visits", body, X_Dryrun_Outcome="stays")
        self.assertEqual(answer.status, 200, answer.text)
        return "/visits/" + answer.body["id"]

    def parked(self):
        return self.client.admin("GET", "/clock")["parked"]

    def leave(self, path):
        """Somebody asks for what is not over, and goes away while nothing is written."""
        self.client.participants(9)  # nobody is granted time
        leaver = self.another()
        leaver.send("GET", path)
        until(lambda: self.parked() == 1)
        leaver.close()
        until(lambda: self.parked() == 0)

    def test_a_client_that_leaves_a_wait_is_noticed(self):
        visit = self.visit()
        self.leave(visit + "/wait")
        self.case("the script has run", self.client.get(visit).body["state"], "left")
        history = self.client.admin("GET", f"/resources/{visit[8:]}/history")
        self.case_true("and says why", "its client left" in str(history))

    def test_a_client_that_leaves_a_stream_is_noticed(self):
        visit = self.visit()
        self.leave(visit + "/stream")
        self.case("the steps have run", self.client.get(visit).body["state"], "left")

    def test_steps_of_leaving_have_conditions(self):
        for path in ("/wait", "/stream"):
            visit = self.visit(stays=True)
            self.leave(visit + path)
            self.case("it stays: " + path, self.client.get(visit).body["state"], "open")

    def test_who_stays_to_the_end_has_not_left(self):
        visit = "/visits/" + self.client.post("/forms/free/visits", {}).body["id"]
        self.client.stream("GET", visit + "/stream")
        self.case("to the end of the stream", self.client.get(visit).body["state"], "done")
        visit = "/visits/" + self.client.post("/forms/free/visits", {}).body["id"]
        self.client.advance("2s")
        self.client.get(visit + "/wait")
        self.case("to the end of the wait", self.client.get(visit).body["state"], "done")

    def test_a_reset_is_not_a_client_that_left(self):
        visit = self.visit()
        self.client.participants(9)
        waiter = self.another()
        waiter.send("GET", visit + "/wait")
        until(lambda: self.parked() == 1)
        self.client.admin("POST", "/reset")
        self.case("all is new", self.client.get(visit).status, 404)

    def test_a_schema_that_is_a_value_decides(self):
        for answer, status in [(1, 200), (7, 200), (0, 422), ("7", 422), (1.5, 422), ({}, 422)]:
            got = self.client.post("/forms/number/visits", {"answer": answer}, X_Dryrun_Outcome="stays")
            self.case(f"{answer!r} for a number", got.status, status)
        self.case("by its row", got.rule.startswith("lifecycle.yaml:"), True)
        for answer in (1, "x", [None]):
            got = self.client.post("/forms/free/visits", {"answer": answer}, X_Dryrun_Outcome="stays")
            self.case(f"{answer!r} where nothing is asked for", got.status, 200)
        got = self.client.post("/forms/broken/visits", {"answer": 1})
        self.case("what is no schema accepts nothing", got.status, 422)

    def test_frames_read_hidden_members_by_name_only(self):
        visit = self.client.post("/forms/number/visits", {"answer": 3}).body["id"]
        frames = self.client.stream("GET", f"/visits/{visit}/stream").frames
        self.case("told by name", frames[0], ("told", None, {"secret": "unseen", "id": visit}))
        self.case("not in the whole", frames[1],
                  ("done", None, {"id": visit, "form_id": "number", "state": "done", "title": "A number"}))

    def test_a_constant_stands_in_for_a_name_that_is_not_given(self):
        self.case("none is given", self.client.post("/visits", {}).body["form_id"], "free")
        self.case("one is given", self.client.post("/visits", {"form_id": "number"}).body["form_id"], "number")
        self.case("of nothing", self.client.post("/visits", {"form_id": "lost"}).status, 404)
        self.case("in the path", self.client.post("/forms/lost/copy").status, 404)

    def test_a_seeded_outcome_knows_what_its_resource_links_to(self):
        self.client.advance("3s")
        self.case("its form", self.client.get("/visits/seeded").body["title"], "Anything")

    def test_copies_have_ids_of_their_own(self):
        twin = self.client.post("/forms/number/copy").body
        self.case("what was set", twin["title"], "A number again")
        mine, its = (self.client.get(f"/forms/{form}/notes").body for form in ("number", twin["id"]))
        self.case("the same notes", [note["text"] for note in its], ["first", "second"])
        ids = {note["place"]["id"] for note in mine + its}
        self.case("four of them", len(ids), 4)
        got = self.client.post(f"/forms/{twin['id']}/visits", {"answer": 0})
        self.case("hidden members are copied, too", got.status, 422)


if __name__ == "__main__":
    main()
