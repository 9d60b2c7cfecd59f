# SPDX-License-Identifier: Apache-2.0
"""Listening: the banner works as printed, TLS with a made certificate, hosts, signals."""
import os
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

from dryrun_test import ENGINE, PROGRAM, ROOT, Mock, main


def lines_to_try(mock):
    return [line.strip() for line in mock.banner().splitlines() if line.startswith("  curl ")]


class Banner(unittest.TestCase):
    def assert_lines_work(self, mock):
        lines = lines_to_try(mock)
        self.assertEqual(len(lines), 2, mock.stdout())
        for line in lines:
            done = subprocess.run(["sh", "-c", line.replace("curl ", "curl --fail ", 1)],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  check=False, env={**os.environ, "no_proxy": "*"})
            self.assertEqual(done.returncode, 0, (line, done.stdout))
        return lines

    @unittest.skipUnless(shutil.which("curl"), "no curl here")
    def test_what_is_printed_works_as_printed(self):
        for name in ("cancels", "interrupts"):
            with Mock(name, "--clock", "virtual") as mock:
                self.assert_lines_work(mock)
                self.assertEqual(mock.admin("requests/count?provider=" + name)["count"], 1)

    @unittest.skipUnless(shutil.which("curl"), "no curl here")
    def test_every_service_has_a_line_that_works(self):
        for path in sorted(ROOT.glob("contracts/*/lifecycle.yaml")):
            with self.subTest(path.parent.name):
                data = ["--contracts", str(ROOT / "contracts"), "--fixtures", str(ROOT / "fixtures")]
                with Mock(path.parent.name, "--clock", "virtual", data=data) as mock:
                    self.assert_lines_work(mock)

    @unittest.skipUnless(shutil.which("curl"), "no curl here")
    def test_what_is_printed_works_over_tls_and_beyond_loopback(self):
        with Mock("cancels", "--tls") as mock:
            self.assertIn("--cacert", self.assert_lines_work(mock)[0])
        with Mock("cancels", "--host", "0.0.0.0") as mock:
            self.assertIn("X-Dryrun-Admin-Token: ", self.assert_lines_work(mock)[1])

    def test_it_tells_services_admin_seed_and_clock_without_colour(self):
        with Mock("--clock", "virtual", "--step", "2s", "--seed", "77") as mock:
            text = mock.stdout()
            for name in ("approvals", "cancels", "interrupts", "schedules", "tools"):
                self.assertRegex(text, rf"(?m)^  {name} +{mock.url}/{name}$")
            self.assertRegex(text, rf"(?m)^  admin +{mock.url}/__admin$")
            self.assertRegex(text, r"(?m)^  seed +77$")
            self.assertRegex(text, r"(?m)^  clock +virtual from 2026-01-01T00:00:00Z, PT2S a "
                                   r"request$")
            self.assertNotIn("\033", text)
            self.assertEqual(mock.stderr(), "")


class Tls(unittest.TestCase):
    def test_a_certificate_is_made_trusted_and_gone_afterwards(self):
        with Mock("--tls", "--clock", "virtual") as mock:
            file = re.search(r"(?m)^  trust +(.+)$", mock.stdout()).group(1)
            mock.trust(file)
            self.assertEqual(mock.admin("health"), {"status": "ok"})
            self.assertIn(f"{mock.url}/cancels", mock.stdout())
            self.assertEqual(pathlib.Path(f"{file}.key").stat().st_mode & 0o077, 0)
            mock.tls = ssl.create_default_context()
            with self.assertRaises(ssl.SSLCertVerificationError):
                mock.get("/__admin/health")
        self.assertFalse(pathlib.Path(file).parent.exists())

    def test_a_certificate_can_be_kept_and_given_again(self):
        with tempfile.TemporaryDirectory() as folder:
            cert = f"{folder}/mock.pem"
            with Mock("--tls", "--cert-out", cert) as mock:
                mock.trust(cert)
                self.assertEqual(mock.admin("health"), {"status": "ok"})
            self.assertTrue(os.path.exists(cert) and os.path.exists(f"{cert}.key"))
            with Mock("--tls", "--cert", cert, "--key", f"{cert}.key") as mock:
                mock.trust(cert)
                self.assertEqual(mock.admin("health"), {"status": "ok"})


