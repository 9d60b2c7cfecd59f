# SPDX-License-Identifier: Apache-2.0
"""survive.py CLIENT: lets it start a run and wait for its end, then looks at the world: did it end well, and was one run started?
For `dryrun exec warp --clock virtual --faults PLAN -- python3 survive.py CLIENT`."""

import importlib
import json
import os
import sys
import urllib.request


def admin(path, body=None):
    """The admin API: no fault reaches it."""
    request = urllib.request.Request(f"{os.environ['DRYRUN_ADMIN_URL']}/{path}", data=json.dumps(body).encode() if body else None,
                                     headers={"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request))


def pause(seconds):
    """Instead of time.sleep: the world's time."""
    admin("clock/sleep", {"for": f"{round(seconds * 1000)}ms"})


def count_runs():
    return len(admin("resources?provider=warp&kind=run&limit=1000")["resources"])


before = count_runs()
try:
    verdict = f"ends in {importlib.import_module(sys.argv[1]).start_and_wait('tidy up', pause)['state']}"
except Exception as error:  # pylint: disable=broad-except
    verdict = f"gives up: {type(error).__name__}: {error}"
started = count_runs() - before
print(verdict if started == 1 else f"{verdict}, and started {started} runs")
sys.exit(verdict != "ends in SUCCEEDED" or started != 1)
