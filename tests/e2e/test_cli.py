# SPDX-License-Identifier: Apache-2.0
"""The command line: what works, and that each mistake is one clear line and exit 2."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import unittest

from dryrun_test import DATA, ENGINE, PROGRAM, ROOT, Mock, main, run


class Mistakes(unittest.TestCase):
    def assert_error(self, line, *arguments, **more):
        """Exit 2, nothing on stdout, exactly this line on stderr."""
        code, out, err = run(*arguments, **more)
        self.assertEqual((code, out, err), (2, "", f"dryrun: error: {line}\n"), arguments)

    def test_an_unknown_command_names_the_nearest(self):
        self.assert_error("unknown command 'mok' (did you mean 'mock'?)", "mok")
        self.assert_error("unknown command 'xyzzy': 'dryrun help' lists them", "xyzzy")
        self.assert_error("unknown command 'lst' (did you mean 'list'?)", "help", "lst")
        self.assert_error("version takes no argument, but got 'x'", "version", "x")

    def test_no_command_prints_the_help_and_is_a_mistake(self):
        code, out, err = run()
        self.assertEqual((code, out), (2, ""))
        self.assertIn("Commands:", err)

    def test_wrong_options_of_mock(self):
        for arguments, line in {
            ("--prot", "1"): "unknown option '--prot' (did you mean '--port'?)",
            ("--port", "65536"): "option '--port': '65536' is not a whole number from 0 to 65535",
            ("--port", "x"): "option '--port': 'x' is not a whole number from 0 to 65535",
            ("--clock", "fast"): "unknown clock 'fast': it is real, scaled:N or virtual",
            ("--clock", "scaled:0"): "the factor in 'scaled:0' is no number from 1 to 1000000",
            ("--step", "1s"): "option '--step' needs --clock virtual",
            ("--epoch", "2026-01-01T00:00:00Z"): "option '--epoch' needs --clock virtual",
            ("--clock", "virtual", "--epoch", "soon"):
                "option '--epoch': 'soon' is no instant such as 2026-01-01T00:00:00Z",
            ("--public-url", "example.com"):
                "option '--public-url': 'example.com' does not begin with http:// or https://",
            ("--admin-token", ""): "option '--admin-token' is empty",
            ("--cert", "x.pem"): "option '--cert' needs --tls",
            ("--cert-out", "x.pem"): "option '--cert-out' needs --tls",
            ("--tls", "--key", "x.pem"): "option '--key' needs --cert",
            ("--tls", "--cert", "no/such.pem"): "option '--cert': no file 'no/such.pem'",
            ("--variant", "own_worker"):
                "option '--variant': 'own_worker' is not PROVIDER.NAME=VALUE",
            ("--variant", "own_worker=accept"):
                "option '--variant': 'own_worker=accept' names no provider that is played: "
                "write PROVIDER.NAME=VALUE",
            ("--variant", "nobody.own_worker=accept"):
                "option '--variant': 'nobody.own_worker=accept' names no provider that is played: "
                "write PROVIDER.NAME=VALUE",
            ("cancles",): "unknown provider 'cancles' (did you mean 'cancels'?)",
            ("nobody",): f"unknown provider 'nobody': there is none of that name in "
                         f"'{DATA}/contracts' and '{DATA}/fixtures'",
            ("cancels", "cancels"): "provider 'cancels' is named twice",
            ("--outcome", "cancels.run=succes"):
                "unknown outcome 'run=succes' (did you mean 'success'?)",
            ("--outcome", "cancels.rum=success"):
                "unknown outcome 'rum=success': nothing called 'rum' has outcomes (did you mean 'run'?)",
            ("--outcome", "cancles.run=success"):
                "'cancles.run=success' names no provider (did you mean 'cancels.run=success'?)",
            ("--outcome", "run=success"):
                "'run=success' names no provider: write PROVIDER.MACHINE=NAME",
        }.items():
            self.assert_error(line, "mock", *arguments, *ENGINE)

    def test_every_wrong_choice_of_an_option_lists_what_is_right(self):
        for option, choices in {"validate": "strict, warn, off", "unknown-ids": "404, example"
                                }.items():
            code, out, err = run("mock", f"--{option}", "x", *ENGINE)
            self.assertEqual((code, out), (2, ""))
            for choice in choices.split(", "):
                self.assertIn(choice, err)
            self.assertEqual(err.count("\n"), 1)

    def test_lint_names_the_nearest_provider(self):
        self.assert_error("unknown provider 'cancles' (did you mean 'cancels'?)", "lint", "cancles", *ENGINE)

    def test_directories_that_are_not_there(self):
        self.assert_error("no directory 'no/where': say where with --contracts", "mock",
                          "--contracts", "no/where", "--fixtures", f"{DATA}/fixtures")
        self.assert_error("no directory 'no/where': say where with --fixtures", "mock",
                          "--contracts", f"{DATA}/contracts", "--fixtures", "no/where")

    def test_a_folder_without_providers(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assert_error(f"no provider in '{folder}' and '{folder}'", "mock", "--contracts",
                              folder, "--fixtures", folder)

    def test_a_port_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            self.assert_error(f"cannot listen on 127.0.0.1:{port}: address already in use",
                              "mock", "--port", str(port), *ENGINE)

    def test_an_address_that_is_not_ours(self):
        code, out, err = run("mock", "--host", "192.0.2.1", "--port", "0", *ENGINE)
        self.assertEqual((code, out), (2, ""))
        self.assertIn("192.0.2.1", err.splitlines()[-1])

    def test_a_certificate_that_is_none(self):
        code, out, err = run("mock", "--tls", "--cert", "LICENSE", "--port", "0", *ENGINE)
        self.assertEqual((code, out), (2, ""))
        self.assertEqual(err.count("\n"), 1, err)

    def test_a_port_file_that_cannot_be_written(self):
        code, _, err = run("mock", "--port", "0", "--port-file", "/no/such/folder/port", *ENGINE)
        self.assertEqual((code, err.count("\n")), (2, 1))
        self.assertIn("/no/such/folder/port", err)

    def test_all_findings_of_broken_documents_are_printed(self):
        with tempfile.TemporaryDirectory() as folder:
            data = pathlib.Path(folder)
            shutil.copytree(ROOT / DATA / "contracts/cancels", data / "contracts/cancels")
            shutil.copytree(ROOT / DATA / "fixtures/cancels", data / "fixtures/cancels")
            file = data / "fixtures/cancels/outcomes.yaml"
            file.write_text(file.read_text(encoding="utf-8").replace("to: FAILED", "to: FAILD"),
                            encoding="utf-8")
            code, out, err = run("mock", "--port", "0", "--contracts", str(data / "contracts"),
                                 "--fixtures", str(data / "fixtures"))
            lines = err.splitlines()
            self.assertEqual((code, out), (2, ""))
            self.assertEqual(len([line for line in lines if "FAILD" in line]), 2, err)
            self.assertRegex(lines[0], r"outcomes\.yaml:\d+:\d+: .*did you mean 'FAILED'")
            self.assertRegex(lines[-1], r"^dryrun: error: the documents have \d+ errors$")

    def test_variants_are_checked_against_the_provider(self):
        code, _, err = run("mock", "cancels", "--variant", "own_worker=perhaps", *ENGINE)
        self.assertEqual(code, 2)
        self.assertIn("perhaps", err)


class Output(unittest.TestCase):
    """What is printed arrives, or is told not to have arrived."""

    def program(self, *arguments, **more):
        return subprocess.run([PROGRAM, *arguments], cwd=ROOT, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              timeout=60, text=True, check=False, **more)

    def test_standard_output_that_takes_nothing_is_no_success(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            for words in (["version"], ["help"], ["mock", "--help"], ["graph", "cancels", *ENGINE],
                          ["list", "operations", *ENGINE], ["lint", *ENGINE],
                          ["check", "cancels", "--report", "tap", *ENGINE]):
                done = self.program(*words, stdout=full)
                self.assertEqual(done.returncode, 2, words)
                self.assertIn("error: cannot write to standard output", done.stderr, words)

    def test_a_reader_that_has_enough_is_no_trouble(self):
        for words in (["version"], ["check", "cancels", *ENGINE]):
            reading, writing = os.pipe()
            os.close(reading)
            done = self.program(*words, stdout=writing)
            os.close(writing)
            self.assertEqual(done.stderr, "", words)

    def test_what_is_printed_never_gets_into_a_file_when_standard_output_is_closed(self):
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder) / "report.json"
            done = subprocess.run(["sh", "-c", 'exec "$0" "$@" >&-', PROGRAM, "check", "cancels", *ENGINE, "--unmet",
                                   "--report", f"json={report}"], cwd=ROOT, timeout=60, check=False)
            self.assertIn(done.returncode, (0, 1))
            self.assertEqual(json.loads(report.read_text(encoding="utf-8"))["exit"], done.returncode)

    def test_a_report_that_cannot_be_written_is_told_before_anything_is_played(self):
        for words in (["--report", "json=/no/such/r.json"], ["--har", "/no/such/r.json"],
                      ["--report", "html=/no/such/r.json", "--report", "console"]):
            self.assertEqual(run("check", "cancels", *ENGINE, *words),
                             (2, "", "dryrun: error: cannot write '/no/such/r.json': No such file or directory\n"))
        self.assertEqual(run("check", "cancels", *ENGINE, "--report", "junit=r", "--har", "r"),
                         (2, "", "dryrun: error: two reports would be written into 'r'\n"))


class Words(unittest.TestCase):
    def test_help_and_version(self):
        code, out, _ = run("--help")
        self.assertEqual(code, 0)
        commands = [line.split()[0] for line in
                    out.split("Commands:\n")[1].split("\n\n")[0].splitlines()]
        self.assertLessEqual({"mock", "lint", "list", "version", "help"}, set(commands))
        self.assertEqual(run("help")[:2], (0, out))
        self.assertRegex(run("version")[1], r"^dryrun \d+\.\d+\.\d+\n$")
        self.assertEqual(run("--version")[1], run("version")[1])
        for command in commands:
            code, told, err = run(command, "--help")
            self.assertEqual((code, err), (0, ""), command)
            self.assertTrue(told.startswith("usage: dryrun "), command)
            if command not in ("help",):
                self.assertEqual(run("help", command)[1], told)
            self.assertLessEqual(max(len(line) for line in told.splitlines()), 110)

    def test_list_prints_one_thing_a_line(self):
        code, out, err = run("list", *ENGINE)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual([line.split()[0] for line in out.splitlines()],
                         sorted(path.name for path in (ROOT / DATA / "contracts").iterdir()))
        for arguments, line in {
            ("outcomes", "cancels"): "cancels.run=hang",
            ("operations", "cancels"): "cancels cancelRun",
            ("states", "cancels"): "cancels.run=QUEUED initial",
            ("variants",): "cancels.own_worker=refuse default",
            ("functions",): "$find",
            ("errors", "cancels"): "cancels.too_early                    409",
            ("signals", "schedules"): "schedules.",
            ("scenarios", "cancels"): "cancels cancel/",
        }.items():
            code, out, err = run("list", *arguments, *ENGINE)
            self.assertEqual((code, err), (0, ""))
            self.assertTrue([text for text in out.splitlines() if text.startswith(line)],
                            (arguments, out))

    def test_list_names_the_nearest_subject_and_provider(self):
        for arguments, line in {
            ("outcoms",): "cannot list 'outcoms' (did you mean 'outcomes'?)",
            ("outcomes", "tool"): "unknown provider 'tool' (did you mean 'tools'?)",
        }.items():
            code, out, err = run("list", *arguments, *ENGINE)
            self.assertEqual((code, out, err), (2, "", f"dryrun: error: {line}\n"))

    def test_data_is_found_by_the_environment_and_in_the_working_directory(self):
        code, out, _ = run("list", env={"DRYRUN_DATA": str(ROOT / DATA)}, cwd="/")
        self.assertEqual((code, out.splitlines()[0].split()[0]), (0, "approvals"))
        code, out, _ = run("list", cwd=ROOT / DATA)
        self.assertEqual((code, out.splitlines()[0].split()[0]), (0, "approvals"))

    def test_data_is_found_beside_an_installed_program(self):
        with tempfile.TemporaryDirectory() as folder:
            base = pathlib.Path(folder)
            (base / "bin").mkdir()
            shutil.copy2(os.environ.get("DRYRUN", ROOT / "build/dev/dryrun"), base / "bin/dryrun")
            shutil.copytree(ROOT / DATA, base / "share/dryrun")
            done = subprocess.run([base / "bin/dryrun", "list"], cwd="/", text=True, check=False,
                                  stdout=subprocess.PIPE, env={**os.environ, "DRYRUN_DATA": ""})
            self.assertEqual((done.returncode, done.stdout.split()[0]), (0, "approvals"))
            done = subprocess.run([base / "bin/dryrun", "check", "cancels"], cwd="/", text=True, check=False,
                                  stdout=subprocess.PIPE, env={**os.environ, "DRYRUN_DATA": ""})
            self.assertIn(f"({base.resolve()}/share/dryrun/contracts/cancels/", done.stdout)


class Options(unittest.TestCase):
    def test_variants_and_outcomes_of_the_command_line_are_played(self):
        bearer = {"Authorization": "Bearer me"}
        with Mock("cancels", "--clock", "virtual", "--variant", "cancels.own_worker=accept",
                  "--outcome", "cancels.run=failure") as mock:
            made = mock.post("/cancels/runs", {"prompt": "x", "worker": "mine"}, headers=bearer)
            again = mock.post("/runs", {"prompt": "y"}, headers=bearer).json()["run_id"]
            run_id = made.json()["run_id"]
            cancelled = mock.post(f"/cancels/runs/{run_id}/cancel", headers=bearer)
            self.assertEqual(cancelled.status, 200, cancelled)
            mock.advance(until_idle=True)
            self.assertEqual(mock.get(f"/runs/{again}", headers=bearer).json()["state"], "FAILED")

    def test_the_seed_decides_the_ids(self):
        def thread(*arguments):
            with Mock("interrupts", "--clock", "virtual", *arguments) as mock:
                return mock.post("/interrupts/threads").text
        self.assertEqual(thread(), thread("--seed", "1"))
        self.assertNotEqual(thread(), thread("--seed", "2"))

    def test_validate_and_unknown_ids(self):
        bearer = {"Authorization": "Bearer me"}
        with Mock("cancels", "--validate", "warn", "--unknown-ids", "example") as mock:
            answer = mock.get("/runs?limit=0", headers=bearer)
            self.assertEqual(answer.status, 200, answer)
            self.assertIn("limit", answer.headers["x-dryrun-remark"])
            self.assertEqual(mock.get("/runs/nobody", headers=bearer).status, 200)

    def test_epoch_is_where_virtual_time_begins(self):
        with Mock("--clock", "virtual", "--epoch", "2030-05-06T07:08:09Z") as mock:
            self.assertEqual(mock.admin("clock")["now"], "2030-05-06T07:08:09.000Z")

    def test_eager_furnishes_the_default_session_before_the_first_request(self):
        with Mock("--clock", "virtual", "--eager") as mock:
            self.assertIn("", [item["name"] for item in
                               mock.admin("sessions", session="other")["sessions"]])
        with Mock("--clock", "virtual") as mock:
            self.assertNotIn("", [item["name"] for item in
                                  mock.admin("sessions", session="other")["sessions"]])

    def test_log_prints_a_line_for_each_request(self):
        with Mock("--log") as mock:
            mock.post("/interrupts/threads")
            self.assertRegex(mock.stderr(), r" 201 POST /interrupts/threads createThread\n")


if __name__ == "__main__":
    main()
