# SPDX-License-Identifier: Apache-2.0
"""A program in which one source file is another: compiled as the build compiles that file, and linked as
the build links the program, with this object before the libraries (so that theirs is not taken)."""
import json
import os
import pathlib
import shlex
import subprocess


class Builder:
    """Knows how the build compiles and links; `build` may be called by several threads."""

    def __init__(self, root, build):
        self.root, self.folder = pathlib.Path(root), pathlib.Path(build)
        entries = json.loads((self.folder / "compile_commands.json").read_text(encoding="utf-8"))
        self.compiles = {entry["file"]: entry for entry in entries}
        self.link = self._link()

    def _link(self):
        written = self.folder / "cli/CMakeFiles/dryrun.dir/link.txt"
        if written.exists():  # of a build by make
            return shlex.split(written.read_text(encoding="utf-8"))
        make = os.environ.get("DRYRUN_MAKE", "ninja")
        done = subprocess.run([make, "-C", str(self.folder), "-t", "commands", "dryrun"], check=True,
                              stdout=subprocess.PIPE, text=True)
        last = next(line for line in reversed(done.stdout.splitlines()) if " -o dryrun " in line)
        return [word for word in shlex.split(last) if word not in (":", "&&")]

    def build(self, name, text, folder):
        """The path of the program whose source file `name` reads `text`."""
        source, made, program = (pathlib.Path(folder) / part for part in ("mutant.c", "mutant.o", "dryrun"))
        source.write_text(text, encoding="utf-8")
        entry = self.compiles[str(self.root / name)]
        words = shlex.split(entry["command"])
        words[words.index("-o") + 1] = str(made)
        words[words.index("-c") + 1] = str(source)
        words += ["-O0", "-w", f"-I{(self.root / name).parent}"]
        self._run(words, entry["directory"])
        words = list(self.link)
        words[words.index("-o") + 1] = str(program)
        first = next(i for i, word in enumerate(words) if word.endswith(".o"))
        words.insert(first, str(made))
        self._run(words, self.folder if "cli/CMakeFiles" in words[first + 1] else self.folder / "cli")
        return str(program)

    @staticmethod
    def _run(words, folder):
        done = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise ValueError(f"it does not build: {done.stdout[-1500:]}")
