# SPDX-License-Identifier: Apache-2.0
"""A mock that is killed in the place of every call of a save, and in the middle of writes, leaves the old state or the
new one. The shim (kill_at_call.c, DRYRUN_KILLER) is preloaded."""
import gc
import json
import os
import pathlib
import signal
import tempfile
import unittest
import warnings

import dryrun_test
from dryrun_test import Mock, main

BEARER = {"Authorization": "Bearer me"}
RUNS = "/cancels/api/v1/runs"
KILLED = 99


class Kills(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = self.folder / "state.json"

    def start(self, program=dryrun_test.PROGRAM, **environment):
        """A mock with the shim; `environment` goes to it alone."""
        shim = {"LD_PRELOAD": os.environ["DRYRUN_KILLER"], "KILL_FILE": str(self.file),
                "KILL_FOLDER": str(self.folder)} if environment else {}
        old = dict(os.environ)
        asan = os.environ.get("ASAN_OPTIONS", "")
        os.environ.update({**shim, **environment, "ASAN_OPTIONS": asan + ":verify_asan_link_order=0"})
        try:
            mock = Mock("cancels", "--clock", "virtual", "--state", str(self.file), "--state-every", "1000000", program=program)
        finally:
            os.environ.clear()
            os.environ.update(old)
        self.addCleanup(mock.close)
        return mock

    def make(self, mock, count, size=10):
        for number in range(count):
            answer = mock.post(RUNS, {"prompt": f"{number} " + "x" * size}, headers=BEARER)
            self.assertEqual(answer.status, 200, answer)

    def count_kept(self):
        """Runs in the file, as a mock that loads it has them; the file must be whole."""
        if not self.file.exists():
            return 0
        mock = self.start()
        total = mock.admin("resources?provider=cancels&kind=run")["total"]
        mock.process.send_signal(signal.SIGKILL)  # it saves nothing
        mock.process.wait()
        return total

    def save(self, number, part, before, large):
        """Puts `before` back, adds to it, and stops; the exit code, and the calls that were made."""
        for name in self.folder.iterdir():
            name.unlink()
        if before is not None:
            self.file.write_bytes(before)
        log = self.folder / "calls"
        environment = {"KILL_PART": str(part), "KILL_LOG": str(log)}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what a mock leaves that did not start
                mock = self.start(**environment, KILL_AT=str(number))
                gc.collect()
        except AssertionError as error:  # killed while it looked whether the file can be written
            self.assertIn("does not listen", str(error))
            return KILLED, []
        self.make(mock, 3, 200000 if large else 10)
        mock.process.send_signal(signal.SIGTERM)
        code = mock.process.wait(60)
        return code, log.read_text(encoding="ascii").split("\n")[:-1]

    def check(self, before, large):
        old = self.count_kept() if before is None else 1 + 2
        code, calls = self.save(0, 0, before, large)
        self.assertEqual(code, 0)
        new = self.count_kept()
        self.assertNotEqual(new, old)
        kinds = [line.split()[1] for line in calls]
        for kind in ("open", "write", "fsync", "rename", "close"):
            self.assertIn(kind, kinds)
        found = []
        for number, kind in enumerate(kinds, 1):
            for part in ((0, 1, 50, 99) if kind == "write" else (0,)):
                code, _ = self.save(number, part, before, large)
                self.assertEqual(code, KILLED, f"call {number} of {kinds}")
                found.append(self.count_kept())
                self.assertIn(found[-1], (old, new), f"call {number}, {kind}, {part} %: {found}")
        renamed = kinds.index("rename")
        self.assertEqual(found[0], old)
        self.assertEqual(found[-1], new, "after the rename it is the new one")
        print(f"{len(found)} kills at {len(kinds)} calls ({kinds[renamed - 2:]}), {'large' if large else 'small'}")
        # what is left over disturbs nobody
        code, _ = self.save(len(kinds) - 3, 50, before, large)
        mock = self.start()
        self.make(mock, 1)
        self.assertEqual(mock.stop(), 0, mock.stderr())
        self.assertEqual(sorted(name.name for name in self.folder.iterdir() if name.name != "calls"), ["state.json"])

    def prepared(self):
        mock = self.start()
        self.make(mock, 2)
        self.assertEqual(mock.stop(), 0)
        text = self.file.read_bytes()
        json.loads(text)
        return text

    def test_a_first_save_is_whole_or_not_there(self):
        self.check(None, large=False)

    def test_a_save_over_an_older_state_is_one_of_both(self):
        self.check(self.prepared(), large=False)

    def test_a_save_in_several_pieces_is_one_of_both(self):
        self.check(self.prepared(), large=True)

    def test_a_full_disk_keeps_the_old_state(self):
        before = self.prepared()
        limit = self.folder / "limited.sh"
        limit.write_text(f"#!/bin/sh\nulimit -f 8\nexec {dryrun_test.PROGRAM} \"$@\"\n", encoding="ascii")
        limit.chmod(0o755)
        mock = self.start(program=str(limit))
        self.make(mock, 3, 20000)
        self.assertEqual(mock.stop(), 4)
        self.assertIn("cannot save", mock.stderr())
        self.assertEqual(self.file.read_bytes(), before)
        self.assertFalse((self.folder / "state.json.saving").exists())


if __name__ == "__main__":
    if not os.environ.get("DRYRUN_KILLER"):
        raise SystemExit(77)
    main()
