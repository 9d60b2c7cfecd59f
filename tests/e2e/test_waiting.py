# SPDX-License-Identifier: Apache-2.0
"""Providers that are loaded when they are first asked for: nobody can tell, but for those that are broken."""
import pathlib
import shutil
import tempfile
import threading
import unittest

from dryrun_test import DATA, ROOT, Mock, main, run

HEADERS = {"Authorization": "Bearer x"}


class Waiting(unittest.TestCase):
    def test_many_first_requests_at_once_are_all_answered(self):
        with Mock() as mock:
            answers = []

            def ask(path):
                answers.append(mock.get(path, headers=HEADERS).status)

            threads = [threading.Thread(target=ask, args=(path,)) for path in ("/cancels/runs", "/approvals/talks/talk-1") * 8]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(answers, [200] * 16)

    def test_seeds_are_there_once_in_each_session_whoever_came_first(self):
        with Mock() as mock:
            first = mock.get("/cancels/runs", headers=HEADERS).json()["runs"]
            self.assertTrue(first)
            mock.get("/approvals/talks/talk-1", headers=HEADERS, session="other")  # loads a second one
            seen = mock.get("/cancels/runs", headers=HEADERS, session="other").json()["runs"]
            self.assertEqual(len(seen), len(first))
            for session in (None, "other", "third"):
                resources = mock.admin("resources?limit=1000", session=session)["resources"]
                names = [(each["provider"], each["id"]) for each in resources]
                self.assertEqual(len(names), len(set(names)))
                self.assertEqual({name for name, _ in names} >= {"cancels", "approvals"}, True, names)

    def test_a_path_at_the_root_finds_its_provider(self):
        with Mock() as mock:
            self.assertEqual(mock.get("/talks/talk-1", headers=HEADERS).headers["x-dryrun-operation"], "getTalk")

    def test_health_waits_for_nobody(self):
        with Mock() as mock:
            self.assertEqual((mock.get("/__admin/health").status, mock.get("/__admin/ready").status), (200, 200))


class Broken(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        root = pathlib.Path(folder.name)
        self.data = ["--contracts", str(root / "contracts"), "--fixtures", str(root / "fixtures")]
        shutil.copytree(ROOT / DATA, root, dirs_exist_ok=True)
        with open(root / "contracts/cancels/lifecycle.yaml", "a", encoding="utf-8") as file:
            file.write("surprise: 1\n")

    def test_a_broken_provider_is_answered_500_and_told_once_while_others_play(self):
        with Mock(data=self.data) as mock:
            self.assertEqual(mock.get("/approvals/talks/talk-1", headers=HEADERS).status, 200)
            for _ in range(2):
                answer = mock.get("/cancels/runs", headers=HEADERS)
                self.assertEqual((answer.status, answer.json()["title"]), (500, "the documents of 'cancels' have 1 error"))
            self.assertEqual(mock.stderr().count("unknown key 'surprise'"), 1, mock.stderr())
            self.assertIn("dryrun: error: the documents of 'cancels' have 1 error", mock.stderr())
            self.assertEqual(mock.admin("version")["providers"][:2], ["approvals", "cancels"])

    def test_whoever_is_eager_or_names_it_is_told_at_the_start(self):
        for arguments in (["--eager"], ["cancels"], ["--clock", "virtual"]):
            code, _, errors = run("mock", "--port", "0", *arguments, *self.data)
            self.assertEqual(code, 2, arguments)
            self.assertIn("surprise", errors)


if __name__ == "__main__":
    main()
