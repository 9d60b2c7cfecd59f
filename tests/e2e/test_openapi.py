# SPDX-License-Identifier: Apache-2.0
"""dryrun mock --openapi: documents alone, played from their examples and schemas."""
import pathlib
import tempfile
import unittest

from dryrun_test import Mock, MockCase, main, run

DOCUMENTS = "tests/data/openapi"
PET = {"id": 1, "name": "x"}


class Pets(MockCase):
    arguments = ("--openapi", f"{DOCUMENTS}/pets.yaml")
    data = []

    def get(self, path, prefer=None, **headers):
        if prefer:
            headers["Prefer"] = prefer
        return self.mock.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def add(self, body=None, **headers):
        return self.mock.post("/pets", PET if body is None else body, headers={"X-Key": "any", **headers})

    def test_a_document_is_found_by_its_name_its_servers_and_at_the_root(self):
        for prefix in ("", "/pets", "/v2", "/pets/v2", "/north/pets", "/pets/north/pets"):
            answer = self.get(prefix + "/pets/7")
            self.assertEqual((answer.status, answer.headers["x-dryrun-operation"]), (200, "getPet"), prefix)

    def test_declared_examples_come_first(self):
        answer = self.get("/pets")
        self.assertEqual((answer.status, answer.text), (200, "[]"))
        self.assertEqual(self.add().json(), {"id": 1, "name": "Rex"})

    def test_schemas_make_examples_where_none_is_declared(self):
        pet = self.get("/pets/7").json()
        self.assertEqual((pet["name"], pet["kind"] in ("cat", "dog")), ("Tom", True))
        self.assertGreaterEqual(pet["id"], 1)
        self.assertEqual(self.get("/pets/7").json(), pet)

    def test_headers_of_a_response_are_sent(self):
        headers = self.get("/pets").headers
        self.assertEqual(headers["x-page"], "2")
        self.assertTrue(3 <= int(headers["x-total"]) <= 9, headers)

    def test_prefer_picks_a_response(self):
        answer = self.get("/pets", "code=503")
        self.assertEqual((answer.status, answer.headers["preference-applied"]), (503, "code=503"))
        self.assertEqual(list(answer.json()), ["detail"])
        answer = self.add(Prefer="code=404")
        self.assertEqual((answer.status, answer.text), (404, ""))

    def test_prefer_picks_an_example(self):
        answer = self.get("/pets", 'example="one", wait=3')
        self.assertEqual(answer.json(), [{"id": 3, "name": "Mia"}])
        self.assertEqual(answer.headers["preference-applied"], "example=one")

    def test_prefer_dynamic_makes_a_new_value_each_time(self):
        seen = {self.get("/pets/7", "dynamic=true").text for _ in range(5)}
        self.assertGreater(len(seen), 1)
        self.assertNotEqual(self.get("/pets", "dynamic=true; q=1").text, "[]")
        names = {self.get("/pets/7", "dynamic=true").json()["name"] for _ in range(5)}
        self.assertNotIn("Tom", names)
        self.assertNotIn("preference-applied", self.get("/pets", "respond-async").headers)

    def test_preferences_may_stand_in_the_query(self):
        self.assertEqual(self.get("/pets?__code=418").status, 418)
        self.assertEqual(self.get("/pets?__example=one").json()[0]["name"], "Mia")

    def test_what_is_not_there_to_be_preferred_is_said(self):
        answer = self.add(Prefer="code=418")
        self.assertEqual(answer.status, 404)
        self.assertEqual(answer.json()["detail"], "'addPet' documents no status 418 (but 201, 400, 404)")
        answer = self.get("/pets", "example=two")
        self.assertEqual(answer.json()["detail"], "'listPets' has no example 'two' for 200 as application/json "
                                                  "(there is 'none', 'one')")
        self.assertNotIn("preference-applied", answer.headers)

    def test_accept_picks_the_media_type(self):
        for accept, status, expected in (("text/csv", 200, "text/csv"), ("*/*", 200, "application/json"),
                                         ("text/*;q=0.5, application/json;q=0.1", 200, "text/csv"),
                                         ("application/json;q=0, text/csv", 200, "text/csv"),
                                         ("image/png", 406, "application/problem+json")):
            answer = self.get("/pets", Accept=accept)
            self.assertEqual((answer.status, answer.headers["content-type"]), (status, expected), accept)
        self.assertEqual(self.get("/pets", Accept="text/csv").text, "id,name")

    def test_a_request_that_is_wrong_is_refused_in_the_documented_shape(self):
        answer = self.add({"id": "x"})
        self.assertEqual((answer.status, list(answer.json())), (400, ["detail"]))
        self.assertIn("expected integer but found 'x'", answer.headers["x-dryrun-remark"])

    def test_a_request_that_is_wrong_is_refused_with_reasons_where_nothing_is_documented(self):
        answer = self.get("/pets?limit=300")
        self.assertEqual((answer.status, answer.headers["content-type"]), (422, "application/problem+json"))
        self.assertEqual(answer.json()["problems"][0]["name"], "limit")
        answer = self.get("/pets/seven")
        self.assertEqual(answer.json()["problems"][0]["in"], "path")

    def test_credentials_are_asked_for_as_documented(self):
        answer = self.mock.post("/pets", PET)
        self.assertEqual((answer.status, answer.json()["detail"]), (401, "a credential for 'key' is needed"))
        self.assertEqual(self.mock.post("/pets", PET, headers={"Authorization": "Bearer x"}).status, 201)

    def test_paths_and_methods_that_are_not_there_name_the_nearest(self):
        answer = self.get("/pet")
        self.assertEqual(answer.status, 404)
        self.assertIn("nearest: GET /pets", answer.json()["detail"])
        answer = self.mock.request("PUT", "/pets")
        self.assertEqual((answer.status, answer.headers["allow"]), (405, "GET, HEAD, OPTIONS, POST"))
        near = self.mock.admin("requests/unmatched")
        self.assertIn("GET /pet", str(near))

    def test_head_is_the_documents_own_where_it_has_one(self):
        self.assertEqual(self.mock.request("HEAD", "/pets/1").status, 202)
        self.assertEqual(self.mock.request("HEAD", "/pets").status, 200)

    def test_no_content_has_no_body_whatever_the_document_says(self):
        answer = self.mock.request("DELETE", "/pets/1")
        self.assertEqual((answer.status, answer.text), (204, ""))

    def test_a_schema_that_contradicts_itself_is_shown_as_near_as_can_be(self):
        answer = self.get("/twisted")
        self.assertEqual((answer.status, answer.json()), (200, {"a": 7}))
        self.assertIn("asks for member 'gone' and forbids it", answer.headers["x-dryrun-remark"])

    def test_a_schema_that_is_wrong_is_told_when_it_is_used(self):
        self.assertEqual(self.get("/odd").status, 200)
        self.assertIn("tests/data/openapi/pets.yaml:21:", self.mock.stderr())


