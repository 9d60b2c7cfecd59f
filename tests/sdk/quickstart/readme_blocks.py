# SPDX-License-Identifier: Apache-2.0
"""The code blocks of an installed package's own README: Python's is in the package's metadata, Node's a file of the package."""

import importlib.metadata
import json
import re
import textwrap

RUNNABLE = {"python": {"python", "py"}, "node": {"js", "ts", "javascript", "typescript"}}


def read_package(package, language, modules):
    """Version and README of what is installed."""
    if language == "python":
        metadata = importlib.metadata.metadata(package)
        return metadata["Version"], metadata.get_payload() or metadata["Description"]
    folder = modules / package
    return json.loads((folder / "package.json").read_text())["version"], (folder / "README.md").read_text()


def slug(heading):
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def find_blocks(readme, language):
    """{name: code}: a block is named as the heading above it, the second one under it heading/2, and so on."""
    blocks, counts, heading, code = {}, {}, "", None
    for line in readme.splitlines():
        fence = re.match(r"\s*```\s*(\w*)", line)
        if code is None and fence:
            tag, code = fence.group(1), []
        elif fence:
            if tag in RUNNABLE[language]:
                counts[heading] = counts.get(heading, 0) + 1
                name = heading if counts[heading] == 1 else f"{heading}/{counts[heading]}"
                blocks[name] = textwrap.dedent("\n".join(code)).strip("\n") + "\n"
            code = None
        elif code is not None:
            code.append(line)
        elif line.startswith("#"):
            heading = slug(line)
    return blocks
