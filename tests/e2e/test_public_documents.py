# SPDX-License-Identifier: Apache-2.0
"""Our contracts against the public documents of the services: what breaks a client made for those stands in DEVIATIONS.md.

A row there names it as `dryrun diff` does: `GET /runs, response 200 /state`, in backquotes. A row that is no longer true fails too.
"""
import json
import os
import pathlib
import re
import sys
import unittest

from dryrun_test import ROOT, main, run

SHARED = pathlib.Path(os.environ.get("DRYRUN_SHARED") or ROOT.parent / "shared")
PROVIDERS = {"acp": "openapi.json", "letta": "openapi.json", "warp": "openapi.yaml"}
NAMED = re.compile(r"`((?:GET|PUT|POST|PATCH|DELETE) /[^`]*)`")


def place(difference):
    where = f"{difference['part']} {difference['at']}".strip()
    return f"{difference['operation']}, {where}" if where else difference["operation"]


class PublicDocuments(unittest.TestCase):
    def test_what_breaks_a_client_is_a_deviation_that_is_listed(self):
        for provider, name in PROVIDERS.items():
            with self.subTest(provider):
                folder = ROOT / "contracts" / provider
                ours = next(folder.glob("openapi.*"))
                code, out, errors = run("diff", str(SHARED / "reference" / provider / name), str(ours), "--format", "json",
                                        "--breaking")
                self.assertIn(code, (0, 1), errors)
                found = {place(each) for each in json.loads(out)["differences"]}
                listed = folder / "DEVIATIONS.md"
                named = set(NAMED.findall(listed.read_text(encoding="utf-8"))) if listed.exists() else set()
                self.assertEqual(found - named, set(), f"{provider}: breaks a client and is not in DEVIATIONS.md")
                said = {row for row in named if ", " in row}  # operations are spoken of for other reasons, too
                self.assertEqual(said - found, set(), f"{provider}: DEVIATIONS.md has what is not so")


if __name__ == "__main__":
    if not SHARED.is_dir():
        print(f"skipped: no folder '{SHARED}' (set DRYRUN_SHARED)")
        sys.exit(77)
    main()
