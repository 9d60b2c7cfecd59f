#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Page `library`: ids that are unique only within an owner, and files that come and go byte for byte."""

import os
import subprocess

from engine_test import PAGES, Cases, find_binary, main

BOUNDARY = "part-of-many"


def multipart(*parts):
    """A body of (name, filename or None, media type or None, bytes)."""
    out = b""
    for name, filename, kind, content in parts:
        out += f"--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"".encode()
        out += f"; filename=\"{filename}\"".encode() if filename else b""
        out += f"\r\ncontent-type: {kind}".encode() if kind else b""
        out += b"\r\n\r\n" + content + b"\r\n"
    return out + f"--{BOUNDARY}--\r\n".encode()


class Library(Cases):
    page = "library"

    def shelf(self):
        return self.client.post("/shelves").body["id"]

    def put(self, shelf, book):
        return self.client.post(f"/shelves/{shelf}/copies", {"book_id": book})

    def listed(self, shelf, query=""):
        answer = self.client.get(f"/shelves/{shelf}/copies{query}")
        return answer.status, [item["id"] for item in answer.body.get("data", [])]

    def upload(self, content, filename="a.bin", kind="application/octet-stream"):
        body = multipart(("title", None, None, b"a book"), ("data", filename, kind, content))
        return self.client.post("/books", body, Content_Type=f"multipart/form-data; boundary={BOUNDARY}")

    def test_one_id_on_two_shelves(self):
        one, two = self.shelf(), self.shelf()
        self.case("the first", self.put(one, "b").body, {"id": "b", "shelf_id": one, "status": "waiting", "others": 0})
        self.client.advance("1s")
        self.case("the second", self.put(two, "b").body, {"id": "b", "shelf_id": two, "status": "waiting", "others": 1})
        self.case("twice on one", self.put(one, "b").brief, (409, {"code": "on_shelf", "message": f"b stands on {one}"}))
        answer = self.client.post(f"/shelves/{one}/copies/b/lend")
        self.explained("lent", answer, 200, "lendCopy", "copy=lent", "to: lent")
        shown = {shelf: self.client.get(f"/shelves/{shelf}/copies/b").body["status"] for shelf in (one, two)}
        self.case("each has its state", shown, {one: "lent", two: "waiting"})
        self.client.advance("1s")
        self.case("and its outcome", self.client.get(f"/shelves/{two}/copies/b").body["status"], "there")
        self.case("the refusal knows which", self.client.post(f"/shelves/{one}/copies/b/lend").body["message"],
                  f"b of {one} is lent")
        answer = self.client("DELETE", f"/shelves/{one}/copies/b")
        self.case("one goes", answer.brief, (200, {"id": "b", "removed": True}))
        self.case("the other stays", [self.client.get(f"/shelves/{shelf}/copies/b").status for shelf in (one, two)],
                  [404, 200])

    def test_a_forced_name_is_of_whatever_starts_with_it(self):
        shelf = self.shelf()
        for book, outcome in (("a", "stays"), ("b", "copy=stays"), ("c", "shelf=stays")):
            self.client.post(f"/shelves/{shelf}/copies", {"book_id": book}, X_Dryrun_Outcome=outcome)
        self.client.advance("1s")
        states = [self.client.get(f"/shelves/{shelf}/copies/{book}").body["status"] for book in "abc"]
        self.case("the plain name and the copy's own", states, ["waiting", "waiting", "there"])

    def test_positions_are_of_their_own_list(self):
        one, two = self.shelf(), self.shelf()
        for shelf, books in ((one, "abcd"), (two, "dcba")):
            for book in books:
                self.put(shelf, book)
        self.case("whole", (self.listed(one), self.listed(two)), ((200, list("abcd")), (200, list("dcba"))))
        self.case("behind one", self.listed(one, "?after=b&limit=1"), (200, ["c"]))
        self.case("behind the same of another", self.listed(two, "?after=b"), (200, ["a"]))
        self.put(two, "e")
        self.case("a stranger's id is none", self.listed(one, "?after=e")[0], 400)

    def test_a_shelf_takes_its_own_along(self):
        one, two = self.shelf(), self.shelf()
        for book in "ab":
            self.put(one, book)
            self.put(two, book)
        self.case("gone", self.client("DELETE", f"/shelves/{one}").status, 204)
        self.case("two are left", self.listed(two), (200, ["a", "b"]))
        self.client.advance("1s")
        self.case("and go on", self.client.get(f"/shelves/{two}/copies/a").body["status"], "there")
        self.case("the admin API finds the one", self.client.admin("GET", "/resources/a")["state"], "there")

    def test_the_admin_api_asks_which(self):
        one, two = self.shelf(), self.shelf()
        self.put(one, "a")
        self.put(two, "a")
        answer = self.client.get("/__admin/resources/a")
        self.case("there are two", answer.status, 409)

    def test_many_owners_of_one_id(self):
        shelves = [self.shelf() for _ in range(300)]
        for shelf in shelves:
            self.put(shelf, "b")
        for shelf in shelves[::2]:
            self.client("DELETE", f"/shelves/{shelf}/copies/b")
        left = [shelf for shelf in shelves if self.client.get(f"/shelves/{shelf}/copies/b").status == 200]
        self.case("half of them", left, shelves[1::2])

    def test_bytes_come_back_as_they_went(self):
        every = bytes(range(256)) * 3
        contents = [b"", b"\0", b"plain text\n", "gr\u00fc\u00dfe".encode(), every, b"\r\n--" + BOUNDARY[:-1].encode() + b"\r\n",
                    b"\xff\xfe\r\n\r\n", os.urandom(100_000), b"aGVsbG8="]
        for number, content in enumerate(contents):
            answer = self.upload(content, f"file {number}.bin", "application/x-thing")
            self.case(f"{number}: told", (answer.status, answer.body["size"], answer.body["filename"], answer.body["title"]),
                      (200, len(content), f"file {number}.bin", "a book"))
            self.case(f"{number}: hidden", sorted(answer.body), ["filename", "id", "size", "title"])
            self.client.send("GET", f"/books/{answer.body['id']}/content")
            back = self.client.connection.getresponse()
            self.case(f"{number}: the same bytes", back.read() == content, True)
            self.case(f"{number}: of the type", (back.headers["Content-Type"], back.headers["Content-Disposition"]),
                      ("application/x-thing", f"attachment; filename=\"file {number}.bin\""))

    def test_what_is_no_file(self):
        whole = multipart(("data", None, None, b"text, no file"))
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        answer = self.client.post("/books", whole, Content_Type=kind)
        self.case("what the document calls binary is a file without a name, too", answer.body["size"], 13)
        body = multipart(("title", "a.txt", None, b"named"), ("data", "b.bin", None, b"data"))
        answer = self.client.post("/books", body, Content_Type=kind)
        self.case("each part is its own", (answer.body["title"], answer.body["size"]), ("named", 4))
        answer = self.client.post("/books", whole[:-10], Content_Type=kind)
        self.case("cut short", answer.status, 400)
        answer = self.client.post("/books", multipart(("title", None, None, b"x")), Content_Type=kind)
        self.case("without its part", answer.status, 400)

    def test_the_judge_tells_them_apart(self):
        binary = find_binary([])
        done = subprocess.run([binary, "check", "library", "--contracts", PAGES / "contracts", "--fixtures",
                               PAGES / "fixtures"], capture_output=True, text=True, timeout=60, check=False)
        self.case("nothing to say: " + done.stdout[-600:], done.returncode, 0)


if __name__ == "__main__":
    main()
