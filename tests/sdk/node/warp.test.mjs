// SPDX-License-Identifier: Apache-2.0
// The official Node client (an older surface: it posts to /agent/run), unmodified, against a mock process.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import OzAPI from 'oz-agent-sdk';
import { startMock, watchMethods } from './mock.mjs';

const absent = '00000000-0000-4000-8000-ffffffffffff';
const localRun = '00000000-0000-4000-8000-000000000002';
const githubActionRun = '00000000-0000-4000-8000-000000000003';
const ended = ['SUCCEEDED', 'FAILED', 'ERROR', 'BLOCKED', 'CANCELLED'];
// The outcome that holds a run in a state or ends it there.
const outcomes = {
  QUEUED: 'queued', PENDING: 'pending', CLAIMED: 'claimed', INPROGRESS: 'hang',
  SUCCEEDED: 'success', FAILED: 'user_error', ERROR: 'platform_error', BLOCKED: 'blocked',
};

let mock;
before(async () => (mock = await startMock('warp')));
after(() => mock?.stop());

let sessions = 0;

/** A client with a session, thus a world, of its own, and what a test does with runs. */
function world(options = {}) {
  const session = `node-${++sessions}`;
  const client = watchMethods(new OzAPI({
    apiKey: 'wk-test', baseURL: `${mock.url}/warp/api/v1`, maxRetries: 0,
    defaultHeaders: { 'X-Dryrun-Session': session }, ...options,
  }), 'OzAPI');
  const runs = client.agent.runs;
  const self = {
    session, client, runs, schedules: client.agent.schedules,
    advance: (by) => mock.advance(session, by),
    stateOf: async (id) => (await runs.retrieve(id)).state,
    async create(outcome, body = {}) {
      const run = await client.agent.run(
        { prompt: 'fix the login test', ...body }, { headers: { 'X-Dryrun-Outcome': outcome } });
      assert.equal(run.state, 'QUEUED');
      assert.equal(run.run_id, run.task_id);
      return run.run_id;
    },
    /** Polls as a program does, the clock moving between the polls. */
    async retrieveUntil(id, states, step = '100ms') {
      const seen = [];
      for (let i = 0; i < 600; i++) {
        const run = await runs.retrieve(id);
        if (!seen.includes(run.state)) seen.push(run.state);
        if (states.includes(run.state)) return { run, seen };
        await self.advance(step);
      }
      assert.fail(`the run did not get to ${states}: ${seen}`);
    },
    async bring(state, body) {
      if (state === 'CANCELLED') {
        const id = await self.bring('INPROGRESS', body);
        await runs.cancel(id);
        return id;
      }
      const id = await self.create(outcomes[state], body);
      await self.retrieveUntil(id, [state]);
      return id;
    },
  };
  return self;
}

function slug(error) {
  return error.error.type.replace(/\/$/, '').split('/').pop().replaceAll('-', '_');
}

/** The call fails with this class of the client and this code. */
async function refuses(call, kind, code) {
  let seen;
  await assert.rejects(call, (error) => {
    seen = error;
    assert.ok(error instanceof kind, `${error} is not a ${kind.name}`);
    assert.equal(slug(error), code);
    assert.equal(error.error.status, error.status);
    return true;
  });
  return seen;
}

describe('runs', () => {
  test('a run goes through its states to success', async () => {
    const { create, retrieveUntil } = world();
    const { run, seen } = await retrieveUntil(await create('success', { title: 'Login' }), ended);
    assert.deepEqual(seen, ['QUEUED', 'PENDING', 'CLAIMED', 'INPROGRESS', 'SUCCEEDED']);
    assert.equal(run.title, 'Login');
    assert.equal(run.source, 'API');
    assert.ok(run.artifacts.length > 0 && run.conversation_id);
    assert.ok(Date.parse(run.started_at) >= Date.parse(run.created_at));
  });

  for (const [outcome, state] of [['user_error', 'FAILED'], ['platform_error', 'ERROR'], ['blocked', 'BLOCKED'],
    ['setup_failure', 'FAILED'], ['slow', 'SUCCEEDED']]) {
    test(`${outcome} ends as ${state}`, async () => {
      const { create, retrieveUntil } = world();
      const { run } = await retrieveUntil(await create(outcome), ended, '60s');
      assert.equal(run.state, state);
      if (state === 'FAILED' || state === 'ERROR') assert.ok(run.status_message.message);
    });
  }

  test('pages follow each other to the end', async () => {
    const { create, runs } = world();
    const wanted = [];
    for (let i = 10; i < 22; i++) wanted.push(await create('queued', { title: `run ${i}` }));
    const seen = [];
    let cursor;
    do {
      const page = await runs.list({ limit: 5, state: ['QUEUED'], ...(cursor && { cursor }) });
      assert.ok(page.runs.length > 0 && page.runs.length <= 5);
      seen.push(...page.runs.map((run) => run.run_id));
      cursor = page.page_info.has_next_page ? page.page_info.next_cursor : undefined;
    } while (cursor);
    assert.equal(new Set(seen).size, seen.length);
    assert.ok(wanted.every((id) => seen.includes(id)));
  });

  test('filters choose', async () => {
    const { create, bring, runs } = world();
    const queued = await create('queued', { config: { name: 'nightly' } });
    const failed = await bring('FAILED');
    const ids = async (query) => (await runs.list({ limit: 100, ...query })).runs.map((run) => run.run_id);
    assert.deepEqual(await ids({ name: 'nightly' }), [queued]);
    const both = await ids({ state: ['QUEUED', 'FAILED'], source: 'API' });
    assert.ok(both.includes(queued) && both.includes(failed));
    assert.ok(!(await ids({ state: ['FAILED'] })).includes(queued));
    assert.ok((await ids({ source: 'LOCAL' })).includes(localRun));
  });
});

