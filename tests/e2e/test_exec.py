# SPDX-License-Identifier: Apache-2.0
"""dryrun exec: what the command finds in its environment, how it ends, what signals do, what is told afterwards."""
import contextlib
import fcntl
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import textwrap
import time
import unittest
import urllib.request

from dryrun_test import DATA, ENGINE, PROGRAM, ROOT, main, run

SHIPPED = ["--contracts", "contracts", "--fixtures", "fixtures"]
ASK = """
import os, urllib.request, urllib.error
def ask(path, **headers):
    try:
        return urllib.request.urlopen(urllib.request.Request(os.environ["DRYRUN_URL"] + path, headers=headers)).status
    except urllib.error.HTTPError as error:
        return error.code
def admin(method, path):
    return urllib.request.urlopen(urllib.request.Request(os.environ["DRYRUN_ADMIN_URL"] + path, method=method)).status
"""


def python(code):
    return [sys.executable, "-c", textwrap.dedent(code)]


def asking(code):
    """The same with `ask` and `admin` at hand."""
    return [sys.executable, "-c", ASK + textwrap.dedent(code)]


def execute(*options, command, env=None, data=ENGINE, **more):
    """(exit code, stdout, stderr) of `dryrun exec OPTIONS -- COMMAND`."""
    return run("exec", *options, *data, "--", *command, env=env, **more)


def environment(*options, env=None, data=ENGINE):
    """(the command's environment, stderr)."""
    code, out, err = execute(*options, data=data, env=env,
                             command=python("import json, os; print(json.dumps(dict(os.environ)))"))
    assert code == 0, err
    return json.loads(out), err


