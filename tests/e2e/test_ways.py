# SPDX-License-Identifier: Apache-2.0
"""Ways of fixtures that no service goes, by the page of tests/data/ways: credentials in queries and cookies, headers of refusals,
copies of kinds, drawn delays, signals, rounds, queues, whole replacements, and states kept in the middle of all that."""
import http.server
import tempfile
import threading
import unittest

from dryrun_test import Mock, MockCase, main, run
from waiting import until

DATA = ["--contracts", "tests/data/ways/contracts", "--fixtures", "tests/data/ways/fixtures"]


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.heard.append((self.headers["X-Job"], self.headers["X-None"], body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Ways(MockCase):
    arguments = ("ways", "--clock", "virtual")
    data = DATA

    def ask(self, method, path, body=None, session=None, **headers):
        credential = f"key=x~{session or self._testMethodName[:60]}"
        return self.mock.request(method, f"/ways{path}{'&' if '?' in path else '?'}{credential}", body, headers)

    def make(self, **body):
        answer = self.ask("POST", "/jobs", body)
        self.assertEqual(answer.status, 200, answer)
        return answer.json()

    def look(self, job):
        return self.ask("GET", f"/jobs/{job['id']}").json()

    def advance(self, by):
        """Time passes, and before it what is to come is taken along as a state and back, as a new process would."""
        session = self._testMethodName[:60]
        before = self.mock.get("/__admin/state", session=session).text
        answer = self.mock.request("PUT", "/__admin/state", before, {"Content-Type": "application/json"}, session=session)
        self.assertEqual((answer.status, answer.json()["remarks"]), (200, []), answer)
        self.assertEqual(self.mock.get("/__admin/state", session=session).text, before)
        self.mock.advance(by, session=session)

    def test_credentials_in_a_query_and_a_cookie_are_found_and_name_sessions(self):
        self.assertEqual(self.mock.post("/ways/jobs", {}).status, 401)
        for number, (query, headers) in enumerate((("?key=any", {}), ("?key=any~by-query", {}), ("", {"Cookie": "a=b; crumb=any"}),
                                                   ("", {"Cookie": "crumb=any~by-cookie; a=b"}), ("?other=1&key=any~by-query", {}))):
            answer = self.mock.post(f"/ways/jobs{query}", {}, headers=headers)
            self.assertEqual(answer.status, 200, (number, answer))
        counts = {row["name"]: row["resources"] for row in self.mock.admin("sessions")["sessions"]}
        self.assertEqual((counts[""], counts["by-query"], counts["by-cookie"]), (2, 2, 1))

    def test_a_refusal_reads_the_request_and_has_headers_of_its_own(self):
        refused = self.ask("GET", "/jobs/none?a=1", Accept="text/odd")
        self.assertEqual(refused.status, 404)
        self.assertEqual({name: refused.json()[name] for name in ("error", "method", "accept")},
                         {"error": "not_found", "method": "GET", "accept": "text/odd"})
        self.assertTrue(refused.json()["url"].startswith("/ways/jobs/none?a=1&"), refused)
        self.assertNotIn("retry-after", refused.headers)
        job = self.make()
        self.ask("PUT", f"/jobs/{job['id']}?way=start", {})
        self.advance("1ms")
        refused = self.ask("PUT", f"/jobs/{job['id']}", {})
        self.assertEqual((refused.status, refused.headers["retry-after"], refused.headers["x-state"]), (409, "7", "BUSY"))

    def test_an_object_is_gone_through_by_key_and_value(self):
        job = self.make(parts={"b": 1, "a": {"x": 2}})
        self.assertEqual(self.ask("GET", f"/jobs/{job['id']}/parts").json()["parts"],
                         [{"name": "a", "job": job["id"], "size": {"x": 2}}, {"name": "b", "job": job["id"], "size": 1}])

    def test_a_whole_replacement_keeps_what_is_named_and_a_merge_the_rest(self):
        job = self.make(note="n")
        replaced = self.ask("PUT", f"/jobs/{job['id']}?way=replace", {"id": "other", "state": "DONE", "only": 1}).json()
        self.assertEqual(replaced, {"id": job["id"], "state": "NEW", "only": 1, "changed_at": replaced["changed_at"]})
        merged = self.ask("PUT", f"/jobs/{job['id']}", {"only": None, "more": {"a": 1}}).json()
        self.assertEqual((merged.get("only"), merged["more"], merged["state"]), (None, {"a": 1}, "NEW"))

    def test_a_kind_like_another_is_its_copy_but_for_what_it_says(self):
        self.assertEqual(self.ask("PUT", "/chores/one", {"note": "n"}).json(), {"id": "one", "state": "NEW", "kind": "chore", "note": "n"})
        self.assertEqual(self.ask("PUT", "/chores/one", {}).status, 409)
        self.advance("1s")
        done = self.ask("GET", "/chores/one").json()
        self.assertEqual((done["state"], done["changed_at"]), ("DONE", "2026-01-01T00:00:01Z"))

    def test_outcomes_of_one_queue_run_one_after_the_other_with_delays_that_are_drawn(self):
        first, second, apart = self.make(lane="a"), self.make(lane="a"), self.make()
        self.assertEqual(self.mock.admin(f"resources/{second['id']}", session=self._testMethodName[:60])["outcome"],
                         {"name": "drawn", "status": "queued"})
        self.advance("999ms")
        self.assertEqual([self.look(job)["state"] for job in (first, second, apart)], ["NEW"] * 3)
        self.advance("2001ms")  # between one second and three
        self.assertNotIn("NEW", [self.look(job)["state"] for job in (first, apart)])
        self.advance("1s")
        self.assertEqual([self.look(job)["state"] for job in (first, apart)], ["DONE"] * 2)
        self.assertNotEqual(self.look(second)["state"], "DONE")
        self.advance("4s")
        self.assertEqual(self.look(second)["state"], "DONE")

    def test_a_signal_lets_those_go_on_that_wait_for_it(self):
        waiting = self.make(note="told")
        self.advance("1h")
        session = self._testMethodName[:60]
        shown = self.mock.admin(f"resources/{waiting['id']}", session=session)["outcome"]
        self.assertEqual((shown["status"], shown["signal"]), ("signal", "go"))
        answer = self.mock.post("/__admin/outcomes/signal", {"signal": "go"}, session=session)
        self.assertEqual(answer.json(), {"resumed": 1, "fired": 0})
        self.assertEqual(self.look(waiting)["state"], "DONE")

    def test_rounds_are_counted_and_their_pauses_grow(self):
        job = self.make(note="rounds")
        seen = []
        for by in ("1ms", "998ms", "1ms", "1999ms", "1ms"):
            self.advance(by)
            seen.append(self.look(job)["round"])
        self.assertEqual(seen, [1, 1, 2, 2, 3])

    def test_of_thousands_of_events_the_newest_are_told_also_after_a_state(self):
        job = self.make(note="chatty")
        self.advance("1500ms")
        streamed = []
        for last in ("0", "0", "5000"):
            answer = self.mock.get(f"/ways/jobs/{job['id']}/events?key=x~{self._testMethodName[:60]}", headers={"Last-Event-ID": last})
            streamed.append([line[4:] for line in answer.text.splitlines() if line.startswith("id: ")])
            self.advance("1ms")
        self.assertEqual(streamed[0], [str(number) for number in range(2049, 5005)])
        self.assertEqual(streamed[1], streamed[0])
        self.assertEqual(streamed[2], ["5001", "5002", "5003", "5004"])

    def test_a_webhook_has_its_headers_but_for_those_without_a_value(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        server.heard = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            job = self.make(hook=f"http://127.0.0.1:{server.server_port}/over")
            self.advance("4s")
            answer = self.mock.post("/__admin/wait", {"until": {"idle": True}}, session=self._testMethodName[:60])
            self.assertEqual(answer.status, 200, answer)
        finally:
            server.shutdown()
            server.server_close()
        self.assertEqual(server.heard, [(job["id"], None, f'{{"id":"{job["id"]}"}}')])


class Callbacks(unittest.TestCase):
    def test_webhooks_leave_this_machine_only_to_hosts_that_are_allowed(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        server.heard = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for allowed, count in (([], 0), (["--allow-callbacks", "hooks.example.com", "--allow-callbacks", "0.0.0.0"], 1)):
            with Mock("ways", "--clock", "virtual", *allowed, data=DATA) as mock:
                answer = mock.post("/ways/jobs?key=x", {"hook": f"http://0.0.0.0:{server.server_port}/over"})  # no name of ours, but it leads here
                self.assertEqual(answer.status, 200, answer)
                mock.advance("4s")
                self.assertEqual(mock.post("/__admin/wait", {"until": {"idle": True}}).status, 200)
                told = [row.get("remark", "") for row in mock.admin("requests?callback=*")["requests"]]
            self.assertEqual(len(server.heard), count, told)
            self.assertEqual(any("'0.0.0.0' is not loopback: allow it with --allow-callbacks" in text for text in told), not count, told)
        server.shutdown()
        server.server_close()

    def test_what_is_no_host_is_told(self):
        for text in ("http://hooks.example.com", "hooks.example.com:80", "me@hooks.example.com", "", "[::1"):
            code, out, err = run("mock", "ways", *DATA, "--allow-callbacks", text, "--port", "0")
            self.assertEqual((code, out), (2, ""), text)
            self.assertTrue(err.startswith(f"dryrun: error: option '--allow-callbacks': '{text}' is no host such as"), err)


class Slow(Hook):
    """Does not answer until it may; a webhook whose sender has gone counts for nothing."""

    def do_POST(self):
        is_deaf = self.server.is_deaf
        self.server.begun.release()
        if not self.server.may_answer.wait(30) or is_deaf:
            self.close_connection = True
            return
        super().do_POST()


class Stopping(unittest.TestCase):
    def test_webhooks_that_wait_behind_slow_receivers_when_the_mock_stops_are_sent_by_the_next_one(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
        server.heard, server.begun, server.may_answer, server.is_deaf = [], threading.Semaphore(0), threading.Event(), True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        hook = f"http://127.0.0.1:{server.server_port}/over"
        with tempfile.TemporaryDirectory() as folder:
            arguments = ("ways", "--clock", "scaled:1000", "--state", f"{folder}/state.json")
            with Mock(*arguments, data=DATA) as mock:
                for number in range(20):  # more sessions than there are senders: webhooks of one go one by one
                    answer = mock.post(f"/ways/jobs?key=x~s{number}", {"hook": hook})
                    self.assertEqual(answer.status, 200, answer)
                for number in range(20):
                    until(lambda name=f"s{number}": mock.admin("resources?state=DONE", session=name)["total"])
                self.assertTrue(server.begun.acquire(timeout=30))
            server.is_deaf = False
            server.may_answer.set()
            with Mock(*arguments, data=DATA) as mock:
                for number in range(20):
                    answer = mock.post("/__admin/wait", {"until": {"idle": True}, "within": "10h"}, session=f"s{number}")
                    self.assertEqual(answer.status, 200, answer)
        server.shutdown()
        server.server_close()
        self.assertEqual(len(server.heard), 20)


if __name__ == "__main__":
    main()