class Hosts(unittest.TestCase):
    def test_beyond_loopback_it_warns_and_makes_a_token(self):
        with Mock("--host", "0.0.0.0") as mock:
            warning = mock.stderr()
            self.assertRegex(warning, r"^dryrun: warning: listening on 0\.0\.0\.0: whoever reaches "
                                      r"that address can call the services .*token\n$")
            token = re.search(r"(?m)^  admin token +([0-9a-f]{32})$", mock.stdout()).group(1)
            self.assertEqual(mock.get("/__admin/version").status, 403)
            self.assertEqual(mock.get("/__admin/version", headers={
                "X-Dryrun-Admin-Token": token}).status, 200)
            self.assertEqual(mock.post("/interrupts/threads").status, 201)

    def test_tokens_differ_from_run_to_run(self):
        tokens = set()
        for _ in range(2):
            with Mock("--host", "0.0.0.0") as mock:
                tokens.add(re.search(r"admin token +(\w+)", mock.stdout()).group(1))
        self.assertEqual(len(tokens), 2)

    def test_several_hosts_share_the_port(self):
        with Mock("--host", "127.0.0.1", "--host", "127.0.0.2") as mock:
            self.assertEqual(mock.stderr(), "")
            self.assertEqual(mock.admin("health"), {"status": "ok"})

    def test_links_begin_with_the_public_url(self):
        with Mock("schedules", "--clock", "virtual", "--public-url",
                  "https://mock.example/") as mock:
            made = mock.request("PUT", "/schedules/routines/r", {"cron": "*/5 * * * *"})
            self.assertEqual(made.status, 200, made)
            mock.advance("15m")
            page = mock.get("/schedules/routines/r/runs?limit=1").json()
            self.assertTrue(page["next_link"].startswith(
                "https://mock.example/schedules/routines/r/runs?"), page)


class Signals(unittest.TestCase):
    def test_each_signal_that_asks_for_it_stops_it_cleanly(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            mock = Mock("--clock", "virtual")
            try:
                mock.post("/interrupts/threads")
                self.assertEqual(mock.stop(number), 0)
                self.assertEqual(mock.stderr(), "")
            finally:
                mock.close()

    def test_a_terminal_that_is_closed_ends_nothing_that_was_told_to_ignore_it(self):
        class Nohup(Mock):
            def __init__(self):  # pylint: disable=super-init-not-called
                self._start(["sh", "-c", 'trap "" HUP; exec "$@"', "sh", PROGRAM, "mock", *ENGINE])

        with Nohup() as mock:
            mock.process.send_signal(signal.SIGHUP)
            self.assertEqual(mock.admin("health")["status"], "ok")
            self.assertEqual(mock.stop(), 0)

    def test_a_stop_does_not_wait_for_those_who_wait(self):
        mock = Mock("--clock", "virtual", "--participants", "2")
        try:
            answers = []

            def sleep():
                try:
                    answers.append(mock.post("/__admin/clock/sleep", {"for": "1h"}))
                except OSError as error:
                    answers.append(error)
                except Exception as error:  # http.client's own: the connection was closed
                    answers.append(error)
            waiter = threading.Thread(target=sleep, daemon=True)
            waiter.start()
            while mock.admin("clock")["parked"] == 0:
                time.sleep(0.005)
            began = time.monotonic()
            self.assertEqual(mock.stop(), 0)
            self.assertLess(time.monotonic() - began, 5)
            waiter.join(10)
            self.assertEqual(len(answers), 1)
        finally:
            mock.close()

    def test_the_port_file_is_whole_when_it_is_there(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "port"
            process = subprocess.Popen(
                [PROGRAM, "mock", "--port", "0", "--port-file", str(file), *ENGINE], cwd=ROOT,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                deadline = time.monotonic() + 30
                while not file.exists() and time.monotonic() < deadline:
                    pass
                self.assertRegex(file.read_text(encoding="ascii"), r"^\d+\n$")
                self.assertEqual(os.listdir(folder), ["port"])
            finally:
                process.terminate()
                process.wait(30)


if __name__ == "__main__":
    main()
