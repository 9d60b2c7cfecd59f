# SPDX-License-Identifier: Apache-2.0
"""The services' own scenarios meet all of their contracts that can be met."""
import unittest

from dryrun_test import ROOT, main, run

KINDS = ["operations", "answers", "states", "moves", "cells"]
FLOORS = [word for kind in KINDS for word in ("--min-coverage", f"{kind}=100")]


class Coverage(unittest.TestCase):
    def met_by(self, provider):
        code, out, err = run("check", provider, "--unmet", *FLOORS)
        self.assertEqual(code, 0, "\n".join(x for x in out.splitlines() if not x.startswith("passed ")) + err)
        for kind in KINDS:
            self.assertNotIn(f"{provider} not met: {kind[:-1]} ", out)

    def test_acp_is_met(self):
        self.met_by("acp")

    def test_azure_agents_is_met(self):
        self.met_by("azure-agents")

    def test_azure_routines_is_met(self):
        self.met_by("azure-routines")

    def test_letta_is_met(self):
        self.met_by("letta")

    def test_warp_is_met(self):
        self.met_by("warp")

    def test_a_part_of_the_scenarios_does_not_meet_it(self):
        code, out, err = run("check", "acp", "--scenario", str(ROOT / "contracts/acp/scenarios/[a-b]*.yaml"), *FLOORS)
        self.assertEqual(code, 1, out + err)


if __name__ == "__main__":
    main()
