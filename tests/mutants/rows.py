# SPDX-License-Identifier: Apache-2.0
"""The rows of mutants/*.yaml, which keep to a small part of YAML: a list of mappings, a key a line, each value
plain, in 'single' or "double" quotes (the latter without backslashes), or a block of lines behind `|-`."""
import re

KEYS = {"id", "class", "provider", "file", "old", "new", "scenario", "expect", "survives", "quick"}
NEEDED = {"id", "class", "provider", "file", "old", "new", "expect"}


def _value(text, lines, indent):
    if text == "|-":
        block = []
        while lines and (not lines[0].strip() or lines[0].startswith(" " * indent)):
            block.append(lines.pop(0)[indent:])
        while block and not block[-1].strip():
            block.pop()
        return "\n".join(block)
    if text.startswith("'"):
        assert text.endswith("'") and len(text) > 1, f"no end of {text}"
        return text[1:-1].replace("''", "'")
    if text.startswith('"'):
        assert re.fullmatch(r'"[^"\\]*"', text), f"{text} needs 'single quotes'"
        return text[1:-1]
    assert not re.search(r": |[\[\]{}\"#]|^[-*&!|>%@`]", text), f"{text} needs quotes"
    return text


def read(path):
    lines = path.read_text(encoding="utf-8").split("\n")
    rows = []
    while lines:
        line = lines.pop(0)
        if not line.strip() or line.startswith("#"):
            continue
        found = re.fullmatch(r"(- |  )(\w+): (.*)", line)
        assert found, f"{path.name}: no row: {line}"
        if found.group(1) == "- ":
            rows.append({})
        key = found.group(2)
        assert key in KEYS and key not in rows[-1], f"{path.name}: {key} is unknown or there twice: {line}"
        rows[-1][key] = _value(found.group(3), lines, 4)
    for row in rows:
        assert NEEDED <= set(row), f"{path.name}: {row.get('id')} lacks {NEEDED - set(row)}"
    return rows
