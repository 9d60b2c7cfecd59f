// SPDX-License-Identifier: Apache-2.0
// What the official Node client of azure-routines, unmodified, shows of faults: what is sent again and what that leaves, and pages that break
// off. The errors themselves are those of azure-agents-faults.test.mjs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AIProjectClient } from '@azure/ai-projects';
import { startMock, watchMethods } from './mock.mjs';

const triggers = { go: { type: 'custom', provider: 'example', event_name: 'asked', parameters: {} } };
const action = { type: 'invoke_agent_responses_api', agent_name: 'helper', input: {} };

let mock, sessions = 0;
before(async () => (mock = await startMock('azure-routines')));
after(() => mock?.stop());

/** A session of its own, and the client's routines there. */
function world(maxRetries = 0) {
  const session = `faults-${++sessions}`;
  const client = new AIProjectClient(`${mock.url}/azure-routines/api/projects/demo`, undefined, {
    allowInsecureConnection: true, retryOptions: { maxRetries, retryDelayInMs: 1, maxRetryDelayInMs: 2 },
    additionalPolicies: [{
      position: 'perCall',
      policy: { name: 'session', sendRequest: (request, next) => (request.headers.set('X-Dryrun-Session', session), next(request)) },
    }],
  });
  const routines = watchMethods(client.beta.routines, 'AIProjectClient.beta.routines');
  return {
    session, routines,
    make: (name = 'job') => routines.createOrUpdate(name, { triggers, action }),
    rule: (fault, parameters, more = {}) => mock.admin('PUT', '/faults', session, { fault, with: parameters, ...more }),
    runs: async () => Array.fromAsync(routines.listRuns('job')),
  };
}

for (const [fault, parameters] of [['lost_response', {}], ['reset', {}], ['empty_reply', {}], ['status', { status: 500 }]])
  test(`after ${fault} a routine is put again and is one routine`, async () => {
    const { session, routines, make, rule } = world(1);
    await rule(fault, parameters, { times: 1, match: { operation: 'createOrUpdateRoutine' } });
    assert.equal((await make()).name, 'job');
    assert.equal(await mock.count(session, { operation: 'createOrUpdateRoutine' }), 2);
    const names = (await Array.fromAsync(routines.list())).map((one) => one.name);
    assert.deepEqual(names.filter((name) => name === 'job'), ['job']);
  });

test('a dispatch is sent again when its answer is lost, and there are two runs', async () => {
  const { session, routines, make, rule, runs } = world(1);
  await make();
  await rule('lost_response', {}, { times: 1, match: { operation: 'dispatchRoutineAsync' } });
  await routines.dispatch('job');
  assert.deepEqual([await mock.count(session, { operation: 'dispatchRoutineAsync' }), (await runs()).length], [2, 2]);
});

test('a dispatch that happens twice shows as two runs', async () => {
  const { routines, make, rule, runs } = world();
  await make();
  await rule('double_start', {}, { match: { operation: 'dispatchRoutineAsync' } });
  await routines.dispatch('job');
  assert.equal((await runs()).length, 2);
});

for (const [retryAfter, sent] of [['milliseconds', 3], ['none', 1]])
  test(`it gives up after ${sent} 429s with Retry-After ${retryAfter}`, async () => {
    const { session, routines, make, rule } = world(2);
    await make();
    await rule('rate_limit', { budget: 0, window: '5ms', retry_after: retryAfter }, { match: { operation: 'getRoutine' } });
    await assert.rejects(routines.get('job'), { name: 'RestError', statusCode: 429 });
    assert.equal(await mock.count(session, { operation: 'getRoutine', status: 429 }), sent);
  });

test('a change that was not made is seen by the next read only', async () => {
  const { routines, make, rule } = world();
  await make();
  await rule('lost_update', {}, { match: { operation: 'disableRoutine' } });
  assert.equal((await routines.disable('job')).enabled, false);
  assert.equal((await routines.get('job')).enabled, true);
});

test('what was made just now is not found', async () => {
  const { routines, make, rule } = world();
  await rule('vanish', {});
  await make();
  await assert.rejects(routines.get('job'), { name: 'RestError', statusCode: 404 });
  assert.equal((await routines.get('job')).name, 'job');
});

test('a walk through pages breaks off, goes round or is refused', async () => {
  const { session, routines, make, rule } = world();
  for (const name of ['a', 'b', 'c']) await make(name);
  const walk = async () => {
    const names = [];
    for await (const { name } of routines.list({ limit: 2 })) if (names.push(name) === 40) break;
    return names.length;
  };
  const whole = await walk();
  assert.ok(whole > 4 && whole < 40, String(whole));
  await rule('wrong_next', { how: 'cut' });
  assert.equal(await walk(), 2);
  await rule('wrong_next', { how: 'loop' });
  assert.equal(await walk(), 40);
  await rule('wrong_next', { how: 'bad_token' });
  await assert.rejects(walk, { name: 'RestError', statusCode: 400 });
  assert.ok((await mock.count(session, { operation: 'listRoutines' })) > 20);
});
