#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""quickstart.py BINARY [WORDS]: runs the quick-start code that the services' installed clients carry in their READMEs against
the mock. programs.yaml says which blocks make a program, what is changed (where the service is and the key, nothing
else) and what is to be printed. The code is read from the installed packages when the test runs: none of it is kept here."""

import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "support"))
from mock_process import ROOT, Mock, find_binary  # noqa: E402
from readme_blocks import find_blocks, read_package  # noqa: E402
from token_source import TokenSource  # noqa: E402

MODULES = HERE.parent / "node" / "node_modules"
NODE = ROOT / "build" / "tools" / "node22" / "bin" / "node"
SECONDS = 120  # for one program, on a busy machine
AT_ONCE = 2
IMPORT = re.compile(r"^import\s+(?:(?P<default>\w+)\s*,?\s*)?(?:\*\s*as\s+(?P<all>\w+)\s+|\{(?P<names>[^}]*)\}\s*)?from\s*"
                    r"(?P<module>'[^']+'|\"[^\"]+\");?", re.M)


def import_in_place(match):
    """An import anywhere in the program; a name that is but a type comes to nothing, as a compiler would have it."""
    if match["all"]:
        return f"const {match['all']} = await import({match['module']});"
    names = [f"default: {match['default']}"] if match["default"] else []
    names += [name.strip().replace(" as ", ": ") for name in (match["names"] or "").split(",") if name.strip()]
    return f"const {{ {', '.join(names)} }} = await import({match['module']});"


def join(parts, language):
    """One program of several blocks that build on each other. In Node each is a scope within the one before: READMEs
    declare the same constant in many blocks."""
    if language == "python":
        return "\n".join(parts)
    parts = [IMPORT.sub(import_in_place, part) for part in parts]
    return "\n{\n".join(parts) + "\n}" * (len(parts) - 1) + "\n"


class Program:
    """A row of programs.yaml with the code it names."""

    def __init__(self, package, row, blocks):
        self.package, self.row, self.language = package, row, package["language"]
        self.name = f"{package['package']} ({self.language}): {row.get('name') or ' + '.join(row['blocks'])}"
        self.session = "q-" + re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")[-58:]
        lacking = [name for name in row["blocks"] if name not in blocks]
        if lacking:
            raise SystemExit(f"{self.name}: the README has no such block: {', '.join(lacking)}")
        code = [blocks[name] for name in row["blocks"]]
        for change in package.get("changes", []) + row.get("changes", []):
            if any(change["text"] in part for part in code):
                code = [part.replace(change["text"], change["becomes"]) for part in code]
            elif change in row.get("changes", []):
                raise SystemExit(f"{self.name}: nothing to change: {change['text']}")
        self.seconds = SECONDS
        self.code = join([package.get("given", "") + row.get("given", ""), *code, row.get("then", "")], self.language)

    def run(self, mock, tokens):
        """None when all is as the row says; else what is wrong."""
        with tempfile.TemporaryDirectory(prefix="dryrun-quickstart-") as folder:
            base = f"{mock.url}/~{self.session}/{self.package['service']}"
            file = self._write(Path(folder))
            environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
            environment |= {"HOME": folder, "PYTHONDONTWRITEBYTECODE": "1", "NODE_NO_WARNINGS": "1", "PYTHONWARNINGS": "ignore"}
            environment |= {name: text.format(base=base, certificate=mock.certificate, tokens=tokens.url)
                            for name, text in self.package.get("environment", {}).items()}
            command = [sys.executable, HERE / "python_program.py"] if self.language == "python" else [NODE, "--experimental-strip-types"]
            began = time.monotonic()
            try:
                done = subprocess.run([*command, file], cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS)
            except subprocess.TimeoutExpired as late:
                return f"not over after {SECONDS} s: {(late.stdout or b'')[-500:]!r}"
        self.seconds = time.monotonic() - began
        return self._judge(done) or self._judge_requests(mock)

    def _write(self, folder):
        for name, text in self.package.get("files", {}).items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)
        if self.language == "node":
            (folder / "node_modules").symlink_to(MODULES)
        file = folder / ("program.py" if self.language == "python" else "program.mts")
        file.write_text(self.code)
        return file

    def _judge(self, done):
        said = f"exit code {done.returncode}\n--- out\n{done.stdout[-1500:]}\n--- err\n{done.stderr[-1500:]}"
        if "fails" in self.row:
            if done.returncode == 0:
                return f"was expected to fail ({self.row['why']}), and did not: make it a program\n{said}"
            return None if re.search(self.row["fails"], done.stderr) else f"failed, but not with '{self.row['fails']}': {said}"
        if done.returncode != 0:
            return said
        return None if re.search(self.row["prints"], done.stdout, re.M) else f"printed nothing like '{self.row['prints']}': {said}"

    def _judge_requests(self, mock):
        """A program that never reached the service proves nothing, nor does one that the service refused."""
        if "fails" in self.row:
            return None
        asked = self.row.get("asks", 1)
        rows = mock.admin("GET", "/metrics?format=json", None, self.session)["requests"] if asked else []
        refused = [row for row in rows if row["status"] >= 400 and row["status"] not in self.row.get("refused", [])]
        if refused:
            return f"requests were refused: {refused}"
        count = sum(row["count"] for row in rows)
        return f"{asked} requests or more were expected, {count} seen" if count < asked else None


def load_programs():
    programs, complaints = [], []
    for package in yaml.safe_load((HERE / "programs.yaml").read_text())["packages"]:
        version, readme = read_package(package["package"], package["language"], MODULES)
        blocks = find_blocks(readme, package["language"]) | {"": ""}
        rows = [Program(package, row, blocks) for row in package["programs"]]
        programs += rows
        named = {name for row in package["programs"] for name in row["blocks"]} | {""}
        elsewhere = package.get("elsewhere")
        for name in sorted(set(blocks) - named):
            if not elsewhere or re.search(elsewhere["unless"], blocks[name], re.I):
                complaints.append(f"{package['package']} {version} ({package['language']}): nothing is said of the block '{name}'")
    return programs, complaints


def start_mock(binary, certificate):
    return Mock(binary, "acp", "azure-agents", "azure-routines", "letta", "warp", "--step", "1s", certificate=certificate)


def main():
    programs, failures = load_programs()
    wanted = sys.argv[2:]
    programs = [program for program in programs if all(word in program.name for word in wanted)]
    with tempfile.TemporaryDirectory(prefix="dryrun-quickstart-") as folder, TokenSource() as tokens:
        mocks = {secure: start_mock(find_binary(sys.argv), certificate)
                 for secure, certificate in ((False, None), (True, Path(folder, "certificate.pem")))}
        try:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                results = pool.map(lambda program: program.run(mocks[program.package.get("tls", False)], tokens), programs)
                for program, wrong in zip(programs, results):
                    print(f"{'not ok' if wrong else 'ok'}  {program.name}, {program.seconds:.1f} s", flush=True)
                    failures += [f"{program.name}: {wrong}"] if wrong else []
        finally:
            codes = [mock.stop() for mock in mocks.values()]
    failures += [f"a mock ended with {code}" for code in codes if code != 0]
    print("\n".join(failures))
    print(f"{len(programs)} programs, {len(failures)} failures")
    return 1 if failures or not programs else 0


if __name__ == "__main__":
    sys.exit(main())
