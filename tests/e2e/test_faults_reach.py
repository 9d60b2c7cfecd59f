# SPDX-License-Identifier: Apache-2.0
"""How people reach faults: plans of the command line and of the admin API, for one session or all, by a header and who
may send it; what is wrong with a plan; listeners whose TLS is wrong, met by OpenSSL and curl."""
import http.client
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest

from dryrun_test import ENGINE, ROOT, Mock, main, run

PATH = "/interrupts/threads"
BEARER = {"Authorization": "Bearer me"}
REAL = ["--contracts", str(ROOT / "contracts"), "--fixtures", str(ROOT / "fixtures")]


def own_address():
    """An address of this machine that is not loopback; None where there is none."""
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as plug:
            try:
                plug.connect((far, 9))
            except OSError:
                continue
            address = plug.getsockname()[0]
            if not address.startswith("127.") and address != "::1":
                return address
    return None


class Plan:
    def __init__(self, *rules, head='faults: "1.0"'):
        self.folder = tempfile.TemporaryDirectory()
        self.file = str(pathlib.Path(self.folder.name) / "plan.yaml")
        lines = [head, "rules:", *[f"  - {rule}" for rule in rules]]
        pathlib.Path(self.file).write_text("\n".join(lines) + "\n", encoding="utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()


class Plans(unittest.TestCase):
    def test_a_file_and_a_plan_that_comes_along_reach_every_session(self):
        with Plan("{ fault: status, with: { status: 418 }, requests: 2 }") as plan:
            with Mock("interrupts", "--clock", "virtual", "--faults", plan.file, "--faults", "slow") as mock:
                for session in ("a", "b"):
                    self.assertEqual([it.get("plan") for it in mock.admin("faults", session=session)["rules"]],
                                     [plan.file, "slow"])
                mock.request("DELETE", "/__admin/faults/2", session="a")
                mock.request("DELETE", "/__admin/faults/2", session="b")
                for session in ("a", "b"):
                    self.assertEqual([mock.post(PATH, session=session).status for _ in range(3)], [201, 418, 201])

    def test_all_that_is_wrong_with_a_plan_is_told_where_it_stands(self):
        wrong = [("{ fault: statsu }", "3:14: no fault 'statsu' (did you mean 'status'?)"),
                 ("{ fault: status, with: { status: 700, retry: 3 } }", "4:38: parameter 'status' of fault 'status' is"),
                 ("{ fault: delay, with: { time: soon }, for: never }", "5:48: 'for' is a duration such as 30s"),
                 ("{ fault: reset, requests: 5-2 }", "6:31: requests '5-2' are none"),
                 ("{ fault: reset, probability: 3, evry: 2 }", "7:34: /rules/4/probability"),
                 ("7", "8:5: /rules/5"),
                 ("{ fault: rate_limit, budget: 3 }", "9:26: 'budget' is a parameter of 'rate_limit': it belongs under 'with'")]
        with Plan(*[rule for rule, _ in wrong]) as plan:
            for command in (["mock", "--port", "0", "interrupts", *ENGINE], ["lint", "interrupts", *ENGINE]):
                code, out, err = run(*command, "--faults", plan.file)
                self.assertEqual(code, 2)
                for _, words in wrong:
                    self.assertIn(f"{plan.file}:{words}", out + err)

    def test_names_that_nothing_has_are_told_with_the_nearest_and_providers_are_loaded_for_that_alone(self):
        with Plan("{ fault: reset, match: { provider: [ interrupts, cancel ], operation: createThraed, state: idel } }",
                  "{ fault: status, with: { error: thread_bussy }, match: { provider: interrupts, method: FETCH } }",
                  "{ fault: reset, match: { operation: [ createThread, 'create*' ], state: [ idle, absent ] } }") as plan:
            code, _, err = run("mock", "--port", "0", *ENGINE, "--faults", plan.file)
            self.assertEqual(code, 2)
            for words in ("3:54: no provider 'cancel' (did you mean 'cancels'?)",
                          "3:75: no operation 'createThraed' (did you mean 'createThread'?)",
                          "3:96: no state 'idel' (did you mean 'idle'?)",
                          "4:37: no error 'thread_bussy' (did you mean 'thread_busy'?)",
                          "4:92: no method 'FETCH'"):
                self.assertIn(f"{plan.file}:{words}", err)
            self.assertNotIn(":5:", err)

    def test_names_are_fine_when_any_provider_has_them(self):
        with Plan("{ fault: reset, match: { operation: createThread } }") as plan:
            with Mock("--faults", plan.file) as mock:
                self.assertEqual(mock.stderr(), "")

    def test_a_plan_that_is_not_there(self):
        for name, words in (("flakey", "no fault plan 'flakey' (did you mean 'flaky'?)"),
                            ("./none.yaml", "cannot read './none.yaml'")):
            code, _, err = run("mock", "interrupts", *ENGINE, "--faults", name)
            self.assertEqual(code, 2)
            self.assertIn(words, err)

    def test_each_plan_that_comes_along_is_listed_sound_and_playable(self):
        files = sorted(path.stem for path in (ROOT / "fixtures/faults").glob("*.yaml"))
        listed = [line.split()[0] for line in run("list", "plans")[1].splitlines()]
        self.assertEqual(listed, files)
        docs = (ROOT / "docs/FAULTS.md").read_text(encoding="utf-8")
        for name in files:
            with self.subTest(name):
                code, out, _ = run("lint", "letta", *REAL, "--faults", name)
                self.assertEqual((code, out), (0, "1 provider without errors, 0 warnings\n"))
                self.assertIn(f"| `{name}` |", docs)
        with Mock("interrupts", "--clock", "virtual", "--faults", "hostile", "--faults", "flaky") as mock:
            mock.request("DELETE", "/__admin/faults?all=true")
            self.assertEqual(mock.post(PATH).status, 201)

    def test_lint_looks_at_the_plans_of_the_fixtures(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(ROOT / "tests/data/engine/fixtures", folder, dirs_exist_ok=True)
            (pathlib.Path(folder) / "faults").mkdir()
            (pathlib.Path(folder) / "faults/odd.yaml").write_text("rules: [ { fault: odd } ]\n", encoding="utf-8")
            code, out, _ = run("lint", "--contracts", "tests/data/engine/contracts", "--fixtures", folder)
            self.assertEqual(code, 2)
            self.assertIn("odd.yaml:1:19: no fault 'odd'", out)


class AdminApi(unittest.TestCase):
    def test_one_session_or_all_and_those_to_come(self):
        with Mock("interrupts", "--clock", "virtual") as mock:
            teapot = {"fault": "status", "with": {"status": 418}}
            for session in ("a", "b"):
                mock.post(PATH, session=session)
            mock.post("/__admin/faults", teapot, session="a")
            self.assertEqual([mock.post(PATH, session=it).status for it in ("a", "b", "c")], [418, 201, 201])
            self.assertEqual(mock.post("/__admin/faults?all=true", {"fault": "status"}).status, 200)
            self.assertEqual([mock.post(PATH, session=it).status for it in ("a", "b", "c", "d", None)],
                             [418, 503, 503, 503, 503])
            mock.post("/__admin/reset", session="a")  # what all have comes back
            self.assertEqual(mock.post(PATH, session="a").status, 503)
            answer = mock.request("PUT", "/__admin/faults?all=true", {"rules": [teapot]})
            self.assertEqual(len(answer.json()["rules"]), 1)
            self.assertEqual([mock.post(PATH, session=it).status for it in ("a", "b", "e")], [418] * 3)
            removed = mock.request("DELETE", "/__admin/faults?all=true").json()["removed"]
            self.assertEqual(removed, len(mock.admin("sessions")["sessions"]))
            self.assertEqual([mock.post(PATH, session=it).status for it in ("a", "b", "f")], [201] * 3)

    def test_sessions_that_are_made_meanwhile_have_each_plan_once(self):
        with Mock("interrupts", "--clock", "virtual") as mock:
            def make(first):
                for number in range(first, first + 40):
                    mock.post(PATH, session=f"s{number}")
            makers = [threading.Thread(target=make, args=(40 * number,)) for number in range(3)]
            for maker in makers:
                maker.start()
            for _ in range(5):
                mock.post("/__admin/faults?all=true", {"fault": "status", "probability": 0})
            for maker in makers:
                maker.join()
            for number in range(120):
                self.assertEqual(len(mock.admin("faults", session=f"s{number}")["rules"]), 5)

    def test_what_is_set_is_told_with_what_it_did(self):
        with Mock("interrupts", "--clock", "virtual") as mock:
            rule = {"fault": "status", "match": {"operation": "createThread"}, "every": 2}
            mock.post("/__admin/faults", rule)
            for _ in range(5):
                mock.post(PATH)
            (told,) = mock.admin("faults")["rules"]
            self.assertEqual((told["id"], told["matched"], told["applied"]), (1, 5, 2))
            self.assertEqual(told["match"], rule["match"])
            self.assertEqual(mock.request("DELETE", "/__admin/faults/1").json(), {"removed": 1})
            self.assertEqual(mock.request("DELETE", "/__admin/faults/1").status, 404)

    def test_bad_rules_are_refused_whole_with_all_that_is_wrong(self):
        with Mock("interrupts", "--clock", "virtual") as mock:
            bad = {"rules": [{"fault": "status"}, {"fault": "nothing"},
                             {"fault": "reset", "match": {"operation": "createThraed"}}]}
            answer = mock.post("/__admin/faults", bad)
            self.assertEqual(answer.status, 400)
            self.assertIn("no fault 'nothing'", answer.text)
            answer = mock.post("/__admin/faults", {"rules": [bad["rules"][0], bad["rules"][2]]})
            self.assertIn("no operation 'createThraed' (did you mean 'createThread'?)", answer.text)
            self.assertEqual(mock.admin("faults")["rules"], [])
            self.assertEqual(mock.post("/__admin/faults", {"plan": "flakey"}).status, 400)
            answer = mock.post("/__admin/faults", {"fault": "status", "status": 500, "evry": 2, "tims": 1})
            self.assertEqual(sorted(answer.json()["problems"]),
                             ["'status' is a parameter of 'status': it belongs under 'with'",
                              "unknown key 'evry' (did you mean 'every'?)", "unknown key 'tims' (did you mean 'times'?)"])


class Matching(unittest.TestCase):
    def test_a_header_that_names_an_error_which_the_service_does_not_have_is_refused(self):
        with Mock("cancels", "--clock", "virtual") as mock:
            answer = mock.get("/cancels/api/v1/runs", headers={**BEARER, "X-Dryrun-Fault": "status;error=too_erly"})
            self.assertEqual((answer.status, answer.json()["title"]), (400, "no error 'too_erly' (did you mean 'too_early'?)"))
            answer = mock.get("/cancels/api/v1/runs", headers={**BEARER, "X-Dryrun-Fault": "status;error=too_early"})
            self.assertEqual(answer.status, 409)

    def test_the_first_that_answers_ends_it_and_what_would_have_come_after_has_not_happened(self):
        with Mock("cancels", "--clock", "virtual") as mock:
            for rule in ({"fault": "status", "times": 1}, {"fault": "reset", "times": 1}, {"fault": "delay", "with": {"time": "1h"}, "times": 1}):
                mock.post("/__admin/faults", rule, session="ends")
            answer = mock.get("/cancels/api/v1/runs", session="ends", headers={
                **BEARER, "X-Dryrun-Fault": "status=500, stale_read, malformed_json=html"})
            self.assertEqual((answer.status, answer.text[:1]), (503, "<"))
            self.assertEqual(mock.admin("requests?fault=*", session="ends")["requests"][0]["faults"], ["status", "malformed_json"])
            self.assertEqual([(rule["matched"], rule["applied"]) for rule in mock.admin("faults", session="ends")["rules"]],
                             [(1, 1), (1, 0), (1, 0)])

    def test_each_way_to_choose_requests(self):
        with Mock("interrupts", "--clock", "virtual") as mock:
            def statuses(rule, count=6, headers=None, path=PATH, method="POST"):
                session = f"m{statuses.number}"
                statuses.number += 1
                answer = mock.post("/__admin/faults", {"fault": "status", **rule}, session=session)
                self.assertEqual(answer.status, 200, answer)
                got = [mock.request(method, path, headers=headers, session=session).status for _ in range(count)]
                return "".join("x" if it == 503 else "." for it in got)
            statuses.number = 0
            self.assertEqual(statuses({}), "xxxxxx")
            self.assertEqual(statuses({"requests": 2}), ".x....")
            self.assertEqual(statuses({"requests": "2-4"}), ".xxx..")
            self.assertEqual(statuses({"requests": "5-"}), "....xx")
            self.assertEqual(statuses({"every": 3}), "..x..x")
            self.assertEqual(statuses({"requests": "2-", "every": 2}), "..x.x.")
            self.assertEqual(statuses({"times": 2}), "xx....")
            self.assertEqual(statuses({"every": 2, "times": 1}), ".x....")
            self.assertEqual(statuses({"probability": 0}), "......")
            half = statuses({"probability": 0.5}, 40)
            self.assertTrue(5 < half.count("x") < 35, half)
            for match, fits in (({"operation": "createThread"}, True), ({"operation": ["getRun", "create*"]}, True),
                                ({"operation": "getRun"}, False), ({"provider": "interrupts"}, True),
                                ({"path": "/threads"}, True), ({"path": "/runs*"}, False), ({"method": "post"}, True),
                                ({"method": "GET"}, False), ({"session": "m*"}, True), ({"session": "n*"}, False),
                                ({"header": {"X-Test": "a*"}}, True), ({"header": {"x-test": "b*"}}, False),
                                ({"header": {"X-Other": "*"}}, False)):
                self.assertEqual(statuses({"match": match}, 1, {"X-Test": "abc"}), "x" if fits else ".", match)

    def test_the_state_of_what_is_named_is_matched_before_it_is_answered(self):
        with Mock("interrupts", "--clock", "virtual") as mock:
            thread = mock.post(PATH).json()["thread_id"]
            mock.post("/__admin/faults", {"fault": "status", "match": {"state": "busy"}})
            self.assertEqual(mock.get(f"{PATH}/{thread}").status, 200)
            self.assertEqual(mock.post(f"{PATH}/{thread}/runs", {}).status, 200)
            self.assertEqual(mock.get(f"{PATH}/{thread}").status, 503)

    def test_a_rule_is_over_by_the_clock_that_it_names(self):
        with Mock("interrupts", "--clock", "virtual") as mock:
            mock.post("/__admin/faults", {"fault": "status", "for": "10s", "clock": "world"}, session="world")
            mock.post("/__admin/faults", {"fault": "status", "for": "1h"}, session="real")
            for session in ("world", "real"):
                self.assertEqual(mock.post(PATH, session=session).status, 503)
                mock.advance("9s", session=session)
                self.assertEqual(mock.post(PATH, session=session).status, 503)
                mock.advance("2h", session=session)
            self.assertEqual([mock.post(PATH, session=it).status for it in ("world", "real")], [201, 503])

    def test_the_same_seed_gives_the_same_faults_whatever_comes_between(self):
        def play(seed, others):
            with Mock("interrupts", "--clock", "virtual", "--seed", str(seed)) as mock:
                mock.post("/__admin/faults", {"fault": "status", "probability": 0.5})
                got = []
                for _ in range(24):
                    got.append(mock.post(PATH).status)
                    for number in range(others):
                        mock.get(f"{PATH}/none{number}")
                return got
        self.assertEqual(play(1, 0), play(1, 2))
        self.assertNotEqual(play(1, 0), play(2, 0))


class WhoMaySteer(unittest.TestCase):
    def test_beyond_loopback_the_headers_need_the_token(self):
        address = own_address()
        if not address:
            self.skipTest("this machine has no address but loopback")
        host = f"[{address}]" if ":" in address else address
        with Mock("interrupts", "--host", "127.0.0.1", "--host", address, "--admin-token", "word") as mock:
            def ask_from(plug_host, headers):
                plug = http.client.HTTPConnection(plug_host, mock.port, timeout=20)
                plug.request("POST", PATH, headers=headers)
                answer = plug.getresponse()
                return answer.status, answer.read().decode()
            for name, value, done in (("X-Dryrun-Fault", "status=418", 418), ("X-Dryrun-Outcome", "nothing", 400)):
                with self.subTest(name):
                    status, text = ask_from(host, {name: value})
                    self.assertEqual(status, 403)
                    self.assertIn("X-Dryrun-Admin-Token", text)
                    self.assertEqual(ask_from(host, {name: value, "X-Dryrun-Admin-Token": "wrong"})[0], 403)
                    self.assertEqual(ask_from(host, {name: value, "X-Dryrun-Admin-Token": "word"})[0], done)
                    self.assertEqual(ask_from("127.0.0.1", {name: value})[0], done)
            self.assertEqual(ask_from(host, {})[0], 201)


class Tls(unittest.TestCase):
    KINDS = {  # what Python's and curl's OpenSSL say
        "expired": (ssl.SSLCertVerificationError, "certificate has expired", 60),
        "not_yet_valid": (ssl.SSLCertVerificationError, "not yet valid", 60),
        "wrong_host": (ssl.SSLCertVerificationError, "ostname mismatch", 60),
        "untrusted": (ssl.SSLCertVerificationError, "self-signed certificate", 60),
        "old_protocol": (ssl.SSLError, "", 35),
        "plain_text": (ssl.SSLError, "", 35),
        "abrupt_close": ((ssl.SSLError, ConnectionError), "", 35),
        "silent": (TimeoutError, "", 28),
    }

    @classmethod
    def setUpClass(cls):
        cls.mock = Mock("interrupts", *(word for kind in cls.KINDS for word in ("--tls-fault", kind)))
        cls.ports = cls.mock.tls_faults

    @classmethod
    def tearDownClass(cls):
        try:
            assert cls.mock.stop() == 0, cls.mock.stderr()
            for kind, (port, trust) in cls.ports.items():
                assert f"https://127.0.0.1:{port}" in cls.mock.stdout() and kind in cls.mock.stdout(), cls.mock.stdout()
                assert not trust or not pathlib.Path(trust).exists(), trust
        finally:
            cls.mock.close()

    def test_each_kind_is_listed_documented_and_open(self):
        listed = [line.split()[0] for line in run("list", "faults")[1].splitlines() if " tls " in line]
        docs = (ROOT / "docs/FAULTS.md").read_text(encoding="utf-8")
        self.assertEqual(sorted(listed), sorted(self.KINDS))
        self.assertEqual(list(self.ports), list(self.KINDS))
        for kind in listed:
            self.assertIn(f"| `{kind}` |", docs)

    def test_a_client_that_checks_meets_its_own_error_and_no_other(self):
        for kind, (error, words, _) in self.KINDS.items():
            with self.subTest(kind):
                port, trust = self.ports[kind]
                context = ssl.create_default_context(cafile=trust)
                with socket.create_connection(("127.0.0.1", port), 0.2 if kind == "silent" else 20) as plug:
                    with self.assertRaises(error) as met:
                        context.wrap_socket(plug, server_hostname="localhost")
                self.assertIn(words.lower(), str(met.exception).lower())

    @unittest.skipUnless(shutil.which("curl"), "no curl here")
    def test_curl_meets_its_own_errors(self):
        for kind, (_, _, code) in self.KINDS.items():
            with self.subTest(kind):
                port, trust = self.ports[kind]
                done = subprocess.run(["curl", "-sS", "--noproxy", "*", "-m", "0.2" if kind == "silent" else "20",
                                       *(["--cacert", trust] if trust else []), f"https://localhost:{port}{PATH}"],
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
                self.assertEqual(done.returncode, code, done.stdout)

    def test_who_does_not_check_meets_the_services(self):
        for kind in ("expired", "not_yet_valid", "wrong_host", "untrusted"):
            with self.subTest(kind):
                context = ssl._create_unverified_context()
                plug = http.client.HTTPSConnection("127.0.0.1", self.ports[kind][0], timeout=20, context=context)
                plug.request("POST", PATH)
                self.assertEqual(plug.getresponse().status, 201)

    def test_the_mocks_own_port_is_sound(self):
        self.assertEqual(self.mock.post(PATH).json()["status"], "idle")

    def test_certificates_can_be_kept(self):
        with tempfile.TemporaryDirectory() as folder:
            with Mock("interrupts", "--tls-fault", "expired", "--cert-out", f"{folder}/mock") as mock:
                self.assertEqual(mock.tls_faults["expired"][1], f"{folder}/mock.expired.pem")
            self.assertEqual(sorted(path.name for path in pathlib.Path(folder).iterdir()),
                             ["mock.expired.pem"])

    def test_a_kind_that_there_is_not(self):
        for words, text in ((["expried"], "no TLS fault 'expried' (did you mean 'expired'?)"),
                            (["expired", "--tls-fault", "expired"], "'expired' is given twice")):
            code, _, err = run("mock", "interrupts", *ENGINE, "--tls-fault", *words)
            self.assertEqual(code, 2)
            self.assertIn(text, err)


if __name__ == "__main__":
    main()
