# SPDX-License-Identifier: Apache-2.0
"""Four services as tests of faults drive them: start, read, cancel, list; and what is really so, by the admin API."""

from dryrun_test import MockCase

HEADERS = {"Authorization": "Bearer test"}


class Service:
    """How to start, read, cancel and list the runs of one service."""

    def __init__(self, name, start, body, run, state, more):
        self.name, self.start_path, self.body, self.run, self.state_at = name, start, body, run, state
        self.cancel, self.cancel_body = more["cancel"], more.get("cancel_body", lambda run: None)
        self.list, self.list_method = more.get("list"), more.get("list_method", "GET")
        self.id_at, self.stamp, self.items_at = more["id"], more["stamp"], more.get("items")
        self.get_operation, self.cancel_operation = more["get_operation"], more["cancel_operation"]
        self.ended = more["ended"]


AGENT = "agent-00000000-0000-4000-8000-000000000001"
THREAD = "thread_000000000000000000000001"
ECHO = "5d9f6a3e-0000-4000-8000-000000000001"
SERVICES = [
    Service("warp", "/agent/runs", {"prompt": "tidy up"}, "/agent/runs/{}", "state",
            {"id": "run_id", "cancel": "/agent/runs/{}/cancel", "list": "/agent/runs", "stamp": "created_at", "items": "runs",
             "get_operation": "getRun", "cancel_operation": "cancelRun", "ended": "SUCCEEDED"}),
    Service("letta", f"/v1/agents/{AGENT}/messages/async", {"messages": [{"role": "user", "content": "hello"}]}, "/v1/runs/{}",
            "status", {"id": "id", "cancel": f"/v1/agents/{AGENT}/messages/cancel", "cancel_body": lambda run: {"run_ids": [run]},
                       "list": "/v1/runs/", "stamp": "created_at", "get_operation": "retrieve_run",
                       "cancel_operation": "cancel_message", "ended": "completed"}),
    Service("azure-agents", f"/threads/{THREAD}/runs?api-version=v1", {"assistant_id": "asst_000000000000000000000001"},
            f"/threads/{THREAD}/runs/{{}}?api-version=v1", "status",
            {"id": "id", "cancel": f"/threads/{THREAD}/runs/{{}}/cancel?api-version=v1", "stamp": "created_at", "items": "data",
             "list": f"/threads/{THREAD}/runs?api-version=v1", "get_operation": "getRun", "cancel_operation": "cancelRun",
             "ended": "completed"}),
    Service("acp", "/runs", {"agent_id": ECHO, "input": {"text": "hello"}}, "/runs/{}", "status",
            {"id": "run_id", "cancel": "/runs/{}/cancel", "list": "/runs/search", "list_method": "POST", "stamp": "created_at",
             "get_operation": "get_stateless_run", "cancel_operation": "cancel_stateless_run", "ended": "success"}),
]


class Client:
    """One service in a session of its own."""

    def __init__(self, mock, service, session):
        self.mock, self.service, self.session = mock, service, session

    def send(self, method, path, body=None, fault=None):
        headers = {**HEADERS, **({"X-Dryrun-Fault": fault} if fault else {})}
        return self.mock.request(method, f"/{self.service.name}{path}", body, headers=headers, session=self.session)

    def start(self, fault=None, body=None):
        answer = self.send("POST", self.service.start_path, {**self.service.body, **(body or {})}, fault)
        assert answer.status < 300, answer
        return answer

    def started(self, fault=None):
        return self.start(fault).json()[self.service.id_at]

    def get(self, run, fault=None):
        return self.send("GET", self.service.run.format(run), None, fault)

    def state(self, run, fault=None):
        answer = self.get(run, fault)
        assert answer.status == 200, answer
        return answer.json()[self.service.state_at]

    def cancel(self, run, fault=None):
        return self.send("POST", self.service.cancel.format(run), self.service.cancel_body(run), fault)

    def listed(self, fault=None):
        body = {} if self.service.list_method == "POST" else None
        answer = self.send(self.service.list_method, self.service.list, body, fault)
        assert answer.status == 200, answer
        items = answer.json()
        items = items[self.service.items_at] if self.service.items_at else items
        return {item[self.service.id_at]: item for item in items}

    def truth(self, run):
        """The resource as it really is."""
        return self.mock.admin(f"resources/{run}?provider={self.service.name}", session=self.session)

    def moves(self, run):
        history = self.mock.admin(f"resources/{run}/history?provider={self.service.name}", session=self.session)
        return [move["to"] for move in history["moves"]]

    def runs(self):
        found = self.mock.admin(f"resources?provider={self.service.name}&kind=run&limit=1000", session=self.session)
        return {run["id"]: run["state"] for run in found["resources"]}

    def advance(self, by):
        self.mock.advance(by, session=self.session)

    def rule(self, fault, **more):
        answer = self.mock.post("/__admin/faults", {"fault": fault, **more}, session=self.session)
        assert answer.status == 200, answer
        return answer.json()

    def applied(self):
        return [rule["applied"] for rule in self.mock.admin("faults", session=self.session)["rules"]]

    def moved(self):
        """A run that has moved by itself: its id, its state before, its state now."""
        run = self.started()
        before = self.truth(run)["state"]
        for _ in range(40):
            self.advance("50ms")
            now = self.truth(run)["state"]
            if now != before:
                return run, before, now
        raise AssertionError(f"{self.service.name}: nothing moves")


class Case(MockCase):
    number = 0

    data = []

    def client(self, name):
        """A service in a fresh session."""
        Case.number += 1
        service = next(service for service in SERVICES if service.name == name)
        return Client(self.mock, service, f"life-{Case.number}")

    def each(self, *names):
        """The services, each with a fresh session."""
        for service in SERVICES:
            if not names or service.name in names:
                self.at = service.name
                yield self.client(service.name)

    def _callTestMethod(self, method):
        try:
            method()
        except Exception as error:
            error.add_note(f"with {getattr(self, 'at', 'one service')}")
            raise
