# SPDX-License-Identifier: Apache-2.0
"""Documents that change while the mock runs: POST /__admin/reload, --watch, and what becomes of what goes on."""
import os
import pathlib
import shutil
import tempfile
import threading
import unittest

from dryrun_test import ROOT, DATA, Mock, main, run
from waiting import PATIENCE, until

BEARER = {"Authorization": "Bearer me"}
RUNS = "/cancels/api/v1/runs"
SEEDED = "00000000-0000-4000-8000-000000000001"


class Data:
    """A copy of one-page services, to be changed."""

    def __init__(self, *names):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        for name in names:
            self.add(name)

    def add(self, name):
        for part in ("contracts", "fixtures"):
            shutil.copytree(ROOT / DATA / part / name, self.root / part / name)

    def remove(self, name):
        for part in ("contracts", "fixtures"):
            shutil.rmtree(self.root / part / name)

    @property
    def options(self):
        return ["--contracts", str(self.root / "contracts"), "--fixtures", str(self.root / "fixtures")]

    def edit(self, path, old, new, service="cancels"):
        """As editors do it: written beside it and renamed over it."""
        part = "contracts" if path in ("lifecycle.yaml", "openapi.yaml") else "fixtures"
        file = self.root / part / service / path
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{path} has no {old!r}"
        beside = file.with_name(f".{file.name}.swp")
        beside.write_text(text.replace(old, new), encoding="utf-8")
        os.replace(beside, file)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.folder.cleanup()


def make_run(mock, prompt="hi", session=None):
    answer = mock.post(RUNS, {"prompt": prompt}, headers=BEARER, session=session)
    assert answer.status == 200, answer
    return answer.json()["run_id"]


def shown(mock, run, session=None):
    return mock.get(f"{RUNS}/{run}", headers=BEARER, session=session).json()


def cancel(mock, run):
    return mock.post(f"{RUNS}/{run}/cancel", headers=BEARER)


def generation(mock, name="cancels"):
    return {row["provider"]: row for row in mock.admin("providers")["providers"]}[name]


