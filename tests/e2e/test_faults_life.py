# SPDX-License-Identifier: Apache-2.0
"""Faults that know a resource's life, each on a real socket and with several services: what the client meets, and what
really happened, which the admin API tells.
"""
import datetime
import http.client
import json
import unittest

from dryrun_test import Mock, main
from faults_case import AGENT, HEADERS, SERVICES, THREAD, Case, Client


class Reads(Case):
    def test_the_next_reads_after_a_move_answer_the_state_before_whole_and_then_the_truth(self):
        for client in self.each():
            client.rule("stale_read", **{"with": {"reads": 2}, "match": {"operation": client.service.get_operation}})
            run = client.started()
            old = client.get(run)
            self.assertNotIn("x-dryrun-fault", old.headers)
            for _ in range(40):
                client.advance("50ms")
                if len(client.moves(run)) > 1:
                    break
            stale = [client.get(run) for _ in range(2)]
            for answer in stale:
                self.assertEqual(answer.headers["x-dryrun-fault"], "stale_read")
                self.assertEqual(answer.json(), old.json())
            now = client.get(run)
            self.assertNotEqual(now.json()[client.service.state_at], old.json()[client.service.state_at])
            self.assertNotIn("x-dryrun-fault", now.headers)
            self.assertEqual(client.applied(), [2])

    def test_a_header_asks_for_one_stale_read_and_the_state_header_still_tells_the_truth(self):
        for client in self.each():
            run, before, now = client.moved()
            answer = client.get(run, "stale_read")
            truth = client.get(run)
            self.assertNotEqual(answer.json()[client.service.state_at], truth.json()[client.service.state_at])
            self.assertEqual(answer.headers["x-dryrun-state"], f"run={now}")
            self.assertNotEqual(before, now)

    def test_a_stale_list_is_filtered_and_shown_as_it_was(self):
        for client in self.each("warp", "azure-agents", "acp"):
            run, _, _ = client.moved()
            old = client.get(run, "stale_read").json()[client.service.state_at]
            self.assertEqual(client.listed("stale_read")[run][client.service.state_at], old)
            self.assertNotEqual(client.listed()[run][client.service.state_at], old)
        client = self.client("warp")
        run, before, now = client.moved()
        path = f"/agent/runs?state={before}"
        self.assertIn(run, client.send("GET", path, None, "stale_read").text)
        self.assertNotIn(run, client.send("GET", path).text)
        self.assertNotIn(run, client.send("GET", f"/agent/runs?state={now}", None, "stale_read").text)

    def test_a_stale_read_changes_nothing(self):
        for client in self.each():
            run, _, _ = client.moved()
            truth, moves = client.truth(run), client.moves(run)
            client.get(run, "stale_read")
            client.get(run, "early_terminal")
            client.get(run, "vanish")
            self.assertEqual({**client.truth(run), "version": 0}, {**truth, "version": 0})
            self.assertEqual(client.moves(run), moves)
            client.advance("1h")
            self.assertEqual(client.state(run), client.service.ended)

    def test_after_a_read_of_the_newer_state_one_shows_the_earlier_and_then_on(self):
        for client in self.each():
            client.rule("regress", match={"operation": client.service.get_operation})
            run, before, now = client.moved()
            seen = [client.state(run) for _ in range(4)]
            self.assertEqual([seen[0]] * 2, seen[2:], seen)
            self.assertNotEqual(seen[0], seen[1])
            self.assertEqual(client.applied(), [1])
            self.assertNotEqual(before, now)

    def test_a_read_says_that_it_has_ended_while_it_goes_on(self):
        for client in self.each():
            run = client.started()
            answer = client.get(run, f"early_terminal={client.service.ended}")
            self.assertEqual(answer.json()[client.service.state_at], client.service.ended, answer)
            self.assertNotEqual(client.state(run), client.service.ended)

    def test_what_was_made_just_now_is_not_there_yet_in_reads_and_lists(self):
        for client in self.each():
            client.rule("vanish", **{"with": {"reads": 2}, "match": {"operation": client.service.get_operation}})
            run = client.started()
            self.assertEqual([client.get(run).status for _ in range(4)], [404, 404, 200, 200])
            self.assertEqual(client.applied(), [2])
        for client in self.each("warp", "azure-agents", "acp"):
            run = client.started()
            self.assertNotIn(run, client.listed("vanish"))
            self.assertIn(run, client.listed())

    def test_a_page_lies_about_what_follows(self):
        client = self.client("warp")
        first = client.send("GET", "/agent/runs?limit=2").json()
        token = first["page_info"]["next_cursor"]
        loop = client.send("GET", f"/agent/runs?limit=2&cursor={token}", None, "wrong_next").json()
        self.assertEqual(loop["page_info"], {"has_next_page": True, "next_cursor": token})
        cut = client.send("GET", "/agent/runs?limit=2", None, "wrong_next=cut").json()
        self.assertEqual((cut["runs"], cut["page_info"]), (first["runs"], {"has_next_page": False}))
        bad = client.send("GET", "/agent/runs?limit=2", None, "wrong_next=bad_token").json()
        refused = client.send("GET", f"/agent/runs?limit=2&cursor={bad['page_info']['next_cursor']}")
        self.assertEqual(refused.status, 400)
        self.assertNotIn("next_cursor", client.send("GET", "/agent/runs?limit=2", None, "wrong_next=no_token").json()["page_info"])
        empty = client.send("GET", "/agent/runs?limit=2", None, "wrong_next=empty").json()
        self.assertEqual(empty, {"runs": [], "page_info": first["page_info"]})
        last = client.send("GET", "/agent/runs?limit=500", None, "wrong_next=endless").json()
        self.assertTrue(last["page_info"]["has_next_page"])
        client = self.client("azure-agents")
        path = f"/threads/{THREAD}/messages?api-version=v1&limit=1"
        self.assertTrue(client.send("GET", path).json()["has_more"])
        self.assertFalse(client.send("GET", path, None, "wrong_next=cut").json()["has_more"])

    def test_what_only_reads_is_faulted_and_whoever_asked_in_vain_hears_why(self):
        for client in self.each():
            run, _, _ = client.moved()
            for fault in "stale_read", "regress", "early_terminal":
                answer = client.cancel(run, fault)
                self.assertIn("nothing=", answer.headers["x-dryrun-fault"])
                client.advance("1h")
                run, _, _ = client.moved()
            self.assertIn("nothing=", client.get(run, "cancel_ignored").headers["x-dryrun-fault"])
            self.assertIn("nothing=", client.get(run, "double_start").headers["x-dryrun-fault"])
            self.assertIn("nothing=", client.get(run, "wrong_next").headers["x-dryrun-fault"])


