#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sessions by header, by path and by credential; routing, mounts and methods; --validate, --unknown-ids, --outcome."""

from engine_test import Cases, Engine, main


class Sessions(Cases):
    page = "cancels"
    headers = {"Authorization": "Bearer x"}

    def titles(self, client, prefix=""):
        return sorted(run["title"] for run in client.get(prefix + "/runs").body["runs"])

    def test_three_ways_to_name_one(self):
        plain = self.engine.client(**self.headers)
        by_key = self.engine.client(Authorization="Bearer key~alpha")
        by_header = self.engine.client("alpha", **self.headers)
        self.case("by path", plain.post("/~alpha/runs", {"prompt": "one"}).status, 200)
        self.case("by header", by_header.post("/cancels/api/v1/runs", {"prompt": "two"}).status, 200)
        self.case("by credential", by_key.post("/api/v1/runs", {"prompt": "three"}).status, 200)
        expected = ["one", "seeded", "three", "two"]
        self.case("is one world", [self.titles(by_key), self.titles(by_header), self.titles(plain, "/~alpha/cancels")],
                  [expected] * 3)
        self.case("and not the others'", [self.titles(plain), self.titles(plain, "/~beta")], [["seeded"]] * 2)
        by_key.admin("POST", "/clock/advance", {"by": "1h"})
        self.case("with a clock of its own", (by_header.now()[:13], plain.now()[:13]),
                  ("2026-01-01T01", "2026-01-01T00"))
        self.case("two names at once", plain.get("/~alpha/runs", X_Dryrun_Session="beta").status, 400)
        self.case("the same twice is fine", plain.get("/~alpha/runs", X_Dryrun_Session="alpha").status, 200)
        for name in ("a b", "x" * 65, "a/b"):
            self.case(f"no name: {name[:5]}", plain.get("/runs", X_Dryrun_Session=name).status, 400)
        plain.admin("DELETE", "/sessions/alpha")
        self.case("forgotten", self.titles(by_key), ["seeded"])
        for client in (plain, by_key, by_header):
            client.close()

    def test_absolute_links_carry_the_prefix(self):
        with Engine("schedules") as engine:
            client = engine.client()
            for prefix in ("/~alpha", "/~alpha/schedules", "/schedules", ""):
                client("PUT", prefix + "/routines/r", {"cron": "0 * * * *"})
                client.post((prefix.split("/schedules")[0] or "") + "/__admin/clock/advance", {"by": "5h"})
                page = client.get(prefix + "/routines/r/runs?limit=2").body
                begins = f"http://127.0.0.1:{engine.port}{prefix}/routines/r/runs?"
                self.case(f"link below '{prefix}'", page["next_link"][: len(begins)], begins)
                rest = client.get(page["next_link"][len(f"http://127.0.0.1:{engine.port}") :])
                self.case("can be followed", (rest.status, len(rest.body["data"])), (200, 2))
            client.close()

    def test_several_providers_share_a_root(self):
        with Engine("cancels", "tools", "interrupts") as engine:
            client = engine.client(**self.headers)
            self.case("each by its name", [client.post("/cancels/runs", {"prompt": "x"}).status,
                      client.post("/tools/runs", {}).status, client.post("/interrupts/threads").status],
                      [200, 200, 201])
            self.case("one knows it", client.post("/threads").header("Operation"), "createThread")
            self.case("two know it", client.post("/runs", {}).status, 404)
            self.case("nobody knows it", client.get("/nothing").status, 404)
            near = client.admin("GET", "/requests/unmatched")
            self.case_true("and it is kept", "/nothing" in str(near))
            client.close()

    def test_near_misses_name_the_nearest(self):
        answer = self.client.get("/api/v1/rusn")
        self.case("404", answer.status, 404)
        self.case_true("the remark names the operation", "/runs" in answer.header("Remark"))
        answer = self.client("DELETE", "/runs")
        self.case("405", (answer.status, "GET" in answer.headers["Allow"]), (405, True))
        answer = self.client("OPTIONS", "/runs", Origin="http://localhost", Access_Control_Request_Method="POST",
                             Access_Control_Request_Headers="authorization")
        self.case("a browser may ask", (answer.status, answer.headers["Access-Control-Allow-Headers"]),
                  (204, "authorization"))

    def test_validate_modes(self):
        bad = {"prompt": "x", "worker": 5}
        for mode, status in [("strict", 400), ("warn", 200), ("off", 200)]:
            with Engine("cancels", "--validate", mode) as engine:
                client = engine.client(**self.headers)
                answer = client.post("/runs", bad)
                self.case(mode, answer.status, status)
                self.case(f"{mode}: noted", bool(answer.header("Remark")), mode != "off")
                self.case(f"{mode}: right is right", client.post("/runs", {"prompt": "x"}).status, 200)
                client.close()

    def test_unknown_ids(self):
        path = "/runs/00000000-0000-4000-8000-00000000dead"
        with Engine("cancels", "--unknown-ids", "example") as engine:
            client = engine.client(**self.headers)
            first, second = client.get(path), client.get(path)
            self.case("an example of the schema", (first.status, first.body["state"] in
                      ("QUEUED", "PENDING", "CLAIMED", "INPROGRESS", "SUCCEEDED", "FAILED", "CANCELLED")), (200, True))
            self.case("always the same", first.body, second.body)
            self.case("what is there is shown", client.get("/runs/00000000-0000-4000-8000-000000000001").body["title"],
                      "seeded")
            client.close()
        self.case("404 otherwise", self.client.get(path).status, 404)

    def test_outcomes_forced_from_outside(self):
        with Engine("cancels", "--outcome", "cancels.run=failure") as engine:
            client = engine.client(**self.headers)

            def end(**headers):
                run = client.post("/runs", {"prompt": "x"}, **headers).body["run_id"]
                client.advance("1h")
                return client.get("/runs/" + run).body["state"]

            self.case("by the command line", end(), "FAILED")
            self.case("the header comes first", end(X_Dryrun_Outcome="success"), "SUCCEEDED")
            client.admin("POST", "/outcomes", {"machine": "run", "outcome": "hang", "times": 1})
            self.case("the admin API, once", [end(), end()], ["QUEUED", "FAILED"])
            client.close()


if __name__ == "__main__":
    main()
