#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run_suite.py BINARY: a client's own generated suite, against `dryrun mock --openapi` with its service's document.

The suite comes with the client's source distribution (build/tools/upstream, fetched by ./dev test --upstream), the
document from $DRYRUN_SHARED (default ../shared); without either: skipped (77). Upstream skips every case for want of a mock
server; here the marks are removed. Cases that do not pass are listed with their reason in letta.csv: one more, or one
less, and the test fails.
"""

import collections
import csv
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "support"))
from mock_process import find_binary  # noqa: E402  pylint: disable=wrong-import-position

SHARED = Path(os.environ.get("DRYRUN_SHARED") or ROOT.parent / "shared")
DOCUMENT = SHARED / "reference/letta/openapi.json"
TOOLS = ROOT / "build/tools"
PYTHON = TOOLS / "venv-upstream/bin/python"
SOURCES = next((TOOLS / "upstream").glob("letta_client-*.tar.gz"), None)
SYNC_CASES = 1144  # those of the synchronous client
SUITE_SECONDS = 1500  # under a sanitizer on a busy machine


def skip(why):
    print(f"upstream.letta: {why}: skipped")
    sys.exit(77)


def unpack(folder):
    """The source distribution's tests, no longer skipped."""
    with tarfile.open(SOURCES) as archive:
        archive.extractall(folder, filter="data")
    root = next(Path(folder).iterdir())
    shutil.rmtree(root / "src")  # the installed client is the one under test
    for file in (root / "tests/api_resources").rglob("*.py"):
        text = file.read_text()
        file.write_text(re.sub(r'^ *@pytest\.mark\.skip\(reason="Mock server tests are disabled"\)\n', "", text,
                               flags=re.MULTILINE))
    return root


def start_mock(binary, folder):
    port_file = Path(folder, "port")
    log = open(Path(folder, "log"), "w+b")  # pylint: disable=consider-using-with
    process = subprocess.Popen([binary, "mock", "--openapi", str(DOCUMENT), "--validate", "off", "--port", "0",
                                "--port-file", str(port_file)], stdout=log, stderr=subprocess.STDOUT)
    while not port_file.exists():
        try:
            process.wait(0.02)
        except subprocess.TimeoutExpired:
            continue
        sys.exit(f"the mock ended with {process.returncode}: {Path(log.name).read_text()[-4000:]}")
    return process, int(port_file.read_text())


def run_suite(root, port):
    """(case, passed) for each, as pytest's report has them."""
    report = root / "report.xml"
    subprocess.run([str(PYTHON), "-B", "-m", "pytest", "tests/api_resources", "-q", "-n", "0", "-k", "not Async",
                    "-p", "no:cacheprovider", "--tb=no", "--show-capture=no", f"--junitxml={report}"],
                   cwd=root, timeout=SUITE_SECONDS, check=False, stdout=subprocess.DEVNULL,
                   env={**os.environ, "TEST_API_BASE_URL": f"http://127.0.0.1:{port}", "no_proxy": "*"})
    for case in ElementTree.parse(report).iter("testcase"):
        name = case.get("classname").removeprefix("tests.api_resources.") + "." + case.get("name")
        yield name, not any(case.find(kind) is not None for kind in ("failure", "error", "skipped"))


def main():
    binary = find_binary(sys.argv)
    if not PYTHON.exists() or not SOURCES:
        skip("the suite is not there (./dev test --upstream fetches it)")
    if not DOCUMENT.exists():
        skip(f"no document '{DOCUMENT}' (set DRYRUN_SHARED)")
    known = {row["case"]: row["reason"] for row in csv.DictReader(open(HERE / "letta.csv", encoding="utf-8"))}
    with tempfile.TemporaryDirectory(prefix="dryrun-upstream-") as folder:
        root = unpack(folder + "/")
        with tempfile.TemporaryDirectory(prefix="dryrun-mock-") as place:
            process, port = start_mock(binary, place)
            try:
                cases = list(run_suite(root, port))
            finally:
                process.terminate()
                process.wait()
    failed = {name for name, passed in cases if not passed}
    for name in sorted(failed - known.keys()):
        print(f"does not pass: {name}")
    for name in sorted(known.keys() - failed):
        print(f"passes now, or is no case any more: {name} ({known[name]})")
    for reason, count in collections.Counter(known.values()).items():
        print(f"{count} explained: {reason}")
    print(f"upstream.letta: {len(cases) - len(failed)} of {len(cases)} cases pass")
    return failed != known.keys() or len(cases) != SYNC_CASES


if __name__ == "__main__":
    sys.exit(main())