class Writes(Case):
    def test_the_run_was_started_though_the_answer_was_lost(self):
        for client in self.each():
            for how, error in [("reset", ConnectionResetError), ("close", http.client.RemoteDisconnected)]:
                client.advance("1h")
                before = client.runs()
                with self.assertRaises(error):
                    client.start(f"lost_response={how}")
                self.assertEqual(len(client.runs()), len(before) + 1)
                entry = self.mock.admin("requests?limit=1", session=client.session)["requests"][0]
                self.assertEqual(entry["faults"], [f"lost_response; how={how}; lost=200"])
            for status in 502, 504:
                client.advance("1h")
                before = client.runs()
                answer = client.send("POST", client.service.start_path, client.service.body, f"lost_response={status}")
                self.assertEqual((answer.status, answer.headers["content-type"]), (status, "text/html"))
                self.assertEqual(len(client.runs()), len(before) + 1)

    def test_a_silent_answer_ends_with_the_client(self):
        for client in self.each("warp", "letta"):
            before = client.runs()
            body = json.dumps(client.service.body)
            connection = self.mock.connection(timeout=0.2)
            connection.request("POST", f"/{client.service.name}{client.service.start_path}", body,
                               {**HEADERS, "Content-Type": "application/json", "X-Dryrun-Session": client.session,
                                "X-Dryrun-Fault": "lost_response=hang"})
            with self.assertRaises(TimeoutError):
                connection.getresponse()
            connection.close()
            self.assertEqual(len(client.runs()), len(before) + 1)

    def test_a_cancel_is_answered_and_ignored_and_the_run_plays_on_to_its_own_end(self):
        for client in self.each():
            client.rule("cancel_ignored")
            run = client.started()
            for _ in range(20):  # some cannot be cancelled at once
                told = client.cancel(run)
                if told.status < 300:
                    break
                client.advance("100ms")
            self.assertEqual(told.headers["x-dryrun-fault"], "cancel_ignored", told)
            client.advance("1h")
            self.assertEqual(client.state(run), client.service.ended)
            self.assertEqual(client.applied(), [1])
            self.mock.request("DELETE", "/__admin/faults", session=client.session)
            run = client.started()
            for _ in range(20):
                true = client.cancel(run)
                if true.status < 300:
                    break
                client.advance("100ms")
            self.assertEqual(told.status, true.status)
            if told.text.startswith("{") and client.service.state_at in told.json():
                self.assertEqual(told.json()[client.service.state_at], true.json()[client.service.state_at])

    def test_a_change_is_answered_and_is_not_there(self):
        client = self.client("letta")
        path = f"/v1/agents/{AGENT}"
        name = client.send("GET", path).json()["name"]
        told = client.send("PATCH", path, {"name": "another"}, "lost_update")
        self.assertEqual((told.status, told.json()["name"]), (200, "another"))
        self.assertEqual(client.send("GET", path).json()["name"], name)
        client = self.client("azure-agents")
        path = f"/threads/{THREAD}?api-version=v1"
        told = client.send("POST", path, {"metadata": {"color": "green"}}, "lost_update")
        self.assertEqual((told.status, told.json()["metadata"]), (200, {"color": "green"}))
        self.assertNotEqual(client.send("GET", path).json()["metadata"], {"color": "green"})
        for client in self.each():
            before = client.runs()
            run = client.started("lost_update")
            self.assertEqual((client.get(run).status, client.runs()), (404, before))

    def test_a_delete_is_answered_and_what_was_deleted_is_there(self):
        client = self.client("azure-agents")
        path = "/assistants/asst_000000000000000000000002?api-version=v1"
        self.assertEqual(client.send("DELETE", path, None, "lost_update").status, 200)
        self.assertEqual(client.send("GET", path).status, 200)
        client = self.client("acp")
        run = client.started()
        client.advance("1h")
        self.assertEqual(client.send("DELETE", f"/runs/{run}", None, "lost_update").status, 204)
        self.assertEqual(client.state(run), "success")
        client.rule("cancel_ignored", match={"operation": "delete_stateless_run"})
        self.assertEqual(client.send("DELETE", f"/runs/{run}").status, 204)
        self.assertEqual(client.state(run), "success")

    def test_a_start_makes_two_that_live_and_tells_of_one(self):
        for client in self.each():
            before = client.runs()
            answer = client.start("double_start")
            told, note = answer.json()[client.service.id_at], answer.headers["x-dryrun-fault"]
            fresh = set(client.runs()) - set(before)
            self.assertEqual(len(fresh), 2, note)
            twin = (fresh - {told}).pop()
            self.assertEqual(note, f"double_start; twin={twin}")
            client.advance("1h")
            self.assertEqual([client.runs()[run] for run in (told, twin)], [client.service.ended] * 2)

    def test_both_get_the_outcome_that_the_request_forces(self):
        client = self.client("warp")
        before = client.runs()
        answer = self.mock.post("/warp/agent/runs", client.service.body, session=client.session, headers={
            **HEADERS, "X-Dryrun-Fault": "double_start", "X-Dryrun-Outcome": "platform_error"})
        self.assertEqual(answer.status, 200, answer)
        client.advance("1h")
        self.assertEqual([state for run, state in client.runs().items() if run not in before], ["ERROR"] * 2)

    def test_a_retry_that_the_service_would_know_starts_a_second_one(self):
        client = self.client("letta")
        message = {"messages": [{"role": "user", "content": "once", "otid": "key-1"}]}
        first = client.start(body=message).json()["id"]
        self.assertEqual(client.start(body=message).json()["id"], first)
        client.rule("double_start", times=1)
        again = client.start(body=message)
        self.assertNotEqual(again.json()["id"], first)
        self.assertEqual(again.headers["x-dryrun-fault"], f"double_start; twin={first}")
        self.assertEqual(client.applied(), [1])

    def test_of_a_request_that_a_retry_would_know_the_first_makes_one(self):
        client = self.client("letta")
        message = {"messages": [{"role": "user", "content": "once", "otid": "key-2"}]}
        client.rule("double_start")
        before = client.runs()
        first = client.start(body=message).json()["id"]
        self.assertEqual(len(client.runs()), len(before) + 1)
        self.assertNotEqual(client.start(body=message).json()["id"], first)
        self.assertEqual(len(client.runs()), len(before) + 2)

    def test_the_first_makes_two_when_asked_to(self):
        client = self.client("letta")
        before = client.runs()
        client.start("double_start=first", {"messages": [{"role": "user", "content": "once", "otid": "key-3"}]})
        self.assertEqual(len(client.runs()), len(before) + 2)
        for other in self.each("warp", "acp"):
            before = other.runs()
            other.start("double_start=retry")
            self.assertEqual(len(other.runs()), len(before) + 1)

    def test_a_run_does_not_move_on_for_a_time(self):
        for client in self.each():
            run = client.started("stuck=10m")
            state = client.state(run)
            client.advance("9m59s")
            self.assertEqual(client.state(run), state)
            client.advance("1h")
            self.assertEqual(client.state(run), client.service.ended)


