# SPDX-License-Identifier: Apache-2.0
"""dryrun diff: which change of a document breaks a client of the document before it."""
import copy
import json
import pathlib
import tempfile
import unittest

from dryrun_test import main, run

RUN = {"type": "object", "required": ["id", "state"], "properties": {
    "id": {"type": "string"}, "state": {"enum": ["queued", "done"]}, "note": {"type": ["string", "null"]},
    "made": {"type": "string", "readOnly": True}, "size": {"type": "integer", "maximum": 10},
    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}},
    "of": {"oneOf": [{"$ref": "#/components/schemas/Part"}, {"title": "Whole", "type": "object"}]}}}
BASE = {"openapi": "3.1.0", "info": {"title": "runs", "version": "1"},
        "components": {"schemas": {"Run": RUN, "Part": {"type": "object", "properties": {"name": {"type": "string"}}}}},
        "paths": {"/runs/{id}": {"put": {
            "operationId": "putRun",
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                           {"name": "wait", "in": "query", "schema": {"type": "boolean"}}],
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Run"}}}},
            "responses": {"200": {"description": "ok", "headers": {"X-Count": {"required": True, "schema": {"type": "integer"}}},
                                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Run"}}}},
                          "404": {"description": "none"}}}}}}
PUT = ("paths", "/runs/{id}", "put")
PROPERTIES = ("components", "schemas", "Run", "properties")
GONE = object()

# what is changed, how, and what is said of it: (part and place, code, breaking)
SENT, GOT = "request body", "response 200"
CASES = [
    ("an operation is taken away", [(("paths", "/runs/{id}"), GONE)], [("", "operation-removed", True)]),
    ("an operation is new", [(("paths", "/runs"), {"get": {"responses": {}}})], [("", "operation-added", False)]),
    ("a path parameter is called otherwise", "rename", []),
    ("an operation is called otherwise", [((*PUT, "operationId"), "replaceRun")], [("", "operation-id", False)]),
    ("a parameter is taken away", [((*PUT, "parameters", 1), GONE)], [("query wait", "parameter-removed", True)]),
    ("a parameter must be sent", [((*PUT, "parameters", 1, "required"), True)],
     [("query wait", "parameter-required", True)]),
    ("a parameter is new", [((*PUT, "parameters", 2), {"name": "n", "in": "query", "schema": {}})],
     [("query n", "parameter-added", False)]),
    ("a new parameter must be sent",
     [((*PUT, "parameters", 2), {"name": "n", "in": "header", "required": True, "schema": {}})],
     [("header n", "parameter-added", True)]),
    ("a parameter is of another type", [((*PUT, "parameters", 1, "schema", "type"), "string")],
     [("query wait", "type-removed", True), ("query wait", "type-added", False)]),
    ("a parameter may be null, which nobody can send", [((*PUT, "parameters", 1, "schema", "type"), ["boolean", "null"])], []),
    ("a body must be sent", [((*PUT, "requestBody", "required"), True)], [(SENT, "body-required", True)]),
    ("a body is taken away", [((*PUT, "requestBody"), GONE)], [(SENT, "body-removed", True)]),
    ("a success is taken away", [((*PUT, "responses", "200"), GONE)], [("response 200", "status-removed", True)]),
    ("an error is taken away", [((*PUT, "responses", "404"), GONE)], [("response 404", "status-removed", False)]),
    ("a range speaks for an error", [((*PUT, "responses", "404"), GONE), ((*PUT, "responses", "4XX"), {"description": ""})],
     [("response 4XX", "status-added", False)]),
    ("a success is new", [((*PUT, "responses", "202"), {"description": ""})], [("response 202", "status-added", True)]),
    ("a header may be missing", [((*PUT, "responses", "200", "headers", "X-Count", "required"), False)],
     [("response 200 header X-Count", "header-optional", True)]),
    ("a media type is another", [((*PUT, "responses", "200", "content"), {"text/csv": {}})],
     [(GOT, "media-type-removed", True), (GOT, "media-type-added", False)]),
    ("a value is new", [((*PROPERTIES, "state", "enum"), ["queued", "done", "lost"])],
     [(SENT + " /state", "enum-added", False), (GOT + " /state", "enum-added", True)]),
    ("a value is gone", [((*PROPERTIES, "state", "enum"), ["queued"])],
     [(SENT + " /state", "enum-removed", True), (GOT + " /state", "enum-removed", False)]),
    ("a member must be there", [(("components", "schemas", "Run", "required"), ["id", "state", "note"])],
     [(SENT + " /note", "became-required", True), (GOT + " /note", "became-required", False)]),
    ("a member may be missing", [(("components", "schemas", "Run", "required"), ["id"])],
     [(SENT + " /state", "became-optional", False), (GOT + " /state", "became-optional", True)]),
    ("a read-only member is asked for", [(("components", "schemas", "Run", "required"), ["id", "state", "made"])],
     [(GOT + " /made", "became-required", False)]),
    ("a member that was always there is gone", [((*PROPERTIES, "id"), GONE)],
     [(SENT + " /id", "property-removed", False), (GOT + " /id", "property-removed", True)]),
    ("a member is no longer null", [((*PROPERTIES, "note", "type"), "string")],
     [(SENT + " /note", "type-removed", True), (GOT + " /note", "type-removed", False)]),
    ("null is said otherwise", [((*PROPERTIES, "note"), {"anyOf": [{"type": "string"}, {"type": "null"}]})], []),
    ("a schema is referred to instead of written",
     [(("components", "schemas", "Note"), {"type": ["string", "null"]}),
      ((*PROPERTIES, "note"), {"$ref": "#/components/schemas/Note"})], []),
    ("a limit is lower", [((*PROPERTIES, "size", "maximum"), 5)],
     [(SENT + " /size", "maximum", True), (GOT + " /size", "maximum", False)]),
    ("a limit is gone", [((*PROPERTIES, "size", "maximum"), GONE)],
     [(SENT + " /size", "maximum", False), (GOT + " /size", "maximum", True)]),
    ("a format is another", [((*PROPERTIES, "id", "format"), "uuid")],
     [(SENT + " /id", "format", True), (GOT + " /id", "format", False)]),
    ("a member of an item is of another type", [(("components", "schemas", "Part", "properties", "name", "type"), "integer")],
     [(SENT + " /parts/0/name", "type-removed", True), (SENT + " /parts/0/name", "type-added", False),
      (GOT + " /parts/0/name", "type-removed", False), (GOT + " /parts/0/name", "type-added", True)]),
    ("objects take no other members", [(("components", "schemas", "Run", "additionalProperties"), False)],
     [(SENT, "closed", True), (GOT, "closed", False)]),
    ("a choice is gone", [((*PROPERTIES, "of", "oneOf", 1), GONE), ((*PROPERTIES, "of", "oneOf", 1), {"$ref": "#/components/schemas/Run"}),
                          ((*PROPERTIES, "of", "oneOf", 2), {"title": "Third", "type": "object"})],
     [(SENT + " /of", "choice-removed", True), (SENT + " /of", "choice-added", False), (SENT + " /of", "choice-added", False),
      (GOT + " /of", "choice-removed", False), (GOT + " /of", "choice-added", True), (GOT + " /of", "choice-added", True)]),
    ("a credential is needed",
     [(("components", "securitySchemes"), {"key": {"type": "apiKey", "in": "header", "name": "K"}}), (("security",), [{"key": []}])],
     [("", "credential-required", True)]),
    ("texts for people change", [((*PUT, "summary"), "puts"), ((*PROPERTIES, "id", "description"), "its id")], []),
]


