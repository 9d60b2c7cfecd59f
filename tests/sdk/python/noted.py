#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""noted.py TEST_FILE: runs a file of tests and writes down which methods of the client it calls, and which operations it
reaches ($DRYRUN_REACHED), for ../reach.py. The client itself does what it always does."""

import importlib
import inspect
import os
import pkgutil
import re
import sys
import unittest

from called import Called

# Tests that do not watch the client themselves. By how the file's name begins: the packages with the classes whose methods reach the service.
CLASSES = {
    "test_acp": (["agntcy_acp.acp_v0.sync_client.api", "agntcy_acp.acp_v0.async_client.api"], r"Api$"),
    "test_letta": (["letta_client.resources"], r"Resource$"),
    "test_warp": (["oz_agent_sdk.resources"], r"Resource$"),
}


def modules(name):
    module = importlib.import_module(name)
    yield module
    for found in pkgutil.walk_packages(getattr(module, "__path__", []), name + "."):
        if not re.search(r"\._", found.name):
            yield importlib.import_module(found.name)


def classes(packages, pattern):
    found = {}
    for package in packages:
        for module in modules(package):
            for name, kind in inspect.getmembers(module, inspect.isclass):
                if re.search(pattern, name) and kind.__module__.startswith(package.split(".")[0]):
                    found[f"{kind.__module__}.{name}"] = kind
    return found.values()


def main():
    name = os.path.basename(sys.argv[1]).removesuffix(".py")
    os.environ["DRYRUN_TEST"] = f"python/{name}.py"
    for start, (packages, pattern) in CLASSES.items():
        if name.startswith(start):
            Called(*classes(packages, pattern))
    unittest.main(module=name, argv=[sys.argv[0]])


if __name__ == "__main__":
    main()