class Bodies(Case):
    @staticmethod
    def instant(value):
        if isinstance(value, str):
            return datetime.datetime.fromisoformat(value.replace("Z", "+00:00")).replace(tzinfo=datetime.timezone.utc).timestamp()
        return value

    def test_the_clock_of_the_service_is_off(self):
        for client in self.each():
            run = client.started()
            true = client.get(run).json()[client.service.stamp]
            ahead = client.get(run, "clock_skew=90s").json()[client.service.stamp]
            behind = client.get(run, "clock_skew=2h;direction=behind").json()[client.service.stamp]
            self.assertEqual(self.instant(ahead) - self.instant(true), 90)
            self.assertEqual(self.instant(behind) - self.instant(true), -7200)
            self.assertEqual(len(str(ahead)), len(str(true)))
            self.assertEqual(client.get(run).json()[client.service.stamp], true)
            dates = [client.get(run, f"clock_skew=90s;date={date}").headers["date"] for date in ("true", "false")]
            self.assertNotEqual(*dates)

    def broken(self, client, run, breach, at=None):
        answer = client.get(run, f"schema_mutation={breach}" + (f";at={at}" if at else ""))
        note = dict(part.split("=", 1) for part in answer.headers["x-dryrun-fault"].split("; ")[1:3])
        return answer, note

    def test_each_breach_is_made_where_the_header_says(self):
        for client in self.each():
            run, _, _ = client.moved()
            for breach in "drop", "type", "enum", "null", "array", "encoding", "number", "length":
                answer, note = self.broken(client, run, breach)
                if "nothing" in note:
                    self.assertIn(breach, ("null", "enum", "number"), (client.service.name, note))
                    continue
                self.assertEqual((answer.status, note["breach"]), (200, breach))
                whole = client.get(run).json()
                if breach == "encoding":
                    self.assertIn("\ufffd", answer.text)
                elif note["at"]:
                    self.assertNotEqual(self.found(answer.json(), note["at"]), self.found(whole, note["at"]))
                else:
                    self.assertNotEqual(answer.json(), whole)

    @staticmethod
    def found(tree, pointer):
        for token in pointer.split("/")[1:]:
            token = token.replace("~1", "/").replace("~0", "~")
            tree = tree[int(token)] if isinstance(tree, list) else tree.get(token, KeyError)
            if tree is KeyError:
                return KeyError
        return tree

    def test_a_breach_is_made_at_the_place_that_was_asked_for(self):
        for client in self.each():
            run, _, _ = client.moved()
            at = "/" + client.service.state_at
            answer, note = self.broken(client, run, "enum", at)
            self.assertEqual(note, {"breach": "enum", "at": at})
            self.assertNotEqual(answer.json()[client.service.state_at], client.state(run))
            answer = client.get(run, "schema_mutation=type;at=/not/there")
            self.assertIn("nothing=", answer.headers["x-dryrun-fault"])
            self.assertEqual(answer.json(), client.get(run).json())

    def test_an_extra_member_needs_a_schema_that_forbids_it(self):
        for client in self.each("letta", "azure-agents"):
            answer, note = self.broken(client, client.started(), "extra")
            self.assertTrue("nothing" in note or "x_unheard_of" in answer.text)

    def test_the_seed_draws_the_breach_and_another_request_another_one(self):
        drawn = []
        for _ in range(2):
            with Mock("--clock", "virtual", "--seed", "7", data=[]) as mock:
                client = Client(mock, SERVICES[0], "seeded")
                run, _, _ = client.moved()
                drawn.append([client.get(run, "schema_mutation").headers["x-dryrun-fault"] for _ in range(12)])
        self.assertEqual(*drawn)
        self.assertGreater(len(set(drawn[0])), 4)


