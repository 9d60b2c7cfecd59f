# SPDX-License-Identifier: Apache-2.0
"""A running `dryrun record`, for tests."""
import json
import pathlib

from dryrun_test import PROGRAM, Mock


class Recorder(Mock):
    """`dryrun record` on a free port; requests as to a mock. After the `with` the tape is whole."""

    def __init__(self, target, out, *arguments):  # pylint: disable=super-init-not-called
        self._start([PROGRAM, "record", "--target", target, "--out", str(out), *arguments])
        self.out = pathlib.Path(out)

    def entries(self):
        return json.loads(self.out.read_text(encoding="utf-8"))["log"]["entries"]