class Reload(unittest.TestCase):
    """Without --watch: nothing is loaded unless it is asked for, so nothing here depends on time."""
    clock = ("--clock", "virtual")

    def setUp(self):
        self.data = Data("cancels")
        self.mock = Mock("cancels", *self.clock, data=self.data.options)

    def tearDown(self):
        try:
            code = self.mock.stop()
            self.assertEqual(code, 0, self.mock.stderr())
        finally:
            self.mock.close()
            self.data.folder.cleanup()

    def reload(self, status=200):
        answer = self.mock.post("/__admin/reload")
        self.assertEqual(answer.status, status, answer)
        return answer.json()["providers"][0]

    def test_what_has_not_changed_is_not_loaded_again(self):
        row = self.reload()
        self.assertEqual((row["result"], row["generation"]), ("unchanged", 1))

    def test_new_rows_decide_about_resources_that_were_there_before(self):
        run = make_run(self.mock)
        self.data.edit("lifecycle.yaml", "{ in: [ QUEUED, CLAIMED, INPROGRESS ], to: CANCELLED }",
                       "{ in: [ QUEUED, CLAIMED, INPROGRESS ], error: unsupported }")
        self.assertEqual(shown(self.mock, run)["state"], "QUEUED")
        self.assertEqual(self.reload()["generation"], 2)
        self.assertEqual(cancel(self.mock, run).status, 422)
        self.assertEqual(shown(self.mock, run)["state"], "QUEUED")

    def test_a_changed_status_is_answered_from_the_next_request_on(self):
        run = make_run(self.mock)
        self.data.edit("lifecycle.yaml", "too_early:    { status: 409 }", "too_early:    { status: 422 }")
        self.mock.advance("250ms")
        self.assertEqual(cancel(self.mock, run).status, 409)
        self.reload()
        self.assertEqual(cancel(self.mock, run).status, 422)

    def test_an_outcome_goes_on_in_its_old_steps_and_new_runs_take_the_new_ones(self):
        old = make_run(self.mock)
        self.data.edit("outcomes.yaml", "[ { do: begin }, { after: 2s, to: SUCCEEDED } ]",
                       "[ { do: begin }, { after: 10s, to: FAILED } ]")
        self.reload()
        new = make_run(self.mock)
        self.mock.advance("3s")
        self.assertEqual((shown(self.mock, old)["state"], shown(self.mock, new)["state"]),
                         ("SUCCEEDED", "INPROGRESS"))
        self.mock.advance("10s")
        self.assertEqual(shown(self.mock, new)["state"], "FAILED")

    def test_states_that_are_added_before_others_leave_resources_in_theirs(self):
        run = make_run(self.mock)
        self.mock.advance("350ms")
        self.data.edit("lifecycle.yaml", "      QUEUED: { initial: true }",
                       "      NOTED: {}\n      QUEUED: { initial: true }")
        self.data.edit("lifecycle.yaml", "in: [ QUEUED, CLAIMED,", "in: [ NOTED, QUEUED, CLAIMED,")
        self.data.edit("openapi.yaml", "QUEUED, ", "NOTED, QUEUED, ")
        self.data.edit("lifecycle.yaml", "moves: { QUEUED: [ PENDING ]", "moves: { NOTED: [ QUEUED ], QUEUED: [ PENDING ]")
        before = self.mock.admin(f"resources/{run}/history")["moves"]
        self.assertEqual(self.reload()["result"], "loaded")
        self.assertEqual(shown(self.mock, run)["state"], "CLAIMED")
        self.assertEqual(self.mock.admin(f"resources/{run}")["state"], "CLAIMED")
        self.assertEqual(self.mock.admin(f"resources/{run}/history")["moves"], before)
        listed = self.mock.get(f"{RUNS}?state=CLAIMED", headers=BEARER).json()["runs"]
        self.assertEqual([one["run_id"] for one in listed], [run])
        self.mock.advance("10s")
        self.assertEqual(shown(self.mock, run)["state"], "SUCCEEDED")

    def test_a_state_that_is_no_more_is_kept_for_those_that_are_in_it(self):
        run = make_run(self.mock)
        self.mock.advance("350ms")
        self.assertEqual(shown(self.mock, run)["state"], "CLAIMED")
        self.data.edit("lifecycle.yaml", "      CLAIMED: {}\n", "")
        self.data.edit("lifecycle.yaml", "CLAIMED: [ INPROGRESS ], ", "")
        self.data.edit("lifecycle.yaml", "PENDING: [ CLAIMED, ", "PENDING: [ INPROGRESS, ")
        self.data.edit("lifecycle.yaml", "[ QUEUED, CLAIMED, INPROGRESS ]", "[ QUEUED, INPROGRESS ]")
        self.data.edit("outcomes.yaml", "{ after: 100ms, to: CLAIMED }, ", "")
        self.assertEqual(self.reload()["result"], "loaded")
        self.assertEqual(shown(self.mock, run)["state"], "CLAIMED")
        states = self.mock.admin("lifecycles")["lifecycles"][0]["machines"][0]["states"]
        self.assertEqual([state["name"] for state in states if state.get("gone")], ["CLAIMED"])
        self.mock.advance("10s")
        self.assertEqual(shown(self.mock, run)["state"], "SUCCEEDED")

    def test_what_is_broken_leaves_the_old_in_place_and_says_where(self):
        run = make_run(self.mock)
        self.data.edit("lifecycle.yaml", "to: CANCELLED }", "to: CANCELED }")
        row = self.reload(409)
        self.assertEqual((row["result"], row["generation"]), ("failed", 1))
        finding = row["failure"]["findings"][0]
        self.assertTrue(finding["file"].endswith("contracts/cancels/lifecycle.yaml"), finding)
        self.assertIn("did you mean 'CANCELLED'", finding["message"])
        self.assertIn(f"lifecycle.yaml:{finding['line']}:{finding['column']}: ", self.mock.stderr())
        self.assertEqual(generation(self.mock)["failure"]["findings"], row["failure"]["findings"])
        self.assertEqual(cancel(self.mock, run).status, 200)
        self.assertEqual(shown(self.mock, run)["state"], "CANCELLED")
        self.assertEqual(self.reload(409)["result"], "failed", "asked again it is still wrong")
        self.data.edit("lifecycle.yaml", "to: CANCELED }", "to: CANCELLED }")
        self.assertEqual(self.reload()["result"], "loaded")
        self.assertNotIn("failure", generation(self.mock))

    def test_hidden_and_computed_members_and_links_are_those_of_the_new_documents(self):
        parent = make_run(self.mock, "parent")
        child = self.mock.post(RUNS, {"prompt": "child", "parent": parent}, headers=BEARER).json()["run_id"]
        self.data.edit("resources.yaml", "hidden: [ speed ]", "hidden: [ executions ]")
        self.reload()
        body = shown(self.mock, child)
        self.assertEqual((body.get("speed"), "executions" in body), ("normal", False))
        self.assertEqual(self.mock.admin(f"resources/{child}")["hidden"], {"/executions": 1})
        listed = self.mock.get(f"{RUNS}?ancestor={parent}", headers=BEARER).json()["runs"]
        self.assertEqual([one["run_id"] for one in listed], [child])

    def test_lists_are_sorted_and_paged_by_the_new_orders(self):
        runs = [make_run(self.mock, f"p{number}") for number in (3, 1, 2)]
        def titles(query):
            return [one.get("title") for one in self.mock.get(f"{RUNS}?{query}", headers=BEARER).json()["runs"]]
        self.assertEqual(titles("sort_by=title&sort_order=asc"), ["p1", "p2", "p3", "seeded"])
        self.data.edit("service.yaml", "keys: { created_at: /created_at, title: /title }",
                       "keys: { title: /run_id, created_at: /created_at }")
        self.reload()
        answer = self.mock.get(f"{RUNS}?sort_by=title&sort_order=asc", headers=BEARER).json()["runs"]
        self.assertEqual([one["run_id"] for one in answer], sorted([SEEDED, *runs]))

    def test_a_session_without_changes_is_seeded_anew_and_others_keep_what_they_have(self):
        run = make_run(self.mock, session="busy")
        self.assertEqual(shown(self.mock, SEEDED)["title"], "seeded")
        self.data.edit("resources.yaml", "prompt: seeded", "prompt: sown")
        self.reload()
        self.assertEqual(shown(self.mock, SEEDED)["title"], "sown")
        self.assertEqual(shown(self.mock, SEEDED, session="busy")["title"], "seeded")
        self.assertEqual(shown(self.mock, run, session="busy")["state"], "QUEUED")
        self.mock.post("/__admin/reset", session="busy")
        self.assertEqual(shown(self.mock, SEEDED, session="busy")["title"], "sown")

    def test_forced_outcomes_are_those_of_the_new_documents(self):
        self.mock.post("/__admin/outcomes", {"outcome": "failure"})
        self.data.edit("outcomes.yaml", "{ do: begin }, { after: 1s, to: FAILED }", "{ after: 5s, to: PENDING }")
        self.data.edit("outcomes.yaml", "summary: ends badly", "summary: ends otherwise")
        self.reload()
        self.assertEqual(self.mock.admin("outcomes")["forced"][0]["summary"], "ends otherwise")
        run = make_run(self.mock)
        self.mock.advance("5s")
        self.assertEqual(shown(self.mock, run)["state"], "PENDING")

    def test_a_wait_of_the_admin_api_goes_on_over_a_reload(self):
        run = make_run(self.mock)
        answers = []
        waiter = threading.Thread(target=lambda: answers.append(self.mock.post(
            "/__admin/wait", {"until": {"resource": run, "state": "CANCELLED"}, "within": "100ms"})))
        self.mock.post("/__admin/sessions", {"name": "", "participants": 2})
        self.mock.request("PUT", "/__admin/participants", {"participants": 2})
        waiter.start()
        until(lambda: self.mock.admin("clock").get("parked", self.mock.admin("clock").get("waiting")))
        self.data.edit("lifecycle.yaml", "      QUEUED: { initial: true }",
                       "      CANCELLED: { terminal: true }\n      QUEUED: { initial: true }")
        self.data.edit("lifecycle.yaml", "      FAILED: { terminal: true }\n      CANCELLED: { terminal: true }",
                       "      FAILED: { terminal: true }")
        self.assertEqual(self.reload()["result"], "loaded")
        cancel(self.mock, run)
        waiter.join(PATIENCE)
        self.assertEqual(answers[0].status, 200, answers)
        self.assertEqual(answers[0].json()["state"], "CANCELLED")