class Endings(unittest.TestCase):
    """What a service's streams end with is its own: an event, a marker behind it, a marker that is an event of the run."""

    def frames(self, mock, service, what):
        headers = {"Authorization": "Bearer any", **({"X-Dryrun-Fault": f"missing_terminal={what}"} if what else {})}
        session, version = f"{service}-{what}", "?api-version=v1"

        def post(path, body):
            return mock.post(f"/{service}{path}", body, headers={"Authorization": "Bearer any"}, session=session).json()
        if service == "letta":
            path, body = f"/v1/agents/{AGENT}/messages/stream", {"messages": [{"role": "user", "content": "hi"}]}
        elif service == "acp":
            path, body = "/runs/stream", {"agent_id": "5d9f6a3e-0000-4000-8000-000000000001", "input": {"text": "x"}}
        else:
            agent = mock.get(f"/{service}/assistants{version}", headers=headers, session=session).json()["data"][0]["id"]
            thread = post(f"/threads{version}", {})["id"]
            path, body = f"/threads/{thread}/runs{version}", {"assistant_id": agent, "stream": True}
        answer = mock.post(f"/{service}{path}", body, headers=headers, session=session)
        return [frame for frame in answer.text.split("\n\n") if frame.strip()]

    def test_the_last_event_and_the_marker_are_left_out_wherever_the_marker_comes_from(self):
        with Mock("--clock", "virtual", data=[]) as mock:
            for service, marker in (("letta", "[DONE]"), ("azure-agents", "[DONE]"), ("acp", None)):
                whole = self.frames(mock, service, "")
                self.assertEqual(whole[-1].endswith(marker or "}"), True, whole[-1])
                self.assertEqual(len(self.frames(mock, service, "marker")), len(whole) - bool(marker), service)
                rest = self.frames(mock, service, "both")
                self.assertEqual(len(rest), len(whole) - 1 - bool(marker), service)
                self.assertNotIn("[DONE]", str(rest))


