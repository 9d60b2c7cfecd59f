# SPDX-License-Identifier: Apache-2.0
"""Kept states: what is exported can be imported, wrong ones are refused as a whole, and --state FILE survives."""
import json
import pathlib
import shutil
import signal
import socket
import tempfile
import threading
import time
import unittest

from dryrun_test import DATA, ROOT, Mock, MockCase, main, run
from waiting import until

BEARER = {"Authorization": "Bearer me"}
JSON = {"Content-Type": "application/json"}
RUNS = "/cancels/api/v1/runs"
VIRTUAL = ("--clock", "virtual")
UNREAD = 8 << 20  # bytes: more than the system keeps for one connection


def make_run(mock, prompt="hi", session=None, **headers):
    answer = mock.post(RUNS, {"prompt": prompt}, headers={**BEARER, **headers}, session=session)
    assert answer.status == 200, answer
    return answer.json()["run_id"]


def look(mock, run_id, session=None):
    return mock.get(f"{RUNS}/{run_id}", headers=BEARER, session=session)


def export(mock, session=None, query=""):
    answer = mock.get(f"/__admin/state{query}", session=session)
    assert answer.status == 200, answer
    return answer.text


def put(mock, text, session=None, query=""):
    return mock.request("PUT", f"/__admin/state{query}", text, JSON, session=session)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = self.folder / "state.json"

    def start(self, *arguments, data=None):
        mock = Mock(*arguments, data=data)
        self.addCleanup(mock.close)
        return mock

    def stop(self, mock):
        self.assertEqual(mock.stop(), 0, mock.stderr())
        self.assertEqual(mock.stderr(), "")


