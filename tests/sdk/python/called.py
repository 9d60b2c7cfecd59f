# SPDX-License-Identifier: Apache-2.0
"""Which public methods of a client's classes the tests have called, so that none is forgotten."""

import atexit
import functools
import inspect
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from mock_process import note_reached  # noqa: E402


class Called:
    """Wraps every public method of the classes; what a call does stays as it is."""

    def __init__(self, *classes):
        self.times = {}
        atexit.register(self._tell)
        for kind in classes:
            for name, function in inspect.getmembers(kind, inspect.isroutine):
                if not name.startswith("_") and inspect.isfunction(function):
                    self._wrap(kind, name, function)

    def _wrap(self, kind, name, function):
        label = f"{kind.__module__.split('._')[0]}.{kind.__qualname__}.{name}"
        self.times[label] = 0

        @functools.wraps(function)
        def wrapper(*arguments, **named):
            self.times[label] += 1
            return function(*arguments, **named)

        setattr(kind, name, wrapper)

    def _tell(self):
        """For docs/CLIENTS.md."""
        for label, times in self.times.items():
            if times and os.environ.get("DRYRUN_REACHED"):
                note_reached("method", label)

    def forgotten(self):
        return sorted(label for label, times in self.times.items() if not times)