class Drawn(unittest.TestCase):
    KINDS = ["stale_read", "regress", "early_terminal", "vanish", "cancel_ignored", "lost_update", "double_start", "stuck",
             "wrong_next", "clock_skew", "schema_mutation", "lost_response"]

    @staticmethod
    def told(send):
        """What one request met."""
        try:
            answer = send()
        except (ConnectionError, http.client.HTTPException) as error:
            return type(error).__name__
        return answer.status, answer.headers.get("x-dryrun-fault"), answer.headers.get("x-dryrun-state"), answer.text

    def played(self, service):
        with Mock("--clock", "virtual", "--seed", "3", service.name, data=[]) as mock:
            client = Client(mock, service, "drawn")
            for kind in self.KINDS:
                client.rule(kind, probability=0.25)
            met = []
            for turn in range(24):
                met.append(self.told(lambda: client.send("POST", service.start_path, service.body)))
                client.advance(f"{turn * 40}ms")
                run = list(client.runs())[-1]  # what an answer tells may be broken
                met += [self.told(send) for send in (lambda: client.get(run), lambda: client.cancel(run), lambda: client.get(run))]
            return met, client.runs(), [rule["applied"] for rule in mock.admin("faults", session="drawn")["rules"]]

    def test_the_same_requests_meet_the_same_faults_and_leave_the_same_session(self):
        for service in SERVICES:
            with self.subTest(service=service.name):
                first, second = self.played(service), self.played(service)
                self.assertEqual(first, second)
                self.assertGreater(sum(count > 0 for count in first[2]), 7, first[2])


