# SPDX-License-Identifier: Apache-2.0
"""What the official Python client of azure-routines, unmodified, shows of faults: what a PUT that is sent again leaves, deliveries that
nobody hears of, pages that break off. The errors themselves are azure.core's, as in test_azure_agents_faults.py."""

import itertools

from azure.ai.projects import AIProjectClient
from azure.core import exceptions

from test_azure_routines import RoutinesCase


class Faults(RoutinesCase):
    def retrying(self, retries=2, **options):
        """The same client with retries that wait next to nothing."""
        client = AIProjectClient(**{**self.options(), "retry_total": retries, "retry_backoff_factor": 0.001, **options})
        self.addCleanup(client.close)
        self.routines = client.beta.routines

    def rule(self, fault, parameters=None, **more):
        self.mock.admin("POST", "/faults", {"fault": fault, "with": parameters or {}, **more}, self.session)

    def count(self, operation, **more):
        return self.mock.count(self.session, operation=operation, **more)

    def kept(self, kind):
        return self.mock.admin("GET", f"/resources?kind={kind}&limit=1000", None, self.session)["resources"]

    def test_a_routine_is_put_again_and_is_one_routine(self):
        for kind, parameters in (("lost_response", {}), ("lost_response", {"how": "504"}), ("reset", {}), ("status", {"status": 500}),
                                 ("truncated_body", {})):
            with self.subTest(kind=kind, parameters=parameters):
                self.retrying()
                self.mock.admin("POST", "/reset", {}, self.session)
                before = len(self.kept("routine"))
                self.rule(kind, parameters, times=1, match={"operation": "createOrUpdateRoutine"})
                self.assertEqual(self.make().name, "job")
                self.assertEqual((self.count("createOrUpdateRoutine"), len(self.kept("routine"))), (2, before + 1))

    def test_a_dispatch_is_not_sent_again_when_its_answer_is_lost(self):
        self.make()
        self.retrying()
        self.rule("lost_response", match={"operation": "dispatchRoutineAsync"})
        with self.assertRaises(exceptions.ServiceResponseError):
            self.dispatch()
        self.mock.admin("DELETE", "/faults", None, self.session)
        self.assertEqual((self.count("dispatchRoutineAsync"), len(self.runs())), (1, 1))

    def test_a_dispatch_that_happens_twice_shows_as_two_runs(self):
        self.make()
        self.rule("double_start", match={"operation": "dispatchRoutineAsync"})
        told = self.dispatch()
        self.assertEqual(len(self.runs()), 2)
        self.assertIn(told.dispatch_id, {run.dispatch_id for run in self.runs()})

    def test_it_gives_up_after_as_many_429s_as_it_was_told(self):
        self.retrying()
        self.rule("rate_limit", {"budget": 0, "retry_after": "none"})
        with self.assertRaises(exceptions.HttpResponseError) as caught:
            self.routines.get("job")
        self.assertEqual((caught.exception.status_code, self.count("getRoutine", status=429)), (429, 3))

    def test_it_comes_back_when_the_answer_says(self):
        self.make()
        self.retrying(1)
        self.rule("rate_limit", {"budget": 1, "window": "150ms", "retry_after": "milliseconds"}, match={"operation": "getRoutine"})
        self.assertEqual([self.routines.get("job").name for _ in range(2)], ["job"] * 2)

    def test_what_only_the_parser_finds_is_an_error_of_its_own(self):
        self.make()
        for kind, parameters, error in (("malformed_json", {}, exceptions.DecodeError), ("wrong_length", {}, exceptions.IncompleteReadError),
                                        ("redirect_loop", {}, exceptions.TooManyRedirectsError), ("vanish", {}, exceptions.ResourceNotFoundError),
                                        ("status", {"status": 409}, exceptions.ResourceExistsError)):
            with self.subTest(kind=kind):
                self.mock.admin("PUT", "/faults", {"fault": kind, "with": parameters, "match": {"operation": "getRoutine"}}, self.session)
                with self.assertRaises(error):
                    self.routines.get("job")

    def test_a_change_that_was_not_made_is_seen_by_the_next_read_only(self):
        self.make()
        self.rule("lost_update", match={"operation": "disableRoutine"})
        self.assertIs(self.routines.disable("job").enabled, False)
        self.assertIs(self.routines.get("job").enabled, True)

    def test_a_breach_is_handed_on(self):
        self.make()
        self.rule("schema_mutation", {"breach": "type", "at": "/name"}, match={"operation": "getRoutine"})
        self.assertNotEqual(self.routines.get("job").name, "job")

    def test_a_walk_through_pages_breaks_off_goes_round_or_is_refused(self):
        def walk():
            return [one.name for one in itertools.islice(self.routines.list(limit=2), 40)]

        for number in range(3):
            self.make(f"r{number}")
        self.assertIn(len(walk()), range(3, 20))
        for how, count in (("cut", 2), ("loop", 40)):
            self.mock.admin("PUT", "/faults", {"fault": "wrong_next", "with": {"how": how}}, self.session)
            self.assertEqual(len(walk()), count)
        self.mock.admin("PUT", "/faults", {"fault": "wrong_next", "with": {"how": "bad_token"}}, self.session)
        with self.assertRaises(exceptions.HttpResponseError):
            walk()


del RoutinesCase  # its own tests are in its own file

if __name__ == "__main__":
    import unittest

    unittest.main()
