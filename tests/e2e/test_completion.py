# SPDX-License-Identifier: Apache-2.0
"""Completion for bash: what is offered for a line that is being typed."""
import shutil
import subprocess
import unittest

from dryrun_test import PROGRAM, ROOT, main

ASK = 'source cli/completion.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _dryrun; printf "%s\\n" "${COMPREPLY[@]}"'


def offered(*words):
    done = subprocess.run(["bash", "--norc", "-c", ASK, "bash", PROGRAM, *words], cwd=ROOT, text=True, check=True, timeout=60,
                          stdout=subprocess.PIPE)
    return [line for line in done.stdout.splitlines() if line]


@unittest.skipUnless(shutil.which("bash"), "no bash")
class Completion(unittest.TestCase):
    def test_commands(self):
        self.assertTrue({"mock", "exec", "check"} <= set(offered("")))
        self.assertEqual(offered("ex"), ["exec"])
        self.assertEqual(offered("help", "mo"), ["mock"])

    def test_options_of_the_command(self):
        self.assertEqual(offered("exec", "--fail"), ["--fail-on-unmatched"])
        self.assertEqual(offered("mock", "--fail"), [])
        self.assertIn("--clock", offered("exec", "warp", "--"))

    def test_providers_and_values(self):
        self.assertEqual(offered("mock", "wa"), ["warp"])
        self.assertEqual(offered("check", "--contracts", "contr"), ["contracts"])
        self.assertEqual(offered("mock", "--clock", "vi"), ["virtual"])
        self.assertEqual(offered("mock", "--port-file", "READ"), ["README.md"])
        self.assertEqual(offered("mock", "--seed", ""), [])

    def test_behind_the_dashes_stands_another_command(self):
        self.assertIn("README.md", offered("exec", "--", "READ"))
        self.assertNotIn("warp", offered("exec", "--", "wa"))


if __name__ == "__main__":
    main()