class WholeService(unittest.TestCase):
    def test_a_service_that_is_loaded_again_all_the_time_keeps_its_contract(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            name = sorted(path.name for path in (ROOT / "fixtures").iterdir() if (path / "service.yaml").exists())[0]
            for part in ("contracts", "fixtures"):
                shutil.copytree(ROOT / part / name, root / part / name)
            file = root / "fixtures" / name / "service.yaml"
            text, over, loaded = file.read_text(encoding="utf-8"), threading.Event(), []

            def load(mock):
                while not over.is_set():
                    file.write_text(f"{text}\n# {len(loaded)}\n", encoding="utf-8")
                    loaded.append(mock.post("/__admin/reload").status)

            with Mock(name, "--clock", "virtual", data=["--contracts", str(root / "contracts"),
                                                        "--fixtures", str(root / "fixtures")]) as mock:
                loader = threading.Thread(target=load, args=(mock,))
                loader.start()
                code, told, errors = run("check", name, "--target", f"{mock.url}/{name}", timeout=250)
                over.set()
                loader.join()
            self.assertEqual(code, 0, told[-3000:] + errors)
            self.assertEqual(set(loaded), {200})


class Watch(unittest.TestCase):
    def test_files_that_change_are_loaded_without_being_asked(self):
        with Data("cancels") as data, Mock("cancels", "--watch", data=data.options) as mock:
            self.assertTrue(mock.admin("providers")["watches"])
            data.edit("service.yaml", "title: The run has ended.", "title: It is over.")
            until(lambda: generation(mock)["generation"] == 2)
            answer = cancel(mock, SEEDED)
            self.assertEqual((answer.status, answer.json()["title"]), (400, "It is over."))

    def test_a_broken_file_is_told_once_and_mended_by_the_next_change(self):
        with Data("cancels") as data, Mock("cancels", "--watch", data=data.options) as mock:
            data.edit("lifecycle.yaml", "to: CANCELLED }", "to: CANCELED }")
            until(lambda: "failure" in generation(mock))
            self.assertIn("lifecycle.yaml:", mock.stderr())
            (data.root / "contracts" / "cancels" / "notes.txt~").write_text("an editor's", encoding="utf-8")
            data.edit("lifecycle.yaml", "to: CANCELED }", "to: CANCELLED }")
            until(lambda: generation(mock)["generation"] == 2 and "failure" not in generation(mock))
            self.assertEqual(mock.stderr().count("did you mean 'CANCELLED'"), 1)

    def test_a_provider_that_comes_goes_and_comes_back_is_played_when_it_is_there(self):
        with Data("cancels", "tapes") as data, Mock("--watch", data=data.options) as mock:
            make_run(mock)
            self.assertEqual(mock.get("/library/nothing").status, 404)
            data.add("library")
            until(lambda: "library" in mock.admin("version")["providers"])
            until(lambda: generation(mock, "library")["status"] == "played")
            data.remove("cancels")
            until(lambda: generation(mock)["status"] == "removed")
            answer = mock.get(RUNS, headers=BEARER)
            self.assertEqual((answer.status, answer.json()["title"]),
                             (404, "the documents of 'cancels' were taken away"))
            self.assertNotIn("cancels", mock.admin("version")["providers"])
            data.add("cancels")
            until(lambda: generation(mock)["status"] == "played")
            self.assertEqual(len(mock.get(RUNS, headers=BEARER).json()["runs"]), 2, "what there was is still there")

    def test_a_provider_that_was_named_stays_when_its_files_are_gone(self):
        with Data("cancels") as data, Mock("cancels", "--watch", data=data.options) as mock:
            data.remove("cancels")
            until(lambda: "failure" in generation(mock))
            self.assertEqual(len(mock.get(RUNS, headers=BEARER).json()["runs"]), 1)

    def test_links_are_followed_to_the_file_that_changes(self):
        with Data("cancels") as data, tempfile.TemporaryDirectory() as elsewhere:
            file = data.root / "fixtures/cancels/service.yaml"
            target = pathlib.Path(elsewhere) / "service.yaml"
            shutil.move(file, target)
            file.symlink_to(target)
            folder = data.root / "contracts/cancels"
            shutil.move(folder, pathlib.Path(elsewhere) / "cancels")
            folder.symlink_to(pathlib.Path(elsewhere) / "cancels")
            with Mock("cancels", "--watch", data=data.options) as mock:
                target.write_text(target.read_text(encoding="utf-8").replace("has ended", "is over"), encoding="utf-8")
                until(lambda: generation(mock)["generation"] == 2)
                data.edit("lifecycle.yaml", "too_early:    { status: 409 }", "too_early:    { status: 422 }")
                until(lambda: generation(mock)["generation"] == 3)

    def test_a_root_that_is_a_link_may_lead_elsewhere_from_one_moment_to_the_next(self):
        with Data("cancels") as first, Data("cancels") as second, tempfile.TemporaryDirectory() as folder:
            second.edit("service.yaml", "has ended", "is over")
            for part in ("contracts", "fixtures"):
                (pathlib.Path(folder) / part).symlink_to(first.root / part)
            options = ["--contracts", f"{folder}/contracts", "--fixtures", f"{folder}/fixtures"]
            with Mock("cancels", "--watch", data=options) as mock:
                (pathlib.Path(folder) / "next").symlink_to(second.root / "fixtures")
                os.replace(f"{folder}/next", f"{folder}/fixtures")
                until(lambda: generation(mock)["generation"] == 2)
                self.assertEqual(cancel(mock, SEEDED).json()["title"], "The run is over.")

    def test_a_document_alone_is_loaded_again_with_what_it_refers_to(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "pets.yaml"
            text = (ROOT / DATA / "contracts/cancels/openapi.yaml").read_text(encoding="utf-8")
            file.write_text(text, encoding="utf-8")
            with Mock("--openapi", str(file), "--watch", data=[]) as mock:
                before = mock.get("/pets/api/v1/runs", headers=BEARER).status
                file.write_text(text.replace("openapi: 3", "openapi: 9"), encoding="utf-8")
                until(lambda: "failure" in generation(mock, "pets"))
                self.assertEqual(mock.get("/pets/api/v1/runs", headers=BEARER).status, before)
                file.write_text(text + "\n", encoding="utf-8")
                until(lambda: generation(mock, "pets")["generation"] == 2)

    def test_after_a_burst_of_writes_what_was_written_last_is_played(self):
        with Data("cancels") as data, Mock("cancels", "--watch", data=data.options) as mock:
            file = data.root / "fixtures/cancels/service.yaml"
            text = file.read_text(encoding="utf-8")
            for number in range(200):  # some of it half written
                cut = number % 2 * 600
                file.write_text(text.replace("has ended", f"is over {number}")[:len(text) - cut], encoding="utf-8")
            file.write_text(text.replace("has ended", "is over now"), encoding="utf-8")
            until(lambda: cancel(mock, SEEDED).json()["title"] == "The run is over now.")
            self.assertLess(generation(mock)["generation"], 100)

    def test_a_directory_that_is_made_later_is_looked_after(self):
        with Data("cancels") as data, Mock("cancels", "--watch", data=data.options) as mock:
            folder = data.root / "contracts/cancels/scenarios/more"
            folder.mkdir()
            until(lambda: generation(mock)["generation"] == 2)
            before = generation(mock)["generation"]
            (folder / "notes.txt").write_text("1", encoding="utf-8")
            until(lambda: generation(mock)["generation"] > before)

    def test_without_watch_nothing_is_loaded_again_by_itself(self):
        with Data("cancels") as data, Mock("cancels", data=data.options) as mock:
            data.edit("service.yaml", "has ended", "is over")
            self.assertEqual(generation(mock)["generation"], 1)
            self.assertFalse(mock.admin("providers")["watches"])

    def test_a_provider_that_was_broken_when_it_was_first_asked_for_is_mended_by_a_reload(self):
        with Data("cancels", "approvals") as data:
            data.edit("lifecycle.yaml", "to: cancelled, says", "to: canceled, says", service="approvals")
            with Mock(data=data.options) as mock:
                answer = mock.get("/approvals/talks/none")
                self.assertEqual((answer.status, answer.json().get("title")),
                                 (500, "the documents of 'approvals' have 1 error"), answer)
                self.assertEqual(mock.post("/__admin/reload").status, 409)
                data.edit("lifecycle.yaml", "to: canceled, says", "to: cancelled, says", service="approvals")
                self.assertEqual(mock.post("/__admin/reload").status, 200)
                self.assertEqual(mock.get("/approvals/talks/none").status, 404)


if __name__ == "__main__":
    main()
