#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every absolute URL that is made inside a session leads back into it. The runner plays all scenarios of all services, each
in a session of its own, through a proxy that reads every header and body on the way; the proxy names the session as the
runner does, by header, or puts it into the path or into the credential instead. Webhooks are read from the journals."""
import collections
import http.client
import http.server
import re
import threading
import unittest

from dryrun_test import Mock, main, run

# where the service's own base path is, and how many links its scenarios are known to meet at least
SERVICES = {"warp": ("/warp/api/v1", 20), "azure-routines": ("/azure-routines", 4), "acp": ("/acp", 0),
            "letta": ("/letta", 0), "azure-agents": ("/azure-agents", 0)}


class Proxy(http.server.ThreadingHTTPServer):
    """Passes everything on, under its own name: so links name the proxy, and are asked for here."""
    daemon_threads = True

    def __init__(self, mock, way):
        super().__init__(("127.0.0.1", 0), Handler)
        self.mock, self.way = mock, way
        self.lock = threading.Lock()
        self.links, self.wrong = collections.Counter(), []
        self.sessions = set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def read(self, session, where, text):
        """Every URL of ours in a text; `session` is the one that it was made in."""
        ours = rf"https?://(?:127\.0\.0\.1|localhost):(?:{self.server_port}|{self.mock.port})(/[^\"'\s\\<>]*)?"
        for found in re.finditer(ours, text):
            path = found.group(1) or ""
            with self.lock:
                self.links[where.split(" ")[0]] += 1
                if not path.startswith(f"/~{session}/"):
                    self.wrong.append(f"{where} in '{session}': {found.group(0)}")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.upstream = http.client.HTTPConnection("127.0.0.1", self.server.mock.port, timeout=60)

    def finish(self):
        self.upstream.close()
        super().finish()

    def rename(self, path, headers):
        """The session, named in the proxy's way; a link that is followed names it already."""
        named = re.match(r"/~([^/]+)/", path)
        session = named.group(1) if named else headers.get("X-Dryrun-Session", "")
        if named or "/__admin" in path or self.server.way == "header" or not session:
            return session, path
        headers.pop("X-Dryrun-Session")
        if self.server.way == "path":
            return session, f"/~{session}{path}"
        for name in ("Authorization", "x-api-key", "api-key"):
            if name in headers and not headers[name].startswith("Basic "):
                headers[name] += "~" + session
                return session, path
        headers["x-api-key"] = "k~" + session
        return session, path

    def pass_on(self):
        headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
        names = {name.lower(): name for name in headers}
        if "x-dryrun-session" in names:
            headers["X-Dryrun-Session"] = headers.pop(names["x-dryrun-session"])
        session, path = self.rename(self.path, headers)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.upstream.request(self.command, path, body or None, headers)
        answer = self.upstream.getresponse()
        with self.server.lock:
            self.server.sessions.add(session)
        is_admin = "/__admin" in path
        where = f"{answer.getheader('X-Dryrun-Operation') or 'none'} {self.command} {path}"
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding"):
                self.send_header(name, value)
                if not is_admin:
                    self.server.read(session, f"{where} {name}", value)
        self.send_answer(answer, is_admin, session, where)

    def send_answer(self, answer, is_admin, session, where):
        seen = b""
        is_chunked = answer.chunked
        if is_chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while self.command != "HEAD" and (part := answer.read1(65536)):
            seen += part
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part) if is_chunked else part)
            self.wfile.flush()
        answer.close()  # read1 does not see that it is at the end
        if is_chunked:
            self.wfile.write(b"0\r\n\r\n")
        if answer.will_close:
            self.close_connection = True
        if not is_admin:
            self.server.read(session, where, seen.decode("utf-8", "replace"))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = pass_on

    def handle(self):
        try:
            super().handle()
        except (ConnectionError, http.client.HTTPException):
            pass  # a client that leaves, or a service that closes: both belong to the scenarios

    def log_message(self, *_):
        pass


class Links(unittest.TestCase):
    def play(self, service, way):
        base, least = SERVICES[service]
        with Mock(service, "--clock", "virtual", data=[]) as mock:
            proxy = Proxy(mock, way)
            code, out, err = run("check", service, "--target", f"http://127.0.0.1:{proxy.server_port}{base}",
                                 "--header", "Authorization: Bearer k", "--header", "x-api-key: k", timeout=240)
            failed = [part for part in out.split("\n") if not part.startswith("passed ")]
            self.assertEqual(code, 0, "\n".join(failed)[:3000] + err)
            for session in proxy.sessions - {""}:
                entries = mock.admin("requests?bodies=true&limit=100000", session=session)["requests"]
                for entry in entries:
                    if str(entry.get("remark", "")).startswith("callback "):
                        proxy.read(session, "webhook", str(entry.get("request_body", "")))
            proxy.shutdown()
            proxy.server_close()
        print(f"{service} by {way}: {len(proxy.sessions)} sessions, links {dict(proxy.links)}")
        self.assertEqual(proxy.wrong, [])
        self.assertGreaterEqual(sum(proxy.links.values()), least)
        self.assertGreater(len(proxy.sessions), 10)

    def test_links_of_warp_by_header(self):
        self.play("warp", "header")

    def test_links_of_warp_by_path(self):
        self.play("warp", "path")

    def test_links_of_warp_by_credential(self):
        self.play("warp", "credential")

    def test_links_of_the_routines_by_path(self):
        self.play("azure-routines", "path")

    def test_links_of_the_routines_by_header(self):
        self.play("azure-routines", "header")

    def test_links_of_acp_by_credential(self):
        self.play("acp", "credential")

    def test_links_of_letta_by_header(self):
        self.play("letta", "header")

    def test_links_of_azure_agents_by_path(self):
        self.play("azure-agents", "path")


if __name__ == "__main__":
    main()
