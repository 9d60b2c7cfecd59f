# SPDX-License-Identifier: Apache-2.0
"""Every byte that http.client sends and receives, in order and by thread. What goes out has the port of the mock taken
out of its Host; what comes in is as it came."""
import http.client
import io
import threading


class Wire:
    """While it is in force, each exchange of a thread is one entry of its log: [bytes sent, bytes received]."""

    def __init__(self):
        self._of_thread = threading.local()
        self._connect = http.client.HTTPConnection.connect

    def __enter__(self):
        wire = self

        def connect(connection):
            wire._connect(connection)
            connection.sock = _Tapped(connection.sock, wire._log(), f"127.0.0.1:{connection.port}".encode())
        http.client.HTTPConnection.connect = connect
        return self

    def __exit__(self, *_):
        http.client.HTTPConnection.connect = self._connect

    def _log(self):
        if not hasattr(self._of_thread, "log"):
            self._of_thread.log = []
        return self._of_thread.log

    def take(self):
        """What this thread has exchanged since the last time."""
        taken = [tuple(map(bytes, entry)) for entry in self._log()]
        self._log().clear()
        return taken


class _Tapped:
    def __init__(self, sock, log, host):
        self._sock, self._log, self._host, self._entry = sock, log, host, None

    def __getattr__(self, name):
        return getattr(self._sock, name)

    def sendall(self, data):
        if self._entry is None or self._entry[1]:  # what was sent before has its answer: this is the next
            self._entry = [bytearray(), bytearray()]
            self._log.append(self._entry)
        self._entry[0] += bytes(data).replace(self._host, b"mock")
        self._sock.sendall(data)

    def makefile(self, mode="rb", *_):
        return io.BufferedReader(_Raw(self._sock.makefile(mode, buffering=0), self._entry[1]))


class _Raw(io.RawIOBase):
    def __init__(self, raw, received):
        self._raw, self._received = raw, received

    def readable(self):
        return True

    def readinto(self, buffer):
        count = self._raw.readinto(buffer)
        self._received += memoryview(buffer)[:count]
        return count

    def close(self):
        self._raw.close()
        super().close()