describe('cancel', () => {
  for (const state of ['QUEUED', 'CLAIMED', 'INPROGRESS']) {
    test(`a ${state} run is cancelled`, async () => {
      const { bring, runs, stateOf } = world();
      const id = await bring(state);
      assert.equal(await runs.cancel(id), id);
      assert.equal(await stateOf(id), 'CANCELLED');
    });
  }

  for (const state of ended) {
    test(`a ${state} run is a bad request`, async () => {
      const { bring, runs, stateOf } = world();
      const id = await bring(state);
      const error = await refuses(runs.cancel(id), OzAPI.BadRequestError, 'invalid_request');
      assert.equal(error.error.retryable, false);
      assert.equal(await stateOf(id), state);
    });
  }

  test('a PENDING run is a conflict, after three tries', async () => {
    const { session, bring, runs, stateOf } = world({ maxRetries: 2 });
    const id = await bring('PENDING');
    const error = await refuses(runs.cancel(id), OzAPI.ConflictError, 'conflict');
    assert.equal(error.error.retryable, true);
    assert.equal(await mock.count(session, { operation: 'cancelRun', resource: id }), 3);
    assert.equal(await stateOf(id), 'PENDING');
  });

  for (const [name, id] of [['local', localRun], ['GitHub Action', githubActionRun]]) {
    test(`a ${name} run is not cancelled`, async () => {
      const { runs, stateOf } = world();
      await refuses(runs.cancel(id), OzAPI.UnprocessableEntityError, 'operation_not_supported');
      assert.equal(await stateOf(id), 'INPROGRESS');
    });
  }

  for (const state of Object.keys(outcomes)) {
    test(`a self-hosted ${state} run is not cancelled`, async () => {
      const { bring, runs, stateOf } = world();
      const id = await bring(state, { config: { worker_host: 'rack-7' } });
      await refuses(runs.cancel(id), OzAPI.UnprocessableEntityError, 'operation_not_supported');
      assert.equal(await stateOf(id), state);
    });
  }

  test('no run is not found', async () => {
    await refuses(world().runs.cancel(absent), OzAPI.NotFoundError, 'resource_not_found');
  });
});

describe('schedules', () => {
  const plan = { name: 'nightly', cron_schedule: '*/10 * * * *', prompt: 'look for stale branches', enabled: true };

  test('from its making to its end', async () => {
    const { schedules } = world();
    const made = await schedules.create(plan);
    assert.equal(made.enabled, true);
    assert.equal((await schedules.retrieve(made.id)).name, 'nightly');
    const names = (await schedules.list()).schedules.map((item) => item.name);
    assert.ok(names.includes('nightly'));
    assert.deepEqual(names, names.toSorted());
    const changed = await schedules.update(made.id, { ...plan, name: 'weekly', cron_schedule: '0 9 * * 1' });
    assert.deepEqual([changed.id, changed.name, changed.cron_schedule], [made.id, 'weekly', '0 9 * * 1']);
    assert.equal((await schedules.pause(made.id)).enabled, false);
    assert.equal((await schedules.resume(made.id)).enabled, true);
    assert.deepEqual(await schedules.delete(made.id), { success: true });
    await refuses(schedules.retrieve(made.id), OzAPI.NotFoundError, 'resource_not_found');
  });

  test('fires, and its runs tell', async () => {
    const { schedules, runs, advance } = world();
    const made = await schedules.create(plan);
    await advance('1h');
    const fired = (await runs.list({ source: 'SCHEDULED_AGENT', limit: 100 })).runs
      .filter((run) => run.schedule.schedule_id === made.id);
    assert.equal(fired.length, 6);
    for (const run of fired) assert.equal(new Date(run.created_at).getUTCMinutes() % 10, 0);
  });

  test('a bad cron is refused', async () => {
    await refuses(world().schedules.create({ ...plan, cron_schedule: 'nightly' }), OzAPI.BadRequestError,
      'invalid_request');
  });
});

describe('the rest', () => {
  test('skills are listed', async () => {
    const { agents } = await world().client.agent.list({ sort_by: 'name' });
    assert.ok(agents.length > 0 && agents[0].variants.length > 0);
  });

  test('without a key nothing is told', async () => {
    const { runs, client } = world({ apiKey: '' });
    await refuses(runs.list(), OzAPI.AuthenticationError, 'authentication_required');
    await refuses(client.agent.run({ prompt: 'x' }), OzAPI.AuthenticationError, 'authentication_required');
  });

  test('what cannot be is a bad request', async () => {
    const { client, runs } = world();
    await refuses(client.agent.run({}), OzAPI.BadRequestError, 'invalid_request');
    await refuses(runs.list({ cursor: 'nonsense' }), OzAPI.BadRequestError, 'invalid_request');
    await refuses(runs.list({ state: ['RUNNING'] }), OzAPI.BadRequestError, 'invalid_request');
    await refuses(runs.retrieve(absent), OzAPI.NotFoundError, 'resource_not_found');
  });
});
