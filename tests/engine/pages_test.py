#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lists asked for again and again: a page is never older than the newest change, whatever was printed before."""

import threading

from engine_test import Cases, main

ROUNDS, CLIENTS = 30, 4
SEEDED = "00000000-0000-4000-8000-000000000001"


class Pages(Cases):
    page = "cancels"
    headers = {"Authorization": "Bearer x"}

    def create(self, client=None):
        answer = (client or self.client).post("/runs", {"prompt": "a"})
        self.assertEqual(answer.status // 100, 2, answer.text)
        return answer.body["run_id"]

    def listed(self, path="/runs?limit=500", client=None):
        answer = (client or self.client).get(path)
        self.assertEqual(answer.status, 200, answer.text)
        return [run for run in answer.body["runs"] if run["run_id"] != SEEDED]

    def test_a_create_is_in_the_next_page_of_the_same_instant(self):
        before = self.client.now()
        for number in range(1, ROUNDS):
            run = self.create()
            for _ in range(2):  # the second time it may be the page that was printed before
                ids = [shown["run_id"] for shown in self.listed()]
                self.assertEqual((len(ids), run in ids), (number, True))
        self.case("no time has passed", self.client.now(), before)

    def test_a_move_is_in_the_next_page(self):
        run = self.create()
        shown = self.client.get("/runs/" + run).body
        self.assertEqual(self.listed(), [shown])
        seen = {shown["state"]}
        for _ in range(20):
            self.client.advance("1s")
            shown = self.client.get("/runs/" + run).body
            self.assertEqual((self.listed(), self.listed()), ([shown], [shown]))
            seen.add(shown["state"])
        self.case("states that were seen", len(seen) > 1, True)

    def test_pages_are_told_apart(self):
        for _ in range(5):
            self.create()
        whole = self.listed()
        for _ in range(2):
            for limit in (1, 2, 3):
                self.case(f"limit {limit}", self.listed(f"/runs?limit={limit}"), whole[:limit])
            first = self.client.get("/runs?limit=2").body
            cursor = first["page_info"]["next_cursor"]
            self.case("the page behind", self.listed(f"/runs?limit=2&cursor={cursor}"), whole[2:4])
            self.case("filtered", self.listed("/runs?limit=500&q=nothing"), [])

    def test_sessions_have_pages_of_their_own(self):
        self.create()
        self.listed()
        other = self.engine.client("elsewhere", **self.headers)
        self.case("another session", self.listed(client=other), [])
        other.close()

    def test_clients_see_their_own_creates(self):
        lost = []

        def work(client):
            for _ in range(ROUNDS):
                run = self.create(client)
                if run not in [shown["run_id"] for shown in self.listed(client=client)]:
                    lost.append(run)

        threads = [threading.Thread(target=work, args=(self.another(),)) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.case("runs that a page did not show", lost, [])


if __name__ == "__main__":
    main()
