# SPDX-License-Identifier: Apache-2.0
"""Each example in a copy of its folder, without network: the `sh` blocks of its README are run, and what they print must be the `text`
block that follows (there `...` stands for anything). Then the example's program is broken, and its own tests must say so."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import jsonschema
import yaml

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
TOOLS = ROOT / "build/tools"
NODE_MODULES = ROOT / "tests/sdk/node/node_modules"
SECONDS = 200


def blocks(readme):
    """[(lines of sh, the text that they print or None)] of a README."""
    found = []
    for language, text in re.findall(r"^```(\w+)\n(.*?)^```$", readme, re.M | re.S):
        if language == "sh":
            found.append([text, None])
        elif language == "text":
            found[-1][1] = text
    return found


def pattern(text):
    """What a text block allows: `...` is anything, and how many spaces there are does not matter."""
    words = [re.escape(word) for word in re.split(r"((?<!\.)\.\.\.(?!\.)|\s+)", text.strip())]
    return "".join(".*" if word == re.escape("...") else r"\s+" if not word.strip("\\ \n\t") and word else word for word in words)


class Example:
    name = ""
    codes = (0,)  # what the blocks end with
    without = ()  # lines that would need the network
    broken = ()   # (file, text, what it becomes): the example's own tests must notice

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="dryrun-example-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name, "project")
        shutil.copytree(EXAMPLES / self.name, self.folder)
        tools = Path(folder.name, "bin")
        tools.mkdir()
        (tools / "dryrun").symlink_to(os.environ["DRYRUN_BIN"])
        path = [tools, TOOLS / "venv-sdk/bin", TOOLS / "node22/bin", os.environ["PATH"]]
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(("DRYRUN", "NPM_", "npm_"))}
        self.environment.update(PATH=":".join(map(str, path)), NO_COLOR="1", PYTHONDONTWRITEBYTECODE="1", PIP_NO_INDEX="1",
                                PIP_DISABLE_PIP_VERSION_CHECK="1", HOME=folder.name)
        self.prepare()

    def prepare(self):
        pass

    def sh(self, lines):
        """(exit code, all that was printed)"""
        kept = "".join(line for line in lines.splitlines(keepends=True) if not line.startswith(self.without or "\0"))
        done = subprocess.run(["sh", "-ec", kept], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False)
        return done.returncode, done.stdout

    def test_it_prints_what_its_readme_says(self):
        found = blocks((self.folder / "README.md").read_text(encoding="utf-8"))
        self.assertEqual(len(found), len(self.codes))
        for (lines, expected), code in zip(found, self.codes):
            ended, printed = self.sh(lines)
            self.assertEqual(ended, code, printed)
            self.assertIsNotNone(expected, lines)
            self.assertRegex(printed.strip(), re.compile(rf"\A{pattern(expected)}\Z", re.S))

    def test_it_fails_when_its_program_is_broken(self):
        lines = blocks((self.folder / "README.md").read_text(encoding="utf-8"))[0][0]
        self.environment["PYTEST_ADDOPTS"] = "-x"  # one is enough
        for file, text, becomes in self.broken:
            path = self.folder / file
            whole = path.read_text(encoding="utf-8")
            self.assertIn(text, whole)
            path.write_text(whole.replace(text, becomes), encoding="utf-8")
            ended, printed = self.sh(lines)
            path.write_text(whole, encoding="utf-8")
            self.assertNotEqual(ended, 0, f"{file}: {becomes}\n{printed}")


class Pytest(Example, unittest.TestCase):
    name = "pytest"
    codes = (0, 2)
    broken = (("jobs.py", 'found.state == "SUCCEEDED"', 'found.state in {"SUCCEEDED", "FAILED"}'),
              ("conftest.py", 'self.url = f"{os.environ[\'DRYRUN_URL\']}/~{name}"', "self.url = os.environ['DRYRUN_URL']"))

    def test_its_requirements_are_those_that_are_tested(self):
        pinned = (ROOT / "tests/sdk/python/requirements.txt").read_text(encoding="utf-8").splitlines()
        for line in (self.folder / "requirements.txt").read_text(encoding="utf-8").splitlines():
            self.assertIn(line, pinned)


class Vitest(Example, unittest.TestCase):
    name = "vitest"
    without = ("npm install",)
    broken = (("chat.mjs", "const approve = await decide(asked.tool_call);", "const approve = true;"),
              ("chat.mjs", "agents.messages.create(agent, { input: text })", "agents.messages.create(agent, { inptu: text })"))

    def prepare(self):
        modules = self.folder / "node_modules"  # a folder of links: tools keep what they cache there
        modules.mkdir()
        for module in [*NODE_MODULES.iterdir()]:
            (modules / module.name).symlink_to(module)

    def test_its_packages_are_those_that_are_tested(self):
        mine, pinned = (json.loads(path.read_text(encoding="utf-8"))
                        for path in (self.folder / "package.json", ROOT / "tests/sdk/node/package.json"))
        for kind in ("dependencies", "devDependencies"):
            for package, version in mine[kind].items():
                self.assertEqual(pinned[kind].get(package), version)


class Shell(Example, unittest.TestCase):
    name = "shell"
    codes = (0, 0)
    broken = (("mail.sh", '{\\"approved\\": $approved}', '{\\"approved\\": true}'), ("mail.sh", "/runs/$run/wait", "/rnus/$run/wait"))


class Retries(Example, unittest.TestCase):
    name = "retries"
    codes = (0, 1, 0, 0)
    broken = (("careful.py", "if tries:", "if not tries:"), ("careful.py", "PASSING | {404}", "PASSING"),
              ("careful.py", "pause(seconds)", "pass"), ("careful.py", "http.client.HTTPException, ValueError", "http.client.HTTPException"),
              ("careful.py", "OSError, http.client.HTTPException,", "OSError,"))


# What GitHub's documentation says of a workflow, as far as ours goes.
STEP = {"name": {"type": "string"}, "if": {"type": "string"}}
WORKFLOW = {
    "type": "object", "required": ["name", "on", "permissions", "jobs"], "additionalProperties": False,
    "properties": {
        "name": {"type": "string"},
        "on": {"type": "object", "propertyNames": {"enum": ["push", "pull_request", "schedule", "workflow_dispatch"]}, "minProperties": 1},
        "permissions": {"type": "object", "additionalProperties": {"enum": ["read", "write", "none"]}},
        "concurrency": {"type": "object", "required": ["group"], "additionalProperties": False,
                        "properties": {"group": {"type": "string"}, "cancel-in-progress": {"type": "boolean"}}},
        "jobs": {"type": "object", "minProperties": 1, "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_-]*$"}, "additionalProperties": {
            "type": "object", "required": ["runs-on", "steps"], "additionalProperties": False,
            "properties": {
                "name": {"type": "string"}, "runs-on": {"type": "string"}, "container": {"type": "string"},
                "timeout-minutes": {"type": "integer"},
                "steps": {"type": "array", "minItems": 1, "items": {"oneOf": [
                    {"type": "object", "required": ["uses"], "additionalProperties": False,
                     "properties": {**STEP, "uses": {"type": "string", "pattern": r"^[\w.-]+/[\w./-]+@v?\d+$"},
                                    "with": {"type": "object", "additionalProperties": {"type": ["string", "integer"]}}}},
                    {"type": "object", "required": ["run", "name"], "additionalProperties": False,
                     "properties": {**STEP, "run": {"type": "string"}, "env": {"type": "object"}}}]}}}}}}}
EXPRESSION = re.compile(r"\$\{\{ (vars\.[A-Z_]+|github\.ref|hashFiles\(('[^']+')(, '[^']+')*\)) \}\}")


class GithubActions(unittest.TestCase):
    """The workflow's own lines, in a folder that looks as after its checkouts: the project of ../pytest, and dryrun's sources beside it."""

    def setUp(self):
        self.text = (EXAMPLES / "github-actions/agents.yml").read_text(encoding="utf-8")
        self.workflow = yaml.safe_load(self.text)
        self.steps = self.workflow["jobs"]["offline"]["steps"]

    def test_the_file_is_a_workflow(self):
        jsonschema.Draft202012Validator(WORKFLOW).validate(self.workflow)
        self.assertEqual(EXPRESSION.sub("", self.text).count("${{"), 0)

    def test_its_lines_run_in_their_order(self):
        with tempfile.TemporaryDirectory(prefix="dryrun-example-") as folder:
            project, stubs = Path(folder, "project"), Path(folder, "bin")
            shutil.copytree(EXAMPLES / "pytest", project)
            (project / "dryrun/build/release").mkdir(parents=True)
            (project / "dryrun/contracts").symlink_to(ROOT / "contracts")
            (project / "dryrun/fixtures").symlink_to(ROOT / "fixtures")
            stubs.mkdir()
            # building takes minutes, installing takes the network: what they would have brought is put in place
            self.script(project / "dryrun/dev", f'[ "$*" = build ] && ln -s "{os.environ["DRYRUN_BIN"]}" dryrun/build/release/dryrun')
            self.script(stubs / "apt-get", 'case $1 in update | install) ;; *) exit 1 ;; esac')
            self.script(stubs / "python3", f'[ "$*" = "-m venv .venv" ] && ln -s "{TOOLS / "venv-sdk"}" .venv')
            environment = {**os.environ, "PATH": f"{stubs}:{os.environ['PATH']}", "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1",
                           "PYTHONDONTWRITEBYTECODE": "1"}
            for step in self.steps:
                if "run" in step:
                    done = subprocess.run(["sh", "-ec", step["run"]], cwd=project, env=environment, stdin=subprocess.DEVNULL, text=True,
                                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS, check=False)
                    self.assertEqual(done.returncode, 0, f"{step['name']}:\n{done.stdout}")
            called = json.loads((project / "called.json").read_text(encoding="utf-8"))
            self.assertIn("createRun", {call["operation"] for call in called["calls"]})
            self.assertTrue((project / "tests.xml").exists())
            kept = next(step["with"]["path"] for step in self.steps if "upload-artifact" in step.get("uses", ""))
            for file in kept.split():
                self.assertTrue((project / file).exists(), file)

    @staticmethod
    def script(path, text):
        path.write_text(f"#!/bin/sh\nset -e\n{text}\n", encoding="utf-8")
        path.chmod(0o755)

    def test_its_readme_has_the_same_lines(self):
        readme = (EXAMPLES / "github-actions/README.md").read_text(encoding="utf-8")
        lines = {re.sub(r"\\\n\s*", "", line) for step in self.steps for line in re.sub(r"\\\n\s*", "", step.get("run", "")).splitlines()}
        for line in blocks(readme)[0][0].splitlines():
            self.assertIn(line, lines)


class Index(unittest.TestCase):
    def test_every_example_is_linked_and_says_what_it_teaches(self):
        index = (EXAMPLES / "README.md").read_text(encoding="utf-8")
        top = (ROOT / "README.md").read_text(encoding="utf-8")
        self.assertIn("](examples/README.md)", top)
        for folder in sorted(path for path in EXAMPLES.iterdir() if path.is_dir()):
            with self.subTest(folder.name):
                self.assertIn(f"]({folder.name}/README.md)", index)
                self.assertIn(f"](examples/{folder.name}/README.md)", top)
                readme = (folder / "README.md").read_text(encoding="utf-8")
                self.assertRegex(readme, re.compile(r"What one learns.*^## Run it$.*^```sh$.*^It prints:\n```text$", re.M | re.S))

    def test_every_example_has_its_test(self):
        tested = {case.name for case in Example.__subclasses__()} | {"github-actions"}
        self.assertEqual(tested, {path.name for path in EXAMPLES.iterdir() if path.is_dir()})


if __name__ == "__main__":
    program = unittest.main(exit=False, verbosity=1)
    sys.exit(0 if program.result.wasSuccessful() else 1)
