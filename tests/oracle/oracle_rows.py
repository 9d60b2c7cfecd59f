# SPDX-License-Identifier: Apache-2.0
"""What rows of all tables have in common: a service as its client modules describe it, a row being played, the causes
that say their request themselves, and what a row wants to see in the answer."""

import copy
import json
import re
from collections import namedtuple
from dataclasses import dataclass, field
from datetime import datetime

from oracle_client import expect

Operation = namedtuple("Operation", "method path kind")
MISSING = object()
TYPES = {"str": str, "int": int, "bool": bool, "list": list, "object": dict, "number": (int, float)}
RAW = {"not JSON": b'{"prompt": ', "a list as body": b"[]", "no body": b""}


def no_kind(_session, _state, _cause):
    return None


@dataclass
class Service:
    """`kinds`: kind of resource: (how a request is given one, how its state is seen or None). `perform` sends what a
    row says and returns the answer; `check_error` looks at one that is an error."""
    operations: dict
    kinds: dict
    perform: callable
    check_error: callable
    base: str = ""
    headers: dict = field(default_factory=dict)
    matches: callable = lambda wanted, seen: wanted == "any" or seen in wanted.split("|")
    proved: frozenset = frozenset()  # states that must be seen before the request goes out
    seen_as: str = ""  # the kind that operations without one create


class Play:
    """One row being played: the session, the row and the resource that it speaks of (an id, or several)."""

    def __init__(self, session, row, operation, ident):
        self.session, self.row, self.operation, self.ident = session, row, operation, ident
        self.state, self.cause = row["state"], row["cause"]

    @property
    def path(self):
        ids = self.ident if isinstance(self.ident, tuple) else (self.ident,)
        return self.operation.path.format(*ids)

    def send(self, body=None, query="", **more):
        return self.session.send(self.operation.method, self.path + query, body, **more)


# Causes that are requests ---------------------------------------------------------------------------------

def value_of(text):
    """JSON with ' for \", or x*30 (that many of them), or else a word."""
    many = re.fullmatch(r"(\w)\*(\d+)", text)
    if many:
        return many[1] * int(many[2])
    try:
        return json.loads(text.replace("'", '"'))
    except ValueError:
        return text


def change(body, path, value):
    *way, last = path.split(".")
    for name in way:
        body = body.setdefault(name, {})
    if value is MISSING:
        del body[last]
    else:
        body[last] = value


def read_cause(cause, usual, bodies):
    """'plain', or parts separated by '; ': the name of a body, 'with a.b=VALUE' and 'without a' change the body so far,
    'body VALUE' is another, '?a=b' is a query. None when it is no such cause."""
    body, query = copy.deepcopy(usual), ""
    for part in cause.split("; "):
        word, _, rest = part.partition(" ")
        if part in bodies:
            body = copy.deepcopy(bodies[part])
        elif part.startswith("?"):
            query = part
        elif word == "body":
            body = value_of(rest)
        elif word == "with" and "=" in rest:
            body = {} if body is None else body
            name, _, text = rest.partition("=")
            change(body, name, value_of(text))
        elif word == "without":
            change(body, rest, MISSING)
        elif part != "plain":
            return None
    return body, query


def send_plainly(done, usual, bodies=(), query=""):
    """Sends a cause that says its request itself, or one of RAW; `query` is what every request of the service has."""
    if done.cause in RAW and usual is not None:
        return done.send(raw=RAW[done.cause], query=query)
    request = read_cause(done.cause, usual, bodies)
    if request is None:
        raise KeyError(f"{done.row['operation']}: no request is known for the cause '{done.cause}'")
    body, more = request
    return done.send(body, query + ("&" + more[1:] if query and more else more))


# What a row wants to see -----------------------------------------------------------------------------------

def look(body, path):
    for name in path.split(".") if path != "." else []:
        if isinstance(body, list) and re.fullmatch(r"-?\d+", name):
            body = body[int(name)] if -len(body) <= int(name) < len(body) else MISSING
        elif isinstance(body, dict):
            body = body.get(name, MISSING)
        else:
            return MISSING
    return body


TESTS = {
    "set": lambda found: found is not MISSING and found is not None,
    "unset": lambda found: found is MISSING or found is None,
    "null": lambda found: found is None,
    "absent": lambda found: found is MISSING,
    "empty": lambda found: found in ([], {}, ""),
}


def check_sight(what, body):
    """'a.b=VALUE', 'a set|unset|null|absent|empty|int|str|...', 'a ~ REGEX', 'a # LENGTH'; '.' is the body itself."""
    path, _, test = what.partition(" ")
    if "=" in path:
        path, _, text = what.partition("=")
        wanted = value_of(text)
        good = look(body, path) == wanted and isinstance(look(body, path), bool) == isinstance(wanted, bool)
    elif test in TESTS:
        good = TESTS[test](look(body, path))
    elif test in TYPES:
        found = look(body, path)
        good = isinstance(found, TYPES[test]) and (test == "bool" or not isinstance(found, bool))
    elif test.startswith("~ "):
        found = look(body, path)
        good = isinstance(found, str) and re.search(test[2:], found)
    elif test.startswith("# "):
        found = look(body, path)
        good = isinstance(found, (list, dict, str)) and len(found) == int(test[2:])
    else:
        raise KeyError(f"'{what}' says nothing to look for")
    found = look(body, path)
    expect(good, f"not '{what}': found {'nothing' if found is MISSING else json.dumps(found)[:200]} in {str(body)[:400]}")


def check_sights(row, answer):
    for what in filter(None, (row.get("shows") or "").split("; ")):
        if what.startswith("media "):
            expect(answer.media == what[6:], f"{answer}: content type '{answer.media}'")
        elif what == "no body":
            expect(answer.content == b"", f"{answer}: a body")
        else:
            check_sight(what, answer.json)


def time_of(text):
    expect(isinstance(text, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text),
           f"'{text}' is no RFC 3339 time")
    return datetime.fromisoformat(text)


def require(body, what, /, **types):
    """Members that must be there and not null; their names in an error."""
    expect(isinstance(body, dict), f"{what}: {body!r} is not an object")
    for name, kind in types.items():
        expect(name in body, f"{what}: '{name}' is missing in {body}")
        expect(isinstance(body[name], kind) and (kind is not int or not isinstance(body[name], bool)),
               f"{what}: '{name}' is {body[name]!r}, not {kind.__name__}")