@contextlib.contextmanager
def with_clients(text):
    """Data in which the service `cancels` has this clients.yaml."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / DATA, pathlib.Path(folder, "data"))
        contracts = pathlib.Path(folder, "data/contracts")
        (contracts / "cancels/clients.yaml").write_text('clients: "1.0"\n' + textwrap.dedent(text), encoding="utf-8")
        yield ["--contracts", str(contracts), "--fixtures", str(pathlib.Path(folder, "data/fixtures"))]


class ItEnds(unittest.TestCase):
    def test_with_the_exit_code_of_the_command(self):
        for number in (0, 1, 7, 125, 255):
            self.assertEqual(execute(command=["sh", "-c", f"exit {number}"]), (number, "", ""))

    def test_with_128_and_the_signal_that_ended_the_command(self):
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV):
            code, out, err = execute(command=["sh", "-c", f"ulimit -c 0; kill -{int(number)} $$"])
            self.assertEqual((code, out, err), (128 + number, "", ""))

    def test_as_a_shell_does_when_the_command_cannot_run(self):
        with tempfile.TemporaryDirectory() as folder:
            plain = pathlib.Path(folder, "plain")
            plain.write_text("data", encoding="ascii")
            orphan = pathlib.Path(folder, "orphan")
            orphan.write_text("#!/no/such/interpreter\n", encoding="ascii")
            orphan.chmod(0o755)
            for command, code, why in (
                    ("no-such-command-here", 127, "no such command on the PATH"),
                    (f"{folder}/none", 127, "there is no such file"),
                    (f"{plain}/below", 127, "there is no such file"),
                    (str(plain), 126, "Permission denied"),
                    (folder, 126, "Permission denied"),
                    (str(orphan), 126, "what should interpret it (its first line) is not there")):
                self.assertEqual(execute(command=[command]),
                                 (code, "", f"dryrun: error: cannot run '{command}': {why}\n"))

    def test_a_script_without_a_first_line_is_run_by_the_shell(self):
        with tempfile.TemporaryDirectory() as folder:
            script = pathlib.Path(folder, "script")
            script.write_text('echo "$1 and $2"; exit 4\n', encoding="ascii")
            script.chmod(0o755)
            self.assertEqual(execute(command=[str(script), "a b", "c"]), (4, "a b and c\n", ""))

    def test_and_the_mock_ends_with_it(self):
        code, out, _ = execute(command=["sh", "-c", "echo $DRYRUN_URL"])
        self.assertEqual(code, 0)
        with self.assertRaises(OSError):
            urllib.request.urlopen(out.strip() + "/__admin/health", timeout=5)


class Usage(unittest.TestCase):
    def test_mistakes_are_one_line_and_2_and_the_command_does_not_run(self):
        needs = "exec needs a command behind '--': dryrun exec [PROVIDER...] [OPTIONS] -- CMD..."
        for arguments, line in {
            (): needs,
            ("--",): needs,
            ("pytest", "-q"): "unknown option '-q'",
            ("pytest",): needs,
            ("--prot", "1", "--", "echo", "ran"): "unknown option '--prot' (did you mean '--port'?)",
            ("cancles", *ENGINE, "--", "echo", "ran"): "unknown provider 'cancles' (did you mean 'cancels'?)",
            ("--step", "1s", *ENGINE, "--", "echo", "ran"): "option '--step' needs --clock virtual",
            ("--report", "no/such/folder/r.json", *ENGINE, "--", "echo", "ran"): None,
        }.items():
            code, out, err = run("exec", *arguments)
            self.assertEqual((code, out, err.count("\n")), (2, "", 1), arguments)
            if line:
                self.assertEqual(err, f"dryrun: error: {line}\n")

    def test_options_behind_the_dashes_are_the_commands_own(self):
        code, out, _ = execute(command=["echo", "--help", "--port", "x", "--", "-q"])
        self.assertEqual((code, out), (0, "--help --port x -- -q\n"))

    def test_the_help_has_its_own_options_and_all_of_mocks(self):
        _, mine, _ = run("exec", "--help")
        _, mocks, _ = run("mock", "--help")
        for row in re.split(r"\n(?! {20})", mocks.split("\n\n", 2)[2]):  # an option and the lines that go on about it
            if not row.strip().startswith(("-p, --port", "--tape")):  # it has another default; and refuses tapes
                self.assertIn(row, mine)
        self.assertIn("--fail-on-unmatched", mine)
        self.assertRegex(mine, r"-p, --port N .*free one \(default: 0\)")


class Environment(unittest.TestCase):
    def test_says_where_the_mock_its_services_and_its_admin_api_are(self):
        found, err = environment()
        self.assertEqual(err, "")
        self.assertRegex(found["DRYRUN_URL"], r"^http://127\.0\.0\.1:\d+$")
        self.assertEqual(found["DRYRUN_ADMIN_URL"], found["DRYRUN_URL"] + "/__admin")
        self.assertEqual(found["DRYRUN_CANCELS_URL"], found["DRYRUN_URL"] + "/cancels")
        self.assertNotIn("DRYRUN_ADMIN_TOKEN", found)
        self.assertNotIn("DRYRUN_CERTIFICATE", found)

    def test_names_of_services_become_names_of_variables(self):
        found, err = environment(data=SHIPPED)
        self.assertEqual(err, "")
        self.assertEqual(found["DRYRUN_AZURE_AGENTS_URL"], found["DRYRUN_URL"] + "/azure-agents")
        document = f"a.b-c={DATA}/contracts/cancels/openapi.yaml"
        found, _ = environment("--openapi", document, data=[])
        self.assertEqual(found["DRYRUN_A_B_C_URL"], found["DRYRUN_URL"] + "/a.b-c")

    def test_the_rest_is_left_as_it_was(self):
        found, _ = environment(env={"SOME_VARIABLE": "a=b c", "EMPTY": ""})
        self.assertEqual((found["SOME_VARIABLE"], found["EMPTY"]), ("a=b c", ""))
        self.assertEqual(found["PATH"], os.environ["PATH"])

    def test_the_clients_of_every_shipped_service_are_told_by_their_own_variables(self):
        found, err = environment(data=SHIPPED)
        self.assertEqual(err, "")
        url = found["DRYRUN_URL"]
        expected = {
            "OZ_API_BASE_URL": f"{url}/warp/api/v1", "WARP_API_KEY": "dryrun",
            "LETTA_BASE_URL": f"{url}/letta", "LETTA_API_KEY": "dryrun",
            "ACP_HOST": f"{url}/acp", "ACP_API_KEY": '{"x-api-key": "dryrun"}',
            "PROJECT_ENDPOINT": f"{url}/azure-agents/api/projects/demo",
            "FOUNDRY_PROJECT_ENDPOINT": f"{url}/azure-routines/api/projects/demo",
            "AZURE_AI_PROJECTS_CONNECTION_STRING": f"{url.split('/')[2]};subscription;group;demo",
        }
        self.assertEqual({name: found.get(name) for name in expected}, expected)
        alone, _ = environment("warp", data=SHIPPED)
        self.assertIn("WARP_API_KEY", alone)
        self.assertNotIn("LETTA_API_KEY", alone)

    def test_what_a_client_reads_is_data(self):
        with with_clients("""
                environment:
                  A_URL: "{base}/v1?{x"
                  A_HOST: "<{host}> {origin}"
                  A_MODEL: { unless_set: small }
                  B_MODEL: { unless_set: small }
                """) as data:
            found, err = environment(data=data, env={"B_MODEL": "mine", "A_URL": "https://elsewhere.example"})
        url = found["DRYRUN_URL"]
        self.assertEqual(err, "")
        self.assertEqual(found["A_URL"], f"{url}/cancels/v1?{{x")
        self.assertEqual(found["A_HOST"], f"<{url[7:]}> {url}")
        self.assertEqual((found["A_MODEL"], found["B_MODEL"]), ("small", "mine"))

    def test_no_real_credential_reaches_the_mock_and_it_is_said(self):
        with with_clients("""
                environment:
                  A_KEY: { secret: any }
                  B_KEY: { secret: any }
                  C_KEY: { secret: any }
                  D_KEY: { secret: null }
                  E_KEY: { secret: null }
                """) as data:
            had = {"A_KEY": "real-1", "B_KEY": "any", "C_KEY": "", "D_KEY": "real-2"}
            found, err = environment(data=data, env=had)
            kept, quiet = environment("--keep-env", "A_KEY", "--keep-env", "D_KEY", data=data, env=had)
        self.assertEqual([found.get(f"{name}_KEY") for name in "ABCDE"], ["any", "any", "any", None, None])
        self.assertEqual(err, "dryrun: warning: exec: the mock gets no real credential: A_KEY replaced by a "
                              "placeholder; D_KEY taken away (--keep-env NAME leaves one)\n")
        self.assertNotIn("real-", err)
        self.assertEqual((kept["A_KEY"], kept["D_KEY"], quiet), ("real-1", "real-2", ""))

    def test_a_variable_that_two_services_want_leads_to_the_first_and_it_is_said(self):
        with with_clients('environment: { SHARED_URL: "{base}", AGREED: x }\n') as data:
            other = next(path for path in sorted(pathlib.Path(data[1]).iterdir()) if path.is_dir() and path.name != "cancels")
            shutil.copy(pathlib.Path(data[1], "cancels/clients.yaml"), other / "clients.yaml")
            found, err = environment("cancels", other.name, data=data)
        self.assertEqual(found["SHARED_URL"], found["DRYRUN_CANCELS_URL"])
        self.assertEqual(err, f"dryrun: warning: exec: SHARED_URL is read by clients of 'cancels' and '{other.name}': it leads to 'cancels'\n")

    def test_a_document_with_errors_is_told_and_nothing_runs(self):
        for text, finding in (
                ('environment: { A_URL: "{bsae}/v1" }', "environment"),
                ("environment: { A-URL: x }", "A-URL"),
                ("environment: { A_KEY: { secrte: x } }", "secrte"),
                ("enviroment: { A: x }", "did you mean 'environment'")):
            with with_clients(text + "\n") as data:
                code, out, err = execute(command=["echo", "ran"], data=data)
                lint, printed, _ = run("lint", "cancels", *data)
            self.assertEqual((code, out), (2, ""), text)
            self.assertIn("cancels/clients.yaml:2:", err)
            self.assertIn(finding, err)
            self.assertEqual(lint, 2, text)
            self.assertIn("cancels/clients.yaml:2:", printed)

    def test_a_proxy_is_not_asked_on_the_way_to_the_mock(self):
        found, _ = environment(env={"NO_PROXY": "inner.example", "no_proxy": "", "http_proxy": "http://127.0.0.1:9"})
        for name in ("no_proxy", "NO_PROXY"):
            self.assertEqual(found[name], "inner.example,127.0.0.1,localhost,::1")
        code, out, err = execute(command=asking("print(ask('/__admin/health'))"), env={"http_proxy": "http://127.0.0.1:9"})
        self.assertEqual((code, out, err), (0, "200\n", ""))

    def test_a_certificate_that_was_made_is_trusted_by_the_command(self):
        before = set(os.listdir(tempfile.gettempdir()))
        code, out, err = execute("--tls", command=asking("""
            import subprocess
            url = os.environ["DRYRUN_URL"]
            print(url[:8], ask("/__admin/health"))
            print(subprocess.run(["curl", "-s", url + "/__admin/health"], stdout=subprocess.DEVNULL).returncode)
            print(all(os.path.exists(os.environ[name]) for name in ("DRYRUN_CERTIFICATE", "NODE_EXTRA_CA_CERTS")))
            print(os.environ["DRYRUN_CERTIFICATE"])
            """))
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(out.splitlines()[:3], ["https:// 200", "0", "True"])
        folder = pathlib.Path(out.splitlines()[3]).parent
        self.assertNotIn(folder.name, before)
        self.assertFalse(folder.exists())

    def test_an_exposed_mock_hands_its_token_to_the_command(self):
        code, out, _ = execute("--host", "0.0.0.0", command=python("""
            import os, urllib.request
            url = os.environ["DRYRUN_ADMIN_URL"]
            ask = urllib.request.Request(url + "/clock", headers={"X-Dryrun-Admin-Token": os.environ["DRYRUN_ADMIN_TOKEN"]})
            print(url.split(":")[1], urllib.request.urlopen(ask).status)
            """))
        self.assertEqual((code, out), (0, "//127.0.0.1 200\n"))


class TheCommand(unittest.TestCase):
    def test_has_our_input_and_output_to_itself(self):
        done = subprocess.run([PROGRAM, "exec", *ENGINE, "--", "sh", "-c", "cat; echo problem >&2"], cwd=ROOT,
                              input="what was sent\n", capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "what was sent\n", "problem\n"))

    def test_begins_as_if_nobody_stood_between(self):
        code = """
            import os, resource, signal
            status = open("/proc/self/status").read()
            masks = [int(line.split()[1], 16) & 0x7fffffff for line in status.splitlines() if line.startswith(("SigBlk", "SigIgn"))]
            print(masks, resource.getrlimit(resource.RLIMIT_NOFILE), sorted(os.listdir("/proc/self/fd"))[:4], os.getpgid(0) == os.getpgid(os.getppid()))
            """
        plain = subprocess.run(python(code), capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
                               start_new_session=False)
        _, out, err = execute(command=python(code))
        self.assertEqual((out, err), (plain.stdout, ""))

    def test_plays_by_all_options_of_mock(self):
        with tempfile.TemporaryDirectory() as folder:
            port_file = pathlib.Path(folder, "port")
            code, out, err = execute("cancels", "--clock", "virtual", "--seed", "7", "--port-file", str(port_file), "--log",
                                     command=asking(f"""
                import json
                print(json.load(urllib.request.urlopen(os.environ["DRYRUN_ADMIN_URL"] + "/clock"))["now"])
                print(json.load(urllib.request.urlopen(os.environ["DRYRUN_ADMIN_URL"] + "/version"))["seed"])
                print(os.environ["DRYRUN_URL"].endswith(":" + open("{port_file}").read().strip()))
                """))
        self.assertEqual((code, out.splitlines()[1:]), (0, ["7", "True"]), err)
        self.assertTrue(out.startswith("2026-01-01T00:00:00"), out)

    def test_many_at_once_do_not_disturb_each_other(self):
        running = [subprocess.Popen([PROGRAM, "exec", *ENGINE, "--", *asking("print(os.environ['DRYRUN_URL'], ask('/__admin/health'))")],
                                    cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
        said = [process.communicate(timeout=60)[0].split() for process in running]
        self.assertEqual([row[1] for row in said], ["200"] * 4)
        self.assertEqual([process.returncode for process in running], [0] * 4)


class Signals(unittest.TestCase):
    WAIT = """
        import os, signal, sys, time
        got = []
        for name in ("HUP", "INT", "QUIT", "TERM", "USR1", "USR2"):
            signal.signal(getattr(signal, "SIG" + name), lambda number, frame: got.append(number))
        print("ready", flush=True)
        while not got:
            time.sleep(0.01)
        time.sleep(0.15)  # a second one would come at once
        print(*got, flush=True)
        sys.exit(40)
        """

    def start(self, **more):
        return subprocess.Popen([PROGRAM, "exec", *ENGINE, "--", *python(self.WAIT)], cwd=ROOT, text=True, **more)

    def test_sent_to_us_are_forwarded_and_the_command_decides(self):
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):
            with self.start(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
                self.assertEqual(process.stdout.readline(), "ready\n")
                process.send_signal(number)
                self.assertEqual(process.stdout.readline(), f"{int(number)}\n")
                self.assertEqual(process.wait(timeout=30), 40)

    def test_a_command_that_a_forwarded_signal_ends_is_told_by_the_code(self):
        with subprocess.Popen([PROGRAM, "exec", *ENGINE, "--", "sh", "-c", "echo ready; exec sleep 60"], cwd=ROOT, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
            self.assertEqual(process.stdout.readline(), "ready\n")
            process.terminate()
            self.assertEqual(process.wait(timeout=30), 128 + signal.SIGTERM)

    def test_of_the_terminal_reach_the_command_once(self):
        def take_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        for key, number in ((b"\x03", signal.SIGINT), (b"\x1c", signal.SIGQUIT)):
            ours, theirs = pty.openpty()
            with os.fdopen(ours, "r+b", buffering=0) as terminal:
                with self.start(stdin=theirs, stdout=subprocess.PIPE, preexec_fn=take_terminal) as process:
                    os.close(theirs)
                    self.assertEqual(process.stdout.readline(), "ready\n")
                    terminal.write(key)
                    self.assertEqual(process.stdout.readline(), f"{int(number)}\n")
                    self.assertEqual(process.wait(timeout=30), 40)

    def test_one_that_is_ignored_by_us_is_ignored_by_the_command(self):
        code = "print([l for l in open('/proc/self/status') if l.startswith('SigIgn')])"
        done = subprocess.run(["sh", "-c", 'trap "" HUP; "$@"', "sh", PROGRAM, "exec", *ENGINE, "--", *python(code)], cwd=ROOT,
                              capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL)
        ignored = int(done.stdout.split("\\t")[1].split("\\n")[0], 16)
        self.assertTrue(ignored & 1 << (signal.SIGHUP - 1), done)


class Unmatched(unittest.TestCase):
    def test_requests_are_told_at_the_end_with_what_is_near_and_why(self):
        code, out, err = execute(command=asking("print(ask('/cancels/rnus'), ask('/cancels/rnus'), ask('/nowhere'))"))
        self.assertEqual((code, out), (0, "404 404 404\n"))
        lines = err.splitlines()
        self.assertEqual(lines[0], "dryrun: 3 requests fit no operation:")
        self.assertRegex(lines[1], r"^  GET /cancels/rnus \(2 times\) -> 404, nearest: GET /\S+ \(.*'rnus'\)$")
        self.assertRegex(lines[2], r"^  GET /nowhere -> 404, no service is mounted there, but at /.*/cancels")
        self.assertEqual(len(lines), 3)

    def test_requests_that_fit_are_not_told(self):
        code, _, err = execute(command=asking("print(ask('/cancels/runs/none'), ask('/__admin/nothing'))"))
        self.assertEqual((code, err), (0, ""))

    def test_they_fail_a_command_that_went_well_when_that_is_asked_for(self):
        ask = asking("import sys; ask('/nowhere'); sys.exit(int(sys.argv[1]))")
        for option, ended, code in (("--fail-on-unmatched", 0, 125), ("--fail-on-unmatched", 3, 3), ("--log", 0, 0)):
            self.assertEqual(execute(option, command=[*ask, str(ended)])[0], code)
        self.assertEqual(execute("--fail-on-unmatched", command=["true"]), (0, "", ""))

    def test_they_are_told_of_sessions_that_are_gone(self):
        code, _, err = execute(command=asking("""
            ask("/~mine/cancels/rnus")
            admin("DELETE", "/sessions/mine")
            ask("/cancels/rnus", **{"X-Dryrun-Session": "other"})
            admin("POST", "/reset?all=true")
            """))
        self.assertEqual(code, 0, err)
        self.assertIn("GET /~mine/cancels/rnus -> 404", err)
        self.assertIn("GET /cancels/rnus -> 404", err)

    def test_only_so_many_are_printed(self):
        _, _, err = execute(command=asking("[ask(f'/nowhere/{i}') for i in range(25)]"))
        self.assertEqual(len(err.splitlines()), 22)
        self.assertEqual(err.splitlines()[-1], "  and 5 more")

    def test_a_report_has_what_was_called_and_what_was_not_there(self):
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder, "report.json")
            code, _, err = execute("--report", str(report), command=asking("""
                import sys
                ask("/cancels/runs/none"), ask("/~two/cancels/runs/none"), ask("/cancels/rnus")
                sys.exit(9)
                """))
            self.assertEqual(code, 9, err)
            found = json.loads(report.read_text(encoding="utf-8"))
        self.assertEqual((found["exit_code"], found["requests"], found["not_listed"]), (9, 3, 0))
        self.assertEqual(found["command"][0], sys.executable)
        self.assertEqual([(c["provider"], c["status"], c["count"]) for c in found["calls"]], [("cancels", 401, 2)])
        self.assertTrue(found["calls"][0]["operation"])
        self.assertEqual([(u["method"], u["target"], u["count"]) for u in found["unmatched"]], [("GET", "/cancels/rnus", 1)])
        self.assertIn("nearest: ", found["unmatched"][0]["why"])


if __name__ == "__main__":
    main()
