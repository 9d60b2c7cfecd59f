# SPDX-License-Identifier: Apache-2.0
import oz_agent_sdk
import pytest

from jobs import JobFailed, start_and_wait


def test_a_job_ends_well(session):
    run = start_and_wait(session.client, "tidy up", pause=session.pause)
    assert run.state == "SUCCEEDED"
    assert run.artifacts


def test_an_hour_of_polling_takes_no_time(session):
    session.outcome("slow")
    start_and_wait(session.client, "tidy up", pause=session.pause, patience=7200)
    assert session.count("getRun") > 180


@pytest.mark.parametrize("outcome, state", [("user_error", "FAILED"), ("platform_error", "ERROR"), ("blocked", "BLOCKED")])
def test_a_job_that_goes_wrong_says_how(session, outcome, state):
    session.outcome(outcome)
    with pytest.raises(JobFailed, match=state):
        start_and_wait(session.client, "tidy up", pause=session.pause)


def test_a_job_that_hangs_is_cancelled(session):
    session.outcome("hang")
    with pytest.raises(TimeoutError) as timeout:
        start_and_wait(session.client, "tidy up", pause=session.pause, patience=60)
    assert session.client.agent.runs.retrieve(str(timeout.value)).state == "CANCELLED"
    assert session.count("cancelRun") == 1


@pytest.mark.parametrize("test", range(3))
def test_tests_do_not_see_each_others_runs(session, test):
    before = len(session.client.agent.runs.list().runs)
    session.client.agent.run(prompt=f"test {test}")
    assert len(session.client.agent.runs.list().runs) == before + 1


def test_what_the_service_refuses_is_the_clients_own_error(session):
    with pytest.raises(oz_agent_sdk.NotFoundError):
        session.client.agent.runs.retrieve("00000000-0000-4000-8000-00000000dead")