class Together(Case):
    def test_faults_of_reads_and_bodies_act_on_one_another(self):
        for client in self.each("warp", "letta"):
            run, _, _ = client.moved()
            old = client.get(run, "stale_read").json()
            both = client.get(run, "clock_skew=1h, stale_read")
            self.assertEqual(both.json()[client.service.state_at], old[client.service.state_at])
            self.assertNotEqual(both.json()[client.service.stamp], old[client.service.stamp])

    def test_it_goes_back_only_after_a_read_that_was_not_stale(self):
        for order in ["stale_read", "regress"], ["regress", "stale_read"]:
            for client in self.each("warp", "letta"):
                for fault in order:
                    client.rule(fault, match={"operation": client.service.get_operation})
                run, _, _ = client.moved()
                seen = [client.state(run) for _ in range(5)]
                self.assertEqual(seen, [seen[0], seen[1], seen[0], seen[1], seen[1]], order)
                self.assertNotEqual(seen[0], seen[1])

    def test_two_are_started_and_the_answer_is_lost(self):
        for client in self.each("warp", "acp"):
            before = client.runs()
            with self.assertRaises(ConnectionResetError):
                client.start("double_start, lost_response")
            self.assertEqual(len(client.runs()), len(before) + 2)
            entry = self.mock.admin("requests?limit=1", session=client.session)["requests"][0]
            self.assertEqual([fault.split(";")[0] for fault in entry["faults"]], ["double_start", "lost_response"])

    def test_two_that_are_started_in_vain_are_both_gone(self):
        for client in self.each():
            before = client.runs()
            client.start("double_start, lost_update")
            self.assertEqual(client.runs(), before)

    def test_a_stream_is_no_body_that_could_be_changed_or_lost(self):
        paths = {"letta": f"/v1/agents/{AGENT}/messages/stream", "acp": "/runs/stream"}
        for client in self.each(*paths):
            for fault in "lost_response", "clock_skew", "schema_mutation":
                answer = client.send("POST", paths[client.service.name], client.service.body, fault)
                self.assertEqual((answer.status, answer.headers["x-dryrun-fault"]), (200, f"{fault}; nothing=the answer is a stream"))
            answer = client.send("POST", paths[client.service.name], client.service.body, "double_start")
            self.assertIn("double_start; twin=", answer.headers["x-dryrun-fault"])

    def test_a_rule_counts_only_what_it_really_did(self):
        for client in self.each("warp", "azure-agents"):
            client.rule("stale_read", times=1, match={"operation": client.service.get_operation})
            run = client.started()
            for _ in range(3):
                client.get(run)
            self.assertEqual(client.applied(), [0])
            client.rule("stuck", match={"operation": client.service.cancel_operation, "state": "absent"})
            self.assertNotEqual(client.cancel("no-such-run").headers.get("x-dryrun-fault"), "stuck")
            self.assertEqual(client.applied(), [0, 0])

    def test_a_state_is_matched_as_it_really_is(self):
        for client in self.each("warp", "letta"):
            run, before, now = client.moved()
            client.rule("stale_read", **{"with": {"reads": 10}, "match": {"state": now}})
            client.rule("clock_skew", match={"state": before})
            self.assertEqual(client.get(run).headers["x-dryrun-fault"], "stale_read")

    def test_the_second_and_third_request_that_match(self):
        for client in self.each("warp", "letta"):
            client.rule("double_start", requests="2-3")
            before = len(client.runs())
            grown = []
            for _ in range(4):
                client.start()
                grown.append(len(client.runs()) - before)
            self.assertEqual(grown, [1, 3, 5, 6])


if __name__ == "__main__":
    main()