class Imports(MockCase, Case):
    def setUp(self):
        super().setUp()
        self.assertEqual(self.mock.post("/__admin/reset?all=true").status, 200)

    def test_a_session_goes_back_to_what_it_was(self):
        one = make_run(self.mock)
        self.mock.advance("250ms")
        kept = export(self.mock)
        before = look(self.mock, one).text
        self.mock.advance("10m")
        make_run(self.mock, "two")
        self.assertNotEqual(look(self.mock, one).text, before)
        answer = put(self.mock, kept)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(look(self.mock, one).text, before)
        self.assertEqual(self.mock.admin("clock")["now"], "2026-01-01T00:00:00.250Z")
        self.assertEqual(self.mock.admin("resources?provider=cancels&kind=run")["total"], 2, "the seeded one, and one")
        self.mock.advance("10m")
        self.assertEqual(look(self.mock, one).json()["state"], "SUCCEEDED")

    def test_a_prepared_session_is_the_start_of_many(self):
        one = make_run(self.mock, session="prepared")
        kept = export(self.mock, session="prepared")
        for name in ("a", "b"):
            self.assertEqual(put(self.mock, kept, session=name).status, 200)
        self.mock.advance("10m", session="a")
        states = [look(self.mock, one, session=name).json()["state"] for name in ("prepared", "a", "b")]
        self.assertEqual(states, ["QUEUED", "SUCCEEDED", "QUEUED"])

    def test_all_sessions_are_replaced_together(self):
        runs = {name: make_run(self.mock, session=name) for name in ("a", "b")}
        kept = export(self.mock, query="?all=true")
        make_run(self.mock, session="c")
        self.mock.advance("10m", session="a")
        answer = put(self.mock, kept)
        self.assertEqual(answer.status, 400)
        self.assertIn("add ?all=true", answer.json()["detail"])
        self.assertEqual(put(self.mock, kept, query="?all=true").status, 200)
        names = [session["name"] for session in self.mock.admin("sessions")["sessions"]]
        self.assertEqual(sorted(names), ["", "a", "b"])
        self.assertEqual(look(self.mock, runs["a"], session="a").json()["state"], "QUEUED")

    def test_who_waits_in_a_replaced_session_is_answered(self):
        make_run(self.mock)
        kept = export(self.mock)
        answers = []
        self.mock.request("PUT", "/__admin/participants", {"participants": 2})
        blocked = threading.Thread(target=lambda: answers.append(self.mock.post(
            "/__admin/wait", {"until": {"requests": 99}, "within": "1h"})))
        blocked.start()
        until(lambda: self.mock.admin("clock")["parked"] == 1)
        self.assertEqual(put(self.mock, kept).status, 200)
        blocked.join(20)
        self.assertEqual([answer.status for answer in answers], [409])

    def test_all_that_is_wrong_is_told_and_nothing_is_imported(self):
        one = make_run(self.mock)
        text = export(self.mock)
        make_run(self.mock, "two")
        before = export(self.mock)
        state = json.loads(text)
        resources = state["sessions"][0]["resources"]
        own = next(row for row in resources if row["id"] == one)
        resources.append({**own, "provider": "cancel"})
        resources.append({**own, "kind": "rum"})
        resources.append({**own, "serial": 1000, "outcome": None})
        resources.append({**own, "id": "other", "outcome": None})
        resources.append({**own, "id": "third", "serial": 1001, "state": "QEUED"})
        resources.append({"provider": "cancels", "kind": "run", "id": "fourth", "serial": "1002", "veiw": {}})
        state["sessions"][0]["webhooks"] = [{"callback": "done", "resource": 4711, "method": "POST",
                                             "url": "http://127.0.0.1:1/", "body": "{}"}]
        for row in own["outcome"]["names"]:
            if row.get("resource"):
                row["resource"] = 4712
        state["sessions"][0]["nmae"] = ""
        answer = put(self.mock, json.dumps(state))
        self.assertEqual(answer.status, 400)
        problems = "\n".join(answer.json()["problems"])
        for expected in ("unknown member 'nmae', did you mean 'name'?",
                         "no provider 'cancel' is played here, did you mean 'cancels'?",
                         "'cancels' has no kind 'rum', did you mean 'run'?",
                         f"there is a 'run' with the id '{one}' already",
                         f"'other' has the serial {own['serial']}, which '{one}' has already",
                         "machine 'run' has no state 'QEUED', did you mean 'QUEUED'?",
                         "unknown member 'veiw', did you mean 'view'?",
                         "a resource has no 'view'",
                         "the serial of a 'resource' that is here",
                         "is resource 4712, which is not here"):
            self.assertIn(expected, problems)
        self.assertEqual(export(self.mock), before, "nothing has changed")

    def test_no_state_at_all_is_refused_with_its_place(self):
        before = export(self.mock)
        cases = (("", "an object is expected"), ("[]", "an object is expected"), ("{}", "has no 'dryrun_state'"),
                 ('{"dryrun_state":"2.0","sessions":[]}', "the format is '2.0', this program reads '1.0'"),
                 ('{"dryrun_state":"1.0","sessions":[]} x', "state:1:38: more text behind the state"),
                 ('\ufeff{"dryrun_state":"1.0","sessions":[{"name":"a b"}]}', "state:1:43: 'a b' is no session name"),
                 ('{"dryrun_state":"1.0","sessions":[{"name":""', "a value is missing, or does not end"),
                 ('{"dryrun_state":"1.0"}', "has no 'sessions'"),
                 ('{"dryrun_state":"1.0","sessions":[{"name":"a b"}]}', "'a b' is no session name"))
        for text, expected in cases:
            answer = put(self.mock, (text or " ").encode())
            self.assertEqual(answer.status, 400, answer)
            self.assertIn(expected, answer.text)
        self.assertEqual(export(self.mock), before)

    def test_every_beginning_of_a_state_is_refused(self):
        make_run(self.mock)
        text = export(self.mock)
        before = export(self.mock)
        for end in range(0, len(text) - 4, max(1, len(text) // 150)):
            self.assertEqual(put(self.mock, text[:end] or " ").status, 400, end)
        self.assertEqual(export(self.mock), before)

    def test_what_an_answer_began_is_in_although_its_exchange_goes_on(self):
        """A client has its answer before the mock's thread has ended the exchange: here one that does not read on."""
        body = json.dumps({"prompt": "x" * UNREAD})
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.connect(("127.0.0.1", self.mock.port))
            slow.sendall((f"POST {RUNS} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                          f"Authorization: Bearer me\r\nX-Dryrun-Session: late\r\nContent-Length: {len(body)}\r\n\r\n"
                          f"{body}").encode())
            self.assertEqual(slow.recv(12), b"HTTP/1.1 200")
            session = json.loads(export(self.mock, session="late"))["sessions"][0]
        outcome = next(row for row in session["resources"] if row.get("outcome", {}).get("name") == "success")["outcome"]
        self.assertEqual((outcome["status"], outcome.get("due")), ("due", "2026-01-01T00:00:00.200Z"))

    def test_a_state_may_be_written_by_hand(self):
        state = {"dryrun_state": "1.0", "sessions": [{"name": "", "now": "2030-05-01T12:00:00Z", "resources": [
            {"provider": "cancels", "kind": "run", "id": "mine", "state": "FAILED",
             "view": {"run_id": "mine", "state": "FAILED", "title": "by hand", "created_at": "2030-05-01T11:00:00Z",
                      "updated_at": "2030-05-01T11:00:00Z", "executions": 1, "cancellable": True}}]}]}
        answer = put(self.mock, json.dumps(state, indent=2))
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(look(self.mock, "mine").json()["title"], "by hand")
        self.assertEqual(self.mock.admin("clock")["now"], "2030-05-01T12:00:00.000Z")
        self.assertEqual(self.mock.get("/approvals/talks/talk-1", headers=BEARER).status, 200,
                         "services that it does not name begin as ever")

    def test_a_link_that_leads_nowhere_is_told(self):
        run_id = make_run(self.mock)
        state = json.loads(export(self.mock))
        rows = state["sessions"][0]["resources"]
        state["sessions"][0]["resources"] = [row for row in rows if row["kind"] != "form"]
        for row in state["sessions"][0]["resources"]:
            for bound in row.get("outcome", {}).get("names", []):
                if bound.get("resource") and bound["name"] == "form":
                    del bound["resource"]
        answer = put(self.mock, json.dumps(state))
        self.assertEqual(answer.status, 200, answer)
        self.assertIn("which is not here", "\n".join(answer.json()["remarks"]))
        self.assertEqual(look(self.mock, run_id).status, 200)

    def test_the_text_must_be_json(self):
        answer = self.mock.request("PUT", "/__admin/state", "x", {"Content-Type": "text/plain"})
        self.assertEqual(answer.status, 415)


class Files(Case):
    def test_what_was_there_is_there_again(self):
        mock = self.start(*VIRTUAL, "--state", str(self.file))
        self.assertFalse(self.file.exists(), "nothing is saved before something happens")
        runs = {name: make_run(mock, session=name) for name in ("", "a")}
        mock.advance("250ms")
        texts = {name: look(mock, run_id, session=name).text for name, run_id in runs.items()}
        self.stop(mock)
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["state.json"])
        again = self.start(*VIRTUAL, "--state", str(self.file))
        self.assertEqual({name: look(again, run_id, session=name).text for name, run_id in runs.items()}, texts)
        again.advance("10m")
        self.assertEqual(look(again, runs[""]).json()["state"], "SUCCEEDED")
        self.assertEqual(look(again, runs["a"], session="a").json()["state"], "QUEUED")
        self.stop(again)

    def test_a_terminal_that_is_closed_loses_nothing(self):
        mock = self.start(*VIRTUAL, "--state", str(self.file))
        run_id = make_run(mock)
        self.assertEqual(mock.stop(signal.SIGHUP), 0)
        self.assertIn(run_id, self.file.read_text(encoding="utf-8"))

    def test_a_kill_loses_no_more_than_the_changes_since(self):
        mock = self.start(*VIRTUAL, "--state", str(self.file), "--state-every", "1")
        run_id = make_run(mock)
        until(lambda: self.file.exists() and run_id in self.file.read_text(encoding="utf-8"))
        mock.process.send_signal(signal.SIGKILL)
        mock.process.wait()
        again = self.start(*VIRTUAL, "--state", str(self.file))
        self.assertEqual(look(again, run_id).json()["state"], "QUEUED")
        self.stop(again)

    def test_a_broken_file_is_told_and_left_alone(self):
        for text, expected in (("{", "state.json:1:2: a key in double quotes is missing"), ("", "an object is expected"),
                               ('{"dryrun_state":"9"}', "the format is '9', this program reads '1.0'")):
            self.file.write_text(text, encoding="utf-8")
            code, _, err = run("mock", "cancels", "--port", "0", "--state", str(self.file), "--contracts",
                               f"{DATA}/contracts", "--fixtures", f"{DATA}/fixtures")
            self.assertEqual(code, 2, err)
            self.assertIn(expected, err)
            self.assertIn("is not right: it stays as it is", err)
            self.assertEqual(self.file.read_text(encoding="utf-8"), text)
            self.assertEqual([path.name for path in self.folder.iterdir()], ["state.json"])

    def test_a_file_that_cannot_be_written_is_told_at_the_start(self):
        for name in (self.folder, self.folder / "no" / "folder.json"):
            code, _, err = run("mock", "cancels", "--port", "0", "--state", str(name), "--contracts",
                               f"{DATA}/contracts", "--fixtures", f"{DATA}/fixtures")
            self.assertEqual(code, 2, err)
            self.assertIn(str(name), err)

    def test_two_that_keep_one_file_never_mix(self):
        one, two = (self.start(*VIRTUAL, "--state", str(self.file), "--state-every", "1") for _ in range(2))
        for number in range(30):
            make_run(one, f"one {number}")
            make_run(two, f"two {number}")
        for mock in (one, two):
            self.assertIn(mock.stop(), (0, 4))
        again = self.start(*VIRTUAL, "--state", str(self.file))
        self.assertEqual(again.admin("resources?provider=cancels&kind=run")["total"], 31)
        self.stop(again)

    def test_a_link_to_the_file_stays_a_link(self):
        real = self.folder / "real.json"
        mock = self.start(*VIRTUAL, "--state", str(real))
        make_run(mock)
        self.stop(mock)
        real.rename(self.folder / "kept.json")
        self.file.symlink_to("real.json")  # that leads nowhere yet
        self.stop(self.start(*VIRTUAL, "--state", str(self.file)))
        self.assertTrue(self.file.is_symlink() and real.exists())
        (self.folder / "kept.json").rename(real)
        again = self.start(*VIRTUAL, "--state", str(self.file))
        make_run(again, "two")
        self.stop(again)
        self.assertTrue(self.file.is_symlink())
        self.assertIn('"two"', real.read_text(encoding="utf-8"))

    def test_an_outcome_whose_steps_have_changed_stands_still(self):
        fixtures = self.folder / "fixtures"
        shutil.copytree(ROOT / DATA / "fixtures", fixtures)
        data = ["--contracts", f"{DATA}/contracts", "--fixtures", str(fixtures)]
        mock = self.start("cancels", *VIRTUAL, "--state", str(self.file), data=data)
        run_id = make_run(mock)
        mock.advance("250ms")
        hanging = make_run(mock, "hang", **{"X-Dryrun-Outcome": "hang"})
        self.stop(mock)
        outcomes = fixtures / "cancels" / "outcomes.yaml"
        text = outcomes.read_text(encoding="utf-8")
        changed = text.replace("200ms", "201ms")
        self.assertNotEqual(changed, text)
        outcomes.write_text(changed, encoding="utf-8")
        again = self.start("cancels", *VIRTUAL, "--state", str(self.file), data=data)
        self.assertIn(f"of run '{run_id}' of 'cancels' stands still: its steps have changed since it was kept",
                      again.stderr())
        again.advance("10m")
        self.assertEqual(look(again, run_id).json()["state"], "PENDING")
        self.assertEqual(look(again, hanging).status, 200)
        self.assertEqual(again.stop(), 0)

    def test_a_service_that_is_not_played_any_more_is_no_reason_to_lose_it(self):
        mock = self.start(*VIRTUAL, "--state", str(self.file))
        make_run(mock)
        self.stop(mock)
        kept = self.file.read_bytes()
        code, _, err = run("mock", "tools", "--port", "0", "--state", str(self.file), "--contracts",
                           f"{DATA}/contracts", "--fixtures", f"{DATA}/fixtures")
        self.assertEqual(code, 2)
        self.assertIn("no provider 'cancels' is played here", err)
        self.assertEqual(self.file.read_bytes(), kept)

    def test_on_the_machines_clock_what_came_due_meanwhile_happens(self):
        mock = self.start("cancels", "--state", str(self.file))
        run_id = make_run(mock)
        self.stop(mock)
        text = self.file.read_text(encoding="utf-8")
        year = str(time.gmtime().tm_year)
        self.file.write_text(text.replace(f'"{year}-', f'"{int(year) - 1}-'), encoding="utf-8")
        again = self.start("cancels", "--state", str(self.file))
        until(lambda: look(again, run_id).json()["state"] == "SUCCEEDED")
        self.assertTrue(look(again, run_id).json()["updated_at"].startswith(str(int(year) - 1)))
        self.stop(again)

    def test_services_that_nobody_has_asked_for_are_loaded_when_the_state_has_them(self):
        mock = self.start("--state", str(self.file))
        run_id = make_run(mock)
        self.stop(mock)
        state = json.loads(self.file.read_text(encoding="utf-8"))
        self.assertIn("cancels", state["sessions"][0]["providers"])
        self.assertNotIn("tools", state["sessions"][0]["providers"])
        again = self.start("--state", str(self.file))
        self.assertEqual(look(again, run_id).status, 200)
        self.assertEqual(again.get("/approvals/talks/talk-1", headers=BEARER).status, 200)
        self.stop(again)

    def test_requests_until_the_end_are_kept(self):
        mock = self.start(*VIRTUAL, "--state", str(self.file))
        made, errors = [], []

        def client(number):
            try:
                for turn in range(100000):
                    made.append(make_run(mock, f"{number} {turn}"))
            except (OSError, AssertionError) as error:
                errors.append(error)

        clients = [threading.Thread(target=client, args=(number,)) for number in range(4)]
        for one in clients:
            one.start()
        until(lambda: len(made) > 200)
        self.stop(mock)
        for one in clients:
            one.join(30)
        again = self.start(*VIRTUAL, "--state", str(self.file))
        there = {row["id"] for row in again.admin("resources?provider=cancels&kind=run&limit=100000")["resources"]}
        self.assertEqual([run_id for run_id in made if run_id not in there], [], "answered, so kept")
        self.stop(again)

    def test_options_that_do_not_fit(self):
        for arguments, expected in ((("--state-every", "5"), "'--state-every' needs --state"),
                                    (("--state", ""), "'--state' is empty"),
                                    (("--state", "x", "--state-every", "0"), "state-every")):
            code, _, err = run("mock", "cancels", *arguments)
            self.assertEqual(code, 2)
            self.assertIn(expected, err)


if __name__ == "__main__":
    main()