class Others(unittest.TestCase):
    def test_events_and_lines_are_framed(self):
        with Mock("--openapi", f"{DOCUMENTS}/events.yaml", data=[]) as mock:
            answer = mock.get("/events", headers={"Accept": "text/event-stream"})
            self.assertEqual(answer.text, "event: tick\ndata: a\ndata: b\n\n")
            self.assertEqual(mock.get("/old-events").text, 'data: {"number":1}\n\n')
            answer = mock.get("/events", headers={"Accept": "application/x-ndjson"})
            self.assertEqual(answer.text, '{"number":1}\n{"number":1}\n')

    def test_old_documents_are_read_and_ranges_become_a_type(self):
        with Mock("--openapi", f"{DOCUMENTS}/old.json", data=[]) as mock:
            answer = mock.get("/old/things/9")
            self.assertEqual((answer.json(), answer.headers["content-type"]),
                             ({"id": "t1", "note": None}, "application/json"))

    def test_documents_that_were_not_written_for_us_are_read_with_warnings(self):
        with Mock("--openapi", f"{DOCUMENTS}/sloppy.yaml", data=[]) as mock:
            answer = mock.get("/things/1")
            self.assertEqual((answer.status, answer.json()), (200, {"on": "y", "n": 4}), mock.stderr())
            warned = mock.stderr()
            self.assertEqual(warned.count(": warning: "), len(warned.splitlines()), warned)
            for what in ("the info needs the member 'version'", "must have 'required: true'", "does not stand in",
                         "an operation has no member 'nullable'", "there is no security scheme 'nobody'",
                         "a response needs the member 'description'"):
                self.assertIn(what, warned)

    def test_warn_and_off_let_everything_through(self):
        for mode in ("warn", "off"):
            with Mock("--openapi", f"{DOCUMENTS}/pets.yaml", "--validate", mode, data=[]) as mock:
                answer = mock.post("/pets", {"id": "x"})
                self.assertEqual((answer.status, "x-dryrun-remark" in answer.headers), (201, mode == "warn"))
                self.assertEqual(mock.get("/pets", headers={"Accept": "image/png"}).status, 200)

    def test_documents_stand_beside_providers_and_each_other(self):
        with Mock("cancels", "--openapi", f"{DOCUMENTS}/pets.yaml", "--openapi", f"animals={DOCUMENTS}/pets.yaml",
                  "--openapi", f"{DOCUMENTS}/events.yaml") as mock:
            self.assertEqual(mock.get("/pets/pets/1").status, 200)
            self.assertEqual(mock.get("/animals/pets/1").status, 200)
            self.assertEqual(mock.get("/old-events").status, 200)
            self.assertEqual(mock.get("/cancels/runs", headers={"Authorization": "Bearer x"}).status, 200)
            self.assertEqual(mock.get("/twisted").status, 404)  # two documents know it

    def test_broken_documents_are_told_at_the_start(self):
        code, _, errors = run("mock", "--openapi", f"{DOCUMENTS}/broken.yaml", "--port", "0")
        self.assertEqual(code, 2)
        self.assertIn("tests/data/openapi/broken.yaml:5:", errors)
        self.assertIn("'#/components/schemas/Pat' leads nowhere (did you mean 'Pet'?)", errors)

    def test_the_request_that_the_banner_shows_brings_what_the_document_asks_for(self):
        for scheme, shown in (("type: apiKey, in: query, name: k", "curl -s '{url}?k=demo'"),
                              ("type: apiKey, in: cookie, name: k", "curl -s -b k=demo '{url}'"),
                              ("type: apiKey, in: header, name: X-K", "curl -s -H 'X-K: demo' '{url}'"),
                              ("type: http, scheme: basic", "curl -s -u demo:demo '{url}'"),
                              ("type: oauth2, flows: {}", "curl -s -H 'Authorization: Bearer demo' '{url}'")):
            with tempfile.TemporaryDirectory() as folder:
                file = pathlib.Path(folder) / "one.yaml"
                file.write_text(f"openapi: 3.1.0\ninfo: {{ title: t, version: '1' }}\nsecurity: [ {{ s: [] }} ]\n"
                                f"components: {{ securitySchemes: {{ s: {{ {scheme} }} }} }}\n"
                                "paths: { /a: { get: { responses: { '200': { description: ok } } } } }\n", encoding="utf-8")
                with Mock("--openapi", str(file), data=[]) as mock:
                    self.assertIn("  " + shown.replace("{url}", f"{mock.url}/one/a") + "\n", mock.stdout())

    def test_mistakes_are_one_line(self):
        pets = f"{DOCUMENTS}/pets.yaml"
        for arguments, line in (
                (["no/such.yaml"], "option '--openapi': no file 'no/such.yaml'"),
                ([DOCUMENTS], f"option '--openapi': no file '{DOCUMENTS}'"),
                ([f"a b={pets}"], "option '--openapi': 'a b' is no name for a path: write NAME=FILE with letters, "
                                  "digits, '-', '_' and '.'"),
                ([pets, pets], "option '--openapi': two documents are named 'pets': write NAME=FILE")):
            flags = [word for argument in arguments for word in ("--openapi", argument)]
            self.assertEqual(run("mock", *flags), (2, "", f"dryrun: error: {line}\n"), arguments)


if __name__ == "__main__":
    main()
