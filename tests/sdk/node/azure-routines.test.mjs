// SPDX-License-Identifier: Apache-2.0
// Routines through the official Node client, unmodified: each method, each kind of trigger and action, typed values
// and errors, pages to their end.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AIProjectClient } from '@azure/ai-projects';
import { startMock, watchMethods } from './mock.mjs';

const began = Date.parse('2026-01-01T00:00:00Z');
const manual = { type: 'custom', provider: 'example', event_name: 'asked', parameters: { a: { b: 1 } } };
const helper = { type: 'invoke_agent_responses_api', agent_name: 'helper', input: { depth: [1, null] } };
const cleaner = { type: 'invoke_agent_invocations_api', agent_endpoint_id: 'ep-1', session_id: 'sess-mine' };

let mock;
before(async () => (mock = await startMock('azure-routines')));
after(() => mock?.stop());

const label = 'AIProjectClient.beta.routines';
const called = new Set();
let methods;
let sessions = 0;

/** A client with a session, thus a world, of its own. Over plain http it sends no credential. */
function world() {
  const session = `node-${++sessions}`;
  const client = new AIProjectClient(`${mock.url}/azure-routines/api/projects/demo`, undefined, {
    allowInsecureConnection: true, retryOptions: { maxRetries: 0 },
    additionalPolicies: [{
      position: 'perCall',
      policy: {
        name: 'session',
        sendRequest: (request, next) => (request.headers.set('X-Dryrun-Session', session), next(request)),
      },
    }],
  });
  const own = client.beta.routines;
  methods = Object.keys(own).filter((name) => typeof own[name] === 'function').sort();
  const routines = watchMethods(own, label, called);
  const self = {
    session, routines,
    advance: (by) => mock.advance(session, by),
    signal: async (signal, data) => (await mock.admin('POST', '/outcomes/signal', session, { signal, data })).fired,
    make: (name = 'job', trigger = manual, action = helper, more = {}) =>
      routines.createOrUpdate(name, { triggers: { go: trigger }, action, ...more }),
    dispatch: (name, outcome, more = {}) =>
      routines.dispatch(name, { requestOptions: { headers: { 'X-Dryrun-Outcome': outcome } }, ...more }),
    runs: async (name = 'job', options = {}) => Array.fromAsync(routines.listRuns(name, options)),
  };
  return self;
}

async function refuses(call, statusCode, code) {
  await assert.rejects(call, (error) => {
    assert.equal(error.name, 'RestError', String(error.stack));
    assert.deepEqual([error.statusCode, error.code], [statusCode, code]);
    return true;
  });
}

describe('routines', () => {
  test('from its making to its end', async () => {
    const { make, routines, advance } = world();
    const made = await make('job', manual, helper, { description: 'Sums up.', authorization: { identity: 'creator' } });
    assert.deepEqual([made.name, made.description, made.enabled], ['job', 'Sums up.', true]);
    assert.deepEqual([made.created_at.getTime(), made.updated_at.getTime()], [began, began]);
    assert.deepEqual(made.triggers.go, manual);
    assert.deepEqual(JSON.parse(JSON.stringify(made.action)), helper); // what is not set is undefined
    await advance('1m');
    assert.deepEqual(await routines.get('job'), made);
    const changed = await make('job', manual, cleaner, { enabled: false });
    assert.deepEqual([changed.created_at.getTime(), changed.updated_at.getTime()], [began, began + 60_000]);
    assert.deepEqual([changed.enabled, changed.description, changed.action.session_id], [false, undefined, 'sess-mine']);
    for (let i = 0; i < 2; i++) assert.equal((await routines.enable('job')).enabled, true);
    for (let i = 0; i < 2; i++) assert.equal((await routines.disable('job')).enabled, false);
    assert.equal(await routines.delete('job'), undefined);
    await refuses(routines.get('job'), 404, 'not_found');
  });

  test('names keep their blanks and colons', async () => {
    const { make, routines, runs } = world();
    const name = 'my routine:x';
    assert.equal((await make(name)).name, name);
    assert.ok((await routines.dispatch(name)).dispatch_id);
    assert.equal((await runs(name)).length, 1);
  });

  test('each kind of trigger comes back', async () => {
    const { make } = world();
    for (const trigger of [manual,
      { type: 'schedule', cron_expression: '*/15 8-17 * * 1-5', time_zone: 'Europe/Berlin' },
      { type: 'timer', at: new Date('2030-01-02T03:04:05.678Z') },
      { type: 'github_issue', connection_id: 'c', owner: 'o', repository: 'r', issue_event: 'closed' }]) {
      assert.deepEqual((await make('job', trigger)).triggers.go, trigger);
    }
  });

  test('pages follow each other to the end', async () => {
    const { make, routines, session } = world();
    const names = [];
    for (let i = 10; i < 21; i++) names.push((await make(`page ${i}`)).name);
    const seen = await Array.fromAsync(routines.list({ limit: 4, order: 'asc' }), (routine) => routine.name);
    assert.deepEqual(seen.slice(-11), names);
    const pages = await Array.fromAsync(routines.list({ limit: 4 }).byPage(), (page) => page.length);
    assert.deepEqual(pages, [4, 4, 4, 3]);
    assert.equal(await mock.count(session, { operation: 'listRoutines' }), 8);
  });

  test('errors are typed', async () => {
    const { routines, make } = world();
    for (const method of ['get', 'enable', 'disable', 'delete', 'dispatch'])
      await refuses(routines[method]('none'), 404, 'not_found');
    await refuses(Array.fromAsync(routines.listRuns('none')), 404, 'not_found');
    await refuses(make('wrong', { type: 'schedule', cron_expression: '* * * * *', time_zone: 'UTC' }), 400, 'invalid_payload');
    await refuses(make('wrong', manual, { type: 'invoke_agent_responses_api' }), 400, 'invalid_payload');
    await refuses(Array.fromAsync(routines.list({ after: 'nonsense' })), 400, 'invalid_payload');
  });
});

