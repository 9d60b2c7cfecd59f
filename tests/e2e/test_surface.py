# SPDX-License-Identifier: Apache-2.0
"""Our contracts against the surfaces of services that have no public document we may keep: every operation, parameter, member,
value of an enumeration and status of the surface is in ours, or stands in DEVIATIONS.md with its reason.

A surface (shared/reference/PROVIDER/surface.json) is turned into an OpenAPI document, and `dryrun diff` tells what differs. A row
of DEVIATIONS.md names it as diff does: `GET /runs, response 200 /state`, in backquotes. A row that is no longer true fails too.
"""
import json
import os
import pathlib
import re
import sys
import tempfile
import unittest

from dryrun_test import ROOT, main, run

SHARED = pathlib.Path(os.environ.get("DRYRUN_SHARED") or ROOT.parent / "shared")
PROVIDERS = ("azure-agents", "azure-routines")
NAMED = re.compile(r"`((?:GET|PUT|POST|PATCH|DELETE) /[^`]*)`")
UNTOLD = {"minLength", "format"}  # limits that surfaces do not tell
LIMITS = {"minimum": "minimum", "maximum": "maximum", "max_length": "maxLength", "min_length": "minLength", "pattern": "pattern"}


class Document:
    """An OpenAPI document made of a surface."""

    def __init__(self, surface):
        self.kinds = surface["schemas"]
        self.schemas = {name.lstrip("_"): self.schema_of(kind) for name, kind in self.kinds.items()}
        self.events = {"type": "object", "required": ["event", "data"], "oneOf": [
            {"required": ["event", "data"], "properties": {"event": {"const": name}, "data": {"type": "string"}}}
            for name in surface.get("sse", {}).get("events", {})]}
        self.paths = {}
        for operation in surface["operations"]:
            self.add(operation, surface["error"]["schema"])

    @staticmethod
    def reference(name):
        return {"$ref": "#/components/schemas/" + name.lstrip("_")}

    def value(self, field):
        if "ref" in field:
            schema = self.reference(field["ref"])
        elif "enum" in field:
            schema = {"type": "string", "enum": field["enum"]}
        else:
            kind = field.get("type", "any")  # where upstream disagrees with itself there is none
            schema = {"any": {}, "binary": {"type": "string", "format": "binary"}}.get(kind, {"type": kind})
            if kind == "array":
                schema["items"] = self.value(field["items"])
            if kind == "object" and "values" in field:
                schema["additionalProperties"] = self.value(field["values"])
            if "const" in field:
                schema["const"] = field["const"]
        schema.update({ours: field[theirs] for theirs, ours in LIMITS.items() if theirs in field})
        return {"anyOf": [schema, {"type": "null"}]} if field.get("nullable") else schema

    def members(self, fields):
        schema = {"type": "object", "properties": {name: self.value(field) for name, field in fields.items()}}
        required = [name for name, field in fields.items() if field.get("required")]
        return schema | ({"required": required} if required else {})

    def fields_of(self, kind):
        fields = {}
        for base in kind.get("extends", []):
            fields |= self.fields_of(self.kinds[base])
        return fields | kind["fields"]

    def schema_of(self, kind):
        if kind["kind"] == "object":
            return self.members(self.fields_of(kind))
        if kind["kind"] == "multipart":
            return self.members({part["name"]: {"type": "string", **part} for part in kind["parts"]})
        if kind["kind"] == "enum":
            return {"type": "string"} | ({} if kind.get("open") else {"enum": kind["values"]})
        if kind["kind"] == "union":
            return {"oneOf": [self.reference(name) for name in kind["mapping"].values()],
                    "discriminator": {"propertyName": kind["discriminator"]}}
        if "any_of" not in kind:
            return self.value(kind)
        if all(each.get("type") == "string" for each in kind["any_of"]) and {"type": "string"} in kind["any_of"]:
            return {"type": "string"}
        return {"anyOf": [self.value(each) for each in kind["any_of"]]}

    def content(self, operation, response):
        if not response["schema"]:
            return {}
        if response["schema"].startswith("raw bytes"):
            return {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        content = {"application/json": {"schema": self.reference(response["schema"])}}
        return content | ({"text/event-stream": {"itemSchema": self.events}} if "stream_variant" in response else {})

    def add(self, operation, error):
        parameters = []
        for each in operation["path_params"]:
            each = {"name": each} if isinstance(each, str) else each
            parameters.append({"name": each["name"], "in": "path", "required": True, "schema": self.value({"type": "string", **each})})
        for each in operation["query"]:
            parameters.append({"name": each["name"], "in": "query", "required": each["required"], "schema": self.value(each)})
        for name in operation.get("headers", {}):
            parameters.append({"name": name, "in": "header", "required": False, "schema": {"type": "string"}})
        made = {"operationId": operation["id"], "parameters": parameters, "responses": {}}
        request, response = operation["request"], operation["response"]
        if request:
            schema = self.members(request["fields"]) if "fields" in request else self.reference(request.get("schema") or request["ref"])
            whole = schema if "properties" in schema else self.schemas[schema["$ref"].rsplit("/", 1)[-1]]
            made["requestBody"] = {"required": request.get("required", "required" in whole),
                                   "content": {request.get("content_type", "application/json"): {"schema": schema}}}
        for status in response["success_status"]:
            made["responses"][str(status)] = {"description": "done", "content": self.content(operation, response)}
        for status in ("4XX", "5XX") if "4XX" in response["errors"] else ("default",):
            made["responses"][status] = {"description": "refused", "content": {"application/json": {"schema": self.reference(error)}}}
        self.paths.setdefault(operation["path"], {})[operation["method"].lower()] = made

    def write(self, path):
        path.write_text(json.dumps({"openapi": "3.2.0", "info": {"title": "a surface", "version": "1"}, "paths": self.paths,
                                    "security": [{"token": []}],
                                    "components": {"schemas": self.schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}}), encoding="utf-8")


def place(difference):
    where = f"{difference['part']} {difference['at']}".strip()
    return f"{difference['operation']}, {where}" if where else difference["operation"]


class Surfaces(unittest.TestCase):
    maxDiff = None

    def test_what_upstream_has_is_in_ours_or_listed(self):
        for provider in PROVIDERS:
            with self.subTest(provider), tempfile.TemporaryDirectory() as folder:
                theirs = pathlib.Path(folder, "surface.json")
                Document(json.loads((SHARED / "reference" / provider / "surface.json").read_text(encoding="utf-8"))).write(theirs)
                code, out, errors = run("diff", str(theirs), str(ROOT / "contracts" / provider / "openapi.yaml"), "--format", "json")
                self.assertIn(code, (0, 1), errors)
                found = {place(each) for each in json.loads(out)["differences"] if each["code"] not in UNTOLD}
                listed = ROOT / "contracts" / provider / "DEVIATIONS.md"
                named = set(NAMED.findall(listed.read_text(encoding="utf-8"))) if listed.exists() else set()
                self.assertEqual(found - named, set(), f"{provider}: differs and is not in DEVIATIONS.md")
                self.assertEqual(named - found, set(), f"{provider}: DEVIATIONS.md has what is not so")

    def test_every_name_and_value_is_spoken_of(self):
        """Members and values of choices, which diff does not look into where ours are open."""
        for provider in PROVIDERS:
            surface = json.loads((SHARED / "reference" / provider / "surface.json").read_text(encoding="utf-8"))
            text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "contracts" / provider).glob("*.yaml"))
            ours = set(re.findall(r"[\w.*\[\]-]+", text))
            for name, kind in surface["schemas"].items():
                with self.subTest(provider, schema=name):
                    said = set(kind.get("fields", {})) | set(kind.get("values", [])) | set(kind.get("mapping", {}))
                    said |= {field["const"] for field in kind.get("fields", {}).values() if isinstance(field.get("const"), str)}
                    self.assertEqual(said - ours, set())


if __name__ == "__main__":
    if not SHARED.is_dir():
        print(f"skipped: no folder '{SHARED}' (set DRYRUN_SHARED)")
        sys.exit(77)
    main()
