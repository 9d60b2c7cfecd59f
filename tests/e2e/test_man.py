# SPDX-License-Identifier: Apache-2.0
"""The man page's OPTIONS are those of --help, all of them, in its words and order.

`DRYRUN=build/dev/dryrun python3 tests/e2e/test_man.py --write` puts them there anew.
"""
import re
import sys
import unittest

from dryrun_test import ROOT, main, run

PAGE = ROOT / "docs/man/dryrun.1"
BEGIN, END = '.\\" options as --help tells them, written by tests/e2e/test_man.py\n', '.\\" end of options\n'
COMMANDS = ("mock", "exec", "check", "record", "lint", "diff", "graph", "list")
OPTION = re.compile(r"^ {2}(?:-(?P<letter>\w), | {4})--(?P<name>[a-z-]+)(?: (?P<argument>'[^']*'|\S+))?(?: {2,}(?P<text>.*))?$")


def options_of(command):
    """(letter, name, argument, text) of each, as its help prints them."""
    code, out, err = run(command, "--help")
    assert code == 0, err
    found = []
    for line in out.splitlines():
        option = OPTION.match(line)
        if option:
            found.append([option["letter"], option["name"], option["argument"], [option["text"] or ""]])
        elif found and re.match(r"^ {26,}\S", line):
            found[-1][3].append(line.strip())
        elif not line.startswith(" "):
            found.append(None)  # a heading ends what came before
    return [(letter, name, argument, " ".join(text).strip())
            for letter, name, argument, text in filter(None, found)]


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in (".", "'") else text


def section():
    """The lists in the language of man pages."""
    lines, of_mock = [BEGIN], {option[1] for option in options_of("mock")}
    for command in COMMANDS:
        lines.append(f".Ss dryrun {command}\n")
        if command == "exec":
            lines.append("Those of\n.Cm mock ,\nand:\n")
        lines.append(".Bl -tag -width Ds\n")
        for letter, name, argument, text in options_of(command):
            if name in ("help",) or (command == "exec" and name in of_mock):
                continue
            lines.append(".It " + (f"Fl {letter} , " if letter else "") + f"Fl -{name}"
                         + (f' Ar "{escaped(argument)}"' if argument else "") + "\n" + escaped(text) + "\n")
        lines.append(".El\n")
    return "".join([*lines, END])


class Page(unittest.TestCase):
    def test_it_has_every_option_of_every_command_as_help_tells_it(self):
        page = PAGE.read_text(encoding="utf-8")
        self.assertEqual(page[page.index(BEGIN):page.index(END) + len(END)], section(),
                         "DRYRUN=... python3 tests/e2e/test_man.py --write puts it right")

    def test_options_are_read_whole(self):
        options = {name: (letter, argument, text) for letter, name, argument, text in options_of("check")}
        self.assertEqual(options["jobs"][:2], ("j", "N"))
        self.assertEqual(options["header"][1], "'NAME: VALUE'")
        self.assertTrue(options["min-coverage"][2].endswith("(may be given several times)"), options["min-coverage"])
        for command in COMMANDS:
            self.assertEqual(len(re.findall(r"^ +(?:-\w, )?--[a-z]", run(command, "--help")[1], re.M)), len(options_of(command)), command)


def write():
    page = PAGE.read_text(encoding="utf-8")
    if BEGIN in page:
        page = page[:page.index(BEGIN)] + section() + page[page.index(END) + len(END):]
    else:
        page = page.replace(".Sh ENVIRONMENT\n", f".Sh OPTIONS\n{section()}.Sh ENVIRONMENT\n")
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write()
    else:
        main()