describe('deliveries', () => {
  test('a dispatch is queued, dispatched and completed', async () => {
    const { make, routines, runs, advance } = world();
    await make();
    const told = await routines.dispatch('job', { payload: { type: 'invoke_agent_responses_api', input: null } });
    const seen = [];
    for (const by of ['250ms', '250ms', '0s']) {
      const [run] = await runs();
      seen.push([run.phase, run.status]);
      if (by !== '0s') await advance(by);
    }
    assert.deepEqual(seen, [['queued', 'RUNNING'], ['dispatching', 'RUNNING'], ['completed', 'FINISHED']]);
    const [run] = await runs();
    assert.deepEqual([run.dispatch_id, run.action_correlation_id, run.task_id, run.response_id],
      [told.dispatch_id, told.action_correlation_id, told.task_id, told.action_correlation_id]);
    assert.deepEqual([run.triggered_at.getTime(), run.started_at.getTime(), run.ended_at.getTime()], [began, began, began]);
    assert.equal(run.scheduled_fire_at, undefined);
  });

  for (const [outcome, phase, code] of [['deliver', 'completed'], ['retried', 'completed'], ['exhausted', 'failed', 503],
    ['rate_limited', 'failed', 429], ['refused', 'failed', 400], ['not_found', 'failed', 404], ['timed_out', 'failed'],
    ['slow', 'completed'], ['backlog', 'completed']]) {
    test(`${outcome} ends as ${phase}`, async () => {
      const { make, dispatch, runs, advance } = world();
      await make('job', manual, cleaner);
      await dispatch('job', outcome);
      await advance('10m');
      const [run] = await runs();
      assert.deepEqual([run.phase, run.error_status_code, run.session_id], [phase, code, 'sess-mine']);
      assert.equal(run.error_message !== undefined, phase === 'failed');
    });
  }

  test('what cannot be dispatched', async () => {
    const { make, routines } = world();
    await make();
    await refuses(routines.dispatch('job', { payload: { type: 'invoke_agent_invocations_api', input: 1 } }), 400, 'invalid_payload');
    await routines.disable('job');
    await refuses(routines.dispatch('job'), 409, 'routine_disabled');
  });

  test('runs are filtered, paged and kept', async () => {
    const { make, dispatch, runs, routines, advance } = world();
    await make();
    for (let i = 0; i < 10; i++) await dispatch('job', i % 2 ? 'refused' : 'deliver');
    await advance('10s');
    const finished = await runs('job', { filter: "attributes.status = 'FINISHED'", limit: 2 });
    assert.deepEqual(finished.map((run) => run.status), Array(5).fill('FINISHED'));
    await refuses(runs('job', { filter: 'status = FINISHED' }), 400, 'invalid_payload');
    const before = await runs('job', { limit: 3, order: 'asc' });
    assert.equal(new Set(before.map((run) => run.id)).size, 10);
    await routines.delete('job');
    assert.deepEqual(await runs('job', { limit: 4, order: 'asc' }), before);
  });
});

describe('firing', () => {
  test('a schedule fires on the clock', async () => {
    const { make, runs, advance } = world();
    await make('job', { type: 'schedule', cron_expression: '0 9 * * *', time_zone: 'Asia/Tokyo' });
    await advance('73h');
    const fired = await runs('job', { order: 'asc' });
    assert.deepEqual(fired.map((run) => run.scheduled_fire_at.toISOString()),
      ['2026-01-02T00:00:00.000Z', '2026-01-03T00:00:00.000Z', '2026-01-04T00:00:00.000Z']);
    assert.equal(fired[0].attempt_source, 'schedule_delivery');
  });

  test('a timer fires once and is spent', async () => {
    const { make, runs, routines, advance } = world();
    await make('job', { type: 'timer', at: new Date(began + 3_600_000) });
    await advance('59m');
    assert.deepEqual(await runs(), []);
    await advance('2m');
    const [run] = await runs();
    assert.deepEqual([run.attempt_source, run.scheduled_fire_at.getTime()], ['timer_delivery', began + 3_600_000]);
    assert.equal((await routines.get('job')).enabled, false);
  });

  test('events from outside fire what listens to them', async () => {
    const { make, runs, signal } = world();
    await make('job', { type: 'github_issue', connection_id: 'c', owner: 'octo', repository: 'shop', issue_event: 'opened' });
    const issue = { owner: 'octo', repository: 'shop', issue_event: 'opened', number: 12 };
    assert.equal(await signal('github_issue', issue), 1);
    const [run] = await runs();
    assert.deepEqual([run.attempt_source, run.trigger_event_payload], ['event_fire', issue]);
  });
});

test('every method was called', () => {
  assert.equal(methods.length, 8);
  assert.deepEqual(methods.filter((name) => !called.has(`${label}.${name}`)), []);
});