def changed(changes):
    if changes == "rename":
        return json.loads(json.dumps(BASE).replace("/runs/{id}", "/runs/{runId}").replace('"name": "id"', '"name": "runId"'))
    document = copy.deepcopy(BASE)
    for path, value in changes:
        place = document
        for key in path[:-1]:
            place = place[key]
        if value is GONE:
            del place[path[-1]]
        elif isinstance(place, list):
            place.insert(path[-1], value)
        else:
            place[path[-1]] = value
    return document


class Differences(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def diff(self, first, second, *options):
        names = []
        for name, document in (("first.json", first), ("second.json", second)):
            file = pathlib.Path(self.folder.name, name)
            file.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
            names.append(str(file))
        return run("diff", *names, *options)

    def test_each_change_is_said_once_and_judged_by_its_direction(self):
        for name, changes, expected in CASES:
            with self.subTest(name):
                code, out, errors = self.diff(BASE, changed(changes), "--format", "json")
                self.assertEqual(errors, "")
                whole = json.loads(out)
                found = [((each["part"] + (" " if each["at"] else "") + each["at"]), each["code"], each["breaking"])
                         for each in whole["differences"]]
                self.assertEqual(sorted(found), sorted(expected), out)
                breaking = sum(each[2] for each in expected)
                self.assertEqual((code, whole["breaking"], whole["other"]),
                                 (1 if breaking else 0, breaking, len(expected) - breaking))

    def test_people_read_where_it_stands(self):
        code, out, _ = self.diff(BASE, changed([((*PROPERTIES, "state", "enum"), ["queued", "done", "lost"])]))
        self.assertEqual(code, 1)
        lines = out.splitlines()
        self.assertRegex(lines[0], r"^other     PUT /runs/\{id\}, request body /state: may be 'lost' \(.*first.json:1:\d+, .*second.json:1:\d+\)$")
        self.assertRegex(lines[1], r"^breaking  PUT /runs/\{id\}, response 200 /state: may be 'lost' ")
        self.assertEqual(lines[2:], ["2 differences, 1 breaking"])
        self.assertEqual(len(self.diff(BASE, changed([((*PROPERTIES, "state", "enum"), ["lost"])]), "--breaking")[1].splitlines()), 4)

    def test_what_cannot_be_read_is_exit_2(self):
        code, out, errors = self.diff(BASE, "{}")
        self.assertEqual((code, out), (2, ""))
        self.assertIn("this is no OpenAPI document", errors)
        self.assertEqual(run("diff", "a.yaml"), (2, "", "dryrun: error: diff takes two OpenAPI documents, not 1\n"))
        self.assertEqual(run("diff", "no/a.yaml", "no/b.yaml")[0], 2)

    def test_versions_of_openapi_are_compared_by_what_they_mean(self):
        old = copy.deepcopy(BASE)
        old["openapi"] = "3.0.3"
        properties = old["components"]["schemas"]["Run"]["properties"]
        properties["note"] = {"type": "string", "nullable": True}
        self.assertEqual(self.diff(old, BASE)[1], "0 differences, 0 breaking\n")


if __name__ == "__main__":
    main()
