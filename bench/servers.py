# SPDX-License-Identifier: Apache-2.0
"""Servers under measurement: started, asked, filled, looked at through /proc, stopped."""
import os
import re
import signal
import socket
import subprocess
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
HEADERS = "Host: localhost\r\nAuthorization: Bearer bench\r\n"


class Server:
    """A child that prints its URL once it listens, on whichever line."""

    def __init__(self, arguments, environment=None):
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
        self.port = self._read_port(arguments)
        threading.Thread(target=self._drain, daemon=True).start()

    def _read_port(self, arguments):
        for line in iter(self.process.stdout.readline, b""):
            found = re.search(rb"127\.0\.0\.1:(\d+)", line)
            if found:
                return int(found.group(1))
        raise SystemExit(f"bench: '{' '.join(arguments)}' did not start")

    def _drain(self):
        while self.process.stdout.read(4096):
            pass

    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def cpu(self):
        """Seconds of CPU spent so far, by all threads, user and system."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * PAGE

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def stop(self):
        """Seconds from SIGTERM to the end of the process."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return time.monotonic() - began


def request_bytes(method, path, body=b"", more=""):
    length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\n{HEADERS}{more}{length}\r\n".encode() + body


def ask(server, method, path, body=b"", more=""):
    """Status and body of one exchange on a connection of its own."""
    with server.connect() as connection:
        connection.sendall(request_bytes(method, path, body, "Connection: close\r\n" + more))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, rest = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), rest


def fill(server, path, body, count, connections=4, batch=64):
    """Creates `count` resources, pipelined; the bodies' run_ids, at most some thousands of them."""
    request = request_bytes("POST", path, body, "X-Dryrun-Outcome: run=queued\r\n")
    ids, left, lock = [], [count], threading.Lock()

    def take():
        with lock:
            share = min(batch, left[0])
            left[0] -= share
        return share

    def work():
        with server.connect() as connection:
            share = take()
            while share:
                connection.sendall(request * share)
                got = read_answers(connection, share)
                if got.count(b"HTTP/1.1 200 ") != share:
                    raise SystemExit(f"bench: a create was refused: {got[:600]!r}")
                if len(ids) < 5000 or share < batch:
                    ids.extend(re.findall(rb'"run_id":"([^"]+)"', got)[:max(1, 5000 * share // count + 1)])
                share = take()

    workers = [threading.Thread(target=work) for _ in range(connections)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return [identity.decode() for identity in ids]


def read_answers(connection, count):
    """The bytes of `count` answers: each one here ends where its JSON object does."""
    got = b""
    while got.count(b"\r\n\r\n") < count or not got.endswith(b"}"):
        more = connection.recv(1 << 18)
        if not more:
            raise SystemExit("bench: the server closed a connection")
        got += more
    return got
